"""The market price of an hour: what PV and wind earn on it is what the sheet says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.series.market import market_price

approx = pytest.approx
outputs = st.lists(st.floats(0.05, 1.0), min_size=12, max_size=12)
ratios = st.floats(0.8, 1.1)


def captured(price: np.ndarray, output: np.ndarray) -> float:
    """Revenue per MWh of a plant, over the mean price."""
    return float(price @ output / output.sum() / price.mean())


def test_two_plants_by_hand() -> None:
    """PV runs in hours 1 and 2, wind in 2 and 3 of four, each at full output; mean 100.

    x - 1 = (1, 1, -1, -1) and y - 1 = (-1, 1, 1, -1) do not vary together, so a = -0.4 and
    b = -0.2: the price is 100 (1 + a (x - 1) + b (y - 1)) = 80, 40, 120, 160. PV earns
    60, wind 80.
    """
    sun, wind = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0, 0.0])
    price = market_price(100.0, (sun, wind), (0.6, 0.8))
    np.testing.assert_allclose(price, [80.0, 40.0, 120.0, 160.0])
    assert captured(price, sun) == approx(0.6)
    assert captured(price, wind) == approx(0.8)


@given(sun=outputs, wind=outputs, kappa=st.tuples(ratios, ratios))
def test_plants_earn_their_capture_ratio(
    sun: list[float], wind: list[float], kappa: tuple[float, float]
) -> None:
    """Mean price and both capture ratios are met wherever the price stays above zero."""
    one, other = np.array(sun), np.array(wind)
    correlation = np.corrcoef(one, other)[0, 1] if min(np.ptp(one), np.ptp(other)) > 0.3 else 1.0
    price = market_price(300.0, (one, other), kappa)
    assert (price >= 0.0).all()
    if abs(correlation) < 0.9 and price.min() > 0.0:
        assert price.mean() == approx(300.0)
        assert captured(price, one) == approx(kappa[0])
        assert captured(price, other) == approx(kappa[1])


def test_a_ratio_of_one_is_a_flat_price() -> None:
    """Before the market, PV and wind earn the benchmark in every hour."""
    sun, wind = np.array([0.0, 0.3, 0.8, 0.1]), np.array([0.5, 0.2, 0.3, 0.9])
    np.testing.assert_allclose(market_price(415.3, (sun, wind), (1.0, 1.0)), 415.3)


def test_an_even_plant_earns_the_mean() -> None:
    """A plant without variance has no price of its own, and no ratio can give it one."""
    np.testing.assert_allclose(market_price(200.0, (np.ones(3),), (0.5,)), 200.0)


def test_no_price_below_zero() -> None:
    """A ratio of 0.1 on a plant of one hour in ten: its hour is worth 10 % of the mean, not less.

    With 0.0 and a second plant that asks for less than nothing the floor holds.
    """
    one = np.eye(10)[0]
    price = market_price(100.0, (one,), (0.1,))
    assert price[0] == approx(10.0)
    assert price[1:] == approx(110.0)
    half = np.array([1.0, 0.5, 0.0])
    assert market_price(100.0, (half,), (0.0,)).min() == 0.0
