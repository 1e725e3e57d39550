"""Whether what takes part in flexibility is there: vehicles that stand, charging that is drawn.

How many vehicles take part is a row by year, the fleet is a decision. A problem that tied the two
hour by hour would be a third larger; so the optimum is looked at instead, and what it lacks is a
finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from meishan_model.accounts.tables import Accounts
from meishan_model.components.flows import ParkGraph
from meishan_model.components.participation import participants
from meishan_model.components.selection import flows_of_graph, select
from meishan_model.optimise.solution import Solution
from meishan_model.results.findings import Finding, Value
from meishan_model.sheets.records import AssetLimit, SliceInputs

SLACK = 1e-3
"""Power [MW] beyond what is there that is dust of the solver; of vehicles a millionth more."""


def participation_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution, accounts: Accounts
) -> Iterator[Finding]:
    """Drivetrains of which more takes part than the optimum has.

    Vehicles that take part in any resource are compared with those that stand, load of vehicles
    that is put off by any resource with what they draw in the same hour.

    Parameters
    ----------
    graph, inputs, solution, accounts
        A slice and its optimum.
    """
    for (part, drivetrain, zone), limits in inputs.resources_of_vehicles().items():
        taking_part = [limit for limit in limits if participants(inputs, limit) > 0]
        if not taking_part:
            continue
        resources = [limit.technology for limit in taking_part]
        place: dict[str, Value] = {"resources": resources, "zone": zone, "drivetrain": drivetrain}
        if part == "vehicle_battery":
            number = sum(participants(inputs, limit) for limit in taking_part)
            there = _standing(accounts, zone, drivetrain)
            if number > there * (1 + 1e-6) + SLACK:
                yield Finding("stand", {**place, "needed": number, "standing": there})
            continue
        beyond = _put_off_beyond(graph, solution, taking_part, drivetrain)
        hours = int((beyond > SLACK).sum())
        if hours:
            yield Finding("drawn", {**place, "hours": hours, "most": float(beyond.max())})


def _standing(accounts: Accounts, zone: str, drivetrain: str) -> float:
    assets = accounts.assets
    own = (assets["technology"] == drivetrain) & (assets["zone"] == zone)
    return float(assets.loc[own, "capacity"].sum())


def _put_off_beyond(
    graph: ParkGraph, solution: Solution, limits: Sequence[AssetLimit], drivetrain: str
) -> np.ndarray:
    """Load that is put off less what the drivetrain draws in the hour [MW], (hours,)."""
    flows = select(flows_of_graph(graph.registry), zone=limits[0].zone)
    resources = [limit.technology for limit in limits]
    off = select(flows, role="shift", way="in", technology=resources)
    # Of the drivetrain the optimum may have none.
    drawn = select(
        flows,
        role="conversion",
        way="out",
        carrier="electricity",
        technology=drivetrain,
        may_be_empty=True,
    )
    power = solution.flow
    return np.asarray(power[[*off.index]].sum(axis=1) - power[[*drawn.index]].sum(axis=1))
