"""What is believed of a solver: the unit of money, false optima, integers that are not whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from oemof import solph
from small_graphs import BACKENDS, Nodes, served, sink, source, system

from meishan_model.optimise import Model
from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.problem import NO_LABELS, LinearProblem, RawSolution
from meishan_model.optimise.solvers.acceptance import (
    dual_infeasibility,
    duality_gap,
    reason_to_reject,
)
from meishan_model.optimise.solvers.cbc import solve_cbc
from meishan_model.optimise.solvers.highs import METHOD_NAMES, solve_highs
from meishan_model.optimise.solvers.integers import solve_with_integers_fixed

HOURS = pd.RangeIndex(4)


def two_boilers(money: float) -> solph.EnergySystem:
    """Boilers of 50 and 40 %, a store to be built and a limit on fuel; all costs in one unit."""
    power, gas = solph.Bus(label="power"), solph.Bus(label="gas")

    def boiler(label: str, efficiency: float, cost: float) -> solph.components.Converter:
        return solph.components.Converter(
            label=label,
            inputs={gas: solph.Flow()},
            outputs={power: solph.Flow(nominal_capacity=2.0, variable_costs=cost * money)},
            conversion_factors={power: efficiency},
        )

    store = solph.components.GenericStorage(
        label="store",
        inputs={power: solph.Flow()},
        outputs={power: solph.Flow()},
        nominal_capacity=solph.Investment(ep_costs=7.0 * money),
        loss_rate=0.01,
        balanced=True,
    )
    fuel = {"variable_costs": 3.0 * money, "custom_properties": {"emission": 0.2}}
    nodes: Nodes = [
        power,
        gas,
        source("supply", gas, **fuel),
        boiler("good", 0.5, 0.0),
        boiler("poor", 0.4, 0.3),
        source("dear", power, variable_costs=31.0 * money),
        store,
        sink("load", power, nominal_capacity=1.0, fix=[1.0, 4.0, 0.5, 3.0]),
    ]
    return system(nodes, (1.0,) * 4)


@pytest.mark.parametrize("money", [1e6, 1.0, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("way", ["hipo", "simplex", "cbc", ""])
def test_the_unit_of_money_changes_nothing(money: float, way: str) -> None:
    """1, 4, 0.5 and 3 MW: the good boiler gives 1 + 2 + 0.5 + 2 MWh at 6, the poor 2 + 1 at 7.8.

    That is 33 + 23.4 = 56.4, with 18.5 MWh of fuel where the limit allows 20. The difference of
    the boilers, 1.8, does not pay for a store at 7.
    """
    asked: dict[str, Any] = {"solver": "cbc"} if way == "cbc" else {}
    if way not in ("cbc", ""):
        asked = {"methods": (way,)}
    backend = asked.pop("backend", "linopy")
    model = Model(two_boilers(money), {"emission": 4.0}, backend=backend, index=HOURS)
    solution = model.solve(**asked)
    assert solution.objective / money == pytest.approx(56.4, rel=1e-6)
    assert solution.gap < 1e-6


def one_row(cost: list[float], row: list[float], upper: float) -> LinearProblem:
    """Columns from zero on, and one row with an upper bound."""
    return LinearProblem(
        matrix=sp.csc_array(np.array([row])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([upper]),
        column_lower=np.zeros(len(cost)),
        column_upper=np.full(len(cost), np.inf),
        cost=np.array(cost),
        cost_offset=0.0,
        integer=np.zeros(len(cost), dtype=bool),
        labels=NO_LABELS,
    )


def test_a_vertex_that_is_no_optimum() -> None:
    """Earn 100 on each of at most one: nothing done has no gap by its duals, but they are wrong.

    The column's reduced cost is -100 though it has no upper bound and may go up to one: 100 are to
    be earned where 0.1 counts as nothing. At the optimum the row is worth -100 and nothing is
    wrong; a row's dual of the other sign is, and so is the column's, of 50 and 150.
    """
    problem = one_row([-100.0], [1.0], 1.0)
    nothing, nobody = np.zeros(1), np.zeros(1)
    assert duality_gap(problem, nothing, nobody) == 0.0
    assert dual_infeasibility(problem, nothing, nobody) == pytest.approx(100 / 0.1)
    assert dual_infeasibility(problem, np.ones(1), np.array([-100.0])) == 0.0
    assert dual_infeasibility(problem, nothing, np.array([50.0])) == pytest.approx(200 / 0.1)
    raw = RawSolution(nothing, nobody, 0.0, 0.0, "", 0, ())
    reason = "gap of 0.0e+00, dual infeasibility of 1.0e+03, primal infeasibility of 0.0e+00"
    assert reason_to_reject(problem, raw) == reason
    assert solve_highs(problem, methods=METHOD_NAMES).objective == pytest.approx(-100.0)


def test_a_gap_is_relative_to_what_is_paid() -> None:
    """0.001 CNY paid, half of it more than the dual says: a gap of a half, not of 0.0005."""
    problem = one_row([1e-3], [-1.0], -1.0)
    assert duality_gap(problem, np.ones(1), np.array([-0.5e-3])) == pytest.approx(0.5)
    assert duality_gap(problem, np.ones(1), np.array([-1e-3])) == 0.0


@pytest.mark.parametrize("method", ["piqp", "hipo"])
def test_a_plan_that_costs_nothing(method: str) -> None:
    """Free sun and a free store meet a load that would cost 33 000 a MWh: nothing is paid.

    5 MW by day and 1 MW all hours; an interior point ends a little above zero and is believed.
    """
    bus = solph.Bus(label="bus")
    day = [0.0] * 8 + [1.0] * 8 + [0.0] * 8
    hours = len(day)
    store = solph.components.GenericStorage(
        label="store",
        inputs={bus: solph.Flow()},
        outputs={bus: solph.Flow()},
        nominal_capacity=50.0,
    )
    nodes = [
        bus,
        store,
        source("sun", bus, nominal_capacity=5.0, maximum=day),
        source("shedding", bus, variable_costs=33e3),
        sink("load", bus, nominal_capacity=1.0, fix=[1.0] * hours),
    ]
    graph = system(nodes, (1.0,) * hours)
    solution = Model(graph).solve(methods=(method,))
    assert solution.objective == pytest.approx(0.0, abs=1.0)
    assert solution.history == (f"{method}: Optimal",)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("limit", [1e2, 1e6, 1e7])
def test_a_fixed_cost_below_a_large_limit(backend: str, solver: str, limit: float) -> None:
    """5 and 10 units of a plant at 1 a MW and 400 for being there, against 100 a unit.

    15 units would cost 1500; the plant of 10 MW costs 410. A status of a millionth, which a solver
    may call zero, would let ten MW through a limit of 1e7 for nothing, were it not known that no
    more than the load of 10 MW is of use.
    """
    bus, nodes = served(5.0, 10.0)
    size = solph.Investment(ep_costs=1.0, maximum=limit, nonconvex=True, offset=400.0)
    graph = system([*nodes, source("plant", bus, nominal_capacity=size)], (1.0, 1.0))
    solution = Model(graph, backend=backend).solve(solver=solver)  # type: ignore[arg-type]
    assert solution.objective == pytest.approx(410.0)


def test_integers_that_are_not_whole() -> None:
    """A status of 5e-7 below a limit of 1e7 is 5 MW for nothing; rounded, nothing is served."""
    matrix = np.array([[1.0, -1e7], [1.0, 0.0]])
    problem = LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=np.array([-np.inf, 5.0]),
        row_upper=np.array([0.0, np.inf]),
        column_lower=np.zeros(2),
        column_upper=np.array([np.inf, 1.0]),
        cost=np.array([1.0, 400.0]),
        cost_offset=0.0,
        integer=np.array([False, True]),
        labels=NO_LABELS,
    )
    nearly = np.array([5.0, 5e-7])

    def simplex(fixed: LinearProblem) -> RawSolution:
        return solve_highs(fixed, methods=("simplex",))

    for solve in (simplex, solve_cbc):
        with pytest.raises(SolverError, match="infeasible with the integers rounded"):
            solve_with_integers_fixed(problem, nearly, 0.0, solve)
        found = solve_with_integers_fixed(problem, np.array([5.0, 1.0]), 0.0, solve)
        assert found.objective == pytest.approx(405.0)
        # One unit too much, found within a tenth of a bound of 365.4: what is left of it is told.
        found = solve_with_integers_fixed(problem, np.array([6.0, 1.0]), 0.1, solve)
        assert found.objective == pytest.approx(405.0)
        assert found.gap == pytest.approx((405.0 - 365.4) / 405.0)
