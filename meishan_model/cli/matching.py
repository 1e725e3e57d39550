"""``meishan matching``: what it costs to match green power by year, month and hour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.planning.project import open_project
from meishan_model.report.trade import MATCHING_NOTE, study_report
from meishan_model.studies.trade_studies import matching_table, save_study


@app.command()
def matching(
    year: Annotated[int, typer.Argument(help="Slice to solve with each rule.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 336,
    root: RootOption = Path(),
) -> None:
    """Solve a slice with green power matched by year, month and hour: one table."""
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        table = matching_table(project, year, status.update)
    path = save_study(project, "matching", year, table)
    out.print(study_report(table, f"Matching: {scenario}, {year}, {hours} h", MATCHING_NOTE))
    print_line(f"Result: {path}")
