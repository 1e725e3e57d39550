"""The same system solved in several ways: by CBC and HiGHS as pyomo calls them, and by the engine.

Durations are those of the processors, with all processes that a solver starts: what else runs on
the machine does not count.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyomo.environ as po
from oemof import solph
from pyomo.common.errors import InfeasibleConstraintException
from pyomo.contrib import appsi

from meishan_model.optimise import BackendName, InfeasibleError, ModelError, SolverName

from .replay import Statement

TOLERANCE = 1e-6
"""Largest difference of two equal optima, relative to the larger one, or to one if both are less.
"""
MIP_GAP = 1e-9
"""Relative gap of integer problems at which CBC and HiGHS stop where this program calls them."""

Optimum: TypeAlias = float | Literal["none"]
"""Objective of an optimum, or that there is none."""

_NO_OPTIMUM = ("infeasible", "unbounded", "infeasibleOrUnbounded")
"""How pyomo says so; the names of its two lists of endings are the same."""


@dataclass(frozen=True)
class Found:
    """What the engine found, and how long it took.

    Attributes
    ----------
    optimum
        The optimum; ``None`` if the system was refused.
    refusal
        Why it was refused.
    seconds
        Time of the processors for the solve, without what comes before it [s].
    """

    optimum: Optimum | None
    refusal: str = ""
    seconds: float = 0.0


def is_equal(one: Optimum, other: Optimum) -> bool:
    """Whether two optima are equal, see :data:`TOLERANCE`."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other))


def by_cbc(model: solph.Model) -> Optimum:
    """The optimum of a model as pyomo and CBC find it."""
    solver = po.SolverFactory("cbc")
    solver.options["ratioGap"] = MIP_GAP
    try:
        results = solver.solve(model, load_solutions=False)
    except InfeasibleConstraintException:
        return "none"
    ended = str(results.solver.termination_condition)
    if ended == "optimal":
        model.solutions.load_from(results)
    return _optimum("CBC", ended, lambda: po.value(model.objective))


def by_highs(model: solph.Model) -> Optimum:
    """The optimum of a model as pyomo and HiGHS find it, without the engine's own checks."""
    solver = appsi.solvers.Highs()
    solver.config.load_solution = False
    solver.highs_options = {"mip_rel_gap": MIP_GAP}
    results = solver.solve(model)
    ended = results.termination_condition.name
    return _optimum("HiGHS", ended, lambda: results.best_feasible_objective)


def _optimum(solver: str, ended: str, objective: Callable[[], float]) -> Optimum:
    if ended in _NO_OPTIMUM:
        return "none"
    if ended != "optimal":
        raise RuntimeError(f"{solver} ended with {ended}")
    return float(objective())


def by_engine(statement: Statement, backend: BackendName, solver: SolverName = "highs") -> Found:
    """What the engine finds for a system."""
    start = _processor_time()
    try:
        model = statement.model(backend)
        _ = model.problem  # compiled before the clock starts
        start = _processor_time()
        optimum: Optimum = model.solve(solver=solver).objective
    except ModelError as error:
        return Found(None, str(error))
    except InfeasibleError:
        optimum = "none"
    return Found(optimum, seconds=_processor_time() - start)


def _processor_time() -> float:
    """Time that this process and those that it has started have taken so far [s]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
