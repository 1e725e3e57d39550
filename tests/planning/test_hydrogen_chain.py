"""A new park gains a hydrogen chain by rows of three sheets: all else comes with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from mini_park import add_rows, swap

from benchmarks.same_problems import solve_one
from meishan_model.planning.new_park import new_park
from meishan_model.planning.project import Project, open_project

YEAR, HOURS = 2035, 168
X = "assumption of this test,assumption,"
TANK = f"hydrogen_tank,site,potential,,60,MWh,{X}"
ROWS = {
    "assets.csv": [
        f"electrolyser,site,potential,,4,MW,{X}",
        TANK,
        f"fuel_cell,site,potential,,2,MW,{X}",
    ],
    "loads.csv": [
        f"trucks,site,transport,hydrogen,road_trucks,2025,0,GWh/a,{X}",
        f"trucks,site,transport,hydrogen,road_trucks,2035,6,GWh/a,{X}",
    ],
    "buses.csv": [f"hydrogen_site,hydrogen,site,30,bar,{X}"],
}
PEAK = np.isin(np.arange(HOURS) % 24, np.arange(16, 23))
"""Hours of the tariff's peak, at 1.85 of the flat price of energy; the valley is at 0.4."""


def make_park(root: Path, *left_out: str) -> Path:
    """A new park with the rows, but for some; returns the folder of its sheets."""
    new_park(root, "mine")
    folder = root / "configs" / "mine"
    for sheet, rows in ROWS.items():
        add_rows(folder / sheet, [row for row in rows if row not in left_out])
    return folder


def opened(root: Path) -> Project:
    """The park, opened anew from disk."""
    return open_project("mine", root, hours=HOURS)


def files_of(root: Path) -> dict[str, bytes]:
    """Content of all files of a project by their place in it."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def hydrogen(ds: xr.Dataset) -> pd.DataFrame:
    """Flows at the hydrogen bus by hour [MW], what enters it positive, by equipment and role."""
    at_bus = ds.isel(flow=np.flatnonzero(ds["flow_bus"] == "hydrogen_site"))
    sign = np.where(at_bus["way"] == "in", 1.0, -1.0)
    names = [
        f"{technology} {role}".strip()
        for technology, role in zip(
            at_bus["technology"].values, at_bus["role"].values, strict=True
        )
    ]
    return pd.DataFrame((at_bus["power"].to_numpy().T * sign), columns=names)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The target slice of the park with the whole chain."""
    root = tmp_path_factory.mktemp("chain")
    make_park(root)
    return solve_one(opened(root), YEAR)


def test_rows_of_three_sheets_are_all_that_it_takes(tmp_path: Path) -> None:
    """No other file of the project differs from that of a park without hydrogen."""
    new_park(tmp_path / "plain", "mine")
    make_park(tmp_path / "chain")
    plain, chain = files_of(tmp_path / "plain"), files_of(tmp_path / "chain")
    differ = {name for name, content in chain.items() if plain.get(name) != content}
    assert differ == {f"configs/mine/{sheet}" for sheet in ROWS}
    assert plain.keys() - chain.keys() == set()
    project = opened(tmp_path / "chain")
    assert [str(doubt.fault) for doubt in project.warnings] == []
    shipped = {row.technology for row in project.park.technologies if row.is_default}
    assert {"electrolyser", "hydrogen_tank", "fuel_cell"} <= shipped


def test_the_bus_of_hydrogen_balances(solved: xr.Dataset) -> None:
    """Hour by hour; the demand is that of the row and none of it is shed."""
    flows = hydrogen(solved)
    np.testing.assert_allclose(flows.sum(axis=1), 0.0, atol=1e-6)
    assert -flows["load"].sum() == pytest.approx(6000 * HOURS / 8760, rel=0.05)
    assert flows["shedding"].abs().max() < 1e-9
    made = flows["electrolyser conversion"].sum()
    into = solved["power"].isel(
        flow=np.flatnonzero(
            (solved["technology"] == "electrolyser") & (solved["carrier"] == "electricity")
        )
    )
    assert made == pytest.approx(0.6374 * float(into.sum()), rel=1e-6)
    lost = -flows["hydrogen_tank charge"].sum() * 0.98**2
    assert flows["hydrogen_tank discharge"].sum() == pytest.approx(lost, rel=1e-5)


def test_the_tank_moves_the_electrolyser_out_of_the_peak(
    solved: xr.Dataset, tmp_path: Path
) -> None:
    """With it little is made at the peak, when trucks refuel; without it all that is.

    The peak has 29 % of the hours, at 3.4 times the valley: a twentieth is made in it at most.
    """
    flows = hydrogen(solved)
    made, used = flows["electrolyser conversion"], -flows["load"]
    assert used[PEAK].sum() > 0.25 * used.sum()
    assert made[PEAK].sum() < 0.05 * made.sum()
    assert flows["hydrogen_tank discharge"][PEAK].sum() > 0.9 * used[PEAK].sum()
    built = solved["capacity_new"].to_series()
    # 24 h of its power are its content.
    assert flows["hydrogen_tank discharge"].max() <= built["hydrogen_tank_site"] / 24 + 1e-6
    make_park(tmp_path, TANK)
    ds = solve_one(opened(tmp_path), YEAR)
    without = hydrogen(ds)
    np.testing.assert_allclose(without["electrolyser conversion"], -without["load"], atol=1e-6)
    assert float(ds["cost"].sum()) > float(solved["cost"].sum())


def test_a_fuel_cell_gives_power_where_the_peak_is_dear(tmp_path: Path) -> None:
    """Half of the hydrogen it takes comes back as power, in hours at five times the price.

    A bill of 772 CNY/MWh is 661 without 13 % tax and in money of 2020.
    """
    folder = make_park(tmp_path)
    swap(folder / "tariff_periods.csv", "peak,Zhejiang,energy,1.85", "peak,Zhejiang,,5")
    swap(folder / "prices.csv", "purchase_flat,,661", "purchase_flat,,772")
    text = (folder / "assets.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in text if not line.startswith("battery_"))
    (folder / "assets.csv").write_text(kept, encoding="utf-8")
    ds = solve_one(opened(tmp_path), YEAR)
    assert float(ds["capacity_new"].sel(asset="fuel_cell_site")) > 0.1
    own = ds["power"].isel(flow=np.flatnonzero(ds["technology"] == "fuel_cell"))
    power = own.isel(flow=np.flatnonzero(own["carrier"] == "electricity")).sum("flow").to_numpy()
    taken = -hydrogen(ds)["fuel_cell conversion"].to_numpy()
    np.testing.assert_allclose(power, 0.5 * taken, atol=1e-6)
    assert power[PEAK].sum() > 0.99 * power.sum() > 0.0
