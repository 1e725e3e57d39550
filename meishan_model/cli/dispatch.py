"""``meishan dispatch``: a figure of one week of a solved slice."""

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
    print_line,
)
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import open_project
from meishan_model.report.figures import save_dispatch_figure
from meishan_model.results.files import open_results
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def dispatch(
    year: Annotated[int, typer.Argument(help="Year of a solved slice.")],
    week: Annotated[int, typer.Option(help="Week of the year, 1 to 52.")] = 28,
    zone: Annotated[str, typer.Option(help="A zone, or empty for the whole park.")] = "",
    output: Annotated[Path, typer.Option(help="PNG or SVG file.")] = Path("dispatch.png"),
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Draw the hourly dispatch of one week: supply, use, storage and price."""
    project = open_project(scenario, root, costs, hours)
    ds = open_results(scenario, year, root / "results", project.overlay, hours)
    try:
        save_dispatch_figure(ds, week, zone, output)
    except (OSError, ValueError) as error:
        remedy = "name a PNG or SVG file in a folder that exists"
        fault = Fault("output", f"cannot be written: {error}", value=str(output), remedy=remedy)
        raise InputError([fault]) from error
    print_line(f"Figure: {output}")
