"""Rows by hours, months and days of validity: every hour and day belongs to exactly one.

Whether a tariff covers every day is a matter of its rows alone; nobody should have to make a
year's series to learn that a day has a gap. A surcharge that is no longer raised, or not yet, is a
row with the value 0: one whose last row simply ends would be free of charge in every later year,
and nobody would be told.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import ShapeRow
from meishan_model.sheets.tariff_rows import PowerPriceRow, SurchargeRow, TariffRow
from meishan_model.sheets.trade_rows import GridFactorRow

MONTHS, HOURS = 12, 24
ALL_YEAR = np.ones(MONTHS, dtype=bool)
_OF_DAY = {"an ordinary day": ("all", "ordinary"), "a holiday": ("all", "holiday")}


Period: TypeAlias = TariffRow | GridFactorRow | ShapeRow
"""A row that holds for some hours of the day, all year or in some months."""
Dated: TypeAlias = TariffRow | SurchargeRow | PowerPriceRow
"""A row that holds from one day to another."""
DatedRow = TypeVar("DatedRow", SurchargeRow, PowerPriceRow)


def covered(row: Period) -> NDArray[np.bool_]:
    """Months and hours of a period, shape (12, 24)."""
    hit = np.zeros((MONTHS, HOURS), dtype=bool)
    months = [*range(MONTHS)]
    if not isinstance(row, ShapeRow):
        months = [int(month) - 1 for month in row.months.split(";")]
    hit[months, row.start_hour : row.end_hour] = True
    return hit


def grid_factor_faults(rows: Sequence[GridFactorRow]) -> Iterator[Fault]:
    """Hours without a period, or with two, in the sheet of the grid's factor."""
    if rows:
        yield from _overlaps(rows, "", ALL_YEAR)
        yield from _gaps(rows, rows[0].file, "", ALL_YEAR)


def course_faults(rows: Iterable[ShapeRow]) -> Iterator[Fault]:
    """Hours of the day without a block, or with two, in the course of a load shape."""
    courses: dict[str, list[ShapeRow]] = defaultdict(list)
    for row in rows:
        if row.start_hour is not None:
            courses[f" of {row.profile}, {row.parameter}"].append(row)
    for name, blocks in courses.items():
        yield from _overlaps(blocks, name, ALL_YEAR)
        yield from _gaps(blocks, blocks[0].file, name, ALL_YEAR)


def tariff_faults(rows: Sequence[TariffRow]) -> Iterator[Fault]:
    """Hours without a period, or with two, between the first and the last day of a tariff.

    Periods of holidays lie on top of those of all days, and need not cover what these cover.
    """
    told: set[Fault] = set()
    for first, last in _regimes(rows):
        valid = [r for r in rows if r.valid_from <= first and last <= end_of(r)]
        months = _months_between(first, last)
        found: list[Fault] = []
        for day_types in (("all", "ordinary"), ("holiday",)):
            layer = [r for r in valid if r.day_type in day_types]
            found += _overlaps(layer, f" from {first}", months)
        for day, day_types in _OF_DAY.items():
            layer = [r for r in valid if r.day_type in day_types]
            found += _gaps(layer, rows[0].file, f" of {day} from {first}", months)
        yield from (fault for fault in found if fault not in told)
        told |= set(found)


def end_of(row: Dated) -> dt.date:
    """Last day on which a row holds; the last of all days where it has none."""
    return row.valid_until or dt.date.max


def _regimes(rows: Iterable[TariffRow]) -> Iterator[tuple[dt.date, dt.date]]:
    """Spans of days, first and last, in which the same rows are valid."""
    begins = {row.valid_from for row in rows}
    last = {end_of(row) for row in rows}
    begins |= {day + dt.timedelta(days=1) for day in last if day < dt.date.max}
    ordered = sorted(begins)
    ends = [day - dt.timedelta(days=1) for day in ordered[1:]]
    if dt.date.max in last:
        ends.append(dt.date.max)
    yield from zip(ordered, ends, strict=False)


def _months_between(first: dt.date, last: dt.date) -> NDArray[np.bool_]:
    """Months that lie, whole or in part, between two days."""
    months = np.zeros(MONTHS, dtype=bool)
    count = (last.year - first.year) * MONTHS + last.month - first.month + 1
    months[(first.month - 1 + np.arange(min(count, MONTHS))) % MONTHS] = True
    return months


_REMEDY = "every hour of every month and kind of day belongs to exactly one row"


