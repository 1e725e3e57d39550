"""Weather files of every format: the same known year is read out of each of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from profile_places import ROOT
from weather_reading import MEISHAN, assert_known, names_of, year_of
from weather_writers import (
    PLACE,
    TEXTS,
    epw,
    era5,
    known_rows,
    ninja,
    plain,
)

from meishan_model.errors import InputError
from meishan_model.series.solar import clear_sky, sun_position
from meishan_model.series.weather import save_weather
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_import import import_weather

FILES = Path(os.environ.get("MEISHAN_SHARED_DATA", ROOT.parent / "shared" / "data")) / "weather"


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


def _saved(path: Path, spoil: Callable[[xr.Dataset], xr.Dataset]) -> Path:
    with xr.open_dataset(path) as opened:
        changed = spoil(opened.load())
    changed.to_netcdf(path.with_name("spoilt.nc"))
    return path.with_name("spoilt.nc")


def _as_land(ds: xr.Dataset) -> xr.Dataset:
    """Sums that grow from 01 to 00 UTC, no direct irradiance, and the nearest cell at sea."""
    day = (ds["time"] - np.timedelta64(1, "h")).dt.floor("D")
    grown = ds["ssrd"].groupby(day.rename("day")).cumsum()
    land = ds.drop_vars("fdir").assign(ssrd=grown)
    near = land.isel(latitude=[1], longitude=[0])
    at_sea, near = near * np.nan, near.assign_coords(latitude=near["latitude"] + 0.001)
    return xr.concat([at_sea, near], "latitude").rename(time="valid_time").astype("float32")


def test_era5_land_is_differenced(weather: xr.Dataset, tmp_path: Path) -> None:
    """Sums of the day are those of their hours, in the nearest cell that is no sea."""
    path, table = tmp_path / "era5.nc", known_rows(weather, -30.0, 0.0)
    era5(table, path)
    hourly = year_of(_saved(path, lambda ds: ds.drop_vars("fdir")))
    found = year_of(_saved(path, _as_land))
    for name in ("ghi", "dhi", "air_temperature", "wind_speed"):
        # The first hour has no sum before it, and is filled.
        apart = np.abs(found[name] - hourly[name])
        assert float(np.sort(apart)[-4]) < 0.1, name
    assert found.attrs["latitude"] == pytest.approx(PLACE.latitude + 0.001, abs=1e-6)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ds: ds.expand_dims(number=[0]),
        lambda ds: ds.isel(latitude=[1], longitude=[0]).rename(latitude="lat", longitude="lon"),
        lambda ds: ds.isel(latitude=1, longitude=0).expand_dims(expver=["0001"]),
    ],
)
def test_era5_of_single_members_and_cells(
    weather: xr.Dataset, tmp_path: Path, spoil: Callable[[xr.Dataset], xr.Dataset]
) -> None:
    """Dimensions of one are none; of several members one is to be selected."""
    path = tmp_path / "era5.nc"
    era5(known_rows(weather, -30.0, 0.0), path)
    assert_known(year_of(_saved(path, spoil)), weather)
    several = _saved(path, lambda ds: xr.concat([ds.isel(time=slice(48))] * 3, "number"))
    with pytest.raises(InputError, match=r"number of 3.*select one member.*isel\(number=0\)"):
        year_of(several)


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
    assert "Dropped: 29 February" in notes or "Year: 2019, the nearest to the mean" in notes[-1]
    raw = [n for n in notes if re.search(r"_|[.]\d{4}", n) and not n.startswith("Strange")]
    assert raw == []
    with (park / "park.yaml").open("a", encoding="utf-8") as sheet:
        sheet.write("weather_year: 2020\n")
    named, notes = import_weather([path], park, series, mapping)
    assert (named[0], {*named}) == (paths[2], {*paths}), "the year that the park names is used"
    assert notes[-1] == "Year: 2020, as park.yaml names it"
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


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")
@pytest.mark.parametrize("file", sorted(path.name for path in FILES.glob("CHN_*.epw")))
def test_published_files_are_read_at_their_own_place(file: str, tmp_path: Path) -> None:
    """No rounding refuses a file, wherever near its station the park lies."""
    head = (FILES / file).read_text(encoding="latin-1").split("\n", 1)[0].split(",")
    for off in (0.0, 0.02, -0.05):
        place = {"latitude": float(head[6]) + off, "longitude": float(head[7]) - off}
        found = year_of(FILES / file, site=MEISHAN.model_copy(update=place))
        save_weather(found, tmp_path / "weather.nc")
