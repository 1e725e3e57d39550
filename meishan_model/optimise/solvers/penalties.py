r"""Solve without the last resorts first, and prove that they are not wanted.

Shedding keeps a problem feasible at a price a hundred times that of power. Almost never is it
part of the optimum, but an interior-point method carries its columns through every iteration, and
their cost spreads the numbers of the dual. They are therefore held at zero, and the optimum is
the optimum of the whole problem if none of them would lower its cost, that is if every reduced
cost is not negative:

.. math::  d_j = c_j - \sum_i a_{ij} y_i \ge 0

If one is, or if there is no solution without them, the whole problem is solved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, SolverError
from ..problem import Edge, Integers, LinearProblem, RawSolution

logger = logging.getLogger(__name__)

WANTED = 1e-6
"""A reduced cost is negative below minus this share of the column's cost [-]."""


def solve_sparingly(
    problem: LinearProblem,
    penalties: Collection[Edge],
    quick: Callable[[LinearProblem], RawSolution],
    thorough: Callable[[LinearProblem], RawSolution],
) -> RawSolution:
    """Solve a problem, without its last resorts if it can do without them.

    Parameters
    ----------
    problem
        The whole problem.
    penalties
        Flows that are held at zero at first; their columns must not be below zero.
    quick, thorough
        Solve the problem without them, and with them.

    Raises
    ------
    InfeasibleError, SolverError
        What ``thorough`` raises.
    """
    columns = _columns(problem, penalties)
    if not len(columns) or problem.is_mixed_integer:
        return thorough(problem)
    upper = problem.column_upper.copy()
    upper[columns] = 0.0
    try:
        raw = quick(replace(problem, column_upper=upper))
        history = f"{raw.history[-1]} without last resorts"
        if not _wanted(problem, raw, columns):
            return replace(raw, history=(*raw.history[:-1], history))
        history += ", which would lower the cost"
    except (InfeasibleError, SolverError) as error:
        history = f"without last resorts: {error}"
    logger.info("%s; solved with them", history)
    raw = thorough(problem)
    return replace(raw, history=(history, *raw.history))


def _columns(problem: LinearProblem, edges: Collection[Edge]) -> Integers:
    positions = [problem.labels.flow[edge].positions for edge in edges]
    columns = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *positions]))
    columns = columns[columns >= 0]
    open_up = (problem.column_lower[columns] == 0.0) & (problem.column_upper[columns] > 0.0)
    return np.asarray(columns[open_up], dtype=np.int64)


def _wanted(problem: LinearProblem, raw: RawSolution, columns: Integers) -> bool:
    if raw.row_duals is None:
        return True
    cost = problem.cost[columns]
    reduced = cost - problem.matrix[:, columns].T @ raw.row_duals
    return bool((reduced < -WANTED * np.maximum(1.0, np.abs(cost))).any())
