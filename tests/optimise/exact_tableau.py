"""The simplex method on fractions, with a proof of each of its answers.

Some variables are basic at any time, and each of them is a sum of multiples of the others, which
stand at one of their bounds (Dutertre and de Moura 2006, doi:10.1007/11817963_11). Among several
choices the variable with the lowest number is taken, so that the method ends (Bland 1977,
doi:10.1287/moor.2.2.103).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Self, TypeAlias

import numpy as np

Terms: TypeAlias = dict[int, Fraction]
"""Coefficient by variable."""
Bound: TypeAlias = Fraction | None
"""``None`` where there is none."""
ZERO, ONE = Fraction(0), Fraction(1)


class UnboundedError(Exception):
    """What is minimised falls without limit."""


class Tableau:
    """Rows of a problem, solved for its basic variables.

    Attributes
    ----------
    columns
        Number of columns; they are the first variables.
    definition
        Terms in the columns of each further variable, as stated.
    lower, upper, value
        Of each variable.
    rows
        Each basic variable in terms of the others.
    """

    def __init__(self, lower: Collection[Bound], upper: Collection[Bound]) -> None:
        self.columns = len(lower)
        self.lower, self.upper = list(lower), list(upper)
        self.value = [_start(*bounds) for bounds in zip(lower, upper, strict=True)]
        self.definition: list[Terms] = []
        self.rows: dict[int, Terms] = {}
        self._uses: dict[int, set[int]] = {j: set() for j in range(self.columns)}

    def copy(self) -> Self:
        """One more with the same rows, whose bounds and basis are its own."""
        other = object.__new__(type(self))
        other.columns, other.definition = self.columns, list(self.definition)
        other.lower, other.upper = list(self.lower), list(self.upper)
        other.value = list(self.value)
        other.rows = {b: dict(row) for b, row in self.rows.items()}
        other._uses = {j: set(used) for j, used in self._uses.items()}
        return other

    def add(self, terms: Mapping[int, Fraction], lower: Bound, upper: Bound) -> int:
        """Add a sum of columns as a basic variable; its number is returned."""
        new = len(self.value)
        self.definition.append(dict(terms))
        row: Terms = {}
        for j, factor in terms.items():
            add_to(row, self.rows.get(j, {j: ONE}), factor)
        self.rows[new] = row
        for k in row:
            self._uses[k].add(new)
        self.lower.append(lower)
        self.upper.append(upper)
        self.value.append(self._sum(row))
        return new

    def limit(self, j: int, lower: Bound, upper: Bound) -> None:
        """Set the bounds of a variable."""
        self.lower[j], self.upper[j] = lower, upper
        if j not in self.rows and not self._below(j) <= 0 <= self._above(j):
            self._shift(j, _start(lower, upper) - self.value[j])

    def _sum(self, row: Terms) -> Fraction:
        return sum((c * self.value[k] for k, c in row.items()), ZERO)

    def _below(self, j: int) -> Fraction | float:
        """How far the lower bound is from the value, zero or less where it is kept."""
        bound = self.lower[j]
        return -np.inf if bound is None else bound - self.value[j]

    def _above(self, j: int) -> Fraction | float:
        """How far the upper bound is from the value, zero or more where it is kept."""
        bound = self.upper[j]
        return np.inf if bound is None else bound - self.value[j]

    def _shift(self, j: int, by: Fraction) -> None:
        self.value[j] += by
        for b in self._uses[j]:
            self.value[b] += self.rows[b][j] * by

    def _exchange(self, leaving: int, entering: int) -> None:
        """Make one variable basic in place of another; all values stay."""
        row = self.rows.pop(leaving)
        for k in row:
            self._uses[k].remove(leaving)
        factor = 1 / row.pop(entering)
        solved = {k: -factor * c for k, c in row.items()}
        solved[leaving] = factor
        users = self._uses.pop(entering)
        self._uses[leaving] = set()
        for b in users:
            old = self.rows[b]
            add_to(old, solved, old.pop(entering))
            for k in solved:
                (self._uses[k].add if k in old else self._uses[k].discard)(b)
        self.rows[entering] = solved
        for k in solved:
            self._uses[k].add(entering)

    def start_from(self, basic: Collection[int], at_upper: Collection[int]) -> None:
        """Take over a basis, as far as it is one."""
        entering = {j for j in basic if j not in self.rows}
        leaving = {j for j in self.rows if j not in basic}
        while True:
            pairs = (
                ((len(self.rows[b]) - 1) * (len(self._uses[j]) - 1), b, j)
                for j in entering
                for b in self._uses[j] & leaving
            )
            _, b, j = min(pairs, default=(0, -1, -1))  # the one that fills the rows least
            if b < 0:
                break
            self._exchange(b, j)
            entering.remove(j)
            leaving.remove(b)
        for j in self._uses:
            upper = self.upper[j] if j in at_upper else None
            self.value[j] = _start(self.lower[j], self.upper[j]) if upper is None else upper
        for b, row in self.rows.items():
            self.value[b] = self._sum(row)

    def repair(self) -> bool:
        """Find values within all bounds; if there are none, prove it and return False."""
        for j in range(len(self.value)):
            low, high = self.lower[j], self.upper[j]
            if low is not None and high is not None and low > high:
                return False
        while True:
            broken = [b for b in self.rows if not self._below(b) <= 0 <= self._above(b)]
            if not broken:
                return True
            b = min(broken)
            by = Fraction(max(self._below(b), 0) or self._above(b))
            able = (k for k, c in self.rows[b].items() if self._can_move(k, c if by > 0 else -c))
            j = min(able, default=-1)
            if j < 0:
                self._prove_infeasible(b)
                return False
            self._shift(j, by / self.rows[b][j])
            self._exchange(b, j)

    def _can_move(self, j: int, direction: Fraction) -> bool:
        return self._above(j) > 0 if direction > 0 else self._below(j) < 0

    def minimise(self, target: int) -> None:
        """From values within all bounds, find those of the least value of a basic variable.

        Raises
        ------
        UnboundedError
            If there is no least value, which is proven.
        """
        while True:
            better = (k for k, c in self.rows[target].items() if self._can_move(k, -c))
            j = min(better, default=-1)
            if j < 0:
                self._prove_least(target)
                return
            sign = -1 if self.rows[target][j] > 0 else 1
            steps = [(self._room(j, sign), -1)]
            steps += [
                (self._room(b, rate) / abs(rate), b)
                for b in self._uses[j]
                if (rate := sign * self.rows[b][j])
            ]
            step, b = min(steps)
            if step == np.inf:
                self._prove_unbounded(target, j, sign)
                raise UnboundedError
            self._shift(j, sign * Fraction(step))
            if b >= 0:
                self._exchange(b, j)

    def _room(self, j: int, direction: Fraction | int) -> Fraction | float:
        return self._above(j) if direction > 0 else -self._below(j)

    def _in_columns(self, terms: Mapping[int, Fraction]) -> Terms:
        """The same sum in terms of the columns, by the definitions as stated."""
        found: Terms = {}
        for k, factor in terms.items():
            stated = {k: ONE} if k < self.columns else self.definition[k - self.columns]
            add_to(found, stated, factor)
        return found

    def _prove_feasible(self) -> None:
        for j in range(len(self.value)):
            assert j < self.columns or self.value[j] == self._sum(self._in_columns({j: ONE}))
            assert self._below(j) <= 0 <= self._above(j), f"variable {j} is beyond its bound"

    def _prove_least(self, target: int) -> None:
        self._prove_feasible()
        duals = self.rows[target]
        assert self._in_columns(duals) == self._in_columns({target: ONE}), "no duals of the target"
        for k, dual in duals.items():
            assert (self._below(k) if dual > 0 else self._above(k)) == 0, f"dual of {k} is wrong"

    def _prove_infeasible(self, b: int) -> None:
        row = self.rows[b]
        assert self._in_columns(row) == self._in_columns({b: ONE}), "no sum of rows"
        for sign, bound in ((1, self.upper[b]), (-1, self.lower[b])):
            ends = [
                (c, end)
                for k, c in row.items()
                if (end := self.lower[k] if sign * c > 0 else self.upper[k]) is not None
            ]
            if bound is not None and len(ends) == len(row):
                least = sum((c * end for c, end in ends), ZERO)
                if sign * (least - bound) > 0:
                    return
        raise AssertionError(f"variable {b} need not break its bounds")

    def _prove_unbounded(self, target: int, j: int, sign: int) -> None:
        self._prove_feasible()
        ray = {b: sign * self.rows[b][j] for b in self._uses[j]} | {j: Fraction(sign)}
        in_columns = [ray.get(k, ZERO) for k in range(self.columns)]
        for k in range(len(self.value)):
            rate = sum((c * in_columns[i] for i, c in self._in_columns({k: ONE}).items()), ZERO)
            assert rate == ray.get(k, ZERO), "no ray"
            assert not rate or self._room(k, rate) == np.inf, f"the ray leaves the bounds of {k}"
        assert ray[target] < 0, "the ray does not fall"


def _start(lower: Bound, upper: Bound) -> Fraction:
    return lower if lower is not None else upper if upper is not None else ZERO


def add_to(row: Terms, terms: Mapping[int, Fraction], factor: Fraction) -> None:
    """Add a multiple of some terms to a row; zeros are left out."""
    for k, c in terms.items():
        new = row.get(k, ZERO) + factor * c
        if new:
            row[k] = new
        else:
            row.pop(k, None)
