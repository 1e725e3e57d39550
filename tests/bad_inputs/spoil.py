"""Ways of spoiling a file of a project: each takes the file's path and what the case gives it.

A case of the corpus names one of :data:`WAYS` and its argument; the fuzzer draws from the same.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from meishan_model.sheets.park import SHEETS
from meishan_model.sheets.row_reader import columns_of


def swap(path: Path, texts: tuple[str, str]) -> None:
    """Replace the first place of a text."""
    old, new = texts
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} holds no {old!r} any more: adapt the case"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(path: Path, line: str) -> None:
    """Add a line at the end, below the header in a sheet that is not there."""
    there = path.exists()
    text = path.read_text(encoding="utf-8") if there else ",".join(columns_of(SHEETS[path.stem]))
    path.write_text(text + ("" if there else "\n") + f"{line}\n", encoding="utf-8")


def add_many(path: Path, line: tuple[str, str, int]) -> None:
    """Add a line at the end in which a text stands many times."""
    start, text, count = line
    add(path, start + text * count)


def drop(path: Path, part: str) -> None:
    """Delete every line that holds a text."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if part not in line]
    assert len(kept) < len(lines), f"{path.name} holds no {part!r} any more: adapt the case"
    path.write_text("".join(kept), encoding="utf-8")


def whole(path: Path, text: str) -> None:
    """Write another content, or a file that was not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def swap_columns(path: Path, names: tuple[str, str]) -> None:
    """Let two columns change their contents, not their headers."""
    rows = read_cells(path)
    one, other = (rows[0].index(name) for name in names)
    for row in rows[1:]:
        row[one], row[other] = row[other], row[one]
    write_cells(path, rows)


def cell(path: Path, place: tuple[int, int, str]) -> None:
    """Write a text into a row and column, both counted from 0 with the header as row 0."""
    row, column, text = place
    rows = read_cells(path)
    rows[row][column] = text
    write_cells(path, rows)


def value_of_line(path: Path, place: tuple[int, str]) -> None:
    """Write another value behind the key of a YAML line, counted from 0."""
    row, text = place
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[row] = f"{lines[row].partition(':')[0]}: {text}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def repeat_row(path: Path, row: int) -> None:
    """Let a row stand twice."""
    rows = read_cells(path)
    write_cells(path, [*rows, rows[row]])


def drop_row(path: Path, row: int) -> None:
    """Delete a row."""
    rows = read_cells(path)
    write_cells(path, rows[:row] + rows[row + 1 :])


def drop_column(path: Path, column: int) -> None:
    """Delete a column with its header."""
    write_cells(path, [row[:column] + row[column + 1 :] for row in read_cells(path)])


def insert(path: Path, place: tuple[float, str]) -> None:
    """Write a text at a share of the file's length."""
    share, new = place
    text = path.read_text(encoding="utf-8")
    middle = int(share * len(text))
    path.write_text(text[:middle] + new + text[middle:], encoding="utf-8")


def encode(path: Path, encoding: str) -> None:
    """Save in another encoding."""
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))


def replace_all(path: Path, texts: tuple[str, str]) -> None:
    """Replace a text wherever it stands."""
    path.write_text(path.read_text(encoding="utf-8").replace(*texts), encoding="utf-8")


def instead(path: Path, what: str) -> None:
    """Put something into the file's place that is no such file."""
    path.unlink(missing_ok=True)
    if what == "folder":
        path.mkdir()
    elif what == "link to itself":
        path.symlink_to(path)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "2 GB":
        with path.open("wb") as file:
            file.truncate(2**31)
    elif what == "no bytes":
        path.touch()
    else:
        assert what == "nothing", what


