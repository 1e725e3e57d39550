"""The virtual power plant by hand: who answers, at what cost, and what a resource is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_vehicle_batteries import vehicles
from tiny_park import BATTERY, LOST_LOAD, Recipe, TinyPark, asset, park, technology
from tiny_solved import flow, labels, steps

from meishan_model.errors import InputError
from meishan_model.planning.aggregator import (
    aggregate,
    resting,
    with_resting,
    yearly_value,
)
from meishan_model.planning.event import answers
from meishan_model.sheets.equipment import AssetLimit
from meishan_model.sheets.records import Event
from meishan_model.studies.vpp import ANSWERS, EVENTS, RESOURCES

DAY = 24
PRICE = 660.0
CALL = Event("call", power=2.0, reduction=None, start_hour=14, duration=2, payment=2000.0)
REEFERS = {"duration": 3.0, "payment": 60.0, "recovery_efficiency": 0.97}
WORKS = {"duration": 4.0, "payment": 800.0, "recovery_efficiency": 0.95}


def waiting_park(reefers: float = 1.0, works: float = 2.0) -> TinyPark:
    """10 MW in the afternoon, 6 MW else; reefers that always wait, works that wait when called."""
    load = np.full(DAY, 6.0)
    load[12:18] = 10.0
    tiny = park(Recipe(load=tuple(load), purchase_price=PRICE))
    kinds = [
        technology("reefers", "flexible_load", profile="flat", parameters=REEFERS),
        technology("works", "flexible_load", profile="flat", parameters=WORKS),
    ]
    inputs = replace(
        tiny.inputs,
        technologies={t.technology: t for t in kinds},
        assets=(
            AssetLimit("reefers", "zone", {"potential": reefers}),
            AssetLimit("works", "zone", {"event_potential": works}),
        ),
    )
    shapes = {**tiny.profiles.shapes, "flat": np.ones(DAY)}
    return replace(tiny, inputs=inputs, profiles=replace(tiny.profiles, shapes=shapes))


class Answered(NamedTuple):
    """Tables of the study."""

    events: pd.DataFrame
    answers: pd.DataFrame
    resources: pd.DataFrame


def answered(tiny: TinyPark, call: Event) -> Answered:
    """The answer of a park to an event."""
    ready = replace(tiny, inputs=with_resting(tiny.inputs))
    aggregator = aggregate(ready.task(), resting(tiny.inputs))
    rows = pd.DataFrame([{"event": call.event, **row} for row in answers(aggregator, call)])
    return Answered(*(rows[[*columns]] for columns in (EVENTS, ANSWERS, RESOURCES)))


COST_OF_REEFERS = 2 * 60.0 + (2 / 0.97 - 2) * PRICE
COST_OF_WORKS = 2 * 800.0 + (2 / 0.95 - 2) * PRICE


def test_the_cheapest_answers_first() -> None:
    """2 MW for two hours: reefers give their 1 MW at 60, works the other at 800 CNY/MWh.

    What waits is made up for with its losses: 2/0.97 + 2/0.95 MWh at 660 more in other hours, in
    place of the 4 MWh of the event. Without the reefers the works give all; without the works a
    MW is shed. The caller pays 2000 for each of 4 MWh.
    """
    found = answered(waiting_park(), CALL)
    event = found.events.iloc[0]
    cost = COST_OF_REEFERS + COST_OF_WORKS
    assert event["answered [MWh]"] == pytest.approx(4.0)
    assert event["resources [MWh]"] == pytest.approx(4.0)
    assert event["shed [MWh]"] == pytest.approx(0.0, abs=1e-6)
    assert event["rebound [MWh]"] == pytest.approx(2 / 0.97 + 2 / 0.95)
    assert event["cost [CNY]"] == pytest.approx(cost, rel=1e-4)
    assert event["cost [CNY/MWh]"] == pytest.approx(cost / 4, rel=1e-4)
    assert event["margin [CNY]"] == pytest.approx(8000.0 - cost, rel=1e-4)
    answers = found.answers.set_index("resource")
    assert answers.loc["reefers_zone", "answer [MW]"] == pytest.approx(1.0)
    assert answers.loc["works_zone", "answer [MW]"] == pytest.approx(1.0)
    assert answers.loc["works_zone", "payment [CNY]"] == pytest.approx(1600.0)
    without_reefers = (COST_OF_WORKS - COST_OF_REEFERS) / 1e3
    assert answers.loc["reefers_zone", "value [CNY/kW]"] == pytest.approx(
        without_reefers, rel=1e-4
    )
    shed = 2 * (LOST_LOAD - PRICE) - COST_OF_WORKS
    assert answers.loc["works_zone", "value [CNY/kW]"] == pytest.approx(shed / 2 / 1e3, rel=1e-4)


def test_what_rests_has_no_value_in_an_ordinary_year() -> None:
    """At one price all day nobody waits, so neither is worth anything without a call."""
    found = answered(waiting_park(), CALL).resources.set_index("resource")
    np.testing.assert_allclose(found["value [CNY/(kW*a)]"], 0.0, atol=1e-3)
    assert found["only when called"].to_dict() == {"reefers_zone": False, "works_zone": True}
    assert found.loc["works_zone", "energy [MWh]"] == pytest.approx(8.0)


def test_a_reduction_is_a_share_of_the_import() -> None:
    """A tenth less from 14 to 16 o'clock is 1 MW of 10, which the reefers alone give."""
    call = replace(CALL, power=None, reduction=0.1)
    found = answered(waiting_park(), call)
    assert found.events.iloc[0]["asked [MWh]"] == pytest.approx(2.0)
    answers = found.answers.set_index("resource")["answer [MWh]"]
    np.testing.assert_allclose(answers[["reefers_zone", "works_zone"]], [2.0, 0.0], atol=1e-6)


