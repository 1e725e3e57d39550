r"""The virtual power plant: who answers a call of the grid above, at what cost, for what worth.

An aggregator holds the flexible loads, the vehicle batteries and the batteries of a solved slice
and answers the events of ``events.csv``. The slice is solved once more in its few weeks, together
with the resources that rest until they are called (``event_potential``); then all capacities and
the billed demand of the months stay as they are, and only the dispatch may change:

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

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from meishan_model.accounts.tables import DUST
from meishan_model.components.assets import AssetTable
from meishan_model.errors import Fault, InputError
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.problem import Floats, Integers, LinearProblem, RawSolution
from meishan_model.optimise.solvers.fixing import freeze, limit_flow, open_flow
from meishan_model.optimise.solvers.standing import StandingModel
from meishan_model.planning.backcast import slice_hashes, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.park_words import in_park_words
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import SliceTask
from meishan_model.results.files import write_table
from meishan_model.results.runs import scenario_lock
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import Event
from meishan_model.sheets.resolve import events
from meishan_model.studies.aggregator import (
    Aggregator,
    Resource,
    aggregate,
    frozen_problem,
    resting,
    with_resting,
    yearly_value,
)

TABLES = ("events", "answers", "resources")
"""Names of the tables, in the class and on disk."""
KW_PER_MW = 1e3


@dataclass(frozen=True)
class VirtualPowerPlant:
    """Tables of the study.

    Attributes
    ----------
    events
        One row an event: what was asked for, who gave how much in sum, cost and rebound.
    answers
        One row for each event and resource.
    resources
        One row a resource: its size and its value in an ordinary year.
    """

    events: pd.DataFrame
    answers: pd.DataFrame
    resources: pd.DataFrame


@dataclass(frozen=True)
class _Strike:
    """An event that has struck: its hours, and the dispatch without and with it."""

    aggregator: Aggregator
    call: Event
    hours: Integers
    base: RawSolution
    found: RawSolution

    def change(self, series: Callable[[Floats], Floats]) -> Floats:
        """By how much the event changes a series that is made of a solution, in every hour."""
        return series(self.found.column_values) - series(self.base.column_values)

    def answer(self, member: Resource) -> float:
        """Rise of a member's feed-in over the hours of the event [MWh]."""
        return float(self.change(partial(self.aggregator.feed_in, member))[self.hours].sum())


def calls_of(project: Project) -> tuple[Event, ...]:
    """The events of a project's park.

    Raises
    ------
    InputError
        If there is none, or one is not complete.
    """
    calls = events(project.park)
    if not calls:
        fault = Fault(project.park.path("events"), "has no event", remedy="add the rows of one")
        raise InputError([fault])
    return calls


def virtual_power_plant(
    project: Project,
    year: int,
    table: AssetTable,
    calls: Iterable[Event],
    tell: Callable[[str], None],
) -> VirtualPowerPlant:
    """Answer events in one slice.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        The slice.
    table
        The assets, with the new build of each slice after it.
    calls
        The events.
    tell
        Called with what is being solved.

    Raises
    ------
    InputError
        If an event is longer than the hours, or an input is wrong.
    InfeasibleError, SolverError
        If the slice or an event has no optimum.
    """
    inputs = project.slices[year]
    tell(f"the slice {year}")
    assets = bounds(table, year)
    task = slice_task(project, year, assets, "", inputs=with_resting(inputs))
    return answer_events(task, resting(inputs), calls, tell)


def write_tables(project: Project, year: int, found: VirtualPowerPlant) -> tuple[Path, ...]:
    """Save the tables beside the slices of the scenario and say where.

    Raises
    ------
    LockError
        If another run holds the scenario.
    WriteError
        If the folder cannot be written or the disk is full.
    """
    paths = table_paths(project, year)
    digest = tables_hash(project, slice_hashes(project, "highs")[year])
    with scenario_lock(project.scenario_folder):
        for name, path in paths.items():
            write_table(getattr(found, name), path, digest)
    return tuple(paths.values())


def table_paths(project: Project, year: int) -> dict[str, Path]:
    """Where the tables of a slice lie, by their names."""
    folder = project.scenario_folder
    return {name: folder / f"vpp_{year}_{name}.csv" for name in TABLES}


def tables_hash(project: Project, slice_sha256: str) -> str:
    """Hash of what the tables rest on: the slice and the events."""
    return fingerprint([slice_sha256, project.park.events])


