"""From a solution's arrays back to the graph's own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .problem import (
    Columns,
    Edge,
    Floats,
    Labels,
    LinearProblem,
    RawSolution,
)


@dataclass(frozen=True)
class Solution:
    """An optimum in the graph's own names.

    Attributes
    ----------
    flow
        Hours by ``(source, target)`` [MW, or the unit of the flow].
    storage_content
        Content at the end of each hour by storage [MWh].
    initial_content
        Content before the first hour by storage [MWh].
    flow_investment, storage_investment
        New capacity by flow [MW] and by storage [MWh].
    bus_price
        Dual of the balance of each bus as the problem has it, hours by bus [CNY/MW]; not a
        number in hours in which nothing at the bus can change, ``None`` where the solver gives
        no duals. Positive is the cost of more demand. Of an optimum that
        :func:`~optimise.solve.optimise` finds it is a price [CNY/MWh], see
        :mod:`~optimise.energy_price`.
    limit_price
        Dual of each integral limit [CNY per unit of the limit]: what one unit less would cost;
        negative where it is the lower limit that binds.
    objective
        Value of the objective [CNY].
    gap, solver, iterations, history, method
        As in :class:`~optimise.problem.RawSolution`.
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


def extract(problem: LinearProblem, raw: RawSolution, hours: pd.Index) -> Solution:
    """Name the values of a solution.

    Parameters
    ----------
    problem
        The problem that was solved.
    raw
        What the solver returned.
    hours
        Stamps of the hours.
    """
    labels, values = problem.labels, raw.column_values
    content = _frame(labels.storage_content, values)
    flow = _frame(labels.flow, values).set_axis(hours, axis=0)
    if len(flow.columns):
        flow.columns = pd.MultiIndex.from_tuples(list(labels.flow), names=["source", "target"])
    return Solution(
        flow=flow,
        storage_content=content.iloc[1:].set_axis(hours, axis=0),
        initial_content=content.iloc[0] if len(content) else pd.Series(dtype=float),
        flow_investment={e: float(c.values(values)[0]) for e, c in labels.flow_investment.items()},
        storage_investment={
            s: float(c.values(values)[0]) for s, c in labels.storage_investment.items()
        },
        bus_price=_prices(problem, raw.row_duals, hours),
        limit_price=_limit_prices(labels, raw.row_duals),
        objective=raw.objective,
        gap=raw.gap,
        solver=raw.solver,
        iterations=raw.iterations,
        history=raw.history,
        method=raw.method,
    )


def _frame(
    columns: Mapping[str, Columns] | Mapping[Edge, Columns], values: Floats
) -> pd.DataFrame:
    if not columns:
        return pd.DataFrame()
    data = np.column_stack([c.values(values) for c in columns.values()])
    # A plain Index of the keys: pairs become tuples here, and a MultiIndex where wanted.
    return pd.DataFrame(data, columns=pd.Index(list(columns), tupleize_cols=False))


def _limit_prices(labels: Labels, duals: Floats | None) -> dict[str, float] | None:
    if duals is None:
        return None
    upper = {k: max(0.0, -float(duals[row])) for k, row in labels.integral_limit.items()}
    lower = {k: max(0.0, float(duals[row])) for k, row in labels.integral_minimum.items()}
    return {k: upper.get(k, 0.0) - lower.get(k, 0.0) for k in upper | lower}


def _prices(problem: LinearProblem, duals: Floats | None, hours: pd.Index) -> pd.DataFrame | None:
    if duals is None:
        return None
    # A balance between flows that are all fixed has no unknown: it says nothing and has no price.
    # The last one is where -1 points, which is no row.
    empty = np.append(np.bincount(problem.matrix.indices, minlength=len(duals)) == 0, True)
    told = np.where(empty, np.nan, np.append(duals, np.nan))
    prices = {bus: told[rows] for bus, rows in problem.labels.bus_balance.items()}
    return pd.DataFrame(prices, index=hours).dropna(axis=1, how="all")
