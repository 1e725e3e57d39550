"""Wind power capacity factors from windpowerlib's turbines, and the calibration of the speed."""

from __future__ import annotations

import difflib
import warnings
from functools import lru_cache

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.special import ndtri
from windpowerlib import WindTurbine, get_turbine_types
from windpowerlib.power_output import power_curve
from windpowerlib.wind_speed import hellman

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray

# Bracket of the speed factor; at its upper end most hours are beyond rated speed.
LOWEST_FACTOR, HIGHEST_FACTOR = 0.3, 2.5


@lru_cache(maxsize=32)
def _normalised_power_curve(turbine_type: str) -> tuple[FloatArray, FloatArray]:
    """Wind speeds [m/s] and output per nominal power [1] of a library turbine."""
    # windpowerlib 0.2.2 filters in a way that pandas 2 warns of, so it is done here.
    turbines = get_turbine_types(print_out=False, filter_=False)
    known = list(turbines.query("has_power_curve == True")["turbine_type"])
    if turbine_type not in known:
        close = difflib.get_close_matches(turbine_type, known, n=3) or known[:3]
        message = "no turbine with a power curve of this name in windpowerlib"
        remedy = f"use one of its names, e.g. {', '.join(close)}"
        raise InputError([Fault("technologies.csv", message, None, "model", turbine_type, remedy)])
    with warnings.catch_warnings():
        # windpowerlib 0.2.2 calls pandas in ways that a later pandas will refuse.
        warnings.filterwarnings("ignore", message=".*inplace", category=DeprecationWarning)
        # The power curve does not depend on the hub height, which the class asks for all the same.
        turbine = WindTurbine(hub_height=100.0, turbine_type=turbine_type)
    speeds = np.asarray(turbine.power_curve["wind_speed"], dtype=np.float64)
    values = np.asarray(turbine.power_curve["value"], dtype=np.float64)
    return speeds, values / float(turbine.nominal_power)


