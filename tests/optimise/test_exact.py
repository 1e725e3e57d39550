"""The exact reference itself: problems solved by hand, cycling, no optimum, integers, ties."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from exact import Exact, solve_exactly
from exact_tableau import Tableau
from scipy.optimize import linprog

from meishan_model.optimise.problem import NO_LABELS, Floats, LinearProblem

INF = np.inf
STARTS = pytest.mark.parametrize("start", [True, False], ids=["from_highs", "from_rows"])


def stated(
    cost: list[float],
    rows: list[tuple[float, list[float], float]],
    bounds: list[tuple[float, float]] | None = None,
    integers: tuple[int, ...] = (),
    offset: float = 0.0,
) -> LinearProblem:
    """A problem of rows ``(lower, coefficients, upper)``; columns are not negative."""
    count = len(cost)
    lower, upper = np.array(bounds or [(0.0, INF)] * count).reshape(-1, 2).T
    matrix = np.array([coefficients for _, coefficients, _ in rows]).reshape(len(rows), count)
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=np.array([row[0] for row in rows]),
        row_upper=np.array([row[2] for row in rows]),
        column_lower=lower,
        column_upper=upper,
        cost=np.array(cost),
        cost_offset=offset,
        integer=np.isin(np.arange(count), integers),
        labels=NO_LABELS,
    )


def found(problem: LinearProblem, start: bool, objective: Any, values: list[Any]) -> Exact:
    """The optimum of a problem, which must be just this."""
    answer = solve_exactly(problem, start=start)
    assert answer.status == "optimal"
    assert answer.objective == objective
    assert list(answer.values) == values
    return answer


@STARTS
def test_two_products_of_three_machines(start: bool) -> None:
    """Most of 3 x + 5 y with x <= 4, 2 y <= 12, 3 x + 2 y <= 18: 36 at (2, 6), less 1."""
    rows = [(-INF, [1.0, 0.0], 4.0), (-INF, [0.0, 2.0], 12.0), (-INF, [3.0, 2.0], 18.0)]
    found(stated([-3.0, -5.0], rows, offset=1.0), start, -35, [2, 6])


@STARTS
def test_a_third_is_a_third(start: bool) -> None:
    """3 x >= 1 at a cost of 1: a third, which no float is."""
    found(stated([1.0], [(1.0, [3.0], INF)]), start, Fraction(1, 3), [Fraction(1, 3)])


@STARTS
def test_floats_are_taken_as_they_are(start: bool) -> None:
    """Ten times the float 0.1 is a little more than one."""
    answer = solve_exactly(stated([1.0], [(1.0, [0.1], INF)]), start=start)
    assert answer.objective == 1 / Fraction(0.1)
    assert answer.objective < 10


@STARTS
def test_a_penalty_does_not_drown_the_rest(start: bool) -> None:
    """2 of 5 units are missed at 1e12, the rest come at 3 and at 1e-4."""
    bounds = [(0.0, 1.0), (0.0, 2.0), (0.0, INF)]
    problem = stated([3.0, 1e-4, 1e12], [(5.0, [1.0, 1.0, 1.0], 5.0)], bounds)
    found(problem, start, 3 + 2 * Fraction(1e-4) + 2 * 10**12, [1, 2, 2])


@STARTS
def test_rows_and_columns_of_every_kind(start: bool) -> None:
    """A free column, one below an upper bound only, a range, an equation.

    x free, y <= 4, z within -1 and 3. x + y = 2; 1 <= y + z <= 5. Least of 2 x - y + z: with
    x = 2 - y it is 4 - 3 y + z, so y = 4, z = -1 (3 <= 5): 4 - 12 - 1 = -9.
    """
    rows = [(2.0, [1.0, 1.0, 0.0], 2.0), (1.0, [0.0, 1.0, 1.0], 5.0)]
    bounds = [(-INF, INF), (-INF, 4.0), (-1.0, 3.0)]
    found(stated([2.0, -1.0, 1.0], rows, bounds), start, -9, [-2, 4, -1])


@STARTS
def test_the_cycling_example_of_beale(start: bool) -> None:
    """Dantzig's rule cycles here for ever; the optimum is -1/20 at (1/25, 0, 1, 0).

    The coefficients are those of Beale (1955) times 100, so that they are whole.
    """
    rows = [
        (-INF, [25.0, -6000.0, -4.0, 900.0], 0.0),
        (-INF, [50.0, -9000.0, -2.0, 300.0], 0.0),
        (-INF, [0.0, 0.0, 1.0, 0.0], 1.0),
    ]
    problem = stated([-75.0, 15000.0, -2.0, 600.0], rows)
    found(problem, start, -5, [Fraction(1, 25), 0, 1, 0])


@STARTS
def test_the_cycling_example_of_marshall_and_suurballe(start: bool) -> None:
    """All rows but one go through the corner where it begins; -1 at (1, 0, 1, 0)."""
    rows = [
        (-INF, [0.5, -5.5, -2.5, 9.0], 0.0),
        (-INF, [0.5, -1.5, -0.5, 1.0], 0.0),
        (-INF, [1.0, 0.0, 0.0, 0.0], 1.0),
    ]
    found(stated([-10.0, 57.0, 9.0, 24.0], rows), start, -1, [1, 0, 1, 0])


@STARTS
def test_many_corners_on_the_way(start: bool) -> None:
    """The cube of Klee and Minty in six dimensions: only the last column is used, 100^5."""
    size = 6
    cost = [-(10.0 ** (size - j)) for j in range(1, size + 1)]
    rows = []
    for i in range(1, size + 1):
        before = [2 * 10.0 ** (i - j) for j in range(1, i)]
        rows.append((-INF, [*before, 1.0, *[0.0] * (size - i)], 100.0 ** (i - 1)))
    found(stated(cost, rows), start, -(100**5), [0, 0, 0, 0, 0, 100**5])


@STARTS
@pytest.mark.parametrize(
    "problem",
    [
        stated([1.0, 1.0], [(5.0, [1.0, 1.0], INF)], [(0.0, 2.0), (0.0, 2.0)]),
        stated([0.0, 0.0], [(1.0, [1.0, 1.0], 1.0), (3.0, [2.0, 2.0], 3.0)]),
        stated([1.0], [(0.0, [1.0], INF)], [(2.0, 1.0)]),
        stated([1.0], [(1.0, [0.0], INF)]),
        # By 1 / 2^52 of the float 0.1 only, which no solver in floats would see.
        stated([1.0], [(1.0, [0.1], 1.0)], [(10.0, INF)]),
    ],
    ids=["too_little", "two_equations", "crossing_bounds", "empty_row", "by_a_rounding_error"],
)
def test_no_solution(problem: LinearProblem, start: bool) -> None:
    assert solve_exactly(problem, start=start).status == "infeasible"


@STARTS
@pytest.mark.parametrize(
    "problem",
    [
        stated([-1.0], []),
        stated([1.0, -1.0], [(0.0, [1.0, -1.0], 3.0), (2.0, [1.0, 1.0], INF)], [(0.0, INF)] * 2),
        stated([1.0], [(-INF, [1.0], 4.0)], [(-INF, INF)]),
    ],
    ids=["no_row", "along_a_range", "free_column"],
)
def test_no_limit(problem: LinearProblem, start: bool) -> None:
    cost = problem.cost
    if len(cost) == 2:  # what is sold is worth a little more than what it takes
        cost[1] = -1.125
    assert solve_exactly(problem, start=start).status == "unbounded"


def test_nothing_to_decide() -> None:
    assert solve_exactly(stated([], [(-1.0, [], 0.0)], [], offset=7.0)).objective == 7
    assert solve_exactly(stated([], [(1.0, [], 2.0)], [])).status == "infeasible"


@STARTS
def test_ties_are_told(start: bool) -> None:
    """Two plants at the same cost share 5 units anyhow: between 1 and 4 by either, 4 each."""
    problem = stated([2.0, 2.0, 9.0], [(5.0, [1.0, 1.0, 1.0], 5.0)], [(0.0, 4.0)] * 3)
    answer = solve_exactly(problem, start=start)
    assert answer.objective == 10
    assert answer.between({0: 2.0}) == (2, 8)
    assert answer.between({0: 1.0, 1: 1.0}) == (5, 5)
    assert answer.between({2: 1e12}) == (0, 0)


@STARTS
def test_a_status_is_whole(start: bool) -> None:
    """Ten at 1 a unit and 35 for being there, at most 8, or 6 a unit: 35 + 8 + 12 = 55 < 60.

    Without their being whole, ten units of the plant would pay for no more than what they use.
    """
    rows = [(10.0, [1.0, 1.0, 0.0], 10.0), (-INF, [1.0, 0.0, -8.0], 0.0)]
    bounds = [(0.0, INF), (0.0, INF), (0.0, 1.0)]
    found(stated([1.0, 6.0, 35.0], rows, bounds, integers=(2,)), start, 55, [8, 2, 1])
    found(stated([1.0, 6.0, 45.0], rows, bounds, integers=(2,)), start, 60, [0, 10, 0])
    tie = solve_exactly(stated([1.0, 6.0, 40.0], rows, bounds, integers=(2,)), start=start)
    assert tie.objective == 60
    assert tie.between({1: 6.0}) == (12, 60)


@pytest.mark.parametrize("seed", range(20))
def test_integers_against_all_their_values(seed: int) -> None:
    """Three integers of 0 to 3 beside two columns: as good as the best of the 64 choices."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, list[float], float]] = [
        (-INF, rng.integers(-4, 9, 5).astype(float).tolist(), float(rng.integers(4, 20)))
        for _ in range(4)
    ]
    cost = rng.integers(-9, 5, 5).astype(float).tolist()
    bounds = [(0.0, 3.0)] * 3 + [(0.0, 2.5)] * 2
    best = min(
        answer.objective
        for whole in product(range(4), repeat=3)
        if (
            answer := solve_exactly(
                stated(cost, rows, [(float(w), float(w)) for w in whole] + bounds[3:])
            )
        ).status
        == "optimal"
    )
    assert solve_exactly(stated(cost, rows, bounds, integers=(0, 1, 2))).objective == best


