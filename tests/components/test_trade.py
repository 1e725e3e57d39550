"""What crosses the fence: contracts, export, billed demand, certificates, the emission cap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_park import (
    BATTERY,
    EXCESS,
    FURNACE,
    GAS,
    GRID_LOCATION,
    GRID_MARKET,
    LOST_LOAD,
    PV,
    SHADOW,
    Recipe,
    asset,
    certificate,
    contract,
    credit,
    green_power,
    park,
)
from tiny_solved import cost, emission, net_emission, power, price, solved

approx = pytest.approx


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def test_green_power_is_taken_or_paid(tmp_path: Path) -> None:
    """A contract is paid for all it generates; delivered power is green in scope 2 only.

    10 MW of load, purchase at 660, up to 15 MW of a plant at 300 per MWh that runs at 1.0, 0.5,
    0.5, 0.5. A MW costs 2.5 x 300 = 750 and saves 1.5 x 660 = 990 beyond 10 MW, so all 15 are
    taken: hour 1 loses 5 MW, hours 2 to 4 buy 2.5 MW. Power is free where some is lost. The
    market-based figure counts the purchase only, the location-based one all that is delivered.
    """
    wind = green_power("wind_farm", "wind", 15.0, 300.0)
    tiny = park(Recipe(contracts=[wind], green_power={"wind": (1.0, 0.5, 0.5, 0.5)}))
    ds, w = solved(tiny, tmp_path), tiny.weight
    close(power(ds, "wind_farm->wind_farm_plant"), [15.0, 7.5, 7.5, 7.5])
    close(power(ds, "wind_farm_delivery->upstream"), [10.0, 7.5, 7.5, 7.5])
    close(power(ds, "wind_farm_plant->wind_farm_unused"), [5.0, 0.0, 0.0, 0.0])
    close(power(ds, "grid_purchase->upstream"), [0.0, 2.5, 2.5, 2.5])
    close(price(ds, "zone_20kv"), [0.0, 660.0, 660.0, 660.0])
    assert cost(ds, "purchase") == approx(w * (37.5 * 300.0 + 7.5 * 660.0))
    assert emission(ds, "scope2_market") == approx(w * 7.5 * GRID_MARKET)
    assert emission(ds, "scope2_location") == approx(w * 40.0 * GRID_LOCATION)


def test_green_power_counts_zero_under_a_cap(tmp_path: Path) -> None:
    """A dear contract is bought as soon as market-based emissions must be zero.

    At 900 against 660 nobody buys it; a cap of 5256 t allows 1 MW of purchase and the contract
    serves 9 MW. The carbon value is the difference over the factor: (900 - 660) / 0.6 = 400.
    """
    plant = green_power("hydro", "flat", 50.0, 900.0)
    free = park(Recipe(contracts=[plant], green_power={"flat": (1.0,) * 4}))
    ds = solved(free, tmp_path / "free")
    close(power(ds, "hydro->hydro_plant"), 0.0)
    capped = park(Recipe(contracts=[plant], green_power={"flat": (1.0,) * 4}, cap=5256.0))
    ds = solved(capped, tmp_path / "capped")
    close(power(ds, "hydro_delivery->upstream"), 9.0)
    assert net_emission(ds) == approx(5256.0)
    assert ds.attrs["carbon_value"] == approx(400.0, rel=1e-4)
    assert cost(ds, "gap") == approx(0.0, abs=1.0)


def pv_and_battery(export_price: tuple[float, ...], **more: object) -> Recipe:
    """2 MW of load, 10 MW of PV that shine in hour 3, a battery, valley and peak prices."""
    return Recipe(
        load=(2.0,) * 4,
        purchase_price=(100.0, 800.0, 300.0, 800.0),
        export_price=export_price,
        technologies=[PV, *BATTERY],
        assets=[
            asset("pv", existing=10.0),
            asset("battery_energy", existing=40.0),
            asset("battery_power", existing=20.0),
        ],
        capacity_factor={"pv": (0.0, 0.0, 1.0, 0.0)},
        **more,
    )


def test_export_needs_local_green_power(tmp_path: Path) -> None:
    """A battery filled in the valley is no exporter: without sun nothing is sold.

    Valley power at 100 could be sold at 600 an hour later; but hour 2 has no local renewables.
    Only the park's own 4 MWh of the dear hours are stored, 4 / 0.81. In hour 3 the sun's 10 MW
    serve the load and the other 8 MW are sold, at 120.
    """
    ds = solved(park(pv_and_battery((50.0, 600.0, 120.0, 600.0))), tmp_path)
    green = power(ds, "zone_feed_in->local_green")
    export = power(ds, "export->power_market")
    close(export, [0.0, 0.0, 8.0, 0.0])
    close(green, [0.0, 0.0, 10.0, 0.0])
    close(power(ds, "local_green->export"), export)
    close(power(ds, "zone_20kv->battery_zone"), [4.0 / 0.81, 0.0, 0.0, 0.0])
    close(power(ds, "battery_zone->zone_20kv"), [0.0, 2.0, 0.0, 2.0])


def test_export_is_no_money_pump(tmp_path: Path) -> None:
    """Even a price above that of purchase earns on the green MWh of the hour and no more.

    At 10 000 per MWh in every hour, 100 times the valley price, exactly the sun's 10 MW are sold:
    the optimum is finite and selling is worth 10 x 10 000 a year's weight.
    """
    tiny = park(pv_and_battery((10e3,) * 4))
    ds = solved(tiny, tmp_path)
    close(power(ds, "export->power_market"), [0.0, 0.0, 10.0, 0.0])
    assert cost(ds, "export") == approx(-tiny.weight * 10.0 * 10e3)


def sunny_hour(**grid: tuple[float, float]) -> Recipe:
    """2 MW of load, 10 MW of PV that shine in hour 3, what is left sold at 100."""
    return Recipe(
        load=(2.0,) * 4,
        export_price=100.0,
        technologies=[PV],
        assets=[asset("pv", existing=10.0)],
        capacity_factor={"pv": (0.0, 0.0, 1.0, 0.0)},
        **grid,
    )


def test_export_loses_in_the_connection(tmp_path: Path) -> None:
    """What passes the 220/110 kV transformers outwards loses there what it loses inwards.

    With 4 % the sun's 10 MW less a load of 2 MW sell 8 x 0.96 MWh; each of the 8 is a green one.
    """
    tiny = park(sunny_hour(connection=(100.0, 0.04)))
    ds = solved(tiny, tmp_path)
    close(power(ds, "grid_110kv->export"), [0.0, 0.0, 8.0, 0.0])
    close(power(ds, "local_green->export"), [0.0, 0.0, 8.0, 0.0])
    close(power(ds, "power_market->export_sale"), [0.0, 0.0, 8.0 * 0.96, 0.0])
    close(power(ds, "upstream->fence"), [2.0 / 0.96, 2.0 / 0.96, 0.0, 2.0 / 0.96])
    assert cost(ds, "export") == approx(-tiny.weight * 8.0 * 0.96 * 100.0)


def test_no_more_is_exported_than_the_connection_carries(tmp_path: Path) -> None:
    """Through 5 MW the sun's 10 MW less a load of 2 MW sell 5 MW; the other 3 MW are curtailed."""
    ds = solved(park(sunny_hour(connection=(5.0, 0.0))), tmp_path)
    close(power(ds, "export->power_market"), [0.0, 0.0, 5.0, 0.0])
    close(power(ds, "zone_renewables->zone_curtailment"), [0.0, 0.0, 3.0, 0.0])


