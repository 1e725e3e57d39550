"""Files that differ from what their format says, as they circulate: each has the known rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from weather_reading import assert_known, names_of, year_of
from weather_writers import PLACE, TEXTS, epw, known_rows, ninja

from meishan_model.errors import InputError
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_rows import WeatherRows, converted, numbers, read_stamps

VARIANTS: dict[str, tuple[str, Callable[[str], str]]] = {
    "NASA POWER since 2024": (
        "nasa_csv",
        lambda text: (
            text.replace("Latitude", "latitude")
            .replace("Longitude", "longitude")
            .replace("Elevation from", "elevation from")
        ),
    ),
    "EPW without its last cells": (
        "epw",
        lambda text: re.sub(r",0\.2,0,1$", "", text, flags=re.M),
    ),
    "EPW up to the wind": ("epw", lambda text: re.sub(r"(\.\d+),5,5,10,.*", r"\1", text)),
    "EPW with a comma at the end": ("epw", lambda text: re.sub(r"1$", "1,", text, flags=re.M)),
    "EPW of a city with a comma": ("epw", lambda text: text.replace("Test", '"Test, Port"', 1)),
    "TMY3 saved by a spreadsheet": ("tmy3", lambda text: re.sub(r",0(\d:00),", r",\1,", text)),
    "NSRDB with the names of SAM": (
        "nsrdb",
        lambda text: text.replace("Temperature", "Tdry").replace("Wind Speed", "Wspd"),
    ),
    "NSRDB in small letters": ("nsrdb", str.lower),
    "NSRDB of a city with a comma": (
        "nsrdb",
        lambda text: text.replace("NSRDB,1,", 'NSRDB,"Ningbo, Zhejiang",'),
    ),
    "NSRDB in quotes": ("nsrdb", lambda text: re.sub(r"[^,\n]+", r'"\g<0>"', text)),
    "Open-Meteo saved by a spreadsheet": (
        "open_meteo_csv",
        lambda text: re.sub(
            r"(\d{4})-0?(\d+)-0?(\d+)T0?(\d+:\d\d)",
            r"\1/\2/\3 \4",
            text.replace("\n\n", "\n,,,,,\n", 1).replace("²", "2"),
        ),
    ),
    "TMY3 with blanks": ("tmy3", lambda text: re.sub(r",(\d\d:00),", r", \1,", text)),
}


def _rows(path: Path, text: str) -> WeatherRows:
    path.write_text(text, encoding="utf-8")
    return read_weather_file(path, (PLACE.latitude, PLACE.longitude))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_the_same_rows(weather: xr.Dataset, tmp_path: Path, variant: str) -> None:
    """Stamps, numbers, clock and place are those of the file as its format has it."""
    form, changed = VARIANTS[variant]
    minutes, clock, written = TEXTS[form]
    text = written(known_rows(weather, minutes, clock))
    assert changed(text) != text
    usual, found = _rows(tmp_path / "usual", text), _rows(tmp_path / "variant", changed(text))
    pd.testing.assert_frame_equal(found.table, usual.table)
    assert (found.utc_offset, found.place) == (usual.utc_offset, usual.place)


def test_thousands_in_quotes_are_no_decimals() -> None:
    """1,013.5 is a thousand; a decimal comma is no number here, and never ten times as much."""
    raw = pd.DataFrame({"GHI": ["1,013.5", "850", "0,5", "12,53"]})
    found = numbers(raw, {"GHI": "ghi", "DNI": "dni"})
    np.testing.assert_array_equal(found, [[1013.5], [850.0], [np.nan], [np.nan]])


@pytest.mark.parametrize("form", ["pvgis_tmy_csv", "pvgis_hourly_csv", "pvgis_tmy_json", "tmy3"])
def test_a_file_that_is_cut_short_ends_early(
    weather: xr.Dataset, tmp_path: Path, form: str
) -> None:
    """A download that broke off, in the middle of a row or of a value."""
    minutes, clock, written = TEXTS[form]
    text = written(known_rows(weather, minutes, clock))
    with pytest.raises(InputError, match=r"ends early.*get the file anew"):
        _rows(tmp_path / "short", text[: len(text) // 2 + 3])
    if form == "pvgis_tmy_csv":
        at_row = text[: text.index("\n", len(text) // 2)]
        with pytest.raises(InputError, match=r"ends early: has 4\d{3} rows.*has 8760: get"):
            _rows(tmp_path / "short", at_row)


@pytest.mark.parametrize("lines", [1, 3])
def test_renewables_ninja_without_its_head(
    weather: xr.Dataset, tmp_path: Path, lines: int
) -> None:
    """What is missing is named; by a mapping the table can be read nonetheless."""
    head_and_rows = ninja(known_rows(weather, 30.0, 0.0), "Wind").split("\n")
    path, mapping = tmp_path / "wind.csv", tmp_path / "wind.yaml"
    with pytest.raises(InputError, match=r"lacks the comment lines .*place and.*--mapping"):
        _rows(path, "\n".join(head_and_rows[lines:]))
    mapping.write_text(
        f"time: time\nutc_offset: 0\nlatitude: 29.8\nlongitude: 121.9\naltitude: 5\n"
        f"source: ninja\nskip_lines: {3 - lines}\n"
        "columns:\n  wind_speed: {column: wind_speed, unit: m/s}\n"
    )
    found = read_weather_file(path, (PLACE.latitude, PLACE.longitude), mapping).table
    np.testing.assert_allclose(np.roll(found["wind_speed"], 8), weather["wind_speed"])


def test_years_of_two_digits_are_told(weather: xr.Dataset, tmp_path: Path) -> None:
    """A year that could be of any century is refused by its row."""
    text = re.sub(r"^20(\d\d),", r"\1,", epw(known_rows(weather, 30.0)), flags=re.M)
    with pytest.raises(InputError, match=r"row 9: '19,1,1,1' is no year, month, day and hour"):
        _rows(tmp_path / "short.epw", text)


def test_days_of_nasa_power_are_told(weather: xr.Dataset, tmp_path: Path) -> None:
    """JSON of daily values says what to ask for."""
    text = TEXTS["nasa_json"][2](known_rows(weather, 30.0, 0.0))
    days = re.sub(r'"(2019\d{4})\d\d":', r'"\1":', text)
    with pytest.raises(InputError, match="'20190101' is the stamp of no hour; ask NASA POWER for"):
        _rows(tmp_path / "daily.json", days)


@pytest.mark.parametrize("dark", ["ghi", "dni", "dhi"])
def test_a_column_of_zeros_is_none(weather: xr.Dataset, tmp_path: Path, dark: str) -> None:
    """What nobody has filled follows from the other two, as if it were not there."""
    table = known_rows(weather, 30.0)
    path = tmp_path / "station.epw"
    path.write_text(epw(table.assign(**{dark: 0.0})), encoding="utf-8")
    found = year_of(path)
    assert found.attrs["left_out"] == f"{dark}, zero in all hours"
    assert_known(found, weather)


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2019-03-31 01:00:00+01:00", 1.0, "2019-03-31 01:00"),
        ("2019-03-31 03:00:00+02:00", 1.0, "2019-03-31 02:00"),
        ("2019-03-31T00:00:00Z", 8.0, "2019-03-31 08:00"),
        ("2019-03-31 00:59:59", 8.0, "2019-03-31 01:00"),
        ("2019-03-31 01:00", 8.0, "2019-03-31 01:00"),
    ],
)
def test_stamps_that_say_their_clock_are_instants(
    written: str, offset: float, expected: str
) -> None:
    """Others are in the clock of the mapping; a second short of an hour is the hour."""
    (found,) = read_stamps(pd.Series([written]), offset)
    assert found == pd.Timestamp(expected)


def test_stamps_of_both_seasons_stand_in_one_column() -> None:
    """The hour that summer time leaves out is no gap, the one that it has twice is two hours."""
    instants = pd.date_range("2019-01-01", periods=8760, freq="h", tz="UTC")
    local = instants.tz_convert("Europe/Berlin")
    found = read_stamps(pd.Series([stamp.isoformat() for stamp in local]), 1.0)
    assert (found == pd.date_range("2019-01-01 01:00", periods=8760, freq="h")).all()


def test_units_may_be_written_with_their_signs() -> None:
    """As most files have them in their heads."""
    (celsius,) = converted(np.array([41.0]), "air_temperature", "°F", "air")
    (watts,) = converted(np.array([0.5]), "ghi", "kW/m²", "global")
    assert (celsius, watts) == pytest.approx((5.0, 500.0))


def test_a_wind_of_another_unit_is_told(weather: xr.Dataset, tmp_path: Path) -> None:
    """km/h for m/s, where no climate is there to compare it with."""
    table = known_rows(weather, 30.0)
    path = tmp_path / "station.epw"
    path.write_text(epw(table.assign(wind_speed=table["wind_speed"] * 3.6)), encoding="utf-8")
    assert names_of(year_of(path)) == {"weather_wind_strong"}
