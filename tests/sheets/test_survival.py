from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.sheets.survival import (
    commissioned_capacity,
    surviving_capacity,
)


@pytest.mark.parametrize(
    ("year", "capacity"),
    [(2010, 0.0), (2011, 1.0), (2015, 5.0), (2020, 10.0), (2025, 10.0), (2026, 9.0), (2030, 5.0)],
)
def test_even_vintages_by_hand(year: int, capacity: float) -> None:
    """Ten vintages of 1 MW from 2011 to 2020 live 15 years: built up, then one a year goes."""
    assert float(surviving_capacity(2011, 2020, 10.0, 15, year)) == pytest.approx(capacity)


def test_single_plant_ends_in_the_year_of_its_lifetime() -> None:
    """A plant of 2008 with 20 years stands in 2027 and no more in 2028."""
    years = [float(surviving_capacity(2008, 2008, 45.0, 20, y)) for y in (2007, 2008, 2027, 2028)]
    assert years == [0.0, 45.0, 45.0, 0.0]


def test_committed_plant_and_endless_life() -> None:
    """A plant of 2023 is nothing in 2020; land and cables may live for ever."""
    assert float(surviving_capacity(2023, 2023, 25.0, 25, 2020)) == 0.0
    assert float(surviving_capacity(1990, 2000, 11.0, math.inf, 2500)) == 11.0


@given(
    first=st.integers(1980, 2030),
    span=st.integers(0, 25),
    life=st.floats(0.5, 50.0),
    year=st.integers(1975, 2100),
)
def test_closed_form_equals_the_sum_of_vintages(
    first: int, span: int, life: float, year: int
) -> None:
    """Counting vintages one by one by the definition gives the vectorised value."""
    vintages = range(first, first + span + 1)
    counted = sum(v <= year < v + life for v in vintages) / len(vintages)
    closed = float(surviving_capacity(first, first + span, 1.0, life, year))
    assert closed == pytest.approx(counted)


def test_retirement_closes_the_balance_of_the_stock() -> None:
    """Before + commissioned - after is what retired: 45 MW old out, 25 MW committed in."""
    first, last, size = [2008, 2023], [2008, 2023], [45.0, 25.0]
    before = surviving_capacity(first, last, size, 20, 2025).sum()
    after = surviving_capacity(first, last, size, 20, 2030).sum()
    new = commissioned_capacity(first, last, size, 2025, 2030).sum()
    assert before + new - after == pytest.approx(45.0)
    assert commissioned_capacity(first, last, size, 2020, 2050).tolist() == [0.0, 25.0]
    assert float(commissioned_capacity(2011, 2020, 10.0, 2015, 2018)) == pytest.approx(3.0)
