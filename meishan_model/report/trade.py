"""Tables of trade: tariff of a day, matching, exposure to carbon prices, virtual power plant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.console import finding, number, numbers, text_table
from meishan_model.sheets.trade_rows import SurchargeRow
from meishan_model.studies.virtual_power_plant import VirtualPowerPlant

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
SHED = 1e-3
"""Shed energy [MWh] from which on it is told as a finding."""
EVENTS = (
    ("event", "event"),
    ("begins", "begins"),
    ("asked [MWh]", "asked\n[MWh]"),
    ("answered [MWh]", "given\n[MWh]"),
    ("rebound [MWh]", "rebound\n[MWh]"),
    ("cost [CNY/MWh]", "cost\n[CNY/MWh]"),
    ("payment [CNY/MWh]", "paid\n[CNY/MWh]"),
)
ANSWERS = (
    ("event", "event"),
    ("resource", "resource"),
    ("answer [MW]", "answer\n[MW]"),
    ("value [CNY/kW]", "value\n[CNY/kW]"),
)
RESOURCES = (
    ("resource", "resource"),
    ("power [MW]", "power\n[MW]"),
    ("energy [MWh]", "energy\n[MWh]"),
    ("only when called", "only when\ncalled"),
    ("value [CNY/(kW*a)]", "value\n[CNY/(kW*a)]"),
)
"""Columns of the tables with their heads."""
VPP_NOTE = (
    "Values by the year are duals of the size of a resource in the slice's optimum; values in an "
    "event are the cost of the event without its answer less the cost with it. An event is one "
    "call; capacities and the billed demand of the month stay as they are."
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
    columns = ["ratio", "energy", "network_charge", "levies", "total"]
    heads = [column.replace("_", " ") for column in columns]
    table = text_table(
        f"{day}: {names} [CNY/MWh]", ("hour", "period"), (*heads, "row"), rigid=True
    )
    for hour, row in tariff.iterrows():
        period = str(row["period"]).replace("_", " ")
        cells = (number(row["ratio"]), *numbers(row[columns[1:]], 1))
        table.add_row(f"{hour}", period, *cells, str(row["row"]))
    mean = tariff[columns].mean()
    cells = (number(mean["ratio"], 3), *numbers(mean[columns[1:]], 1))
    table.add_row("mean", "", *cells, "", style="bold")
    charge = f"{number(demand_charge, 0)} CNY/(MW*month) on the highest hour of the month"
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
    title, heads = "Levies in their parts [CNY/MWh]", ("", "from", "until", "row")
    table = text_table(title, ("surcharge",), heads, rigid=True)
    for row in surcharges:
        name, until = Text(row.surcharge.replace("_", " ")), str(row.valid_until or "open")
        table.add_row(name, number(row.value, 1), str(row.valid_from), until, str(row.line))
    total = sum(row.value for row in surcharges)
    table.add_row("levies", number(total, 1), "", "", "", style="bold")
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
    variants = (v.replace("_", " ") if isinstance(v, str) else number(v) for v in table[first])
    found = text_table(title, (first.replace("_", " "),), [*variants], rigid=True)
    for column in map(str, table.columns[1:]):
        name, _, unit = column.removesuffix("]").partition(" [")
        divisor, shown = _SCALES.get(unit, (1.0, unit))
        digits = 3 if unit == "-" else 2
        values = numbers(table[column] / divisor, digits)
        found.add_row(Text(f"{name.replace('_', ' ')} [{shown}]"), *values)
    return Group(found, Text(note))


def virtual_power_plant_report(found: VirtualPowerPlant, title: str) -> RenderableType:
    """The three tables of the study, findings first.

    Parameters
    ----------
    found
        Tables of the study.
    title
        Scenario, year and hours.
    """
    shed = found.events[found.events["shed [MWh]"] > SHED]
    findings = [
        finding(f"{number(row['shed [MWh]'], 2)} MWh are shed in the event {row['event']}")
        for _, row in shed.iterrows()
    ]
    answers = found.answers[found.answers["answer [MW]"].abs() > SHED]
    return Group(
        *findings,
        _table(found.events, EVENTS, f"Events: {title}"),
        _table(answers, ANSWERS, "Who answers"),
        _table(found.resources, RESOURCES, "What resources are worth in an ordinary year"),
        Text(VPP_NOTE),
    )


def _table(frame: pd.DataFrame, columns: tuple[tuple[str, str], ...], title: str) -> Table:
    found = Table(title=Text(title), title_justify="left")
    for column, head in columns:
        numeric = pd.api.types.is_float_dtype(frame[column])
        found.add_column(Text(head), justify="right" if numeric else "left", overflow="fold")
    for _, row in frame.iterrows():
        found.add_row(*(_cell(row[column]) for column, _ in columns))
    return found


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return number(value, 1) if isinstance(value, float) else str(value)
