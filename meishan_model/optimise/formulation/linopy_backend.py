"""From a graph to a linear problem in arrays, which can be had as a linopy model."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from oemof import solph

from ..problem import NO_LABELS, Columns, IntegralLimit, LinearProblem
from ..problem import Labels as ProblemLabels
from .affine import affine_flows
from .aggregated_storage import add_aggregated_storages
from .blocks import Arrays, arrays_of_linopy, positions
from .builder import (
    ModelBuilder,
    add_flow_unknowns,
    label_capacity_flows,
)
from .bus import add_bus_rows
from .converter import add_tie_rows, pin_converters
from .expressions import Labels
from .extraction_turbine_chp import add_extraction_turbines
from .flow import add_flow_rows
from .generic_caes import add_compressed_air
from .generic_chp import add_generic_chps
from .integral_limit import add_integral_limits
from .investment_flow import (
    add_capacity_rows,
    add_flow_investments,
)
from .link import pin_links
from .nonconvex_flow import add_status_rows, add_statuses
from .offset_converter import add_offset_converters
from .reading import labels_of, read_graph
from .refusals import refuse_for_linopy, refuse_without_time
from .storage import add_storages
from .values import refuse_values

logger = logging.getLogger(__name__)


def state_problem(
    energy_system: solph.EnergySystem, integral_limits: Mapping[str, IntegralLimit] | None = None
) -> LinearProblem:
    """The optimisation problem of a graph in arrays; see :func:`state`."""
    builder = state(energy_system, integral_limits)
    return compile_problem(builder, all_arrays(builder))


def state(
    energy_system: solph.EnergySystem,
    integral_limits: Mapping[str, IntegralLimit] | None = None,
    corrections: Collection[str] = (),
) -> ModelBuilder:
    """State the optimisation problem of a graph in blocks of columns and rows.

    Parameters
    ----------
    energy_system
        The graph; ``docs/engine-attributes.md`` says what of it is stated.
    integral_limits
        Limit of the sum of each custom property of the flows, upper or ``(lower, upper)``.
    corrections
        What is to be stated otherwise than in solph, see :data:`.corrections.CORRECTIONS`.

    Raises
    ------
    ModelError
        If the graph has a node or attribute that is not stated, or a value that cannot be;
        names all of them.
    InfeasibleError
        If a row cannot hold whatever is decided; names the row.
    """
    refuse_without_time(energy_system)
    refuse_values(energy_system, integral_limits or ())
    refuse_for_linopy(energy_system, corrections)
    graph = read_graph(energy_system)
    affine = affine_flows(graph)
    ties = [*pin_converters(graph, affine), *pin_links(graph, affine)]
    builder = ModelBuilder(
        graph=graph,
        affine=affine,
        flow_labels=np.full(affine.factor.shape, -1, dtype=np.int64),
        corrections=frozenset(corrections),
    )
    add_flow_investments(builder)
    add_flow_unknowns(builder)
    label_capacity_flows(builder)
    add_statuses(builder)
    add_capacity_rows(builder)
    add_flow_rows(builder)
    add_status_rows(builder)
    add_tie_rows(builder, ties)
    add_offset_converters(builder)
    add_extraction_turbines(builder)
    add_generic_chps(builder)
    add_compressed_air(builder)
    if graph.typical is None:
        add_storages(builder)
    else:
        add_aggregated_storages(builder, graph.typical)
    builder.bus_balance = add_bus_rows(builder)
    limits = add_integral_limits(builder, integral_limits or {})
    builder.integral_limit, builder.integral_minimum = limits
    return builder


def compile_problem(builder: ModelBuilder, arrays: Arrays) -> LinearProblem:
    """The linear problem of what has been stated, with what its columns and rows mean.

    Parameters
    ----------
    builder, arrays
        The stated problem, with whatever was added to it, and all its columns and rows.
    """
    column_of, row_of = positions(arrays.column_labels), positions(arrays.row_labels)
    cost = builder.cost_vector(len(column_of))
    return LinearProblem(
        matrix=arrays.matrix,
        row_lower=np.where(arrays.is_less, -np.inf, arrays.right),
        row_upper=np.where(arrays.is_greater, np.inf, arrays.right),
        column_lower=arrays.lower,
        column_upper=arrays.upper,
        cost=cost[arrays.column_labels],
        cost_offset=builder.cost_offset,
        integer=arrays.integer,
        labels=replace(
            _labels(builder, column_of),
            bus_balance={bus: row_of[rows] for bus, rows in builder.bus_balance.items()},
            integral_limit=_rows(builder.integral_limit, row_of),
            integral_minimum=_rows(builder.integral_minimum, row_of),
            rows={name: row_of[labels] for name, labels in builder.rows.items()},
        ),
    )


def all_arrays(builder: ModelBuilder) -> Arrays:
    """All columns and rows, those of the linopy model if there is one."""
    return builder.blocks.arrays() if builder.linopy is None else arrays_of_linopy(builder.linopy)


def _rows(labels: Mapping[str, int], row_of: Labels) -> dict[str, int]:
    return {name: int(row_of[label]) for name, label in labels.items() if label >= 0}


def _labels(builder: ModelBuilder, column_of: Labels) -> ProblemLabels:
    """What the columns mean."""
    graph, affine = builder.graph, builder.affine
    edges = [labels_of(edge) for edge in graph.edges]
    zeros = np.zeros(graph.hours + 1)

    def whole(labels: Labels) -> Columns:
        return Columns(column_of[labels], zeros[: len(labels)])

    return replace(
        NO_LABELS,
        flow={
            edge: Columns(
                # The last entry of the positions is -1, which is where label -1 points.
                column_of[builder.flow_labels[e]],
                affine.constant[e],
                affine.factor[e],
            )
            for e, edge in enumerate(edges)
        },
        storage_content={n: whole(labels) for n, labels in builder.storage_content.items()},
        flow_investment={
            edges[e]: whole(np.array([label])) for e, label in builder.flow_investment.items()
        },
        storage_investment={
            n: whole(np.array([label])) for n, label in builder.storage_investment.items()
        },
    )
