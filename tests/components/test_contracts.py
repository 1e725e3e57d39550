"""Contracted green power: its price, its risk, its volumes and consumers, and matching."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny_park import GRID_LOCATION, GRID_MARKET, PV, Recipe, asset, certificate, green_power, park
from tiny_solved import cost, emission, labels, net_emission, power, solved, steps

from meishan_model.sheets.scenario import MATCHINGS

approx = pytest.approx


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def share(ds: xr.Dataset) -> float:
    """Share of the electricity that is clean in its hour."""
    return float(ds.attrs["hourly_matched_share"])


def test_the_deal_of_december_2020(tmp_path: Path) -> None:
    """20 GWh contracted for a month, 14 GWh delivered, paid by the formula (RMI 2023).

    744 hours of December at 40 MW, a plant of 90 MW, a risk of 30 %. A MWh costs 415.3 (feed-in)
    + 100 (network) + 10 (premium) = 525.3 against 660: all that comes is taken. 14 GWh cost
    7.3542 million CNY, the seller bears the 6 GWh that are missing. The other 15.76 GWh of the
    month are bought.
    """
    deal = green_power(
        "deal", "wind", 90.0, 415.3, premium=10.0, delivery_risk=0.3, volumes={12: 20e3}
    )
    recipe = Recipe(
        load=(40.0,) * 744,
        month=(12,) * 744,
        contracts=[deal],
        green_power={"wind": (1.0,) * 744},
        prices={"network_charge": 100.0},
    )
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    assert power(ds, "deal_delivery->upstream").sum() == approx(14e3)
    assert power(ds, "grid_purchase->upstream").sum() == approx(40.0 * 744 - 14e3)
    paid = cost(ds, "purchase") / tiny.weight - 660.0 * (40.0 * 744 - 14e3)
    assert paid == approx(14e3 * 525.3)
    assert emission(ds, "scope2_market") == approx(tiny.weight * 15.76e3 * GRID_MARKET)


def test_what_fails_to_come_is_paid_where_the_contract_says_so(tmp_path: Path) -> None:
    """A quarter of 8 MW does not come; half of its price is owed: 6 x 300 + 2 x 150 = 2100."""
    deal = green_power("deal", "flat", 8.0, 300.0, delivery_risk=0.25, undelivered_paid=0.5)
    tiny = park(Recipe(contracts=[deal], green_power={"flat": (1.0,) * 4}))
    ds = solved(tiny, tmp_path)
    close(power(ds, "deal->deal_plant"), 6.0)
    assert cost(ds, "purchase") == approx(8760.0 * (2100.0 + 4.0 * 660.0))


@pytest.mark.parametrize(("untaken", "paid"), [(1.0, 37.5), (0.0, 32.5), (0.2, 33.5)])
def test_take_or_pay_and_network_charge(untaken: float, paid: float, tmp_path: Path) -> None:
    """What nobody takes is owed by its share; network charge and levies fall on what is taken.

    15 MW at 1.0, 0.5, 0.5, 0.5 offer 37.5 MWh to 10 MW of load, 32.5 are taken.
    """
    wind = green_power("wind", "wind", 15.0, 200.0, untaken_paid=untaken)
    recipe = Recipe(
        contracts=[replace(wind, parameters={**wind.parameters, "premium": 10.0})],
        green_power={"wind": (1.0, 0.5, 0.5, 0.5)},
        prices={"network_charge": 60.0},
        levies=30.0,
    )
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    if untaken == 0.0:  # more capacity costs nothing then, and serves the whole load
        close(power(ds, "wind_delivery->upstream"), [10.0, 7.5, 7.5, 7.5])
    expected = paid * 210.0 + 32.5 * 90.0 + 7.5 * 660.0
    assert cost(ds, "purchase") == approx(tiny.weight * expected)


def test_volumes_limit_each_month(tmp_path: Path) -> None:
    """Two months of two hours each: 2190 MWh/h x 2 stand for a month's volume, or for none.

    Four hours are a year, so two hours of January are 4380 h against its 744: its volume of
    744 MWh is 4380 MWh of the trial, 1 MW over its hours. February is not named and has none.
    """
    deal = green_power("deal", "flat", 50.0, 100.0, volumes={1: 744.0})
    recipe = Recipe(month=(1, 1, 2, 2), contracts=[deal], green_power={"flat": (1.0,) * 4})
    ds = solved(park(recipe), tmp_path)
    delivered = power(ds, "deal_delivery->upstream")
    assert delivered[:2].sum() == approx(2.0)
    close(delivered[2:], 0.0)


def two_loads(**terms: object) -> Recipe:
    """10 MW in the zone, of which 3, 1, 3, 1 MW are the buildings of its one load."""
    return Recipe(
        load=(3.0, 1.0, 3.0, 1.0),
        contracts=[green_power("deal", "flat", 2.0, 300.0, **terms)],
        green_power={"flat": (1.0,) * 4},
        **{"market_price": 100.0} if "consumer" in terms else {},
    )


def test_a_named_consumer_takes_no_more_than_its_load(tmp_path: Path) -> None:
    """2 MW for a load of 3, 1, 3, 1 MW: 2, 1, 2, 1 are delivered, the rest of the load is bought.

    For a load that the park does not have, nothing is.
    """
    ds = solved(park(two_loads(consumer="load")), tmp_path / "load")
    close(power(ds, "deal_delivery->upstream"), [2.0, 1.0, 2.0, 1.0])
    ds = solved(park(two_loads(consumer="nobody")), tmp_path / "nobody")
    close(power(ds, "deal_delivery->upstream"), 0.0)


def matched(matching: str, tmp_path: Path, **more: object) -> xr.Dataset:
    """10 MW of load in two months; 20 MW of a plant that runs in hours 1 and 3 of four.

    Hour 1 of month 1 offers 20 MW and leaves 10, hour 3 of month 2 offers 5. Nothing may be
    emitted; certificates cover what the plant does not.
    """
    recipe = Recipe(
        month=(1, 1, 2, 2),
        contracts=[green_power("sun", "sun", 20.0, 100.0), certificate(price=400.0)],
        green_power={"sun": (1.0, 0.0, 0.25, 0.0)},
        market_price=(90.0, 0.0, 200.0, 0.0),
        purchase_price=(500.0, 600.0, 700.0, 800.0),
        scenario={"matching": matching},
        cap=0.0,
        **more,
    )
    return solved(park(recipe), tmp_path)


@pytest.mark.parametrize(
    ("matching", "claimed", "certificates"),
    [("hourly", 0.0, 25.0), ("monthly", 10.0, 15.0), ("yearly", 10.0, 15.0)],
)
def test_surplus_is_claimed_within_its_period(
    matching: str, claimed: float, certificates: float, tmp_path: Path
) -> None:
    """Of 25 MWh, 15 serve their hours; the surplus of 10 covers purchases of its month.

    By the hour 25 of 40 MWh need certificates. By the month the 10 MWh are claimed in hour 2, by
    the year in any hour; their power is bought at the tariff of its hour, the surplus earns 90.
    The share that is clean in its hour is 15 of 40 MWh under every rule.
    """
    ds = matched(matching, tmp_path)
    weight = 8760.0 / 4
    close(power(ds, "sun_delivery->upstream"), [10.0, 0.0, 5.0, 0.0])
    assert power(ds, "certificates->certificates_registry").sum() == approx(certificates)
    assert net_emission(ds) == approx(0.0, abs=1e-2)
    assert share(ds) == approx(15.0 / 40.0)
    assert emission(ds, "scope2_location") == approx(weight * 40.0 * GRID_LOCATION)
    bought = 10.0 * 600.0 + 5.0 * 700.0 + 10.0 * 800.0
    income = 10.0 * 90.0 if claimed else 0.0
    assert cost(ds, "purchase") == approx(weight * (25.0 * 100.0 + bought - income))
    if claimed:
        claims = power(ds, "sun_claimed->upstream")
        assert claims.sum() == approx(claimed)
        if matching == "monthly":
            close(claims, [0.0, 10.0, 0.0, 0.0])


def test_settled_by_the_hour_earns_but_claims_nothing(tmp_path: Path) -> None:
    """Between lost and claimed surplus lies the one that is only sold: 25 certificates again."""
    ds = matched("hourly_settled", tmp_path)
    assert power(ds, "certificates->certificates_registry").sum() == approx(25.0)
    close(power(ds, "sun_plant->sun_settled"), [10.0, 0.0, 0.0, 0.0])
    assert not [flow for flow in ds["flow"].to_numpy() if "claimed" in flow]


def test_a_consumer_claims_no_more_than_it_uses(tmp_path: Path) -> None:
    """The least of contracted, generated and consumed: 8 MWh of use are all that counts.

    4 MW for a load of 8 MWh: 3 + 1 + 3 + 1 are delivered, 8 more are settled and nothing of them
    is claimed, although certificates at 400 are dear.
    """
    deal = green_power("deal", "flat", 4.0, 50.0, consumer="load")
    recipe = replace(two_loads(consumer="load"), contracts=[deal, certificate(price=400.0)])
    recipe = replace(recipe, scenario={"matching": "yearly"}, cap=0.0)
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "deal_delivery->upstream"), [3.0, 1.0, 3.0, 1.0])
    close(power(ds, "deal_claimed->upstream"), 0.0)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(
    profile=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4),
    load=st.lists(st.floats(1.0, 20.0), min_size=4, max_size=4),
    market=st.lists(st.floats(0.0, 250.0), min_size=4, max_size=4),
    cap=st.floats(0.0, 40e3),
)
@example([0.0] * 4, [1.0] * 4, [0.0, 0.0, 0.0, 2.2e-311], 0.0)
def test_a_stricter_rule_never_costs_less(
    profile: list[float], load: list[float], market: list[float], cap: float
) -> None:
    """Whatever a rule allows, the looser one allows too: yearly <= monthly <= settled <= hourly.

    Claims never exceed the surplus of their period.
    """
    recipe = Recipe(
        load=load,
        month=(1, 1, 2, 2),
        contracts=[green_power("wind", "wind", 20.0, 300.0), certificate(price=200.0)],
        green_power={"wind": profile},
        market_price=market,
        cap=cap,
    )
    costs = []
    for matching in MATCHINGS:
        found = steps(park(recipe).with_scenario(matching=matching))
        costs.append(found.solution.objective)
        flow = found.solution.flow
        if labels("wind_claimed", "upstream") in flow:
            surplus = flow[labels("wind_plant", "wind_settled")].to_numpy()
            left = surplus - flow[labels("wind_claimed", "upstream")].to_numpy()
            periods = [left[:2], left[2:]] if matching == "monthly" else [left]
            assert all(period.sum() >= -1e-5 for period in periods)
    assert all(b >= a - 1e-6 * max(1.0, abs(a)) for a, b in pairwise(costs))


def test_location_based_emissions_follow_the_hour(tmp_path: Path) -> None:
    """Twice the factor in the night, none of it at noon: 10 MW at 1.5, 0.5, 0.5, 1.5 of 0.5.

    The plant delivers in hours 2 and 3, the purchase is that of hours 1 and 4; the market-based
    figure keeps its one factor.
    """
    recipe = Recipe(
        contracts=[green_power("sun", "sun", 10.0, 100.0)],
        green_power={"sun": (0.0, 1.0, 1.0, 0.0)},
        grid_factor_ratio=(1.5, 0.5, 0.5, 1.5),
        scenario={"shadow_carbon": True},
    )
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    items = ds["emissions"].to_series()
    assert items["scope2_location:electricity"] == approx(tiny.weight * 30.0 * GRID_LOCATION)
    assert items["scope2_location:sun"] == approx(tiny.weight * 10.0 * GRID_LOCATION)
    assert items["scope2_market:electricity"] == approx(tiny.weight * 20.0 * GRID_MARKET)
    assert cost(ds, "shadow_carbon") == approx(800.0 * emission(ds, "scope2_location"))


def test_the_matched_share_takes_off_what_is_exported(tmp_path: Path) -> None:
    """PV of 10 MW in one of four hours, a load of 2 MW: 8 are sold, 2 of 8 MWh are clean.

    A park that only buys has a share of zero.
    """
    recipe = Recipe(
        load=(2.0,) * 4,
        export_price=300.0,
        technologies=[PV],
        assets=[asset("pv", existing=10.0)],
        capacity_factor={"pv": (0.0, 0.0, 1.0, 0.0)},
    )
    ds = solved(park(recipe), tmp_path / "pv")
    close(power(ds, "export->power_market"), [0.0, 0.0, 8.0, 0.0])
    assert share(ds) == approx(2.0 / 8.0)
    assert share(solved(park(Recipe()), tmp_path / "grid")) == 0.0
