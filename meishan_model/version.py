"""What made a result: the version of the package, and the hash of its code."""

import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

__version__ = "0.1.0"

READERS = frozenset({"cli", "ledger", "powerflow", "report", "studies"})
"""Rooms that only read slices and pathways. A change in them makes none of these stale."""


@cache
def code_sha256(*readers: str) -> str:
    """Hash of the code that decides what stands in a result; read once in a process.

    Without a name it is that of slices and pathways: all modules beside the rooms and all rooms
    but :data:`READERS`, among them those that state, solve, account and check, and those that
    read sheets and make series. A new room counts until it is named there.

    Parameters
    ----------
    *readers
        Rooms of :data:`READERS` that have a part in the result: ``"studies"`` in the tables of
        studies, ``"powerflow"`` in power flows.
    """
    return package_sha256(Path(__file__).parent, READERS.difference(readers))


def package_sha256(package: Path, left_out: Collection[str] = ()) -> str:
    """Hash of the source and data files of a package, by their names and content.

    It is the same wherever the package lies, whatever its line endings and times, and whether it
    is compiled; hidden files do not count.

    Parameters
    ----------
    package
        Folder of the package.
    left_out
        Folders in it that do not count.
    """
    digest = hashlib.sha256()
    found = {file.relative_to(package): file for file in package.rglob("*") if file.is_file()}
    for place, file in sorted(found.items(), key=lambda item: item[0].as_posix()):
        hidden = any(part.startswith(".") or part == "__pycache__" for part in place.parts)
        if hidden or place.parts[0] in left_out:
            continue
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{place.as_posix()}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
