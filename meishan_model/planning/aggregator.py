r"""What the flexible resources of one slice answer to an event, at what cost, for what worth.

The slice is solved in its few weeks, together with the resources that rest until they are called
(``event_potential``); then all capacities and the billed demand of the months stay as they are,
and only the dispatch may change:

- **base**: nobody calls;
- **event**: in its hours the import is what it is in the base less the power called, or what a
  reduction leaves of it, but never below zero. It strikes on the day on which the park imports
  most in these hours. Resources that rest may work in these hours only.

The *answer* of a resource is the rise of its feed-in, the *rebound* is what the park imports more
in all other hours; the billed demand is given, so no rebound may raise it. An hour of the weeks
stands for :math:`w` hours of the year, an event is one, so its *cost* is the rise of the yearly
cost over :math:`w`. It is negative where a resource that rests saves more in these hours than it
is paid. What no resource gives comes from curtailed renewables, or is shed.

The *value* of a resource in an ordinary year is the dual of its size in the slice's own optimum,
before anything is fixed: of one kW of power with its duration, of one kW of discharge or charging
power of vehicles, of one kW of a battery with its MWh
(:func:`~meishan_model.optimise.solvers.fixing.rent`). Its *value in an event* is a difference:
the cost of the event where this resource does as in the base, less the cost where it answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from oemof import solph

from meishan_model.accounts.tables import DUST
from meishan_model.components.build import build_park
from meishan_model.components.flows import Edge, ParkGraph
from meishan_model.components.participation import resource_name
from meishan_model.components.selection import at_markets, flows_of_graph, select
from meishan_model.errors import Fault, InputError
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.formulation.linopy_backend import state_problem
from meishan_model.optimise.problem import Columns, Floats, Integers, LinearProblem, RawSolution
from meishan_model.optimise.solvers.fixing import (
    freeze,
    imputed_worth,
    limit_flow,
    open_flow,
    rent,
    solve_frozen,
)
from meishan_model.optimise.solvers.standing import StandingModel
from meishan_model.planning.park_words import in_park_words
from meishan_model.planning.solve_slice import SliceTask
from meishan_model.sheets.records import Event, SliceInputs

KW_PER_MW = 1e3
Weights = Mapping[Edge, float | Floats]
"""What each of some flows counts in a sum."""


@dataclass(frozen=True)
class Resource:
    """A member of the virtual power plant.

    Attributes
    ----------
    label, title, technology, zone
        Label of its store, what people call it, what it is, and where.
    power, energy
        Greatest feed-in [MW] and content [MWh].
    rests
        Whether it works only when it is called.
    """

    label: str
    title: str
    technology: str
    zone: str
    power: float
    energy: float
    rests: bool


@dataclass(frozen=True)
class Aggregator:
    """A slice with its members.

    Attributes
    ----------
    task, graph
        The slice and its graph.
    whole, problem
        The problem with all members at work, and with some of them at rest.
    plan
        Optimum of ``problem``.
    members
        Every store that has any power.
    """

    task: SliceTask
    graph: ParkGraph
    whole: LinearProblem
    problem: LinearProblem
    plan: RawSolution
    members: tuple[Resource, ...]

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Coordinates of every flow of the graph."""
        return flows_of_graph(self.graph.registry)

    @cached_property
    def frozen(self) -> LinearProblem:
        """The problem with all capacities and the billed demand as they are in the plan."""
        problem, values, labels = self.problem, self.plan.column_values, self.problem.labels
        for capacity in self.graph.registry.capacities:
            place = capacity.place
            sizes = labels.storage_investment if isinstance(place, str) else labels.flow_investment
            problem = freeze(problem, sizes[place], values)  # type: ignore[index]
        for edge, charge in self.graph.registry.lump_charges:
            if charge.category == "demand_charge":
                # With slack, so that rounding of the optimum is not paid for as shedding.
                problem = freeze(problem, labels.flow_investment[edge], values + DUST)
        return problem

    def variables(self, member: Resource) -> tuple[Columns, ...]:
        """Flows and content of a member."""
        labels = self.problem.labels
        flows = [labels.flow[edge] for edge in labels.flow if member.label in edge]
        return (*flows, labels.storage_content[member.label])

    @cached_property
    def imports(self) -> Weights:
        """What the park draws: the flows through its connection, and those at each market."""
        outside = select(self.flows, role="purchase", asset="")["bus"]
        drawn = select(self.flows, role="transport", way="out", bus=[*outside])
        others = at_markets(self.flows, "purchase", self.task.inputs.power_carrier)
        return dict.fromkeys([*drawn.index, *others.index], 1.0)

    @cached_property
    def shed(self) -> Weights:
        """Power that is shed."""
        lost = select(self.flows, role="shedding", carrier=self.task.inputs.power_carrier)
        return dict.fromkeys(lost.index, 1.0)

    def feed_in(self, member: Resource) -> Weights:
        """What a member gives less what it takes."""
        flows = self.problem.labels.flow
        return {e: 1.0 if e[0] == member.label else -1.0 for e in flows if member.label in e}

    def payment(self, member: Resource) -> Weights:
        """What a member is paid for what it puts off or feeds back [CNY/MWh]."""
        return {
            edge: sum(c.price for c in flow.charges if c.category == "flexibility")
            for edge, flow in self.graph.registry.flows.items()
            if edge[0] == member.label
        }

    def course(self, weights: Weights, solution: RawSolution) -> Floats:
        """A weighted sum of flows in every hour."""
        total, flows = np.zeros(len(self.task.profiles.hours)), self.problem.labels.flow
        for edge, weight in weights.items():
            total += flows[edge].values(solution.column_values) * weight
        return total


