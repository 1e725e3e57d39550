"""Synthetic weather years from published monthly climate: reproducible, persistent, labelled so.

The hours are invented; the monthly totals, means and deviations are those of the climate sheet.
Nothing in this module reads measured hours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.calendar import hourly_index, standard_offset
from meishan_model.series.climate import Climate
from meishan_model.series.solar import clear_sky, sun_position
from meishan_model.series.weather import weather_dataset
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from pvlib.location import Location

# fmt: off
DAILY_RANGE_FRACTION = np.array([
    0.82, 0.88, 0.92, 0.95, 0.98, 1.00, 0.98, 0.91, 0.74, 0.55, 0.38, 0.23,
    0.13, 0.05, 0.00, 0.00, 0.06, 0.14, 0.24, 0.39, 0.50, 0.59, 0.68, 0.75,
])
# fmt: on
"""How far the air is below the day's maximum at 0:00 ... 23:00 [share of the daily range].

Part of the method, not of a park: ASHRAE Handbook - Fundamentals (2009), chapter 14, Climatic
design information, table 6, Fraction of daily temperature range; its hour 24 stands here at 0:00.
"""

LARGEST_SPREAD = 12.0
"""Deviation of the logit at which nearly all days are as dark or as clear as can be."""


@dataclass(frozen=True)
class _Drivers:
    """Gaussian series behind a year, which the variables share.

    ``sky`` (365,) is behind the clearness of the days, ``wind`` (8760,) behind the wind, without
    its daily cycle.
    """

    sky: FloatArray
    wind: FloatArray


def synthetic_weather(climate: Climate, location: Location) -> xr.Dataset:
    """Generate the synthetic weather year of a place.

    Irradiance: clear sky times a logit-normal clearness that is autocorrelated from day to day
    and from hour to hour; shifted and stretched month by month until mean and standard deviation
    of the daily irradiation are the sheet's; split by Erbs. Wind: ranks of an autocorrelated
    Gaussian with a part that lasts for days and a daily cycle, mapped to calms and a Weibull
    distribution month by month (Gaussian copula), so that the monthly means are exact.
    Temperature: daily cycle, larger on clear days (assumption: in proportion), plus autocorrelated
    weather that correlates with clearness and wind, plus a seasonal course that makes the monthly
    means exact. Storms: a Poisson number of them a month, which lift the Gaussian of the wind and
    darken the sky; means and distributions stay those of the sheet.

    Parameters
    ----------
    climate
        Monthly climate and hourly statistics.
    location
        Place of the year, in whose standard time the stamps are.

    Returns
    -------
    xarray.Dataset
        ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC], ``wind_speed`` [m/s] over
        ``time`` (8760); attributes say that it is synthetic, with seed and source.

    Raises
    ------
    InputError
        If the irradiation of a month, or its deviation, is beyond what the clear sky of the place
        allows, or correlations exceed one together.

    References
    ----------
    Erbs, Klein, Duffie (1982): Estimation of the diffuse radiation fraction for hourly, daily
    and monthly-average global radiation. Solar Energy 28, 293-302.
    """
    import pvlib

    stamps = hourly_index(climate.reference_year)
    offset = standard_offset(location.tz, climate.reference_year)
    sun = sun_position(stamps, offset, location)
    month = stamps.month.to_numpy() - 1
    for_sun, for_temperature, *for_wind = np.random.default_rng(climate.seed).spawn(5)
    drivers = _drivers(climate, for_sun, for_wind, month)
    zenith = sun["zenith"].to_numpy(dtype=np.float64)
    # Refraction lifts the sun over the horizon a little early; the components need its true place.
    ceiling = np.where(zenith < 90.0, clear_sky(sun, location), 0.0)
    ghi = _clearness(climate, drivers.sky, for_sun, ceiling, month) * ceiling
    split = pvlib.irradiance.erbs(ghi, zenith, stamps.day_of_year.to_numpy())
    clearness = _by_day(ghi) / _by_day(ceiling)
    return weather_dataset(
        stamps,
        {
            "ghi": ghi,
            "dni": np.asarray(split["dni"], dtype=np.float64),
            "dhi": np.asarray(split["dhi"], dtype=np.float64),
            "air_temperature": _temperature(climate, for_temperature, drivers, clearness, month),
            "wind_speed": _wind_speed(climate, drivers.wind, month),
        },
        {
            "title": "Synthetic weather year",
            "kind": "synthetic",
            "comment": "Hours are generated, not measured; monthly totals, means and deviations "
            "match the climate sheet.",
            "source": "monthly climate of climate.csv; Ineichen clear sky with Linke turbidity "
            "climatology, Erbs split (pvlib)",
            "seed": climate.seed,
            "utc_offset_hours": offset,
            "latitude": location.latitude,
            "longitude": location.longitude,
            "altitude": location.altitude,
            "wind_reference_height": climate.reference_height,
        },
    )


def _drivers(
    climate: Climate,
    for_sky: np.random.Generator,
    for_wind: Sequence[np.random.Generator],
    month: IntArray,
) -> _Drivers:
    """Gaussian series behind sky and wind, with the storms of the year."""
    lasting, gusty, stormy = for_wind
    share = climate.wind_synoptic_share
    persistence = climate.wind_synoptic_persistence ** (1.0 / 24.0)
    synoptic = _noise(lasting, HOURS_OF_YEAR, persistence)
    gusts = _noise(gusty, HOURS_OF_YEAR, climate.wind_persistence)
    storm = climate.storm_strength * _storms(climate, stormy, month)
    return _Drivers(
        sky=_noise(for_sky, 365, climate.clearness_persistence) - _by_day(storm) / 24.0,
        wind=np.sqrt(share) * synoptic + np.sqrt(1.0 - share) * gusts + storm,
    )


def _storms(climate: Climate, generator: np.random.Generator, month: IntArray) -> FloatArray:
    """Course of the storms, from 0 to 1 at the height of each, ``(8760,)``."""
    course = np.zeros(HOURS_OF_YEAR)
    hours = np.arange(HOURS_OF_YEAR)
    counts = generator.poisson(climate.storms)
    for index in np.repeat(np.arange(12), counts):
        middle = generator.choice(hours[month == index])
        phase = np.clip((hours - middle) / climate.storm_duration, -0.5, 0.5)
        course = np.maximum(course, np.cos(np.pi * phase))
    # The cosine of a phase at its bounds is a rounding, not zero.
    return np.where(course > 1e-9, course, 0.0)


def _clearness(
    climate: Climate,
    sky: FloatArray,
    generator: np.random.Generator,
    ceiling: FloatArray,
    month: IntArray,
) -> FloatArray:
    """Irradiance over clear sky [1] with the mean and deviation of each month, (8760,)."""
    days = np.repeat(sky, 24)
    noise = _noise(generator, HOURS_OF_YEAR, climate.hourly_clearness_persistence)
    hours = climate.hourly_clearness_spread * noise
    least, greatest = climate.clearness_minimum, climate.clearness_maximum
    possible = _means(ceiling, month) * 24.0 / 1000.0
    faults = []
    for of_month, (ghi, top) in enumerate(zip(climate.ghi, possible, strict=True), 1):
        if not least * top < ghi < greatest * top:
            message = f"ghi of month {of_month} is outside what the clear sky allows"
            remedy = f"{least * top:.2f} to {greatest * top:.2f} kWh/m2/d"
            faults.append(Fault("climate.csv", message, None, "value", f"{ghi:g}", remedy))
    refuse(faults)
    means = (np.asarray(climate.ghi) / possible - least) / (greatest - least)
    share = np.empty(HOURS_OF_YEAR)
    for index, deviation in enumerate(climate.ghi_deviation):
        mine = month == index
        # Where the share is 1 rather than 0, a day has so much more [kWh/m2].
        clear = (greatest - least) * ceiling[mine] / 1e3
        dark = _by_day(least * ceiling[mine] / 1e3)
        of_sky = partial(_share_of_sky, days[mine], hours[mine], clear, float(means[index]))
        share[mine] = of_sky(_spread_of_days(of_sky, clear, dark, deviation, index + 1))
    return least + (greatest - least) * share


def _share_of_sky(
    days: FloatArray, hours: FloatArray, weight: FloatArray, mean: float, spread: float
) -> FloatArray:
    """Clearness between its bounds [1] whose logit has a spread from day to day [1]."""
    return _logistic_of_mean(spread * days + hours, weight, mean)


def _spread_of_days(
    of_sky: Callable[[float], FloatArray],
    clear: FloatArray,
    dark: FloatArray,
    wanted: float,
    month: int,
) -> float:
    """Spread of the logit [1] at which the daily totals of a month deviate as wanted [kWh/m2]."""
    from scipy.optimize import brentq

    def excess(spread: float) -> float:
        return float(np.std(_by_day(of_sky(spread) * clear) + dark, ddof=1)) - wanted

    low, high = excess(0.0), excess(LARGEST_SPREAD)
    if low > 0.0 or high < 0.0:
        message = f"ghi_deviation of month {month} is outside what sky and hours allow"
        remedy = f"{wanted + low:.2f} to {wanted + high:.2f} kWh/m2/d"
        raise InputError([Fault("climate.csv", message, None, "value", f"{wanted:g}", remedy)])
    return float(brentq(excess, 0.0, LARGEST_SPREAD, xtol=1e-13))


def _by_day(values: FloatArray) -> FloatArray:
    """Sum of each day."""
    return np.asarray(values.reshape(-1, 24).sum(axis=1))


def _means(values: FloatArray, month: np.ndarray) -> FloatArray:
    """Mean of each month."""
    return np.asarray(np.bincount(month, weights=values) / np.bincount(month))


def _logistic_of_mean(logit: FloatArray, weight: FloatArray, mean: float) -> FloatArray:
    """Logistic of a logit [1] that is shifted until its weighted mean is as wanted."""
    from scipy.optimize import brentq
    from scipy.special import expit

    def excess(shift: float) -> float:
        return float(expit(logit + shift) @ weight / weight.sum()) - mean

    return np.asarray(expit(logit + brentq(excess, -50.0, 50.0, xtol=1e-14)))


def _noise(generator: np.random.Generator, length: int, persistence: float) -> FloatArray:
    """Stationary Gaussian AR(1) series of zero mean and unit variance, ``(length,)``.

    ``x[t] = p x[t-1] + sqrt(1 - p^2) e[t]`` with ``x[0] = e[0]``.
    """
    from scipy.signal import lfilter

    noise = generator.standard_normal(length)
    noise[1:] *= np.sqrt(1.0 - persistence**2)
    return np.asarray(lfilter([1.0], [1.0, -persistence], noise))


def _temperature(
    climate: Climate,
    generator: np.random.Generator,
    drivers: _Drivers,
    clearness: FloatArray,
    month: IntArray,
) -> FloatArray:
    """Air temperature [degC] with exact monthly means, (8760,)."""
    of_day = month[::24]
    usual = _means(clearness, of_day)[of_day]
    daily_range = np.asarray(climate.diurnal_range)[of_day] * clearness / usual
    at_stamps = -DAILY_RANGE_FRACTION
    cycle = 0.5 * (at_stamps + np.roll(at_stamps, -1))
    cycle = np.tile((cycle - cycle.mean()) / np.ptp(cycle), 365)
    own = _noise(generator, HOURS_OF_YEAR, climate.synoptic_persistence ** (1.0 / 24.0))
    course = _from_noon_to_noon(daily_range) * cycle + _synoptic(climate, drivers, own, month)
    missing = np.asarray(climate.temperature) - _means(course, month)
    # Piecewise linear through the middles of the months, with nodes that give the means exactly.
    weights = _between_months(month)
    means = np.stack([weights[month == index].mean(axis=0) for index in range(12)])
    return np.asarray(course + weights @ np.linalg.solve(means, missing), dtype=np.float64)


def _synoptic(climate: Climate, drivers: _Drivers, own: FloatArray, month: IntArray) -> FloatArray:
    """Deviation of the temperature through the weather [K], (8760,)."""
    with_sky, with_wind = np.array([climate.clearness_temperature, climate.wind_temperature])
    if ((with_sky**2 + with_wind**2) > 1.0).any():
        message = "clearness_temperature and wind_temperature of a month exceed one together"
        raise InputError(
            [Fault("climate.csv", message, remedy="their squares add up to 1 at most")]
        )
    rest = np.sqrt(1.0 - with_sky**2 - with_wind**2)
    sky, wind = (
        _from_noon_to_noon(of / np.std(of)) for of in (drivers.sky, _by_day(drivers.wind))
    )
    unit = with_sky[month] * sky + with_wind[month] * wind + rest[month] * own
    # Of daily means, which vary less than hours.
    unit /= np.std(_by_day(unit) / 24.0)
    deviation = _between_months(month) @ np.asarray(climate.synoptic_deviation, dtype=np.float64)
    return np.asarray(deviation * unit, dtype=np.float64)


def _from_noon_to_noon(of_days: FloatArray) -> FloatArray:
    """Values of days in their hours, interpolated so that no midnight has a step, (8760,)."""
    noons, hours = np.arange(365) * 24.0 + 12.0, np.arange(HOURS_OF_YEAR) + 0.5
    values = np.interp(hours, noons, of_days, period=float(HOURS_OF_YEAR))
    return np.asarray(values, dtype=np.float64)


def _between_months(month: IntArray) -> FloatArray:
    """Weights of the months in the hours, linear from middle to middle, (8760, 12)."""
    edges = np.concatenate([[0.0], np.cumsum(np.bincount(month))])
    middles, hours = 0.5 * (edges[1:] + edges[:-1]), np.arange(HOURS_OF_YEAR) + 0.5
    year = float(HOURS_OF_YEAR)
    at = [np.interp(hours, middles, unit, period=year) for unit in np.eye(12)]
    return np.stack(at, axis=1).astype(np.float64)


def _wind_speed(climate: Climate, driver: FloatArray, month: IntArray) -> FloatArray:
    """Wind speed [m/s] at the reference height with exact monthly means, (8760,)."""
    share = climate.wind_diurnal_share
    hour = np.arange(HOURS_OF_YEAR) % 24 + 0.5
    cycle = np.sqrt(2.0) * np.cos(2.0 * np.pi * (hour - climate.windiest_hour) / 24.0)
    gaussian = pd.Series(share * cycle + np.sqrt(1.0 - share**2) * driver)
    length = np.bincount(month)[month]
    level = (gaussian.groupby(month).rank().to_numpy() - 0.5) / length
    calm = climate.calm_share / 100.0
    windy = np.clip((level - calm) / (1.0 - calm), 0.0, None)
    speed = (-np.log1p(-windy)) ** (1.0 / climate.weibull_k)
    scale = np.asarray(climate.wind_speed) * np.bincount(month) / np.bincount(month, weights=speed)
    return np.asarray(scale[month] * speed, dtype=np.float64)
