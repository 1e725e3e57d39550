"""Read a column of a meter's file: CSV, Excel or NetCDF, a row a step or a row a day.

A file may have a title above its head, decimal commas, stamps in one column or in two, days
written in either order, and 24, 48 or 96 columns a day as grid companies give them.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series import IntArray

ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
ENDINGS = (".csv", ".txt", ".xlsx", ".nc")
STEPS_OF_A_DAY = (24, 48, 96)
HEAD = 30
"""Rows among which the head of a table is looked for."""
CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(:\d{2})?$")
STAMP = (
    r"^(?P<first>\d{1,4})[-/.年](?P<second>\d{1,2})[-/.月](?P<third>\d{1,4})日?"
    r"(?:[T ]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:\.\d+)?))?)?$"
)
"""Day, in whatever order, and perhaps a time."""
UNIT = re.compile(r"(?<![A-Za-z])([A-Z]{3}/)?(kWh|MWh|GWh|Wh|kW|MW|GW|W)(?![A-Za-z])")
"""Unit of power, energy or, behind a currency, price."""
SHARE = 0.95
"""Share of the cells of a column that must be days for it to be one of stamps [-]."""


Column: TypeAlias = "tuple[pd.Series[float], str]"
"""A column of a file as it stands there: values by stamp, in the order of the file, missing where
a cell is empty, and the unit that its head or the attribute of the variable names; else empty."""


def read_column(path: Path, column: str) -> Column:
    """Read a column of a file.

    Parameters
    ----------
    path
        The file, by its ending ``.csv``, ``.txt``, ``.xlsx`` or ``.nc``.
    column
        Its name; of a file with a row a day what its rows are called in another column, or any
        name if all of its rows are one meter's.

    Raises
    ------
    InputError
        If there is no such file or column, or what is in it are no numbers with their stamps.
    """
    _refuse_file(path)
    if path.suffix.lower() == ".nc":
        return _of_netcdf(path, column)
    cells = _cells(path)
    for row in range(min(HEAD, len(cells))):
        heads = [_text(cell) for cell in cells.iloc[row]]
        steps = [i for i, head in enumerate(heads) if _step_of(head) is not None]
        if len(steps) in STEPS_OF_A_DAY:
            return _a_row_a_day(path, cells.iloc[row + 1 :], heads, steps, column)
        if column in heads:
            return _a_row_a_step(path, cells.iloc[row + 1 :], heads, column)
    heads = [_text(cell) for cell in cells.iloc[0]] if len(cells) else []
    remedy = f"its first row has {', '.join(filter(None, heads)) or 'nothing'}"
    raise file_error(path, "has no such column", remedy, column)


def number_columns(path: Path) -> dict[str, str]:
    """Columns of a CSV or Excel file that hold numbers alone, with the units that they name.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    _refuse_file(path)
    if path.suffix.lower() == ".nc":
        raise file_error(path, "is no table", "name the variable")
    cells = _cells(path).map(_text)
    filled = (cells.iloc[:HEAD] != "").sum(axis=1)
    head = int(filled.to_numpy().argmax()) if len(cells) else 0
    found = {}
    for place in cells:
        texts = cells[place].iloc[head + 1 :]
        told = texts[texts != ""].str.replace(",", ".", regex=False)
        if len(told) and pd.to_numeric(told, errors="coerce").notna().all():
            name = str(cells[place].iloc[head])
            found[name] = _unit_in(name.replace("_", " "))
    return found


def _refuse_file(path: Path) -> None:
    """Refuse a file that is not there, or of another kind."""
    if path.suffix.lower() not in ENDINGS:
        raise file_error(path, f"is no {', '.join(ENDINGS)} file", "export it as one of them")
    if not path.is_file():
        there = sorted(p.name for p in path.parent.glob("*") if p.suffix.lower() in ENDINGS)
        raise file_error(path, "there is no such file", f"there are: {', '.join(there) or 'none'}")


