"""Clean power sold to the city under contract: its hours, its price, its volumes, its limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_park import GRID_MARKET, PV, Recipe, asset, export, green_power, park
from tiny_solved import cost, emission, power, solved

from meishan_model.accounts.principles import exported_energy
from meishan_model.planning.limits import contract_limit, contract_use
from meishan_model.series.market import (
    cheapest_purchase,
    export_course,
    export_income,
    money_pumps,
)

approx = pytest.approx
SUN = (0.0, 0.0, 1.0, 1.0)
NIGHT_AND_NOON = (660.0, 660.0, 400.0, 660.0)
MONTHS = pd.date_range("2035-01-01", periods=8760, freq="h").month.to_numpy()


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def recipe(load: float, price: float, **changed: object) -> Recipe:
    """10 MW of PV in hours 3 and 4, and 6 MW of them on offer to the city at a price."""
    given = {
        "load": (load,) * 4,
        "technologies": [PV],
        "assets": [asset("pv", existing=10.0)],
        "capacity_factor": {"pv": SUN},
        "green_power": {"sun": SUN},
        "contracts": [export("neighbours", "sun", 6.0, price)],
        "purchase_price": NIGHT_AND_NOON,
    }
    return Recipe(**{**given, **changed})


def test_surplus_goes_to_the_contract_before_the_market(tmp_path: Path) -> None:
    """Of 10 MW 2 are used, 6 are sold under contract at 300 and 2 on the market at 100."""
    tiny = park(recipe(2.0, 300.0, export_price=100.0))
    ds = solved(tiny, tmp_path)
    close(power(ds, "power_market->neighbours_delivery"), [0.0, 0.0, 6.0, 6.0])
    close(power(ds, "power_market->export_sale"), [0.0, 0.0, 2.0, 2.0])
    close(power(ds, "local_green->export"), [0.0, 0.0, 8.0, 8.0])
    assert cost(ds, "export") == approx(-tiny.weight * 2 * (6.0 * 300.0 + 2.0 * 100.0))
    assert exported_energy(ds) == approx(tiny.weight * 2 * 8.0)
    (contract,) = tiny.inputs.contracts
    assert contract_limit(contract) == (6.0, "MW")
    assert contract_use(ds, contract, tiny.profiles) == approx(6.0)


@pytest.mark.parametrize(("price", "sold"), [(525.0, 0.0), (535.0, 6.0)])
def test_a_contract_cannot_pick_its_hours(price: float, sold: float, tmp_path: Path) -> None:
    """The park needs all its 10 MW; power costs 400 and 660 in their hours, 530 on average.

    At 525 it would like to sell in the hour of 400 alone, and may not. At 535 it sells in both
    and buys back, and what it buys is not green: sold outside, it does not count inside.
    """
    tiny = park(recipe(10.0, price))
    ds = solved(tiny, tmp_path)
    close(power(ds, "power_market->neighbours_delivery"), [0.0, 0.0, sold, sold])
    close(power(ds, "grid_purchase->upstream"), [10.0, 10.0, sold, sold])
    bought = tiny.weight * (20.0 + 2 * sold)
    assert emission(ds, "scope2_market") == approx(bought * GRID_MARKET)
    close(power(ds, "local_green->green_used_at_home"), [0.0, 0.0, 10.0 - sold, 10.0 - sold])


def test_the_loader_refuses_what_pays_for_buying_back() -> None:
    """Exactly the second of these two: 535 is above the 530 that its hours cost on average."""
    month, where = np.ones(4, dtype=int), {("contracts", "neighbours"): (4, 5, 6)}
    for price, refused in ((525.0, 0), (535.0, 1)):
        offers = [export("neighbours", "sun", 6.0, price)]
        outputs, paid = {"sun": np.array(SUN)}, np.array(NIGHT_AND_NOON)
        faults = list(money_pumps(offers, outputs, month, paid, "park/contracts.csv", where))
        assert len(faults) == refused
        for fault in faults:
            assert (fault.column, fault.value) == ("price", "535")
            assert fault.remedy == "give less than 530.0"
            assert "neighbours (rows 4 to 6)" in fault.message


def test_cheap_green_power_is_what_could_be_sold_again() -> None:
    """Green power at 450 + 100 + 29 is cheaper than the grid by night, not at noon.

    An export by the sun at noon may earn less than 400, by the flat course less than the mean of
    what is cheapest in each hour.
    """
    paid = np.array(NIGHT_AND_NOON)
    deal = green_power("deal", "flat", 10.0, 450.0)
    least = cheapest_purchase([deal], paid, np.full(4, 100.0), np.full(4, 29.0))
    close(least, [579.0, 579.0, 400.0, 579.0])
    offers = [export("city", "flat", 5.0, 540.0)]
    month = np.ones(4, dtype=np.int64)
    courses = {"flat": np.ones(4)}
    assert not list(money_pumps(offers, courses, month, paid, "contracts.csv", {}))
    (fault,) = money_pumps(offers, courses, month, least, "contracts.csv", {})
    assert fault.remedy == f"give less than {(3 * 579 + 400) / 4:.1f}"


def test_no_export_no_contract(tmp_path: Path) -> None:
    """Where a scenario allows no export, or nothing is generated, nothing is sold."""
    tiny = park(recipe(2.0, 300.0))
    for other in (tiny.with_scenario(export=False), park(recipe(2.0, 300.0, technologies=[]))):
        labels = {str(node.label) for node in other.graph().energy_system.nodes}
        assert "neighbours_delivery" not in labels


def test_a_risky_contract_earns_less(tmp_path: Path) -> None:
    """Of 5 MW a fifth fails: 4 MW are sold; half the price is owed for each missing quarter.

    400 x (1 - 0.5 x 0.25) = 350 CNY for each MWh that is delivered.
    """
    offer = export("neighbours", "sun", 5.0, 400.0, delivery_risk=0.2, undelivered_paid=0.5)
    tiny = park(recipe(2.0, 0.0, contracts=[offer]))
    ds = solved(tiny, tmp_path)
    close(power(ds, "power_market->neighbours_delivery"), [0.0, 0.0, 4.0, 4.0])
    assert cost(ds, "export") == approx(-tiny.weight * 8.0 * 350.0)
    assert contract_use(ds, offer, tiny.profiles) == approx(5.0)


def test_volumes_hold_it_down_month_by_month() -> None:
    """2 MW all day are 1488 MWh in January and 1344 in February.

    744 MWh of January let half of it through, 9999 of February all, no other month has any.
    """
    offer = export("neighbours", "flat", 2.0, 1.0, volumes={1: 744.0, 2: 9999.0})
    course = export_course(offer, np.ones(8760), MONTHS)
    close(course[MONTHS == 1], 0.5)
    close(course[MONTHS == 2], 1.0)
    assert not course[MONTHS > 2].any()


@given(
    volumes=st.dictionaries(st.integers(1, 12), st.floats(0, 5000), min_size=1),
    capacity=st.floats(0.1, 50),
    risk=st.floats(0, 0.9),
)
def test_no_month_gets_more_than_its_volume(
    volumes: dict[int, float], capacity: float, risk: float
) -> None:
    """What is delivered of the whole contract is within its volume and its output, risk off."""
    offer = export("x", "p", capacity, 1.0, volumes=volumes, delivery_risk=risk)
    output = np.abs(np.sin(np.arange(8760.0)))
    course = export_course(offer, output, MONTHS)
    assert (course <= output * (1 - risk) + 1e-12).all()
    for month in range(1, 13):
        delivered = capacity * course[month == MONTHS].sum()
        assert delivered <= volumes.get(month, 0.0) * (1 - risk) * (1 + 1e-9) + 1e-9
    assert export_income(replace(offer, volumes={})) == 1.0
