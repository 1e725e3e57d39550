"""Hosting capacity: how much more PV a zone's grid takes before a limit is reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.selection import flows_of_slice, select
from meishan_model.powerflow.places import Places, User
from meishan_model.powerflow.run import PowerFlow, controlled
from meishan_model.powerflow.solver import Numbers, Solver, State
from meishan_model.sheets.grid import GridSheets

STEPS = 24
"""Sizes that are tried in each of the two searches, coarse and fine."""


@dataclass(frozen=True)
class _Limits:
    lines: float
    stations: float
    band: float


def hosting_capacity(flow: PowerFlow, ds: xr.Dataset, grid: GridSheets) -> pd.DataFrame:
    """PV that each zone could take beside all that stands in the slice.

    The added plants stand where the sheets put the zone's generation, give what the park's PV
    gives per MW, and are not curtailed; the dispatch of the slice stays as it is. The limit is
    the smallest size at which, in an hour of the highest reverse flow, a line exceeds its limit,
    a station exceeds ``hosting_loading_limit`` of its units, or a 20 kV bus of the zone leaves the
    voltage band. Zones are looked at one at a time: they share the 110 kV grid.

    Parameters
    ----------
    flow, ds, grid
        The year, its slice and its sheets.

    Returns
    -------
    pandas.DataFrame
        Index zone; capacity [MW] to the step of the search, limit (the element that binds, or
        ``search limit``), installed (PV that stands already) [MW].
    """
    yield_per_mw = _pv_yield(ds, grid)
    rows = [_of_zone(flow, ds, grid, zone, yield_per_mw) for zone in grid.zones]
    return pd.DataFrame(rows).set_index("zone")


def _pv_yield(ds: xr.Dataset, grid: GridSheets) -> Numbers:
    """Output of one MW of the park's PV in each hour [MW], before curtailment."""
    plants = _pv_plants(ds, grid)
    rated = float(ds["capacity"].to_series().reindex(plants["asset"]).sum())
    if rated <= 0:
        return np.zeros(ds.sizes["time"])
    power = ds["power"].to_numpy()[plants.index].sum(axis=0)
    return np.asarray(power / rated, dtype=np.float64)


def _pv_plants(ds: xr.Dataset, grid: GridSheets) -> pd.DataFrame:
    """Flows of PV plants onto the busbars of the zones; wind may stand there as well."""
    flows = flows_of_slice(ds)
    busbars = select(flows, role="feed_in", way="out", zone=grid.zones, may_be_empty=True)
    return select(
        flows,
        role="generation",
        technology=grid.photovoltaics,
        bus=busbars["bus"],
        may_be_empty=True,
    )


def _of_zone(
    flow: PowerFlow, ds: xr.Dataset, grid: GridSheets, zone: str, yield_per_mw: Numbers
) -> dict[str, object]:
    plants = _pv_plants(ds, grid)
    capacity = ds["capacity"].to_series()
    installed = float(capacity.reindex(plants["asset"][plants["zone"] == zone]).sum())
    most = min(grid.parameter("hosting_search_limit"), _bound(flow, zone, yield_per_mw))
    low, high, limit = 0.0, most, "search limit"
    for _ in range(2):
        sizes = np.linspace(low, high, STEPS + 1)
        breaks = _breaks(flow, grid, zone, yield_per_mw, sizes)
        first = next((i for i, name in enumerate(breaks) if name), None)
        if first is None:
            low = high
            break
        limit = breaks[first]
        if first == 0:
            return {"zone": zone, "capacity": 0.0, "limit": limit, "installed": installed}
        low, high = sizes[first - 1], sizes[first]
    return {"zone": zone, "capacity": float(low), "limit": limit, "installed": installed}


def _bound(flow: PowerFlow, zone: str, yield_per_mw: Numbers) -> float:
    """Size that fills the units of the zone's stations even at the zone's peak load [MW]."""
    rows = flow.network.transformers
    mine = flow.network.buses["zone"].reindex(rows["to_bus"]).to_numpy() == zone
    rating = float((rows["units"] * rows["rated_power"])[mine].sum()) * 1e-6
    inside = flow.network.buses["zone"].to_numpy() == zone
    peak = float(flow.injections.active[:, inside].sum(axis=1).max())
    return (rating + max(peak, 0.0)) / max(float(yield_per_mw.max()), 0.1)


def _breaks(
    flow: PowerFlow, grid: GridSheets, zone: str, yield_per_mw: Numbers, sizes: Numbers
) -> list[str]:
    """For each size the element that is furthest beyond its limit, or nothing."""
    network = flow.network
    number = pd.Series(np.arange(len(network.buses)), network.buses.index)
    places = Places(grid, network)
    mine = network.buses["zone"].to_numpy() == zone
    net = flow.injections.active[:, mine].sum(axis=1)
    reverse = np.outer(sizes, yield_per_mw) - net
    hours = reverse.argmax(axis=1)
    active, reactive = flow.injections.active[hours], flow.injections.reactive[hours]
    for i, size in enumerate(sizes):
        power = -size * yield_per_mw[hours[i : i + 1]]
        user = User(zone, "generation", ("generation",), power, rating=float(size))
        share = places.shares(user)
        columns = number[share.index].to_numpy()
        active[i, columns] += power * share.to_numpy()
        reactive[i, columns] += places.reactive(user) * share.to_numpy()
    state = controlled(Solver(network), active, reactive, collapse_allowed=True)
    limits = _Limits(
        grid.parameter("loading_limit"),
        grid.parameter("hosting_loading_limit"),
        grid.parameter("voltage_band"),
    )
    return _worst(flow, zone, state, limits)


def _worst(flow: PowerFlow, zone: str, state: State, limits: _Limits) -> list[str]:
    network = flow.network
    count = len(network.lines)
    buses = network.buses.loc[network.distribution_buses]
    names = buses.index[buses["zone"] == zone]
    columns = network.buses.index.get_indexer(names)
    deviation = np.abs(state.voltage[:, columns] - 1.0) / limits.band
    severity = np.concatenate(
        [
            state.loading[:, :count] / limits.lines,
            state.loading[:, count:] / limits.stations,
            deviation,
        ],
        axis=1,
    )
    labels = [*flow.branches, *names]
    worst = severity.argmax(axis=1)
    return [
        "voltage collapse"
        if np.isinf(severity[row, column])
        else (str(labels[column]) if severity[row, column] > 1.0 else "")
        for row, column in enumerate(worst)
    ]
