"""Costs far above all others: every way finds the exact optimum, and its part without penalties.

A solver is exact to a share of the whole, so that beside a penalty of 1e12 the cost of the plants
is nothing. Here both the objective and what is left of it without penalties must be right to 1e-6
of their own size, judged by the optimum in rational numbers of the problem as ``solph.Model``
states it. The random graphs go through both backends, the others through one, since it is the
problem in arrays that is solved. ``penalty_sweep.py`` does the same with as many random graphs as
wanted.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import pytest
from penalty_graphs import Node, PenaltyGraph, penalty_graph
from penalty_judge import Judge
from random_graphs import Plan

from meishan_model.optimise import BackendName, SolverName
from meishan_model.optimise.problem import Edge

Judgement = tuple[BackendName, bool, list[str]]
SOLVERS = pytest.mark.parametrize("solver", ["highs", "cbc"])
METHODS = pytest.mark.parametrize("method", ["hipo", "piqp", "simplex"])
BACKENDS: tuple[BackendName, ...] = ("linopy", "pyomo")
LEAN = BACKENDS[:1]
"""Where the random graphs prove that the backend makes no difference, one is enough."""


@cache
def judge_of(seed: int, integers: bool = False) -> Judge:
    return Judge(penalty_graph(seed, integers))


def wrong(
    judge: Judge,
    solver: SolverName,
    methods: tuple[str, ...] | None = None,
    backends: tuple[BackendName, ...] = BACKENDS,
) -> list[Judgement]:
    """What is wrong by the backends, with penalties given and found by the engine."""
    ways = product(backends, (False, True))
    judged = [(b, given, judge.faults(b, solver, given, methods)) for b, given in ways]
    return [judgement for judgement in judged if judgement[2]]


@SOLVERS
@pytest.mark.parametrize("seed", range(5))
def test_random_graphs(seed: int, solver: SolverName) -> None:
    assert not wrong(judge_of(seed), solver)


@SOLVERS
@pytest.mark.parametrize("seed", range(2))
def test_random_graphs_with_a_fixed_cost(seed: int, solver: SolverName) -> None:
    assert not wrong(judge_of(seed, integers=True), solver)


@METHODS
@pytest.mark.parametrize("seed", range(2))
def test_each_method_alone(seed: int, method: str) -> None:
    assert not wrong(judge_of(seed), "highs", (method,), LEAN)


@pytest.mark.parametrize("seed", range(20))
def test_the_random_graphs_are_what_they_are_said_to_be(seed: int) -> None:
    """At most 60 columns, one to three kinds of penalties, the same for the same seed."""
    graph = penalty_graph(seed)
    assert graph == penalty_graph(seed)
    assert judge_of(seed).problem.matrix.shape[1] <= 60
    assert judge_of(seed).exact.status == "optimal"
    assert set(graph.penalties) <= {edge for edge, _ in graph.flows()}
    costs = [flow["variable_costs"] for edge, flow in graph.flows() if edge in graph.penalties]
    assert all(1.0 <= cost <= 1e12 for cost in costs)


def hand_made(
    nodes: list[Node], penalties: list[Edge], buses: str = "a", steps: int = 4
) -> PenaltyGraph:
    """A graph of hourly steps."""
    plan = Plan((1.0,) * steps, tuple((bus, True) for bus in buses), tuple(nodes), {})
    return PenaltyGraph(plan, tuple(penalties))


def source(label: str, bus: str = "a", **flow: Any) -> Node:
    return "Source", label, {}, {bus: flow}, {}


def sink(label: str, bus: str = "a", **flow: Any) -> Node:
    return "Sink", label, {bus: flow}, {}, {}


def demand(*values: float, bus: str = "a") -> Node:
    return sink(f"demand_{bus}", bus, nominal_capacity=1.0, fix=list(values))


def store(cost: float, size: float, **more: Any) -> Node:
    """A storage whose flows both cost something."""
    flow = {"variable_costs": cost} if cost else {}
    keywords = {"nominal_capacity": size, "balanced": True, **more}
    return "GenericStorage", "store", {"a": flow}, {"a": flow}, keywords


def is_right(judge: Judge, solver: SolverName, objective: float, other: float) -> None:
    """Compare the exact optimum with that by hand, and the engine's with the exact optimum."""
    assert float(judge.exact.objective) == pytest.approx(objective, rel=1e-12)
    least, most = judge.other_costs
    assert least == most
    assert float(least) == pytest.approx(other, rel=1e-12)
    assert not wrong(judge, solver, backends=LEAN)


STORE_FLOWS: list[Edge] = [("a", "store"), ("store", "a")]
SHED: list[Edge] = [("shed", "a")]


@SOLVERS
@pytest.mark.parametrize("cost", [1e8, 1e9, 1e10, 1e11, 1e12])
def test_a_store_that_is_to_stand_still(solver: SolverName, cost: float) -> None:
    """Most costs are penalties; 33 000 MWh at 50 are 1 650 000 without the store."""
    nodes = [
        demand(9000.0, 6000.0, 10_000.0, 8000.0),
        source("plant", variable_costs=50.0),
        store(cost, 5000.0, initial_storage_level=0.5),
    ]
    is_right(Judge(hand_made(nodes, STORE_FLOWS)), solver, 1_650_000.0, 1_650_000.0)


