"""What the tests of the report share: a small park that is solved once, and a power flow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import solved_mini
import xarray as xr
from chromium import scroll, silent, started, until

if TYPE_CHECKING:
    from selenium import webdriver

sys.path.insert(0, str(Path(__file__).parents[1] / "powerflow"))
sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

import hand_slice
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.powerflow.study import grid_study, study_dataset
from meishan_model.report.html.page import collect, render_report, save_report
from meishan_model.results.wording import Finding, finding_attributes
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid

FINDINGS = (
    Finding(
        "rate",
        {"asset": "pv_rooftop_campus", "step": 2025, "built": 3.0, "bridges": 1.0, "allowed": 2.0},
    ),
    Finding(
        "untaken_held",
        {
            **{"asset": "heat_pump_building_campus", "saving": 137.0},
            **{"supply": [776.0, 1103.0], "taken": [0.0, 0.0], "potential": [0.1, 0.1]},
            "years": [2025, 2030],
        },
    ),
)
"""As a pathway has them."""

MEISHAN = Path(__file__).parents[2] / "configs" / "meishan"


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> solved_mini.Solved:
    return solved_mini.solve(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def grid() -> GridSheets:
    """The grid of the shipped park."""
    return read_grid(read_park(MEISHAN, kinds()))


@pytest.fixture(scope="session")
def flow(grid: GridSheets) -> xr.Dataset:
    """A day of power flow of made-up users on that grid."""
    ds = hand_slice.hand_slice(grid)
    return study_dataset(grid_study(ds, grid, 0.08), ds, grid)


@pytest.fixture(scope="session")
def file(
    solved: solved_mini.Solved,
    grid: GridSheets,
    flow: xr.Dataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The page of the small park, with the network of another and findings of all kinds."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    later = flow.assign_attrs(year=2030)
    flows = {2025: flow.assign_attrs(year=2025), 2030: later.assign(loading=flow["loading"] / 2)}
    data = replace(collect(solved.project), grid=grid, flows=flows)
    data = replace(data, pathway=data.pathway.assign_attrs(finding_attributes(FINDINGS)))
    save_report(render_report(data), path)
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    driver = started()
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome, file: Path) -> Iterator[webdriver.Chrome]:
    chromium.set_window_size(1400, 1000)
    chromium.get(file.as_uri())
    scroll(chromium, "pathway")
    until(chromium, "return document.querySelector('[data-chart=emissions]').dataset.drawn")
    scroll(chromium, "hours")
    until(chromium, "return document.documentElement.dataset.ready === '2030'")
    yield chromium
    assert silent(chromium), "the page wrote to the console"
