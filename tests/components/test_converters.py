"""Converters on networks, each park solved by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_park import (
    GAS,
    GRID_MARKET,
    Recipe,
    asset,
    networks,
    park,
    technology,
)
from tiny_solved import capacity, cost, emission, net_emission, power, price, solved

from meishan_model.components.selection import energy_of, flows_of_slice, select
from meishan_model.sheets.equipment import Conversion

WEIGHT = 2190.0
"""Hours of the year that each of four hours stands for."""


def converter(name: str, takes: str, gives: str, *beside: Conversion, **fields: Any) -> Any:
    """A technology of the kind converter."""
    return technology(
        name, "converter", carrier_in=takes, carrier_out=gives, conversions=beside, **fields
    )


def takes(carrier: str, amount: float, profile: str = "") -> Conversion:
    """A further input for each unit of the main output."""
    return Conversion(carrier, "in", profile, amount)


def gives(carrier: str, amount: float) -> Conversion:
    """A further output for each unit of the main output."""
    return Conversion(carrier, "out", "", amount)


def test_two_converters_on_a_heat_network_run_in_merit_order(tmp_path: Path) -> None:
    """Gas at 275 / 0.5 + 10 = 560 before power at 660; what is new build pays its annuity.

    Of heat of 2, 5, 8 and 3 MW the engine's 4 MW serve 2, 4, 4 and 3, the boiler the rest; 1 MW
    more of the engine saves 100 in two hours, 2190 times a year each, and costs 300 000.
    """
    load, heat = (1.0,) * 4, (2.0, 5.0, 8.0, 3.0)
    two = (
        converter("engine", "natural_gas", "warmth", efficiency=0.5, variable_om=10.0),
        technology(
            "boiler", "boiler", carrier_in="electricity", carrier_out="warmth", efficiency=1.0
        ),
    )
    stock = (asset("engine", existing=4.0), asset("boiler", existing=9.0))
    ds = solved(
        park(Recipe(load, technologies=two, assets=stock, **networks(warmth=heat))), tmp_path
    )
    np.testing.assert_allclose(power(ds, "engine_zone->zone_warmth"), [2, 4, 4, 3], atol=1e-6)
    np.testing.assert_allclose(power(ds, "boiler_zone->zone_warmth"), [0, 1, 4, 0], atol=1e-6)
    np.testing.assert_allclose(power(ds, "natural_gas->engine_zone"), [4, 8, 8, 6], atol=1e-6)
    np.testing.assert_allclose(price(ds, "zone_warmth"), [560, 660, 660, 560], rtol=1e-6)
    assert cost(ds, "fuel") == pytest.approx(WEIGHT * 26 * 275)
    assert cost(ds, "variable") == pytest.approx(WEIGHT * 13 * 10)
    assert cost(ds, "purchase") == pytest.approx(WEIGHT * (4 + 5) * 660)
    assert emission(ds, "scope1") == pytest.approx(WEIGHT * 26 * GAS)
    # What the heat is made of is no final energy beside it.
    energy = ds["energy_mwh"].groupby(ds["energy_carrier"]).sum().to_series()
    assert energy.to_dict() == pytest.approx({"electricity": 4 * WEIGHT, "warmth": 18 * WEIGHT})
    grown = (asset("engine", existing=4.0, upper=3.0, annuity=300e3), stock[1])
    ds = solved(
        park(Recipe(load, technologies=two, assets=grown, **networks(warmth=heat))), tmp_path
    )
    assert capacity(ds, "engine", "capacity_new") == pytest.approx(1.0)
    assert cost(ds, "investment") == pytest.approx(300e3)


def test_power_is_stored_as_hydrogen(tmp_path: Path) -> None:
    """A MWh back from the store is 1 / 0.7 / 0.5 MWh bought at 100, where it costs 1000.

    The electrolyser's 5 MW fill the store in two hours with 10 MWh, of which the fuel cell makes
    5, in whichever of the last two hours.
    """
    tank = (
        technology(
            "tank_energy",
            "store_energy",
            unit="MWh",
            carrier_in="hydrogen",
            store="tank",
            parameters={"standing_loss": 0.0},
        ),
        technology("tank_power", "store_power", store="tank", efficiency=1.0),
    )
    recipe = Recipe(
        load=(10.0,) * 4,
        purchase_price=(100.0, 100.0, 1000.0, 1000.0),
        technologies=(
            converter("electrolyser", "electricity", "hydrogen", efficiency=0.7),
            converter("fuel_cell", "hydrogen", "electricity", efficiency=0.5),
            *tank,
        ),
        assets=(
            asset("electrolyser", existing=5.0),
            asset("fuel_cell", existing=4.0),
            asset("tank_energy", existing=50.0),
            asset("tank_power", existing=50.0),
        ),
        **networks(hydrogen=(0.0,) * 4),
    )
    ds = solved(park(recipe), tmp_path)
    made = power(ds, "electrolyser_zone->zone_hydrogen")
    np.testing.assert_allclose(made, [5, 5, 0, 0], atol=1e-6)
    back = power(ds, "fuel_cell_zone->zone_20kv")
    assert back[:2] == pytest.approx(0.0) and back.sum() == pytest.approx(5.0)
    bought = 100 * (20 + 10 / 0.7) + 1000 * (20 - 5)
    assert cost(ds, "purchase") == pytest.approx(WEIGHT * bought)
    assert net_emission(ds) == pytest.approx(WEIGHT * (35 + 10 / 0.7) * GRID_MARKET)
    # What goes through the store is used when it is made, and not again when it comes back.
    assert ds.attrs["hourly_matched_share"] == pytest.approx(0.0)


def test_methanol_is_made_of_hydrogen_carbon_dioxide_and_power(tmp_path: Path) -> None:
    """For 2 MW: 2.5 MW of hydrogen, 0.5 t/h at 400, 0.2 MW of power; 0.3 MW of heat are given.

    The heat replaces that of a boiler, of which 0.1, 0.2, 0.3 and 0.4 MW are wanted: no more than
    0.3 may come, so that all that is given is wanted in the last two hours alone.
    """
    recipe = Recipe(
        load=(1.0,) * 4,
        technologies=(
            converter(
                "synthesis",
                "hydrogen",
                "methanol",
                takes("carbon_dioxide", 0.25),
                takes("electricity", 0.1),
                gives("warmth", 0.15),
                efficiency=0.8,
                variable_om=5.0,
            ),
            technology(
                "fire", "boiler", carrier_in="natural_gas", carrier_out="warmth", efficiency=1.0
            ),
        ),
        assets=(asset("synthesis", existing=2.0), asset("fire", existing=1.0)),
        **networks(methanol=(2.0,) * 4, warmth=(0.3, 0.4, 0.5, 0.6)),
        prices={"hydrogen": 300.0, "carbon_dioxide": 400.0},
        factors={"hydrogen": 0.0, "carbon_dioxide": 0.0},
        flow_units={"carbon_dioxide": "t/h"},
    )
    ds = solved(park(recipe), tmp_path)
    np.testing.assert_allclose(power(ds, "carbon_dioxide->synthesis_zone"), [0.5] * 4)
    np.testing.assert_allclose(power(ds, "hydrogen->synthesis_zone"), [2.5] * 4)
    np.testing.assert_allclose(power(ds, "fire_zone->zone_warmth"), [0, 0.1, 0.2, 0.3], atol=1e-6)
    parts = {"fuel": 4 * (2.5 * 300 + 0.5 * 400) + 0.6 * 275, "purchase": 4 * 1.2 * 660}
    for category, value in {**parts, "variable": 4 * 2 * 5}.items():
        assert cost(ds, category) == pytest.approx(WEIGHT * value)
    units = select(flows_of_slice(ds), carrier="carbon_dioxide")["unit"]
    assert set(units) == {"t/h"}
    # Carbon dioxide is no energy.
    assert "carbon_dioxide" not in ds["energy_carrier"].to_numpy()
    # Another hydrogen would make the methanol cost 1 / 0.8 of it more.
    made = 300 / 0.8 + 400 * 0.25 + 660 * 0.1 + 5 - 0.15 * price(ds, "zone_warmth")
    np.testing.assert_allclose(price(ds, "zone_methanol")[1:], made[1:], rtol=1e-6)


def test_a_chiller_has_a_course_and_a_pump_gives_water(tmp_path: Path) -> None:
    """Cold of 4 MW takes a quarter of it times the course; 500 m3/h of water 0.4 kWh each."""
    recipe = Recipe(
        load=(1.0,) * 4,
        technologies=(
            converter("chiller", "electricity", "cold", takes("electricity", 0.25, "warm_day")),
            converter("pump", "electricity", "water", takes("electricity", 0.4e-3), unit="m3/h"),
        ),
        assets=(asset("chiller", existing=4.0), asset("pump", unit="m3/h", existing=600.0)),
        **networks(cold=(4.0,) * 4, water=(500.0,) * 4),
        courses={"warm_day": (0.8, 1.2, 1.2, 0.8)},
        flow_units={"water": "m3/h"},
    )
    ds = solved(park(recipe), tmp_path)
    np.testing.assert_allclose(power(ds, "zone_20kv->chiller_zone"), [0.8, 1.2, 1.2, 0.8])
    np.testing.assert_allclose(power(ds, "zone_20kv->pump_zone"), [0.2] * 4)
    assert cost(ds, "purchase") == pytest.approx(WEIGHT * 660 * (4 + 4 + 0.8))
    np.testing.assert_allclose(price(ds, "zone_water"), [660 * 0.4e-3] * 4)
    assert energy_of(ds, role="load", carrier="water") == pytest.approx(500 * 8760)
    assert "water" not in ds["energy_carrier"].to_numpy()


def test_back_pressure_gives_heat_and_power_in_one_proportion(tmp_path: Path) -> None:
    """Each MW of power comes with 1.5 MW of heat: the heat wanted says how much power there is.

    A MW of power takes 2.5 MW of gas at 275; it saves 660 and, of 1.5 MW of heat, 275 / 0.9 each.
    """
    recipe = Recipe(
        load=(10.0,) * 4,
        technologies=(
            converter(
                "turbine", "natural_gas", "electricity", gives("warmth", 1.5), efficiency=0.4
            ),
            technology(
                "fire", "boiler", carrier_in="natural_gas", carrier_out="warmth", efficiency=0.9
            ),
        ),
        assets=(asset("turbine", existing=4.0), asset("fire", existing=9.0)),
        **networks(warmth=(0.0, 3.0, 6.0, 9.0)),
    )
    ds = solved(park(recipe), tmp_path)
    np.testing.assert_allclose(power(ds, "turbine_zone->zone_20kv"), [0, 2, 4, 4], atol=1e-6)
    np.testing.assert_allclose(power(ds, "turbine_zone->zone_warmth"), [0, 3, 6, 6], atol=1e-6)
    np.testing.assert_allclose(power(ds, "fire_zone->zone_warmth"), [0, 0, 0, 3], atol=1e-6)
    assert cost(ds, "fuel") == pytest.approx(WEIGHT * 275 * (10 * 2.5 + 3 / 0.9))
    assert cost(ds, "purchase") == pytest.approx(WEIGHT * 660 * (40 - 10))
    # Local power of a fuel is used as well, and is not clean.
    assert ds.attrs["hourly_matched_share"] == pytest.approx(0.0)
