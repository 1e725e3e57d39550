"""The same graph stated in PyPSA, component by component, as a PyPSA user would.

Sources and sinks are generators, converters are links with as many ends as they have buses,
storages are a store between two links. What PyPSA has no word for (one inverter for both
directions, integral limits) is an extra constraint on its linopy model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pypsa
from oemof import solph

from meishan_model.components.flows import ParkGraph
from meishan_model.optimise.formulation.reading import Graph, as_array, read_graph

UNLIMITED = 1e6
"""Stands for a flow without capacity [MW]; far above any flow of the park."""


class PypsaSlice:
    """A park graph in PyPSA.

    Attributes
    ----------
    network
        The network.
    objective_offset
        What PyPSA's objective counts beyond ours: the annuity of stock [CNY].
    """

    def __init__(self, park: ParkGraph):
        self.park = park
        self.graph: Graph = read_graph(park.energy_system)
        _refuse_others(self.graph)
        self.network = pypsa.Network()
        self.network.set_snapshots(range(self.graph.hours))
        self.objective_offset = 0.0
        self.inverters: list[tuple[str, float, float]] = []
        self.place: dict[tuple[str, str], tuple[str, str, np.ndarray]] = {}
        self.tables: dict[str, dict[str, np.ndarray]] = {}
        for bus in self.graph.of(solph.Bus):
            self.network.add("Bus", str(bus.label))
        for node in self.graph.of(solph.components.Source):
            self._one_port(node, next(iter(node.outputs)), 1.0)
        for node in self.graph.of(solph.components.Sink):
            self._one_port(node, next(iter(node.inputs)), -1.0)
        for node in self.graph.of(solph.components.Converter):
            self._converter(node)
        for node in self.graph.of(solph.components.GenericStorage):
            self._storage(node)

    def solve(self, options: dict[str, Any]) -> float:
        """Solve with HiGHS and return the objective in the graph's own terms [CNY]."""
        status, condition = self.network.optimize(
            solver_name="highs",
            solver_options=options,
            extra_functionality=lambda _, __: self._extra(),
            include_objective_constant=False,
        )
        if (status, condition) != ("ok", "optimal"):
            raise RuntimeError(f"PyPSA ends with {status}, {condition}")
        return float(self.network.objective) * 1e3 - self.objective_offset

    def _flow(self, source: Any, target: Any) -> Any:
        return self.graph.flows[self.graph.inflow(source, target)]

    def _size(self, flow: Any, ratio: np.ndarray | float = 1.0) -> dict[str, Any]:
        """Size and profile of a flow, seen from another flow that is ``flow / ratio``."""
        series = self.graph.series
        if flow.investment is None and flow.nominal_capacity is None:
            return {"p_nom": UNLIMITED}
        low, high = (
            (series(flow.fix), series(flow.fix))
            if flow.fix is not None
            else (series(flow.minimum), series(flow.maximum, 1.0))
        )
        profile = {"p_min_pu": low / ratio, "p_max_pu": high / ratio}
        if flow.investment is None:
            return profile | {"p_nom": flow.nominal_capacity}
        return profile | self._investment(flow.investment, "p_nom")

    def _investment(self, investment: Any, word: str) -> dict[str, Any]:
        least, most, price = (
            float(as_array(s, 1)[0])
            for s in (investment.minimum, investment.maximum, investment.ep_costs)
        )
        existing = float(investment.existing or 0.0)
        self.objective_offset += existing * price
        return {
            f"{word}_extendable": True,
            f"{word}_min": existing + least,
            f"{word}_max": existing + most,
            "capital_cost": price * 1e-3,
        }

    def _price(self, flow: Any) -> np.ndarray:
        return self.graph.series(flow.variable_costs) * 1e-3

    def _one_port(self, node: Any, bus: Any, sign: float) -> None:
        edge = (node, bus) if sign > 0 else (bus, node)
        flow, name = self._flow(*edge), str(node.label)
        self.place[str(edge[0].label), str(edge[1].label)] = ("Generator", name, np.ones(1))
        self.network.add(
            "Generator",
            name,
            bus=str(bus.label),
            sign=sign,
            marginal_cost=self._price(flow),
            **self._size(flow),
        )

    def _converter(self, node: Any) -> None:
        name, first = str(node.label), next(iter(node.inputs))
        factor = {
            b: self.graph.series(node.conversion_factors[b]) for b in [*node.inputs, *node.outputs]
        }
        ends: dict[str, Any] = {"bus0": str(first.label)}
        price = np.zeros(self.graph.hours)
        size: dict[str, Any] = {"p_nom": UNLIMITED}
        number = 0
        for bus, inward in [(b, True) for b in node.inputs] + [(b, False) for b in node.outputs]:
            ratio = factor[bus] / factor[first]
            flow = self._flow(bus, node) if inward else self._flow(node, bus)
            edge = (str(bus.label), name) if inward else (name, str(bus.label))
            self.place[edge] = ("Link", name, ratio)
            price += self._price(flow) * ratio
            own = self._size(flow, ratio)
            if own != {"p_nom": UNLIMITED}:
                size = self._both(name, size, own)
            if bus is not first:
                number += 1
                ends |= {
                    f"bus{number}": str(bus.label),
                    "efficiency" + ("" if number == 1 else str(number)): -ratio
                    if inward
                    else ratio,
                }
        self.network.add("Link", name, marginal_cost=price, **ends, **size)

    def _both(self, name: str, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """Two limits on one link: the fixed one becomes a bound on its flow."""
        if one == {"p_nom": UNLIMITED}:
            return other
        fixed, sized = (one, other) if "p_nom" in one else (other, one)
        self.tables.setdefault("bounds", {})[name] = fixed["p_max_pu"] * fixed["p_nom"]
        return sized

    def _storage(self, node: Any) -> None:
        name = str(node.label)
        source, target = next(iter(node.inputs)), next(iter(node.outputs))
        into, out = self._flow(source, node), self._flow(node, target)
        gain = float(self.graph.series(node.inflow_conversion_factor)[0])
        drain = float(self.graph.series(node.outflow_conversion_factor)[0])
        self.network.add("Bus", f"{name} content")
        size = (
            {"e_nom": node.nominal_storage_capacity}
            if node.investment is None
            else self._investment(node.investment, "e_nom")
        )
        # A content of solph's is that before an hour, one of PyPSA's that after it.
        points = self.graph.hours + 1
        least, most = (
            as_array(s, points) for s in (node.min_storage_level, node.max_storage_level)
        )
        self.network.add(
            "Store",
            name,
            bus=f"{name} content",
            e_cyclic=True,
            e_min_pu=least[1:],
            e_max_pu=most[1:],
            standing_loss=float(self.graph.series(node.loss_rate)[0]),
            **size,
        )
        self.network.add(
            "Link",
            f"{name} charge",
            bus0=str(source.label),
            bus1=f"{name} content",
            efficiency=gain,
            marginal_cost=self._price(into),
            **self._size(into),
        )
        discharge = self._size(out)
        if out.investment is not None:
            # The link is sized at the store, the inverter at the grid.
            discharge = {
                k: v / drain if k in ("p_nom_min", "p_nom_max") else v
                for k, v in discharge.items()
            }
            discharge["capital_cost"] *= drain
            self.inverters.append((name, drain, 1.0))
        else:
            discharge["p_max_pu"] = discharge["p_max_pu"] / drain
        self.network.add(
            "Link",
            f"{name} discharge",
            bus0=f"{name} content",
            bus1=str(target.label),
            efficiency=drain,
            marginal_cost=self._price(out) * drain,
            **discharge,
        )

    def _extra(self) -> None:
        model = self.network.model
        for name, drain, ratio in self.inverters:
            size = model.variables["Link-p_nom"]
            left = size.loc[f"{name} charge"] - drain * ratio * size.loc[f"{name} discharge"]
            model.add_constraints(left == 0, name=f"inverter {name}")
        for name, bound in self.tables.get("bounds", {}).items():
            power = model.variables["Link-p"].sel(name=name)
            model.add_constraints(power <= _over_time(bound, power), name=f"bound {name}")
        for keyword, limit in self.park.registry.integral_limits.items():
            model.add_constraints(self._sum(model, keyword) <= limit, name=keyword)

    def _sum(self, model: Any, keyword: str) -> Any:
        terms = []
        for (source, target), flow in zip(self.graph.edges, self.graph.flows, strict=True):
            weight = flow.custom_properties.get(keyword)
            if weight is None:
                continue
            kind, name, ratio = self.place[str(source.label), str(target.label)]
            power = model.variables[f"{kind}-p"].sel(name=name)
            factor = np.broadcast_to(np.asarray(weight, float) * ratio, self.graph.hours)
            terms.append((power * _over_time(factor, power)).sum())
        return sum(terms[1:], start=terms[0])


def _refuse_others(graph: Graph) -> None:
    """Raise an error for what a graph of the park does not have and this file does not state."""
    refused = [f"link {node.label}" for node in graph.of(solph.components.Link)]
    for node in graph.of(solph.components.GenericStorage):
        series = (node.fixed_losses_relative, node.fixed_losses_absolute, node.storage_costs)
        relations = (node.invest_relation_input_capacity, node.invest_relation_output_capacity)
        other = any(graph.series(s).any() for s in series) or any(r is not None for r in relations)
        if other or not node.balanced or node.initial_storage_level is not None:
            refused.append(f"storage {node.label}")
    for position, flow in enumerate(graph.flows):
        limits = (flow.positive_gradient_limit, flow.negative_gradient_limit)
        times = (flow.full_load_time_min, flow.full_load_time_max)
        if flow.integer or any(limit is not None for limit in (*limits, *times)):
            refused.append(f"flow {graph.name(position)}")
    if refused:
        raise NotImplementedError(f"not stated in PyPSA here: {', '.join(refused)}")


def _over_time(values: np.ndarray, power: Any) -> Any:
    return (
        pd.Series(values, index=power.indexes["snapshot"], name=None)
        .to_xarray()
        .rename({"index": "snapshot"} if "snapshot" not in power.dims else {})
    )
