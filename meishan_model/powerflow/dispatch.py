"""From the flows of a slice to active and reactive power at every bus and hour.

The optimiser knows one 20 kV bus a zone; the sheets say where on its feeders the users stand. What
the optimiser loses in transformers and lines is not placed: the power flow finds it itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.powerflow.network import Network
from meishan_model.powerflow.places import Places, User
from meishan_model.powerflow.solver import Numbers
from meishan_model.sheets.buses import HUB, bus_of_zone, busbar_of, zone_of_bus
from meishan_model.sheets.grid import GridSheets

_GRID = ("transformer", "connection", "export")
"""Flows that the power flow finds itself."""


@dataclass(frozen=True)
class Injections:
    """Consumption less generation at every bus.

    Attributes
    ----------
    time
        Start of each hour.
    active, reactive
        Hours x buses of the network [MW, Mvar].
    placed
        Hours x (zone, group): what was placed, consumption positive [MW].
    """

    time: pd.DatetimeIndex
    active: Numbers
    reactive: Numbers
    placed: pd.DataFrame


def injections(ds: xr.Dataset, grid: GridSheets, network: Network) -> Injections:
    """Spread the flows of a slice over the buses of the network.

    Parameters
    ----------
    ds
        A slice by the result contract.
    grid
        Sheets of the park's grid: shares, power factors, links.
    network
        The network of these sheets.

    Returns
    -------
    Injections
        In each hour the sum over a zone is exactly what the optimiser's 20 kV bus exchanges with
        its transformers, and the sum over all buses what the 110 kV bus takes from the connection
        less what it exports, apart from the optimiser's losses.

    Raises
    ------
    InputError
        If a user stands where the sheets have no share for it, or the flow over a DC link is more
        than it can carry.
    """
    place = Places(grid, network)
    number = pd.Series(np.arange(len(network.buses)), network.buses.index)
    shape = (ds.sizes["time"], len(number))
    active, reactive = np.zeros(shape), np.zeros(shape)
    placed: dict[tuple[str, str], Numbers] = {}
    for user in _users(ds, grid):
        share = place.shares(user)
        columns = number[share.index].to_numpy()
        active[:, columns] += user.power[:, None] * share.to_numpy()
        reactive[:, columns] += place.reactive(user)[:, None] * share.to_numpy()
        key = user.zone, user.group
        placed[key] = placed.get(key, 0.0) + user.power
    time = pd.DatetimeIndex(ds["time"].to_numpy(), name="time")
    columns_ = pd.MultiIndex.from_tuples(list(placed), names=["zone", "group"])
    table = pd.DataFrame(np.column_stack([*placed.values()]), time, columns_)
    return Injections(time, active, reactive, table)


def _users(ds: xr.Dataset, grid: GridSheets) -> Iterator[User]:
    """Everything that takes power from a bus of the optimiser or gives it."""
    power = ds["power"].to_numpy()
    table = pd.DataFrame(
        {name: ds[name].to_numpy() for name in ("source", "target", "zone", "technology")}
    )
    stores = {
        str(t).removesuffix("_energy")
        for t in ds["asset_technology"].to_numpy()
        if str(t).endswith("_energy")
    }
    buses = {bus_of_zone(zone): zone for zone in grid.zones}
    electric = (ds["carrier"] == "electricity").to_numpy() & ~table["technology"].isin(_GRID)
    for end, sign in (("source", 1.0), ("target", -1.0)):
        other = "target" if end == "source" else "source"
        mine = electric & table[end].isin([*buses, HUB])
        for i, row in table[mine].iterrows():
            flow = sign * power[int(str(i))]
            if row["technology"] == "dc_tie":
                yield from _link_end(row, end, flow, grid)
            elif row["technology"] == "feed_in":
                yield from _plants(ds, table, power, row, flow)
            elif row[end] in buses:
                zone = buses[row[end]]
                group = "storage" if row["technology"] in stores else "load"
                names = (str(row[other]).removesuffix(f"_{zone}"), str(row["technology"]))
                yield User(zone, group, names, flow)


def _plants(
    ds: xr.Dataset, table: pd.DataFrame, power: Numbers, feed_in: pd.Series, flow: Numbers
) -> Iterator[User]:
    """What a busbar of renewables feeds in, plant by plant; curtailment falls on all alike."""
    busbar = busbar_of(str(feed_in["source"]).removesuffix("_feed_in"))
    plants = table[table["target"] == busbar]
    total = power[plants.index].sum(axis=0)
    part = np.divide(flow, total, out=np.zeros_like(flow), where=total > 0.0)
    capacity = ds["capacity"].to_series()
    for i, row in plants.iterrows():
        rating = float(capacity.get(str(row["source"]), 0.0))
        technology = str(row["technology"])
        yield User(
            str(row["zone"]), "generation", (technology,), part * power[int(str(i))], rating
        )


def _link_end(row: pd.Series, end: str, flow: Numbers, grid: GridSheets) -> Iterator[User]:
    """One end of a DC link: what it sends, or what arrives after both converters."""
    converter = str(row["target" if end == "source" else "source"])
    links = [link for link in grid.dc_links if converter.startswith(link.element)]
    if not links:
        message = "no row has the link of this flow"
        remedy = "add its rows"
        path = grid.path("dc_links")
        raise InputError([Fault(path, message, None, "element", converter, remedy)])
    limit = next(link for link in links if link.parameter == "capacity")
    if np.abs(flow).max(initial=0.0) > limit.value * (1 + 1e-6) + 1e-6:
        most = f"{np.abs(flow).max():.3f} MW"
        message = f"the slice sends {most} over a link of {limit.value:g} MW"
        remedy = "make network.csv and dc_links.csv agree"
        path = grid.path("dc_links")
        raise InputError([Fault(path, message, limit.line, "value", f"{limit.value:g}", remedy)])
    bus = str(row[end])
    yield User(zone_of_bus(bus), "dc_link", ("dc_link",), flow, bus=bus)


def zone_exchange(ds: xr.Dataset, zone: str) -> npt.NDArray[np.float64]:
    """Power that a zone takes from its transformers in the optimiser, at 20 kV [MW].

    Parameters
    ----------
    ds
        A slice by the result contract.
    zone
        The zone.

    Returns
    -------
    numpy.ndarray
        By hour; negative where the zone feeds back.
    """
    bus = bus_of_zone(zone)
    through = (ds["technology"] == "transformer").to_numpy()
    power = ds["power"].to_numpy()
    inward = power[through & (ds["target"] == bus).to_numpy()].sum(axis=0)
    outward = power[through & (ds["source"] == bus).to_numpy()].sum(axis=0)
    return np.asarray(inward - outward, dtype=np.float64)
