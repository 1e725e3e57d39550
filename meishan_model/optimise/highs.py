"""HiGHS on a :class:`~meishan_model.optimise.problem.LinearProblem`, with a stated fallback order.

Year-long problems are solved by an interior-point method without crossover: first PIQP between the
presolve and postsolve of HiGHS, which needs a third of the time, then HiPO. They need an objective
in moderate numbers, so CNY are handed over as thousand CNY. When a method does not converge the
next one of :data:`METHODS` is tried, and the solution says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from meishan_model.errors import InfeasibleError, SolverError
from meishan_model.optimise.interior_point import piqp_version
from meishan_model.optimise.limits import memory_watch
from meishan_model.optimise.presolved import run_piqp
from meishan_model.optimise.problem import Floats, LinearProblem, RawSolution
from meishan_model.optimise.quality import duality_gap, largest_violation

logger = logging.getLogger(__name__)

COST_SCALE = 1e-3
"""Factor on the objective before it is handed over (CNY -> thousand CNY)."""


@dataclass(frozen=True)
class Method:
    """One way of solving: its HiGHS options, and the factor on the objective."""

    name: str
    options: Mapping[str, str | float | int | bool]
    cost_scale: float = COST_SCALE


HIPO: Mapping[str, str | float | int | bool] = {
    "solver": "hipo",
    "run_crossover": "off",
    "parallel": "off",
}
"""On two cores its threads make the same iterations a sixth slower, and their number vary."""

PIQP = "piqp"
WORTH_A_PROCESS = 20_000
"""Columns from which on PIQP is worth the half second in which its process starts."""

METHODS: tuple[Method, ...] = (
    Method(PIQP, {}),
    Method("hipo", HIPO),
    Method("hipo_rescaled", HIPO, cost_scale=1e-5),
    Method("ipx", {"solver": "ipx", "run_crossover": "on"}),
    Method("simplex", {"solver": "simplex"}),
)
"""In the order in which they are tried; PIQP from :data:`WORTH_A_PROCESS` columns on."""
LARGEST_VIOLATION = 1e-6
"""Violation of a row or column above which PIQP is not believed [unit], relative above one."""
LARGEST_GAP = 1e-5
"""Relative gap above which an optimum is not believed [-]."""
FEASIBLE = 1e-7
"""Violation of a row that HiGHS itself allows [unit of the row]."""
METHOD_NAMES = tuple(m.name for m in METHODS)


def solve_highs(
    problem: LinearProblem,
    *,
    methods: tuple[str, ...] = METHOD_NAMES,
    tolerance: float = 1e-8,
    threads: int = 2,
    time_limit: float = 3600.0,
    memory_limit: float | None = None,
    on_log: Callable[[str], None] | None = None,
) -> RawSolution:
    """Solve a problem with the first of the methods that converges.

    Parameters
    ----------
    problem
        The problem; with integers branch and bound is used and the duals are those of the
        problem with the integers fixed.
    methods
        Names out of :data:`METHODS`, in the order in which they are tried.
    tolerance
        Optimality tolerance of the interior-point method [-], relative.
    threads
        Number of threads.
    time_limit
        Limit of each attempt [s].
    memory_limit
        Largest memory of the process [GB]; an attempt that needs more is interrupted.
    on_log
        Called with each line of the solver's log, to show progress.

    Raises
    ------
    InfeasibleError
        If the problem has no solution or is unbounded.
    SolverError
        If no method ends with an optimum.
    """
    if not problem.matrix.shape[1]:
        return _without_columns(problem)
    settings = _Settings(threads, time_limit, tolerance, memory_limit, on_log)
    if problem.is_mixed_integer:
        return _solve_mixed_integer(problem, settings)
    unknown = set(methods) - set(METHOD_NAMES)
    if unknown:
        raise SolverError(
            f"no such method: {', '.join(sorted(unknown))}; {METHOD_NAMES} are known"
        )
    history: list[str] = []
    tried = worth_trying(methods, problem.matrix.shape[1])
    for method in (m for name in tried for m in METHODS if m.name == name):
        found = _attempt(settings, problem, method, history)
        if found is not None:
            return found
    raise SolverError("HiGHS found no optimum: " + "; ".join(history))


def worth_trying(methods: tuple[str, ...], columns: int) -> tuple[str, ...]:
    """Methods without PIQP where a problem of so many columns is too small, and others are given.

    Parameters
    ----------
    methods, columns
        Names of methods, and size of the problem.
    """
    others = tuple(name for name in methods if name != PIQP)
    return others if others and columns < WORTH_A_PROCESS else methods


def _without_columns(problem: LinearProblem) -> RawSolution:
    """The solution where nothing is left to be decided; HiGHS calls such a problem empty."""
    if (problem.row_lower > FEASIBLE).any() or (problem.row_upper < -FEASIBLE).any():
        raise InfeasibleError("the problem is infeasible")
    return RawSolution(
        column_values=np.zeros(0),
        row_duals=np.zeros(len(problem.row_lower)),
        objective=problem.cost_offset,
        gap=0.0,
        solver=f"HiGHS {highspy.Highs().version()}",
        iterations=0,
        history=("nothing is left to be decided",),
    )


def _attempt(
    settings: _Settings, problem: LinearProblem, method: Method, history: list[str]
) -> RawSolution | None:
    """The optimum by one method, or ``None``; what came of it is added to the history."""
    if method.name == PIQP and not piqp_version():
        history.append(f"{PIQP}: not installed")
        logger.warning("%s; install piqp", history[-1])
        return None
    solver = _solver(settings)
    states = [solver.setOptionValue(key, value) for key, value in method.options.items()]
    if highspy.HighsStatus.kError in states:
        history.append(f"{method.name}: not in this HiGHS")
        logger.warning("HiGHS %s; install highspy-extras", history[-1])
        return None
    _hand_over(solver, problem, method.cost_scale)
    if method.name == PIQP:
        limits = (settings.tolerance, settings.time_limit, settings.memory_limit)
        ending, iterations = run_piqp(solver, *limits, settings.on_log)
        name = f"with PIQP {piqp_version()}"
    else:
        solver.run()
        ending, iterations, name = _ending(solver, solver.getModelStatus()), None, method.name
    history.append(f"{method.name}: {ending}")
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        end = tuple(history)
        found = raw_solution(solver, problem, name, end, method.cost_scale)
        found = replace(found, method=method.name, iterations=iterations or found.iterations)
        beyond = largest_violation(problem, found.column_values) if method.name == PIQP else 0.0
        if found.gap <= LARGEST_GAP and beyond <= LARGEST_VIOLATION:
            return found
        # Costs of a few CNY drown in absolute tolerances: optimal is what has no gap.
        history[-1] = f"{method.name}: gap of {found.gap:.1e}, bounds broken by {beyond:.1e}"
    _refuse_if_infeasible(solver, status)
    logger.warning("HiGHS %s, the next method is tried", history[-1])
    return None


@dataclass(frozen=True)
class _Settings:
    """What all attempts have in common, see :func:`solve_highs`."""

    threads: int
    time_limit: float
    tolerance: float
    memory_limit: float | None
    on_log: Callable[[str], None] | None


def _solver(settings: _Settings) -> Any:
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


def _ending(solver: Any, status: Any) -> str:
    """How a run ended; what interrupts one is the watch on the memory."""
    if status == highspy.HighsModelStatus.kInterrupt:
        return "Memory limit reached"
    return str(solver.modelStatusToString(status))


def has_hipo() -> bool:
    """Whether this HiGHS has the interior-point method HiPO."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return bool(solver.setOptionValue("solver", "hipo") != highspy.HighsStatus.kError)


