r"""The flexible resources of one slice: what they are, do, and are worth in an ordinary year.

The slice is solved in its few weeks, together with the resources that rest until they are called
(``event_potential``); :mod:`~meishan_model.planning.event` then calls them.

The *value* of a resource in an ordinary year is the dual of its size in the slice's own optimum,
before anything is fixed: of one kW of power with its duration, of one kW of discharge or charging
power of vehicles, of one kW of a battery with its MWh
(:func:`~meishan_model.optimise.solvers.fixing.rent`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

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
from meishan_model.optimise.problem import Columns, Floats, LinearProblem, RawSolution
from meishan_model.optimise.solvers import fixing
from meishan_model.planning.backcast import SliceTask
from meishan_model.planning.park_words import in_park_words
from meishan_model.sheets.records import SliceInputs

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
            problem = fixing.freeze(problem, capacity.of(labels), values)
        for edge, charge in self.graph.registry.lump_charges:
            if charge.category == "demand_charge":
                # With slack, so that rounding of the optimum is not paid for as shedding.
                problem = fixing.freeze(problem, labels.flow_investment[edge], values + DUST)
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
        total, flows = np.zeros(len(self.task.profiles.stamps)), self.problem.labels.flow
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
    problem, every = whole, np.arange(len(task.profiles.stamps))
    flows = flows_of_graph(graph.registry)
    for edge in select(flows, role="shift", way="in", asset=at_rest, may_be_empty=True).index:
        problem = fixing.limit_flow(problem, edge, every, np.zeros(len(every)))
    told = explain_conflicts(problem, task.profiles.stamps)
    with in_park_words(graph, task.inputs), told:
        plan = fixing.solve_frozen(problem)
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
        return fixing.rent(aggregator.problem, aggregator.plan, aggregator.variables(member))
    worth = fixing.imputed_worth(aggregator.problem, aggregator.plan)
    (edge,) = (e for e in labels.flow_investment if e[0] == member.label)
    power, energy = (
        float(worth[columns.positions[0]]) if columns.positions[0] >= 0 else 0.0
        for columns in (labels.flow_investment[edge], labels.storage_investment[member.label])
    )
    return power * member.power + energy * member.energy
