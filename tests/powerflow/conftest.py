"""The shipped grid, a copy of its sheets to be spoilt at will, and a slice made by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park

REPOSITORY = Path(__file__).parents[2]
MEISHAN = REPOSITORY / "configs" / "meishan"


@pytest.fixture(scope="session")
def park() -> Park:
    """The shipped park."""
    return read_park(MEISHAN, kinds())


@pytest.fixture(scope="session")
def grid(park: Park) -> GridSheets:
    """The shipped sheets of its grid."""
    return read_grid(park)


@pytest.fixture(scope="session")
def campus() -> Park:
    """The small park, whose connection is a line."""
    return read_park(REPOSITORY / "configs" / "yizhuang", kinds())


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A copy of the shipped sheets."""
    return Path(shutil.copytree(MEISHAN / "grid", tmp_path / "grid"))
