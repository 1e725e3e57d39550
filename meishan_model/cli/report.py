"""``meishan report``: a pathway as one HTML file that opens without network."""

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
    print_line,
    warn_if_stale,
)
from meishan_model.planning.project import open_project
from meishan_model.planning.whole_pathway import pathway_path
from meishan_model.report.html.collect import collect
from meishan_model.report.html.page import render_report, save_report
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def report(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="HTML file; else beside the pathway.")
    ] = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Write the report of a solved pathway: text, tables and every hour, in two languages."""
    project = open_project(scenario, root, costs, hours)
    target = output or pathway_path(project).with_name("report.html")
    with err.status("reading the results") as status:
        data = collect(project)
        warn_if_stale(project)
        status.update("drawing the figures")
        html = render_report(data)
        save_report(html, target)
    print_line(f"Report: {target} ({target.stat().st_size / 1e6:.1f} MB)")
