"""Measured weather in the place of the synthetic year: read, joined, compared, saved."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.console import number
from meishan_model.errors import Fault, InputError
from meishan_model.series.calendar import standard_offset
from meishan_model.series.climate import Climate, read_climate
from meishan_model.series.solar import location_of, sun_position
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.series.weather import (
    MEASURED_FILE,
    MEASURED_YEARS,
    VARIABLES,
    check_place,
    save_weather,
    weather_dataset,
    year_file,
)
from meishan_model.series.weather_checks import (
    NO_WIND,
    WeatherFinding,
    climate_findings,
    clock_findings,
    irradiance_findings,
    place_findings,
    sensor_findings,
    stored_findings,
    wind_findings,
)
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_hours import (
    IRRADIANCE,
    TYPICAL_YEAR,
    Report,
    hourly_years,
)
from meishan_model.series.weather_rows import WeatherRows
from meishan_model.series.weather_year import weather_year
from meishan_model.sheets.park import Site
from meishan_model.sheets.park_folder import read_site

if TYPE_CHECKING:
    from pvlib.location import Location

logger = logging.getLogger(__name__)


def import_weather(
    files: Sequence[Path], park_folder: Path, weather_folder: Path, mapping: Path | None = None
) -> tuple[list[Path], list[str]]:
    """Put measured years in the place of the synthetic one.

    Parameters
    ----------
    files
        Weather files of any known format; together they have all series of at least one year.
    park_folder
        ``configs/<park>``; must exist.
    weather_folder
        ``timeseries/<park>``.
    mapping
        What the columns of plain CSV files are.

    Returns
    -------
    paths, notes
        The year that is used, then the others; what was changed in it, and what is strange.

    Raises
    ------
    InputError
        If a file is of no known format, no year is whole, a series is missing, or the weather is
        none of the park's.
    """
    site, sheet = read_site(park_folder), park_folder / "climate.csv"
    rows = [
        (str(path), read_weather_file(path, (site.latitude, site.longitude), mapping))
        for path in files
    ]
    years = measured_years(rows, site, read_climate(sheet) if sheet.is_file() else None)
    chosen = _nearest_to_mean(years)
    named = site.weather_year
    in_use = weather_folder / (year_file(named) if named in years else MEASURED_FILE)
    used = years[named if named in years else chosen]
    notes = [*told_year(used), *(f"Strange: {finding}" for finding in stored_findings(used))]
    of_years = {weather_folder / year_file(year): ds for year, ds in years.items()}
    notes += _year_note(named, chosen, years)
    measured = {weather_folder / MEASURED_FILE: years[chosen], **of_years}
    for path, dataset in measured.items():
        save_weather(dataset, path)
    for old in weather_folder.glob(MEASURED_YEARS):
        if old not in of_years:
            old.unlink()
    return [in_use, *(path for path in measured if path != in_use)], notes


def measured_years(
    files: Sequence[tuple[str, WeatherRows]], site: Site, climate: Climate | None = None
) -> dict[int, xr.Dataset]:
    """Weather years of files that complement each other, each compared with the park.

    Parameters
    ----------
    files
        Name and rows of each file.
    site
        The park.
    climate
        Its monthly climate, where it has one.

    Returns
    -------
    dict
        Weather datasets by year; the attribute ``findings`` has all that is strange, read by
        :func:`~meishan_model.series.weather_checks.stored_findings`.

    Raises
    ------
    InputError
        As :func:`import_weather`.
    """
    names = ", ".join(name for name, _ in files)
    of_places = [finding for _, rows in files for finding in place_findings(rows, site)]
    _refuse(of_places, names)
    sources = "; ".join(f"{rows.source} ({Path(name).name})" for name, rows in files)
    with_sun = next((r for _, r in files if _has_sun(set(map(str, r.table)))), files[0][1])
    with_wind = next((r for _, r in files if "wind_speed" in r.table), None)
    found = {}
    for year, (hours, filled) in hourly_years(files, site).items():
        strange = list(of_places)
        height = np.nan
        if with_wind is not None:
            height = with_wind.wind_height
            strange += wind_findings(with_wind)
            if not np.isnan(with_wind.shear):
                filled["wind_shear_exponent"] = with_wind.shear
        elif climate is not None:
            wind = synthetic_weather(climate, location_of(site))["wind_speed"]
            hours, height = hours.assign(wind_speed=wind.to_numpy()), climate.reference_height
            strange.append(NO_WIND)
        _refuse_missing(hours, names)
        dataset, of_year = _compared_year(hours, filled, with_sun, site, climate, height)
        strange += of_year
        _refuse(strange, names)
        about = {"source": sources, "findings": json.dumps(strange, ensure_ascii=False)}
        found[year] = dataset.assign_attrs(about)
        check_place(found[year], site, names)
    return found


def _compared_year(
    hours: pd.DataFrame,
    filled: Report,
    rows: WeatherRows,
    site: Site,
    climate: Climate | None,
    height: float,
) -> tuple[xr.Dataset, list[WeatherFinding]]:
    """A year placed under the sun, and what sun, sensors and climate say of it."""
    place, offset = _place_of(rows, site), standard_offset(site.timezone, TYPICAL_YEAR)
    stamps = pd.DatetimeIndex(hours.index)
    series, report = weather_year(hours, filled, place, offset, rows)
    strange = _compared(hours, series, report, rows, place, offset)
    if climate is not None:
        strange += climate_findings(series, stamps.month.to_numpy(), climate, height)
    about: Report = {
        "title": "Measured weather year",
        "kind": "measured",
        "source": rows.source,
        "utc_offset_hours": offset,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "altitude": place.altitude,
        "wind_reference_height": height,
    }
    return weather_dataset(stamps, series, about | report), strange


def _place_of(rows: WeatherRows, site: Site) -> Location:
    """Place of a file, and of the park as far as the file does not say."""
    place, (latitude, longitude, altitude) = location_of(site), rows.place
    if np.isnan(latitude):
        return place
    height = site.altitude if np.isnan(altitude) else altitude
    return type(place)(latitude, longitude, altitude=height)


def _has_sun(names: AbstractSet[str]) -> bool:
    """Whether irradiance can be had from some columns."""
    return "ghi" in names or {"dni", "dhi"} <= names or {"plane_direct", "plane_diffuse"} <= names


def _refuse_missing(hours: pd.DataFrame, names: str) -> None:
    """Refuse a year that lacks a series; of irradiance two of three will do, or the global."""
    has = set(map(str, hours))
    missing = [name for name in VARIABLES if name not in has and name not in IRRADIANCE]
    missing += [] if _has_sun(has) else ["ghi"]
    if missing:
        told = " and no ".join(VARIABLES[name][2] for name in missing)
        remedy = "give another file that has it beside this one: meishan weather ONE OTHER"
        raise InputError([Fault(names, f"has no {told}", remedy=remedy)])
    sun = [name for name in ("ghi", "dni", "plane_diffuse") if name in has]
    if not (hours[sun[0]] > 0.0).any():
        message = "irradiance is zero throughout"
        raise InputError([Fault(names, message, None, sun[0], remedy="see unit and column")])


def _refuse(findings: Sequence[WeatherFinding], names: str) -> None:
    """Raise the errors among findings, all at once."""
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        raise InputError(Fault(names, f.message, None, f.name, remedy=f.remedy) for f in errors)


def _compared(
    hours: pd.DataFrame,
    series: dict[str, np.ndarray],
    report: Report,
    rows: WeatherRows,
    place: Location,
    offset: float,
) -> list[WeatherFinding]:
    """What the sun says of a year: its clock, its irradiance, its sensors."""
    stamps = pd.DatetimeIndex(hours.index)
    off = int(report.get("clock_moved_hours", 0))
    given = {
        str(name): np.roll(hours[name].to_numpy(), off) for name in hours if name in IRRADIANCE
    }
    at_rows = dt.timedelta(minutes=float(report["row_time_minutes"]))
    sun = sun_position(stamps, offset, place, at_rows)
    noon = 90.0 - sun["zenith"].to_numpy().reshape(-1, 24).min(axis=1)
    return [
        *clock_findings(report, rows),
        *irradiance_findings(given, sun, place, report),
        *sensor_findings({**series, **given}, noon),
    ]


def _nearest_to_mean(years: dict[int, xr.Dataset]) -> int:
    """The year whose irradiation, wind and temperature are nearest to the mean of all."""
    names = ("ghi", "wind_speed", "air_temperature")
    means = np.array([[float(ds[name].mean()) for name in names] for ds in years.values()])
    spread = means.std(axis=0)
    apart = (means - means.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    return list(years)[int(np.argmin((apart**2).sum(axis=1)))]


def _year_note(named: int | None, chosen: int, years: Collection[int]) -> Iterator[str]:
    """Which of several years is used, and why."""
    if named is not None and named not in years:
        yield f"park.yaml names weather_year {named}, which is not here: take it out"
    elif named is not None:
        yield f"Year: {named}, as park.yaml names it"
    elif len(years) > 1:
        yield f"Year: {chosen}, the nearest to the mean of {len(years)} years"


_UNTOLD = {
    *("Conventions", "kind", "title", "findings", "time_convention"),
    *("shift_minutes", "summer_time_minutes"),
}
"""Attributes that an owner is not told, or told by the findings."""


def told_year(dataset: xr.Dataset) -> list[str]:
    """Where a measured year comes from and what was done to it, a line each.

    Parameters
    ----------
    dataset
        The year; what was not done to it is not told.
    """
    left = {str(key): value for key, value in dataset.attrs.items() if key not in _UNTOLD}

    def take(name: str, digits: int = 1) -> str:
        return number(left.pop(name, math.nan), digits)

    lines = [f"Source: {left.pop('source')}"]
    place = f"{take('latitude', 2)} N, {take('longitude', 2)} E, {take('altitude', 0)} m high"
    clock = f"clock UTC{left.pop('utc_offset_hours'):+g}"
    lines += [f"Place: {place}; {clock}; wind at {take('wind_reference_height', 0)} m"]
    irradiation = [
        f"{name} {take(f'{key}_kwh_m2', 0)} (in the file {take(f'{key}_as_given_kwh_m2', 0)})"
        for name, key in {"global": "ghi", "direct": "dni", "diffuse": "dhi"}.items()
    ]
    lines += [f"Irradiation [kWh/(m2*a)]: {', '.join(irradiation)}"]
    minutes = take("row_time_minutes", 0)
    if left.pop("row_time_stated_minutes", None) is None:
        lines += [f"Rows: by the sun of {minutes} min after the begin of their hour"]
    for name, what in {"ghi_clipped": "above a clear sky", "below_horizon": "at night"}.items():
        hours, energy = take(f"{name}_hours", 0), take(f"{name}_kwh_m2")
        if hours != "0":
            lines += [f"Cut {what}: {energy} kWh/m2 of global irradiation in {hours} hours"]
    words = {k: v if isinstance(v, str) else number(v) for k, v in left.items()}
    return lines + [f"{key.replace('_', ' ').capitalize()}: {v}" for key, v in words.items()]
