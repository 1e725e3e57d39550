r"""One optimum of a problem, whatever the order of its rows and columns.

A plan can store in this battery or in that one at the same cost; which of them the simplex finds
depends on the order in which the code states the problem, and every reading follows. Here each
column gets a little cost of its own, and each bound and each inequality a little room, drawn by
what stands around it in the matrix, not by its place or its name:

.. math::  c'_j = c_j + \delta_c \, h_j, \qquad b'_i = b_i + \delta_b \, h_i,
           \qquad h \in [1/2, 1]

Flows are those of the optimum at :math:`c', b`, prices those of the optimum at :math:`c', b'`.
Where the neighbourhood of a column changes its draw does, and ties may be broken otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from benchmarks.same_problems import Colours, colours_of
from meishan_model.optimise import model
from meishan_model.optimise.problem import Floats, LinearProblem, RawSolution

COST = 1.0
"""Largest cost that a column gets [CNY/a per unit]; a price counts 50 times as much."""
ROOM = 1e-4
"""Largest room that a bound or an inequality gets [its unit]."""
AROUND = 6
"""How far around a row or a column is looked."""


@contextmanager
def unique_optima() -> Iterator[None]:
    """Within it every model is solved for its one optimum."""
    solve: Callable[..., RawSolution] = vars(model)["solve_problem"]

    def unique(problem: LinearProblem, **options: Any) -> RawSolution:
        dearer, roomier = _drawn(problem)
        found, priced = solve(dearer, **options), solve(roomier, **options)
        cost = float(problem.cost @ found.column_values + problem.cost_offset)
        return replace(found, objective=cost, row_duals=priced.row_duals)

    vars(model)["solve_problem"] = unique
    try:
        yield
    finally:
        vars(model)["solve_problem"] = solve


def _drawn(problem: LinearProblem) -> tuple[LinearProblem, LinearProblem]:
    """The problem with a little cost on its columns, and also with a little room in its limits."""
    of_rows, of_columns, *_ = colours_of(problem, rounds=AROUND)
    cost = problem.cost + np.where(problem.column_lower >= 0.0, COST * _draw(of_columns), 0.0)
    dearer = replace(problem, cost=cost)
    rows, columns = ROOM * _draw(of_rows), ROOM * _draw(of_columns)
    rows[problem.row_lower == problem.row_upper] = 0.0
    columns[problem.column_lower == problem.column_upper] = 0.0
    roomier = replace(
        dearer,
        row_lower=problem.row_lower - rows,
        row_upper=problem.row_upper + rows,
        column_lower=problem.column_lower - columns,
        column_upper=problem.column_upper + columns,
    )
    return dearer, roomier


def _draw(colours: Colours) -> Floats:
    """A number from a half to one for each colour."""
    return 0.5 + (colours >> np.uint64(12)).astype(np.float64) / 2.0**53


def settled_prices(ds: xr.Dataset) -> xr.Dataset:
    """A slice in which a price that stands in one hour alone stands in the first.

    Where the same power is decided for all hours, as the size of a station is, its cost is the
    price of one of them, and the order of the rows says of which.
    """
    if "price" not in ds:
        return ds
    price = ds["price"].to_numpy().copy()
    once = (price != 0.0).sum(axis=1) == 1
    total = price[once].sum(axis=1)
    price[once] = 0.0
    price[once, 0] = total
    return ds.assign(price=(ds["price"].dims, price, ds["price"].attrs))
