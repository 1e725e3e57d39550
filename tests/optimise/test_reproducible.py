"""The same inputs give the same result: in two runs, by both solvers, and where plants tie."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hand_solved import WAYS, Demand, Nodes, demand_on, energy_system, source
from hypothesis import given, settings
from hypothesis import strategies as st
from oemof import solph
from tiny_park import Recipe, park

from meishan_model.optimise import BackendName, Model, SolverName
from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.problem import LinearProblem, RawSolution
from meishan_model.optimise.solution import Solution
from meishan_model.optimise.solvers.acceptance import STRICT
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.optimise.solvers.tie_break import DEARER, STEP, break_ties, ranks, solve_untied
from meishan_model.planning.solve_slice import solve_slice

Way = tuple[BackendName, SolverName]
DEMAND = {"bus": (6.0, 9.0, 4.0)}


def twins(demand: Demand) -> Nodes:
    """Three plants that are alike but for their names, and one that costs more."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, demand)]
    for name, price in (("b", 1e5), ("a", 1e5), ("c", 1e5), ("Z", 1.1e5)):
        size = solph.Investment(ep_costs=price, maximum=7.0)
        nodes.append(source(name, bus, nominal_capacity=size))
    return nodes


def built(way: Way, tie_break: bool) -> tuple[dict[str, float], Solution]:
    """Capacities by plant, and the solution."""
    backend, solver = way
    graph = energy_system(3, twins(DEMAND))
    found = Model(graph, backend=backend).solve(solver=solver, tie_break=tie_break)
    return {source: size for (source, _), size in found.flow_investment.items()}, found


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_the_first_of_equals_is_built(way: Way) -> None:
    """9 MW of three twins of 7 MW: 7 of a and 2 of b, and the cost is told without the tie-break.

    Any other division costs as much, 9 times 1e5; c and the dearer Z are not built, though Z
    stands first by name.
    """
    sizes, found = built(way, tie_break=True)
    assert sizes == pytest.approx({"a": 7.0, "b": 2.0, "c": 0.0, "Z": 0.0}, abs=1e-3)
    assert found.objective == pytest.approx(9e5, rel=1e-6)
    _, free = built(way, tie_break=False)
    assert free.objective == pytest.approx(found.objective, rel=1e-6)


def chain(demand: Demand) -> Nodes:
    """Two ways in two parts each, alike in cost: of names 1 and 4, and of names 2 and 3."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, demand)]
    for first, second in (("1", "4"), ("2", "3")):
        middle = solph.Bus(label=f"middle_{first}")
        flow = solph.Flow(nominal_capacity=solph.Investment(ep_costs=1e5))
        line = solph.components.Converter(
            label=f"{second}_line", inputs={middle: solph.Flow()}, outputs={bus: flow}
        )
        size = solph.Investment(ep_costs=1e5)
        nodes += [middle, line, source(f"{first}_plant", middle, nominal_capacity=size)]
    return nodes


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_chains_that_cost_the_same_are_one_plan(way: Way) -> None:
    """Ranks 1 + 4 and 2 + 3 are 4.06 and 3.97: 9 MW are built of 2 and 3, by all solvers.

    With ranks of 1, 2, 3 and 4 both ways would cost the same again. The two sums are 0.8 CNY
    apart, of which an interior point at a gap of 1e-8 may leave 0.02 open.
    """
    backend, solver = way
    graph = energy_system(3, chain(DEMAND))
    found = Model(graph, backend=backend).solve(solver=solver, tie_break=True)
    sizes = {source: size for (source, _), size in found.flow_investment.items()}
    expected = {"1_plant": 0.0, "4_line": 0.0, "2_plant": 9.0, "3_line": 9.0}
    assert sizes == pytest.approx(expected, abs=1e-2)
    assert found.objective == pytest.approx(18e5, rel=1e-6)


def test_no_two_pairs_of_ranks_have_one_sum() -> None:
    """Ranks grow, and those of 40 names differ in all sums of two by more than rounding."""
    found = ranks(40)
    assert found[:4] == pytest.approx(np.sqrt([2.0, 3.0, 5.0, 7.0]))
    assert (np.diff(found) > 0.0).all()
    sums = sorted(a + b for a, b in combinations(found.tolist(), 2))
    assert np.diff(sums).min() > 1e-7


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_prices_are_those_without_ranks(way: Way) -> None:
    """One more MWh at the peak costs 10 and the capacity of 30, whatever stands before by name.

    30 names that are too dear to be built stand before the plant; its rank is no part of a price.
    """
    backend, solver = way
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, {"bus": (4.0, 9.0)})]
    for number in range(30):
        size = solph.Investment(ep_costs=1e4)
        nodes.append(source(f"dear_{number:02}", bus, nominal_capacity=size))
    size = solph.Investment(ep_costs=30.0)
    nodes.append(source("plant", bus, nominal_capacity=size, variable_costs=10.0))
    model = Model(energy_system(2, nodes), backend=backend)
    found = model.solve(solver=solver, tie_break=True)
    assert found.bus_price is not None
    assert found.bus_price["bus"].to_list() == pytest.approx([10.0, 40.0], rel=1e-4)
    assert found.objective == pytest.approx(13 * 10.0 + 9 * 30.0, rel=1e-6)
    assert found.gap <= STRICT.gap


@settings(max_examples=8)
@given(prices=st.lists(st.floats(1e4, 1e6), min_size=4, max_size=4))
def test_a_tie_break_costs_next_to_nothing(prices: list[float]) -> None:
    """Its plan costs at most the share more that it may."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, DEMAND)]
    for number, price in enumerate(prices):
        size = solph.Investment(ep_costs=price, maximum=4.0)
        nodes.append(source(f"plant_{number}", bus, nominal_capacity=size))
    costs = [
        Model(energy_system(3, nodes)).solve(tie_break=way).objective for way in (False, True)
    ]
    assert costs[1] == pytest.approx(costs[0], rel=DEARER + 1e-7)


