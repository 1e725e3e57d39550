"""From branch and bound to duals: the problem with its integers fixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, SolverError
from ..problem import Floats, LinearProblem, RawSolution

SAME = 1e-6
"""Relative difference of what a solution costs before and after rounding its integers [-]."""


def solve_with_integers_fixed(
    problem: LinearProblem,
    values: Floats,
    gap: float,
    solve: Callable[[LinearProblem], RawSolution],
) -> RawSolution:
    """Solve a problem with its integers held at a solution, so that the rest has duals.

    A solver calls integer what is within its tolerance of it. Where a large limit stands on an
    integer, the rest of the solution may live on that: rounded, it costs more or is infeasible.
    Where it has stopped within a wide gap the rest need not be the best for these integers: it
    costs less, and is nearer to the bound.

    Parameters
    ----------
    problem
        A problem with integers.
    values
        Column values of what branch and bound has found.
    gap
        How far that may be from the optimum, relative to what it costs [-].
    solve
        Solves the problem without integers.

    Raises
    ------
    SolverError
        If the solution costs more with the integers rounded.
    """
    wanted = float(problem.cost @ values + problem.cost_offset)
    size = max(abs(wanted), float(np.abs(problem.cost) @ np.abs(values)))
    remedy = "the integers of the solver were not whole; give smaller limits where there are such"
    try:
        found = solve(fix_integers(problem, values))
    except InfeasibleError as error:
        raise SolverError(f"infeasible with the integers rounded: {remedy}") from error
    if found.objective - wanted > SAME * max(size, 1e-9):
        raise SolverError(
            f"the optimum of {wanted:g} costs {found.objective:g} with the integers rounded: "
            f"{remedy}"
        )
    bound = wanted - gap * abs(wanted)
    nearer = max(found.objective - bound, 0.0) / max(abs(found.objective), 1e-9)
    return replace(
        found,
        gap=min(gap, nearer),
        history=tuple(f"with integers fixed, for the duals: {h}" for h in found.history),
    )


def fix_integers(problem: LinearProblem, values: Floats) -> LinearProblem:
    """Fix the integer columns at a solution, so that the rest has duals.

    Parameters
    ----------
    problem
        A problem with integers.
    values
        Column values of its solution.
    """
    rounded = np.round(values)
    return replace(
        problem,
        column_lower=np.where(problem.integer, rounded, problem.column_lower),
        column_upper=np.where(problem.integer, rounded, problem.column_upper),
        integer=np.zeros_like(problem.integer),
    )
