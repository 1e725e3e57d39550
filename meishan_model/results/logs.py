"""Logs of a scenario: what its runs did, and what the solver said.

They lie in ``results/<scenario>/logs``: ``run.log`` with a line for each stage, and for each slice
``<year>_<solver>.log``. New lines are added to what is there, so nothing is lost that a run said
before it was killed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

logger = logging.getLogger(__name__)

PACKAGE = "meishan_model"
FORMAT = "%(asctime)s %(levelname)s %(message)s"
TIME = "%Y-%m-%dT%H:%M:%S%z"


def log_folder(result: Path) -> Path:
    """Folder of the logs beside a result.

    Parameters
    ----------
    result
        Path of a slice.
    """
    return result.parent / "logs"


def solver_log_path(result: Path, year: int, solver: str) -> Path:
    """File of the log of a solver on a slice.

    Parameters
    ----------
    result
        Path of the slice.
    year, solver
        The slice and who solves it.
    """
    return log_folder(result) / f"{year}_{solver}.log"


@contextlib.contextmanager
def run_log(folder: Path) -> Iterator[None]:
    """Write what the package logs, from the level INFO on, to ``run.log`` as well.

    Parameters
    ----------
    folder
        Folder of the logs; made if needed. Where it cannot be written, the run goes on without.
    """
    package = logging.getLogger(PACKAGE)
    level = package.level
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8")
    except OSError as error:
        logger.warning("there will be no run.log: %s", error)
        yield
        return
    handler.setFormatter(logging.Formatter(FORMAT, TIME))
    handler.setLevel(logging.INFO)
    package.addHandler(handler)
    package.setLevel(min(package.getEffectiveLevel(), logging.INFO))
    try:
        yield
    finally:
        package.setLevel(level)
        package.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def solver_log(
    path: Path | None, listener: Callable[[str], None] | None = None
) -> Iterator[Callable[[str], None] | None]:
    """Who takes down the solver's lines: a file, and whoever listens as well.

    Parameters
    ----------
    path
        The file, which is added to; its folder is made if needed. ``None`` for no file.
    listener
        Who else is told each line.

    Yields
    ------
    callable or None
        To be called with each line; ``None`` where nobody listens.
    """
    if path is None:
        yield listener
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        logger.warning("the solver's log is not kept: %s", error)
        yield listener
        return

    def take_down(line: str) -> None:
        # A full disk must not end a solve.
        with contextlib.suppress(OSError):
            file.write(f"{line}\n")
        if listener is not None:
            listener(line)

    try:
        take_down(f"# {datetime.now().astimezone().isoformat(timespec='seconds')}")
        yield take_down
    finally:
        with contextlib.suppress(OSError):
            file.close()
