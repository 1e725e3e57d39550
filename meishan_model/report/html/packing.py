"""Hourly numbers as text in a page: 16 bits a number, deflated, base64."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVELS = 32767
"""Largest code; a value is its code times the scale of its row."""


@dataclass(frozen=True)
class Packed:
    """Rows of numbers as text.

    Attributes
    ----------
    scales
        Value of one step of each row, in the unit of the row.
    places
        Where the codes of each row stand; rows in proportion to each other, such as what goes
        into and out of a transformer, share theirs.
    text
        Codes one after the other: int16, little-endian, zlib, base64.
    """

    scales: tuple[float, ...]
    places: tuple[int, ...]
    text: str


def pack(rows: npt.NDArray[np.float64]) -> Packed:
    """Quantise rows to 16 bits and compress them.

    A row is stored as ``round(value / scale)`` with ``scale = max|value| / 32767``, so no value
    is off by more than half a step, ``max|value| / 65534``.

    Parameters
    ----------
    rows
        Numbers, shape (rows, hours).

    Returns
    -------
    Packed
    """
    largest = np.abs(rows).max(axis=1, initial=0.0)
    # Below the smallest normal number there is no step to divide by; such a row is zero.
    scales = np.where(largest > LEVELS * np.finfo(float).tiny, largest / LEVELS, 1.0)
    codes = np.rint(rows / scales[:, None]).astype("<i2")
    stored: dict[bytes, int] = {}
    places = tuple(stored.setdefault(row.tobytes(), len(stored)) for row in codes)
    text = base64.b64encode(zlib.compress(b"".join(stored), 9)).decode("ascii")
    return Packed(tuple(scales.tolist()), places, text)


def unpack(packed: Packed) -> npt.NDArray[np.float64]:
    """Numbers as a browser reads them, shape (rows, hours)."""
    scales = np.array(packed.scales)
    codes = np.frombuffer(zlib.decompress(base64.b64decode(packed.text)), dtype="<i2")
    stored = codes.reshape(max(packed.places, default=-1) + 1, -1)
    rows: npt.NDArray[np.float64] = stored[list(packed.places)] * scales[:, None]
    return rows
