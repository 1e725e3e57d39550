"""Commands that solve a plan: one slice with what it rests on, or the whole pathway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import SolverOption, out, print_line, progress, project_command

if TYPE_CHECKING:
    from meishan_model.planning.project import Project

TimeLimitOption = Annotated[
    float, typer.Option("--time-limit", help="Seconds for each attempt of the solver.")
]
MemoryLimitOption = Annotated[
    float | None, typer.Option("--memory-limit", help="Largest memory of the solver in GB.")
]


@project_command()
def solve(
    project: Project,
    year: Annotated[int, typer.Argument(help="Slice to solve, with all slices it rests on.")],
    solver: SolverOption = "highs",
    time_limit: TimeLimitOption = 3600.0,
    memory_limit: MemoryLimitOption = None,
) -> None:
    """Solve the slices from the target year down to YEAR; what is up to date is not redone."""
    from meishan_model.optimise import SolverLimits
    from meishan_model.planning.backcast import backcast
    from meishan_model.report.summary import summary

    project = replace(project, limits=SolverLimits(time_limit, memory_limit))
    with progress() as shown:
        slices = backcast(project, year, solver, shown)
    out.print(summary(project.open_result(year)))
    print_line(f"Result: {slices[-1].path}")
    count = sum(s.solved for s in slices)
    out.print(f"{count} of {len(slices)} slices solved in this run, the others were up to date.")


@project_command()
def pathway(
    project: Project,
    solver: SolverOption = "highs",
    reasons: Annotated[
        str,
        typer.Option(
            "--why", help="Print why the bounds of assets with this name are as they are."
        ),
    ] = "",
    time_limit: TimeLimitOption = 3600.0,
    memory_limit: MemoryLimitOption = None,
) -> None:
    """Solve all slices that are missing, roll the plan forward and write pathway.nc."""
    from meishan_model.optimise import SolverLimits
    from meishan_model.planning.whole_pathway import pathway as plan_pathway
    from meishan_model.report.pathway_summary import pathway_summary, why

    project = replace(project, limits=SolverLimits(time_limit, memory_limit))
    with progress() as shown:
        planned = plan_pathway(project, solver, shown)
    dataset = project.open_result("pathway")
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
