"""What the tests of the report share: a small park that is solved once, and a power flow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import solved_mini
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1] / "powerflow"))

import hand_slice

from meishan_model.inputs.grid import GridSheets
from meishan_model.inputs.grid_folder import read_grid
from meishan_model.inputs.park_folder import read_park
from meishan_model.powerflow.study import grid_study, study_dataset

MEISHAN = Path(__file__).parents[2] / "configs" / "meishan"


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> solved_mini.Solved:
    return solved_mini.solve(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def grid() -> GridSheets:
    """The grid of the shipped park."""
    return read_grid(read_park(MEISHAN))


@pytest.fixture(scope="session")
def flow(grid: GridSheets) -> xr.Dataset:
    """A day of power flow of made-up users on that grid."""
    ds = hand_slice.hand_slice(grid)
    return study_dataset(grid_study(ds, grid, 0.08), ds, grid)
