"""The command line: thin, no modelling. A file for each subject; Make targets are its commands."""

from __future__ import annotations

import sys
from importlib import import_module

from rich.markup import escape

from meishan_model.cli.app import app, err
from meishan_model.errors import InputError, MeishanError
from meishan_model.plugins import plugins

COMMANDS = ("meishan_model.cli.inputs", "meishan_model.cli.plans", "meishan_model.cli.studies")
"""Modules that add commands to the application when they are imported, in the order of the help;
those of plug-ins come after them.

They import no more than the application itself; what a command needs is imported by its function.
"""


def main() -> None:
    """Run the command line; errors end in one line each and the exit code of their kind."""
    for module in (*COMMANDS, *(m for plugin in plugins() for m in plugin.commands())):
        import_module(module)
    try:
        app()
    except Exception as error:
        kind, code = _kind_and_code(error)
        if not code:
            raise
        faults = error.faults if isinstance(error, InputError) else ()
        for text in faults or (error,):
            line = f"[bold red]{kind}[/bold red]  {escape(str(text))}"
            err.print(line, highlight=False, soft_wrap=True)
        sys.exit(code)


def _kind_and_code(error: Exception) -> tuple[str, int]:
    """Kind and exit code of an error that is raised on purpose; 0 for any other."""
    if isinstance(error, MeishanError):
        return error.kind, error.exit_code
    from meishan_model.optimise.errors import InfeasibleError, ModelError, OptimiseError

    if isinstance(error, InfeasibleError):
        return "infeasible", 3
    if isinstance(error, ModelError):
        return InputError.kind, InputError.exit_code
    return "solver", 4 if isinstance(error, OptimiseError) else 0
