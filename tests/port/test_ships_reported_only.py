"""A key of a scenario, from its file to a solved slice: the fuel of ships is only reported."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr
from mini_park import Silence

from meishan_model.planning.backcast import backcast
from meishan_model.planning.project import open_project

REPOSITORY = Path(__file__).parents[2]
STATUS_QUO = """base: balanced
title: Status quo
stock_year: null
target_year: 2020
neutrality: false
shadow_carbon: false
"""


def status_quo(root: Path, ships: str) -> xr.Dataset:
    """The solved status quo of the park in a week, with what its scenario says of ships."""
    text = f"{STATUS_QUO}ships_at_berth: {ships}\n"
    (root / "configs" / "scenarios" / f"{ships}.yaml").write_text(text, encoding="utf-8")
    project = open_project(ships, root, hours=168)
    backcast(project, 2020, "highs", Silence())
    return project.open_result(2020)


def test_ships_that_are_only_reported_leave_scope_1(tmp_path: Path) -> None:
    """Without a cap or a price of carbon both plans are one: the fuel leaves scope 1 for scope 3.

    Its amount and all else that the park emits stay as they are.
    """
    (tmp_path / "configs" / "scenarios").mkdir(parents=True)
    (tmp_path / "timeseries").symlink_to(REPOSITORY / "timeseries")
    for name in ("meishan", "costs", "scenarios/balanced.yaml"):
        (tmp_path / "configs" / name).symlink_to(REPOSITORY / "configs" / name)
    inside, memo = (
        status_quo(tmp_path, ships)["emissions"].to_series() for ships in ("inside", "memo")
    )
    burnt = inside["scope1:marine_fuel"]
    assert burnt > 0.0
    assert "scope3_reported:marine_fuel" not in inside
    assert memo["scope3_reported:marine_fuel"] == pytest.approx(burnt)
    assert "scope1:marine_fuel" not in memo
    others = inside.drop("scope1:marine_fuel")
    assert memo[others.index].to_numpy() == pytest.approx(others.to_numpy(), rel=1e-6, abs=1e-3)
