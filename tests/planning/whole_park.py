"""A park whose sheets are right, or everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from meishan_model.errors import InputError
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_folder import park_and_faults


def read_park(folder: Path, kinds: Kinds, asked: Mapping[str, str] | None = None) -> Park:
    """All sheets of a park, with the stock of no case; parameters of :func:`park_and_faults`."""
    park, faults = park_and_faults(folder, kinds, asked)
    if park is None or faults:
        raise InputError(faults)
    return park.in_case(None)
