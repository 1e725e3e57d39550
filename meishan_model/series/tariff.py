"""Time-of-use price of every hour, from periods with dates of validity, months and day types.

A period says to which parts of the flat price its ratio applies: to the whole, network charge and
levies included, as Zhejiang billed its large customers until June 2026, or to energy, losses and
system fee alone, as since July 2026. Network charge and levies themselves are the same in every
hour of a day, so that the energy part is what is left of the price. The levies are the sum of the
surcharges that hold on the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.calendar import day_types
from meishan_model.sheets.periods import Dated, covered
from meishan_model.sheets.row_reader import names_remedy
from meishan_model.sheets.tariff_rows import PRICE_PARTS, PowerPriceRow, SurchargeRow, TariffRow
from meishan_model.sheets.trade_rows import GridFactorRow
from meishan_model.sheets.units import in_project_unit

ALL_HOURS = slice(None)


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


def dated_series(
    rows: Iterable[SurchargeRow | PowerPriceRow], calendar: pd.DataFrame
) -> FloatArray:
    """Sum in every hour of the rows that hold on its day.

    Parameters
    ----------
    rows
        Surcharges, or rows of a part of the price, that hold on some day of the calendar.
    calendar
        As for :func:`price_ratio`.

    Returns
    -------
    numpy.ndarray
        Values in the units of the project, such as CNY/MWh, shape (hours,).
    """
    days = pd.DatetimeIndex(calendar.index).normalize()
    total = np.zeros(len(calendar))
    for row in rows:
        total += in_project_unit(row.value, row.unit) * _valid_on(row, days)
    return total


class GridPrice(NamedTuple):
    """What power from the grid costs in every hour, and what of it is in which part.

    Attributes
    ----------
    total
        Price with all its parts [CNY/MWh].
    network_charge, levies
        Parts that are the same in all hours of a day [CNY/MWh]; the rest is energy.
    demand_charge
        What the highest step of the month costs [CNY/(MW*month)].
    """

    total: FloatArray
    network_charge: FloatArray
    levies: FloatArray
    demand_charge: FloatArray


def flat_parts(
    prices: Mapping[str, float],
    surcharges: Sequence[SurchargeRow],
    rows: Sequence[PowerPriceRow],
    calendar: pd.DataFrame,
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Parts of the flat price of power, and the demand charge.

    Parameters
    ----------
    prices
        Prices of the year by item; without parts they have the whole price and the charges.
    surcharges, rows
        Rows that hold on some day of the calendar.
    calendar
        As for :func:`price_ratio`.

    Returns
    -------
    parts, demand_charge
        [CNY/MWh] by :data:`~meishan_model.sheets.tariff_rows.PRICE_PARTS` and [CNY/(MW*month)],
        each of shape (hours,).
    """
    if rows:
        by_part = {
            part: dated_series((row for row in rows if row.part == part), calendar)
            for part in PowerPriceRow.quantities
        }
        parts = {part: by_part[part] for part in PRICE_PARTS if part in by_part}
        parts["losses"] = parts["losses"] + by_part["loss_share"] * parts["energy"]
        demand = by_part["demand_charge"]
    else:
        even, network = np.ones(len(calendar)), prices["network_charge"]
        parts = {
            "energy": (prices["purchase_flat"] - network) * even,
            "network_charge": network * even,
        }
        demand = prices["demand_charge"] * even
    return {**parts, "levies": dated_series(surcharges, calendar)}, demand


def grid_price(
    parts: Mapping[str, FloatArray],
    demand_charge: FloatArray,
    rows: Sequence[TariffRow],
    calendar: pd.DataFrame,
    file: str,
    hours: IntArray | slice = ALL_HOURS,
) -> GridPrice:
    """The price of every hour: parts that the ratio of its period multiplies, and flat ones.

    Parameters
    ----------
    parts, demand_charge
        Of :func:`flat_parts`.
    rows, calendar, file
        As for :func:`price_ratio`.
    hours
        Positions in the calendar of the hours that the parts are of.

    Raises
    ------
    InputError
        If one of these hours has no period.
    """
    place = _period_of_hours(rows, calendar, file, hours)
    ratio = np.array([row.value for row in rows])
    total = np.zeros(len(place))
    for name, part in parts.items():
        of_part = np.where([row.floats(name) for row in rows], ratio, 1.0)
        total += part * of_part[place]
    return GridPrice(total, parts["network_charge"], parts["levies"], demand_charge)


