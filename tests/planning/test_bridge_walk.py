"""Bridges read forwards: bought once, kept while needed, sold or worn out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.planning.walk import standing_years, walk_bridges

YEARS = [2020, 2025, 2030, 2035]


def bridges(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, YEARS)


def test_a_bridge_that_stays_is_not_bought_again() -> None:
    """6 in 2025 and 2030: bought once; 4 in 2035: two are sold."""
    walk = walk_bridges(bridges(truck=[0.0, 6.0, 6.0, 4.0]), pd.Series({"truck": 20.0}))
    assert walk.addition["truck"].tolist() == [0.0, 6.0, 0.0, 0.0]
    assert walk.retirement["truck"].tolist() == [0.0, 0.0, 0.0, 2.0]
    assert walk.sold[1, 3, 0] == 2.0


def test_the_oldest_is_sold_first() -> None:
    """5 of 2025 and 3 of 2030 stand; of 8 needed then 2 remain: all of 2025 goes and 1 of 2030."""
    walk = walk_bridges(bridges(truck=[0.0, 5.0, 8.0, 2.0]), pd.Series({"truck": 20.0}))
    assert walk.addition["truck"].tolist() == [0.0, 5.0, 3.0, 0.0]
    assert walk.sold[:, 3, 0].tolist() == [0.0, 5.0, 1.0, 0.0]


def test_a_worn_bridge_is_bought_anew() -> None:
    """10 a of life: the 4 of 2025 are worn out in 2035, where 4 are bought; nothing is sold."""
    walk = walk_bridges(bridges(bus=[0.0, 4.0, 4.0, 4.0]), pd.Series({"bus": 10.0}))
    assert walk.addition["bus"].tolist() == [0.0, 4.0, 0.0, 4.0]
    assert walk.retirement["bus"].tolist() == [0.0, 0.0, 0.0, 4.0]
    assert walk.sold.sum() == 0.0


def test_life_shorter_than_a_step_is_bought_more_than_once() -> None:
    """2.5 a of life: 3 standing are 6 bought in every step."""
    walk = walk_bridges(bridges(tyre=[0.0, 3.0, 3.0, 0.0]), pd.Series({"tyre": 2.5}))
    assert walk.addition["tyre"].tolist() == [0.0, 6.0, 6.0, 0.0]
    assert walk.retirement["tyre"].tolist() == [0.0, 3.0, 6.0, 3.0]


@settings(max_examples=100)
@given(
    needed=st.lists(st.floats(0.0, 100.0), min_size=3, max_size=3),
    life=st.floats(1.0, 40.0),
)
def test_purchases_less_sales_are_what_stands(needed: list[float], life: float) -> None:
    """For any course of bridges and any life, nothing is negative and the sums meet the course."""
    table = bridges(asset=[0.0, *needed])
    walk = walk_bridges(table, pd.Series({"asset": life}))
    standing = (walk.addition - walk.retirement).cumsum()
    assert np.allclose(standing, table, atol=1e-9)
    assert (walk.addition >= 0).all(axis=None)
    assert (walk.retirement >= -1e-12).all(axis=None)
    assert (walk.sold >= 0).all()


def test_standing_years_are_whole_steps() -> None:
    """Halves up, one at least: 1, 7.4, 7.5 and 12 years are 5, 5, 10 and 10."""
    assert standing_years([1.0, 7.4, 7.5, 12.0], 5.0).tolist() == [5.0, 5.0, 10.0, 10.0]
