"""Import of EnergyPlus weather files (EPW): checked, put on the project's hours, reported."""

from __future__ import annotations

import datetime as dt
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series import FloatArray
from meishan_model.series.calendar import hourly_index
from meishan_model.series.solar import clear_sky_ghi, extraterrestrial, sun_position
from meishan_model.series.weather import (
    MEASURED_FILE,
    check_place,
    save_weather,
    weather_dataset,
)
from meishan_model.sheets.files import read_plain_text
from meishan_model.sheets.park_folder import read_site
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    from pvlib.location import Location

logger = logging.getLogger(__name__)

HEADER_LINES = 8
LEAST_CELLS = 22
"""Cells up to the wind speed, the last that is read."""
_REMEDY = "give a weather year in EnergyPlus's EPW format"
# pvlib's name: (project's name, least, greatest value); beyond are the format's missing codes
# (99.9, 999, 9999) or nonsense. EnergyPlus, Auxiliary Programs, "EPW data dictionary".
COLUMNS: dict[str, tuple[str, float, float]] = {
    "ghi": ("ghi", 0.0, 2000.0),
    "dni": ("dni", 0.0, 2000.0),
    "dhi": ("dhi", 0.0, 2000.0),
    "temp_air": ("air_temperature", -70.0, 70.0),
    "wind_speed": ("wind_speed", 0.0, 40.0),
}
REFERENCE_YEAR = 2019
# Erbs and others take no beam this close to the horizon, where cos(zenith) amplifies noise.
GREATEST_BEAM_ZENITH = 87.0
# Linke turbidity of very clean, cold and dry air; Scharmer, Greif (2000), European Solar
# Radiation Atlas: no hourly mean is above this clear sky.
CLEANEST_TURBIDITY = 2.0


def read_epw(path: Path) -> xr.Dataset:
    """Read an EPW file as a weather dataset on the hours of the project.

    What is changed, and recorded in the attributes and the log:

    - Irradiance above the physical limit of its hour is cut (``ghi_clipped_*``): clear sky of the
      cleanest air, at most the extraterrestrial irradiance.
    - The time that the rows stand for is found by correlation with the clear sky
      (``row_time_minutes`` after the start of the hour: 30 by the format, 0 in files of
      instants). Irradiance of other rows is interpolated to the middle of the hour, which keeps
      the total (``shift_minutes``); what falls below the horizon is dropped
      (``below_horizon_*``). Temperature and wind show no such mark and stay as they are.
    - Direct irradiance is what closes GHI = DHI + DNI cos(zenith) at the middle of the hour; the
      change of its yearly sum is ``dni_change_kwh_m2``.

    Nothing is scaled.

    Parameters
    ----------
    path
        EPW file with 8760 rows in the order of the year.

    Returns
    -------
    xarray.Dataset
        As `meishan_model.series.weather.weather_dataset`, with ``kind`` = "measured".

    Raises
    ------
    InputError
        If the file cannot be read, has not 8760 rows in order, or has missing values: with file
        and row (line of the file).
    """
    from pvlib.location import Location

    table, header = _read_table(path)
    latitude, longitude, altitude, offset = (
        float(header[key]) for key in ("latitude", "longitude", "altitude", "TZ")
    )
    location = Location(latitude, longitude, altitude=altitude)
    stamps = hourly_index(REFERENCE_YEAR)
    stated = table["ghi"].to_numpy()
    row_minutes = _row_time(stated, stamps, offset, location)
    limit = _greatest_ghi(stamps, row_minutes, offset, location)
    clipped = np.minimum(stated, limit)
    report: dict[str, str | int | float] = {
        "row_time_minutes": row_minutes,
        "shift_minutes": 30.0 - row_minutes,
        "ghi_clipped_hours": int((stated > limit).sum()),
        "ghi_clipped_kwh_m2": float((stated - clipped).sum() / 1000.0),
    }
    sun = sun_position(stamps, offset, location)
    zenith = sun["zenith"].to_numpy()
    ghi = _to_middle(clipped, row_minutes)
    dhi = _to_middle(np.minimum(table["dhi"].to_numpy(), clipped), row_minutes)
    dark = zenith >= 90.0
    report["below_horizon_hours"] = int((dark & (ghi > 0.0)).sum())
    report["below_horizon_kwh_m2"] = float(ghi[dark].sum() / 1000.0)
    ghi, dhi = np.where(dark, 0.0, ghi), np.where(dark, 0.0, dhi)
    dni, dhi = _close_components(ghi, dhi, sun)
    report["dni_change_kwh_m2"] = float((dni.sum() - table["dni"].sum()) / 1000.0)
    logger.info("%s: %s", path, ", ".join(f"{key} {item:g}" for key, item in report.items()))
    return weather_dataset(
        stamps,
        {
            "ghi": ghi,
            "dni": dni,
            "dhi": dhi,
            "air_temperature": table["air_temperature"].to_numpy(),
            "wind_speed": table["wind_speed"].to_numpy(),
        },
        {
            "title": f"Weather year of {header['city']}",
            "kind": "measured",
            "source": f"{path.name} ({header['data_type']}, WMO {header['WMO_code']})",
            "utc_offset_hours": offset,
            "latitude": latitude,
            "longitude": longitude,
            "altitude": altitude,
            "wind_reference_height": 10.0,
            **report,
        },
    )


