"""How good a solution is, computed from the problem and the solution alone."""

from __future__ import annotations

import numpy as np

from meishan_model.optimise.problem import Floats, LinearProblem


def duality_gap(problem: LinearProblem, values: Floats, row_duals: Floats) -> float:
    """Relative difference of primal and dual objective, computed from the solution itself.

    The dual objective takes each row and column at the bound that its dual points to; a dual of
    the wrong sign on an open bound would make it infinite and counts with the value instead.

    Parameters
    ----------
    problem
        The problem.
    values, row_duals
        Column values and row duals [CNY per unit].
    """
    reduced = problem.cost - problem.matrix.T @ row_duals

    def at_bound(duals: Floats, lower: Floats, upper: Floats, actual: Floats) -> float:
        bound = np.where(duals > 0, lower, upper)
        return float(duals @ np.where(np.isfinite(bound), bound, actual))

    primal = float(problem.cost @ values)
    dual = at_bound(
        row_duals, problem.row_lower, problem.row_upper, problem.matrix @ values
    ) + at_bound(reduced, problem.column_lower, problem.column_upper, values)
    return abs(primal - dual) / max(1.0, abs(primal + problem.cost_offset))


def largest_violation(problem: LinearProblem, values: Floats) -> float:
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
