"""Time-of-use price of every hour, from periods with dates of validity, months and day types.

The ratio of a period applies to the whole flat price, network charge and levies included (that is
how Zhejiang's large customers are billed); network charge and levies themselves are the same in
every hour of a day, so that the energy part is what is left of the price. The levies are the sum
of the surcharges that hold on the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.calendar import day_types
from meishan_model.sheets.periods import Dated, covered
from meishan_model.sheets.trade_rows import GridFactorRow, SurchargeRow, TariffRow


def price_ratio(rows: Sequence[TariffRow], calendar: pd.DataFrame, file: str) -> FloatArray:
    """Ratio of the price to the flat price in every hour of the calendar.

    Rows for ``all`` or ``ordinary`` days make the day; rows for ``holiday`` lie on top of them in
    the hours they cover.

    Parameters
    ----------
    rows
        Periods of ``tariff_periods.csv``; no two of a kind of day cover the same hour.
    calendar
        Table of :func:`~meishan_model.series.calendar.day_types`, hours by stamp.
    file
        Path of the sheet, for messages.

    Returns
    -------
    numpy.ndarray
        Ratio [-], shape (hours,).

    Raises
    ------
    InputError
        If an hour has no period.
    """
    place = _period_of_hours(rows, calendar, file)
    return np.array([row.value for row in rows])[place]


def levy_series(rows: Sequence[SurchargeRow], calendar: pd.DataFrame) -> FloatArray:
    """Sum of all surcharges in every hour.

    Parameters
    ----------
    rows
        Rows of ``surcharges.csv`` that hold on some day of the calendar.
    calendar
        As for :func:`price_ratio`.

    Returns
    -------
    numpy.ndarray
        Levies [CNY/MWh], shape (hours,).
    """
    days = pd.DatetimeIndex(calendar.index).normalize()
    total = np.zeros(len(calendar))
    for row in rows:
        total += row.value * _valid_on(row, days)
    return total


def day_tariff(
    rows: Sequence[TariffRow],
    surcharges: Sequence[SurchargeRow],
    prices: Mapping[str, float],
    day: dt.date,
    country: str,
    file: str,
) -> pd.DataFrame:
    """Price of each hour of a day, with its parts and the row that sets it.

    Parameters
    ----------
    rows
        Periods of ``tariff_periods.csv``.
    surcharges
        Rows of ``surcharges.csv`` that hold on the day.
    prices
        Prices of the day's year by item [CNY/MWh].
    day
        Any day but 29 February, which no model year has.
    country
        Whose public holidays hold, ISO 3166 code.
    file
        Path of the sheet, for messages.

    Returns
    -------
    pandas.DataFrame
        Index hour, 0 to 23; tariff, period, row (line in the sheet), ratio [-], and energy,
        network_charge, levies and total [CNY/MWh].

    Raises
    ------
    InputError
        If an hour of the day has no period, or if the day is 29 February.
    """
    if (day.month, day.day) == (2, 29):
        remedy = "choose another day"
        raise InputError([Fault("DATE", "no model year has it", value=str(day), remedy=remedy)])
    calendar = day_types(day.year, country)
    place = _period_of_hours(rows, calendar[pd.DatetimeIndex(calendar.index).date == day], file)
    found = [rows[p] for p in place]
    table = pd.DataFrame(
        {
            "tariff": [row.tariff for row in found],
            "period": [row.period for row in found],
            "row": [row.line for row in found],
            "ratio": [row.value for row in found],
        }
    ).rename_axis("hour")
    table["network_charge"] = prices["network_charge"]
    table["levies"] = sum(row.value for row in surcharges)
    table["total"] = (prices["purchase_flat"] + table["levies"]) * table["ratio"]
    table.insert(4, "energy", table["total"] - table["network_charge"] - table["levies"])
    return table


def grid_factor_ratio(rows: Sequence[GridFactorRow], calendar: pd.DataFrame) -> FloatArray:
    """Factor of the grid relative to its mean over the year.

    Parameters
    ----------
    rows
        Periods of ``grid_factor_periods.csv``; every hour of every month has one.
    calendar
        As for :func:`price_ratio`.

    Returns
    -------
    numpy.ndarray
        Ratio [-], shape (hours,); its mean is 1.
    """
    by_hour = sum(covered(row) * row.value for row in rows)
    ratio = np.asarray(by_hour)[calendar["month"].to_numpy() - 1, calendar["hour"].to_numpy()]
    return np.asarray(ratio / ratio.mean())


def _period_of_hours(rows: Sequence[TariffRow], calendar: pd.DataFrame, file: str) -> IntArray:
    """Position of the row that sets the price of each hour; that none does is a fault."""
    place = np.full(len(calendar), -1, dtype=np.int64)
    days = pd.DatetimeIndex(calendar.index).normalize()
    for layer_types in (("all", "ordinary"), ("holiday",)):
        for position, row in enumerate(rows):
            if row.day_type in layer_types:
                place[_hours_of(row, calendar, days)] = position
    missing = place < 0
    if missing.any():
        raise InputError([_gap(file, calendar, missing)])
    return place


def _hours_of(row: TariffRow, calendar: pd.DataFrame, days: pd.DatetimeIndex) -> np.ndarray:
    hit = covered(row)[calendar["month"].to_numpy() - 1, calendar["hour"].to_numpy()]
    hit &= _valid_on(row, days)
    if row.day_type != "all":
        hit &= calendar["is_holiday"].to_numpy() == (row.day_type == "holiday")
    return np.asarray(hit)


def _valid_on(row: Dated, days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether a row holds, by hour; ``days`` is the day of each hour."""
    hit = np.asarray(days >= pd.Timestamp(row.valid_from))
    return hit & np.asarray(days <= pd.Timestamp(row.valid_until)) if row.valid_until else hit


def _gap(file: str, calendar: pd.DataFrame, hours: np.ndarray) -> Fault:
    message = f"no period covers {int(hours.sum())} hours of the year"
    first = f"first at {calendar.index[int(np.argmax(hours))]}"
    remedy = "every hour of every month and day type belongs to exactly one period"
    return Fault(file, message, None, "start_hour", first, remedy)
