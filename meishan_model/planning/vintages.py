r"""Vintages: what is added in each step, how long it stands, what it costs.

A vintage :math:`a_v` is built in the step that ends in slice :math:`v` and stands in the slices
:math:`v \le y < v + L` with the lifetime in whole steps :math:`L`, as in
:mod:`meishan_model.planning.chain`. What stands of the new build in slice :math:`y` is

.. math::  S_y = \sum_{v \le y < v + L} a_v

and it costs in each year in which it stands the annuity of the year in which it was built and the
fixed O&M of the year itself. The backcast charges the annuity of the slice's own year for all new
build of a slice; where equipment becomes cheaper that is less. To compare ways of planning, every
plan is therefore brought to vintages first (:func:`cover`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meishan_model.accounts.finance import discount_factors, trapezoid_weights
from meishan_model.components.assets import AssetBounds, Assets
from meishan_model.optimise import SolverName
from meishan_model.optimise.problem import Floats
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.chain import lifetime_in_steps, room_for_new_build, step_budget
from meishan_model.planning.project import Project
from meishan_model.planning.slice_assets import Candidate, chain_inputs, slice_assets
from meishan_model.planning.solve_slice import SliceTask
from meishan_model.sheets.records import SliceInputs


@dataclass(frozen=True)
class BuildingTerms:
    """What may be built in which step, how long it stands and what it costs.

    Attributes
    ----------
    years
        Slices, ascending [a].
    assets
        Names of the assets.
    lifetime_steps
        Lifetime in whole steps, at least 1; shape (assets,).
    addition_limit
        What a step can leave standing at its end, 0 where nothing may be built; shape
        (years, assets) [unit].
    room
        Potential less surviving stock; shape (years, assets) [unit].
    reserved
        As ``room``, less what is under construction and takes its place later.
    annuity, fixed_om
        Yearly cost of a unit built, and of a unit standing, in the year; shape (years, assets)
        [CNY/(unit*a)].
    """

    years: tuple[int, ...]
    assets: tuple[str, ...]
    lifetime_steps: NDArray[np.int64]
    addition_limit: Floats
    room: Floats
    reserved: Floats
    annuity: Floats
    fixed_om: Floats

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Whether a vintage stands in a slice; shape (vintages, years, assets)."""
        place = np.arange(len(self.years))
        age = (place[None, :] - place[:, None])[:, :, None]
        return np.asarray((age >= 0) & (age < self.lifetime_steps))

    @property
    def ceiling(self) -> Floats:
        """Most that may stand, in use or not: the largest room of the steps that could build."""
        room = np.where(self.addition_limit > 0.0, self.room, 0.0)
        return np.asarray(np.maximum.accumulate(room, axis=0))

    def standing(self, additions: Floats) -> Floats:
        """What stands of the new build, shape (years, assets) [unit].

        Parameters
        ----------
        additions
            Additions a_v, shape (vintages, assets) [unit]; vintages may still be missing at the
            end.
        """
        return np.asarray(np.einsum("va,vya->ya", additions, self.stands[: len(additions)]))

    def annuities(self, additions: Floats) -> Floats:
        """Annuities of all vintages that stand, shape (years, assets) [CNY/a].

        Parameters
        ----------
        additions
            As in :meth:`standing`.
        """
        count = len(additions)
        owed = additions * self.annuity[:count]
        return np.asarray(np.einsum("va,vya->ya", owed, self.stands[:count]))


def building_terms(slices: Mapping[int, SliceInputs]) -> BuildingTerms:
    """The terms of building of a pathway that is not planned backwards.

    The first slice holds existing stock only, as in the backcast. What the target phases out may
    be built up to its ``last_new_build``; no bridges exist, since a vintage that is not needed any
    more stays and is paid for.

    Parameters
    ----------
    slices
        Inputs of every slice of the pathway, by year.

    Raises
    ------
    InputError
        If an asset has no potential, or stock of a technology has no lifetime.
    """
    years = tuple(sorted(slices))
    candidates = chain_inputs(slices)
    step = years[1] - years[0] if len(years) > 1 else 1
    bounds = [stock_only(slices, year).by_name for year in years]
    stock = np.array([c.stock for c in candidates]).T
    potential = np.array([c.potential for c in candidates]).T
    # The largest stock from the year on: plants under construction keep their place free.
    coming = np.maximum.accumulate(stock[::-1], axis=0)[::-1]

    def by_year(name: str) -> Floats:
        return np.array([[getattr(b[c.asset], name) for c in candidates] for b in bounds])

    return BuildingTerms(
        years=years,
        assets=tuple(c.asset for c in candidates),
        lifetime_steps=np.array(
            [max(1, lifetime_in_steps(c.lifetime, step, len(years) - 1)) for c in candidates]
        ),
        addition_limit=np.array([_step_limits(c, years, step) for c in candidates]).T,
        room=room_for_new_build(potential, stock),
        reserved=room_for_new_build(potential, coming),
        annuity=by_year("annuity"),
        fixed_om=by_year("fixed_om"),
    )


