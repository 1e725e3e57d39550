r"""Penalties are minimised before all other costs, and the rest with their amount held.

Shedding at a thousand times the price of power keeps a problem feasible. Solved as one sum it does
harm twice: where it is not paid its columns burden the solver for nothing, and where it is paid
the other costs drown in it, since a solver is exact to a share of the whole. With the costs in
tiers :math:`c = c_1 + c_2 + \dots + c_K`, the dearest first, stage :math:`k` is

.. math::  \min_x \; c_k^T x \quad \text{over the optima of stage } k - 1

(lexicographic order; Isermann, Linear lexicographic optimization, OR Spektrum 4, 1982). The optima
of a stage are the points at which every column and row with a dual :math:`d_k, y_k` stays at its
bound, so these are fixed in the next one. A stage that can have all its columns at the bounds that
cost nothing needs no solve of its own: they are held there first.

The last stage is the optimum of the sum as well if no penalty is worth paying for something else,
that is if :math:`y = \sum_k y_k` has the right sign at all that was fixed on the way. Then it
proves the optimum, and prices it. If not, the lowest tier is a price like any other and goes to
the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp

from ..errors import InfeasibleError, SolverError
from ..problem import NO_LABELS, Edge, Floats, Integers, LinearProblem, RawSolution
from .acceptance import duality_gap
from .integers import fix_integers

logger = logging.getLogger(__name__)

Solve: TypeAlias = Callable[[LinearProblem], RawSolution]

FAR_ABOVE = 1e3
"""Costs are in different tiers if each of the one is this many times each of the other [-]."""
WANTED = 1e-6
"""A reduced cost has the wrong sign beyond this share of the column's cost [-]."""
SLACK = 1e-9
"""By how much an amount that is held by a row may be exceeded, relative [-]."""
BINDS = 1e-4
"""A dual binds its column or row above this share of the least penalty of its tier [-]."""
NOISE = 1e-7
"""What is below this share of the largest penalty of a tier is rounding [-]."""
AT_BOUND = 1e-6
"""Share of the largest quantity within which a value is at its bound [-]."""
EXCEEDED = 1e-7
"""Share of an amount by which later stages may exceed it [-]."""


def penalty_tiers(problem: LinearProblem, penalties: Collection[Edge] = ()) -> list[Integers]:
    """Columns of penalties, the dearest tier first.

    Tiers are told apart by gaps of :data:`FAR_ABOVE` in the sorted costs; without penalties given,
    what stands above such a gap is taken for a penalty. The cost of a capacity, or of an integer,
    is paid once and not in every step: it counts with its share for one step.

    Parameters
    ----------
    problem
        The problem.
    penalties
        Flows whose costs are penalties.
    """
    size = np.abs(problem.cost)
    labels = problem.labels
    if penalties:
        given = np.concatenate([labels.flow[edge].positions for edge in penalties])
        columns = np.unique(given[given >= 0])
        return _split(size, columns[(size[columns] > 0.0) & ~problem.integer[columns]])
    steps = max((len(flow.positions) for flow in labels.flow.values()), default=1)
    once = problem.integer.copy()
    for group in (labels.flow_investment, labels.storage_investment):
        for capacity in group.values():
            once[capacity.positions[capacity.positions >= 0]] = True
    return _split(np.where(once, size / steps, size), np.flatnonzero(size))[:-1]


