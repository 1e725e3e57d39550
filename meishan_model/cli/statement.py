"""``meishan statement``: the neutrality statement of a year, from gross to net."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import CostsOption, HoursOption, RootOption, ScenarioOption, app, out
from meishan_model.planning.backcast import open_slice
from meishan_model.planning.project import open_project
from meishan_model.report.labels import labels_of
from meishan_model.report.statement import statement_text, year_statement
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def statement(
    year: Annotated[int, typer.Argument(help="Year of a solved slice.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Print the neutrality statement of a solved slice, from gross to net, with its sources."""
    project = open_project(scenario, root, costs, hours)
    ds = open_slice(project, year)
    found = year_statement(project, year, ds)
    out.print(statement_text(found, labels_of(ds)))
