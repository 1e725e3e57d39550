"""Random small graphs of every kind and attribute that the linopy backend states.

A graph is drawn as a plan (plain data, which hypothesis can print and shrink) and built from it,
so that the same graph can be built again with another demand.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from oemof import solph

SLACK, DUMP = 1e3, 50.0
"""Cost of one unit that is missing or too much at a bus [CNY per unit]."""
LIMITED = ("emission", "fuel")
"""Custom properties that may be limited."""

Draw = Callable[[st.SearchStrategy[Any]], Any]
Keywords = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A graph as plain data.

    Attributes
    ----------
    increments
        Length of each time step [h].
    buses
        Label and whether it is balanced.
    nodes
        ``(class, label, inputs, outputs, keywords)``; flows by the label of their bus.
    limits
        Integral limits by custom property, upper or ``(lower, upper)``.
    """

    increments: tuple[float, ...]
    buses: tuple[tuple[str, bool], ...]
    nodes: tuple[tuple[str, str, Keywords, Keywords, Keywords], ...]
    limits: Keywords


def build(plan: Plan, more: tuple[str, int, float] | None = None) -> solph.EnergySystem:
    """The graph of a plan; `more` adds a demand at a bus in one time step."""
    start = pd.Timestamp("2023-01-01")
    ends = np.round(np.cumsum([0.0, *plan.increments]) * 3600)
    index = pd.DatetimeIndex([start + pd.Timedelta(seconds=float(s)) for s in ends])
    with warnings.catch_warnings():
        # solph warns of links without two inputs and two outputs, which are meant here.
        warnings.simplefilter("ignore")
        system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
        bus = {label: solph.Bus(label=label, balanced=b) for label, b in plan.buses}
        system.add(*bus.values(), *(_node(bus, *node) for node in plan.nodes))
        if more is not None:
            label, step, amount = more
            fix = [amount if t == step else 0.0 for t in range(len(plan.increments))]
            probe = solph.Flow(nominal_capacity=1.0, fix=fix)
            system.add(solph.components.Sink(label="probe", inputs={bus[label]: probe}))
    return system


def _node(
    bus: dict[str, solph.Bus],
    kind: str,
    label: str,
    inputs: Keywords,
    outputs: Keywords,
    keywords: Keywords,
) -> Any:
    used = dict(keywords)
    factors = used.get("conversion_factors")
    if factors is not None:
        used["conversion_factors"] = {
            tuple(bus[b] for b in key) if isinstance(key, tuple) else bus[key]: value
            for key, value in factors.items()
        }
    ends: Keywords = {}
    if inputs:
        ends["inputs"] = {bus[b]: solph.Flow(**_invested(flow)) for b, flow in inputs.items()}
    if outputs:
        ends["outputs"] = {bus[b]: solph.Flow(**_invested(flow)) for b, flow in outputs.items()}
    return getattr(solph.components, kind)(label=label, **ends, **_invested(used))


def _invested(keywords: Keywords) -> Keywords:
    """Keywords with the plan's investment, and what makes a flow be on or off, made objects."""
    kinds = {"nominal_capacity": solph.Investment, "nonconvex": solph.NonConvex}
    return {
        key: kinds[key](**value) if key in kinds and isinstance(value, dict) else value
        for key, value in keywords.items()
    }


def _one_in(draw: Draw, count: int) -> bool:
    return draw(st.integers(1, count)) == count


def _choice(draw: Draw, values: Sequence[Any]) -> Any:
    return draw(st.sampled_from(values))


def _series(draw: Draw, length: int, values: Sequence[float]) -> Any:
    """A scalar or a series."""
    if draw(st.booleans()):
        return _choice(draw, values)
    return draw(st.lists(st.sampled_from(values), min_size=length, max_size=length))


def _investment(draw: Draw) -> Keywords:
    keywords: Keywords = {"ep_costs": _choice(draw, (0.0, 3.0, 20.0, 150.0))}
    if _one_in(draw, 4):
        keywords |= {
            "nonconvex": True,
            "maximum": _choice(draw, (2.0, 7.5, 30.0)),
            "minimum": _choice(draw, (0.0, 1.5)),
            "offset": _choice(draw, (5.0, 60.0)),
        }
        return keywords
    keywords["existing"] = _choice(draw, (0.0, 0.0, 2.0, 4.5))
    if draw(st.booleans()):
        keywords["maximum"] = _choice(draw, (0.0, 1.5, 6.0, 25.0))
        keywords["minimum"] = min(_choice(draw, (0.0, 0.0, 1.0)), keywords["maximum"])
    return keywords


