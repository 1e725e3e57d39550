"""The reference backend: ``solph.Model`` as it is, compiled to arrays in memory.

Pyomo's standard-form compiler hands the problem over without a text file, so that every solver
sees the same arrays and returns duals the same way.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from oemof import solph
from pyomo.common.errors import InfeasibleConstraintException
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from ..errors import InfeasibleError, ModelError
from ..problem import (
    Columns,
    IntegralLimit,
    Labels,
    LinearProblem,
    limit_range,
)
from .not_numbers import refuse_not_numbers
from .reading import labels_of

logger = logging.getLogger(__name__)


def state_problem(
    energy_system: solph.EnergySystem, integral_limits: Mapping[str, IntegralLimit] | None = None
) -> LinearProblem:
    """The optimisation problem of a graph in arrays; see :func:`state`."""
    return compile_problem(state(energy_system, integral_limits), tuple(integral_limits or ()))


def state(
    energy_system: solph.EnergySystem, integral_limits: Mapping[str, IntegralLimit] | None = None
) -> solph.Model:
    """State the optimisation problem of a graph as a ``solph.Model``.

    Parameters
    ----------
    energy_system
        Any graph that ``solph.Model`` accepts.
    integral_limits
        Limit of the yearly sum of each custom property of the flows, upper or
        ``(lower, upper)``, in the property's unit (for instance tCO2 for ``emission_factor``).

    Raises
    ------
    ModelError
        If a value in the graph is no number, or no flow has a property that is limited.
    InfeasibleError
        If a row cannot hold whatever is decided.
    """
    refuse_not_numbers(energy_system)
    with warnings.catch_warnings():
        # solph's own calls into pandas and networkx warn; what it warns about is not ours.
        warnings.simplefilter("ignore")
        model = solph.Model(energy_system)
        for keyword, limit in (integral_limits or {}).items():
            flows = energy_system.flows().values()
            if not any(keyword in flow.custom_properties for flow in flows):
                raise ModelError(f"no flow has the custom property {keyword}, which is limited")
            lower, upper = (None if np.isinf(b) else b for b in limit_range(keyword, limit))
            if (lower, upper) != (None, None):
                solph.constraints.generic_integral_limit(
                    model, keyword, lower_limit=lower, upper_limit=upper
                )
    return model


def compile_problem(model: solph.Model, keywords: tuple[str, ...] = ()) -> LinearProblem:
    """The linear problem of a ``solph.Model``, with what its columns and rows mean.

    Parameters
    ----------
    model
        The model, with whatever was added to it.
    keywords
        Custom properties whose integrals are limited.

    Raises
    ------
    InfeasibleError
        If a row cannot hold whatever is decided.
    """
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True)
    except InfeasibleConstraintException as error:
        raise InfeasibleError(f"the problem is infeasible: {error}") from error
    column_of = {id(variable): position for position, variable in enumerate(form.columns)}
    row_of = {id(row.constraint): position for position, row in enumerate(form.rows)}
    sense = np.fromiter((row.bound_type for row in form.rows), dtype=np.int8, count=len(form.rows))
    rhs = np.asarray(form.rhs, dtype=float)
    lower, upper = _column_bounds(form.columns)
    return LinearProblem(
        matrix=sp.csc_array(form.A),
        # Pyomo's mixed form says 1 for <=, -1 for >= and 0 for =.
        row_lower=np.where(sense == 1, -np.inf, rhs),
        row_upper=np.where(sense == -1, np.inf, rhs),
        column_lower=lower,
        column_upper=upper,
        cost=form.c.toarray().ravel(),
        cost_offset=float(form.c_offset[0]),
        integer=np.fromiter(
            (not v.is_continuous() for v in form.columns), bool, count=len(form.columns)
        ),
        labels=_labels(model, column_of, row_of, keywords),
    )


def _column_bounds(variables: Iterable[Any]) -> tuple[Any, Any]:
    bounds = np.array([variable.bounds for variable in variables], dtype=float)
    bounds = bounds.reshape(-1, 2)
    return (
        np.where(np.isnan(bounds[:, 0]), -np.inf, bounds[:, 0]),
        np.where(np.isnan(bounds[:, 1]), np.inf, bounds[:, 1]),
    )


def _columns(variables: list[Any], column_of: Mapping[int, int]) -> Columns:
    positions = np.fromiter(
        (column_of.get(id(v), -1) for v in variables), np.int64, count=len(variables)
    )
    constants = np.zeros(len(variables))
    for place in np.flatnonzero(positions < 0):
        variable = variables[place]
        # Not in the problem: fixed by the graph, or free of any row and cost.
        constants[place] = variable.value if variable.fixed else max(variable.lb or 0.0, 0.0)
    return Columns(positions, constants)


def _labels(
    model: Any,
    column_of: Mapping[int, int],
    row_of: Mapping[int, int],
    keywords: tuple[str, ...],
) -> Labels:
    hours = list(model.TIMESTEPS)
    points = list(model.TIMEPOINTS)

    def limits(side: str) -> dict[str, int]:
        rows = {k: getattr(model, f"integral_limit_{k}_{side}_limit", None) for k in keywords}
        return {k: row_of[id(row)] for k, row in rows.items() if id(row) in row_of}

    content: dict[str, Columns] = {}
    storage_investment: dict[str, Columns] = {}
    storages: Any = getattr(model, "GenericStorageBlock", None)
    for node in getattr(storages, "STORAGES", ()):
        content[str(node.label)] = _columns(
            [storages.storage_content[node, t] for t in points], column_of
        )
    invested: Any = getattr(model, "GenericInvestmentStorageBlock", None)
    for node in getattr(invested, "INVESTSTORAGES", ()):
        content[str(node.label)] = _columns(
            [invested.storage_content[node, t] for t in points], column_of
        )
        storage_investment[str(node.label)] = _columns([invested.invest[node, 0]], column_of)
    flow_block = model.InvestmentFlowBlock
    balance = getattr(model.BusBlock, "balance", {})
    return Labels(
        flow={
            labels_of((i, o)): _columns([model.flow[i, o, t] for t in hours], column_of)
            for i, o in model.FLOWS
        },
        storage_content=content,
        flow_investment={
            labels_of((i, o)): _columns([flow_block.invest[i, o, 0]], column_of)
            for i, o in getattr(flow_block, "INVESTFLOWS", ())
        },
        storage_investment=storage_investment,
        bus_balance={
            str(node.label): np.array(
                [
                    row_of.get(id(balance[node, t]), -1) if (node, t) in balance else -1
                    for t in hours
                ],
                dtype=np.int64,
            )
            for node in model.NODES
            if isinstance(node, solph.Bus)
        },
        integral_limit=limits("upper"),
        integral_minimum=limits("lower"),
    )
