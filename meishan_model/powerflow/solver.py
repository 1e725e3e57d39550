"""Batches of AC power flows of one network by power-grid-model (Newton-Raphson, C++).

Each circuit of a line and each unit of a transformer is a component of its own, so that one of
them can be out. power-grid-model and pandapower agree to 1e-6 p.u. (``benchmarks/powerflow.py``);
pandapower needs about 100 times as long for a year and, in version 3.5, an older pandas.
"""

from __future__ import annotations

from dataclasses import dataclass
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

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STIFF_SOURCE = 1e20
"""Short-circuit power of the source [VA]: its voltage does not give way."""
TOLERANCE = 1e-10
_OUTPUT: dict[ComponentType, set[str] | list[str] | ComponentAttributeFilterOptions | None] = {
    ComponentType.node: ["u_pu", "energized"],
    ComponentType.line: ["p_from", "p_to", "loading"],
    ComponentType.transformer: ["p_from", "p_to", "loading"],
}


@dataclass(frozen=True)
class Switching:
    """States that differ from the network's own, by case; ``None`` leaves all as they are.

    Attributes
    ----------
    circuits_out
        Cases x circuits (rows of :attr:`Solver.circuits`).
    closed
        Cases x circuits: normally open lines that are closed.
    units_out
        Cases x units (rows of :attr:`Solver.units`).
    """

    circuits_out: Flags
    closed: Flags
    units_out: Flags


@dataclass(frozen=True)
class State:
    """Result of a batch; branches are bundles of equal circuits or units, lines first.

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

    voltage: Numbers
    power: Numbers
    loss: Numbers
    loading: Numbers
    tap: Whole


class Solver:
    """Solves one network for many cases.

    Attributes
    ----------
    network
        The network.
    circuits, units
        Branch of every circuit, transformer of every unit, by position.
    """

    def __init__(self, network: Network):
        self.network = network
        self.circuits = np.repeat(np.arange(len(network.lines)), network.lines["circuits"])
        self.units = np.repeat(np.arange(len(network.transformers)), network.transformers["units"])
        self._inputs = self._components()
        try:
            self._model = PowerGridModel(self._inputs)
        except PowerGridError as error:
            raise SolverError(f"the network cannot be calculated: {error}") from error

    @property
    def branches(self) -> pd.Index:
        """Names of the branches of a :class:`State`."""
        network = self.network
        return network.lines.index.append(network.transformers.index).rename("branch")

    def solve(
        self,
        active: Numbers,
        reactive: Numbers,
        tap: Whole | None = None,
        switching: Switching | None = None,
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
            What is out or closed in each case.
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
            tap = np.broadcast_to(positions, (cases, len(positions)))
        update = {ComponentType.sym_load: self._loads(active, reactive)}
        if len(self.units):
            update[ComponentType.transformer] = self._taps(tap, switching)
        if switching is not None and len(self.circuits):
            update[ComponentType.line] = self._lines_update(switching)
        try:
            found = self._model.calculate_power_flow(
                update_data=update,
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
        state = self._state(found, np.asarray(tap, dtype=np.int64))
        error_of_batch = self._model.batch_error if collapse_allowed else None
        if error_of_batch is None:
            return state
        return _collapsed(state, error_of_batch.failed_scenarios)

    # What a collapsed case leaves behind is no number; it is replaced afterwards.
    @np.errstate(invalid="ignore", over="ignore")
    def _state(self, found: Any, tap: Whole) -> State:
        node = found[ComponentType.node]
        power, loss, loading = [], [], []
        for kind, bundle in (
            (ComponentType.line, self.circuits),
            (ComponentType.transformer, self.units),
        ):
            if not len(bundle):
                continue
            part = found[kind]
            starts = np.flatnonzero(np.diff(bundle, prepend=-1))
            power.append(np.add.reduceat(part["p_from"], starts, axis=1) * 1e-6)
            both = part["p_from"] + part["p_to"]
            loss.append(np.add.reduceat(both, starts, axis=1) * 1e-6)
            loading.append(np.maximum.reduceat(part["loading"], starts, axis=1))
        return State(
            node["u_pu"] * node["energized"],
            np.concatenate(power, axis=1),
            np.concatenate(loss, axis=1),
            np.concatenate(loading, axis=1),
            tap,
        )

    def _loads(self, active: Numbers, reactive: Numbers) -> npt.NDArray[np.void]:
        update = initialize_array(DatasetType.update, ComponentType.sym_load, active.shape)
        update["id"] = self._inputs[ComponentType.sym_load]["id"]
        update["p_specified"] = active * 1e6
        update["q_specified"] = reactive * 1e6
        return update

    def _taps(self, tap: Whole, switching: Switching | None) -> npt.NDArray[np.void]:
        shape = (len(tap), len(self.units))
        update = initialize_array(DatasetType.update, ComponentType.transformer, shape)
        update["id"] = self._inputs[ComponentType.transformer]["id"]
        update["tap_pos"] = np.asarray(tap)[:, self.units]
        if switching is not None:
            update["from_status"] = update["to_status"] = ~switching.units_out
        return update

    def _lines_update(self, switching: Switching) -> npt.NDArray[np.void]:
        own = self._inputs[ComponentType.line]
        shape = switching.circuits_out.shape
        update = initialize_array(DatasetType.update, ComponentType.line, shape)
        update["id"] = own["id"]
        for side in ("from_status", "to_status"):
            normal = own[side].astype(bool)
            update[side] = (normal | switching.closed) & ~switching.circuits_out
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
        rows = self.network.lines.iloc[self.circuits]
        line = _new(ComponentType.line, len(rows), first)
        line["from_node"], line["to_node"] = number[rows["from_bus"]], number[rows["to_bus"]]
        line["from_status"], line["to_status"] = rows["from_closed"], rows["to_closed"]
        line["r1"], line["x1"], line["c1"] = (
            rows[name].to_numpy() for name in ("resistance", "reactance", "capacitance")
        )
        line["tan1"], line["i_n"] = 0.0, rows["current_limit"].to_numpy()
        return line

    def _transformer_components(self, number: pd.Series, first: int) -> npt.NDArray[np.void]:
        rows = self.network.transformers.iloc[self.units]
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


def _collapsed(state: State, cases: Numbers) -> State:
    """Mark the cases that have no solution."""
    arrays = {name: np.array(getattr(state, name)) for name in ("voltage", "power", "loss")}
    for array in arrays.values():
        array[cases] = 0.0
    loading = np.array(state.loading)
    loading[cases] = np.inf
    return State(**arrays, loading=loading, tap=state.tap)


def _new(kind: ComponentType, count: int, first: int) -> npt.NDArray[np.void]:
    array = initialize_array(DatasetType.input, kind, count)
    array["id"] = np.arange(first, first + count)
    return array
