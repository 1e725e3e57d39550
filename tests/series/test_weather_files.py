from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pvlib
import pytest
import xarray as xr
from profile_places import PLACES, ROOT
from pvlib.location import Location
from weather_writers import epw, known_rows

from meishan_model.errors import InputError
from meishan_model.series.solar import pv_capacity_factor, stamps_of, sun_position
from meishan_model.series.weather import check_place, load_weather, save_weather
from meishan_model.series.weather_checks import stored_findings
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_import import measured_years
from meishan_model.series.wind import calibrate_speed_factor
from meishan_model.sheets.park_folder import read_site

MEISHAN = read_site(ROOT / "configs" / "meishan")


def write_epw(path: Path, weather: xr.Dataset, row_minutes: int = 30) -> list[str]:
    """Write an EPW file of clear days whose rows stand for the given minute of their hour."""
    text = epw(known_rows(weather, row_minutes))
    path.write_text(text, encoding="utf-8")
    return text.splitlines()


def read_epw(path: Path) -> xr.Dataset:
    """The year of a file, as a weather dataset of Meishan."""
    return measured_years(
        [(str(path), read_weather_file(path, (MEISHAN.latitude, MEISHAN.longitude)))], MEISHAN
    )[2019]


def test_weather_survives_saving_and_loading(weather: xr.Dataset, tmp_path: Path) -> None:
    """Values, stamps and attributes come back bit for bit, and no temporary file stays."""
    save_weather(weather, tmp_path / "park" / "weather.nc")
    again = load_weather(tmp_path / "park", MEISHAN)
    for name in weather.data_vars:
        np.testing.assert_array_equal(again[name], weather[name])
    assert (stamps_of(again) == stamps_of(weather)).all()
    assert again.attrs["seed"] == weather.attrs["seed"]
    assert [path.name for path in (tmp_path / "park").iterdir()] == ["weather.nc"]


