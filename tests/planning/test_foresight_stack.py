"""The stack of years by hand: one technology, one load, a market to buy from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hand_terms import hand_terms
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.components.flows import NET_EMISSION
from meishan_model.optimise.conflicts.explain import explain_conflicts
from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.problem import NO_LABELS, Columns, LinearProblem
from meishan_model.optimise.solvers.highs import solve_highs
from meishan_model.planning.foresight_stack import Part, stack
from meishan_model.planning.vintages import BuildingTerms

PRICE = 5.0
YEARS = (2020, 2025)


def slice_part(
    demand: float = 10.0,
    yearly: float = 0.0,
    cap: float = np.inf,
    running: float = 0.0,
    most: float = np.inf,
    unavoidable: float = 0.0,
) -> Part:
    """Columns new build n, purchase b; rows n + b = demand and b <= cap - unavoidable.

    Buying costs 5 and emits 1 t a unit; n costs ``yearly`` and, as it runs, ``running``.
    """
    problem = LinearProblem(
        matrix=sp.csc_array(np.array([[1.0, 1.0], [0.0, 1.0]])),
        row_lower=np.array([demand, -np.inf]),
        row_upper=np.array([demand, cap - unavoidable]),
        column_lower=np.zeros(2),
        column_upper=np.array([most, np.inf]),
        cost=np.array([yearly + running, PRICE]),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=replace(NO_LABELS, integral_limit={NET_EMISSION: 1}),
    )
    return Part(problem, {"plant_0": np.array([0])}, cap)


def parts_of(terms: BuildingTerms, **options: float) -> list[Part]:
    """One part a year that charges the year's annuity and O&M, as slices do."""
    return [
        slice_part(yearly=float(terms.table.annuity[y, 0] + terms.table.fixed_om[y, 0]), **options)
        for y in range(len(terms.years))
    ]


def optimum(
    terms: BuildingTerms,
    parts: Sequence[Part],
    weights: Sequence[float] = (1.0, 1.0),
    budget: tuple[float, np.ndarray] | None = None,
) -> tuple[float, list[float]]:
    """Cost and additions."""
    joined = stack(parts, terms, np.asarray(weights), budget)
    raw = solve_highs(joined.problem, methods=("simplex",))
    return raw.objective, joined.additions(raw.column_values, terms).ravel().tolist()


def test_a_stack_of_one_slice_is_the_slice() -> None:
    """Same cost and same new build as the slice alone: 6 units at 3, 4 bought at 5."""
    terms = hand_terms((2050,), limit=6.0, annuity=2.0, fixed_om=1.0, first=True)
    part = parts_of(terms, most=6.0)[0]
    alone = solve_highs(part.problem, methods=("simplex",))
    cost, additions = optimum(terms, [part], [1.0])
    assert alone.objective == pytest.approx(6 * 3 + 4 * 5)
    assert cost == pytest.approx(alone.objective)
    assert additions == pytest.approx([alone.column_values[0]])


def test_waiting_for_the_cheaper_year() -> None:
    """Annuity 6, then 2, O&M 1: built at once a unit costs 2 x 7 and saves 10; so wait.

    2020: 10 bought at 5. 2025: 10 units at 2 + 1. 80 in all.
    """
    terms = hand_terms(YEARS, annuity=[[6.0], [2.0]], fixed_om=1.0, first=True)
    assert optimum(terms, parts_of(terms)) == (pytest.approx(80.0), pytest.approx([0.0, 10.0]))


def test_a_build_rate_makes_it_pay_to_begin_early() -> None:
    """Annuity 3.5, then 2, O&M 1, at most 4 a step.

    A unit of 2020 costs 2 x 4.5 = 9 in both years and saves 10, as 2025 cannot build all. 4 of
    each: 4 x 9 + 4 x 3 for the plants, 6 x 5 + 2 x 5 bought: 88. Without the rate waiting wins.
    """
    terms = hand_terms(YEARS, annuity=[[3.5], [2.0]], fixed_om=1.0, limit=4.0, first=True)
    assert optimum(terms, parts_of(terms)) == (pytest.approx(88.0), pytest.approx([4.0, 4.0]))
    free = hand_terms(YEARS, annuity=[[3.5], [2.0]], fixed_om=1.0, first=True)
    # Built at once a unit pays 4.5 twice; bought now and built then it costs 5 + 3 = 8.
    assert optimum(free, parts_of(free)) == (pytest.approx(80.0), pytest.approx([0.0, 10.0]))


def test_a_short_life_is_paid_once_and_built_again() -> None:
    """One step of life, annuity 3.5 then 2, O&M 1: 10 x 4.5 + 10 x 3."""
    terms = hand_terms(YEARS, [1], annuity=[[3.5], [2.0]], fixed_om=1.0, first=True)
    assert optimum(terms, parts_of(terms)) == (pytest.approx(75.0), pytest.approx([10.0, 10.0]))


def test_what_stands_has_room_and_what_runs_is_paid_when_it_runs() -> None:
    """Room for 3 in both years; running costs 0.5: (5 + 5 - 2 x 3.5) x 3 saved of 100.

    Annuity 2 and O&M 1 a year, so that a unit of 2020 costs 2 x (3 + 0.5) in both years.
    """
    terms = hand_terms(YEARS, annuity=2.0, fixed_om=1.0, room=3.0, first=True)
    cost, additions = optimum(terms, parts_of(terms, running=0.5, most=3.0))
    assert cost == pytest.approx(100.0 - 3.0 * 3.0)
    assert additions == pytest.approx([3.0, 0.0])