@pytest.mark.parametrize("seed", range(40))
def test_problems_whose_optimum_is_known_by_construction(seed: int) -> None:
    """A point, and duals of the right sign wherever it is at a bound, which pay for all costs.

    All numbers are eighths, so that nothing is rounded; a third of the duals are zero, as where
    several bases belong to one corner, and some costs are a billion times the others.
    """
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(4, 20)), int(rng.integers(4, 30))

    def eighths(*shape: int) -> Floats:
        return rng.integers(-24, 25, shape) / 8

    def sides(values: Floats) -> tuple[Floats, Floats, Floats]:
        """Bounds of which one, both or none are at the values, and duals that they allow."""
        count = len(values)
        at_lower, at_upper = rng.random(count) < 0.5, rng.random(count) < 0.4
        open_end = rng.random(count) < 0.5
        lower = values - np.where(at_lower, 0.0, np.where(open_end, INF, 2.0))
        upper = values + np.where(at_upper, 0.0, np.where(open_end, INF, 3.0))
        duals = np.abs(eighths(count)) * rng.choice([0.0, 1.0, 1e9], count, p=[0.3, 0.6, 0.1])
        sign = at_lower.astype(float) - (at_upper & (~at_lower | (rng.random(count) < 0.5)))
        return lower, upper, sign * duals

    matrix = np.where(rng.random((rows, columns)) < 0.3, eighths(rows, columns), 0.0)
    point = eighths(columns)
    row_lower, row_upper, row_duals = sides(matrix @ point)
    lower, upper, reduced = sides(point)
    cost = matrix.T @ row_duals + reduced
    problem = LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=lower,
        column_upper=upper,
        cost=cost,
        cost_offset=0.5,
        integer=np.zeros(columns, dtype=bool),
        labels=NO_LABELS,
    )
    for start in (True, False):
        answer = solve_exactly(problem, start=start)
        assert answer.status == "optimal"
        total = sum(Fraction(c) * Fraction(x) for c, x in zip(cost, point, strict=True))
        assert answer.objective == total + Fraction(0.5)