def test_measured_weather_is_preferred(
    weather: xr.Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With both files present the measured one is taken, and the log says so."""
    save_weather(weather, tmp_path / "weather.nc")
    save_weather(weather.assign_attrs(kind="measured"), tmp_path / "weather_measured.nc")
    with caplog.at_level(logging.INFO):
        assert load_weather(tmp_path, MEISHAN).attrs["kind"] == "measured"
    assert "weather_measured.nc" in caplog.text


def test_a_park_may_name_one_of_its_years(weather: xr.Dataset, tmp_path: Path) -> None:
    """The year of park.yaml is taken, and one that is not there is refused with those that are."""
    for year in (2012, 2015):
        save_weather(weather.assign_attrs(source=str(year)), tmp_path / f"weather_{year}.nc")
    save_weather(weather, tmp_path / "weather_measured.nc")
    named = MEISHAN.model_copy(update={"weather_year": 2012})
    assert load_weather(tmp_path, named).attrs["source"] == "2012"
    assert load_weather(tmp_path, MEISHAN).attrs["source"] == weather.attrs["source"]
    with pytest.raises(InputError, match=r"weather_2013\.nc.*'2013'.*there are: 2012, 2015;"):
        load_weather(tmp_path, MEISHAN.model_copy(update={"weather_year": 2013}))


def test_incomplete_weather_is_refused(weather: xr.Dataset, tmp_path: Path) -> None:
    """Gaps, absent variables, short years and absent files are input errors."""
    gap = weather.copy(deep=True)
    gap["ghi"][12] = np.nan
    with pytest.raises(InputError, match="ghi"):
        save_weather(gap.drop_vars("dni"), tmp_path / "weather.nc")
    with pytest.raises(InputError, match="8760"):
        save_weather(weather.isel(time=slice(100)), tmp_path / "weather.nc")
    with pytest.raises(InputError, match="no weather file"):
        load_weather(tmp_path, MEISHAN)
    with pytest.raises(InputError, match=rf"meishan weather --park {tmp_path.name}$"):
        load_weather(tmp_path, MEISHAN)
    (tmp_path / "weather.nc").write_text("this is not NetCDF")
    with pytest.raises(InputError, match="cannot be read"):
        load_weather(tmp_path, MEISHAN)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda ds: ds.isel(time=slice(None, None, -1)), "is not hour 0 of the year"),
        (lambda ds: ds.assign_coords(time=ds.time + np.timedelta64(8, "h")), "not hour 0 of the"),
        (lambda ds: ds.assign_coords(time=np.arange(8760)), "holds no stamps"),
        (lambda ds: xr.concat([ds, ds.isel(time=slice(24))], "time"), "'8784': a weather"),
        (lambda ds: ds.isel(time=slice(1, None)), "'8759': a weather year has 8760 hours"),
        (lambda ds: ds.assign(ghi=ds.ghi.assign_attrs(units="kW m-2")), "'kW m-2': wrong unit"),
        (lambda ds: ds.assign(dhi=ds.dhi * 1000.0), "missing or impossible values, first in hour"),
        (lambda ds: ds.assign(wind_speed=-ds.wind_speed), "allowed: 0 to 60 m s-1"),
    ],
)
def test_a_weather_year_of_another_form_is_refused(
    weather: xr.Dataset, tmp_path: Path, spoil: Callable[[xr.Dataset], xr.Dataset], said: str
) -> None:
    """Reversed, shifted, unstamped, too long, too short, other units, impossible values."""
    with xr.set_options(keep_attrs=True), pytest.raises(InputError) as caught:
        save_weather(spoil(weather), tmp_path / "weather.nc")
    assert any(said in str(fault) for fault in caught.value.faults), caught.value
    assert all(fault.remedy for fault in caught.value.faults)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("hours", [-8, -2, 2, 8])
def test_a_year_of_another_time_zone_is_refused(weather: xr.Dataset, hours: int) -> None:
    """Series rolled by whole hours have the same totals; only the sun's noon tells."""
    check_place(weather, MEISHAN, "weather.nc")
    with pytest.raises(InputError, match=rf"sunshine lies \{hours:+d}\.\d h from the sun's noon"):
        check_place(weather.roll(time=hours), MEISHAN, "weather.nc")
    elsewhere = weather.assign_attrs(utc_offset_hours=8.0 + hours)
    with pytest.raises(InputError, match="is not the clock of meishan"):
        check_place(elsewhere, MEISHAN, "weather.nc")


@pytest.mark.slow
@pytest.mark.parametrize("row_minutes", [-30, 0, 30])
def test_time_of_the_rows_is_found(weather: xr.Dataset, tmp_path: Path, row_minutes: int) -> None:
    """Rows of any of the three conventions land on the same hours, with the total kept.

    The tolerance of 40 W/m2 is met in the hour of sunset, whose interpolated mean is not the
    irradiance at its middle.
    """
    path = tmp_path / "station.epw"
    write_epw(path, weather, row_minutes)
    read = read_epw(path)
    assert read.attrs["row_time_minutes"] == row_minutes
    assert read.attrs["shift_minutes"] == 30 - row_minutes
    told = {finding.name for finding in stored_findings(read)}
    assert ("weather_row_time_differs" in told) == (row_minutes != 30)
    assert read.attrs["ghi_clipped_hours"] == 0
    sun = sun_position(stamps_of(weather), 8.0, PLACES["meishan"])
    cosine = np.clip(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0, None)
    np.testing.assert_allclose(read["ghi"], 800.0 * cosine**1.1, atol=40.0)
    assert np.corrcoef(read["ghi"], cosine**1.1)[0, 1] > 0.9995
    raw = pvlib.iotools.read_epw(path)[0]["ghi"].sum() / 1000.0
    accounted = float(read["ghi"].sum()) / 1000.0 + read.attrs["below_horizon_kwh_m2"]
    assert accounted == pytest.approx(raw, rel=1e-9)


def test_impossible_irradiance_is_cut_and_counted(weather: xr.Dataset, tmp_path: Path) -> None:
    """One noon of 1900 W/m2 is cut to the clear sky, and the count and the energy say so."""
    path = tmp_path / "station.epw"
    lines = write_epw(path, weather)
    row = 8 + 180 * 24 + 12
    cells = lines[row].split(",")
    cells[13] = "1900"
    lines[row] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = read_epw(path)
    assert read.attrs["ghi_clipped_hours"] == 1
    kept = float(read["ghi"][180 * 24 + 12])
    assert 900.0 < kept < 1250.0
    assert read.attrs["ghi_clipped_kwh_m2"] == pytest.approx((1900.0 - kept) / 1000.0)


def test_bad_files_are_refused_with_row_and_value(weather: xr.Dataset, tmp_path: Path) -> None:
    """Impossible values, rows cut short, hours that stand twice and no weather at all."""
    path = tmp_path / "station.epw"
    lines = write_epw(path, weather)
    good = lines[108].split(",")
    bad = [*good[:6], "95", *good[7:13], "-150", *good[14:]]
    path.write_text("\n".join([*lines[:108], ",".join(bad), *lines[109:]]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_epw(path)
    found = {(fault.column, fault.value) for fault in caught.value.faults}
    assert found == {("air_temperature", "95"), ("ghi", "-150")}
    assert all(fault.file == str(path) for fault in caught.value.faults)
    for rows, said in (
        ([*lines[:50], lines[50][:30], *lines[51:]], "row 51: has 10 cells"),
        ([*lines, *lines[8:32]], "row 8769, column time, '2019-01-01 00:00:00': 24 stamps stand"),
        (lines[:8], "holds no rows|not readable"),
        (["hello"], "is no weather file of a known format"),
    ):
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        with pytest.raises(InputError, match=said):
            read_epw(path)
    with pytest.raises(InputError, match=r"nowhere\.epw: there is no such file"):
        read_epw(tmp_path / "nowhere.epw")


def test_real_year_through_the_whole_chain(measured: xr.Dataset, tmp_path: Path) -> None:
    """A measured typical year: rows of instants found, GHI cut, PV and wind in their ranges."""
    assert measured.attrs["row_time_minutes"] == 0
    assert measured.attrs["ghi_clipped_hours"] > 0
    accounted = (
        float(measured["ghi"].sum()) / 1000.0
        + measured.attrs["ghi_clipped_kwh_m2"]
        + measured.attrs["below_horizon_kwh_m2"]
    )
    assert accounted == pytest.approx(1342.7, abs=0.1)
    assert float(measured["ghi"].max()) < 1150.0
    place = Location(measured.latitude, measured.longitude, altitude=measured.altitude)
    sun = sun_position(stamps_of(measured), 8.0, place)
    cosine = np.clip(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0, None)
    np.testing.assert_allclose(
        measured["ghi"], measured["dhi"] + measured["dni"] * cosine, atol=1e-9
    )
    save_weather(measured, tmp_path / "weather_measured.nc")
    kept = load_weather(tmp_path, MEISHAN)
    hours = float(pv_capacity_factor(kept, place, 22.0, 180.0, 0.14, 0.96, -0.0035, 0.2).sum())
    assert 1000.0 < hours < 1150.0
    factor = calibrate_speed_factor(kept, "VS112/2500", 100.0, 10.0, 0.14, 0.0, 2281.0)
    assert 1.25 < factor < 1.35
