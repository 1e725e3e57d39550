"""Who wants to know how far a long run is: nobody, or a person at a console or a notebook."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.status import Status

MANY = 50
"""A study of more variants prints only every so-manyth of them."""


class Progress:
    """Who is told how far a long run is; by itself it does nothing with it."""

    def variant(self, position: int, count: int, name: str) -> None:
        """A variant of a study begins, or at position 0 what all of them rest on."""

    def slice_begins(self, year: int, position: int, count: int) -> None:
        """Slice ``position`` of ``count`` begins."""

    def stage(self, name: str) -> None:
        """A stage begins, of a slice where one has begun."""

    def log(self, line: str) -> None:
        """The solver says something."""

    def slice_ends(self, path: Path, solved: bool) -> None:
        """The slice lies on disk; ``solved`` is false where it lay there already."""


class ConsoleProgress(Progress):
    """Prints which variant, slice and stage a run is at, and for how long.

    Parameters
    ----------
    console
        Where it prints.
    status
        Line of the console that is written again and again.
    """

    def __init__(self, console: Console, status: Status):
        self._console, self._status = console, status
        self._began = time.monotonic()
        self._slice = self._stage = ""
        self._solved: list[bool] = []

    def variant(self, position: int, count: int, name: str) -> None:
        """Show the variant."""
        text = escape(f"{position} of {count}: {name}" if position else name)
        if count <= MANY or position % MANY == 0:
            self._print(f"[bold]{text}[/bold]")
        self._status.update(text)

    def slice_begins(self, year: int, position: int, count: int) -> None:
        """Show the slice."""
        self._slice = f"slice {year} ({position} of {count}): "

    def stage(self, name: str) -> None:
        """Print the stage with the elapsed time, so that it also stands in a log file."""
        self._stage = escape(f"{self._slice}{name}")
        elapsed = int(time.monotonic() - self._began)
        self._print(f"[dim]{elapsed // 60:3d}:{elapsed % 60:02d}[/dim]  {self._stage}")
        self._status.update(self._stage)

    def log(self, line: str) -> None:
        """Show the last line of the solver's log."""
        if line.strip():
            self._status.update(f"{self._stage}  [dim]{escape(line.strip()[:70])}[/dim]")

    def slice_ends(self, path: Path, solved: bool) -> None:
        """Count the slice, and say if it lay there already."""
        self._solved.append(solved)
        if not solved:
            self.stage(f"is up to date, {path}")
        self._slice = ""

    def summary(self) -> None:
        """Print how many slices were solved."""
        if self._solved:
            count, of = sum(self._solved), len(self._solved)
            others = ", the others were up to date" if count < of else ""
            self._print(f"{count} of {of} slices solved in this run{others}.")

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


@contextmanager
def shown(progress: bool | Progress) -> Iterator[Progress]:
    """Whoever is to be told how far a run is.

    Parameters
    ----------
    progress
        Somebody, or whether it is printed on standard error.
    """
    if isinstance(progress, Progress):
        yield progress
        return
    if not progress:
        yield Progress()
        return
    console = Console(stderr=True)
    with console.status("reading the sheets") as status:
        told = ConsoleProgress(console, status)
        yield told
    told.summary()
