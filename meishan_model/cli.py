"""The command line: thin, no modelling. Each Make target is one of these commands."""

from __future__ import annotations

import logging
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.status import Status

from meishan_model.errors import Fault, InputError, MeishanError
from meishan_model.pathway.backcast import (
    backcast,
    open_slice,
    slice_hashes,
    slice_path,
    slices_down_to,
)
from meishan_model.pathway.project import open_project
from meishan_model.profiles.provide import write_measured_weather, write_synthetic_weather
from meishan_model.report.check import confidence_table, reconciliation, require_series
from meishan_model.report.figures import save_dispatch_figure
from meishan_model.report.summary import summary
from meishan_model.results.files import open_results, stored_hash
from meishan_model.version import __version__

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Plan a zero-carbon park backwards from neutrality, hour by hour.",
)
out = Console()
err = Console(stderr=True)

ScenarioOption = Annotated[
    str, typer.Option("--scenario", "-s", help="Stem of a file in configs/scenarios.")
]
CostsOption = Annotated[
    Path | None,
    typer.Option("--costs", "-c", help="Folder of another cost sheet, configs/costs/<sheet>."),
]
HoursOption = Annotated[
    int, typer.Option("--hours", help="8760, or a number of weeks in hours for a short trial.")
]
RootOption = Annotated[
    Path, typer.Option("--root", help="Folder with configs/, timeseries/ and results/.")
]


class ConsoleProgress:
    """Shows which slice and stage a run is at, and for how long."""

    def __init__(self, status: Status):
        self._status = status
        self._began = time.monotonic()
        self._slice = ""
        self._stage = ""

    def slice_begins(self, year: int, position: int, count: int) -> None:
        """Show the slice."""
        self._slice = f"slice {year} ({position} of {count})"

    def stage(self, name: str) -> None:
        """Print the stage with the elapsed time, so that it also stands in a log file."""
        self._stage = escape(f"{self._slice}: {name}")
        elapsed = int(time.monotonic() - self._began)
        err.print(
            f"[dim]{elapsed // 60:3d}:{elapsed % 60:02d}[/dim]  {self._stage}",
            highlight=False,
            soft_wrap=True,
        )
        self._status.update(self._stage)

    def log(self, line: str) -> None:
        """Show the last line of the solver's log."""
        if line.strip():
            self._status.update(f"{self._stage}  [dim]{escape(line.strip()[:70])}[/dim]")

    def slice_ends(self, path: Path, solved: bool) -> None:
        """Say whether the slice was solved or lay there already."""
        if not solved:
            self.stage(f"is up to date, {path}")


@app.callback()
def settings(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="More log lines.")] = False,
) -> None:
    """Set up the log."""
    level = logging.INFO if verbose else logging.WARNING
    handler = RichHandler(console=err, show_path=False, show_time=False)
    logging.basicConfig(level=level, handlers=[handler], format="%(message)s")


@app.command()
def solve(
    year: Annotated[int, typer.Argument(help="Slice to solve, with all slices it rests on.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: Annotated[Literal["highs", "cbc"], typer.Option(help="Solver.")] = "highs",
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Solve the slices from the target year down to YEAR; what is up to date is not redone."""
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        chain = slices_down_to(project, year)
        hashes = slice_hashes(project, solver)
        # Hours of solving should not be needed to find a gap in the last slice's tariff.
        require_series(
            project, [y for y in chain if stored_hash(slice_path(project, y)) != hashes[y]]
        )
        slices = backcast(project, year, solver, ConsoleProgress(status))
    out.print(summary(open_slice(project, year)))
    _print_line(f"Result: {slices[-1].path}")
    count = sum(s.solved for s in slices)
    out.print(f"{count} of {len(slices)} slices solved in this run, the others were up to date.")


@app.command()
def check(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Check all sheets of a scenario, print the baseline's reconciliation and stale results."""
    project = open_project(scenario, root, costs, hours)
    hashes = {solver: slice_hashes(project, solver) for solver in ("highs", "cbc")}
    require_series(project, project.years)
    out.print(reconciliation(project.baseline))
    out.print(confidence_table(project.park))
    for year in sorted(project.years, reverse=True):
        path = slice_path(project, year)
        if path.is_file():
            fresh = stored_hash(path) in {h[year] for h in hashes.values()}
            _print_line(f"{path}: {'up to date' if fresh else 'STALE, an input has changed'}")
    packages = ("oemof.solph", "pyomo", "highspy", "pandas", "xarray", "netCDF4")
    out.print(
        f"Versions: meishan_model {__version__}, "
        + ", ".join(f"{name} {version(name)}" for name in packages)
    )


@app.command()
def weather(
    park: Annotated[str, typer.Option(help="Folder below timeseries/.")] = "meishan",
    epw: Annotated[Path | None, typer.Option(help="A measured year in EPW format.")] = None,
    root: RootOption = Path(),
) -> None:
    """Make the synthetic weather year of a park, or put a measured EPW year in its place."""
    folders = root / "configs" / park, root / "timeseries" / park
    if epw is None:
        path, notes = write_synthetic_weather(*folders)
    else:
        path, notes = write_measured_weather(epw, *folders)
    for note in notes:
        _print_line(note)
    _print_line(f"Weather: {path}")


@app.command()
def dispatch(
    year: Annotated[int, typer.Argument(help="Year of a solved slice.")],
    week: Annotated[int, typer.Option(help="Week of the year, 1 to 52.")] = 28,
    zone: Annotated[str, typer.Option(help="A zone, or empty for the whole park.")] = "",
    output: Annotated[Path, typer.Option(help="PNG or SVG file.")] = Path("dispatch.png"),
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 8760,
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
    _print_line(f"Figure: {output}")


def _print_line(text: str) -> None:
    """Print a line as it is: paths and notes are neither wrapped nor read as markup."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line; errors end in one line each and the exit code of their kind."""
    try:
        app()
    except InputError as error:
        for fault in error.faults or (str(error),):
            _print_error("input", str(fault))
        sys.exit(error.exit_code)
    except MeishanError as error:
        kind = type(error).__name__.removesuffix("Error").lower()
        _print_error(kind, str(error))
        sys.exit(error.exit_code)


def _print_error(kind: str, text: str) -> None:
    err.print(f"[bold red]{kind}[/bold red]  {escape(text)}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
