"""The abatement curve: identities of widths and areas, and the levers in the stated order."""

from __future__ import annotations

import mini_park
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.planning.lever_steps import USUAL, steps
from meishan_model.studies.abatement import Abatement

Numbers = list[tuple[float, float, float]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Abatement:
    """The study of a small park; nothing is solved."""
    root = mini_park.make_root(tmp_path_factory.mktemp("abatement"))
    return Abatement(project=mini_park.mini(root))


def curve(study: Abatement, numbers: Numbers) -> pd.DataFrame:
    """The curve from net emissions, location-based emissions and paid cost."""
    columns = ["net_emissions", "location_emissions", "paid_cost"]
    return study.table(pd.DataFrame(numbers, columns=columns))


def test_by_hand(study: Abatement) -> None:
    """100 t to 40 t for 600 CNY less, to 50 t for nothing, to 0 t for 1500 CNY.

    Widths 60, -10, 50; areas -600, 0, 1500; -10 CNY/t, none, 30 CNY/t.
    """
    table = curve(study, [(100, 100, 1000), (40, 70, 400), (50, 60, 400), (0, 60, 1900)])
    assert list(table["width"].iloc[1:]) == [60, -10, 50]
    assert list(table["width_location"].iloc[1:]) == [30, 10, 0]
    assert list(table["area"].iloc[1:]) == [-600, 0, 1500]
    per_tonne = table["cost_per_tonne"]
    assert per_tonne.iloc[[1, 3]].tolist() == [-10, 30]
    assert per_tonne.iloc[[0, 2]].isna().all(), "no abatement has no cost per tonne"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 3), min_size=2, max_size=8))
def test_widths_add_up_to_the_abatement_and_areas_to_the_cost(
    study: Abatement, numbers: Numbers
) -> None:
    """Whatever the steps are: sums are first less last, and area is width times cost per tonne."""
    table = curve(study, numbers)
    first, last = numbers[0], numbers[-1]
    expected = [first[0] - last[0], first[1] - last[1], last[2] - first[2]]
    sums = table[["width", "width_location", "area"]].sum()
    assert sums.tolist() == pytest.approx(expected, abs=1e-6)
    there = table[table["cost_per_tonne"].notna()]
    assert np.allclose(there["cost_per_tonne"] * there["width"], there["area"])


def test_each_step_gives_back_what_the_one_before_it_held() -> None:
    """From usual to the plan: the keys that are held fall away one after the other.

    Demand before supply before instruments; sinks, green power, then certificates and credits.
    """
    held = [dict(step.changes) for step in steps()]
    assert held[0] == dict(USUAL) == held[1]
    assert [step.measures for step in steps()] == [False, True, *[False] * 5]
    assert [sorted(keys) for keys in held[2:4]] == [
        ["instruments", "supply_side"],
        ["instruments"],
    ]
    assert [keys.get("instruments") for keys in held[3:]] == [
        (),
        ("sink",),
        ("sink", "green_power"),
        None,
    ]
