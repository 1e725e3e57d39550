"""AC power flow over all hours, with tap changers that follow the voltage."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from meishan_model.powerflow.dispatch import Injections
from meishan_model.powerflow.network import Network
from meishan_model.powerflow.solver import Numbers, Solver, State, Switching, Whole

MOST_ROUNDS = 8
"""Rounds of tap changing; two or three do, since a tap moves one station only a little."""

DEAD_BAND = 0.7
"""Deviation that a tap changer leaves alone [steps]; with half a step it would hunt, since under
load a step moves the voltage by somewhat more than itself."""


def controlled(
    solver: Solver,
    active: Numbers,
    reactive: Numbers,
    switching: Switching | None = None,
    collapse_allowed: bool = False,
) -> State:
    """Solve a batch with automatic tap changers.

    In every case the tap changer of a station stands where the voltage of its low side is within
    the dead band around the set point, or at its end: the voltage changes by ``-step`` a position.

    Parameters
    ----------
    solver, active, reactive, switching, collapse_allowed
        As for :meth:`~meishan_model.powerflow.solver.Solver.solve`.
    """
    state = solver.solve(active, reactive, None, switching, collapse_allowed)
    for _ in range(MOST_ROUNDS):
        wanted = _positions(solver.network, state)
        moved = np.flatnonzero((wanted != state.tap).any(axis=1))
        if not len(moved):
            break
        part = None
        if switching is not None:
            fields = ("circuits_out", "closed", "units_out")
            part = Switching(*(getattr(switching, name)[moved] for name in fields))
        again = solver.solve(active[moved], reactive[moved], wanted[moved], part, collapse_allowed)
        state = _put(state, again, moved)
    return state


def _positions(network: Network, state: State) -> Whole:
    """Tap positions that bring the voltages to their set points."""
    rows = network.transformers
    column = network.buses.index.get_indexer(pd.Index(rows["to_bus"]))
    voltage = state.voltage[:, column]
    setpoint, step = rows["voltage_setpoint"].to_numpy(), rows["tap_step"].to_numpy()
    usable = rows["automatic"].to_numpy(dtype=bool) & (step > 0)
    size = np.where(usable, step, 1.0)
    change = np.where(
        np.abs(voltage - setpoint) > DEAD_BAND * size, (voltage - setpoint) / size, 0.0
    )
    change = np.where(usable & (voltage > 0), np.round(change), 0.0)
    limit = rows["tap_limit"].to_numpy()
    wanted = np.clip(state.tap + change, -limit, limit)
    return np.asarray(np.where(usable, wanted, state.tap), dtype=np.int64)


def _put(state: State, part: State, rows: np.ndarray) -> State:
    """Replace some cases of a state."""
    whole = {}
    for name in ("voltage", "power", "loss", "loading", "tap"):
        array = np.array(getattr(state, name))
        array[rows] = getattr(part, name)
        whole[name] = array
    return replace(state, **whole)


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
    branches
        Names of the branches of the state.
    """

    network: Network
    injections: Injections
    state: State
    branches: pd.Index

    @property
    def elements(self) -> pd.Series:
        """Element of ``network.csv`` of every branch; empty for what that sheet does not have."""
        parts = [self.network.lines["element"], self.network.transformers["element"]]
        joined: pd.Series = pd.concat(parts).rename_axis("branch")
        return joined


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
    solver = Solver(network)
    state = controlled(solver, placed.active, placed.reactive)
    return PowerFlow(network, placed, state, solver.branches)
