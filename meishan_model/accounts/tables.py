"""Costs, emissions, energy and capacities of a solved slice, from its flows and its registry.

Everything is recomputed from the flows; nothing is taken from the solver but flows, storage levels
and capacities, cleaned once of what is no more than dust (:func:`without_dust`). That the costs
then sum to the solver's objective is the check on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.flows import Charge, Edge, ParkGraph, Registry, Series
from meishan_model.finance import accumulate
from meishan_model.optimise.solution import Solution
from meishan_model.series import FloatArray
from meishan_model.sheets.records import Factors, SliceInputs
from meishan_model.sheets.units import weight_of_step

PARK = "park"
"""Payer of all that no row of a sheet gives to another."""
Slices = Mapping[int, xr.Dataset]
"""Solved slices by year."""
Inputs = Mapping[int, SliceInputs]
"""What they were made of."""
DUST = 1e-6
"""Power, energy or capacity that a solver cannot tell from zero [MW, MWh, unit].

An interior point leaves up to 5e-7 in flows that are not used, and nothing between that and 7e-3
in a year of Meishan.
"""


@dataclass(frozen=True)
class Accounts:
    """Tables of a slice, with the columns of the result contract.

    Attributes
    ----------
    costs
        Index cost_item; component, category, payer, value [CNY/a].
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


def yearly_sum(registry: Registry, solution: Solution, edge: Edge, price: Series = 1.0) -> float:
    """Sum over the year of a flow times a price or factor [unit of flow x unit of price]."""
    flow = solution.flow[edge].to_numpy()
    return float(np.sum(flow * price) * weight_of_step(registry.steps))


def capacity_table(graph: ParkGraph, solution: Solution) -> pd.DataFrame:
    """Capacities of every asset with their bounds, the solution written back by place."""
    assets, table = graph.assets, graph.assets.table
    decided = {stage: np.zeros(len(table.asset)) for stage in ("new", "in_use", "bridge")}
    for capacity in graph.registry.capacities:
        decided[capacity.stage][table.place[capacity.asset]] += capacity.of(solution)
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


def bound_values(graph: ParkGraph, solution: Solution) -> FloatArray:
    """Reduced cost of the new build of every asset [CNY/(unit*a)], shape (assets,).

    Not a number where nothing is decided, or the solver gives no duals.
    """
    reduced: dict[Any, float] = {
        **(solution.flow_investment_reduced_cost or {}),
        **(solution.storage_investment_reduced_cost or {}),
    }
    built = [c for c in graph.registry.capacities if c.stage == "new"]
    by_asset = {capacity.asset: reduced.get(capacity.place, np.nan) for capacity in built}
    return np.array([by_asset.get(name, np.nan) for name in graph.assets.table.asset])


def cost_table(graph: ParkGraph, solution: Solution, assets: pd.DataFrame) -> pd.DataFrame:
    """Every part of the yearly cost and who pays it; revenues are negative [CNY/a].

    What a fuel costs is shared among the payers by what their equipment takes of it; power, whose
    price has hours, is the park's.
    """
    registry = graph.registry
    shares = _shares_of_fuels(registry, solution)
    paid: list[tuple[Charge, str, float]] = []
    for edge, meaning in registry.flows.items():
        owner = registry.payers.get(meaning.coordinates.asset, PARK)
        of_flow = [(c, yearly_sum(registry, solution, edge, c.price)) for c in meaning.charges]
        if meaning.status is not None and (start := meaning.status.start) is not None:
            starts = float(solution.further["startup"][edge].sum()) * registry.repetitions
            of_flow.append((start, starts * float(np.asarray(start.price))))
        for payer, share in shares.get(edge, {owner: 1.0}).items():
            paid += [(charge, payer, share * value) for charge, value in of_flow]
    for edge, charge in registry.lump_charges:
        price = float(np.asarray(charge.price))
        paid.append((charge, PARK, solution.flow_investment[edge] * price))
    rows = [(charge.category, charge.component, payer, value) for charge, payer, value in paid]
    own, table, k = graph.assets, graph.assets.table, graph.assets.slice_number
    # What earlier slices built stands among the new build and is owed at its own annuity.
    built = assets["capacity_new"] - own.earlier
    yearly = {
        "investment": built * table.annuity[k] + own.sunk_cost,
        "bridge": assets["capacity_bridge"] * table.bridge_annuity[k],
        "fixed_om": (assets["capacity"] - table.sold[k]) * table.fixed_om[k],
    }
    rows += [
        (kind, str(name), registry.payers.get(str(name), PARK), value)
        for kind in yearly
        for name, value in yearly[kind].items()
    ]
    columns = ["category", "component", "payer", "value"]
    costs = pd.DataFrame(rows, columns=columns).groupby(columns[:3])["value"].sum().reset_index()
    of_others = (":" + costs["payer"]).where(costs["payer"] != PARK, "")
    items = costs["category"] + ":" + costs["component"] + of_others
    costs = costs.set_index(items.rename("cost_item")).sort_index()
    return costs.loc[costs["value"] != 0.0, ["component", "category", "payer", "value"]]