def _flow(draw: Draw, steps: int, kinds: Sequence[str], costs: Sequence[float]) -> Keywords:
    """Keywords of a flow of one of the kinds free, bounded, fixed, invested, profile."""
    kind = _choice(draw, kinds)
    flow: Keywords = {}
    if _one_in(draw, 2):
        flow["variable_costs"] = _series(draw, steps, costs)
    for name in LIMITED:
        if _one_in(draw, 4):
            flow.setdefault("custom_properties", {})[name] = _series(draw, steps, (0.0, 0.3, 2.0))
    if kind == "free":
        return flow
    if kind in ("bounded", "fixed"):
        flow["nominal_capacity"] = _choice(draw, (0.0, 1.0, 3.0, 8.0, 12.5))
    else:
        flow["nominal_capacity"] = _investment(draw)
    if kind in ("fixed", "profile"):
        flow["fix"] = _series(draw, steps, (0.0, 0.2, 0.7, 1.0))
    else:
        if _one_in(draw, 3):
            flow["maximum"] = _series(draw, steps, (0.0, 0.4, 0.9, 1.0))
        if _one_in(draw, 5):
            # solph ignores a series that has a zero where there is an investment.
            least = (0.1, 0.3) if kind == "invested" else (0.0, 0.1, 0.3)
            flow["minimum"] = _series(draw, steps, least)
            if kind == "bounded" and "maximum" in flow:
                # Pyomo does not see bounds that cross where a flow is in no row and costs nothing.
                flow["maximum"] = np.maximum(flow["maximum"], flow["minimum"]).tolist()
    if kind == "bounded":
        for name in ("positive_gradient_limit", "negative_gradient_limit"):
            if _one_in(draw, 6):
                flow[name] = _series(draw, steps, (0.05, 0.25, 0.6))
        if _one_in(draw, 10):
            flow["integer"] = True
    if kind != "fixed":
        if _one_in(draw, 6):
            flow["full_load_time_max"] = _choice(draw, (0.4, 1.5, 3.0))
        if _one_in(draw, 8):
            flow["full_load_time_min"] = _choice(draw, (0.1, 0.3, 0.8))
    return flow


POSITIVE = (0.0, 2.0, 7.0, 31.0)
ANY_COST = (-6.0, 0.0, 2.0, 31.0)
ALL_KINDS = ("free", "bounded", "bounded", "fixed", "invested", "profile")
PASSING = ("free", "free", "bounded", "invested")


def _storage(draw: Draw, steps: int, number: int, bus: Callable[[], str]) -> tuple[Any, ...]:
    side = ("free", "bounded", "invested")
    into, out = (_flow(draw, steps, side, POSITIVE) for _ in range(2))
    capacity: Any = _choice(draw, (0.0, 4.0, 20.0))
    if draw(st.booleans()):
        capacity = _investment(draw)
    level = (0.0, 0.25, 0.5)
    keywords: Keywords = {"nominal_capacity": capacity, "balanced": draw(st.booleans())}
    least = _choice(draw, (0.0, 0.0, 0.1))
    if _one_in(draw, 4):
        # The first level is not below a given initial one; solph ignores a lone last one.
        least = [0.1, *draw(st.lists(st.sampled_from(level), min_size=steps, max_size=steps))]
        keywords["max_storage_level"] = [1.0] + [_choice(draw, (0.6, 1.0))] * steps
    keywords["min_storage_level"] = least
    keywords["initial_storage_level"] = _choice(draw, (None, None, 0.1, 0.5))
    for name, values in (
        ("loss_rate", (0.01, 0.2)),
        ("fixed_losses_relative", (0.01, 0.03)),
        ("inflow_conversion_factor", (0.7, 0.95)),
        ("outflow_conversion_factor", (0.6, 0.9)),
        ("storage_costs", (0.0, 0.5, 4.0)),
    ):
        if draw(st.booleans()):
            keywords[name] = _series(draw, steps, values)
    sure = capacity if not isinstance(capacity, dict) else capacity.get("existing", 0.0)
    if sure > 0 and _one_in(draw, 4):
        keywords["fixed_losses_absolute"] = _series(draw, steps, (0.0, 0.05))
    into_invested, out_invested = (
        isinstance(f.get("nominal_capacity"), dict) for f in (into, out)
    )
    relations = []
    if isinstance(capacity, dict):
        relations += ["input_capacity"] * into_invested + ["output_capacity"] * out_invested
    relations += ["input_output"] * (into_invested and out_invested)
    chosen = [r for r in relations if draw(st.booleans())][:2]
    for relation in chosen:
        keywords[f"invest_relation_{relation}"] = _choice(draw, (0.25, 0.5, 1.2))
    return ("GenericStorage", f"store{number}", {bus(): into}, {bus(): out}, keywords)


