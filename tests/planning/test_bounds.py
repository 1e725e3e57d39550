from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.errors import CheckError, InputError
from meishan_model.planning.bounds import TargetBound, backward_bounds, hand_on, target_bounds
from meishan_model.planning.chain import ChainState, lifetime_in_steps
from meishan_model.planning.walk import check_walk, walk_forward

YEARS = (2020, 2025, 2030, 2035, 2040, 2045, 2050)


def slices(steps: int) -> tuple[int, ...]:
    return tuple(range(2020, 2020 + 5 * steps + 1, 5))


def choose(state: ChainState, shares: list[float]) -> list[float]:
    """Walk the chain back, in each slice at the given share of its interval; n_0..n_K."""
    chosen = []
    for share in shares:
        lower, upper, _ = backward_bounds(state)
        assert 0.0 <= lower <= upper
        top = min(upper, lower + 500.0)  # a point inside, also of an unlimited interval
        state = hand_on(state, lower + share * (top - lower))
        assert state.later is not None
        assert lower <= state.later <= upper
        chosen.append(state.later)
    assert state.position == -1
    return chosen[::-1]


def prove(years: tuple[int, ...], n: list[float], lifetime: float, rate: float) -> None:
    """Walk forward and check additions, build rate and vintages."""
    table = pd.DataFrame({"asset": n}, index=list(years))
    walk = walk_forward(table, pd.Series({"asset": lifetime}), pd.Series({"asset": rate}))
    check_walk(walk, table)


def test_three_slices_by_hand() -> None:
    """Steps A (2025), B (2030), C (2035), L = 2, 8 MW/a: A and C share one budget of 40 MW.

    Target: 2 classes x 40 = 80. With n_2035 = 70, C adds 30 to 40, and all other classes
    with a step before are those of A and B, so 30 <= n_2030 <= 70. With n_2030 = 45, 15 MW of
    class A/C are left: B adds at most 40, so n_2025 >= 5, and A at most 15.
    """
    bound = target_bounds(slices(3), 10.0, build_rate=8.0)
    assert bound[:2] == (0.0, 80.0)
    state = hand_on(bound.state, 70.0)
    assert backward_bounds(state)[:2] == (30.0, 70.0)
    state = hand_on(state, 45.0)
    assert state.budgets == (40.0, 15.0)
    assert backward_bounds(state)[:2] == (5.0, 15.0)
    state = hand_on(state, 5.0)
    assert backward_bounds(state)[:2] == (0.0, 0.0)
    prove(slices(3), [0.0, 5.0, 45.0, 70.0], 10.0, 8.0)


def test_reasons_show_the_arithmetic() -> None:
    """The sentences of the hand-solved chain hold its numbers, years and the build rate."""
    bound = target_bounds(slices(3), 10.0, build_rate=8.0)
    assert bound.reason == (
        "2035: at least 0, nothing later asks for more; at most 80 MW, no new build in 2020 plus "
        "40 + 40 that the steps to 2030, 2035 can still add at 8 MW/a."
    )
    state = hand_on(bound.state, 70.0)
    assert backward_bounds(state).reason == (
        "2030: at least 30 MW, the 70 of 2035 less 40 that the step to 2035 can still add; "
        "at most 70 MW, the new build of 2035."
    )
    room = target_bounds(slices(3), 20.0, build_rate=8.0, potential=50.0, stock=20.0)
    assert "30 in 2035 (potential 50 less 20 stock)" in room.reason
    assert "phased out by 2035" in target_bounds(slices(3), 20.0, phase_out=True).reason
    assert "no build rate and no potential" in target_bounds(slices(3), 20.0).reason


chains = st.fixed_dictionaries(
    {
        "steps": st.integers(2, 9),
        "life": st.one_of(st.integers(1, 8).map(lambda n: 5.0 * n), st.floats(0.5, 60.0)),
        "rate": st.one_of(st.floats(0.0, 60.0), st.just(math.inf)),
        "room": st.lists(
            st.one_of(st.floats(0.0, 300.0), st.just(math.inf)), min_size=10, max_size=10
        ),
        "shares": st.lists(
            st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0])), min_size=10, max_size=10
        ),
        "ceilings": st.booleans(),
    }
)


