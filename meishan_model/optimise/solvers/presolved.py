"""PIQP between the presolve and the postsolve of HiGHS."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from ..errors import InfeasibleError
from ..problem import NO_LABELS, Floats, LinearProblem
from .acceptance import largest_bound, proves_infeasible
from .highs_model import ending_of, highs_with_problem
from .piqp import INFEASIBLE, SOLVED, STALLED, Answer, solve_by_piqp

HEAVY = 1e-3
"""A dual above this share of the largest one weighs its row in a proof [-]."""
MOST_ITERATIONS = 20_000
"""Of the simplex on the rows of a proof; a year whose every hour is in it is left to others."""
ROUGH, ROUGH_RESIDUAL = 1e-3, 1e-6
"""Gap [-], relative, and residuals at which phase one is ended: its duals are checked by what they
prove, and on a year slice the last digits are out of reach."""


def presolved_columns(solver: Any) -> int:
    """Columns that the presolve of a HiGHS leaves of the problem that it holds."""
    solver.presolve()
    return int(solver.getPresolvedLp().num_col_)


def run_piqp(
    solver: Any,
    tolerance: float,
    time_limit: float,
    memory_limit: float | None,
    on_log: Callable[[str], None] | None,
) -> tuple[str, int]:
    """Solve the presolved problem that a HiGHS holds, and leave the solution in it.

    Parameters
    ----------
    solver
        A ``highspy.Highs`` with a linear problem, after its presolve.
    tolerance, time_limit, memory_limit, on_log
        As for :func:`~optimise.solvers.piqp.solve_by_piqp`.

    Returns
    -------
    str, int
        How it ended, as HiGHS names it where HiGHS has the word, and the number of iterations.

    Raises
    ------
    InfeasibleError
        If the duals prove that there is no solution.
    """
    began = time.monotonic()
    status, states = solver.getModelPresolveStatus(), highspy.HighsPresolveStatus
    if status == states.kReducedToEmpty:
        solver.run()
        return ending_of(solver), 0
    if status not in (states.kReduced, states.kNotReduced):
        return f"presolve ended with {status.name.removeprefix('k')}", 0
    problem = _problem(solver.getPresolvedLp())
    left = max(0.0, time_limit - (time.monotonic() - began))
    answer = solve_by_piqp(problem, tolerance, left, memory_limit, on_log)
    infeasible = answer.ending == INFEASIBLE and proved_infeasible(problem, answer.duals)
    if answer.ending in (INFEASIBLE, STALLED) and not infeasible:
        left = max(0.0, time_limit - (time.monotonic() - began))
        first = solve_by_piqp(
            _phase_one(problem), ROUGH, left, memory_limit, on_log, residual=ROUGH_RESIDUAL
        )
        infeasible = first.ending == SOLVED and proved_infeasible(problem, first.duals)
    if infeasible:
        raise InfeasibleError("the problem is infeasible")
    if answer.ending != SOLVED:
        return answer.ending, answer.iterations
    solver.postsolve(_solution(problem, answer))
    return ending_of(solver), answer.iterations


def proved_infeasible(problem: LinearProblem, duals: Floats) -> bool:
    """Whether a problem has no solution, by the duals that an inner point ended with.

    Such duals leave no column without bounds quite alone, so by themselves they seldom prove
    anything. They tell the rows that do: those that they weigh are solved alone by the simplex,
    and what it calls infeasible is believed if its ray is a proof.

    Parameters
    ----------
    problem, duals
        The problem, and a dual of each of its rows; none is no proof.
    """
    if proves_infeasible(problem, duals):
        return True
    rows = np.flatnonzero(np.abs(duals) > HEAVY * np.abs(duals).max(initial=0.0))
    part, _ = problem.rows_alone(rows)
    solver = highs_with_problem(part)
    # The presolve would find out as well, but leave no ray.
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("simplex_iteration_limit", MOST_ITERATIONS)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return False
    _, there, ray = solver.getDualRay()
    return there and any(proves_infeasible(part, sign * np.asarray(ray)) for sign in (1.0, -1.0))


def _problem(lp: Any) -> LinearProblem:
    """A problem of HiGHS in arrays; its constant matters to HiGHS alone."""
    given = lp.a_matrix_
    parts = tuple(np.asarray(a) for a in (given.value_, given.index_, given.start_))
    kind = sp.csc_array if given.format_ == highspy.MatrixFormat.kColwise else sp.csr_array
    return LinearProblem(
        matrix=sp.csc_array(kind(parts, shape=(lp.num_row_, lp.num_col_))),
        row_lower=np.asarray(lp.row_lower_, dtype=float),
        row_upper=np.asarray(lp.row_upper_, dtype=float),
        column_lower=np.asarray(lp.col_lower_, dtype=float),
        column_upper=np.asarray(lp.col_upper_, dtype=float),
        cost=np.asarray(lp.col_cost_, dtype=float),
        cost_offset=0.0,
        integer=np.zeros(lp.num_col_, dtype=bool),
        labels=NO_LABELS,
    )


def _phase_one(problem: LinearProblem) -> LinearProblem:
    r"""The least that the rows have to be broken by: what a problem lacks to have a solution.

    .. math::  \min \sum_i u_i + v_i, \qquad b^-_i \le \sum_j a_{ij} x_j + u_i - v_i \le b^+_i

    Where that is above zero its duals prove that there is no solution.
    """
    count, columns = problem.matrix.shape
    # Slack without bounds makes PIQP take some problems for unbounded.
    most = np.full(2 * count, largest_bound(problem))
    slack = sp.eye_array(count, format="csc")
    return replace(
        problem,
        matrix=sp.csc_array(sp.hstack([problem.matrix, slack, -slack])),
        column_lower=np.concatenate([problem.column_lower, np.zeros(2 * count)]),
        column_upper=np.concatenate([problem.column_upper, most]),
        cost=np.concatenate([np.zeros(columns), np.ones(2 * count)]),
        cost_offset=0.0,
        integer=np.zeros(columns + 2 * count, dtype=bool),
    )


def _solution(problem: LinearProblem, answer: Answer) -> Any:
    solution = highspy.HighsSolution()
    solution.col_value = answer.values
    solution.row_value = problem.matrix @ answer.values
    solution.row_dual = answer.duals
    solution.col_dual = problem.cost - problem.matrix.T @ answer.duals
    solution.value_valid = solution.dual_valid = True
    return solution
