"""The reference backend: ``solph.Model`` as it is, compiled to arrays in memory.

Pyomo's standard-form compiler hands the problem over without a text file, so that every solver
sees the same arrays and returns duals the same way.

An energy system of several periods has capacities by period, each named by what is built and its
period: ``store, period 1``, or ``("wind", "bus, period 1")`` for a flow. One with aggregated time
series has no contents of storages, since solph states them as sums of two kinds of variables.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
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
from .elements import labels_of
from .refusals import refuse_for_all, refuse_without_time
from .values import refuse_values, unusual_numbers

logger = logging.getLogger(__name__)

FLOW_BLOCKS = ("InvestmentFlowBlock", "InvestNonConvexFlowBlock")
STORAGE_BLOCKS = ("GenericStorageBlock", "GenericInvestmentStorageBlock")
"""Blocks of ``solph.Model`` of flows that are invested into, and of storages."""


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
        Limit of the sum of each custom property of the flows, upper or ``(lower, upper)``.

    Raises
    ------
    ModelError
        If a value in the graph cannot be stated, ``solph.Model`` fails, or no flow has a property
        that is limited.
    InfeasibleError
        If a row cannot hold whatever is decided.
    """
    refuse_without_time(energy_system)
    refuse_values(energy_system, integral_limits or ())
    refuse_for_all(energy_system)
    with warnings.catch_warnings():
        # solph's own calls into pandas and networkx warn; what it warns about is not ours.
        warnings.simplefilter("ignore")
        try:
            # It calls for the end of the program where logging is at debug, unless told so.
            model = solph.Model(energy_system, debug=True)
            _add_integral_limits(model, integral_limits or {})
        except InfeasibleConstraintException as error:
            raise InfeasibleError(f"the problem is infeasible: {error}") from error
        except (ModelError, InfeasibleError):
            raise
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            unusual = ", ".join(unusual_numbers(energy_system, integral_limits or ()))
            hint = f"; truth values or decimals are in {unusual}" if unusual else ""
            raise ModelError(f"solph.Model does not state it, with {reason}{hint}") from error
    return model


def _add_integral_limits(model: solph.Model, limits: Mapping[str, IntegralLimit]) -> None:
    for keyword, limit in limits.items():
        if not any(keyword in flow.custom_properties for flow in model.flows.values()):
            raise ModelError(f"no flow has the custom property {keyword}, which is limited")
        lower, upper = (None if np.isinf(b) else b for b in limit_range(keyword, limit))
        if (lower, upper) != (None, None):
            solph.constraints.generic_integral_limit(
                model, keyword, lower_limit=lower, upper_limit=upper
            )


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
    ModelError
        If something in the model is not linear, or a number has too few bits to be negated.
    """
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True)
    except InfeasibleConstraintException as error:
        raise InfeasibleError(f"the problem is infeasible: {error}") from error
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ModelError(f"solph.Model holds what is no linear problem, with {reason}") from error
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
        constants[place] = variable.value if variable.fixed else _nearest_to_zero(variable)
    return Columns(positions, constants)


def _nearest_to_zero(variable: Any) -> float:
    lower, upper = variable.bounds
    return float(np.clip(0.0, -np.inf if lower is None else lower, upper))


def _contents(model: Any, column_of: Mapping[int, int]) -> dict[str, Columns]:
    """Contents of all storages at all time points; none where the time series are aggregated."""
    found: dict[str, list[Any]] = defaultdict(list)
    for name in STORAGE_BLOCKS:
        content = getattr(getattr(model, name, None), "storage_content", {})
        for (node, _), variable in content.items():
            found[str(node.label)].append(variable)
    return {label: _columns(variables, column_of) for label, variables in found.items()}


def _capacities(model: Any, blocks: Iterable[str], column_of: Mapping[int, int]) -> dict[Any, Any]:
    """New capacities in some blocks by label or labels, the last one with its period if any."""
    found: dict[Any, Columns] = {}
    for name in blocks:
        for (*nodes, p), variable in getattr(getattr(model, name, None), "invest", {}).items():
            period = "" if model.es.periods is None else f", period {p}"
            *source, target = (str(node.label) for node in nodes)
            label = target + period
            found[(*source, label) if source else label] = _columns([variable], column_of)
    return found


def _labels(
    model: Any,
    column_of: Mapping[int, int],
    row_of: Mapping[int, int],
    keywords: tuple[str, ...],
) -> Labels:
    hours = list(model.TIMESTEPS)

    def limits(side: str) -> dict[str, int]:
        rows = {k: getattr(model, f"integral_limit_{k}_{side}_limit", None) for k in keywords}
        return {k: row_of[id(row)] for k, row in rows.items() if id(row) in row_of}

    balance = getattr(model.BusBlock, "balance", {})
    return Labels(
        flow={
            labels_of((i, o)): _columns([model.flow[i, o, t] for t in hours], column_of)
            for i, o in model.FLOWS
        },
        storage_content=_contents(model, column_of),
        flow_investment=_capacities(model, FLOW_BLOCKS, column_of),
        storage_investment=_capacities(model, STORAGE_BLOCKS, column_of),
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
