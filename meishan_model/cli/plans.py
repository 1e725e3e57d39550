"""Commands that solve a plan: one slice with what it rests on, or the whole pathway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import SolverOption, out, print_line, project_command

if TYPE_CHECKING:
    from meishan_model.api import Project

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
    from meishan_model.report.summary import summary

    ds = project.solve(
        year, solver, time_limit=time_limit, memory_limit=memory_limit, progress=True
    )
    out.print(summary(ds))
    print_line(f"Result: {project.result_path(year)}")


@project_command()
def pathway(
    project: Project,
    solver: SolverOption = "highs",
    time_limit: TimeLimitOption = 3600.0,
    memory_limit: MemoryLimitOption = None,
) -> None:
    """Solve all slices that are missing, roll the plan forward and write pathway.nc."""
    from meishan_model.report.pathway_summary import pathway_summary

    ds = project.pathway(solver, time_limit=time_limit, memory_limit=memory_limit, progress=True)
    out.print(pathway_summary(ds))
    print_line(f"Result: {project.result_path('pathway')}")
