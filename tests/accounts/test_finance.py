"""Discounting, internal rates, salvage and bridges, by hand and by identity."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.finance import (
    accumulate,
    bridge_sales,
    capital_recovery_factor,
    discount_factors,
    internal_rate_of_return,
    net_present_value,
    present_value,
    present_value_of_steps,
    salvage_value,
    trapezoid_weights,
    yearly_spending,
    yearly_values,
)

SLICES = [2020, 2025, 2030]
money = st.floats(-1e6, 1e6)


def test_trapezoid_by_hand() -> None:
    """Slices of 4, 2 and 0 a year, five years apart: (4+2)/2*5 + (2+0)/2*5 = 20."""
    assert trapezoid_weights(SLICES).tolist() == [2.5, 5.0, 2.5]
    assert accumulate(pd.Series([4.0, 2.0, 0.0], SLICES)) == 20.0
    assert accumulate(pd.Series({2030: 7.0})) == 7.0


def test_present_value_by_hand() -> None:
    """At 100 % a year and slices a year apart: 1/2*8 + 1*8/2 + 1/2*8/4 = 9."""
    assert discount_factors([2020, 2021, 2022], 2020, 1.0).tolist() == [1.0, 0.5, 0.25]
    assert present_value(pd.Series([8.0, 8.0, 8.0], [2020, 2021, 2022]), 1.0) == 9.0


@given(st.lists(money, min_size=3, max_size=3))
def test_without_interest_a_present_value_is_a_sum(values: list[float]) -> None:
    """At a rate of zero, slices and steps are worth what they add up to."""
    series = pd.Series(values, SLICES)
    assert present_value(series, 0.0) == pytest.approx(accumulate(series), abs=1e-6)
    steps = 5.0 * (values[1] + values[2])
    assert present_value_of_steps(series, 0.0) == pytest.approx(steps, abs=1e-6)


def test_a_step_is_spent_in_its_own_years() -> None:
    """10 a year for 2025 falls on 2021 to 2025, and the first year spends nothing."""
    spread = yearly_spending(pd.Series([99.0, 10.0, 4.0], SLICES))
    assert spread.loc[2020] == 0.0
    assert spread.loc[2021:2025].tolist() == [10.0] * 5
    assert spread.loc[2026:2030].tolist() == [4.0] * 5
    assert yearly_values(pd.Series([0.0, 5.0, 0.0], SLICES)).loc[2026] == 4.0


@settings(max_examples=50)
@given(rate=st.floats(0.001, 0.5), years=st.integers(1, 40), investment=st.floats(1.0, 1e9))
def test_the_rate_of_an_annuity_is_that_of_its_factor(
    rate: float, years: int, investment: float
) -> None:
    """What earns CRF(r, n) of its cost in n years returns exactly r, and is worth nothing at r."""
    earned = investment * capital_recovery_factor(rate, years)
    flows = pd.Series([-investment, *[earned] * years], range(2020, 2021 + years))
    assert net_present_value(flows, rate) == pytest.approx(0.0, abs=1e-6 * investment)
    assert internal_rate_of_return(flows).rate == pytest.approx(rate, rel=1e-6)


def test_textbook_rate() -> None:
    """1000 spent, 200 a year for ten years: 15.0984 % by the tables of any textbook."""
    flows = pd.Series([-1000.0, *[200.0] * 10], range(11))
    assert internal_rate_of_return(flows).rate == pytest.approx(0.150984, abs=1e-6)


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([1.0, 2.0], "earns_always"),
        ([-1.0, -2.0], "earns_never"),
        ([-100.0, 230.0, -132.0], "several_rates"),  # 10 % and 20 %
        ([-1.0, 100.0], "no_rate"),  # 9900 %
        ([-1.0, math.nan], "unknown_value"),
    ],
)
def test_where_no_rate_exists_it_is_not_a_number_with_a_reason(
    flows: list[float], reason: str
) -> None:
    """Each way in which there is no one rate is told apart."""
    found = internal_rate_of_return(pd.Series(flows, range(2020, 2020 + len(flows))))
    assert math.isnan(found.rate)
    assert found.note == reason


def test_salvage_is_linear_in_age() -> None:
    """Life 20 a: 10 MW of 2025 keep 15/20 in 2030, 6 MW of 2030 all; life 5 a: 2025 keeps none.

    pv: 10 * 100 * 0.75 + 6 * 80 * 1 = 1230; van: 4 * 50 * 0 + 4 * 40 * 1 = 160.
    """
    standing = pd.DataFrame({"pv": [0.0, 10.0, 6.0], "van": [0.0, 4.0, 4.0]}, SLICES)
    price = pd.DataFrame({"pv": [120.0, 100.0, 80.0], "van": [60.0, 50.0, 40.0]}, SLICES)
    left = salvage_value(standing, price, pd.Series({"van": 5.0, "pv": 20.0}))
    assert left.to_dict() == {"pv": 1230.0, "van": 160.0}


def test_a_bridge_returns_what_is_not_written_off() -> None:
    """Bought in 2025 for 100, written off over min(8, 5) years: sold in 2030 it returns nothing.

    With a target in 2035 it is written off over 8 years: 3 of 8 are left after five years.
    """
    life = pd.Series({"truck": 8.0})
    for years, worth in (([2020, 2025, 2030], 0.0), ([2020, 2025, 2030, 2035], 2 * 100 * 3 / 8)):
        price = pd.DataFrame({"truck": [100.0] * len(years)}, years)
        sold = np.zeros((len(years), len(years), 1))
        sold[1, 2, 0] = 2.0
        assert bridge_sales(sold, price, life).loc[2030, "truck"] == pytest.approx(worth)
