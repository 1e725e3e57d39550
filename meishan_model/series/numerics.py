"""Small numerical helpers of the profiles: root finding, autocorrelated noise, scaling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def increasing_root(
    function: Callable[[FloatArray], FloatArray],
    lower: FloatArray,
    upper: FloatArray,
    iterations: int = 100,
) -> FloatArray:
    """Root of an increasing function by bisection, for all elements at once.

    Parameters
    ----------
    function
        Maps ``(n,)`` arguments to ``(n,)`` values, each increasing in its own argument.
    lower, upper
        Brackets ``(n,)``; the caller has made sure that they hold the root.
    iterations
        100 halvings take any bracket of ordinary size down to the last bit.

    Returns
    -------
    FloatArray
        Roots ``(n,)``.
    """
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    for _ in range(iterations):
        middle = 0.5 * (low + high)
        below = function(middle) < 0.0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def autocorrelated_noise(
    generator: np.random.Generator, length: int, persistence: float
) -> FloatArray:
    """Stationary Gaussian AR(1) series of zero mean and unit variance, ``(length,)``.

    ``x[t] = p x[t-1] + sqrt(1 - p^2) e[t]`` with ``x[0] = e[0]``. Written as an exponentially
    weighted mean of scaled noise, which is the same recursion without a Python loop.
    """
    noise = generator.standard_normal(length)
    noise[1:] *= np.sqrt(1.0 - persistence**2) / (1.0 - persistence)
    return pd.Series(noise).ewm(alpha=1.0 - persistence, adjust=False).mean().to_numpy(np.float64)


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
