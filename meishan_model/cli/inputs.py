"""Commands about what a plan is made of: a new park, its sheets, workbooks, costs, weather."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import (
    RootOption,
    ScenarioOption,
    app,
    err,
    out,
    park_of,
    print_line,
    print_wide,
    project_command,
    scenario_of,
)
from meishan_model.errors import CheckError, Fault, InputError

if TYPE_CHECKING:
    from meishan_model.api import Project

sheets = typer.Typer(no_args_is_help=True, help="Edit all sheets of a park in one workbook.")
app.add_typer(sheets, name="sheets")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the park and of its scenario.")] = "",
    template: Annotated[str, typer.Option(help="What it begins as, see --list.")] = "factory",
    load: Annotated[Path | None, typer.Option(help="Measured load, a CSV file.")] = None,
    column: Annotated[str, typer.Option(help="Column of --load, where several are numbers.")] = "",
    latitude: Annotated[float | None, typer.Option(help="Degrees north.", min=-90, max=90)] = None,
    longitude: Annotated[
        float | None, typer.Option(help="Degrees east.", min=-180, max=180)
    ] = None,
    neutral: Annotated[
        int | None, typer.Option(help="Year of carbon neutrality, with baseline and offsets.")
    ] = None,
    connection: Annotated[
        float | None, typer.Option(help="Contracted capacity of the connection in MW.", min=0)
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the templates.")] = False,
    root: RootOption = Path(),
) -> None:
    """Write a small park that solves at once; every row is a placeholder for your own."""
    from meishan_model.planning.new_park import Meter, new_park, park_templates

    if listed:
        for found in park_templates().values():
            print_line(f"{found.template}: {found.sentence}")
        return
    if (latitude is None) != (longitude is None):
        remedy = "give both --latitude and --longitude, or neither"
        raise InputError([Fault("--latitude", "is half of a place", remedy=remedy)])
    place = None if latitude is None or longitude is None else (latitude, longitude)
    meter = None if load is None else Meter(load, column)
    for path in new_park(root, name, template, meter, place, neutral, connection):
        print_line(str(path))
    if meter is not None:
        _tell_meter(root, name)
    print_line(f"Next: meishan solve {neutral or 2035} -s {name}")


def _tell_meter(root: Path, name: str) -> None:
    """Say what was understood of the meter of a new park, or why it cannot be used yet."""
    from meishan_model.api import open_project
    from meishan_model.series.net_meters import measured_of

    try:
        project = open_project(name, root)
        read = measured_of(project.park, project.weather_folder)
        found = [str(series) for series in read.values()]
    except InputError as error:
        found = [f"not yet: {fault}" for fault in error.faults]
    for line in found:
        print_line(f"Measured: {line}")


@project_command()
def check(project: Project) -> None:
    """Check all sheets of a scenario, print the baseline's reconciliation and stale results."""
    from meishan_model.report.check import findings_table
    from meishan_model.sheets.plausibility import Doubt

    try:
        found = project.check()
    except InputError as error:
        # A log and a pipe have a line a fault, as of every command.
        if not (error.faults and out.is_terminal):
            raise
        out.print(findings_table(map(Doubt, error.faults)))
        raise InputError(f"{len(error.faults)} errors, see the table") from error
    out.print(found)
    for line in found.lines():
        print_line(line)
    if found.failures:
        raise CheckError("; ".join(found.failures))


@project_command()
def validation(project: Project) -> None:
    """Print numbers of the model beside published ones; fail where one leaves its band."""
    found = project.validation()
    print_wide(found)
    if found.outside:
        raise CheckError("; ".join(found.outside))


@app.command()
def weather(
    park: Annotated[str | None, typer.Option(help="Folder below timeseries/, if several.")] = None,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Measured weather: EPW, PVGIS, NASA POWER, NSRDB, TMY3, renewables.ninja, ERA5."
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML file that says what the columns of a CSV file are.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Make another synthetic year beside it, which weather_year takes."),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Make the synthetic weather year of a park, or put measured ones in its place."""
    from meishan_model.series.weather import read_weather
    from meishan_model.series.weather_files import write_synthetic_weather
    from meishan_model.series.weather_import import import_weather
    from meishan_model.series.weather_statistics import weather_statistics
    from meishan_model.sheets.files import named

    name = named(park_of(root, park), "--park")
    folders = root / "configs" / name, root / "timeseries" / name
    if seed is not None and files:
        raise InputError("--seed makes a synthetic year: give either it or files")
    if not files:
        paths, notes = write_synthetic_weather(*folders, seed)
    else:
        paths, notes = import_weather(files, *folders, mapping)
    for note in notes:
        print_line(note)
    used, *others = paths
    for name, value in weather_statistics(read_weather(used)).items():
        print_line(f"{name}: {value:.4g}")
    print_line(f"Weather made: {used}" if seed is not None else f"Weather in use: {used}")
    for path in others:
        print_line(f"Kept beside it: {path}")


@app.command()
def tariff(
    date: Annotated[str, typer.Argument(help="Day, such as 2026-07-15.")],
    scenario: ScenarioOption = None,
    root: RootOption = Path(),
) -> None:
    """Print the 24 prices of a day in their parts: energy, network charge, surcharges, total."""
    from meishan_model.api import open_project

    out.print(open_project(scenario_of(root, scenario), root).tariff(date))


@sheets.command()
def columns(
    sheet: Annotated[str, typer.Argument(help="Stem of a sheet, such as contracts.")] = "",
) -> None:
    """Print the columns of a sheet with what each says, its units and ranges; or all sheets."""
    from meishan_model.report.sheet_columns import sheet_columns

    out.print(sheet_columns(sheet))


@sheets.command()
def to_excel(
    file: Annotated[Path, typer.Argument(help="Workbook to write, .xlsx.")],
    park: Annotated[str | None, typer.Option(help="Folder below configs/, if several.")] = None,
    costs: Annotated[
        str, typer.Option(help="Cost sheet, a folder below configs/costs/.")
    ] = "reference",
    root: RootOption = Path(),
) -> None:
    """Write all sheets of a park and a cost sheet into one workbook with drop-downs."""
    from meishan_model.planning.workbook import sheets_to_excel

    with err.status("writing the workbook"):
        tabs = sheets_to_excel(file, park_of(root, park), costs, root)
    print_line(f"Workbook: {file} ({len(tabs)} tabs)")


@sheets.command()
def from_excel(
    file: Annotated[Path, typer.Argument(help="Workbook that sheets to-excel has made.")],
    root: RootOption = Path(),
) -> None:
    """Bring an edited workbook back: all sheets are right and written, or none is."""
    from meishan_model.planning.workbook import sheets_from_excel

    with err.status("reading the workbook"):
        happened = sheets_from_excel(file, root)
    for path, what in happened.items():
        print_line(f"{path}: {what}")


@app.command()
def costs(
    files: Annotated[
        list[Path], typer.Argument(help="costs_<year>.csv of PyPSA's technology-data.")
    ],
    root: RootOption = Path(),
) -> None:
    """Put files of technology-data into the cost sheet configs/costs/technology_data."""
    from meishan_model.planning.cost_files import TECHNOLOGY_DATA, import_costs
    from meishan_model.report.check import cost_comparison
    from meishan_model.sheets.costs import load_costs

    library = root / "configs" / "costs"
    for file in files:
        sheet = import_costs(root, file)
        reference = load_costs(library / "reference", sheet.year, library)
        out.print(cost_comparison(sheet, reference))
        print_line(f"Cost sheet: {library / TECHNOLOGY_DATA}, {sheet.year}")
