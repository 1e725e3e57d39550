r"""What the flexible resources of one slice answer to an event, at what cost, for what worth.

All capacities and the billed demand of the months stay as they are in the slice's optimum, and
only the dispatch may change:

- **base**: nobody calls;
- **event**: in its hours the import is what it is in the base less the power called, or what a
  reduction leaves of it, but never below zero. It strikes on the day on which the park imports
  most in these hours. Resources that rest may work in these hours only.

The *answer* of a resource is the rise of its feed-in, the *rebound* is what the park imports more
in all other hours; the billed demand is given, so no rebound may raise it. An hour of the weeks
stands for :math:`w` hours of the year, an event is one, so its *cost* is the rise of the yearly
cost over :math:`w`. It is negative where a resource that rests saves more in these hours than it
is paid. What no resource gives comes from curtailed renewables, or is shed. The *value* of a
resource in an event is a difference: the cost of the event where this resource does as in the
base, less the cost where it answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.accounts.tables import DUST
from meishan_model.errors import Fault, InputError
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.problem import Floats, Integers, LinearProblem, RawSolution
from meishan_model.optimise.solvers.fixing import freeze, limit_flow, open_flow
from meishan_model.optimise.solvers.standing import StandingModel
from meishan_model.planning.aggregator import Aggregator, Resource, Weights, yearly_value
from meishan_model.planning.park_words import in_park_words
from meishan_model.sheets.records import Event

KW_PER_MW = 1e3


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
        told = explain_conflicts(problem, aggregator.task.profiles.stamps)
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
        """By how much the event changes a weighted sum of flows, in every step."""
        course = self.aggregator.course
        return course(weights, self.found) - course(weights, self.base)

    def energy(self, course: Floats) -> float:
        """Energy [MWh] of a power [MW] over its steps, or money [CNY] of what is paid an hour."""
        return float(course.sum()) * self.aggregator.task.profiles.step

    def cost(self, other: RawSolution, less: RawSolution) -> float:
        """How much more one dispatch costs than another [CNY]; an hour stands for many."""
        return (other.objective - less.objective) / self.aggregator.graph.registry.repetitions

    def row(self) -> dict[str, Any]:
        """What the event asked for, got and cost."""
        plant, call, hours = self.aggregator, self.call, self.hours
        drawn, change = plant.course(plant.imports, self.base)[hours], self.change(plant.imports)
        answered, elsewhere = -self.energy(change[hours]), np.delete(change, hours)
        given = [self.energy(self.change(plant.feed_in(m))[hours]) for m in plant.members]
        cost = self.cost(self.found, self.base)
        return {
            "begins": f"{plant.task.profiles.stamps[hours[0]]:%Y-%m-%d %H:%M}",
            "duration [h]": call.duration,
            "asked [MWh]": self.energy(_asked(call, drawn)),
            "answered [MWh]": answered,
            "resources [MWh]": sum(given),
            "shed [MWh]": self.energy(self.change(plant.shed)[hours]),
            "rebound [MWh]": self.energy(elsewhere),
            "highest rebound [MW]": max(float(elsewhere.max(initial=0.0)), 0.0),
            "cost [CNY]": cost,
            "cost [CNY/MWh]": cost / answered if answered > DUST else np.nan,
            "payment [CNY/MWh]": call.payment,
            "margin [CNY]": call.payment * answered - cost,
        }

    def answer_row(self, member: Resource, without: RawSolution) -> dict[str, Any]:
        """What a member did in the event, and what the event would cost without it."""
        power = self.change(self.aggregator.feed_in(member))[self.hours]
        spared = self.cost(without, self.found)
        return {
            "answer [MW]": float(power.mean()),
            "answer [MWh]": self.energy(power),
            "payment [CNY]": self.energy(self.change(self.aggregator.payment(member))),
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
    """Positions of the steps of an event: on the day of the greatest import in them."""
    stamps, step = aggregator.task.profiles.stamps, aggregator.task.profiles.step
    starts = np.flatnonzero((stamps.hour == call.start_hour) & (stamps.minute == 0))
    steps = round(call.duration / step)
    ends = starts + steps - 1
    inside = ends < len(stamps)
    # The weeks of a trial do not follow each other: no event goes from one into the next.
    span = stamps[np.minimum(ends, len(stamps) - 1)] - stamps[starts]
    starts = starts[inside & (span == pd.Timedelta(hours=call.duration - step))]
    if not len(starts):
        message = f"{call.event} does not fit into the hours of the slice"
        remedy = "let it begin earlier, or take more hours"
        raise InputError([Fault("events.csv", message, None, "duration", remedy=remedy)])
    windows = starts[:, None] + np.arange(steps)
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
