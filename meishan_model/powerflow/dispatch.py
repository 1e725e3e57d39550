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

from meishan_model.components.selection import (
    buses_of_zones,
    each,
    fed_in_by_plant,
    flows_of_slice,
    select,
)
from meishan_model.components.station import TRANSFORMER
from meishan_model.errors import Fault, InputError
from meishan_model.powerflow.network import Network
from meishan_model.powerflow.places import Places, User
from meishan_model.powerflow.solver import Numbers
from meishan_model.sheets.grid import GridSheets

_GROUPS = {
    **dict.fromkeys(("load", "conversion", "shift", "saving", "shedding"), "load"),
    **dict.fromkeys(("charge", "discharge"), "storage"),
}
"""Users of electricity and what they count as, by the role of their flow."""


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
    for user in _users(ds, grid, network):
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


def _users(ds: xr.Dataset, grid: GridSheets, network: Network) -> Iterator[User]:
    """Everything that takes power from a bus of the optimiser or gives it."""
    flows, power = flows_of_slice(ds), ds["power"].to_numpy()
    for row in each(select(flows, role=_GROUPS, carrier="electricity")):
        name = row.customer if row.role == "load" else row.technology
        consumed = power[row.Index] if row.way == "out" else -power[row.Index]
        yield User(row.zone, _GROUPS[row.role], (name,), consumed)
    capacity = ds["capacity"].to_series()
    plants, fed_in = fed_in_by_plant(ds)
    for row, fed in zip(each(plants), fed_in, strict=True):
        rating = float(capacity[row.asset])
        yield User(row.zone, "generation", (row.technology,), -fed, rating)
    ties = select(flows, role="transport", technology="dc_tie", may_be_empty=True)
    for row in each(ties):
        _check_link(row.asset, power[row.Index], grid)
        consumed = power[row.Index] if row.way == "out" else -power[row.Index]
        zone = str(network.buses["zone"][row.bus])
        yield User(zone, "dc_link", ("dc_link",), consumed, bus=row.bus)


def _check_link(element: str, flow: Numbers, grid: GridSheets) -> None:
    """Refuse a flow over a DC link that is in no sheet, or more than the link can carry."""
    links = [link for link in grid.dc_links if link.element == element]
    path = grid.path("dc_links")
    if not links:
        message = "no row has the link of this flow"
        raise InputError([Fault(path, message, None, "element", element, "add its rows")])
    limit = next(link for link in links if link.parameter == "capacity")
    if flow.max(initial=0.0) > limit.value * (1 + 1e-6) + 1e-6:
        message = f"the slice sends {flow.max():.3f} MW over a link of {limit.value:g} MW"
        remedy = "make network.csv and dc_links.csv agree"
        raise InputError([Fault(path, message, limit.line, "value", f"{limit.value:g}", remedy)])


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
    flows = flows_of_slice(ds)
    bus = buses_of_zones(flows)[zone]
    through = select(flows, role="transport", technology=TRANSFORMER, bus=bus)
    sign = np.where(through["way"] == "in", 1.0, -1.0)
    return np.asarray(sign @ ds["power"].to_numpy()[through.index], dtype=np.float64)