def weather(path: Path, how: str) -> None:
    """Spoil a weather year; the file is written without the checks of the project."""
    with xr.open_dataset(path) as stored:
        ds = stored.load()
    day = ds.isel(time=slice(24))
    spoilt = {
        "reversed": lambda: ds.isel(time=slice(None, None, -1)),
        "8784 hours": lambda: xr.concat([ds, day], "time"),
        "8759 hours": lambda: ds.isel(time=slice(1, None)),
        "in UTC": lambda: ds.roll(time=-8),
        "stamps in UTC": lambda: ds.assign_coords(time=ds["time"] - np.timedelta64(8, "h")),
        "clock of UTC": lambda: ds.assign_attrs(utc_offset_hours=0.0),
        "in kW": lambda: ds.assign(ghi=(ds["ghi"] / 1000.0).assign_attrs(units="kW m-2")),
        "in K": lambda: ds.assign(air_temperature=ds["air_temperature"] + 273.15),
        "a gap": lambda: ds.where(ds["time"] != ds["time"][99]),
        "infinite": lambda: ds.assign(wind_speed=ds["wind_speed"] * np.inf),
        "without wind": lambda: ds.drop_vars("wind_speed"),
        "without clock": lambda: ds.assign_attrs(utc_offset_hours=None),
    }[how]()
    spoilt.attrs = {k: v for k, v in spoilt.attrs.items() if v is not None}
    for name in spoilt.data_vars:
        spoilt[name].attrs = spoilt[name].attrs or ds[name].attrs
    spoilt.drop_encoding().to_netcdf(path)


def epw(path: Path, how: str) -> None:
    """Write an EPW year of clear days, as it is or spoilt."""
    hours = np.arange(8760)
    stamps = np.datetime64("2019-01-01T00", "h") + hours
    # The sun of the equinox all year, at its noon of 12.2 h: bright enough to find its course.
    sun = np.clip(np.cos((hours % 24 + 0.5 - 12.2) / 24 * 2 * np.pi), 0, None)
    sun = np.roll(sun, -8) if how == "in UTC" else sun
    days = [stamp.astype("datetime64[D]").item() for stamp in stamps]
    rows = [
        f"2005,{day.month},{day.day},{hour % 24 + 1},0,?,10.0,5.0,70,101300,0,0,300,"
        f"{600 * s:.1f},{400 * s:.1f},{250 * s:.1f},0,0,0,0,180,4.0"
        ",5,5,10,500,9,999999999,10,0.1,0,88,0.2,0,1"
        for hour, day, s in zip(hours, days, sun, strict=True)
    ]
    header = ["LOCATION,Test,Zhejiang,CHN,TEST,000000,39.8,116.5,8.0,30"]
    header += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    header += ["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,", "COMMENTS 2,"]
    header += ["DATA PERIODS,1,1,Data,Sunday,1/1,12/31"]
    if how == "header alone":
        rows = []
    elif how == "a day twice":
        rows += rows[:24]
    elif how == "cut short":
        rows = rows[:-5]
    elif how == "a gap":
        rows[100:105] = [row.replace(",10.0,", ",99.9,", 1) for row in rows[100:105]]
    elif how == "dark":
        cells = [row.split(",") for row in rows]
        rows = [",".join([*row[:13], "0", "0", "0", *row[16:]]) for row in cells]
    elif how == "nonsense":
        rows[5] = "what is this"
    path.write_text("\n".join(header + rows) + "\n", encoding="utf-8")


def read_cells(path: Path) -> list[list[str]]:
    """Cells of a sheet, the header first."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def write_cells(path: Path, rows: list[list[str]]) -> None:
    """Write the cells of a sheet."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


WAYS: dict[str, Callable[[Path, Any], None]] = {
    "swap": swap,
    "add": add,
    "add_many": add_many,
    "drop": drop,
    "whole": whole,
    "swap_columns": swap_columns,
    "cell": cell,
    "value_of_line": value_of_line,
    "repeat_row": repeat_row,
    "drop_row": drop_row,
    "drop_column": drop_column,
    "insert": insert,
    "encode": encode,
    "replace_all": replace_all,
    "instead": instead,
    "weather": weather,
    "epw": epw,
}
"""Every way of spoiling by the name under which a case gives it."""
