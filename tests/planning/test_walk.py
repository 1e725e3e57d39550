from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from meishan_model.errors import CheckError
from meishan_model.planning.walk import check_walk, walk_forward

YEARS = [2020, 2025, 2030, 2035]


def series(**values: float) -> pd.Series:
    return pd.Series(values, dtype=float)


def test_replacements_by_hand() -> None:
    """10 a of life: the 30 MW of 2025 are rebuilt in the step to 2035, besides 10 MW of growth."""
    table = pd.DataFrame({"pv": [0.0, 30.0, 50.0, 60.0]}, index=YEARS)
    walk = walk_forward(table, series(pv=10.0), series(pv=8.0))
    check_walk(walk, table)
    assert walk.addition["pv"].tolist() == [0.0, 30.0, 20.0, 40.0]
    assert walk.retirement["pv"].tolist() == [0.0, 0.0, 0.0, 30.0]
    assert walk.vintage[1, :, 0].tolist() == [0.0, 30.0, 30.0, 0.0]
    assert walk.build_limit["pv"] == 40.0


def test_assets_are_walked_side_by_side() -> None:
    """Lifetimes and rates follow the name of the asset, not the order of the sheet."""
    table = pd.DataFrame({"a": [0.0, 5.0, 5.0, 5.0], "b": [0.0, 5.0, 5.0, 5.0]}, index=YEARS)
    walk = walk_forward(table, series(b=5.0, a=30.0), series(b=math.inf, a=1.0))
    check_walk(walk, table)
    assert walk.addition["a"].tolist() == [0.0, 5.0, 0.0, 0.0]
    assert walk.addition["b"].tolist() == [0.0, 5.0, 5.0, 5.0]
    assert np.allclose(walk.vintage.sum(axis=0), table)
    change = walk.addition - walk.retirement
    assert np.allclose(change.cumsum(), table)


def test_short_life_is_built_more_than_once_a_step() -> None:
    """2.5 a of life: 20 MW standing are 40 MW built and, once they stand, 40 MW retired a step."""
    table = pd.DataFrame({"tyres": [0.0, 20.0, 20.0, 20.0]}, index=YEARS)
    walk = walk_forward(table, series(tyres=2.5), series(tyres=8.0))
    check_walk(walk, table)
    assert walk.addition["tyres"].tolist() == [0.0, 40.0, 40.0, 40.0]
    assert walk.retirement["tyres"].tolist() == [0.0, 20.0, 40.0, 40.0]


def test_every_violation_is_named() -> None:
    """A drop below what still stands and a jump over the rate are found, each with its slice."""
    table = pd.DataFrame({"a": [0.0, 30.0, 10.0, 10.0], "b": [0.0, 0.0, 0.0, 50.0]}, index=YEARS)
    walk = walk_forward(table, series(a=20.0, b=20.0), series(a=6.0, b=9.0))
    with pytest.raises(CheckError) as error:
        check_walk(walk, table)
    message = str(error.value)
    assert "a in 2030 needs a negative addition: -20" in message
    assert "b in 2035 needs more than its build rate: 50 (limit of the step 45)" in message


def test_vintages_that_miss_the_capacity_are_found() -> None:
    """The check compares with the capacities it is given, not with those of the walk."""
    table = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]}, index=YEARS)
    walk = walk_forward(table, series(a=20.0), series(a=1.0))
    with pytest.raises(CheckError, match=r"a in 2035 has vintages that miss its capacity: 0\.5"):
        check_walk(walk, table.assign(a=[0.0, 1.0, 2.0, 3.5]))
