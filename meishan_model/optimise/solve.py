"""One function from a graph to its optimum, whatever backend states and whatever solver solves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from oemof import solph

from meishan_model.optimise import linopy_backend, pyomo_backend
from meishan_model.optimise.cbc import solve_cbc
from meishan_model.optimise.extract import Solution, extract
from meishan_model.optimise.highs import METHOD_NAMES, solve_highs
from meishan_model.optimise.last_resort import solve_sparingly
from meishan_model.optimise.lean import lean
from meishan_model.optimise.problem import Edge, LinearProblem, RawSolution

logger = logging.getLogger(__name__)

SolverName = Literal["highs", "cbc"]
BackendName = Literal["linopy", "pyomo"]

BACKENDS = {
    "linopy": linopy_backend.state_problem,
    "pyomo": pyomo_backend.state_problem,
}
"""How a graph is stated: lean and fast, or by ``solph.Model`` as the reference."""


@dataclass(frozen=True)
class Timing:
    """Seconds of the stages, and the size of the problem."""

    state: float
    solve: float
    rows: int
    columns: int
    nonzeros: int


def optimise(
    energy_system: solph.EnergySystem,
    hours: pd.Index,
    integral_limits: Mapping[str, float] | None = None,
    *,
    solver: SolverName = "highs",
    backend: BackendName = "linopy",
    last_resorts: Collection[Edge] = (),
    on_stage: Callable[[str], None] | None = None,
    on_log: Callable[[str], None] | None = None,
) -> tuple[Solution, Timing]:
    """Find the optimum of a graph.

    Parameters
    ----------
    energy_system
        The graph.
    hours
        Stamps of its hours, for the solution.
    integral_limits
        Upper limit of the sum of each custom property of the flows.
    solver
        ``highs`` or ``cbc``.
    backend
        ``linopy`` or ``pyomo``.
    last_resorts
        Flows at a penalty; they are left out first and tried only where that has no optimum, or
        a dearer one (HiGHS only).
    on_stage
        Called with the name of each stage as it begins.
    on_log
        Called with each line of the solver's log (HiGHS only).

    Raises
    ------
    InfeasibleError
        If there is no solution.
    SolverError
        If no method of the solver finds the optimum.
    """
    tell = on_stage or (lambda _: None)
    tell("stating the problem")
    began = time.perf_counter()
    problem = BACKENDS[backend](energy_system, integral_limits)
    stated = time.perf_counter()
    rows, columns = problem.matrix.shape
    tell(f"solving {columns} columns, {rows} rows")
    raw = _solve(problem, solver, last_resorts, on_log)
    solved = time.perf_counter()
    logger.info(
        "stated in %.1f s, solved in %.1f s by %s (%d iterations, gap %.1e)",
        stated - began,
        solved - stated,
        raw.solver,
        raw.iterations,
        raw.gap,
    )
    timing = Timing(stated - began, solved - stated, rows, columns, int(problem.matrix.nnz))
    return extract(problem, raw, hours), timing


def _solve(
    problem: LinearProblem,
    solver: SolverName,
    last_resorts: Collection[Edge],
    on_log: Callable[[str], None] | None,
) -> RawSolution:
    if solver == "cbc":
        return solve_cbc(problem)

    def highs(whole: LinearProblem, methods: tuple[str, ...] = METHOD_NAMES) -> RawSolution:
        leaner = lean(whole)
        return leaner.restore(solve_highs(leaner.problem, methods=methods, on_log=on_log))

    # A quick attempt has one method only: what it cannot do, the whole problem may.
    return solve_sparingly(problem, last_resorts, lambda p: highs(p, METHOD_NAMES[:1]), highs)