def test_curtailed_power_is_no_green_power(tmp_path: Path) -> None:
    """Only what is fed in gives the right to export.

    With a transformer of 3 MW, no battery and a load of 2 MW, hour 3 feeds in 5 MW of 10.
    """
    ds = solved(park(sunny_hour(transformer=(3.0, 0.0))), tmp_path)
    close(power(ds, "export->power_market"), [0.0, 0.0, 3.0, 0.0])
    close(power(ds, "zone_feed_in->local_green"), [0.0, 0.0, 5.0, 0.0])
    close(power(ds, "zone_renewables->zone_curtailment"), [0.0, 0.0, 5.0, 0.0])


def test_billed_demand_is_the_highest_hour_of_each_month(tmp_path: Path) -> None:
    """Each month bills its highest purchase, measured at the fence, before the loss inside.

    10, 4, 6, 8 MW in two months at 1000 per MW and month; the connection loses 2 %. Two months
    stand for twelve, so a MW costs 6000: (10 + 8) / 0.98 x 6000. The peak hours pay for it.
    """
    recipe = Recipe(
        load=(10.0, 4.0, 6.0, 8.0),
        month=(1, 1, 2, 2),
        prices={"demand_charge": 1000.0},
        connection=(100.0, 0.02),
    )
    tiny = park(recipe)
    ds, w = solved(tiny, tmp_path), tiny.weight
    bought = power(ds, "grid_purchase->upstream")
    close(bought, np.array([10.0, 4.0, 6.0, 8.0]) / 0.98)
    assert cost(ds, "demand_charge") == approx(6000.0 * (bought[:2].max() + bought[2:].max()))
    extra = 6000.0 / w
    close(price(ds, "upstream"), [660.0] * 4)
    close(
        price(ds, "zone_20kv"),
        np.array([660.0 + extra, 660.0, 660.0, 660.0 + extra]) / 0.98,
    )


