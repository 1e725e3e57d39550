"""What differs between two pathways, in what went in and what came out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from rich import box
from rich.console import Group, RenderableType
from rich.text import Text

from meishan_model.console import number, percent, text_table
from meishan_model.planning.project import Project
from meishan_model.report.explain import NOT_NAMES
from meishan_model.results.pathway_file import capacities, rows_of_years, yearly
from meishan_model.results.scale import OWN, Money, money, scale_of, short
from meishan_model.sheets.costs import NUMBERS

DIFFERENCE_COLUMNS = ("what", "unit", "year", "first", "second", "change")

_SMALLER = {"MW": ("kW", 1e-3), "MWh": ("kWh", 1e-3)}
"""Units of capacity by which costs are told, with how much smaller they are."""
_UNITS = "MCNY, kCNY: million, thousand CNY"

_TOTALS = {
    "net_present_cost": (1e6, "million CNY"),
    "cumulative_emissions": (1e6, "MtCO2"),
    "cumulative_emissions_location": (1e6, "MtCO2"),
    "emission_gap": (1e3, "ktCO2/a"),
}


def input_differences(first: Project, second: Project) -> pd.DataFrame:
    """Keys of the scenarios, rows of the parks and costs of the sheets that are not the same.

    Parameters
    ----------
    first, second
        Two scenarios, each with its cost sheet.

    Returns
    -------
    pandas.DataFrame
        what, unit, year (empty where it has none), first, second, change (second over first less
        1; not a number for text), the largest change first.
    """
    sides = [dict(_inputs(project)) for project in (first, second)]
    return _compared(sides[0], sides[1])


def output_differences(first: xr.Dataset, second: xr.Dataset) -> pd.DataFrame:
    """Totals, costs and capacities of two pathways that are not the same.

    Parameters
    ----------
    first, second
        Pathways by the result contract.

    Returns
    -------
    pandas.DataFrame
        As of :func:`input_differences`, the totals first; costs and capacities are those of the
        last year, zero where a pathway has none.
    """
    parts = []
    for of in (_totals, _outputs):
        a, b = dict(of(first)), dict(of(second))
        none = dict.fromkeys([*a, *b], 0.0)
        parts.append(_compared({**none, **a}, {**none, **b}, DUST))
    return pd.concat(parts, ignore_index=True)


DUST = 1e-4
"""What is nearer to another number or to zero [its unit] is dust of the solver."""

Key = tuple[str, str, str]
"""What, unit, year."""
Content = float | str | None


def _inputs(project: Project) -> Iterator[tuple[Key, Content]]:
    for key, value in project.scenario.model_dump(exclude={"name", "title"}).items():
        yield (f"scenario: {key}", "", ""), str(value)
    for sheet, row in project.park.value_rows():
        names = row.model_dump(exclude=NOT_NAMES)
        year = names.pop("year", None)
        text = " ".join(str(v) for v in names.values() if v not in ("", None))
        yield (f"{sheet}.csv: {text}", row.unit, str(year or "")), row.value
    for year in project.years:
        for cost in project.costs(year).technologies.values():
            for name, unit in NUMBERS.values():
                what = f"costs: {cost.technology} {name}"
                size, scale = _SMALLER.get(cost.capacity_unit, (cost.capacity_unit, 1.0))
                number: float | None = getattr(cost, name)
                if number is not None and "{}" in unit:
                    number *= scale
                yield (what, unit.format(size), str(year)), number


def _totals(ds: xr.Dataset) -> Iterator[tuple[Key, Content]]:
    for name, (scale, unit) in _TOTALS.items():
        yield (name.replace("_", " "), unit, ""), float(ds.attrs[name]) / scale


def _outputs(ds: xr.Dataset) -> Iterator[tuple[Key, Content]]:
    year = str(int(ds["year"][-1]))
    for (category,), values in rows_of_years(yearly(ds, "cost", "cost_category") / 1e6):
        yield (f"cost: {category}", "million CNY/a", year), float(values.iloc[-1])
    for (technology, unit), values in rows_of_years(capacities(ds)):
        yield (f"capacity: {technology}", unit, year), float(values.iloc[-1])


def _compared(
    first: Mapping[Key, Content], second: Mapping[Key, Content], dust: float = 0.0
) -> pd.DataFrame:
    rows: list[tuple[Hashable, ...]] = []
    for key in dict.fromkeys([*first, *second]):
        a, b = first.get(key), second.get(key)
        if isinstance(a, float) and isinstance(b, float):
            if not np.isclose(a, b, rtol=1e-6, atol=dust):
                change = b / a - 1.0 if abs(a) > dust else np.inf * np.sign(b)
                rows.append((*key, a, b, change))
        elif a != b:
            rows.append((*key, a, b, np.nan))
    table = pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
    numbers = table[["first", "second"]].apply(pd.to_numeric, errors="coerce")
    sizes = pd.DataFrame({"share": table["change"].abs()})
    sizes["amount"] = (numbers["second"] - numbers["first"]).abs()
    order = sizes.sort_values(["share", "amount"], ascending=False, na_position="first")
    return table.loc[order.index].reset_index(drop=True)


@dataclass(frozen=True)
class Differences:
    """What differs between two solved pathways, A and B.

    Attributes
    ----------
    names
        What the two are called.
    inputs, outputs
        Of :func:`input_differences` and :func:`output_differences`.
    money
        In which they are printed: that of the first.
    """

    names: tuple[str, str]
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    money: Money = OWN

    def told(self, limit: int = 20) -> RenderableType:
        """Both tables for a terminal of 80 columns, each cut to its largest changes.

        The years of a number are one row. So that a row stays a line, the pathways are A and B.
        """
        parts: list[RenderableType] = [
            Text(f"A: {self.names[0]}   B: {self.names[1]}   {self.money.told(_UNITS)}")
        ]
        for title, table in (("What went in", self.inputs), ("What came out", self.outputs)):
            head = text_table(
                title, ("what",), box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1)
            )
            for name in ("unit", "year"):
                head.add_column(name, no_wrap=True)
            for name in ("A", "B", "change"):
                head.add_column(name, justify="right", overflow="fold")
            groups = [group for _, group in table.groupby(["what", "unit"], sort=False)]
            for group in groups[:limit]:
                head.add_row(*(Text(cell) for cell in _joined(group, self.money)))
            parts.append(head if groups else Text(f"{title}: no difference"))
            if len(groups) > limit:
                parts.append(Text(f"... and {len(groups) - limit} smaller ones"))
        return Group(*parts)


def differences(first: Project, second: Project) -> Differences:
    """What differs between two solved pathways, in inputs and outputs."""
    outputs = output_differences(first.open_result("pathway"), second.open_result("pathway"))
    names = first.scenario_folder.name, second.scenario_folder.name
    return Differences(names, input_differences(first, second), outputs, money(first.park))


def _joined(group: pd.DataFrame, shown: Money) -> tuple[str, ...]:
    """One number in all the years in which it differs, as a row of text."""
    rows, unit = group.sort_values("year"), str(group["unit"].iloc[0])
    sides = ["first", "second"]
    if all(isinstance(value, float) for value in rows[sides].to_numpy().flat):
        unit, divisor = scale_of(rows[sides].astype(float), unit, shown=shown)
        rows[sides] = rows[sides].astype(float) / divisor
    ends = rows.iloc[[0, -1]]
    spans = ["…".join(dict.fromkeys(map(_shown, ends[side]))) for side in sides]
    changes = rows["change"]
    low, high = changes.min(), changes.max()
    if np.isfinite(low) and np.isfinite(high):
        moved = "…".join(dict.fromkeys(map(_share, (low, high))))
    else:
        moved = "new" if high == np.inf else "-"
    years = "-".join(dict.fromkeys(ends["year"]))
    return (str(rows["what"].iloc[0]), short(unit), years, *spans, moved)


def _share(change: float) -> str:
    """A relative change; of a large one nobody reads the decimal."""
    return percent(change, 0 if abs(change) >= 0.1 else 1, sign=True)


def _shown(value: Content) -> str:
    return str(value) if isinstance(value, str) else number(value)
