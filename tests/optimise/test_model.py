"""The face of the engine: its examples run, its stamps, and what the bounds of capacities cost."""

from __future__ import annotations

import doctest
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from face_systems import UNEVEN, Nodes, made_or_not, uneven
from hand_solved import WAYS, close, demand_on, energy_system, source
from oemof import solph

import meishan_model.optimise
from meishan_model.optimise import BackendName, Model, ModelError, SolverName, model
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.solve import solve_problem

Way = tuple[BackendName, SolverName]
Bounds = Mapping[str, float]
STEP = 0.01
"""Change of a bound, small enough that the optimum stays where it is."""
each_way = pytest.mark.parametrize("way", WAYS, ids="-".join)


def test_the_example_runs() -> None:
    """The docstring of the model is what a Python prompt says."""
    found = doctest.testmod(model, raise_on_error=True)
    assert found.attempted > 10


def test_the_usage_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the package says of its use is true, on a plant, sun and a load."""
    monkeypatch.chdir(tmp_path)
    text = str(meishan_model.optimise.__doc__)
    blocks = re.findall(r"code-block:: python\n\n((?: {4}.*\n|\n)+)", text)
    assert len(blocks) == 2
    bus = solph.Bus("bus")
    load = solph.components.Sink("load", inputs={bus: solph.Flow(nominal_capacity=1, fix=[2, 3])})
    sun = source("sun", bus, nominal_capacity=solph.Investment(ep_costs=90.0), fix=[0.2, 0.8])
    system = energy_system(2, [bus, load, sun, source("plant", bus, variable_costs=50.0)])
    code = "".join(textwrap.dedent(block) for block in blocks)
    names: dict[str, Any] = {"energy_system": system}
    exec(code.replace("from optimise", "from meishan_model.optimise"), names)
    assert names["solution"].objective == pytest.approx(250.0)
    # 0.3 of 5 are 1.5 units of sun at 90, which serve as much of the load of 50 a unit.
    assert names["model"].solve().objective == pytest.approx(250.0 + 1.5 * 40.0)
    assert (tmp_path / "problem.lp").is_file()


def three_plants(bounds: Bounds) -> Nodes:
    """Sun up to 2, at least 1 of wind, an engine, and a grid at 30 for a load of 4 and 6."""
    bus = solph.Bus("bus")

    def built(cost: float, **limits: float) -> solph.Investment:
        return solph.Investment(ep_costs=cost, **limits)

    sun = built(45.0, maximum=2.0 + bounds.get("sun", 0.0))
    wind = built(40.0, minimum=1.0 + bounds.get("wind", 0.0), existing=0.0)
    return [
        bus,
        source("sun", bus, nominal_capacity=sun, fix=[1.0, 1.0]),
        source("wind", bus, nominal_capacity=wind, fix=[0.5, 0.0]),
        source("engine", bus, nominal_capacity=built(10.0), variable_costs=[20.0, 22.0]),
        source("grid", bus, variable_costs=30.0),
        demand_on(bus, {"bus": (4.0, 6.0)}),
    ]


@each_way
def test_reduced_costs_on_paper(way: Way) -> None:
    """The engine is built for the 1.5 that are left in the first step: p1 - 20 + 30 - 22 = 10.

    So a unit costs 22 in the first step and 30 in the second. Sun is worth 52 at a cost of 45,
    wind 11 at a cost of 40, and the engine, between its bounds, what it costs.
    """
    backend, solver = way
    found = Model(energy_system(2, three_plants({})), backend=backend).solve(solver=solver)
    assert found.objective == pytest.approx(90.0 + 40.0 + 15.0 + 30.0 + 33.0 + 75.0)
    told = found.flow_investment_reduced_cost
    assert told is not None
    assert told == {
        ("sun", "bus"): pytest.approx(45.0 - 52.0, rel=1e-5),
        ("wind", "bus"): pytest.approx(40.0 - 11.0, rel=1e-5),
        ("engine", "bus"): 0.0,
    }
    assert found.storage_investment_reduced_cost == {}
    for name in ("sun", "wind"):
        other = energy_system(2, three_plants({name: STEP}))
        moved = Model(other, backend=backend).solve(solver=solver).objective - found.objective
        close(moved / STEP, told[name, "bus"], 1e-4, f"bound of {name}")


def battery(bounds: Bounds) -> Nodes:
    """Power at 10 and then 50 for a load of 1 and 3, and a battery at 25."""
    bus = solph.Bus("bus")
    limits = {name: value for name, value in bounds.items() if name in ("minimum", "maximum")}
    store = solph.components.GenericStorage(
        "battery",
        inputs={bus: solph.Flow()},
        outputs={bus: solph.Flow()},
        nominal_capacity=solph.Investment(ep_costs=25.0, **limits),
        initial_storage_level=0.0,
    )
    grid = source("grid", bus, variable_costs=[10.0, 50.0])
    return [bus, store, grid, demand_on(bus, {"bus": (1.0, 3.0)})]


@each_way
@pytest.mark.parametrize(
    ("bound", "value", "built", "reduced"),
    [
        ("maximum", 1.0, 1.0, 25.0 - 40.0),
        ("maximum", 9.0, 3.0, 0.0),
        ("minimum", 4.0, 4.0, 25.0),
    ],
)
def test_reduced_cost_of_a_storage(
    way: Way, bound: str, value: float, built: float, reduced: float
) -> None:
    """A unit of battery saves 50 - 10 as long as there is load for it, which is 3."""
    backend, solver = way

    def solved(limit: float) -> Any:
        nodes = battery({bound: limit})
        return Model(energy_system(2, nodes), backend=backend).solve(solver=solver)

    found = solved(value)
    assert found.storage_investment == {"battery": pytest.approx(built, abs=1e-5)}
    assert found.storage_investment_reduced_cost == {"battery": pytest.approx(reduced, rel=1e-5)}
    moved = solved(value + STEP).objective - found.objective
    close(moved / STEP, reduced, 1e-4, "bound")


def test_reduced_costs_of_what_is_made_or_not() -> None:
    """With the decisions held, a bound counts where an investment is made, and else does not."""
    found = Model(uneven(made_or_not())).solve()
    told = {**(found.flow_investment_reduced_cost or {})}
    stores = {**(found.storage_investment_reduced_cost or {})}
    assert told["dear", "power"] == stores["dear_store"] == 0.0
    assert told["made", "power"] < 0.0 and stores["cheap_store"] < 0.0
    for name, reduced in (("made", told["made", "power"]), ("cheap_store", stores["cheap_store"])):
        system = uneven(made_or_not())
        node = system.node[name]
        owner = node if name == "cheap_store" else next(iter(node.outputs.values()))
        owner.investment.maximum = [owner.investment.maximum[0] + STEP]
        moved = Model(system).solve().objective - found.objective
        close(moved / STEP, reduced, 1e-4, f"bound of {name}")


def test_reduced_costs_do_not_hang_on_where_a_solver_puts_a_dual() -> None:
    """An investment that is made at its maximum has that bound twice, as a bound and as a row.

    A solver puts the dual on either of them; that of the row moved to the bound, or half of it, is
    as good an optimum of the duals.
    """
    stated = Model(uneven(made_or_not()))
    problem = stated.problem
    raw = solve_problem(problem)
    assert raw.row_duals is not None
    found = extract(problem, raw, stated.index).flow_investment_reduced_cost
    assert found is not None
    row = problem.labels.rows["maximum_invest(made->power)"][0]
    for share in (0.0, 0.5, 1.0):
        duals = raw.row_duals.copy()
        duals[row] = share * found["made", "power"]
        moved = extract(problem, replace(raw, row_duals=duals), stated.index)
        told = moved.flow_investment_reduced_cost
        assert told is not None
        assert told["made", "power"] == pytest.approx(found["made", "power"])


def random_plants(rng: np.random.Generator) -> Callable[[Mapping[str, float]], Nodes]:
    """Plants, each with a profile, a cost and bounds, on a load of four steps with a dear grid."""
    count, steps = 4, 4
    cost = rng.uniform(10.0, 120.0, count)
    profile = rng.uniform(0.0, 1.0, (count, steps))
    least = rng.choice([0.0, 0.7, 1.9], count)
    most = least + rng.choice([0.3, 2.1, np.inf], count)
    price, load = rng.uniform(20.0, 90.0, steps), rng.uniform(3.0, 9.0, steps)

    def build(more: Mapping[str, float]) -> Nodes:
        bus = solph.Bus("bus")
        nodes: Nodes = [bus, demand_on(bus, {"bus": tuple(load)})]
        nodes += [source("grid", bus, variable_costs=price)]
        nodes += [solph.components.Sink("surplus", inputs={bus: solph.Flow()})]
        for i in range(count):
            change = more.get(f"plant{i}", 0.0)
            size = solph.Investment(
                ep_costs=cost[i], minimum=least[i] + change, maximum=most[i] + change
            )
            shape = {"fix" if i % 2 else "maximum": profile[i]}
            nodes.append(source(f"plant{i}", bus, nominal_capacity=size, **shape))
        return nodes

    return build


@pytest.mark.parametrize("seed", range(12))
def test_a_bound_is_worth_its_reduced_cost(seed: int) -> None:
    """Both bounds of a capacity a little higher cost its reduced cost, whichever of them it is at.

    The sign says which: positive at the lower, negative at the upper, zero between.
    """
    build = random_plants(np.random.default_rng(seed))
    stated = Model(energy_system(4, build({})))
    found = stated.solve(methods=("simplex",))
    told = found.flow_investment_reduced_cost
    assert told is not None and len(told) == 4
    labels = stated.problem.labels.flow_investment
    for (name, _), reduced in told.items():
        column = labels[name, "bus"].positions[0]
        lower, upper = stated.problem.column_lower[column], stated.problem.column_upper[column]
        value = found.flow_investment[name, "bus"]
        assert np.sign(reduced) in (
            *([1.0] if value == pytest.approx(lower) else []),
            *([-1.0] if value == pytest.approx(upper) else []),
            0.0,
        )
        moved = Model(energy_system(4, build({name: 1e-4}))).solve(methods=("simplex",))
        close((moved.objective - found.objective) / 1e-4, reduced, 1e-4, f"bounds of {name}")


def test_without_duals_there_are_none() -> None:
    """Prices, reduced costs and duals of rows are left out where a solver gives no duals."""
    stated = Model(energy_system(2, three_plants({})))
    stated.add_rows("own", stated.flow("grid", "bus"), "<=", 9.0)
    raw = replace(solve_problem(stated.problem), row_duals=None)
    found = extract(stated.problem, raw, stated.index)
    assert found.bus_price is None
    assert found.limit_price is None
    assert found.flow_investment_reduced_cost is None
    assert found.storage_investment_reduced_cost is None
    assert found.row_dual is None
    assert set(found.to_xarray()) == {
        "flow",
        "storage_content",
        "initial_content",
        "flow_investment",
        "storage_investment",
    }


def test_the_index_is_that_of_the_energy_system() -> None:
    """Times, numbers and inferred last intervals stand in the flows; a given index takes over."""
    bus = solph.Bus("bus")

    def stamps(**time: Any) -> list[Any]:
        system = solph.EnergySystem(**time)
        system.add(bus, source("plant", bus), demand_on(bus, {"bus": (1.0, 2.0)}))
        return list(Model(system).solve().flow.index)

    hours = pd.date_range("2035-01-01", periods=3, freq="h")
    assert stamps(timeindex=hours, infer_last_interval=False) == list(hours[:2])
    assert stamps(timeindex=hours[:2], infer_last_interval=True) == list(hours[:2])
    assert stamps(timeindex=[2.0, 2.5, 7.0], infer_last_interval=False) == [2.0, 2.5]
    assert stamps(timeindex=[4, 5, 9], infer_last_interval=False) == [4, 5]
    assert stamps(timeindex=UNEVEN[:3], infer_last_interval=False) == list(UNEVEN[:2])


def test_no_time_no_model() -> None:
    """An energy system without a time index is refused, and so is a backend that is not there."""
    with pytest.raises(ModelError, match="an energy system without time steps"):
        Model(solph.EnergySystem())
    with pytest.raises(ModelError, match="no backend cvxpy; linopy and pyomo are known"):
        Model(energy_system(2, three_plants({})), backend="cvxpy")  # type: ignore[arg-type]
