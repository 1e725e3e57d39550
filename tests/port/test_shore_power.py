"""Ships at berth against their own engines, by hand, and the published call of November 2021."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_park import Recipe, park
from tiny_port import MARINE_FUEL, port_recipe
from tiny_solved import cost, emission, net_emission, power, price, solved

from meishan_model.components.selection import energy_of, power_of
from meishan_model.port.report import power_of_ships
from meishan_model.port.ships import BerthSeries

approx = pytest.approx

ENERGY, HOURS = 4.3, 11
"""The shore-power call at berth 6 of Meishan port: 4300 kWh in 11 hours."""


def close(found: np.ndarray, expected: object) -> None:
    """Equal to 1e-6 MW."""
    np.testing.assert_allclose(found, expected, atol=1e-6)


SHIPS_AT_BERTH = BerthSeries(
    hotel_load=np.array([2.0, 2.0, 1.5, 1.0]),
    connectable=np.array([1.0, 1.0, 1.0, 0.5]),
    boiler_fuel=np.array([0.5, 0.5, 0.2, 0.2]),
)


@pytest.mark.parametrize(
    ("purchase_price", "shore_power", "expected"),
    [
        (400.0, 10.0, (1.0, 1.0, 1.0, 0.5)),
        (400.0, 0.8, (0.8, 0.8, 0.8, 0.5)),
        (720.0, 10.0, (0.0, 0.0, 0.0, 0.0)),
    ],
    ids=["limited by the connectable part", "limited by its capacity", "too dear"],
)
def test_shore_power_against_auxiliary_engines(
    purchase_price: float, shore_power: float, expected: tuple[float, ...], tmp_path: Path
) -> None:
    """Shore power serves what is connectable and built, where it is cheaper than the engines.

    The engines cost 300 / 0.4 = 750 per MWh; shore power 400 / 0.95 = 421, or 720 / 0.95 = 758.
    The boilers burn their fuel in either case, and all fuel counts in scope 1.
    """
    tiny = park(port_recipe(SHIPS_AT_BERTH, purchase_price, shore_power))
    ds = solved(tiny, tmp_path)
    shore = np.array(expected)
    fuel = (SHIPS_AT_BERTH.hotel_load - shore) / 0.4
    close(power(ds, "shore_power_zone->quay_ships_6_6kv"), shore)
    close(power(ds, "zone_20kv->shore_power_zone"), shore / 0.95)
    close(power(ds, "marine_fuel->quay_ships_6_6kv_auxiliary_engines"), fuel)
    close(power(ds, "marine_fuel->quay_ships_6_6kv_boilers"), SHIPS_AT_BERTH.boiler_fuel)
    burnt = tiny.weight * (fuel.sum() + SHIPS_AT_BERTH.boiler_fuel.sum())
    assert emission(ds, "scope1") == approx(MARINE_FUEL * burnt)
    assert cost(ds, "fuel") == approx(300.0 * burnt)
    close(price(ds, "quay_ships_6_6kv"), 750.0)


def test_energy_of_the_ships_is_that_of_their_flows(tmp_path: Path) -> None:
    """Hotel load = conversion in every hour, fuel = conversion + boilers: final energy."""
    ds = solved(park(port_recipe(SHIPS_AT_BERTH, 400.0, 0.8)), tmp_path)
    (hotel,) = power_of(ds, role="load", carrier="berth_power")
    close(hotel, SHIPS_AT_BERTH.hotel_load)
    close(power_of(ds, role="conversion", carrier="berth_power", way="in").sum(axis=0), hotel)
    burnt = energy_of(ds, role="fuel", carrier="marine_fuel")
    taken = [energy_of(ds, role=r, carrier="marine_fuel") for r in ("conversion", "load")]
    assert burnt == approx(sum(taken))
    energy = ds["energy_mwh"].to_series()
    assert energy["ships:marine_fuel"] == approx(burnt)
    drawn = energy_of(ds, role="conversion", carrier="electricity")
    assert energy["ships:electricity"] == approx(drawn)
    (chapter,) = power_of_ships({2035: ds})
    assert chapter.unit == "GWh/a"
    of_ships = {"technology.shore_power": 2.9, "technology.auxiliary_engine": 3.6}
    assert chapter.table[2035].to_dict() == approx({k: mw * 2.19 for k, mw in of_ships.items()})


def test_a_park_without_ships_has_no_chapter_of_theirs(tmp_path: Path) -> None:
    """A section of the page that says nothing is left out."""
    assert not [*power_of_ships({2035: solved(park(Recipe()), tmp_path)})]


def test_ships_at_berth_can_be_reported_only(tmp_path: Path) -> None:
    """Where it is only reported the same fuel stands in scope 3, outside the cap.

    Shore power at 720 is dearer than the engines, so both plans burn the same; inside, a cap of
    zero makes all of it a gap, and so shore power pays.
    """
    inside = solved(park(port_recipe(SHIPS_AT_BERTH, 720.0, 10.0)), tmp_path / "inside")
    only_reported = {"reported_fuels": frozenset({"marine_fuel"}), "cap": 0.0}
    memo_park = park(port_recipe(SHIPS_AT_BERTH, 720.0, 10.0, **only_reported))
    memo = solved(memo_park, tmp_path / "memo")
    assert emission(inside, "scope1") > 0
    assert emission(inside, "scope3_reported") == 0
    assert emission(memo, "scope3_reported") == approx(emission(inside, "scope1"))
    assert emission(memo, "scope1") == 0
    assert net_emission(memo) == approx(0.0, abs=1e-3)
    assert cost(memo, "gap") == approx(0.0, abs=1.0)
    assert memo.attrs["objective"] == approx(inside.attrs["objective"])
    capped = solved(park(port_recipe(SHIPS_AT_BERTH, 720.0, 10.0, cap=0.0)), tmp_path / "capped")
    close(power(capped, "shore_power_zone->quay_ships_6_6kv"), SHIPS_AT_BERTH.connectable)
    assert emission(capped, "gap") == approx(net_emission(capped))


def test_call_in_the_graph(tmp_path: Path) -> None:
    """The call saves the fuel of the engines, less what the grid emits for it.

    11 hours at 391 kW with and without shore power. The engine burns 1 / 0.4 MWh of fuel at 0.27
    tCO2/MWh for a MWh; the cable loses 5 %, so that the grid's 0.5 t count for 1 / 0.95 MWh.
    """
    call = np.full(HOURS, ENERGY / HOURS)
    assert call[0] * 1e3 == approx(391.0, abs=0.5)
    ships = BerthSeries(hotel_load=call, connectable=call, boiler_fuel=np.zeros(HOURS))

    def year(shore_power: float, folder: str) -> tuple[float, float, float]:
        tiny = park(port_recipe(ships, purchase_price=300.0, shore_power=shore_power))
        ds = solved(tiny, tmp_path / folder)
        served = power(ds, "shore_power_zone->quay_ships_6_6kv").sum() if shore_power else 0.0
        scopes = (emission(ds, s) / tiny.weight for s in ("scope1", "scope2_location"))
        return (served, *scopes)

    served, burnt, bought = year(1.0, "with")
    _, burnt_without, bought_without = year(0.0, "without")
    assert served == approx(ENERGY)
    assert (burnt, bought_without) == (approx(0.0, abs=1e-6), approx(0.0, abs=1e-6))
    gross = ENERGY / 0.4 * MARINE_FUEL
    assert burnt_without - burnt == approx(gross)
    assert burnt_without - burnt - bought == approx(gross - 0.5 / 0.95 * ENERGY)
