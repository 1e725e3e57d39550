from __future__ import annotations

import math

import pytest

from meishan_model.errors import InputError
from meishan_model.planning.eligibility import bridge_allowed, bridge_years, kept, total_bounds


def test_dust_is_dropped_at_its_limits() -> None:
    """Kept from max(0.01, 0.1 % of the potential) on, the limit itself included."""
    capacity = [0.0, 0.0099, 0.01, 0.199, 0.2, 0.01, 0.0]
    potential = [5.0, 5.0, 5.0, 200.0, 200.0, math.inf, 0.0]
    keep = kept(capacity, potential, 0.01, 0.001)
    assert keep.tolist() == [False, False, True, False, True, True, False]


@pytest.mark.parametrize(
    ("year", "allowed"), [(2020, False), (2025, True), (2030, True), (2035, False), (2050, False)]
)
def test_phase_out_ends_with_its_last_new_build(year: int, allowed: bool) -> None:
    """A diesel truck may be replaced until 2030, not in the status quo, never in the target."""
    assert bridge_allowed(True, 2030, year, 2050, first_year=2020) is allowed


def test_other_bridges_end_at_the_target() -> None:
    """Demand that peaks before the target may be bridged in any slice but the target."""
    assert bridge_allowed(False, None, 2045, 2050)
    assert not bridge_allowed(False, None, 2050, 2050)


def test_phase_out_without_a_last_year_is_a_gap() -> None:
    """No silent default: the row is asked for."""
    with pytest.raises(InputError, match="last_new_build"):
        bridge_allowed(True, None, 2030, 2050)


def test_bridge_is_paid_before_the_target() -> None:
    """Twelve years of life in 2030, but only 5 years left in 2045."""
    assert bridge_years(12.0, 2030, 2050) == 12.0
    assert bridge_years(12.0, 2045, 2050) == 5.0
    with pytest.raises(ValueError, match="cannot begin in 2050"):
        bridge_years(12.0, 2050, 2050)


def test_committed_stock_is_a_floor_under_the_sum() -> None:
    """25 MW under construction stand below 0 to 40 MW of new build."""
    lower, upper = total_bounds(25.0, 0.0, [40.0, math.inf])
    assert float(lower) == 25.0
    assert upper.tolist() == [65.0, math.inf]
    with pytest.raises(InputError, match="not a stock"):
        total_bounds(-1.0, 0.0, 1.0)
