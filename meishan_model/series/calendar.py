"""Calendar of the model year: 8760 stamps in local standard time, day types, hours of a trial."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.series import IntArray
from meishan_model.sheets.units import HOURS_OF_YEAR

HOURS_OF_WEEK = 168


def standard_offset(timezone: str, year: int) -> float:
    """Local standard time minus UTC on 1 January, without daylight saving [h]."""
    new_year = dt.datetime(year, 1, 1, tzinfo=ZoneInfo(timezone))
    offset, saving = new_year.utcoffset(), new_year.dst()
    if offset is None or saving is None:
        raise ValueError(f"timezone {timezone!r} has no offset from UTC")
    return (offset - saving).total_seconds() / 3600.0


def hourly_index(year: int) -> pd.DatetimeIndex:
    """Stamps of the model year: 8760 hours in local standard time, 29 February absent.

    The stamp is the start of the hour; values are means over the hour that starts there.
    Standard time has neither a missing nor a doubled hour, so the stamps carry no timezone
    and are the same for every place.
    """
    stamps = pd.date_range(
        f"{year}-01-01", f"{year}-12-31 23:00", freq="h", name="time", unit="ns"
    )
    return stamps[~((stamps.month == 2) & (stamps.day == 29))]


def day_types(year: int, country: str) -> pd.DataFrame:
    """Day type of each hour of the model year.

    Parameters
    ----------
    year
        Calendar year; weekdays and public holidays are those of this year.
    country
        ISO 3166 code known to the ``holidays`` library.

    Returns
    -------
    pandas.DataFrame
        8760 rows, indexed like `hourly_index`: ``month`` (1-12), ``hour`` (0-23), ``weekday``
        (0 = Monday), ``is_weekend`` (by the country's week, whatever was decreed), ``is_holiday``,
        ``is_working_day``, ``festival`` (English name of the public holiday, empty on other
        days). Weekend days that were made working days in exchange for days off are working
        days. The decrees that move days between weeks exist for past and current years only;
        later years hold the statutory days alone.

    Raises
    ------
    InputError
        If the country is unknown or the library has no holidays for the year.
    """
    message = "the holidays library knows no public holidays of this country and year"
    remedy = "use a supported ISO 3166 code and year"
    fault = Fault("park.yaml", message, None, "country", f"{country} {year}", remedy)
    try:
        known = holidays.country_holidays(country, years=year, language="en_US")
    except NotImplementedError as error:
        raise InputError([fault]) from error
    if not known:
        raise InputError([fault])
    days = hourly_index(year)[::24]
    names = pd.Series([known.get(day.date()) or "" for day in days], dtype="object")
    weekend = np.isin(days.day_of_week, sorted(known.weekend))
    made_up = np.array([day.date() in known.weekend_workdays for day in days])
    holiday = (names != "").to_numpy()
    table = pd.DataFrame(
        {
            "month": days.month,
            "weekday": days.day_of_week,
            "is_weekend": weekend,
            "is_holiday": holiday,
            "is_working_day": (~weekend | made_up) & ~holiday,
            "festival": _festivals(names),
        }
    )
    hourly = table.loc[table.index.repeat(24)].set_axis(hourly_index(year), axis=0)
    hourly.insert(1, "hour", np.tile(np.arange(24), 365))
    return hourly


def _festivals(names: pd.Series) -> pd.Series:
    """Names of festivals, with a moved day off under the festival it stands next to."""
    plain = names.str.replace(r" \(observed\)| \(estimated\)", "", regex=True)
    run = ((names != "") != (names != "").shift()).cumsum()
    named = plain.mask(plain.str.startswith("Day off"))
    return named.groupby(run).ffill().groupby(run).bfill().fillna("")


def trial_hours(hours: int) -> IntArray:
    """Positions of the hours of a trial: whole weeks spread evenly over the year.

    Parameters
    ----------
    hours
        Number of hours; 8760 is the whole year, less must be a multiple of 168.

    Raises
    ------
    InputError
        If the number is no multiple of a week.
    """
    if hours == HOURS_OF_YEAR:
        return np.arange(HOURS_OF_YEAR)
    weeks, rest = divmod(hours, HOURS_OF_WEEK)
    if rest or not 1 <= weeks <= 52:
        message, remedy = "is no number of weeks", "168, 336, ... 8760"
        raise InputError([Fault("--hours", message, value=str(hours), remedy=remedy)])
    # A week of each of equal parts of the year, a little after the middle: the middle of the
    # second half is the national holiday, and two weeks with it lack a seventh of the load.
    first = ((np.arange(weeks) + 0.6) * 52 / weeks).astype(int) * HOURS_OF_WEEK
    return np.asarray((first[:, None] + np.arange(HOURS_OF_WEEK)).ravel())