def test_no_rebound_above_the_billed_demand() -> None:
    """At 10 MW in every hour nothing could be made up for: the whole call would be shed."""
    tiny = waiting_park()
    flat = replace(tiny.inputs.loads[0])
    shapes = {**tiny.profiles.shapes, flat.profile: np.full(DAY, 10.0)}
    tiny = replace(
        tiny,
        inputs=replace(tiny.inputs, prices={**tiny.inputs.prices, "demand_charge": 42000.0}),
        profiles=replace(tiny.profiles, shapes=shapes),
    )
    event = answered(tiny, CALL).events.iloc[0]
    assert event["shed [MWh]"] == pytest.approx(4.0, abs=1e-3)
    assert event["highest rebound [MW]"] < 1e-3


def test_an_event_longer_than_the_slice_is_refused() -> None:
    """Five hours from 22 o'clock do not fit into one day."""
    with pytest.raises(InputError, match="does not fit"):
        answered(waiting_park(), replace(CALL, start_hour=22, duration=5))


COURSE = np.array([310, 290, 280, 270, 265, 300, 420, 610, 820, 870, 905, 760,
                   520, 500, 640, 790, 930, 990, 1040, 1010, 880, 700, 530, 400.0])  # fmt: skip
"""Prices that are all different, so that the optimum has no ties."""


def flexible(size: float) -> TinyPark:
    """Reefers of a size on a day of many prices."""
    tiny = waiting_park(reefers=size, works=0.0)
    return replace(tiny, profiles=replace(tiny.profiles, purchase_price=COURSE))


def cars(size: float) -> TinyPark:
    """Vehicles of a number in hundreds that feed back."""
    tiny = vehicles(100.0 * size, discharge_power=0.007, round_trip_efficiency=0.85)
    return replace(tiny, profiles=replace(tiny.profiles, purchase_price=COURSE))