@pytest.mark.parametrize("seed", range(24))
def test_against_another_solver(seed: int) -> None:
    """Sixty columns, forty rows of every kind: scipy finds the same, or the same lack of it."""
    rng = np.random.default_rng(seed)
    rows, columns = 40, 60
    matrix = np.where(rng.random((rows, columns)) < 0.08, rng.normal(size=(rows, columns)), 0.0)
    point = rng.uniform(0.0, 5.0, columns)
    kind = rng.integers(0, 3, rows)
    room = rng.uniform(0.1, 1.0, rows) * (kind != 0) * (1 if seed % 4 else -1)
    row_lower = np.where(kind == 1, -INF, matrix @ point - room)
    row_upper = np.where(kind == 2, INF, matrix @ point + room)
    lower = np.where(rng.random(columns) < 0.9, 0.0, -20.0)
    upper = np.where(rng.random(columns) < 0.4, 10.0, INF)
    cost = np.abs(rng.normal(size=columns)) - 0.05
    problem = LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=lower,
        column_upper=upper,
        cost=cost,
        cost_offset=0.0,
        integer=np.zeros(columns, dtype=bool),
        labels=NO_LABELS,
    )
    equal, most, least = (kind == k for k in range(3))
    other = linprog(
        cost,
        A_ub=np.concatenate([matrix[most], -matrix[least]]),
        b_ub=np.concatenate([row_upper[most], -row_lower[least]]),
        A_eq=matrix[equal],
        b_eq=(matrix @ point)[equal],
        bounds=np.column_stack([lower, upper]),
    )
    answer = solve_exactly(problem)
    assert answer.status == {0: "optimal", 2: "infeasible", 3: "unbounded"}[other.status]
    if other.status == 0:
        assert float(answer.objective) == pytest.approx(other.fun, rel=1e-9)


