"""Markets outside the park, limits of a year and their prices, each found by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_park import (
    FURNACE,
    GAS,
    GRID_LOCATION,
    GRID_MARKET,
    LOST_LOAD,
    PV,
    Recipe,
    asset,
    certificate,
    park,
    technology,
)
from tiny_solved import cost, emission, power, solved

from meishan_model.accounts.principles import exported_energy, most_local_renewables
from meishan_model.components.selection import flows_of_slice, select
from meishan_model.report.hourly import dispatch
from meishan_model.report.summary import power_balance
from meishan_model.sheets.buses import Bus
from meishan_model.sheets.records import Market

approx = pytest.approx
HEAT = Bus("pipes", "building_heat", "zone")


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def market(name: str, bus: str, profile: str = "", **numbers: float) -> Market:
    """A market with numbers of its sheet."""
    return Market(name, bus, profile, numbers)


@pytest.mark.parametrize(("charge", "bought"), [(100e3, 6.0), (140e3, 0.0)])
def test_a_second_connection_has_its_own_tariff_and_demand_charge(
    charge: float, bought: float, tmp_path: Path
) -> None:
    """It is worth its demand charge where one cheap hour a month saves more.

    An hour of four stands for 2190; the second connection costs 300 in the first hour of both
    months, the first one 660: a MW saves 360 x 2190 = 788 400 in a month, and is billed for half
    of the year's months: 6 x 100 000 is less, 6 x 140 000 is more.
    """
    recipe = Recipe(
        load=(10.0, 10.0, 10.0, 10.0),
        month=(1, 1, 2, 2),
        courses={"second_tariff": (0.5, 1.5, 0.5, 1.5)},
        markets=[
            market(
                *("second", "zone_20kv", "second_tariff"),
                import_capacity=6.0,
                import_price=600.0,
                demand_charge=charge,
            )
        ],
    )
    ds = solved(park(recipe), tmp_path)
    bought_here = np.array([bought, 0.0, bought, 0.0])
    close(power(ds, "second_import->zone_20kv"), bought_here)
    close(power(ds, "grid_purchase->upstream"), 10.0 - bought_here)
    assert cost(ds, "purchase") == approx(2190.0 * (660.0 * (40.0 - 2 * bought) + 600.0 * bought))
    assert cost(ds, "demand_charge") == approx(bought * 12 * charge)
    bill = ds["bill"].sel(bill_part="markets").to_numpy()[:2]
    close(bill, 2190.0 * 600.0 * 0.5 * bought)
    assert emission(ds, "scope2_market") == approx(87600.0 * GRID_MARKET)
    assert emission(ds, "scope2_location") == approx(87600.0 * GRID_LOCATION)
    own = select(flows_of_slice(ds), role="purchase", asset="second")
    assert own[["carrier", "zone"]].to_numpy().tolist() == [["electricity", "zone"]]
    supply, use = power_balance(ds)
    assert supply.sum() == approx(use.sum()) == approx(87600.0)
    assert ds.attrs["hourly_matched_share"] == 0.0


def boilers(**of_gas: Any) -> Recipe:
    """8 MW of heat by an electrode boiler at 500 CNY/MWh or by biogas at 200, efficiency 0.8."""
    return Recipe(
        load=(0.0, 0.0),
        purchase_price=500.0,
        heat={"homes": (8.0, 8.0)},
        buses=[HEAT, Bus("biogas_pipe", "biogas", "zone")],
        factors={"biogas": 0.0},
        technologies=[
            technology(
                *("electrode", "boiler"),
                carrier_in="electricity",
                carrier_out="building_heat",
                efficiency=1.0,
            ),
            technology(
                *("gas_boiler", "boiler"),
                carrier_in="biogas",
                carrier_out="building_heat",
                efficiency=0.8,
            ),
        ],
        assets=[asset("electrode", existing=20.0), asset("gas_boiler", existing=20.0)],
        markets=[
            market("farm", "biogas_pipe", import_capacity=50.0, import_price=200.0, **of_gas)
        ],
    )


def test_a_budget_of_biogas_is_worth_what_it_saves(tmp_path: Path) -> None:
    """43 800 MWh of 87 600 that would be burnt: one more saves 0.8 MWh of power for its price."""
    ds = solved(park(boilers(import_limit=43800.0)), tmp_path)
    bought = select(flows_of_slice(ds), role="fuel", asset="farm")["energy"].sum()
    assert bought == approx(43800.0)
    limit = ds.sel(limit="farm_import_limit")
    assert limit["limit_most"] == approx(43800.0)
    assert limit["limit_unit"] == "MWh"
    assert limit["limit_price"] == approx(0.8 * 500.0 - 200.0)
    assert cost(ds, "fuel") == approx(43800.0 * 200.0)
    assert cost(ds, "purchase") == approx((8.0 * 8760.0 - 0.8 * 43800.0) * 500.0)
    assert emission(ds, "scope1") == 0.0
    free = solved(park(boilers()), tmp_path)
    assert cost(free, "purchase") == approx(0.0, abs=1e-3)


def test_purchase_through_the_connection_is_limited_in_a_year(tmp_path: Path) -> None:
    """Half of 10 MW comes from a dearer market; without one it is shed, and told by the price."""
    half = Recipe(
        load=(10.0, 10.0),
        purchase_price=600.0,
        purchase_limit=43800.0,
        markets=[market("other", "zone_20kv", import_capacity=20.0, import_price=900.0)],
    )
    ds = solved(park(half), tmp_path)
    assert power(ds, "grid_purchase->upstream").sum() == approx(10.0)
    limit = ds.sel(limit="purchase through fence")
    assert limit["limit_price"] == approx(300.0)
    alone = solved(park(Recipe(load=(10.0, 10.0), purchase_limit=43800.0)), tmp_path)
    assert alone["limit_price"].sel(limit=limit["limit"]) == approx(LOST_LOAD - 660.0)


def test_a_market_buys_and_sells(tmp_path: Path) -> None:
    """8 MW of PV in hour 2: 2 MW serve the load, 4 are sold, 2 are curtailed.

    The market is cheaper than the connection, whose tariff has no say in hour 1. What is sold
    takes no certificate along, and is no clean export; what is used at home is 2 of 12 MW.
    """
    recipe = Recipe(
        load=(10.0, 2.0),
        purchase_price=700.0,
        technologies=[PV],
        assets=[asset("pv", existing=8.0)],
        capacity_factor={"pv": (0.0, 1.0)},
        markets=[
            market(
                *("fair", "zone_20kv"),
                import_capacity=20.0,
                import_price=600.0,
                export_capacity=4.0,
                export_price=200.0,
            )
        ],
    )
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    close(power(ds, "fair_import->zone_20kv"), [10.0, 0.0])
    close(power(ds, "zone_20kv->fair_export"), [0.0, 4.0])
    close(power(ds, "zone_renewables->zone_curtailment"), [0.0, 2.0])
    assert cost(ds, "purchase") == approx(10.0 * 600.0 * 4380.0)
    assert cost(ds, "export") == approx(-4.0 * 200.0 * 4380.0)
    assert ds.attrs["hourly_matched_share"] == approx(2.0 / 12.0)
    assert exported_energy(ds) == 0.0
    found = {
        i.indicator: i.value for i in most_local_renewables({2035: ds}, {2035: tiny.inputs}, 8.0)
    }
    assert found["local_share_of_demand"] == approx(2.0 / 12.0)
    assert found["export_beside_discharge"] == 0.0
    for wanted in ({}, {"zone": "zone"}):
        bands = dispatch(ds, wanted, "band")
        close(bands.sum(axis=1), [0.0, 0.0])
        close(bands["export (use)"], [0.0, -4.0])


def test_a_fuel_at_a_bus_emits_as_one_that_is_burnt(tmp_path: Path) -> None:
    """4 MW of heat from gas at 0.8: 5 MW of gas with the factor of its rows."""
    recipe = boilers()
    recipe.buses = [HEAT, Bus("gas_grid", "natural_gas", "zone")]
    recipe.technologies = [
        technology(
            *("gas_boiler", "boiler"),
            carrier_in="natural_gas",
            carrier_out="building_heat",
            efficiency=0.8,
        )
    ]
    recipe.heat = {"homes": (4.0, 4.0)}
    recipe.markets = [market("utility", "gas_grid", import_capacity=50.0, import_price=275.0)]
    ds = solved(park(recipe), tmp_path)
    assert emission(ds, "scope1") == approx(5.0 * 8760.0 * GAS)
    assert cost(ds, "fuel") == approx(5.0 * 8760.0 * 275.0)


@pytest.mark.parametrize("fuel", ["coal", "natural_gas"])
def test_certificates_cover_the_power_of_a_market_and_not_its_fuel(
    fuel: str, tmp_path: Path
) -> None:
    """10 MW of power from a market are covered, and no more, though 4 MW of fuel emit beside.

    Certificates for 4 x 0.2 / 0.6 MW more would cost less than the gap under a cap of zero.
    """
    recipe = Recipe(
        load=(10.0, 10.0),
        purchase_price=700.0,
        heat={"homes": (4.0, 4.0)},
        buses=[HEAT, Bus("yard", fuel, "zone")],
        factors={fuel: GAS},
        technologies=[replace(FURNACE, carrier_in=fuel)],
        assets=[asset("furnace", existing=10.0)],
        contracts=[certificate(price=5.0)],
        markets=[
            market("fair", "zone_20kv", import_capacity=20.0, import_price=600.0),
            market("dealer", "yard", import_capacity=20.0, import_price=200.0),
        ],
        cap=0.0,
    )
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "fair_import->zone_20kv"), [10.0, 10.0])
    assert cost(ds, "certificate") == approx(10.0 * 8760.0 * 5.0)
    assert emission(ds, "scope2_market") == approx(0.0, abs=1e-3)
    assert emission(ds, "gap") == approx(4.0 * 8760.0 * GAS)
