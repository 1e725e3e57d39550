"""Tables of studies as CSV: written whole or not at all, with the hash of what they rest on.

The first line is ``# inputs_sha256: <hash>``, so that ``meishan check`` knows a stale table and a
later run can go on from it; units stand in square brackets in the names of the columns, such as
``paid_cost [CNY/a]``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from meishan_model.whole_file import whole_file

HASH_LINE = "# inputs_sha256: "


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
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HASH_LINE}{inputs_sha256}\n" if inputs_sha256 else "")
        frame.to_csv(file, index=False, lineterminator="\n", na_rep="nan")


def read_table(path: Path, inputs_sha256: str) -> pd.DataFrame | None:
    """Read a table that rests on the same inputs.

    Returns
    -------
    pandas.DataFrame or None
        ``None`` if there is none, if it rests on other inputs, or if it cannot be read: in all
        three cases it has to be made anew.
    """
    if stored_table_hash(path) != inputs_sha256:
        return None
    try:
        return pd.read_csv(path, skiprows=1, keep_default_na=False, na_values=["nan"])
    except (OSError, ValueError):
        return None


def stored_table_hash(path: Path) -> str | None:
    """Hash of what a table rests on; ``None`` if there is none, or it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline().rstrip("\n")
    except (OSError, ValueError):
        return None
    return line.removeprefix(HASH_LINE) if line.startswith(HASH_LINE) else None
