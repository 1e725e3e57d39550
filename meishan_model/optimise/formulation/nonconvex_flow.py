r"""Flows that are on or off: minimum load, starts and stops, minimum times of being on and off.

With the binary status :math:`Y(t)` of a flow, :math:`Y(-1)` its initial status, and
:math:`\hat P(t) = Y(t) P_{nom}`,

.. math::

    f_{min}(t) \hat P(t) &\le P(t) \le f_{max}(t) \hat P(t) \\
    Y_{start}(t) &\ge Y(t) - Y(t-1), \qquad Y_{stop}(t) \ge Y(t-1) - Y(t) \\
    \sum_t Y_{start}(t) &\le N_{start}, \qquad \sum_t Y_{stop}(t) \le N_{stop}

and the cost :math:`\sum_t c_{start} Y_{start} + w (c_{stop} Y_{stop} + c_{on} Y + c_{off}(1 - Y))`
with the weight :math:`w(t)`, which is one, or how often a step is there where the time series are
aggregated. As in solph a start counts once, and typical periods follow one another as numbered.
A flow that has started in step :math:`s` is on for :math:`\tau_{on}(s)` steps, one that has
stopped is off for :math:`\tau_{off}(s)` steps,

.. math::

    \sum_{s \le t < s + \tau_{on}(s)} Y_{start}(s) \le Y(t), \qquad
    \sum_{s \le t < s + \tau_{off}(s)} Y_{stop}(s) \le 1 - Y(t)

(Rajan and Takriti, Minimum up/down polytopes of the unit commitment problem with start-up costs,
IBM Research Report RC23628, 2005), which allows the same as the rows of ``solph.Model`` and less
that is not whole. As there, no flow starts that could not be on for its minimum time before the
last step ends, unless that is corrected (:data:`.corrections.CORRECTIONS`). Where the capacity is
invested into, :math:`\hat P(t) = Y(t) P_{invest}` is

.. math::

    \hat P(t) \le P_{max} Y(t), \qquad \hat P(t) \le P_{invest}, \qquad
    \hat P(t) \ge P_{invest} - P_{max} (1 - Y(t))
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .builder import ModelBuilder
from .elements import Floats, as_number, first_of
from .expressions import Expression, Labels, unknown
from .flow import add_full_load_times, add_gradients
from .reading import labels_of


def add_statuses(builder: ModelBuilder) -> None:
    """Columns of the status of all flows that are on or off, and of status times capacity.

    Parameters
    ----------
    builder
        The model with the columns of invested capacities.
    """
    graph = builder.graph
    for e, flow in enumerate(graph.flows):
        if flow.nonconvex is None:
            continue
        lower, upper = np.zeros(graph.hours), np.ones(graph.hours)
        held = _held_steps(builder, flow)
        lower[:held] = upper[:held] = as_number(flow.nonconvex.initial_status) if held else 0.0
        name = graph.name(e)
        labels = builder.variable(f"status({name})", lower, upper, integer=True)
        builder.status[e] = status = unknown(labels, graph.hours)
        if flow.investment is None:
            builder.status_nominal[e] = status.times(as_number(flow.nominal_capacity))
        else:
            builder.status_nominal[e] = _invested(builder, e, status)
        kept = {"status": status, "status_nominal": builder.status_nominal[e]}
        builder.keep(labels_of(graph.edges[e]), **kept)


def add_status_rows(builder: ModelBuilder) -> None:
    """Rows and costs of all flows that are on or off.

    Parameters
    ----------
    builder
        The model with all columns of flows.
    """
    for e, flow in enumerate(builder.graph.flows):
        if flow.nonconvex is not None:
            _loads(builder, e)
            _limits_by_correction(builder, e)
            _costs_of_status(builder, e, flow.nonconvex)
            _starts_and_stops(builder, e, flow.nonconvex)


def _held_steps(builder: ModelBuilder, flow: Any) -> int:
    """In how many steps a flow has its initial status whatever is decided."""
    nonconvex, corrected = flow.nonconvex, "initial_status" in builder.corrections
    if nonconvex.initial_status is None:
        return 0
    held = int(as_number(nonconvex.first_flexible_timestep))
    if corrected:
        return min(max(held, 1), builder.graph.hours)
    return held if flow.investment is None else 0


def _limits_by_correction(builder: ModelBuilder, e: int) -> None:
    """Limits that solph drops, or cannot state in a linear problem."""
    flow = builder.graph.flows[e]
    capacity = builder.capacity(e)
    assert capacity is not None  # a flow without one is refused
    if "full_load_time" in builder.corrections and flow.investment is not None:
        add_full_load_times(builder, e, capacity, builder.graph.weights)
    if "gradient" in builder.corrections:
        nonconvex = flow.nonconvex
        limits = nonconvex.positive_gradient_limit, nonconvex.negative_gradient_limit
        add_gradients(builder, e, limits, capacity)


def _invested(builder: ModelBuilder, e: int, status: Expression) -> Expression:
    """Columns of status times invested capacity, and the rows that make them that."""
    name, hours = builder.graph.name(e), builder.graph.hours
    most = first_of(builder.graph.flows[e].investment.maximum)
    running = unknown(builder.variable(f"status_nominal({name})", np.zeros(hours), np.inf), hours)
    built = unknown(builder.flow_investment[e], hours)
    off = running - status.times(most)
    builder.add_rows(f"off({name})", off, "<=", 0.0)
    builder.add_rows(f"built({name})", running - built, "<=", 0.0)
    builder.add_rows(f"on({name})", off - built, ">=", -most)
    return running


def _loads(builder: ModelBuilder, e: int) -> None:
    """A flow between its least and its largest load while it is on, and zero while it is off."""
    graph, flow = builder.graph, builder.graph.flows[e]
    name, terms, running = graph.name(e), builder.flow(e), builder.status_nominal[e]
    least, most = graph.series(flow.minimum), graph.series(flow.maximum, 1.0)
    builder.add_rows(f"max({name})", terms - running.times(most), "<=", 0.0)
    # A flow that goes one way is not below zero by its own bounds.
    steps = (least != 0.0) | flow.bidirectional | (flow.fix is not None)
    below = terms - running.times(least)
    builder.add_rows(f"min({name})", below.take(steps), ">=", 0.0)


def _costs_of_status(builder: ModelBuilder, e: int, nonconvex: Any) -> None:
    graph, status = builder.graph, builder.status[e]
    if nonconvex.activity_costs is not None:
        builder.add_cost(status, graph.series(nonconvex.activity_costs) * graph.weights)
    if nonconvex.inactivity_costs is not None:
        builder.add_cost(1.0 - status, graph.series(nonconvex.inactivity_costs) * graph.weights)


class _Change(NamedTuple):
    """How a state of a flow begins: being on by a start, being off by a stop.

    Attributes
    ----------
    key
        Name of the change in solph.
    rise
        One in the steps in which the state begins, else zero or less.
    state
        One in the steps in which it lasts.
    costs, most, times
        What ``NonConvex`` has of it: costs, largest number, and how many steps the state lasts.
    weights
        How often the costs of each step are paid.
    to_the_end
        Whether its minimum time has to end with the last step.
    """

    key: str
    rise: Expression
    state: Expression
    costs: Any
    most: Any
    times: Any
    weights: Floats | float
    to_the_end: bool


def _starts_and_stops(builder: ModelBuilder, e: int, nonconvex: Any) -> None:
    """Starts, stops and what follows from them; a stop is the start of being off."""
    on, late = builder.status[e], "late_start" in builder.corrections
    before = 0.0 if nonconvex.initial_status is None else as_number(nonconvex.initial_status)
    rise = on - _one_step_earlier(on, before)
    costs, most = nonconvex.startup_costs, nonconvex.maximum_startups
    times = nonconvex.minimum_uptime
    # As in solph, which weights the costs of stops alone.
    _change(builder, e, _Change("startup", rise, on, costs, most, times, 1.0, not late))
    costs, most = nonconvex.shutdown_costs, nonconvex.maximum_shutdowns
    times, weights = nonconvex.minimum_downtime, builder.graph.weights
    _change(builder, e, _Change("shutdown", -rise, 1.0 - on, costs, most, times, weights, False))


def _change(builder: ModelBuilder, e: int, change: _Change) -> None:
    """Columns, costs and rows of a change."""
    graph, key = builder.graph, change.key
    price, steps = graph.series(change.costs), graph.series(change.times)
    columns = None
    if change.costs is not None or change.most is not None:
        columns = _columns(builder, e, key, change.rise)
        builder.keep(labels_of(graph.edges[e]), **{key: columns})
        builder.add_cost(columns, price * change.weights)
        if change.most is not None:
            row = f"maximum_{key}s({graph.name(e)})"
            builder.add_rows(row, columns.total(), "<=", as_number(change.most))
    if steps.any():
        if columns is None or (price < 0.0).any():
            # A change that is paid for may be there without one.
            columns = _columns(builder, e, f"{key}_for_minimum_time", change.rise)
        _minimum_time(builder, e, change, columns, steps)


def _one_step_earlier(status: Expression, before: float) -> Expression:
    """A status in the step before each step, which before the first one is a number."""
    labels, coefficients = np.roll(status.labels, 1, axis=0), status.coefficients.copy()
    constant = np.zeros(len(status))
    labels[0], coefficients[0], constant[0] = -1, 0.0, before
    return Expression(labels, coefficients, constant)


def _columns(builder: ModelBuilder, e: int, key: str, rise: Expression) -> Expression:
    """Columns that are one at least where a state begins.

    As in solph they may be one elsewhere too where that costs nothing.
    """
    name, hours = builder.graph.name(e), builder.graph.hours
    labels = builder.variable(f"{key}({name})", np.zeros(hours), 1.0, integer=True)
    columns = unknown(labels, hours)
    builder.add_rows(f"{key}s({name})", columns - rise, ">=", 0.0)
    return columns


def _minimum_time(
    builder: ModelBuilder, e: int, change: _Change, columns: Expression, steps: Floats
) -> None:
    """A state that has begun lasts for some steps, which may reach beyond the last one or not."""
    hours, name, key = builder.graph.hours, builder.graph.name(e), change.key
    lasts = np.clip(steps.astype(np.int64), 1, hours)
    now = np.arange(hours)
    # Of each step those before it, the nearest first, in which a change would still last.
    start = now[:, None] - np.arange(int(lasts.max()))[None, :]
    still = (start >= 0) & (now[:, None] < start + lasts[np.maximum(start, 0)])
    labels: Labels = np.where(still, columns.labels[np.maximum(start, 0), 0], -1)
    lasting = Expression(labels, still.astype(float), np.zeros(hours))
    builder.add_rows(f"{key}_lasts({name})", lasting - change.state, "<=", 0.0)
    late = (now + np.maximum(steps, 1) > hours) & (steps > 1)
    if change.to_the_end and late.any():
        builder.add_rows(f"no_late_{key}({name})", change.rise.take(late), "<=", 0.0)