def day_tariff(
    rows: Sequence[TariffRow],
    parts: Mapping[str, float],
    day: dt.date,
    country: str,
    file: str,
) -> pd.DataFrame:
    """Price of each hour of a day, with its parts and the row that sets it.

    Parameters
    ----------
    rows
        Periods of ``tariff_periods.csv``.
    parts
        Flat parts of the price on the day [CNY/MWh], as of :func:`flat_parts`.
    day
        Any day but 29 February, which no model year has.
    country
        Whose public holidays hold, ISO 3166 code.
    file
        Path of the sheet, for messages.

    Returns
    -------
    pandas.DataFrame
        Index hour, 0 to 23; tariff, period, row (line in the sheet), ratio [-], applies_to (as
        in the sheet), and energy, network_charge, levies and total [CNY/MWh].

    Raises
    ------
    InputError
        If an hour of the day has no period, or if the day is 29 February.
    """
    calendar, hours = hours_of_day(day, country)
    found = [rows[p] for p in _period_of_hours(rows, calendar, file, hours)]
    table = pd.DataFrame(
        {
            "tariff": [row.tariff for row in found],
            "period": [row.period for row in found],
            "row": [row.line for row in found],
            "ratio": [row.value for row in found],
            "applies_to": [row.applies_to for row in found],
        }
    ).rename_axis("hour")
    of_day = {name: np.full(len(hours), value) for name, value in parts.items()}
    price = grid_price(of_day, np.zeros(len(hours)), rows, calendar, file, hours)
    for column in ("network_charge", "levies", "total"):
        table[column] = getattr(price, column)
    table.insert(5, "energy", table["total"] - table["network_charge"] - table["levies"])
    return table


def hours_of_day(day: dt.date, country: str) -> tuple[pd.DataFrame, IntArray]:
    """The calendar of a day's year, and the positions of the day's hours in it.

    Raises
    ------
    InputError
        If it is 29 February.
    """
    if (day.month, day.day) == (2, 29):
        remedy = "choose another day"
        raise InputError([Fault("DATE", "no model year has it", value=str(day), remedy=remedy)])
    calendar = day_types(day.year, country)
    return calendar, np.flatnonzero(pd.DatetimeIndex(calendar.index).date == day)


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


def _period_of_hours(
    rows: Sequence[TariffRow],
    calendar: pd.DataFrame,
    file: str,
    hours: IntArray | slice = ALL_HOURS,
) -> IntArray:
    """Position of the row that sets the price of some hours; that none does is a fault."""
    place = np.full(len(calendar), -1, dtype=np.int64)
    days = pd.DatetimeIndex(calendar.index).normalize()
    refuse(_unknown_holidays(rows, calendar, file))
    for layer_types in (("all", "ordinary"), ("holiday",)):
        for position, row in enumerate(rows):
            if row.day_type in layer_types:
                place[_hours_of(row, calendar, days)] = position
    missing = place[hours] < 0
    if missing.any():
        raise InputError([_gap(file, calendar.iloc[hours], missing)])
    return place[hours]


def _hours_of(row: TariffRow, calendar: pd.DataFrame, days: pd.DatetimeIndex) -> np.ndarray:
    hit = covered(row)[calendar["month"].to_numpy() - 1, calendar["hour"].to_numpy()]
    hit &= _valid_on(row, days)
    if row.holidays:
        hit &= _on_holidays(row, calendar, days)
    elif row.day_type != "all":
        hit &= calendar["is_holiday"].to_numpy() == (row.day_type == "holiday")
    return np.asarray(hit)


def _on_holidays(
    row: TariffRow, calendar: pd.DataFrame, days: pd.DatetimeIndex
) -> NDArray[np.bool_]:
    """Hours of the holidays that a row names, or of so many days from the first of them on."""
    hit = np.zeros(len(calendar), dtype=bool)
    for name, most in row.named_holidays.items():
        named = calendar["festival"].str.contains(name, regex=False).to_numpy()
        if named.any() and most is not None:
            first = days[named][0]
            named = (days >= first) & (days < first + pd.Timedelta(days=most))
        hit |= named
    return hit


def _unknown_holidays(
    rows: Iterable[TariffRow], calendar: pd.DataFrame, file: str
) -> Iterator[Fault]:
    """Names of holidays that no day of a whole year has."""
    known = {name for text in calendar["festival"].unique() for name in text.split("; ") if name}
    for row in rows:
        for name in row.named_holidays:
            if not any(name in festival for festival in known):
                message = f"{name} is no public holiday of {calendar.index[0].year}"
                remedy = names_remedy(name, known)
                yield Fault(file, message, row.line, "holidays", row.holidays, remedy)


def _valid_on(row: Dated, days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether a row holds, by hour; ``days`` is the day of each hour."""
    hit = np.asarray(days >= pd.Timestamp(row.valid_from))
    return hit & np.asarray(days <= pd.Timestamp(row.valid_until)) if row.valid_until else hit


def _gap(file: str, calendar: pd.DataFrame, hours: np.ndarray) -> Fault:
    message = f"no period covers {int(hours.sum())} hours of the year"
    first = f"first at {calendar.index[int(np.argmax(hours))]}"
    remedy = "every hour of every month and day type belongs to exactly one period"
    return Fault(file, message, None, "start_hour", first, remedy)
