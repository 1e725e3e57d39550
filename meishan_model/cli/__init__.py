"""The command line: thin, no modelling. One file a command; each Make target is one of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from rich.markup import escape

from meishan_model.cli.app import app, err
from meishan_model.errors import InputError, MeishanError
from meishan_model.optimise.errors import InfeasibleError, ModelError, OptimiseError
from meishan_model.plugins import plugins

COMMANDS = (
    "check",
    "weather",
    "solve",
    "dispatch",
    "pathway",
    "compare",
    "front",
    "abatement",
    "sensitivity",
    "matching",
    "exposure",
    "tariff",
    "ledger",
    "statement",
    "powerflow",
    "vpp",
    "report",
    "export",
    "sheets",
)
"""Commands in the order of a planner's work, each in the file of its name; then plug-ins' own."""


def main() -> None:
    """Run the command line; errors end in one line each and the exit code of their kind."""
    try:
        _import_commands(sys.argv[1:])
        app()
    except InputError as error:
        for fault in error.faults or (str(error),):
            _print_error("input", str(fault))
        sys.exit(error.exit_code)
    except MeishanError as error:
        _print_error(type(error).__name__.removesuffix("Error").lower(), str(error))
        sys.exit(error.exit_code)
    except OptimiseError as error:
        kind, code = _of_the_engine(error)
        _print_error(kind, str(error))
        sys.exit(code)


def _of_the_engine(error: OptimiseError) -> tuple[str, int]:
    """Kind and exit code of an error of the engine."""
    if isinstance(error, ModelError):
        return "input", InputError.exit_code
    return ("infeasible", 3) if isinstance(error, InfeasibleError) else ("solver", 4)


def _import_commands(words: Sequence[str]) -> None:
    """Import the command that is asked for, or all where none is: each waits for its own alone."""
    asked = next((word for word in words if not word.startswith("-")), "")
    modules = {command: f"meishan_model.cli.{command}" for command in COMMANDS}
    for plugin in plugins():
        modules |= plugin.commands()
    for module in [modules[asked]] if asked in modules else modules.values():
        import_module(module)


def _print_error(kind: str, text: str) -> None:
    err.print(f"[bold red]{kind}[/bold red]  {escape(text)}", highlight=False, soft_wrap=True)