@settings(max_examples=400, deadline=None)
@given(chain=chains)
def test_every_chain_can_be_walked(chain: dict) -> None:
    """Any choice inside the bounds closes at n = 0 and can be built at the build rate.

    Random horizons, lifetimes (also below a step), rates (also none) and potentials per slice:
    lower <= upper in every slice, new build under its ceiling, and the forward walk with
    replacements keeps the rate with vintages that sum up to the capacities.
    """
    steps, years = chain["steps"], slices(chain["steps"])
    room = chain["room"][: steps + 1] if chain["ceilings"] else [math.inf] * (steps + 1)
    bound = target_bounds(years, chain["life"], build_rate=chain["rate"], potential=room)
    n = choose(bound.state, chain["shares"][: steps + 1])
    assert n[0] == 0.0
    assert all(a <= b for a, b in itertools.pairwise(n))
    assert all(value <= limit for value, limit in zip(n, room, strict=True))
    prove(years, n, chain["life"], chain["rate"])


def feasible_chains(
    steps: int, life: int, budget: int, room: tuple[int, ...]
) -> set[tuple[int, ...]]:
    """Try all integer additions: every (n_1, ..., n_K) that grows and keeps its ceilings."""
    found = set()
    for additions in itertools.product(range(budget + 1), repeat=steps):
        n = [sum(additions[max(0, k - life) : k]) for k in range(1, steps + 1)]
        grows = all(a <= b for a, b in itertools.pairwise(n))
        if grows and all(a <= b for a, b in zip(n, room, strict=True)):
            found.add(tuple(n))
    return found


@settings(max_examples=60, deadline=None)
@given(
    steps=st.integers(1, 4),
    life=st.integers(1, 4),
    budget=st.integers(0, 3),
    room=st.lists(st.integers(0, 9), min_size=4, max_size=4),
)
def test_bounds_are_exact(steps: int, life: int, budget: int, room: list[int]) -> None:
    """The bounds cut off nothing: they are the least and largest of all buildable values.

    For small integer chains all additions are enumerated; going back slice by slice, the values
    of n_k that occur with the later ones fixed are exactly the integers between the bounds.
    """
    ceilings = tuple(room[:steps])
    found = feasible_chains(steps, life, budget, ceilings)
    bound = target_bounds(
        range(steps + 1), float(life), build_rate=float(budget), potential=(0, *ceilings)
    )

    def descend(state: ChainState, chains: set[tuple[int, ...]]) -> None:
        k = state.position
        lower, upper, _ = backward_bounds(state)
        if k == 0:
            assert (lower, upper) == (0.0, 0.0)
            return
        values = {chain[k - 1] for chain in chains}
        assert values == set(range(round(lower), round(upper) + 1))
        for value in values:
            descend(hand_on(state, value), {c for c in chains if c[k - 1] == value})

    descend(bound.state, found)


def test_bounding_the_sum_can_fail() -> None:
    """Counter-example: x moves inside its build rate, n does not.

    100 MW of stock stand until 2049. 4 MW/a are 20 MW a step; the target wants 100 MW, which
    six steps can build. Bounds on x alone, 100 - 20 <= x_2045 <= 100, are met by the stock
    without any new build in 2045, and so on back to 2020. But then all 100 MW have to be added
    in the last step.
    """
    stock = [100.0] * 6 + [0.0]
    total = [100.0] * 7
    assert all(later - 20.0 <= x <= later for x, later in itertools.pairwise(total))
    n = [x - s for x, s in zip(total, stock, strict=True)]
    with pytest.raises(CheckError, match=r"2050 needs more than its build rate: 100 .*20"):
        prove(YEARS, n, 30.0, 4.0)
    state = hand_on(target_bounds(YEARS, 30.0, build_rate=4.0).state, 100.0)
    assert backward_bounds(state)[:2] == (80.0, 100.0)


def test_occupied_sites_limit_the_target() -> None:
    """Counter-example to a potential that is looked at in the target only.

    The same park with a potential of 100 MW: the rule without ceilings lets the target rebuild
    all 100 MW and then asks for 80 MW in 2045, on top of 100 MW of stock: 80 MW too much. An
    upper limit of 100 - 100 = 0 in 2045 alone would leave the interval 80..0. So the target
    itself must know that only its own step can build: 20 MW.
    """
    stock = [100.0] * 6 + [0.0]
    blind = target_bounds(YEARS, 30.0, build_rate=4.0, potential=[math.inf] * 6 + [100.0])
    assert blind.upper == 100.0
    lower = backward_bounds(hand_on(blind.state, 100.0)).lower
    assert lower + stock[5] == 180.0
    bound = target_bounds(YEARS, 30.0, build_rate=4.0, potential=100.0, stock=stock)
    assert bound.upper == 20.0
    n = choose(bound.state, [1.0] * 7)
    assert n == [0.0] * 6 + [20.0]
    prove(YEARS, n, 30.0, 4.0)


