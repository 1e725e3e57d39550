"""A result of one week with constant flows, every number of it known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Console, RenderableType

HOURS = 168
Flow = tuple[str, str, str, str, str, float]

FLOWS: tuple[Flow, ...] = (
    # source, target, carrier, zone, technology, MW
    ("grid_purchase", "upstream", "electricity", "", "purchase", 60.0),
    ("offshore_delivery", "upstream", "electricity", "", "green_power", 40.0),
    ("upstream", "link", "electricity", "", "connection", 100.0),
    ("link", "grid_110kv", "electricity", "", "connection", 99.0),
    ("farm_baifeng", "grid_110kv_renewables", "electricity", "baifeng", "wind_onshore", 30.0),
    ("grid_110kv_renewables", "grid_110kv_feed_in", "electricity", "", "feed_in", 21.0),
    ("grid_110kv_renewables", "curtailment", "electricity", "", "curtailment", 9.0),
    ("grid_110kv_feed_in", "grid_110kv", "electricity", "", "feed_in", 21.0),
    ("grid_110kv", "port_step_down", "electricity", "port", "transformer", 80.0),
    ("port_step_down", "port_20kv", "electricity", "port", "transformer", 79.0),
    ("grid_110kv", "new_port_step_down", "electricity", "new_port", "transformer", 40.0),
    ("new_port_step_down", "new_port_20kv", "electricity", "new_port", "transformer", 39.5),
    ("port_20kv", "tie", "electricity", "port", "dc_tie", 10.0),
    ("tie", "new_port_20kv", "electricity", "port", "dc_tie", 9.5),
    ("roof_port", "port_renewables", "electricity", "port", "pv_rooftop", 6.0),
    ("mill_port", "port_renewables", "electricity", "port", "wind_onshore", 2.0),
    ("port_renewables", "port_feed_in", "electricity", "port", "feed_in", 8.0),
    ("port_feed_in", "port_20kv", "electricity", "port", "feed_in", 8.0),
    ("port_feed_in", "local_green", "local_green", "port", "", 8.0),
    ("port_20kv", "cranes_port", "electricity", "port", "load", 70.0),
    ("port_20kv", "capacitor_port", "electricity", "port", "supercapacitor", 9.0),
    ("capacitor_port", "port_20kv", "electricity", "port", "supercapacitor", 8.0),
    ("port_20kv", "heat_pump_port", "electricity", "port", "heat_pump", 6.0),
    ("new_port_20kv", "works_new_port", "electricity", "new_port", "load", 50.0),
    ("new_port_20kv", "reefer_new_port", "electricity", "new_port", "reefer_flexibility", 2.0),
    ("reefer_new_port", "new_port_20kv", "electricity", "new_port", "reefer_flexibility", 2.0),
    ("saving_new_port", "new_port_20kv", "electricity", "new_port", "led", 1.0),
    ("gas_supply", "natural_gas", "natural_gas", "", "fuel_supply", 5.0),
)
"""Two zones whose names end alike, a store that is no battery by name, all kinds of flow."""

COSTS = {
    ("purchase", "time_of_use"): 40e6,
    ("investment", "pv"): 12e6,
    ("export", "market"): -2e6,
    ("shadow_carbon", "electricity"): 30e6,
}
EMISSIONS = {
    ("scope1", "natural_gas"): 9e3,
    ("scope2_market", "electricity"): 20e3,
    ("scope2_market", "certificates"): -4e3,
    ("scope2_location", "electricity"): 33e3,
    ("sink", "forest"): -6e3,
    ("credit", "ccer"): -1e3,
}


def dataset(
    flows: Sequence[Flow] = FLOWS,
    costs: dict[tuple[str, str], float] | None = None,
    emissions: dict[tuple[str, str], float] | None = None,
) -> xr.Dataset:
    """The week as a dataset with those parts of the result contract that a report reads."""
    costs = COSTS if costs is None else costs
    emissions = EMISSIONS if emissions is None else emissions
    time = pd.date_range("2035-03-01", periods=HOURS, freq="h")
    names = ("source", "target", "carrier", "zone", "technology")
    columns = {n: ("flow", [f[i] for f in flows]) for i, n in enumerate(names)}
    buses = ["upstream", "grid_110kv", "port_20kv", "new_port_20kv"]
    stores = ["capacitor_port", "reefer_new_port"]
    assets = {"supercapacitor_energy_port": (0.0, 2.0, 0.0), "pv_rooftop_port": (4.0, 1.5, 0.5)}
    sizes = np.array(list(assets.values()))
    return xr.Dataset(
        {
            "power": (("flow", "time"), np.outer([f[5] for f in flows], np.ones(HOURS))),
            "storage_content": (("storage", "time"), np.outer([3.0, 7.0], np.ones(HOURS))),
            "price": (("bus", "time"), np.outer([500.0, 510.0, 520.0, 530.0], np.ones(HOURS))),
            "kind": ("node", ["bus"] * len(buses)),
            "cost": ("cost_item", list(costs.values())),
            "emissions": ("emission_item", list(emissions.values())),
            "capacity_existing": ("asset", sizes[:, 0]),
            "capacity_new": ("asset", sizes[:, 1]),
            "capacity_bridge": ("asset", sizes[:, 2]),
            "capacity": ("asset", sizes.sum(axis=1)),
        },
        coords={
            "time": time,
            "flow": [f"{f[0]}->{f[1]}" for f in flows],
            **columns,
            "unit": ("flow", ["MW"] * len(flows)),
            "storage": stores,
            "bus": buses,
            "node": buses,
            "cost_item": [":".join(key) for key in costs],
            "category": ("cost_item", [key[0] for key in costs]),
            "emission_item": [":".join(key) for key in emissions],
            "scope": ("emission_item", [key[0] for key in emissions]),
            "asset": list(assets),
            "asset_technology": ("asset", [name.rsplit("_", 1)[0] for name in assets]),
            "asset_unit": ("asset", ["MWh", "MW"]),
        },
        attrs={
            "title": "Hand-made week",
            "emission_cap": 20e3,
            "carbon_value": 250.0,
            "solver": "nobody",
            "backend": "none",
            "optimality_gap": 0.0,
            "build_seconds": 0.0,
            "solve_seconds": 0.0,
            "cost_sheet": "none",
            "weather": "none",
        },
    )


def as_text(thing: RenderableType) -> str:
    """What a person would read in a terminal of 80 columns."""
    console = Console(file=StringIO(), width=80)
    console.print(thing)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
