"""Leaving out what rows determine, or the penalties, leaves the optimum as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oemof import solph
from random_graphs import Keywords, Plan, build, plans
from random_problems import SHORT, Sketch, made, sketches
from small_graphs import DEAR, Nodes, sink, source, system

from meishan_model.optimise import Model
from meishan_model.optimise.errors import InfeasibleError
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.problem import NO_LABELS, Floats, LinearProblem, RawSolution
from meishan_model.optimise.solution import extract
from meishan_model.optimise.solvers.acceptance import duality_gap, primal_infeasibility
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.optimise.solvers.penalties import solve_with_penalties
from meishan_model.optimise.solvers.substitution import substitute

drawn = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
HOURS = 4


def simplex(problem: LinearProblem) -> RawSolution:
    """The optimum by the simplex method."""
    return solve_highs(problem, methods=("simplex",), threads=1, time_limit=60.0)


def stated_and_solved(plan: Plan) -> tuple[LinearProblem, RawSolution] | None:
    """A random graph's problem with its optimum; ``None`` where there is none."""
    try:
        problem = state_problem(build(plan), plan.limits)
        return problem, simplex(problem)
    except InfeasibleError:
        return None


def two_boilers() -> tuple[solph.EnergySystem, dict[str, float]]:
    """Heat of 9 MW by a gas boiler (90 %) or an oil boiler (75 %), at most 3 t of CO2 an hour.

    Gas costs 40 and emits 0.2 t/MWh, oil costs 15 and emits 0.3 t/MWh.
    """
    heat, gas, oil = (solph.Bus(label=label) for label in ("heat", "gas", "oil"))
    converter = solph.components.Converter
    nodes: Nodes = [
        heat,
        gas,
        oil,
        source("gas_supply", gas, variable_costs=40.0, custom_properties={"co2": 0.2}),
        source("oil_supply", oil, variable_costs=15.0, custom_properties={"co2": 0.3}),
        converter(
            label="gas_boiler",
            inputs={gas: solph.Flow()},
            outputs={heat: solph.Flow()},
            conversion_factors={heat: 0.9},
        ),
        converter(
            label="oil_boiler",
            inputs={oil: solph.Flow()},
            outputs={heat: solph.Flow()},
            conversion_factors={heat: 0.75},
        ),
        sink("demand", heat, nominal_capacity=9.0, fix=[1.0] * HOURS),
    ]
    return system(nodes, [1.0] * HOURS), {"co2": 3.0 * HOURS}


def test_two_boilers_by_hand() -> None:
    """Fuel supplies leave with their buses, and their prices come back.

    A MWh of heat costs 44.444 and 0.22222 t by gas, 20 and 0.4 t by oil. With g MWh of gas heat
    and o of oil heat an hour, g + o = 9 and 0.22222 g + 0.4 o = 3 give g = 3.375, o = 5.625: 150 +
    112.5 CNY an hour. A tonne less costs (44.444 - 20) / (0.4 - 0.22222) = 137.5 CNY, so gas is
    worth 40 + 0.2 x 137.5 = 67.5, oil 15 + 0.3 x 137.5 = 56.25 and heat 75 CNY/MWh.
    """
    problem = state_problem(*two_boilers())
    smaller = substitute(problem, most_entries=3)
    assert len(smaller.columns) == 2 * HOURS
    assert smaller.problem.matrix.shape == tuple(n - 2 * HOURS for n in problem.matrix.shape)
    found = extract(problem, smaller.restore(simplex(smaller.problem)), np.arange(HOURS))
    assert found.objective == pytest.approx(262.5 * HOURS)
    # Which hour burns which fuel is open, only the sums are not.
    assert found.flow["gas_supply", "gas"].sum() == pytest.approx(3.375 / 0.9 * HOURS)
    assert found.flow["oil_supply", "oil"].sum() == pytest.approx(5.625 / 0.75 * HOURS)
    assert found.limit_price is not None and found.bus_price is not None
    assert found.limit_price["co2"] == pytest.approx(137.5)
    for bus, price in (("gas", 67.5), ("oil", 56.25), ("heat", 75.0)):
        np.testing.assert_allclose(found.bus_price[bus], price)


def test_a_supply_that_could_become_negative_stays() -> None:
    """Where another source feeds the bus, the supply is no sum of uses and keeps its bound.

    5 MW of river water at no cost beside a dear supply: 3 MW of demand, 2 MW are let go.
    """
    bus = solph.Bus(label="bus")
    nodes: Nodes = [
        bus,
        source("river", bus, nominal_capacity=5.0, fix=[1.0] * HOURS),
        source("supply", bus, variable_costs=DEAR, custom_properties={"co2": 1.0}),
        sink("demand", bus, nominal_capacity=3.0, fix=[1.0] * HOURS),
        sink("let_go", bus, variable_costs=1.0),
    ]
    problem = state_problem(system(nodes, [1.0] * HOURS), {"co2": 100.0})
    smaller = substitute(problem, most_entries=3)
    assert not len(smaller.columns)
    assert smaller.restore(simplex(smaller.problem)).objective == pytest.approx(2.0 * HOURS)


