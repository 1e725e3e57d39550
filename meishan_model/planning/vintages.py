r"""Vintages: what is added in each step, how long it stands, what it costs.

A vintage :math:`a_v` is built in the step that ends in slice :math:`v` and stands in the slices
:math:`v \le y < v + L` with the lifetime in whole steps :math:`L`, as in
:mod:`meishan_model.planning.bounds`. What stands of the new build in slice :math:`y` is

.. math::  S_y = \sum_{v \le y < v + L} a_v

and it costs in each year in which it stands the annuity of the year in which it was built and the
fixed O&M of the year itself. The backcast charges the annuity of the slice's own year for all new
build of a slice; where equipment becomes cheaper that is less. To compare ways of planning, every
plan is therefore brought to vintages first (:func:`cover`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meishan_model.components.assets import Assets, AssetTable, BoundTerm
from meishan_model.finance import discount_factors, trapezoid_weights
from meishan_model.series import FloatArray

TOLERANCE = 0.01
"""By which an addition may exceed its limit [unit], of a large asset that share of it."""


@dataclass(frozen=True, eq=False)
class BuildingTerms:
    """What may be built in which step of a pathway that is not planned backwards.

    Attributes
    ----------
    table
        The assets.
    addition_limit
        What a step can leave standing at its end, 0 where nothing may be built; shape
        (years, assets) [unit].
    """

    table: AssetTable
    addition_limit: FloatArray

    @property
    def years(self) -> tuple[int, ...]:
        """Slices, ascending [a]."""
        return self.table.years

    @property
    def reserved(self) -> FloatArray:
        """Room less what is under construction and takes its place later, (years, assets)."""
        coming = np.maximum.accumulate(self.table.stock[::-1], axis=0)[::-1]
        return np.asarray(np.maximum(self.table.potential - coming, 0.0))

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Whether a vintage stands in a slice; shape (vintages, years, assets)."""
        place = np.arange(len(self.years))
        age = (place[None, :] - place[:, None])[:, :, None]
        return np.asarray((age >= 0) & (age < self.table.lifetime_steps))

    @property
    def ceiling(self) -> FloatArray:
        """Most that may stand, in use or not: the largest room of the steps that could build."""
        room = np.where(self.addition_limit > 0.0, self.table.room, 0.0)
        return np.asarray(np.maximum.accumulate(room, axis=0))

    def standing(self, additions: FloatArray) -> FloatArray:
        """What stands of the new build, shape (years, assets) [unit].

        Parameters
        ----------
        additions
            Additions a_v, shape (vintages, assets) [unit]; vintages may still be missing at the
            end.
        """
        return np.asarray(np.einsum("va,vya->ya", additions, self.stands[: len(additions)]))

    def annuities(self, additions: FloatArray) -> FloatArray:
        """Annuities of all vintages that stand, shape (years, assets) [CNY/a].

        Parameters
        ----------
        additions
            As in :meth:`standing`.
        """
        count = len(additions)
        owed = additions * self.table.annuity[:count]
        return np.asarray(np.einsum("va,vya->ya", owed, self.stands[:count]))


def building_terms(table: AssetTable) -> BuildingTerms:
    """The terms of building of a pathway that is not planned backwards.

    Slices whose stock is given build nothing, as in the backcast. What the target phases out may
    be built up to its ``last_new_build``; no bridges exist, since a vintage that is not needed any
    more stays and is paid for.

    Parameters
    ----------
    table
        The assets of the pathway.
    """
    years = np.array(table.years)[:, None]
    # What is phased out without a last year of new build is not built at all.
    last = np.where(np.isinf(table.last_new_build), table.years[0], table.last_new_build)
    may = (years > table.years[table.given_slice]) & (~table.phase_out | (years <= last))
    return BuildingTerms(table, np.where(may, table.step_budget, 0.0))


def standing_assets(
    terms: BuildingTerms, year: int, additions: FloatArray, limits: FloatArray | None = None
) -> Assets:
    """The assets of a slice in which the vintages of earlier slices stand, without bridges.

    What stands beyond the room of the year (a measure on a load that has shrunk) is out of use
    and paid for. An addition is at most its step's limit and what the reserved room leaves.

    Parameters
    ----------
    terms
        Terms of building.
    year
        The slice.
    additions
        Additions up to the slice, or to the slice before, shape (vintages, assets) [unit].
    limits
        Largest addition in this slice, shape (assets,) [unit]; none where it is left out.
    """
    table, place = terms.table, terms.years.index(year)
    whole = np.zeros((len(terms.years), len(table.asset)))
    whole[: len(additions)] = additions
    standing = terms.standing(whole)[place]
    in_use = np.minimum(standing, table.room[place])
    owed = terms.annuities(whole)[place] + (standing - in_use) * table.fixed_om[place]
    stands = [(BoundTerm("standing", year, used),) for used in in_use.tolist()]
    if limits is None:
        return table.in_slice(year, 0.0, stands, earlier=in_use, sunk_cost=owed)
    upper = np.minimum(limits, np.maximum(terms.reserved[place] - standing, 0.0))
    reasons = [
        (*why, BoundTerm("addition", year, most))
        for why, most in zip(stands, upper.tolist(), strict=True)
    ]
    return table.in_slice(year, upper, reasons, earlier=in_use, sunk_cost=owed)


def cover(terms: BuildingTerms, required: FloatArray) -> FloatArray:
    """Smallest additions, slice by slice, with which at least the required capacity stands.

    Parameters
    ----------
    terms
        Terms of building.
    required
        New build and bridges that each slice needs, shape (years, assets) [unit].

    Returns
    -------
    numpy.ndarray
        Additions a_v, shape (years, assets) [unit]. Equal to those of
        :func:`~meishan_model.planning.walk.walk_forward` where they are not negative there.
    """
    additions = np.zeros_like(required)
    for place in range(len(required)):
        standing = np.einsum("va,va->a", additions[:place], terms.stands[:place, place])
        additions[place] = np.maximum(required[place] - standing, 0.0)
    return additions


def exceeded(terms: BuildingTerms, additions: FloatArray) -> tuple[str, ...]:
    """Assets whose additions break a build rate or a potential, each with its year.

    Parameters
    ----------
    terms
        Terms of building.
    additions
        Additions, shape (years, assets) [unit].
    """
    standing = terms.standing(additions)
    slack = TOLERANCE * np.maximum(1.0, standing)
    late = (additions > terms.addition_limit + slack) | (standing > terms.ceiling + slack)
    return tuple(f"{terms.table.asset[a]} in {terms.years[y]}" for y, a in np.argwhere(late))


def present_weights(years: Sequence[int], discount_rate: float) -> FloatArray:
    r"""Present value of one CNY/a in each slice, :math:`w_y (1+r)^{-(y - y_0)}` [a].

    Parameters
    ----------
    years
        Slices, ascending [a].
    discount_rate
        r [1/a].
    """
    return np.asarray(trapezoid_weights(years) * discount_factors(years, years[0], discount_rate))
