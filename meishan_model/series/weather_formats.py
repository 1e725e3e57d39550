"""Weather files as they circulate, each read into the same table; nothing is judged here.

EPW of EnergyPlus, PVGIS (CSV and JSON, typical years and hourly series), NASA POWER, NSRDB, TMY3,
renewables.ninja, Open-Meteo, ERA5 and any CSV file whose columns a mapping names. What a file is,
is told by its first lines, not by its name. pvlib reads what it has a reader for.
"""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.series.table_cells import decoded
from meishan_model.series.weather_csv import CsvMapping, read_mapped
from meishan_model.series.weather_rows import WeatherRows, even_rows, numbers, refused
from meishan_model.series.weather_services import (
    era5,
    nasa_csv,
    nasa_json,
    ninja,
    nsrdb,
    open_meteo,
)
from meishan_model.sheets.files import LARGEST_FILE, read_yaml, validate
from meishan_model.sheets.units import HOURS_OF_YEAR


def read_weather_file(
    path: Path, place: tuple[float, float], mapping: Path | None = None
) -> WeatherRows:
    """Read a weather file of any known format.

    Parameters
    ----------
    path
        The file.
    place
        Latitude and longitude of the park [deg], for files of many places.
    mapping
        A YAML file that says what the columns of a plain CSV file are, see :class:`CsvMapping`.

    Raises
    ------
    InputError
        If the file is missing, of no known format, or not what its first lines promise.
    """
    file = str(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            message, most = "is too large to be weather of one place", LARGEST_FILE >> 20
            fault = Fault(file, message, value=f"{size >> 20} MB", remedy=f"at most {most} MB")
            raise InputError([fault])
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError([Fault(file, "there is no such file", remedy="see its name")]) from error
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise InputError([Fault(file, message, remedy="give a file")]) from error
    if content[:4] in (b"\x89HDF", b"CDF\x01", b"CDF\x02", b"CDF\x05"):
        return _of_file(file, lambda: era5(path, place))
    if content[:2] == b"PK":
        message = "is an archive, as the Climate Data Store gives ERA5"
        remedy = "unpack it, and give the files in it together"
        raise InputError([Fault(file, message, remedy=remedy)])
    # Comments of old EPW files are in Latin-1.
    text = decoded(content, is_western=content.lstrip().startswith(b"LOCATION"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for begins, reader in READERS:
        if re.match(begins, text, re.DOTALL):
            return _of_file(file, partial(reader, text))
    if mapping is not None:
        rules = validate(CsvMapping, read_yaml(mapping), mapping)
        return _of_file(file, lambda: read_mapped(text, rules))
    message = "is no weather file of a known format"
    remedy = "known are EPW, PVGIS, NASA POWER, NSRDB, TMY3, renewables.ninja, Open-Meteo, ERA5; "
    if re.search(r"^\"?time\"?,.*(electricity|irradiance_direct)", text[:2000], re.MULTILINE):
        message = "lacks the comment lines of renewables.ninja, which say place and panel"
        remedy = "get the file anew, with its lines of #; or "
    remedy += "say by --mapping which columns of another CSV file are what"
    raise InputError([Fault(file, message, row=1, remedy=remedy)])


UNREADABLE = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, RuntimeError),
    *(StopIteration, csv.Error),
)
"""What readers raise for files that are not what they begin as."""


def _of_file(file: str, read: Callable[[], WeatherRows]) -> WeatherRows:
    """Read; what a reader cannot make sense of is a fault of the file."""
    try:
        with warnings.catch_warnings():
            # Text among numbers is told by its row later.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            found = read()
    except InputError as error:
        faults = [Fault(file, f.message, f.row, f.column, f.value, f.remedy) for f in error.faults]
        raise InputError(faults) from error
    except json.JSONDecodeError as error:
        message = f"ends early, or is damaged at character {error.pos + 1}"
        fault = Fault(file, message, remedy="get the file anew")
        raise InputError([fault]) from error
    except UNREADABLE as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
        message = f"is not readable as what its first lines say: {reason}"
        raise InputError([Fault(file, message, remedy="get the file anew")]) from error
    # What a file has no value of at all it does not have; another file may.
    table = found.table.dropna(axis=1, how="all")
    if empty := [str(name) for name in found.table if name not in table]:
        source = f"{found.source}, without a value of {', '.join(empty)}"
        found = replace(found, table=table, source=source)
    if found.table.empty:
        raise InputError([Fault(file, "holds no values", remedy="get the file anew")])
    if (doubled := np.flatnonzero(found.table.index.duplicated())).size:
        row = found.first_line + int(doubled[0]) if found.first_line else None
        stamp = str(found.table.index[doubled[0]])
        message = f"{doubled.size} stamps stand twice, the first here"
        remedy = "give each hour once, without daylight saving"
        raise InputError([Fault(file, message, row, "time", stamp, remedy)])
    return found


OF_PVLIB = {
    "ghi": "ghi",
    "dni": "dni",
    "dhi": "dhi",
    "temp_air": "air_temperature",
    "wind_speed": "wind_speed",
}
"""Names of pvlib's readers and of the project."""


def _of_pvlib(raw: pd.DataFrame, place: tuple[float, float, float], source: str) -> WeatherRows:
    """What a reader of pvlib has found; its stamps are tz-aware or without a clock."""
    index = pd.DatetimeIndex(raw.index)
    offset = None
    if index.tz is not None:
        local = index.tz_localize(None)
        offset = (local[0] - index.tz_convert("UTC").tz_localize(None)[0]) / pd.Timedelta(hours=1)
        index = local
    return WeatherRows(numbers(raw, OF_PVLIB).set_index(index), offset, place, source)


# --------------------------------------------------------------------------------------- EPW
EPW_HEADER = 8
EPW_CELLS = range(22, 36)
"""Cells of a row: up to the wind speed, the last that is read, or up to the rain, the last."""
EPW_MISSING = {"air_temperature": (99.9, 999.0, 9999.0), "wind_speed": (999.0, 9999.0)}
"""What stands for a missing value; of irradiance 9999 does, and nines of any greater length.
EnergyPlus, Auxiliary Programs, EPW data dictionary."""


def _epw(text: str) -> WeatherRows:
    """EPW; blank lines, hours from 0 or from 1 and several rows an hour are taken as they come.

    Rows are means over the step that ends at their hour; PVGIS says another time in a comment.
    """
    import pvlib

    first, rows = _epw_rows(text)
    # pvlib counts on all cells of a row, the last of which some files leave out.
    parts = [line.rstrip(", ").split(",") for line in rows]
    parts = [part + [""] * (EPW_CELLS[-1] - len(part)) for part in parts]
    # pvlib wants the hours 1 to 24; files of others have 0 to 23.
    if any(part[3].strip() == "0" for part in parts):
        for part in parts:
            part[3] = str(int(part[3]) + 1)
    # Of the head pvlib reads the first line, and passes over the others.
    where = next(csv.reader([text.lstrip().split("\n", 1)[0]]))
    first_line = ",".join(cell.replace(",", " ") for cell in where)
    head = [first_line, *["-"] * (EPW_HEADER - 1)]
    whole = "\n".join([*head, *map(",".join, parts)])
    raw, header = pvlib.iotools.read_epw(io.StringIO(whole))
    keys = [pd.to_numeric(raw[key], errors="coerce") for key in ("month", "day", "hour")]
    month, day, hour = (key.to_numpy(dtype=np.float64) for key in keys)
    hour_of_year = pd.Series(month * 744 + day * 24 + hour)
    per_hour = int(hour_of_year.value_counts().median())
    # The minutes of hourly rows say nothing: 0, 30 and 60 stand for the same.
    within = hour_of_year.groupby(hour_of_year).cumcount().to_numpy() % per_hour
    years = set(pd.to_numeric(raw["year"], errors="coerce"))
    # Months of a typical year are of several.
    year = years.pop() if len(years) == 1 else 2020 if ((month == 2) & (day == 29)).any() else 2019
    days = pd.to_datetime({"year": year, "month": month, "day": day}, errors="coerce")
    step = 60 // per_hour
    stamps = days + pd.to_timedelta((hour - 1) * 60 + within * step, unit="min")
    table = numbers(raw, OF_PVLIB).set_index(pd.DatetimeIndex(stamps))
    for name in table:
        codes = EPW_MISSING.get(str(name))
        values = table[name]
        table[name] = values.mask(values.isin(codes) if codes else values >= 9999.0)
    told = re.search(rf"{TIME_OFFSET}:\s*(-?[\d.]+)", text)
    return WeatherRows(
        table,
        float(header["TZ"]),
        (float(header["latitude"]), float(header["longitude"]), float(header["altitude"])),
        source=f"EPW of {header['city']} ({header['data_type']}, WMO {header['WMO_code']})",
        row_minutes=60.0 + 60.0 * float(told[1]) if told else step / 2.0,
        is_apart=told is not None,
        first_line=first,
    )


def _epw_rows(text: str) -> tuple[int, list[str]]:
    """Line of the first row of an EPW file, and its rows without blank lines."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    # Some have lost a line of their head: its last one tells where the rows begin.
    ends = [place for place, (_, line) in enumerate(lines) if line.startswith("DATA PERIODS")]
    body = lines[ends[0] + 1 if ends else EPW_HEADER :]
    if not body:
        raise refused("holds no rows", "get the file anew")
    for number, line in body:
        cells = line.rstrip(", ").split(",")
        if len(cells) not in EPW_CELLS:
            message = (
                f"has {len(cells)} cells, a row of an EPW file {EPW_CELLS[0]} to {EPW_CELLS[-1]}"
            )
            raise refused(message, "get the file anew, with a point before decimals", number)
        is_hour = all(cell.strip().isdecimal() for cell in cells[:4])
        if not is_hour or len(cells[0].strip()) != len("2019"):
            message = f"{','.join(cells[:4])!r} is no year, month, day and hour"
            raise refused(message, "delete the row, or get the file anew", number)
    return body[0][0], [line for _, line in body]


# ------------------------------------------------------------------------------------- PVGIS
def _pvgis_csv(text: str) -> WeatherRows:
    """PVGIS as CSV: its clock is UTC; a typical year has ``time(UTC)`` above its stamps."""
    import pvlib

    if "time(UTC)" in text:
        above, _, below = text.partition("time(UTC)")
        rows = even_rows(below.split("\n\n")[0].split("\n"), above.count("\n") + 2)
        if len(rows) - 1 != HOURS_OF_YEAR:
            message = "ends early: " if len(rows) <= HOURS_OF_YEAR else ""
            message += f"has {len(rows) - 1} rows before the next blank line"
            raise refused(message, f"a typical year of PVGIS has {HOURS_OF_YEAR}: get it anew")
        raw, told = pvlib.iotools.read_pvgis_tmy(io.BytesIO(text.encode()), pvgis_format="csv")[:2]
        hours = re.search(rf"{TIME_OFFSET}:\s*(-?[\d.]+)", text)
        return _pvgis_typical(raw, told["inputs"], hours[1] if hours else None)
    above, head, below = text.partition("\ntime,")
    even_rows((head[1:] + below.split("\n\n")[0]).split("\n"), above.count("\n") + 3)
    raw, told = pvlib.iotools.read_pvgis_hourly(io.StringIO(text), pvgis_format="csv")[:2]
    if not {"Slope", "Azimuth"} <= set(told["inputs"]):
        raise refused("is irradiance on planes that follow the sun", FIXED)
    slope, azimuth = (float(str(told["inputs"][n]).split()[0]) for n in ("Slope", "Azimuth"))
    return _pvgis_hourly(raw, told["inputs"], (slope, azimuth))


def _pvgis_json(text: str) -> WeatherRows:
    """PVGIS as JSON, a typical year or an hourly series."""
    import pvlib

    told = json.loads(text)
    if "tmy_hourly" in told["outputs"]:
        raw = pvlib.iotools.read_pvgis_tmy(io.StringIO(text), pvgis_format="json")[0]
        where = told["inputs"]["location"]
        return _pvgis_typical(raw, where, where.get("irradiance_time_offset"))
    raw = pvlib.iotools.read_pvgis_hourly(io.StringIO(text), pvgis_format="json")[0]
    if "fixed" not in told["inputs"]["mounting_system"]:
        raise refused("is irradiance on planes that follow the sun", FIXED)
    mounting = told["inputs"]["mounting_system"]["fixed"]
    plane = (float(mounting["slope"]["value"]), float(mounting["azimuth"]["value"]))
    return _pvgis_hourly(raw, told["inputs"]["location"], plane)


FIXED = "ask PVGIS for a plane that is fixed"


TIME_OFFSET = r"Irradiance Time Offset \(h\)"
"""How PVGIS says when in the hour its satellite passes; of an EPW file after the hour's end."""


def _pvgis_typical(
    raw: pd.DataFrame, told: Mapping[str, Any], hours: float | str | None
) -> WeatherRows:
    """A typical year of PVGIS, whose irradiance is of some hours after the stamp."""
    found = _of_pvlib(raw, _pvgis_place(told), "PVGIS, typical year")
    minutes = None if hours is None else 60.0 * float(hours)
    return replace(found, row_minutes=minutes, is_apart=True)


def _pvgis_place(told: Mapping[str, Any]) -> tuple[float, float, float]:
    """Place of a PVGIS file."""
    return float(told["latitude"]), float(told["longitude"]), float(told["elevation"])


def _pvgis_hourly(
    raw: pd.DataFrame, told: Mapping[str, Any], plane: tuple[float, float]
) -> WeatherRows:
    """An hourly series of PVGIS: irradiance of a plane, whose azimuth counts from the south.

    Its stamps are at the minute that its irradiance is of.
    """
    found = _of_pvlib(raw, _pvgis_place(told), "PVGIS, hourly series")
    found = replace(found, row_minutes=0.0, is_apart=True)
    if "poa_direct" not in raw and plane[0] == 0.0:
        found.table["ghi"] = raw["poa_global"].to_numpy(dtype=np.float64)
        return found
    if "poa_direct" not in raw:
        remedy = "ask PVGIS for the components of radiation"
        raise refused("has no direct and diffuse irradiance", remedy)
    for ours, theirs in (("plane_direct", "poa_direct"), ("plane_diffuse", "poa_sky_diffuse")):
        found.table[ours] = raw[theirs].to_numpy(dtype=np.float64)
    return replace(found, plane=(plane[0], 180.0 + plane[1]))


# -------------------------------------------------------------------------------------- TMY3
TMY3_MISSING = -9900.0


def _tmy3(text: str) -> WeatherRows:
    """TMY3: rows are means over the hour that ends at the stamp."""
    import pvlib

    even_rows(text.split("\n")[1:], first_line=3)
    raw, told = pvlib.iotools.read_tmy3(io.StringIO(text), map_variables=True)
    name = str(told["Name"]).strip(' "')
    # pvlib takes 24:00 of 28 February for the next month, a leap year or not.
    hour = raw["Time (HH:MM)"].str.partition(":")[0].astype(int) - 1
    stamps = pd.to_datetime(raw["Date (MM/DD/YYYY)"], format="%m/%d/%Y")
    table = numbers(raw, OF_PVLIB)
    table = table.mask(table <= TMY3_MISSING)
    return WeatherRows(
        table.set_index(pd.DatetimeIndex(stamps + pd.to_timedelta(hour, unit="h"))),
        float(told["TZ"]),
        (float(told["latitude"]), float(told["longitude"]), float(told["altitude"])),
        source=f"TMY3 of {name}, {told['State']}",
        row_minutes=30.0,
        first_line=3,
    )


READERS: tuple[tuple[str, Callable[[str], WeatherRows]], ...] = (
    (r"\s*LOCATION,", _epw),
    (r"Latitude \(decimal degrees\):", _pvgis_csv),
    (r"\s*\{.*\"utc_offset_seconds\"|latitude,longitude,elevation,utc_offset_sec", open_meteo),
    (r"\s*\{.*\"outputs\".*\"(tmy_hourly|hourly)\"", _pvgis_json),
    (r"\s*\{.*\"parameter\"", nasa_json),
    (r"-BEGIN HEADER-", nasa_csv),
    (r"(?i:\"?Source\"?,|[,\"]*Year\"?,\"?Month\"?,\"?Day\"?,\"?Hour\"?,)", nsrdb),
    (r"[^\n]*\nDate \(MM/DD/YYYY\)", _tmy3),
    (r"\W*Renewables\.ninja", ninja),
)
"""How a text begins, and who reads it."""