def test_a_battery_shaves_the_billed_peak(tmp_path: Path) -> None:
    """The charge on the highest hour is what a battery without price spread works for.

    Load 12, 4, 4, 4 at one price; 5 MWh that take 0.9 and give 0.9. Charging is spread so that
    the peak falls to 12 - 4.5 = 7.5 MW.
    """
    recipe = Recipe(
        load=(12.0, 4.0, 4.0, 4.0),
        prices={"demand_charge": 1e6},
        technologies=BATTERY,
        assets=[asset("battery_energy", existing=5.0), asset("battery_power", existing=9.0)],
    )
    ds = solved(park(recipe), tmp_path)
    assert power(ds, "grid_purchase->upstream").max() == approx(7.5)
    assert cost(ds, "demand_charge") == approx(12e6 * 7.5)


HEAT = {"heating": (10.0,) * 4}
"""Heat of 10 MW, which a furnace gives."""


def test_certificates_never_exceed_the_purchase(tmp_path: Path) -> None:
    """A certificate turns purchased power green; it offsets no fuel.

    Purchase 10 MW, 52 560 t; a furnace 10 MW of gas, 17 520 t. Certificates at 5 per MWh
    cost 8.3 per t, credits 30: certificates cover the purchase and stop, credits the fuel.
    """
    tiny = park(
        Recipe(
            heat=HEAT,
            technologies=[FURNACE],
            assets=[asset("furnace", existing=10.0)],
            contracts=[certificate(), credit()],
            cap=0.0,
        )
    )
    ds = solved(tiny, tmp_path)
    close(power(ds, "certificates->certificates_registry"), 10.0)
    assert emission(ds, "scope2_market") == approx(0.0, abs=1e-2)
    assert emission(ds, "scope2_location") == approx(8760.0 * 10.0 * GRID_LOCATION)
    assert emission(ds, "credit") == approx(-8760.0 * 10.0 * GAS)
    assert cost(ds, "certificate") == approx(8760.0 * 10.0 * 5.0)
    assert net_emission(ds) == approx(0.0, abs=1e-2)


@pytest.mark.parametrize("dear", ["certificates", "credits"])
def test_offsets_are_limited_and_the_rest_is_a_finding(dear: str, tmp_path: Path) -> None:
    """Certificates + credits <= kappa x E_0, whichever is cheaper; what is left over is a gap.

    E_0 = 100 kt and kappa = 0.1 allow 10 kt of 52.56 kt. The other 42.56 kt exceed the cap at
    5000 per t and are shown as such; nobody is cut off for them: 5000 x 0.6 < 33 000 per MWh.
    """
    certificates = certificate(price=50.0 if dear == "certificates" else 5.0)
    tiny = park(
        Recipe(
            contracts=[certificates, credit(price=30.0)],
            cap=0.0,
            scenario={"offset_share": 0.1},
        )
    )
    ds = solved(tiny, tmp_path)
    purchased = 8760.0 * 10.0 * GRID_MARKET
    sold = power(ds, "certificates->certificates_registry").sum() * tiny.weight
    assert sold * GRID_MARKET - emission(ds, "credit") == approx(10e3)
    assert (sold > 1.0) == (dear == "credits")
    assert emission(ds, "gap") == approx(purchased - 10e3)
    assert cost(ds, "gap") == approx(EXCESS * (purchased - 10e3))
    assert cost(ds, "shedding") == approx(0.0, abs=1.0)
    close(power(ds, "zone_20kv->load_zone"), 10.0)


