"""Shore power is sized for each group of berths and each voltage by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_park import TinyPark, asset, park
from tiny_park import technology as kind
from tiny_port import QUAY, SHIPS, port_recipe
from tiny_solved import capacity, emission, power, solved

from meishan_model.port.ships import BerthSeries

approx = pytest.approx
HIGH, LOW = 6.6, 0.44
CONNECTABLE = {
    ("east", HIGH): (2.0, 2.0, 2.0, 2.0),
    ("east", LOW): (0.0, 1.0, 0.0, 0.0),
    ("west", HIGH): (1.0, 1.0, 3.0, 3.0),
}
ANNUITY = {("east", HIGH): 1e6, ("east", LOW): 1e6, ("west", HIGH): 2e6}
NAMES = {("east", HIGH): "east_high", ("east", LOW): "east_low", ("west", HIGH): "west_high"}


def two_quays() -> TinyPark:
    """East has ships of both voltages, west of the high one; each pair its own shore power."""
    systems = [
        kind(
            name,
            "shore_power",
            carrier_out=group,
            efficiency=0.95,
            parameters={"voltage": kv, "socket_power": 1e6},
        )
        for (group, kv), name in NAMES.items()
    ]
    idle = BerthSeries(np.zeros(4), np.zeros(4), np.zeros(4))
    tiny = park(
        port_recipe(
            idle,
            purchase_price=400.0,
            shore_power=0.0,
            technologies=[*systems, SHIPS[1]],
            assets=[asset(n, upper=10.0, annuity=ANNUITY[c]) for c, n in NAMES.items()],
        )
    )
    (ship,) = QUAY.ships
    small = replace(ship, ship_class="small", voltage=LOW)
    groups = (
        replace(QUAY, berth_group="east", ships=(ship, small)),
        replace(QUAY, berth_group="west"),
    )
    ships = {
        connection: BerthSeries(
            hotel_load=np.array(series) + 0.5,
            connectable=np.array(series),
            boiler_fuel=np.full(4, 0.1),
        )
        for connection, series in CONNECTABLE.items()
    }
    return replace(
        tiny,
        inputs=replace(tiny.inputs, of_plugins={"port": groups}),
        profiles=replace(tiny.profiles, of_plugins={"port": ships}),
    )


def test_each_group_and_voltage_has_the_capacity_that_pays(tmp_path: Path) -> None:
    """A MW that works all year saves 750 - 400 / 0.95 = 329 CNY/MWh x 8760 h = 2.88 million CNY.

    East, high voltage: all 2 MW work all year, at 1 million they are built. East, low voltage:
    1 MW works a quarter of the year, 0.72 million, and is not built at 1 million. West: the first
    MW works all year, the next two half of it (1.44 million); at 2 million the first is built.
    """
    ds = solved(two_quays(), tmp_path)
    built = {name: capacity(ds, name, "capacity_new") for name in NAMES.values()}
    assert built == {
        "east_high": approx(2.0),
        "east_low": approx(0.0, abs=1e-6),
        "west_high": approx(1.0),
    }


def test_systems_serve_their_own_ships_only(tmp_path: Path) -> None:
    """What is free at one quay or voltage does not serve another: engines give the rest.

    East at high voltage draws 2 MW of 2.5, west 1 MW, east at low voltage none of 0.5 to 1.5 MW.
    """
    tiny = two_quays()
    ds = solved(tiny, tmp_path)
    east = power(ds, "east_high_zone->east_ships_6_6kv")
    np.testing.assert_allclose(east, 2.0, atol=1e-6)
    engines = power(ds, "east_ships_0_44kv_auxiliary_engines->east_ships_0_44kv")
    np.testing.assert_allclose(engines, [0.5, 1.5, 0.5, 0.5], atol=1e-6)
    engines = power(ds, "west_ships_6_6kv_auxiliary_engines->west_ships_6_6kv")
    np.testing.assert_allclose(engines, [0.5, 0.5, 2.5, 2.5], atol=1e-6)
    # Engines give 2, 3 and 6 MWh at 40 %; the boilers of the three burn 0.1 MW in four hours.
    fuel = (2.0 + 3.0 + 6.0) / 0.4 + 3 * 4 * 0.1
    assert emission(ds, "scope1") == approx(0.27 * tiny.weight * fuel)
