"""Refuse by name what a backend does not state, so that nothing is dropped silently.

There are three kinds of reasons: no backend states it, solph takes it otherwise than it reads, or
the linopy backend does not state it and the pyomo backend does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from oemof import solph
from oemof.network import Node

from ..errors import ModelError
from .attributes import CLASSES, is_refused
from .elements import Floats, as_array, as_number, flow_name, has_own_rows, stated_as
from .node_refusals import OF_NODES, Kind, Reason, short, truth

NODES: dict[type, str] = {
    kind: name
    for module in (solph, solph.components, solph.components.experimental)
    for name in CLASSES
    if isinstance(kind := getattr(module, name, None), type) and issubclass(kind, Node)
}
"""Classes of solph whose objects are nodes, with their names in the tables of attributes."""
SPECIAL_SETS = ("SOS2", "BIGM_SOS1")
"""Representations of piecewise linear functions by special ordered sets."""


def refuse_for_linopy(
    energy_system: solph.EnergySystem, corrections: Collection[str] = ()
) -> None:
    """Raise an error that names all that the linopy backend does not state.

    Parameters
    ----------
    energy_system
        The energy system.
    corrections
        What is to be stated otherwise than in solph.

    Raises
    ------
    ModelError
        If there is anything; recommends the pyomo backend where that states all of it.
    """
    reasons = list(_reasons(energy_system, corrections))
    parts = [
        head + "; ".join(found)
        for kind, head in (
            ("impossible", "no backend states: "),
            ("misread", "solph takes otherwise than it reads: "),
            ("linopy", "the linopy backend does not state: "),
        )
        if (found := [text for k, text in reasons if k == kind])
    ]
    if parts:
        possible = not any(kind == "impossible" for kind, _ in reasons)
        only_here = possible and any(kind == "linopy" for kind, _ in reasons)
        raise ModelError("; ".join(parts) + ("; use backend pyomo" if only_here else ""))


def refuse_for_all(energy_system: solph.EnergySystem) -> None:
    """Raise an error that names all that no backend states.

    Parameters
    ----------
    energy_system
        The energy system.

    Raises
    ------
    ModelError
        If there is anything.
    """
    found = [text for kind, text in _reasons(energy_system) if kind == "impossible"]
    if found:
        raise ModelError("no backend states: " + "; ".join(found))


def refuse_without_time(energy_system: solph.EnergySystem) -> None:
    """Raise an error if an energy system has no time steps, without which nothing can be read."""
    increments = energy_system.timeincrement
    if increments is None or not len(increments):
        raise ModelError("no backend states: an energy system without time steps")


def _reasons(
    energy_system: solph.EnergySystem, corrections: Collection[str] = ()
) -> Iterator[Reason]:
    yield from _of_graph(energy_system)
    steps = np.asarray(energy_system.timeincrement, dtype=float)
    aggregated = energy_system.tsa_parameters is not None
    if energy_system.periods is not None:
        yield "linopy", "several periods"
    elif aggregated:
        yield from _of_aggregation(energy_system.tsa_parameters, len(steps))
    yield from _of_groups(energy_system)
    for node in energy_system.nodes:
        yield from _of_node(node, steps, aggregated)
    for edge, flow in energy_system.flows().items():
        yield from _of_flow(flow_name(edge), flow, steps, corrections)


def _of_graph(energy_system: solph.EnergySystem) -> Iterator[Reason]:
    names = Counter(str(node.label) for node in energy_system.nodes)
    flows = Counter(flow_name(edge) for edge in energy_system.flows())
    for what, found in (("nodes", names), ("flows", flows)):
        for name, count in found.items():
            if count > 1:
                yield "impossible", f"{count} {what} named {name}"
    ends = {str(n.label) for node in energy_system.nodes for n in (*node.inputs, *node.outputs)}
    for name in sorted(ends - set(names)):
        yield "impossible", f"{name}: is connected but not in the graph"


def _of_aggregation(parameters: list[dict[str, Any]], steps: int) -> Iterator[Reason]:
    """Typical periods that are not one after the other, and those of several periods."""
    if len(parameters) > 1:
        yield "impossible", f"{len(parameters)} tsa_parameters, of which one period has one"
        return
    (given,) = parameters
    count, each = len(given["occurrences"]), given["timesteps"]
    if set(given["occurrences"]) != set(range(count)):
        text = "typical periods in tsa_parameters that are not 0, 1, …"
        yield "misread", f"{text}, and taken for the first {count}"
    if count * each != steps:
        kind: Kind = "misread" if steps < count * each else "impossible"
        yield kind, f"{steps} time steps, but {count} typical periods of {each} steps"
    in_order = [(k, g) for k in range(count) for g in range(each)]
    if list(given.get("segments", in_order)) != in_order:
        yield "misread", "segments that are not in the order of typical periods and their steps"


def _of_groups(energy_system: solph.EnergySystem) -> Iterator[Reason]:
    """Groups of constraints that come from a grouping of the user's own."""
    # The group of each node's label comes before those of solph.
    if len(energy_system._groupings) <= 1 + len(solph.GROUPINGS):
        return
    known = {node.constraint_group() for node in energy_system.nodes if stated_as(node)}
    for group in energy_system.groups:
        if hasattr(group, "CONSTRAINT_GROUP") and group not in known:
            yield "linopy", f"groupings: {group.__name__}"


