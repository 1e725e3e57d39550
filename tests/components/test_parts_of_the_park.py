"""Transformers, duties, batteries, efficiency measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_park import BATTERY, GAS, PV, Recipe, TinyAsset, asset, park, technology
from tiny_solved import capacity, cost, emission, flow, power, solved

from meishan_model.planning.asset_rows import asset_table
from meishan_model.planning.bounds import bounds
from meishan_model.sheets.records import Measure

approx = pytest.approx


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def test_transformer_serves_both_directions(tmp_path: Path) -> None:
    """One capacity for down and up, and reinforcement is paid once and serves both.

    8 MW of load in hours 1 and 3, 20 MW of PV in hours 2 and 4, of which the hub buys all at 100;
    5 MW stand and at most 9 may be added, at a price that one hour of export repays: 14 MW go up,
    6 MW are curtailed, 8 MW come down.
    """
    yearly = 8760.0 * 10.0
    recipe = Recipe(
        load=(8.0, 0.0, 8.0, 0.0),
        export_price=100.0,
        technologies=[PV, technology("transformer", "transformer")],
        assets=[
            asset("pv", existing=20.0),
            asset("transformer", existing=5.0, upper=9.0, annuity=yearly),
        ],
        capacity_factor={"pv": (0.0, 1.0, 0.0, 1.0)},
        transformer=(5.0, 0.0),
    )
    ds = solved(park(recipe), tmp_path)
    down, up = power(ds, "zone_step_down->zone_20kv"), power(ds, "zone_step_up->grid_110kv")
    close(down, [8.0, 0.0, 8.0, 0.0])
    close(up, [0.0, 14.0, 0.0, 14.0])
    close(power(ds, "zone_renewables->zone_curtailment"), [0.0, 6.0, 0.0, 6.0])
    assert capacity(ds, "transformer") == approx(14.0)
    assert cost(ds, "investment") == approx(9.0 * yearly)
    assert cost(ds, "shedding") == approx(0.0, abs=1.0)


def test_transformer_capacity_is_shared_within_an_hour(tmp_path: Path) -> None:
    """Down and up in the same hour add up to the capacity that stands.

    With 5 MW and a load of 8 MW, 3 MW are shed in hour 1; 20 MW of PV send up 5 in hour 2.
    """
    recipe = Recipe(
        load=(8.0, 0.0),
        export_price=100.0,
        technologies=[PV],
        assets=[asset("pv", existing=20.0)],
        capacity_factor={"pv": (0.0, 1.0)},
        transformer=(5.0, 0.01),
    )
    ds = solved(park(recipe), tmp_path)
    used = power(ds, "grid_110kv->zone_step_down") + power(ds, "zone_20kv->zone_step_up")
    close(used, [5.0, 5.0])
    close(power(ds, "transformer_zone->transformer_zone_capacity"), used)
    close(power(ds, "zone_shedding->zone_20kv"), [8.0 - 5.0 * 0.99, 0.0])
    close(power(ds, "export->power_market"), [0.0, 5.0 * 0.99])


def line_and_transformer(line: TinyAsset | None, most: float) -> Recipe:
    """20 MW of PV, bought up at 100 CNY/MWh, behind 5 MW of transformers and a line of 7 MW."""
    cheap = asset("transformer", existing=5.0, upper=most, annuity=8760.0)
    return Recipe(
        load=(0.0, 0.0),
        export_price=100.0,
        technologies=[
            PV,
            technology("transformer", "transformer"),
            technology("supply_line", "supply_line"),
        ],
        assets=[asset("pv", existing=20.0), cheap, *([] if line is None else [line])],
        capacity_factor={"pv": (1.0, 0.5)},
        transformer=(5.0, 0.0),
        supply_line=7.0,
    )


def test_the_least_of_line_and_transformers_passes(tmp_path: Path) -> None:
    """Transformers could grow to 25 MW, the line not at all: 2 MW are added, 7 MW pass."""
    ds = solved(park(line_and_transformer(None, 20.0)), tmp_path)
    close(power(ds, "zone_step_up->grid_110kv"), [7.0, 7.0])
    assert capacity(ds, "transformer") == approx(7.0)


def test_line_and_transformers_are_reinforced_for_themselves(tmp_path: Path) -> None:
    """All 20 MW pass in hour 1: 15 MW of transformers and 13 MW of line are built and paid.

    One more MW earns 100 CNY in hour 1, which stands for 4380 hours, and nothing in hour 2.
    """
    line = asset("supply_line", existing=7.0, upper=30.0, annuity=2 * 8760.0)
    ds = solved(park(line_and_transformer(line, 20.0)), tmp_path)
    close(power(ds, "zone_step_up->grid_110kv"), [20.0, 10.0])
    assert capacity(ds, "transformer") == approx(20.0)
    assert capacity(ds, "supply_line") == approx(20.0)
    assert cost(ds, "investment") == approx(8760.0 * (15.0 + 2 * 13.0))


def test_a_line_that_carries_all_is_no_node(tmp_path: Path) -> None:
    """Where transformers can never exceed the line, nothing of it is in the problem."""
    ds = solved(park(line_and_transformer(asset("supply_line", existing=7.0), 2.0)), tmp_path)
    close(power(ds, "zone_step_up->grid_110kv"), [7.0, 7.0])
    assert capacity(ds, "supply_line") == approx(7.0)
    assert not any("station" in str(flow) for flow in ds["flow"].to_numpy())


def boilers_and_heat_pump(stock: float) -> Recipe:
    """A heat duty of 1, 2, 4 and 1 MW for boilers in stock, a heat pump, and bridging boilers."""
    return Recipe(
        load=(0.0, 0.0, 0.0, 0.0),
        heat={"heating": (1.0, 2.0, 4.0, 1.0)},
        technologies=[
            technology(
                "gas_boiler",
                "boiler",
                carrier_in="natural_gas",
                carrier_out="building_heat",
                efficiency=0.9,
                variable_om=7.0,
            ),
            technology(
                "heat_pump", "heat_pump", carrier_in="electricity", carrier_out="building_heat"
            ),
        ],
        assets=[
            asset(
                "gas_boiler",
                existing=stock,
                bridge=10.0,
                bridge_annuity=5000.0,
                fixed_om=100.0,
            ),
            asset("heat_pump", upper=2.0, annuity=1000.0, fixed_om=50.0),
        ],
        cop={"heat_pump": (3.0, 3.0, 2.0, 3.0)},
        purchase_price=300.0,
    )


def test_equipment_takes_equal_shares_of_its_duty(tmp_path: Path) -> None:
    """Stock, new build and bridge deliver the same share of the duty in every hour.

    The duty peaks at 4 MW. 1 MW of boilers stands, 2 MW of heat pumps may be built (300 / COP is
    below 275 / 0.9), a bridging boiler gives the missing MW: shares 1/4, 1/2, 1/4 in every hour.
    """
    tiny = park(boilers_and_heat_pump(stock=1.0))
    ds, w = solved(tiny, tmp_path), tiny.weight
    duty = np.array([1.0, 2.0, 4.0, 1.0])
    bus = "zone_building_heat"
    close(power(ds, f"gas_boiler_zone_stock->{bus}"), duty / 4)
    close(power(ds, f"heat_pump_zone->{bus}"), duty / 2)
    close(power(ds, f"gas_boiler_zone_bridge->{bus}"), duty / 4)
    close(power(ds, "zone_20kv->heat_pump_zone"), duty / 2 / np.array([3.0, 3.0, 2.0, 3.0]))
    close(power(ds, "natural_gas->gas_boiler_zone_stock"), duty / 4 / 0.9)
    assert capacity(ds, "gas_boiler", "capacity_bridge") == approx(1.0)
    assert capacity(ds, "heat_pump", "capacity_new") == approx(2.0)
    assert cost(ds, "investment") == approx(2.0 * 1000.0)
    assert cost(ds, "bridge") == approx(1.0 * 5000.0)
    assert cost(ds, "fixed_om") == approx(2.0 * 100.0 + 2.0 * 50.0)
    assert cost(ds, "variable") == approx(7.0 * w * duty.sum() / 2)
    assert cost(ds, "fuel") == approx(275.0 * w * duty.sum() / 2 / 0.9)
    assert emission(ds, "scope1") == approx(GAS * w * duty.sum() / 2 / 0.9)


def test_stock_may_rest_but_costs_its_upkeep(tmp_path: Path) -> None:
    """Stock beyond the duty stays unused, stands in the table and is paid for.

    6 MW of boilers stand, 2 MW of heat pumps are built: 2 MW of the stock work. No bridge is
    needed. The upkeep of the stock is the constant of the objective.
    """
    ds = solved(park(boilers_and_heat_pump(stock=6.0)), tmp_path)
    close(power(ds, "gas_boiler_zone_stock->zone_building_heat"), np.array([1, 2, 4, 1]) / 2)
    assert capacity(ds, "gas_boiler", "capacity_existing") == approx(6.0)
    assert capacity(ds, "gas_boiler", "capacity_bridge") == approx(0.0, abs=1e-6)
    assert ds.attrs["objective_constant"] == approx(600.0)
    assert cost(ds, "fixed_om") == approx(600.0 + 100.0)


def test_duty_without_equipment_is_shed(tmp_path: Path) -> None:
    """A duty that nothing can serve stays undone in proportion, at the value of lost load."""
    recipe = boilers_and_heat_pump(stock=1.0)
    gas_boiler, heat_pump = recipe.assets
    recipe.assets = [replace(gas_boiler, bridge=0.0), heat_pump]
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    shed = power(ds, "zone_building_heat_shedding->zone_building_heat")
    close(shed, np.array([1.0, 2.0, 4.0, 1.0]) / 4)
    assert cost(ds, "shedding") == approx(33000.0 * tiny.weight * 2.0)


def test_battery_sizes_its_inverter_once(tmp_path: Path) -> None:
    """Power and content are sized apart, the inverter by the larger of its two directions.

    PV gives 20 MW in hour 1, the load is 0, 3, 1 MW and purchase costs 10 000. As on paper for the
    engine: content 4 / 0.9 MWh, power 4 / 0.81 MW, of which 2 MW stand.
    """
    recipe = Recipe(
        load=(0.0, 3.0, 1.0),
        purchase_price=10e3,
        technologies=[PV, *BATTERY],
        assets=[
            asset("pv", existing=20.0),
            asset("battery_energy", upper=50.0, annuity=5e3),
            asset("battery_power", existing=2.0, upper=50.0, annuity=8e3),
        ],
        capacity_factor={"pv": (1.0, 0.0, 0.0)},
    )
    ds = solved(park(recipe), tmp_path)
    assert capacity(ds, "battery_energy") == approx(4.0 / 0.9)
    assert capacity(ds, "battery_power") == approx(4.0 / 0.81)
    assert cost(ds, "investment") == approx(5e3 * 4.0 / 0.9 + 8e3 * (4.0 / 0.81 - 2.0))
    close(power(ds, "zone_20kv->battery_zone"), [4.0 / 0.81, 0.0, 0.0])
    close(power(ds, "battery_zone->zone_20kv"), [0.0, 3.0, 1.0])
    close(ds["storage_content"].sel(storage=flow("battery_zone")), [4.0 / 0.9, 1.0 / 0.9, 0.0])


LIGHTING = Measure(
    measure="lighting",
    zone="zone",
    load="load",
    numbers={"potential": 0.2, "investment": 10.0, "lifetime": 10.0, "fixed_om": 0.0},
)


def test_measure_saves_its_share_of_the_load(tmp_path: Path) -> None:
    """A measure with a potential of 20 % saves 20 % of its load in every hour, and not more.

    The bound comes from the pathway: 0.2 x 8760 x 10 MWh / 8760 h = 2 MW of mean saving.
    """
    # Load.energy is 8760 MWh of a shape in MW; the mean of a true shape is one.
    shape = np.array([0.4, 1.2, 1.6, 0.8])
    tiny = park(Recipe(load=tuple(shape), measures=[LIGHTING], purchase_price=660.0))
    load = replace(tiny.inputs.loads[0], energy=87600.0)
    parameters = {
        **tiny.inputs.parameters,
        "discount_rate": 0.08,
        "bridge_premium": 0.01,
        "minimum_asset": 0.01,
        "minimum_asset_share": 0.001,
    }
    inputs = replace(tiny.inputs, loads=(load,), parameters=parameters)
    earlier = replace(inputs, year=2030)
    assets = bounds(asset_table({2030: earlier, 2035: inputs}), 2035)
    tiny = replace(tiny, inputs=inputs, bounded=assets)
    ds = solved(tiny, tmp_path)
    close(power(ds, "lighting_zone_load->zone_20kv"), 2.0 * shape)
    close(power(ds, "grid_purchase->upstream"), 8.0 * shape)
    assert float(ds["capacity_new"].sel(asset="lighting_zone_load")) == approx(2.0)
    # 10 CNY per MWh a year for 2 MW, repaid over ten years at 8 %.
    annuity = 10.0 * 2.0 * 8760.0 * 0.08 / (1.0 - 1.08**-10)
    assert cost(ds, "investment") == approx(annuity)


@pytest.mark.parametrize("loads", ["heating", "heating and hot water"])
def test_measure_on_heat_saves_its_share(loads: str, tmp_path: Path) -> None:
    """Insulation saves part of the heating, whether or not hot water hangs on the same boilers.

    Heating 0, 1, 2, 1 MW, hot water 1 MW all the time, insulation for a quarter of the heating
    at no cost: the boilers deliver a quarter of the heating less. They follow the sum of both
    loads, so the saving is laid over the hours in that shape; its energy is that of the heating.
    """
    recipe = boilers_and_heat_pump(stock=10.0)
    heating = np.array([0.0, 1.0, 2.0, 1.0])
    water = np.ones(4) if loads == "heating and hot water" else np.zeros(4)
    recipe.heat = {"heating": tuple(heating)}
    if water.any():
        recipe.heat = {**recipe.heat, "hot_water": tuple(water)}
    recipe.assets = [
        replace(recipe.assets[0], bridge=0.0),
        replace(asset("insulation", upper=0.25), asset="insulation_zone_heating"),
    ]
    recipe.measures = [replace(LIGHTING, measure="insulation", load="heating")]
    ds = solved(park(recipe), tmp_path)
    duty = heating + water
    saved = heating.sum() / 4 * duty / duty.sum()
    close(power(ds, "insulation_zone_heating->zone_building_heat"), saved)
    delivered = power(ds, "gas_boiler_zone_stock->zone_building_heat")
    assert delivered.sum() == approx((0.75 * heating + water).sum())
    close(power(ds, "zone_building_heat_shedding->zone_building_heat"), 0.0)
