"""Files of synthetic weather years: made of the climate sheet, and known to be of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.series.climate import read_climate
from meishan_model.series.solar import location_of
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.series.weather import (
    FIRST_YEAR,
    MEASURED_FILE,
    MEASURED_YEARS,
    SYNTHETIC_FILE,
    made_anew,
    save_weather,
    synthetic_years,
    year_file,
)
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.park_folder import read_site


def write_synthetic_weather(
    park_folder: Path, weather_folder: Path, seed: int | None = None
) -> tuple[list[Path], list[str]]:
    """Generate synthetic weather years of a park from its climate sheet.

    Without a seed, the year of the sheet's seed is made and used, measured years that lie there
    are removed, and the years of other seeds that lie there are made anew.

    Parameters
    ----------
    park_folder
        ``configs/<park>`` with ``park.yaml`` and ``climate.csv``.
    weather_folder
        ``timeseries/<park>``.
    seed
        Of another year of the same climate, 1 to 999: ``weather_<seed>.nc``, which
        ``weather_year`` takes.

    Returns
    -------
    paths, notes
        The files, and what a person should know of them.

    Raises
    ------
    InputError
        If the sheet is wrong, or the seed has no such number.
    """
    site, climate = read_site(park_folder), read_climate(park_folder / "climate.csv")
    location = location_of(site)
    if seed is not None and not 1 <= seed < FIRST_YEAR:
        remedy = f"a number from 1 to {FIRST_YEAR - 1}; larger ones are years"
        raise InputError([Fault("--seed", "is no seed of a year", value=f"{seed}", remedy=remedy)])
    seeds = sorted(synthetic_years(weather_folder)) if seed is None else [seed]
    files = {climate.seed: weather_folder / SYNTHETIC_FILE} if seed is None else {}
    paths = []
    for number, path in [*files.items(), *((s, weather_folder / year_file(s)) for s in seeds)]:
        own = replace(climate, seed=number)
        dataset = synthetic_weather(own, location)
        save_weather(dataset.assign_attrs(climate_sha256=fingerprint(own)), path)
        paths.append(path)
    notes = [f"synthetic: {dataset.attrs['source']}"]
    if seed is not None:
        return paths, [*notes, f"weather_year: {seed} in park.yaml or a scenario takes it"]
    for measured in (weather_folder / MEASURED_FILE, *weather_folder.glob(MEASURED_YEARS)):
        measured.unlink(missing_ok=True)
    if site.weather_year is not None:
        notes.append(f"park.yaml still names weather_year {site.weather_year}: take it out")
    return paths, notes


def check_climate(weather: xr.Dataset, park_folder: Path, file: Path) -> None:
    """Check that a synthetic year is that of the climate sheet of today.

    Raises
    ------
    InputError
        If it was made of another climate, or the sheet is wrong.
    """
    sheet, made_of = park_folder / "climate.csv", weather.attrs.get("climate_sha256")
    if made_of is None or not sheet.is_file():
        return
    climate = read_climate(sheet)
    if file.name != SYNTHETIC_FILE:
        climate = replace(climate, seed=int(weather.attrs["seed"]))
    if made_of != fingerprint(climate):
        message = "was made of another climate.csv"
        raise InputError([Fault(str(file), message, remedy=made_anew(file))])
