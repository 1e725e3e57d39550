"""Costs, emissions, energy and capacities of a solved slice, from its flows and its registry.

Everything is recomputed from the flows; nothing is taken from the solver but flows, storage levels
and capacities. That the costs then sum to the solver's objective is the check on both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meishan_model.components.flows import Edge, ParkGraph, Registry
from meishan_model.optimise.solution import Solution
from meishan_model.sheets.records import Factors


@dataclass(frozen=True)
class Accounts:
    """Tables of a slice, with the columns of the result contract.

    Attributes
    ----------
    costs
        Index cost_item; component, category, value [CNY/a].
    emissions
        Index emission_item; scope, carrier, value [tCO2/a].
    energy
        Index energy_item; sector, carrier, energy_mwh [MWh/a], energy_tce_equivalent and
        energy_tce_calorific [tce/a].
    assets
        Index asset; capacities and bounds [unit], unit, technology, zone.
    objective
        Value of the solver's objective plus the constant [CNY/a].
    objective_constant
        Fixed cost of all that stands already, which no decision changes [CNY/a].
    """

    costs: pd.DataFrame
    emissions: pd.DataFrame
    energy: pd.DataFrame
    assets: pd.DataFrame
    objective: float
    objective_constant: float


def account(graph: ParkGraph, solution: Solution, factors: Factors) -> Accounts:
    """Make all tables of a slice.

    Parameters
    ----------
    graph
        The graph that was solved.
    solution
        Its optimum.
    factors
        Coal equivalents of the carriers.
    """
    assets = capacity_table(graph, solution)
    constant = graph.assets.standing_cost
    return Accounts(
        costs=cost_table(graph, solution, assets),
        emissions=emission_table(graph.registry, solution),
        energy=energy_table(graph.registry, solution, factors),
        assets=assets,
        objective=solution.objective + constant,
        objective_constant=constant,
    )


def yearly_sum(
    registry: Registry, solution: Solution, edge: Edge, price: float | NDArray[np.float64] = 1.0
) -> float:
    """Sum over the year of a flow times a price or factor [unit of flow x unit of price]."""
    flow = solution.flow[edge].to_numpy()
    return float(np.sum(flow * price) * registry.weight)


def capacity_table(graph: ParkGraph, solution: Solution) -> pd.DataFrame:
    """Capacities of every asset with their bounds, the solution written back by place."""
    assets, table = graph.assets, graph.assets.table
    decided = {stage: np.zeros(len(table.asset)) for stage in ("new", "in_use", "bridge")}
    for capacity in graph.registry.capacities:
        built = (
            solution.storage_investment[capacity.place]
            if isinstance(capacity.place, str)
            else solution.flow_investment[capacity.place]
        )
        decided[capacity.stage][table.place[capacity.asset]] += built
    new, bridge = decided["new"], decided["bridge"]
    columns = {
        "capacity": assets.existing + new + bridge,
        "capacity_existing": assets.existing - assets.earlier,
        "capacity_new": new + assets.earlier,
        "capacity_bridge": bridge,
        "capacity_lower": assets.existing + assets.lower,
        "capacity_upper": assets.existing + assets.upper + assets.bridge,
        "unit": table.unit,
        "technology": table.technology,
        "zone": table.zone,
    }
    return pd.DataFrame(columns, index=pd.Index(table.asset, name="asset"))


def cost_table(graph: ParkGraph, solution: Solution, assets: pd.DataFrame) -> pd.DataFrame:
    """Every part of the yearly cost; revenues are negative [CNY/a]."""
    registry = graph.registry
    items: dict[tuple[str, str], float] = defaultdict(float)
    for edge, meaning in registry.flows.items():
        for charge in meaning.charges:
            value = yearly_sum(registry, solution, edge, charge.price)
            items[charge.category, charge.component] += value
    for edge, charge in registry.lump_charges:
        price = float(np.asarray(charge.price))
        items[charge.category, charge.component] += solution.flow_investment[edge] * price
    own, table, k = graph.assets, graph.assets.table, graph.assets.slice_number
    # What earlier slices built stands among the new build and is owed at its own annuity.
    built = assets["capacity_new"] - own.earlier
    yearly = {
        "investment": built * table.annuity[k] + own.sunk_cost,
        "bridge": assets["capacity_bridge"] * table.bridge_annuity[k],
        "fixed_om": (assets["capacity"] - table.sold[k]) * table.fixed_om[k],
    }
    for category, values in yearly.items():
        for name, value in values.items():
            items[category, str(name)] += value
    return _table(
        "cost_item",
        [
            (f"{category}:{component}", component, category, value)
            for (category, component), value in items.items()
            if value != 0.0
        ],
        ["component", "category", "value"],
    )


def emission_table(registry: Registry, solution: Solution) -> pd.DataFrame:
    """Emissions by scope and carrier; sinks and credits are negative [tCO2/a]."""
    items: dict[tuple[str, str], float] = defaultdict(float)
    for edge, meaning in registry.flows.items():
        for emission in meaning.emissions:
            value = yearly_sum(registry, solution, edge, emission.factor)
            items[emission.scope, emission.carrier] += value
    return _table(
        "emission_item",
        [(f"{scope}:{carrier}", scope, carrier, v) for (scope, carrier), v in items.items()],
        ["scope", "carrier", "value"],
    )


def energy_table(registry: Registry, solution: Solution, factors: Factors) -> pd.DataFrame:
    """Final energy by sector and carrier, in MWh and in both conventions of coal equivalent.

    It is what is used: less what measures save.
    """
    items: dict[tuple[str, str], float] = defaultdict(float)
    for edge, meaning in registry.flows.items():
        if meaning.energy is not None:
            items[meaning.energy] += yearly_sum(registry, solution, edge)
        if meaning.saves is not None:
            items[meaning.saves] -= yearly_sum(registry, solution, edge)
    return _table(
        "energy_item",
        [
            (
                f"{sector}:{carrier}",
                sector,
                carrier,
                value,
                value * factors.tce_equivalent[carrier],
                value * factors.tce_calorific[carrier],
            )
            for (sector, carrier), value in items.items()
        ],
        ["sector", "carrier", "energy_mwh", "energy_tce_equivalent", "energy_tce_calorific"],
    )


def _table(index: str, rows: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[index, *columns]).set_index(index).sort_index()


NET_SCOPES = ("scope1", "scope2_market", "sink", "credit")


def net_emissions(emissions: pd.DataFrame) -> float:
    """Scope 1 + market-based scope 2 + sinks + credits [tCO2/a]."""
    return float(emissions.loc[emissions["scope"].isin(NET_SCOPES), "value"].sum())
