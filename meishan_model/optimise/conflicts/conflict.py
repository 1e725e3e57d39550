r"""Why a problem has no optimum, in the graph's own names.

An infeasible problem has a smallest relaxation and a set of rows and bounds in conflict. An
unbounded one has a direction in which its cost falls for ever; the steepest is

.. math::  \min c^T d, \qquad \sum_j |d_j| \le 1

among the directions :math:`d` that keep all finite bounds of rows and columns.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from ..errors import InfeasibleError, SolverError
from ..meaning import Place, Variable, rows_of, variables_of
from ..problem import NO_LABELS, Integers, LinearProblem
from .irreducible import IrreducibleSet, Side, irreducible_set
from .relaxation import smallest_relaxation, solve_in_time

logger = logging.getLogger(__name__)

SECONDS = 300.0
"""Time for an explanation [s]; what was found until then is told."""
MOVES = 1e-6
"""A change below this share of the largest one is no part of a direction [-]."""
_OTHER_SIDE: dict[Side, Side] = {
    "at least": "at most",
    "at most": "at least",
    "exactly": "exactly",
}


@dataclass(frozen=True)
class Shortage:
    """By how much a row misses its bounds: positive is too little, negative too much."""

    place: Place
    amount: float


@dataclass(frozen=True)
class Bound:
    """A bound in conflict, or a flow that a profile fixes."""

    place: Place
    side: Side
    value: float


@dataclass(frozen=True)
class Conflict:
    """Why a problem has no optimum.

    Attributes
    ----------
    shortages
        The smallest relaxation, the largest shortage first; empty where the problem is unbounded.
    bounds
        What cannot hold together. For a column that stands for several flows (a converter pins
        its output to its input) all of them, one after the other in the same entry.
    fixed
        Flows that profiles fix at the buses among them.
    direction
        Changes that lower the cost for ever, where the problem is unbounded, as shares of the
        largest one.
    gain
        What the largest change earns for each of its units [cost].
    """

    shortages: tuple[Shortage, ...] = ()
    bounds: tuple[tuple[Bound, ...], ...] = ()
    fixed: tuple[Bound, ...] = ()
    direction: tuple[tuple[Place, float], ...] = ()
    gain: float = 0.0


def find_conflict(problem: LinearProblem, seconds: float = SECONDS) -> Conflict | None:
    """Find out why a problem has no optimum.

    Parameters
    ----------
    problem
        The problem as it was stated.
    seconds
        Time limit [s].

    Returns
    -------
    Conflict or None
        ``None`` where HiGHS finds neither a shortage nor an endless gain in time.
    """
    end = time.monotonic() + seconds
    crossed = np.flatnonzero(problem.column_lower > problem.column_upper)
    if len(crossed):
        return _crossed_bounds(problem, crossed)
    try:
        relaxation = smallest_relaxation(problem, end)
        if not len(relaxation.rows):
            return _endless_gain(problem, end)
    except (InfeasibleError, SolverError) as error:
        logger.warning("why there is no optimum was not found in %g s: %s", seconds, error)
        return None
    places = rows_of(problem, relaxation.rows)
    shortages = tuple(
        Shortage(places[int(row)], float(amount))
        for row, amount in zip(relaxation.rows, relaxation.amounts, strict=True)
    )
    found = irreducible_set(problem, shortages[0].place.step, relaxation.duals, end)
    if found is None:
        return Conflict(shortages)
    bounds = _bounds(problem, found)
    return Conflict(shortages, bounds, _fixed_flows(problem, [b[0].place for b in bounds]))


def _crossed_bounds(problem: LinearProblem, columns: Integers) -> Conflict:
    """Columns whose lower bound is above the upper one."""
    gaps = problem.column_lower[columns] - problem.column_upper[columns]
    variables = variables_of(problem, columns)
    worst_first = np.argsort(-gaps, kind="stable")
    shortages = []
    for i in worst_first:
        known = variables[int(columns[i])]
        place = known[0].place if known else Place("relation", ())
        shortages.append(Shortage(place, -float(gaps[i])))
    worst = int(columns[worst_first[0]])
    sides: tuple[Side, ...] = ("at least", "at most")
    bounds = (_bound(problem, worst, side, variables[worst]) for side in sides)
    return Conflict(tuple(shortages), tuple(b for b in bounds if b))


def _bounds(problem: LinearProblem, found: IrreducibleSet) -> tuple[tuple[Bound, ...], ...]:
    rows = np.array(list(found.rows), dtype=np.int64)
    columns = np.array(list(found.columns), dtype=np.int64)
    places, variables = rows_of(problem, rows), variables_of(problem, columns)
    of_rows = []
    for row, side in found.rows.items():
        equal = problem.row_lower[row] == problem.row_upper[row]
        value = problem.row_lower[row] if side == "at least" else problem.row_upper[row]
        of_rows.append((Bound(places[row], "exactly" if equal else side, float(value)),))
    of_columns = [_bound(problem, c, s, variables[c]) for c, s in found.columns.items()]
    return (*of_rows, *(bounds for bounds in of_columns if bounds))


def _bound(
    problem: LinearProblem, column: int, side: Side, variables: list[Variable]
) -> tuple[Bound, ...]:
    """The bound of a column, said of each variable that it stands for."""
    lower, upper = problem.column_lower[column], problem.column_upper[column]
    value = float(lower if side == "at least" else upper)
    if lower == upper:
        side = "exactly"
    return tuple(
        Bound(
            v.place,
            side if v.factor >= 0 else _OTHER_SIDE[side],
            v.factor * value + v.constant,
        )
        for v in variables
    )


def _fixed_flows(problem: LinearProblem, places: list[Place]) -> tuple[Bound, ...]:
    """Flows without an unknown at the buses that are to balance, where they are not zero."""
    found = {}
    for place in places:
        if place.kind != "balance" or place.step is None:
            continue
        for edge, columns in problem.labels.flow.items():
            value = float(columns.constants[place.step])
            if place.names[0] in edge and columns.positions[place.step] < 0 and value:
                where = Place("flow", (edge,), place.step)
                found[where] = Bound(where, "exactly", value)
    return tuple(found.values())


def _endless_gain(problem: LinearProblem, end: float) -> Conflict | None:
    """The direction in which the cost falls most steeply for ever; ``None`` if there is none."""
    below, above = np.isneginf(problem.column_lower), np.isposinf(problem.column_upper)
    count = problem.matrix.shape[1]
    # A column without a lower bound may fall as well: it is limited by itself, not in the sum.
    size = sp.csc_array(np.where(below, 0.0, 1.0)[None, :])
    cone = replace(
        problem,
        matrix=sp.csc_array(sp.vstack([problem.matrix, size])),
        row_lower=np.append(np.where(np.isneginf(problem.row_lower), -np.inf, 0.0), 0.0),
        row_upper=np.append(np.where(np.isposinf(problem.row_upper), np.inf, 0.0), 1.0),
        column_lower=np.where(below, -1.0, 0.0),
        column_upper=np.where(above, 1.0, 0.0),
        cost_offset=0.0,
        integer=np.zeros(count, dtype=bool),
        labels=NO_LABELS,
    )
    change = solve_in_time(cone, end).column_values
    gain = -float(problem.cost @ change)
    largest = float(np.abs(change).max(initial=0.0))
    if largest == 0.0 or gain <= MOVES * largest:
        return None
    columns = np.flatnonzero(np.abs(change) > MOVES * largest)
    columns = columns[np.argsort(-np.abs(change[columns]), kind="stable")].astype(np.int64)
    variables = variables_of(problem, columns)
    direction = (
        (v.place, v.factor * float(change[c]) / largest)
        for c in columns
        for v in variables[int(c)]
    )
    return Conflict(direction=tuple(direction), gain=gain / largest)
