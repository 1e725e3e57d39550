r"""Penalties are minimised before all other costs, and the rest with their amount held.

Shedding at a thousand times the price of power keeps a problem feasible. Solved as one sum it does
harm twice: where it is not paid its columns burden the solver for nothing, and where it is paid
the other costs drown in it, since a solver is exact to a share of the whole. With the costs in
tiers :math:`c = c_1 + c_2 + \dots + c_K`, the dearest first, stage :math:`k` is

.. math::  \min_x \; c_k^T x \quad \text{with} \quad c_j^T x \le P_j \;\; (j < k)

where :math:`P_j` is the optimum of stage :math:`j` (lexicographic order; Isermann, Linear
lexicographic optimization, OR Spektrum 4, 1982). A stage that can have all its columns at the
bounds that cost nothing needs no solve of its own: they are held there first.

The last stage is the optimum of the sum as well if no penalty is worth paying for something else.
Let :math:`\lambda_{kj} \ge 0` be the price of row :math:`j` in stage :math:`k`, so that the duals
:math:`y_k` belong to the costs :math:`c_k + \sum_j \lambda_{kj} c_j`. The weights

.. math::  w_K = 1, \qquad w_j = 1 - \sum_{k > j} w_k \lambda_{kj}

make :math:`y = \sum_k w_k y_k` belong to the costs :math:`c`. If no weight is negative, and no
column that was held wants to leave its bound, :math:`y` proves the optimum, and prices it. If not,
the penalty is a price like any other, and the sum is solved as it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp

from ..errors import InfeasibleError, SolverError
from ..problem import NO_LABELS, Edge, Floats, Integers, LinearProblem, RawSolution
from .acceptance import duality_gap
from .integers import fix_integers
from .limits import WORTH_A_PROCESS

logger = logging.getLogger(__name__)

Solve: TypeAlias = Callable[[LinearProblem], RawSolution]

FAR_ABOVE = 1e3
"""Costs are in different tiers if each of the one is this many times each of the other [-]."""
WANTED = 1e-6
"""A reduced cost has the wrong sign beyond this share of the column's cost [-]."""
SLACK, SLACK_OF_INTERIOR_POINTS = 1e-9, 1e-7
"""By how much an amount that is held may be exceeded, relative [-]."""


def penalty_tiers(problem: LinearProblem, penalties: Collection[Edge] = ()) -> list[Integers]:
    """Columns of penalties, the dearest tier first.

    Tiers are told apart by gaps of :data:`FAR_ABOVE` in the sorted costs. Without penalties given,
    those are taken for penalties that stand above such a gap and are costs of flows or contents:
    a capacity, or an integer, is paid once and not in every step.

    Parameters
    ----------
    problem
        The problem.
    penalties
        Flows whose costs are penalties.
    """
    if penalties:
        given = [problem.labels.flow[edge].positions for edge in penalties]
        columns = np.unique(np.concatenate(given))
        columns = columns[columns >= 0]
        columns = columns[(problem.cost[columns] != 0.0) & ~problem.integer[columns]]
        return _split(problem, columns)
    once = problem.integer.copy()
    for group in (problem.labels.flow_investment, problem.labels.storage_investment):
        for capacity in group.values():
            once[capacity.positions[capacity.positions >= 0]] = True
    groups = _split(problem, np.flatnonzero(problem.cost))[:-1]
    first = next((i for i, group in enumerate(groups) if once[group].any()), len(groups))
    return groups[:first]


def _split(problem: LinearProblem, columns: Integers) -> list[Integers]:
    """Columns in tiers by gaps in their costs, the dearest first."""
    size = np.abs(problem.cost[columns])
    order = np.argsort(-size, kind="stable")
    falling = size[order]
    cuts = np.flatnonzero(falling[:-1] > FAR_ABOVE * falling[1:]) + 1
    return [columns[part] for part in np.split(order, cuts) if len(part)]


