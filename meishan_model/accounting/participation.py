"""Whether what takes part in flexibility is there: vehicles that stand, charging that is drawn.

How many vehicles take part is a row by year, the fleet is a decision. A problem that tied the two
hour by hour would be a third larger; so the optimum is looked at instead, and what it lacks is a
finding.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from meishan_model.accounting.tables import Accounts
from meishan_model.graph.book import ParkGraph
from meishan_model.graph.flexibility import participants, resource_label
from meishan_model.inputs.buses import bus_of_zone
from meishan_model.inputs.records import FLEXIBLE, AssetLimit, SliceInputs
from meishan_model.optimise.extract import Solution

SLACK = 1e-3
"""Vehicles, or power [MW], beyond what is there that are dust of the solver."""


def participation_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution, accounts: Accounts
) -> Iterator[str]:
    """Resources of which more takes part than the optimum has, a sentence each.

    Vehicles that take part are compared with those that stand, load of vehicles that is put off
    with what they draw in the same hour.

    Parameters
    ----------
    graph, inputs, solution, accounts
        A slice and its optimum.
    """
    for limit in inputs.assets:
        technology = inputs.technologies[limit.technology]
        if technology.part not in FLEXIBLE or not technology.model or not limit.potential:
            continue
        number = participants(inputs, limit)
        if number <= 0:
            continue
        place = f"{limit.technology} in {limit.zone}"
        if technology.part == "vehicle_battery":
            there = _standing(accounts, limit, technology.model)
            if number > there + SLACK:
                yield f"{place} needs {number:,.0f} {technology.model}, {there:,.0f} stand"
            continue
        beyond = _put_off_beyond(graph, solution, limit, technology.model)
        hours = int((beyond > SLACK).sum())
        if hours:
            yield (
                f"{place} puts off more than {technology.model} draws in {hours} hours, "
                f"by {beyond.max():,.3f} MW at most"
            )


def _standing(accounts: Accounts, limit: AssetLimit, drivetrain: str) -> float:
    assets = accounts.assets
    own = (assets["technology"] == drivetrain) & (assets["zone"] == limit.zone)
    return float(assets.loc[own, "capacity"].sum())


def _put_off_beyond(
    graph: ParkGraph, solution: Solution, limit: AssetLimit, drivetrain: str
) -> np.ndarray:
    """Load that is put off less what the drivetrain draws in the hour [MW], (hours,)."""
    bus = bus_of_zone(limit.zone)
    drawn = [
        edge
        for edge, meaning in graph.book.flows.items()
        if edge[0] == bus and meaning.kind.technology == drivetrain
    ]
    off = solution.flow[resource_label(limit), bus].to_numpy()
    return np.asarray(off - solution.flow[drawn].sum(axis=1).to_numpy())
