"""``meishan vpp``: the virtual power plant of a slice answers the events of its park."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.planning.backcast import backcast, stored_assets
from meishan_model.planning.project import open_project
from meishan_model.planning.virtual_power_plant import (
    calls_of,
    virtual_power_plant,
    write_tables,
)
from meishan_model.report.trade import virtual_power_plant_report


@app.command()
def vpp(
    year: Annotated[int, typer.Argument(help="Slice whose resources answer.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 336,
    root: RootOption = Path(),
) -> None:
    """Answer the events of events.csv with the flexible resources of YEAR, in a few weeks."""
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        calls = calls_of(project)
        backcast(project, year, "highs", ConsoleProgress(status))
        table = stored_assets(project, year)

        def tell(stage: str) -> None:
            err.print(f"[dim]solving {stage}[/dim]", highlight=False)
            status.update(f"solving {stage}")

        found = virtual_power_plant(project, year, table, calls, tell)
    out.print(virtual_power_plant_report(found, f"{scenario}, {year}, {hours} h"))
    for path in write_tables(project, year, found):
        print_line(f"Result: {path}")
