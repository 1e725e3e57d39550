"""From the flows of a slice to active and reactive power at every bus, and to its power flow.

The optimiser knows one 20 kV bus a zone; the sheets say where on its feeders the users stand. What
the optimiser loses in transformers and lines is not placed: the power flow finds it itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.selection import (
    at_markets,
    buses_of_zones,
    each,
    fed_in_by_plant,
    flows_of_slice,
    select,
    step_of,
)
from meishan_model.errors import Fault, InputError
from meishan_model.powerflow.network import Network, build_network, reinforced
from meishan_model.powerflow.solver import Solver, State
from meishan_model.series import FloatArray
from meishan_model.sheets.grid import GridSheets

_GROUPS = {
    **dict.fromkeys(("load", "conversion", "shift", "saving", "shedding"), "load"),
    **dict.fromkeys(("charge", "discharge"), "storage"),
}
"""Users of power and what they count as, by the role of their flow."""


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
    step
        Length of a time step [h].
    """

    time: pd.DatetimeIndex
    active: FloatArray
    reactive: FloatArray
    placed: pd.DataFrame
    step: float = 1.0


@dataclass(frozen=True)
class PowerFlow:
    """A year of AC power flow.

    Attributes
    ----------
    network
        The network with the units of the year.
    injections
        What stands at its buses.
    state
        Voltages, powers, losses, loadings and taps by hour.
    """

    network: Network
    injections: Injections
    state: State


class Places:
    """Where the users of a zone stand on its feeders, and which reactive power they take.

    A user is known to the sheets by its own name, a load or a technology, or by its group:
    ``load``, ``generation``, ``storage`` or ``dc_link``.

    Parameters
    ----------
    grid, network
        The sheets, and the network that was made of them.
    """

    def __init__(self, grid: GridSheets, network: Network):
        self._path = grid.path("shares")
        self._buses = network.buses.index
        self._factors = {row.user: row for row in grid.power_factors}
        self._shares: dict[tuple[str, str], FloatArray] = {}
        for row in grid.shares:
            # A place that is no bus is a feeder, with its users evenly along it.
            mine = self._buses == row.place
            mine = mine if mine.any() else (network.buses["feeder"] == row.place).to_numpy()
            share = self._shares.setdefault((row.zone, row.group), np.zeros(len(mine)))
            share[mine] += row.value / 100 / mine.sum()

    def share(self, zone: str, group: str, name: str = "", bus: str = "") -> FloatArray:
        """Share of each bus in a user, shape (buses,); all of it at a bus that is given.

        Rows of its name go before those of its group.

        Raises
        ------
        InputError
            If no row says where it stands.
        """
        if bus:
            return np.asarray(self._buses == bus, dtype=np.float64)
        for user in (name, group):
            if (zone, user) in self._shares:
                return self._shares[zone, user]
        message = f"no row says where {name or group} of zone {zone} stands"
        raise InputError([Fault(self._path, message, None, "group", group, "add the row")])

    def reactive(
        self, group: str, power: FloatArray, name: str = "", rating: FloatArray | float = 0.0
    ) -> FloatArray:
        """Reactive power of a user [Mvar]; positive is inductive consumption.

        ``Q = P tan(arccos(cos phi))`` for ``lagging``, its negative for ``leading``. By
        ``power_dependent`` cos phi is 1 up to half of the rating and falls linearly to the value
        of the sheet at the rating, where the plant is under-excited: it takes reactive power
        while it gives active power (characteristic of VDE-AR-N 4105).

        Parameters
        ----------
        group, name
            Of the user; a row of its name goes before that of its group.
        power
            Consumption less generation [MW].
        rating
            Capacity of a plant, for the characteristic of its inverters [MW].
        """
        row = self._factors[name if name in self._factors else group]
        if row.rule != "power_dependent":
            sign = 1.0 if row.rule == "lagging" else -1.0
            return np.asarray(power * (sign * np.tan(np.arccos(row.value))))
        size = np.abs(power)
        loading = np.divide(size, rating, np.zeros_like(size), where=np.asarray(rating) > 0.0)
        factor = 1.0 - (1.0 - row.value) * (np.clip(loading, 0.5, 1.0) - 0.5) / 0.5
        return np.asarray(size * np.tan(np.arccos(factor)))


def slice_power_flow(ds: xr.Dataset, grid: GridSheets) -> PowerFlow:
    """AC power flow of a slice, on the network with the transformers and lines that it has.

    Parameters
    ----------
    ds
        A slice by the result contract.
    grid
        Sheets of its park's grid.

    Raises
    ------
    InputError
        If slice and sheets do not fit each other.
    SolverError
        If an hour has no solution.
    """
    capacity = {str(asset): float(x) for asset, x in ds["capacity"].to_series().items()}
    network = reinforced(build_network(grid), capacity, grid.parameter("planning_power_factor"))
    return run_power_flow(network, injections(ds, grid, network))