def with_diurnal_share(weather: xr.Dataset, diurnal_share: float) -> xr.Dataset:
    """Weather whose wind has only a share of its daily cycle, with the same mean over the year.

    The cycle of a station near the ground comes from the mixing of the air by day; it fades with
    height and over the sea, and at hub height may turn round (A. Crawford and H. Hudson, The
    diurnal wind variation in the lowest 1500 ft, 1973).

    Parameters
    ----------
    weather
        ``wind_speed`` [m/s] over ``time``, whole days from midnight on.
    diurnal_share
        Share of the cycle that is kept [1]; at 1 nothing changes, at 0 all hours have one mean.
    """
    speed = weather["wind_speed"]
    by_hour = np.ascontiguousarray(speed.to_numpy().reshape(-1, 24).T).mean(axis=1)
    cycle = by_hour / by_hour.mean()
    damped = (1.0 + diurnal_share * (cycle - 1.0)) / np.where(cycle > 0.0, cycle, 1.0)
    return weather.assign(wind_speed=speed * np.tile(damped, len(speed) // 24))


def with_own_course(weather: xr.Dataset, correlation: float, site: int) -> xr.Dataset:
    """Weather whose wind is that of a site nearby: another course of the same speeds.

    Gaussian copula: ``x = r z + sqrt(1 - r^2) e``, where ``z`` are the normal scores of the speeds
    of a month and ``e`` is Gaussian noise of the same correlation from hour to hour; ``x`` then
    takes the speeds of the month by its rank. So every month keeps its speeds, and its mean.

    Parameters
    ----------
    weather
        ``wind_speed`` [m/s] over ``time``, hours of whole years.
    correlation
        ``r`` of the normal scores [1]; at 1 nothing changes. It falls with the distance, for
        hourly values more than for daily ones.
    site
        Number of the site. It and the seed or year of the weather decide the noise, so that farms
        of one site have one wind.

    References
    ----------
    St. Martin, Lundquist, Handschy (2015): Variability of interconnected wind plants: correlation
    length and its dependence on variability time scale. Environmental Research Letters 10,
    044004.
    """
    speed = weather["wind_speed"].to_numpy()
    stamps = pd.DatetimeIndex(weather.indexes["time"])
    month = stamps.month.to_numpy()
    length = np.bincount(month)[month]
    scores = ndtri((pd.Series(speed).groupby(month).rank().to_numpy() - 0.5) / length)
    persistence = float(np.clip(np.corrcoef(scores[1:], scores[:-1])[0, 1], 0.0, 0.999))
    of_weather = int(weather.attrs.get("seed", stamps[0].year))
    noise = np.random.default_rng([site, of_weather])
    shocks = noise.standard_normal(len(speed))
    shocks[1:] *= np.sqrt(1.0 - persistence**2)
    local = np.asarray(lfilter([1.0], [1.0, -persistence], shocks))
    mixed = correlation * scores + np.sqrt(1.0 - correlation**2) * local
    # Ordered by month and, within it, by speed and by the mixed score.
    own = np.empty_like(speed)
    own[np.lexsort((mixed, month))] = speed[np.lexsort((speed, month))]
    return weather.assign(wind_speed=("time", own))


def with_season(weather: xr.Dataset, seasonal_share: float, january_gain: float) -> xr.Dataset:
    """Weather whose wind has the season of a site, with the same mean over the year.

    Parameters
    ----------
    weather
        ``wind_speed`` [m/s] over ``time``, hours of whole years.
    seasonal_share
        Share of the departure of the months from the mean of the year that is kept [1].
    january_gain
        How much more wind the middle of January has, and the middle of July less [1]; a cosine
        over the year.
    """
    speed = weather["wind_speed"].to_numpy()
    stamps = pd.DatetimeIndex(weather.indexes["time"])
    by_month = pd.Series(speed).groupby(stamps.month).transform("mean").to_numpy()
    usual = by_month / speed.mean()
    damped = (1.0 + seasonal_share * (usual - 1.0)) / np.where(usual > 0.0, usual, 1.0)
    cosine = np.cos(2.0 * np.pi * (stamps.day_of_year.to_numpy() - 15.0) / 365.0)
    changed = speed * damped * (1.0 + january_gain * cosine)
    return weather.assign(wind_speed=("time", changed * speed.mean() / changed.mean()))


def wind_capacity_factor(
    weather: xr.Dataset,
    turbine_type: str,
    hub_height: float,
    reference_height: float,
    shear_exponent: float,
    array_loss: float,
    speed_factor: float,
) -> FloatArray:
    """Output of a wind farm per nominal capacity, hourly means.

    Parameters
    ----------
    weather
        ``wind_speed`` [m/s] over ``time`` at the reference height.
    turbine_type
        Name of a turbine in windpowerlib's library, which is read offline.
    hub_height, reference_height
        Heights above ground [m].
    shear_exponent
        Exponent of the power law (Hellman) [1].
    array_loss
        Wakes, electrical losses, availability [1], in [0, 1).
    speed_factor
        Site over station at the same height [1]: a station among houses reads less than a
        ridge. 1 leaves the speed as it is; see `calibrate_speed_factor`.

    Returns
    -------
    numpy.ndarray
        Capacity factor [1], ``(8760,)``; its sum is full-load hours per year.

    Raises
    ------
    InputError
        If the library has no such turbine.
    ValueError
        If the loss is not a fraction of 1.
    """
    if not 0.0 <= array_loss < 1.0:
        raise ValueError("array_loss is a fraction of 1, not percent")
    at_hub = hellman(
        np.asarray(weather["wind_speed"], dtype=np.float64) * speed_factor,
        reference_height,
        hub_height,
        hellman_exponent=shear_exponent,
    )
    output = np.asarray(power_curve(at_hub, *_normalised_power_curve(turbine_type)))
    return output * (1.0 - array_loss)


def calibrate_speed_factor(
    weather: xr.Dataset,
    turbine_type: str,
    hub_height: float,
    reference_height: float,
    shear_exponent: float,
    array_loss: float,
    full_load_hours: float,
) -> float:
    """Speed factor with which a farm reaches its published full-load hours.

    Parameters
    ----------
    weather, turbine_type, hub_height, reference_height, shear_exponent, array_loss
        As for `wind_capacity_factor`.
    full_load_hours
        Yearly energy over nominal capacity [h].

    Returns
    -------
    float
        Factor [1] in [0.3, 2.5].

    Raises
    ------
    ValueError
        If no factor in the bracket reaches the hours.
    """

    def excess(factor: float) -> float:
        farm = (hub_height, reference_height, shear_exponent, array_loss)
        hours = wind_capacity_factor(weather, turbine_type, *farm, speed_factor=factor).sum()
        return float(hours) - full_load_hours

    if excess(LOWEST_FACTOR) > 0.0 or excess(HIGHEST_FACTOR) < 0.0:
        raise ValueError(
            f"{full_load_hours:g} full-load hours are out of reach for {turbine_type} with a "
            f"speed factor in [{LOWEST_FACTOR}, {HIGHEST_FACTOR}]"
        )
    return float(brentq(excess, LOWEST_FACTOR, HIGHEST_FACTOR, xtol=1e-15))
