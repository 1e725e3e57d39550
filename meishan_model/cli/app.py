"""What all commands share: the application, its consoles, common options and progress.

Commands import what they need when they are called, so that ``meishan --help`` and a command that
needs little begin at once.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console, RenderableType
from rich.logging import RichHandler
from rich.markup import escape
from rich.status import Status

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
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
# The engine's own SolverName would have to be imported with the whole engine.
SolverOption = Annotated[Literal["highs", "cbc"], typer.Option("--solver", help="Solver.")]
RootOption = Annotated[
    Path, typer.Option("--root", help="Folder with configs/, timeseries/ and results/.")
]
MANY = 50
"""A study of more variants prints only every so-manyth of them."""


def project_command(
    hours: int = HOURS_OF_YEAR, to: typer.Typer = app
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function whose first parameter is an opened project.

    The command has the options ``--scenario``, ``--costs``, ``--hours`` and ``--root`` in the
    place of the project, behind the arguments and options of the function's other parameters.

    Parameters
    ----------
    hours
        Hours of each year unless others are asked for.
    to
        The application that has the command.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    common = [
        inspect.Parameter("scenario", kind, default="balanced", annotation=ScenarioOption),
        inspect.Parameter("costs", kind, default=None, annotation=CostsOption),
        inspect.Parameter("hours", kind, default=hours, annotation=HoursOption),
        inspect.Parameter("root", kind, default=Path(), annotation=RootOption),
    ]

    def register(function: Callable[..., None]) -> Callable[..., None]:
        def command(scenario: str, costs: Path | None, hours: int, root: Path, **own: Any) -> None:
            from meishan_model.planning.project import open_project

            function(open_project(scenario, root, costs, hours), **own)

        # The class of the project is not imported before a command is called.
        signature = inspect.signature(function, locals={"Project": Any}, eval_str=True)
        parameters = [*list(signature.parameters.values())[1:], *common]
        command.__doc__ = function.__doc__
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        vars(command)["__signature__"] = inspect.Signature(parameters)
        to.command(function.__name__)(command)
        return function

    return register


class ConsoleProgress:
    """Shows which variant of a study, slice and stage a run is at, and for how long.

    Parameters
    ----------
    status
        Line of the console that is written again and again.
    """

    def __init__(self, status: Status):
        self._status = status
        self._began = time.monotonic()
        self._slice = ""
        self._stage = ""

    def variant(self, position: int, count: int, name: str) -> None:
        """Show the variant of a study, or at position 0 what all of them rest on."""
        text = escape(f"{position} of {count}: {name}" if position else name)
        if count <= MANY or position % MANY == 0:
            err.print(f"[bold]{text}[/bold]", highlight=False, soft_wrap=True)
        self._status.update(text)

    def slice_begins(self, year: int, position: int, count: int) -> None:
        """Show the slice."""
        self._slice = f"slice {year} ({position} of {count}): "

    def stage(self, name: str) -> None:
        """Print the stage with the elapsed time, so that it also stands in a log file."""
        self._stage = escape(f"{self._slice}{name}")
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


@contextmanager
def progress() -> Iterator[ConsoleProgress]:
    """Who is told how far a run is, which begins with the sheets."""
    with err.status("reading the sheets") as status:
        yield ConsoleProgress(status)


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


def print_wide(table: RenderableType) -> None:
    """Print a table of many numbers, which are not broken in a narrow terminal or a log file."""
    Console(width=max(out.width, out.measure(table).minimum)).print(table)


def warn_if_stale(project: Project) -> None:
    """Say on standard error that the pathway does not rest on the inputs of today."""
    from meishan_model.studies.freshness import state_of_pathway

    try:
        state = state_of_pathway(project)
        text = str(state) if state is not None and state.reason else ""
    except InputError as error:
        text = f"the sheets cannot be read, so nobody knows what is stale: {error.headline}"
    if text:
        err.print(f"[yellow]{escape(text)}[/yellow]", highlight=False, soft_wrap=True)


@contextmanager
def writable(option: str, path: Path, kinds: str) -> Iterator[None]:
    """Refuse a file that an option names and that cannot be written.

    Parameters
    ----------
    option
        Name of the option.
    path
        The file.
    kinds
        What files it may be, such as ``CSV``.

    Raises
    ------
    InputError
        With the reason.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        remedy = f"name a {kinds} file in a folder that exists"
        fault = Fault(option, f"cannot be written: {error}", value=str(path), remedy=remedy)
        raise InputError([fault]) from error


def coordinates(texts: Iterable[str]) -> dict[str, list[str]]:
    """Coordinates of flows from arguments such as ``role=load,duty``."""
    pairs = {text: text.partition("=")[::2] for text in texts}
    remedy = "such as: zone=port role=load,duty"
    if faults := [
        Fault("FLOWS", "is no coordinate with its values", value=text, remedy=remedy)
        for text, (name, values) in pairs.items()
        if not (name and values)
    ]:
        raise InputError(faults)
    return {name: values.split(",") for name, values in pairs.values()}