def run_power_flow(network: Network, placed: Injections) -> PowerFlow:
    """AC power flow of all hours.

    Parameters
    ----------
    network, placed
        The network and what stands at its buses.

    Raises
    ------
    SolverError
        If an hour has no solution.
    """
    return PowerFlow(network, placed, Solver(network).controlled(placed.active, placed.reactive))


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
    users, power = _users(ds, grid, network)
    places = Places(grid, network)
    rows = [*each(users)]
    share = np.array([places.share(row.zone, row.group, row.name, row.at) for row in rows])
    reactive = np.array(
        [
            places.reactive(row.group, consumed, row.name, row.rating)
            for row, consumed in zip(rows, power, strict=True)
        ]
    )
    time = pd.DatetimeIndex(ds["time"].to_numpy(), name="time")
    kinds = pd.MultiIndex.from_frame(users[["zone", "group"]])
    placed = pd.DataFrame(power, kinds, time).groupby(level=[0, 1], sort=False).sum().T
    return Injections(time, power.T @ share, reactive.T @ share, placed, step_of(ds))


def _users(ds: xr.Dataset, grid: GridSheets, network: Network) -> tuple[pd.DataFrame, FloatArray]:
    """Everything that takes power from a bus of the optimiser or gives it.

    Returns
    -------
    pandas.DataFrame
        zone, group, name (load or technology), at (the bus where it stands, if no share is
        asked), rating (of a plant) [MW].
    numpy.ndarray
        Consumption less generation, users x hours [MW].
    """
    flows, power, carrier = flows_of_slice(ds), ds["power"].to_numpy(), ds.attrs["power_carrier"]
    used = select(flows, role=_GROUPS, carrier=carrier)
    named = used["customer"].where(used["role"] == "load", used["technology"])
    used = used.assign(group=used["role"].map(_GROUPS), name=named, at="", rating=0.0)
    plants, fed_in = fed_in_by_plant(ds)
    rating = ds["capacity"].to_series().loc[plants["asset"]].to_numpy()
    plants = plants.assign(group="generation", name=plants["technology"], at="", rating=rating)
    # What goes from bus to bus by other ways than the branches of the AC network.
    ways = select(flows, role="transport", carrier=carrier, may_be_empty=True)
    links = ways[~ways["asset"].isin(network.branches["element"])]
    for element, place in zip(links["asset"], links.index, strict=True):
        _check_link(element, power[place], grid)
    markets = [at_markets(flows, role, carrier) for role in ("purchase", "export")]
    links = pd.concat([links, *markets])
    zone = links["bus"].map(network.buses["zone"])
    links = links.assign(zone=zone, group="dc_link", name="", at=links["bus"], rating=0.0)
    taken = [
        np.where(rows["way"] == "out", 1.0, -1.0)[:, None] * power[rows.index]
        for rows in (used, links)
    ]
    return pd.concat([used, plants, links]), np.concatenate([taken[0], -fed_in, taken[1]])


def _check_link(element: str, flow: FloatArray, grid: GridSheets) -> None:
    """Refuse a flow over a DC link that is in no sheet, or more than the link can carry."""
    links = [link for link in grid.dc_links if link.element == element]
    if not links:
        message, path = "no row has the link of this flow", grid.path("dc_links")
        raise InputError([Fault(path, message, None, "element", element, "add its rows")])
    limit = next(link for link in links if link.parameter == "capacity")
    if flow.max(initial=0.0) > limit.value * (1 + 1e-6) + 1e-6:
        message = f"the slice sends {flow.max():.3f} MW over a link of {limit.value:g} MW"
        remedy = "make network.csv and dc_links.csv agree"
        raise InputError([limit.fault("value", message, remedy)])


def zone_exchange(ds: xr.Dataset, zone: str) -> FloatArray:
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
    through = through_station(ds, zone)
    sign = np.where(through["way"] == "in", 1.0, -1.0)
    return np.asarray(sign @ ds["power"].to_numpy()[through.index], dtype=np.float64)


def through_station(ds: xr.Dataset, zone: str) -> pd.DataFrame:
    """Flows at the bus of a zone through the element that joins it to the grid above the zones.

    Parameters are those of :func:`zone_exchange`.
    """
    ways, buses = select(flows_of_slice(ds), role="transport"), buses_of_zones(ds)
    above = ways.loc[~ways["bus"].isin(buses), "asset"]
    return select(ways, bus=buses[zone], asset=[*above])
