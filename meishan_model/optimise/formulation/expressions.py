"""Rows of a linopy model from arrays of column labels and coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..errors import InfeasibleError, ModelError
from .reading import Floats

if TYPE_CHECKING:
    import linopy

Labels = NDArray[np.int64]
TOLERANCE = 1e-9
"""Below this a row without unknowns is true [unit of the row, relative to its bound above one]."""


class FalseRowError(InfeasibleError):
    """Rows without unknowns that are false.

    Attributes
    ----------
    name
        Name of the rows.
    steps
        Time steps in which they are false.
    missing
        What is missing in each: positive is too little, negative too much.
    """

    def __init__(self, name: str, steps: Labels, missing: Floats) -> None:
        self.name, self.steps, self.missing = name, steps, missing
        super().__init__(
            f"{name} cannot hold: nothing can change it in {len(steps)} time steps, "
            f"first in step {int(steps[0])}, by {abs(float(missing[0])):g}"
        )


@dataclass(frozen=True, eq=False)
class Expression:
    """Linear expressions, one a row: ``sum of coefficients * unknowns + constant``.

    They add, subtract and are multiplied by numbers or by one factor a row.

    Attributes
    ----------
    labels
        Label of the unknown of each term, shape (rows, terms); -1 where there is none.
    coefficients
        Its coefficient, of the same shape.
    constant
        Shape (rows,).
    """

    labels: Labels
    coefficients: Floats
    constant: Floats

    __array_ufunc__ = None  # an array times an expression is left to the expression

    @staticmethod
    def join(parts: list[Expression]) -> Expression:
        """The sum of several expressions of as many rows."""
        return Expression(
            np.concatenate([p.labels for p in parts], axis=1),
            np.concatenate([p.coefficients for p in parts], axis=1),
            np.sum([p.constant for p in parts], axis=0),
        )

    def times(self, factor: Floats | float) -> Expression:
        """Every row times its factor, shape (rows,) or a scalar."""
        factors = np.broadcast_to(np.asarray(factor, dtype=float), self.constant.shape)
        return Expression(
            self.labels, self.coefficients * factors[:, None], self.constant * factors
        )

    def total(self) -> Expression:
        """The sum of all rows, as one row."""
        return Expression(
            self.labels.reshape(1, -1),
            self.coefficients.reshape(1, -1),
            np.array([self.constant.sum()]),
        )

    def __add__(self, other: Expression) -> Expression:
        """The sum of two expressions of as many rows."""
        return Expression.join([self, other])

    def __sub__(self, other: Expression) -> Expression:
        """The difference of two expressions of as many rows."""
        return Expression.join([self, other.times(-1.0)])

    def __mul__(self, factor: Floats | float) -> Expression:
        """Every row times its factor."""
        return self.times(factor)

    __rmul__ = __mul__

    def take(self, rows: NDArray[np.bool_]) -> Expression:
        """Some of the rows."""
        return Expression(self.labels[rows], self.coefficients[rows], self.constant[rows])


def unknown(labels: Labels | int, rows: int, coefficient: Floats | float = 1.0) -> Expression:
    """One unknown in each row; a scalar label stands in all of them."""
    column = np.broadcast_to(np.asarray(labels, dtype=np.int64), (rows,))
    factor = np.broadcast_to(np.asarray(coefficient, dtype=float), (rows,))
    return Expression(column[:, None], factor[:, None], np.zeros(rows))


def add_rows(
    model: linopy.Model, name: str, terms: Expression, sign: str, bound: Floats | float
) -> Labels:
    """Add the rows ``terms (sign) bound`` and return their labels, -1 where there is none.

    A row whose unknowns have all been pinned is no row: it is true or the graph is infeasible.

    Parameters
    ----------
    model
        The linopy model.
    name
        Name of the rows, unique in the model.
    terms
        Left-hand side.
    sign
        ``=``, ``<=`` or ``>=``.
    bound
        Right-hand side, shape (rows,) or a scalar.

    Raises
    ------
    FalseRowError
        If rows without unknowns are false.
    ModelError
        If a coefficient or a bound is not a number.
    """
    count = len(terms.constant)
    right = np.broadcast_to(np.asarray(bound, dtype=float), (count,)) - terms.constant
    if np.isnan(right).any() or np.isnan(terms.coefficients).any():
        raise ModelError(f"{name} holds what is not a number; linopy would drop it")
    alive = ((terms.labels >= 0) & (terms.coefficients != 0)).any(axis=1)
    scale = np.maximum(1.0, np.abs(right + terms.constant))
    _refuse_false(name, right[~alive], TOLERANCE * scale[~alive], sign, np.flatnonzero(~alive))
    labels = np.full(count, -1, dtype=np.int64)
    open_bound = (sign == "<=") & np.isposinf(right) | (sign == ">=") & np.isneginf(right)
    alive &= ~open_bound
    if not alive.any():
        return labels
    import linopy

    row = np.flatnonzero(alive)
    data = xr.Dataset(
        {
            "coeffs": (("row", "_term"), terms.coefficients[row]),
            "vars": (("row", "_term"), terms.labels[row]),
            "const": ("row", np.zeros(len(row))),
        },
        coords={"row": row},
    )
    right_side = xr.DataArray(right[row], dims="row", coords={"row": row})
    left = linopy.LinearExpression(data, model)
    constraint = model.add_constraints(left, sign, right_side, name=name)
    labels[row] = constraint.labels.to_numpy()
    return labels


def _refuse_false(
    name: str, right: Floats, slack: Floats, sign: str, rows: NDArray[np.int64]
) -> None:
    false = (sign != ">=") & (right < -slack) | (sign != "<=") & (right > slack)
    if false.any():
        raise FalseRowError(name, rows[false], right[false])
