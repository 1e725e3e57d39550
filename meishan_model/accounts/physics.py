"""Whether a solution obeys its graph: buses, converters, storages, capacities, limits.

Nothing here asks the solver or a backend: the flows are held against the attributes of the graph
itself, so that a wrongly stated problem is found as well as a badly solved one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from meishan_model.optimise.formulation.elements import as_array, labels_of
from meishan_model.optimise.problem import IntegralLimit, limit_range
from meishan_model.optimise.solution import Solution
from meishan_model.series import FloatArray

if TYPE_CHECKING:
    from oemof import solph

Failure: TypeAlias = tuple[str, tuple[str, ...], str]
"""What disobeys by kind and labels (a flow has those of both its ends), and in what."""
TOLERANCE = 1e-6
"""Of a balance or bound [unit of the flow], relative to the size of what is compared above one.

What is not a number is not below it, so all is asked the other way round.
"""


def failures(
    energy_system: solph.EnergySystem,
    solution: Solution,
    limits: Mapping[str, IntegralLimit],
    titles: Mapping[str, str],
) -> Iterator[str]:
    """Everything in which a solution does not obey its graph, each in one sentence.

    Parameters
    ----------
    energy_system
        The graph.
    solution
        A solution of it.
    limits
        Limit of the sum of each custom property of the flows, upper or ``(lower, upper)``.
    titles
        What people call nodes and limits, by label and custom property.
    """
    yield from told(_failures(energy_system, solution, limits), titles)


def told(failures: Iterable[Failure], titles: Mapping[str, str]) -> Iterator[str]:
    """Failures in sentences, with nodes and limits as people call them."""
    for kind, labels, text in failures:
        title, label = "->".join(titles.get(x, x) for x in labels), "->".join(labels)
        yield f"{kind} {title if title == label else f'{title} ({label})'} {text}"


def _failures(
    energy_system: solph.EnergySystem, solution: Solution, limits: Mapping[str, IntegralLimit]
) -> Iterator[Failure]:
    from oemof import solph

    buses = [str(node.label) for node in energy_system.nodes if isinstance(node, solph.Bus)]
    step = float(energy_system.timeincrement[0])
    yield from bus_failures(buses, solution.flow)
    for node in energy_system.nodes:
        if isinstance(node, solph.components.GenericStorage):
            yield from _storage_failures(node, solution, step)
        elif isinstance(node, solph.components.ExtractionTurbineCHP):
            yield from _extraction_failures(node, solution)
        elif isinstance(node, solph.components.Converter):
            yield from _converter_failures(node, solution)
        elif isinstance(node, solph.components.OffsetConverter):
            yield from _offset_failures(node, solution)
    for ends, flow in energy_system.flows().items():
        edge = labels_of(ends)
        yield from _flow_failures(edge, flow, solution)
    for keyword, limit in limits.items():
        total, size = 0.0, 1.0
        for ends, flow in energy_system.flows().items():
            if keyword in flow.custom_properties:
                value = solution.flow[labels_of(ends)].to_numpy()
                part = step * float(np.sum(value * np.asarray(flow.custom_properties[keyword])))
                total, size = total + part, size + abs(part)
        lower, upper = limit_range(keyword, limit)
        if not max(total - upper, lower - total) <= TOLERANCE * size:
            yield "the sum of", (keyword,), f"is {total:g}, its limit {limit}"


def bus_failures(buses: list[str], flow: pd.DataFrame) -> Iterator[Failure]:
    """Buses whose inflows and outflows differ, relative to what flows through them above one MW.

    Parameters
    ----------
    buses
        Labels of the buses.
    flow
        Hours by ``(source, target)`` [MW].
    """
    into = flow.T.groupby(level="target").sum().T.reindex(columns=buses, fill_value=0.0)
    out = flow.T.groupby(level="source").sum().T.reindex(columns=buses, fill_value=0.0)
    size = into.abs().max().clip(lower=1.0)
    worst = (into - out).abs().max() / size
    for bus, imbalance in worst[~(worst <= TOLERANCE)].items():
        yield "bus", (str(bus),), f"is out of balance by {imbalance:.2e}"


def _off(kind: str, labels: tuple[str, ...], text: str, error: float) -> Iterator[Failure]:
    """A failure, if an error is more than rounding, or no number."""
    if not error <= TOLERANCE:
        yield kind, labels, f"{text} by {error:.2e}"


def _excess(value: FloatArray, bound: FloatArray) -> float:
    """By how much values exceed their bounds at most, relative to the bound above one."""
    return float(np.max((value - bound) / np.maximum(1.0, np.abs(bound)), initial=0.0))


def _difference(one: FloatArray, other: FloatArray) -> float:
    """Largest difference of two series, relative to their size above one."""
    return max(_excess(one, other), _excess(other, one))


def dynamics_failures(
    storage: str,
    points: FloatArray,
    flow: pd.DataFrame,
    loss_rate: FloatArray | float,
    inflow_efficiency: FloatArray | float,
    outflow_efficiency: FloatArray | float,
    step: float,
) -> Iterator[Failure]:
    """A storage whose content does not follow from its flows and losses.

    Parameters
    ----------
    storage
        Its label.
    points
        Content before the first step and at the end of each [MWh].
    flow
        Steps by ``(source, target)`` [MW].
    loss_rate, inflow_efficiency, outflow_efficiency
        Share lost per hour and the efficiencies [-], each one for all steps or one a step.
    step
        Length of a time step [h].
    """
    into = flow.xs(storage, axis=1, level="target").to_numpy().sum(axis=1)
    out = flow.xs(storage, axis=1, level="source").to_numpy().sum(axis=1)
    kept = points[:-1] * (1 - loss_rate) ** step
    expected = kept + (into * inflow_efficiency - out / outflow_efficiency) * step
    size = max(1.0, float(np.max(np.abs(points))))
    error = float(np.max(np.abs(points[1:] - expected), initial=0.0)) / size
    yield from _off("storage", (storage,), "breaks its dynamics", error)


def _storage_failures(node: Any, solution: Solution, step: float) -> Iterator[Failure]:
    label = str(node.label)
    content = solution.storage_content[label].to_numpy()
    points = np.concatenate([[solution.initial_content[label]], content])
    count = len(content)
    rates = (node.loss_rate, node.inflow_conversion_factor, node.outflow_conversion_factor)
    loss, gain, drain = (as_array(series, count) for series in rates)
    yield from dynamics_failures(label, points, solution.flow, loss, gain, drain, step)
    size = max(1.0, float(np.max(np.abs(points))))
    if node.balanced and not abs(points[-1] - points[0]) <= TOLERANCE * size:
        yield "storage", (label,), "does not end where it began"
    capacity = (
        float(node.nominal_storage_capacity)
        if node.investment is None
        else node.investment.existing + solution.storage_investment[label]
    )
    above = _excess(points, as_array(node.max_storage_level, count + 1) * capacity)
    below = _excess(as_array(node.min_storage_level, count + 1) * capacity, points)
    yield from _off("storage", (label,), "leaves its limits", max(above, below))


def _converter_failures(node: Any, solution: Solution) -> Iterator[Failure]:
    label, count = str(node.label), len(solution.flow)
    ends = [(str(bus.label), label, bus) for bus in node.inputs]
    ends += [(label, str(bus.label), bus) for bus in node.outputs]
    if not node.inputs or not node.outputs:
        return
    flows = [solution.flow[source, target].to_numpy() for source, target, _ in ends]
    factors = [as_array(node.conversion_factors[bus], count) for _, _, bus in ends]
    # In the coarser unit of the two: of a vehicle it is dust in MW that is seen in km/h.
    scales = [np.maximum(1.0, np.maximum(np.abs(factors[0]), np.abs(f))) for f in factors]
    error = max(
        _difference(flow * factors[0] / scale, flows[0] * factor / scale)
        for flow, factor, scale in zip(flows, factors, scales, strict=True)
    )
    yield from _off("converter", (label,), "breaks its proportions", error)


def _extraction_failures(node: Any, solution: Solution) -> Iterator[Failure]:
    """A turbine whose fuel is not that of its power and heat, or beyond its back-pressure line."""
    label, count = str(node.label), len(solution.flow)
    ((main, condensing),) = node.conversion_factor_full_condensation.items()
    (tapped,) = (bus for bus in node.outputs if bus is not main)
    (source,) = node.inputs
    fuel = solution.flow[str(source.label), label].to_numpy()
    power, heat = (solution.flow[label, str(bus.label)].to_numpy() for bus in (main, tapped))
    electric, thermal = (as_array(node.conversion_factors[b], count) for b in (main, tapped))
    alone = as_array(condensing, count)
    lost = (alone - electric) / thermal
    error = max(
        _difference(fuel * alone, power + lost * heat), _excess(heat * electric / thermal, power)
    )
    yield from _off("turbine", (label,), "leaves its field of operation", error)


def _offset_failures(node: Any, solution: Solution) -> Iterator[Failure]:
    """A converter whose flows are not on their lines of part load."""
    label, count = str(node.label), len(solution.flow)
    flows = {bus: (str(bus.label), label) for bus in node.inputs}
    flows |= {bus: (label, str(bus.label)) for bus in node.outputs}
    reference = node._reference_node
    load = solution.flow[flows[reference]].to_numpy()
    running = (load > 0.0) * _capacity(flows[reference], node._reference_flow, solution)
    for bus, edge in flows.items():
        if bus is reference:
            continue
        slope, offset = (
            as_array(of[bus], count) for of in (node.conversion_factors, node.normed_offsets)
        )
        error = _difference(solution.flow[edge].to_numpy(), slope * load + offset * running)
        yield from _off("converter", (label,), "breaks its part load", error)


def _capacity(edge: tuple[str, str], flow: Any, solution: Solution) -> float:
    """Capacity of a flow that has one, with what was built of it."""
    if flow.investment is not None:
        return float(flow.investment.existing + solution.flow_investment[edge])
    return float(flow.nominal_capacity)


def _flow_failures(edge: tuple[str, str], flow: Any, solution: Solution) -> Iterator[Failure]:
    value = solution.flow[edge].to_numpy()
    count = len(value)
    if flow.investment is None and flow.nominal_capacity is None:
        below = _excess(np.zeros(count), value)
        yield from _off("flow", edge, "is negative", below)
        return
    capacity = _capacity(edge, flow, solution)
    if flow.fix is not None:
        fixed = as_array(flow.fix, count) * capacity
        error = _difference(value, fixed)
    else:
        above = _excess(value, as_array(flow.maximum, count, 1.0) * capacity)
        least = as_array(flow.minimum, count) * capacity
        if flow.nonconvex is not None:
            least = least * (value > 0.0)
        error = max(above, _excess(least, value), _ramp_excess(flow, value, capacity))
    yield from _off("flow", edge, f"leaves what its capacity of {capacity:g} allows", error)


def _ramp_excess(flow: Any, value: FloatArray, capacity: float) -> float:
    """By how much a flow changes faster than it may; a start or stop passes the least load."""
    rise, least = np.diff(value), as_array(flow.minimum, len(value)) * capacity
    excess = 0.0
    for limit, change, before, after in (
        (flow.positive_gradient_limit, rise, value[:-1], least[1:]),
        (flow.negative_gradient_limit, -rise, value[1:], least[:-1]),
    ):
        if limit is not None:
            most = as_array(limit, len(value))[1:] * capacity
            if flow.nonconvex is not None:
                most = np.where(before > 0.0, most, np.maximum(most, after))
            excess = max(excess, _excess(change, most))
    return excess
