"""Markets, a link that is built, a tank and an island, from the sheets on disk to the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import mini_park
import pytest
import xarray as xr

from meishan_model.components.selection import flows_of_slice, select
from meishan_model.errors import InputError
from meishan_model.planning.whole_pathway import pathway
from meishan_model.report.trade import tariff_of_day

SHEETS = mini_park.SHEETS
X = "x,assumption,"
MONTHS = "1;2;3;4;5;6;7;8;9;10;11;12"
ROWS = {
    "zones": (f"dock,Dock,码头,1,km2,{X}",),
    "buses": (
        f"dock_10kv,electricity,dock,10,kV,{X}",
        f"heat_net,district_heat,campus,70,degC,{X}",
        f"mains,tap_water,campus,6,bar,{X}",
    ),
    "network": (
        f"cable,link,sea_cable,campus_10kv,dock_10kv,capacity,0.2,MW,{X}",
        f"cable,link,sea_cable,campus_10kv,dock_10kv,loss,4,%,{X}",
        f"upstream_connection,connection,,upstream,grid_110kv,purchase_limit,100,GWh/a,{X}",
    ),
    "loads": (
        f"cranes,dock,industry,electricity,flat,2020,1,GWh/a,{X}",
        f"cranes,dock,industry,electricity,flat,2030,3,GWh/a,{X}",
        f"halls,campus,buildings,district_heat,process_heat,,3,GWh/a,{X}",
        f"taps,campus,buildings,tap_water,flat,,87600,m3/a,{X}",
    ),
    "technologies": (
        "sea_cable,link,MW,electricity,electricity,,,,,no,new,Sea cable,海缆,",
        "tank,store,MWh,district_heat,district_heat,,,,,no,new,Heat tank,储热罐,",
    ),
    "technology_parameters": (f"tank,standing_loss,0.5,%/h,{X}", f"tank,duration,5,h,{X}"),
    "assets": (
        f"sea_cable,dock,potential,,2,MW,{X}",
        f"tank,campus,potential,,4,MWh,{X}",
    ),
    "tariff_periods": (
        f"second_tariff,2020-01-01,,{MONTHS},all,0,12,valley,0.5,1,{X}",
        f"second_tariff,2020-01-01,,{MONTHS},all,12,24,peak,1.5,1,{X}",
    ),
    "markets": (
        f"second,campus_10kv,second_tariff,import_capacity,,0.5,MW,{X}",
        f"second,campus_10kv,second_tariff,import_price,,500,CNY/MWh,{X}",
        f"second,campus_10kv,second_tariff,demand_charge,,20000,CNY/(MW*month),{X}",
        f"second,campus_10kv,second_tariff,export_capacity,,0.2,MW,{X}",
        f"second,campus_10kv,second_tariff,export_price,,100,CNY/MWh,{X}",
        f"utility,heat_net,second_tariff,import_capacity,,3,MW,{X}",
        f"utility,heat_net,second_tariff,import_price,,150,CNY/MWh,{X}",
        f"utility,heat_net,second_tariff,import_limit,,4,GWh/a,{X}",
        f"waterworks,mains,,import_capacity,,20,m3/h,{X}",
        f"waterworks,mains,,import_price,,4,CNY/m3,{X}",
        f"waterworks,mains,,import_limit,,90000,m3/a,{X}",
    ),
    "emission_factors": (
        f"district_heat,scope2_location,emission_factor,2020,0.3,tCO2/MWh,{X}",
        f"district_heat,scope2_location,emission_factor,2030,0.1,tCO2/MWh,{X}",
        f"district_heat,,tce_equivalent,,0.1229,tce/MWh,{X}",
        f"district_heat,,tce_calorific,,0.1229,tce/MWh,{X}",
    ),
}
COSTS = (
    "sea_cable,investment,900,CNY/kW,offer,assumption: x,2020",
    "sea_cable,lifetime,40,years,offer,assumption: x,2020",
    "tank,investment,20,CNY/kWh,offer,assumption: x,2020",
    "tank,efficiency,95,%,offer,assumption: x,2020",
    "tank,lifetime,25,years,offer,assumption: x,2020",
)


def make_root(root: Path) -> Path:
    """Write the park; nothing knows where its users stand on feeders."""
    mini_park.make_root(root)
    shutil.rmtree(root / SHEETS / "grid")
    for sheet, rows in ROWS.items():
        mini_park.add_rows(root / SHEETS / f"{sheet}.csv", rows)
    costs = root / "configs" / "costs" / "reference"
    named = "technologies:\n  sea_cable: sea_cable\n  tank: tank"
    mini_park.swap(costs / "manifest.yaml", "technologies:", named)
    for path in costs.glob("costs_*.csv"):
        mini_park.add_rows(path, COSTS)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the park, whose pathway of a week is solved."""
    root = make_root(tmp_path_factory.mktemp("markets"))
    assert pathway(mini_park.mini(root), "highs", mini_park.Silence()).written
    return root


