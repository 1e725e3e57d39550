"""What time the rows of a weather file stand for: as its format says, and as the sun says.

Of each ten days the brightest value of every hour of the day is compared with that of clear skies
at every five minutes. Clouds of the afternoon, which shift the mean of a day, hardly move it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from meishan_model.series import FloatArray
from meishan_model.series.solar import clear_sky, sun_position
from meishan_model.series.weather_rows import WeatherRows

if TYPE_CHECKING:
    from pvlib.location import Location

CLEANEST_TURBIDITY = 2.0
"""Linke turbidity of very clean, cold and dry air: no hourly mean is above this clear sky.
Scharmer, Greif (2000), European Solar Radiation Atlas."""
STEP = 5
"""Minutes in which the sun tells a time."""
DAYS = 10
"""Days of which one is likely to be clear at any hour of the day."""
CONVENTIONS = (-30.0, 0.0, 30.0)
"""Minutes after a stamp: mean of the hour before it, instant, mean of the hour after it."""
AGREES, SNAPS, FARTHEST = 20.0, 10.0, 40.0
"""Minutes by which the sun may miss what a format says, or a convention that none says; beyond
the last the clock is another."""


def stated_minutes(rows: WeatherRows, offset: float) -> tuple[float, float | None]:
    """Minutes after the full hour of the park's clock that stamps, and their irradiance, are at.

    Stamps are half an hour behind where UTC meets the clock of India; the second is ``None``
    where the format does not say. Of several rows an hour both are those of their mean.

    Parameters
    ----------
    rows
        Rows of a file.
    offset
        The park's clock [h east of UTC].
    """
    moved = pd.Timedelta(hours=0.0 if rows.utc_offset is None else offset - rows.utc_offset)
    stamps = pd.DatetimeIndex(rows.table.index) + moved
    behind = np.unique((stamps - stamps.floor("h")) / pd.Timedelta(minutes=1))
    stated = None if rows.row_minutes is None else float(behind.mean()) + rows.row_minutes
    return float(behind[0]) if behind.size == 1 else 0.0, stated


class SunTimes(NamedTuple):
    """Minutes after the hour at which clear skies are most like an irradiance; NaN in the dark."""

    year: float
    winter: float
    """from November to February"""
    summer: float
    """from May to August"""


def clear_skies(stamps: pd.DatetimeIndex, offset: float, place: Location) -> FloatArray:
    """Brightest clear sky [W/m2] of each hour of the day in ten days, at every five minutes.

    Parameters
    ----------
    stamps
        The 8760 hours of a year.
    offset
        Their clock [h east of UTC].
    place
        Where the sky is seen from.

    Returns
    -------
    numpy.ndarray
        Shape (12, 36, 24): minutes, tens of days, hours.
    """
    # The sun moves slowly: every fifth day has the envelope of ten.
    days = stamps[np.arange(len(stamps)) // 24 % (DAYS // 2) == 0]
    skies = []
    for minutes in range(0, 60, STEP):
        sun = sun_position(days, offset, place, dt.timedelta(minutes=minutes))
        skies.append(_brightest(clear_sky(sun, place, CLEANEST_TURBIDITY), days=2))
    return np.array(skies)


def sun_times(irradiance: FloatArray, skies: FloatArray) -> SunTimes:
    """Times of the sun in a year of hourly irradiance [W/m2], see :func:`clear_skies`."""
    brightest, tens = _brightest(irradiance, DAYS), np.arange(36)
    winter, summer = (tens < 6) | (tens >= 30), (tens >= 12) & (tens < 24)
    return SunTimes(*(_best(brightest[t], skies[:, t]) for t in (tens, winter, summer)))


def _best(brightest: FloatArray, skies: FloatArray) -> float:
    """Minutes from -12 h to 12 h at which skies are most like an irradiance."""
    fits = {
        60.0 * hours + STEP * place: _likeness(np.roll(sky, -hours, axis=1), brightest)
        for place, sky in enumerate(skies)
        for hours in range(-12, 12)
    }
    best = max(fits, key=lambda minutes: fits[minutes])
    return best if fits[best] > 0.0 else np.nan


def _brightest(hours: FloatArray, days: int) -> FloatArray:
    """Greatest value of each hour of the day in some days, shape (36, 24)."""
    return np.asarray(hours[: 36 * days * 24].reshape(36, days, 24).max(axis=1))


def _likeness(one: FloatArray, other: FloatArray) -> float:
    """Correlation of two fields; zero where one of them is the same throughout."""
    one, other = one - one.mean(), other - other.mean()
    length = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / length if length > 0.0 else 0.0


def row_time(by_sun: float, behind: float, stated: float | None) -> tuple[int, float]:
    """Whole hours by which a clock is off, and minutes after the hour that its rows stand for.

    What the format says counts where the sun agrees to 20 minutes, else the sun: rounded to a
    convention that lies within 10 minutes. Rows more than 40 minutes from their stamp are of
    another clock.

    Parameters
    ----------
    by_sun
        As :func:`sun_times` finds it.
    behind, stated
        As :func:`stated_minutes` gives them.
    """
    if np.isnan(by_sun):
        return 0, behind + 30.0 if stated is None else stated
    apart = by_sun - behind
    off = int(np.sign(apart) * max(0.0, np.ceil((abs(apart) - FARTHEST) / 60.0)))
    minutes = by_sun - 60.0 * off
    if stated is not None and abs(minutes - stated) <= AGREES:
        return off, stated
    nearest = min((behind + c for c in CONVENTIONS), key=lambda c: abs(c - minutes))
    return off, nearest if abs(nearest - minutes) <= SNAPS else minutes