def _of_node(node: Any, steps: Floats, aggregated: bool) -> Iterator[Reason]:
    name, kind = str(node.label), stated_as(node)
    if has_own_rows(node) or kind not in (None, *NODES):
        yield "linopy", f"{name}: {type(node).__name__}, which has a constraint_group of its own"
        return
    if kind is None:  # a plain node has no rows, whatever flows it has
        return
    if is_refused(NODES[kind]):
        if getattr(node, "pw_repn", None) in SPECIAL_SETS:
            yield "impossible", f"{name}: {type(node).__name__} by {node.pw_repn}"
        else:
            yield "linopy", f"{name}: {type(node).__name__}"
    elif kind is solph.Bus:
        if truth(node.balanced) is None:
            yield "impossible", f"{name}: balanced is {short(node.balanced)}"
    elif kind is solph.components.Converter:
        for bus in (*node.inputs, *node.outputs):
            if bus not in node.conversion_factors:
                yield "impossible", f"{name}: no conversion factor of {bus.label}"
    elif kind is solph.components.Link:
        for pair in node.conversion_factors:
            if pair[0] not in node.inputs or pair[1] not in node.outputs:
                yield (
                    "impossible",
                    f"{name}: factor of {flow_name(pair)}, for which it has no flows",
                )
    elif kind is solph.components.GenericStorage:
        for reason in _of_storage(node, steps, aggregated):
            yield reason[0], f"{name}: {reason[1]}"
    elif kind in OF_NODES:
        for reason in OF_NODES[kind](node, len(steps)):
            yield reason[0], f"{name}: {reason[1]}"


def _of_storage(node: Any, steps: Floats, aggregated: bool) -> Iterator[Reason]:
    for side, flows in (("inputs", node.inputs), ("outputs", node.outputs)):
        if len(flows) > 1:
            yield "impossible", f"{len(flows)} {side}, of which solph takes one"
    if node.investment is None and node.nominal_storage_capacity is None:
        yield "impossible", "no capacity"
    if (as_array(node.outflow_conversion_factor, len(steps)) == 0).any():
        yield "impossible", "outflow_conversion_factor of zero"
    if (as_array(node.loss_rate, len(steps))[steps % 1 != 0] > 1).any():
        yield "impossible", "loss_rate above one in a step that is no whole number"
    for attribute in ("storage_costs", "constant_soc_until"):
        if aggregated and getattr(node, attribute) is not None:
            yield "impossible", f"{attribute} with aggregated time series"
    yield from _of_saturation(node, len(steps))
    yield from _of_relations(node)
    if node.balanced is not True and truth(node.balanced) is not False:
        yield "misread", f"balanced is {short(node.balanced)}, not True, and taken for False"
    least = node.min_storage_level
    if node.investment is not None:
        yield from _of_investment(node.investment)
        if aggregated and node.initial_storage_level is not None:
            text = "initial_storage_level with investment and aggregated time series"
            yield "misread", f"{text}, and taken for that of no capacity"
        if isinstance(least, np.ndarray) and len(least) > len(steps) and not aggregated:
            found = as_array(least, len(steps) + 1)
            if found.any() and not found[:-1].sum() > 0:
                yield "misread", "min_storage_level at the last point only, and taken for none"


def _of_relations(node: Any) -> Iterator[Reason]:
    """What ties the power of a storage to its capacity, or to the other power, cannot be."""
    into, out = [*node.inputs.values()], [*node.outputs.values()]
    for relation, flows in (
        ("input_output", [*into, *out]),
        ("input_capacity", into),
        ("output_capacity", out),
    ):
        name = f"invest_relation_{relation}"
        if getattr(node, name) is not None and any(f.nonconvex is not None for f in flows):
            yield "impossible", f"{name} of a flow with nonconvex"


def _of_saturation(node: Any, steps: int) -> Iterator[Reason]:
    """What a charging power that falls with the content needs."""
    if node.constant_soc_until is None:
        return
    power = getattr(node, "max_charge_capacity", None)
    capacity = node.nominal_storage_capacity
    for missing, text in (
        (node.fraction_saturation_charging is None, "without fraction_saturation_charging"),
        (power is None, "with an input that has no nominal_capacity"),
        (capacity is not None and as_number(capacity) == 0, "with a capacity of zero"),
        ((as_array(node.max_storage_level, steps) == 0).any(), "with a max_storage_level of zero"),
        (as_number(node.constant_soc_until) == 1, "of one"),
    ):
        if missing:
            yield "impossible", f"constant_soc_until {text}"


