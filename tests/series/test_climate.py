from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from profile_places import PLACES, ROOT
from pvlib.location import Location

from meishan_model.errors import InputError
from meishan_model.series.climate import Climate, read_climate
from meishan_model.series.solar import clear_sky, stamps_of, sun_position
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.series.weather import load_weather
from meishan_model.series.weather_files import check_climate, write_synthetic_weather
from meishan_model.sheets.park_folder import read_site


def lag_correlation(values: np.ndarray, lag: int = 1) -> float:
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def daily_clearness(weather: xr.Dataset) -> np.ndarray:
    place = Location(weather.latitude, weather.longitude, altitude=weather.altitude)
    sun = sun_position(stamps_of(weather), 8.0, place)
    sky = clear_sky(sun, place).reshape(365, 24).sum(axis=1)
    return weather["ghi"].to_numpy().reshape(365, 24).sum(axis=1) / sky


@pytest.mark.parametrize("park", PLACES)
def test_monthly_climate_is_that_of_the_sheet(
    park: str, climates: dict[str, Climate], weathers: dict[str, xr.Dataset]
) -> None:
    """Irradiation, temperature and wind of every month match the sheet to 1e-9."""
    monthly = weathers[park].groupby("time.month").mean()
    climate = climates[park]
    np.testing.assert_allclose(monthly["ghi"] * 24 / 1000, climate.ghi, rtol=1e-9)
    np.testing.assert_allclose(monthly["air_temperature"], climate.temperature, atol=1e-9)
    np.testing.assert_allclose(monthly["wind_speed"], climate.wind_speed, rtol=1e-9)


@pytest.mark.parametrize("park", PLACES)
def test_irradiance_components_close(park: str, weathers: dict[str, xr.Dataset]) -> None:
    """GHI = DHI + DNI cos(zenith) with the sun at the middle of the hour, and none at night."""
    weather = weathers[park]
    sun = sun_position(stamps_of(weather), 8.0, PLACES[park])
    cosine = np.cos(np.radians(sun["zenith"].to_numpy()))
    total = weather["dhi"] + weather["dni"] * np.clip(cosine, 0.0, None)
    np.testing.assert_allclose(weather["ghi"], total, atol=1e-9)
    assert (weather["ghi"].to_numpy()[cosine < 0.0] == 0.0).all()
    assert float(weather["dni"].max()) < 1000.0


def test_wind_has_the_marginal_of_the_sheet(
    weather: xr.Dataset, climates: dict[str, Climate]
) -> None:
    """Calms are 10 % of the hours, the rest is Weibull with k = 2.05 month by month."""
    speed = weather["wind_speed"].to_numpy()
    assert (speed == 0.0).mean() == pytest.approx(0.10, abs=0.002)
    windy = speed[speed > 0.0]
    # Ratio of moments of a Weibull: std/mean = 0.512 for k = 2.05 (Gamma function by hand).
    assert windy.std() / windy.mean() == pytest.approx(0.512, abs=0.03)


def test_two_runs_are_bit_equal_and_seeds_differ(
    weather: xr.Dataset, climates: dict[str, Climate]
) -> None:
    """The seed alone decides the hours; months stay the same under another seed."""
    again = synthetic_weather(climates["meishan"], PLACES["meishan"])
    xr.testing.assert_identical(weather, again)
    other = dataclasses.replace(climates["meishan"], seed=7)
    different = synthetic_weather(other, PLACES["meishan"])
    for name in ("ghi", "air_temperature", "wind_speed"):
        assert np.corrcoef(weather[name], different[name])[0, 1] < 0.98
    assert float(different["ghi"].sum()) == pytest.approx(float(weather["ghi"].sum()))


@pytest.mark.parametrize("park", PLACES)
def test_committed_weather_is_what_the_sheet_generates(
    park: str, weathers: dict[str, xr.Dataset], tmp_path: Path
) -> None:
    """The file in the repository is synthetic, small and not out of date with its sheet."""
    folder = tmp_path / park
    folder.mkdir()
    source = ROOT / "timeseries" / park / "weather.nc"
    assert source.stat().st_size < 1_000_000
    (folder / "weather.nc").write_bytes(source.read_bytes())
    kept = load_weather(folder, read_site(ROOT / "configs" / park))
    assert kept.attrs["kind"] == "synthetic"
    xr.testing.assert_allclose(kept, weathers[park], rtol=1e-9, atol=1e-9)


def test_persistence_is_realistic(weather: xr.Dataset) -> None:
    """Wind persists from hour to hour, temperature and clearness from day to day."""
    assert 0.80 < lag_correlation(weather["wind_speed"].to_numpy()) < 0.95
    assert 0.25 < lag_correlation(daily_clearness(weather)) < 0.55
    temperature = weather["air_temperature"].to_numpy()
    assert lag_correlation(temperature) > 0.98
    assert np.abs(np.diff(temperature)).max() < 5.0


def test_persistence_is_near_the_measured_year(weather: xr.Dataset, measured: xr.Dataset) -> None:
    """Lag-1 correlations of the synthetic year lie within 0.2 of the measured ones.

    The measured wind is given in whole m/s, which lowers its hour-to-hour correlation; so the
    decay from lag 1 to lag 3 is compared as well, which rounding does not touch.
    """
    ours, theirs = (item["wind_speed"].to_numpy() for item in (weather, measured))
    assert abs(lag_correlation(ours) - lag_correlation(theirs)) < 0.2
    decay = [lag_correlation(item, 3) / lag_correlation(item) for item in (ours, theirs)]
    assert decay[0] == pytest.approx(decay[1], abs=0.1)
    clearness = [lag_correlation(daily_clearness(item)) for item in (weather, measured)]
    assert clearness[0] == pytest.approx(clearness[1], abs=0.2)
    means = [
        pd.Series(item["air_temperature"].to_numpy().reshape(365, 24).mean(axis=1)).diff().std()
        for item in (weather, measured)
    ]
    assert means[0] == pytest.approx(means[1], rel=0.3)


