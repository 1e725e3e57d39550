r"""Smaller limits behind binaries, from what the rest of the problem can ask for.

A capacity that is built or not has the row :math:`x \le M b`. A solver calls a binary zero that is
within its tolerance of zero, so a limit :math:`M` of ten millions lets a capacity of ten through
for nothing. Where more of :math:`x` costs and only helps rows that the bounds of all other columns
can fill up to some size, no optimum needs more than that size, and it can take the place of
:math:`M` (Savelsbergh, Preprocessing and probing techniques for mixed integer programming
problems, ORSA Journal on Computing 6, 1994).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from ..problem import Floats, Integers, LinearProblem

ROUNDS = 4
"""How often bounds are passed on from row to row: a flow to its bus to the next flow."""
ROOM = 1.0 + 1e-6
"""By how much the new limit is above what is needed, for rounding [-]."""


def tighten_big_m(problem: LinearProblem) -> LinearProblem:
    """The same problem with smaller limits behind its binaries where that changes no optimum.

    Parameters
    ----------
    problem
        A problem with integers.
    """
    entries = sp.csr_array(problem.matrix).tocoo()
    rows, capacities, places = _indicator_rows(problem, entries)
    if not len(rows):
        return problem
    useful = _useful_size(problem, entries, rows)
    matrix = entries.copy()
    limit = -matrix.data[places]
    least = np.minimum(limit, np.maximum(useful[capacities], 0.0) * ROOM)
    # A limit of zero would take the row away.
    matrix.data[places] = -np.where(least > 0.0, least, limit)
    return replace(problem, matrix=sp.csc_array(matrix))


def _indicator_rows(
    problem: LinearProblem, entries: sp.coo_array
) -> tuple[Integers, Integers, Integers]:
    """Rows ``x - M b <= 0``: the row, the column of ``x``, and the entry of ``-M``."""
    count = problem.matrix.shape[0]
    binary = problem.integer & (problem.column_lower == 0.0) & (problem.column_upper == 1.0)
    behind = binary[entries.col] & (entries.data < 0.0)
    before = ~problem.integer[entries.col] & (entries.data == 1.0)
    two = np.bincount(entries.row, minlength=count) == 2
    pair = np.bincount(entries.row[behind], minlength=count) == 1
    pair &= np.bincount(entries.row[before], minlength=count) == 1
    there = two & pair & (problem.row_upper == 0.0) & np.isneginf(problem.row_lower)
    capacity, place = np.full(count, -1), np.full(count, -1)
    capacity[entries.row[before]] = entries.col[before]
    place[entries.row[behind]] = np.flatnonzero(behind)
    rows = np.flatnonzero(there)
    return rows, capacity[rows], place[rows]


def _useful_size(problem: LinearProblem, entries: sp.coo_array, skipped: Integers) -> Floats:
    """Of each column the size beyond which no row needs it; infinite where that is not known."""
    row, column, data = entries.row, entries.col, entries.data
    lower, upper = _passed_on(problem, entries)
    # How far the other columns of a row can ask for a column in it.
    least, most = _activities(entries, lower, upper)
    with np.errstate(invalid="ignore", over="ignore"):
        own_least = np.where(data > 0.0, data * lower[column], data * upper[column])
        own_most = np.where(data > 0.0, data * upper[column], data * lower[column])
        helps_upper = (data < 0.0) & np.isneginf(problem.row_lower[row])
        helps_lower = (data > 0.0) & np.isposinf(problem.row_upper[row])
        need = np.where(
            helps_upper,
            (_without(most, row, own_most) - problem.row_upper[row]) / -data,
            (problem.row_lower[row] - _without(least, row, own_least)) / data,
        )
    need = np.where((helps_upper | helps_lower) & ~np.isnan(need), need, np.inf)
    need[np.isin(row, skipped)] = -np.inf
    found = np.full(len(problem.cost), -np.inf)
    np.maximum.at(found, column, need)
    found = np.maximum(found, problem.column_lower)
    return np.where(problem.cost >= 0.0, found, np.inf)


def _passed_on(problem: LinearProblem, entries: sp.coo_array) -> tuple[Floats, Floats]:
    """Bounds of columns that follow from those of the others in their rows."""
    lower, upper = problem.column_lower.copy(), problem.column_upper.copy()
    row, column, data = entries.row, entries.col, entries.data
    for _ in range(ROUNDS):
        least, most = _activities(entries, lower, upper)
        with np.errstate(invalid="ignore", over="ignore"):
            own_least = np.where(data > 0.0, data * lower[column], data * upper[column])
            own_most = np.where(data > 0.0, data * upper[column], data * lower[column])
            by_upper = (problem.row_upper[row] - _without(least, row, own_least)) / data
            by_lower = (problem.row_lower[row] - _without(most, row, own_most)) / data
        above = np.where(data > 0.0, by_upper, by_lower)
        below = np.where(data > 0.0, by_lower, by_upper)
        np.minimum.at(upper, column, np.where(np.isnan(above), np.inf, above))
        np.maximum.at(lower, column, np.where(np.isnan(below), -np.inf, below))
    return lower, upper


Sums = tuple[Floats, Floats]
"""Sum of the finite terms of each row, and the number of those that are infinite."""


def _activities(entries: sp.coo_array, lower: Floats, upper: Floats) -> tuple[Sums, Sums]:
    """The least and the largest value of each row within the bounds of its columns."""
    data, count = entries.data, entries.shape[0]

    def summed(terms: Floats) -> Sums:
        finite = np.isfinite(terms)
        total, infinite = np.zeros(count), np.zeros(count)
        np.add.at(total, entries.row[finite], terms[finite])
        np.add.at(infinite, entries.row[~finite], 1.0)
        return total, infinite

    low, up = lower[entries.col], upper[entries.col]
    return (
        summed(np.where(data > 0.0, data * low, data * up)),
        summed(np.where(data > 0.0, data * up, data * low)),
    )


def _without(sums: Sums, row: Integers, own: Floats) -> Floats:
    """The sum of a row without one of its terms; not a number where it is not finite."""
    finite = np.isfinite(own)
    total, infinite = sums[0][row], sums[1][row]
    left = np.where(finite, total - np.where(finite, own, 0.0), total)
    return np.where(infinite - ~finite == 0.0, left, np.nan)