BASE = LinearProblem(
    matrix=sp.csc_array(np.array([[1.0, -1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])),
    row_lower=np.array([0.0, -np.inf]),
    row_upper=np.array([0.0, 8.0]),
    column_lower=np.array([0.0, 1.0, 0.0, 0.0]),
    column_upper=np.array([np.inf, 5.0, 1.0, 1.0]),
    cost=np.array([2.0, -3.0, 1.0, 1.0]),
    cost_offset=0.0,
    integer=np.zeros(4, dtype=bool),
    labels=NO_LABELS,
)
"""A supply at 2 feeds a use of 1 to 5 that is paid 3; with two more, they sum to 8 at most."""


def test_a_supply_that_its_use_determines() -> None:
    """The sum allows 4 of each: 4 x (2 - 3). One more of the sum is worth half of that."""
    smaller = substitute(BASE, most_entries=3)
    assert smaller.columns.tolist() == [0] and smaller.rows.tolist() == [0]
    assert smaller.problem.matrix.toarray().tolist() == [[2.0, 1.0, 1.0]]
    found = smaller.restore(simplex(smaller.problem))
    assert found.objective == pytest.approx(-4.0)
    np.testing.assert_allclose(found.column_values, [4.0, 4.0, 0.0, 0.0], atol=1e-9)
    assert found.row_duals is not None
    np.testing.assert_allclose(found.row_duals, [2.5, -0.5])


def changed(**places: tuple[int, float] | tuple[tuple[int, int], float]) -> LinearProblem:
    """The problem with other numbers at some places."""
    arrays: dict[str, Any] = {}
    for name, (place, value) in places.items():
        whole = getattr(BASE, name)
        array = whole.toarray() if name == "matrix" else whole.copy()
        array[place] = value
        arrays[name] = sp.csc_array(array) if name == "matrix" else array
    return replace(BASE, **arrays)


KEPT = {
    # The use feeds, down to -2, and the supply would be -2 as well: 2 x -2 + 3 x -2 = -10.
    "a use below zero": (changed(column_lower=(1, -2.0), cost=(1, 3.0)), 0.0),
    # The third is paid 1 and feeds beside the supply: 4 of it serve a use of 4, not 5.
    "another feed": (
        changed(matrix=((0, 2), 1.0), column_upper=(2, 5.0), cost=(2, -1.0)),
        -16.0,
    ),
    # Without its bound of 3 the supply were 4.
    "an upper bound": (changed(column_upper=(0, 3.0)), -3.0),
    # Two of each although both cost.
    "a lower bound": (changed(column_lower=(0, 2.0), cost=(1, 3.0)), 10.0),
    # The use is the supply and 3, and costs 3: of one alone the supply were -2.
    "a constant that feeds": (
        changed(row_lower=(0, -3.0), row_upper=(0, -3.0), cost=(1, 3.0)),
        9.0,
    ),
    # The supply is paid 4 and may be more than the use: 7 for one, and not 4 of each.
    "no equation": (changed(row_upper=(0, np.inf), cost=(0, -4.0)), -31.0),
    # 3 of each, and not 3.5.
    "an integer": (changed(row_upper=(1, 7.0), integer=(0, True)), -3.0),
}


@pytest.mark.parametrize(("problem", "objective"), KEPT.values(), ids=KEPT.keys())
def test_each_condition_by_hand(problem: LinearProblem, objective: float) -> None:
    """One change to the same problem, and the supply is no longer what the row makes of it."""
    smaller = substitute(problem, most_entries=3)
    assert not len(smaller.columns)
    assert simplex(smaller.problem).objective == pytest.approx(objective)


def assert_optimal(problem: LinearProblem, values: Floats, duals: Floats) -> None:
    """A point keeps all bounds, and duals of the right sign prove it with no gap."""
    assert primal_infeasibility(problem, values) <= 1e-6
    reduced = problem.cost - problem.matrix.T @ duals
    for prices, lower, upper in (
        (duals, problem.row_lower, problem.row_upper),
        (reduced, problem.column_lower, problem.column_upper),
    ):
        assert (prices <= 1e-6)[np.isneginf(lower)].all()
        assert (prices >= -1e-6)[np.isposinf(upper)].all()
    assert duality_gap(problem, values, duals) <= 1e-6


def test_lean_problem_has_the_same_optimum() -> None:
    """Random problems: what is restored is feasible, costs the same, and its duals prove it.

    At least half of the problems must be smaller, or the others prove nothing.
    """
    left_out: list[int] = []

    @settings(drawn, max_examples=200)
    @given(sketches())
    def same_optimum(sketch: Sketch) -> None:
        problem = made(sketch)
        smaller = substitute(problem, most_entries=SHORT)
        left_out.append(len(smaller.columns))
        found = smaller.restore(simplex(smaller.problem))
        optimum = simplex(problem).objective
        assert found.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)
        cost = problem.cost @ found.column_values + problem.cost_offset
        assert cost == pytest.approx(optimum, rel=1e-6, abs=1e-6)
        assert found.row_duals is not None
        assert_optimal(problem, found.column_values, found.row_duals)

    same_optimum()
    assert np.mean(np.array(left_out) > 0) > 0.5
    assert np.mean(np.array(left_out) > 1) > 0.1


