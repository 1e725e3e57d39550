"""From a solution's arrays back to the graph's own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from .dataset import as_dataset
from .errors import ModelError
from .frames import EnergySystemFrames
from .problem import Columns, Edge, Floats, Labels, LinearProblem, Name, RawSolution

K = TypeVar("K", bound=Name)
ROUNDED = 1e-7
"""A reduced cost below this share of its terms is zero: no solver knows it better [-]."""


@dataclass(frozen=True)
class Solution:
    """An optimum in the graph's own names.

    The units are those of the energy system: ``[power]`` of flows, ``[energy]`` of contents,
    ``[cost]`` of the objective.

    Attributes
    ----------
    flow
        Time steps by ``(source, target)`` [power].
    storage_content
        Content at the end of each step by storage [energy]; none of aggregated time series.
    initial_content
        Content before the first step by storage [energy].
    flow_investment, storage_investment
        New capacity by flow [power] and by storage [energy].
    bus_price
        Price of energy at each bus, steps by bus [cost/energy]: what one unit more of demand would
        cost, see :mod:`~optimise.energy_price`. Buses without a price are left out; ``None`` where
        the solver gives no duals. Of :func:`extract` it is the dual of the balance
        [cost/power], not a number in steps in which nothing at the bus can change.
    limit_price
        Dual of each integral limit [cost per unit of the limit]: what one unit less would cost;
        negative where it is the lower limit that binds.
    objective
        Value of the objective [cost].
    gap, solver, iterations, history, method
        As in :class:`~optimise.problem.RawSolution`.
    flow_investment_reduced_cost, storage_investment_reduced_cost
        What one unit more of each new capacity would add to the objective [cost per unit]: zero
        between its bounds, positive at the lower and negative at the upper one, and what the
        objective changes by with one unit more of that bound. ``None`` where the solver gives no
        duals.
    row_dual
        Duals of the rows that :meth:`optimise.Model.add_rows` added, and of those added to the
        linopy model, by their name: what one unit more of the right-hand side would add to the
        objective [cost per unit of the row]. By time step where there is a row for each, else by
        position; not a number where there is no row. ``None`` where the solver gives no duals.
    further
        Values of further variables by their name in oemof.solph, each by node or flow.
    frames
        Gives :meth:`frame`; holds the energy system.
    """

    flow: pd.DataFrame
    storage_content: pd.DataFrame
    initial_content: pd.Series[float]
    flow_investment: Mapping[Edge, float]
    storage_investment: Mapping[str, float]
    bus_price: pd.DataFrame | None
    limit_price: Mapping[str, float] | None
    objective: float
    gap: float
    solver: str
    iterations: int
    history: tuple[str, ...]
    method: str = ""
    flow_investment_reduced_cost: Mapping[Edge, float] | None = None
    storage_investment_reduced_cost: Mapping[str, float] | None = None
    row_dual: Mapping[str, pd.Series[float]] | None = None
    further: Mapping[str, Mapping[Name, Floats]] = field(default_factory=dict)
    frames: EnergySystemFrames | None = field(default=None, repr=False, compare=False)

    def keys(self) -> tuple[str, ...]:
        """Names of the frames that :meth:`frame` gives of this energy system."""
        return self._frames.keys(self)

    def frame(self, key: str) -> pd.DataFrame:
        """A variable of the energy system as ``solph.Results`` gives it, by the same key.

        Columns are nodes or pairs of nodes, the index is that of the energy system, and 0 for what
        holds for all steps.

        =====================  ===================================================================
        ``flow``               every flow [power]
        ``storage_content``    content at each time point [energy]
        ``storage_losses``     losses in each step of storages whose capacity is given [energy]
        ``invest``, ``total``  new capacity, and with what exists, of flows and storages
        ``invest_status``      1 where an investment that is not convex is made, else 0
        ``integer_flow``       flows that are whole numbers
        ``variable_costs``     flow times variable costs, without the length of the step
        ``investment_costs``   ``ep_costs`` times new capacity plus ``offset``, made or not
        =====================  ===================================================================

        and whatever other variables the backend has named, such as ``inter_storage_content`` of
        aggregated time series, the content before each original period and after the last one.
        ``positive_gradient`` and
        ``negative_gradient`` are left out: in solph they are free between the change of the flow
        and its limit, so that the optimum does not determine them.

        Parameters
        ----------
        key
            One of :meth:`keys`.

        Raises
        ------
        ModelError
            If there is no such frame.
        """
        return self._frames.frame(self, key)

    @property
    def _frames(self) -> EnergySystemFrames:
        if self.frames is None:
            raise ModelError("this solution has no energy system; take one of Model.solve")
        return self.frames

    def to_xarray(self) -> xr.Dataset:
        """All values as one dataset.

        Variables have the names of the attributes. Flows, new capacities of flows and their
        reduced costs are by ``edge`` with the coordinates ``source`` and ``target``, not a number
        where nothing can be built; those of storages by ``storage``; prices by ``bus``, duals of
        limits by ``limit``, those of own rows by ``row`` with the coordinates ``row_name`` and
        ``row_position``. Further variables have the names that they have in solph, such as
        ``status`` of flows by ``edge``, with ``storage_`` or ``node_`` at the front those of
        storages and other nodes. What the solver does not give is left out. Attributes are
        ``objective``, ``gap``, ``solver``, ``method``, ``iterations`` and ``history``.
        """
        return as_dataset(self)


def extract(problem: LinearProblem, raw: RawSolution, index: pd.Index) -> Solution:
    """Name the values of a solution.

    Parameters
    ----------
    problem
        The problem that was solved.
    raw
        What the solver returned.
    index
        Stamps of the time steps.
    """
    labels, values = problem.labels, raw.column_values
    content = _frame(labels.storage_content, values)
    flow = _frame(labels.flow, values).set_axis(index, axis=0)
    if len(flow.columns):
        flow.columns = pd.MultiIndex.from_tuples(list(labels.flow), names=["source", "target"])
    return Solution(
        flow=flow,
        storage_content=content.iloc[1:].set_axis(index, axis=0),
        initial_content=content.iloc[0] if len(content) else pd.Series(dtype=float),
        flow_investment=_capacities(labels.flow_investment, values),
        storage_investment=_capacities(labels.storage_investment, values),
        bus_price=_prices(problem, raw.row_duals, index),
        limit_price=_limit_prices(labels, raw.row_duals),
        objective=raw.objective,
        gap=raw.gap,
        solver=raw.solver,
        iterations=raw.iterations,
        history=raw.history,
        method=raw.method,
        flow_investment_reduced_cost=_reduced_costs(problem, labels.flow_investment, raw),
        storage_investment_reduced_cost=_reduced_costs(problem, labels.storage_investment, raw),
        row_dual=_row_duals(labels, raw.row_duals, index),
        further={
            key: {name: columns.values(values) for name, columns in group.items()}
            for key, group in labels.further.items()
        },
    )


def _frame(
    columns: Mapping[str, Columns] | Mapping[Edge, Columns], values: Floats
) -> pd.DataFrame:
    if not columns:
        return pd.DataFrame()
    data = np.column_stack([c.values(values) for c in columns.values()])
    # A plain Index of the keys: pairs become tuples here, and a MultiIndex where wanted.
    return pd.DataFrame(data, columns=pd.Index(list(columns), tupleize_cols=False))


def _capacities(columns: Mapping[K, Columns], values: Floats) -> dict[K, float]:
    return {name: float(c.values(values)[0]) for name, c in columns.items()}


def _reduced_costs(
    problem: LinearProblem, capacities: Mapping[K, Columns], raw: RawSolution
) -> dict[K, float] | None:
    r"""Reduced costs of new capacities as far as their bounds are concerned.

    .. math::  d_j = c_j - \sum_i a_{ij} y_i

    without the rows that are bounds of the capacity once the integers are held, as they are for
    the duals: those of an investment that is made or not. Where it is not made its bounds do not
    count, so that the reduced cost is zero. So is what is within the error of the terms.
    """
    if raw.row_duals is None:
        return None
    columns = np.array([c.positions[0] for c in capacities.values()], dtype=np.int64)
    matrix, cost = problem.matrix[:, columns], problem.cost[columns]
    bounds, held_at = _bounds_by_integers(problem, raw.column_values)
    worth = np.where(bounds & (held_at != 0.0), 0.0, raw.row_duals)
    reduced = cost - matrix.T @ worth
    terms = np.abs(cost) + abs(matrix).T @ np.abs(worth)
    size = abs(matrix[bounds])
    not_made = (size.sum(axis=0) > 0) & (size.T @ np.abs(held_at[bounds]) == 0.0)
    # A capacity that stands in no row and costs nothing may have no column.
    nothing = (columns < 0) | (np.abs(reduced) <= ROUNDED * terms) | not_made
    shown = np.where(nothing, 0.0, reduced).tolist()
    return dict(zip(capacities, shown, strict=True))


def _bounds_by_integers(
    problem: LinearProblem, values: Floats
) -> tuple[NDArray[np.bool_], Floats]:
    """Rows with integers and one other column, and the sum of the integers in each row."""
    rows = problem.matrix.shape[0]
    if not problem.is_mixed_integer:
        return np.zeros(rows, dtype=bool), np.zeros(rows)
    whole = problem.integer.astype(float)
    there = (problem.matrix != 0).astype(float)
    bounds = (there @ (1.0 - whole) == 1.0) & (there @ whole > 0.0)
    return bounds, problem.matrix @ (whole * np.round(values))


def _row_duals(
    labels: Labels, duals: Floats | None, index: pd.Index
) -> dict[str, pd.Series[float]] | None:
    if duals is None:
        return None
    shown = np.append(duals, np.nan)
    return {
        name: pd.Series(
            shown[rows],
            index=index if len(rows) == len(index) else pd.RangeIndex(len(rows)),
            name=name,
        )
        for name, rows in labels.own_rows.items()
    }


def _limit_prices(labels: Labels, duals: Floats | None) -> dict[str, float] | None:
    if duals is None:
        return None
    upper = {k: max(0.0, -float(duals[row])) for k, row in labels.integral_limit.items()}
    lower = {k: max(0.0, float(duals[row])) for k, row in labels.integral_minimum.items()}
    return {k: upper.get(k, 0.0) - lower.get(k, 0.0) for k in upper | lower}


def _prices(problem: LinearProblem, duals: Floats | None, index: pd.Index) -> pd.DataFrame | None:
    if duals is None:
        return None
    # A balance between flows that are all fixed has no unknown: it says nothing and has no price.
    # The last one is where -1 points, which is no row.
    empty = np.append(np.bincount(problem.matrix.indices, minlength=len(duals)) == 0, True)
    shown = np.where(empty, np.nan, np.append(duals, np.nan))
    prices = {bus: shown[rows] for bus, rows in problem.labels.bus_balance.items()}
    return pd.DataFrame(prices, index=index).dropna(axis=1, how="all")
