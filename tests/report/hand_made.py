"""A result of one week with constant flows, every number of it known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Console, RenderableType

from meishan_model.components.coordinates import IN_FILE
from meishan_model.sheets.views import View

HOURS = 168
Flow = tuple[str, str, str, str, str, float]

FLOWS: tuple[Flow, ...] = (
    # source, target, role, zone, technology, MW
    ("grid_purchase", "upstream", "purchase", "", "", 60.0),
    ("offshore_delivery", "upstream", "delivered", "", "", 40.0),
    ("upstream", "link", "transport", "", "", 100.0),
    ("link", "grid_110kv", "transport", "", "", 99.0),
    ("farm_baifeng", "grid_110kv_renewables", "generation", "baifeng", "wind_onshore", 30.0),
    ("grid_110kv_renewables", "grid_110kv_feed_in", "feed_in", "", "", 21.0),
    ("grid_110kv_renewables", "curtailment", "curtailment", "", "", 9.0),
    ("grid_110kv_feed_in", "grid_110kv", "feed_in", "", "", 21.0),
    ("grid_110kv", "port_step_down", "transport", "port", "transformer", 80.0),
    ("port_step_down", "port_20kv", "transport", "port", "transformer", 79.0),
    ("grid_110kv", "new_port_step_down", "transport", "new_port", "transformer", 40.0),
    ("new_port_step_down", "new_port_20kv", "transport", "new_port", "transformer", 39.5),
    ("port_20kv", "tie", "transport", "port", "link", 10.0),
    ("tie", "new_port_20kv", "transport", "port", "link", 9.5),
    ("roof_port", "port_renewables", "generation", "port", "pv_rooftop", 6.0),
    ("mill_port", "port_renewables", "generation", "port", "wind_onshore", 2.0),
    ("port_renewables", "port_feed_in", "feed_in", "port", "", 8.0),
    ("port_feed_in", "port_20kv", "feed_in", "port", "", 8.0),
    ("port_feed_in", "local_green", "issue", "port", "", 8.0),
    ("port_20kv", "cranes_port", "load", "port", "", 70.0),
    ("port_20kv", "capacitor_port", "charge", "port", "supercapacitor", 9.0),
    ("capacitor_port", "port_20kv", "discharge", "port", "supercapacitor", 8.0),
    ("port_20kv", "heat_pump_port", "conversion", "port", "heat_pump", 6.0),
    ("new_port_20kv", "works_new_port", "load", "new_port", "", 50.0),
    ("new_port_20kv", "reefer_new_port", "shift", "new_port", "reefer_flexibility", 2.0),
    ("reefer_new_port", "new_port_20kv", "shift", "new_port", "reefer_flexibility", 2.0),
    ("saving_new_port", "new_port_20kv", "saving", "new_port", "led", 1.0),
    ("shedding_port", "port_20kv", "shedding", "port", "", 0.0),
    ("shedding_new_port", "new_port_20kv", "shedding", "new_port", "", 0.0),
    ("gas_supply", "natural_gas", "fuel", "", "", 5.0),
)
"""Two zones whose names end alike, a store that is no battery by name, all kinds of flow."""

BUSES = {
    *("upstream", "grid_110kv", "port_20kv", "new_port_20kv", "power_market"),
    *("grid_110kv_renewables", "port_renewables", "local_green", "natural_gas"),
}

VIEWS = (
    ("wind_onshore", "wind", "#56B4E9", "Onshore wind", "陆上风电"),
    ("pv_rooftop", "pv", "#F0E442", "Rooftop PV", "屋顶光伏"),
    ("supercapacitor", "storage", "#CC79A7", "", ""),
)

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


def coordinates(flows: Sequence[Flow]) -> pd.DataFrame:
    """What the flows are, as the registry of a graph tells it."""
    names = ("source", "target", "role", "zone", "technology", "power")
    table = pd.DataFrame(flows, columns=names)
    into = table["target"].isin(BUSES)
    table["bus"] = table["target"].where(into, table["source"])
    table["way"] = np.where(into, "in", "out")
    named = table["bus"].isin(("local_green", "natural_gas"))
    table["carrier"] = table["bus"].where(named, "electricity")
    table["contract"] = np.where(table["role"] == "delivered", "offshore", "")
    loads = {"cranes_port": "cranes", "works_new_port": "works"}
    table["customer"] = table["target"].map(loads).fillna("")
    table["unit"] = "MW"
    return table.reindex(columns=[*IN_FILE, "power"], fill_value="")


def dataset(
    flows: Sequence[Flow] = FLOWS,
    costs: dict[tuple[str, str], float] | None = None,
    emissions: dict[tuple[str, str], float] | None = None,
) -> xr.Dataset:
    """The week as a dataset with those parts of the result contract that a report reads."""
    costs = COSTS if costs is None else costs
    emissions = EMISSIONS if emissions is None else emissions
    time = pd.date_range("2035-03-01", periods=HOURS, freq="h")
    table = coordinates(flows)
    columns = {IN_FILE[n]: ("flow", table[n].to_numpy(dtype=object)) for n in IN_FILE}
    buses = ["upstream", "grid_110kv", "port_20kv", "new_port_20kv"]
    nodes = [*dict.fromkeys([*buses, *table["source"], *table["target"]])]
    stores = ["capacitor_port", "reefer_new_port"]
    rows = [{"thing": thing, **asdict(View(*view))} for thing, *view in VIEWS]
    things = pd.DataFrame(rows)
    views = {n if n == "thing" else f"thing_{n}": ("thing", things[n]) for n in things}
    assets = {"supercapacitor_energy_port": (0.0, 2.0, 0.0), "pv_rooftop_port": (4.0, 1.5, 0.5)}
    sizes = np.array(list(assets.values()))
    return xr.Dataset(
        {
            "power": (("flow", "time"), np.outer(table["power"], np.ones(HOURS))),
            "storage_content": (("storage", "time"), np.outer([3.0, 7.0], np.ones(HOURS))),
            "price": (("bus", "time"), np.outer([500.0, 510.0, 520.0, 530.0], np.ones(HOURS))),
            "kind": ("node", ["bus" if n in buses else "sink" for n in nodes]),
            "limit_most": ("limit", np.zeros(0)),
            "limit_price": ("limit", np.zeros(0)),
            "cost": ("cost_item", list(costs.values())),
            "emissions": ("emission_item", list(emissions.values())),
            "capacity_existing": ("asset", sizes[:, 0]),
            "capacity_new": ("asset", sizes[:, 1]),
            "capacity_bridge": ("asset", sizes[:, 2]),
            "capacity": ("asset", sizes.sum(axis=1)),
        },
        coords={
            "time": time,
            "limit": np.array([], dtype=object),
            "limit_unit": ("limit", np.array([], dtype=object)),
            "flow": [f"{f[0]}->{f[1]}" for f in flows],
            **columns,
            "storage": stores,
            "bus": buses,
            "node": nodes,
            "node_title": ("node", nodes),
            **views,
            "cost_item": [":".join(key) for key in costs],
            "category": ("cost_item", [key[0] for key in costs]),
            "payer": ("cost_item", ["park"] * len(costs)),
            "emission_item": [":".join(key) for key in emissions],
            "scope": ("emission_item", [key[0] for key in emissions]),
            "asset": list(assets),
            "asset_technology": ("asset", [name.rsplit("_", 1)[0] for name in assets]),
            "asset_unit": ("asset", ["MWh", "MW"]),
            "asset_zone": ("asset", ["port", "port"]),
        },
        attrs={
            "title": "Hand-made week",
            "power_carrier": "electricity",
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
