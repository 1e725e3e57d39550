"""What is strange about measured weather: told by its name where it can be used, else refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from profile_places import ROOT
from pvlib.location import Location
from weather_reading import MEISHAN, assert_known, names_of, year_of
from weather_writers import PLACE, TEXTS, epw, era5, known_rows

from meishan_model.errors import InputError
from meishan_model.series.climate import read_climate
from meishan_model.series.weather_clock import stated_minutes
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_hours import hourly_years
from meishan_model.series.weather_import import measured_years
from meishan_model.series.weather_year import weather_year
from meishan_model.sheets.park_folder import read_site


def _scaled(name: str, factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(**{name: table[name] * factor})


def _swapped(one: str, other: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.rename(columns={one: other, other: one})


def _held(name: str, start: int, hours: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        column = table[name].to_numpy().copy()
        column[start : start + hours] = column[start]
        return table.assign(**{name: column})

    return spoil


def _in_summer_time(table: pd.DataFrame) -> pd.DataFrame:
    summer = (table.index.month > 3) & (table.index.month < 11)
    moved = pd.DataFrame(np.roll(table.to_numpy(), 1, axis=0), table.index, table.columns)
    return moved.where(pd.Series(summer, table.index), table)


STRANGE = {
    "dni too low": (_scaled("dni", 0.3), "weather_closure", False),
    "dni in dhi": (_swapped("dni", "dhi"), "weather_columns_swapped", True),
    "ghi in dni": (_swapped("ghi", "dni"), "weather_columns_swapped", True),
    "ghi in kW": (_scaled("ghi", 1e-3), "weather_irradiance_impossible", True),
    "too bright": (_scaled("ghi", 1.5), "weather_clipped", False),
    "stuck thermometer": (_held("air_temperature", 2000, 30), "weather_sensor_stuck", False),
    "stuck light": (_held("ghi", 3009, 8), "weather_sensor_stuck", False),
    "dead light": (_held("ghi", 3000, 80), "weather_dark_days", False),
    "dead light for weeks": (_held("ghi", 3000, 500), "weather_dark_days", True),
    "no wind": (_scaled("wind_speed", 0.0), "weather_wind_dead", True),
    "summer time": (_in_summer_time, "weather_clock_changes", True),
    "three hours late": (
        lambda table: table.set_axis(np.roll(table.index, -3)).sort_index(),
        "weather_clock_moved",
        True,
    ),
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_strange_is_named(weather: xr.Dataset, tmp_path: Path, case: str) -> None:
    """Each slip by its name: what can be used is told, what cannot is refused."""
    spoil, name, is_error = STRANGE[case]
    path = tmp_path / "station.epw"
    path.write_text(epw(spoil(known_rows(weather, 30.0))), encoding="utf-8")
    if is_error:
        with pytest.raises(InputError, match=name):
            year_of(path)
    else:
        assert name in names_of(year_of(path))


def test_a_clock_that_is_an_hour_late_moves_all_series(
    weather: xr.Dataset, tmp_path: Path
) -> None:
    """Rows in UTC+7 under a head that says UTC+8: temperature and wind move with the sun."""
    table = known_rows(weather, 30.0)
    path = tmp_path / "station.epw"
    path.write_text(epw(table.set_axis(np.roll(table.index, 1)).sort_index()), encoding="utf-8")
    found = year_of(path)
    assert found.attrs["clock_moved_hours"] == 1
    assert names_of(found) == {"weather_clock_moved"}
    assert_known(found, weather)


def test_a_clock_of_half_hours(weather: xr.Dataset, tmp_path: Path) -> None:
    """UTC in a land of UTC+5:30: rows stand for a full hour, and no clock is amiss."""
    site = MEISHAN.model_copy(update={"timezone": "Asia/Kolkata", "longitude": 121.9})
    path = tmp_path / "power.csv"
    path.write_text(TEXTS["nasa_csv"][2](known_rows(weather, 30.0, 0.0)), encoding="utf-8")
    rows = read_weather_file(path, (site.latitude, site.longitude))
    assert stated_minutes(rows, 5.5) == (30.0, 60.0)
    hours, report = hourly_years([(str(path), rows)], site)[2019]
    series, told = weather_year(hours, report, PLACE, 5.5, rows)
    assert "clock_moved_hours" not in told
    assert told["row_time_minutes"] == 60.0
    assert float(series["ghi"].sum()) == pytest.approx(rows.table["ghi"].sum(), rel=0.01)


def test_irradiance_of_two_files_is_not_mixed(weather: xr.Dataset, tmp_path: Path) -> None:
    """Of two stations one is to be chosen; ERA5 in two files is one."""
    one, other = tmp_path / "one.epw", tmp_path / "other.epw"
    table = known_rows(weather, 30.0)
    for path in (one, other):
        path.write_text(epw(table), encoding="utf-8")
    with pytest.raises(InputError, match="irradiance of the same hours in two files"):
        year_of(one, other)
    era5(known_rows(weather, -30.0, 0.0), tmp_path / "era5.nc")
    with xr.open_dataset(tmp_path / "era5.nc") as whole:
        parts = [["ssrd", "fdir"], ["t2m", "u10", "v10", "u100", "v100"]]
        paths = [tmp_path / f"era5_{place}.nc" for place in range(2)]
        for path, names in zip(paths, parts, strict=True):
            whole[names].rename({"time": "valid_time"}).to_netcdf(path)
    assert_known(year_of(*paths), weather)


def test_another_place_is_refused(weather: xr.Dataset, tmp_path: Path) -> None:
    """Singapore is not Beijing; a station at a hundred kilometres is told."""
    path = tmp_path / "station.epw"
    path.write_text(epw(known_rows(weather, 30.0)), encoding="utf-8")
    beijing = read_site(ROOT / "configs" / "yizhuang")
    with pytest.raises(InputError, match=r"weather_place_far: 1\d\d\d km from yizhuang"):
        year_of(path, site=beijing)
    near = MEISHAN.model_copy(update={"latitude": MEISHAN.latitude + 1.0, "altitude": 900.0})
    assert names_of(year_of(path, site=near)) == {"weather_place_far", "weather_height_differs"}


def test_months_are_compared_with_the_climate(weather: xr.Dataset, tmp_path: Path) -> None:
    """A warm January and a calm year are told against the climate; a cold year is refused."""
    table = known_rows(weather, 30.0)
    table.loc[table.index.month == 1, "air_temperature"] += 8.0
    table["wind_speed"] *= 0.3
    path = tmp_path / "station.epw"
    path.write_text(epw(table), encoding="utf-8")
    climate = read_climate(ROOT / "configs" / "meishan" / "climate.csv")
    rows = [(str(path), read_weather_file(path, (MEISHAN.latitude, MEISHAN.longitude)))]
    (found,) = measured_years(rows, MEISHAN, climate).values()
    assert {"weather_months_wind_speed", "weather_months_air_temperature"} <= names_of(found)
    table["air_temperature"] -= 9.0
    path.write_text(epw(table), encoding="utf-8")
    rows = [(str(path), read_weather_file(path, (MEISHAN.latitude, MEISHAN.longitude)))]
    with pytest.raises(InputError, match=r"weather_months_air_temperature.* in 1\d months"):
        measured_years(rows, MEISHAN, climate)


def test_a_year_without_wind_takes_that_of_the_climate(
    weather: xr.Dataset, tmp_path: Path
) -> None:
    """NASA POWER with irradiance and temperature alone: told where there is a climate."""
    path = tmp_path / "power.csv"
    table = known_rows(weather, 30.0, 0.0).drop(columns=["wind_speed", "dni", "dhi"])
    path.write_text(TEXTS["nasa_csv"][2](table), encoding="utf-8")
    rows = [(str(path), read_weather_file(path, (MEISHAN.latitude, MEISHAN.longitude)))]
    climate = read_climate(ROOT / "configs" / "meishan" / "climate.csv")
    (found,) = measured_years(rows, MEISHAN, climate).values()
    assert "weather_wind_synthetic" in names_of(found)
    assert found.attrs["split"]
    np.testing.assert_allclose(found["wind_speed"], weather["wind_speed"])
    with pytest.raises(InputError, match="has no wind speed"):
        measured_years(rows, MEISHAN)


@pytest.mark.parametrize("longitude", [121.0, 121.42, 121.9])
def test_light_that_is_all_direct_leaves_no_diffuse_below_zero(
    weather: xr.Dataset, tmp_path: Path, longitude: float
) -> None:
    """Global less direct light is nothing but for a rounding, which refuses no file."""
    path = tmp_path / "station.epw"
    path.write_text(epw(known_rows(weather, 30.0).assign(dhi=0.0)), encoding="utf-8")
    rows = read_weather_file(path, (PLACE.latitude, longitude))
    hours, report = hourly_years([(str(path), rows)], MEISHAN)[2019]
    place = Location(PLACE.latitude, longitude, altitude=5.0)
    series, _ = weather_year(hours, report, place, 8.0, rows)
    for name in ("ghi", "dni", "dhi"):
        assert series[name].min() >= 0.0
