"""A HiGHS with a problem in it, and what it holds after a run.

The methods need an objective in moderate numbers: their tolerances are absolute. Costs are handed
over in thousands, and where their median is small or large even so, by a scale of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from ..errors import InfeasibleError, SolverError
from ..problem import LinearProblem, RawSolution
from .acceptance import duality_gap, typical_cost
from .limits import NO_LIMITS, memory_watch

COST_SCALE = 1e-3
"""Factor on the objective before it is handed over (units of money to thousands)."""
MODERATE = (0.1, 1e4)
"""Where the median of the costs that are handed over may lie."""

LARGEST_EXPONENT = 300
"""Of ten, in the factor on the objective: smaller costs are no more than the noise of a number."""


def cost_scale_of(problem: LinearProblem) -> float:
    """Factor on the objective: :data:`COST_SCALE`, or what brings its costs to between 1 and 10.

    Parameters
    ----------
    problem
        The problem.
    """
    median = typical_cost(problem) * COST_SCALE
    if MODERATE[0] <= median <= MODERATE[1]:
        return COST_SCALE
    return COST_SCALE * float(10.0 ** min(-np.floor(np.log10(median)), LARGEST_EXPONENT))


@dataclass(frozen=True)
class HighsSettings:
    """What all attempts to solve a problem have in common.

    Attributes
    ----------
    threads
        Number of threads.
    time_limit
        Limit of each attempt [s].
    tolerance
        Optimality tolerance of the interior-point method [-], relative.
    memory_limit
        Largest memory of the process [GB]; an attempt that needs more is interrupted.
    on_log
        Called with each line of the solver's log.
    mip_gap
        Relative gap at which branch and bound may end [-].
    """

    threads: int
    time_limit: float
    tolerance: float
    memory_limit: float | None
    on_log: Callable[[str], None] | None
    mip_gap: float = NO_LIMITS.gap


def new_highs(settings: HighsSettings) -> Any:
    """A HiGHS without a problem.

    Parameters
    ----------
    settings
        Its limits, threads and log.
    """
    # The scheduler is one for the whole process and keeps the first number of threads.
    highspy.Highs.resetGlobalScheduler(True)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", settings.on_log is not None)
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("threads", settings.threads)
    solver.setOptionValue("time_limit", settings.time_limit)
    solver.setOptionValue("ipm_optimality_tolerance", settings.tolerance)
    if settings.on_log is not None:
        on_log = settings.on_log
        solver.cbLogging.subscribe(lambda event: on_log(event.message.rstrip()))
    if settings.memory_limit is not None:
        above = memory_watch(settings.memory_limit)
        for event in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
            event.subscribe(lambda event: event.interrupt() if above() else None)
    return solver


def highs_with_problem(problem: LinearProblem) -> Any:
    """A quiet HiGHS that holds a problem, its costs times :func:`cost_scale_of`."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    hand_over(solver, problem, cost_scale_of(problem))
    return solver


def hand_over(solver: Any, problem: LinearProblem, cost_scale: float) -> None:
    """Give a problem to a HiGHS.

    Parameters
    ----------
    solver
        A ``highspy.Highs``.
    problem
        The problem.
    cost_scale
        Factor on the objective.

    Raises
    ------
    SolverError
        If HiGHS refuses it.
    """
    matrix = problem.matrix
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = problem.cost * cost_scale
    lp.offset_ = problem.cost_offset * cost_scale
    lp.col_lower_, lp.col_upper_ = problem.column_lower, problem.column_upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    if problem.is_mixed_integer:
        lp.integrality_ = [
            highspy.HighsVarType.kInteger if i else highspy.HighsVarType.kContinuous
            for i in problem.integer
        ]
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverError(
            "HiGHS refuses the problem; a coefficient may be infinite or not a number"
        )


def ending_of(solver: Any) -> str:
    """How a run ended; what interrupts one is the watch on the memory."""
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInterrupt:
        return "Memory limit reached"
    return str(solver.modelStatusToString(status))


def refuse_if_infeasible(solver: Any) -> None:
    """Raise an :class:`~optimise.errors.InfeasibleError` where a run found no solution."""
    status, states = solver.getModelStatus(), highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnbounded, states.kUnboundedOrInfeasible):
        raise InfeasibleError(f"the problem is {solver.modelStatusToString(status).lower()}")


def raw_solution(
    solver: Any,
    problem: LinearProblem,
    method: str,
    history: tuple[str, ...],
    cost_scale: float,
) -> RawSolution:
    """What HiGHS holds after a run that ended with an optimum.

    Parameters
    ----------
    solver
        A ``highspy.Highs`` that has run.
    problem
        The problem it holds.
    method, history
        Told in the solution.
    cost_scale
        Factor with which the objective was handed over.
    """
    solution, info = solver.getSolution(), solver.getInfo()
    values = np.asarray(solution.col_value, dtype=float)
    duals = np.asarray(solution.row_dual, dtype=float) / cost_scale
    # Iterations of all methods are counted by HiGHS; the one that ended has the largest count.
    iterations = max(info.ipm_iteration_count, info.simplex_iteration_count, 0)
    objective = float(problem.cost @ values + problem.cost_offset)
    return RawSolution(
        column_values=values,
        row_duals=duals if solution.dual_valid else None,
        objective=objective,
        gap=duality_gap(problem, values, duals),
        solver=f"HiGHS {solver.version()} {method}",
        iterations=int(iterations),
        history=history,
        method=method,
    )


def has_hipo() -> bool:
    """Whether this HiGHS has the interior-point method HiPO."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return bool(solver.setOptionValue("solver", "hipo") != highspy.HighsStatus.kError)