def highs_with_problem(problem: LinearProblem) -> Any:
    """A quiet HiGHS that holds a problem, in thousand CNY."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    _hand_over(solver, problem)
    return solver


def _hand_over(solver: Any, problem: LinearProblem, cost_scale: float = COST_SCALE) -> None:
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


def _refuse_if_infeasible(solver: Any, status: Any) -> None:
    states = highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnbounded, states.kUnboundedOrInfeasible):
        raise InfeasibleError(f"the problem is {solver.modelStatusToString(status).lower()}")


def raw_solution(
    solver: Any,
    problem: LinearProblem,
    method: str,
    history: tuple[str, ...],
    cost_scale: float = COST_SCALE,
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


def _solve_mixed_integer(problem: LinearProblem, settings: _Settings) -> RawSolution:
    solver = _solver(settings)
    solver.setOptionValue("mip_rel_gap", 1e-9)
    _hand_over(solver, problem)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        _refuse_if_infeasible(solver, status)
        raise SolverError(f"HiGHS branch and bound: {_ending(solver, status)}")
    gap = float(solver.getInfo().mip_gap)
    fixed = fix_integers(problem, np.asarray(solver.getSolution().col_value, dtype=float))
    relaxed = solve_highs(
        fixed,
        methods=("simplex",),
        threads=settings.threads,
        time_limit=settings.time_limit,
        memory_limit=settings.memory_limit,
    )
    return RawSolution(
        column_values=relaxed.column_values,
        row_duals=relaxed.row_duals,
        objective=relaxed.objective,
        gap=gap,
        solver=f"HiGHS {solver.version()} branch and bound",
        iterations=relaxed.iterations,
        history=("branch and bound: Optimal", *relaxed.history),
    )


def fix_integers(problem: LinearProblem, values: Floats) -> LinearProblem:
    """Fix the integer columns at a solution, so that the rest has duals.

    Parameters
    ----------
    problem
        A problem with integers.
    values
        Column values of its solution.
    """
    rounded = np.round(values)
    return LinearProblem(
        matrix=problem.matrix,
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        column_lower=np.where(problem.integer, rounded, problem.column_lower),
        column_upper=np.where(problem.integer, rounded, problem.column_upper),
        cost=problem.cost,
        cost_offset=problem.cost_offset,
        integer=np.zeros_like(problem.integer),
        labels=problem.labels,
        row_names=problem.row_names,
    )