def pair(first: float, second: float, **investment: float) -> LinearProblem:
    """Two plants at two prices of capacity [CNY/MW], a before b, that serve 9 MW at the peak."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, DEMAND)]
    for name, price in (("a", first), ("b", second)):
        size = solph.Investment(ep_costs=price, **investment)
        nodes.append(source(name, bus, nominal_capacity=size, variable_costs=1.0))
    return state_problem(energy_system(3, nodes))


def sizes_of(problem: LinearProblem, raw: RawSolution) -> dict[str, float]:
    """Capacities by plant."""
    labels = problem.labels.flow_investment
    return {name: float(c.values(raw.column_values)[0]) for (name, _), c in labels.items()}


def test_what_is_dearer_is_no_tie(caplog: pytest.LogCaptureFixture) -> None:
    """At 1.2 against 1.0 CNY/MW the ranks, 0.32 apart, would build the dearer: it is refused.

    b alone costs 9 and 19 for what it burns; the history says why the ranks did not choose.
    """
    problem = pair(1.2, 1.0)
    with caplog.at_level("WARNING"):
        raw = solve_untied(problem, solve_highs)
    assert sizes_of(problem, raw) == pytest.approx({"a": 0.0, "b": 9.0}, abs=1e-5)
    assert raw.objective == pytest.approx(9.0 + 19.0, rel=1e-6)
    assert raw.history[-1] == "ties not broken: the plan by ranks costs 6.4e-02 more"
    assert caplog.messages[-1] == raw.history[-1]


def test_without_the_second_solve_the_first_holds(caplog: pytest.LogCaptureFixture) -> None:
    """A solver that fails with the ranks leaves the optimum without them, and says so."""
    problem = pair(1e5, 1e5)

    def solve(stated: LinearProblem) -> RawSolution:
        if stated is not problem:
            raise SolverError("out of time")
        return solve_highs(stated)

    with caplog.at_level("WARNING"):
        raw = solve_untied(problem, solve)
    assert raw.objective == pytest.approx(9e5 + 19.0, rel=1e-6)
    assert raw.history[-1] == "ties not broken: no solution with ranks: out of time"
    assert caplog.messages[-1] == raw.history[-1]


def test_where_nothing_is_built_nothing_is_solved_twice() -> None:
    """Without capacities there is one solve."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, DEMAND), source("grid", bus, variable_costs=1.0)]
    problem = state_problem(energy_system(3, nodes))
    assert solve_untied(problem, solve_highs).history == solve_highs(problem).history


@pytest.mark.parametrize("first", ["lean", "plain"])
def test_plants_with_a_fixed_cost_have_the_prices_of_their_plan(first: str) -> None:
    """Two plants that cost 42 each: the first by name is built, and the prices are its own.

    The lean one costs 5, 2 a MW and 1 a MWh (5 + 18 + 19), the plain one 4 and 2 a MWh
    (4 + 38): one MWh more at the peak costs 3 with the one and 2 with the other. Whichever the
    first solve found, its prices would be wrong for the other plan.
    """
    kinds = {"lean": (5.0, 2.0, 1.0), "plain": (4.0, 0.0, 2.0)}
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, DEMAND)]
    for kind, (fixed, price, variable) in kinds.items():
        size = solph.Investment(ep_costs=price, offset=fixed, maximum=10.0, nonconvex=True)
        name = "a" if kind == first else "b"
        nodes.append(source(name, bus, nominal_capacity=size, variable_costs=variable))
    problem = state_problem(energy_system(3, nodes))
    raw = solve_untied(problem, solve_highs)
    assert sizes_of(problem, raw) == pytest.approx({"a": 9.0, "b": 0.0}, abs=1e-6)
    assert raw.objective == pytest.approx(42.0, rel=1e-6)
    assert raw.row_duals is not None
    prices = raw.row_duals[problem.labels.bus_balance["bus"]]
    expected = {"lean": [1.0, 3.0, 1.0], "plain": [2.0, 2.0, 2.0]}
    assert np.abs(prices) == pytest.approx(expected[first], rel=1e-6)


def test_only_capacities_are_ranked() -> None:
    """Costs of flows stay, those of capacities rise by their rank in the order of names."""
    problem = state_problem(energy_system(3, twins(DEMAND)))
    raised = break_ties(problem).cost - problem.cost
    places = {s: c.positions[0] for (s, _), c in problem.labels.flow_investment.items()}
    expected = np.zeros_like(raised)
    for prime, name in ((2, "Z"), (3, "a"), (5, "b"), (7, "c")):
        expected[places[name]] = np.sqrt(prime) * STEP
    assert raised == pytest.approx(expected)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_two_runs_are_one(solver: SolverName) -> None:
    """The same slice solved twice in one process is the same to the last digit."""
    recipe = Recipe(load=(10.0, 8.0, 3.0))
    first, second = (solve_slice(park(recipe).task(solver)) for _ in range(2))
    for name in first.data_vars:
        if first[name].dtype.kind == "f":
            np.testing.assert_array_equal(first[name], second[name], err_msg=str(name))
    assert first.attrs["objective"] == second.attrs["objective"]
