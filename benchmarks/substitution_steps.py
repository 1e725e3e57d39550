"""What leaving things out and scaling give the solver, step by step."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meishan_model.optimise import BackendName
    from meishan_model.optimise.problem import LinearProblem, RawSolution

SUBSTITUTION_STEPS = (
    "solph's own form",
    "pinned flows have no column",
    "and what rows determine is left out",
    "and penalty slacks are tried last (as shipped)",
    "as shipped, objective in CNY",
    "as shipped, by HiPO",
)


def substitution(year: int, hours: int, step: int) -> dict[str, Any]:
    """What leaving things out and scaling give the solver: iterations and seconds."""
    from benchmarks.real_slice import real_slice
    from meishan_model.optimise import Model
    from meishan_model.optimise.solvers import highs
    from meishan_model.optimise.solvers.highs_model import COST_SCALE
    from meishan_model.optimise.solvers.penalties import solve_with_penalties
    from meishan_model.optimise.solvers.substitution import substitute

    park, _ = real_slice(year, hours)
    backend: BackendName = "linopy" if step else "pyomo"
    problem = Model(park.energy_system, park.registry.integral_limits, backend=backend).problem
    if step == 4:
        highs.METHODS = tuple(
            replace(method, rescale=1.0 / COST_SCALE) for method in highs.METHODS
        )
    methods = ("hipo", "simplex") if step == 5 else ("piqp", "hipo", "simplex")
    handed: list[LinearProblem] = []

    def solved(whole: LinearProblem) -> RawSolution:
        small = substitute(whole) if step > 1 else None
        given = whole if small is None else small.problem
        handed.append(given)
        raw = highs.solve_highs(given, methods=methods)
        return raw if small is None else small.restore(raw)

    resorts = park.registry.penalties if step > 2 else ()
    began = time.perf_counter()
    raw = solve_with_penalties(problem, resorts, solved, solved) if resorts else solved(problem)
    seconds = time.perf_counter() - began
    reduced_rows, reduced_columns = presolved_size(handed[-1])
    return {
        "seconds": seconds,
        "iterations": raw.iterations,
        "rows": problem.matrix.shape[0] / hours,
        "columns": problem.matrix.shape[1] / hours,
        "presolved_rows": reduced_rows / hours,
        "presolved_columns": reduced_columns / hours,
        "objective": raw.objective,
        "history": "; ".join(raw.history),
    }


def presolved_size(problem: LinearProblem) -> tuple[int, int]:
    """Rows and columns that are left after the presolve of HiGHS."""
    from meishan_model.optimise.solvers.highs_model import highs_with_problem

    solver = highs_with_problem(problem)
    solver.presolve()
    reduced = solver.getPresolvedLp()
    return int(reduced.num_row_), int(reduced.num_col_)
