"""Statistics of a weather year that storage and backup depend on: spread, persistence, spells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.series import BoolArray, FloatArray, IntArray

DARK, CALM = 0.5, 0.5
"""What of the mean of its month a dark day has, and of the mean of the year a calm hour [1]."""
SEASONS = {"winter": (12, 1, 2), "summer": (6, 7, 8)}


def weather_statistics(weather: xr.Dataset) -> dict[str, float]:
    """Statistics of a weather year, each under a name with its unit.

    Parameters
    ----------
    weather
        ``ghi`` [W/m2], ``air_temperature`` [degC], ``wind_speed`` [m/s] over ``time`` (8760).
    """
    month = pd.DatetimeIndex(weather.indexes["time"]).month.to_numpy()[::24]
    days = {name: _days(weather[name]) for name in ("ghi", "air_temperature", "wind_speed")}
    apart = {name: _departures(values, month) for name, values in days.items()}
    sun, air, wind = days["ghi"], days["air_temperature"], days["wind_speed"]
    dark = sun < DARK * (sun - apart["ghi"])
    hours = np.asarray(weather["wind_speed"], dtype=np.float64)
    return {
        "global irradiation [kWh/(m2*a)]": float(sun.sum()) * 24e-3,
        "its days, lag of a day [1]": _lag(apart["ghi"]),
        "days below half of their month": float(dark.sum()),
        "longest spell of them [d]": float(longest_run(dark)),
        "mean temperature [degC]": float(air.mean()),
        "coldest hour [degC]": float(weather["air_temperature"].min()),
        "deviation of days in winter [K]": _deviation(apart["air_temperature"], month, "winter"),
        "deviation of days in summer [K]": _deviation(apart["air_temperature"], month, "summer"),
        "its days, lag of a day [1], temperature": _lag(apart["air_temperature"]),
        "mean wind [m/s]": float(hours.mean()),
        "strongest hour [m/s]": float(hours.max()),
        "calms [% of the hours]": float((hours == 0.0).mean()) * 100.0,
        "shape of the windy hours, Weibull k [1]": weibull_shape(hours[hours > 0.0]),
        "wind, lag of an hour [1]": _lag(hours),
        "wind, days, lag of a day [1]": _lag(apart["wind_speed"]),
        "longest spell below half of its mean [h]": float(
            longest_run(hours < CALM * hours.mean())
        ),
        "days with sun and wind below half": float((dark & (wind < CALM * wind.mean())).sum()),
        **{
            f"correlation of {what} by day in {season} [1]": _together(
                apart[one], apart[other], np.isin(month, months)
            )
            for season, months in SEASONS.items()
            for what, one, other in (
                ("sun and temperature", "ghi", "air_temperature"),
                ("wind and temperature", "wind_speed", "air_temperature"),
                ("sun and wind", "ghi", "wind_speed"),
            )
        },
    }


def daily_spread(weather: xr.Dataset) -> FloatArray:
    """Standard deviation of the daily global irradiation of each month [kWh/m2], ``(12,)``."""
    month = pd.DatetimeIndex(weather.indexes["time"]).month.to_numpy()[::24]
    totals = pd.Series(_days(weather["ghi"]) * 24e-3)
    return np.asarray(totals.groupby(month).std(), dtype=np.float64)


def longest_run(flags: BoolArray) -> int:
    """Length of the longest run of true values.

    >>> longest_run(np.array([True, False, True, True]))
    2
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int64), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def weibull_shape(speeds: FloatArray) -> float:
    """Shape of the Weibull distribution of speeds above zero, of greatest likelihood [1]."""
    from scipy.stats import weibull_min

    shape, _, _ = weibull_min.fit(speeds, floc=0.0)
    return float(shape)


def _days(series: xr.DataArray) -> FloatArray:
    """Means of the days, ``(365,)``."""
    hours = np.asarray(series, dtype=np.float64)
    return np.asarray(hours.reshape(-1, 24).mean(axis=1), dtype=np.float64)


def _departures(days: FloatArray, month: IntArray) -> FloatArray:
    """Values of days less the mean of their month."""
    return np.asarray(days - pd.Series(days).groupby(month).transform("mean"), dtype=np.float64)


def _lag(values: FloatArray) -> float:
    """Correlation of each value with the one before."""
    return float(np.corrcoef(values[1:], values[:-1])[0, 1])


def _deviation(apart: FloatArray, month: IntArray, season: str) -> float:
    return float(apart[np.isin(month, SEASONS[season])].std())


def _together(one: FloatArray, other: FloatArray, mine: BoolArray) -> float:
    return float(np.corrcoef(one[mine], other[mine])[0, 1])
