"""The page on the kinds of rows names every kind with all its numbers.

Run as a program it writes the tables into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from meishan_model.components.catalogue import component_types
from meishan_model.sheets.rows import Quantity

PAGE = Path(__file__).parents[2] / "docs" / "kinds.md"
BEGIN = "<!-- The tables below are written by tests/components/test_kinds_page.py. -->\n"
EFFICIENCIES = {"cost_sheet": "cost sheet", "lift": "temperatures", "": ""}
CONVERSIONS = {"any": "any number", "one_output": "one, `out`", "": ""}


def _numbers(quantities: Mapping[str, Quantity]) -> str:
    told = []
    for name, quantity in quantities.items():
        unit, (low, high) = quantity.unit.replace("|", ", "), quantity.likely
        possible = f"{quantity.lower:g} to {quantity.upper:g}"
        told.append(f"`{name}` [{unit}; {possible}, plausible {low:g} to {high:g}]")
    return "<br>".join(told)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *([cell.strip() for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables() -> str:
    """All kinds of equipment, of elements of the network and of contracts, by their types."""
    types = component_types()
    equipment = _table(
        ("kind", "what it is", "needs", "may have", "efficiency by", "`conversions.csv`"),
        (
            (
                f"`{kind.name}`",
                kind.view.name,
                _numbers(kind.needed),
                _numbers(kind.optional),
                EFFICIENCIES[kind.efficiency],
                CONVERSIONS[kind.conversions],
            )
            for component in types
            for kind in component.kinds
        ),
    )
    network = _table(
        ("kind", "what it is", "carries", "may be of the kind"),
        (
            (
                f"`{kind.name}`",
                str(type(component).__doc__).partition("\n")[0],
                "both ways" if kind.ways == "both" else "one way",
                f"`{kind.technology}`" if kind.technology else "",
            )
            for component in types
            for kind in component.network
        ),
    )
    contracts = _table(
        ("kind", "what it is", "needs", "may have, told and not counted"),
        (
            (
                f"`{c.contract.name}`",
                str(type(c).__doc__).partition("\n")[0],
                _numbers(c.contract.needed),
                _numbers(c.contract.told),
            )
            for c in types
            if c.contract is not None
        ),
    )
    parts = {"technologies.csv": equipment, "network.csv": network, "contracts.csv": contracts}
    return "\n\n".join(f"### `{sheet}`\n\n{table}" for sheet, table in parts.items()) + "\n"


def test_the_page_has_all_kinds() -> None:
    """What it lists is what is declared; run this file to write it anew."""
    assert PAGE.read_text("utf-8").partition(BEGIN)[2] == "\n" + tables()


if __name__ == "__main__":
    before = PAGE.read_text("utf-8").partition(BEGIN)[0]
    PAGE.write_text(before + BEGIN + "\n" + tables(), encoding="utf-8")