def test_wrong_claims_are_refused() -> None:
    """The proofs are proofs: a tableau whose values, rows or bounds are spoilt does not pass."""

    def solved() -> tuple[Tableau, int]:
        tableau = Tableau([Fraction(0)] * 2, [Fraction(4), None])
        tableau.add({0: Fraction(1), 1: Fraction(1)}, Fraction(5), None)
        target = tableau.add({0: Fraction(1), 1: Fraction(3)}, None, None)
        assert tableau.repair()
        tableau.minimise(target)
        assert tableau.value[target] == 7
        return tableau, target

    def not_feasible(tableau: Tableau) -> None:
        tableau.upper[0] = Fraction(3)

    def not_the_rows(tableau: Tableau) -> None:
        tableau.definition[0][1] = Fraction(2)

    def not_the_target(tableau: Tableau) -> None:
        tableau.definition[1][0] = Fraction(2)

    def not_least(tableau: Tableau) -> None:
        tableau.upper[0] = Fraction(5)

    for spoil in (not_feasible, not_the_rows, not_the_target, not_least):
        tableau, target = solved()
        spoil(tableau)
        with pytest.raises(AssertionError):
            tableau._prove_least(target)
    tableau, _ = solved()
    for basic in tableau.rows:
        with pytest.raises(AssertionError):
            tableau._prove_infeasible(basic)
