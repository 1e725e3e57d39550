"""What a graph is in which a row is false whatever is decided."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from oemof import solph

from ..formulation.expressions import FalseRowError
from ..formulation.reading import flow_name, labels_of
from ..meaning import Kind, Place, step_of_row
from .conflict import Bound, Conflict, Shortage


def false_rows(
    energy_system: solph.EnergySystem,
    error: FalseRowError,
    limits: Collection[str],
    is_own: bool = False,
) -> Conflict:
    """The conflict in rows that are false before anything is solved.

    Parameters
    ----------
    energy_system
        The graph.
    error
        What the backend said.
    limits
        Names of the integral limits.
    is_own
        Whether the rows are a user's own.

    Returns
    -------
    Conflict
        What is short, and the flows that are fixed there in the worst step.
    """
    buses = (str(n.label) for n in energy_system.nodes if isinstance(n, solph.Bus))
    bus = next((b for b in buses if error.name == f"balance({b})"), None)
    worst_first = np.argsort(-np.abs(error.missing), kind="stable")
    steps = error.steps[worst_first].tolist()
    whole = _places_of_all_steps(energy_system, limits).get(error.name)
    kind: Kind = "own row" if is_own else "balance" if bus is not None else "relation"
    count = len(energy_system.timeincrement)
    places = [
        Place(kind, (bus or error.name,), step_of_row(step, error.count, count)) for step in steps
    ]
    if whole is not None and not is_own:
        places = [whole]
    fixed = []
    for ends, flow in energy_system.flows().items():
        edge = labels_of(ends)
        if bus in edge and flow.fix is not None and flow.nominal_capacity is not None:
            value = float(flow.fix[steps[0]] * flow.nominal_capacity)
            fixed.append(Bound(Place("flow", (edge,), steps[0]), "exactly", value))
    shortages = map(Shortage, places, error.missing[worst_first].tolist())
    return Conflict(tuple(shortages), fixed=tuple(fixed))


def _places_of_all_steps(
    energy_system: solph.EnergySystem, limits: Collection[str]
) -> dict[str, Place]:
    """What rows are, by their names, that hold for all time steps together."""
    kinds = ("integral_limit", "integral_minimum")
    found = {f"{kind}({k})": Place("limit", (k,)) for k in limits for kind in kinds}
    for edge in energy_system.flows():
        for kind in ("full_load_time_max", "full_load_time_min"):
            found[f"{kind}({flow_name(edge)})"] = Place("total", (labels_of(edge),))
    return found