def with_resting(inputs: SliceInputs) -> SliceInputs:
    """The slice with everything in its graph that rests until it is called."""
    limits = [
        a.but(potential=a.event_potential) if a.event_potential else a for a in inputs.assets
    ]
    return replace(inputs, assets=tuple(limits))


def resting(inputs: SliceInputs) -> frozenset[str]:
    """Names of the resources that work only when they are called."""
    return frozenset(resource_name(a) for a in inputs.assets if a.event_potential)


def aggregate(task: SliceTask, at_rest: frozenset[str]) -> Aggregator:
    """Find the members of a slice and its optimum, in which what rests does nothing.

    Parameters
    ----------
    task
        The slice, with the resources that rest in its graph.
    at_rest
        Names of those.

    Raises
    ------
    InputError
        If it has no member.
    InfeasibleError, SolverError
        If the slice has no optimum.
    """
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    whole = state_problem(graph.energy_system, graph.registry.integral_limits)
    problem, every = whole, np.arange(len(task.profiles.hours))
    flows = flows_of_graph(graph.registry)
    for edge in select(flows, role="shift", way="in", asset=at_rest, may_be_empty=True).index:
        problem = limit_flow(problem, edge, every, np.zeros(len(every)))
    told = explain_conflicts(problem, task.profiles.hours)
    with in_park_words(graph, task.inputs), told:
        plan = solve_frozen(problem)
    members = tuple(_members(graph, problem, plan, at_rest))
    if not members:
        message = "no flexible load and no battery stands, so nobody can answer an event"
        raise InputError([Fault("assets.csv", message)])
    return Aggregator(task, graph, whole, problem, plan, members)


def _members(
    graph: ParkGraph, problem: LinearProblem, plan: RawSolution, at_rest: frozenset[str]
) -> Iterator[Resource]:
    """Every store that has any power."""
    flows = graph.energy_system.flows()
    for node in graph.energy_system.nodes:
        if not isinstance(node, solph.components.GenericStorage):
            continue
        label = str(node.label)
        ((target, flow),) = ((t, f) for (s, t), f in flows.items() if s is node)
        edge = (label, str(target.label))
        if node.investment is None:
            share = np.asarray(flow.maximum, dtype=float).max()
            power, energy = flow.nominal_capacity * share, node.nominal_storage_capacity
        else:
            labels = problem.labels
            power = _size(labels.flow_investment[edge], flow.investment, plan)
            energy = _size(labels.storage_investment[label], node.investment, plan)
        if power > DUST:
            kind, title = graph.registry.flows[edge].coordinates, graph.registry.title(label)
            sizes, rests = (float(power), float(energy)), kind.asset in at_rest
            yield Resource(label, title, kind.technology, kind.zone, *sizes, rests)


