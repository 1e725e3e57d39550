r"""Leave out of a problem what its own rows determine, and put it back into the solution.

A supply that has no limit of its own closes its bus: with the balance

.. math::  a_{ij} x_j + \sum_{k \ne j} a_{ik} x_k = b_i

column :math:`j` is :math:`x_j = (b_i - \sum_k a_{ik} x_k) / a_{ij}` and never negative where no
other term can make it so. Put into the cost and into the other rows that hold it, both the column
and the row are gone. A solver's presolve does so only where the column stands in short rows; the
fuel of a whole year in the limit of emissions is left to it, some columns and rows an hour that
carry nothing. What the row was worth follows from the reduced cost of the column, which is zero:

.. math::  y_i = \Bigl(c_j - \sum_{r \ne i} a_{rj} y_r\Bigr) / a_{ij}
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from ..problem import (
    NO_LABELS,
    Floats,
    Integers,
    LinearProblem,
    RawSolution,
)

MOST_ENTRIES = 64
"""A longer row is a sum over the year; substituting from it would fill the problem."""


@dataclass(frozen=True)
class Reduction:
    """A smaller problem with the same optimum.

    Attributes
    ----------
    problem
        The problem to solve; its positions are others, so it has no labels.
    original
        The problem it was made from.
    columns, rows
        Column that each determining row gave away, and the row, both in the original.
    pivots
        Coefficient of the column in the row.
    """

    problem: LinearProblem
    original: LinearProblem
    columns: Integers
    rows: Integers
    pivots: Floats

    def restore(self, raw: RawSolution) -> RawSolution:
        """The solution of the original problem.

        Parameters
        ----------
        raw
            Solution of :attr:`problem`.
        """
        whole, matrix = self.original, self.original.matrix
        values = np.zeros(matrix.shape[1])
        values[_others(matrix.shape[1], self.columns)] = raw.column_values
        values[self.columns] = (whole.row_lower - matrix @ values)[self.rows] / self.pivots
        duals = None
        if raw.row_duals is not None:
            duals = np.zeros(matrix.shape[0])
            duals[_others(matrix.shape[0], self.rows)] = raw.row_duals
            duals[self.rows] = (whole.cost - matrix.T @ duals)[self.columns] / self.pivots
        return replace(raw, column_values=values, row_duals=duals)


def substitute(problem: LinearProblem, most_entries: int = MOST_ENTRIES) -> Reduction:
    """Leave out the columns that a short row determines and that only long rows hold beside it.

    Parameters
    ----------
    problem
        Any problem; what cannot be left out stays.
    most_entries
        Entries of the longest row that may determine a column.
    """
    columns, rows, pivots = _determined(problem, most_entries)
    if not len(columns):
        return Reduction(problem, problem, columns, rows, pivots)
    matrix = problem.matrix
    kept_rows, kept_columns = _others(matrix.shape[0], rows), _others(matrix.shape[1], columns)
    by_row = matrix.tocsr()
    determining = sp.diags_array(1.0 / pivots) @ by_row[rows]
    share = matrix[:, columns].tocsr()[kept_rows]
    constants = problem.row_lower[rows] / pivots
    moved = share @ constants
    reduced = (by_row[kept_rows] - share @ determining)[:, kept_columns]
    cost = problem.cost - determining.T @ problem.cost[columns]
    return Reduction(
        problem=replace(
            problem,
            matrix=sp.csc_array(reduced),
            row_lower=problem.row_lower[kept_rows] - moved,
            row_upper=problem.row_upper[kept_rows] - moved,
            column_lower=problem.column_lower[kept_columns],
            column_upper=problem.column_upper[kept_columns],
            cost=cost[kept_columns],
            cost_offset=problem.cost_offset + float(problem.cost[columns] @ constants),
            integer=problem.integer[kept_columns],
            labels=NO_LABELS,
        ),
        original=problem,
        columns=columns,
        rows=rows,
        pivots=pivots,
    )


def _determined(problem: LinearProblem, most_entries: int) -> tuple[Integers, Integers, Floats]:
    """Columns to leave out, the row that determines each, and its coefficient there."""
    matrix = problem.matrix.tocoo()
    row, column, data = matrix.row, matrix.col, matrix.data
    short = np.bincount(row, minlength=matrix.shape[0]) <= most_entries
    in_short = np.bincount(column[short[row]], minlength=matrix.shape[1])
    in_all = np.bincount(column, minlength=matrix.shape[1])
    candidate = (in_short == 1) & (in_all > 1) & ~problem.integer
    candidate &= (problem.column_lower == 0.0) & np.isposinf(problem.column_upper)
    equality = short & (problem.row_lower == problem.row_upper)
    at = candidate[column] & equality[row] & (data != 0.0)
    alone = np.bincount(row[at], minlength=matrix.shape[0]) == 1
    pivot, chosen = np.zeros(matrix.shape[0]), np.full(matrix.shape[0], -1, dtype=np.int64)
    pivot[row[at]], chosen[row[at]] = data[at], column[at]
    # The constant and every other term must add to the column, or its bound would be lost.
    good = alone & (pivot * np.where(equality, problem.row_lower, 0.0) >= 0.0)
    other = alone[row] & (column != chosen[row])
    takes = other & ((pivot[row] * data > 0.0) | (problem.column_lower[column] < 0.0))
    good[row[takes]] = False
    rows = np.flatnonzero(good)
    return chosen[rows], rows, pivot[rows]


def _others(count: int, gone: Integers) -> Integers:
    return np.setdiff1d(np.arange(count, dtype=np.int64), gone, assume_unique=True)
