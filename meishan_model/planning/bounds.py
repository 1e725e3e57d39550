r"""What a slice may build, given the slices after it: bounds on the new build of every asset.

Slices are numbered k = 0..K from the first year to the target, and step k leads to slice k.
Up to slice k_0 the observed stock is operated and nothing is built; without ``stock_year`` in the
scenario it is the first, k_0 = 0. The new build that stands in slice k is n_k, with n_k = 0 up to
k_0 and n_k <= n_(k+1) (nothing is built that the target does not want; what is, is a bridge). A
unit stands for L steps. The addition of step k is then its growth
d_k = n_k - n_(k-1) plus the rebuilding of everything that was added L, 2L, ... steps before,
so it grows along the residue class c = k mod L, and *all* additions keep the build rate if and
only if, for every class,

    sum of d_k over the steps k of class c <= B_c,    B_c = rate * min(step, lifetime).

Further, n_k stays below a ceiling P_k, the potential less the surviving stock of that slice
(P_j = 0 up to k_0): a site still occupied by old plant cannot be built on. The largest n_k that
steps k_0+1..k can reach is the smallest, over j = k_0..k, of

    P_j + sum of B_c over the distinct classes that have a step in j+1..k,

because every class is best spent in its last step. Call it reach_k. Going backwards with
n_(k+1) known and the budgets reduced by what the later steps took, this gives, exactly,

    max(0, n_(k+1) - B_c(k+1)) <= n_k <= min(n_(k+1), reach_k).

Building the step to k+1 lowers B_c(k+1) by d_(k+1) and the left side of a limit by the same
amount, so a limit that counts this class still holds in the next slice, and one that does not
holds by the bound itself. Hence the lower bound never exceeds the upper one, and every choice
inside can be continued down to n_k0 = 0; :mod:`meishan_model.planning.walk` proves it forwards.

A bridge is capacity that a slice k_0 < k < K has and the target abandons. New build and bridges
together are at most what the build rate lets stand after the steps since k_0:

    b_k <= max(0, min(potential - stock, min(L, k - k_0) * B) - upper bound of n_k).

All quantities below are arrays of the shape (assets,), or (steps, assets).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meishan_model.components.assets import Assets, AssetTable, BoundTerm
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.series import FloatArray, IntArray

DECIMALS = 3
"""Capacities are handed on in multiples of 0.001 MW; solvers leave dust below."""

TOLERANCE = 0.01
"""Violation of a bound [MW] that is put down to the solver and clipped, not refused."""

AT_LATER = -1
"""Origin of an upper bound that is the new build of the slice after it."""


class _Chain(NamedTuple):
    """A slice on the way back from the target, with what the later slices have left it.

    ``budgets`` is what each residue class can still build in a step, (classes, assets) [unit];
    ``later`` is n_(k+1), ``None`` in the target.
    """

    k: int
    budgets: FloatArray
    later: FloatArray | None


class _Interval(NamedTuple):
    """Lower and upper bound of n_k; ``origin`` is the j of the limit that gives the upper one."""

    lower: FloatArray
    upper: FloatArray
    origin: IntArray


def bounds(table: AssetTable, year: int) -> Assets:
    """The assets of one slice of the backcast, with the bounds on new build and bridges.

    Parameters
    ----------
    table
        The assets, with the new build of all slices after the year.
    year
        The slice.

    Raises
    ------
    InputError
        If the new build of a later slice is missing.
    CheckError
        If the new build of a later slice violates its own bounds by more than a solver's
        tolerance.
    """
    k = table.years.index(year)
    if len(table.years) == 1:
        only = (BoundTerm("only_slice", year, 0.0),)
        return table.in_slice(year, terms=(only,) * len(table.asset))
    chain = _walk_back(table, k)
    interval = _interval(table, chain)
    between = table.given_slice < k < len(table.years) - 1
    # Whether the slice may build what the target does not want.
    allowed = table.bridged & (year <= table.last_new_build) & between
    bridge = np.where(allowed, _largest_bridge(table, k, interval.upper), 0.0)
    terms = _terms(table, chain, interval)
    beside = zip(terms, allowed.tolist(), bridge.tolist(), strict=True)
    terms = tuple((*t, BoundTerm("bridge", year, b)) if yes else t for t, yes, b in beside)
    return table.in_slice(year, interval.upper, terms, lower=interval.lower, bridge=bridge)


def kept(table: AssetTable, year: int, new_build: FloatArray) -> NDArray[np.bool_]:
    """Whether an asset is part of the target, or only dust of a solution without crossover.

    It is kept where stock and new build are at least max(minimum, share x potential); where the
    potential is infinite only the minimum counts. An asset that is not kept has no new build.

    Parameters
    ----------
    table
        The assets.
    year
        The slice that is to be solved; its parameters count.
    new_build
        New build in the target; (assets,) [unit].
    """
    k, potential = table.years.index(year), table.potential[-1]
    finite = np.isfinite(potential)
    part = np.where(finite, table.minimum_share[k] * np.where(finite, potential, 0.0), 0.0)
    least = np.maximum(table.minimum[k], part)
    return np.asarray(table.stock[-1] + new_build >= least)


def _walk_back(table: AssetTable, k: int) -> _Chain:
    """Hand the new build of the slices after k on, from the target down."""
    target = len(table.years) - 1
    missing = [year for year in table.years[k + 1 :] if year not in table.new_build]
    if missing:
        message = f"the slice {table.years[k]} rests on slices whose new build is not given"
        raise InputError([Fault("pathway", message, value=str(missing))])
    chain = _Chain(target, np.tile(table.step_budget, (target, 1)), None)
    while chain.k > k:
        built = table.new_build[table.years[chain.k]]
        if chain.k == target:
            dust = ~kept(table, table.years[k], built) & (built >= -TOLERANCE)
            built = np.where(dust, 0.0, built)
        chain = _hand_on(table, chain, built)
    return chain


def _hand_on(table: AssetTable, chain: _Chain, built: FloatArray) -> _Chain:
    """Fix the new build of a solved slice and move one slice back.

    Capacities are rounded to 0.001 and clipped to their bounds; the step after the slice is paid
    from the budget of its class: B_c(k+1) falls by n_(k+1) - n_k.
    """
    interval = _interval(table, chain)
    lower, upper = interval.lower, interval.upper
    slack = TOLERANCE + 1e-6 * np.abs(built)
    inside = (lower - slack <= built) & (built <= upper + slack) & np.isfinite(built)
    if not inside.all():
        raise CheckError(
            "; ".join(
                f"{table.years[chain.k]}: new build {built[place]} of {table.asset[place]} is "
                f"outside {lower[place]} to {upper[place]} {table.unit[place]}"
                for place in np.flatnonzero(~inside)
            )
        )
    # round() is exact at halves, where numpy rounds a product; a zero has no sign.
    rounded = np.array([round(value, DECIMALS) + 0.0 for value in built.tolist()])
    handed = np.minimum(np.maximum(lower, rounded), upper)
    budgets = chain.budgets.copy()
    if chain.later is not None:
        spent = _class(table, chain.k + 1)
        budgets[spent] = np.maximum(0.0, budgets[spent] - (chain.later - handed))
    return _Chain(chain.k - 1, budgets, handed)


def _life(table: AssetTable) -> IntArray:
    """L, the lifetime in steps; beyond the horizon nothing is rebuilt, so it is at most K."""
    return np.minimum(table.lifetime_steps, len(table.years) - 1)


def _class(table: AssetTable, step: int) -> tuple[IntArray, IntArray]:
    """Place of the residue class of a step among the budgets."""
    return step % _life(table), np.arange(len(table.asset))


def _interval(table: AssetTable, chain: _Chain) -> _Interval:
    """Bounds on n_k: all limits P_j + budgets of the classes with a step in j+1..k."""
    k, life = chain.k, _life(table)
    budget = [chain.budgets[_class(table, step)] for step in range(k + 2)]
    limits = np.empty((k + 1, len(table.asset)))
    for j in range(k + 1):
        total = np.zeros(len(table.asset))
        for step in range(j + 1, k + 1):
            # Of each class the latest step counts. The order of the sum decides its last digit.
            total = total + np.where(step > k - life, budget[step], 0.0)
        # P_j, the largest new build beside the stock that still stands.
        closed = table.phase_out | (j <= table.given_slice)
        limits[k - j] = np.where(closed, 0.0, table.room[j]) + total
    # Of equal limits the latest origin is told.
    place = limits.argmin(axis=0)
    lower, upper, origin = np.zeros_like(limits[0]), limits.min(axis=0), k - place
    if chain.later is not None:
        lower = np.maximum(0.0, chain.later - budget[k + 1])
        at_later = chain.later <= upper
        upper = np.where(at_later, chain.later, upper)
        origin = np.where(at_later, AT_LATER, origin)
    if (wrong := lower > upper + TOLERANCE).any():  # cannot happen after handing on
        names = ", ".join(np.array(table.asset)[wrong])
        raise CheckError(f"{table.years[k]}: the chain asks for more than it allows of {names}")
    # Subtracting budgets leaves differences of 1e-12.
    return _Interval(np.minimum(lower, upper), upper, origin)


def _largest_bridge(table: AssetTable, k: int, upper: FloatArray) -> FloatArray:
    """What the build rate lets stand after k steps, in what the stock leaves of the potential."""
    steps = np.minimum(_life(table), max(k - table.given_slice, 1))
    most = np.minimum(table.potential[k] - table.stock[k], steps * table.step_budget)
    finite = np.isfinite(upper)
    return np.where(finite, np.maximum(0.0, most - np.where(finite, upper, 0.0)), 0.0)


def _terms(
    table: AssetTable, chain: _Chain, interval: _Interval
) -> tuple[tuple[BoundTerm, ...], ...]:
    """Numbers behind both bounds of every asset: rows are terms, of which an asset has some."""
    k, life, origin = chain.k, _life(table), interval.origin
    every = np.arange(len(table.asset))
    years, year = np.array(table.years), table.years[k]
    built = origin > table.given_slice
    site = built
    closed = site & table.phase_out
    open_end = site & ~closed & np.isinf(table.room[origin, every])
    site = site & ~closed & ~open_end
    always, zero = np.ones_like(site), np.zeros(len(every))
    rows: list[tuple[str, NDArray[np.bool_], int | IntArray, FloatArray]] = []
    rows.append(("lower", always, year, interval.lower))
    if chain.later is not None:
        after = table.years[k + 1]
        rows.append(("later", always, after, chain.later))
        rows.append(("step_after", always, after, chain.budgets[_class(table, k + 1)]))
    rows.append(("upper", always, year, interval.upper))
    if chain.later is not None:
        rows.append(("at_later", origin == AT_LATER, after, chain.later))
    rows += [
        ("given_stock", (origin != AT_LATER) & ~built, years[origin], zero),
        ("phase_out", closed, table.years[-1], zero),
        ("no_limit", open_end, year, interval.upper),
        ("room", site, years[origin], table.room[origin, every]),
        ("potential", site, years[origin], table.potential[origin, every]),
        ("stock", site, years[origin], table.stock[origin, every]),
    ]
    counted = (origin != AT_LATER) & ~open_end
    first = np.maximum(origin, k - life) + 1
    rows += [
        ("step", counted & (step >= first), table.years[step], chain.budgets[_class(table, step)])
        for step in range(1, k + 1)
    ]
    rows.append(("build_rate", counted & (first <= k), year, table.build_rate))
    found: list[list[BoundTerm]] = [[] for _ in every]
    for kind, has, when, amount in rows:
        of_assets = np.broadcast_to(when, len(every))
        for place in np.flatnonzero(has):
            found[place].append(BoundTerm(kind, int(of_assets[place]), float(amount[place])))
    return tuple(map(tuple, found))
