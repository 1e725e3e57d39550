"""``meishan pathway``: all slices of a scenario, rolled forward and joined in one file."""

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
from meishan_model.planning.project import open_project
from meishan_model.planning.whole_pathway import open_pathway
from meishan_model.planning.whole_pathway import pathway as plan_pathway
from meishan_model.report.pathway_summary import pathway_summary, why
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def pathway(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    reasons: Annotated[
        str,
        typer.Option(
            "--why", help="Print why the bounds of assets with this name are as they are."
        ),
    ] = "",
    hours: HoursOption = HOURS_OF_YEAR,
    time_limit: TimeLimitOption = NO_LIMITS.time,
    memory_limit: MemoryLimitOption = NO_LIMITS.memory,
    root: RootOption = Path(),
) -> None:
    """Solve all slices that are missing, roll the plan forward and write pathway.nc."""
    limits = SolverLimits(time_limit, memory_limit)
    project = open_project(scenario, root, costs, hours, limits)
    with err.status("reading the sheets") as status:
        planned = plan_pathway(project, solver, ConsoleProgress(status))
    dataset = open_pathway(project)
    if reasons:
        for line in why(dataset, reasons):
            print_line(line)
    else:
        out.print(pathway_summary(dataset))
    print_line(f"Result: {planned.path}")
    count = sum(s.solved for s in planned.slices)
    state = "written" if planned.written else "up to date"
    out.print(
        f"{count} of {len(planned.slices)} slices solved in this run, the others were up to date; "
        f"the pathway file is {state}."
    )