def battery(size: float) -> TinyPark:
    """A battery of a power with two hours of energy."""
    standing = [
        asset("battery_energy", existing=2.0 * size),
        asset("battery_power", existing=size),
    ]
    recipe = Recipe(load=(10.0,) * DAY, technologies=BATTERY, assets=standing)
    tiny = park(recipe)
    return replace(tiny, profiles=replace(tiny.profiles, purchase_price=COURSE))


@pytest.mark.parametrize(
    ("make", "label"),
    [(flexible, "reefers_zone"), (cars, "smart_cars_zone"), (battery, "battery_zone")],
)
def test_the_dual_of_a_size_is_the_difference_it_makes(
    make: Callable[[float], TinyPark], label: str
) -> None:
    """The value by duals equals the fall of the optimum when the resource grows by 2 %.

    The dual and the difference are two independent ways: the one reads a single optimum, the
    other solves two parks.
    """
    plan = aggregate(make(1.0).task(), frozenset())
    (member,) = (m for m in plan.members if m.label == flow(label))
    by_dual = yearly_value(plan, member)
    smaller, larger = (steps(make(size)).solution.objective for size in (0.99, 1.01))
    assert by_dual == pytest.approx((smaller - larger) / 0.02, rel=1e-3)
    assert by_dual > 0.0


@settings(max_examples=5, deadline=None)
@given(
    power=st.floats(0.2, 3.0),
    start=st.integers(0, 20),
    length=st.integers(1, 4),
    prices=st.lists(st.floats(100.0, 1500.0), min_size=DAY, max_size=DAY),
)
def test_an_event_conserves_energy(
    power: float, start: int, length: int, prices: list[float]
) -> None:
    """Import falls by what was asked for, which resources give or which is shed.

    Without losses of a grid there is nothing else it could come from. What rests gives no more
    than its power.
    """
    tiny = waiting_park()
    tiny = replace(tiny, profiles=replace(tiny.profiles, purchase_price=np.array(prices)))
    call = Event("call", power, None, start, length, 1000.0)
    found = answered(tiny, call)
    event: pd.Series[float] = found.events.iloc[0]
    assert event["answered [MWh]"] == pytest.approx(
        event["resources [MWh]"] + event["shed [MWh]"], abs=1e-4
    )
    assert event["answered [MWh]"] == pytest.approx(event["asked [MWh]"], abs=1e-4)
    works = found.answers.set_index("resource").loc["works_zone"]
    assert -1e-6 <= works["answer [MW]"] <= 2.0 + 1e-6


@settings(max_examples=5, deadline=None)
@given(
    prices=st.lists(st.floats(50.0, 2000.0), min_size=DAY, max_size=DAY),
    closed=st.integers(1, 20),
    recovery=st.floats(0.6, 1.0),
)
def test_a_load_that_waits_is_made_up_for(
    prices: list[float], closed: int, recovery: float
) -> None:
    """Whatever the prices: what waited comes back with its losses, and nothing waits while closed.

    The load is closed for some hours, in which it cannot be put off; it never waits longer than
    its duration's worth of energy.
    """
    tiny = waiting_park()
    shape = np.where(np.arange(DAY) < closed, 0.0, DAY / (DAY - closed))
    kind = tiny.inputs.technologies["reefers"]
    kind = replace(kind, parameters={**REEFERS, "recovery_efficiency": recovery})
    tiny = replace(
        tiny,
        inputs=replace(tiny.inputs, technologies={"reefers": kind}, assets=tiny.inputs.assets[:1]),
        profiles=replace(
            tiny.profiles,
            shapes={**tiny.profiles.shapes, "flat": shape},
            purchase_price=np.array(prices),
        ),
    )
    found = steps(tiny).solution
    waited = found.flow[labels("reefers_zone", "zone_20kv")].to_numpy()
    made_up = found.flow[labels("zone_20kv", "reefers_zone")].to_numpy()
    assert waited[:closed].max() <= 1e-6
    assert made_up.sum() * recovery == pytest.approx(waited.sum(), abs=1e-5)
    assert found.storage_content[flow("reefers_zone")].max() <= 3.0 + 1e-6
