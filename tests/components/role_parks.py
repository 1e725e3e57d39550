"""Parks in which every role is at work: everything in one, and what is counted in m3 and t."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tiny_park import (
    BATTERY,
    BUSES,
    NETWORK,
    PV,
    Recipe,
    TinyPark,
    asset,
    certificate,
    contract,
    credit,
    export,
    green_power,
    park,
    technology,
)

from meishan_model.sheets.buses import Bus
from meishan_model.sheets.equipment import AssetLimit, NetworkElement
from meishan_model.sheets.records import Fleet, Load, Market, Measure

HOURS = 24
FENCE, TRANSFORMER, LINE, TIE = 0.03, 0.01, 0.005, 0.02
"""Losses of the elements of the network [-]."""
CARS = Fleet("car", "zone", "transport", "evening", 1000 * 7300.0, 7300.0, {"car_electric": 2e-4})
REEFERS = {"duration": 3.0, "recovery_efficiency": 0.9, "standing_loss": 0.1, "payment": 10.0}
BATTERIES = {"battery_capacity": 0.06, "reserve": 0.2, "charger_power": 0.007, "payment": 30.0}
BATTERIES |= {"discharge_power": 0.005, "plugged_in_share": 0.5, "round_trip_efficiency": 0.9}


def whole_park(matching: str) -> TinyPark:
    """A day of a park with everything: two zones with a tie, and too little of all for all."""
    day = np.arange(HOURS)
    sun = np.clip(np.sin((day - 6) * np.pi / 12), 0.0, None)
    flat = np.ones(HOURS)
    recipe = Recipe(
        load=tuple(8.0 + 4.0 * (day > 17)),
        heat={"heating": tuple(2.0 + np.cos(day * np.pi / 12))},
        month=(1,) * 12 + (2,) * 12,
        purchase_price=tuple(np.where(day < 7, 200.0, 900.0)),
        export_price=tuple(100.0 + 10.0 * day),
        market_price=90.0,
        technologies=[
            *(PV, *BATTERY[1:]),
            technology("wind", "wind", bus="grid_110kv"),
            replace(BATTERY[0], parameters={"standing_loss": 0.01}),
            technology("transformer", "transformer"),
            technology("supply_line", "supply_line"),
            technology(
                *("gas_boiler", "boiler"),
                **{"carrier_in": "natural_gas", "carrier_out": "building_heat"},
                efficiency=0.9,
            ),
            technology(
                "heat_pump", "heat_pump", carrier_in="electricity", carrier_out="building_heat"
            ),
            technology("car_electric", "drivetrain", carrier_in="electricity", unit="vehicles"),
            technology("reefers", "flexible_load", parameters=REEFERS),
            technology(
                *("smart_cars", "vehicle_battery"),
                **{"model": "car_electric", "profile": "night", "unit": "vehicles"},
                parameters=BATTERIES,
            ),
        ],
        assets=[
            asset("pv", existing=40.0),
            asset("wind", existing=5.0),
            replace(asset("pv", existing=10.0), asset="pv_other", zone="other"),
            asset("battery_energy", existing=10.0),
            asset("battery_power", existing=4.0),
            asset("transformer", existing=14.0, upper=4.0, annuity=1.0),
            asset("supply_line", existing=15.0),
            asset("gas_boiler", existing=1.0, bridge=0.5, bridge_annuity=1.0),
            asset("heat_pump", upper=1.0, annuity=1.0),
            asset("car_electric", existing=900.0),
            replace(asset("lighting", existing=0.05, upper=0.05), asset="lighting_zone_load"),
        ],
        capacity_factor={"pv": tuple(sun), "wind": tuple(0.5 * flat)},
        cop={"heat_pump": tuple(3.0 * flat)},
        green_power={"hydro": tuple((day < 9) * 0.9 + 0.1), "sun": tuple(sun)},
        contracts=[
            green_power("hydro", "hydro", 30.0, 20.0),
            green_power("own_use", "sun", 6.0, 10.0, consumer="load"),
            export("neighbours", "sun", 4.0, 400.0),
            certificate(limit=1e3),
            credit(limit=1e3),
            contract("forest", "sink", "", {"area": 10.0, "rate": 4.0, "price": 1.0}),
        ],
        measures=[Measure("lighting", "zone", "load", {})],
        prices={"demand_charge": 1000.0},
        connection=(25.0, FENCE),
        transformer=(14.0, TRANSFORMER),
        supply_line=15.0,
        scenario={"matching": matching},
        cap=0.0,
    )
    return _with_other_zone(park(recipe))


def counted_park() -> TinyPark:
    """Water and sand are bought, sold and made, slurry and methane are fuels: in m3 and in t."""
    units = {"water": "m3/h", "sand": "t/h", "methane": "m3/h", "slurry": "t/h"}
    made, fuels = ("water", "sand"), ("methane", "slurry")
    imports = {"import_capacity": 9.0, "import_price": 20.0}
    exports = {"export_capacity": 9.0, "export_price": 1.0}
    recipe = Recipe(
        load=(1.0,) * 4,
        buses=[Bus(f"{carrier}_bus", carrier, "zone") for carrier in units],
        loads={f"{carrier}_use": (carrier, "zone", (2.0,) * 4) for carrier in units},
        flow_units=units,
        scope2=dict.fromkeys(made, (0.0, 0.0)),
        factors=dict.fromkeys(fuels, 0.0),
        markets=[
            *(Market(f"{c}_market", f"{c}_bus", "", imports | exports) for c in made),
            *(Market(f"{c}_market", f"{c}_bus", "", imports) for c in fuels),
        ],
        technologies=[
            technology(
                *(f"{c}_maker", "converter"),
                **{"carrier_in": "electricity", "carrier_out": c, "unit": units[c]},
                efficiency=100.0,
            )
            for c in made
        ],
        assets=[replace(asset(f"{c}_maker", existing=1.0), unit=units[c]) for c in made],
    )
    return park(recipe)


def _with_other_zone(tiny: TinyPark) -> TinyPark:
    """Beside it a zone with PV of its own, reached through a tie of 3 MW, and all that waits."""
    ends = ("zone_20kv", "other_20kv")
    line = next(e for e in tiny.inputs.network if e.kind.name == "supply_line")
    others = tuple(e for e in tiny.inputs.network if e is not line)
    network = (
        *others,
        replace(line, loss=LINE),
        NetworkElement("tie", NETWORK["link"], *ends, 3.0, TIE),
    )
    inputs = replace(
        tiny.inputs,
        zones=("zone", "other"),
        buses=(*BUSES, Bus("other_20kv", "electricity", "other")),
        network=network,
        loads=(
            *tiny.inputs.loads,
            Load("town", "other", "buildings", "electricity", "town", 8760),
        ),
        fleets=(CARS,),
        assets=(
            AssetLimit("reefers", "zone", {"potential": 1.0}),
            AssetLimit("smart_cars", "zone", {"potential": 500.0}),
        ),
    )
    day = np.arange(HOURS)
    shapes = {
        **tiny.profiles.shapes,
        "flat": np.ones(HOURS),
        "town": 2.0 + 4.0 * (day > 20),
        "evening": 6.0 * ((day >= 19) & (day < 23)),
        "night": 2.0 * ((day < 7) | (day >= 19)),
    }
    return replace(tiny, inputs=inputs, profiles=replace(tiny.profiles, shapes=shapes))
