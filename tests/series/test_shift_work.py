"""Shift work that begins at different hours, and the steepest hour of the park's morning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.planning.project import open_project
from meishan_model.series.build import shape_context
from meishan_model.series.demand import load_shape, share_at_work

ROOT = Path(__file__).parents[2]


def test_works_that_begin_from_half_past_six_to_nine_by_hand() -> None:
    """At seven a fifth has begun, at eight 60 %: means of 5, 40 and 80 %, and so they leave."""
    course = share_at_work(6.5, 2.5, 8.0)
    np.testing.assert_allclose(course[5:10], [0.0, 0.05, 0.4, 0.8, 1.0], atol=1e-12)
    np.testing.assert_allclose(course[13:18], [1.0, 0.95, 0.6, 0.2, 0.0], atol=1e-12)


def test_without_spread_all_begin_at_once() -> None:
    """Two shifts from eight fill the hours to midnight; three shifts fill the day."""
    np.testing.assert_array_equal(share_at_work(8.0, 0.0, 16.0), np.arange(24) >= 8)
    np.testing.assert_allclose(share_at_work(7.0, 2.0, 24.0), 1.0)


@settings(max_examples=30, deadline=None)
@given(start=st.floats(0.0, 23.0), spread=st.floats(0.0, 12.0), length=st.floats(1.0, 24.0))
def test_it_is_the_mean_of_many_works(start: float, spread: float, length: float) -> None:
    """4000 works that begin evenly over the spread, minute by minute, have the same course.

    However they begin, each is at work for its hours: the day has ``length`` of them.
    """
    course = share_at_work(start, spread, length)
    assert course.sum() == pytest.approx(length)
    begin = start + spread * (np.arange(4000) + 0.5) / 4000
    minute = (np.arange(24 * 60) + 0.5) / 60.0
    at_work = (minute[:, None] - begin) % 24.0 < length
    counted = at_work.mean(axis=1).reshape(24, 60).mean(axis=1)
    np.testing.assert_allclose(course, counted, atol=0.02)


@pytest.mark.parametrize("year", [2025, 2035, 2050])
def test_no_hour_of_the_morning_carries_more_than_half_of_it(year: int) -> None:
    """Largest rise of the park's inflexible power from one hour to the next, over its morning.

    Works, warehouses and shops begin from six to ten: four hours carry the rise from five to
    eleven o'clock, so that the steepest carries a quarter at least, and half at most. When all
    began at eight it carried three quarters: 89 MW in 2025, in place of 48.
    """
    project = open_project("balanced", ROOT)
    inputs = project.slices[year]
    context = shape_context(inputs, project.park, project.weather_folder)
    loads = [x for x in inputs.loads if x.carrier == inputs.power_carrier]
    power = sum(load_shape(x.profile, context) * x.energy / 8760 for x in loads)
    rise = np.diff(power)
    steepest = int(rise.argmax())
    midnight = steepest - steepest % 24
    morning = power[midnight + 10] - power[midnight + 5]
    assert 0.25 * morning <= rise[steepest] <= 0.5 * morning
