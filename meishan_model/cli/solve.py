"""``meishan solve``: the slices from the target down to a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    MemoryLimitOption,
    RootOption,
    ScenarioOption,
    SolverOption,
    TimeLimitOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.optimise.solvers.limits import NO_LIMITS, SolverLimits
from meishan_model.planning.backcast import backcast, open_slice
from meishan_model.planning.project import open_project
from meishan_model.report.summary import summary
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def solve(
    year: Annotated[int, typer.Argument(help="Slice to solve, with all slices it rests on.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    hours: HoursOption = HOURS_OF_YEAR,
    time_limit: TimeLimitOption = NO_LIMITS.time,
    memory_limit: MemoryLimitOption = NO_LIMITS.memory,
    root: RootOption = Path(),
) -> None:
    """Solve the slices from the target year down to YEAR; what is up to date is not redone."""
    limits = SolverLimits(time_limit, memory_limit)
    project = open_project(scenario, root, costs, hours, limits)
    with err.status("reading the sheets") as status:
        slices = backcast(project, year, solver, ConsoleProgress(status))
    out.print(summary(open_slice(project, year)))
    print_line(f"Result: {slices[-1].path}")
    count = sum(s.solved for s in slices)
    out.print(f"{count} of {len(slices)} slices solved in this run, the others were up to date.")