def test_faults_of_a_climate_sheet_are_reported_all_at_once(tmp_path: Path) -> None:
    """Wrong unit, text, doubled and unknown rows: each with its row, in one error."""
    table = pd.read_csv(
        ROOT / "configs/meishan/climate.csv", dtype=str, keep_default_na=False, index_col=False
    )
    table.loc[0, "unit"] = "MJ/m2/d"
    table.loc[13, "value"] = "warm"
    table.loc[25, "month"] = "1"
    table.loc[30, "parameter"] = "gusts"
    table.to_csv(tmp_path / "climate.csv", index=False)
    with pytest.raises(InputError) as caught:
        read_climate(tmp_path / "climate.csv")
    assert {fault.row for fault in caught.value.faults} == {2, 15, 27, 32}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2,wind_speed,", "# ", "no row for wind_speed in month 2"),
        (",seed,", "3,seed,", "seed is given once for the year"),
        ("2,wind_speed,", ",wind_speed,", "wind_speed is given by month"),
        (",reference_year,2019", ",reference_year,2020", "'2020': is a leap year"),
    ],
)
def test_rows_of_a_climate_sheet_that_do_not_fit_are_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A month that is missing or too many, and a year whose sun has one day more."""
    lines = (ROOT / "configs/meishan/climate.csv").read_text(encoding="utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith(old))
    lines[place] = "" if new == "# " else lines[place].replace(old, new, 1)
    (tmp_path / "climate.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_climate(tmp_path / "climate.csv")
    assert said in str(caught.value)


def test_irradiation_beyond_the_clear_sky_is_an_input_error(climates: dict[str, Climate]) -> None:
    """A month brighter than any clear sky cannot be generated, and is not cut silently."""
    bright = dataclasses.replace(climates["meishan"], ghi=(9.0, *climates["meishan"].ghi[1:]))
    with pytest.raises(InputError, match="month 1 "):
        synthetic_weather(bright, PLACES["meishan"])


def test_missing_climate_sheet_is_an_input_error(tmp_path: Path) -> None:
    """A sheet that is not there names its path."""
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        read_climate(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("park", PLACES)
def test_a_climate_that_changes_makes_the_weather_stale(park: str, tmp_path: Path) -> None:
    """The years that ship are of their sheets; another cell is refused until one is made anew."""
    folder, series = tmp_path / park, tmp_path / "timeseries" / park
    folder.mkdir()
    for file in ("park.yaml", "climate.csv"):
        shutil.copy(ROOT / "configs" / park / file, folder)
    path, site = ROOT / "timeseries" / park / "weather.nc", read_site(folder)
    weather = load_weather(path.parent, site)
    assert weather.attrs["climate_sha256"]
    check_climate(weather, folder, path)
    sheet = (folder / "climate.csv").read_text(encoding="utf-8").splitlines()
    place = next(i for i, line in enumerate(sheet) if line.startswith("1,temperature,"))
    cells = sheet[place].split(",")
    sheet[place] = ",".join([*cells[:2], str(float(cells[2]) + 0.5), *cells[3:]])
    (folder / "climate.csv").write_text("\n".join(sheet) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=rf"was made of another climate.*meishan weather --park {park}"
    ):
        check_climate(weather, folder, path)
    (made,), _ = write_synthetic_weather(folder, series)
    check_climate(load_weather(series, site), folder, made)


def test_years_of_other_seeds_stand_beside_the_usual_one(tmp_path: Path) -> None:
    """They are taken by their seed, made anew with the sheet, and kept where measured years go."""
    folder, series = tmp_path / "meishan", tmp_path / "timeseries" / "meishan"
    folder.mkdir()
    for file in ("park.yaml", "climate.csv"):
        shutil.copy(ROOT / "configs/meishan" / file, folder)
    site = read_site(folder)
    (usual,), _ = write_synthetic_weather(folder, series)
    (path,), notes = write_synthetic_weather(folder, series, 3)
    assert path == series / "weather_3.nc"
    assert any("weather_year: 3" in note for note in notes)
    own = site.model_copy(update={"weather_year": 3})
    year = load_weather(series, own)
    assert (year.attrs["kind"], year.attrs["seed"]) == ("synthetic", 3)
    assert np.corrcoef(year["wind_speed"], load_weather(series, site)["wind_speed"])[0, 1] < 0.5
    check_climate(year, folder, path)
    sheet = (folder / "climate.csv").read_text(encoding="utf-8")
    changed = sheet.replace("calm_share,10,", "calm_share,12,")
    (folder / "climate.csv").write_text(changed, encoding="utf-8")
    with pytest.raises(InputError, match="was made of another climate"):
        check_climate(year, folder, path)
    (series / "weather_2015.nc").write_bytes(path.read_bytes())
    paths, _ = write_synthetic_weather(folder, series)
    assert paths == [usual, path]
    assert not (series / "weather_2015.nc").exists()
    check_climate(load_weather(series, own), folder, path)
    with pytest.raises(InputError, match="2019"):
        write_synthetic_weather(folder, series, 2019)