def test_what_is_not_needed_any_more_stands_idle() -> None:
    """Caps of 4 and 10 with an annuity of 9: 6 units for 2020 stay, and save 5 each in 2025.

    2020: 4 bought, 6 built at 9. 2025: 9 a unit again, 4 bought. If the load is 2 in 2025, 2 of
    the 6 run, 4 stand idle and are paid all the same: 4 x 5 + 2 x 6 x 9.
    """
    terms = hand_terms(YEARS, annuity=9.0, first=True)
    parts = [slice_part(yearly=9.0, cap=4.0), slice_part(yearly=9.0, cap=10.0)]
    assert optimum(terms, parts)[0] == pytest.approx(4 * 5 * 2 + 2 * 6 * 9)
    parts[1] = slice_part(demand=2.0, yearly=9.0, cap=10.0)
    cost, additions = optimum(terms, parts)
    assert additions == pytest.approx([6.0, 0.0])
    assert cost == pytest.approx(4 * 5 + 2 * 6 * 9)


def test_a_budget_is_spent_where_it_is_worth_most() -> None:
    """Three slices, annuities 20, 10 and 9, one step of life, caps of 6, 3 and 0.

    2.5, 5 and 2.5 years: 30 t in all. With caps 4 x 20, 7 x 10, 10 x 9 are built. With the
    budget 2020 buys all 10 (25 t), 2025 one (5 t), and the target stays at zero.
    """
    years = (2020, 2025, 2030)
    terms = hand_terms(years, [1], annuity=[[20.0], [10.0], [9.0]], first=True)
    parts = [slice_part(yearly=a, cap=c) for a, c in ((20.0, 6.0), (10.0, 3.0), (9.0, 0.0))]
    weights, stand_for = (1.0, 1.0, 1.0), np.array([2.5, 5.0, 2.5])
    cost, additions = optimum(terms, parts, weights)
    assert additions == pytest.approx([4.0, 7.0, 10.0])
    assert cost == pytest.approx(4 * 20 + 6 * 5 + 7 * 10 + 3 * 5 + 10 * 9)
    cost, additions = optimum(terms, parts, weights, (30.0, stand_for))
    assert additions == pytest.approx([0.0, 9.0, 10.0])
    assert cost == pytest.approx(10 * 5 + 9 * 10 + 5 + 10 * 9)


def test_what_no_column_decides_counts_in_the_budget() -> None:
    """2 t that nothing can change in 2020 leave 25 - 5 t of a budget of 25: 8 are bought there."""
    terms = hand_terms(YEARS, [1], annuity=20.0, first=True)
    parts = [slice_part(yearly=20.0, cap=9.0, unavoidable=2.0), slice_part(yearly=20.0, cap=0.0)]
    joined = stack(parts, terms, np.ones(2), (25.0, np.array([2.5, 2.5])))
    raw = solve_highs(joined.problem, methods=("simplex",))
    assert raw.column_values[:2] == pytest.approx([2.0, 8.0])
    assert joined.caps(raw.column_values) == pytest.approx([10.0, 0.0])


def test_what_a_slice_buys_too_much_of_serves_no_other_slice() -> None:
    """1000 t that the target takes up for nothing leave 2020 the 10 t of the budget of 25."""
    terms = hand_terms(YEARS, [1], annuity=20.0, first=True)
    target = slice_part(yearly=20.0, cap=0.0, unavoidable=-1000.0)
    parts = [slice_part(demand=50.0, yearly=20.0, cap=9.0), target]
    joined = stack(parts, terms, np.ones(2), (25.0, np.array([2.5, 2.5])))
    raw = solve_highs(joined.problem, methods=("simplex",))
    assert raw.column_values[:2] == pytest.approx([40.0, 10.0])


costs = st.floats(0.5, 12.0)


@settings(max_examples=40, deadline=None)
@given(first=costs, second=costs, rate=st.floats(1.0, 12.0), plan=st.tuples(costs, costs))
def test_no_feasible_plan_is_cheaper(
    first: float, second: float, rate: float, plan: tuple[float, float]
) -> None:
    """Any additions that keep the rate, used as well as can be, cost at least as much."""
    terms = hand_terms(YEARS, annuity=[[first], [second]], fixed_om=0.5, limit=rate, first=True)
    cost, _ = optimum(terms, parts_of(terms))
    additions = np.minimum(np.array(plan), rate)[:, None]
    standing = np.minimum(terms.standing(additions), 10.0).ravel()
    paid = terms.annuities(additions).sum() + 0.5 * terms.standing(additions).sum()
    assert cost <= paid + PRICE * (20.0 - standing.sum()) + 1e-6


def named(part: Part) -> Part:
    """The part with names for its rows and columns, as a graph of one hour has them."""
    labels = replace(
        part.problem.labels,
        flow={("market", "zone"): Columns(np.array([1]), np.zeros(1))},
        flow_investment={("plant", "zone"): Columns(np.array([0]), np.zeros(1))},
        bus_balance={"zone": np.array([0])},
    )
    return replace(part, problem=replace(part.problem, labels=labels))


def test_what_is_in_conflict_is_told_with_its_year() -> None:
    """A plant of 5 and a cap of 4 for a load of 10 leave one unit short, in 2025 alone.

    2020 buys all. The message names 2025, its hour, and the 1 that is missing; not a word of 2020.
    """
    terms = hand_terms(YEARS, first=True)
    parts = [named(slice_part()), named(slice_part(cap=4.0, most=5.0))]
    problem = stack(parts, terms, np.ones(2)).problem
    with (
        pytest.raises(ConflictError) as raised,
        explain_conflicts(problem, pd.Index(["07-14 19:00"])),
    ):
        solve_highs(problem, methods=("simplex",))
    text = str(raised.value)
    assert raised.value.headline.startswith("the problem is infeasible: 1 short at 2025 zone")
    assert "2025 zone, 07-14 19:00" in text
    assert "flow capacity" not in text and "2020" not in text
