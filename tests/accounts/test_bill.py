"""The bill by month and part: by hand, and equal to the cost table in every slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from mini_park import YEARS, mini
from tiny_park import PV, Recipe, TinyPark, asset, export, park
from tiny_solved import steps

from benchmarks.same_problems import solve_one
from meishan_model.accounts.bill import capped_sales
from meishan_model.planning.project import open_project
from meishan_model.results.wording import Finding

HOURS = pd.date_range("2022-01-01", periods=8760, freq="h")
POWER = 500.0 + 200.0 * np.sin(np.arange(8760) / 7.0) + np.arange(8760) / 40.0
"""Of a meter [kW]."""
FILES = {
    "configs/plant/park.yaml": "name: plant\ntitle: Plant\ntitle_zh: 厂\nlatitude: 30\n"
    "longitude: 120\naltitude: 5\ntimezone: Asia/Shanghai\ncountry: CN\n",
    "configs/scenarios/plant.yaml": "title: As it is\npark: plant\nfirst_year: 2022\n"
    "target_year: 2022\nneutrality: false\nshadow_carbon: false\n",
    "configs/plant/loads.csv": "load,zone,sector,carrier,profile,year,value,unit,source,"
    "confidence,note\nworks,site,industry,electricity,meter.csv:kW,,,MWh/a,m,published,\n",
    "configs/plant/network.csv": "element,kind,from_bus,to_bus,parameter,value,unit,source,"
    "confidence,note\ngrid,connection,upstream,busbar,capacity,5000,kW,contract,published,\n"
    "grid,connection,upstream,busbar,loss,0,%,contract,published,\n",
    "configs/plant/prices.csv": "item,year,value,unit,source,confidence,note\n"
    "purchase_flat,,600,CNY/MWh,bill,published,\nnetwork_charge,,100,CNY/MWh,bill,published,\n"
    "demand_charge,,40,CNY/(kW*month),bill,published,\n"
    "market_price,,400,CNY/MWh,exchange,published,\n",
    "configs/plant/surcharges.csv": "surcharge,valid_from,valid_until,value,unit,source,"
    "confidence,note\nfunds,2020-01-01,,30,CNY/MWh,bill,published,\n",
    "configs/plant/tariff_periods.csv": "tariff,valid_from,valid_until,months,day_type,"
    "start_hour,end_hour,period,value,unit,source,confidence,note\n"
    "day,2022-01-01,,1;2;3;4;5;6;7;8;9;10;11;12,all,0,24,flat,1,1,bill,published,\n",
}


def parts(ds: xr.Dataset) -> pd.DataFrame:
    """Months x parts [CNY/a]."""
    return pd.DataFrame(ds["bill"].transpose("month", "bill_part").to_pandas())


def test_the_bill_of_a_metered_load_by_hand(tmp_path: Path) -> None:
    """Each MWh has 600 of energy and network, 30 of levies, each kW of a month's peak 40 CNY."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "configs" / "costs").symlink_to(Path(__file__).parents[2] / "configs" / "costs")
    folder = tmp_path / "timeseries" / "plant"
    folder.mkdir(parents=True)
    meter = pd.Series(POWER, HOURS, name="kW").rename_axis("t")
    meter.to_csv(folder / "meter.csv")
    found = parts(solve_one(open_project("plant", tmp_path), 2022))
    energy = (meter / 1e3).groupby(HOURS.month).sum()
    expected = {
        "energy": 500.0 * energy,
        "network": 100.0 * energy,
        "levies": 30.0 * energy,
        "demand": 40.0 * meter.groupby(HOURS.month).max(),
    }
    for part, values in expected.items():
        assert found[part].to_list() == pytest.approx(values.to_list(), rel=1e-6), part
    assert (found[["contracts", "markets", "fuels", "sales"]] == 0.0).all(axis=None)


def test_the_parts_are_those_of_the_cost_table(solved_mini: Path) -> None:
    """In every slice of a pathway, and in the file of the pathway."""
    project = mini(solved_mini)
    pathway = project.open_result("pathway")
    for year in YEARS:
        ds = project.open_result(year)
        cost = ds["cost"].to_series().groupby(ds["category"].to_series()).sum()
        found = parts(ds).sum()
        bought = found[["energy", "network", "levies", "contracts", "markets"]].sum()
        assert bought == pytest.approx(cost["purchase"])
        assert found["demand"] == pytest.approx(cost["demand_charge"])
        assert found["fuels"] == pytest.approx(cost.get("fuel", 0.0))
        assert found["sales"] == pytest.approx(cost.get("export", 0.0), abs=1e-6)
        xr.testing.assert_allclose(pathway["bill"].sel(year=year, drop=True), ds["bill"])


def capped(tiny: TinyPark) -> list[Finding]:
    """What is told of the hours in which a sale earns less than the market pays."""
    one = steps(tiny)
    return [*capped_sales(one.graph.registry, one.solution, tiny.profiles)]


def test_hours_count_in_which_power_is_left_and_earns_less_than_the_market_pays() -> None:
    """Two hours of five: 2 MW that nobody pays for are left unused, 200 W are sold at a half.

    The others have what would show if they counted: in the third hour 50 W are left, in the
    fourth a sale earns what the market pays, in the fifth there is nothing to be sold.
    """
    recipe = Recipe(
        load=(1.0,) * 5,
        export_price=(-50.0, 200.0, -90.0, 300.0, -10.0),
        market_price=(150.0, 400.0, 600.0, 300.0, 700.0),
        technologies=[PV],
        assets=[asset("pv", existing=3.0)],
        capacity_factor={"pv": (1.0, 1.0002 / 3.0, 1.00005 / 3.0, 1.0, 0.0)},
    )
    (found,) = capped(park(recipe))
    ends = {"earned": [-50.0, 200.0], "worth": [150.0, 400.0]}
    assert found == Finding("sales_capped", {"hours": [2.0 * 8760.0 / 5.0], **ends})
    # Where nothing may be sold nothing is held down.
    assert capped(park(recipe).with_scenario(export=False)) == []


def test_what_is_sold_by_contract_earns_its_own_price() -> None:
    """The 2 MW that are left go to the city at 500: no sale is held down, as without plants."""
    recipe = Recipe(load=(1.0, 1.0), export_price=50.0, market_price=100.0)
    assert capped(park(recipe)) == []
    recipe.technologies, recipe.assets = [PV], [asset("pv", existing=3.0)]
    recipe.capacity_factor = recipe.green_power = {"pv": (1.0, 1.0)}
    ends = {"earned": [50.0, 50.0], "worth": [100.0, 100.0]}
    assert capped(park(recipe)) == [Finding("sales_capped", {"hours": [8760.0], **ends})]
    recipe.contracts = [export("city", "pv", 2.0, 500.0)]
    assert capped(park(recipe)) == []