def _split(size: Floats, columns: Integers) -> list[Integers]:
    """Columns in tiers by gaps in the sizes of their costs, the dearest first."""
    order = np.argsort(-size[columns], kind="stable")
    falling = size[columns][order]
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
    history: list[str] = []
    while tiers:
        stages = _Stages(problem, tiers, quick, solve)
        try:
            found = stages.optimum()
            if found is not None:
                return replace(found, history=(*history, *found.history))
            reason = "a penalty is worth paying"
        except SolverError as error:
            reason = error.headline
        history += [*stages.history, reason]
        logger.info("%s; penalties of tier %d are added to the rest", reason, len(tiers))
        tiers = tiers[:-1]
    raw = solve(problem)
    return replace(raw, history=(*history, *raw.history))


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
        return _Stages(whole, tiers, quick, solve).run()[1]

    for name, attempt in (("in stages", in_stages), ("as one sum", solve)):
        try:
            found.append(attempt(problem))
            history.append(f"{name}: {', '.join(found[-1].history)}")
        except SolverError as error:
            history.append(f"{name}: {error.headline}")
    if not found:
        raise SolverError("; ".join(history))
    best = min(found, key=lambda raw: float(problem.cost @ raw.column_values))
    fixed = fix_integers(problem, best.column_values)
    raw = solve_with_penalties(fixed, penalties, quick, solve)
    return replace(
        raw, gap=max(raw.gap, best.gap), solver=best.solver, history=(*history, *raw.history)
    )


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
        self.amounts: dict[int, float] = {}

    def run(self) -> tuple[LinearProblem, RawSolution, Floats | None]:
        """Solve the stages.

        Returns
        -------
        LinearProblem, RawSolution, numpy.ndarray
            The last stage, its optimum, and the duals of all stages in sum; ``None`` where a
            stage has none.

        Raises
        ------
        InfeasibleError
            If the first stage has no solution, or the sum has no lower bound.
        SolverError
            If a stage is not solved.
        """
        current, count = self.problem, len(self.tiers)
        duals: Floats | None = np.zeros(self.problem.matrix.shape[0])
        for number in range(count):
            held = self._at_free_bounds(current, range(number, count))
            if held is not None:
                return *held, self._added(duals, held[1])
            raw = self._solved(current, number)
            self.history.append(f"penalties of tier {number + 1}: {raw.history[-1]}")
            self.amounts[number] = float(self.costs[number] @ raw.column_values)
            duals = self._added(duals, raw, _binding(self.costs[number]))
            integers = self.problem.is_mixed_integer
            current = (self._held if integers else self._optima)(current, number, raw)
        raw = self._solved(current, count)
        self.history.append(raw.history[-1])
        return self._stage(current, count), raw, self._added(duals, raw)

    def optimum(self) -> RawSolution | None:
        """The optimum of the sum of all costs; ``None`` if a penalty is worth paying.

        Raises
        ------
        InfeasibleError, SolverError
            What a stage raises.
        """
        last, raw, duals = self.run()
        problem, values = self.problem, raw.column_values
        for number, amount in self.amounts.items():
            more = float(self.costs[number] @ values) - amount
            size = float(np.abs(self.costs[number]) @ np.abs(values))
            if more > EXCEEDED * size:
                raise SolverError(f"penalties of tier {number + 1} did not stay at their least")
        if duals is None or self._wanted(last, duals):
            return None
        return replace(
            raw,
            row_duals=duals,
            objective=float(problem.cost @ values + problem.cost_offset),
            gap=max(raw.gap, duality_gap(problem, values, duals)),
            history=tuple(self.history),
        )

    def _stage(self, current: LinearProblem, number: int) -> LinearProblem:
        return replace(current, cost=self.costs[number], cost_offset=0.0)

    def _solved(self, current: LinearProblem, number: int) -> RawSolution:
        """The optimum of a stage; after the first one there is a solution."""
        try:
            return self.solve(self._stage(current, number))
        except InfeasibleError as error:
            if number == 0 or "unbounded" in str(error):
                raise
            raise SolverError(f"with tier {number} of the penalties held {error}") from error

    def _at_free_bounds(
        self, current: LinearProblem, numbers: range
    ) -> tuple[LinearProblem, RawSolution] | None:
        """The rest with all columns of some tiers at the bounds that cost least, if that goes."""
        columns = np.concatenate([self.tiers[n] for n in numbers])
        if not np.isfinite(self.free[columns]).all():
            return None
        lower, upper = current.column_lower.copy(), current.column_upper.copy()
        lower[columns] = upper[columns] = self.free[columns]
        held = replace(current, column_lower=lower, column_upper=upper)
        rest = self._stage(held, len(self.tiers))
        try:
            raw = self.quick(rest)
        except (InfeasibleError, SolverError) as error:
            self.history.append(f"without penalties: {error.headline}")
            return None
        self.history.append(f"{raw.history[-1]} without penalties")
        return rest, raw

    def _added(self, duals: Floats | None, raw: RawSolution, least: float = 0.0) -> Floats | None:
        """Duals of the stages until now above some size, of the rows of the whole problem."""
        if duals is None or raw.row_duals is None:
            return None
        found = raw.row_duals[: len(duals)]
        # Of a stage of penalties what binds nothing is rounding, but would be seen in prices.
        return np.asarray(duals + np.where(np.abs(found) > least, found, 0.0), dtype=float)

    def _optima(self, current: LinearProblem, number: int, raw: RawSolution) -> LinearProblem:
        """The problem with all at its bound that has to be there in every optimum of a stage."""
        if raw.row_duals is None:
            return self._held(current, number, raw)
        cost, duals, values = self.costs[number], raw.row_duals, raw.column_values
        least = _binding(cost)
        reduced = cost - current.matrix.T @ duals
        column = _bounded(
            np.where(np.abs(reduced) > least, reduced, 0.0),
            values,
            (current.column_lower, current.column_upper),
        )
        row = _bounded(
            np.where(np.abs(duals) > least, duals, 0.0),
            current.matrix @ values,
            (current.row_lower, current.row_upper),
        )
        return replace(
            current,
            column_lower=column[0],
            column_upper=column[1],
            row_lower=row[0],
            row_upper=row[1],
        )

    def _held(self, current: LinearProblem, number: int, raw: RawSolution) -> LinearProblem:
        """The problem with the amount of a tier held by a row of coefficients up to one."""
        share = self.costs[number] / np.abs(self.costs[number]).max()
        amount, size = share @ raw.column_values, np.abs(share) @ np.abs(raw.column_values)
        return replace(
            current,
            matrix=sp.csc_array(sp.vstack([current.matrix, sp.csc_array(share[None, :])])),
            row_lower=np.append(current.row_lower, -np.inf),
            row_upper=np.append(current.row_upper, float(amount + SLACK * size)),
            labels=NO_LABELS,
        )

    def _wanted(self, last: LinearProblem, duals: Floats) -> bool:
        """Whether something that was fixed on the way would leave its bound for the sum."""
        problem, count = self.problem, len(duals)
        reduced = problem.cost - problem.matrix.T @ duals
        terms = np.abs(problem.cost) + abs(problem.matrix).T @ np.abs(duals)
        return _leaves(
            (problem.column_lower, problem.column_upper),
            (last.column_lower, last.column_upper),
            reduced,
            WANTED * terms,
        ) or _leaves(
            (problem.row_lower, problem.row_upper),
            (last.row_lower[:count], last.row_upper[:count]),
            duals,
            WANTED * np.full(count, float(np.abs(duals).max(initial=0.0))),
        )


def _binding(cost: Floats) -> float:
    """Size above which a dual of a tier binds."""
    sizes = np.abs(cost[cost != 0.0])
    return max(BINDS * float(sizes.min()), NOISE * float(sizes.max()))


def _bounded(
    duals: Floats, values: Floats, bounds: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Bounds that hold everything at the bound to which its dual points, if it is there."""
    lower, upper = bounds
    near = AT_BOUND * max(1.0, float(np.abs(values).max(initial=0.0)))
    at_lower = (duals > 0.0) & (values <= lower + near)
    at_upper = (duals < 0.0) & (values >= upper - near)
    return np.where(at_upper, upper, lower), np.where(at_lower, lower, upper)


def _leaves(
    bounds: tuple[Floats, Floats], fixed: tuple[Floats, Floats], duals: Floats, slack: Floats
) -> bool:
    """Whether a dual points away from a bound at which something was fixed."""
    to_lower = (fixed[1] < bounds[1]) & (fixed[0] == bounds[0])
    to_upper = (fixed[0] > bounds[0]) & (fixed[1] == bounds[1])
    return bool((to_lower & (duals < -slack) | to_upper & (duals > slack)).any())
