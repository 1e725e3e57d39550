"""N-1: every line and transformer out in turn, with the ring closed where a switch allows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from meishan_model.powerflow.network import Network
from meishan_model.powerflow.run import PowerFlow, controlled
from meishan_model.powerflow.solver import Flags, Solver, State, Switching
from meishan_model.sheets.grid import GridSheets

NOTHING = ""


@dataclass(frozen=True)
class Case:
    """An outage, and the normally open line that is closed for it."""

    outage: str
    tie: str
    unsupplied: tuple[int, ...]


def loaded_hours(flow: PowerFlow, grid: GridSheets) -> np.ndarray:
    """Hours in which a station carries most, in either direction.

    Parameters
    ----------
    flow, grid
        The year and its sheets, for the number of hours a station.

    Returns
    -------
    numpy.ndarray
        Positions of the hours, each once, ascending.
    """
    count = round(grid.parameter("contingency_hours"))
    power = flow.state.power[:, len(flow.network.lines) :]
    order = np.argsort(power, axis=0)
    chosen = np.concatenate([order[:count], order[-count:]])
    return np.unique(chosen)


def contingencies(flow: PowerFlow, grid: GridSheets) -> pd.DataFrame:
    """What happens when each line and transformer is out in the most loaded hours.

    Of several equal circuits or units one is out. Where an outage leaves buses without supply,
    each normally open line between them and the rest is tried, and the one with which the network
    is best off is closed. Tap changers follow.

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
    hours = loaded_hours(flow, grid)
    cases = [case for name in flow.branches for case in ways_on(flow.network, str(name))]
    if not cases or not len(hours):
        return pd.DataFrame()
    solver = Solver(flow.network)
    active = np.tile(flow.injections.active[hours], (len(cases), 1))
    reactive = np.tile(flow.injections.reactive[hours], (len(cases), 1))
    switching = _switching(solver, cases, len(hours))
    state = controlled(solver, active, reactive, switching, collapse_allowed=True)
    table = pd.DataFrame(_judge(flow, grid, hours, cases, state))
    best = table.sort_values("severity", kind="stable").groupby("outage", sort=False).head(1)
    order = pd.Index([case.outage for case in cases]).drop_duplicates()
    return best.set_index("outage").reindex(order).drop(columns="severity").rename_axis("outage")


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
    if name in network.transformers.index:
        row = network.transformers.loc[name]
        if row["units"] > 1:
            yield Case(name, NOTHING, ())
            return
    else:
        row = network.lines.loc[name]
        if not (row["from_closed"] and row["to_closed"]):
            return
        if row["circuits"] > 1:
            yield Case(name, NOTHING, ())
            return
    cut = _without(network, name)
    ties = network.lines[~network.lines["to_closed"]]
    number = pd.Series(np.arange(len(network.buses)), network.buses.index)
    one = cut[number[ties["from_bus"]].to_numpy()]
    other = cut[number[ties["to_bus"]].to_numpy()]
    helpful = ties.index[one != other]
    if not len(helpful) or not cut.any():
        yield Case(name, NOTHING, tuple(np.flatnonzero(cut)))
        return
    for tie in helpful:
        yield Case(name, str(tie), ())


def _without(network: Network, name: str) -> Flags:
    """Buses that lose their supply when a branch is out."""
    columns = ["from_bus", "to_bus"]
    lines = network.lines[network.lines["from_closed"] & network.lines["to_closed"]]
    edges = pd.concat([lines[columns], network.transformers[columns]]).drop(index=name)
    index = network.buses.index
    one, other = (index.get_indexer(pd.Index(edges[column])) for column in columns)
    joined = coo_matrix((np.ones(len(edges)), (one, other)), shape=(len(index),) * 2)
    part = connected_components(joined, directed=False)[1]
    return np.asarray(part != part[index.get_loc(network.source_bus)], dtype=bool)


def _switching(solver: Solver, cases: list[Case], hours: int) -> Switching:
    lines, transformers = ([*t.index] for t in (solver.network.lines, solver.network.transformers))
    out = np.zeros((len(cases), len(solver.circuits)), dtype=bool)
    closed = np.zeros_like(out)
    units = np.zeros((len(cases), len(solver.units)), dtype=bool)
    for i, case in enumerate(cases):
        # The first circuit or unit of the bundle is the one that is out.
        if case.outage in lines:
            out[i, np.searchsorted(solver.circuits, lines.index(case.outage))] = True
        else:
            units[i, np.searchsorted(solver.units, transformers.index(case.outage))] = True
        if case.tie:
            closed[i] = solver.circuits == lines.index(case.tie)
    return Switching(*(np.repeat(array, hours, axis=0) for array in (out, closed, units)))


def _judge(
    flow: PowerFlow, grid: GridSheets, hours: np.ndarray, cases: list[Case], state: State
) -> Iterator[dict[str, object]]:
    """Worst hour of each case."""
    limit = grid.parameter("contingency_loading_limit")
    band = grid.parameter("contingency_voltage_band")
    names = flow.network.distribution_buses
    low = flow.network.buses.index.get_indexer(names)
    shape = (len(cases), len(hours), -1)
    loading = state.loading.reshape(shape)
    voltage = state.voltage[:, low].reshape(shape)
    deviation = np.where(voltage > 0, np.abs(voltage - 1.0), 0.0)
    load = np.maximum(flow.injections.active[hours], 0.0)
    for i, case in enumerate(cases):
        severity = np.maximum(loading[i].max(axis=1) / limit, deviation[i].max(axis=1) / band)
        lost = load[:, list(case.unsupplied)].sum(axis=1)
        hour = int(np.argmax(severity + lost))
        branch, bus = int(loading[i, hour].argmax()), int(deviation[i, hour].argmax())
        overloaded = int((loading[i] > limit + 1e-9).any(axis=0).sum())
        outside = int((deviation[i] > band + 1e-9).any(axis=0).sum())
        yield {
            "outage": case.outage,
            "closed_tie": case.tie,
            "loading": float(loading[i, hour, branch]),
            "branch": str(flow.branches[branch]),
            "voltage": float(voltage[i, hour, bus]),
            "bus": str(names[bus]),
            "overloaded": overloaded,
            "outside": outside,
            "unsupplied_load": float(lost.max()),
            "time": flow.injections.time[hours[hour]],
            "secure": not overloaded and not outside and lost.max() <= 1e-9,
            "severity": float(severity.max() + lost.max()),
        }