def _shares_of_fuels(registry: Registry, solution: Solution) -> dict[Edge, dict[str, float]]:
    """Share of each payer in the supply of each fuel, of those that more than the park pay [1]."""
    supplies = {m.bus: edge for edge, m in registry.flows.items() if m.coordinates.role == "fuel"}
    taken: dict[Edge, dict[str, float]] = {}
    for edge, meaning in registry.flows.items() if registry.payers else ():
        if meaning.way == "out" and meaning.bus in supplies:
            of_fuel = taken.setdefault(supplies[meaning.bus], {})
            payer = registry.payers.get(meaning.coordinates.asset, PARK)
            of_fuel[payer] = of_fuel.get(payer, 0.0) + yearly_sum(registry, solution, edge)
    totals = {edge: sum(of_fuel.values()) for edge, of_fuel in taken.items()}
    return {
        edge: {payer: amount / totals[edge] for payer, amount in of_fuel.items()}
        for edge, of_fuel in taken.items()
        if totals[edge] > 0.0
    }


def emission_table(registry: Registry, solution: Solution) -> pd.DataFrame:
    """Emissions by scope and carrier; sinks and credits are negative [tCO2/a]."""
    rows = [
        (e.scope, e.carrier, yearly_sum(registry, solution, edge, e.factor))
        for edge, meaning in registry.flows.items()
        for e in meaning.emissions
    ]
    return _summed("emission_item", rows, ["scope", "carrier", "value"])


def energy_table(registry: Registry, solution: Solution, factors: Factors) -> pd.DataFrame:
    """Final energy by sector and carrier, in MWh and in both conventions of coal equivalent.

    It is what is used: less what measures save.
    """
    rows = [
        (m.coordinates.sector, m.carrier, yearly_sum(registry, solution, edge) * m.final_energy)
        for edge, m in registry.flows.items()
        if m.final_energy
    ]
    table = _summed("energy_item", rows, ["sector", "carrier", "energy_mwh"])
    energy, carrier = table["energy_mwh"], table["carrier"]
    return table.assign(
        energy_tce_equivalent=energy * carrier.map(factors.tce_equivalent),
        energy_tce_calorific=energy * carrier.map(factors.tce_calorific),
    )


def limit_table(registry: Registry, solution: Solution) -> pd.DataFrame:
    """Limits over the year: unit, most, and what one more unit would save [CNY per unit]."""
    most, saved = registry.integral_limits, solution.limit_price
    rows = [
        (m.title, m.unit, most[name], np.nan if saved is None else saved[name])
        for name, m in registry.limits.items()
    ]
    return pd.DataFrame(rows, columns=["limit", "unit", "most", "price"]).set_index("limit")


def _summed(index: str, rows: list[tuple[str, str, float]], columns: list[str]) -> pd.DataFrame:
    """Rows of two texts and a number, summed where the texts are alike and called by both."""
    *texts, number = columns
    table = pd.DataFrame(rows, columns=columns).astype({number: float})
    sums = table.groupby(texts)[number].sum().reset_index()
    one, other = (sums[text] for text in texts)
    return sums.set_index((one + ":" + other).rename(index)).sort_index()


NET_SCOPES = ("scope1", "scope2_market", "sink", "credit")
LOCATION_SCOPES = ("scope1", "scope2_location", "sink", "credit")
NOT_PAID = ("shadow_carbon", "shedding", "gap")
"""Categories of cost that nobody pays: a value and penalties."""


def net_emissions(emissions: pd.DataFrame) -> float:
    """Scope 1 + market-based scope 2 + sinks + credits [tCO2/a]."""
    return float(emissions.loc[emissions["scope"].isin(NET_SCOPES), "value"].sum())


