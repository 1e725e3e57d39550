r"""The smallest relaxation of a problem that has no solution.

With a shortage :math:`u_i` and an excess :math:`v_i` at a row and no other cost,

.. math::  \min \sum_i u_i + v_i, \qquad b^-_i \le \sum_j a_{ij} x_j + u_i - v_i \le b^+_i

It is allowed at the balances of the buses, at the limits over all time steps and at the rows of a
user's own, and at every row only where that is not enough: a balance of a bus means something to
who reads it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from ..errors import InfeasibleError, SolverError
from ..problem import (
    NO_LABELS,
    Floats,
    Integers,
    LinearProblem,
    RawSolution,
)
from ..solvers.highs import solve_highs
from ..solvers.highs_model import COST_SCALE

VIOLATED = 1e-6
"""A shortage below this is put down to the solver [unit of the row, relative above one]."""
EXACT_ROWS = 20_000
"""Up to this size the simplex is quick; its corner has fewer shortages than an inner point."""


@dataclass(frozen=True)
class Relaxation:
    """What has to give so that a problem has a solution.

    Attributes
    ----------
    rows
        Rows that miss their bounds, the worst first.
    amounts
        By how much, in the unit of the row: positive is too little, negative too much.
    duals
        Of all rows in the elastic problem; those that are not zero prove that there is no
        solution without it.
    """

    rows: Integers
    amounts: Floats
    duals: Floats | None


def smallest_relaxation(problem: LinearProblem, end: float) -> Relaxation:
    """Find the smallest relaxation; it has no rows where the problem has a solution.

    Parameters
    ----------
    problem
        The problem; the lower bound of no column may be above its upper bound.
    end
        When to stop, on the clock of :func:`time.monotonic` [s].

    Raises
    ------
    SolverError
        If it is not found in time.
    """
    labels = problem.labels
    blocks = [*labels.bus_balance.values(), *labels.own_rows.values()]
    either = [*labels.integral_limit.values(), *labels.integral_minimum.values()]
    limits = np.array(either, dtype=np.int64)
    rows = np.unique(np.concatenate([limits, *(rows[rows >= 0] for rows in blocks)]))
    try:
        raw = _elastic(problem, rows, end)
    except InfeasibleError:
        rows = np.arange(problem.matrix.shape[0], dtype=np.int64)
        raw = _elastic(problem, rows, end)
    columns = problem.matrix.shape[1]
    short, excess = raw.column_values[columns:].reshape(2, len(rows))
    amounts = short - excess
    level = problem.matrix @ raw.column_values[:columns]
    missed = np.abs(amounts) > VIOLATED * np.maximum(1.0, np.abs(level[rows]))
    worst_first = np.argsort(-np.abs(amounts[missed]), kind="stable")
    return Relaxation(rows[missed][worst_first], amounts[missed][worst_first], raw.row_duals)


def _elastic(problem: LinearProblem, rows: Integers, end: float) -> RawSolution:
    count, columns = problem.matrix.shape
    each = np.arange(len(rows))
    unit = sp.csc_array((np.ones(len(rows)), (rows, each)), shape=(count, len(rows)))
    slack = 2 * len(rows)
    elastic = replace(
        problem,
        matrix=sp.csc_array(sp.hstack([problem.matrix, unit, -unit])),
        column_lower=np.concatenate([problem.column_lower, np.zeros(slack)]),
        column_upper=np.concatenate([problem.column_upper, np.full(slack, np.inf)]),
        # One for each unit that is missing, once the solver's scale is taken off.
        cost=np.concatenate([np.zeros(columns), np.full(slack, 1.0 / COST_SCALE)]),
        cost_offset=0.0,
        integer=np.concatenate([problem.integer, np.zeros(slack, dtype=bool)]),
        labels=NO_LABELS,
    )
    return solve_in_time(elastic, end)


def solve_in_time(problem: LinearProblem, end: float) -> RawSolution:
    """Solve a problem that explains another one: exactly where it is small.

    Parameters
    ----------
    problem
        The problem.
    end
        When to stop, on the clock of :func:`time.monotonic` [s].

    Raises
    ------
    InfeasibleError, SolverError
        As :func:`~optimise.solvers.highs.solve_highs`.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise SolverError("there is no time left")
    exact = problem.matrix.shape[0] <= EXACT_ROWS
    return solve_highs(problem, methods=("simplex",) if exact else None, time_limit=left)
