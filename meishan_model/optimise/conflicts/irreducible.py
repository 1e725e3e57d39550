"""An irreducible set of rows and bounds that cannot hold together, by HiGHS.

Without any one of them the rest has a solution. HiGHS solves many problems for it, so it is asked
about few rows: those of the step of the largest shortage, then of the steps around it, then those
whose duals prove that there is no solution.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..meaning import steps_of_columns
from ..problem import Floats, Integers, LinearProblem
from ..solvers.highs_model import highs_with_problem

Side: TypeAlias = Literal["at least", "at most", "exactly"]
Rows: TypeAlias = NDArray[np.bool_]

STEPS_AROUND = 12
"""Time steps on each side of the largest shortage that are searched after its own."""
MOST_ROWS = 2000
"""Among more rows the search takes minutes, and what it finds is too long to be read."""
PROVES = (1e-2, 1e-4, 1e-7)
"""A dual above this share of the largest one is part of the proof [-]: those of an inner point are
never quite zero, so the heaviest are asked first."""
_STRATEGY = int(highspy.IisStrategy.kIisStrategyFromLp.value) | int(
    highspy.IisStrategy.kIisStrategyIrreducible.value
)
_SIDES: dict[int, Side] = {
    int(highspy.IisBoundStatus.kIisBoundStatusLower.value): "at least",
    int(highspy.IisBoundStatus.kIisBoundStatusUpper.value): "at most",
    int(highspy.IisBoundStatus.kIisBoundStatusBoxed.value): "exactly",
}


@dataclass(frozen=True)
class IrreducibleSet:
    """Positions of rows and columns, each with the bound of it that is in the set."""

    rows: dict[int, Side]
    columns: dict[int, Side]


def irreducible_set(
    problem: LinearProblem, step: int | None, duals: Floats | None, end: float
) -> IrreducibleSet | None:
    """Find an irreducible set; ``None`` where there is none or the time does not suffice.

    Parameters
    ----------
    problem
        A problem without solution; that some columns are integer does not count.
    step
        Where to look first.
    duals
        Of its smallest relaxation.
    end
        When to stop, on the clock of :func:`time.monotonic` [s].
    """
    for rows in _searched(problem, step, duals):
        found = _of_rows(problem, np.flatnonzero(rows), end)
        if found is not None:
            return found
    return None


def _searched(problem: LinearProblem, step: int | None, duals: Floats | None) -> Iterator[Rows]:
    if step is not None:
        first, last = _steps_of_rows(problem)
        for around in (0, STEPS_AROUND):
            # The content of a store before a step is that after the step before.
            inside = (first >= step - around - 1) & (last <= step + around)
            yield (last < 0) | inside & (last >= step - around)
    if duals is not None and len(duals):
        heavier = (np.abs(duals) > share * np.abs(duals).max() for share in PROVES)
        # Each holds those before it: as many rows are the same rows, and asked about once.
        yield from {int(rows.sum()): rows for rows in heavier}.values()


def _steps_of_rows(problem: LinearProblem) -> tuple[Integers, Integers]:
    """First and last time step of each row; rows between capacities belong to every step."""
    by_row = sp.csr_array(problem.matrix)
    steps = steps_of_columns(problem)[by_row.indices]
    filled = np.diff(by_row.indptr) > 0
    starts = by_row.indptr[:-1][filled]
    never = np.iinfo(np.int64).max
    first, last = np.full(len(filled), never), np.full(len(filled), -1, dtype=np.int64)
    if len(starts):
        first[filled] = np.minimum.reduceat(np.where(steps < 0, never, steps), starts)
        last[filled] = np.maximum.reduceat(steps, starts)
    for rows in problem.labels.bus_balance.values():
        # A balance between capacities with a profile has a step, though its columns have none.
        there = rows >= 0
        first[rows[there]] = last[rows[there]] = np.flatnonzero(there)
    return first, last


def _of_rows(problem: LinearProblem, rows: Integers, end: float) -> IrreducibleSet | None:
    left = end - time.monotonic()
    if left <= 0 or not 0 < len(rows) <= MOST_ROWS:
        return None
    part, columns = problem.rows_alone(rows)
    solver = highs_with_problem(part)
    solver.setOptionValue("iis_strategy", _STRATEGY)
    solver.setOptionValue("iis_time_limit", left)
    _, found = solver.getIis()
    # What may be spared is in the set only where the time was too short.
    sure = {int(highspy.IisStatus.kIisStatusInConflict.value)}
    states = {found.row_status_[i] for i in found.row_index_}
    states |= {found.col_status_[i] for i in found.col_index_}
    if not found.valid_ or not found.row_index_ or states != sure:
        return None
    return IrreducibleSet(
        {int(rows[i]): s for i, s in _sided(found.row_index_, found.row_bound_)},
        {int(columns[i]): s for i, s in _sided(found.col_index_, found.col_bound_)},
    )


def _sided(index: list[int], bounds: list[int]) -> Iterator[tuple[int, Side]]:
    for position, bound in zip(index, bounds, strict=True):
        if bound in _SIDES:
            yield position, _SIDES[bound]
