"""From a graph to a linear problem, by way of a linopy model."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from oemof import solph

from meishan_model.optimise.linopy_backend.bus import add_bus_rows
from meishan_model.optimise.linopy_backend.converter import add_tie_rows, pin_converters
from meishan_model.optimise.linopy_backend.flow import add_flow_rows
from meishan_model.optimise.linopy_backend.forms import flow_forms
from meishan_model.optimise.linopy_backend.integral_limit import add_integral_limits
from meishan_model.optimise.linopy_backend.investment_flow import (
    add_capacity_rows,
    add_flow_investments,
)
from meishan_model.optimise.linopy_backend.link import pin_links
from meishan_model.optimise.linopy_backend.reading import labels_of, read_graph
from meishan_model.optimise.linopy_backend.rows import Labels
from meishan_model.optimise.linopy_backend.statement import (
    Statement,
    add_flow_unknowns,
    label_capacity_flows,
)
from meishan_model.optimise.linopy_backend.storage import add_storages
from meishan_model.optimise.numbers_of_graph import refuse_not_numbers
from meishan_model.optimise.problem import NO_LABELS, Columns, IntegralLimit, LinearProblem
from meishan_model.optimise.problem import Labels as ProblemLabels

logger = logging.getLogger(__name__)


def state_problem(
    energy_system: solph.EnergySystem, integral_limits: Mapping[str, IntegralLimit] | None = None
) -> LinearProblem:
    """State the optimisation problem of a graph.

    Parameters
    ----------
    energy_system
        A graph of Bus, Source, Sink, Converter, Link and GenericStorage.
    integral_limits
        Limit of the sum of each custom property of the flows, upper or ``(lower, upper)``.

    Raises
    ------
    InputError
        If the graph has a node or attribute that is not stated, or a value that is no number;
        names all of them.
    InfeasibleError
        If a row cannot hold whatever is decided; names the row.
    """
    # Imported here, so that a command that solves nothing does not wait for it.
    from linopy import Model

    refuse_not_numbers(energy_system)
    graph = read_graph(energy_system)
    forms = flow_forms(graph)
    ties = [*pin_converters(graph, forms), *pin_links(graph, forms)]
    statement = Statement(
        model=Model(),
        graph=graph,
        forms=forms,
        flow_labels=np.full(forms.factor.shape, -1, dtype=np.int64),
    )
    add_flow_investments(statement)
    add_flow_unknowns(statement)
    label_capacity_flows(statement)
    add_capacity_rows(statement)
    add_flow_rows(statement)
    add_tie_rows(statement, ties)
    add_storages(statement)
    balances = add_bus_rows(statement)
    limits = add_integral_limits(statement, integral_limits or {})
    return _problem(statement, balances, *limits)


def _problem(
    statement: Statement,
    balances: Mapping[str, Labels],
    limits: Mapping[str, int],
    minimums: Mapping[str, int],
) -> LinearProblem:
    matrices = statement.model.matrices
    column_of = _positions(matrices.vlabels)
    row_of = _positions(matrices.clabels)
    count = len(matrices.vlabels)
    right = np.asarray(matrices.b, dtype=float)
    sense = np.asarray(matrices.sense)
    matrix = matrices.A if matrices.A is not None else sp.csr_array((0, count))
    cost = statement.cost_vector(len(column_of))
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=np.where(sense == "<", -np.inf, right),
        row_upper=np.where(sense == ">", np.inf, right),
        column_lower=np.asarray(matrices.lb, dtype=float),
        column_upper=np.asarray(matrices.ub, dtype=float),
        cost=cost[matrices.vlabels],
        cost_offset=statement.cost_offset,
        integer=np.isin(matrices.vtypes, ["B", "I"]),
        labels=replace(
            _labels(statement, column_of),
            bus_balance={bus: row_of[labels] for bus, labels in balances.items()},
            integral_limit=_rows(limits, row_of),
            integral_minimum=_rows(minimums, row_of),
        ),
    )


def _positions(labels: Labels) -> Labels:
    """Position by label; -1 for labels that are not there."""
    positions = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    positions[labels] = np.arange(len(labels))
    return positions


def _rows(labels: Mapping[str, int], row_of: Labels) -> dict[str, int]:
    return {name: int(row_of[label]) for name, label in labels.items() if label >= 0}


def _labels(statement: Statement, column_of: Labels) -> ProblemLabels:
    """What the columns mean."""
    graph, forms = statement.graph, statement.forms
    edges = [labels_of(edge) for edge in graph.edges]
    zeros = np.zeros(graph.hours + 1)

    def whole(labels: Labels) -> Columns:
        return Columns(column_of[labels], zeros[: len(labels)])

    return replace(
        NO_LABELS,
        flow={
            edge: Columns(
                # The last entry of the positions is -1, which is where label -1 points.
                column_of[statement.flow_labels[e]],
                forms.constant[e],
                forms.factor[e],
            )
            for e, edge in enumerate(edges)
        },
        storage_content={n: whole(labels) for n, labels in statement.storage_content.items()},
        flow_investment={
            edges[e]: whole(np.array([label])) for e, label in statement.flow_investment.items()
        },
        storage_investment={
            n: whole(np.array([label])) for n, label in statement.storage_investment.items()
        },
    )
