from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.profiles import port
from meishan_model.profiles.ships import (
    berth_occupancy,
    connectable_share,
    handled_teu,
    hotel_load,
    ship_calls,
)


@settings(max_examples=25, deadline=None)
@given(
    throughput=st.floats(1e5, 3e6),
    berths=st.integers(1, 6),
    teu_per_call=st.floats(1000.0, 4000.0),
    utilisation=st.floats(0.05, 0.9),
    size_spread=st.floats(0.0, 0.8),
    seed=st.integers(0, 1000),
)
def test_calls_conserve_containers_and_never_exceed_berths(
    throughput: float,
    berths: int,
    teu_per_call: float,
    utilisation: float,
    size_spread: float,
    seed: int,
) -> None:
    """Whatever the port: TEU add up, ships wait their turn, a berth holds one ship at a time."""
    count = max(1, round(throughput / teu_per_call))
    stay = min(utilisation * berths * 8760.0 / count, 500.0)
    calls = ship_calls(2030, throughput, berths, teu_per_call, stay, seed, size_spread)
    assert calls["teu"].sum() == pytest.approx(throughput, rel=1e-12)
    assert handled_teu(calls).sum() == pytest.approx(throughput, rel=1e-9)
    assert (calls["berthing"] >= calls["arrival"]).all()
    assert calls["berthing"].is_monotonic_increasing
    occupied = berth_occupancy(calls)
    assert occupied.max() <= berths + 1e-6
    assert occupied.min() >= 0.0
    assert occupied.sum() == pytest.approx((calls["departure"] - calls["berthing"]).sum())
    for _, ships in calls.groupby("berth"):
        following, leaving = ships["berthing"].to_numpy()[1:], ships["departure"].to_numpy()[:-1]
        assert (following >= leaving - 1e-6).all()


def test_queue_solved_by_hand() -> None:
    """One berth, two equal calls: the second waits exactly until the first has left."""
    calls = ship_calls(2030, 2.0, 1, 1.0, 4000.0, seed=3)
    first, second = calls.itertuples()
    assert second.berthing == pytest.approx(max(second.arrival, first.departure))
    assert second.departure - second.berthing == pytest.approx(4000.0)


def test_calls_are_reproducible_and_depend_on_seed_and_year() -> None:
    """Same arguments, same calls; another seed or year, other calls."""
    arguments = (1e6, 3, 2500.0, 20.0)
    pd.testing.assert_frame_equal(ship_calls(2030, *arguments, 1), ship_calls(2030, *arguments, 1))
    assert not ship_calls(2030, *arguments, 1).equals(ship_calls(2030, *arguments, 2))
    assert not ship_calls(2030, *arguments, 1).equals(ship_calls(2031, *arguments, 1))


def test_too_few_berths_are_refused() -> None:
    """More ship hours than berth hours cannot be queued."""
    with pytest.raises(ValueError, match="berths"):
        ship_calls(2030, 5e6, 2, 2500.0, 20.0, seed=1)


def hand_made_calls() -> pd.DataFrame:
    """One ship from 10:30 to 14:30 on 1 January with 400 TEU."""
    return pd.DataFrame(
        {"arrival": [10.0], "berthing": [10.5], "departure": [14.5], "berth": [0], "teu": [400.0]}
    )


def test_load_at_berth_solved_by_hand() -> None:
    """Half hours count half; an hour for connecting leaves 11:00 to 14:00 for the cable."""
    calls = hand_made_calls()
    np.testing.assert_allclose(berth_occupancy(calls)[9:16], [0, 0.5, 1, 1, 1, 0.5, 0], atol=1e-9)
    assert hotel_load(calls, 1100.0).sum() == pytest.approx(4.4)
    np.testing.assert_allclose(handled_teu(calls)[9:16], [0, 50, 100, 100, 100, 50, 0], atol=1e-9)
    share = connectable_share(calls, connection_time=1.0, equipped_share=0.5)
    np.testing.assert_allclose(share[9:16], [0, 0, 0.5, 0.5, 0.5, 0, 0], atol=1e-9)
    with pytest.raises(ValueError, match="fraction"):
        connectable_share(calls, 1.0, 50.0)


def test_a_stay_over_new_year_wraps_around() -> None:
    """A ship from 23:00 on 31 December to 01:00 is alongside in the last and the first hour."""
    calls = hand_made_calls().assign(berthing=8759.0, departure=8761.0)
    occupied = berth_occupancy(calls)
    assert occupied[8759] == pytest.approx(1.0)
    assert occupied[0] == pytest.approx(1.0)
    assert occupied.sum() == pytest.approx(2.0)


def test_crane_shape_solved_by_hand() -> None:
    """With a tenth as base load, an idle hour draws 0.1 and the mean is 1."""
    shape = port.crane_shape(hand_made_calls(), 0.1)
    assert shape.mean() == pytest.approx(1.0)
    assert shape[0] == pytest.approx(0.1)
    assert shape[11] == pytest.approx(0.1 + 0.9 * 0.25 * 8760.0)


def test_reefers_draw_more_in_the_heat() -> None:
    """20 K warmer at 2 % per K: 1.4 times the power; in the cold the minimum holds."""
    temperature = np.full(8760, 20.0)
    temperature[:3] = [40.0, 20.0, -60.0]
    shape = port.reefer_shape(np.ones(8760), temperature, 20.0, 0.02, 0.4)
    assert shape[0] / shape[1] == pytest.approx(1.4)
    assert shape[2] / shape[1] == pytest.approx(0.4)
    count = port.reefer_count(hand_made_calls(), dwell=72.0)
    assert (count > 0.0).sum() == 73
    assert count.mean() == pytest.approx(1.0)
