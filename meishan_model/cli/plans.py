"""Commands that solve a plan, and that read what is solved: figures, statements, page, exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import (
    MINUTES,
    HoursOption,
    RootOption,
    SolverOption,
    StepOption,
    app,
    coordinates,
    out,
    print_line,
    print_wide,
    project_command,
    writable,
)
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from meishan_model.api import Format, Project

SolvedYear = Annotated[int, typer.Argument(help="Year of a solved slice.")]
TimeLimitOption = Annotated[
    float, typer.Option("--time-limit", help="Seconds for each attempt of the solver.")
]
MemoryLimitOption = Annotated[
    float | None, typer.Option("--memory-limit", help="Largest memory of the solver in GB.")
]


@project_command(is_kept=True)
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


@project_command(is_kept=True)
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


@project_command()
def dispatch(
    project: Project,
    year: SolvedYear,
    flows: Annotated[
        list[str] | None,
        typer.Argument(
            help="Coordinates, such as zone=port role=load,duty; none: supply and use of the park."
        ),
    ] = None,
    week: Annotated[
        int | None, typer.Option(help="Week, from 1; 28 of a year, 1 of a trial.")
    ] = None,
    by: Annotated[str, typer.Option(help="What a series is: technology, zone, role, ...")] = "",
    output: Annotated[Path, typer.Option(help="PNG, SVG or CSV file.")] = Path("dispatch.png"),
) -> None:
    """Draw the power of some flows in one week, with storage and price, or write it as a table."""
    from meishan_model.report.figures import save_dispatch_figure

    wanted = coordinates(flows or [])
    week = week or (28 if project.hours == HOURS_OF_YEAR else 1)
    with writable("--output", output, ".png", ".svg", ".csv"):
        if output.suffix == ".csv":
            project.dispatch(year, week, by, **wanted).to_csv(output)
        else:
            save_dispatch_figure(project.results(year), wanted, week, output, by)
    print_line(f"Written: {output}")


@project_command()
def explain(
    project: Project,
    asset: Annotated[str, typer.Argument(help="Name of an asset, such as pv_rooftop_port.")],
    year: SolvedYear,
    chinese: Annotated[bool, typer.Option("--zh", help="In Chinese.")] = False,
) -> None:
    """Say why there is as much of an asset as there is, from the cells of the sheets on."""
    out.print(project.explain(asset, year).told("zh" if chinese else "en"))


@project_command()
def statement(project: Project, year: SolvedYear) -> None:
    """Print the neutrality statement of a solved slice, from gross to net, with its sources."""
    out.print(project.statement(year))


@project_command()
def ledger(
    project: Project,
    verify: Annotated[
        bool, typer.Option("--verify", help="Post nothing: compare with the result files.")
    ] = False,
) -> None:
    """Post every solved slice to the carbon ledger, or verify what is posted (code 1 if not)."""
    found = project.ledger(verify)
    out.print(found)
    same = ", the same as the result files, row by row" if verify and found.is_sound else ""
    print_line(f"Ledger: {found.path}{same}")
    if not found.is_sound:
        raise typer.Exit(1)


@project_command()
def powerflow(
    project: Project,
    year: SolvedYear,
    agree: Annotated[
        bool,
        typer.Option(
            "--agree",
            help="Solve the slice again with the losses found, and lay the feeders that overload.",
        ),
    ] = False,
) -> None:
    """Check a slice on the grid: voltages, loadings, losses, N-1 and hosting capacity."""
    found = project.powerflow(year, agree, progress=True)
    out.print(found)
    if agree:
        print_line(f"Slice with these losses: {found.solved}")
    print_line(f"Result: {found.result}")
    print_line(f"Diagram: {found.diagram}")


@project_command()
def report(
    project: Project,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="HTML file; else beside the pathway.")
    ] = None,
) -> None:
    """Write the report of a solved pathway: text, tables and every hour, in two languages."""
    target = project.report(output)
    print_line(f"Report: {target} ({target.stat().st_size / 1e6:.1f} MB)")


@project_command()
def export(
    project: Project,
    iamc: Annotated[bool, typer.Option("--iamc", help="IAMC format, read by pyam.")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="One workbook, tidy sheets.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A CSV file for each table.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; else beside the pathway.")
    ] = None,
) -> None:
    """Export the yearly tables of a solved pathway; say which formats."""
    asked: dict[Format, bool] = {"iamc": iamc, "excel": excel, "csv": csv}
    formats = [name for name, is_asked in asked.items() if is_asked]
    for path in project.export(*formats, folder=output):
        print_line(f"Written: {path}")


@app.command()
def diff(
    first: Annotated[str, typer.Argument(help="A solved scenario, or <scenario>@<cost sheet>.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    limit: Annotated[int, typer.Option(help="Rows of each table.")] = 20,
    hours: HoursOption = HOURS_OF_YEAR,
    step: StepOption = "1h",
    root: RootOption = Path(),
) -> None:
    """Show what differs between two solved pathways, in inputs and outputs, by size."""
    from meishan_model.api import open_project

    pairs = [name.partition("@")[::2] for name in (first, second)]
    one, other = (
        open_project(name, root, sheet or None, hours, MINUTES[step]) for name, sheet in pairs
    )
    print_wide(one.differences(other).told(limit))
