r"""Stores of a solved slice: how they lose, and how they wear with age and with cycles.

The optimum sees wear as a price of each MWh, as a limit on yearly cycles and as the share of the
rated energy that is usable on average. What it cannot see, as it would multiply two decisions,
follows here from its own cycles. Damage adds up linearly (Palmgren and Miner; for batteries B. Xu
et al., IEEE Trans. Smart Grid 9, 1131-1140, 2018): with the life by the calendar alone
:math:`L_{cal}` [a], the cycles :math:`N` that bring a store to its end without any calendar, the
health :math:`h` at the end and :math:`n` full cycles a year, a store is at its end after

.. math::  L = \frac{1}{1 / L_{cal} + n / N}

It is replaced then, or at the end of the life :math:`T` over which the plan pays for it, if that
is sooner. Until then its mean health is :math:`1 - (1 - h) \min(T, L) / 2 L`, and of its rated
energy the share :math:`d` (``depth_of_discharge``) of that can be used. Replaced before its time
a store costs, with the investment :math:`I` and the capital recovery factor :math:`f(r, T)`,

.. math::  I \, (f(r, L) - f(r, T))

a year more than the plan has paid for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from oemof import solph

from meishan_model.components.flows import ParkGraph
from meishan_model.finance import capital_recovery_factor
from meishan_model.optimise.solution import Solution
from meishan_model.results.wording import Finding, Value
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.records import SliceInputs

WEAR = ("full_cycles", "wear_life", "paid_life", "usable_after", "usable_planned", "early_cost")
CLOSE = 0.02
"""Usable share by which plan and wear may differ unsaid [-]."""


def storage_table(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution, assets: pd.DataFrame
) -> pd.DataFrame:
    """Rates of every store, and the wear of those that say what wears them.

    Parameters
    ----------
    graph, inputs, solution
        A slice and its optimum.
    assets
        Its assets with their capacity.

    Returns
    -------
    pandas.DataFrame
        Index storage; initial_content [MWh], loss_rate [1/h], inflow_efficiency and
        outflow_efficiency [1]. With wear also full_cycles [1/a], wear_life and paid_life [a],
        usable_after and usable_planned [1] of the rated energy, and early_cost [CNY/a], what an
        early replacement adds; not a number of other stores.
    """
    rates = ("loss_rate", "inflow_conversion_factor", "outflow_conversion_factor")
    rows = {
        str(node.label): [
            solution.initial_content[str(node.label)],
            *(float(np.asarray(getattr(node, rate)[0])) for rate in rates),
        ]
        for node in graph.energy_system.nodes
        if isinstance(node, solph.components.GenericStorage)
    }
    columns = ["initial_content", "loss_rate", "inflow_efficiency", "outflow_efficiency"]
    table = pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("storage")
    worn = _wear(graph, inputs, solution, assets, table["outflow_efficiency"])
    return table.join(pd.DataFrame.from_dict(worn, "index", columns=WEAR)) if worn else table


def _wear(
    graph: ParkGraph,
    inputs: SliceInputs,
    solution: Solution,
    assets: pd.DataFrame,
    efficiency: pd.Series[float],
) -> dict[str, tuple[float, ...]]:
    """Wear of each store that has capacity and says what wears it, by its label."""
    registry = graph.registry
    content = {c.place: c.asset for c in registry.capacities}
    found = {}
    for edge, meaning in registry.flows.items():
        if meaning.coordinates.role != "discharge":
            continue
        asset = content[edge[0]]
        technology = inputs.technologies[str(assets["technology"][asset])]
        capacity = float(assets["capacity"][asset])
        if "cycle_life" not in technology.parameters or capacity <= 0.0:
            continue
        given = float(solution.flow[edge].sum()) * registry.step * registry.repetitions
        usable = capacity * technology.parameters.get("usable_share", 1.0)
        cycles = given / efficiency[edge[0]] / usable
        found[edge[0]] = _life(technology, cycles, capacity, inputs)
    return found


def _life(
    technology: Technology, cycles: float, capacity: float, inputs: SliceInputs
) -> tuple[float, ...]:
    """Columns :data:`WEAR` of a store of so many MWh with so many full cycles a year."""
    given, paid = technology.parameters, technology.own_cost.technical_lifetime
    rate = inputs.parameters["discount_rate"]
    life = 1.0 / (1.0 / given["calendar_life"] + cycles / given["cycle_life"])
    served = min(life, paid)
    health = 1.0 - (1.0 - given["end_of_life"]) * served / life / 2.0
    factor = capital_recovery_factor(rate, served) - capital_recovery_factor(rate, paid)
    early = technology.own_cost.investment * capacity * float(factor)
    planned = given.get("usable_share", 1.0)
    return cycles, life, paid, given["depth_of_discharge"] * health, planned, early


def wear_findings(stores: pd.DataFrame, graph: ParkGraph) -> Iterator[Finding]:
    """Stores that are worn before they are paid for, or of which less is usable than planned.

    Parameters
    ----------
    stores
        As :func:`storage_table` gives them.
    graph
        Their graph.
    """
    if not {*WEAR} <= {*stores}:
        return
    worn = stores[[*WEAR]].dropna()
    for label, cycles, life, paid, after, planned, cost in worn.itertuples():
        store: dict[str, Value] = {"store": graph.registry.title(label), "cycles": cycles}
        if cost > 0.0:
            yield Finding("worn_early", {**store, "life": life, "paid": paid, "cost": cost / 1e6})
        if after < planned - CLOSE:
            yield Finding("usable_less", {**store, "after": after, "planned": planned})
