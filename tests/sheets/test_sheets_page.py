"""The page on sheets has every key of a scenario and every column, with units and ranges.

Run as a program it writes the tables into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.report.sheet_columns import about, quantities
from meishan_model.report.validation import validation_rows
from meishan_model.sheets.column_meanings import column_says
from meishan_model.sheets.files import meaning_of
from meishan_model.sheets.row_reader import columns_of
from meishan_model.sheets.rows import NumberRow
from meishan_model.sheets.scenario import scenario_model
from meishan_model.sheets.validation_rows import VALIDATION

PAGE = Path(__file__).parents[2] / "docs" / "sheets.md"
BEGIN = "<!-- The tables below are written by tests/sheets/test_sheets_page.py. -->\n"
SHEETS = (
    *("buses", "loads", "heats", "profiles", "technologies", "technology_parameters"),
    *("assets", "existing_plants", "prices", "power_prices", "surcharges", "tariff_periods"),
    VALIDATION,
)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of the page."""
    lines = [list(heads), *([cell.strip() for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def told(value: object) -> str:
    """A value as a YAML file has it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(told, value))}]"
    words = {bool: str(value).lower(), type(None): "null"}
    return words.get(type(value), str(value))


def allowed(field: FieldInfo) -> str:
    """What a key may be: the words, the range, or the form."""
    kinds_of = get_args(field.annotation) or (field.annotation,)
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{told(value)}`" for value in kinds_of)
    if get_origin(field.annotation) is tuple:
        return "a list"
    if bool in kinds_of:
        return "`true`, `false`"
    if any(get_origin(kind) is dict for kind in kinds_of):
        return "numbers by year, `null`"
    limits = {type(mark): mark for mark in field.metadata}
    low = [f"above {limits[Gt].gt:g}"] if Gt in limits else []
    low += [f"{limits[Ge].ge:g}"] if Ge in limits else []
    high = [f"to {limits[Le].le:g}"] if Le in limits else ["and more"] if Ge in limits else []
    number = "number" if float in kinds_of else "whole number" if int in kinds_of else "text"
    return " ".join([number, *low, *high]) + (", `null`" if type(None) in kinds_of else "")


def keys() -> str:
    """The keys of a scenario; the name is the stem of its file."""
    model = scenario_model(kinds())
    return table(
        ("key", "default", "may be", "what it says"),
        (
            (
                f"`{name}`",
                "must be given" if field.is_required() else f"`{told(field.default)}`",
                allowed(field),
                meaning_of(model, name),
            )
            for name, field in model.model_fields.items()
            if name != "name"
        ),
    )


def numbers(model: type[NumberRow]) -> Iterator[tuple[str, ...]]:
    """Numbers of a sheet, those that have a name as code."""
    for name, *others in quantities(model):
        yield f"`{name}`", *others


def tables() -> str:
    """Keys of a scenario, then columns and numbers of each sheet."""
    parts = ["## Keys of a scenario", keys()]
    models: dict[str, Any] = {**schemas(), VALIDATION: validation_rows()}
    for name in SHEETS:
        model = models[name]
        columns = ((f"`{c}`", column_says(model, c)) for c in columns_of(model))
        parts += [f"## `{name}.csv`", about(model).replace("``", "`")]
        parts += [table(("column", "what it says"), columns)]
        if issubclass(model, NumberRow):
            parts += [table(("number", "units", "possible", "plausible", "why"), numbers(model))]
    return "\n\n".join(parts) + "\n"


def test_the_page_has_all_keys_and_columns() -> None:
    """What it lists is what is declared; run this file to write it anew."""
    assert PAGE.read_text("utf-8").partition(BEGIN)[2] == "\n" + tables()


@pytest.mark.parametrize("sheet", sorted(schemas()))
def test_every_column_has_a_meaning(sheet: str) -> None:
    """None is left blank, and none is told that the sheet does not have."""
    model = schemas()[sheet]
    columns = columns_of(model)
    assert set(model.says) <= set(columns)
    assert all(column_says(model, column) not in ("", "None") for column in columns)


if __name__ == "__main__":
    before = PAGE.read_text("utf-8").partition(BEGIN)[0]
    PAGE.write_text(before + BEGIN + "\n" + tables(), encoding="utf-8")
