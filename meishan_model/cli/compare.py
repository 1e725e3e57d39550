"""``meishan compare``: two solved pathways, or all pathways and ways of planning, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    RootOption,
    SolverOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.whole_pathway import open_pathway
from meishan_model.report import comparison, differences
from meishan_model.report.differences import (
    differences_report,
    input_differences,
    output_differences,
)
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.studies.comparison_study import SHORT_HOURS
from meishan_model.studies.comparison_study import compare as make_comparison


@app.command()
def compare(
    first: Annotated[
        str | None, typer.Argument(help="A solved scenario, or <scenario>@<cost sheet>.")
    ] = None,
    second: Annotated[str | None, typer.Argument(help="Another.")] = None,
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    hours: HoursOption = HOURS_OF_YEAR,
    short_hours: Annotated[
        int, typer.Option(help="Hours of each year where all years are one problem.")
    ] = SHORT_HOURS,
    limit: Annotated[int, typer.Option(help="Rows of each table, for two pathways.")] = 20,
    root: RootOption = Path(),
) -> None:
    """Show what differs between two solved pathways, in inputs and outputs, by size.

    Without names make all pathways, and the balanced one forwards and with foresight, and print
    one table.
    """
    if first is None:
        _study(costs, solver, hours, short_hours, root)
        return
    if second is None:
        remedy = "name two of them, or none for the table of all"
        raise InputError([Fault("compare", "one pathway alone", value=first, remedy=remedy)])
    if costs is not None:
        remedy = "write <scenario>@<cost sheet>"
        raise InputError([Fault("--costs", "is of no use for two pathways", remedy=remedy)])
    _two((first, second), limit, hours, root)


def _two(names: tuple[str, str], limit: int, hours: int, root: Path) -> None:
    """What went into two pathways and what came out."""
    projects = [_open(name, root, hours) for name in names]
    pathways = [open_pathway(project) for project in projects]
    inputs = input_differences(*projects)
    outputs = output_differences(*pathways)
    table = differences_report(inputs, outputs, names, limit)
    Console(width=max(out.width, differences.WIDTH)).print(table)


def _open(name: str, root: Path, hours: int) -> Project:
    scenario, _, sheet = name.partition("@")
    folder = root / "configs" / "costs" / sheet if sheet else None
    return open_project(scenario, root, folder, hours)


def _study(
    costs: Path | None, solver: SolverName, hours: int, short_hours: int, root: Path
) -> None:
    """All pathways and ways of planning in one table."""
    with err.status("reading the sheets") as status:
        progress = ConsoleProgress(status)

        def announce(plan: str, of_hours: int) -> None:
            err.print(f"[bold]{plan}[/bold], {of_hours} hours a year", highlight=False)

        lines, path = make_comparison(root, costs, hours, solver, progress, announce, short_hours)
    # A table of so many numbers is not squeezed into a narrow terminal or a log file.
    Console(width=max(out.width, comparison.WIDTH)).print(comparison.comparison(lines))
    print_line(f"Result: {path}")
    failed = [line.plan for line in lines if line.failure.startswith("no result")]
    if failed:
        raise CheckError(f"without a result: {', '.join(failed)}")
