"""Weather that closes the berths: statistics of the draws, the working time, the backlog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ship_examples import berths, hand_made_calls, pattern

from meishan_model.planning.project import open_project
from meishan_model.port.calls import handled_teu, load_at_berth, ship_calls
from meishan_model.port.closures import ALWAYS, Closure, WorkingTime, draw_events
from meishan_model.port.shapes import crane_shape
from meishan_model.port.year import berths_of
from meishan_model.series.build import shape_context
from meishan_model.series.demand import load_shape

ROOT = Path(__file__).parents[2]
SEEDS = 300
MONTH = np.repeat(
    np.arange(1, 13), np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24
)


def closed(*spans: tuple[float, float]) -> WorkingTime:
    """The clock of berths that are closed in some spans of the year [h]."""
    begin, end = zip(*spans, strict=True)
    return WorkingTime.of(pd.DataFrame({"closure": "storm", "begin": begin, "end": end}))


@pytest.fixture(scope="module")
def weather() -> tuple[Closure, ...]:
    """The weather of Meishan."""
    return berths_of(open_project("balanced", ROOT).slices[2035])[0].closures


def test_spans_that_overlap_or_cross_the_year_are_closed_once() -> None:
    """10 to 15 and 12 to 20 are 10 h; 8750 to 8765 is 10 h of December and 5 h of January."""
    working = closed((12.0, 20.0), (10.0, 15.0), (8750.0, 8765.0))
    np.testing.assert_allclose(working.begin, [0.0, 10.0, 8750.0])
    np.testing.assert_allclose(working.end, [5.0, 20.0, 8760.0])
    assert (working.closed, working.length) == (25.0, 8735.0)
    clock = [0.0, 0.0, 1.0, 5.0, 5.0, 6.0, 8735.0, 8735.0, 8736.0]
    times = np.array([0.0, 5.0, 6.0, 10.0, 20.0, 21.0, 8755.0, 8765.0, 8766.0])
    np.testing.assert_allclose(working.worked(times), clock)
    assert working.ends(np.array([5.0]))[0] == 10.0
    assert working.begins(np.array([5.0]))[0] == 20.0


def test_weather_that_leaves_no_time_is_refused() -> None:
    """A year of storm."""
    with pytest.raises(ValueError, match="all year"):
        closed((100.0, 9000.0))


@settings(max_examples=40, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 87590), st.integers(1, 2000)), max_size=12),
    times=st.lists(st.integers(0, 170000), min_size=2, max_size=20),
)
def test_the_clock_never_runs_backwards(spans: list[tuple[int, int]], times: list[int]) -> None:
    """It runs as time does or stands; what begins lies after what ended at the same reading.

    Spans and times are in tenths of an hour.
    """
    working = closed(*((b / 10.0, (b + d) / 10.0) for b, d in spans)) if spans else ALWAYS
    at = np.sort(times) / 10.0
    clock = working.worked(at)
    gone, shown = np.diff(at), np.diff(clock)
    assert (shown >= -1e-9).all() and (shown <= gone + 1e-9).all()
    assert (working.begins(clock) >= at - 1e-6).all()
    assert (working.ends(clock) <= at + 1e-6).all()
    np.testing.assert_allclose(working.worked(working.begins(clock)), clock, atol=1e-6)


def test_draws_have_the_statistics_of_the_sheet(weather: tuple[Closure, ...]) -> None:
    """Over 300 seeds: events a year within 4 standard errors of a Poisson process, durations too.

    All events begin in the months of their season; the same seed gives the same year.
    """
    for place, kind in enumerate(weather):
        others = weather[:place]
        drawn = [
            draw_events([*others, replace(kind, seed=seed)]).iloc[len(draw_events(others)) :]
            for seed in range(SEEDS)
        ]
        counts = np.array([len(events) for events in drawn])
        assert counts.mean() == pytest.approx(kind.count, abs=4 * np.sqrt(kind.count / SEEDS))
        assert counts.var() == pytest.approx(kind.count, rel=0.35)
        events = pd.concat(drawn)
        lasts = (events["end"] - events["begin"]).to_numpy()
        spread = kind.duration * kind.duration_spread
        error = 4 * spread / np.sqrt(3 * len(lasts))
        assert lasts.mean() == pytest.approx(kind.duration, abs=error)
        assert kind.duration - spread <= lasts.min() and lasts.max() <= kind.duration + spread
        assert set(MONTH[events["begin"].astype(int)]) == set(kind.months)
    pd.testing.assert_frame_equal(draw_events(weather), draw_events(weather))


def test_meishan_is_closed_as_published(weather: tuple[Closure, ...]) -> None:
    """800 to 1000 h a year, in the mean of the seeds and in the year that is planned with.

    Fog takes about 300 h, most of it from April to June; there are 3 to 5 typhoons a year.
    """
    years = [draw_events([replace(c, seed=s) for c in weather]) for s in range(SEEDS)]
    hours = np.array([WorkingTime.of(year).closed for year in years])
    assert 800.0 <= hours.mean() <= 1000.0
    fog = [year[year["closure"] == "fog"] for year in years]
    assert np.mean([WorkingTime.of(f).closed for f in fog]) == pytest.approx(300.0, rel=0.05)
    spring = np.mean([np.isin(MONTH[f["begin"].astype(int)], (4, 5, 6)).mean() for f in fog])
    assert 0.6 <= spring <= 0.75
    typhoons = [int((year["closure"] == "typhoon").sum()) for year in years]
    assert 3.0 <= np.mean(typhoons) <= 5.0
    own = draw_events(weather)
    assert 800.0 <= WorkingTime.of(own).closed <= 1000.0
    kinds = own.groupby("closure").size()
    assert 3 <= kinds["typhoon"] <= 5
    assert WorkingTime.of(own[own["closure"] == "fog"]).closed == pytest.approx(300.0, rel=0.1)


def test_a_ship_waits_or_stays_through_a_storm_by_hand() -> None:
    """400 TEU from 10:30 to 14:30 in fair weather; a storm from 12 to 22 o'clock.

    An hour and a half is worked before it, two and a half after it, until half past midnight.
    """
    storm = closed((12.0, 22.0))
    calls = hand_made_calls(departure=24.5)
    teu = handled_teu(calls, storm)
    np.testing.assert_allclose(teu[10:13], [50.0, 100.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(teu[21:26], [0.0, 100.0, 100.0, 50.0, 0.0], atol=1e-9)
    assert teu.sum() == pytest.approx(400.0)
    # The hotel load goes on: 14 h of 1 MW.
    assert load_at_berth(calls, np.array([1000.0])).sum() == pytest.approx(14.0)


def test_no_ship_comes_or_leaves_and_no_crane_works_while_closed() -> None:
    """The containers of the year are handled all the same, and later; ships stay longer."""
    storms = closed(*((h, h + 36.0) for h in range(4500, 6500, 300)))
    how = pattern(size_spread=0.5, lateness=12.0)
    fair = ship_calls(2030, 2e6, berths(3), how)
    calls = ship_calls(2030, 2e6, berths(3), how, storms)
    pd.testing.assert_series_equal(fair["arrival"], calls["arrival"])
    for name in ("berthing", "departure"):
        times = calls[name].to_numpy() % 8760.0
        inside = [
            (b + 1e-6 < times) & (times < e - 1e-6)
            for b, e in zip(storms.begin, storms.end, strict=True)
        ]
        assert not np.any(inside)
    teu = handled_teu(calls, storms)
    assert teu.sum() == pytest.approx(2e6, rel=1e-9)
    assert teu[4501:4535].max() == 0.0
    assert crane_shape(calls, 0.1, storms)[4501:4535].max() == pytest.approx(0.1)
    stays = [(c["departure"] - c["berthing"]).sum() for c in (fair, calls)]
    lain = load_at_berth(calls, np.full(len(calls), 1000.0))
    assert lain.max() <= 3.0 + 1e-6 and lain.sum() == pytest.approx(stays[1])
    # Berths are taken through a storm as they are before it.
    assert 0.0 < stays[1] - stays[0] <= 3.0 * storms.closed


def test_energy_of_the_year_is_kept_and_trucks_stand_still() -> None:
    """Cranes and trucks of Meishan: mean 1, in a closed hour their base alone."""
    project = open_project("balanced", ROOT)
    context = shape_context(project.slices[2035], project.park, project.weather_folder)
    working = context.schedules["port"].working
    shut = np.diff(working.worked(np.arange(8761.0))) == 0.0
    assert shut.sum() > 600
    for name in ("port_cranes", "yard_work"):
        shape = load_shape(name, context)
        assert shape.mean() == pytest.approx(1.0)
        np.testing.assert_allclose(shape[shut], context.parameters.number(name, "base_share"))