def short_of(supply: float, alternative: float) -> solph.EnergySystem:
    """A load of 4, 5.5 and 4 MW on a plant of some MW, a dear one of 1 MW, shedding at 1000."""
    bus = solph.Bus(label="bus")
    nodes: Nodes = [
        bus,
        source("plant", bus, nominal_capacity=supply, variable_costs=10.0),
        source("dear", bus, nominal_capacity=1.0, variable_costs=alternative),
        source("shedding", bus, variable_costs=1000.0),
        sink("load", bus, nominal_capacity=1.0, fix=[4.0, 5.5, 4.0]),
    ]
    return system(nodes, [1.0] * 3)


@pytest.mark.parametrize(
    ("supply", "alternative", "objective", "price", "said"),
    [
        (5.0, 100.0, 180.0, 100.0, "simplex: Optimal without penalties"),
        (4.0, 100.0, 720.0, 1000.0, "without penalties: the problem is infeasible"),
        (5.0, 2000.0, 630.0, 1000.0, "simplex: Optimal without penalties"),
    ],
    ids=["not wanted", "needed", "cheaper"],
)
def test_shedding_by_hand(
    supply: float, alternative: float, objective: float, price: float, said: str
) -> None:
    """Without shedding, with half a MW that nothing else serves, with one that is cheaper shed.

    13 MWh at 10 and a half at 100; 12 at 10, one at 100 and a half shed; 13 at 10 and a half shed
    because the dear plant costs 2000. Whoever serves the last half MW of the middle hour could
    serve more and less, so that the price of this hour is its cost.
    """
    found = Model(short_of(supply, alternative)).solve(penalties=[("shedding", "bus")])
    assert found.objective == pytest.approx(objective, rel=1e-6)
    assert found.history[0].startswith(said)
    assert found.bus_price is not None
    assert found.bus_price["bus"].iloc[1] == pytest.approx(price, rel=1e-4)


def can_shed(plan: Plan) -> bool:
    """Whether a plan has slack sources."""
    return any(label.startswith("slack_") for _, label, *_ in plan.nodes)


def loose(plan: Plan) -> Plan:
    """The plan without given flows of converters and links; of two there is seldom a solution."""

    def free(flows: Keywords) -> Keywords:
        return {bus: {k: v for k, v in f.items() if k != "fix"} for bus, f in flows.items()}

    nodes = tuple(
        (kind, label, free(inputs), free(outputs), keywords)
        if kind in ("Converter", "Link")
        else (kind, label, inputs, outputs, keywords)
        for kind, label, inputs, outputs, keywords in plan.nodes
    )
    return replace(plan, nodes=nodes)


def with_ample_supply(plan: Plan) -> Plan:
    """The plan with a source at each bus that leaves nothing for shedding to do."""
    ample: list[Any] = [
        ("Source", f"ample_{bus}", {}, {bus: {"variable_costs": 40.0}}, {})
        for bus, _ in plan.buses
    ]
    return replace(plan, nodes=(*plan.nodes, *ample))


def test_holding_penalties_first_changes_nothing() -> None:
    """Random graphs with slack sources as penalties: the optimum is that of the whole.

    Half of the graphs have an ample supply. Both endings must have their share.
    """
    endings: Counter[str] = Counter()
    some = plans(integers=False).filter(can_shed).map(loose)

    @drawn
    @given(st.one_of(some, some.map(with_ample_supply)))
    def same_optimum(plan: Plan) -> None:
        found_whole = stated_and_solved(plan)
        if found_whole is None:
            endings["infeasible"] += 1
            return
        problem, whole = found_whole
        slack = [edge for edge in problem.labels.flow if edge[0].startswith("slack_")]
        found = solve_with_penalties(problem, slack, simplex, simplex)
        spared = found.history[-1].endswith("without penalties")
        endings["spared" if spared else "needed"] += 1
        assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)

    same_optimum()
    assert endings["spared"] > 0.3 * endings.total()
    assert endings["needed"] > 0.1 * endings.total()
