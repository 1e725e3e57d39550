from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_places import PLACES, ROOT

from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.series.build import build_profiles
from meishan_model.series.solar import (
    mean_of_life,
    pv_capacity_factor,
    stamps_of,
    sun_position,
    with_full_load_hours,
)
from meishan_model.series.wind import (
    calibrate_speed_factor,
    wind_capacity_factor,
    with_diurnal_share,
    with_own_course,
    with_season,
)

PLACE = PLACES["meishan"]
# Turbine, hub height, reference height, shear exponent, array loss of the climate sheet's note.
FARM = ("V100/1800", 100.0, 10.0, 0.14, 0.10)


def test_pv_full_load_hours_of_the_region(weather: xr.Dataset) -> None:
    """22 degrees south, 14 % loss, 96 % inverter gives 1000 to 1150 h, as fleet and station do."""
    factor = pv_capacity_factor(weather, PLACE, 22.0, 180.0, 0.14, 0.96, -0.0035, 0.2)
    assert 1000.0 < float(factor.sum()) < 1150.0
    assert float(factor.max()) < 1.0


def test_no_pv_at_night(weather: xr.Dataset) -> None:
    """Output is exactly zero whenever the sun is below the horizon at the middle of the hour."""
    factor = pv_capacity_factor(weather, PLACE, 22.0, 180.0, 0.14, 0.96, -0.0035, 0.2)
    elevation = sun_position(stamps_of(weather), 8.0, PLACE)["elevation"].to_numpy()
    assert (factor[elevation <= 0.0] == 0.0).all()
    assert (factor[elevation > 20.0] > 0.0).all()


def test_pv_leans_towards_the_side_it_faces(weather: xr.Dataset) -> None:
    """East-facing modules have their centre of energy before noon, west-facing ones after it."""
    hour = np.arange(8760) % 24 + 0.5
    centres = [
        float((factor * hour).sum() / factor.sum())
        for azimuth in (90.0, 180.0, 270.0)
        if (factor := pv_capacity_factor(weather, PLACE, 40.0, azimuth, 0.14, 0.96, -0.0035, 0.2))
        is not None
    ]
    assert centres[0] < centres[1] < centres[2]
    # Solar noon at 121.9 E in UTC+8 is 11:52 in the mean of the year.
    assert centres[1] == pytest.approx(11.87, abs=0.25)


def test_pv_has_the_full_load_hours_of_its_fleet(weather: xr.Dataset) -> None:
    """Scaled to 1015 h exactly, every hour alike; what exceeds the capacity is refused."""
    factor = pv_capacity_factor(weather, PLACE, 22.0, 180.0, 0.14, 0.96, -0.0035, 0.2)
    scaled = with_full_load_hours(factor, 1015.0)
    assert float(scaled.sum()) == pytest.approx(1015.0, rel=1e-12)
    np.testing.assert_allclose(scaled / 1015.0, factor / factor.sum())
    with pytest.raises(ValueError, match="of the capacity"):
        with_full_load_hours(factor, 2000.0)


@given(degradation=st.floats(0.0, 0.03), lifetime=st.integers(1, 40))
def test_a_mean_of_a_life_is_that_of_its_years(degradation: float, lifetime: int) -> None:
    """Years 0, 1, 2 ... lose 0, d, 2 d ... of the first."""
    by_year = [1.0 - degradation * year for year in range(lifetime)]
    assert mean_of_life(degradation, lifetime) == pytest.approx(np.mean(by_year))


def test_pv_of_the_park_yields_its_fleet_over_its_life() -> None:
    """The hours of the first year, 94 % of them in the mean of 25 years at 0.5 %/a."""
    project = open_project("balanced", ROOT)
    inputs = project.slices[2035]
    output = build_profiles(inputs, project.park, project.weather_folder).capacity_factor
    roofs = {"pv_rooftop": 1015.0, "pv_rooftop_weak": 930.0, "pv_rooftop_homes": 965.0}
    for technology, hours in (roofs | {"pv_ground": 1103.0}).items():
        assert float(output[technology].sum()) == pytest.approx(hours * 0.94, abs=0.01)


