"""What is left of today's stock, and of committed plants, in a later year."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def surviving_capacity(
    commissioned_from: ArrayLike,
    commissioned_to: ArrayLike,
    capacity: ArrayLike,
    lifetime: ArrayLike,
    year: int,
) -> NDArray[np.float64]:
    """Capacity that stands in a year, of stock commissioned evenly over a span of years.

    Every year of the span, both ends included, holds one vintage of the same size; a vintage
    of year v stands in the years v <= y < v + lifetime. A plant that is committed but not yet
    commissioned in ``year`` counts zero.

    Parameters
    ----------
    commissioned_from, commissioned_to
        First and last year of commissioning [a].
    capacity
        Capacity of all vintages together [MW, or the unit of the technology].
    lifetime
        Technical lifetime [a]; may be infinite.
    year
        Year that is asked for [a].

    Returns
    -------
    numpy.ndarray
        Standing capacity, in the unit and the broadcast shape of the inputs.

    Examples
    --------
    Ten vintages of 1 MW, 2011 to 2020, living 15 years: 2021 to 2025 take five of them.

    >>> float(surviving_capacity(2011, 2020, 10.0, 15, 2030))
    5.0
    """
    first, last, size, life = np.broadcast_arrays(
        *(np.asarray(a, float) for a in (commissioned_from, commissioned_to, capacity, lifetime))
    )
    oldest_standing = np.floor(year - life) + 1.0
    vintages = np.minimum(last, year) - np.maximum(first, oldest_standing) + 1.0
    share: NDArray[np.float64] = np.maximum(vintages, 0.0) / (last - first + 1.0)
    return np.asarray(size * share, dtype=np.float64)


def commissioned_capacity(
    commissioned_from: ArrayLike,
    commissioned_to: ArrayLike,
    capacity: ArrayLike,
    after: int,
    until: int,
) -> NDArray[np.float64]:
    """Capacity of the stock that is commissioned in the years after < v <= until.

    With it the retirement of the stock over a step is what stood before plus what was
    commissioned minus what stands after; with ``after`` the first year it gives the committed
    plants.

    Parameters
    ----------
    commissioned_from, commissioned_to, capacity
        As in :func:`surviving_capacity`.
    after, until
        Years [a]; the first is not counted, the second is.

    Returns
    -------
    numpy.ndarray
        Commissioned capacity, in the unit and the broadcast shape of the inputs.
    """
    for_ever = commissioned_from, commissioned_to, capacity, np.inf
    return surviving_capacity(*for_ever, until) - surviving_capacity(*for_ever, after)
