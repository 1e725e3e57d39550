"""Rows of a weather file in the project's names and units, whatever file they come from."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.series.table_cells import table_stamps

WIND_HEIGHT = 10.0
"""Height of a wind speed where a file does not say [m]: that of meteorological stations."""
_IRRADIANCE = {
    "W/m2": (1.0, 0.0),
    "kW/m2": (1e3, 0.0),
    "Wh/m2": (1.0, 0.0),
    "kWh/m2": (1e3, 0.0),
    "J/m2": (1 / 3600.0, 0.0),
    "kJ/m2": (1 / 3.6, 0.0),
    "MJ/m2": (1e3 / 3.6, 0.0),
    "J/cm2": (1e4 / 3600.0, 0.0),
}
UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "ghi": _IRRADIANCE,
    "dni": _IRRADIANCE,
    "dhi": _IRRADIANCE,
    "air_temperature": {"degC": (1.0, 0.0), "K": (1.0, -273.15), "degF": (5 / 9, -160 / 9)},
    "wind_speed": {
        "m/s": (1.0, 0.0),
        "km/h": (1 / 3.6, 0.0),
        "kn": (1852 / 3600.0, 0.0),
        "mph": (1609.344 / 3600.0, 0.0),
    },
}
"""Factor and summand into W/m2, degC and m/s; an energy is that of a row."""
_ENERGY = ("Wh/m2", "kWh/m2", "J/m2", "kJ/m2", "MJ/m2", "J/cm2")


@dataclass(frozen=True)
class WeatherRows:
    """Rows of a weather file in the project's names and units.

    Attributes
    ----------
    table
        Columns among ``ghi``, ``dni``, ``dhi`` [W/m2], ``air_temperature`` [degC] and
        ``wind_speed`` [m/s], or ``plane_direct`` and ``plane_diffuse`` [W/m2] of a tilted plane;
        NaN is missing. The index is the time that the file gives to a row.
    utc_offset
        Clock of the stamps [h east of Greenwich]; ``None`` where the file does not say.
    place
        Its latitude, longitude and altitude [deg, deg, m]; NaN where the file does not say.
    source
        What it is, in words.
    wind_height
        Height of the wind speed [m].
    plane
        Tilt of that plane and the direction that it faces [deg, deg east of north]; NaN where
        the file does not say: the sun tells the tilt, and the plane faces the equator.
    ground
        Reflectance of the ground that the diffuse irradiance of that plane has a part of [1].
    shear
        Exponent of the wind profile between that height and the highest of the file [1].
    row_minutes
        By the format, minutes after its stamp that an irradiance stands for: 0 of instants, 30 of
        the mean of the hour that begins; ``None`` where that is not said.
    is_assumed
        Whether that is not said and means of the hour that begins are what is usual.
    is_apart
        Whether temperature and wind are of the stamp, and irradiance of a time of its own; else
        all of a row is of one time.
    first_line
        Line of the file in which the first row stands; 0 where a file has no lines.
    """

    table: pd.DataFrame
    utc_offset: float | None
    place: tuple[float, float, float]
    source: str
    wind_height: float = WIND_HEIGHT
    plane: tuple[float, float] = (np.nan, np.nan)
    ground: float = 0.0
    shear: float = np.nan
    row_minutes: float | None = None
    is_assumed: bool = False
    is_apart: bool = False
    first_line: int = 0


def refused(message: str, remedy: str, row: int | None = None, column: str = "") -> InputError:
    """What a reader refuses; the name of the file is put in by :func:`read_weather_file`."""
    return InputError([Fault("", message, row, column or None, remedy=remedy)])


def even_rows(lines: Sequence[str], first_line: int) -> list[str]:
    """Lines of a table of which each row has as many cells as the head; blank ones left out.

    Parameters
    ----------
    lines
        The head and the rows, with commas between cells.
    first_line
        Line of the file in which the first row stands.
    """
    full = [place for place, line in enumerate(lines) if line.strip(" ,")]
    rows = list(csv.reader(lines[place] for place in full))
    for place, row in zip(full, rows, strict=False):
        if len(row) != len(rows[0]):
            is_cut = place == full[-1] and len(row) < len(rows[0])
            message = "ends early: " if is_cut else ""
            message += f"has {len(row)} cells, the names of the columns are {len(rows[0])}"
            remedy = "get the file anew" + ("" if is_cut else ", with a point before decimals")
            raise refused(message, remedy, first_line + place - 1)
    return [lines[place] for place in full]


def numbers(raw: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Columns under the project's names as numbers; text and codes for missing are NaN.

    A comma may part the thousands of a cell in quotes.
    """
    cells = raw[[column for column in names if column in raw]].rename(columns=names)
    cells = cells.replace(r"^(-?[1-9]\d{0,2}),(\d{3}(?:\.\d*)?)$", r"\1\2", regex=True)
    found: pd.DataFrame = cells.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    return found.reset_index(drop=True)


