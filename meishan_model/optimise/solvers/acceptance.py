r"""Whether a solution is believed, computed from the problem and the solution alone.

A point is an optimum if it keeps its bounds (primal feasible), no dual has the wrong sign (dual
feasible), and primal and dual objective are the same. Each is measured against its own terms and
nothing else: what a cost that the optimum does not pay is, however large, changes none of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..problem import Floats, LinearProblem, RawSolution


@dataclass(frozen=True)
class Tolerances:
    """What is forgiven before an optimum is not believed.

    Attributes
    ----------
    gap
        Relative difference of primal and dual objective [-].
    dual
        What duals of the wrong sign may be worth, relative to what is paid [-].
    primal
        Violation of a bound, relative to the bound above one [-]; infinite to leave it to the
        solver.
    """

    gap: float = 1e-6
    dual: float = 1e-6
    primal: float = np.inf


STRICT = Tolerances()
DIGITS = 1e-10
"""Relative error with which values and duals are known at best [-]."""
NOTHING = 1e-3
"""Share of the largest quantity, at the lowest cost, below which an objective is zero [-]."""
FAR = 1e3
"""How far a column without a bound may go, in the largest finite bound [-]."""
CERTAIN = 1e-9
"""Share of its terms by which a certificate has to be above zero [-]."""
TINY = np.finfo(float).tiny
LARGEST_VIOLATION = 1e-6
"""Violation of a bound above which PIQP is not believed [-], relative above one."""


def typical_cost(problem: LinearProblem) -> float:
    """Median of the costs that are not zero, without their sign [cost per unit]; one if all are.

    Parameters
    ----------
    problem
        The problem.
    """
    costs = np.abs(problem.cost[problem.cost != 0.0])
    return float(np.median(costs)) if len(costs) else 1.0


def least_cost(problem: LinearProblem) -> float:
    """Smallest cost that is not zero, without its sign [cost per unit]; one if all are zero.

    Parameters
    ----------
    problem
        The problem.
    """
    costs = np.abs(problem.cost[problem.cost != 0.0])
    return float(costs.min()) if len(costs) else 1.0


def duality_gap(problem: LinearProblem, values: Floats, row_duals: Floats) -> float:
    r"""Relative difference of primal and dual objective, computed from the solution itself.

    With reduced costs :math:`d = c - A^T y` the dual objective is

    .. math::  \sum_i y_i b_i + \sum_j d_j u_j

    with each row and column at the bound :math:`b_i, u_j` that its dual points to. A dual of the
    wrong sign on an open bound would make it infinite and counts with the value instead, which
    says nothing: how far there are such is :func:`dual_infeasibility`. The difference is relative
    to what is paid and earned, :math:`\sum_j |c_j x_j|`; where terms of the dual objective cancel,
    no more digits are asked for than they have, and where nothing is paid, none beyond a
    thousandth of the largest quantity at the lowest cost.

    Parameters
    ----------
    problem
        The problem.
    values, row_duals
        Column values and row duals [cost per unit].
    """
    reduced = problem.cost - problem.matrix.T @ row_duals

    def at_bound(duals: Floats, lower: Floats, upper: Floats, actual: Floats) -> Floats:
        bound = np.where(duals > 0, lower, upper)
        return np.asarray(duals * np.where(np.isfinite(bound), bound, actual))

    rows = at_bound(row_duals, problem.row_lower, problem.row_upper, problem.matrix @ values)
    columns = at_bound(reduced, problem.column_lower, problem.column_upper, values)
    paid = float(problem.cost @ values)
    difference = abs(paid - float(rows.sum()) - float(columns.sum()))
    known = DIGITS / STRICT.gap * float(np.abs(rows).sum() + np.abs(columns).sum())
    return difference / max(_size(problem, values), known)


def dual_infeasibility(problem: LinearProblem, values: Floats, row_duals: Floats) -> float:
    r"""What duals of the wrong sign on open bounds may be worth, relative to what is paid.

    A reduced cost :math:`d_j < 0` of a column without an upper bound says that more of it would
    pay: :math:`|d_j| r_j`, where :math:`r_j` is how far the column may go before a row that it
    stands in has doubled its terms,

    .. math::  r_j = \min_i \; \bigl(|b_i| + \textstyle\sum_k |a_{ik} x_k|\bigr) / |a_{ij}|

    and the largest quantity of all where these rows are empty. Of a row's dual it is as much with
    the terms of the row. With nothing of the kind, and no duality gap, a solution is an optimum.

    Parameters
    ----------
    problem
        The problem.
    values, row_duals
        Column values and row duals [cost per unit].
    """
    matrix = problem.matrix
    largest = float(np.max(np.abs(values), initial=1.0))
    terms = abs(matrix) @ np.abs(values) + _finite(problem.row_lower, problem.row_upper)
    reduced = problem.cost - matrix.T @ row_duals
    rounding = DIGITS * (np.abs(problem.cost) + abs(matrix).T @ np.abs(row_duals))
    wrong = _wrong(reduced, problem.column_lower, problem.column_upper) - rounding
    wrong = np.maximum(wrong, 0.0)
    there = np.flatnonzero(wrong)
    part = abs(matrix[:, there]).tocoo()
    used = (terms[part.row] > 0.0) & (part.data > 0.0)
    reach = np.full(len(there), np.inf)
    np.minimum.at(reach, part.col[used], (terms[part.row] / np.maximum(part.data, TINY))[used])
    reach = np.where(np.isfinite(reach), reach, largest)
    worth = float(wrong[there] @ reach)
    wrong_rows = _wrong(row_duals, problem.row_lower, problem.row_upper)
    worth += float(wrong_rows @ np.where(terms > 0.0, terms, largest))
    return worth / _size(problem, values)


def _size(problem: LinearProblem, values: Floats) -> float:
    """What is paid and earned, or what counts as nothing if that is more [cost]."""
    paid = problem.cost * values
    total = abs(float(paid.sum()) + problem.cost_offset)
    nothing = NOTHING * least_cost(problem) * float(np.max(np.abs(values), initial=1.0))
    return max(total, float(np.abs(paid).sum()), nothing)


def _finite(lower: Floats, upper: Floats) -> Floats:
    """The larger finite bound without its sign; zero where there is none."""
    low, up = (np.where(np.isfinite(bound), np.abs(bound), 0.0) for bound in (lower, upper))
    return np.maximum(low, up)


def _wrong(duals: Floats, lower: Floats, upper: Floats) -> Floats:
    """By how much each dual points to a bound that is open."""
    below = np.where(np.isneginf(lower), duals, 0.0)
    above = np.where(np.isposinf(upper), -duals, 0.0)
    return np.maximum(np.maximum(below, above), 0.0)


def primal_infeasibility(problem: LinearProblem, values: Floats) -> float:
    """By how much a point breaks a bound at most, relative to the bound above one.

    Parameters
    ----------
    problem, values
        The problem, and values of its columns.
    """
    parts = (
        (values, problem.column_lower, problem.column_upper),
        (problem.matrix @ values, problem.row_lower, problem.row_upper),
    )
    most = 0.0
    for actual, lower, upper in parts:
        for bound, beyond in ((lower, lower - actual), (upper, actual - upper)):
            finite = np.isfinite(bound)
            size = np.maximum(1.0, np.abs(bound[finite]))
            most = max(most, float(np.max(beyond[finite] / size, initial=0.0)))
    return most


def largest_bound(problem: LinearProblem) -> float:
    """The largest finite bound of rows and columns, without its sign; one if that is more.

    Parameters
    ----------
    problem
        The problem.
    """
    bounds = (problem.row_lower, problem.row_upper, problem.column_lower, problem.column_upper)
    return max(float(np.abs(b[np.isfinite(b)]).max(initial=1.0)) for b in bounds)


def proves_infeasible(problem: LinearProblem, row_duals: Floats) -> bool:
    r"""Whether the duals of rows are a certificate that there is no solution.

    By Farkas' lemma there is none if for some :math:`y`

    .. math::  \sum_i y_i b_i > \max_{l \le x \le u} y^T A x

    with each row at the bound :math:`b_i` that :math:`y_i` points to. A column without a bound
    must not stand on the right; what is left of it there by rounding is counted as if it could go
    to :data:`FAR` times the largest finite bound.

    Parameters
    ----------
    problem, row_duals
        The problem, and duals of its rows, also of an attempt that did not converge.
    """
    largest = float(np.abs(row_duals).max(initial=0.0))
    if not 0.0 < largest < np.inf:
        return False
    duals = row_duals / largest
    bounds = (problem.row_lower, problem.row_upper, problem.column_lower, problem.column_upper)
    far = FAR * max(float(np.abs(b[np.isfinite(b)]).max(initial=1.0)) for b in bounds)

    def at(weights: Floats, low: Floats, up: Floats) -> Floats:
        """Largest value of each weight times a quantity between bounds."""
        return weights * np.where(weights > 0.0, np.minimum(up, far), np.maximum(low, -far))

    most = at(problem.matrix.T @ duals, problem.column_lower, problem.column_upper)
    # The least that y^T A x may be, by the bounds of the rows.
    least = -at(-duals, problem.row_lower, problem.row_upper)
    size = float(np.abs(most).sum() + np.abs(least).sum())
    return float(least.sum() - most.sum()) > CERTAIN * size


def reason_to_reject(
    problem: LinearProblem, found: RawSolution, tolerances: Tolerances = STRICT
) -> str:
    """Why an optimum is not believed; empty if it is.

    Parameters
    ----------
    problem, found
        The problem without integers, and its solution.
    tolerances
        What is forgiven.
    """
    duals, asked = found.row_duals, tolerances
    values = found.column_values
    dual = 0.0 if duals is None else dual_infeasibility(problem, values, duals)
    primal = primal_infeasibility(problem, values) if np.isfinite(asked.primal) else 0.0
    if found.gap <= asked.gap and dual <= asked.dual and primal <= asked.primal:
        return ""
    return (
        f"gap of {found.gap:.1e}, dual infeasibility of {dual:.1e}, "
        f"primal infeasibility of {primal:.1e}"
    )
