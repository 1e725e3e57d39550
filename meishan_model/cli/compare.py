"""``meishan compare``: all pathways and other ways of planning, side by side."""

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
from meishan_model.errors import CheckError
from meishan_model.pathway.comparison_study import SHORT_HOURS
from meishan_model.pathway.comparison_study import compare as make_comparison
from meishan_model.report.comparison import WIDTH, comparison


@app.command()
def compare(
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    hours: HoursOption = 8760,
    short_hours: Annotated[
        int, typer.Option(help="Hours of each year where all years are one problem.")
    ] = SHORT_HOURS,
    root: RootOption = Path(),
) -> None:
    """Make all pathways, and the balanced one forwards and with foresight; print one table."""
    with err.status("reading the sheets") as status:
        progress = ConsoleProgress(status)

        def announce(plan: str, of_hours: int) -> None:
            err.print(f"[bold]{plan}[/bold], {of_hours} hours a year", highlight=False)

        lines, path = make_comparison(root, costs, hours, solver, progress, announce, short_hours)
    # A table of so many numbers is not squeezed into a narrow terminal or a log file.
    Console(width=max(out.width, WIDTH)).print(comparison(lines))
    print_line(f"Result: {path}")
    failed = [line.plan for line in lines if line.failure.startswith("no result")]
    if failed:
        raise CheckError(f"without a result: {', '.join(failed)}")
