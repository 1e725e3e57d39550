"""Vehicles at their chargers: bounds by hand, and what a solved day keeps to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_park import Recipe, TinyPark, asset, park, technology
from tiny_solved import flow, labels, power, solved, steps

from meishan_model.components.participation import participants
from meishan_model.components.vehicle_battery import vehicle_batteries
from meishan_model.errors import InputError
from meishan_model.sheets.equipment import AssetLimit
from meishan_model.sheets.records import Fleet

DAY = 24
NIGHT = np.array([1.0] * 7 + [0.0] * 12 + [1.0] * 5)
"""Plugged in from 19 to 7 o'clock."""
EVENING = np.array([0.0] * 19 + [6.0] * 4 + [0.0])
"""Charging as the drivers do it: from 19 to 23 o'clock; mean one."""
NUMBERS = {
    "battery_capacity": 0.06,
    "reserve": 0.2,
    "charger_power": 0.007,
    "discharge_power": 0.0,
    "plugged_in_share": 0.5,
    "round_trip_efficiency": 1.0,
    "payment": 30.0,
}
CARS = Fleet("car", "zone", "transport", "evening", 1000 * 7300.0, 7300.0, {"car_electric": 2e-4})
"""A thousand cars, 20 km a day each at 0.2 kWh/km: 4 kWh a day, 1 kW from 19 to 23 o'clock."""


def vehicles(number: float = 500.0, **numbers: float) -> TinyPark:
    """A park with a fleet of cars, some of which take part, and a cheap half of the night."""
    price = np.where(np.arange(DAY) < 7, 200.0, 900.0)
    tiny = park(Recipe(load=(10.0,) * DAY, purchase_price=tuple(price)))
    cars = technology(
        "smart_cars",
        "vehicle_battery",
        model="car_electric",
        profile="night",
        unit="vehicles",
        parameters={**NUMBERS, **numbers},
    )
    drive = technology("car_electric", "drivetrain", carrier_in="electricity", unit="vehicles")
    inputs = replace(
        tiny.inputs,
        technologies={t.technology: t for t in (cars, drive)},
        assets=(AssetLimit("smart_cars", "zone", {"potential": number}),),
        fleets=(CARS,),
    )
    shapes = {**tiny.profiles.shapes, "night": NIGHT * 2.0, "evening": EVENING}
    fleet = asset("car_electric", existing=1000.0)
    return replace(
        tiny,
        inputs=inputs,
        profiles=replace(tiny.profiles, shapes=shapes),
        rows=(*tiny.rows, fleet),
    )


def test_battery_of_one_car_by_hand() -> None:
    """4 kWh a day come in from 19 to 23 and leave evenly from 7 to 19 o'clock.

    Full at 23 o'clock (60 kWh) and until 7, down to 56 kWh at 19. The charger of 7 kW has 6 kW
    left while the driver charges with 1, and 7 otherwise, if the car is there.
    """
    tiny = vehicles()
    one = vehicle_batteries(tiny.inputs.technologies["smart_cars"], CARS, tiny.profiles)
    uncontrolled = 0.06 - one.least
    np.testing.assert_allclose(uncontrolled[[0, 7, 13, 19, 21, 23, 24]] * 1e3,
                               [60.0, 60.0, 58.0, 56.0, 58.0, 60.0, 60.0])  # fmt: skip
    np.testing.assert_allclose(one.up[[0, 7, 18, 19, 23]] * 1e3, [7.0, 0.0, 0.0, 6.0, 7.0])
    np.testing.assert_allclose(one.down[[0, 7, 19, 22, 23]] * 1e3, [0.0, 0.0, 1.0, 1.0, 0.0])
    fed = {**tiny.inputs.technologies["smart_cars"].parameters, "discharge_power": 0.005}
    able = replace(tiny.inputs.technologies["smart_cars"], parameters=fed)
    both = vehicle_batteries(able, CARS, tiny.profiles)
    np.testing.assert_allclose(both.down[[0, 7, 19, 23]] * 1e3, [5.0, 0.0, 6.0, 5.0])


def test_charging_moves_to_the_cheap_hours(tmp_path: Path) -> None:
    """500 cars put off 0.5 MW for four dear hours and charge 2 MWh after midnight instead.

    The battery of a car is 4 kWh less full at midnight than without, and no car lacks anything.
    """
    ds = solved(vehicles(), tmp_path)
    down, up = power(ds, "smart_cars_zone->zone_20kv"), power(ds, "zone_20kv->smart_cars_zone")
    np.testing.assert_allclose(down[19:23], 0.5, atol=1e-6)
    assert up[:7].sum() == pytest.approx(2.0)
    assert down.sum() == pytest.approx(2.0)


def test_a_battery_too_small_for_the_day_is_refused() -> None:
    """4 kWh a day do not fit into a battery of 4.5 kWh with a reserve of a fifth."""
    with pytest.raises(InputError, match="below its reserve"):
        steps(vehicles(battery_capacity=0.0045))


def test_no_more_cars_take_part_than_the_held_mix_has() -> None:
    """A tenth of 1000 cars is electric where demand stays as usual: 100 of 500 take part."""
    tiny = vehicles()
    held = replace(tiny.inputs, mix={"car": {"car_electric": 0.1, "car_gasoline": 0.9}})
    assert participants(tiny.inputs, tiny.inputs.assets[0]) == 500.0
    assert participants(held, held.assets[0]) == pytest.approx(100.0)


@settings(max_examples=6, deadline=None)
@given(
    prices=st.lists(st.floats(50.0, 2000.0), min_size=DAY, max_size=DAY),
    feeding=st.sampled_from([0.0, 0.005]),
    efficiency=st.floats(0.7, 1.0),
)
def test_a_solved_day_keeps_to_the_vehicles(
    prices: list[float], feeding: float, efficiency: float
) -> None:
    """Whatever the prices: nothing runs while unplugged, all is given back with its loss.

    In the battery (what is there without control, plus the store, less what is usable) stands at
    least the reserve and at most what fits, in every hour.
    """
    tiny = vehicles(discharge_power=feeding, round_trip_efficiency=efficiency)
    tiny = replace(tiny, profiles=replace(tiny.profiles, purchase_price=np.array(prices)))
    found = steps(tiny).solution
    out = found.flow[labels("smart_cars_zone", "zone_20kv")].to_numpy()
    into = found.flow[labels("zone_20kv", "smart_cars_zone")].to_numpy()
    away = NIGHT == 0.0
    assert out[away].max() <= 1e-6
    assert into[away].max() <= 1e-6
    assert into.sum() * efficiency == pytest.approx(out.sum(), abs=1e-5)
    one = vehicle_batteries(tiny.inputs.technologies["smart_cars"], CARS, tiny.profiles)
    store = found.storage_content[flow("smart_cars_zone")].to_numpy() / 500.0
    inside = 0.06 - one.least[1:] + store - 0.8 * 0.06
    assert inside.min() >= 0.2 * 0.06 - 1e-8
    assert inside.max() <= 0.06 + 1e-8


def test_the_store_is_in_the_result(tmp_path: Path) -> None:
    """The content of the vehicles is saved like that of any store, with its losses."""
    ds: xr.Dataset = solved(vehicles(round_trip_efficiency=0.8), tmp_path)
    assert float(ds["outflow_efficiency"].sel(storage=flow("smart_cars_zone"))) == pytest.approx(
        0.8
    )
