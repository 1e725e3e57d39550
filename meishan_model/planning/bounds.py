"""What a slice may build, given the slice after it: bounds on the new build of one asset.

Slices are numbered k = 0..K from the first year to the target, and step k leads to slice k.
The new build that stands in slice k is n_k, with n_0 = 0 (the first slice holds existing
stock only) and n_k <= n_(k+1) (nothing is built that the target does not want; what is, is a
bridge). A unit stands for L steps. The addition of step k is then its growth
d_k = n_k - n_(k-1) plus the rebuilding of everything that was added L, 2L, ... steps before,
so it grows along the residue class c = k mod L, and *all* additions keep the build rate if and
only if, for every class,

    sum of d_k over the steps k of class c <= B_c,    B_c = rate * min(step, lifetime).

Further, n_k stays below a ceiling P_k, the potential less the surviving stock of that slice
(P_0 = 0): a site still occupied by old plant cannot be built on. The largest n_k that steps
1..k can reach is the smallest, over j = 0..k, of

    P_j + sum of B_c over the distinct classes that have a step in j+1..k,

because every class is best spent in its last step. Call it reach_k. Going backwards with
n_(k+1) known and the budgets reduced by what the later steps took, this gives, exactly,

    max(0, n_(k+1) - B_c(k+1)) <= n_k <= min(n_(k+1), reach_k).

Building the step to k+1 lowers B_c(k+1) by d_(k+1) and the left side of a limit by the same
amount, so a limit that counts this class still holds in the next slice, and one that does not
holds by the bound itself. Hence the lower bound never exceeds the upper one, and every choice
inside can be continued down to n_0 = 0; :mod:`meishan_model.planning.walk` proves it forwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.planning.chain import ChainState, lifetime_in_steps, step_budget

FILE = "assets.csv"
"""The sheet of potentials and build rates, for the messages of faults."""

DECIMALS = 3
"""Capacities are handed on in multiples of 0.001 MW; solvers leave dust below."""

TOLERANCE = 0.01
"""Violation of a bound [MW] that is put down to the solver and clipped, not refused."""


class NewBuildBound(NamedTuple):
    """Bounds on the new build of one asset in one slice, in the unit of the asset."""

    lower: float
    upper: float
    reason: str


class TargetBound(NamedTuple):
    """Bounds on the new build in the target year, and the chain that starts there."""

    lower: float
    upper: float
    reason: str
    state: ChainState


def target_bounds(
    years: Sequence[int],
    lifetime: float,
    *,
    build_rate: float = math.inf,
    potential: ArrayLike = math.inf,
    stock: ArrayLike = 0.0,
    phase_out: bool = False,
    unit: str = "MW",
) -> TargetBound:
    """Open the chain of one asset: bounds on its new build in the target year.

    Parameters
    ----------
    years
        Slices in ascending order, evenly spaced [a]; K + 1 of them.
    lifetime
        Technical lifetime [a].
    build_rate
        Largest yearly build [unit/a]; infinite where the sheet has no row.
    potential
        Largest total standing capacity, one value or one per slice [unit].
    stock
        Surviving stock with committed plants, one value or one per slice [unit].
    phase_out
        Whether the target abandons this technology.
    unit
        Unit of the asset, for the reason.

    Returns
    -------
    TargetBound
        Lower bound 0, upper bound, one sentence with the arithmetic, and the open chain.

    Raises
    ------
    InputError
        For slices that are not evenly spaced, a lifetime that is not positive, or rates,
        potentials or stocks that are negative or not a number.

    Examples
    --------
    >>> target_bounds((2020, 2025, 2030), 20, build_rate=4.0, potential=100.0).upper
    40.0
    """
    count = len(years)
    if len(set(np.diff(years))) != 1:
        raise InputError(
            [Fault("scenario", "not evenly spaced slices", column="year", value=str(years))]
        )
    limits = np.broadcast_to(np.asarray(potential, dtype=np.float64), count)
    stocks = np.broadcast_to(np.asarray(stock, dtype=np.float64), count)
    _refuse_bad_asset(lifetime, build_rate, limits, stocks)
    step = years[1] - years[0]
    life = lifetime_in_steps(lifetime, step, count - 1)
    state = ChainState(
        first_year=years[0],
        step_years=step,
        steps=count - 1,
        lifetime_steps=life,
        build_rate=build_rate,
        budgets=(float(step_budget(build_rate, lifetime, step)),) * life,
        potential=tuple(float(v) for v in limits),
        stock=tuple(float(v) for v in stocks),
        phase_out=phase_out,
        position=count - 1,
        later=None,
        unit=unit,
    )
    return TargetBound(*backward_bounds(state), state)


def backward_bounds(state: ChainState) -> NewBuildBound:
    """Bounds on the new build in the slice to be solved next.

    Parameters
    ----------
    state
        The chain of the asset, see :class:`ChainState`.

    Returns
    -------
    NewBuildBound
        Lower and upper bound on n_y [unit] and one sentence with their arithmetic.

    Raises
    ------
    ValueError
        If the chain is closed.
    """
    if state.position < 0:
        raise ValueError("the chain is closed: its first slice has been handed on")
    lower = 0.0
    if state.later is not None:
        lower = max(0.0, state.later - _budget(state, state.position + 1))
    origin: int | None
    upper, origin = min(_reachable(state), key=lambda limit: limit[0])
    if state.later is not None and state.later <= upper:
        upper, origin = state.later, None
    if lower > upper + TOLERANCE:  # cannot happen after hand_on; a state made by hand may
        raise CheckError(f"{state.year()}: the chain asks for {lower} but allows only {upper}")
    lower = min(lower, upper)  # subtracting budgets leaves differences of 1e-12
    sentence = (
        f"{state.year()}: {_lower_reason(state, lower)}; {_upper_reason(state, upper, origin)}"
    )
    return NewBuildBound(lower, upper, f"{sentence}.")


def hand_on(state: ChainState, new_capacity: float) -> ChainState:
    """Fix the new build of the slice that was solved and move one slice back.

    The capacity is rounded to 0.001 and clipped to its bounds; the step after the slice is
    paid from the budget of its class: B_c(y+step) falls by n_(y+step) - n_y.

    Parameters
    ----------
    state
        The chain before the slice was solved.
    new_capacity
        New build n_y in the solution [unit].

    Returns
    -------
    ChainState
        The chain for the slice before; its ``later`` is the capacity as handed on.

    Raises
    ------
    CheckError
        If the capacity violates its bounds by more than a solver's tolerance.
    """
    lower, upper, reason = backward_bounds(state)
    slack = TOLERANCE + 1e-6 * abs(new_capacity)
    if not (lower - slack <= new_capacity <= upper + slack) or math.isinf(new_capacity):
        raise CheckError(f"new build {new_capacity} is outside {lower} to {upper}; {reason}")
    handed = min(max(lower, round(new_capacity, DECIMALS)), upper)
    budgets = list(state.budgets)
    if state.later is not None:
        residue = (state.position + 1) % state.lifetime_steps
        budgets[residue] = max(0.0, budgets[residue] - (state.later - handed))
    return replace(state, budgets=tuple(budgets), position=state.position - 1, later=float(handed))


def _budget(state: ChainState, step: int) -> float:
    """Capacity that the class of a step can still build [unit]."""
    return state.budgets[step % state.lifetime_steps]


def _building_steps(state: ChainState, origin: int) -> list[int]:
    """Latest step of each class among the steps after ``origin``, ascending."""
    earliest = max(origin, state.position - state.lifetime_steps) + 1
    return list(range(earliest, state.position + 1))


def _reachable(state: ChainState) -> Iterator[tuple[float, int]]:
    """Yield the limits P_j + budgets of the classes with a step in j+1..k, with their j."""
    for origin in range(state.position, -1, -1):
        steps = _building_steps(state, origin)
        yield state.ceiling(origin) + sum(_budget(state, step) for step in steps), origin


def _lower_reason(state: ChainState, lower: float) -> str:
    """Say where the lower bound comes from."""
    if state.later is None:
        return "at least 0, nothing later asks for more"
    step, year = state.position + 1, state.year(state.position + 1)
    if lower == 0.0:
        return (
            f"at least 0 {state.unit}, the step to {year} can still add "
            f"{_number(_budget(state, step))} to reach its {_number(state.later)}"
        )
    return (
        f"at least {_number(lower)} {state.unit}, the {_number(state.later)} of {year} less "
        f"{_number(_budget(state, step))} that the step to {year} can still add"
    )


def _upper_reason(state: ChainState, upper: float, origin: int | None) -> str:
    """Say where the upper bound comes from: the later slice, a ceiling or the build rate."""
    start = f"at most {_number(upper)} {state.unit}"
    if origin is None:
        return f"{start}, the new build of {state.year(state.position + 1)}"
    steps = _building_steps(state, origin)
    ceiling = state.ceiling(origin)
    if origin == 0:
        source = f"no new build in {state.first_year}"
    elif state.phase_out:
        source = f"the technology is phased out by {state.year(state.steps)}"
    elif math.isinf(ceiling):
        return f"{start}, no build rate and no potential is given"
    else:
        source = (
            f"{_number(ceiling)} in {state.year(origin)} (potential "
            f"{_number(state.potential[origin])} less {_number(state.stock[origin])} stock)"
        )
    if not steps:
        return f"{start}, {source}"
    amounts = " + ".join(_number(_budget(state, step)) for step in steps)
    years = ", ".join(str(state.year(step)) for step in steps)
    rate = f"{_number(state.build_rate)} {state.unit}/a"
    return f"{start}, {source} plus {amounts} that the steps to {years} can still add at {rate}"


def _number(value: float) -> str:
    """Write a capacity without needless zeros."""
    if math.isinf(value):
        return "unlimited"
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".") or "0"


def _refuse_bad_asset(
    lifetime: float,
    build_rate: float,
    potential: NDArray[np.float64],
    stock: NDArray[np.float64],
) -> None:
    """Raise for everything that is negative or not a number; the limits may be infinite."""
    checks = (
        ("lifetime", lifetime, lifetime > 0.0, "give a lifetime > 0"),
        ("build_rate", build_rate, build_rate >= 0.0, "give a rate >= 0"),
        ("potential", potential, bool(np.all(potential >= 0.0)), "give potentials >= 0"),
        (
            "stock",
            stock,
            bool(np.all((stock >= 0.0) & np.isfinite(stock))),
            "give finite stocks >= 0",
        ),
    )
    faults = [
        Fault(FILE, "not usable for a chain", column=name, value=str(value), remedy=remedy)
        for name, value, good, remedy in checks
        if not good
    ]
    if faults:
        raise InputError(faults)
