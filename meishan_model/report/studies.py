"""How studies are shown: their tables on the console, their figures on paper."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer, is_integer_dtype, is_numeric_dtype
from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.console import finding, number
from meishan_model.report.figures import printed
from meishan_model.results.scale import Money, Scale, money, scale_of, short
from meishan_model.studies.study import UNITS, Study

SHOWN: Mapping[str, tuple[str, int]] = {
    "CNY/a": ("million CNY/a", 2),
    "CNY": ("billion CNY", 3),
    "MWh/a": ("GWh/a", 2),
    "tCO2/a": ("ktCO2/a", 2),
    "tCO2": ("MtCO2", 3),
    "%": ("%", 0),
}
"""Largest unit and decimals in which people read numbers of a unit."""
Scales = Mapping[str, tuple[Scale, int | None]]
"""Scale and decimals of a table by unit."""
WIDTH = 11
"""Characters after which the head of a column of numbers goes on in the next line."""
WIDTH_OF_WORDS = 20
"""Characters after which a narrow terminal may break a word."""


def study_report(study: Study[Any], rows: pd.DataFrame) -> RenderableType:
    """Findings of a study, its tables, and what a reader has to know.

    Parameters
    ----------
    study
        The study.
    rows
        Rows of its variants.
    """
    tables, shown = study.shown(rows), money(study.project.park)
    return Group(
        *map(finding, study.findings(rows)),
        *(_table(title, study.with_units(table), shown) for title, table in tables.items()),
        Text(shown.told(study.note)),
    )


def _table(title: str, table: pd.DataFrame, shown: Money) -> Table:
    """A table with scaled numbers; rows that have names are quantities with a unit each.

    Columns of years have the unit of the title.
    """
    if unit := _unit(title):
        years = [name for name in table if is_integer(name)]
        table = table.rename(columns={year: f"{year} [{unit}]" for year in years})
        title = title.removesuffix(f" [{unit}]")
    named = not is_integer_dtype(table.index)
    scales = _scales(table if named else table.T, shown)
    found = Table(title=Text(title), title_justify="left")
    if named:
        found.add_column(_head(table.columns.name, scales))
    columns = []
    for name, values in table.items():
        cells = [_cell(x, place if named else name, scales) for place, x in values.items()]
        numeric = is_numeric_dtype(values) and not is_bool_dtype(values)
        # A number heads a column where the rows are quantities; its unit is that of their head.
        is_amount = isinstance(name, float)
        head = _cell(name, table.columns.name, scales) if is_amount else _head(name, scales)
        side: JustifyMethod = "right" if numeric else "left"
        # A narrow terminal may break texts, but no number and no ordinary word.
        parts = [t.plain.split("\n" if numeric else None) for t in (head, *cells)]
        longest = max(len(part) for text in parts for part in text)
        least = longest if numeric else min(longest, WIDTH_OF_WORDS)
        found.add_column(head, justify=side, no_wrap=numeric, overflow="fold", min_width=least)
        columns.append(cells)
    for place, row in zip(table.index, zip(*columns, strict=True), strict=True):
        first = [_head(place, scales, width=40, end=" ")] if named else []
        found.add_row(*first, *row)
    return found


def _unit(name: Hashable) -> str:
    """Unit in the name of a quantity, empty where it has none."""
    return str(name).removesuffix("]").partition(" [")[2]


def _scales(table: pd.DataFrame, shown: Money) -> Scales:
    """Scale and decimals of each unit of a table with a quantity in each row."""
    values: dict[str, list[float]] = {_unit(table.index.name): [], _unit(table.columns.name): []}
    for name, row in table.iterrows():
        values.setdefault(_unit(name), []).extend(pd.to_numeric(row, errors="coerce"))
    scales: dict[str, tuple[Scale, int | None]] = {}
    for unit, numbers in values.items():
        if unit in SHOWN:
            largest, digits = SHOWN[unit]
            scales[unit] = scale_of(numbers, unit, largest, digits, shown), digits
        else:
            scales[unit] = scale_of((), unit, shown=shown), None
    return scales


def _head(name: Hashable, scales: Scales, width: int = WIDTH, end: str = "\n") -> Text:
    """A name in some lines, with the unit in which its numbers are shown."""
    text, unit = str(name).partition(" [")[0], _unit(name)
    shown = scales[unit][0].unit
    shown = short(shown).replace("tCO2", "t") if unit in SHOWN else shown
    lines = "\n".join(textwrap.wrap(text.replace("_", " "), width))
    return Text(f"{lines}{end}[{shown}]" if unit else lines)


def _cell(value: Any, name: Hashable, scales: Scales) -> Text:
    """A value of a quantity."""
    if isinstance(value, str | bool):
        return Text(value if isinstance(value, str) else "yes" * value)
    scale, digits = scales[_unit(name)]
    return Text(number(value / scale.divisor, digits))


def save_study_figure(study: Study[Any], rows: pd.DataFrame) -> None:
    """Draw the figure of a study as PNG, beside its tables.

    Parameters
    ----------
    study, rows
        As for :func:`study_report`.
    """
    assert study.figure is not None
    shown, units = money(study.project.park), {**UNITS, **study.units}
    of_units = {name: shown.of(rows[name], units[name])[0] for name in rows if name in units}
    with printed(study.path(suffix=".png"), study.figure) as figure:
        axes = figure.subplots()
        study.draw(axes, rows.assign(**of_units))
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set_text(shown.told(label.get_text()))
        axes.set_title(study.title, loc="left")
        figure.legend(frameon=False, loc="outside lower center", ncols=3)