def _row_time(
    ghi: FloatArray, stamps: pd.DatetimeIndex, utc_offset_hours: float, location: Location
) -> float:
    """Minutes after the start of the hour whose sun the rows fit best.

    Correlates the irradiance [W/m2] with clear skies at steps of five minutes between an hour
    before and an hour after the stamp. -30, 0 and 30 are the known conventions; a result within
    ten minutes of one of them is that convention.
    """
    minutes = np.arange(-60, 61, 5)
    fits = []
    for step in minutes:
        sun = sun_position(stamps, utc_offset_hours, location, dt.timedelta(minutes=float(step)))
        fits.append(np.corrcoef(clear_sky_ghi(sun, location, CLEANEST_TURBIDITY), ghi)[0, 1])
    best = float(minutes[int(np.argmax(fits))])
    nearest = min((-30.0, 0.0, 30.0), key=lambda convention: abs(convention - best))
    return nearest if abs(nearest - best) <= 10.0 else best


def _read_table(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The checked columns under the project's names, and the header as pvlib has it."""
    import pvlib

    file = str(path)
    text = read_plain_text(path)
    if faults := list(_form_faults(text, file)):
        raise InputError(faults)
    try:
        with warnings.catch_warnings():
            # Mixed types mean text among the numbers, which is reported below with its row.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            raw, header = pvlib.iotools.read_epw(io.StringIO(text))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        message = f"not readable as an EPW file: {error}"
        raise InputError([Fault(file, message, remedy=_REMEDY)]) from error
    table = raw[[*COLUMNS]].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    table.columns = pd.Index([name for name, *_ in COLUMNS.values()])
    faults = [*_order_faults(raw, file), *_value_faults(raw, table, file)]
    if faults:
        raise InputError(faults)
    return table, header


def _order_faults(raw: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Not 8760 rows, or not the hours of a year in their order."""
    count = len(raw)
    if count != HOURS_OF_YEAR:
        row = HEADER_LINES + min(count, HOURS_OF_YEAR) + 1
        remedy = "give every hour of a year without 29 February"
        yield Fault(file, f"has not {HOURS_OF_YEAR} rows", row, "hour", str(count), remedy)
        return
    stamps = hourly_index(REFERENCE_YEAR)
    expected = (stamps.month * 10000 + stamps.day * 100 + stamps.hour + 1).to_numpy()
    keys = [pd.to_numeric(raw[key], errors="coerce") for key in ("month", "day", "hour")]
    wrong = np.flatnonzero((keys[0] * 10000 + keys[1] * 100 + keys[2]).to_numpy() != expected)
    if wrong.size:
        row = HEADER_LINES + 1 + int(wrong[0])
        remedy = "give the hours 1 to 24 of every day from 1 January to 31 December"
        yield Fault(file, "hour is not in order of the year", row, "hour", remedy=remedy)


def _value_faults(raw: pd.DataFrame, table: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Missing or impossible values, each with its row; a year without any sun."""
    for source, (name, least, greatest) in COLUMNS.items():
        for index in np.flatnonzero(~table[name].between(least, greatest)):
            row, text = HEADER_LINES + 1 + int(index), str(raw[source].iloc[index])
            message, remedy = "missing or impossible value", f"{least:g} to {greatest:g}"
            yield Fault(file, message, row, name, text, remedy)
    if not (table["ghi"] > 0.0).any():
        message, remedy = "irradiance is zero throughout", "give the irradiance of the year"
        yield Fault(file, message, HEADER_LINES + 1, "ghi", remedy=remedy)


def _form_faults(text: str, file: str) -> Iterator[Fault]:
    """What is no EPW file: a header of another kind, a row with too few cells."""
    lines = text.splitlines()
    if not lines or not lines[0].startswith("LOCATION,"):
        yield Fault(file, "does not begin with LOCATION", row=1, remedy=_REMEDY)
        return
    cells = [line.count(",") + 1 for line in lines[HEADER_LINES:]]
    short = next((row for row, count in enumerate(cells) if count < LEAST_CELLS), None)
    if short is not None:
        message = f"has {cells[short]} cells, a row of an EPW file at least {LEAST_CELLS}"
        yield Fault(file, message, HEADER_LINES + 1 + short, remedy=_REMEDY)


def _greatest_ghi(
    stamps: pd.DatetimeIndex, row_minutes: float, utc_offset_hours: float, location: Location
) -> FloatArray:
    """Physical limit [W/m2] of the mean irradiance over the hour around each row's time."""
    limits = []
    for step in (-25, -15, -5, 5, 15, 25):
        after_stamp = dt.timedelta(minutes=row_minutes + step)
        sun = sun_position(stamps, utc_offset_hours, location, after_stamp)
        above_air = extraterrestrial(sun) * np.cos(np.radians(sun["zenith"].to_numpy()))
        sky = clear_sky_ghi(sun, location, CLEANEST_TURBIDITY)
        limits.append(np.minimum(sky, np.clip(above_air, 0.0, None)))
    return np.asarray(np.mean(limits, axis=0), dtype=np.float64)


def _to_middle(values: FloatArray, row_minutes: float) -> FloatArray:
    """Interpolate rows linearly to the middle of the hour; the year repeats, totals are kept."""
    position = np.arange(values.size) + (30.0 - row_minutes) / 60.0
    rows = np.arange(values.size)
    return np.asarray(np.interp(position, rows, values, period=float(values.size)), np.float64)


def _close_components(
    ghi: FloatArray, dhi: FloatArray, sun: pd.DataFrame
) -> tuple[FloatArray, FloatArray]:
    """Direct normal and diffuse irradiance [W/m2] that add up to the global one."""
    zenith = sun["zenith"].to_numpy()
    cosine = np.where(zenith < GREATEST_BEAM_ZENITH, np.cos(np.radians(zenith)), 0.0)
    dni = np.divide(ghi - dhi, cosine, out=np.zeros_like(ghi), where=cosine > 0.0)
    dni = np.clip(dni, 0.0, extraterrestrial(sun))
    return dni, ghi - dni * cosine


def write_measured_weather(
    epw: Path, park_folder: Path, weather_folder: Path
) -> tuple[Path, list[str]]:
    """Import a measured year in EPW format and use it in place of the synthetic one.

    Parameters
    ----------
    epw
        The file.
    park_folder
        ``configs/<park>``; must exist.
    weather_folder
        ``timeseries/<park>``.

    Returns
    -------
    path, notes
        The file, and what the import shifted and clipped.
    """
    site = read_site(park_folder)
    dataset = read_epw(epw)
    check_place(dataset, site, str(epw))
    path = weather_folder / MEASURED_FILE
    save_weather(dataset, path)
    skip = {"Conventions", "kind", "title"}
    return path, [f"{key}: {value}" for key, value in dataset.attrs.items() if key not in skip]
