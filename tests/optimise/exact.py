"""The optimum of a small linear problem in exact rational numbers, with its proof.

The floats of a problem are rational numbers; a simplex method on fractions finds its optimum
without any tolerance. It begins with the basis in which HiGHS ends, so that few steps are left to
do, and nothing of HiGHS is believed: each answer is proven from the problem itself, an optimum by
duals of the right sign (no tolerance), infeasibility by a combination of the rows that no point
within the bounds satisfies, unboundedness by a ray.

It is meant for up to some 60 columns, and few integers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import highspy
import numpy as np
from exact_tableau import ONE, ZERO, Bound, Tableau, Terms, UnboundedError, add_to

from meishan_model.optimise.problem import Floats, LinearProblem

LARGEST = 400
"""Columns above which a problem is refused: dense fractions would take for ever."""


def _least(
    tableau: Tableau, target: int, integers: Collection[int], below: Bound = None
) -> Tableau | None:
    """The tableau with the least value of a variable, by branch and bound.

    ``None`` if there is none within the bounds, or none below a value. The tableau is changed.
    """
    if not tableau.repair():
        return None
    tableau.minimise(target)
    if below is not None and tableau.value[target] >= below:
        return None
    split = min((j for j in integers if tableau.value[j].denominator != 1), default=-1)
    if split < 0:
        return tableau
    best = None
    floor = Fraction(tableau.value[split].__floor__())
    for lower, upper in ((tableau.lower[split], floor), (floor + 1, tableau.upper[split])):
        part = tableau.copy()
        part.limit(split, lower, upper)
        found = _least(part, target, integers, below)
        if found is not None:
            best, below = found, found.value[target]
    return best


@dataclass(frozen=True)
class Exact:
    """What is true of a problem.

    Attributes
    ----------
    status
        Whether there is an optimum.
    objective
        Of the optimum, with the offset; zero if there is none.
    values
        Columns of an optimum.
    """

    status: Literal["optimal", "infeasible", "unbounded"]
    objective: Fraction
    values: tuple[Fraction, ...]
    _tableau: Tableau
    _target: int
    _integers: tuple[int, ...]

    def between(self, weights: Mapping[int, float | Fraction]) -> tuple[Fraction, Fraction]:
        """The least and the largest value of a weighted sum of columns among all optima.

        Parameters
        ----------
        weights
            Weight by column.
        """
        found = []
        for sign in (1, -1):
            tableau = self._tableau.copy()
            cost = sum(
                (c * self.values[j] for j, c in tableau._in_columns({self._target: ONE}).items()),
                ZERO,
            )
            tableau.limit(self._target, None, cost)
            terms = {j: sign * Fraction(w) for j, w in weights.items()}
            extreme = _least(tableau, tableau.add(terms, None, None), self._integers)
            assert extreme is not None, "an optimum is no optimum"
            found.append(sign * extreme.value[-1])
        return found[0], found[1]


def solve_exactly(problem: LinearProblem, *, start: bool = True) -> Exact:
    """The optimum of a problem as it is in floats, or the proof that there is none.

    Parameters
    ----------
    problem
        At most some 60 columns, and few integers. With integers, unbounded is what has no optimum
        without their being whole.
    start
        Whether to begin with the basis of HiGHS, or with that in which all rows are basic.
    """
    rows, columns = problem.matrix.shape
    if columns > LARGEST:
        raise ValueError(f"{columns} columns are too many for exact numbers")
    tableau = Tableau(_bounds(problem.column_lower), _bounds(problem.column_upper))
    terms: list[Terms] = [{} for _ in range(rows)]
    entries = problem.matrix.tocoo()
    for i, j, a in zip(*entries.coords, entries.data.tolist(), strict=True):
        add_to(terms[i], {int(j): Fraction(a)}, ONE)
    for row in zip(terms, _bounds(problem.row_lower), _bounds(problem.row_upper), strict=True):
        tableau.add(*row)
    if start:
        tableau.start_from(*_basis_of_highs(problem))
    cost = {j: Fraction(c) for j, c in enumerate(problem.cost.tolist()) if c}
    target = tableau.add(cost, None, None)
    integers = tuple(int(j) for j in np.flatnonzero(problem.integer))
    try:
        best = _least(tableau, target, integers)
    except UnboundedError:
        return Exact("unbounded", ZERO, (), tableau, target, integers)
    if best is None:
        return Exact("infeasible", ZERO, (), tableau, target, integers)
    values = tuple(best.value[:columns])
    total = best.value[target] + Fraction(problem.cost_offset)
    return Exact("optimal", total, values, tableau, target, integers)


def _bounds(bounds: Floats) -> list[Bound]:
    return [Fraction(b) if np.isfinite(b) else None for b in bounds.tolist()]


def _basis_of_highs(problem: LinearProblem) -> tuple[set[int], set[int]]:
    """Basic variables where HiGHS ends, and those at their upper bound; none where it fails."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    solver.setOptionValue("presolve", "off")  # it may know that there is no optimum, and no basis
    lp, matrix = highspy.HighsLp(), problem.matrix
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = problem.cost
    lp.col_lower_, lp.col_upper_ = problem.column_lower, problem.column_upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    solver.passModel(lp)
    solver.run()
    basis, status = solver.getBasis(), highspy.HighsBasisStatus
    if not basis.valid:
        return set(range(lp.num_col_, lp.num_col_ + lp.num_row_)), set()

    def where(wanted: highspy.HighsBasisStatus) -> Iterator[int]:
        told = [*basis.col_status, *basis.row_status]
        return (j for j, state in enumerate(told) if state == wanted)

    return set(where(status.kBasic)), set(where(status.kUpper))
