"""What a saved result says about its making, read without its content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import netCDF4

from meishan_model.results.files import stored_hash
from meishan_model.results.table_file import stored_hashes


@dataclass(frozen=True)
class Stamp:
    """Who a result was made by and of what.

    Attributes
    ----------
    inputs_sha256
        Hash of all inputs.
    code_sha256
        Hash of the code; empty where the file does not say.
    reference_sha256
        Hash of the pathway that it is measured against; empty where there is none.
    """

    inputs_sha256: str
    code_sha256: str = ""
    reference_sha256: str = ""


def read_stamp(path: Path) -> Stamp | None:
    """Stamp of a result or of a table that a study goes on from.

    Returns
    -------
    Stamp or None
        ``None`` if the file cannot be read, carries no hash or has another version of the
        contract: it has to be made anew.
    """
    if path.suffix == ".csv":
        hashes = stored_hashes(path)
        return None if hashes is None else Stamp(*hashes)
    digest = stored_hash(path)
    if digest is None:
        return None
    with netCDF4.Dataset(path) as stored:
        texts = [str(getattr(stored, n, "")) for n in ("code_sha256", "reference_sha256")]
    return Stamp(digest, *texts)
