"""``meishan port``: berths, ships and energy of the terminal in one slice, and its ship calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    CostsOption,
    RootOption,
    ScenarioOption,
    app,
    out,
    print_line,
    scenario_of,
    writable,
)
from meishan_model.errors import Fault, InputError


@app.command()
def port(
    year: Annotated[int, typer.Argument(help="Year of a slice.")],
    calls: Annotated[
        Path | None,
        typer.Option(help="Write the ship calls to this CSV file, to be edited and put back."),
    ] = None,
    scenario: ScenarioOption = None,
    costs: CostsOption = None,
    root: RootOption = Path(),
) -> None:
    """Say how busy the berths are, how long ships wait, and what ships and terminal need."""
    from meishan_model.planning.backcast import slices_down_to
    from meishan_model.planning.project import open_project
    from meishan_model.port.call_list import call_list_path, write_call_list
    from meishan_model.port.report import port_summary
    from meishan_model.port.ships import berth_series, berth_use
    from meishan_model.port.year import NAME, berths_of
    from meishan_model.series.build import shape_context

    project = open_project(scenario_of(root, scenario), root, costs)
    slices_down_to(project, year)
    inputs = project.slices[year]
    if not berths_of(inputs):
        path, remedy = project.park.path("berths"), "choose the scenario of a park with a port"
        raise InputError([Fault(path, "the park has no berths", remedy=remedy)])
    context = shape_context(inputs, project.park, project.weather_folder)
    found = context.schedules[NAME].calls
    listed = call_list_path(project.weather_folder, year)
    print_line(f"Ship calls: {listed if listed.is_file() else 'generated'}")
    out.print(port_summary(inputs, berth_use(inputs, found), berth_series(inputs, found), context))
    if calls is None:
        return
    with writable("--calls", calls, ".csv"):
        write_call_list(found, calls, year)
    print_line(f"List of calls: {calls}; beside the weather as {listed} it is used")