def test_what_is_bought_is_counted_and_built(root: Path) -> None:
    """Heat with its own factor, water by the cubic metre, a cable for what grows on the dock."""
    with xr.open_dataset(root / "results" / "mini~168h" / "2030.nc") as ds:
        flows = flows_of_slice(ds)
        heat = select(flows, role="purchase", asset="utility")["energy"].sum()
        assert heat > 3000.0  # the load of the year, what the tank loses and the week's season
        assert float(ds["emissions"].sel(emission_item="scope2_location:district_heat")) == (
            pytest.approx(0.1 * heat)
        )
        water = select(flows, asset="waterworks")
        assert water[["unit", "role"]].to_numpy().tolist() == [["m3/h", "purchase"]]
        assert water["energy"].sum() == pytest.approx(87600.0)
        cost = ds["cost"].to_series()
        assert cost["purchase:waterworks"] == pytest.approx(4 * 87600.0)
        second = select(flows, role="purchase", asset="second")["energy"].sum()
        assert 0 < cost["purchase:second"] < 500 * second
        cable = ds.sel(asset="sea_cable_dock")
        assert float(cable["capacity"]) == pytest.approx(3000 / 8760 / 0.96, rel=1e-6)
        assert float(cable["capacity_existing"]) == pytest.approx(0.2)
        assert float(ds["capacity"].sel(asset="tank_campus")) > 0.0
        limits = ds["limit_unit"].to_series()
        assert limits["waterworks_import_limit"] == "m3"
        assert limits["purchase through upstream_connection"] == "MWh"


