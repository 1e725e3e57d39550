"""What all commands share: the application, its consoles, common options, progress and errors."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.status import Status

from meishan_model.errors import Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.project import Project

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
SolverOption = Annotated[SolverName, typer.Option("--solver", help="Solver.")]
TimeLimitOption = Annotated[
    float, typer.Option("--time-limit", help="Seconds for each attempt of the solver.")
]
MemoryLimitOption = Annotated[
    float | None, typer.Option("--memory-limit", help="Largest memory of the solver [GB].")
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
    """Set up the log on the console; ``run.log`` beside the results has all lines either way."""
    level = logging.INFO if verbose else logging.WARNING
    # The handler keeps the level: a run.log lets more through the loggers than the console wants.
    handler = RichHandler(level, console=err, show_path=False, show_time=False)
    logging.basicConfig(level=level, handlers=[handler], format="%(message)s")


def print_line(text: str) -> None:
    """Print a line as it is: paths and notes are neither wrapped nor read as markup."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def warn_if_stale(project: Project) -> None:
    """Say on standard error that the pathway does not rest on the inputs of today."""
    # Imported here: it knows every study, and most commands ask for none.
    from meishan_model.studies.freshness import state_of_pathway

    try:
        state = state_of_pathway(project)
        text = str(state) if state is not None and state.reason else ""
    except InputError as error:
        text = f"the sheets cannot be read, so nobody knows what is stale: {error.headline}"
    if text:
        err.print(f"[yellow]{escape(text)}[/yellow]", highlight=False, soft_wrap=True)


def numbers(text: str, option: str) -> tuple[float, ...]:
    """Numbers of an option, separated by commas; something else is an input error."""
    found = []
    for part in text.split(","):
        if not part.strip():
            continue
        try:
            found.append(float(part))
        except ValueError:
            remedy = "numbers with a decimal point, separated by commas"
            raise InputError(
                [Fault(f"--{option}", "is no number", None, None, part, remedy)]
            ) from None
    return tuple(found)
