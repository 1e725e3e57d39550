"""Weather files of every format: the same known year is read out of each of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from profile_places import ROOT
from weather_writers import (
    PLACE,
    TEXTS,
    clear_days,
    epw,
    era5,
    known_rows,
    ninja,
)

from meishan_model.errors import InputError
from meishan_model.series.climate import read_climate
from meishan_model.series.solar import clear_sky, stamps_of, sun_position
from meishan_model.series.weather_checks import stored_findings
from meishan_model.series.weather_clock import stated_minutes
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_import import import_weather, measured_years
from meishan_model.series.weather_year import hourly_years, weather_year
from meishan_model.sheets.park import Site
from meishan_model.sheets.park_folder import read_site

MEISHAN = read_site(ROOT / "configs" / "meishan")
FILES = Path(os.environ.get("MEISHAN_SHARED_DATA", ROOT.parent / "shared" / "data")) / "weather"


def year_of(*paths: Path, site: Site = MEISHAN, mapping: Path | None = None) -> xr.Dataset:
    """The only weather year of files, without a climate to compare it with."""
    place = (site.latitude, site.longitude)
    rows = [(str(path), read_weather_file(path, place, mapping)) for path in paths]
    (found,) = measured_years(rows, site).values()
    return found


def names_of(dataset: xr.Dataset) -> set[str]:
    """Names of what is strange about a year."""
    return {finding.name for finding in stored_findings(dataset)}


def assert_known(found: xr.Dataset, weather: xr.Dataset, most: float = 40.0) -> None:
    """The known year, with irradiance of the middle of each hour.

    Near sunset a mean of two instants is not that of their middle: 40 W/m2, 3 W/m2 in the mean.
    A plane does not see the sun behind it: up to 110 W/m2 in mornings and evenings of summer.
    """
    for name in ("air_temperature", "wind_speed"):
        np.testing.assert_allclose(found[name], weather[name], atol=2e-3)
    known = clear_days(stamps_of(weather), 30.0)
    for name in ("ghi", "dhi"):
        np.testing.assert_allclose(found[name], known[name], atol=most)
        assert float(np.abs(found[name] - known[name]).mean()) < 3.0
    assert float(found["dni"].sum()) == pytest.approx(known["dni"].sum(), rel=0.05)


@pytest.mark.parametrize("form", TEXTS)
def test_each_format_gives_the_known_year(weather: xr.Dataset, tmp_path: Path, form: str) -> None:
    """Clocks, conventions of rows, units and planes of each format are understood."""
    minutes, clock, written = TEXTS[form]
    path = tmp_path / "station.txt"
    path.write_text(written(known_rows(weather, minutes, clock)), encoding="utf-8")
    found = year_of(path)
    assert_known(found, weather, most=110.0 if "hourly" in form else 40.0)
    if "meteo" in form:
        assert found.attrs["wind_shear_exponent"] == pytest.approx(0.2)
    assert found.attrs["row_time_minutes"] == minutes
    expected = {"pvgis_hourly_csv": "weather_plane_turned", "nsrdb": "weather_wind_height_unknown"}
    assert names_of(found) == {expected[form]} if form in expected else not names_of(found)
    assert (found.attrs["latitude"], found.attrs["longitude"]) == (PLACE.latitude, PLACE.longitude)


def test_renewables_ninja_needs_both_files(weather: xr.Dataset, tmp_path: Path) -> None:
    """PV has irradiance of a plane whose tilt the sun tells; dates are in two orders.

    What the sun gives from behind the plane is not in the file: up to 3 % of the year.
    """
    pv, wind, table = tmp_path / "pv.csv", tmp_path / "wind.csv", known_rows(weather, 30.0, 0.0)
    sun = sun_position(table.index, 0.0, PLACE)
    sky = {part: clear_sky(sun, PLACE, 3.0, part) for part in ("ghi", "dni")}
    beam = np.clip(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0, None)
    sky["dhi"] = np.clip(sky["ghi"] - sky["dni"] * beam, 0.0, None)
    days = np.random.default_rng(7).uniform(0.3, 1.0, 366)[table.index.day_of_year]
    table = table.assign(**{name: sky[name] * days for name in sky})
    pv.write_text(ninja(table, "Solar PV"), encoding="utf-8")
    wind.write_text(ninja(table, "Wind"), encoding="utf-8")
    found = year_of(pv, wind)
    assert found.attrs["plane_tilt"] == pytest.approx(35.0, abs=5.0)
    assert names_of(found) == {"weather_plane_turned", "weather_wind_height_unknown"}
    assert float(found["ghi"].sum()) == pytest.approx(table["ghi"].sum(), rel=0.03)
    np.testing.assert_allclose(found["wind_speed"], weather["wind_speed"], atol=1e-9)
    asked = '""tilt"": 35, ""azim"": 180, ""tracking"": 0, ""height"": 100'
    pv.write_text(ninja(table, "Solar PV", asked=asked), encoding="utf-8")
    wind.write_text(ninja(table, "Wind", asked=asked), encoding="utf-8")
    told = year_of(pv, wind)
    assert (told.attrs["plane_tilt"], told.attrs["wind_reference_height"]) == (35.0, 100.0)
    assert names_of(told) == {"weather_plane_turned"}
    assert float(told["dhi"].sum()) == pytest.approx(table["dhi"].sum(), rel=0.01)
    moving = ninja(table, "Solar PV", asked=asked.replace('tracking"": 0', 'tracking"": 1'))
    (tmp_path / "moving.csv").write_text(moving, encoding="utf-8")
    with pytest.raises(InputError, match="planes that follow the sun"):
        year_of(tmp_path / "moving.csv")
    for alone, missing in ((pv, "has no wind speed"), (wind, "and no global horizontal")):
        with pytest.raises(InputError, match=missing):
            year_of(alone)


def test_era5_gives_the_nearest_cell(weather: xr.Dataset, tmp_path: Path) -> None:
    """Of four cells one is the park's; stamps are at the end of the hour and in UTC."""
    path, table = tmp_path / "era5.nc", known_rows(weather, -30.0, 0.0)
    era5(table, path)
    found = year_of(path)
    assert found.attrs["row_time_minutes"] == -30.0
    assert found.attrs["wind_shear_exponent"] == pytest.approx(0.14)
    assert_known(found, weather)