def test_reports_know_it(
    root: Path, tmp_path: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    """Check, statement, ledger, export and page tell of markets, heat and cable."""
    common = "-s", "mini", "--hours", 168, "--root", root
    code, out, err = said("check", *common)
    assert code == 0, err
    assert "markets.csv" in out
    code, out, err = said("statement", 2030, *common)
    assert code == 0, err
    assert "district heat" in out
    assert said("ledger", *common)[0] == 0
    code, out, err = said("ledger", "--verify", *common)
    assert code == 0, err
    assert said("export", "--csv", "--output", tmp_path, *common)[0] == 0
    page = tmp_path / "page.html"
    assert said("report", "--output", page, *common)[0] == 0
    text = page.read_text("utf-8")
    assert "海缆" in text
    assert "储热罐" in text


FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "a market at no bus": (
        {"markets": f"farm,barn,,import_capacity,,1,MW,{X}"},
        "row 13, column bus, 'barn': no such bus in buses.csv",
    ),
    "half a market": (
        {"markets": f"farm,heat_net,,import_capacity,,1,MW,{X}"},
        "column parameter, 'import_price': farm has no row import_price; add the row",
    ),
    "a market at two buses": (
        {"markets": f"utility,mains,,import_price,2020,1,CNY/m3,{X}"},
        "row 13, column market, 'utility': utility has another bus and profile in row 7",
    ),
    "another unit": (
        {"markets": f"waterworks,mains,,demand_charge,,1,CNY/(MW*month),{X}"},
        "row 13, column unit, 'CNY/(MW*month)': tap_water is counted in m3 in row",
    ),
    "no course": (
        {
            "markets": f"farm,heat_net,tide,import_capacity,,1,MW,{X}\n"
            f"farm,heat_net,tide,import_price,,100,CNY/MWh,{X}"
        },
        "markets.csv, column profile, 'tide': ",
    ),
    "a bus that nothing uses": (
        {"buses": f"gas_pipe,hydrogen,campus,30,bar,{X}"},
        "row 8, column bus, 'gas_pipe': nothing takes hydrogen from gas_pipe; leave it out",
    ),
    "a load that nothing feeds": (
        {
            "buses": f"gas_pipe,hydrogen,campus,30,bar,{X}",
            "loads": f"lab,campus,industry,hydrogen,flat,,1,GWh/a,{X}",
        },
        "nothing feeds gas_pipe, a bus of hydrogen; add what leads or gives to it",
    ),
    "a pipe of two carriers": (
        {"network": f"wrong,pipe,,heat_net,mains,capacity,1,MW,{X}"},
        "wrong begins at a bus of district_heat and ends at one of tap_water",
    ),
    "a store without bus": (
        {"assets": f"tank,dock,potential,,4,MWh,{X}"},
        "technologies.csv, row 14, column carrier_in, 'district_heat': tank stands in dock, which "
        "has no bus of what it holds; name a carrier with a bus",
    ),
    "two links of one technology": (
        {
            "network": f"twin,link,sea_cable,campus_10kv,dock_10kv,capacity,1,MW,{X}\n"
            f"twin,link,sea_cable,campus_10kv,dock_10kv,loss,1,%,{X}"
        },
        "cable in row 6 is the asset of this name in dock; give it a technology of its own",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, tmp_path: Path) -> None:
    """Each is told with its file, row and remedy before anything is solved."""
    rows, says = FAULTS[name]
    root = make_root(tmp_path)
    for sheet, added in rows.items():
        mini_park.add_rows(root / SHEETS / f"{sheet}.csv", [added])
    assert any(says in fault for fault in told(root)), told(root)


def told(root: Path) -> list[str]:
    """Faults of all slices, their hourly series included."""
    with pytest.raises(InputError) as caught:
        mini_park.run(root, 2030)
    assert all(fault.remedy for fault in caught.value.faults)
    return [str(fault) for fault in caught.value.faults]


def test_what_is_bought_has_a_factor(tmp_path: Path) -> None:
    """Heat of which no row says what it emits is not bought."""
    root = make_root(tmp_path)
    sheet = root / SHEETS / "emission_factors.csv"
    lines = sheet.read_text("utf-8").splitlines(keepends=True)
    sheet.write_text(
        "".join(
            x for x in lines if "scope2_location,emission_factor,20" not in x or "electricity" in x
        ),
        "utf-8",
    )
    assert any(
        "utility sells district_heat, of which no row says what it emits" in x for x in told(root)
    )


def test_the_tariff_of_a_day_is_that_of_the_connection(tmp_path: Path) -> None:
    """Periods of a tariff that a market names are the market's alone."""
    day = tariff_of_day(mini_park.mini(make_root(tmp_path)).park, "2030-07-15")
    assert "second_tariff" not in {*day.table["tariff"]}
    assert len(day.table) == 24


def test_nobody_buys_in_order_to_sell(tmp_path: Path) -> None:
    """A market that pays 400 all day, where the tariff of the connection sells at 380 by night."""
    root = make_root(tmp_path)
    rows = (
        f"fair,dock_10kv,,export_capacity,,1,MW,{X}",
        f"fair,dock_10kv,,export_price,,400,CNY/MWh,{X}",
    )
    mini_park.add_rows(root / SHEETS / "markets.csv", rows)
    (fault,) = told(root)
    assert "markets.csv, column export_price, '400': fair (rows 13 to 14) pays as much as" in fault
    assert "first in hour 0 of the year: the park would buy in order to sell" in fault