def _size(columns: Columns, investment: solph.Investment, plan: RawSolution) -> float:
    return float(columns.values(plan.column_values)[0] + investment.existing)


def yearly_value(aggregator: Aggregator, member: Resource) -> float:
    """What a member of its size is worth to the plan, from the duals of its bounds [CNY/a].

    For a battery the worth of its power and content to the rows that they bound, whatever they
    cost; for all others their :func:`~meishan_model.optimise.solvers.fixing.rent`.

    Parameters
    ----------
    aggregator
        The slice with its optimum.
    member
        One of its members.
    """
    labels = aggregator.problem.labels
    if member.label not in labels.storage_investment:
        return rent(aggregator.problem, aggregator.plan, aggregator.variables(member))
    worth = imputed_worth(aggregator.problem, aggregator.plan)
    (edge,) = (e for e in labels.flow_investment if e[0] == member.label)
    power, energy = (
        float(worth[columns.positions[0]]) if columns.positions[0] >= 0 else 0.0
        for columns in (labels.flow_investment[edge], labels.storage_investment[member.label])
    )
    return power * member.power + energy * member.energy


def answers(aggregator: Aggregator, call: Event) -> Iterator[dict[str, Any]]:
    """Solve an event, and once more without each resource: a row for each of them.

    Parameters
    ----------
    aggregator
        The slice with its optimum.
    call
        The event.

    Yields
    ------
    dict
        What the event asked for, got and cost; what the resource gave; its size, and its value in
        an ordinary year. Units stand in the names.

    Raises
    ------
    InputError
        If the event is longer than the hours of the slice.
    InfeasibleError, SolverError
        If the event has no optimum.
    """
    model = StandingModel(aggregator.frozen)

    def solved(problem: LinearProblem, where: str) -> RawSolution:
        told = explain_conflicts(problem, aggregator.task.profiles.hours)
        with in_park_words(aggregator.graph, aggregator.task.inputs, where), told:
            model.change(problem)
            return model.solve()

    # The simplex starts from where the solve before it ended: what need not move does not.
    base = solved(aggregator.frozen, "")
    hours = _hours_of(call, aggregator, base)
    called, where = _called(aggregator, call, hours, base), f"the event {call.event}"
    strike = _Strike(aggregator, call, hours, base, solved(called, where))
    event = strike.row()
    for member in aggregator.members:
        missing = called
        for variable in aggregator.variables(member):
            missing = freeze(missing, variable, base.column_values)
        without = solved(missing, f"{where} without {member.title}")
        yield event | strike.answer_row(member, without) | _resource_row(aggregator, member)


