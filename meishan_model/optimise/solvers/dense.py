r"""Columns and rows that meet thousands of others are cut in pieces, without changing the problem.

The capacity of a plant meets every hour of the year, as does a cap on its emissions. Orderings for
sparse factorisation deal badly with such columns and rows: AMD, as Eigen has it, sums up positions
of neighbours in 32 bits and crashes when the sum overflows. A column :math:`x` becomes

.. math::  x_1 = x_2 = \dots = x_k

each in its share of the rows, and a row :math:`\sum_j a_j x_j` the sum of partial sums,

.. math::  \sum_{j \in J_1} a_j x_j = s_1, \; \dots, \; s_1 + \dots + s_k

(Vanderbei, Splitting dense columns in sparse linear systems, 1991). The first piece of a column
has its value, a row keeps its own dual.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from ..problem import NO_LABELS, Integers, LinearProblem


def cut_dense(problem: LinearProblem, most: int) -> tuple[LinearProblem, Integers]:
    """The same problem with no more than some entries in a column or row.

    Parameters
    ----------
    problem
        The problem; its names, if it has any, are not those of what comes back.
    most
        Entries that a column or row may have; pieces of a row are tied by one more row of as many
        entries as there are pieces, those of a column by two entries each.

    Returns
    -------
    LinearProblem, numpy.ndarray
        The problem, whose first rows are those of the original, and the position of each original
        column in it.
    """
    return _cut_columns(_cut_rows(problem, most), len(problem.cost), most)


def _pieces(starts: Integers, most: int) -> tuple[Integers, Integers, Integers]:
    """Number of pieces of each line, and line and piece of every entry."""
    counts = np.diff(starts).astype(np.int64)
    pieces = np.maximum(1, -(-counts // most))
    line = np.repeat(np.arange(len(counts)), counts)
    size = -(-counts // pieces)
    place = np.arange(len(line)) - np.repeat(starts[:-1], counts)
    return pieces, line, place // np.maximum(size, 1)[line]


def _cut_rows(problem: LinearProblem, most: int) -> LinearProblem:
    matrix = sp.csr_array(problem.matrix)
    rows, columns = matrix.shape
    pieces, row, piece = _pieces(matrix.indptr, most)
    sums = np.where(pieces > 1, pieces, 0)
    before, count = np.cumsum(sums) - sums, int(sums.sum())
    if not count:
        return problem
    owner, new = np.repeat(np.arange(rows), sums), np.arange(count)
    at = np.where(sums[row] > 0, rows + before[row] + piece, row)
    values = np.concatenate([matrix.data, np.full(count, -1.0), np.ones(count)])
    positions = (
        np.concatenate([at, rows + new, owner]),
        np.concatenate([matrix.indices, columns + new, columns + new]),
    )
    zero, free = np.zeros(count), np.full(count, np.inf)
    return replace(
        problem,
        matrix=sp.csc_array(sp.coo_array((values, positions), (rows + count, columns + count))),
        cost=np.concatenate([problem.cost, zero]),
        column_lower=np.concatenate([problem.column_lower, -free]),
        column_upper=np.concatenate([problem.column_upper, free]),
        row_lower=np.concatenate([problem.row_lower, zero]),
        row_upper=np.concatenate([problem.row_upper, zero]),
        integer=np.concatenate([problem.integer, zero > 0]),
        labels=NO_LABELS,
    )


def _cut_columns(problem: LinearProblem, named: int, most: int) -> tuple[LinearProblem, Integers]:
    matrix = problem.matrix
    rows, columns = matrix.shape
    pieces, column, piece = _pieces(matrix.indptr, most)
    first = np.cumsum(pieces) - pieces
    owner = np.repeat(np.arange(columns), pieces)
    later = np.setdiff1d(np.arange(len(owner)), first)
    links = np.arange(len(later))
    ones = np.ones(len(later))
    values = np.concatenate([matrix.data, ones, -ones])
    positions = (
        np.concatenate([matrix.indices, rows + links, rows + links]),
        np.concatenate([first[column] + piece, later - 1, later]),
    )
    cost = np.zeros(len(owner))
    cost[first] = problem.cost
    zero = np.zeros(len(later))
    cut = replace(
        problem,
        matrix=sp.csc_array(sp.coo_array((values, positions), (rows + len(later), len(owner)))),
        cost=cost,
        column_lower=problem.column_lower[owner],
        column_upper=problem.column_upper[owner],
        row_lower=np.concatenate([problem.row_lower, zero]),
        row_upper=np.concatenate([problem.row_upper, zero]),
        integer=problem.integer[owner],
        labels=NO_LABELS,
    )
    return cut, first[:named].astype(np.int64)