def test_life_shorter_than_a_step_costs_build_rate() -> None:
    """Counter-example to a budget of 5 R: 3 years of life leave 3 R standing, not 5 R.

    50 MW that live 3 years have to be built 5/3 times in a step, 83.3 MW at a rate of 50; 30 MW
    are built as 50.
    """
    with pytest.raises(CheckError, match=r"needs more than its build rate: 83\.3"):
        prove(slices(1), [0.0, 50.0], 3.0, 10.0)
    assert target_bounds(slices(1), 3.0, build_rate=10.0).upper == 30.0
    prove(slices(1), [0.0, 30.0], 3.0, 10.0)


def test_life_beyond_the_horizon_is_the_horizon() -> None:
    """Nothing is rebuilt: 40 years, 1000 years and for ever give the same 6 x 40 MW."""
    bounds = {target_bounds(YEARS, life, build_rate=8.0)[:2] for life in (40.0, 1000.0, math.inf)}
    assert bounds == {(0.0, 240.0)}


def test_lifetimes_round_half_up() -> None:
    """2 a -> 1, 7 a -> 1, 7.5 a -> 2, 12.5 a -> 3, for ever -> the horizon of 6 steps."""
    lives = (2.0, 7.0, 7.5, 12.5, 30.0, 40.0, math.inf)
    assert [lifetime_in_steps(life, 5, 6) for life in lives] == [1, 1, 2, 3, 6, 6, 6]


def test_no_build_rate_leaves_only_the_later_slice() -> None:
    """Without a row anything up to the later new build is possible, in 2020 still nothing."""
    state = hand_on(target_bounds(YEARS, 20.0, potential=70.0).state, 70.0)
    for _ in range(5):
        assert backward_bounds(state)[:2] == (0.0, 70.0)
        state = hand_on(state, 70.0)
    assert backward_bounds(state)[:2] == (0.0, 0.0)
    prove(YEARS, [0.0] + [70.0] * 6, 20.0, math.inf)


@pytest.mark.parametrize(
    "bound",
    [
        target_bounds(YEARS, 20.0, build_rate=0.0),
        target_bounds(YEARS, 20.0, build_rate=5.0, potential=10.0, stock=12.0),
        target_bounds(YEARS, 20.0, build_rate=5.0, phase_out=True),
    ],
    ids=["no rate", "stock above the potential", "phased out"],
)
def test_nothing_can_be_built(bound: TargetBound) -> None:
    """A rate of zero, full sites and a phase-out leave 0..0 in every slice."""
    assert bound[:2] == (0.0, 0.0)
    assert choose(bound.state, [0.5] * 7) == [0.0] * 7


def test_dust_and_solver_tolerance_are_cleaned() -> None:
    """Values are rounded to 0.001 and clipped; a real violation is refused."""
    bound = target_bounds(slices(2), 20.0, build_rate=20.0 / 3.0)
    assert hand_on(bound.state, 12.34567).later == 12.346
    assert hand_on(bound.state, -1e-7).later == 0.0
    assert hand_on(bound.state, 66.6667).later == bound.upper
    for bad in (67.0, -0.1, math.nan, math.inf):
        with pytest.raises(CheckError, match="is outside"):
            hand_on(bound.state, bad)
    with pytest.raises(CheckError):
        hand_on(target_bounds(slices(2), 20.0).state, math.inf)


def test_rounding_never_breaks_a_tight_chain() -> None:
    """At full speed with a rate that 0.001 does not divide, all slices still close."""
    bound = target_bounds(YEARS, 10.0, build_rate=10.0 / 7.0)
    for shares in ([1.0] * 7, [1.0] + [0.0] * 6, [1.0, 0.5, 0.0, 1.0, 0.5, 0.0, 1.0]):
        prove(YEARS, choose(bound.state, shares), 10.0, 10.0 / 7.0)


def test_a_closed_or_broken_chain_is_refused() -> None:
    """After the first slice there is nothing to bound; a state made up by hand is found out."""
    state = target_bounds(slices(1), 20.0, build_rate=1.0).state
    state = hand_on(hand_on(state, 5.0), 0.0)
    with pytest.raises(ValueError, match="closed"):
        backward_bounds(state)
    broken = replace(
        hand_on(target_bounds(slices(2), 20.0, build_rate=1.0).state, 10.0), later=99.0
    )
    with pytest.raises(CheckError, match="asks for 94"):
        backward_bounds(broken)


def test_bad_assets_name_every_fault() -> None:
    """Lifetime, rate, potential and stock are reported together."""
    with pytest.raises(InputError) as error:
        target_bounds(YEARS, 0.0, build_rate=-1.0, potential=np.nan, stock=-2.0)
    columns = [fault.column for fault in error.value.faults]
    assert columns == ["lifetime", "build_rate", "potential", "stock"]
    with pytest.raises(InputError, match="evenly spaced"):
        target_bounds((2020, 2025, 2040), 20.0)
