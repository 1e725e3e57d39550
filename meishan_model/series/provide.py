"""Put a weather year in place: the synthetic one of a park, or a measured one."""

from __future__ import annotations

from pathlib import Path

from meishan_model.series.climate import read_climate, synthetic_weather
from meishan_model.series.epw import read_epw
from meishan_model.series.weather import (
    MEASURED_FILE,
    SYNTHETIC_FILE,
    check_place,
    save_weather,
)
from meishan_model.sheets.park_folder import read_site


def write_synthetic_weather(park_folder: Path, weather_folder: Path) -> tuple[Path, list[str]]:
    """Generate the synthetic weather year of a park from its climate sheet and use it.

    A measured year that lies there is removed, so that the synthetic one is used again.

    Parameters
    ----------
    park_folder
        ``configs/<park>`` with ``park.yaml`` and ``climate.csv``.
    weather_folder
        ``timeseries/<park>``.

    Returns
    -------
    path, notes
        The file, and what a person should know of it.
    """
    site = read_site(park_folder)
    climate = read_climate(park_folder / "climate.csv")
    dataset = synthetic_weather(
        climate, site.latitude, site.longitude, site.altitude, site.timezone
    )
    path = weather_folder / SYNTHETIC_FILE
    save_weather(dataset, path)
    (weather_folder / MEASURED_FILE).unlink(missing_ok=True)
    return path, [f"synthetic: {dataset.attrs['source']}"]


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
