"""``meishan weather``: a park's weather year, synthetic or measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import RootOption, app, print_line
from meishan_model.series.provide import write_measured_weather, write_synthetic_weather
from meishan_model.sheets.files import named


@app.command()
def weather(
    park: Annotated[str, typer.Option(help="Folder below timeseries/.")] = "meishan",
    epw: Annotated[Path | None, typer.Option(help="A measured year in EPW format.")] = None,
    root: RootOption = Path(),
) -> None:
    """Make the synthetic weather year of a park, or put a measured EPW year in its place."""
    name = named(park, "--park")
    folders = root / "configs" / name, root / "timeseries" / name
    if epw is None:
        path, notes = write_synthetic_weather(*folders)
    else:
        path, notes = write_measured_weather(epw, *folders)
    for note in notes:
        print_line(note)
    print_line(f"Weather: {path}")