def test_percent_instead_of_fraction_is_refused(weather: xr.Dataset) -> None:
    """14 for 14 % does not pass as a loss of 1400 %."""
    with pytest.raises(ValueError, match="fraction"):
        pv_capacity_factor(weather, PLACE, 22.0, 180.0, 14.0, 0.96, -0.0035, 0.2)
    with pytest.raises(ValueError, match="fraction"):
        wind_capacity_factor(weather, *FARM[:4], 10.0, 1.3)


@pytest.mark.parametrize("hours", [2281.0, 2444.0])
def test_wind_farms_reach_their_published_hours(weather: xr.Dataset, hours: float) -> None:
    """The two farms need factors of 1.27 to 1.32 and then give 2281 and 2444 h to 0.01 h."""
    factor = calibrate_speed_factor(weather, *FARM, hours)
    assert 1.27 <= factor <= 1.325
    assert float(wind_capacity_factor(weather, *FARM, factor).sum()) == pytest.approx(
        hours, abs=0.01
    )


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_daily_cycle_at_hub_height(weather: xr.Dataset, share: float) -> None:
    """What is left of the cycle is its share; the year keeps its mean, and an hour its days."""
    speed = with_diurnal_share(weather, share)["wind_speed"]
    before = weather["wind_speed"].groupby("time.hour").mean()
    after = speed.groupby("time.hour").mean()
    mean = float(before.mean())
    np.testing.assert_allclose(after - mean, share * (before - mean), atol=1e-12)
    assert float(speed.mean()) == pytest.approx(float(weather["wind_speed"].mean()))
    then, now = weather["wind_speed"].to_numpy()[13::24], speed.to_numpy()[13::24]
    windy = then > 0.0
    assert (now[~windy] == 0.0).all()
    np.testing.assert_allclose(now[windy] / then[windy], now[windy][0] / then[windy][0])