MAPPING = """
time: when
utc_offset: 8
latitude: {latitude}
longitude: {longitude}
altitude: {altitude}
source: our own mast
separator: ";"
decimal: ","
columns:
  ghi: {{column: global, unit: kW/m2}}
  dhi: {{column: diffuse, unit: kJ/m2}}
  air_temperature: {{column: air, unit: degF}}
  wind_speed: {{column: wind, unit: km/h}}
"""


def plain(folder: Path, table: pd.DataFrame) -> tuple[Path, Path]:
    """A CSV file of a country with decimal commas, and the mapping of its columns."""
    path, mapping = folder / "mast.csv", folder / "mast.yaml"
    pd.DataFrame(
        {
            "when": table.index.strftime("%d.%m.%Y %H:%M"),
            "global": table["ghi"].to_numpy() / 1e3,
            "diffuse": table["dhi"].to_numpy() * 3.6,
            "air": table["air_temperature"].to_numpy() * 1.8 + 32.0,
            "wind": table["wind_speed"].to_numpy() * 3.6,
        }
    ).to_csv(path, sep=";", decimal=",", index=False)
    where = {"latitude": PLACE.latitude, "longitude": PLACE.longitude, "altitude": PLACE.altitude}
    mapping.write_text(MAPPING.format(**where), encoding="utf-8")
    return path, mapping


def test_any_csv_file_with_a_mapping(weather: xr.Dataset, tmp_path: Path) -> None:
    """Units, decimal commas and names of columns are those of the mapping."""
    path, mapping = plain(tmp_path, known_rows(weather, 30.0))
    assert_known(year_of(path, mapping=mapping), weather)
    with pytest.raises(InputError, match=r"of a known format.*--mapping"):
        year_of(path)
    spoilt = mapping.read_text(encoding="utf-8").replace("degF", "degR")
    mapping.write_text(spoilt.replace("column: wind", "column: breeze"), encoding="utf-8")
    with pytest.raises(InputError, match=r"has no column breeze; its columns are when, global"):
        year_of(path, mapping=mapping)


