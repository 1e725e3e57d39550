"""Bounds of one asset in a table: asked for, handed on, walked back and proven forwards."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from meishan_model.components.assets import AssetTable
from meishan_model.planning.bounds import bounds
from meishan_model.planning.walk import check_walk, walk_forward
from meishan_model.results.wording import reason


class Bound(NamedTuple):
    """Bounds of the one asset of a table."""

    lower: float
    upper: float
    reason: str
    later: float | None


def slices(steps: int) -> tuple[int, ...]:
    return tuple(range(2020, 2020 + 5 * steps + 1, 5))


def bound(table: AssetTable, year: int, place: int = 0) -> Bound:
    """Bounds of an asset in a slice, and the new build of the slice after it as handed on."""
    found = bounds(table, year)
    terms = found.terms[place]
    later = next((t.amount for t in terms if t.kind == "later"), None)
    sentence = reason(terms, table.unit[place])
    return Bound(float(found.lower[place]), float(found.upper[place]), sentence, later)


def target(table: AssetTable) -> Bound:
    return bound(table, table.years[-1])


def built(table: AssetTable, year: int, *amounts: float) -> AssetTable:
    """The table with the new build of a slice."""
    return table.solved(year, dict(zip(table.asset, amounts, strict=True)))


def choose(table: AssetTable, shares: list[float]) -> list[float]:
    """Walk the chain back, in each slice at the given share of its interval; n_0..n_K."""
    chosen: list[float] = []
    for year, share in zip(table.years[::-1], shares, strict=True):
        lower, upper, _, later = bound(table, year)
        assert 0.0 <= lower <= upper
        if later is not None:
            chosen.append(later)
            assert upper <= later
        top = min(upper, lower + 500.0)  # a point inside, also of an unlimited interval
        table = built(table, year, lower + share * (top - lower))
    assert (lower, upper) == (0.0, 0.0)
    return [0.0, *chosen[::-1]]


def prove(years: tuple[int, ...], n: list[float], lifetime: float, rate: float) -> None:
    """Walk forward and check additions, build rate and vintages."""
    table = pd.DataFrame({"asset": n}, index=list(years))
    walk = walk_forward(table, pd.Series({"asset": lifetime}), pd.Series({"asset": rate}))
    check_walk(walk, table)
