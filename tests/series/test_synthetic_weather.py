"""Spread, spells and correlations of synthetic years, over several seeds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import xarray as xr
from profile_places import PLACES

from meishan_model.errors import InputError
from meishan_model.series.climate import Climate
from meishan_model.series.solar import clear_sky, stamps_of, sun_position
from meishan_model.series.synthetic_weather import synthetic_weather

SEEDS = range(1, 25)
MONTHS = np.repeat(np.arange(12), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""Month of each day, from 0."""


@pytest.fixture(scope="module")
def years(climates: dict[str, Climate]) -> list[xr.Dataset]:
    """Years of two dozen seeds."""
    climate = climates["meishan"]
    given = (dataclasses.replace(climate, seed=seed) for seed in SEEDS)
    return [synthetic_weather(of_seed, PLACES["meishan"]) for of_seed in given]


def daily(series: xr.DataArray) -> np.ndarray:
    """Means of the days, ``(365,)``."""
    return np.asarray(series.to_numpy().reshape(365, 24).mean(axis=1))


def departures(series: xr.DataArray) -> np.ndarray:
    """Daily means less those of their month, ``(365,)``."""
    days = daily(series)
    return np.asarray(days - (np.bincount(MONTHS, days) / np.bincount(MONTHS))[MONTHS])


def following(values: np.ndarray) -> float:
    """Correlation of each value with the next one."""
    return float(np.corrcoef(values[1:], values[:-1])[0, 1])


def longest(flags: np.ndarray) -> int:
    """Length of the longest run."""
    ends = np.flatnonzero(np.diff(np.r_[0, flags.astype(int), 0]))
    return int((ends[1::2] - ends[::2]).max(initial=0))


@pytest.mark.parametrize("park", PLACES)
def test_daily_irradiation_spreads_as_the_sheet_says(
    park: str, climates: dict[str, Climate], weathers: dict[str, xr.Dataset]
) -> None:
    """The standard deviation of the daily totals of every month is the sheet's, to 1e-9."""
    totals = daily(weathers[park]["ghi"]) * 24.0 / 1000.0
    found = [totals[month == MONTHS].std(ddof=1) for month in range(12)]
    np.testing.assert_allclose(found, climates[park].ghi_deviation, rtol=1e-9)


def test_no_hour_is_brighter_than_the_clearest_sky(
    years: list[xr.Dataset], climates: dict[str, Climate]
) -> None:
    """At most the sheet's share of the clear sky, at least its darkest."""
    climate = climates["meishan"]
    sun = sun_position(stamps_of(years[0]), 8.0, PLACES["meishan"])
    sky = np.where(sun["zenith"] < 90.0, clear_sky(sun, PLACES["meishan"]), 0.0)
    for year in years:
        assert (year["ghi"] <= climate.clearness_maximum * sky + 1e-9).all()
        assert (year["ghi"] >= climate.clearness_minimum * sky - 1e-9).all()


def test_dark_days_come_in_spells_as_measured(years: list[xr.Dataset]) -> None:
    """Lag of a day, dark days and their spells about those of the station Hongjia.

    There: lag 0.40, 90 days below half of their month and 44 below 0.3, 7 of the former in a row.
    The measured year itself knows its lag to 1 / sqrt(365) = 0.05 and its dark days to a fifth.
    Spells of 7 days are the luck of a year: some of the years have them, none is far from it.
    """
    ghi = [year["ghi"] for year in years]
    assert np.mean([following(departures(g)) for g in ghi]) == pytest.approx(0.40, abs=0.05)
    shares = [1.0 + departures(g) / (daily(g) - departures(g)) for g in ghi]
    assert np.mean([(share < 0.5).sum() for share in shares]) == pytest.approx(90, rel=0.2)
    assert np.mean([(share < 0.3).sum() for share in shares]) == pytest.approx(44, rel=0.2)
    spells = [longest(share < 0.5) for share in shares]
    assert 4 <= min(spells) <= 7 <= max(spells) <= 10


