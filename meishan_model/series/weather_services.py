"""Weather of services that pvlib has no reader for: NASA POWER, NSRDB, renewables.ninja, ERA5."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.series.weather_rows import WIND_HEIGHT, WeatherRows, numbers, refused, stamps_of

NASA_POWER = {
    "ALLSKY_SFC_SW_DWN": "ghi",
    "ALLSKY_SFC_SW_DNI": "dni",
    "ALLSKY_SFC_SW_DIFF": "dhi",
    "T2M": "air_temperature",
}
NASA_WIND = {"WS10M": 10.0, "WS50M": 50.0, "WS2M": 2.0}
"""Wind speeds and their heights [m], the best first."""
NASA_MISSING = -999.0


def nasa_csv(text: str) -> WeatherRows:
    """NASA POWER as CSV: its header says the place, and whether the clock is UTC or solar time."""
    head, _, body = text.partition("-END HEADER-\n")
    raw = pd.read_csv(io.StringIO(body))
    dates = raw[["YEAR", "MO", "DY", "HR"]].set_axis(["year", "month", "day", "hour"], axis=1)
    words = head.replace(",", " ").split()
    after = {word: words[place + 1] for place, word in enumerate(words[:-1])}
    height = next((line.split("=")[-1] for line in head.split("\n") if "Elevation" in line), "nan")
    place = (float(after["Latitude"]), float(after["Longitude"]), float(height.split()[0]))
    return _nasa_power(raw, pd.to_datetime(dates), place, head)


def nasa_json(text: str) -> WeatherRows:
    """NASA POWER as JSON."""
    told = json.loads(text)
    raw = pd.DataFrame(told["properties"]["parameter"])
    longitude, latitude, height = told["geometry"]["coordinates"]
    head = json.dumps([told["header"].get("time_standard"), told.get("parameters")])
    stamps = pd.Series(pd.to_datetime(raw.index, format="%Y%m%d%H"))
    return _nasa_power(raw, stamps, (float(latitude), float(longitude), float(height)), head)


def _nasa_power(
    raw: pd.DataFrame, stamps: pd.Series[Any], place: tuple[float, float, float], head: str
) -> WeatherRows:
    """Hours of NASA POWER, means over the hour that begins, in UTC or in local solar time.

    Its local solar time is UTC moved by a whole hour for every 15 degrees of longitude.
    """
    is_utc = "in UTC" in head or '"UTC"' in head
    offset = 0.0 if is_utc else float(round(place[1] / 15.0))
    height = next((h for name, h in NASA_WIND.items() if name in raw), WIND_HEIGHT)
    wind = {name: "wind_speed" for name, h in NASA_WIND.items() if h == height}
    table = numbers(raw, NASA_POWER | wind).set_index(pd.DatetimeIndex(stamps))
    table = table.mask(table == NASA_MISSING)
    if "MJ/hr" in head:
        sun = [name for name in ("ghi", "dni", "dhi") if name in table]
        table[sun] *= 1e6 / 3600.0
    return WeatherRows(table, offset, place, "NASA POWER", height, row_minutes=30.0)


NSRDB = {
    "GHI": "ghi",
    "DNI": "dni",
    "DHI": "dhi",
    "Temperature": "air_temperature",
    "Wind Speed": "wind_speed",
}


def nsrdb(text: str) -> WeatherRows:
    """NSRDB (PSM), with its two lines of place and clock or with the table alone.

    Irradiance is that of the minute of the row.
    """
    lines = text.split("\n")
    head: dict[str, str] = {}
    if lines[0].startswith("Source,"):
        head = dict(zip(lines[0].split(","), lines[1].split(","), strict=False))
        lines = lines[2:]
    raw = pd.read_csv(io.StringIO("\n".join(lines)), low_memory=False)
    dates = raw[["Year", "Month", "Day", "Hour", "Minute"]]
    stamps = pd.to_datetime(dates.set_axis(["year", "month", "day", "hour", "minute"], axis=1))
    table = numbers(raw, NSRDB).set_index(pd.DatetimeIndex(stamps))
    head = {name: cell for name, cell in head.items() if cell.strip()}
    # The clock of the rows; "Local Time Zone" is that of the place.
    clock = head.get("Time Zone")
    return WeatherRows(
        table,
        None if clock is None else float(clock),
        (
            float(head.get("Latitude", "nan")),
            float(head.get("Longitude", "nan")),
            float(head.get("Elevation", "nan")),
        ),
        source=f"NSRDB ({head.get('Source', 'without its header')})",
        wind_height=np.nan,
        row_minutes=0.0,
        first_line=2 + 2 * bool(head),
    )


def ninja(text: str) -> WeatherRows:
    """renewables.ninja, PV with its irradiance and temperature, or wind with its wind speed."""
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if not line.lstrip('"').startswith("#"))
    raw = pd.read_csv(io.StringIO("\n".join(lines[first:])))
    table = pd.DataFrame(index=stamps_of(raw["time"]))
    if "irradiance_direct" in raw:
        # In kW/m2 on the plane of the panel, of which the file does not say how it stands.
        for part in ("direct", "diffuse"):
            numbers_of_part = raw[f"irradiance_{part}"].to_numpy(dtype=np.float64)
            table[f"plane_{part}"] = numbers_of_part * 1e3
    for theirs, name in (("temperature", "air_temperature"), ("wind_speed", "wind_speed")):
        if theirs in raw:
            table[name] = raw[theirs].to_numpy(dtype=np.float64)
    if table.columns.empty:
        remedy = "ask renewables.ninja to include raw data; an output alone is a series that a "
        remedy += "row of technologies.csv names"
        raise refused("has no weather beside the output", remedy)
    latitude, longitude = (float(cell) for cell in lines[0].split(" - ")[1].split(","))
    source = f"renewables.ninja, {'PV' if 'PV' in lines[0] else 'wind'}"
    # Its wind is that at the hub of the turbine that was asked for, which the file does not say.
    place = (latitude, longitude, np.nan)
    return WeatherRows(table, 0.0, place, source, wind_height=np.nan, first_line=first + 2)


def era5(path: Path, place: tuple[float, float]) -> WeatherRows:
    """ERA5 in the cell nearest to a place; irradiance [J/m2] is of the hour before the stamp.

    Irradiance and the rest may be in two files, as the Climate Data Store gives them.
    """
    with xr.open_dataset(path, engine="netcdf4") as opened:
        ds = opened.load()
    ds = ds.rename({"valid_time": "time"}) if "valid_time" in ds.dims else ds
    if "expver" in ds.dims:
        # Of the last months the preliminary values stand in another version.
        first, *others = (ds.isel(expver=place) for place in range(ds.sizes["expver"]))
        ds = first.combine_first(*others) if others else first
    if not {"ssrd", "t2m", "u10"} & set(map(str, ds.data_vars)):
        remedy = "ask ERA5 for ssrd, fdir, t2m, u10 and v10"
        raise refused("has no irradiance, temperature or wind of ERA5", remedy)
    latitude, longitude = place
    longitude = longitude % 360.0 if float(ds["longitude"].max()) > 180.0 else longitude
    if {"latitude", "longitude"} <= set(ds.dims):
        ds = ds.sel(latitude=latitude, longitude=longitude, method="nearest")
    ds = ds.squeeze(drop=True)
    table = pd.DataFrame(index=pd.DatetimeIndex(ds["time"].to_numpy()))
    if "ssrd" in ds:
        table["ghi"] = ds["ssrd"].to_numpy() / 3600.0
    if "ssrd" in ds and "fdir" in ds:
        table["dhi"] = table["ghi"] - ds["fdir"].to_numpy() / 3600.0
    if "t2m" in ds:
        table["air_temperature"] = ds["t2m"].to_numpy() - 273.15
    if "u10" in ds and "v10" in ds:
        table["wind_speed"] = np.hypot(ds["u10"].to_numpy(), ds["v10"].to_numpy())
    east = (float(ds["longitude"]) + 180.0) % 360.0 - 180.0
    where = (float(ds["latitude"]), east, np.nan)
    return WeatherRows(table, 0.0, where, "ERA5, nearest cell", row_minutes=-30.0)