def test_what_a_mapping_says_of_stamps_and_codes(weather: xr.Dataset, tmp_path: Path) -> None:
    """Stamps at the ends of hours, lines above the head, codes and words for missing values."""
    table = known_rows(weather, 30.0)
    path, mapping = plain(tmp_path, table.set_axis(table.index + pd.Timedelta(hours=1)))
    lines = path.read_text(encoding="utf-8").splitlines()
    spoilt = lines[50].split(";")
    lines[50] = ";".join([*spoilt[:3], "-999", "n/a"])
    path.write_text("\n".join(["our mast", "", *lines]), encoding="utf-8-sig")
    rules = mapping.read_text(encoding="utf-8")
    mapping.write_text(rules + "skip_lines: 2\nmissing: [-999]\nstamps: end\n", encoding="utf-8")
    found = year_of(path, mapping=mapping)
    assert found.attrs["air_temperature_filled_hours"] == 1
    assert found.attrs["wind_speed_filled_hours"] == 1
    assert found.attrs["row_time_stated_minutes"] == 30.0
    assert "hours_from_other_end" not in found.attrs
    keep = np.arange(8760) != 49
    for name in ("air_temperature", "wind_speed"):
        np.testing.assert_allclose(found[name][keep], weather[name][keep], atol=1e-9)


STRANGE_ROWS = {
    "a row of units": (lambda lines: [lines[0], "-;kW/m2;kJ/m2;F;km/h", *lines[1:]], "row 2"),
    "a point among commas": (
        lambda lines: [*lines[:5], lines[5].replace(",", ".", 1), *lines[6:]],
        "row 6, column global: '0.0' is no number",
    ),
    "text": (lambda lines: [*lines[:5], lines[5] + "x", *lines[6:]], "row 6, column wind.*x'"),
    "a cell too many": (lambda lines: [*lines[:5], lines[5] + ";1", *lines[6:]], "row 6: has 6 c"),
    "no rows": (lambda lines: lines[:1], "holds no rows"),
    "a foot": (lambda lines: [*lines, "Source: mast"], "row 8762, column when.* is no stamp"),
    "twice": (lambda lines: [*lines[:9], *lines[8:]], "row 10, column time, .*stand twice"),
    "codes": (
        lambda lines: [*lines[:5], lines[5].rsplit(";", 1)[0] + ";-999", *lines[6:]],
        "column wind_speed, .-277.5.: 1 impossible values",
    ),
    "months turned": (
        lambda lines: [lines[0], *lines[4000:], *lines[1:4000]],
        "row 4763, column when",
    ),
}


@pytest.mark.parametrize("case", STRANGE_ROWS)
def test_rows_of_a_plain_file_that_cannot_be_read(
    weather: xr.Dataset, tmp_path: Path, case: str
) -> None:
    """What a spreadsheet or a logger leaves behind: by row, column and remedy."""
    spoil, said = STRANGE_ROWS[case]
    path, mapping = plain(tmp_path, known_rows(weather, 30.0))
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(spoil(lines)), encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        year_of(path, mapping=mapping)
    assert all(fault.remedy for fault in caught.value.faults)


ROWS_BEGIN = {"epw": 9, "pvgis_tmy_csv": 19, "nasa_csv": 8, "nsrdb": 4, "tmy3": 3}
ROWS_BEGIN |= {"open_meteo_csv": 5}
SPOILT = {
    "decimal commas": lambda line: line.replace(".", ","),
    "cut short": lambda line: line[:7],
    "a row of units": lambda line: ",".join("-" * (line.count(",") + 1)),
}


@pytest.mark.parametrize("form", ROWS_BEGIN)
def test_a_spoilt_row_is_told_by_its_line(weather: xr.Dataset, tmp_path: Path, form: str) -> None:
    """Of each format the third row with decimal commas, cut short, or with units for numbers."""
    minutes, clock, written = TEXTS[form]
    lines = written(known_rows(weather, minutes, clock)).splitlines()
    row, path = ROWS_BEGIN[form] + 2, tmp_path / "station.txt"
    for what, spoil in SPOILT.items():
        path.write_text("\n".join([*lines[: row - 1], spoil(lines[row - 1]), *lines[row:]]))
        with pytest.raises(InputError) as caught:
            read_weather_file(path, (MEISHAN.latitude, MEISHAN.longitude))
        (fault,) = caught.value.faults
        # pvlib parses these stamps, and tells the text alone.
        is_pvlib = what == "a row of units" and form in ("pvgis_tmy_csv", "tmy3")
        assert fault.row == (None if is_pvlib else row), (what, fault)
        assert fault.remedy


