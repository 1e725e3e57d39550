"""A list of ship calls as a CSV file, which takes the place of the generated calls of a year.

``timeseries/<park>/ship_calls_<year>.csv``, one row a call: ``berth_group, ship, ship_class,
arrival, berthing, departure, berth, teu, shore_power``. Times are local standard time in ISO 8601
(``2030-03-01 14:30``), ``berth`` counts from 1 within its group, ``shore_power`` is yes where ship
and berth could be connected, whether or not they were; ``ship`` is a name for the reader.

The model year has no 29 February: its hours are cut out of the stays.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, refuse
from meishan_model.port.year import BerthGroup
from meishan_model.series import FloatArray
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.units import HOURS_OF_YEAR

COLUMNS = (
    *("berth_group", "ship", "ship_class", "arrival", "berthing", "departure"),
    *("berth", "teu", "shore_power"),
)
TIMES = ("arrival", "berthing", "departure")
FULL_LIST = 0.1
"""By how much the TEU of a list may miss the throughput of the year [share of it]: a list of half
a year would halve the ships without a word."""
MANY_CALLS = 100
"""Calls a year from which a month without any is a gap in the list."""
_LEAP_DAY = 59 * 24
"""Hour of the year at which 29 February begins."""
_CLOCK = pd.Timedelta(milliseconds=1)
"""Two ships may overlap by so much through the rounding of the clock."""
_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_ANSWERS = {"yes": True, "no": False}


def call_list_path(folder: Path, year: int) -> Path:
    """Where the call list of a year lies, if there is one.

    Parameters
    ----------
    folder
        ``timeseries/<park>``.
    year
        Model year.
    """
    return folder / f"ship_calls_{year}.csv"


def write_call_list(calls: Mapping[str, pd.DataFrame], path: Path, year: int) -> None:
    """Write calls as a list that `read_call_list` reads.

    Parameters
    ----------
    calls
        Tables of `meishan_model.port.calls.ship_calls` by group of berths.
    path
        The file.
    year
        Year of the calls.
    """
    tables = []
    for group, table in calls.items():
        rows = table.assign(berth_group=group, ship="")
        for name in TIMES:
            stamps = _stamps(table[name].to_numpy(dtype=np.float64), year)
            rows[name] = stamps.strftime("%Y-%m-%dT%H:%M:%S.%f")
        rows["shore_power"] = np.where(table["shore_power"], "yes", "no")
        tables.append(rows[list(COLUMNS)])
    pd.concat(tables, ignore_index=True).to_csv(path, index=False)


def read_call_list(
    path: Path, year: int, groups: tuple[BerthGroup, ...], throughput: float
) -> dict[str, pd.DataFrame]:
    """Read a list of calls, with every fault of every row.

    Parameters
    ----------
    path
        The file.
    year
        Its year: every ship arrives in it.
    groups
        Groups of berths of the park.
    throughput
        Containers handled in the year [TEU], which the list must have but for a tenth.

    Returns
    -------
    dict
        By group of berths the columns of `meishan_model.port.calls.ship_calls`, in order of
        berthing; a group without calls has an empty table.

    Raises
    ------
    InputError
        If the form is wrong, a name is unknown, a cell is no time, number or answer, a call is
        out of order or of the year, two ships lie at one berth, or the TEU miss the throughput.
    """
    cells, faults = read_sheet(path, COLUMNS)
    rows, found = _values(cells, str(path))
    faults += found
    faults += _unknown_names(cells, groups, str(path))
    if not faults:
        faults = [*_out_of_order(rows, year, str(path)), *_doubled_berths(rows, str(path))]
        faults += _berths_beyond(rows, groups, str(path))
        faults += _foreign_throughput(rows, throughput, str(path))
        faults += _empty_months(rows, str(path))
    refuse(faults)
    for name in TIMES:
        rows[name] = _hours(rows[name], year)
    rows = rows[rows["departure"] > rows["berthing"]].sort_values("berthing", kind="stable")
    return {
        g.berth_group: rows[rows["berth_group"] == g.berth_group]
        .drop(columns=["berth_group", "ship"])
        .reset_index(drop=True)
        for g in groups
    }


def _stamps(hours: FloatArray, year: int) -> pd.DatetimeIndex:
    """Times of hours since 1 January of the model year, which has no 29 February."""
    leap = calendar.isleap(year) & (hours >= _LEAP_DAY)
    since = pd.to_timedelta(hours + 24.0 * leap, unit="h").round("us")
    return pd.DatetimeIndex(pd.Timestamp(year, 1, 1) + since)


def _hours(stamps: pd.Series[pd.Timestamp], year: int) -> FloatArray:
    """Hours since 1 January of the model year; 29 February is one moment."""
    since = (stamps - pd.Timestamp(year, 1, 1)) / pd.Timedelta(hours=1)
    hours = np.asarray(since, dtype=np.float64)
    if not calendar.isleap(year):
        return hours
    cut = np.where(hours > _LEAP_DAY, np.maximum(hours - 24.0, _LEAP_DAY), hours)
    return np.asarray(cut, dtype=np.float64)


def _values(cells: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Cells as times, numbers and answers, and a fault for each that is none."""
    rows = cells.copy()
    wanted = dict.fromkeys(TIMES, "give the local time as 2030-03-01 14:30, without time zone")
    for name in TIMES:
        plain = cells[name].where(cells[name].str.fullmatch(_TIME))
        rows[name] = pd.to_datetime(plain, format="ISO8601", errors="coerce")
    for name, remedy in (("teu", "give a number above 0"), ("berth", "count from 1")):
        number = pd.to_numeric(cells[name], errors="coerce")
        rows[name] = number.where(np.isfinite(number) & (number > 0))
        wanted[name] = remedy
    rows["berth"] = rows["berth"].where(rows["berth"] % 1 == 0)
    rows["shore_power"] = cells["shore_power"].map(_ANSWERS)
    wanted["shore_power"] = "give yes or no"
    faults = [
        Fault(file, "cannot be read", line, name, cell, remedy)
        for name, remedy in wanted.items()
        for line, cell in cells.loc[rows[name].isna(), [name]].itertuples(name=None)
    ]
    return rows, faults


