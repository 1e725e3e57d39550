"""The command line: thin, no modelling. One file a command; each Make target is one of them."""

from __future__ import annotations

import sys

from rich.markup import escape

from meishan_model.cli import (
    abatement,
    check,
    compare,
    dispatch,
    export,
    exposure,
    front,
    ledger,
    matching,
    pathway,
    port,
    powerflow,
    report,
    sensitivity,
    sheets,
    solve,
    tariff,
    vpp,
    weather,
)
from meishan_model.cli.app import app, err
from meishan_model.errors import InfeasibleError, InputError, MeishanError

__all__ = [
    "abatement",
    "check",
    "compare",
    "dispatch",
    "export",
    "exposure",
    "front",
    "ledger",
    "main",
    "matching",
    "pathway",
    "port",
    "powerflow",
    "report",
    "sensitivity",
    "sheets",
    "solve",
    "tariff",
    "vpp",
    "weather",
]


def main() -> None:
    """Run the command line; errors end in one line each and the exit code of their kind."""
    try:
        app()
    except InputError as error:
        for fault in error.faults or (str(error),):
            _print_error("input", str(fault))
        sys.exit(error.exit_code)
    except MeishanError as error:
        named = InfeasibleError if isinstance(error, InfeasibleError) else type(error)
        kind = named.__name__.removesuffix("Error").lower()
        _print_error(kind, str(error))
        sys.exit(error.exit_code)


def _print_error(kind: str, text: str) -> None:
    err.print(f"[bold red]{kind}[/bold red]  {escape(text)}", highlight=False, soft_wrap=True)
