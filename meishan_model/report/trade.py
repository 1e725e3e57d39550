"""Tables of trade: the tariff of a day, the price of matching, exposure to the price of carbon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.report.numbers import number
from meishan_model.sheets.trade_rows import SurchargeRow

_SCALES = {"CNY/a": (1e6, "MCNY/a"), "MWh/a": (1e3, "GWh/a"), "tCO2/a": (1e3, "kt/a")}
"""Divisor and unit that people read a yearly number in."""
MATCHING_NOTE = (
    "Yearly and monthly: surplus of a contracted plant is settled at the market price of its "
    "hour, and its claim covers power bought in another hour of the period. Hourly settled: no "
    "claim, so that the rise to it is the price of matching alone. Hourly: surplus is lost. The "
    "share is clean power in the hour of its use over all electricity. Rises are counted since "
    "the rule to the left. Where no cap binds a claim saves nothing: how many are made, and net "
    "emissions with them, is then one of many choices. MCNY: million CNY of 2020, kt: of CO2."
)
EXPOSURE_NOTE = (
    "The price is paid on scope 1 and market-based scope 2 of this slice; the slices after it are "
    "planned without it, and cap and shadow value stay as they are. MCNY are million CNY of 2020, "
    "kt are of CO2. Capacities that no price changes are left out."
)


def tariff_report(
    day: dt.date, tariff: pd.DataFrame, demand_charge: float, file: str
) -> RenderableType:
    """The price of every hour of a day, in its parts.

    Parameters
    ----------
    day
        The day.
    tariff
        Of :func:`~meishan_model.series.tariff.day_tariff`.
    demand_charge
        What the highest hour of a month costs [CNY/(MW*month)].
    file
        Path of the sheet of the periods.
    """
    names = ", ".join(tariff["tariff"].unique())
    table = Table(title=Text(f"{day}: {names} [CNY/MWh]"), title_justify="left")
    table.add_column("hour", justify="right")
    table.add_column("period")
    columns = ("ratio", "energy", "network_charge", "levies", "total")
    for column in (*columns, "row"):
        table.add_column(Text(column.replace("_", " ")), justify="right")
    for hour, row in tariff.iterrows():
        numbers = (f"{row['ratio']:g}", *(f"{row[name]:,.1f}" for name in columns[1:]))
        period = str(row["period"]).replace("_", " ")
        table.add_row(f"{hour}", period, *numbers, str(row["row"]))
    mean = tariff[list(columns)].mean()
    numbers = (f"{mean['ratio']:.3f}", *(f"{mean[name]:,.1f}" for name in columns[1:]))
    table.add_row("mean", "", *numbers, "", style="bold")
    charge = f"{demand_charge:,.0f} CNY/(MW*month) on the highest hour of the month"
    note = f"Rows of {file}. The ratio applies to the whole price, network charge and levies "
    note += f"included; energy is what is left. The demand charge comes on top: {charge}."
    return Group(table, Text(note))


def surcharge_report(surcharges: Sequence[SurchargeRow], file: str) -> RenderableType:
    """What the levies of a day consist of.

    Parameters
    ----------
    surcharges
        Rows that hold on the day.
    file
        Path of their sheet.
    """
    table = Table(title="Levies in their parts [CNY/MWh]", title_justify="left")
    table.add_column("surcharge", overflow="fold")
    table.add_column("", justify="right")
    for column in ("from", "until"):
        table.add_column(column, no_wrap=True)
    table.add_column("row", justify="right")
    for row in surcharges:
        name, until = Text(row.surcharge.replace("_", " ")), row.valid_until or "open"
        table.add_row(name, f"{row.value:,.1f}", row.valid_from, until, str(row.line))
    total = sum(row.value for row in surcharges)
    table.add_row("levies", f"{total:,.1f}", "", "", "", style="bold")
    return Group(table, Text(f"Rows of {file}."))


def study_report(table: pd.DataFrame, title: str, note: str) -> RenderableType:
    """A table of a study, its columns as rows: quantities down, variants across.

    Parameters
    ----------
    table
        Variants in rows; the first column names them, units stand in the names of the others.
    title, note
        What stands above and below.
    """
    first = str(table.columns[0])
    grid = Table(title=Text(title), title_justify="left")
    grid.add_column(Text(first.replace("_", " ")), overflow="fold")
    for variant in table[first]:
        name = variant.replace("_", " ") if isinstance(variant, str) else f"{variant:g}"
        grid.add_column(Text(name), justify="right", no_wrap=True)
    for column in map(str, table.columns[1:]):
        name, _, unit = column.removesuffix("]").partition(" [")
        divisor, shown = _SCALES.get(unit, (1.0, unit))
        digits = 3 if unit == "-" else 2
        values = (number(value / divisor, digits) for value in table[column])
        grid.add_row(Text(f"{name.replace('_', ' ')} [{shown}]"), *values)
    return Group(grid, Text(note))
