"""A temporary folder that does not stay for ever where its owner was killed.

Its owner holds a lock on the folder, which the system lets go of when the owner ends, however that
happens. Who needs such a folder next removes those that nobody holds any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

NEW = 600.0
"""Seconds in which a folder without a lock may be one that is about to be locked."""


@contextlib.contextmanager
def working_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder, removed at the end; those that others have left are removed before.

    Parameters
    ----------
    prefix
        How the names of all folders for the same purpose begin.

    Raises
    ------
    OSError
        If no folder can be made.
    """
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # Another user's folder, or one that somebody else removes just now, is not of concern.
        with contextlib.suppress(OSError):
            _remove_if_left(path)
    with tempfile.TemporaryDirectory(prefix=prefix) as name, contextlib.ExitStack() as lock:
        # Where folders cannot be locked, nobody else can lock this one to remove it.
        with contextlib.suppress(OSError):
            lock.enter_context(_locked(Path(name)))
        yield Path(name)


def _remove_if_left(path: Path) -> None:
    if time.time() - path.stat().st_mtime > NEW:
        with _locked(path):
            shutil.rmtree(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a folder; ``OSError`` if somebody else does."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(folder)
