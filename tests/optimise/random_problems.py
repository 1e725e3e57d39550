"""Random linear problems whose short rows determine columns, with an optimum by construction.

A problem is drawn as a sketch (plain data, which hypothesis can print and shrink) and made from
it: a point keeps every bound, and the cost is what duals of the right sign pay for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from meishan_model.optimise.problem import NO_LABELS, Floats, LinearProblem

Draw = Callable[[st.SearchStrategy[Any]], Any]
SHORT = 4
"""Entries of the longest row that determines a column; long rows have one more at least."""
FACTORS = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Sketch:
    """A problem as plain data; the columns are the uses, then one supply for each balance.

    Attributes
    ----------
    lower, upper, point
        Bounds of the uses, and where they are.
    supplies
        ``(pivot, constant, factors by use, lower, upper)``: the supply is the constant and the
        factors times the uses, if that keeps its bounds, and `pivot` its coefficient.
    rows
        ``(kind, coefficients)`` of further rows, over all columns or fewer.
    row_duals, reduced_costs
        Of all rows (balances first) and columns, before they are given the sign of their bound.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    point: tuple[float, ...]
    supplies: tuple[tuple[float, float, dict[int, float], float, float], ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    row_duals: tuple[float, ...]
    reduced_costs: tuple[float, ...]


def made(sketch: Sketch) -> LinearProblem:
    """The problem of a sketch."""
    uses, supplies = len(sketch.lower), len(sketch.supplies)
    point = np.concatenate([sketch.point, np.zeros(supplies)])
    matrix = np.zeros((supplies + len(sketch.rows), uses + supplies))
    for row, (pivot, constant, factors, lower, upper) in enumerate(sketch.supplies):
        matrix[row, uses + row] = pivot
        for use, factor in factors.items():
            matrix[row, use] = -pivot * factor
        made_of = constant + sum(factor * point[use] for use, factor in factors.items())
        point[uses + row] = min(max(made_of, lower), upper)
    for row, (_, coefficients) in enumerate(sketch.rows, start=supplies):
        matrix[row, : len(coefficients)] = coefficients
    kinds = np.array(["equal"] * supplies + [kind for kind, _ in sketch.rows])
    value = matrix @ point
    row_lower = np.where(kinds == "at most", -np.inf, value)
    row_upper = np.where(kinds == "at least", np.inf, value)
    lower = np.array([*sketch.lower, *(s[3] for s in sketch.supplies)])
    upper = np.array([*sketch.upper, *(s[4] for s in sketch.supplies)])
    row_duals = _signed(np.array(sketch.row_duals), row_lower, row_upper)
    cost = matrix.T @ row_duals + _signed(np.array(sketch.reduced_costs), lower, upper)
    return LinearProblem(
        matrix=sp.csc_array(matrix),
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=lower,
        column_upper=upper,
        cost=cost,
        cost_offset=1.5,
        integer=np.zeros(len(cost), dtype=bool),
        labels=NO_LABELS,
    )


def _signed(duals: Floats, lower: Floats, upper: Floats) -> Floats:
    """A dual is positive only at a lower bound, and negative only at an upper one."""
    there = np.where(np.isfinite(lower), duals, -np.abs(duals))
    return np.where(np.isfinite(upper), there, np.abs(there))


@st.composite
def sketches(draw: Draw) -> Sketch:
    """Four or five uses, one to three supplies, most of which may be left out."""

    def one_of(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    def several(count: int, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(draw(st.lists(st.sampled_from(values), min_size=count, max_size=count)))

    uses = draw(st.integers(SHORT, SHORT + 1))
    lower = several(uses, (0.0,) * 9 + (-2.0,))
    width, share = several(uses, (1.0, 4.0, 10.0)), several(uses, (0.0, 0.25, 0.5, 1.0))
    supplies = []
    for _ in range(draw(st.integers(1, 3))):
        chosen = draw(st.sets(st.integers(0, uses - 1), min_size=1, max_size=SHORT - 1))
        # A use that feeds, a constant that takes and bounds of its own keep a supply.
        factors = {use: one_of(*FACTORS * 4, -1.0) for use in sorted(chosen)}
        constant = one_of(*(0.0, 2.0) * 5, -2.0)
        bounds = one_of(*(0.0,) * 9, 1.0), one_of(*(np.inf,) * 9, 8.0)
        supplies.append((one_of(1.0, -1.0, 0.5), constant, factors, *bounds))
    columns = uses + len(supplies)
    kinds = ("equal", "at most", "at least")
    long = [several(columns, (*FACTORS, -1.0)) for _ in range(draw(st.integers(1, 2)))]
    more = [several(SHORT - 1, (*FACTORS, -1.0, 0.0)) for _ in range(draw(st.integers(0, 2)))]
    rows = [(one_of(*kinds), coefficients) for coefficients in (*long, *more)]
    prices = (0.0, 1.0, -1.0, 5.0, -5.0)
    return Sketch(
        lower=lower,
        upper=tuple(a + b for a, b in zip(lower, width, strict=True)),
        point=tuple(a + b * c for a, b, c in zip(lower, width, share, strict=True)),
        supplies=tuple(supplies),
        rows=tuple(rows),
        row_duals=several(len(supplies) + len(rows), prices),
        reduced_costs=several(columns, prices),
    )
