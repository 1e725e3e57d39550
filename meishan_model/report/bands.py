"""Hourly supply and use of electricity by group of technologies: the bands of every dispatch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.buses import (
    HUB,
    UPSTREAM,
    ZONE_ENDING,
    bus_of_zone,
    busbar_of,
    zone_of_bus,
)

_GROUPS = {
    "purchase": "purchase",
    "green_power": "green power",
    "load": "loads",
    "export": "export",
    "shedding": "shedding",
    "feed_in": "local renewables",
}


def zones_of(ds: xr.Dataset) -> list[str]:
    """Zones with a busbar of their own, in the order of the file."""
    nodes = (str(n) for n in ds["node"].to_numpy())
    return [zone_of_bus(n) for n in nodes if n.endswith(ZONE_ENDING)]


def dispatch_bands(ds: xr.Dataset, zone: str = "") -> pd.DataFrame:
    """Supply (+) and use (-) of electricity in every hour [MW], by group of technologies.

    Parameters
    ----------
    ds
        A slice by the result contract.
    zone
        A zone, or empty for the whole park.

    Returns
    -------
    pandas.DataFrame
        Hours x bands named ``"<group> (supply)"`` and ``"<group> (use)"``.

    Raises
    ------
    InputError
        If the zone is not there.
    """
    buses = _buses(ds, zone)  # what leads from one of them to another is no supply
    electric = (ds["carrier"] == "electricity").to_numpy()
    into = np.isin(ds["target"], buses) & electric
    out = np.isin(ds["source"], buses) & electric
    within = np.isin(ds["technology"], ["connection", "transformer", "dc_tie"]) & (zone == "")
    inner = (into & out) | within
    columns: dict[str, pd.Series[float]] = {}
    for mask, sign, side in ((into & ~inner, 1.0, "supply"), (out & ~inner, -1.0, "use")):
        part = ds[["power"]].isel(flow=np.flatnonzero(mask))
        names = [f"{_group(str(t), ds, sign)} ({side})" for t in part["technology"].to_numpy()]
        table = sum_by_name(part["power"], names) * sign
        columns |= {str(name): table[name] for name in table}
    return _split_renewables(pd.DataFrame(columns), ds, buses)


def storage_bands(ds: xr.Dataset, zone: str = "") -> pd.DataFrame:
    """Content of the batteries and of the put-off load at the end of every hour [MWh].

    Parameters
    ----------
    ds, zone
        As for :func:`dispatch_bands`.

    Returns
    -------
    pandas.DataFrame
        Hours x those of ``"batteries"`` and ``"put-off load"`` that the place has.
    """
    out_of = pd.DataFrame(
        {name: ds[name].to_series() for name in ("source", "technology", "zone")}
    )
    stores = out_of.set_index("source").loc[ds["storage"].to_numpy()]
    here = np.flatnonzero((stores["zone"] == zone) | (zone == ""))
    names = np.where(stores["technology"].isin(_batteries(ds)), "batteries", "put-off load")
    return sum_by_name(ds["storage_content"].isel(storage=here), list(names[here]))


def sum_by_name(series: xr.DataArray, names: list[str]) -> pd.DataFrame:
    """Sum the flows or storages of one name; hours by name."""
    frame = pd.DataFrame(
        series.transpose("time", ...).to_numpy(), index=series.indexes["time"], columns=names
    )
    return frame.T.groupby(level=0).sum().T


def _buses(ds: xr.Dataset, zone: str) -> list[str]:
    zones = zones_of(ds)
    if zone == "":
        return [UPSTREAM, HUB, *map(bus_of_zone, zones)]
    if zone not in zones:
        remedy = ", ".join(zones)
        raise InputError([Fault("zone", "is not in the result", value=zone, remedy=remedy)])
    return [bus_of_zone(zone)]


def _group(technology: str, ds: xr.Dataset, sign: float) -> str:
    if technology in _GROUPS:
        return _GROUPS[technology]
    if technology in ("transformer", "dc_tie"):
        return "110 kV grid and ties"
    if technology in _batteries(ds):
        return "storage"
    stores = np.isin(ds["source"], ds["storage"])
    if technology in np.unique(ds["technology"].to_numpy()[stores]):
        return "flexible loads"
    # What remains and feeds a bus without being a plant is a load that is not there.
    return "efficiency measures" if sign > 0 else "heat, ships and fleets"


def _batteries(ds: xr.Dataset) -> set[str]:
    """Technologies that store electricity: those with an energy part among the assets."""
    assets = (str(t) for t in ds["asset_technology"].to_numpy())
    return {name.removesuffix("_energy") for name in assets if name.endswith("_energy")}


def _split_renewables(table: pd.DataFrame, flows: xr.Dataset, buses: list[str]) -> pd.DataFrame:
    """Divide what each busbar feeds in between PV and wind by what they generate there."""
    if "local renewables (supply)" not in table:
        return table
    parts = []
    for bus in buses:
        plants = np.flatnonzero(flows["target"] == busbar_of(bus))
        feed_in = (flows["technology"] == "feed_in") & (flows["target"] == bus)
        if len(plants) == 0:
            continue
        feeding = flows[["power"]].isel(flow=plants)
        names = feeding["technology"].to_numpy()
        kinds = ["pv" if str(name).startswith("pv") else "wind" for name in names]
        generated = sum_by_name(feeding["power"], kinds)
        total = generated.sum(axis=1)
        share = generated.div(total.where(total > 0, 1.0), axis=0)
        fed_in = flows["power"].isel(flow=np.flatnonzero(feed_in)).sum("flow").to_series()
        parts.append(share.mul(fed_in, axis=0))
    by_kind = pd.concat(parts).groupby(level=0).sum()
    return table.drop(columns="local renewables (supply)").join(by_kind.add_suffix(" (supply)"))