def loss_difference(table: pd.DataFrame) -> float:
    """Difference of all losses, optimiser less power flow, over those of the power flow [1].

    Parameters
    ----------
    table
        Losses by element: columns optimiser and power_flow [MWh].
    """
    total = float(table["power_flow"].sum())
    return (float(table["optimiser"].sum()) - total) / total if total > 0 else 0.0


def without_dust(solution: Solution) -> Solution:
    """The solution of a slice without flows, contents and capacities that are no more than dust.

    The capacity of a flow that is more stays, however small it is in its own unit.

    Parameters
    ----------
    solution
        The optimum; its objective, prices and duals stay as they are.
    """
    first, flow = solution.initial_content, _frame(solution.flow)
    used: set[object] = {*flow.columns[flow.any()]}
    return replace(
        solution,
        flow=flow,
        storage_content=_frame(solution.storage_content),
        initial_content=first.where(first.abs() >= DUST, 0.0),
        flow_investment={
            edge: built if edge in used else _number(built)
            for edge, built in solution.flow_investment.items()
        },
        storage_investment={k: _number(v) for k, v in solution.storage_investment.items()},
    )


def cleaned(values: FloatArray) -> FloatArray:
    """Series, shape (steps, items), without what a solver cannot tell from zero.

    A series that never is farther from zero than :data:`DUST` is zero, and so is what lies that
    near below zero in any series. What is small in some steps of a series that is used stays: the
    balances need it.
    """
    unused = np.abs(values).max(axis=0, initial=0.0) < DUST
    return np.where(unused | ((values < 0.0) & (values > -DUST)), 0.0, values)


def _frame(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(cleaned(frame.to_numpy()), frame.index, frame.columns)


def _number(value: float) -> float:
    return 0.0 if abs(value) < DUST else value


class SliceTotals(NamedTuple):
    """Yearly totals of one slice.

    Attributes
    ----------
    paid_cost
        Money paid [CNY/a]: all cost but the shadow carbon value and the penalties.
    objective
        What was minimised, with the constant of today's stock [CNY/a].
    shedding
        Penalty of demand that is not served, a finding [CNY/a].
    gap
        Penalty of emissions above the cap, a finding [CNY/a].
    net_emissions
        Scope 1 + market-based scope 2 + sinks + credits [tCO2/a]; sinks and credits are negative.
    location_emissions
        The same with the location-based scope 2 [tCO2/a].
    """

    paid_cost: float
    objective: float
    shedding: float
    gap: float
    net_emissions: float
    location_emissions: float


TOTAL_UNITS = {
    name: "tCO2/a" if name.endswith("emissions") else "CNY/a" for name in SliceTotals._fields
}
"""Units of :class:`SliceTotals`."""


def table_totals(costs: pd.DataFrame, emissions: pd.DataFrame) -> SliceTotals:
    """Totals from the tables of a slice.

    Parameters
    ----------
    costs
        Columns category and value [CNY/a].
    emissions
        Columns scope and value [tCO2/a].
    """
    cost = costs["value"].groupby(costs["category"]).sum()
    emission = emissions["value"].groupby(emissions["scope"]).sum()
    return SliceTotals(
        paid_cost=float(cost.drop([*NOT_PAID], errors="ignore").sum()),
        objective=float(cost.sum()),
        shedding=float(cost.get("shedding", 0.0)),
        gap=float(cost.get("gap", 0.0)),
        net_emissions=float(emission.reindex(list(NET_SCOPES)).sum()),
        location_emissions=float(emission.reindex(list(LOCATION_SCOPES)).sum()),
    )


def slice_totals(ds: xr.Dataset) -> SliceTotals:
    """Totals of a slice by the result contract."""
    costs = {"category": ds["category"].to_series(), "value": ds["cost"].to_series()}
    emissions = {"scope": ds["scope"].to_series(), "value": ds["emissions"].to_series()}
    return table_totals(pd.DataFrame(costs), pd.DataFrame(emissions))


def totals_by_year(slices: Slices) -> pd.DataFrame:
    """Totals of slices: years, ascending, by the fields of :class:`SliceTotals`."""
    years = sorted(slices)
    return pd.DataFrame([slice_totals(slices[year]) for year in years], index=years)


def cumulated(totals: pd.DataFrame) -> dict[str, float]:
    """Cumulative emissions of totals by year, net and location-based."""
    return {
        "cumulative_emissions": accumulate(totals["net_emissions"]),
        "cumulative_emissions_location": accumulate(totals["location_emissions"]),
    }
