"""What a run leaves in the folder of a scenario beside its results: its lock and its logs.

One run at a time holds the folder. The logs lie in ``results/<scenario>/logs``: ``run.log`` with a
line for each stage, and for each slice ``<year>_<solver>.log``. New lines are added to what is
there, so nothing is lost that a run said before it was killed. The line of a stage says what it
was about and how long it took, as ``key=value`` pairs in a fixed order, so that
``grep stage=solve`` and a spreadsheet can read them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from meishan_model.errors import LockError
from meishan_model.whole_file import PARTIAL_SUFFIX

logger = logging.getLogger(__name__)

Say = Callable[[str], None]
Listener = Say | None
"""Who hears a line of text at a time, if somebody does."""
LOCK_NAME = ".lock"
HOLDER_NAME = ".lock-holder.json"
PACKAGE = "meishan_model"
FORMAT = "%(asctime)s %(levelname)s %(message)s"
TIME = "%Y-%m-%dT%H:%M:%S%z"
_ABOUT: ContextVar[tuple[tuple[str, object], ...]] = ContextVar("about", default=())


@dataclass(frozen=True)
class LockHolder:
    """Who holds the lock of a scenario.

    Attributes
    ----------
    pid
        Process id.
    host
        Machine on which the process runs.
    since
        When it took the lock, local time with its offset (ISO 8601).
    """

    pid: int
    host: str
    since: str


def lock_holder(folder: str | Path) -> LockHolder | None:
    """Who holds the lock of a scenario's folder, or held it and died.

    Parameters
    ----------
    folder
        Folder of the scenario's results.

    Returns
    -------
    LockHolder or None
        ``None`` if nobody is named there, or half a name (its writer is at it right now).
    """
    try:
        entry = json.loads((Path(folder) / HOLDER_NAME).read_text(encoding="utf-8"))
        return LockHolder(int(entry["pid"]), str(entry["host"]), str(entry["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _refusal(folder: Path) -> str:
    """Sentence for who comes second."""
    holder = lock_holder(folder)
    if holder is None:
        return f"another process is writing results in {folder}; wait until it is done"
    who = f"process {holder.pid} on {holder.host} since {holder.since}"
    return f"the results in {folder} are held by {who}; wait until it is done or stop it"


@contextmanager
def scenario_lock(folder: str | Path) -> Iterator[LockHolder]:
    """Hold the folder of a scenario's results; a second process is refused at once.

    The lock belongs to the operating system's open file, so it goes with its process however
    that ends: a lock whose process is gone is no lock. What a dead run left half written is
    removed.

    Parameters
    ----------
    folder
        Folder of the scenario's results (the parent of
        :func:`~meishan_model.results.files.result_path`); made if needed.

    Yields
    ------
    LockHolder
        This process.

    Raises
    ------
    LockError
        If another process holds the folder, with its id and since when; or if the folder
        cannot be written.
    """
    folder = Path(folder)
    lock = FileLock(str(folder / LOCK_NAME))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise LockError(_refusal(folder)) from None
    except OSError as error:
        raise LockError(f"the results in {folder} cannot be locked: {error}") from error
    try:
        yield _take_over(folder)
    finally:
        # The name goes first: after the release it could be the next holder's.
        with contextlib.suppress(OSError):
            (folder / HOLDER_NAME).unlink(missing_ok=True)
        lock.release()


def _take_over(folder: Path) -> LockHolder:
    """Name this process as the holder and clear away what a dead one left."""
    last = lock_holder(folder)
    if last is not None:
        logger.warning("process %s ended without releasing %s: lock recovered", last.pid, folder)
    for partial in folder.glob(f".*{PARTIAL_SUFFIX}"):
        logger.warning("removing %s, which was never finished", partial)
        partial.unlink(missing_ok=True)
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    holder = LockHolder(os.getpid(), socket.gethostname(), since)
    try:
        (folder / HOLDER_NAME).write_text(json.dumps(asdict(holder)), encoding="utf-8")
    except OSError as error:
        raise LockError(f"the results in {folder} cannot be locked: {error}") from error
    return holder


@contextmanager
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


@contextmanager
def solver_log(path: Path | None, listener: Listener = None) -> Iterator[Listener]:
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


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Say in all stages inside what they are about.

    Parameters
    ----------
    facts
        Scenario, year, hours.
    """
    token = _ABOUT.set((*_ABOUT.get(), *facts.items()))
    try:
        yield
    finally:
        _ABOUT.reset(token)


@contextmanager
def stage(name: str, **facts: object) -> Iterator[dict[str, object]]:
    """Log a stage when it ends, also where it fails.

    Parameters
    ----------
    name
        Name of the stage.
    facts
        What is known before it begins.

    Yields
    ------
    dict
        To be filled with what is known when it ends.
    """
    found = dict(facts)
    began = time.perf_counter()
    outcome = "done"
    try:
        yield found
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        seconds = time.perf_counter() - began
        whole = {"stage": name, **dict(_ABOUT.get()), **found}
        logger.info(pairs({**whole, "seconds": round(seconds, 3), "outcome": outcome}))


def pairs(facts: Mapping[str, object]) -> str:
    """Write facts as ``key=value``; what has a space or a quote stands in quotes.

    Parameters
    ----------
    facts
        Values by key.

    Examples
    --------
    >>> pairs({"stage": "solve", "columns": 12, "solver": "HiGHS 1.15"})
    'stage=solve columns=12 solver="HiGHS 1.15"'
    """
    return " ".join(f"{key}={_plain(str(value))}" for key, value in facts.items())


def _plain(text: str) -> str:
    awkward = not text or not text.isprintable() or any(c in ' "=' for c in text)
    # What would end a line is written as an escape, Chinese as it is.
    return json.dumps(text, ensure_ascii=not text.isprintable()) if awkward else text
