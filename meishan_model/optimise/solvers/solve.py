"""From a linear problem to its optimum by a named solver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ..problem import Edge, LinearProblem, Name, RawSolution
from . import SolverName
from .cbc import solve_cbc
from .highs import solve_highs
from .limits import NO_LIMITS, SolverLimits
from .penalties import solve_with_penalties
from .substitution import substitute
from .tie_break import solve_untied


def solve_problem(
    problem: LinearProblem,
    *,
    solver: SolverName = "highs",
    penalties: Collection[Edge] = (),
    methods: tuple[str, ...] | None = None,
    limits: SolverLimits = NO_LIMITS,
    tie_break: bool | Sequence[Name] = False,
    on_log: Callable[[str], None] | None = None,
) -> RawSolution:
    """Find the optimum of a problem; parameters as those of :meth:`optimise.Model.solve`.

    Raises
    ------
    InfeasibleError
        If the problem has no solution or is unbounded.
    SolverError
        If no method of the solver finds the optimum.
    """

    def solved(stated: LinearProblem) -> RawSolution:
        return _solve(stated, solver, penalties, methods, limits, on_log)

    if tie_break is False:
        return solved(problem)
    return solve_untied(problem, solved, () if tie_break is True else tie_break)


def _solve(
    problem: LinearProblem,
    solver: SolverName,
    penalties: Collection[Edge],
    methods: tuple[str, ...] | None,
    limits: SolverLimits,
    on_log: Callable[[str], None] | None,
) -> RawSolution:
    steps = max((len(flow.positions) for flow in problem.labels.flow.values()), default=0)

    def cbc(stated: LinearProblem) -> RawSolution:
        return solve_cbc(
            stated,
            time_limit=limits.time,
            memory_limit=limits.memory,
            mip_gap=limits.gap,
            on_log=on_log,
        )

    def highs(stated: LinearProblem, most_methods: int | None = None) -> RawSolution:
        reduction = substitute(stated)
        raw = solve_highs(
            reduction.problem,
            methods=methods,
            most_methods=most_methods,
            steps=steps,
            time_limit=limits.time,
            memory_limit=limits.memory,
            mip_gap=limits.gap,
            on_log=on_log,
        )
        return reduction.restore(raw)

    if solver == "cbc":
        return solve_with_penalties(problem, penalties, cbc, cbc)
    # A quick attempt does without the slow methods: what it cannot do, a later stage may.
    return solve_with_penalties(problem, penalties, lambda p: highs(p, most_methods=2), highs)
