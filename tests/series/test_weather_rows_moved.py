"""Rows that stand for another time than anyone says, hours that miss, codes for no value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from weather_reading import assert_known, names_of, year_of
from weather_writers import TEXTS, clear_days, epw, era5, known_rows, plain

from meishan_model.errors import InputError
from meishan_model.series.solar import stamps_of
from meishan_model.series.weather import save_weather
from meishan_model.series.weather_checks import stored_findings
from meishan_model.series.weather_hours import IRRADIANCE

HOUR = pd.Timedelta(hours=1)
AIR = ("air_temperature", "wind_speed")


def _told(found: xr.Dataset) -> str:
    return " ".join(map(str, stored_findings(found)))


def _with(mapping: Path, line: str) -> Path:
    mapping.write_text(mapping.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    return mapping


def test_stamps_that_end_their_hours_unsaid(weather: xr.Dataset, tmp_path: Path) -> None:
    """The sun moves the whole row, and what it found is what the mapping can say."""
    table = known_rows(weather, 30.0)
    path, mapping = plain(tmp_path, table.set_axis(table.index + HOUR))
    found = year_of(path, mapping=mapping)
    assert_known(found, weather)
    assert names_of(found) == {"weather_stamps_unsaid"}
    assert "60 min late" in _told(found)
    assert "say stamps: end in the mapping" in _told(found)
    said = year_of(path, mapping=_with(mapping, "stamps: end"))
    assert not names_of(said)
    for name in said:
        np.testing.assert_allclose(found[name], said[name], atol=1e-9)


def test_instants_unsaid(weather: xr.Dataset, tmp_path: Path) -> None:
    """Half an hour: temperature between two instants, of the wind the energy of both."""
    path, mapping = plain(tmp_path, known_rows(weather, 0.0))
    found = year_of(path, mapping=mapping)
    assert "30 min late" in _told(found)
    assert "say stamps: instant in the mapping" in _told(found)
    temperature = weather["air_temperature"].to_numpy()
    between = (temperature + np.roll(temperature, -1)) / 2.0
    np.testing.assert_allclose(found["air_temperature"], between, atol=2e-3)
    energy = float((weather["wind_speed"] ** 3).mean())
    assert float((found["wind_speed"] ** 3).mean()) == pytest.approx(energy, rel=1e-9)
    said = year_of(path, mapping=_with(mapping, "stamps: instant"))
    assert not names_of(said)
    for name in said:
        np.testing.assert_allclose(found[name], said[name], atol=1e-9)


def test_half_hours_that_end_at_their_stamps_unsaid(weather: xr.Dataset, tmp_path: Path) -> None:
    """What the sun finds of them is the end of half an hour, and no instant."""
    halves = pd.date_range("2019-01-01", "2019-12-31 23:30", freq="30min")
    table = known_rows(weather, 30.0).reindex(halves, method="ffill")
    table = table.assign(**clear_days(halves, 15.0))
    # The mapping has the diffuse irradiance as an energy of each row.
    table["dhi"] /= 2.0
    path, mapping = plain(tmp_path, table.set_axis(halves + HOUR / 2))
    assert "30 min late" in _told(found := year_of(path, mapping=mapping))
    assert "say stamps: end in the mapping" in _told(found)
    said = year_of(path, mapping=_with(mapping, "stamps: end"))
    assert not names_of(said)
    assert_known(said, weather)


@pytest.mark.parametrize("seed", range(3))
def test_clouds_move_no_row(weather: xr.Dataset, tmp_path: Path, seed: int) -> None:
    """Years of clouds whose stamps begin their hours, which nobody says: as they stand.

    Of the first the afternoons of winter, of the second those of summer lose a fifth.
    """
    table = weather.to_dataframe().set_axis(stamps_of(weather))
    hours = (table.index.hour >= 12) & table.index.month.isin([[1, 2, 12], [6, 7, 8], []][seed])
    clear = np.random.default_rng(seed).beta(4.0, 1.0, 8760) * np.where(hours, 0.8, 1.0)
    ghi = table["ghi"].to_numpy() * clear
    path, mapping = plain(tmp_path, table.assign(ghi=ghi, dhi=table["dhi"] * clear))
    found = year_of(path, mapping=mapping)
    assert names_of(found) <= {"weather_dark_days"}
    for name in AIR:
        np.testing.assert_allclose(found[name], weather[name], atol=2e-3)
    assert float(np.abs(found["ghi"] - ghi).mean()) < 0.1


def test_an_epw_of_the_hour_before_moves_all_series(weather: xr.Dataset, tmp_path: Path) -> None:
    """Rows of UTC+9, or of the hour before, under a head of UTC+8."""
    path, table = tmp_path / "station.epw", known_rows(weather, 30.0)
    path.write_text(epw(table.set_axis(np.roll(table.index, -1)).sort_index()), encoding="utf-8")
    found = year_of(path)
    assert_known(found, weather)
    assert names_of(found) == {"weather_row_time_differs"}
    assert "60 min late" in _told(found)
    assert "UTC+9" in _told(found)


def test_another_offset_than_the_rows_have(weather: xr.Dataset, tmp_path: Path) -> None:
    """Ningbo in UTC+7 by the mapping, in UTC+8 by its rows: moved, and the offset is named."""
    path, mapping = plain(tmp_path, known_rows(weather, 30.0))
    rules = mapping.read_text(encoding="utf-8").replace("utc_offset: 8", "utc_offset: 7")
    mapping.write_text(rules + "stamps: start\n", encoding="utf-8")
    found = year_of(path, mapping=mapping)
    for name in AIR:
        np.testing.assert_allclose(found[name], weather[name], atol=2e-3)
    assert names_of(found) == {"weather_row_time_differs"}
    assert "those of UTC+8" in _told(found)


@pytest.mark.parametrize("form", ["open_meteo_csv", "era5"])
def test_irradiance_alone_at_another_end_of_the_hour_is_refused(
    weather: xr.Dataset, tmp_path: Path, form: str
) -> None:
    """Where irradiance has a time of its own, nobody knows whether temperature moves with it."""
    path, table = tmp_path / "station.nc", known_rows(weather, 30.0, 0.0)
    if form == "era5":
        era5(table, path)
    else:
        path.write_text(TEXTS[form][2](table), encoding="utf-8")
    with pytest.raises(InputError, match=r"60 min early .*nobody knows; .*UTC-1, .*says stamps"):
        year_of(path)


def test_nights_without_irradiance_are_dark(weather: xr.Dataset, tmp_path: Path) -> None:
    """A pyranometer that sleeps at night: no irradiance is known there, and counted."""
    table = known_rows(weather, 30.0)
    asleep = (table["ghi"] == 0.0).to_numpy()
    path = tmp_path / "station.epw"
    dark = table.assign(**{name: table[name].mask(asleep, 9999.0) for name in IRRADIANCE})
    path.write_text(epw(dark), encoding="utf-8")
    found = year_of(path)
    assert_known(found, weather)
    assert found.attrs["ghi_none_at_night_hours"] == pytest.approx(asleep.sum(), abs=40)


def test_nights_without_rows_are_refused(weather: xr.Dataset, tmp_path: Path) -> None:
    """A logger that sleeps at night; another file has temperature and wind of the whole year."""
    table = known_rows(weather, 30.0)
    path, mapping = plain(tmp_path, table[(table["ghi"] > 0.0).to_numpy()])
    hours = ", ".join(map(str, [*range(6), *range(18, 24)]))
    with pytest.raises(InputError, match=f"most days those from {hours} h on; .*NASA POWER"):
        year_of(path, mapping=mapping)
    short = table[((table["ghi"] > 0.0) | (table.index.month > 1)).to_numpy()]
    path, mapping = plain(tmp_path, short)
    with pytest.raises(InputError) as caught:
        year_of(path, mapping=mapping)
    assert {fault.column for fault in caught.value.faults} == {*AIR}
    power = tmp_path / "power.csv"
    other = known_rows(weather, 30.0, 0.0)[[*AIR]]
    power.write_text(TEXTS["nasa_csv"][2](other), encoding="utf-8")
    assert_known(year_of(path, power, mapping=mapping), weather)


@pytest.mark.parametrize("hours", ["all", "of the day"])
@pytest.mark.parametrize("names", [["ghi", "dni", "dhi"], ["ghi"], ["dni"]])
def test_irradiance_of_codes_is_refused(
    weather: xr.Dataset, tmp_path: Path, hours: str, names: list[str]
) -> None:
    """999 for no value, throughout or by day alone, in any column that is read."""
    path, table = tmp_path / "station.epw", known_rows(weather, 30.0)
    table.loc[(table["ghi"] > 0.0) | (hours == "all"), names] = 999.0
    path.write_text(epw(table), encoding="utf-8")
    with pytest.raises(InputError, match=r"weather_sensor_stuck: .* is 999 .*code for a missing"):
        year_of(path)
    table[names] = 9999.0
    path.write_text(epw(table), encoding="utf-8")
    if len(names) == 1:
        assert_known(year_of(path), weather)
        return
    with pytest.raises(InputError, match=r"has no global .*give another file"):
        year_of(path)


def test_a_year_of_an_older_version_is_read(weather: xr.Dataset, tmp_path: Path) -> None:
    """Findings that were kept as text are told as one, with the way to have them anew."""
    old = "weather_clipped: 4.0% of the irradiation is above the clear sky and was cut; see unit"
    save_weather(weather.assign_attrs(findings=old), tmp_path / "weather_measured.nc")
    with xr.open_dataset(tmp_path / "weather_measured.nc") as read:
        (finding,) = stored_findings(read)
    assert (finding.name, finding.is_error) == ("weather_file_old", False)
    assert old in finding.message
    assert "meishan weather FILE" in finding.remedy
