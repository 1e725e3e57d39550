"""Processes forked from a server that has imported everything, so that each is all work."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))
import mini_park

from meishan_model import cli
from meishan_model.planning.whole_pathway import pathway

PARTS = (
    *("meishan_model.cli", "meishan_model.planning.whole_pathway", "meishan_model.report.summary"),
    *("linopy", "dask.array", "pint", "holidays.countries"),
)
"""What the server imports: the project, and what its libraries import when they are used."""


def forked(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """A process that runs a function, which has begun."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PARTS))
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


class Command:
    """A command of ``meishan`` in a process of its own, which has begun.

    Parameters
    ----------
    words
        Of the command line.
    largest_file
        Bytes beyond which no file of the process grows.
    """

    def __init__(self, *words: str, largest_file: int | None = None):
        self._streams = tempfile.TemporaryDirectory()
        self._paths = [Path(self._streams.name) / name for name in ("out", "err")]
        self.process = forked(run_command, words, self._paths, largest_file)
        assert self.process.pid is not None
        self.pid = self.process.pid

    def ended(self) -> tuple[int, str, str]:
        """Exit code, standard output and messages, when it has ended."""
        self.process.join()
        assert self.process.exitcode is not None
        with self._streams:
            out, err = (path.read_text(encoding="utf-8") for path in self._paths)
        return self.process.exitcode, out, err


def run_command(words: tuple[str, ...], paths: list[Path], largest_file: int | None) -> None:
    """What the process of a command does."""
    for channel, path in enumerate(paths, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), channel)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    sys.argv = ["meishan", *words]
    cli.main()


class Telling(mini_park.Silence):
    """Sends a word down a pipe for each stage that begins."""

    def __init__(self, pipe: Connection):
        self.pipe = pipe

    def stage(self, name: str) -> None:
        """Send the name."""
        self.pipe.send(name)


def begin_pathway(root: Path) -> tuple[ForkServerProcess, Connection]:
    """A process that solves the pathway of the mini park; it tells its stages and "done"."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = forked(run_pathway, root, there)
    there.close()
    return process, here


def run_pathway(root: Path, pipe: Connection) -> None:
    """What that process does."""
    pathway(mini_park.mini(root), "highs", Telling(pipe))
    pipe.send("done")