def answer_events(
    task: SliceTask,
    at_rest: frozenset[str],
    calls: Iterable[Event],
    tell: Callable[[str], None] = lambda _: None,
) -> VirtualPowerPlant:
    """Solve a slice, then every event, and put both side by side.

    Parameters
    ----------
    task
        The slice, with the resources that rest in its graph.
    at_rest
        Names of those.
    calls
        The events.
    tell
        Called with what is being solved.

    Raises
    ------
    InputError
        If an event is longer than the hours of the slice.
    InfeasibleError, SolverError
        If the slice or an event has no optimum.
    """
    aggregator = aggregate(task, at_rest)
    frozen = frozen_problem(aggregator)
    model = StandingModel(frozen)
    base = _solved(model, aggregator, frozen)
    event_rows: list[dict[str, object]] = []
    answer_rows: list[dict[str, object]] = []
    for call in calls:
        tell(f"the event {call.event}")
        hours = _hours_of(call, aggregator, base)
        called = _called(aggregator, frozen, call, hours, base)
        found = _solved(model, aggregator, called, f"the event {call.event}")
        strike = _Strike(aggregator, call, hours, base, found)
        event_rows.append(_event_row(strike))
        for member in aggregator.members:
            missing = _without(aggregator, member, called, base)
            where = f"the event {call.event} without {member.title}"
            found = _solved(model, aggregator, missing, where)
            answer_rows.append(_answer_row(strike, member, found))
    return VirtualPowerPlant(
        events=pd.DataFrame(event_rows),
        answers=pd.DataFrame(answer_rows),
        resources=pd.DataFrame(
            [_resource_row(aggregator, member) for member in aggregator.members]
        ),
    )


def _solved(
    model: StandingModel, aggregator: Aggregator, problem: LinearProblem, where: str = ""
) -> RawSolution:
    """Change the standing model into a problem and solve it, or say what is in conflict in it."""
    task = aggregator.task
    told = explain_conflicts(problem, task.profiles.hours)
    with in_park_words(aggregator.graph, task.inputs, where), told:
        model.change(problem)
        return model.solve()


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
    drawn = aggregator.total_import(base.column_values)[windows].sum(axis=1)
    return np.asarray(windows[np.argmax(drawn)])


def _called(
    aggregator: Aggregator, frozen: LinearProblem, call: Event, hours: Integers, base: RawSolution
) -> LinearProblem:
    """The frozen problem with less import in the hours of an event, and with all resources."""
    imports = aggregator.imports(base.column_values)
    total = aggregator.total_import(base.column_values)[hours]
    left = np.maximum(total - _asked(call, total), 0.0)
    problem = frozen
    for edge, flow in imports.items():
        share = np.divide(flow[hours], total, out=np.zeros_like(total), where=total > 0)
        problem = limit_flow(problem, edge, hours, share * left, exact=True)
    resting_flows = {m.label for m in aggregator.members if m.rests}
    for edge in problem.labels.flow:
        if edge[0] in resting_flows:
            problem = open_flow(problem, edge, hours, aggregator.whole)
    return problem


def _asked(call: Event, total: Floats) -> Floats:
    """What a call asks for in each of its hours [MW], given what the park would import."""
    if call.power is not None:
        return np.full(len(total), call.power)
    return total * (call.reduction or 0.0)


def _without(
    aggregator: Aggregator, member: Resource, called: LinearProblem, base: RawSolution
) -> LinearProblem:
    """An event in which one member does what it does in the base."""
    problem = called
    for variable in aggregator.variables(member):
        problem = freeze(problem, variable, base.column_values)
    return problem


def _event_row(strike: _Strike) -> dict[str, object]:
    """What an event asked for, got and cost."""
    aggregator, call, hours = strike.aggregator, strike.call, strike.hours
    total = aggregator.total_import(strike.base.column_values)[hours]
    change = strike.change(aggregator.total_import)
    answered, elsewhere = -float(change[hours].sum()), np.delete(change, hours)
    cost = (strike.found.objective - strike.base.objective) / aggregator.task.profiles.weight
    given = [strike.answer(member) for member in aggregator.members]
    return {
        "event": call.event,
        "begins": f"{aggregator.task.profiles.hours[hours[0]]:%Y-%m-%d %H:%M}",
        "duration [h]": call.duration,
        "asked [MWh]": float(_asked(call, total).sum()),
        "answered [MWh]": answered,
        "resources [MWh]": sum(given),
        "shed [MWh]": float(strike.change(aggregator.shed)[hours].sum()),
        "rebound [MWh]": float(elsewhere.sum()),
        "highest rebound [MW]": max(float(elsewhere.max(initial=0.0)), 0.0),
        "cost [CNY]": cost,
        "cost [CNY/MWh]": cost / answered if answered > DUST else np.nan,
        "payment [CNY/MWh]": call.payment,
        "margin [CNY]": call.payment * answered - cost,
    }


def _answer_row(strike: _Strike, member: Resource, without: RawSolution) -> dict[str, object]:
    """What a member did in an event, and what the event would cost without it."""
    aggregator, energy = strike.aggregator, strike.answer(member)
    spared = (without.objective - strike.found.objective) / aggregator.task.profiles.weight
    return {
        "event": strike.call.event,
        "resource": member.title,
        "technology": member.technology,
        "zone": member.zone,
        "answer [MW]": energy / len(strike.hours),
        "answer [MWh]": energy,
        "payment [CNY]": float(strike.change(partial(aggregator.payment, member)).sum()),
        "value [CNY/kW]": spared / member.power / KW_PER_MW,
    }


def _resource_row(aggregator: Aggregator, member: Resource) -> dict[str, object]:
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