def _step_limits(candidate: Candidate, years: Sequence[int], step: int) -> list[float]:
    most = float(step_budget(candidate.build_rate, candidate.lifetime, step))
    last = candidate.last_new_build if candidate.phase_out else None
    ended = years[0] if candidate.phase_out and last is None else last
    return [
        most if year > years[0] and (ended is None or year <= ended) else 0.0 for year in years
    ]


def nothing_built(slices: Mapping[int, SliceInputs]) -> dict[int, Mapping[str, float]]:
    """New build of every slice where no slice builds anything."""
    return {year: defaultdict(float) for year in slices}


def stock_only(slices: Mapping[int, SliceInputs], year: int) -> Assets:
    """Stock and costs of every asset in a slice, with no new build and no bridges.

    Parameters
    ----------
    slices
        Inputs of every slice of the pathway, by year.
    year
        The slice.
    """
    assets = slice_assets(slices, year, nothing_built(slices)).by_name
    return Assets({name: with_earlier_build(asset) for name, asset in assets.items()})


def with_earlier_build(
    asset: AssetBounds, earlier: float = 0.0, most: float = 0.0, sunk: float = 0.0, why: str = ""
) -> AssetBounds:
    """An asset on which earlier slices have built and that may grow, but not on bridges.

    Parameters
    ----------
    asset
        The asset with its stock and costs.
    earlier
        New build of earlier slices that stands [unit].
    most
        Largest addition [unit].
    sunk
        What is owed for the earlier build [CNY/a].
    why
        The arithmetic of the bounds in one sentence.
    """
    return replace(
        asset,
        existing=asset.existing + earlier,
        lower=0.0,
        upper=most,
        bridge_upper=0.0,
        reason=why,
        earlier=earlier,
        sunk_cost=sunk,
    )


def standing_assets(
    terms: BuildingTerms,
    assets: Assets,
    year: int,
    additions: Floats,
    limits: Floats | None = None,
) -> Assets:
    """The assets of a slice in which the vintages of earlier slices stand.

    What stands beyond the room of the year (a measure on a load that has shrunk) is out of use
    and paid for. An addition is at most its step's limit and what the reserved room leaves.

    Parameters
    ----------
    terms
        Terms of building.
    assets
        Stock and costs of the slice, see :func:`stock_only`.
    year
        The slice.
    additions
        Additions up to the slice, or to the slice before, shape (vintages, assets) [unit].
    limits
        Largest addition in this slice, shape (assets,) [unit]; none where it is left out.
    """
    place = terms.years.index(year)
    whole = np.zeros((len(terms.years), len(terms.assets)))
    whole[: len(additions)] = additions
    standing = terms.standing(whole)[place]
    in_use = np.minimum(standing, terms.room[place])
    owed = terms.annuities(whole)[place] + (standing - in_use) * terms.fixed_om[place]
    upper = np.zeros_like(standing)
    if limits is not None:
        upper = np.minimum(limits, np.maximum(terms.reserved[place] - standing, 0.0))
    found = {}
    for name, used, most, sunk in zip(terms.assets, in_use, upper, owed, strict=True):
        unit = assets.by_name[name].unit
        why = f"{year}: {used:g} {unit} of all steps before it stand"
        why += f"; at most {most:g} {unit} are added." if limits is not None else ", its own too."
        found[name] = with_earlier_build(
            assets.by_name[name], float(used), float(most), float(sunk), why
        )
    return Assets(found)


def vintage_task(
    project: Project,
    terms: BuildingTerms,
    year: int,
    additions: Floats,
    inputs_sha256: str,
    solver: SolverName = "highs",
    limits: Floats | None = None,
) -> SliceTask:
    """Everything a slice is solved from in which given additions stand.

    Parameters
    ----------
    project
        The scenario with its folders.
    terms, year, additions, limits
        As in :func:`standing_assets`.
    inputs_sha256
        Hash that the result shall carry.
    solver
        ``highs`` or ``cbc``.
    """
    task = slice_task(project, year, nothing_built(project.slices), inputs_sha256, solver)
    return replace(task, assets=standing_assets(terms, task.assets, year, additions, limits))


def cover(terms: BuildingTerms, required: Floats) -> Floats:
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


def exceeded(terms: BuildingTerms, additions: Floats, tolerance: float = 0.01) -> tuple[str, ...]:
    """Assets whose additions break a build rate or a potential, each with its year.

    Parameters
    ----------
    terms
        Terms of building.
    additions
        Additions, shape (years, assets) [unit].
    tolerance
        What is put down to the solver [unit], relative above one.
    """
    standing = terms.standing(additions)
    slack = tolerance * np.maximum(1.0, standing)
    late = (additions > terms.addition_limit + slack) | (standing > terms.ceiling + slack)
    return tuple(f"{terms.assets[a]} in {terms.years[y]}" for y, a in np.argwhere(late))


def present_weights(years: Sequence[int], discount_rate: float) -> Floats:
    r"""Present value of one CNY/a in each slice, :math:`w_y (1+r)^{-(y - y_0)}` [a].

    Parameters
    ----------
    years
        Slices, ascending [a].
    discount_rate
        r [1/a].
    """
    factors = discount_factors(years, years[0], discount_rate)
    return np.asarray(trapezoid_weights(years) * factors)
