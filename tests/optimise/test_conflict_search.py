"""What is told of a conflict is proven by solving again, at random and at its edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hand_solved import demand_on, energy_system
from hypothesis import given, settings
from hypothesis import strategies as st
from oemof import solph

from meishan_model.optimise import Model
from meishan_model.optimise.conflicts.conflict import Conflict, find_conflict
from meishan_model.optimise.conflicts.irreducible import IrreducibleSet, irreducible_set
from meishan_model.optimise.conflicts.relaxation import smallest_relaxation
from meishan_model.optimise.conflicts.wording import GRAPH, ConflictError, conflict_lines
from meishan_model.optimise.errors import InfeasibleError
from meishan_model.optimise.problem import NO_LABELS, LinearProblem
from meishan_model.optimise.solvers.highs import solve_highs

HOURS = pd.date_range("2035-07-14 17:00", periods=3, freq="h")


def feasible(problem: LinearProblem) -> bool:
    """Whether a problem has a solution, asked of the simplex without any explanation."""
    bare = replace(problem, cost=np.zeros_like(problem.cost))
    try:
        solve_highs(bare, methods=("simplex",), threads=1, time_limit=60.0)
    except InfeasibleError:
        return False
    return True


@st.composite
def small_problems(draw: st.DrawFn) -> LinearProblem:
    """Problems of a few rows whose bounds often contradict each other."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    numbers = st.integers(-3, 3).map(float)
    matrix = np.array(draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns)))
    right = np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)))
    kinds = np.array(draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)))
    upper = np.array(draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns)))
    return LinearProblem(
        matrix=sp.csc_array(matrix.reshape(rows, columns)),
        row_lower=np.where(kinds == 0, -np.inf, right),
        row_upper=np.where(kinds == 1, np.inf, right),
        column_lower=np.zeros(columns),
        column_upper=upper.astype(float),
        cost=np.zeros(columns),
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=NO_LABELS,
    )


def only(problem: LinearProblem, held: IrreducibleSet) -> LinearProblem:
    """The problem with the bounds of a set and no others."""
    sides = {"at least": (True, False), "at most": (False, True), "exactly": (True, True)}

    def bounds(count: int, chosen: dict[int, str]) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        for position, side in chosen.items():
            lower[position], upper[position] = sides[side]
        return lower, upper

    rows, columns = problem.matrix.shape
    row_low, row_up = bounds(rows, dict(held.rows))
    low, up = bounds(columns, dict(held.columns))
    return replace(
        problem,
        row_lower=np.where(row_low, problem.row_lower, -np.inf),
        row_upper=np.where(row_up, problem.row_upper, np.inf),
        column_lower=np.where(low, problem.column_lower, -np.inf),
        column_upper=np.where(up, problem.column_upper, np.inf),
    )


@settings(max_examples=150, deadline=None)
@given(problem=small_problems())
def test_what_is_told_is_true(problem: LinearProblem) -> None:
    """The relaxation suffices and is needed; the set is in conflict and nothing in it is spare.

    Widening the rows by the amounts makes the problem feasible, by 0.9 of them it does not (the
    sum is the smallest one, and the violations of a linear problem shrink in proportion). The
    bounds of the set alone have no solution, and without any one of them they have.
    """
    if feasible(problem):
        assert not len(smallest_relaxation(problem, np.inf).rows)
        return
    relaxation = smallest_relaxation(problem, np.inf)

    def widened(share: float) -> LinearProblem:
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        amounts = share * relaxation.amounts
        lower[relaxation.rows] -= np.maximum(amounts, 0.0)
        upper[relaxation.rows] += np.maximum(-amounts, 0.0)
        return replace(problem, row_lower=lower, row_upper=upper)

    assert feasible(widened(1.0 + 1e-9))
    assert not feasible(widened(0.9))
    found = irreducible_set(problem, None, relaxation.duals, np.inf)
    assert found is not None
    assert not feasible(only(problem, found))
    for row in found.rows:
        rest = {r: s for r, s in found.rows.items() if r != row}
        assert feasible(only(problem, IrreducibleSet(rest, found.columns)))
    for column in found.columns:
        rest = {c: s for c, s in found.columns.items() if c != column}
        assert feasible(only(problem, IrreducibleSet(found.rows, rest)))


def test_a_problem_with_an_optimum_has_no_conflict() -> None:
    """Nothing is made up where nothing is wrong, and no time is no explanation."""
    problem = LinearProblem(
        matrix=sp.csc_array(np.ones((1, 2))),
        row_lower=np.ones(1),
        row_upper=np.full(1, np.inf),
        column_lower=np.zeros(2),
        column_upper=np.full(2, np.inf),
        cost=np.ones(2),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=NO_LABELS,
    )
    assert find_conflict(problem) is None
    infeasible = replace(problem, column_upper=np.full(2, 0.25))
    assert isinstance(find_conflict(infeasible), Conflict)
    assert find_conflict(infeasible, seconds=0.0) is None


def test_a_set_that_is_too_large_is_not_told() -> None:
    """A limit over 2500 hours is broken by all of them: the limit is told, not 2500 balances."""
    hours = pd.date_range("2035-01-01", periods=2500, freq="h")
    bus = solph.Bus(label="bus")
    flow = solph.Flow(custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    graph = energy_system(2500, [bus, plant, demand_on(bus, {"bus": (4.0,) * 2500})])
    with pytest.raises(ConflictError, match="1,000 above the limit at emission") as raised:
        Model(graph, {"emission": 4000.0}, index=hours).solve()
    assert not raised.value.conflict.bounds
    assert "too much to tell" in str(raised.value)


@pytest.mark.parametrize(("allowed", "optimum"), [(6.0, True), (4.0, False)])
def test_nothing_is_left_to_be_decided(allowed: float, optimum: bool) -> None:
    """One plant serves one demand: every flow is given, 12 MWh cost 24 CNY and emit 6 t, or not.

    The limit has a term an hour, too many to leave the problem with a column.
    """
    hours = pd.date_range("2035-01-01", periods=100, freq="h")
    bus = solph.Bus(label="bus")
    flow = solph.Flow(variable_costs=2.0, custom_properties={"emission": 0.5})
    plant = solph.components.Source(label="plant", outputs={bus: flow})
    demand = tuple(np.full(100, 0.12))
    graph = energy_system(100, [bus, plant, demand_on(bus, {"bus": demand})])
    if optimum:
        solution = Model(graph, {"emission": allowed}, index=hours).solve()
        assert solution.objective == pytest.approx(24.0)
        assert float(solution.flow["plant", "bus"].sum()) == pytest.approx(12.0)
    else:
        with pytest.raises(ConflictError, match="2 above the limit at emission"):
            Model(graph, {"emission": allowed}, index=hours).solve()


def test_bounds_that_cross_without_a_name() -> None:
    """A problem that no graph stands behind is explained by the amount alone."""
    nameless = LinearProblem(
        matrix=sp.csc_array(np.ones((1, 2))),
        row_lower=np.zeros(1),
        row_upper=np.ones(1),
        column_lower=np.array([0.0, 2.0]),
        column_upper=np.array([1.0, 0.5]),
        cost=np.ones(2),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=NO_LABELS,
    )
    conflict = find_conflict(nameless)
    assert conflict is not None
    assert [s.amount for s in conflict.shortages] == [-1.5]
    (first, *rest) = conflict_lines(conflict, HOURS, GRAPH)
    assert first == "the smallest relaxation is"
    assert "1.5 too much at a row without unknowns" in rest[0]
