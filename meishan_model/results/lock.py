"""One run at a time in the folder of a scenario."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from meishan_model.errors import LockError
from meishan_model.whole_file import PARTIAL_SUFFIX

logger = logging.getLogger(__name__)

LOCK_NAME = ".lock"
HOLDER_NAME = ".lock-holder.json"


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
        text = (Path(folder) / HOLDER_NAME).read_text(encoding="utf-8")
        entry = json.loads(text)
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
