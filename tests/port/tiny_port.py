"""The tiny park with a quay at which ships of one class and voltage lie."""

from __future__ import annotations

from typing import Any

from ship_examples import berths, ship
from tiny_park import Recipe, asset, technology

from meishan_model.port.ships import BerthSeries

MARINE_FUEL = 0.27
"""Emission factor [tCO2/MWh]."""
VOLTAGE = 6.6
SHIPS = (
    technology(
        "shore_power",
        "shore_power",
        carrier_out="quay",
        efficiency=0.95,
        parameters={"voltage": VOLTAGE, "socket_power": 1e6},
    ),
    technology(
        "auxiliary_engine",
        "auxiliary_engine",
        carrier_in="marine_fuel",
        carrier_out="berth_power",
        parameters={"engine_efficiency": 0.4},
    ),
)
QUAY = berths(1, ship(voltage=VOLTAGE), zone="zone")


def port_recipe(
    ships: BerthSeries, purchase_price: float, shore_power: float, **more: Any
) -> Recipe:
    """Ships with engines of 40 % and shore power [MW] that delivers 95 %, and no other load."""
    given = {
        "load": (0.0,) * len(ships.hotel_load),
        "technologies": SHIPS,
        "assets": [asset("shore_power", existing=shore_power)],
        "plugins": {"port": ((QUAY,), {("quay", VOLTAGE): ships})},
        "prices": {"marine_fuel": 300.0},
        "factors": {"marine_fuel": MARINE_FUEL},
    }
    return Recipe(purchase_price=purchase_price, **{**given, **more})
