"""Batches of AC power flows of one network by power-grid-model (Newton-Raphson, C++).

Each circuit of a line and each unit of a transformer is a component of its own, so that one of
them can be out. power-grid-model and pandapower agree to 1e-6 p.u. (``benchmarks/powerflow.py``);
pandapower needs about 100 times as long for a year and, in version 3.5, an older pandas.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from power_grid_model import (
    CalculationMethod,
    ComponentAttributeFilterOptions,
    ComponentType,
    DatasetType,
    LoadGenType,
    PowerGridModel,
    WindingType,
    initialize_array,
)
from power_grid_model.errors import PowerGridError  # type: ignore[attr-defined]

from meishan_model.optimise.errors import SolverError
from meishan_model.powerflow.network import Network
from meishan_model.series import FloatArray, IntArray

STIFF_SOURCE = 1e20
"""Short-circuit power of the source [VA]: its voltage does not give way."""
TOLERANCE = 1e-10
MOST_ROUNDS = 8
"""Rounds of tap changing; two or three do, since a tap moves one station only a little."""
DEAD_BAND = 0.7
"""Deviation that a tap changer leaves alone [steps]; with half a step it would hunt, since under
load a step moves the voltage by somewhat more than itself."""
_OUTPUT: dict[ComponentType, set[str] | list[str] | ComponentAttributeFilterOptions | None] = {
    ComponentType.node: ["u_pu", "energized"],
    ComponentType.line: ["p_from", "p_to", "loading"],
    ComponentType.transformer: ["p_from", "p_to", "loading"],
}


@dataclass(frozen=True)
class State:
    """Result of a batch; branches are those of :attr:`Network.branches`.

    Attributes
    ----------
    voltage
        Cases x buses [p.u.]; zero where nothing feeds the bus.
    power
        Cases x branches: active power at the from side [MW], positive into the branch.
    loss
        Cases x branches [MW].
    loading
        Cases x branches: current (transformers: apparent power) of the circuit or unit that
        carries most, over its rating [1].
    tap
        Cases x transformers.
    """

    voltage: FloatArray
    power: FloatArray
    loss: FloatArray
    loading: FloatArray
    tap: IntArray


class Solver:
    """Solves one network for many cases.

    Attributes
    ----------
    network
        The network.
    """

    def __init__(self, network: Network):
        self.network = network
        count = network.branches["count"].to_numpy()
        self._branch = np.repeat(np.arange(len(count)), count)
        """Branch of every circuit and unit."""
        self._first = np.flatnonzero(np.diff(self._branch, prepend=-1))
        """The first circuit or unit of every branch."""
        self._inputs = self._components()
        try:
            self._model = PowerGridModel(self._inputs)
        except PowerGridError as error:
            raise SolverError(f"the network cannot be calculated: {error}") from error

    def controlled(
        self,
        active: FloatArray,
        reactive: FloatArray,
        switching: IntArray | None = None,
        collapse_allowed: bool = False,
    ) -> State:
        """Solve a batch with automatic tap changers.

        In every case the tap changer of a station stands where the voltage of its low side is
        within the dead band around the set point, or at its end: the voltage changes by ``-step``
        a position. power-grid-model's own regulator moves one position at a time and stops at the
        edge of its band; this one aims at the set point, from where the sheet has it.

        Parameters
        ----------
        active, reactive, switching, collapse_allowed
            As for :meth:`solve`.
        """
        state = self.solve(active, reactive, None, switching, collapse_allowed)
        for _ in range(MOST_ROUNDS):
            wanted = _positions(self.network, state)
            moved = np.flatnonzero((wanted != state.tap).any(axis=1))
            if not len(moved):
                break
            part = None if switching is None else switching[moved]
            again = self.solve(
                active[moved], reactive[moved], wanted[moved], part, collapse_allowed
            )
            for field in fields(State):
                getattr(state, field.name)[moved] = getattr(again, field.name)
        return state

    def solve(
        self,
        active: FloatArray,
        reactive: FloatArray,
        tap: IntArray | None = None,
        switching: IntArray | None = None,
        collapse_allowed: bool = False,
    ) -> State:
        """Solve a batch of cases.

        Parameters
        ----------
        active, reactive
            Cases x buses: consumption less generation [MW, Mvar].
        tap
            Cases x transformers; those of the sheet if left out.
        switching
            What differs from the network's own state, cases x 2, as places in its branches: the
            branch of which one circuit or unit is out, and the normally open line that is closed,
            -1 for none.
        collapse_allowed
            A case without a solution, such as a load beyond the limit of voltage collapse, is a
            finding: its loadings are infinite, its voltages, powers and losses zero.

        Raises
        ------
        SolverError
            If a case has no solution and that is not allowed.
        """
        cases = len(active)
        if tap is None:
            positions = self.network.transformers["tap_position"].to_numpy(dtype=np.int64)
            tap = np.tile(positions, (cases, 1))
        try:
            found = self._model.calculate_power_flow(
                update_data=self._updates(active, reactive, tap, switching),
                calculation_method=CalculationMethod.newton_raphson,
                symmetric=True,
                error_tolerance=TOLERANCE,
                max_iterations=50,
                output_component_types=_OUTPUT,
                threading=0,
                continue_on_batch_error=collapse_allowed,
            )
        except PowerGridError as error:
            failed = list(getattr(error, "failed_scenarios", []))
            where = f"in case {failed[0]} of {cases}" if failed else f"({error})"
            raise SolverError(f"a power flow has no solution {where}") from error
        state = self._state(found, tap)
        if collapse_allowed and (error_of_batch := self._model.batch_error) is not None:
            collapsed = error_of_batch.failed_scenarios
            for array in (state.voltage, state.power, state.loss):
                array[collapsed] = 0.0
            state.loading[collapsed] = np.inf
        return state

    # What a collapsed case leaves behind is no number; it is replaced afterwards.
    @np.errstate(invalid="ignore", over="ignore")
    def _state(self, found: Any, tap: IntArray) -> State:
        node = found[ComponentType.node]
        # A network without lines or without transformers has none in its results.
        kinds = (ComponentType.line, ComponentType.transformer)
        parts = [found[kind] for kind in kinds if kind in found]
        power, far, loading = (
            np.concatenate([part[name] for part in parts], axis=1)
            for name in ("p_from", "p_to", "loading")
        )
        return State(
            node["u_pu"] * node["energized"],
            np.add.reduceat(power, self._first, axis=1) * 1e-6,
            np.add.reduceat(power + far, self._first, axis=1) * 1e-6,
            np.maximum.reduceat(loading, self._first, axis=1),
            tap,
        )

    def _updates(
        self, active: FloatArray, reactive: FloatArray, tap: IntArray, switching: IntArray | None
    ) -> dict[ComponentType, npt.NDArray[np.void]]:
        """What differs from the inputs in each case."""
        kinds = (ComponentType.sym_load, ComponentType.line, ComponentType.transformer)
        updates = {kind: self._update(kind, len(active)) for kind in kinds}
        load, line, transformer = updates.values()
        load["p_specified"], load["q_specified"] = active * 1e6, reactive * 1e6
        units = self._branch[line.shape[1] :] - len(self.network.lines)
        transformer["tap_pos"] = tap[:, units]
        if switching is not None:
            outage, closed = switching.T
            out = self._first[outage][:, None] == np.arange(len(self._branch))
            circuits_out, units_out = np.split(out, [line.shape[1]], axis=1)
            tie = closed[:, None] == self._branch[: line.shape[1]]
            normal = self._inputs[ComponentType.line]["to_status"].astype(bool)
            line["from_status"] = ~circuits_out
            line["to_status"] = (normal | tie) & ~circuits_out
            transformer["from_status"] = transformer["to_status"] = ~units_out
        return updates

    def _update(self, kind: ComponentType, cases: int) -> npt.NDArray[np.void]:
        own = self._inputs[kind]
        update = initialize_array(DatasetType.update, kind, (cases, len(own)))
        update["id"] = own["id"]
        return update

    def _components(self) -> dict[ComponentType, npt.NDArray[np.void]]:
        buses = self.network.buses
        count = len(buses)
        number = pd.Series(np.arange(count), buses.index)
        node = _new(ComponentType.node, count, 0)
        node["u_rated"] = buses["voltage"].to_numpy()
        load = _new(ComponentType.sym_load, count, count)
        load["node"], load["status"] = node["id"], 1
        load["type"] = LoadGenType.const_power
        load["p_specified"] = load["q_specified"] = 0.0
        source = _new(ComponentType.source, 1, 2 * count)
        source["node"], source["status"] = number[self.network.source_bus], 1
        source["u_ref"], source["sk"] = self.network.source_voltage, STIFF_SOURCE
        line = self._line_components(number, 2 * count + 1)
        first = 2 * count + 1 + len(line)
        return {
            ComponentType.node: node,
            ComponentType.sym_load: load,
            ComponentType.source: source,
            ComponentType.line: line,
            ComponentType.transformer: self._transformer_components(number, first),
        }

    def _line_components(self, number: pd.Series, first: int) -> npt.NDArray[np.void]:
        lines = self.network.lines
        rows = lines.loc[lines.index.repeat(lines["circuits"])]
        line = _new(ComponentType.line, len(rows), first)
        line["from_node"], line["to_node"] = number[rows["from_bus"]], number[rows["to_bus"]]
        line["from_status"], line["to_status"] = 1, rows["to_closed"]
        line["r1"], line["x1"], line["c1"] = (
            rows[name].to_numpy() for name in ("resistance", "reactance", "capacitance")
        )
        line["tan1"], line["i_n"] = 0.0, rows["current_limit"].to_numpy()
        return line

    def _transformer_components(self, number: pd.Series, first: int) -> npt.NDArray[np.void]:
        stations = self.network.transformers
        rows = stations.loc[stations.index.repeat(stations["units"])]
        unit = _new(ComponentType.transformer, len(rows), first)
        unit["from_node"], unit["to_node"] = number[rows["from_bus"]], number[rows["to_bus"]]
        unit["from_status"] = unit["to_status"] = 1
        for name, column in (
            ("u1", "high_voltage"),
            ("u2", "low_voltage"),
            ("sn", "rated_power"),
            ("uk", "short_circuit_voltage"),
            ("pk", "short_circuit_loss"),
            ("i0", "no_load_current"),
            ("p0", "no_load_loss"),
            ("clock", "phase_clock"),
            ("tap_pos", "tap_position"),
            ("tap_max", "tap_limit"),
        ):
            unit[name] = rows[column].to_numpy()
        odd = rows["phase_clock"].to_numpy() % 2 == 1
        unit["winding_from"] = WindingType.wye_n
        unit["winding_to"] = np.where(odd, WindingType.delta, WindingType.wye_n)
        unit["tap_side"], unit["tap_nom"], unit["tap_min"] = 0, 0, -unit["tap_max"]
        unit["tap_size"] = (rows["tap_step"] * rows["high_voltage"]).to_numpy()
        return unit


def _positions(network: Network, state: State) -> IntArray:
    """Tap positions that bring the voltages to their set points."""
    rows = network.transformers
    voltage = state.voltage[:, network.buses.index.get_indexer(pd.Index(rows["to_bus"]))]
    step, limit = rows["tap_step"].to_numpy(), rows["tap_limit"].to_numpy()
    usable = rows["automatic"].to_numpy(dtype=bool) & (step > 0)
    steps = (voltage - rows["voltage_setpoint"].to_numpy()) / np.where(usable, step, 1.0)
    moves = usable & (voltage > 0) & (np.abs(steps) > DEAD_BAND)
    wanted = np.clip(state.tap + np.where(moves, np.round(steps), 0.0), -limit, limit)
    return np.asarray(np.where(usable, wanted, state.tap), dtype=np.int64)


def _new(kind: ComponentType, count: int, first: int) -> npt.NDArray[np.void]:
    array = initialize_array(DatasetType.input, kind, count)
    array["id"] = np.arange(first, first + count)
    return array
