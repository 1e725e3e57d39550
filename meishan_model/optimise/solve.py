"""One function from a graph to its optimum, whatever backend states and whatever solver solves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import pandas as pd
from oemof import solph

from meishan_model.errors import InfeasibleError, InputError
from meishan_model.optimise import linopy_backend, pyomo_backend
from meishan_model.optimise.cbc import solve_cbc
from meishan_model.optimise.conflict import find_conflict
from meishan_model.optimise.energy_price import energy_prices
from meishan_model.optimise.extract import Solution, extract
from meishan_model.optimise.false_rows import false_rows
from meishan_model.optimise.highs import (
    METHOD_NAMES,
    PIQP,
    SIMPLEX,
    WORTH_A_PROCESS,
    solve_highs,
    worth_trying,
)
from meishan_model.optimise.last_resort import solve_sparingly
from meishan_model.optimise.lean import lean
from meishan_model.optimise.limits import NO_LIMITS, SolverLimits
from meishan_model.optimise.linopy_backend.reading import labels_of
from meishan_model.optimise.linopy_backend.rows import FalseRowError
from meishan_model.optimise.meaning import name_text
from meishan_model.optimise.problem import Edge, IntegralLimit, LinearProblem, RawSolution
from meishan_model.optimise.tie_break import solve_untied
from meishan_model.optimise.wording import ConflictError
from meishan_model.stages import stage

SolverName = Literal["highs", "cbc"]
BackendName = Literal["linopy", "pyomo"]

SOLVERS: tuple[SolverName, ...] = get_args(SolverName)
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
    integral_limits: Mapping[str, IntegralLimit] | None = None,
    *,
    solver: SolverName = "highs",
    backend: BackendName = "linopy",
    last_resorts: Collection[Edge] = (),
    methods: tuple[str, ...] = METHOD_NAMES,
    limits: SolverLimits = NO_LIMITS,
    tie_break: bool = False,
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
        Limit of the sum of each custom property of the flows, upper or ``(lower, upper)``.
    solver
        ``highs`` or ``cbc``. Who asks for CBC wants another solver's word: where it fails,
        HiGHS does not step in.
    backend
        ``linopy`` or ``pyomo``.
    last_resorts
        Flows at a penalty; they are left out first and tried only where that has no optimum, or
        a dearer one (HiGHS only).
    methods
        Methods of HiGHS in the order in which they are tried.
    limits
        Time and memory of each attempt.
    tie_break
        Whether of capacities that cost the same the first by name is built, by a second solve;
        see :mod:`~meishan_model.optimise.tie_break`.
    on_stage
        Called with the name of each stage as it begins.
    on_log
        Called with each line of the solver's log.

    Raises
    ------
    InputError
        If an argument does not fit the graph, or the graph cannot be stated.
    ConflictError
        If there is no optimum; says what is in conflict, in the graph's labels.
    SolverError
        If no method of the solver finds the optimum.
    """
    _refuse_arguments(energy_system, hours, solver, backend, last_resorts, methods)
    tell = on_stage or (lambda _: None)
    tell("stating the problem")
    began = time.perf_counter()
    with stage("state", backend=backend) as stating:
        problem = _state(energy_system, hours, integral_limits, backend)
        rows, columns = problem.matrix.shape
        stating.update(columns=columns, rows=rows)
    stated = time.perf_counter()
    tell(f"solving {columns} columns, {rows} rows")

    def solved(stated: LinearProblem, tried: tuple[str, ...] = methods) -> RawSolution:
        return _solve(stated, solver, last_resorts, tried, limits, on_log)

    def ranked(stated: LinearProblem) -> RawSolution:
        small = stated.matrix.shape[1] < WORTH_A_PROCESS and SIMPLEX in methods
        return solved(stated, (SIMPLEX, *methods) if small else methods)

    with stage("solve", solver=solver, columns=columns, rows=rows) as solving:
        with conflicts_told(problem, hours, tell):
            raw = solve_untied(problem, solved, ranked) if tie_break else solved(problem)
        solving.update(solver=raw.solver, iterations=raw.iterations, gap=f"{raw.gap:.1e}")
    timing = Timing(
        stated - began, time.perf_counter() - stated, rows, columns, int(problem.matrix.nnz)
    )
    found = extract(problem, raw, hours)
    if found.bus_price is not None:
        price = energy_prices(energy_system, found.bus_price, found.flow)
        found = replace(found, bus_price=price)
    return found, timing