def test_irradiance_in_too_small_a_unit_is_refused(weather: xr.Dataset, tmp_path: Path) -> None:
    """J/cm2 read as W/m2 would be a dim year that the Earth has: its clear hours are not."""
    table = known_rows(weather, 30.0)
    table[["ghi", "dni", "dhi"]] *= 0.36
    path = tmp_path / "station.epw"
    path.write_text(epw(table), encoding="utf-8")
    with pytest.raises(InputError, match=r"weather_irradiance_impossible: the brightest hours"):
        year_of(path)


def test_years_of_quarters_with_a_leap_day(weather: xr.Dataset, tmp_path: Path) -> None:
    """Two years of quarters: 29 February is dropped, and the year nearest to both is used."""
    park, series = tmp_path / "configs" / "meishan", tmp_path / "timeseries"
    park.mkdir(parents=True)
    (park / "park.yaml").write_text(
        (ROOT / "configs/meishan/park.yaml").read_text(encoding="utf-8")
    )
    hours = known_rows(weather, 30.0)
    tables = []
    for year in (2019, 2020):
        index = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:45", freq="15min")
        as_2019 = index.where(
            ~((index.month == 2) & (index.day == 29)), index - pd.Timedelta("1D")
        )
        same = pd.DatetimeIndex([t.replace(year=2019, minute=0) for t in as_2019])
        tables.append(hours.reindex(same).set_axis(index))
    path, mapping = plain(tmp_path, pd.concat(tables))
    paths, notes = import_weather([path], park, series, mapping)
    assert [p.name for p in paths] == ["weather_measured.nc", "weather_2019.nc", "weather_2020.nc"]
    assert "dropped: 29 February" in notes or "year: 2019, the nearest to the mean" in notes[-1]
    with xr.open_dataset(paths[2]) as of_2020:
        assert of_2020.attrs["dropped"] == "29 February"
        np.testing.assert_allclose(of_2020["wind_speed"], weather["wind_speed"], atol=1e-9)


def test_gaps_are_filled_or_refused(weather: xr.Dataset, tmp_path: Path) -> None:
    """Three hours are filled between their neighbours and counted; four are refused."""
    lines = epw(known_rows(weather, 30.0)).splitlines()
    path = tmp_path / "station.epw"
    path.write_text("\n".join([*lines[:108], "", *lines[111:]]) + "\n", encoding="utf-8")
    found = year_of(path)
    assert found.attrs["air_temperature_filled_hours"] == 3
    around = weather["air_temperature"].to_numpy()
    filled = np.interp([1, 2, 3], [0, 4], around[[99, 103]])
    np.testing.assert_allclose(found["air_temperature"][100:103], filled, atol=1e-3)
    path.write_text("\n".join([*lines[:108], *lines[112:]]) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError, match="4 hours are missing, 4 in a row from 2019-01-05 04:00:00"
    ):
        year_of(path)


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
    "no dni": (_scaled("dni", 0.0), "weather_closure", False),
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


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")
def test_published_files_agree(tmp_path: Path) -> None:
    """Three formats of one typical year of PVGIS, of which the EPW is wrong by an hour."""
    site = MEISHAN.model_copy(
        update={"latitude": 45.0, "longitude": 8.0, "altitude": 250.0, "timezone": "Europe/Rome"}
    )
    paths = [FILES / f"tmy_45.000_8.000_2005_2023.{end}" for end in ("csv", "json", "epw")]
    first, *others = (year_of(path, site=site) for path in paths)
    for other in others:
        for name in ("ghi", "dni", "dhi", "air_temperature"):
            np.testing.assert_allclose(other[name], first[name], atol=1e-6)
    assert names_of(first) == {"weather_dark_days"}
    assert names_of(others[1]) == {"weather_dark_days", "weather_clock_moved"}
