"""The virtual power plant in the terminal: events, who answers, what resources are worth."""

from __future__ import annotations

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.planning.virtual_power_plant import VirtualPowerPlant
from meishan_model.report.numbers import number

FINDING = 1e-3
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
HOW = (
    "Values by the year are duals of the size of a resource in the slice's optimum; values in an "
    "event are the cost of the event without its answer less the cost with it. An event is one "
    "call; capacities and the billed demand of the month stay as they are."
)


def virtual_power_plant_report(found: VirtualPowerPlant, title: str) -> RenderableType:
    """The three tables of the study, findings first.

    Parameters
    ----------
    found
        Tables of the study.
    title
        Scenario, year and hours.
    """
    shed = found.events[found.events["shed [MWh]"] > FINDING]
    findings = [
        Text(
            f"FINDING: {row['shed [MWh]']:.2f} MWh are shed in the event {row['event']}",
            "bold red",
        )
        for _, row in shed.iterrows()
    ]
    answers = found.answers[found.answers["answer [MW]"].abs() > FINDING]
    return Group(
        *findings,
        _table(found.events, EVENTS, f"Events: {title}"),
        _table(answers, ANSWERS, "Who answers"),
        _table(found.resources, RESOURCES, "What resources are worth in an ordinary year"),
        Text(HOW),
    )


def _table(frame: pd.DataFrame, columns: tuple[tuple[str, str], ...], title: str) -> Table:
    grid = Table(title=Text(title), title_justify="left")
    for column, head in columns:
        numeric = pd.api.types.is_float_dtype(frame[column])
        grid.add_column(Text(head), justify="right" if numeric else "left", overflow="fold")
    for _, row in frame.iterrows():
        grid.add_row(*(_cell(row[column]) for column, _ in columns))
    return grid


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return number(value, 1) if isinstance(value, float) else str(value)