def _refuse_arguments(
    energy_system: solph.EnergySystem,
    hours: pd.Index,
    solver: str,
    backend: str,
    last_resorts: Collection[Edge],
    methods: tuple[str, ...],
) -> None:
    """Raise an error before anything is stated that could not be solved or named afterwards."""
    steps = len(energy_system.timeincrement)
    edges = {labels_of(edge) for edge in energy_system.flows()}
    strange = [name_text(edge) for edge in last_resorts if edge not in edges]
    for wrong, message in (
        (solver not in SOLVERS, f"there is no solver {solver}; {' and '.join(SOLVERS)} are known"),
        (
            backend not in BACKENDS,
            f"there is no backend {backend}; {' and '.join(BACKENDS)} are known",
        ),
        (not methods, f"no method is asked for; {', '.join(METHOD_NAMES)} are known"),
        (len(hours) != steps, f"{len(hours)} stamps are given for {steps} time steps"),
        (strange, f"there is no flow {' and no '.join(strange)} to be a last resort"),
    ):
        if wrong:
            raise InputError(message)


@contextlib.contextmanager
def conflicts_told(
    problem: LinearProblem, hours: pd.Index, tell: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Say of a problem that is found to be infeasible inside what is in conflict in it.

    Parameters
    ----------
    problem
        The problem as it was stated.
    hours
        Hours of the graph.
    tell
        Called with the stage, should it come to it.

    Raises
    ------
    ConflictError
        In place of an :class:`~meishan_model.errors.InfeasibleError`, in the problem's labels;
        where no conflict is found in time the error stays as it is.
    """
    try:
        yield
    except InfeasibleError as error:
        tell("finding out what is in conflict")
        conflict = find_conflict(problem)
        if conflict is None:
            raise
        raise ConflictError(str(error), conflict, hours) from error


def _state(
    energy_system: solph.EnergySystem,
    hours: pd.Index,
    integral_limits: Mapping[str, IntegralLimit] | None,
    backend: BackendName,
) -> LinearProblem:
    try:
        return BACKENDS[backend](energy_system, integral_limits)
    except FalseRowError as error:
        conflict = false_rows(energy_system, error, integral_limits or {})
        raise ConflictError("the problem is infeasible", conflict, hours) from error
    except InfeasibleError:
        if backend == "linopy":
            raise
        # pyomo stops at the first row of the kind; the other backend knows all of them.
        with contextlib.suppress(InputError):
            _state(energy_system, hours, integral_limits, "linopy")
        raise


def _solve(
    problem: LinearProblem,
    solver: SolverName,
    last_resorts: Collection[Edge],
    methods: tuple[str, ...],
    limits: SolverLimits,
    on_log: Callable[[str], None] | None,
) -> RawSolution:
    if solver == "cbc":
        return solve_cbc(
            problem, time_limit=limits.time, memory_limit=limits.memory, on_log=on_log
        )

    def highs(whole: LinearProblem, tried: tuple[str, ...] = methods) -> RawSolution:
        leaner = lean(whole)
        raw = solve_highs(
            leaner.problem,
            methods=tried,
            time_limit=limits.time,
            memory_limit=limits.memory,
            on_log=on_log,
        )
        return leaner.restore(raw)

    # A quick attempt does without the slow methods: what it cannot do, the whole problem may.
    first = worth_trying(methods, problem.matrix.shape[1])
    quick = first[: 2 if first[:1] == (PIQP,) else 1]
    return solve_sparingly(problem, last_resorts, lambda p: highs(p, quick), highs)
