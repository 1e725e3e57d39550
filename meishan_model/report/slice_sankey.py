"""Energy of a year from its sources to its uses, the graph's nodes drawn together in groups."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from meishan_model.components.selection import buses_of_zones, each, flows_of_slice, select
from meishan_model.components.station import TRANSFORMER
from meishan_model.report.bands import sold
from meishan_model.report.palette import PALETTE, colour_of_flow, colour_of_item, item_of

SMALL = 0.05
"""Links below this [GWh] are not drawn."""

_GRID = "group.grid"
_SAVED = "band.efficiency measures"


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
    flows = select(flows_of_slice(ds), unit="MW")
    flows = flows.assign(gwh=flows["energy"] / 1e3, item=item_of(flows))
    components, buses = _components(flows), _buses(flows)
    into = flows["way"] == "in"
    flows = flows.assign(a=components.where(into, buses), b=buses.where(into, components))
    colours = _colours(flows, components)
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
            "colour": links["a"].where(~back, links["b"]).map(colours),
        }
    ).sort_values("gwh", ascending=False, ignore_index=True)


def _components(flows: pd.DataFrame) -> pd.Series[str]:
    """Group of the component at one end of each flow, a key of labels."""
    sellers = set(sold(flows)["target"])

    def group(flow: Any) -> str:
        place = f"zone.{flow.zone}" if flow.zone else _GRID
        match flow.role:
            case "feed_in":
                return place
            case "transport" if sellers & {flow.source, flow.target}:
                return "technology.export"
            case "transport" if flow.technology == TRANSFORMER or not flow.zone:
                return place
            case "transport":
                return f"technology.{flow.technology}"
            case "saving":
                return _SAVED
            case "fuel":
                return f"carrier.{flow.carrier}"
            case "duty":
                return f"load.{flow.carrier}_demand"
            case "load":
                return f"load.{flow.customer}"
        return f"technology.{flow.item}"

    return pd.Series([group(flow) for flow in each(flows)], flows.index)


def _buses(flows: pd.DataFrame) -> pd.Series[str]:
    """Group of the bus at the other end of each flow, a key of labels."""
    groups = {bus: f"zone.{zone}" for zone, bus in buses_of_zones(flows).items()}
    fed_in = select(flows, role="feed_in", way="out", may_be_empty=True)
    groups |= {f.bus: f"zone.{f.zone}" for f in each(fed_in) if f.zone}
    for role in ("offered", "export"):
        traded = select(flows, role=role, may_be_empty=True)
        groups |= {f.bus: f"technology.{f.item}" for f in each(traded)}
    # Other buses of electricity are those at 110 kV and above.
    at_grid = flows["bus"].map(groups).fillna(_GRID)
    return at_grid.where(flows["carrier"] == "electricity", "carrier." + flows["carrier"])


def _colours(flows: pd.DataFrame, components: pd.Series[str]) -> dict[str, str]:
    """Colour of each group."""
    colours = {
        group: colour_of_flow(flow.role, flow.technology)
        for group, flow in zip(components, each(flows), strict=True)
    }
    colours |= {f"carrier.{name}": colour_of_item(name) for name in flows["carrier"].unique()}
    return colours | dict.fromkeys([_GRID, *("zone." + flows["zone"])], PALETTE["wind"])