def converted(
    values: FloatArray, name: str, unit: str, column: str, hours: float = 1.0
) -> FloatArray:
    """Values of a column in the unit of the project; ``hours`` is the length of a row [h]."""
    unit = unit.replace("²", "2").replace("°", "deg")
    if unit not in UNITS[name]:
        remedy = f"one of {', '.join(UNITS[name])}"
        raise refused(f"{name} in {unit} is not known", remedy, 1, column)
    factor, summand = UNITS[name][unit]
    return values * (factor / hours if unit in _ENERGY else factor) + summand


def put_wind(table: pd.DataFrame, speeds: Mapping[float, FloatArray]) -> tuple[float, float]:
    """Put the wind speed nearest above 10 m into a table; its height [m], and the shear [1].

    The shear is the exponent of the power law between the means at that height and at the highest.

    Parameters
    ----------
    table
        Gets the column ``wind_speed``, if there is any.
    speeds
        Wind speeds by their heights [m].
    """
    if not speeds:
        return np.nan, np.nan
    height, top = min((h for h in speeds if h >= WIND_HEIGHT), default=max(speeds)), max(speeds)
    table["wind_speed"] = speeds[height]
    if top == height:
        return height, np.nan
    ratio = float(np.nanmean(speeds[top]) / np.nanmean(speeds[height]))
    return height, float(np.log(ratio) / np.log(top / height))


def dated(raw: pd.DataFrame, columns: Mapping[str, str], first_line: int) -> pd.DatetimeIndex:
    """Stamps of rows whose year, month, day, hour (and minute) stand in columns of their own.

    Parameters
    ----------
    raw
        The rows.
    columns
        ``year``, ``month`` ... by the name of the column.
    first_line
        Line of the first row.
    """
    if lacking := [name for name in columns if name not in raw]:
        message, remedy = f"has no column {', '.join(lacking)}", "give hours, with commas between"
        raise refused(message, remedy, first_line - 1)
    parts = numbers(raw, columns)
    stamps = pd.to_datetime(parts, errors="coerce")
    if (strange := np.flatnonzero(stamps.isna())).size:
        cells = raw[list(columns)].iloc[strange[0]]
        message = f"{' '.join(map(str, cells))!r} is no hour"
        raise refused(
            message, "delete the row, or get the file anew", first_line + int(strange[0])
        )
    return pd.DatetimeIndex(stamps)


def read_stamps(cells: pd.Series[Any], offset: float | None = None) -> pd.DatetimeIndex:
    """Stamps of a column in the order of time or against it, to the minute.

    Parameters
    ----------
    cells
        The column; its index is the line of each cell.
    offset
        Clock in which stamps come back that say their own [h east of UTC]; without it these keep
        the time that they say.
    """
    words = cells.astype(str).str.strip()
    # With their own clock, of summer or winter, stamps are instants.
    if offset is not None and words.str.contains(r":\d\d(?:Z|[+-]\d\d:?\d\d)$").all():
        instants = pd.to_datetime(words, format="ISO8601", errors="coerce", utc=True)
        if instants.notna().all():
            return pd.DatetimeIndex(instants).tz_localize(None) + pd.Timedelta(hours=offset)
    name = str(cells.name)
    found = table_stamps(words, partial(refused, column=name))
    if not (found.is_monotonic_increasing or found.is_monotonic_decreasing):
        back = words.index[1:][np.diff(found) < np.timedelta64(0)]
        remedy = "put the rows in order, all in standard time, and all dates in one form"
        raise refused("stamps go back in time", remedy, int(back[0]), name)
    # Loggers that write 00:59:59 mean the full hour.
    return found.round("min")
