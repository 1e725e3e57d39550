"""The same inputs give the same result: in two runs, by both solvers, and where plants tie."""

from __future__ import annotations

import numpy as np
import pytest
from hand_solved import WAYS, Demand, Nodes, demand_on, energy_system, source, stamps
from hypothesis import given, settings
from hypothesis import strategies as st
from oemof import solph
from tiny_park import Recipe, park

from meishan_model.optimise.extract import Solution
from meishan_model.optimise.linopy_backend import state_problem
from meishan_model.optimise.solve import BackendName, SolverName, optimise
from meishan_model.optimise.tie_break import STEP, break_ties
from meishan_model.pathway.solve_slice import solve_slice

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
    found, _ = optimise(graph, stamps(3), solver=solver, backend=backend, tie_break=tie_break)
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


@settings(max_examples=8)
@given(prices=st.lists(st.floats(1e4, 1e6), min_size=4, max_size=4))
def test_a_tie_break_costs_next_to_nothing(prices: list[float]) -> None:
    """Its optimum costs at most the steps times the capacities more than the optimum."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [bus, demand_on(bus, DEMAND)]
    for number, price in enumerate(prices):
        size = solph.Investment(ep_costs=price, maximum=4.0)
        nodes.append(source(f"plant_{number}", bus, nominal_capacity=size))
    costs = [
        optimise(energy_system(3, nodes), stamps(3), tie_break=way)[0].objective
        for way in (False, True)
    ]
    dearer = costs[1] - costs[0]
    tolerance = 1e-7 * costs[0]
    assert -tolerance <= dearer <= 9.0 * len(prices) * STEP + tolerance


def test_only_capacities_are_ranked() -> None:
    """Costs of flows stay, those of capacities rise by one step each in the order of names."""
    problem = state_problem(energy_system(3, twins(DEMAND)))
    raised = break_ties(problem).cost - problem.cost
    places = {s: c.positions[0] for (s, _), c in problem.labels.flow_investment.items()}
    expected = np.zeros_like(raised)
    for rank, name in enumerate(["Z", "a", "b", "c"], start=1):
        expected[places[name]] = rank * STEP
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