def file_error(path: Path, message: str, remedy: str, column: str | None = None) -> InputError:
    """What is wrong with a file, or with a column of it, and what would be right."""
    return InputError([Fault(str(path), message, None, column, None, remedy)])


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _cells(path: Path) -> pd.DataFrame:
    """All cells of the first table of a file, as they stand."""
    if path.suffix.lower() == ".xlsx":
        try:
            return pd.read_excel(path, header=None, dtype=object)
        except (ValueError, OSError, KeyError) as error:
            raise file_error(path, f"cannot be read: {error}", "save it as .xlsx again") from error
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            lines = raw.decode(encoding).splitlines()
            break
        except UnicodeDecodeError:
            continue
    sample = lines[min(len(lines) - 1, HEAD)] if lines else ""
    separator = max(",;\t", key=sample.count)
    rows = list(csv.reader(lines, delimiter=separator))
    return pd.DataFrame(rows, dtype=object)


def _of_netcdf(path: Path, column: str) -> Column:
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            ds = opened.load()
    except (OSError, ValueError, RuntimeError) as error:
        raise file_error(path, f"cannot be read: {error}", "write it as NetCDF again") from error
    if column not in ds or len(ds[column].dims) != 1:
        known = [str(name) for name, v in ds.data_vars.items() if len(v.dims) == 1]
        raise file_error(path, "has no such variable of one dimension", ", ".join(known), column)
    values = ds[column].to_series()
    if not isinstance(values.index, pd.DatetimeIndex):
        raise file_error(path, "has no time", "give the variable a coordinate of stamps", column)
    return values.astype(float), str(ds[column].attrs.get("units", ""))


def _numbers(path: Path, cells: pd.Series[Any], column: str) -> pd.Series[float]:
    """Cells as numbers; an empty one is missing."""
    texts = cells.map(_text)
    if texts.str.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+").any():
        texts = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    found = pd.to_numeric(texts.replace({"": None, "-": None, "--": None}), errors="coerce")
    wrong = texts[found.isna() & ~texts.isin(["", "-", "--"])]
    if len(wrong):
        where = f"{len(wrong)} cells are no numbers, first {wrong.iloc[0]!r}"
        fault = Fault(
            *(str(path), where, int(wrong.index[0]) + 1, column, None),
            "correct them, or leave them empty",
        )
        raise InputError([fault])
    return found.astype(float)


def _a_row_a_step(path: Path, cells: pd.DataFrame, heads: list[str], column: str) -> Column:
    place = heads.index(column)
    cells = cells[cells[place].map(_text) != ""] if len(cells) else cells
    values = _numbers(path, cells[place], column)
    days = next((i for i in range(len(heads)) if i != place and _are_days(cells[i])), None)
    if days is None:
        raise file_error(path, "has no column of stamps", "such as 2024-01-01 00:15", column)
    stamps = cells[days].map(_text)
    if stamps.duplicated().mean() > 0.5:  # days alone: the time stands in a column of its own
        clock = next(
            (i for i in range(len(heads)) if i not in (place, days) and _are_times(cells[i])), None
        )
        if clock is None:
            raise file_error(
                path, "has days without times", "add a column of times, 00:15", column
            )
        stamps = stamps + " " + cells[clock].map(_clock_text)
    return values.set_axis(parsed_stamps(path, stamps)), _unit_in(column.replace("_", " "))


def _a_row_a_day(
    path: Path, cells: pd.DataFrame, heads: list[str], steps: list[int], column: str
) -> Column:
    """Days down, steps across; the times of the steps are those of the heads."""
    others = [i for i in range(len(heads)) if i not in steps]
    days = next((i for i in others if _are_days(cells[i])), None)
    if days is None:
        raise file_error(path, "has a row a day and no column of days", "such as 2024-01-01")
    named = [i for i in others if i != days and (cells[i].map(_text) == column).any()]
    if named:
        cells = cells[cells[named[0]].map(_text) == column]
    if cells[days].map(_text).duplicated().any():
        kinds = {_text(cell) for i in others if i != days for cell in cells[i].unique()[:9]}
        message = "has several rows a day"
        remedy = f"name one of them as column: {', '.join(sorted(filter(None, kinds)))}"
        raise file_error(path, message, remedy, column)
    start = parsed_stamps(path, cells[days].map(_text)).normalize()
    minutes = np.array([_step_of(heads[i]) for i in steps], dtype=float)
    if len(set(minutes)) < len(steps) or minutes.max() <= len(steps):  # counted, not timed
        minutes = (np.arange(len(steps)) + 1.0) * 1440.0 / len(steps)
    stamps = start.to_numpy()[:, None] + (minutes * 60).astype("timedelta64[s]")[None, :]
    flat = pd.Series(cells[steps].to_numpy().ravel(), np.repeat(cells.index, len(steps)))
    values = _numbers(path, flat, column).set_axis(pd.DatetimeIndex(stamps.ravel()))
    return values, _unit_in(" ".join(heads[i] for i in others))


