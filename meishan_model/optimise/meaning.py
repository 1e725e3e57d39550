"""What columns and rows of a problem are in the graph's own names, whatever backend stated it.

A column is known by the variables that stand for it, a row by its label or by the variables it
ties together. Only what a message needs is named: a dozen places out of a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import scipy.sparse as sp

from .problem import Columns, Integers, LinearProblem
from .problem import Name as Name

VariableKind: TypeAlias = Literal[
    "flow",
    "content",
    "inter storage content",
    "status",
    "start",
    "stop",
    "flow capacity",
    "storage capacity",
]
Kind: TypeAlias = Literal[
    VariableKind,
    "balance",
    "limit",
    "storage balance",
    "capacity limit",
    "relation",
    "commitment",
    "minimum uptime",
    "minimum downtime",
    "number of starts",
    "number of stops",
    "change",
    "total",
    "own row",
]
"""Kinds of variables, and of rows."""
COMMITMENTS: Mapping[str, Kind] = {
    "startup_lasts": "minimum uptime",
    "no_late_startup": "minimum uptime",
    "shutdown_lasts": "minimum downtime",
    "maximum_startups": "number of starts",
    "maximum_shutdowns": "number of stops",
}
"""What blocks of rows of the linopy backend hold of flows that are on or off."""


@dataclass(frozen=True)
class Place:
    """A column or a row of the problem in the graph.

    Attributes
    ----------
    kind
        What it is.
    names
        Label of the bus or storage, name of the limit or of the user's own rows, or
        ``(source, target)`` of each flow.
    step
        Time step of the graph from 0; ``None`` for what holds for all steps.
    """

    kind: Kind
    names: tuple[Name, ...]
    step: int | None = None


@dataclass(frozen=True)
class Variable:
    """A variable of the graph behind a column: ``value = factor * x + constant``."""

    place: Place
    factor: float = 1.0
    constant: float = 0.0


def name_text(name: Name) -> str:
    """A label as it is, a flow as ``source->target``."""
    return name if isinstance(name, str) else "->".join(name)


def named_columns(problem: LinearProblem) -> Iterator[tuple[str, Integers]]:
    """Variables by ``kind(label)`` or ``kind(source,target)`` with their columns.

    Where several stand on one column its name is the last: that of the capacity, of the first
    flow, or else of the first of the further variables.

    Parameters
    ----------
    problem
        The problem.
    """
    for key, further in reversed(list(problem.labels.further.items())):
        for label, columns in further.items():
            yield column_name(key, label), columns.positions
    groups = list(_groups(problem))
    sizes = [group for group in groups if group[0].endswith("capacity")]
    for kind, name, columns in [*reversed(groups[: len(groups) - len(sizes)]), *sizes]:
        yield column_name(kind.replace(" ", "_"), name), columns.positions


def column_name(kind: str, name: Name) -> str:
    """Name of a block of columns or rows, for files that hold a problem."""
    return f"{kind}({name if isinstance(name, str) else ','.join(name)})"


def steps_of_columns(problem: LinearProblem) -> Integers:
    """Time step of each column; -1 for capacities, which stand for all steps.

    Parameters
    ----------
    problem
        The problem.
    """
    found = np.full(problem.matrix.shape[1], -1, dtype=np.int64)
    for kind, _, columns in _groups(problem):
        there = columns.positions >= 0
        steps = _steps(kind, np.flatnonzero(there))
        found[columns.positions[there]] = -1 if steps is None else steps
    return found


def variables_of(problem: LinearProblem, columns: Integers) -> dict[int, list[Variable]]:
    """The variables behind some columns; of an invested capacity only the capacity itself.

    Parameters
    ----------
    problem
        The problem.
    columns
        Positions of the columns in question.
    """
    found: dict[int, list[Variable]] = {int(column): [] for column in columns}
    wanted = np.unique(columns)
    for kind, name, group in _groups(problem):
        for place in np.flatnonzero(np.isin(group.positions, wanted)):
            steps = _steps(kind, np.array([place]))
            where = Place(kind, (name,), None if steps is None else int(steps[0]))
            factor = 1.0 if group.factors is None else float(group.factors[place])
            variable = Variable(where, factor, float(group.constants[place]))
            variables = found[int(group.positions[place])]
            if steps is None:
                variables.clear()
            variables.append(variable)
    return found


def rows_of(problem: LinearProblem, rows: Integers) -> dict[int, Place]:
    """What some rows are.

    Parameters
    ----------
    problem
        The problem.
    rows
        Positions of the rows in question.
    """
    found: dict[int, Place] = {}
    for bus, positions in problem.labels.bus_balance.items():
        for step in np.flatnonzero(np.isin(positions, rows)):
            found[int(positions[step])] = Place("balance", (bus,), int(step))
    for name, positions in problem.labels.own_rows.items():
        for place in np.flatnonzero(np.isin(positions, rows)):
            at = step_of_row(int(place), len(positions), problem.labels.steps)
            found[int(positions[place])] = Place("own row", (name,), at)
    for limits in (problem.labels.integral_limit, problem.labels.integral_minimum):
        found |= {row: Place("limit", (keyword,)) for keyword, row in limits.items()}
    others = [int(row) for row in rows if int(row) not in found]
    if others:
        part = sp.csr_array(problem.matrix)[others]
        variables = variables_of(problem, np.unique(part.indices).astype(np.int64))
        for number, row in enumerate(others):
            columns = part.indices[part.indptr[number] : part.indptr[number + 1]]
            found[row] = _row_of([variables[int(c)] for c in columns])
        for row, kind in _commitments(problem, np.array(others, dtype=np.int64)).items():
            found[row] = replace(found[row], kind=kind)
    return {int(row): found[int(row)] for row in rows}


def _commitments(problem: LinearProblem, rows: Integers) -> dict[int, Kind]:
    """Which of some rows hold minimum times, or numbers of starts and stops."""
    return {
        int(row): COMMITMENTS[kind]
        for name, block in problem.labels.rows.items()
        if (kind := name.partition("(")[0]) in COMMITMENTS
        for row in block[np.isin(block, rows)]
    }


def step_of_row(row: int, count: int, steps: int) -> int | None:
    """Time step of a row in a block of rows; ``None`` where the block is not one for each.

    Parameters
    ----------
    row, count
        Position in the block, and how many rows it has.
    steps
        Number of time steps of the graph; a block may have one row more, for its time points.
    """
    if count == steps:
        return row
    return max(row - 1, 0) if count == steps + 1 else None


def _row_of(columns: list[list[Variable]]) -> Place:
    """What a row is that ties columns together."""
    places = [variables[0].place for variables in columns if variables]
    names = {kind: _names(places, kind) for kind in get_args(VariableKind)}
    steps = {p.step for p in places if p.step is not None}
    step = max(steps, default=None)
    between = [p for p in places if p.kind == "inter storage content"]
    if between:
        kind: Kind = "storage balance" if len(between) > 1 else "capacity limit"
        return Place(kind, names["inter storage content"])
    if names["content"]:
        balance = bool(names["flow"]) or not names["storage capacity"]
        return Place("storage balance" if balance else "capacity limit", names["content"], step)
    changing = tuple(dict.fromkeys(names["status"] + names["start"] + names["stop"]))
    if changing and not names["flow"]:
        return Place("commitment", changing, step if len(steps) <= 2 else None)
    if names["flow"]:
        if len(steps) > 2:
            return Place("total", names["flow"])
        if len(steps) == 2:
            return Place("change", names["flow"], step)
        # A column without a name is pyomo's sum of what stands and what is built.
        sized = bool(names["flow capacity"] or names["status"]) or not all(columns)
        return Place("capacity limit" if sized else "relation", names["flow"], step)
    return Place("relation", names["flow capacity"] + names["storage capacity"])


def _names(places: list[Place], kind: VariableKind) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(name for p in places if p.kind == kind for name in p.names))


def _groups(problem: LinearProblem) -> Iterator[tuple[Kind, Name, Columns]]:
    """All variables of the graph; capacities last, since flows may stand on their columns."""
    labels = problem.labels
    groups: tuple[tuple[Kind, Mapping[Any, Columns]], ...] = (
        ("flow", labels.flow),
        ("content", labels.storage_content),
        ("status", labels.further.get("status", {})),
        ("start", labels.further.get("startup", {})),
        ("stop", labels.further.get("shutdown", {})),
        ("inter storage content", labels.further.get("inter_storage_content", {})),
        ("flow capacity", labels.flow_investment),
        ("storage capacity", labels.storage_investment),
    )
    for kind, group in groups:
        for name, columns in group.items():
            yield kind, name, columns


def _steps(kind: Kind, places: Integers) -> Integers | None:
    """Step of each value of a variable; a content after a step belongs to that step."""
    if kind in ("flow", "status", "start", "stop"):
        return places
    return np.maximum(places - 1, 0) if kind == "content" else None
