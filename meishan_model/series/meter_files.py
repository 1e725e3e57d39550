"""Read a column of a meter's file: CSV, Excel or NetCDF, a row a step or a row a day.

A file may have a title above its head, decimal commas, stamps in one column or in two, days
written in either order, and 24, 48 or 96 columns a day as grid companies give them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series.table_cells import (
    HEAD,
    Refuse,
    clock_text,
    days_with_clocks,
    decoded,
    table_numbers,
    table_rows,
    table_stamps,
)

ENDINGS = (".csv", ".txt", ".xlsx", ".nc")
STEPS_OF_A_DAY = (24, 48, 96)
CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(:\d{2})?$")
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


def file_error(
    path: Path, message: str, remedy: str, column: str | None = None, row: int | None = None
) -> InputError:
    """What is wrong with a file, or with a column of it, and what would be right."""
    return InputError([Fault(str(path), message, row, column, None, remedy)])


def _refuse_cell(path: Path, column: str) -> Refuse:
    """Makes the error of a cell of a column."""
    return lambda message, remedy, row: file_error(path, message, remedy, column, row)


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _cells(path: Path) -> pd.DataFrame:
    """All cells of the first table of a file, as they stand; the index is the row."""
    if path.suffix.lower() == ".xlsx":
        try:
            cells = pd.read_excel(path, header=None, dtype=object)
        except (ValueError, OSError, KeyError) as error:
            raise file_error(path, f"cannot be read: {error}", "save it as .xlsx again") from error
    else:
        cells = pd.DataFrame(table_rows(decoded(path.read_bytes()).splitlines()), dtype=object)
    cells.index += 1
    return cells


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


def _a_row_a_step(path: Path, cells: pd.DataFrame, heads: list[str], column: str) -> Column:
    place = heads.index(column)
    cells = cells[cells[place].map(_text) != ""] if len(cells) else cells
    values = table_numbers(cells[place].map(_text), _refuse_cell(path, column))
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
        stamps = days_with_clocks(stamps, cells[clock].map(_text))
    found = table_stamps(stamps, _refuse_cell(path, heads[days]))
    return values.set_axis(found), _unit_in(column.replace("_", " "))


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
    refuse = _refuse_cell(path, heads[days])
    start = table_stamps(cells[days].map(_text), refuse).normalize()
    minutes = np.array([_step_of(heads[i]) for i in steps], dtype=float)
    if len(set(minutes)) < len(steps) or minutes.max() <= len(steps):  # counted, not timed
        minutes = (np.arange(len(steps)) + 1.0) * 1440.0 / len(steps)
    stamps = start.to_numpy()[:, None] + (minutes * 60).astype("timedelta64[s]")[None, :]
    flat = pd.Series(cells[steps].to_numpy().ravel(), np.repeat(cells.index, len(steps)))
    values = table_numbers(flat.map(_text), _refuse_cell(path, column))
    values = values.set_axis(pd.DatetimeIndex(stamps.ravel()))
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


def _are_times(cells: pd.Series[Any]) -> bool:
    texts = cells.map(_text).map(clock_text)
    return bool(texts.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?( *[AaPp][Mm])?").mean() >= SHARE)


def _are_days(cells: pd.Series[Any]) -> bool:
    texts = cells.map(_text).iloc[:500]
    looks = texts.str.match(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
    return bool(len(texts) and looks.mean() >= SHARE)
