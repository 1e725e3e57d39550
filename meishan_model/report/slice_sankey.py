"""Energy of a year from its sources to its uses, the graph's nodes drawn together in groups."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from meishan_model.components.selection import buses_of_zones, each, flows_of_slice, select
from meishan_model.report.hourly import bus_of_park, sold
from meishan_model.report.labels import colours_of, colours_of_flows, item_of
from meishan_model.results.scale import scale_of
from meishan_model.sheets.views import GROUPS

SMALL = 0.05
"""Links below this, in the unit that suits the park, are not drawn."""

_ZONE = "zone."
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
        ``source``, ``target`` (keys of labels), ``energy`` [MWh/a], ``colour``.
    """
    flows = select(flows_of_slice(ds), unit="MW")
    flows = flows.assign(item=item_of(flows))
    grid = f"bus.{bus_of_park(flows)}"
    buses = _buses(ds, flows, grid)
    components = _components(flows, buses, grid, ds.attrs["power_carrier"])
    into = flows["way"] == "in"
    flows = flows.assign(a=components.where(into, buses), b=buses.where(into, components))
    colours = _colours(ds, flows, components, grid)
    flows = flows[flows["a"] != flows["b"]]
    swapped = flows["a"] > flows["b"]
    first = flows["a"].where(~swapped, flows["b"])
    second = flows["b"].where(~swapped, flows["a"])
    net = flows["energy"].where(~swapped, -flows["energy"]).groupby([first, second]).sum()
    least = SMALL * scale_of(net, "MWh", "GWh").divisor
    links = net[net.abs() >= least].rename("energy").rename_axis(["a", "b"]).reset_index()
    back = links["energy"] < 0
    return pd.DataFrame(
        {
            "source": links["a"].where(~back, links["b"]),
            "target": links["b"].where(~back, links["a"]),
            "energy": links["energy"].abs(),
            "colour": links["a"].where(~back, links["b"]).map(colours),
        }
    ).sort_values("energy", ascending=False, ignore_index=True)


def _components(
    flows: pd.DataFrame, buses: pd.Series[str], grid: str, power: str
) -> pd.Series[str]:
    """Group of the component at one end of each flow, a key of labels."""
    sellers = set(sold(flows)["target"])
    # Elements of the network with an end outside the zones belong to the zone of the other end.
    in_zones = buses.isin(_ZONE + flows["zone"])
    of_power = (flows["role"] == "transport") & (flows["carrier"] == power)
    to_grid = set(flows.loc[of_power & ~in_zones, "asset"])

    def group(flow: Any) -> str:
        place = f"{_ZONE}{flow.zone}" if flow.zone else grid
        match flow.role:
            case "feed_in":
                return place
            case "transport" if sellers & {flow.source, flow.target}:
                return "role.export"
            case "transport" if flow.asset in to_grid:
                return place
            case "transport":
                return f"technology.{flow.technology}"
            case "saving":
                return _SAVED
            case "fuel":
                return f"carrier.{flow.carrier}"
            case "load":
                return f"load.{flow.customer}"
            case "duty":
                return f"demand.{flow.carrier}"
        return _item(flow)

    return pd.Series([group(flow) for flow in each(flows)], flows.index)


def _item(flow: Any) -> str:
    """Key of what a flow belongs to: its technology, or its role where it has none."""
    return f"{'technology' if flow.item == flow.technology else 'role'}.{flow.item}"


def _buses(ds: xr.Dataset, flows: pd.DataFrame, grid: str) -> pd.Series[str]:
    """Group of the bus at the other end of each flow, a key of labels."""
    groups = {bus: f"{_ZONE}{zone}" for zone, bus in buses_of_zones(ds).items()}
    fed_in = select(flows, role="feed_in", way="out", may_be_empty=True)
    groups |= {f.bus: f"{_ZONE}{f.zone}" for f in each(fed_in) if f.zone}
    for role in ("offered", "export"):
        traded = select(flows, role=role, asset="", may_be_empty=True)
        groups |= {f.bus: _item(f) for f in each(traded)}
    # Other buses of power are those above the zones, one group.
    at_grid = flows["bus"].map(groups).fillna(grid)
    power = flows["carrier"] == ds.attrs["power_carrier"]
    return at_grid.where(power, "carrier." + flows["carrier"])


def _colours(
    ds: xr.Dataset, flows: pd.DataFrame, components: pd.Series[str], grid: str
) -> dict[str, str]:
    """Colour of each group."""
    colours = dict(zip(components, colours_of_flows(ds, flows), strict=True))
    colour_of = colours_of(ds)
    colours |= {f"carrier.{name}": colour_of(name) for name in flows["carrier"].unique()}
    return colours | dict.fromkeys([grid, *(_ZONE + flows["zone"])], GROUPS["wind"])
