"""Scaling and smoothing of hourly series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


def mean_one(values: npt.ArrayLike, name: str) -> FloatArray:
    """Scale a non-negative series to mean 1 [1].

    Raises
    ------
    ValueError
        If the series has a negative or non-finite value or is zero throughout: then no shape
        exists, and a flat one in its place would be an invention.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all() or (array < 0.0).any():
        raise ValueError(f"shape {name!r} has negative or non-finite values")
    total = float(array.mean())
    if total <= 0.0:
        raise ValueError(f"shape {name!r} is zero in every hour, so it cannot be scaled")
    return array / total


def circular_smooth(values: npt.ArrayLike, time_constant: float) -> FloatArray:
    """First-order lag of an hourly series that repeats every year.

    Parameters
    ----------
    values
        Hourly values ``(n,)``.
    time_constant
        Time constant [h]; 0 leaves the series as it is.
    """
    array = np.asarray(values, dtype=np.float64)
    if time_constant <= 0.0:
        return array
    # The year before serves as warm-up, so that 1 January knows 31 December.
    doubled = pd.Series(np.concatenate([array, array]))
    lagged = doubled.ewm(alpha=1.0 - np.exp(-1.0 / time_constant), adjust=False).mean()
    return lagged.to_numpy(np.float64)[array.size :]