def test_carbon_value_is_the_dual_of_the_cap(tmp_path: Path) -> None:
    """The stated carbon value is what one t less costs, in CNY per t of the year.

    Credits at 30 are the last resort under a cap of 1000 t: the value is 30, and a cap of 900 t
    costs 3000 more.
    """
    recipe = Recipe(contracts=[credit(price=30.0)], cap=1000.0)
    ds = solved(park(recipe), tmp_path / "one")
    assert ds.attrs["carbon_value"] == approx(30.0, rel=1e-4)
    recipe.cap = 900.0
    tighter = solved(park(recipe), tmp_path / "two")
    assert tighter.attrs["objective"] - ds.attrs["objective"] == approx(3000.0, rel=1e-3)


def test_sinks_take_up_carbon_whole_years(tmp_path: Path) -> None:
    """A hectare takes up its yearly rate at its yearly price, up to the area on offer.

    1000 ha at 4 t and 400 CNY against credits at 300 CNY per t: 100 a t, all land is used.
    """
    forest = contract("forest", "sink", "", {"area": 1000.0, "rate": 4.0, "price": 400.0})
    ds = solved(park(Recipe(contracts=[forest, credit(price=300.0)], cap=0.0)), tmp_path)
    assert emission(ds, "sink") == approx(-4000.0)
    assert cost(ds, "sink") == approx(400e3)
    assert emission(ds, "credit") == approx(-(8760.0 * 10.0 * GRID_MARKET - 4000.0))


def test_shedding_is_a_finding(tmp_path: Path) -> None:
    """What the connection cannot bring is shed at the value of lost load; the slice stays solved.

    5 MW of connection for 10 MW of load.
    """
    tiny = park(Recipe(connection=(5.0, 0.0)))
    ds = solved(tiny, tmp_path)
    close(power(ds, "zone_shedding->zone_20kv"), 5.0)
    assert cost(ds, "shedding") == approx(8760.0 * 5.0 * LOST_LOAD)
    close(price(ds, "zone_20kv"), LOST_LOAD)


def test_demand_charge_pays_for_no_blackout(tmp_path: Path) -> None:
    """A month's peak of one hour is bought, although its demand charge is above the lost load.

    876 hours of 1 MW, each for ten, with one of 10 MW: the 9 MW cost 9 x 420 000 of demand charge,
    shedding them would cost 9 x 10 x 33 000 if a lost MWh were worth no more than that.
    """
    load = np.ones(876)
    load[400] = 10.0
    month = np.arange(876) // 73 + 1
    recipe = Recipe(load=tuple(load), month=tuple(month), prices={"demand_charge": 420e3})
    tiny = park(recipe)
    ds = solved(tiny, tmp_path)
    assert tiny.weight * LOST_LOAD < 420e3
    assert float(power(ds, "zone_shedding->zone_20kv").max()) == approx(0.0, abs=1e-6)
    assert cost(ds, "demand_charge") == approx(420e3 * (11 * 1.0 + 10.0))


def test_shadow_value_lies_on_all_location_based_emissions(tmp_path: Path) -> None:
    """Shadow carbon is 800 x (scope 1 + location-based scope 2), contracted power included.

    A carbon price of 50 beside it is paid on scope 1 and on the purchase's market-based emissions.
    """
    plant = green_power("hydro", "flat", 4.0, 100.0)
    recipe = Recipe(
        contracts=[plant],
        green_power={"flat": (1.0,) * 4},
        heat=HEAT,
        technologies=[FURNACE],
        assets=[asset("furnace", existing=10.0)],
        prices={"carbon_price": 50.0},
        scenario={"shadow_carbon": True},
    )
    ds = solved(park(recipe), tmp_path)
    close(power(ds, "hydro_delivery->upstream"), 4.0)
    scope1, located = emission(ds, "scope1"), emission(ds, "scope2_location")
    assert located == approx(8760.0 * 10.0 * GRID_LOCATION)
    assert cost(ds, "shadow_carbon") == approx(SHADOW * (scope1 + located))
    assert emission(ds, "scope2_market") == approx(8760.0 * 6.0 * GRID_MARKET)
    assert cost(ds, "carbon") == approx(50.0 * (scope1 + emission(ds, "scope2_market")))
