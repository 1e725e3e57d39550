"""``meishan exposure``: what a price of carbon changes in a slice."""

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
    numbers,
    out,
    print_line,
)
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import open_project
from meishan_model.report.trade import EXPOSURE_NOTE, study_report
from meishan_model.studies.trade_studies import exposure_table, save_study


@app.command()
def exposure(
    year: Annotated[int, typer.Argument(help="Slice to solve at each price.")],
    prices: Annotated[
        str, typer.Option(help="Prices of carbon [CNY/tCO2], separated by commas.")
    ] = "0,100,300,800",
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 336,
    root: RootOption = Path(),
) -> None:
    """Solve a slice at several prices of carbon: cost, emissions, capacities that change."""
    levels = tuple(dict.fromkeys(numbers(prices, "prices")))
    if not levels or min(levels) < 0.0:
        remedy = "one or more numbers from 0 on"
        raise InputError([Fault("--prices", "are no prices", value=prices, remedy=remedy)])
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        table = exposure_table(project, year, levels, status.update)
    path = save_study(project, "exposure", year, table)
    out.print(study_report(table, f"Exposure: {scenario}, {year}, {hours} h", EXPOSURE_NOTE))
    print_line(f"Result: {path}")
