"""Energy of a year from its sources to its uses, the graph's nodes drawn together in groups."""

from __future__ import annotations

import re

import pandas as pd
import xarray as xr

from meishan_model.report.bands import zones_of
from meishan_model.report.palette import (
    PALETTE,
    colour_of_item,
    colour_of_technology,
    kind_of_technology,
)
from meishan_model.sheets.buses import HUB, UPSTREAM
from meishan_model.sheets.model_year import weight_of_hour

SMALL = 0.05
"""Links below this [GWh] are not drawn."""

_GRID = "group.grid"
_SAVED = "band.efficiency measures"
_INSIDE = re.compile(r"_(20kv|renewables|feed_in|step_down|step_up)$")


def energy_links(ds: xr.Dataset) -> pd.DataFrame:
    """Energy between the groups of a slice.

    What circles between two groups is netted, so a store shows what it loses. Nodes that only
    pass power on (transformers, feed-in) belong to their busbar; their losses are inside it.

    Parameters
    ----------
    ds
        A slice by the result contract.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target`` (keys of labels), ``gwh`` [GWh/a], ``colour``.
    """
    flows = pd.DataFrame(
        {
            name: ds[name].to_numpy().astype(str)
            for name in ("source", "target", "carrier", "technology", "unit")
        }
    )
    hours = ds.sizes["time"]
    flows["gwh"] = ds["power"].sum("time").to_numpy() / 1e3 * weight_of_hour(hours)
    flows = flows[flows["unit"] == "MW"]
    groups = _groups(flows, zones_of(ds), ds)
    flows = flows.assign(a=flows["source"].map(groups), b=flows["target"].map(groups))
    flows = flows[flows["a"] != flows["b"]]
    swapped = flows["a"] > flows["b"]
    first = flows["a"].where(~swapped, flows["b"])
    second = flows["b"].where(~swapped, flows["a"])
    net = flows["gwh"].where(~swapped, -flows["gwh"]).groupby([first, second]).sum()
    links = net[net.abs() >= SMALL].rename("gwh").rename_axis(["a", "b"]).reset_index()
    back = links["gwh"] < 0
    return pd.DataFrame(
        {
            "source": links["a"].where(~back, links["b"]),
            "target": links["b"].where(~back, links["a"]),
            "gwh": links["gwh"].abs(),
            "colour": [
                _colour(b if r else a)
                for a, b, r in zip(links["a"], links["b"], back, strict=True)
            ],
        }
    ).sort_values("gwh", ascending=False, ignore_index=True)


def _groups(flows: pd.DataFrame, zones: list[str], ds: xr.Dataset) -> dict[str, str]:
    """Group of every node, a key of labels."""
    buses = set(map(str, ds["node"].to_numpy()[ds["kind"].to_numpy() == "bus"]))
    found: dict[str, str] = {}
    for end in ("source", "target"):
        for node, row in flows.drop_duplicates(end).set_index(end).iterrows():
            name = str(node)
            place = _INSIDE.sub("", name)
            technology, carrier = str(row["technology"]), str(row["carrier"])
            if name in found:
                continue
            if place in zones:
                found[name] = f"zone.{place}"
            elif name.startswith((UPSTREAM, HUB)) and "curtailment" not in name:
                found[name] = _GRID
            elif technology in ("green_power", "export", "shedding", "curtailment", "purchase"):
                found[name] = f"technology.{technology}"
            elif name in buses or technology == "fuel_supply":
                found[name] = f"carrier.{carrier}"
            elif technology in ("", "load"):
                found[name] = f"load.{_without_zone(name, zones)}"
            elif kind_of_technology(technology) == "efficiency measures":
                found[name] = _SAVED
            else:
                found[name] = f"technology.{technology}"
    return found


def _without_zone(name: str, zones: list[str]) -> str:
    """Name of a load without its zone: it ends with it, a heat demand begins with it.

    Ships are one load, whatever their berth and voltage.
    """
    if name.endswith("_hotel_load"):
        return "port_ships_hotel_load"
    for zone in zones:
        if name.endswith(f"_{zone}"):
            return name.removesuffix(f"_{zone}")
        if name.startswith(f"{zone}_") and name.endswith("_demand"):
            return name.removeprefix(f"{zone}_")
    return name


def _colour(key: str) -> str:
    kind, name = key.split(".", 1)
    if kind == "technology":
        return colour_of_technology(name)
    if kind == "carrier":
        return colour_of_item(name)
    return PALETTE.get(name, PALETTE["wind"])
