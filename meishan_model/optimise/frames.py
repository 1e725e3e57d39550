"""Values of a solution as ``solph.Results`` gives them, and as a dataset with plain names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from .errors import ModelError
from .formulation.elements import as_array, labels_of
from .problem import Edge, Floats

if TYPE_CHECKING:
    from oemof import solph

    from .solution import Solution

Values: TypeAlias = dict[Any, Floats]
"""Values of a variable by node, or by source and target."""
OF_CAPACITIES = ("invest", "total", "invest_status")
WITHOUT_TIME = (*OF_CAPACITIES, "inter_storage_content")
"""Variables that are not by time step, however many values they have."""
OF_COSTS = ("variable_costs", "investment_costs")


@dataclass(frozen=True)
class EnergySystemFrames:
    """Frames of an energy system by the keys of ``solph.Results``.

    Attributes
    ----------
    energy_system
        What was solved; its costs and losses are read when a frame is asked for.
    points
        Stamps of the time points, one more than time steps.
    corrections
        What is told otherwise than by solph.
    """

    energy_system: solph.EnergySystem
    points: pd.Index
    corrections: frozenset[str] = frozenset()

    def keys(self, solution: Solution) -> tuple[str, ...]:
        """Names of the frames of a solution; those without a column are left out."""
        there = [key for key, values in _KNOWN.items() if values(self, solution)]
        return tuple(dict.fromkeys([*there, *solution.further]))

    def frame(self, solution: Solution, key: str) -> pd.DataFrame:
        """One of the frames; see :meth:`optimise.Solution.frame`.

        Parameters
        ----------
        solution
            The solution of the energy system.
        key
            One of :meth:`keys`.

        Raises
        ------
        ModelError
            If there is no such frame.
        """
        known = _KNOWN.get(key)
        values = known(self, solution) if known else {}
        nodes = self._nodes()
        for name, own in solution.further.get(key, {}).items():
            values[nodes[name] if isinstance(name, str) else _pair(nodes, name)] = own
        if not values:
            known_keys = ", ".join(self.keys(solution))
            raise ModelError(f"there is no frame {key}; {known_keys} are known")
        data = np.column_stack(list(values.values()))
        steps = len(self.points) - 1
        by_time = key not in WITHOUT_TIME and len(data) in (steps, steps + 1)
        index = self.points[: len(data)] if by_time else pd.RangeIndex(len(data))
        return pd.DataFrame(data, index, self._columns(solution, key, list(values)))

    def _columns(self, solution: Solution, key: str, names: list[Any]) -> pd.Index:
        """Pairs of nodes as two levels, unless solph has them beside nodes or as costs."""
        pairs = all(isinstance(name, tuple) for name in names)
        mixed = key in OF_CAPACITIES and bool(solution.storage_investment)
        if pairs and not mixed and key not in OF_COSTS:
            return pd.MultiIndex.from_tuples(names)
        found: pd.Index = pd.Index(names, tupleize_cols=False)
        return found

    def _nodes(self) -> dict[str, Any]:
        return {str(node.label): node for node in self.energy_system.nodes}

    def _storages(self, solution: Solution) -> dict[str, Any]:
        nodes = self._nodes()
        return {name: nodes[name] for name in solution.storage_content.columns}

    def _flow(self, solution: Solution) -> Values:
        return {pair: solution.flow[labels_of(pair)].to_numpy() for pair in self._flows()}

    def _flows(self) -> dict[tuple[Any, Any], Any]:
        return dict(self.energy_system.flows())

    def _integer_flow(self, solution: Solution) -> Values:
        flows, values = self._flows(), self._flow(solution)
        return {pair: values[pair] for pair, flow in flows.items() if flow.integer}

    def _content(self, solution: Solution) -> Values:
        return {
            node: np.append(solution.initial_content[name], solution.storage_content[name])
            for name, node in self._storages(solution).items()
        }

    def _losses(self, solution: Solution) -> Values:
        r"""Losses :math:`E (1 - (1 - \beta)^\tau) + \gamma E_{nom} \tau + \delta \tau`."""
        step = np.asarray(self.energy_system.timeincrement, dtype=float)
        found = {}
        for node, content in self._content(solution).items():
            if node.investment is not None:
                continue
            rate, relative, absolute = (
                as_array(sequence, len(step))
                for sequence in (
                    node.loss_rate,
                    node.fixed_losses_relative,
                    node.fixed_losses_absolute,
                )
            )
            fixed = relative * float(node.nominal_storage_capacity) + absolute
            found[node] = content[:-1] * (1.0 - (1.0 - rate) ** step) + fixed * step
        return found

    def _invested(self, solution: Solution) -> dict[Any, tuple[Any, float]]:
        """Investment and new capacity of each flow and storage that has them."""
        found: dict[Any, tuple[Any, float]] = {}
        for pair, flow in self._flows().items():
            if labels_of(pair) in solution.flow_investment:
                found[pair] = flow.investment, solution.flow_investment[labels_of(pair)]
        for name, node in self._nodes().items():
            if name in solution.storage_investment:
                found[node] = node.investment, solution.storage_investment[name]
        return found

    def _invest(self, solution: Solution) -> Values:
        return {name: np.array([new]) for name, (_, new) in self._invested(solution).items()}

    def _total(self, solution: Solution) -> Values:
        """With what exists; solph has none of flows that are also on or off."""
        flows = self._flows()
        return {
            name: np.array([new + float(investment.existing)])
            for name, (investment, new) in self._invested(solution).items()
            if name not in flows or flows[name].nonconvex is None
        }

    def _variable_costs(self, solution: Solution) -> Values:
        flows = self._flows()
        return {
            pair: values * as_array(flows[pair].variable_costs, len(values))
            for pair, values in self._flow(solution).items()
        }

    def _investment_costs(self, solution: Solution) -> Values:
        def first(sequence: Any) -> float:
            return float(as_array(sequence, 1)[0])

        made = solution.further.get("invest_status", {})

        def offset(name: Any, investment: Any) -> float:
            key = labels_of(name) if isinstance(name, tuple) else str(name.label)
            paid = key in made and made[key][0] > 0.5
            corrected = "offset_frame" in self.corrections
            return first(investment.offset) if paid or not corrected else 0.0

        return {
            name: np.array([first(investment.ep_costs) * new + offset(name, investment)])
            for name, (investment, new) in self._invested(solution).items()
        }


_KNOWN: Mapping[str, Callable[[EnergySystemFrames, Solution], Values]] = {
    "flow": EnergySystemFrames._flow,
    "storage_content": EnergySystemFrames._content,
    "storage_losses": EnergySystemFrames._losses,
    "invest": EnergySystemFrames._invest,
    "total": EnergySystemFrames._total,
    "integer_flow": EnergySystemFrames._integer_flow,
    "variable_costs": EnergySystemFrames._variable_costs,
    "investment_costs": EnergySystemFrames._investment_costs,
}


def _pair(nodes: Mapping[str, Any], edge: Edge) -> tuple[Any, Any]:
    return nodes[edge[0]], nodes[edge[1]]


def time_points(energy_system: solph.EnergySystem, index: pd.Index | None) -> pd.Index:
    """Stamps of the time points of an energy system, one more than time steps.

    Parameters
    ----------
    energy_system
        The energy system.
    index
        Stamps of the time steps, to take in place of its own.

    Raises
    ------
    ModelError
        If it has no time index, or there are too few or too many stamps.
    """
    if energy_system.timeincrement is None or not len(energy_system.timeincrement):
        raise ModelError("no backend states: an energy system without time steps")
    increments = np.asarray(energy_system.timeincrement, dtype=float)
    steps = len(increments)
    own = energy_system.timeindex
    fits = own is not None and len(own) == steps + 1
    wanted: Any = index if index is not None else own if fits else range(steps + 1)
    given: pd.Index = pd.Index(wanted)
    if index is None:
        return given
    if len(given) != steps:
        raise ModelError(f"{len(given)} stamps are given for {steps} time steps")
    end: pd.Index = pd.Index([_end_of(given, float(increments[-1]))])
    return given.append(end)


def _end_of(index: pd.Index, increment: float) -> Any:
    """Stamp of the end of the last time step, from the stamps of their beginnings."""
    last = index[-1]
    if isinstance(index, pd.DatetimeIndex):
        return last + pd.Timedelta(hours=increment)
    if isinstance(index, pd.RangeIndex):
        return last + index.step
    return last + increment if pd.api.types.is_numeric_dtype(index) else "end"
