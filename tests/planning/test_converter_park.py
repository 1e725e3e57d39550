"""Converters, combined heat and power and commitment, from the sheets on disk to the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import converter_park
import mini_park
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.components.selection import flows_of_slice, select
from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.planning.whole_pathway import pathway

SHEETS = mini_park.SHEETS


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the park, whose pathway of a week is solved."""
    root = converter_park.make_root(tmp_path_factory.mktemp("converters"))
    assert pathway(mini_park.mini(root), "highs", mini_park.Silence()).written
    return root


def test_its_flows_stand_in_the_proportions_of_the_sheets(root: Path) -> None:
    """Energy, water, cost and bounds of a slice are those of rows; the heat plant merits last."""
    with xr.open_dataset(root / "results" / "mini~168h" / "2030.nc") as ds:
        flows = flows_of_slice(ds)
        sums = flows.groupby(["asset", "carrier"])
        energy = sums["energy"].sum()
        for asset, carrier, other, ratio in (
            ("electrolyser_campus", "hydrogen", "electricity", 1 / 0.6217),
            ("electrolyser_campus", "hydrogen", "water", 0.3),
            ("electrolyser_campus", "hydrogen", "district_heat", 0.1),
            ("gas_engine_campus", "electricity", "natural_gas", 1 / 0.4),
            ("gas_engine_campus", "electricity", "district_heat", 1.1),
        ):
            given = energy[asset, carrier]
            assert given > 0
            assert energy[asset, other] == pytest.approx(ratio * given, rel=1e-6)
        burnt, made, warm = (
            energy["turbine_campus", c] for c in ("natural_gas", "electricity", "district_heat")
        )
        assert 0.38 * burnt == pytest.approx(made + 0.2 * warm, rel=1e-6)
        assert warm <= 1.5 * made * (1 + 1e-6)
        cost = ds["cost"].to_series()
        assert cost["fuel:water"] == pytest.approx(5 * energy["electrolyser_campus", "water"])
        given = energy["gas_engine_campus", "electricity"]
        assert cost["variable:gas_engine"] == pytest.approx(20 * given)
        asset = ds.sel(asset="gas_engine_campus")
        assert "potential 0.5 less 0.2 stock" in str(asset["bound_reason"].item())
        # Heat that networks serve is final energy of its load; what makes it is not.
        final = ds["energy_mwh"].groupby(ds["energy_carrier"]).sum().to_series()
        assert final["district_heat"] == pytest.approx(3000.0, rel=0.2)
        own = select(flows, role="fuel", carrier="natural_gas")["energy"].sum()
        duties = select(
            flows, role="conversion", way="out", carrier="natural_gas", sector="buildings"
        )
        assert final["natural_gas"] == pytest.approx(duties["energy"].sum()) and own > 0


