from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hand_terms import hand_table
from hypothesis import given, settings
from hypothesis import strategies as st
from one_asset import bound, built, choose, prove, slices, target

from meishan_model.components.assets import AssetTable, BoundTerm
from meishan_model.errors import CheckError, InputError
from meishan_model.planning.bounds import bounds, kept

YEARS = (2020, 2025, 2030, 2035, 2040, 2045, 2050)


def test_three_slices_by_hand() -> None:
    """Steps A (2025), B (2030), C (2035), L = 2, 8 MW/a: A and C share one budget of 40 MW.

    Target: 2 classes x 40 = 80. With n_2035 = 70, C adds 30 to 40, and all other classes
    with a step before are those of A and B, so 30 <= n_2030 <= 70. With n_2030 = 45, 15 MW of
    class A/C are left: B adds at most 40, so n_2025 >= 5, and A at most 15.
    """
    table = hand_table(slices(3), 10.0, build_rate=8.0)
    assert target(table)[:2] == (0.0, 80.0)
    table = built(table, 2035, 70.0)
    assert bound(table, 2030)[:2] == (30.0, 70.0)
    table = built(table, 2030, 45.0)
    assert bound(table, 2025)[:2] == (5.0, 15.0)
    table = built(table, 2025, 5.0)
    assert bound(table, 2020)[:2] == (0.0, 0.0)
    prove(slices(3), [0.0, 5.0, 45.0, 70.0], 10.0, 8.0)


@pytest.mark.parametrize(("life", "left"), [(10.0, 15.0), (15.0, 40.0)])
def test_terms_tell_what_each_step_has_left(life: float, left: float) -> None:
    """The same chain: the step to 2025 pays for that to 2035 where both are of one class."""
    table = built(hand_table(slices(3), life, build_rate=8.0), 2035, 70.0)
    terms = bounds(built(table, 2030, 45.0), 2025).terms[0]
    amounts = {(t.kind, t.year): t.amount for t in terms}
    assert (amounts["step_after", 2030], amounts["step", 2025]) == (40.0, left)


def test_reasons_show_the_arithmetic() -> None:
    """The sentences of the hand-solved chain hold its numbers, years and the build rate."""
    table = hand_table(slices(3), 10.0, build_rate=8.0)
    assert target(table).reason == (
        "2035: at least 0, nothing later asks for more; at most 80 MW, no new build in 2020 plus "
        "40 + 40 that the steps to 2030, 2035 can still add at 8 MW/a."
    )
    assert bound(built(table, 2035, 70.0), 2030).reason == (
        "2030: at least 30 MW, the 70 of 2035 less 40 that the step to 2035 can still add; "
        "at most 70 MW, as much as is new in 2035."
    )
    room = hand_table(slices(3), 20.0, build_rate=8.0, potential=50.0, stock=20.0)
    assert "30 in 2035 (potential 50 less 20 stock)" in target(room).reason
    gone = hand_table(slices(3), 20.0, phase_out=True)
    assert "phased out by 2035" in target(gone).reason
    assert "neither build rate nor potential" in target(hand_table(slices(3), 20.0)).reason


def test_one_changed_cell_changes_bound_and_reason() -> None:
    """A potential of 30 instead of 50 MW in 2030: 2035 reaches 30 + 40, and says so."""
    potential = np.full((4, 2), 100.0)
    table = hand_table(slices(3), [20.0, 20.0], build_rate=8.0, potential=potential)
    assert target(table).upper == 100.0
    potential[2, 0] = 30.0
    changed = replace(table, potential=potential)
    assert target(changed).upper == 70.0
    assert "30 in 2030 (potential 30 less 0 stock) plus 40" in target(changed).reason
    assert bound(changed, 2035, 1) == bound(table, 2035, 1)


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


@given(chain=chains)
def test_every_chain_can_be_walked(chain: dict) -> None:
    """Any choice inside the bounds closes at n = 0 and can be built at the build rate.

    Random horizons, lifetimes (also below a step), rates (also none) and potentials per slice:
    lower <= upper in every slice, new build under its ceiling, and the forward walk with
    replacements keeps the rate with vintages that sum up to the capacities.
    """
    steps, years = chain["steps"], slices(chain["steps"])
    room = chain["room"][: steps + 1] if chain["ceilings"] else [math.inf] * (steps + 1)
    potential = np.array(room)[:, None]
    table = hand_table(years, chain["life"], build_rate=chain["rate"], potential=potential)
    n = choose(table, chain["shares"][: steps + 1])
    assert all(a <= b for a, b in itertools.pairwise(n))
    assert all(value <= limit for value, limit in zip(n, room, strict=True))
    prove(years, n, chain["life"], chain["rate"])


