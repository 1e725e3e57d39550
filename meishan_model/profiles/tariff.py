"""Time-of-use price of every hour, from periods with dates of validity, months and day types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.inputs.trade_rows import TariffRow
from meishan_model.profiles.numerics import FloatArray


def price_ratio(rows: Sequence[TariffRow], calendar: pd.DataFrame, file: str) -> FloatArray:
    """Ratio of the price to the flat price in every hour of the calendar.

    Rows for ``all`` or ``ordinary`` days make the day; rows for ``holiday`` lie on top of them in
    the hours they cover.

    Parameters
    ----------
    rows
        Periods of ``tariff_periods.csv``.
    calendar
        Table of :func:`~meishan_model.profiles.calendar.day_types`, hours by stamp.
    file
        Path of the sheet, for messages.

    Returns
    -------
    numpy.ndarray
        Ratio [-], shape (hours,).

    Raises
    ------
    InputError
        If an hour has no period, or two of the same kind; every such row is listed.
    """
    ratio = np.full(len(calendar), np.nan)
    faults = []
    for day_types in (("all", "ordinary"), ("holiday",)):
        layer = np.full(len(calendar), np.nan)
        for row in (r for r in rows if r.day_type in day_types):
            hit = _hours_of(row, calendar)
            twice = hit & ~np.isnan(layer)
            if twice.any():
                faults.append(_fault(file, row, calendar, twice, "a second period covers"))
            layer[hit] = row.value
        ratio = np.where(np.isnan(layer), ratio, layer)
    missing = np.isnan(ratio)
    if missing.any():
        faults.append(_fault(file, None, calendar, missing, "no period covers"))
    if faults:
        raise InputError(faults)
    return ratio


def _hours_of(row: TariffRow, calendar: pd.DataFrame) -> np.ndarray:
    stamps = pd.DatetimeIndex(calendar.index)
    hour = calendar["hour"].to_numpy()
    hit = np.isin(calendar["month"], [int(m) for m in row.months.split(";")])
    hit &= (hour >= row.start_hour) & (hour < row.end_hour)
    hit &= np.asarray(stamps >= pd.Timestamp(row.valid_from))
    if row.valid_until:
        hit &= np.asarray(stamps < pd.Timestamp(row.valid_until) + pd.Timedelta(days=1))
    if row.day_type != "all":
        hit &= calendar["is_holiday"].to_numpy() == (row.day_type == "holiday")
    return np.asarray(hit)


def _fault(
    file: str, row: TariffRow | None, calendar: pd.DataFrame, hours: np.ndarray, message: str
) -> Fault:
    first = calendar.index[int(np.argmax(hours))]
    return Fault(
        file,
        f"{message} {int(hours.sum())} hours of the year",
        None if row is None else row.line,
        "start_hour",
        f"first at {first}",
        "every hour of every month and day type belongs to exactly one period",
    )
