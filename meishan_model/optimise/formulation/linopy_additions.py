"""A linopy model in the hands of a user: its objective, and what was added to it or removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..errors import ModelError
from ..meaning import name_text
from ..problem import Columns, Floats, Integers, LinearProblem, Name
from .blocks import positions
from .builder import ModelBuilder
from .expressions import Expression, Labels, Numbers, unknown
from .linopy_backend import all_arrays, compile_problem

if TYPE_CHECKING:
    import linopy


def hand_out(builder: ModelBuilder) -> linopy.Model:
    """The linopy model, complete with its objective but for a constant, which linopy has not.

    Parameters
    ----------
    builder
        The stated model.
    """
    if builder.linopy is None:
        # Imported here, so that who asks for none does not wait for it.
        import linopy

        model, cost = builder.blocks.linopy(), builder.cost_vector(builder.blocks.next_column)
        columns = np.flatnonzero(cost)
        data = xr.Dataset(
            {"coeffs": ("_term", cost[columns]), "vars": ("_term", columns), "const": ((), 0.0)}
        )
        model.objective = linopy.LinearExpression(data, model)
        builder.linopy = model
    return builder.linopy


def names(builder: ModelBuilder) -> tuple[Collection[str], Collection[str]]:
    """Names of all blocks of columns and of rows."""
    if builder.linopy is None:
        return builder.blocks.columns, builder.blocks.rows
    return list(builder.linopy.variables), list(builder.linopy.constraints)


FRAMES = frozenset(
    (
        *("flow", "integer_flow", "storage_content", "storage_losses", "inter_storage_content"),
        *("invest", "invest_status", "total", "variable_costs", "investment_costs"),
        *("status", "status_nominal", "startup", "shutdown"),
    )
)
"""Names of frames that solph gives."""


def add_columns(
    builder: ModelBuilder, name: str, owner: Name, lower: Numbers, upper: Numbers, integer: bool
) -> Expression:
    """Unknowns of a node or flow that a user adds, one a time step.

    Parameters
    ----------
    builder
        The model.
    name, owner
        Their name, and the label of the node or both ends of the flow that they belong to.
    lower, upper, integer
        Their bounds, and whether they are whole numbers.

    Raises
    ------
    ModelError
        If the owner is unknown, or there are columns or frames of that name, or the bounds are no
        numbers, one for each time step.
    """
    graph, block = builder.graph, f"{name}({name_text(owner)})"
    if owner not in {*graph.position, *(str(node.label) for node in graph.nodes)}:
        raise ModelError(f"there is no {name_text(owner)} for columns {name} to belong to")
    if name in FRAMES:
        raise ModelError(f"{name} is the name of a frame; give the columns another one")
    if block in names(builder)[0] or owner in builder.further.get(name, {}):
        raise ModelError(f"there are columns named {block} already")
    low, up = (_bound(block, given, graph.hours) for given in (lower, upper))
    if (low > up).any():
        raise ModelError(f"the lower bound of columns {block} is above the upper one")
    added = unknown(builder.variable(block, low, up, integer=integer), graph.hours)
    builder.keep(owner, **{name: added})
    return added


def _bound(name: str, given: Numbers, count: int) -> Floats:
    """A bound of columns as one number for each time step."""
    try:
        found = np.broadcast_to(np.asarray(given, dtype=float), count)
    except (TypeError, ValueError):
        found = np.full(count, np.nan)
    if np.isnan(found).any():
        raise ModelError(f"a bound of columns {name} is no number, or not one for each time step")
    return found


def compile_with_additions(builder: ModelBuilder, own_rows: Iterable[str]) -> LinearProblem:
    """The linear problem of a model with what a user added to it.

    Parameters
    ----------
    builder
        The model.
    own_rows
        Names of rows that a user added by :class:`~optimise.Model`.

    Raises
    ------
    ModelError
        If something was added to the linopy model that is not linear.
    """
    named = {name: builder.rows[name] for name in own_rows}
    if builder.linopy is not None:
        _refuse_what_is_not_linear(builder.linopy)
        _forget_removed(builder, builder.linopy)
        rows = builder.linopy.constraints
        named |= {n: rows[n].labels.to_numpy() for n in rows if n not in builder.rows}
    arrays = all_arrays(builder)
    problem = compile_problem(builder, arrays)
    labels = replace(
        problem.labels,
        own_rows={name: _places(arrays.row_labels, own) for name, own in named.items()},
        further=_further(builder, arrays.column_labels),
    )
    return replace(problem, labels=labels)


def block_names(builder: ModelBuilder) -> tuple[list[str], list[str]]:
    """Names of all columns and of all rows, by their blocks."""
    blocks, model = builder.blocks, builder.linopy
    if model is None:
        columns = {n: block.labels for n, block in blocks.columns.items()}
        rows = {n: block.labels for n, block in blocks.rows.items()}
        return _names(columns, blocks.column_labels), _names(rows, blocks.row_labels)
    columns = {n: model.variables[n].labels.to_numpy() for n in model.variables}
    rows = {n: model.constraints[n].labels.to_numpy() for n in model.constraints}
    return (
        _names(columns, model.variables.label_index.vlabels),
        _names(rows, model.constraints.label_index.clabels),
    )


def _names(blocks: Mapping[str, Labels], index: Labels) -> list[str]:
    names = [""] * len(index)
    for block, labels in blocks.items():
        for step, place in enumerate(_places(index, labels).tolist()):
            if place >= 0:
                names[place] = f"{block}({step})" if labels.size > 1 else block
    return names


def _further(builder: ModelBuilder, index: Labels) -> dict[str, dict[Name, Columns]]:
    """Columns of the further variables, by the labels of all columns."""

    def columns(own: Expression) -> Columns:
        factors = np.ascontiguousarray(own.coefficients[:, 0])
        return Columns(_places(index, own.labels), own.constant, factors)

    return {
        key: {name: columns(own) for name, own in group.items()}
        for key, group in builder.further.items()
    }


def _refuse_what_is_not_linear(model: linopy.Model) -> None:
    variables = model.variables
    for found, what in (
        (model.objective.is_quadratic, "a quadratic objective"),
        (model.objective.sense != "min", "an objective that is maximised"),
        (len(model.indicator_constraints), "indicator constraints"),
        (len(variables.semi_continuous), "variables that are semi-continuous"),
        (len(variables.sos), "special ordered sets"),
        (_is_scaled(model), "factors that scale rows, columns or the objective"),
    ):
        if found:
            raise ModelError(f"the linopy model has {what}, which this engine does not solve")


def _is_scaled(model: linopy.Model) -> bool:
    variables, rows = model.variables, model.constraints
    scales = [variables[name].solver_scaling for name in variables]
    scales += [rows[name].scaling for name in rows]
    return model.objective.scaling != 1 or any(bool((s != 1).any()) for s in scales)


def _forget_removed(builder: ModelBuilder, model: linopy.Model) -> None:
    """Rows that a user removed have no place; those of a block stand in one array."""
    for name in [name for name in builder.rows if name not in model.constraints]:
        builder.rows[name][:] = -1
        for kind, limits in (
            ("integral_limit", builder.integral_limit),
            ("integral_minimum", builder.integral_minimum),
        ):
            for keyword in limits:
                if name == f"{kind}({keyword})":
                    limits[keyword] = -1


def _places(index: Labels, labels: Labels) -> Integers:
    """Position of each label in an index, of any shape in one row; -1 where it is not there."""
    position, flat = positions(index), labels.ravel()
    return np.asarray(position[np.where(flat < len(position), flat, -1)])
