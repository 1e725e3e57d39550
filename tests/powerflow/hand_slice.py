"""A slice by the result contract as far as a power flow reads it, with flows that balance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.coordinates import IN_FILE
from meishan_model.sheets.grid import GridSheets

ELEMENTS = ("transformer", "link")
LOSS = 0.01
TIE, TIE_LOSS = "dc_tie_meishan_bonded", 0.04
CONNECTION = "upstream_connection"


class _Flows:
    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self.power: list[np.ndarray] = []

    def add(
        self, source: str, target: str, role: str, zone: str, kind: str, power: object
    ) -> None:
        """A flow of electricity [MW]; `kind` is its technology, or the element of the network."""
        technology = next((name for name in ELEMENTS if kind.startswith(name)), kind)
        asset = source if role == "generation" else kind
        self.rows.append((source, target, role, zone, technology, asset))
        self.power.append(np.asarray(power, dtype=np.float64))


def hand_slice(grid: GridSheets, hours: int = 24, seed: int = 0, scale: float = 1.0) -> xr.Dataset:
    """Every zone with a load, PV with some curtailment and a battery; wind at 110 kV; the DC tie.

    Loads are about 20 MW x `scale`, PV up to 30 MW x `scale`. Whatever a zone lacks comes through
    its transformers, whatever the park lacks through the connection; a surplus is exported.
    """
    rng = np.random.default_rng(seed)
    flows = _Flows()
    hub = np.zeros(hours)
    capacity: dict[str, float] = {}
    tie = rng.uniform(0.0, 0.5, hours)
    for zone in grid.zones:
        load, sun, battery = (
            scale * rng.uniform(a, b, hours) for a, b in ((10, 20), (0, 30), (-5, 5))
        )
        bus, kept = f"{zone}_20kv", 0.9
        flows.add(f"{zone}_shedding", bus, "shedding", zone, "", np.zeros(hours))
        flows.add(bus, f"industry_{zone}", "load", zone, "", load)
        flows.add(
            f"pv_rooftop_{zone}", f"{zone}_renewables", "generation", zone, "pv_rooftop", sun
        )
        flows.add(f"{zone}_renewables", f"{zone}_feed_in", "feed_in", zone, "", kept * sun)
        flows.add(f"{zone}_renewables", f"{zone}_curtailment", "curtailment", zone, "", 0.1 * sun)
        flows.add(f"{zone}_feed_in", bus, "feed_in", zone, "", kept * sun)
        flows.add(bus, f"battery_{zone}", "charge", zone, "battery", np.maximum(battery, 0.0))
        flows.add(f"battery_{zone}", bus, "discharge", zone, "battery", np.maximum(-battery, 0.0))
        net = load - kept * sun + battery
        if zone in ("meishan", "bonded"):
            label = f"{TIE}_meishan_to_bonded"
            if zone == "meishan":
                flows.add(bus, label, "transport", zone, TIE, tie)
                net = net + tie
            else:
                flows.add(label, bus, "transport", "meishan", TIE, tie * (1 - TIE_LOSS))
                net = net - tie * (1 - TIE_LOSS)
        down, up = np.maximum(net, 0.0) / (1 - LOSS), np.maximum(-net, 0.0)
        flows.add(
            "grid_110kv", f"{zone}_step_down", "transport", zone, f"transformer_{zone}", down
        )
        flows.add(
            f"{zone}_step_down", bus, "transport", zone, f"transformer_{zone}", down * (1 - LOSS)
        )
        flows.add(bus, f"{zone}_step_up", "transport", zone, f"transformer_{zone}", up)
        flows.add(
            f"{zone}_step_up",
            "grid_110kv",
            "transport",
            zone,
            f"transformer_{zone}",
            up * (1 - LOSS),
        )
        hub += down - up * (1 - LOSS)
        capacity |= {f"pv_rooftop_{zone}": 30.0 * scale, f"battery_energy_{zone}": 20.0}
    wind = scale * rng.uniform(0, 60, hours)
    flows.add(
        "wind_chuanshan_baifeng",
        "grid_110kv_renewables",
        "generation",
        "baifeng",
        "wind_chuanshan",
        wind,
    )
    flows.add("grid_110kv_renewables", "grid_110kv_feed_in", "feed_in", "", "", wind)
    flows.add("grid_110kv_feed_in", "grid_110kv", "feed_in", "", "", wind)
    short = hub - wind
    bought = np.maximum(short, 0.0)
    flows.add("upstream", "upstream_connection", "transport", "", CONNECTION, bought / (1 - LOSS))
    flows.add("upstream_connection", "grid_110kv", "transport", "", CONNECTION, bought)
    sold = np.maximum(-short, 0.0)
    flows.add("grid_110kv", "export", "transport", "", CONNECTION, sold)
    flows.add("export", "power_market", "transport", "", CONNECTION, sold * (1 - LOSS))
    return _dataset(flows, capacity | {"wind_chuanshan_baifeng": 60.0 * scale}, hours)


def _dataset(flows: _Flows, capacity: dict[str, float], hours: int) -> xr.Dataset:
    names = ["source", "target", "role", "zone", "technology", "asset"]
    table = pd.DataFrame(flows.rows, columns=names)
    ends = ("_20kv", "_renewables", "grid_110kv", "upstream", "power_market")
    into = table["target"].str.endswith(ends)
    table["bus"] = table["target"].where(into, table["source"])
    table["way"] = np.where(into, "in", "out")
    table["customer"] = np.where(table["role"] == "load", "industry", "")
    table = table.assign(carrier="electricity", unit="MW")
    table = table.reindex(columns=[*IN_FILE], fill_value="")
    texts = {IN_FILE[name]: ("flow", table[name].to_numpy(dtype=object)) for name in table}
    assets = np.array(list(capacity), dtype=object)
    kinds = [a.rsplit("_", 1)[0] for a in assets]
    return xr.Dataset(
        {
            "power": (("flow", "time"), np.stack(flows.power)),
            "capacity": ("asset", np.array([*capacity.values()])),
            "energy_mwh": ("energy_item", np.array([8000.0, 2000.0])),
        },
        {
            **texts,
            "flow": (table["source"] + "->" + table["target"]).to_numpy(dtype=object),
            "time": pd.date_range("2050-01-01", periods=hours, freq="h"),
            "asset": assets,
            "asset_technology": ("asset", np.array(kinds, dtype=object)),
            "asset_zone": ("asset", np.array([a.rsplit("_", 1)[1] for a in assets])),
            "energy_carrier": ("energy_item", np.array(["electricity", "diesel"], dtype=object)),
        },
        {
            "title": "By hand",
            "park": "meishan",
            "power_carrier": "electricity",
            "scenario": "by_hand",
            "year": 2050,
            "cost_sheet": "reference",
            "inputs_sha256": "0" * 64,
        },
    )


def relabelled(ds: xr.Dataset) -> xr.Dataset:
    """The same slice with other labels of nodes, which carry no meaning; titles stay."""
    ends = ("source", "target", "node", "storage", "bus")
    there = [name for name in ends if name in ds.coords]
    known = dict.fromkeys(str(label) for name in there for label in ds[name].to_numpy())
    other = {label: f"n{number:05d}" for number, label in enumerate(known)}
    renamed = {
        name: (ds[name].dims, np.array([other[str(label)] for label in ds[name].to_numpy()]))
        for name in there
    }
    flows = [
        "->".join(pair) for pair in zip(renamed["source"][1], renamed["target"][1], strict=True)
    ]
    return ds.assign_coords({**renamed, "flow": flows})