@given(chain=chains)
def test_the_terms_add_up_to_the_bounds(chain: dict) -> None:
    """Lower bound: later build less the step after; upper: its source and all steps on top."""
    years = slices(chain["steps"])
    potential = np.array(chain["room"][: len(years)])[:, None]
    table = hand_table(years, chain["life"], build_rate=chain["rate"], potential=potential)
    for year, share in zip(years[::-1], chain["shares"], strict=False):
        found = bounds(table, year)
        amounts = {t.kind: t.amount for t in found.terms[0]}
        steps = [t.amount for t in found.terms[0] if t.kind == "step"]
        later, after = amounts.get("later", 0.0), amounts.get("step_after", 0.0)
        lower, upper = float(found.lower[0]), float(found.upper[0])
        assert (amounts["lower"], amounts["upper"]) == (lower, upper)
        assert lower == pytest.approx(max(0.0, later - after), abs=1e-9)
        kinds = ("at_later", "given_stock", "phase_out", "no_limit", "room")
        (source,) = (amounts[kind] for kind in kinds if kind in amounts)
        assert upper == pytest.approx(source + sum(steps))
        if "room" in amounts:
            assert amounts["room"] == amounts["potential"] - amounts["stock"]
        table = built(table, year, lower + share * (min(upper, lower + 500.0) - lower))


@settings(max_examples=60, deadline=None)
@given(several=st.lists(chains, min_size=2, max_size=4))
def test_assets_do_not_see_each_other(several: list[dict]) -> None:
    """Bounds and terms of an asset among others are those of the asset alone."""
    years, shares = slices(6), several[0]["shares"]

    def table_of(chosen: list[dict]) -> AssetTable:
        return hand_table(
            years,
            [c["life"] for c in chosen],
            build_rate=[c["rate"] for c in chosen],
            potential=np.array([c["room"][:7] for c in chosen]).T,
        )

    together, alone = table_of(several), [table_of([c]) for c in several]
    for year, share in zip(years[::-1], shares, strict=False):
        found = bounds(together, year)
        new = found.lower + share * (np.minimum(found.upper, found.lower + 500.0) - found.lower)
        for place, table in enumerate(alone):
            single = bounds(table, year)
            assert single.terms[0] == found.terms[place]
            assert (single.lower[0], single.upper[0]) == (found.lower[place], found.upper[place])
            alone[place] = built(table, year, new[place])
        together = built(together, year, *new)


def feasible_chains(
    steps: int, life: int, budget: int, room: tuple[int, ...], observed: int
) -> set[tuple[int, ...]]:
    """Try all integer additions: every (n_1, ..., n_K) that grows and keeps its ceilings."""
    found = set()
    for planned in itertools.product(range(budget + 1), repeat=steps - observed):
        additions = (0,) * observed + planned
        n = [sum(additions[max(0, k - life) : k]) for k in range(1, steps + 1)]
        grows = all(a <= b for a, b in itertools.pairwise(n))
        below = all(a <= b for a, b in zip(n, room, strict=True))
        if grows and below:
            found.add(tuple(n))
    return found


@settings(max_examples=60, deadline=None)
@given(
    steps=st.integers(1, 4),
    life=st.integers(1, 4),
    budget=st.integers(0, 3),
    room=st.lists(st.integers(0, 9), min_size=4, max_size=4),
    given_slices=st.integers(0, 3),
)
def test_bounds_are_exact(
    steps: int, life: int, budget: int, room: list[int], given_slices: int
) -> None:
    """The bounds cut off nothing: they are the least and largest of all buildable values.

    For small integer chains all additions are enumerated; going back slice by slice, the values
    of n_k that occur with the later ones fixed are exactly the integers between the bounds. Up to
    the last slice whose stock is given, nothing is added.
    """
    ceilings, observed = tuple(room[:steps]), min(given_slices, steps - 1)
    found = feasible_chains(steps, life, budget, ceilings, observed)
    potential = np.array([0, *ceilings])[:, None]

    def descend(table: AssetTable, k: int, chains: set[tuple[int, ...]]) -> None:
        lower, upper = bound(table, k)[:2]
        if k == 0:
            assert (lower, upper) == (0.0, 0.0)
            return
        values = {chain[k - 1] for chain in chains}
        assert values == set(range(round(lower), round(upper) + 1))
        for value in values:
            descend(built(table, k, value), k - 1, {c for c in chains if c[k - 1] == value})

    table = hand_table(
        range(steps + 1),
        float(life),
        build_rate=float(budget),
        potential=potential,
        stock_year=observed,
    )
    descend(table, steps, found)