@SOLVERS
@pytest.mark.parametrize("cost", [1e8, 1e9, 1e10, 1e11, 1e12])
def test_a_store_that_would_spare_a_dear_plant(solver: SolverName, cost: float) -> None:
    """60 of 50, 70, 20 and 40 MW at 40, the rest at 190: 170 x 40 + 10 x 190 = 8700.

    With the store the peak could be served at 40 as well; its penalty is more than 150.
    """
    nodes = [
        demand(50.0, 70.0, 20.0, 40.0),
        source("plant", variable_costs=40.0, nominal_capacity=60.0),
        source("dear", variable_costs=190.0),
        store(cost, 50.0, initial_storage_level=0.5, inflow_conversion_factor=0.95),
    ]
    is_right(Judge(hand_made(nodes, STORE_FLOWS)), solver, 8700.0, 8700.0)


def short_of_power(cost: float) -> PenaltyGraph:
    """Plants of 50 and 20 MW and a store of 10 MWh for 60, 90, 40 and 75 MW."""
    nodes = [
        demand(60.0, 90.0, 40.0, 75.0),
        source("plant", variable_costs=30.0, nominal_capacity=50.0),
        source("second", variable_costs=80.0, nominal_capacity=20.0),
        source("shed", variable_costs=cost),
        store(0.0, 10.0),
    ]
    return hand_made(nodes, SHED)


@SOLVERS
@pytest.mark.parametrize("cost", [1e6, 1e9, 1e12])
def test_shedding_that_has_to_be_paid(solver: SolverName, cost: float) -> None:
    """10 MWh are shed, and what is served costs the least.

    20 MW are short in hour 2 and 5 MW in hour 4; the store gives 10 and 5 MWh. In hour 3 the first
    plant has 10 MW to spare at 30, of which 5 MWh are kept for hour 2 over the end; the second
    plant adds 5 MWh in hour 1. The first runs at 50 MW in every hour, the second at 10 + 5, 20, 0
    and 20 MW: 200 x 30 + 55 x 80 = 10 400.
    """
    is_right(Judge(short_of_power(cost)), solver, 10_400.0 + 10.0 * cost, 10_400.0)


def mostly_small_costs(cost: float) -> PenaltyGraph:
    """Sun, store and line that cost 1e-4, on the way to a bus with a plant and shedding."""
    small = {"variable_costs": 1e-4}
    nodes = [
        source("sun", nominal_capacity=20.0, maximum=[1.0, 0.0, 0.6, 0.2], **small),
        store(1e-4, 12.0),
        ("Link", "line", {"a": small}, {"b": {}}, {"conversion_factors": {("a", "b"): 1.0}}),
        demand(8.0, 8.0, 8.0, 8.0, bus="b"),
        source("plant", "b", variable_costs=50.0, nominal_capacity=6.0),
        source("shed", "b", variable_costs=cost),
    ]
    return hand_made(nodes, [("shed", "b")], "ab")


@SOLVERS
@pytest.mark.parametrize("cost", [1e4, 1e8, 1e12])
def test_small_costs_that_break_ties(solver: SolverName, cost: float) -> None:
    """The median of the costs is 1e-4, and the optimum has no other: 88 MWh at 1e-4.

    20, 0, 12 and 4 MW of sun for 8 MW in each hour. The store takes the 12 MW that are left in
    hour 1, and gives 8 in hour 2 and 4 in hour 4: 32 MWh of sun, 32 over the line, 12 into the
    store and 12 out of it.
    """
    is_right(Judge(mostly_small_costs(cost)), solver, 88e-4, 88e-4)


@SOLVERS
@pytest.mark.parametrize(
    ("cost", "objective", "other"),
    [
        (20.0, 380.0, 0.0),
        (1e3, 2610.0, 610.0),
        (1e9, 2e9 + 610.0, 610.0),
        (1e12, 2e12 + 610, 610.0),
    ],
)
def test_a_fixed_cost_beside_a_penalty(
    solver: SolverName, cost: float, objective: float, other: float
) -> None:
    """A plant of at most 10 MW for 400 and 1 a MW, 2 MW at 100, for 5 and 14 MW.

    2 MW are short in hour 2: 410 + 2 x 100 and the shedding of them. At 20 a MWh all of it is
    shed, 19 x 20 = 380, rather than built, 410 + 4 x 20.
    """
    size = {"ep_costs": 1.0, "nonconvex": True, "maximum": 10.0, "offset": 400.0}
    nodes = [
        demand(5.0, 14.0),
        source("new", nominal_capacity=size),
        source("dear", variable_costs=100.0, nominal_capacity=2.0),
        source("shed", variable_costs=cost),
    ]
    is_right(Judge(hand_made(nodes, SHED, steps=2)), solver, objective, other)


@SOLVERS
@pytest.mark.parametrize("factor", [1e-9, 1e-3, 1e6])
@pytest.mark.parametrize(
    "graph", [short_of_power(1e9), mostly_small_costs(1e8)], ids=["short", "small"]
)
def test_the_unit_of_money(solver: SolverName, factor: float, graph: PenaltyGraph) -> None:
    """The optimum in other units of money, and the same plan."""
    judge, before = Judge(graph.in_money(factor)), Judge(graph)
    assert float(judge.exact.objective) == pytest.approx(factor * float(before.exact.objective))
    assert float(judge.other_costs[0]) == pytest.approx(factor * float(before.other_costs[0]))
    assert not wrong(judge, solver, backends=LEAN)
