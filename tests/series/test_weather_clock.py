"""The time that rows stand for: what a format says, what the sun says, a clock put forward."""

from __future__ import annotations

import numpy as np
import pytest
from pvlib.location import Location

from meishan_model.series.calendar import hourly_index
from meishan_model.series.solar import clear_sky, sun_position
from meishan_model.series.weather_checks import SUMMER_TIME
from meishan_model.series.weather_clock import clear_skies, row_time, sun_times

STAMPS = hourly_index(2019)


@pytest.mark.parametrize("latitude", [-45.0, -15.0, 5.0, 30.0, 60.0])
def test_a_clock_that_is_put_forward_is_found_in_every_year(latitude: float) -> None:
    """Ten random years of clouds: never by clouds, always by an hour of daylight saving.

    Days and hours have their own clearness; afternoons of one season lose up to a fifth.
    """
    place, rng = Location(latitude, 121.9, altitude=5.0), np.random.default_rng(7)
    skies = clear_skies(STAMPS, 8.0, place)
    sky = clear_sky(sun_position(STAMPS, 8.0, place), place, 3.0)
    is_summer = (STAMPS.month >= 4) & (STAMPS.month <= 10)
    if latitude < 0.0:
        is_summer = ~is_summer
    for _ in range(10):
        clear = np.repeat(rng.beta(2.0, 1.5, 365), 24) * rng.beta(4.0, 1.0, 8760)
        is_dim = (STAMPS.hour >= 12) & np.isin(STAMPS.month, rng.choice([[6, 7, 8], [11, 12, 1]]))
        ghi = sky * clear * np.where(is_dim, rng.uniform(0.8, 1.0), 1.0)
        times = sun_times(ghi, skies)
        assert abs(times.year - 30.0) <= 10.0
        assert abs(times.winter - times.summer) < SUMMER_TIME
        forward = sun_times(np.where(is_summer, np.roll(ghi, 1), ghi), skies)
        assert abs(forward.winter - forward.summer) > SUMMER_TIME


@pytest.mark.parametrize(
    ("by_sun", "behind", "stated", "found"),
    [
        (40.0, 0.0, 30.0, (0, 30.0)),  # the sun agrees with the format
        (0.0, 0.0, 30.0, (0, 0.0)),  # the sun contradicts it
        (70.0, 0.0, 10.6, (1, 10.6)),  # a clock that is an hour off, and its format right
        (65.0, 30.0, 60.0, (0, 60.0)),  # stamps at the half hours of another clock
        (-25.0, 0.0, None, (0, -30.0)),  # the nearest convention where none is stated
        (15.0, 0.0, None, (0, 15.0)),  # none of them
        (np.nan, 0.0, 30.0, (0, 30.0)),  # in the dark nothing contradicts
    ],
)
def test_the_format_counts_where_the_sun_agrees(
    by_sun: float, behind: float, stated: float | None, found: tuple[int, float]
) -> None:
    assert row_time(by_sun, behind, stated) == found
