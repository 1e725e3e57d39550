r"""Make the capacities of an optimum unique.

Where two zones serve as well as one another, an interior-point method divides a capacity between
them, a simplex picks one, and each solver picks its own. With a little more cost the further back
a capacity stands in the order of names,

.. math::  c'_k = c_k + \delta \, r_k, \qquad r_k = \sqrt{p_k}, \qquad p = 2, 3, 5, 7, \dots

there is one best choice: of capacities that replace one another unit for unit the first by name,
of chains of them the one of the least sum. Square roots of primes have no rational combination
that is zero (of ranks 1, 2, 3, 4 the first and the last would tie with the two between), so that
in exact arithmetic all optima at :math:`c'` have the same capacities, whatever the coefficients. A
solver that stops at a relative gap :math:`\gamma` leaves open what is worth less than
:math:`\gamma` of the objective: at a cost of 1e9 and a gap of 5e-9 that is 5, or some units
between neighbours by name. Small problems are ranked by the simplex, which has no gap. Flows and
prices may still tie.

The costs :math:`c'` choose the plan and nothing else; that takes a second solve. The problem is
solved at :math:`c` first, and its duals are the prices: they are those of every optimum at
:math:`c`. Among true ties the chosen plan :math:`x'` is one. Where costs differ by less than the
ranks do it is dearer than the optimum :math:`x`, by

.. math::  c \, (x' - x) \le \delta \sum_k r_k (x_k - x'_k),

with 145 names at most 29 for each unit of which :math:`x` has more. A plan that costs
more than :data:`DEARER` of the objective above the optimum is not taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError, SolverError
from ..meaning import Name, name_text
from ..problem import (
    Columns,
    Floats,
    LinearProblem,
    RawSolution,
)
from .integers import fix_integers

logger = logging.getLogger(__name__)

STEP = 1.0
"""Cost of a capacity of rank one [cost per unit]."""
DEARER = 1e-6
"""Share of the objective that the chosen plan may cost more than the optimum [-]."""


def solve_untied(
    problem: LinearProblem,
    solve: Callable[[LinearProblem], RawSolution],
    order: Sequence[Name] = (),
) -> RawSolution:
    """The optimum of which ties between capacities are broken, with the problem's own duals.

    Where the plan that the ranks choose is not found, or too dear, the optimum without them is
    returned, and its history says so.

    Parameters
    ----------
    problem
        A stated problem.
    solve
        Finds the optimum of a problem with these columns and rows.
    order
        As for :func:`break_ties`.

    Raises
    ------
    InfeasibleError, SolverError
        What ``solve`` raises of the problem itself.
    """
    optimum, ranked = solve(problem), break_ties(problem, order)
    if (ranked.cost == problem.cost).all():
        return optimum  # nothing can be built, so nothing ties
    try:
        chosen = solve(ranked)
        duals = optimum.row_duals
        if problem.is_mixed_integer:
            # The duals are those of the problem with the integers fixed, which may be others.
            duals = solve(fix_integers(problem, chosen.column_values)).row_duals
    except (InfeasibleError, SolverError) as error:
        return _tied(optimum, f"no solution with ranks: {error.headline}")
    cost = float(problem.cost @ chosen.column_values + problem.cost_offset)
    dearer = (cost - optimum.objective) / max(1.0, abs(optimum.objective))
    if dearer > DEARER:
        return _tied(optimum, f"the plan by ranks costs {dearer:.1e} more")
    return replace(
        chosen,
        row_duals=duals,
        objective=cost,
        gap=optimum.gap + abs(dearer),
        history=(*optimum.history, _resolution(chosen), *chosen.history),
    )


def _resolution(chosen: RawSolution) -> str:
    """What of the ties is broken: what is worth more than the gap leaves open."""
    left = chosen.gap * abs(chosen.objective)
    return f"ties worth more than {left:.1g} broken by rank"


def _tied(optimum: RawSolution, reason: str) -> RawSolution:
    message = f"ties not broken: {reason}"
    logger.warning("%s", message)
    return replace(optimum, history=(*optimum.history, message))


def break_ties(problem: LinearProblem, order: Sequence[Name] = ()) -> LinearProblem:
    """The same problem, in which the first of two capacities that cost the same is cheaper.

    Parameters
    ----------
    problem
        A stated problem; duals and objective of its solution are not those of the problem.
    order
        Labels of flows and storages in the order in which their capacities are preferred; those
        that are not named follow by name.
    """
    labels = problem.labels
    capacities: dict[Name, Columns] = dict(labels.flow_investment.items())
    capacities.update(labels.storage_investment.items())
    first = [name for name in order if name in capacities]
    names = dict.fromkeys([*first, *sorted(capacities, key=name_text)])
    columns = np.array([capacities[name].positions[0] for name in names], dtype=np.int64)
    there = columns >= 0
    cost = problem.cost.copy()
    # Ranked before those without a column are left out: a backend does not change the choice.
    cost[columns[there]] += STEP * ranks(len(names))[there]
    return replace(problem, cost=cost)


def ranks(count: int) -> Floats:
    """Square roots of the first primes, which no rational combination makes zero.

    Parameters
    ----------
    count
        How many.
    """
    primes: list[int] = []
    number = 2
    while len(primes) < count:
        if all(number % prime for prime in primes if prime * prime <= number):
            primes.append(number)
        number += 1
    return np.asarray(np.sqrt(np.array(primes, dtype=float)))