def test_nothing_is_built_while_the_stock_is_given() -> None:
    """Stock observed in 2025: of 4 MW/a and 30 a the target reaches 5 steps x 20, not 6 x 20."""
    table = hand_table(YEARS, 30.0, build_rate=4.0, stock_year=2025)
    assert target(table)[:2] == (0.0, 100.0)
    assert "no new build in 2025 plus" in target(table).reason
    for year, most in ((2050, 100.0), (2045, 80.0), (2040, 60.0), (2035, 40.0), (2030, 20.0)):
        assert bound(table, year).upper == most
        table = built(table, year, most)
    for year in (2025, 2020):
        assert bound(table, year)[:2] == (0.0, 0.0)
        table = built(table, year, 0.0)
    prove(YEARS, [0.0, 0.0, 20.0, 40.0, 60.0, 80.0, 100.0], 30.0, 4.0)


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
    table = built(hand_table(YEARS, 30.0, build_rate=4.0), 2050, 100.0)
    assert bound(table, 2045)[:2] == (80.0, 100.0)


def test_occupied_sites_limit_the_target() -> None:
    """Counter-example to a potential that is looked at in the target only.

    The same park with a potential of 100 MW: the rule without ceilings lets the target rebuild
    all 100 MW and then asks for 80 MW in 2045, on top of 100 MW of stock: 80 MW too much. An
    upper limit of 100 - 100 = 0 in 2045 alone would leave the interval 80..0. So the target
    itself must know that only its own step can build: 20 MW.
    """
    stock = np.array([100.0] * 6 + [0.0])[:, None]
    open_until_then = np.array([math.inf] * 6 + [100.0])[:, None]
    blind = hand_table(YEARS, 30.0, build_rate=4.0, potential=open_until_then)
    assert target(blind).upper == 100.0
    lower = bound(built(blind, 2050, 100.0), 2045).lower
    assert lower + stock[5, 0] == 180.0
    table = hand_table(YEARS, 30.0, build_rate=4.0, potential=100.0, stock=stock)
    assert target(table).upper == 20.0
    n = choose(table, [1.0] * 7)
    assert n == [0.0] * 6 + [20.0]
    prove(YEARS, n, 30.0, 4.0)


def test_life_shorter_than_a_step_costs_build_rate() -> None:
    """Counter-example to a budget of 5 R: 3 years of life leave 3 R standing, not 5 R.

    50 MW that live 3 years have to be built 5/3 times in a step, 83.3 MW at a rate of 50; 30 MW
    are built as 50.
    """
    with pytest.raises(CheckError, match=r"needs more than its build rate: 83\.3"):
        prove(slices(1), [0.0, 50.0], 3.0, 10.0)
    assert target(hand_table(slices(1), 3.0, build_rate=10.0)).upper == 30.0
    prove(slices(1), [0.0, 30.0], 3.0, 10.0)


def test_life_beyond_the_horizon_is_the_horizon() -> None:
    """Nothing is rebuilt: 40 years, 1000 years and for ever give the same 6 x 40 MW."""
    found = bounds(hand_table(YEARS, [40.0, 1000.0, math.inf], build_rate=8.0), 2050)
    assert found.upper.tolist() == [240.0] * 3


def test_lifetimes_round_half_up() -> None:
    """2 a -> 1, 7 a -> 1, 7.5 a -> 2, 12.5 a -> 3 steps of 5 a."""
    table = hand_table(YEARS, [2.0, 7.0, 7.5, 12.5, 30.0])
    assert table.lifetime_steps.tolist() == [1, 1, 2, 3, 6]


def test_no_build_rate_leaves_only_the_later_slice() -> None:
    """Without a row anything up to the later new build is possible, in 2020 still nothing."""
    table = built(hand_table(YEARS, 20.0, potential=70.0), 2050, 70.0)
    for year in YEARS[-2:0:-1]:
        assert bound(table, year)[:2] == (0.0, 70.0)
        table = built(table, year, 70.0)
    assert bound(table, 2020)[:2] == (0.0, 0.0)
    prove(YEARS, [0.0] + [70.0] * 6, 20.0, math.inf)