def test_wind_lasts_for_days_as_measured(years: list[xr.Dataset]) -> None:
    """Daily means follow each other with 0.42 at Dinghai and 0.48 at Hongjia; calms are 10 %.

    Daily means deviate by 0.40 and 0.42 of the mean, the windy hours have k = 2.05.
    """
    wind = [year["wind_speed"] for year in years]
    assert 0.35 < np.mean([following(departures(speed)) for speed in wind]) < 0.5
    spread = [departures(speed).std() / float(speed.mean()) for speed in wind]
    assert np.mean(spread) == pytest.approx(0.41, abs=0.04)
    for speed in wind:
        hours = speed.to_numpy()
        assert (hours == 0.0).mean() == pytest.approx(0.10, abs=0.002)
        windy = hours[hours > 0.0]
        assert windy.std() / windy.mean() == pytest.approx(0.512, abs=0.03)


def test_temperature_follows_sky_and_wind_by_season(
    years: list[xr.Dataset], climates: dict[str, Climate]
) -> None:
    """Clear winter days are cold, clear summer days warm, windy winter days cold.

    The sheet's correlations are of Gaussians; those of days are less by up to a third, since
    clearness is bounded and months are short. Deviations of days are the sheet's to a fifth. Days
    follow each other with 0.63 at Dinghai and 0.70 at Hongjia.
    """
    climate = climates["meishan"]
    seasons = {"winter": (11, 0, 1), "summer": (5, 6, 7)}
    for months in seasons.values():
        mine = np.isin(MONTHS, months)
        sky, wind, heat = (
            np.concatenate([departures(year[name])[mine] for year in years])
            for name in ("ghi", "wind_speed", "air_temperature")
        )
        wanted = float(np.mean([climate.clearness_temperature[month] for month in months]))
        assert np.corrcoef(sky, heat)[0, 1] / wanted == pytest.approx(0.85, abs=0.2)
        wanted = float(np.mean([climate.wind_temperature[month] for month in months]))
        assert np.corrcoef(wind, heat)[0, 1] == pytest.approx(0.85 * wanted, abs=0.1)
        deviation = np.sqrt(np.mean(np.square([climate.synoptic_deviation[m] for m in months])))
        assert heat.std() == pytest.approx(float(deviation), rel=0.2)
    lags = [following(departures(year["air_temperature"])) for year in years]
    assert 0.6 < np.mean(lags) < 0.72


def test_storms_are_windy_and_dark_and_change_no_mean(climates: dict[str, Climate]) -> None:
    """With some storms in August its windiest days are among its darkest.

    The means of all variables stay the sheet's, and months without storms keep their wind.
    """
    calm = dataclasses.replace(climates["meishan"], storms=(0.0,) * 12)
    stormy = dataclasses.replace(calm, storms=(*(0.0,) * 7, 3.0, *(0.0,) * 4))
    before, after = (synthetic_weather(c, PLACES["meishan"]) for c in (calm, stormy))
    august = MONTHS == 7
    for name in ("ghi", "wind_speed", "air_temperature"):
        means = [daily(year[name])[august].mean() for year in (before, after)]
        assert means[1] == pytest.approx(means[0], rel=1e-9)
    windiest = np.argsort(daily(after["wind_speed"])[august])[-3:]
    assert daily(after["ghi"])[august][windiest].mean() < 0.5 * daily(after["ghi"])[august].mean()
    may = MONTHS == 4
    np.testing.assert_array_equal(*(daily(year["wind_speed"])[may] for year in (before, after)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ghi_deviation": (1.0,) * 6 + (4.0,) + (1.0,) * 5}, "ghi_deviation of month 7"),
        ({"ghi_deviation": (0.0,) + (1.0,) * 11}, "ghi_deviation of month 1 "),
        (
            {"clearness_temperature": (0.8,) * 12, "wind_temperature": (0.8,) * 12},
            "exceed one together",
        ),
    ],
)
def test_a_climate_that_cannot_be_is_an_input_error(
    change: dict[str, tuple[float, ...]], said: str, climates: dict[str, Climate]
) -> None:
    """More spread than the sky allows, less than the hours have, correlations beyond one."""
    with pytest.raises(InputError, match=said):
        synthetic_weather(dataclasses.replace(climates["meishan"], **change), PLACES["meishan"])
