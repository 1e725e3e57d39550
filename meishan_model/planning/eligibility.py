"""What may enter a slice at all: assets that the target keeps, bridges, committed floors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meishan_model.errors import Fault, InputError


def kept(
    capacity: ArrayLike, potential: ArrayLike, minimum: float, minimum_share: float
) -> NDArray[np.bool_]:
    """Whether an asset is part of the target, or only dust of a solution without crossover.

    An asset that is not kept has no new build in any slice.

    Parameters
    ----------
    capacity
        Total standing capacity x_T in the target year [unit].
    potential
        Its potential [unit]; infinite where the sheet has no row, then only ``minimum`` counts.
    minimum
        Smallest asset (parameter ``minimum_asset``) [unit].
    minimum_share
        Smallest part of the potential (parameter ``minimum_asset_share`` / 100) [1].

    Returns
    -------
    numpy.ndarray
        True where x_T >= max(minimum, share x potential).

    Examples
    --------
    >>> kept([0.009, 0.05, 0.2], [5.0, 100.0, 100.0], 0.01, 0.001).tolist()
    [False, False, True]
    """
    limit = np.asarray(potential, dtype=np.float64)
    part = np.where(np.isfinite(limit), minimum_share * np.where(np.isfinite(limit), limit, 0), 0)
    return np.asarray(np.asarray(capacity, dtype=np.float64) >= np.maximum(minimum, part))


def bridge_allowed(
    phase_out: bool,
    last_new_build: float | None,
    year: int,
    target: int,
    first_year: int | None = None,
) -> bool:
    """Whether a slice may build what the target does not want.

    Parameters
    ----------
    phase_out
        Whether the target abandons the technology.
    last_new_build
        Last year in which it may be built [a] (``assets.csv``); ``None`` where no row stands.
    year
        The slice [a].
    target
        The target year [a]; it needs no bridge, its new build is free within its bounds.
    first_year
        The status quo [a], which builds nothing; ``None`` to leave that to the caller.

    Returns
    -------
    bool
        True between the first year and the target, up to ``last_new_build`` where it is given.

    Raises
    ------
    InputError
        If a technology that is phased out has no ``last_new_build``.
    """
    if phase_out and last_new_build is None:
        raise InputError(
            [
                Fault(
                    "assets.csv",
                    "a technology that is phased out needs its last year of new build",
                    column="parameter",
                    value="last_new_build",
                    remedy="add the row",
                )
            ]
        )
    if year >= target or (first_year is not None and year <= first_year):
        return False
    return last_new_build is None or year <= last_new_build


def bridge_years(lifetime: float, year: int, target: int) -> float:
    """Years over which the overnight cost of a bridge is spread: min(lifetime, T - y) [a].

    A bridge has no value in the target, so what it costs has to be earned before.

    Parameters
    ----------
    lifetime
        Technical lifetime [a].
    year, target
        The slice and the target year [a].

    Returns
    -------
    float
        Years [a], > 0.

    Raises
    ------
    ValueError
        If the slice is not before the target.
    """
    if year >= target:
        raise ValueError(f"a bridge ends in {target} and cannot begin in {year}")
    return min(lifetime, float(target - year))


def total_bounds(
    stock: ArrayLike, new_lower: ArrayLike, new_upper: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds on the total standing capacity x_y = s_y + n_y, without bridges.

    Committed plants are part of the surviving stock from their year of commissioning on, so
    they are a floor under the sum and pay no annuity; the chain of the new build does not know
    them.

    Parameters
    ----------
    stock
        Surviving stock s_y with committed plants [unit].
    new_lower, new_upper
        Bounds on n_y [unit].

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper bound of the sum [unit].

    Raises
    ------
    InputError
        If a stock is negative or not finite.
    """
    standing = np.asarray(stock, dtype=np.float64)
    if not np.all((standing >= 0.0) & (standing < math.inf)):
        raise InputError(
            [
                Fault(
                    "existing_plants.csv",
                    "not a stock",
                    column="value",
                    value=str(stock),
                    remedy="give finite capacities >= 0",
                )
            ]
        )
    lower = standing + np.asarray(new_lower, dtype=np.float64)
    upper = standing + np.asarray(new_upper, dtype=np.float64)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