def _unknown_names(
    cells: pd.DataFrame, groups: tuple[BerthGroup, ...], file: str
) -> Iterator[Fault]:
    """Groups that the park has not, and ship classes that berths.csv does not have there."""
    known = {g.berth_group: [ship.ship_class for ship in g.ships] for g in groups}
    for line, group, ship_class in cells[["berth_group", "ship_class"]].itertuples(name=None):
        if group not in known:
            remedy = f"known: {', '.join(known)}"
            yield Fault(file, "no such group of berths", line, "berth_group", group, remedy)
        elif ship_class not in known[group]:
            message, remedy = f"does not call at {group}", f"known: {', '.join(known[group])}"
            yield Fault(file, message, line, "ship_class", ship_class, remedy)


def _out_of_order(rows: pd.DataFrame, year: int, file: str) -> Iterator[Fault]:
    """Calls that end before they begin, or lie at berth in another year."""
    stay = (rows["departure"] - rows["berthing"]).dt.total_seconds() / 3600.0
    for column, wrong, message, remedy in (
        ("berthing", rows["berthing"] < rows["arrival"], "lies before the arrival", ""),
        ("departure", stay <= 0.0, "is not after the berthing", ""),
        ("departure", stay >= HOURS_OF_YEAR, "is a year and more after the berthing", ""),
        ("arrival", rows["arrival"].dt.year != year, "is of another year", f"keep {year} only"),
    ):
        for line, value in rows.loc[wrong, [column]].itertuples(name=None):
            yield Fault(file, message, line, column, str(value), remedy or "correct the time")


def _doubled_berths(rows: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Ships that lie where another one has not left yet."""
    ordered = rows.sort_values("berthing", kind="stable")
    before = ordered.groupby(["berth_group", "berth"])["departure"].transform(
        lambda left: left.cummax().shift()
    )
    taken = before - ordered["berthing"] > _CLOCK
    wrong = ordered.assign(until=before).loc[taken, ["berth", "until", "berthing"]]
    for line, berth, until, berthing in wrong.itertuples(name=None):
        message, remedy = f"berth {berth:g} is taken until {until}", "give each ship its own berth"
        yield Fault(file, message, line, "berthing", str(berthing), remedy)


def _berths_beyond(
    rows: pd.DataFrame, groups: tuple[BerthGroup, ...], file: str
) -> Iterator[Fault]:
    berths = rows["berth_group"].map({g.berth_group: g.berths for g in groups})
    wrong = rows.assign(most=berths).loc[rows["berth"] > berths, ["berth_group", "berth", "most"]]
    for line, group, berth, most in wrong.itertuples(name=None):
        message, remedy = f"{group} has {most} berths", "count from 1 within the group"
        yield Fault(file, message, line, "berth", f"{berth:g}", remedy)


def _empty_months(rows: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Months without a call in a list of many."""
    calls = rows["arrival"].dt.month.value_counts()
    empty = [calendar.month_name[month] for month in range(1, 13) if month not in calls.index]
    if empty and len(rows) >= MANY_CALLS:
        message, remedy = "no ship calls in this month", "list the whole year"
        yield Fault(file, message, None, "arrival", ", ".join(empty), remedy)


def _foreign_throughput(rows: pd.DataFrame, throughput: float, file: str) -> Iterator[Fault]:
    total = float(rows["teu"].sum())
    if abs(total - throughput) > FULL_LIST * throughput:
        message = f"the calls miss the {throughput:g} TEU of drivers.csv by more than a tenth"
        remedy = "list the whole year, or correct the throughput"
        yield Fault(file, message, None, "teu", f"{total:g}", remedy)
