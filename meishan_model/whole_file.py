"""Write a file whole or not at all: under another name first, on the disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from meishan_model.errors import MeishanError

PARTIAL_SUFFIX = ".partial"
"""Ending of a file that is being written; it becomes a result by being renamed."""


class WriteError(MeishanError):
    """A file could not be saved; an older one of that name is untouched."""

    kind = "write"


@contextlib.contextmanager
def whole_file(path: str | Path, extension: str = "") -> Iterator[Path]:
    """A name to write under, which becomes the path when all is written and on the disk.

    Parameters
    ----------
    path
        Target; its folder is made if needed.
    extension
        End of the name to write under, for a writer that looks at it.

    Raises
    ------
    WriteError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL_SUFFIX}{extension}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        _synchronise(partial)
        partial.replace(path)
    except OSError as error:
        raise WriteError(f"{path} could not be saved ({error}); {_room(path.parent)}") from error
    finally:
        _remove(partial)
    # Not every system can do this for a folder; the file itself is already on the disk.
    with contextlib.suppress(OSError):
        _synchronise(path.parent)


def _remove(partial: Path) -> None:
    """Clear away what a failed write left; nothing is there after a good one."""
    with contextlib.suppress(OSError):
        # The NetCDF library keeps a file open that it could not finish. Without being emptied
        # it would hold its room on the disk until the process ends.
        os.truncate(partial, 0)
    with contextlib.suppress(OSError):
        partial.unlink()


def _synchronise(path: Path) -> None:
    """Have the system write a file's data, or a folder's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _room(folder: Path) -> str:
    """Say what is wrong with the folder of a failed write."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    if not existing.is_dir():
        return f"{existing} is a file, not a folder"
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"{existing} may not be written"
    free = shutil.disk_usage(existing).free / 1e6
    return f"{existing} has {free:.1f} MB free: make room or choose another folder"
