"""The indicators of the five principles, on a park of four hours and worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tiny_park import (
    BATTERY,
    GRID_LOCATION,
    GRID_MARKET,
    HOURS_OF_YEAR,
    PV,
    Recipe,
    TinyPark,
    asset,
    park,
)

from meishan_model.accounts import principles
from meishan_model.accounts.principles import Indicator, Reference
from meishan_model.finance import capital_recovery_factor
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.wording import sentence
from meishan_model.sheets.records import Measure, SliceInputs

FLAT = (1.0, 1.0, 1.0, 1.0)
YEARS = (2035, 2040)
BILL = HOURS_OF_YEAR * 660.0
LED = Measure(
    *("led", "zone", "load"),
    {"potential": 0.1, "investment": 1000.0, "lifetime": 10.0, "fixed_om": 0.02},
)
Path2 = tuple[dict[int, xr.Dataset], dict[int, SliceInputs]]


def twice(recipe: Recipe, rate: float = 0.0) -> Path2:
    """A pathway of two equal slices five years apart, with a GDP of 1 and 3 billion CNY."""
    tiny: TinyPark = park(recipe)
    ds = solve_slice(tiny.task())
    parameters = {**tiny.inputs.parameters, "discount_rate": rate}
    inputs = {
        year: replace(tiny.inputs, parameters=parameters, drivers={"gdp": gdp}, year=year)
        for year, gdp in zip(YEARS, (1.0, 3.0), strict=True)
    }
    return dict.fromkeys(YEARS, ds), inputs


def values(indicators: Iterable[Indicator]) -> dict[str, float]:
    return {i.indicator: i.value for i in indicators}


def test_development_by_hand() -> None:
    """All is served: 10 years of GDP cost 5 years of the bill; without a GDP only the demand."""
    slices, inputs = twice(Recipe(load=FLAT))
    found = values(principles.development(slices, inputs))
    assert found["demand_served"] == pytest.approx(1.0)
    assert found["gdp_served"] == pytest.approx(3.0)
    assert found["energy_cost_per_gdp"] == pytest.approx(5.0 * BILL / 10e9)
    bare = {year: replace(sheet, drivers={}) for year, sheet in inputs.items()}
    assert set(values(principles.development(slices, bare))) == {"demand_served"}


def test_shed_demand_is_not_served() -> None:
    """A fence of a quarter MW before a load of one: a quarter is served, and that much of GDP.

    What is shed costs the demand charge beside the lost load, and is no more energy for that.
    """
    slices, inputs = twice(
        Recipe(load=FLAT, connection=(0.25, 0.0), prices={"demand_charge": 40e3})
    )
    found = values(principles.development(slices, inputs))
    assert found["demand_served"] == pytest.approx(0.25)
    assert found["gdp_served"] == pytest.approx(0.75)


def test_tonnes_that_are_not_served_are_no_energy() -> None:
    """Were the load of hydrogen, none of its tonnes would be added to MWh, nor what they cost."""
    slices, inputs = twice(Recipe(load=FLAT, connection=(0.25, 0.0)))
    ds, year = slices[YEARS[0]], YEARS[0]
    assert principles.unserved_energy(ds, inputs[year]) == pytest.approx(0.75 * HOURS_OF_YEAR)
    units = ds["unit"].where(ds["role"] != "shedding", "t/h")
    tonnes = ds.assign_coords(unit=units)
    assert principles.unserved_energy(tonnes, inputs[year]) == pytest.approx(0.0, abs=1e-3)


def test_economy_by_hand() -> None:
    """Five bills at no interest; at 8 % half a step now and half a step discounted.

    A tonne below business as usual costs the difference of costs over that of emissions.
    """
    slices, inputs = twice(Recipe(load=FLAT, baseline_emissions=2.0 * HOURS_OF_YEAR * GRID_MARKET))
    emitted = 5.0 * HOURS_OF_YEAR * GRID_MARKET
    known = Reference("usual", 3.0 * BILL, 2.0 * emitted)
    found = values(principles.economy(slices, inputs, known))
    assert found["net_present_cost"] == pytest.approx(5.0 * BILL / 1e9)
    assert found["cost_per_tonne_below_baseline"] == pytest.approx(5.0 * BILL / emitted)
    assert found["abatement_cost"] == pytest.approx(2.0 * BILL / emitted)
    slices, inputs = twice(Recipe(load=FLAT), rate=0.08)
    worth = 2.5 * BILL * (1.0 + 1.08**-5)
    assert principles.net_present_cost(slices, inputs) == pytest.approx(worth)
    assert "abatement_cost" not in values(principles.economy(slices, inputs))


def test_cumulative_emissions_by_hand() -> None:
    """Five years of 8760 MWh at the market factor, and at the location factor [Mt]."""
    slices, _ = twice(Recipe(load=FLAT))
    found = values(principles.least_cumulative_emissions(slices))
    five = 5.0 * HOURS_OF_YEAR / 1e6
    assert found["cumulative_emissions"] == pytest.approx(five * GRID_MARKET)
    assert found["cumulative_emissions_location"] == pytest.approx(five * GRID_LOCATION)


def test_efficiency_first_by_hand() -> None:
    """A tenth is saved; of 30 t avoided the measure has 10; nothing cheap is left over."""
    saving = replace(asset("led", upper=0.1), asset="led_zone_load")
    recipe = Recipe(load=FLAT, measures=[LED], assets=[saving], technologies=[PV])
    slices, inputs = twice(recipe, rate=0.08)
    avoided = pd.DataFrame({"led": [2.0, 2.0], "pv": [4.0, 4.0]}, list(YEARS))
    found = values(principles.efficiency_first(slices, inputs, avoided))
    assert found["saving_share"] == pytest.approx(0.1)
    # What is used is what the file calls final energy.
    assert float(slices[YEARS[0]]["energy_mwh"].sum()) == pytest.approx(0.9 * HOURS_OF_YEAR)
    assert found["demand_share_of_abatement"] == pytest.approx(1.0 / 3.0)
    assert found["measures_not_taken"] == 0.0
    assert [*principles.untaken_findings(slices, inputs)] == []
    for unknown in avoided:  # a share of what is not known is none
        known = values(
            principles.efficiency_first(slices, inputs, avoided.assign(**{unknown: np.nan}))
        )
        assert {*found} - {*known} == {"demand_share_of_abatement"}


def test_a_cheap_measure_that_is_held_down_is_named() -> None:
    """0.04 of 0.1 MW at 1000 * (CRF + 2 %) = 169 CNY/MWh against 660: one sentence says it."""
    saving = replace(asset("led", upper=0.04), asset="led_zone_load")
    recipe = Recipe(load=FLAT, measures=[LED], assets=[saving])
    slices, inputs = twice(recipe, rate=0.08)
    cost = principles.cost_of_saved_energy(LED, 0.08)
    assert cost == pytest.approx(1000.0 * (capital_recovery_factor(0.08, 10.0) + 0.02))
    (found,) = principles.untaken_measures(slices[2040], inputs[2040])
    assert (found["asset"], found["held"], found["years"]) == ("led_zone_load", True, 2040)
    numbers = (found["supply"], found["taken"], found["potential"])
    assert numbers == pytest.approx((660.0, 0.04, 0.1))
    (finding,) = principles.untaken_findings(slices, inputs)
    assert "169 CNY/MWh what costs 660" in sentence(finding)
    assert "0.040 of 0.100 MW are taken in 2040: later slices allow no more" in sentence(finding)


@pytest.mark.parametrize(("ratio", "told"), [(0.998, True), (0.9995, False), (1.0005, False)])
def test_a_measure_that_costs_what_supply_costs_may_be_left(ratio: float, told: bool) -> None:
    """Both are the same to a thousandth: only below that it is a fault not to take the measure."""
    saving = replace(asset("led", upper=0.04), asset="led_zone_load")
    slices, inputs = twice(Recipe(load=FLAT, measures=[LED], assets=[saving]), rate=0.08)
    supply = principles.cost_of_saved_energy(LED, 0.08) / ratio
    ds = slices[2040].assign(price=xr.full_like(slices[2040]["price"], supply))
    assert bool(principles.untaken_measures(ds, inputs[2040])) == told


def test_the_cost_of_supply_is_that_of_a_unit() -> None:
    """660 and 900 CNY/MWh for 1 and 3 MW are 840, and of a thousandth too; of nothing, none."""
    slices, inputs = twice(Recipe(load=(1.0, 3.0), purchase_price=(660.0, 900.0)))
    ds, (load,) = slices[2040], inputs[2040].loads
    for share in (1.0, 1e-3):
        less = ds.assign(power=share * ds["power"])
        assert principles.cost_of_supply(less, load) == pytest.approx(840.0)
    assert np.isnan(principles.cost_of_supply(ds.assign(power=0.0 * ds["power"]), load))


def test_a_dear_measure_is_rightly_left() -> None:
    """At twenty times the cost nothing is taken, and nobody complains."""
    dear = replace(LED, numbers={**LED.numbers, "investment": 20_000.0})
    annuity = 20_000.0 * HOURS_OF_YEAR * capital_recovery_factor(0.08, 10.0)
    saving = replace(asset("led", upper=0.1, annuity=annuity), asset="led_zone_load")
    slices, inputs = twice(Recipe(load=FLAT, measures=[dear], assets=[saving]), rate=0.08)
    assert float(slices[2040]["capacity_new"].sel(asset="led_zone_load")) == pytest.approx(0.0)
    assert principles.untaken_measures(slices[2040], inputs[2040]) == []


def test_local_renewables_by_hand() -> None:
    """5 of 10 MW stand; half the hours 1 MW is used at home and 1.5 MW is sold, for five years."""
    recipe = Recipe(
        load=FLAT,
        export_price=300.0,
        technologies=[PV],
        assets=[asset("pv", upper=5.0)],
        capacity_factor={"pv": (0.5, 0.5, 0.0, 0.0)},
    )
    slices, inputs = twice(recipe)
    found = values(principles.most_local_renewables(slices, inputs, potential=10.0))
    assert found["potential_used"] == pytest.approx(0.5)
    assert found["local_share_of_demand"] == pytest.approx(0.5)
    assert found["clean_export"] == pytest.approx(5.0 * 1.5 * HOURS_OF_YEAR / 2.0 / 1e3)
    # What stands and is used at home is that of the target, what is sold that of all years.
    bare = solve_slice(park(replace(recipe, assets=[])).task())
    found = values(
        principles.most_local_renewables({**slices, YEARS[0]: bare}, inputs, potential=10.0)
    )
    assert (found["potential_used"], found["local_share_of_demand"]) == pytest.approx((0.5, 0.5))
    assert found["clean_export"] == pytest.approx(2.5 * 1.5 * HOURS_OF_YEAR / 2.0 / 1e3)


def test_export_beside_discharge_by_hand() -> None:
    """A battery filled at 100 feeds the park at 900 while its PV is sold at 600.

    PV gives 1 MW in hour 1 alone. The battery has 4 MWh and serves the load of 1 MW in hours 1 to
    3, so that all PV is sold in an hour in which the battery gives as much; without it none is.
    """
    recipe = Recipe(
        load=FLAT,
        purchase_price=(100.0, 900.0, 900.0, 900.0),
        export_price=600.0,
        technologies=[PV, *BATTERY],
        assets=[
            asset("pv", existing=1.0),
            asset("battery_energy", existing=4.0),
            asset("battery_power", existing=4.0),
        ],
        capacity_factor={"pv": (0.0, 1.0, 0.0, 0.0)},
    )
    year = HOURS_OF_YEAR / 4.0
    found = values(principles.most_local_renewables(*twice(recipe), potential=10.0))
    assert found["clean_export"] == pytest.approx(5.0 * year / 1e3)
    assert found["export_beside_discharge"] == pytest.approx(found["clean_export"])
    bare = replace(recipe, technologies=[PV], assets=[asset("pv", existing=1.0)])
    found = values(principles.most_local_renewables(*twice(bare), potential=10.0))
    assert found["export_beside_discharge"] == 0.0


def test_every_principle_has_an_indicator_with_a_unit() -> None:
    """The five names of RMI 2023, each with at least one finite value."""
    slices, inputs = twice(Recipe(load=FLAT, technologies=[PV]))
    avoided = pd.DataFrame({"pv": [0.0, 0.0]}, list(YEARS))
    table = principles.principle_table(slices, inputs, avoided, potential=1.0)
    assert set(table["principle_name"]) == {
        "development",
        "economy",
        "efficiency first",
        "least cumulative emissions",
        "most local renewables",
    }
    assert table["value"].notna().all()
    assert (table["unit"].str.len() > 0).all()
    assert table.index.is_unique
