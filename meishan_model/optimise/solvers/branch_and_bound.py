"""HiGHS on problems with integers: branch and bound, then duals with the integers fixed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from ..errors import SolverError
from ..problem import LinearProblem, RawSolution
from .big_m import tighten_big_m
from .highs_model import (
    HighsSettings,
    cost_scale_of,
    ending_of,
    hand_over,
    new_highs,
    refuse_if_infeasible,
)
from .integers import solve_with_integers_fixed

logger = logging.getLogger(__name__)

TOLERANCES = (1e-6, 1e-9)
"""How far from whole an integer may be, in the order in which they are tried [-]."""
AT_A_LIMIT = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
"""Endings with the best that was found until then, if anything was."""


def branch_and_bound(
    problem: LinearProblem,
    settings: HighsSettings,
    solve_linear: Callable[[LinearProblem], RawSolution],
) -> RawSolution:
    """The optimum by branch and bound, with the duals of the problem with its integers fixed.

    With the usual tolerance most problems are solved; where the optimum lives on what it forgives,
    it is asked for less, with which HiGHS sometimes fails.

    Parameters
    ----------
    problem
        A problem with integers.
    settings
        Limits, threads and log.
    solve_linear
        Solves a problem without integers.

    Raises
    ------
    InfeasibleError
        If the problem has no solution or is unbounded.
    SolverError
        If no solution is found.
    """
    history: list[str] = []
    for tolerance in TOLERANCES:
        solver, said = _searched(problem, settings, tolerance)
        gap = float(solver.getInfo().mip_gap)
        status = solver.getModelStatus()
        if status in AT_A_LIMIT and np.isfinite(gap):
            said = f"{said}, within {gap:.1e} of the optimum"
            logger.warning("HiGHS branch and bound: %s", said)
        history.append(f"branch and bound: {said}")
        if status in (*AT_A_LIMIT, highspy.HighsModelStatus.kInterrupt) and not np.isfinite(gap):
            break  # the next tolerance would end there as well
        if status != highspy.HighsModelStatus.kOptimal and status not in AT_A_LIMIT:
            continue
        values = np.asarray(solver.getSolution().col_value, dtype=float)
        try:
            found = solve_with_integers_fixed(problem, values, gap, solve_linear)
        except SolverError as error:
            history[-1] = f"branch and bound: {error.headline}"
            logger.warning("HiGHS %s", history[-1])
            continue
        return replace(
            found,
            solver=f"HiGHS {solver.version()} branch and bound",
            method="",
            history=(*history, *found.history),
        )
    raise SolverError("HiGHS found no optimum: " + "; ".join(history))


def _searched(
    problem: LinearProblem, settings: HighsSettings, tolerance: float
) -> tuple[Any, str]:
    """A HiGHS that has searched for the optimum, and how it ended.

    Raises
    ------
    InfeasibleError
        If the problem has no solution or is unbounded.
    """
    solver = new_highs(settings)
    solver.setOptionValue("mip_rel_gap", settings.mip_gap)
    solver.setOptionValue("mip_feasibility_tolerance", tolerance)
    hand_over(solver, tighten_big_m(problem), cost_scale_of(problem))
    solver.run()
    refuse_if_infeasible(solver)
    return solver, ending_of(solver)