def solve_with_penalties(
    problem: LinearProblem, penalties: Collection[Edge], quick: Solve, solve: Solve
) -> RawSolution:
    """Solve a problem whose penalties are minimised first.

    Parameters
    ----------
    problem
        The whole problem.
    penalties
        Flows whose costs are penalties; without any, :func:`penalty_tiers` finds them.
    quick, solve
        Solve a problem; what ``quick`` gives up is tried by ``solve`` in another way.

    Raises
    ------
    InfeasibleError, SolverError
        What ``solve`` raises.
    """
    tiers = penalty_tiers(problem, penalties)
    if not tiers:
        return solve(problem)
    if problem.is_mixed_integer:
        return _mixed_integer(problem, penalties, tiers, quick, solve)
    stages = _Stages(problem, tiers, quick, solve)
    try:
        found = stages.optimum()
        if found is not None:
            return found
        stages.history.append("a penalty is worth paying")
    except SolverError as error:
        stages.history.append(error.headline)
    logger.info("%s; solved as one sum", "; ".join(stages.history))
    raw = solve(problem)
    return replace(raw, history=(*stages.history, *raw.history))


def _mixed_integer(
    problem: LinearProblem,
    penalties: Collection[Edge],
    tiers: list[Integers],
    quick: Solve,
    solve: Solve,
) -> RawSolution:
    """The better of the optimum in stages and that of the sum; no duals prove either.

    A penalty may be worth paying to spare a start, so the sum is solved as well; and in the sum
    the rest drowns, so the integers that are best are fixed and the rest is solved in stages.
    """
    found: list[RawSolution] = []
    history: list[str] = []

    def in_stages(whole: LinearProblem) -> RawSolution:
        return _Stages(whole, tiers, quick, solve).run().last

    for name, attempt in (("in stages", in_stages), ("as one sum", solve)):
        try:
            found.append(attempt(problem))
            history.append(f"{name}: {found[-1].history[-1]}")
        except SolverError as error:
            history.append(f"{name}: {error.headline}")
    if not found:
        raise SolverError("; ".join(history))
    best = min(found, key=lambda raw: float(problem.cost @ np.round(raw.column_values, 9)))
    fixed = fix_integers(problem, best.column_values)
    raw = solve_with_penalties(fixed, penalties, quick, solve)
    return replace(
        raw, gap=max(raw.gap, best.gap), solver=best.solver, history=(*history, *raw.history)
    )


@dataclass(frozen=True)
class _Held:
    """A tier whose amount is held by a row: duals of its stage, and prices of earlier rows."""

    largest: float
    duals: Floats | None
    prices: Floats


@dataclass(frozen=True)
class _Run:
    """The last stage, the tiers that are held by rows before it, and those held at bounds."""

    last: RawSolution
    held: tuple[_Held, ...]
    fixed: tuple[int, ...]