@pytest.mark.parametrize(
    "limits",
    [
        {"build_rate": 0.0},
        {"build_rate": 5.0, "potential": 10.0, "stock": 12.0},
        {"build_rate": 5.0, "phase_out": True},
    ],
    ids=["no rate", "stock above the potential", "phased out"],
)
def test_nothing_can_be_built(limits: dict) -> None:
    """A rate of zero, full sites and a phase-out leave 0..0 in every slice."""
    table = hand_table(YEARS, 20.0, **limits)
    assert target(table)[:2] == (0.0, 0.0)
    assert choose(table, [0.5] * 7) == [0.0] * 7


def test_the_only_slice_builds_nothing() -> None:
    """One slice holds existing stock."""
    found = bound(hand_table((2020,), 20.0, build_rate=5.0), 2020)
    assert found[:3] == (0.0, 0.0, "2020: the only slice, it holds existing stock.")
    terms = bounds(hand_table((2020,), [20.0, 20.0], build_rate=5.0), 2020).terms
    assert terms == ((BoundTerm("only_slice", 2020, 0.0),),) * 2


def test_dust_and_solver_tolerance_are_cleaned() -> None:
    """Values are rounded to 0.001 and clipped; a real violation is refused, with its asset."""
    table = hand_table(slices(2), 20.0, build_rate=20.0 / 3.0)
    upper = target(table).upper
    # 0.0125 is a little more than 12.5 thousandths; numpy would round the product to 12.
    for given_, handed in ((12.34567, 12.346), (-1e-7, 0.0), (66.6667, upper), (0.0125, 0.013)):
        assert bound(built(table, 2030, given_), 2025).later == handed
    for bad in (67.0, -0.1, math.nan, math.inf):
        with pytest.raises(CheckError, match=r"2030: new build .* of plant_0 is outside"):
            bound(built(table, 2030, bad), 2025)
    with pytest.raises(CheckError):
        bound(built(hand_table(slices(2), 20.0), 2030, math.inf), 2025)


def test_rounding_never_breaks_a_tight_chain() -> None:
    """At full speed with a rate that 0.001 does not divide, all slices still close."""
    table = hand_table(YEARS, 10.0, build_rate=10.0 / 7.0)
    for shares in ([1.0] * 7, [1.0] + [0.0] * 6, [1.0, 0.5, 0.0, 1.0, 0.5, 0.0, 1.0]):
        prove(YEARS, choose(table, shares), 10.0, 10.0 / 7.0)


def test_slices_that_are_not_solved_are_named() -> None:
    """2025 rests on 2030 and 2035; only 2035 is there."""
    table = built(hand_table(slices(3), 20.0, build_rate=1.0), 2035, 5.0)
    with pytest.raises(InputError, match=r"2025 rests on slices.*\[2030\]|\[2030\].*2025 rests"):
        bounds(table, 2025)


def test_dust_is_dropped_at_its_limits() -> None:
    """Kept from max(0.01, 0.1 % of the potential) on, the limit itself included."""
    potential = [5.0, 5.0, 5.0, 200.0, 200.0, math.inf, 0.0]
    table = hand_table(YEARS, [20.0] * 7, potential=potential, minimum=0.01, minimum_share=0.001)
    capacity = np.array([0.0, 0.0099, 0.01, 0.199, 0.2, 0.01, 0.0])
    expected = [False, False, True, False, True, True, False]
    assert kept(table, 2045, capacity).tolist() == expected
    # What is dust in the target is nothing in all slices before.
    found = bounds(built(table, 2050, *capacity), 2045)
    assert found.upper.tolist() == [0.0, 0.0, 0.01, 0.0, 0.2, 0.01, 0.0]


def test_bad_assets_name_every_fault() -> None:
    """Lifetime, rate, potential and stock are reported together, with the asset."""
    with pytest.raises(InputError) as error:
        hand_table(YEARS, 0.0, build_rate=-1.0, potential=np.nan, stock=-2.0)
    columns = [fault.column for fault in error.value.faults]
    assert columns == ["lifetime", "build_rate", "potential", "stock"]
    assert all("plant_0" in fault.message for fault in error.value.faults)
    with pytest.raises(InputError, match="evenly spaced"):
        hand_table((2020, 2025, 2040), 20.0)