def test_wind_power_solved_by_hand(weather: xr.Dataset) -> None:
    """8 m/s at 10 m are 8 x 10^0.14 = 11.04 m/s at 100 m: the interpolated V100/1800 curve."""
    steady = weather.assign(wind_speed=xr.full_like(weather["wind_speed"], 8.0))
    factor = wind_capacity_factor(steady, "V100/1800", 100.0, 10.0, 0.14, 0.0, 1.0)
    at_hub = wind_capacity_factor(steady, "V100/1800", 100.0, 100.0, 0.14, 0.0, 10.0**0.14)
    np.testing.assert_allclose(factor, at_hub, rtol=1e-12)
    assert 0.9 < float(factor[0]) <= 1.0
    lost = wind_capacity_factor(steady, "V100/1800", 100.0, 10.0, 0.14, 0.25, 1.0)
    np.testing.assert_allclose(lost, 0.75 * factor, rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(speed=st.floats(0.0, 60.0), turbine=st.sampled_from(["V100/1800", "GE100/2500"]))
def test_capacity_factor_stays_between_zero_and_one(
    speed: float, turbine: str, weather: xr.Dataset
) -> None:
    """No speed, however wild, gives output below zero or above the nominal power."""
    steady = weather.assign(wind_speed=xr.full_like(weather["wind_speed"], speed))
    factor = wind_capacity_factor(steady, turbine, 80.0, 10.0, 0.14, 0.0, 1.0)
    assert 0.0 <= float(factor.min()) <= float(factor.max()) <= 1.0 + 1e-9


def test_unknown_turbine_and_unreachable_hours(weather: xr.Dataset) -> None:
    """A misspelt turbine names close matches; hours no factor reaches are an error."""
    with pytest.raises(InputError, match="V100/1800"):
        wind_capacity_factor(weather, "V100-1800", 100.0, 10.0, 0.14, 0.0, 1.0)
    with pytest.raises(ValueError, match="out of reach"):
        calibrate_speed_factor(weather, *FARM, 8000.0)


@pytest.mark.parametrize("correlation", [0.5, 0.8, 0.95])
def test_a_site_has_a_course_of_its_own_of_the_same_speeds(
    weather: xr.Dataset, correlation: float
) -> None:
    """Every month keeps its speeds, hours correlate as given, and calms stay as persistent.

    Of 8760 hours with a persistence of 0.9 some 460 are independent, so that a correlation of
    0.5 is known to 0.035, and 0.1 are three of these.
    """
    site = with_own_course(weather, correlation, 1)
    months = weather["time"].dt.month.to_numpy()
    ours, theirs = weather["wind_speed"].to_numpy(), site["wind_speed"].to_numpy()
    for month in range(1, 13):
        mine = months == month
        np.testing.assert_array_equal(np.sort(ours[mine]), np.sort(theirs[mine]))
    assert np.corrcoef(ours, theirs)[0, 1] == pytest.approx(correlation, abs=0.1)
    lags = [np.corrcoef(speed[1:], speed[:-1])[0, 1] for speed in (ours, theirs)]
    assert lags[1] == pytest.approx(lags[0], abs=0.05)


def test_one_site_has_one_wind_and_two_sites_have_two(weather: xr.Dataset) -> None:
    """Number of the site and seed of the weather decide; at 1 it is the wind of the weather."""
    here, again, there = (with_own_course(weather, 0.8, site) for site in (1, 1, 2))
    xr.testing.assert_identical(here, again)
    other = with_own_course(weather.assign_attrs(seed=1), 0.8, 1)
    for different in (there, other):
        assert np.corrcoef(here["wind_speed"], different["wind_speed"])[0, 1] < 0.75
    same = with_own_course(weather, 1.0, 1)["wind_speed"]
    np.testing.assert_array_equal(np.sort(same), np.sort(weather["wind_speed"]))
    assert np.corrcoef(same, weather["wind_speed"])[0, 1] > 0.999


def test_season_of_a_site_by_hand(weather: xr.Dataset) -> None:
    """Steady wind of 8 m/s gets a cosine of a tenth about 8; a share of 0 levels the months."""
    steady = weather.assign(wind_speed=xr.full_like(weather["wind_speed"], 8.0))
    speed = with_season(steady, 1.0, 0.1)["wind_speed"].to_numpy().reshape(365, 24)
    assert speed[14] == pytest.approx(8.8, rel=1e-3)
    assert speed[197] == pytest.approx(7.2, rel=1e-3)
    assert speed.mean() == pytest.approx(8.0)
    level = with_season(weather, 0.0, 0.0)["wind_speed"]
    np.testing.assert_allclose(level.groupby("time.month").mean(), float(level.mean()))
    kept = with_season(weather, 1.0, 0.0)["wind_speed"]
    np.testing.assert_allclose(kept, weather["wind_speed"])


def test_wind_farms_of_the_park_have_their_hours_and_series() -> None:
    """Each has its published hours; offshore is less like the park's farms than they are alike.

    Winter is windier than May to August.
    """
    project = open_project("balanced", ROOT)
    inputs = project.slices[2035]
    output = build_profiles(inputs, project.park, project.weather_folder).capacity_factor
    farms = [t for t in inputs.renewables if t.kind.resource == "wind"]
    hours = {f.technology: f.parameters["full_load_hours"] for f in farms}
    assert {name: float(output[name].sum()) for name in hours} == pytest.approx(hours, abs=0.01)
    at_sea = output["wind_offshore"]
    for name in hours.keys() - {"wind_offshore"}:
        assert 0.7 < np.corrcoef(output[name], at_sea)[0, 1] < 0.85, name
        assert np.corrcoef(output[name], output["wind_onshore"])[0, 1] > 0.85, name
    winter = np.r_[0:59, 334:365]
    for daily in (output[name].reshape(365, 24).mean(axis=1) for name in hours):
        assert daily[winter].mean() > 1.1 * daily[120:243].mean()
