"""Commands about what a plan is made of: check of all sheets, weather, tariff of a day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import (
    RootOption,
    ScenarioOption,
    app,
    out,
    print_line,
    project_command,
)
from meishan_model.errors import CheckError

if TYPE_CHECKING:
    from meishan_model.api import Project


@project_command()
def check(project: Project) -> None:
    """Check all sheets of a scenario, print the baseline's reconciliation and stale results."""
    found = project.check()
    out.print(found)
    for line in found.lines():
        print_line(line)
    if found.failures:
        raise CheckError("; ".join(found.failures))


@app.command()
def weather(
    park: Annotated[str, typer.Option(help="Folder below timeseries/.")] = "meishan",
    epw: Annotated[Path | None, typer.Option(help="A measured year in EPW format.")] = None,
    root: RootOption = Path(),
) -> None:
    """Make the synthetic weather year of a park, or put a measured EPW year in its place."""
    from meishan_model.series.climate import write_synthetic_weather
    from meishan_model.series.epw import write_measured_weather
    from meishan_model.sheets.files import named

    name = named(park, "--park")
    folders = root / "configs" / name, root / "timeseries" / name
    if epw is None:
        path, notes = write_synthetic_weather(*folders)
    else:
        path, notes = write_measured_weather(epw, *folders)
    for note in notes:
        print_line(note)
    print_line(f"Weather: {path}")


@app.command()
def tariff(
    date: Annotated[str, typer.Argument(help="Day, such as 2026-07-15.")],
    scenario: ScenarioOption = "balanced",
    root: RootOption = Path(),
) -> None:
    """Print the 24 prices of a day in their parts: energy, network charge, surcharges, total."""
    from meishan_model.api import open_project

    out.print(open_project(scenario, root).tariff(date))
