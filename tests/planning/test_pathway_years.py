from __future__ import annotations

import pytest

from meishan_model.errors import InputError
from meishan_model.planning.trajectory import chain_to, slice_years


def test_slices_hold_both_ends() -> None:
    """The default pathway has seven slices, first and target year included."""
    assert slice_years(2020, 2050) == (2020, 2025, 2030, 2035, 2040, 2045, 2050)
    assert slice_years(2020, 2021, 1) == (2020, 2021)


def test_chain_is_what_a_slice_rests_on() -> None:
    """2035 rests on the target and every slice in between, solved from the target down."""
    assert chain_to(2035, 2020, 2050) == (2050, 2045, 2040, 2035)
    assert chain_to(2050, 2020, 2050) == (2050,)
    assert chain_to(2020, 2020, 2030) == (2030, 2025, 2020)


@pytest.mark.parametrize("year", [2037, 2019, 2055])
def test_a_year_between_slices_is_refused(year: int) -> None:
    """The message names the slices that exist, so that the user can choose."""
    with pytest.raises(InputError, match="2020, 2025, 2030, 2035, 2040, 2045, 2050"):
        chain_to(year, 2020, 2050)


def test_uneven_span_names_the_neighbours() -> None:
    """A target off the grid of steps is refused with the two years that would fit."""
    with pytest.raises(InputError, match="choose 2050 or 2055"):
        slice_years(2020, 2052)
    with pytest.raises(InputError, match="choose 2025,"):
        slice_years(2020, 2023)


def test_all_faults_of_the_years_at_once() -> None:
    """A bad step and a bad target are both reported by one error."""
    with pytest.raises(InputError) as error:
        slice_years(2050, 2020, 0)
    assert {fault.column for fault in error.value.faults} == {"step", "target_year"}