def _converter(draw: Draw, steps: int, number: int, some: Any) -> tuple[Any, ...]:
    kinds = ("free", "free", "bounded", "invested", "profile", "fixed")
    ends = [{b: _flow(draw, steps, kinds, ANY_COST) for b in some(3)} for _ in range(2)]
    # A converter has one factor for a bus, also where it is both input and output.
    values = (0.3, 0.9, 1.0, 2.7) if not _one_in(draw, 4) else (0.0, 0.4, 1.0)
    factors = {
        b: _series(draw, steps, values) for b in [*ends[0], *ends[1]] if draw(st.booleans())
    }
    return ("Converter", f"conv{number}", *ends, {"conversion_factors": factors})


def _link(draw: Draw, steps: int, number: int, some: Any) -> tuple[Any, ...]:
    inputs = {b: _flow(draw, steps, (*PASSING, "profile", "fixed"), POSITIVE) for b in some(2)}
    outputs = {b: _flow(draw, steps, PASSING, POSITIVE) for b in some(2)}
    pairs = [(i, o) for i in inputs for o in outputs]
    chosen = [pair for pair in pairs if draw(st.booleans())] or pairs[:1]
    factors = {pair: _series(draw, steps, (0.0, 0.5, 0.97)) for pair in chosen}
    return ("Link", f"link{number}", inputs, outputs, {"conversion_factors": factors})


@st.composite
def plans(draw: Draw, integers: bool = True) -> Plan:
    """Plans of two to eight time steps and one to four buses."""
    steps = draw(st.integers(2, 8))
    length = _choice(draw, ((1.0,), (1.0,), (0.25,), (0.25, 1.0, 2.5)))
    increments = tuple(_choice(draw, length) for _ in range(steps))
    names = [f"bus{i}" for i in range(draw(st.integers(1, 4)))]
    buses = tuple((name, not _one_in(draw, 12)) for name in names)
    nodes: list[Any] = []

    def bus() -> str:
        return str(_choice(draw, names))

    def some(most: int) -> list[str]:
        return list(draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True)))

    if not _one_in(draw, 8):
        for name, _ in buses:
            nodes.append(("Source", f"slack_{name}", {}, {name: {"variable_costs": SLACK}}, {}))
            nodes.append(("Sink", f"dump_{name}", {name: {"variable_costs": DUMP}}, {}, {}))
    for number in range(draw(st.integers(1, 3))):
        demand = draw(
            st.lists(st.sampled_from((0.0, 1.7, 5.0, 11.3)), min_size=steps, max_size=steps)
        )
        fixed = {"nominal_capacity": 1.0, "fix": demand}
        nodes.append(("Sink", f"demand{number}", {bus(): fixed}, {}, {}))
    for number in range(draw(st.integers(1, 6))):
        kind = _choice(
            draw, ("source", "source", "sink", "converter", "converter", "link", "store", "store")
        )
        if kind == "source":
            outputs = {b: _flow(draw, steps, ALL_KINDS, POSITIVE) for b in some(2)}
            nodes.append(("Source", f"source{number}", {}, outputs, {}))
        elif kind == "sink":
            inputs = {b: _flow(draw, steps, ALL_KINDS[1:], ANY_COST) for b in some(2)}
            nodes.append(("Sink", f"sink{number}", inputs, {}, {}))
        elif kind == "converter":
            nodes.append(_converter(draw, steps, number, some))
        elif kind == "link":
            nodes.append(_link(draw, steps, number, some))
        else:
            nodes.append(_storage(draw, steps, number, bus))
    present = [
        name
        for name in LIMITED
        if any(
            name in flow.get("custom_properties", {})
            for node in nodes
            for flow in [*node[2].values(), *node[3].values()]
        )
    ]
    ranges = (0.5, 5.0, 40.0, (0.5, np.inf), (2.0, 40.0))
    limits = {name: _choice(draw, ranges) for name in present if draw(st.booleans())}
    plan = Plan(increments, buses, tuple(nodes), limits)
    return plan if integers else without_integers(plan)


def without_integers(plan: Plan) -> Plan:
    """The plan without integer flows and without investments that are not convex."""

    def convex(keywords: Keywords) -> Keywords:
        kept = {k: v for k, v in keywords.items() if k != "integer"}
        capacity = kept.get("nominal_capacity")
        if isinstance(capacity, dict):
            drop = ("nonconvex", "offset")
            kept["nominal_capacity"] = {k: v for k, v in capacity.items() if k not in drop}
        return kept

    nodes = tuple(
        (
            kind,
            label,
            {b: convex(f) for b, f in inputs.items()},
            {b: convex(f) for b, f in outputs.items()},
            convex(keywords),
        )
        for kind, label, inputs, outputs, keywords in plan.nodes
    )
    return Plan(plan.increments, plan.buses, nodes, plan.limits)
