"""The capital recovery factor repays an investment, whatever the interest."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.finance import capital_recovery_factor


@given(st.floats(1e-9, 0.5), st.floats(1, 60).map(round))
def test_the_annuity_repays_the_investment(rate: float, years: int) -> None:
    """Discounted back, the payments of all years add up to the investment."""
    payment = capital_recovery_factor(rate, years)
    present = math.fsum(payment * (1 + rate) ** -year for year in range(1, years + 1))
    assert present == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("rate", "lifetime"), [(-1.0, 20), (0.05, 0), (math.nan, 20)])
def test_no_capital_recovery_factor_without_sense(rate: float, lifetime: float) -> None:
    """Arguments outside of the range are refused."""
    with pytest.raises(ValueError, match="no capital recovery factor"):
        capital_recovery_factor(rate, lifetime)
