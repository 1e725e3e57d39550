"""Tables of studies as CSV: written whole or not at all, with the hashes of what they rest on.

The first two lines are ``# inputs_sha256: <hash>`` and ``# code_sha256: <hash>``, so that
``meishan check`` knows a stale table and a later run can go on from it; units stand in square
brackets in the names of the columns, such as ``paid_cost [CNY/a]``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from meishan_model.version import code_sha256
from meishan_model.whole_file import whole_file

HASHES = ("inputs_sha256", "code_sha256")


def write_table(frame: pd.DataFrame, path: Path, inputs_sha256: str = "") -> None:
    """Save a table so that the path always holds a whole one, the old or the new.

    Parameters
    ----------
    frame
        The table; its index is not saved.
    path
        Target; its folder is made if needed.
    inputs_sha256
        Hash of what the table rests on; empty where nobody goes on from it.

    Raises
    ------
    WriteError
        If the folder cannot be written or the disk is full; nothing is left behind.
    """
    digests = (inputs_sha256, code_sha256("studies"))
    head = [f"# {name}: {digest}\n" for name, digest in zip(HASHES, digests, strict=True)]
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.writelines(head if inputs_sha256 else ())
        frame.to_csv(file, index=False, lineterminator="\n", na_rep="nan")


def read_table(path: Path, inputs_sha256: str) -> pd.DataFrame | None:
    """Read a table that rests on the same inputs and was made by the same code.

    Returns
    -------
    pandas.DataFrame or None
        ``None`` if there is none, if it rests on something else, or if it cannot be read: in all
        three cases it has to be made anew.
    """
    if stored_hashes(path) != (inputs_sha256, code_sha256("studies")):
        return None
    try:
        return pd.read_csv(path, skiprows=len(HASHES), keep_default_na=False, na_values=["nan"])
    except (OSError, ValueError):
        return None


def stored_hashes(path: Path) -> tuple[str, str] | None:
    """Hash of a table's inputs and of its code; ``None`` if it has none, or cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = [file.readline().rstrip("\n") for _ in HASHES]
    except (OSError, ValueError):
        return None
    heads = [f"# {name}: " for name in HASHES]
    if not all(line.startswith(head) for line, head in zip(lines, heads, strict=True)):
        return None
    inputs, code = (line.removeprefix(head) for line, head in zip(lines, heads, strict=True))
    return inputs, code
