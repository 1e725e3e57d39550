"""What the transport model of the optimiser takes from the grid: capacities and loss shares.

``network.csv`` is derived from the sheets of the grid by this module; a test and ``meishan check``
hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from meishan_model.errors import Fault
from meishan_model.powerflow.dispatch import Places
from meishan_model.powerflow.network import Network, build_network, station_capacities
from meishan_model.powerflow.solver import Solver
from meishan_model.sheets.grid import GridSheets, values_by_name
from meishan_model.sheets.park import Park


def transport_parameters(grid: GridSheets) -> pd.DataFrame:
    """Capacity and loss of every element of ``network.csv``.

    The capacity of transformers is what passes with one of n units out, that of a supply line
    what passes with one of c circuits out, at the power factor of planning:

        (n - 1) S_r cos phi,  (c - 1) sqrt(3) U_r I_max cos phi

    The loss of a station is that of its transformers, its line and all its feeders in one AC
    power flow in which every station carries the root mean square of its power (``mean_loading``
    x capacity x ``form_factor``), over its mean power: losses grow with the square of the power.
    A connection that is a line carries what all stations carry together. So the share is right
    for one course of the power only; the loop of
    :func:`~meishan_model.powerflow.study.agree_on_losses` puts that right for a solved slice.

    Parameters
    ----------
    grid
        The sheets.

    Returns
    -------
    pandas.DataFrame
        Index element; capacity [MW], loss [%], rounded as ``network.csv`` has them.
    """
    network = build_network(grid)
    capacity = station_capacities(network, grid.parameter("planning_power_factor"))
    # The loss of a supply line counts with the transformers that it feeds.
    loss = dict.fromkeys(capacity.index, 0.0) | _reference_losses(grid, network, capacity)
    links = values_by_name(grid.dc_links, "element")
    for element, values in links.items():
        capacity[element] = values["capacity"]
        loss[element] = 1.0 - (values["converter_efficiency"] / 100) ** 2
    table = pd.DataFrame({"capacity": capacity, "loss": pd.Series(loss) * 100})
    # A link's capacity is below one MW; only stations are rounded to whole ones.
    stations = table.index.difference([*links])
    table.loc[stations, "capacity"] = table.loc[stations, "capacity"].round(0)
    return table.round({"loss": 2}).rename_axis("element")


def _reference_losses(grid: GridSheets, network: Network, capacity: pd.Series) -> dict[str, float]:
    """Share of the mean power of every element that is lost in one power flow [1]."""
    places, stations = Places(grid, network), network.transformers
    buses = network.buses.index
    mean = stations["mean_loading"] * stations["element"].map(capacity)
    through = mean * stations["form_factor"]
    carried = dict(zip(stations["element"], mean, strict=True))
    zones = stations["to_bus"].map(network.buses["zone"])
    active = np.zeros(len(buses))
    for zone, power in zip(zones, through, strict=True):
        if zone:
            active += power * places.share(zone, "load")
    reactive = active * np.tan(np.arccos(grid.parameter("planning_power_factor")))
    above = stations["from_bus"] == network.source_bus
    if above.any():
        # The 110 kV bus makes up the difference of its own mean power and that of the stations.
        hub = buses.get_loc(stations["to_bus"][above].iloc[0])
        active[hub] = through[above].sum() - active.sum()
    else:
        # A park without transformers of its own above carries on its line what its stations carry.
        lines = network.lines["element"][network.lines["from_bus"] == network.source_bus]
        carried |= dict.fromkeys(lines, sum(carried.values()))
    state = Solver(network).controlled(active[None], reactive[None])
    loss = pd.Series(state.loss[0], network.branches["element"]).groupby(level=0).sum()
    return {element: float(loss[element] / power) for element, power in carried.items()}


def transport_faults(park: Park, grid: GridSheets) -> Iterator[Fault]:
    """Rows of ``network.csv`` that say something else than the sheets of the grid.

    Parameters
    ----------
    park, grid
        The park and its grid.
    """
    wanted = transport_parameters(grid)
    for row in park.network:
        if row.element not in wanted.index:
            message = "no transformer or link of the grid's sheets belongs to it"
            yield row.fault("element", message, "add one there")
            continue
        if row.parameter not in wanted:
            # How fast a connection may change and what it may take in a year no grid derives.
            continue
        derived = float(wanted[row.parameter][row.element])
        if abs(row.value - derived) > 1e-6:
            message = f"the sheets of the grid give {derived:g} {row.unit}"
            yield row.fault("value", message, f"write {derived:g}, or correct {grid.folder}")
