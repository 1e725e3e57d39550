"""Vintages by hand: what stands, what it costs, what has to be added for a plan to stand."""

from __future__ import annotations

from pathlib import Path

import mini_park
import numpy as np
import pandas as pd
import pytest
from hand_terms import hand_terms
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.planning.vintages import (
    building_terms,
    cover,
    exceeded,
    present_weights,
    standing_assets,
)
from meishan_model.planning.walk import walk_forward
from meishan_model.results.wording import reason

YEARS = (2020, 2025, 2030, 2035)


def column(*values: float) -> np.ndarray:
    """One asset over the years."""
    return np.array(values, dtype=float)[:, None]


def test_what_stands_and_what_is_owed_by_hand() -> None:
    """Two steps of life: 3 of 2025 stand in 2025 and 2030, 1 of 2030 in 2030 and 2035.

    The annuity is 10 in 2025 and 8 in 2030: 3 x 10, then 3 x 10 + 1 x 8, then 1 x 8.
    """
    terms = hand_terms(YEARS, [2], annuity=column(12, 10, 8, 6))
    additions = column(0, 3, 1, 0)
    assert terms.standing(additions).ravel().tolist() == [0, 3, 4, 1]
    assert terms.annuities(additions).ravel().tolist() == [0, 30, 38, 8]


def test_a_plan_that_shrinks_is_covered_by_what_was_built_for_its_peak() -> None:
    """5 needed in 2025, 2 in 2030, 6 in 2035; three steps of life: 5, nothing, 1 more."""
    terms = hand_terms(YEARS, [3])
    additions = cover(terms, column(0, 5, 2, 6))
    assert additions.ravel().tolist() == [0, 5, 0, 1]
    assert terms.standing(additions).ravel().tolist() == [0, 5, 5, 6]


def test_what_ends_is_built_again() -> None:
    """One step of life: 4 needed in every slice are 4 additions in every step."""
    assert cover(hand_terms(YEARS, [1]), column(0, 4, 4, 4)).ravel().tolist() == [0, 4, 4, 4]


needs = st.lists(st.floats(0.0, 100.0), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(growth=needs, lifetime=st.integers(1, 4))
def test_for_capacities_that_never_fall_the_cover_is_the_walk(
    growth: list[float], lifetime: int
) -> None:
    """Two ways of finding the additions agree: an independent reference."""
    needed = column(0.0, *np.cumsum(growth))
    walk = walk_forward(
        pd.DataFrame(needed, index=list(YEARS), columns=["plant_0"]),
        pd.Series({"plant_0": 5.0 * lifetime}),
        pd.Series({"plant_0": np.inf}),
    )
    found = cover(hand_terms(YEARS, [lifetime]), needed)
    np.testing.assert_allclose(found, walk.addition.to_numpy(), atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(need=needs, lifetime=st.integers(1, 4))
def test_what_is_needed_stands_and_nothing_is_added_in_vain(
    need: list[float], lifetime: int
) -> None:
    """Enough stands in every slice, and where something was added it is exactly enough."""
    terms, needed = hand_terms(YEARS, [lifetime]), column(0.0, *need)
    additions = cover(terms, needed)
    standing = terms.standing(additions)
    assert (standing >= needed - 1e-9).all()
    np.testing.assert_allclose(standing[additions > 0], needed[additions > 0], atol=1e-9)


def test_a_broken_rate_and_a_broken_potential_are_named() -> None:
    """4 in a step that builds 3; 7 standing where there was room for 6 at most."""
    terms = hand_terms(YEARS, [9], limit=3.0, room=column(9, 6, 5, 6))
    assert exceeded(terms, column(0, 3, 3, 0)) == ()
    assert exceeded(terms, column(0, 4, 0, 0)) == ("plant_0 in 2025",)
    assert exceeded(terms, column(0, 3, 3, 1)) == ("plant_0 in 2035",)


def test_present_value_weights_by_hand() -> None:
    """5, 10 and 5 years for slices ten years apart, worth 1, 1/2 and 1/4 where money halves."""
    rate = 2 ** (1 / 10) - 1
    assert present_weights((2020, 2030, 2040), rate) == pytest.approx([5.0, 5.0, 1.25])
    assert present_weights((2020,), 0.08) == pytest.approx([1.0])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the mini park; nothing is solved."""
    return mini_park.make_root(tmp_path_factory.mktemp("mini"))


def test_terms_of_the_mini_park(root: Path) -> None:
    """PV may grow by 5 a x 0.2 MW/a; boilers are phased out and built up to 2030 only by sheet.

    Nothing is built in 2020; the room of PV is its potential of 3 less 1.3 MW.
    """
    terms = building_terms(mini_park.mini(root).asset_table)
    pv, boiler = (terms.table.place[n] for n in ("pv_rooftop_campus", "gas_boiler_campus"))
    assert terms.addition_limit[:, pv] == pytest.approx([0.0, 1.0, 1.0])
    assert terms.addition_limit[:, boiler] == pytest.approx([0.0, 10.0, 10.0])
    assert terms.table.room[:, pv] == pytest.approx([1.7, 1.7, 1.7])
    mini_park.swap(
        root / mini_park.SHEETS / "assets.csv", "last_new_build,,2030", "last_new_build,,2025"
    )
    terms = building_terms(mini_park.mini(root).asset_table)
    assert terms.addition_limit[:, boiler] == pytest.approx([0.0, 10.0, 0.0])


def test_what_stands_of_earlier_steps_is_stock_that_is_owed(root: Path) -> None:
    """0.9 MW of PV built in 2025: existing, not free to build again, paid as in 2025.

    Room in 2030: 1.7 - 0.9 = 0.8 MW, less than the 1.0 MW of a step.
    """
    terms = building_terms(mini_park.mini(root).asset_table)
    table = terms.table
    pv = table.place["pv_rooftop_campus"]
    additions = np.zeros((2, len(table.asset)))
    additions[1, pv] = 0.9
    assets = standing_assets(terms, 2030, additions, terms.addition_limit[2])
    found = assets.frame().loc["pv_rooftop_campus"]
    assert found["existing"] == pytest.approx(1.3 + 0.9)
    assert found["earlier"] == pytest.approx(0.9)
    assert (found["lower"], found["bridge"]) == (0.0, 0.0)
    assert found["upper"] == pytest.approx(0.8)
    annuity = float(table.annuity[1, pv])
    assert annuity > found["annuity"]  # PV becomes cheaper in the sheet
    assert found["sunk_cost"] == pytest.approx(0.9 * annuity)
    before = standing_assets(terms, 2030, additions[:1])
    fixed_om = float(table.fixed_om[2, pv])
    more = assets.standing_cost - before.standing_cost
    assert more == pytest.approx(0.9 * (annuity + fixed_om))
    assert reason(assets.terms[pv], table.unit[pv]) == (
        "2030: 0.9 MW of all steps before it stand; at most 0.8 MW are added."
    )