@dataclass(frozen=True)
class _Strike:
    """An event that has struck: its hours, and the dispatch without and with it."""

    aggregator: Aggregator
    call: Event
    hours: Integers
    base: RawSolution
    found: RawSolution

    def change(self, weights: Weights) -> Floats:
        """By how much the event changes a weighted sum of flows, in every hour."""
        course = self.aggregator.course
        return course(weights, self.found) - course(weights, self.base)

    def cost(self, other: RawSolution, less: RawSolution) -> float:
        """How much more one dispatch costs than another [CNY]; an hour stands for many."""
        return (other.objective - less.objective) / self.aggregator.task.profiles.weight

    def row(self) -> dict[str, Any]:
        """What the event asked for, got and cost."""
        plant, call, hours = self.aggregator, self.call, self.hours
        drawn, change = plant.course(plant.imports, self.base)[hours], self.change(plant.imports)
        answered, elsewhere = -float(change[hours].sum()), np.delete(change, hours)
        given = [float(self.change(plant.feed_in(m))[hours].sum()) for m in plant.members]
        cost = self.cost(self.found, self.base)
        return {
            "begins": f"{plant.task.profiles.hours[hours[0]]:%Y-%m-%d %H:%M}",
            "duration [h]": call.duration,
            "asked [MWh]": float(_asked(call, drawn).sum()),
            "answered [MWh]": answered,
            "resources [MWh]": sum(given),
            "shed [MWh]": float(self.change(plant.shed)[hours].sum()),
            "rebound [MWh]": float(elsewhere.sum()),
            "highest rebound [MW]": max(float(elsewhere.max(initial=0.0)), 0.0),
            "cost [CNY]": cost,
            "cost [CNY/MWh]": cost / answered if answered > DUST else np.nan,
            "payment [CNY/MWh]": call.payment,
            "margin [CNY]": call.payment * answered - cost,
        }

    def answer_row(self, member: Resource, without: RawSolution) -> dict[str, Any]:
        """What a member did in the event, and what the event would cost without it."""
        energy = float(self.change(self.aggregator.feed_in(member))[self.hours].sum())
        spared = self.cost(without, self.found)
        return {
            "answer [MW]": energy / len(self.hours),
            "answer [MWh]": energy,
            "payment [CNY]": float(self.change(self.aggregator.payment(member)).sum()),
            "value [CNY/kW]": spared / member.power / KW_PER_MW,
        }


def _resource_row(aggregator: Aggregator, member: Resource) -> dict[str, Any]:
    """Size of a member and its value in an ordinary year."""
    return {
        "resource": member.title,
        "technology": member.technology,
        "zone": member.zone,
        "power [MW]": member.power,
        "energy [MWh]": member.energy,
        "only when called": member.rests,
        "value [CNY/(kW*a)]": yearly_value(aggregator, member) / member.power / KW_PER_MW,
    }


def _hours_of(call: Event, aggregator: Aggregator, base: RawSolution) -> Integers:
    """Positions of the hours of an event: on the day of the greatest import in them."""
    stamps = aggregator.task.profiles.hours
    starts = np.flatnonzero(stamps.hour == call.start_hour)
    ends = starts + call.duration - 1
    inside = ends < len(stamps)
    # The weeks of a trial do not follow each other: no event goes from one into the next.
    span = stamps[np.minimum(ends, len(stamps) - 1)] - stamps[starts]
    starts = starts[inside & (span == pd.Timedelta(hours=call.duration - 1))]
    if not len(starts):
        message = f"{call.event} does not fit into the hours of the slice"
        remedy = "let it begin earlier, or take more hours"
        raise InputError([Fault("events.csv", message, None, "duration", remedy=remedy)])
    windows = starts[:, None] + np.arange(call.duration)
    drawn = aggregator.course(aggregator.imports, base)[windows].sum(axis=1)
    return np.asarray(windows[np.argmax(drawn)])


def _called(
    aggregator: Aggregator, call: Event, hours: Integers, base: RawSolution
) -> LinearProblem:
    """The frozen problem with less import in the hours of an event, and with all resources."""
    problem, flows = aggregator.frozen, aggregator.problem.labels.flow
    total = aggregator.course(aggregator.imports, base)[hours]
    left = np.maximum(total - _asked(call, total), 0.0)
    for edge in aggregator.imports:
        drawn = flows[edge].values(base.column_values)[hours]
        share = np.divide(drawn, total, out=np.zeros_like(total), where=total > 0)
        problem = limit_flow(problem, edge, hours, share * left, exact=True)
    rest = {member.label for member in aggregator.members if member.rests}
    for edge in flows:
        if edge[0] in rest:
            problem = open_flow(problem, edge, hours, aggregator.whole)
    return problem


def _asked(call: Event, total: Floats) -> Floats:
    """What a call asks for in each of its hours [MW], given what the park would import."""
    if call.power is not None:
        return np.full(len(total), call.power)
    return total * (call.reduction or 0.0)