class _Stages:
    """The stages of a problem in order.

    Parameters
    ----------
    problem, tiers, quick, solve
        As in :func:`solve_with_penalties` and :func:`penalty_tiers`.
    """

    def __init__(
        self, problem: LinearProblem, tiers: list[Integers], quick: Solve, solve: Solve
    ) -> None:
        self.problem, self.tiers, self.quick, self.solve = problem, tiers, quick, solve
        rest = problem.cost.copy()
        self.costs: list[Floats] = []
        for tier in tiers:
            cost = np.zeros_like(rest)
            cost[tier] = problem.cost[tier]
            rest[tier] = 0.0
            self.costs.append(cost)
        self.costs.append(rest)
        # The bound at which each penalised column costs least; infinite where there is none.
        self.free: Floats = np.where(
            problem.cost > 0.0, problem.column_lower, problem.column_upper
        )
        self.history: list[str] = []

    def run(self) -> _Run:
        """Solve the stages.

        Raises
        ------
        InfeasibleError, SolverError
            What a stage raises.
        """
        current, held, fixed = self.problem, list[_Held](), list[int]()
        count = len(self.tiers)
        for number in range(count):
            rest = self._at_free_bounds(current, range(number, count))
            if rest is not None:
                return _Run(rest, tuple(held), (*fixed, *range(number, count)))
            raw = self.solve(self._stage(current, number))
            self.history.append(f"penalties of tier {number + 1}: {raw.history[-1]}")
            if self._is_free(raw, number):
                current = self._fix(current, self.tiers[number])
                fixed.append(number)
            else:
                held.append(self._duals(raw, number))
                current = self._hold(current, number, raw)
        raw = self.solve(self._stage(current, count))
        self.history.append(raw.history[-1])
        return _Run(raw, tuple(held), tuple(fixed))

    def optimum(self) -> RawSolution | None:
        """The optimum of the sum of all costs; ``None`` if a penalty is worth paying.

        Raises
        ------
        InfeasibleError, SolverError
            What a stage raises.
        """
        run = self.run()
        duals = self._weighted((*run.held, self._duals(run.last, len(self.tiers))))
        if duals is None or self._wanted(duals, run.fixed):
            return None
        problem, values = self.problem, run.last.column_values
        return replace(
            run.last,
            row_duals=duals,
            objective=float(problem.cost @ values + problem.cost_offset),
            gap=max(run.last.gap, duality_gap(problem, values, duals)),
            history=tuple(self.history),
        )

    def _stage(self, current: LinearProblem, number: int) -> LinearProblem:
        return replace(current, cost=self.costs[number], cost_offset=0.0)

    def _at_free_bounds(self, current: LinearProblem, numbers: range) -> RawSolution | None:
        """The rest with all columns of some tiers at the bounds that cost least, if that goes."""
        columns = np.concatenate([self.tiers[n] for n in numbers])
        if not np.isfinite(self.free[columns]).all():
            return None
        rest = self._stage(self._fix(current, columns), len(self.tiers))
        try:
            raw = self.quick(rest)
        except (InfeasibleError, SolverError) as error:
            self.history.append(f"without penalties: {error.headline}")
            return None
        self.history.append(f"{raw.history[-1]} without penalties")
        return raw

    def _fix(self, current: LinearProblem, columns: Integers) -> LinearProblem:
        lower, upper = current.column_lower.copy(), current.column_upper.copy()
        lower[columns] = upper[columns] = self.free[columns]
        return replace(current, column_lower=lower, column_upper=upper)

    def _is_free(self, raw: RawSolution, number: int) -> bool:
        """Whether a tier costs no more than it must."""
        values = raw.column_values
        size = max(1.0, float(np.abs(values).max()))
        tier = self.tiers[number]
        return bool((np.abs(values[tier] - self.free[tier]) <= SLACK * size).all())

    def _hold(self, current: LinearProblem, number: int, raw: RawSolution) -> LinearProblem:
        """The problem with the amount of a tier held by a row of coefficients up to one."""
        share = self.costs[number] / np.abs(self.costs[number]).max()
        # An interior point needs some room, a vertex needs hardly any.
        slack = SLACK if len(share) < WORTH_A_PROCESS else SLACK_OF_INTERIOR_POINTS
        amount, size = share @ raw.column_values, np.abs(share) @ np.abs(raw.column_values)
        return replace(
            current,
            matrix=sp.csc_array(sp.vstack([current.matrix, sp.csc_array(share[None, :])])),
            row_lower=np.append(current.row_lower, -np.inf),
            row_upper=np.append(current.row_upper, float(amount + slack * size)),
            labels=NO_LABELS,
        )

    def _duals(self, raw: RawSolution, number: int) -> _Held:
        """Duals of a stage, and what the rows that were held in it are worth."""
        largest = float(np.abs(self.costs[number]).max(initial=0.0))
        if raw.row_duals is None:
            return _Held(largest, None, np.zeros(0))
        rows = self.problem.matrix.shape[0]
        return _Held(largest, raw.row_duals[:rows], -raw.row_duals[rows:])

    def _weighted(self, stages: tuple[_Held, ...]) -> Floats | None:
        """Duals of the sum of all costs; ``None`` where a stage has none or a negative weight."""
        weights = np.ones(len(stages))
        total = np.zeros(self.problem.matrix.shape[0])
        for place in range(len(stages) - 1, -1, -1):
            stage = stages[place]
            if stage.duals is None:
                return None
            for later in range(place + 1, len(stages)):
                weights[place] -= weights[later] * stages[later].prices[place] / stage.largest
            if weights[place] < -WANTED:
                return None
            weights[place] = max(0.0, weights[place])
            total += weights[place] * stage.duals
        return total

    def _wanted(self, duals: Floats, fixed: tuple[int, ...]) -> bool:
        """Whether a column that was held at the bound that costs least would leave it."""
        if not fixed:
            return False
        columns = np.concatenate([self.tiers[n] for n in fixed])
        cost = self.problem.cost[columns]
        reduced = cost - self.problem.matrix[:, columns].T @ duals
        inside = self.problem.column_lower[columns] < self.problem.column_upper[columns]
        return bool((inside & (np.sign(cost) * reduced < -WANTED * np.abs(cost))).any())
