"""How much more the network can bear: N-1, and PV beside all that stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from meishan_model.components.selection import flows_of_slice, select
from meishan_model.powerflow.dispatch import Places, PowerFlow
from meishan_model.powerflow.network import Network
from meishan_model.powerflow.solver import Solver, State
from meishan_model.series import FloatArray
from meishan_model.sheets.grid import GridSheets

STEPS = 24
"""Sizes of PV that are tried in each of the two searches, coarse and fine."""


@dataclass(frozen=True)
class Case:
    """An outage, the normally open line closed for it, if any, and the buses without supply."""

    outage: str
    tie: str
    unsupplied: tuple[int, ...]


def contingencies(flow: PowerFlow, grid: GridSheets) -> pd.DataFrame:
    """What happens when each line and transformer is out in the most loaded hours.

    These are the ``contingency_hours`` in which each station carries most in either direction. Of
    several equal circuits or units one is out. Where an outage leaves buses without supply, each
    normally open line between them and the rest is tried, and the one with which the network is
    best off is closed. Tap changers follow.

    Parameters
    ----------
    flow, grid
        The year and its sheets.

    Returns
    -------
    pandas.DataFrame
        Index outage; closed_tie (empty: none), loading [1] and branch where it is, voltage [p.u.]
        furthest from 1 and bus where it is, overloaded (number of branches beyond their limit),
        outside (number of 20 kV buses beyond the band), unsupplied_load [MW], time of the worst
        hour, secure (nothing beyond a limit, nothing without supply). An outage after which the
        voltages collapse has an infinite loading.
    """
    network = flow.network
    count = round(grid.parameter("contingency_hours"))
    order = np.argsort(flow.state.power[:, len(network.lines) :], axis=0)
    hours = np.unique(np.concatenate([order[:count], order[-count:]]))
    names = network.branches.index
    cases = [case for name in names for case in ways_on(network, str(name))]
    active, reactive = (
        np.tile(power[hours], (len(cases), 1))
        for power in (flow.injections.active, flow.injections.reactive)
    )
    chosen = [case.outage for case in cases], [case.tie for case in cases]
    switching = np.stack([names.get_indexer(pd.Index(labels)) for labels in chosen], axis=1)
    switching = switching.repeat(len(hours), axis=0)
    state = Solver(network).controlled(active, reactive, switching, collapse_allowed=True)
    table = _judged(flow, grid, hours, cases, state)
    best = table.sort_values("severity", kind="stable").groupby("outage", sort=False).head(1)
    return best.set_index("outage").loc[table["outage"].unique()].drop(columns="severity")


def ways_on(network: Network, name: str) -> Iterator[Case]:
    """Ways to go on after an outage, one for each line that can be closed.

    Parameters
    ----------
    network, name
        The network, and the branch of which one circuit or unit is out.

    Yields
    ------
    Case
        None for a line that is open anyway; one without a tie where nothing needs or helps.
    """
    branches, buses = network.branches, network.buses.index
    closed = branches["closed"].to_numpy(dtype=bool)
    if not branches["closed"][name]:
        return
    if branches["count"][name] > 1:
        yield Case(name, "", ())
        return
    one, other = (buses.get_indexer(pd.Index(branches[end])) for end in ("from_bus", "to_bus"))
    left = closed & (branches.index != name)
    joined = coo_matrix((left[left], (one[left], other[left])), shape=(len(buses), len(buses)))
    part = connected_components(joined, directed=False)[1]
    cut = part != part[buses.get_loc(network.source_bus)]
    helpful = branches.index[~closed & (cut[one] != cut[other])]
    if not len(helpful):
        yield Case(name, "", tuple(np.flatnonzero(cut)))
    for tie in helpful:
        yield Case(name, str(tie), ())


def _judged(
    flow: PowerFlow, grid: GridSheets, hours: npt.NDArray[np.intp], cases: list[Case], state: State
) -> pd.DataFrame:
    """Worst hour of each case."""
    limit = grid.parameter("contingency_loading_limit")
    band = grid.parameter("contingency_voltage_band")
    names = flow.network.distribution_buses
    shape = (len(cases), len(hours), -1)
    loading = state.loading.reshape(shape)
    voltage = state.voltage[:, flow.network.buses.index.get_indexer(names)].reshape(shape)
    deviation = np.where(voltage > 0, np.abs(voltage - 1.0), 0.0)
    load = np.maximum(flow.injections.active[hours], 0.0)
    lost = np.stack([load[:, list(case.unsupplied)].sum(axis=1) for case in cases])
    severity = np.maximum(loading.max(axis=2) / limit, deviation.max(axis=2) / band)
    rows, hour = np.arange(len(cases)), (severity + lost).argmax(axis=1)
    branch, bus = loading[rows, hour].argmax(axis=1), deviation[rows, hour].argmax(axis=1)
    overloaded = (loading > limit + 1e-9).any(axis=1).sum(axis=1)
    outside = (deviation > band + 1e-9).any(axis=1).sum(axis=1)
    return pd.DataFrame(
        {
            "outage": [case.outage for case in cases],
            "closed_tie": [case.tie for case in cases],
            "loading": loading[rows, hour, branch],
            "branch": flow.network.branches.index[branch],
            "voltage": voltage[rows, hour, bus],
            "bus": names[bus],
            "overloaded": overloaded,
            "outside": outside,
            "unsupplied_load": lost.max(axis=1),
            "time": flow.injections.time[hours[hour]],
            "secure": (overloaded == 0) & (outside == 0) & (lost.max(axis=1) <= 1e-9),
            "severity": severity.max(axis=1) + lost.max(axis=1),
        }
    )


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
    plants = _photovoltaics(ds, grid)
    rated = ds["capacity"].to_series().reindex(plants["asset"])
    installed = rated.groupby(plants["zone"].to_numpy()).sum()
    # Output of one MW of the park's PV, before curtailment.
    power = ds["power"].to_numpy()[plants.index].sum(axis=0)
    output = power / rated.sum() if rated.sum() > 0 else np.zeros_like(power)
    found = [_largest(flow, grid, zone, output) for zone in grid.zones]
    table = pd.DataFrame(found, grid.zones, ["capacity", "limit"]).rename_axis("zone")
    return table.assign(installed=installed.reindex(table.index, fill_value=0.0))


def _photovoltaics(ds: xr.Dataset, grid: GridSheets) -> pd.DataFrame:
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


def _largest(
    flow: PowerFlow, grid: GridSheets, zone: str, output: FloatArray
) -> tuple[float, str]:
    """Largest size in a zone that breaks no limit [MW], and what a larger one breaks first.

    Parameters are those of :func:`hosting_capacity`, and the output of one MW in each hour [MW].
    """
    mine = flow.network.buses["zone"] == zone
    stations = flow.network.transformers
    stations = stations[stations["to_bus"].map(mine)]
    net = flow.injections.active[:, mine.to_numpy()].sum(axis=1)
    # Beyond this the units of the zone's stations are full even at its highest load.
    rating = float((stations["units"] * stations["rated_power"]).sum()) * 1e-6
    full = (rating + max(float(net.max()), 0.0)) / max(float(output.max()), 0.1)
    low, high, limit = 0.0, min(grid.parameter("hosting_search_limit"), full), "search limit"
    for _ in range(2):
        sizes = np.linspace(low, high, STEPS + 1)
        broken = _broken(flow, grid, zone, output, sizes, net)
        first = next((place for place, name in enumerate(broken) if name), None)
        if first is None:
            return float(high), limit
        limit = broken[first]
        if first == 0:
            return 0.0, limit
        low, high = sizes[first - 1], sizes[first]
    return float(low), limit


def _broken(
    flow: PowerFlow,
    grid: GridSheets,
    zone: str,
    output: FloatArray,
    sizes: FloatArray,
    net: FloatArray,
) -> list[str]:
    """For each size the element that is furthest beyond its limit, or nothing."""
    network, places = flow.network, Places(grid, flow.network)
    hours = (np.outer(sizes, output) - net).argmax(axis=1)
    power = -sizes * output[hours]
    share = places.share(zone, "generation")
    reactive = places.reactive("generation", power, rating=sizes)
    state = Solver(network).controlled(
        flow.injections.active[hours] + np.outer(power, share),
        flow.injections.reactive[hours] + np.outer(reactive, share),
        collapse_allowed=True,
    )
    buses = network.buses.loc[network.distribution_buses]
    names = buses.index[buses["zone"] == zone]
    deviation = np.abs(state.voltage[:, network.buses.index.get_indexer(names)] - 1.0)
    limits = np.full(len(network.branches), grid.parameter("hosting_loading_limit"))
    limits[: len(network.lines)] = grid.parameter("loading_limit")
    severity = np.hstack([state.loading / limits, deviation / grid.parameter("voltage_band")])
    worst, highest = severity.argmax(axis=1), severity.max(axis=1)
    labels = network.branches.index.append(names)[worst]
    found = np.where(np.isinf(highest), "voltage collapse", np.where(highest > 1.0, labels, ""))
    return [str(name) for name in found]