def _of_flow(
    name: str, flow: Any, steps: Floats, corrections: Collection[str]
) -> Iterator[Reason]:
    if not isinstance(flow, solph.Flow):
        yield "impossible", f"{name}: {type(flow).__name__} that is no solph.Flow"
        return
    for reason in (
        *_of_attributes(flow, corrections),
        *_of_investment(flow.investment),
        *(_of_nonconvex(flow, steps, corrections) if flow.nonconvex is not None else ()),
    ):
        yield reason[0], f"{name}: {reason[1]}"


def _of_nonconvex(
    flow: solph.Flow, steps: Floats, corrections: Collection[str]
) -> Iterator[Reason]:
    """What a flow that is on or off needs."""
    nonconvex = flow.nonconvex
    if not isinstance(nonconvex, solph.NonConvex):
        yield "impossible", f"nonconvex is {short(nonconvex)}"
        return
    for limit in ("positive_gradient_limit", "negative_gradient_limit"):
        given = getattr(nonconvex, limit)
        if given is not None and "gradient" not in corrections:
            yield "impossible", f"{limit} of nonconvex, a product of flow and status"
        elif given is not None and as_array(given, len(steps)).min() < 0:
            yield "impossible", f"{limit} of nonconvex below zero"
    initial, invested = nonconvex.initial_status, flow.investment is not None
    if initial not in (0, 1, None):
        yield "misread", f"initial_status is {short(initial)}, neither 0 nor 1"
    for time in ("minimum_uptime", "minimum_downtime"):
        lasts = as_array(getattr(nonconvex, time), len(steps))
        if (lasts != np.round(lasts)).any() or (lasts < 0).any():
            yield "impossible", f"{time} that is no whole number of steps"
    held = not invested and initial is not None and "late_start" not in corrections
    if held and nonconvex.first_flexible_timestep > len(steps):
        yield "impossible", "a minimum time that is longer than all steps"
    if not invested and flow.nominal_capacity is None:
        yield "impossible", "nonconvex without nominal_capacity"
    if initial is None and _compares(nonconvex):
        yield "impossible", "initial_status of None with starts, stops or minimum times"
    if not invested and flow.nominal_capacity is not None and flow.nominal_capacity < 0:
        yield "misread", "nominal_capacity below zero with nonconvex, which is then never on"
    if invested and flow.fix is not None:
        yield "misread", "fix with nonconvex and investment, and taken for none"
    if invested and as_number(flow.investment.existing) != 0:
        yield "misread", "existing with nonconvex, and taken for none"


def _compares(nonconvex: Any) -> bool:
    """Whether the first step is compared with the initial status."""
    counted = ("startup_costs", "shutdown_costs", "maximum_startups", "maximum_shutdowns")
    times = (nonconvex.minimum_uptime, nonconvex.minimum_downtime)
    given = any(getattr(nonconvex, name) is not None for name in counted)
    return given or any(time.max() > 0 for time in times)


def _of_attributes(flow: solph.Flow, corrections: Collection[str]) -> Iterator[Reason]:
    if truth(flow.integer) is None:
        yield "impossible", f"integer is {short(flow.integer)}"
    invested, sized = flow.investment is not None, flow.nominal_capacity is not None
    for limit in (flow.positive_gradient_limit, flow.negative_gradient_limit):
        if limit is not None and not sized and not (invested and "gradient" in corrections):
            kind = "with investment" if invested else "without nominal_capacity"
            yield "impossible", f"gradient limit {kind}"
        elif limit is not None and limit.min() < 0:
            yield "impossible", "gradient limit below zero"
    if invested and flow.bidirectional and flow.fix is not None:
        yield "linopy", "bidirectional with investment and fix"
    ignored = invested and flow.nonconvex is None and _is_ignored(flow.minimum, 0.0)
    if ignored and flow.minimum.min() == 0:
        text = "minimum with investment that is zero in some time steps"
        yield "misread", f"{text}, and taken for zero in all"
    if not invested and not sized:
        for attribute, standard in (
            ("minimum", -1.0 if flow.bidirectional else 0.0),
            ("maximum", 1.0),
        ):
            if _is_ignored(getattr(flow, attribute), standard):
                yield "misread", f"{attribute} without nominal_capacity, which limits nothing"


def _is_ignored(sequence: Any, standard: float) -> bool:
    """Whether a series holds something else than what solph takes it for."""
    return isinstance(sequence, np.ndarray) and bool((sequence != standard).any())


def _of_investment(investment: Any) -> Iterator[Reason]:
    if investment is not None and not isinstance(investment.nonconvex, bool):
        text = short(investment.nonconvex)
        yield "misread", f"nonconvex of the investment is {text}, and taken for nothing"