def _unit_in(text: str) -> str:
    unit = UNIT.search(text)
    return "" if unit is None else unit.group()


def _step_of(head: str) -> float | None:
    """Minutes after midnight that the head of a column of a day says, or its number."""
    if clock := CLOCK.match(head):
        return int(clock[1]) * 60.0 + int(clock[2])
    number = re.fullmatch(r"[A-Za-z]{0,3}0*(\d{1,2})", head)
    return float(number[1]) if number else None


def _clock_text(cell: Any) -> str:
    """A time as text; an hour alone is a whole one."""
    text = _text(cell)
    return f"{int(float(text)):02d}:00" if re.fullmatch(r"\d{1,2}(\.0)?", text) else text


def _are_times(cells: pd.Series[Any]) -> bool:
    texts = cells.map(_clock_text)
    return bool(texts.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?").mean() >= SHARE)


def _are_days(cells: pd.Series[Any]) -> bool:
    texts = cells.map(_text).iloc[:500]
    looks = texts.str.match(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
    return bool(len(texts) and looks.mean() >= SHARE)


def parsed_stamps(path: Path, texts: pd.Series[str]) -> pd.DatetimeIndex:
    """Stamps from texts, with 24:00 as the midnight after and days written in either order.

    A 0:00 that follows later hours of its own day is written for 24:00.

    Raises
    ------
    InputError
        If some are none, or both orders of day and month make sense.
    """
    parts = texts.str.extract(STAMP)
    if parts["first"].isna().any():
        wrong = texts[parts["first"].isna()]
        message = f"{len(wrong)} stamps cannot be read, first {wrong.iloc[0]!r}"
        raise file_error(path, message, "write them as 2024-01-31 00:15")
    numbers = parts.fillna("0").astype(float)
    seconds = numbers["h"] * 3600.0 + numbers["m"] * 60.0 + numbers["s"]
    clock = pd.to_timedelta(seconds, "s")
    by_year = parts["first"].str.len().eq(4).all()
    ways = ["year month day"] if by_year else ["month day year", "day month year"]
    orders: list[pd.DatetimeIndex] = []
    for way in ways:
        dates = numbers[["first", "second", "third"]].set_axis(way.split(), axis=1)
        days = pd.to_datetime(dates, errors="coerce")
        if days.notna().all():
            stamps = pd.DatetimeIndex(days + clock).round("s")
            orders.append(stamps + _ends_a_day(stamps) * pd.Timedelta(days=1))
    if not orders:
        raise file_error(path, "has days that are none", "write them as 2024-01-31")
    # In the right order the stamps follow each other by one step.
    best = max(map(_most_common_step, orders))
    first, *others = (order for order in orders if _most_common_step(order) == best)
    if any(not first.equals(other) for other in others):
        message = "has days that can be read in two orders"
        raise file_error(path, message, "write them as 2024-01-31")
    return first


def _ends_a_day(stamps: pd.DatetimeIndex) -> IntArray:
    """1 where midnight stands behind later hours of the day that it begins, else 0."""
    behind = np.append(False, stamps[1:] < stamps[:-1])
    same_day = np.append(False, stamps[1:].normalize() == stamps[:-1].normalize())
    return np.asarray(behind & same_day & (stamps == stamps.normalize()), dtype=np.int64)


def _most_common_step(stamps: pd.DatetimeIndex) -> float:
    """Share of the steps between stamps that are the most common one [-]."""
    _, counts = np.unique(np.diff(stamps.asi8), return_counts=True)
    return float(counts.max(initial=0) / max(len(stamps) - 1, 1))
