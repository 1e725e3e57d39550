"""HiGHS on a :class:`~optimise.problem.LinearProblem`, with a stated fallback order.

Small problems are solved by the simplex. Year-long ones are solved by an interior-point method
without crossover: first PIQP between the presolve and postsolve of HiGHS, which needs a third of
the time, then HiPO. When a method does not converge the next one of :data:`METHODS` is tried, and
the solution says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import highspy
import numpy as np

from ..errors import InfeasibleError, SolverError
from ..problem import LinearProblem, RawSolution
from . import limits
from .acceptance import LARGEST_VIOLATION, STRICT, Tolerances, reason_to_reject
from .branch_and_bound import branch_and_bound
from .highs_model import (
    HighsSettings,
    cost_scale_of,
    ending_of,
    hand_over,
    new_highs,
    raw_solution,
    refuse_if_infeasible,
)
from .piqp import piqp_version
from .presolved import presolved_columns, run_piqp

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Method:
    """One way of solving: its HiGHS options, and a further factor on the objective."""

    name: str
    options: Mapping[str, str | float | int | bool]
    rescale: float = 1.0


HIPO: Mapping[str, str | float | int | bool] = {
    "solver": "hipo",
    "run_crossover": "off",
    "parallel": "off",
}
"""On two cores its threads make the same iterations a sixth slower, and their number vary."""

PIQP, SIMPLEX = "piqp", "simplex"

METHODS: tuple[Method, ...] = (
    Method(PIQP, {}),
    Method("hipo", HIPO),
    Method("hipo_rescaled", HIPO, rescale=1e-2),
    Method("ipx", {"solver": "ipx", "run_crossover": "on"}),
    Method(SIMPLEX, {"solver": "simplex"}),
)
"""In the order in which they are tried on large problems; see :func:`by_size`."""
FEASIBLE = 1e-7
"""Violation of a row or of a dual that HiGHS itself allows [unit of the row, scaled cost]."""
METHOD_NAMES = tuple(m.name for m in METHODS)
NARROW = 12
"""Columns a time step up to which the simplex is quick however many steps there are."""
BRIEFLY = Method(
    "simplex_briefly", {"solver": "simplex", "simplex_iteration_limit": 100_000}, rescale=1e-2
)
"""The simplex, given up after more iterations than narrow problems need.

Many steps whose costs only break ties, beside few capacities that are dear, are its case: with
the former scaled to one it takes half as long again.
"""


def solve_highs(
    problem: LinearProblem,
    *,
    methods: tuple[str, ...] | None = None,
    most_methods: int | None = None,
    steps: int = 0,
    tolerance: float = 1e-8,
    threads: int = 2,
    time_limit: float = 3600.0,
    memory_limit: float | None = None,
    mip_gap: float = limits.NO_LIMITS.gap,
    on_log: Callable[[str], None] | None = None,
) -> RawSolution:
    """Solve a problem with the first of the methods that converges.

    Parameters
    ----------
    problem
        The problem; with integers branch and bound is used and the duals are those of the
        problem with the integers fixed.
    methods
        Names out of :data:`METHODS` in the order in which they are tried; by default those that
        suit the size, see :func:`by_size`.
    most_methods
        How many of them may be tried.
    steps
        Number of time steps, if it is known.
    tolerance
        Optimality tolerance of the interior-point method [-], relative.
    threads
        Number of threads.
    time_limit
        Limit of each attempt [s].
    memory_limit
        Largest memory of the process [GB]; an attempt that needs more is interrupted.
    mip_gap
        Relative gap at which branch and bound may end [-].
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
    settings = HighsSettings(threads, time_limit, tolerance, memory_limit, on_log, mip_gap)
    if problem.is_mixed_integer:
        linear = partial(
            solve_highs, threads=threads, time_limit=time_limit, memory_limit=memory_limit
        )
        return branch_and_bound(problem, settings, linear)
    tried = by_size(problem.matrix.shape[1], steps) if methods is None else methods
    known = {method.name: method for method in (*METHODS, BRIEFLY)}
    unknown = set(tried) - set(known)
    if unknown:
        raise SolverError(
            f"no such method: {', '.join(sorted(unknown))}; {METHOD_NAMES} are known"
        )
    history: list[str] = []
    for method in (known[name] for name in tried[:most_methods]):
        found = _attempt(settings, problem, method, history, asked_for=methods is not None)
        if found is not None:
            return found
    raise SolverError("HiGHS found no optimum: " + "; ".join(history))


def by_size(columns: int, steps: int = 0) -> tuple[str, ...]:
    """Methods in the order in which they suit a problem.

    Small problems are solved by the simplex first, which is quicker there and ends in a vertex;
    PIQP is left out. Large but narrow ones, a few columns in each of many steps, are tried by it.

    Parameters
    ----------
    columns, steps
        Size of the problem, and its number of time steps if that is known.
    """
    if columns >= limits.WORTH_A_PROCESS:
        narrow = columns <= NARROW * steps
        return (BRIEFLY.name, *METHOD_NAMES) if narrow else METHOD_NAMES
    return (SIMPLEX, *(name for name in METHOD_NAMES if name not in (PIQP, SIMPLEX)))


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
    settings: HighsSettings,
    problem: LinearProblem,
    method: Method,
    history: list[str],
    *,
    asked_for: bool,
) -> RawSolution | None:
    """The optimum by one method, or ``None``; what came of it is added to the history.

    In the place of PIQP, unless it was asked for, the simplex takes what presolve leaves small.
    """
    if method.name == PIQP and not piqp_version():
        history.append(f"{PIQP}: not installed")
        logger.warning("%s; install piqp", history[-1])
        return None
    solver = new_highs(settings)
    states = [solver.setOptionValue(key, value) for key, value in method.options.items()]
    if highspy.HighsStatus.kError in states:
        history.append(f"{method.name}: not in this HiGHS")
        logger.warning("HiGHS %s; install highspy-extras", history[-1])
        return None
    scale = cost_scale_of(problem) * method.rescale
    hand_over(solver, problem, scale)
    name = method.name
    if name == PIQP:
        small = presolved_columns(solver) < limits.WORTH_A_PROCESS
        if small and not asked_for:
            name = SIMPLEX
            solver.setOptionValue("solver", name)
    if name == PIQP:
        asked = (settings.tolerance, settings.time_limit, settings.memory_limit)
        ending, iterations = run_piqp(solver, *asked, settings.on_log)
        label, tolerances = f"with PIQP {piqp_version()}", Tolerances(primal=LARGEST_VIOLATION)
    else:
        solver.run()
        # HiGHS looks after the bounds itself.
        ending, iterations, label, tolerances = ending_of(solver), 0, name, STRICT
    history.append(f"{name}: {ending}")
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        found = raw_solution(solver, problem, label, tuple(history), scale)
        found = replace(found, method=name, iterations=iterations or found.iterations)
        why_not = reason_to_reject(problem, found, tolerances)
        if not why_not:
            return found
        history[-1] = f"{name}: {why_not}"
    refuse_if_infeasible(solver)
    logger.warning("HiGHS %s, the next method is tried", history[-1])
    return None
