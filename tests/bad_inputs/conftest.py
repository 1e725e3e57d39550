"""A project folder of its own for every case: the small park, to be spoilt at will."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root with the campus park, its scenario, all cost sheets and its weather."""
    for folder in ("configs/yizhuang", "configs/costs", "timeseries/yizhuang"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    (tmp_path / "configs" / "scenarios").mkdir()
    scenario = Path("configs") / "scenarios" / "yizhuang.yaml"
    shutil.copy(REPOSITORY / scenario, tmp_path / scenario)
    return tmp_path
