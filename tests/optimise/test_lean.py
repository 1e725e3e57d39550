"""Leaving out what rows determine, or the last resorts, leaves the optimum as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from oemof import solph
from random_graphs import Plan, build, plans
from small_graphs import DEAR, Nodes, sink, source, system

from meishan_model.errors import InfeasibleError
from meishan_model.optimise.extract import extract
from meishan_model.optimise.highs import solve_highs
from meishan_model.optimise.last_resort import solve_sparingly
from meishan_model.optimise.lean import lean
from meishan_model.optimise.linopy_backend import state_problem
from meishan_model.optimise.problem import LinearProblem, RawSolution
from meishan_model.optimise.quality import duality_gap
from meishan_model.optimise.solve import optimise

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
        event("infeasible")
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
    smaller = lean(problem, most_entries=3)
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
    smaller = lean(problem, most_entries=3)
    assert not len(smaller.columns)
    assert smaller.restore(simplex(smaller.problem)).objective == pytest.approx(2.0 * HOURS)


@drawn
@given(plans(integers=False))
def test_lean_problem_has_the_same_optimum(plan: Plan) -> None:
    """Random graphs: what is restored is feasible, costs the same, and its duals prove it."""
    found_whole = stated_and_solved(plan)
    if found_whole is None:
        return
    problem, whole = found_whole
    smaller = lean(problem, most_entries=4)
    event(f"smaller: {len(smaller.columns) > 0}")
    found = smaller.restore(simplex(smaller.problem))
    scale = max(1.0, abs(whole.objective))
    assert abs(found.objective - whole.objective) <= 1e-6 * scale
    values, activity = found.column_values, problem.matrix @ found.column_values
    slack = 1e-6 * max(1.0, float(np.abs(values).max(initial=0.0)))
    assert (values >= problem.column_lower - slack).all()
    assert (values <= problem.column_upper + slack).all()
    assert (activity >= problem.row_lower - slack).all()
    assert (activity <= problem.row_upper + slack).all()
    assert found.row_duals is not None
    assert duality_gap(problem, values, found.row_duals) <= 1e-5


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
        (5.0, 100.0, 180.0, 100.0, "hipo: Optimal without last resorts"),
        (4.0, 100.0, 720.0, 1000.0, "without last resorts: the problem is infeasible"),
        (5.0, 2000.0, 630.0, 1000.0, "hipo: Optimal without last resorts, which would lower"),
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
    found, _ = optimise(
        short_of(supply, alternative), np.arange(3), last_resorts=[("shedding", "bus")]
    )
    assert found.objective == pytest.approx(objective, rel=1e-6)
    assert found.history[0].startswith(said)
    assert found.bus_price is not None
    assert found.bus_price["bus"][1] == pytest.approx(price, rel=1e-4)


@drawn
@given(plans(integers=False))
def test_sparing_the_last_resorts_changes_nothing(plan: Plan) -> None:
    """Random graphs with slack sources as last resorts: the optimum is that of the whole."""
    found_whole = stated_and_solved(plan)
    if found_whole is None:
        return
    problem, whole = found_whole
    slack = [edge for edge in problem.labels.flow if edge[0].startswith("slack_")]
    found = solve_sparingly(problem, slack, simplex, simplex)
    event("spared" if found.history[-1].endswith("without last resorts") else "needed")
    assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
