"""How good a solution is, computed from the problem and the solution alone."""

from __future__ import annotations

import numpy as np

from ..problem import Floats, LinearProblem, RawSolution

LARGEST_VIOLATION = 1e-6
"""Violation of a row or column above which PIQP is not believed [unit], relative above one."""
LARGEST_GAP = 1e-5
"""Relative gap above which an optimum is not believed [-]."""
LARGEST_WRONG = 1e-6
"""Dual of the wrong sign above which an optimum is not believed, relative to costs [-]."""
NOTHING = 1e-3
"""Share of the largest quantity, at the typical cost, below which an objective is zero [-]."""


def typical_cost(problem: LinearProblem) -> float:
    """Median of the costs that are not zero, without their sign [CNY per unit]; one if all are.

    Parameters
    ----------
    problem
        The problem.
    """
    costs = np.abs(problem.cost[problem.cost != 0.0])
    return float(np.median(costs)) if len(costs) else 1.0


def duality_gap(problem: LinearProblem, values: Floats, row_duals: Floats) -> float:
    """Relative difference of primal and dual objective, computed from the solution itself.

    The dual objective takes each row and column at the bound that its dual points to; a dual of
    the wrong sign on an open bound would make it infinite and counts with the value instead, which
    says nothing: how far there are such is :func:`dual_infeasibility`. It is relative to what is
    paid and earned, so that a plan that costs little, or nothing in sum, is held to the same.

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
    turnover = float(np.abs(problem.cost) @ np.abs(values))
    # A plan that costs nothing is not asked for more digits than its quantities have.
    largest = float(np.max(np.abs(values), initial=1.0))
    nothing = NOTHING * typical_cost(problem) * largest
    size = max(abs(primal + problem.cost_offset), turnover, nothing)
    return abs(primal - dual) / size


def dual_infeasibility(problem: LinearProblem, row_duals: Floats) -> float:
    """Largest dual of the wrong sign on an open bound, relative to its cost or the typical cost.

    With none of them, and no duality gap, a solution is an optimum.

    Parameters
    ----------
    problem, row_duals
        The problem, and the duals of its rows [CNY per unit].
    """
    typical = typical_cost(problem)
    reduced = problem.cost - problem.matrix.T @ row_duals
    most = 0.0
    for duals, lower, upper, size in (
        (
            reduced,
            problem.column_lower,
            problem.column_upper,
            np.maximum(np.abs(problem.cost), typical),
        ),
        (row_duals, problem.row_lower, problem.row_upper, np.array(typical)),
    ):
        below = np.where(np.isneginf(lower), duals, 0.0)
        above = np.where(np.isposinf(upper), -duals, 0.0)
        most = max(most, float(np.max(np.maximum(below, above) / size, initial=0.0)))
    return most


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


def reason_to_reject(
    problem: LinearProblem,
    found: RawSolution,
    *,
    bounds: bool = False,
    largest_wrong: float = LARGEST_WRONG,
) -> str:
    """Why an optimum is not believed; empty if it is.

    Small costs drown in a method's absolute tolerances: optimal is what has no gap, and no dual
    that says that more of something free would pay.

    Parameters
    ----------
    problem, found
        The problem without integers, and its solution.
    bounds
        Whether to ask for its bounds as well, which solvers look after themselves.
    largest_wrong
        The largest dual of the wrong sign that is forgiven [-].
    """
    duals = found.row_duals
    wrong = 0.0 if duals is None else dual_infeasibility(problem, duals)
    beyond = primal_infeasibility(problem, found.column_values) if bounds else 0.0
    if found.gap <= LARGEST_GAP and wrong <= largest_wrong and beyond <= LARGEST_VIOLATION:
        return ""
    return f"gap of {found.gap:.1e}, duals wrong by {wrong:.1e}, bounds broken by {beyond:.1e}"
