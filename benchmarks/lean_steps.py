"""What leaving things out and scaling give the solver, step by step."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meishan_model.optimise.problem import LinearProblem, RawSolution

LEAN_STEPS = (
    "solph's own form",
    "pinned flows have no column",
    "and what rows determine is left out",
    "and last resorts are tried last (as shipped)",
    "as shipped, objective in CNY",
    "as shipped, by HiPO",
)


def lean(year: int, hours: int, step: int) -> dict[str, Any]:
    """What leaving things out and scaling give the solver: iterations and seconds."""
    from benchmarks.real_slice import real_slice
    from meishan_model.optimise import highs
    from meishan_model.optimise.highs_model import COST_SCALE
    from meishan_model.optimise.last_resort import solve_sparingly
    from meishan_model.optimise.lean import lean as leaner
    from meishan_model.optimise.solve import BACKENDS

    park, _ = real_slice(year, hours)
    stated = BACKENDS["linopy" if step else "pyomo"]
    problem = stated(park.energy_system, park.book.integral_limits)
    if step == 4:
        highs.METHODS = tuple(
            replace(method, rescale=1.0 / COST_SCALE) for method in highs.METHODS
        )
    methods = ("hipo", "simplex") if step == 5 else ("piqp", "hipo", "simplex")
    handed: list[LinearProblem] = []

    def solved(whole: LinearProblem) -> RawSolution:
        small = leaner(whole) if step > 1 else None
        given = whole if small is None else small.problem
        handed.append(given)
        raw = highs.solve_highs(given, methods=methods)
        return raw if small is None else small.restore(raw)

    resorts = park.book.last_resorts if step > 2 else ()
    began = time.perf_counter()
    raw = solve_sparingly(problem, resorts, solved, solved)
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
    from meishan_model.optimise.highs_model import highs_with_problem

    solver = highs_with_problem(problem)
    solver.presolve()
    reduced = solver.getPresolvedLp()
    return int(reduced.num_row_), int(reduced.num_col_)