def _overlaps(rows: Iterable[Period], when: str, months: NDArray[np.bool_]) -> Iterator[Fault]:
    """Periods that cover an hour which an earlier row covers."""
    owner = np.zeros((MONTHS, HOURS), dtype=int)
    for row in rows:
        hit = covered(row) & months[:, None]
        twice = hit & (owner > 0)
        if twice.any():
            place = _first(twice)
            message = f"a second row covers {_hour(place)}{when}, which row {owner[place]} covers"
            yield row.fault("start_hour", message, _REMEDY)
        owner[hit & (owner == 0)] = row.line


def _gaps(
    rows: Sequence[Period], file: str, when: str, months: NDArray[np.bool_]
) -> Iterator[Fault]:
    """Hours that no period covers; the row that is named is the one that ends where they begin."""
    missing = ~np.any([np.zeros((MONTHS, HOURS)), *map(covered, rows)], axis=0) & months[:, None]
    if missing.any():
        month, hour = _first(missing)
        before = [r.line for r in rows if r.end_hour == hour and covered(r)[month].any()]
        message = f"no row covers {_hour((month, hour))}{when}"
        line = before[0] if before else None
        yield Fault(file, message, line, "end_hour", str(hour), _REMEDY)


def _first(hours: NDArray[np.bool_]) -> tuple[int, int]:
    """The first of some hours: month and hour, counted from 0."""
    month, hour = np.argwhere(hours)[0]
    return int(month), int(hour)


def _hour(place: tuple[int, int]) -> str:
    return f"hour {place[1]} of month {place[0] + 1}"


_ONE_DAY = dt.timedelta(days=1)


def dated_faults(rows: Iterable[DatedRow]) -> Iterator[Fault]:
    """Days with two rows of one surcharge or part, or with none between its first and last."""
    for name, own in _by_name(rows).items():
        for before, after in pairwise(own):
            first = after.valid_from
            if first <= end_of(before):
                message = f"row {before.line} has {name} on {first} already"
            elif first > end_of(before) + _ONE_DAY:
                message = f"no row has {name} on {end_of(before) + _ONE_DAY}"
            else:
                continue
            remedy = "let every row begin on the day after the one before it ends"
            yield after.fault("valid_from", message, remedy)


def in_force(
    rows: Iterable[DatedRow], first: dt.date, last: dt.date
) -> tuple[tuple[DatedRow, ...], list[Fault]]:
    """Rows that hold on some day of a span, and a fault for each name that leaves one bare.

    Parameters
    ----------
    rows
        Surcharges or parts of the price, without a gap between the rows of one name
        (:func:`dated_faults`).
    first, last
        First and last day.
    """
    faults: list[Fault] = []
    found: tuple[DatedRow, ...] = ()
    for name, own in _by_name(rows).items():
        found += tuple(row for row in own if row.valid_from <= last and first <= end_of(row))
        remedy = "add a row; its value is 0 where nothing is raised"
        says = f"says what {name} is on"
        if first < own[0].valid_from:
            faults.append(own[0].fault("valid_from", f"no row {says} {first}", remedy))
        if end_of(own[-1]) < last:
            faults.append(own[-1].fault("valid_until", f"no row {says} {last}", remedy))
    return found, faults


def _by_name(rows: Iterable[DatedRow]) -> dict[str, list[DatedRow]]:
    """Rows of each surcharge or part in the order of their days."""
    found: dict[str, list[DatedRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.valid_from):
        found[row.title].append(row)
    return found


def connection_voltage(park: Park) -> float | None:
    """Voltage of the bus behind the connection [kV], where ``buses.csv`` says it."""
    ends = {row.to_bus for row in park.network_of("connection")}
    at = (row.value for row in park.buses if row.bus in ends and row.unit == "kV")
    return next(at, None)


def power_prices_of(park: Park) -> tuple[PowerPriceRow, ...]:
    """Parts of the price that are those of the park: of its class, at its voltage.

    Of a part with rows of several voltages those count whose lowest voltage is the highest that
    the connection reaches.
    """
    voltage = connection_voltage(park) or 0.0
    reached: dict[str, list[PowerPriceRow]] = defaultdict(list)
    for row in park.power_prices:
        of_class = row.tariff_class in ("", park.site.tariff_class)
        if of_class and (row.voltage_from or 0.0) <= voltage:
            reached[row.part].append(row)
    found: tuple[PowerPriceRow, ...] = ()
    for rows in reached.values():
        highest = max(row.voltage_from or 0.0 for row in rows)
        found += tuple(row for row in rows if (row.voltage_from or 0.0) == highest)
    return found
