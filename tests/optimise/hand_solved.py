"""Small systems with their solution on paper, and how such a system is put to the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from oemof import solph
from oemof.network import Node

from meishan_model.optimise import BackendName, Model, SolverName
from meishan_model.optimise.problem import LinearProblem
from meishan_model.optimise.solution import Solution
from meishan_model.results.files import open_results, result_path, write_atomically
from meishan_model.results.slice_file import SliceTables, slice_dataset, validate_slice

Edge = tuple[str, str]
Nodes = list[Node]
Demand = Mapping[str, Sequence[float]]
SOLVERS: tuple[SolverName, ...] = ("highs", "cbc")
WAYS: tuple[tuple[BackendName, SolverName], ...] = (
    ("linopy", "highs"),
    ("linopy", "cbc"),
    ("pyomo", "highs"),
    ("pyomo", "cbc"),
)
"""Every way from a graph to its optimum."""
OBJECTIVE = 1e-6
"""Relative tolerance of objectives."""
PRICE = 1e-4
"""Relative tolerance of prices."""
QUANTITY = 1e-5
"""Tolerance of flows, contents and capacities, relative above one."""

_KINDS = {
    solph.Bus: "bus",
    solph.components.Source: "source",
    solph.components.Sink: "sink",
    solph.components.Converter: "converter",
    solph.components.Link: "link",
    solph.components.GenericStorage: "storage",
}


@dataclass(frozen=True)
class Hand:
    """A system and its solution on paper.

    Attributes
    ----------
    build
        Makes the nodes for a demand [MW], which is a sink on the buses in `demand`.
    demand
        Demand in each hour by bus.
    objective
        Cost of the optimum.
    flows, prices, contents, investments
        What the optimum must show, by flow, bus, storage, and flow or storage.
    initial_contents
        By storage.
    limits, limit_prices
        Integral limits, and what one unit less of each would cost.
    resolve
        Whether the prices are also proven by solving again with more demand.
    ways
        Backends and solvers that must find it.
    """

    build: Callable[[Demand], Nodes]
    demand: Demand
    objective: float
    flows: Mapping[Edge, Sequence[float]] = field(default_factory=dict)
    prices: Mapping[str, Sequence[float]] = field(default_factory=dict)
    contents: Mapping[str, Sequence[float]] = field(default_factory=dict)
    initial_contents: Mapping[str, float] = field(default_factory=dict)
    investments: Mapping[Edge | str, float] = field(default_factory=dict)
    limits: Mapping[str, float] | None = None
    limit_prices: Mapping[str, float] = field(default_factory=dict)
    resolve: bool = True
    ways: tuple[tuple[BackendName, SolverName], ...] = WAYS


def stamps(hours: int) -> pd.DatetimeIndex:
    """First hours of a year."""
    return pd.date_range("2035-01-01", periods=hours, freq="h")


def energy_system(hours: int, nodes: Nodes) -> solph.EnergySystem:
    """A graph on an hourly index."""
    index = pd.date_range("2023-01-01", periods=hours + 1, freq="h")
    found = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    found.add(*nodes)
    return found


def demand_on(bus: solph.Bus, demand: Demand) -> solph.components.Sink:
    """A sink that takes the demand of a bus."""
    flow = solph.Flow(nominal_capacity=1.0, fix=list(demand[str(bus.label)]))
    return solph.components.Sink(label=f"{bus.label}_demand", inputs={bus: flow})


def source(label: str, bus: solph.Bus, **flow: object) -> solph.components.Source:
    """A source on a bus."""
    return solph.components.Source(label=label, outputs={bus: solph.Flow(**flow)})


def solve(
    hand: Hand,
    way: tuple[BackendName, SolverName] | None = None,
    demand: Demand | None = None,
    limits: Mapping[str, float] | None = None,
) -> tuple[solph.EnergySystem, Solution]:
    """Solve the system in the first or a given way, with another demand or limits if given."""
    used = demand or hand.demand
    hours = len(next(iter(used.values())))
    graph = energy_system(hours, hand.build(used))
    backend, solver = way or hand.ways[0]
    model = Model(graph, limits or hand.limits, backend=backend, index=stamps(hours))
    return graph, model.solve(solver=solver)


def prove(hand: Hand, folder: Path) -> None:
    """Prove the solution on paper in every way, after saving, and by solving again.

    Both solvers on both statements of the problem must find it and agree with each other; the
    first dataset, saved and reloaded, must show it too; and one MWh more of demand in an hour must
    cost the price of that hour.
    """
    found = []
    for way in hand.ways:
        graph, solution = solve(hand, way)
        found.append(solution)
        compare(hand, solution)
        if way == hand.ways[0]:
            compare_saved(hand, saved(graph, solution, folder), solution)
        for keyword, price in hand.limit_prices.items():
            assert solution.limit_price is not None
            close(solution.limit_price[keyword], price, PRICE, f"limit {keyword}, {way}")
    one, *others = found
    assert one.bus_price is not None
    for other in others:
        assert other.bus_price is not None
        close(one.objective, other.objective, OBJECTIVE, "objectives of two ways")
        for bus in hand.prices:
            close(one.bus_price[bus], other.bus_price[bus], PRICE, f"prices of {bus} in two ways")
    if hand.resolve:
        prices_by_solving_again(hand)


def close(actual: object, expected: object, tolerance: float, what: str) -> None:
    """Assert equality within a tolerance, relative above one."""
    np.testing.assert_allclose(
        np.asarray(actual, dtype=float),
        np.asarray(expected, dtype=float),
        rtol=tolerance,
        atol=tolerance,
        err_msg=what,
    )


def compare(hand: Hand, solution: Solution) -> None:
    """Compare a solution with the one on paper."""
    close(solution.objective, hand.objective, OBJECTIVE, "objective")
    for edge, values in hand.flows.items():
        close(solution.flow[edge], values, QUANTITY, f"flow {edge}")
    assert solution.bus_price is not None
    for bus, values in hand.prices.items():
        close(solution.bus_price[bus], values, PRICE, f"price of {bus}")
    for storage, values in hand.contents.items():
        close(solution.storage_content[storage], values, QUANTITY, f"content of {storage}")
    for storage, value in hand.initial_contents.items():
        close(solution.initial_content[storage], value, QUANTITY, f"start of {storage}")
    for place, value in hand.investments.items():
        built = (
            solution.storage_investment[place]
            if isinstance(place, str)
            else solution.flow_investment[place]
        )
        close(built, value, QUANTITY, f"investment {place}")


def compare_saved(hand: Hand, ds: xr.Dataset, solution: Solution) -> None:
    """Compare what lies on disk with the solution on paper and, bit by bit, with the solution."""
    close(ds.attrs["objective"], hand.objective, OBJECTIVE, "saved objective")
    for edge, values in hand.flows.items():
        close(ds["power"].sel(flow="->".join(edge)), values, QUANTITY, f"saved flow {edge}")
    for bus, values in hand.prices.items():
        close(ds["price"].sel(bus=bus), values, PRICE, f"saved price of {bus}")
    for storage, values in hand.contents.items():
        saved_content = ds["storage_content"].sel(storage=storage)
        close(saved_content, values, QUANTITY, f"saved content of {storage}")
    for place, value in hand.investments.items():
        close(ds["capacity_new"].sel(asset=_name(place)), value, QUANTITY, f"saved {place}")
    for edge in solution.flow.columns:
        stored = ds["power"].sel(flow="->".join(edge)).to_numpy()
        assert (stored == solution.flow[edge].to_numpy()).all(), edge
    assert solution.bus_price is not None
    assert (ds["price"].to_numpy() == solution.bus_price.to_numpy().T).all()
    assert list(ds["storage"].to_numpy()) == list(solution.storage_content)
    assert (ds["storage_content"].to_numpy() == solution.storage_content.to_numpy().T).all()


def prices_by_solving_again(hand: Hand) -> None:
    """One MWh more of demand in one hour must cost the price of that hour."""
    for bus, prices in hand.prices.items():
        if bus not in hand.demand:
            continue
        for hour, price in enumerate(prices):
            more = list(hand.demand[bus])
            more[hour] += 1.0
            _, solution = solve(hand, demand={**hand.demand, bus: more})
            cost = solution.objective - hand.objective
            close(cost, price, PRICE, f"cost of one more MWh on {bus} in hour {hour}")


def _name(place: Edge | str) -> str:
    return place if isinstance(place, str) else " to ".join(place)


def saved(graph: solph.EnergySystem, solution: Solution, folder: Path) -> xr.Dataset:
    """Save a solution as the contract says, prove that the file is right, and read it back."""
    ds = slice_dataset(tables(graph, solution))
    assert validate_slice(ds) == []
    hours = len(solution.flow)
    write_atomically(ds, result_path(folder, "hand", 2035, hours=hours))
    read = open_results("hand", 2035, folder, hours=hours)
    xr.testing.assert_identical(ds, read)
    return read


def _ways(source: str, target: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """The bus of a flow and its way."""
    out = kinds[source] == "bus"
    return {"bus": source if out else target, "way": "out" if out else "in"}


def tables(graph: solph.EnergySystem, solution: Solution) -> SliceTables:
    """Tables of a plain graph: its cost is one item, its assets are its investments."""
    edges = list(solution.flow.columns)
    flows = solution.flow.set_axis(["->".join(edge) for edge in edges], axis=1)
    texts = {"carrier": "electricity", "zone": "here", "unit": "MW", "role": "transport"}
    empty = ("technology", "asset", "sector", "customer", "stage", "contract")
    texts |= dict.fromkeys(empty, "")
    kinds = {str(n.label): _KINDS[type(n)] for n in graph.nodes}
    stores = [n for n in graph.nodes if isinstance(n, solph.components.GenericStorage)]
    built = {**solution.storage_investment, **solution.flow_investment}
    return SliceTables(
        flows=flows,
        flow_table=pd.DataFrame(
            [{"source": a, "target": b, **texts, **_ways(a, b, kinds)} for a, b in edges],
            index=flows.columns,
        ),
        node_kind=pd.Series(kinds, dtype=object),
        node_words={name: (name,) for name in kinds},
        storage_content=solution.storage_content,
        storage_table=pd.DataFrame(
            {
                "initial_content": [solution.initial_content[str(n.label)] for n in stores],
                "loss_rate": [float(n.loss_rate[0]) for n in stores],
                "inflow_efficiency": [float(n.inflow_conversion_factor[0]) for n in stores],
                "outflow_efficiency": [float(n.outflow_conversion_factor[0]) for n in stores],
            },
            index=[str(n.label) for n in stores],
            dtype=float,
        ),
        price=solution.bus_price,
        price_note="" if solution.bus_price is not None else "the solver gives no duals",
        asset_table=pd.DataFrame(
            [
                {
                    "capacity": value,
                    "capacity_existing": 0.0,
                    "capacity_new": value,
                    "capacity_bridge": 0.0,
                    "capacity_lower": 0.0,
                    "capacity_upper": 1e3,
                    "unit": "MW",
                    "technology": "any",
                    "zone": "here",
                }
                for value in built.values()
            ],
            index=[_name(place) for place in built],
            columns=[
                *("capacity", "capacity_existing", "capacity_new", "capacity_bridge"),
                *("capacity_lower", "capacity_upper", "unit", "technology", "zone"),
            ],
        ),
        bound_terms=pd.DataFrame(columns=["asset", "kind", "year", "amount"]),
        cost_table=pd.DataFrame(
            {
                "component": ["all"],
                "category": ["variable"],
                "payer": ["park"],
                "value": [solution.objective],
            },
            index=["all"],
        ),
        emission_table=pd.DataFrame({"scope": [], "carrier": [], "value": []}, index=[]),
        energy_table=pd.DataFrame(
            {
                "sector": [],
                "carrier": [],
                "energy_mwh": [],
                "energy_tce_equivalent": [],
                "energy_tce_calorific": [],
            },
            index=[],
        ),
        attributes={
            "park": "paper",
            "power_carrier": "electricity",
            "scenario": "hand",
            "year": int(flows.index[0].year),
            "hours": len(flows),
            "solver": solution.solver,
            "backend": "pyomo",
            "objective": solution.objective,
            "objective_constant": 0.0,
            "optimality_gap": solution.gap if np.isfinite(solution.gap) else 0.0,
            "solve_seconds": 0.0,
            "build_seconds": 0.0,
            "cost_sheet": "paper",
            "inputs_sha256": "0" * 64,
            "code_sha256": "0" * 64,
            "model_version": "0",
            "history": "; ".join(solution.history),
        },
    )


def stated(hand: Hand, backend: BackendName = "linopy") -> LinearProblem:
    """The problem of a system in arrays."""
    hours = len(next(iter(hand.demand.values())))
    return Model(
        energy_system(hours, hand.build(hand.demand)), hand.limits, backend=backend
    ).problem
