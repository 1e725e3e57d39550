"""What all commands share: the application, its consoles and common options.

Commands import what they need when they are called, so that ``meishan --help`` and a command that
needs little begin at once.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console, RenderableType
from rich.logging import RichHandler
from rich.measure import Measurement

from meishan_model.cli.printed import answer
from meishan_model.errors import Fault, InputError, refuse
from meishan_model.sheets.units import HOURS_OF_YEAR

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Plan a zero-carbon park backwards from neutrality, hour by hour. Begin with: "
    "meishan new mypark; meishan check; meishan solve 2035; meishan pathway; meishan report.",
)
out = Console()
err = Console(stderr=True)

ScenarioOption = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        "-s",
        help="Stem of a file in configs/scenarios; may be left out where that is balanced, or "
        "there is one only.",
    ),
]
CostsOption = Annotated[
    Path | None,
    typer.Option("--costs", "-c", help="Folder of another cost sheet, configs/costs/<sheet>."),
]
HoursOption = Annotated[
    int, typer.Option("--hours", help="8760, or a number of weeks in hours for a short trial.")
]
StepOption = Annotated[
    Literal["1h", "30min", "15min"],
    typer.Option("--step", help="Time step; results of shorter ones lie apart."),
]
MINUTES = {"1h": 60, "30min": 30, "15min": 15}
# The engine's own SolverName would have to be imported with the whole engine.
SolverOption = Annotated[Literal["highs", "cbc"], typer.Option("--solver", help="Solver.")]
RootOption = Annotated[
    Path, typer.Option("--root", help="Folder with configs/, timeseries/ and results/.")
]


def scenario_of(root: Path, given: str | None) -> str:
    """The scenario of a project that is given, else the usual one, see :func:`usual`."""
    there = [path.stem for path in (root / "configs" / "scenarios").glob("*.yaml")]
    return usual("--scenario", "balanced", there) if given is None else given


def park_of(root: Path, given: str | None) -> str:
    """The park of a project that is given, else the usual one, see :func:`usual`."""
    there = [path.parent.name for path in (root / "configs").glob("*/park.yaml")]
    return usual("--park", "meishan", there) if given is None else given


def usual(option: str, own: str, there: Collection[str]) -> str:
    """What an option means where it is left out: the usual name, or the only one that there is.

    Raises
    ------
    InputError
        If there are several others, or none.
    """
    if own in there or len(there) == 1:
        return own if own in there else next(iter(there))
    told = f"there are: {', '.join(sorted(there))}" if there else "begin with meishan new NAME"
    raise InputError([Fault(option, "must be given", remedy=told)])


def project_command(
    hours: int = HOURS_OF_YEAR, to: typer.Typer = app, is_kept: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function whose first parameter is an opened project.

    The command has the options ``--scenario``, ``--costs``, ``--hours``, ``--step`` and
    ``--root`` in the place of the project, behind arguments and options of other parameters.

    Parameters
    ----------
    hours
        Hours of each year unless others are asked for.
    to
        The application that has the command.
    is_kept
        Whether it prints nothing but what it reads in results, which is kept beside them.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    common = [
        inspect.Parameter("scenario", kind, default=None, annotation=ScenarioOption),
        inspect.Parameter("costs", kind, default=None, annotation=CostsOption),
        inspect.Parameter("hours", kind, default=hours, annotation=HoursOption),
        inspect.Parameter("step", kind, default="1h", annotation=StepOption),
        inspect.Parameter("root", kind, default=Path(), annotation=RootOption),
    ]

    def register(function: Callable[..., None]) -> Callable[..., None]:
        def command(
            scenario: str | None, costs: Path | None, hours: int, step: str, root: Path, **own: Any
        ) -> None:
            name = scenario_of(root, scenario)

            def ask() -> None:
                from meishan_model.api import open_project

                function(open_project(name, root, costs, hours, MINUTES[step]), **own)

            if not is_kept:
                ask()
                return
            question = (function.__name__, name, root, costs, hours, step, sorted(own.items()))
            if answer(root, question, [] if costs is None else [costs], out, ask):
                err.print("[dim]up to date: nothing has changed since this was printed[/dim]")

        # The class of the project is not imported before a command is called.
        signature = inspect.signature(function, locals={"Project": Any}, eval_str=True)
        parameters = [*list(signature.parameters.values())[1:], *common]
        command.__doc__ = function.__doc__
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        vars(command)["__signature__"] = inspect.Signature(parameters)
        to.command(function.__name__)(command)
        return function

    return register


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


WIDEST = 400
"""Characters that a table may need in a line at most."""


def print_wide(table: RenderableType) -> None:
    """Print a table of many numbers, which are not broken in a narrow terminal or a log file."""
    # Measured on a sheet as wide as it may need: a measure never exceeds what it is taken on.
    needed = Measurement.get(out, out.options.update_width(WIDEST), table).minimum
    Console(width=max(out.width, needed)).print(table)


@contextmanager
def writable(option: str, path: Path, *kinds: str) -> Iterator[None]:
    """Refuse a file that an option names and that cannot be written.

    Parameters
    ----------
    option
        Name of the option.
    path
        The file.
    kinds
        Endings that its name may have, such as ``.csv``.

    Raises
    ------
    InputError
        With the reason.
    """
    try:
        if path.suffix not in kinds:
            raise OSError("no such kind of file is made")
        yield
    except OSError as error:
        remedy = f"name a {' or '.join(kinds)} file in a folder that exists"
        fault = Fault(option, f"cannot be written: {error}", value=str(path), remedy=remedy)
        raise InputError([fault]) from error


def coordinates(texts: Iterable[str]) -> dict[str, list[str]]:
    """Coordinates of flows from arguments such as ``role=load,duty``."""
    pairs = {text: text.partition("=")[::2] for text in texts}
    remedy = "such as: zone=port role=load,duty"
    refuse(
        Fault("FLOWS", "is no coordinate with its values", value=text, remedy=remedy)
        for text, (name, values) in pairs.items()
        if not (name and values)
    )
    return {name: values.split(",") for name, values in pairs.values()}
