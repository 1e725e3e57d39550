"""Weather that pvlib has no reader for: NASA POWER, NSRDB, renewables.ninja, Open-Meteo, ERA5."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.series import FloatArray
from meishan_model.series.weather_rows import (
    WeatherRows,
    converted,
    dated,
    even_rows,
    numbers,
    put_wind,
    read_stamps,
    refused,
)

NASA_POWER = {
    "ALLSKY_SFC_SW_DWN": "ghi",
    "ALLSKY_SFC_SW_DNI": "dni",
    "ALLSKY_SFC_SW_DIFF": "dhi",
    "T2M": "air_temperature",
}
NASA_WIND = {"WS10M": 10.0, "WS50M": 50.0, "WS2M": 2.0}
"""Wind speeds and their heights [m]."""
NASA_MISSING = -999.0


def _table(text: str, first_line: int) -> pd.DataFrame:
    """A table with commas between its cells; the index is the line of each row."""
    lines = even_rows(text.split("\n"), first_line)
    raw = pd.read_csv(io.StringIO("\n".join(lines)), low_memory=False)
    raw.index += first_line
    return raw


def nasa_csv(text: str) -> WeatherRows:
    """NASA POWER as CSV: its header says the place, and whether the clock is UTC or solar time."""
    head, _, body = text.partition("-END HEADER-\n")
    first_line = head.count("\n") + 3
    raw = _table(body, first_line)
    columns = {"YEAR": "year", "MO": "month", "DY": "day", "HR": "hour"}
    # Newer files have the names of the place in small letters.
    words = head.lower().replace(",", " ").split()
    after = {word: words[place + 1] for place, word in enumerate(words[:-1])}
    height = next((line.split("=")[-1] for line in head.split("\n") if "levation" in line), "nan")
    place = (float(after["latitude"]), float(after["longitude"]), float(height.split()[0]))
    found = _nasa_power(raw, dated(raw, columns, first_line), place, head)
    return replace(found, first_line=first_line)


def nasa_json(text: str) -> WeatherRows:
    """NASA POWER as JSON."""
    told = json.loads(text)
    raw = pd.DataFrame(told["properties"]["parameter"])
    longitude, latitude, height = told["geometry"]["coordinates"]
    head = json.dumps([told["header"].get("time_standard"), told.get("parameters")])
    if len(str(raw.index[0])) != len("2019013123"):
        remedy = "ask NASA POWER for hourly values"
        raise refused(f"{raw.index[0]!r} is the stamp of no hour", remedy)
    stamps = pd.to_datetime(raw.index, format="%Y%m%d%H")
    return _nasa_power(raw, stamps, (float(latitude), float(longitude), float(height)), head)


def _nasa_power(
    raw: pd.DataFrame, stamps: pd.DatetimeIndex, place: tuple[float, float, float], head: str
) -> WeatherRows:
    """Hours of NASA POWER, means over the hour that begins, in UTC or in local solar time.

    Its local solar time is UTC moved by a whole hour for every 15 degrees of longitude.
    """
    is_utc = "in UTC" in head or '"UTC"' in head
    offset = 0.0 if is_utc else float(round(place[1] / 15.0))
    table = numbers(raw, NASA_POWER | {name: name for name in NASA_WIND})
    table = table.mask(table == NASA_MISSING).set_index(stamps)
    speeds = {h: table.pop(name).to_numpy() for name, h in NASA_WIND.items() if name in table}
    height, shear = put_wind(table, speeds)
    if "MJ/hr" in head:
        sun = [name for name in ("ghi", "dni", "dhi") if name in table]
        table[sun] *= 1e6 / 3600.0
    return WeatherRows(table, offset, place, "NASA POWER", height, shear=shear, row_minutes=30.0)


NSRDB = {
    **{"ghi": "ghi", "gh": "ghi", "dni": "dni", "dn": "dni", "dhi": "dhi", "df": "dhi"},
    **{"temperature": "air_temperature", "tdry": "air_temperature"},
    **{"wind speed": "wind_speed", "wspd": "wind_speed"},
}
"""Names of NSRDB and of the System Advisor Model, in small letters."""


def nsrdb(text: str) -> WeatherRows:
    """NSRDB (PSM), with its two lines of place and clock or with the table alone.

    Irradiance is that of the minute of the row.
    """
    lines = text.split("\n")
    head: dict[str, str] = {}
    if lines[0].lower().strip('"').startswith("source"):
        names, cells = csv.reader(lines[:2])
        head = dict(zip(map(str.lower, names), cells, strict=False))
        lines = lines[2:]
    first_line = 2 + 2 * bool(head)
    raw = _table("\n".join(lines), first_line).rename(columns=lambda name: name.strip().lower())
    columns = {part: part for part in ("year", "month", "day", "hour", "minute")}
    table = numbers(raw, NSRDB).set_index(dated(raw, columns, first_line))
    head = {name: cell for name, cell in head.items() if cell.strip()}
    # The clock of the rows; "Local Time Zone" is that of the place.
    clock = head.get("time zone")
    return WeatherRows(
        table,
        None if clock is None else float(clock),
        (
            float(head.get("latitude", "nan")),
            float(head.get("longitude", "nan")),
            float(head.get("elevation", "nan")),
        ),
        source=f"NSRDB ({head.get('source', 'without its header')})",
        wind_height=np.nan,
        row_minutes=0.0,
        first_line=first_line,
    )


NINJA_GROUND = 0.3
"""Reflectance of the ground in the diffuse irradiance of renewables.ninja [1]: S. Pfenninger,
GSEE, ``trigon.aperture_irradiance``."""


def ninja(text: str) -> WeatherRows:
    """renewables.ninja, PV with its irradiance and temperature, or wind with its wind speed."""
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if not line.lstrip('"').startswith("#"))
    raw = _table("\n".join(lines[first:]), first + 2)
    table = pd.DataFrame(index=read_stamps(raw["time"]))
    # In kW/m2 on the plane of the panel.
    for part in ("direct", "diffuse"):
        if "irradiance_direct" in raw:
            numbers_of_part = raw[f"irradiance_{part}"].to_numpy(dtype=np.float64)
            table[f"plane_{part}"] = numbers_of_part * 1e3
    for theirs, name in (("temperature", "air_temperature"), ("wind_speed", "wind_speed")):
        if theirs in raw:
            table[name] = raw[theirs].to_numpy(dtype=np.float64)
    if table.columns.empty:
        remedy = "ask renewables.ninja to include raw data; an output alone is a series that a "
        remedy += "row of technologies.csv names"
        raise refused("has no weather beside the output", remedy)
    asked = _asked_of_ninja(lines[:first])
    if int(asked.get("tracking", 0)):
        raise refused("is irradiance on planes that follow the sun", "ask for a fixed one")
    latitude, longitude = (float(cell) for cell in lines[0].split(" - ")[1].split(","))
    # Its azimuth is 180 towards the equator on either hemisphere.
    azimuth = float(asked.get("azim", np.nan)) + (0.0 if latitude >= 0.0 else 180.0)
    return WeatherRows(
        table,
        0.0,
        (latitude, longitude, np.nan),
        source=f"renewables.ninja, {'PV' if 'PV' in lines[0] else 'wind'}",
        wind_height=float(asked.get("height", np.nan)),
        plane=(float(asked.get("tilt", np.nan)), azimuth % 360.0),
        ground=NINJA_GROUND,
        is_apart=True,
        first_line=first + 2,
    )


def _asked_of_ninja(comments: Sequence[str]) -> dict[str, Any]:
    """What renewables.ninja was asked for, where a comment has it as JSON.

    A spreadsheet has put quotes around it and cut it at its commas.
    """
    asked: dict[str, Any] = {}
    for line in comments:
        whole = ",".join(next(csv.reader([line]))) if line.startswith('"') else line
        try:
            told = json.loads(whole[whole.index("{") :].rstrip(", "))
        except ValueError:
            continue
        asked |= told | told.get("params", {})
    return asked


OPEN_METEO = {
    "shortwave_radiation": "ghi",
    "direct_normal_irradiance": "dni",
    "diffuse_radiation": "dhi",
    "temperature_2m": "air_temperature",
}


def open_meteo(text: str) -> WeatherRows:
    """Open-Meteo, JSON or CSV; irradiance is the mean of the hour before the stamp."""
    if text.lstrip().startswith("{"):
        head = json.loads(text)
        raw, units = pd.DataFrame(head.get("hourly", {})), head.get("hourly_units", {})
        raw.index += 1
    else:
        # A spreadsheet fills up the blank line with commas.
        about, body = re.split(r"\n,*\n", text)[:2]
        head = next(csv.DictReader(about.split("\n")))
        raw = _table(body, about.count("\n") + 4)
        units = {name.split(" (")[0]: name.split(" (")[-1].rstrip(")") for name in map(str, raw)}
        raw = raw.set_axis(list(units), axis=1)
    names = OPEN_METEO | {
        name: "wind_speed" for name in map(str, raw) if re.match(r"wind_?speed_\d+m", name)
    }
    found = numbers(raw, {name: name for name in names})
    series = {
        n: converted(found[n].to_numpy(), names[n], units[n].replace("mp/h", "mph"), n)
        for n in map(str, found)
    }
    if not series:
        remedy = "ask Open-Meteo for the hourly shortwave_radiation, diffuse_radiation, "
        remedy += "temperature_2m and wind_speed_10m"
        raise refused("has no hourly irradiance, temperature or wind of Open-Meteo", remedy)
    table = pd.DataFrame(
        {names[n]: values for n, values in series.items() if n in OPEN_METEO},
        index=read_stamps(raw["time"]),
    )
    winds = {n: values for n, values in series.items() if n not in OPEN_METEO}
    speeds = {float(re.sub(r"\D", "", name)): values for name, values in winds.items()}
    height, shear = put_wind(table, speeds)
    return WeatherRows(
        table,
        float(head["utc_offset_seconds"]) / 3600.0,
        (float(head["latitude"]), float(head["longitude"]), float(head["elevation"])),
        source="Open-Meteo",
        wind_height=height,
        shear=shear,
        row_minutes=-30.0,
        is_apart=True,
        first_line=int(raw.index[0]),
    )


SUMS = ("ssrd", "fdir")
ERA5_NAMES = (*SUMS, "t2m", "u10", "v10", "u100", "v100")
GRID = ("latitude", "longitude")
ERA5_DIMENSIONS = {"valid_time": "time", "lat": "latitude", "lon": "longitude"}
"""Names of dimensions in files of other services and years."""
ERA5_HEIGHTS = (10.0, 100.0)
"""Heights of the wind of ERA5 [m]: u10 and v10, u100 and v100."""


def era5(path: Path, place: tuple[float, float]) -> WeatherRows:
    """ERA5 or ERA5-Land in the nearest cell with values; irradiance [J/m2] ends at the stamp.

    Irradiance and the rest may be in two files, as the Climate Data Store gives them.
    """
    ds = _era5_cell(path, place)
    table = pd.DataFrame(index=pd.DatetimeIndex(ds["time"].to_numpy()))
    sums = {name: _hourly_sums(ds[name].to_series()) / 3600.0 for name in SUMS if name in ds}
    if "ssrd" in sums:
        table["ghi"] = sums["ssrd"]
    if len(sums) == 2:
        table["dhi"] = sums["ssrd"] - sums["fdir"]
    if "t2m" in ds:
        table["air_temperature"] = ds["t2m"].to_numpy() - 273.15
    speeds = {
        height: np.hypot(ds[f"u{height:g}"].to_numpy(), ds[f"v{height:g}"].to_numpy())
        for height in ERA5_HEIGHTS
        if {f"u{height:g}", f"v{height:g}"} <= set(ds)
    }
    height, shear = put_wind(table, speeds)
    east = (float(ds["longitude"]) + 180.0) % 360.0 - 180.0
    where = (float(ds["latitude"]), east, np.nan)
    found = WeatherRows(table, 0.0, where, "ERA5, nearest cell", height, shear=shear)
    return replace(found, row_minutes=-30.0, is_apart=True)


def _era5_cell(path: Path, place: tuple[float, float]) -> xr.Dataset:
    """Hours of the cell nearest to a place that has values, as ERA5-Land has none at sea."""
    with xr.open_dataset(path, engine="netcdf4") as opened:
        ds = opened[[name for name in ERA5_NAMES if name in opened]].load()
    if not ds:
        remedy = "ask ERA5 for ssrd, fdir, t2m, u10 and v10"
        raise refused("has no irradiance, temperature or wind of ERA5", remedy)
    ds = ds.rename({n: name for n, name in ERA5_DIMENSIONS.items() if n in ds.dims})
    if "expver" in ds.dims:
        # Of the last months the preliminary values stand in another version.
        first, *others = (ds.isel(expver=place) for place in range(ds.sizes["expver"]))
        ds = first.combine_first(*others) if others else first
    if {*GRID} <= set(ds.dims):
        north, east = ds["latitude"] - place[0], ds["longitude"] - place[1]
        east = ((east + 180.0) % 360.0 - 180.0) * np.cos(np.radians(place[0]))
        values = next(iter(ds.values()))
        beside = [n for n in values.dims if n not in GRID]
        has_values = values.notnull().any(beside)  # noqa: PD004 - xarray has no other
        if not has_values.any():
            remedy = "ask for a wider area, or for ERA5 in the place of ERA5-Land"
            raise refused("has no values: all of its cells are at sea", remedy)
        ds = ds.isel((north**2 + east**2).where(has_values).argmin([*GRID]))
    ds = ds.squeeze(drop=True)
    if ds.sizes.keys() != {"time"}:
        several = ", ".join(f"{name} of {size}" for name, size in ds.sizes.items())
        remedy = "select one member, and all hours in one row, as ds.isel(number=0) does"
        raise refused(f"has the dimensions {several}, of which time alone is read", remedy)
    return ds


def _hourly_sums(sums: pd.Series[float]) -> FloatArray:
    """Sums of each hour [J/m2], also where they grow through the day and begin anew after 00 UTC.

    Those of ERA5-Land fall at 01 UTC alone; those of hours fall in every afternoon.
    """
    stamps, values = pd.DatetimeIndex(sums.index), np.asarray(sums, dtype=np.float64)
    begins = stamps.hour == 1
    falls = np.diff(values, prepend=np.inf) < -0.01 * sums.max()
    if not falls[1:].any() or (falls[1:] & ~begins[1:]).any():
        return values
    is_next = np.diff(stamps, prepend=stamps[:1]) == np.timedelta64(1, "h")
    grown = np.where(is_next, np.diff(values, prepend=np.nan), np.nan)
    return np.asarray(np.where(begins, values, grown), dtype=np.float64)