def test_reports_know_it(
    root: Path, tmp_path: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    """Check, export and page name the equipment; the note of the minimum load is told."""
    common = "-s", "mini", "--hours", 168, "--root", root
    code, out, _ = said("check", *common)
    assert code == 0 and "conversions.csv" in out and out.count("up to date") == 4
    assert said("export", "--csv", "--output", tmp_path, *common)[0] == 0
    tables = [pd.read_csv(path).to_string() for path in tmp_path.rglob("*.csv")]
    assert any("gas_engine" in table for table in tables)
    page = tmp_path / "page.html"
    assert said("report", "--output", page, *common)[0] == 0
    text = page.read_text("utf-8")
    assert "电解槽" in text and "the minimum load is not enforced" in text
    assert "未执行最低负荷约束" in text


def test_commitment_in_a_slice(tmp_path: Path) -> None:
    """With it the stock of 0.2 MW keeps to its least load, and each start is paid."""
    root = converter_park.make_root(tmp_path, "commitment: binary\n")
    sheet = root / SHEETS / "assets.csv"
    mini_park.swap(sheet, "gas_engine,campus,potential,,0.5", "gas_engine,campus,potential,,0.2")
    (solved,) = (one for one in mini_park.run(root, 2030) if one.year == 2030)
    with xr.open_dataset(solved.path) as ds:
        mine = (ds["technology"] == "gas_engine") & (ds["carrier"] == "electricity")
        given = ds["power"].to_numpy()[mine.to_numpy()][0]
        on = given > 1e-9
        assert given[on].min() >= 0.1 - 1e-9
        starts = (np.diff(on.astype(int), prepend=0) > 0).sum()
        paid = float(ds["cost"].sel(cost_item="variable:gas_engine"))
        assert paid == pytest.approx((20 * given.sum() + 50 * starts) * 8760 / 168)


FAULTS = {
    "a duty takes nothing beside": (
        "conversions",
        "heat_pump_building,water,in,,,1,m3/MWh,x,assumption,",
        "conversions.csv, row 6, column technology, 'heat_pump_building': heat_pump_building is a "
        "heat_pump, which follows a duty",
    ),
    "taken and given": (
        "conversions",
        "electrolyser,electricity,out,,,1,MWh/MWh,x,assumption,",
        "row 6, column carrier, 'electricity': electrolyser takes and gives electricity",
    ),
    "a turbine that takes more": (
        "conversions",
        "turbine,water,in,,,1,m3/MWh,x,assumption,",
        "row 6, column carrier, 'water': a extraction_turbine takes natural_gas alone",
    ),
    "another unit": (
        "prices",
        "hydrogen,,5,CNY/t,x,assumption,,2020,none",
        "column unit, 'CNY/t': hydrogen is counted in MWh in row ",
    ),
    "no network takes it": (
        "conversions",
        "electrolyser,oxygen,out,,,0.2,t/MWh,x,assumption,",
        "row 6, column carrier, 'oxygen': electrolyser gives oxygen, of which there is no bus in "
        "campus",
    ),
    "neither bus nor price": (
        "conversions",
        "electrolyser,steam,in,,,0.2,t/MWh,x,assumption,",
        "row 6, column carrier, 'steam': electrolyser uses steam, which has neither a price nor a "
        "bus",
    ),
    "no network of its output": (
        "technologies",
        "digester,converter,MW,electricity,biogas,,,,,no,new,,,",
        "column carrier_out, 'biogas': no such carrier of a bus in buses.csv",
    ),
    "nothing that it takes": (
        "technologies",
        "oil_engine,converter,MW,shale_oil,electricity,,,,,no,new,,,",
        "column carrier_in, 'shale_oil': no such carrier that is taken in buses.csv or prices.csv",
    ),
    "a start without a least load": (
        "technology_parameters",
        "electrolyser,startup_cost,9,CNY,x,assumption,",
        "electrolyser has no row minimum_load; add the row",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, tmp_path: Path) -> None:
    """Each is told with its file, row and remedy before anything is solved."""
    sheet, row, says = FAULTS[name]
    root = converter_park.make_root(tmp_path)
    mini_park.add_rows(root / SHEETS / f"{sheet}.csv", [row])
    with pytest.raises(InputError) as caught:
        _ = open_project("mini", root).slices
    told = [str(fault) for fault in caught.value.faults]
    assert any(says in fault for fault in told), told
    assert all(fault.remedy for fault in caught.value.faults)


def test_a_turbine_says_what_it_gives(tmp_path: Path) -> None:
    """Without its row of conversions nobody knows its heat."""
    folder = converter_park.make_root(tmp_path) / SHEETS
    mini_park.swap(
        folder / "conversions.csv", "turbine,district_heat,out,,,1.5,MWh/MWh,x,assumption,\n", ""
    )
    with pytest.raises(InputError, match="does not say what turbine gives beside electricity"):
        read_park(folder, kinds())


def test_water_is_pumped_and_sold_by_the_cubic_metre(tmp_path: Path) -> None:
    """A capacity in m3/h is paid by it, its output is no energy, and its input no efficiency."""
    root = shutil.copytree(converter_park.make_root(tmp_path / "a"), tmp_path / "b")
    folder = root / SHEETS
    add = mini_park.add_rows
    x = converter_park.X
    add(folder / "buses.csv", [f"mains,tap_water,campus,6,bar,{x}"])
    add(folder / "loads.csv", [f"taps,campus,buildings,tap_water,flat,,87600,m3/a,{x}"])
    add(
        folder / "technologies.csv",
        ["pump,converter,m3/h,electricity,tap_water,,,,,no,new,Pump,水泵,"],
    )
    add(folder / "assets.csv", [f"pump,campus,potential,,20,m3/h,{x}"])
    costs = root / "configs" / "costs" / "reference"
    mini_park.swap(costs / "manifest.yaml", "technologies:", "technologies:\n  pump: pump")
    for path in costs.glob("costs_*.csv"):
        add(
            path,
            [
                "pump,investment,4000,CNY/(m3/h),offer,assumption: x,2020",
                "pump,VOM,0.01,CNY/m3,offer,assumption: x,2020",
                "pump,lifetime,20,years,offer,assumption: x,2020",
            ],
        )
    with pytest.raises(InputError, match="pump, a converter, has no row efficiency from MW to"):
        _ = open_project("mini", root).slices
    add(folder / "conversions.csv", [f"pump,electricity,in,,,0.0005,MWh/m3,{x}"])
    (solved,) = (one for one in mini_park.run(root, 2030) if one.year == 2030)
    with xr.open_dataset(solved.path) as ds:
        asset = ds.sel(asset="pump_campus")
        assert float(asset["capacity"]) == pytest.approx(10.0)
        assert str(asset["asset_unit"].item()) == "m3/h"
        assert float(ds["cost"].sel(cost_item="variable:pump")) == pytest.approx(876.0)
        assert "tap_water" not in ds["energy_carrier"].to_numpy()
        flows = flows_of_slice(ds)
        assert set(select(flows, carrier="tap_water")["unit"]) == {"m3/h"}
