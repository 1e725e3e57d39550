"""What wears a battery and what the grid company asks: usable share, yearly cycles, ramps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tiny_park import BATTERY, Recipe, asset, park, technology
from tiny_solved import solved

from meishan_model.components.selection import power_of
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.wording import findings_of

SWINGS = (0.0, 1000.0, 0.0, 1000.0)
"""Prices that pay for two cycles in four hours, each of which stands for 2190 of the year."""
approx = pytest.approx


def store(numbers: dict[str, float], **sizes: Any) -> Recipe:
    """A load of 50 MW beside a battery of 10 MWh without loss, other sizes as given."""
    energy = technology(
        *("battery_energy", "store_energy"),
        unit="MWh",
        carrier_in="electricity",
        store="battery",
        parameters={"standing_loss": 0.0, **numbers},
        investment=1e6,
        technical_lifetime=15.0,
    )
    power = technology("battery_power", "store_power", store="battery", efficiency=1.0)
    content = {"existing": 10.0} | sizes
    return Recipe(
        load=(50.0,) * 4,
        purchase_price=SWINGS,
        technologies=[energy, power],
        assets=[
            asset("battery_energy", unit="MWh", **content),
            asset("battery_power", existing=40.0),
        ],
    )


def discharged(ds: xr.Dataset) -> float:
    """What the store gives in the four hours [MWh]."""
    return float(power_of(ds, role="discharge").sum())


def test_of_the_rated_energy_a_share_is_used(tmp_path: Any) -> None:
    """With 80 % usable, two cycles of 10 MWh give 16 MWh; the content never passes 8."""
    ds = solved(park(store({"usable_share": 0.8})), tmp_path)
    assert discharged(ds) == approx(16.0)
    assert float(ds["storage_content"].max()) == approx(8.0)


@pytest.mark.parametrize(
    ("cycles", "given"), [(8000.0, 20.0), (4380.0, 20.0), (2190.0, 10.0), (219.0, 1.0)]
)
def test_a_year_has_so_many_cycles(cycles: float, given: float, tmp_path: Any) -> None:
    """4380 full cycles are two in the four hours, half as many give half; more is no limit."""
    ds = solved(park(store({"cycles_per_year": cycles})), tmp_path)
    assert discharged(ds) == approx(given)


def test_cycles_are_those_of_the_usable_content_before_the_loss() -> None:
    """Of 10 MWh 80 % are usable: 2190 cycles take 8 MWh in four hours and give 7.2 at 90 %."""
    recipe = store({"usable_share": 0.8, "cycles_per_year": 2190.0})
    recipe.technologies = [recipe.technologies[0], BATTERY[1]]
    ds = solve_slice(park(recipe).task())
    assert discharged(ds) == approx(7.2)
    assert float(ds["power"].sel(flow=ds["role"] == "charge").sum()) == approx(8.0 / 0.9)


def test_what_is_built_brings_its_own_cycles(tmp_path: Any) -> None:
    """A MWh with one cycle in four hours saves 1000 x 2190 = 2.19 MCNY/a: all 5 are built.

    With 10 MWh standing 15 MWh are discharged; at 2.2 MCNY/a nothing is built.
    """
    for annuity, given in ((2.18e6, 15.0), (2.2e6, 10.0)):
        recipe = store({"cycles_per_year": 2190.0}, upper=5.0, annuity=annuity)
        assert discharged(solved(park(recipe), tmp_path / f"{given:g}")) == approx(given)


@pytest.mark.parametrize("ramp", [0.1, 0.25])
def test_the_purchase_rises_and_falls_by_the_ramp(ramp: float, tmp_path: Any) -> None:
    """Two hours at 0, two at 1000 CNY/MWh, a load of 50 MW and a store of 60 MWh.

    With r MW from hour to hour the purchase is 50 + (1.5, 0.5, -0.5, -1.5) r, which sums to the
    load and takes 2 r from the dear hours; the step into the first hour is free.
    """
    recipe = store({}, existing=60.0)
    recipe.purchase_price = (0.0, 0.0, 1000.0, 1000.0)
    tiny = park(recipe)
    network = tuple(
        replace(e, ramp=ramp) if e.kind.function == "connection" else e
        for e in tiny.inputs.network
    )
    free = solve_slice(tiny.task())
    held = solved(replace(tiny, inputs=replace(tiny.inputs, network=network)), tmp_path)
    drawn = power_of(held, role="purchase").sum(axis=0)
    assert np.abs(np.diff(drawn)).max() <= 100.0 * ramp + 1e-6
    assert np.abs(np.diff(power_of(free, role="purchase").sum(axis=0))).max() > 50.0
    np.testing.assert_allclose(drawn, 50.0 + 100.0 * ramp * np.array([1.5, 0.5, -0.5, -1.5]))
    assert discharged(held) == approx(200.0 * ramp)


WEAR = {"calendar_life": 30.0, "cycle_life": 16000.0, "end_of_life": 0.7}
"""Health falls by 1 % a year and 1.875 % in 1000 cycles, until it is 70 %."""


@pytest.mark.parametrize(
    ("cycles", "life", "usable"), [(500.0, 15.4839, 0.8119), (250.0, 20.4255, 0.8453)]
)
def test_wear_follows_from_the_cycles(cycles: float, life: float, usable: float) -> None:
    """500 cycles wear a store in 1 / (1 / 30 + 500 / 16000) = 15.5 a, 250 in 20.4 a.

    Over the 15 a that are paid for the mean health is 1 - 0.3 x 15 / 15.4839 / 2 = 85.5 %, of
    which 95 % are usable; of 250 cycles it is 89 %.
    """
    numbers = {"usable_share": 0.8, "cycles_per_year": cycles, "depth_of_discharge": 0.95, **WEAR}
    recipe = store(numbers)
    ds = solve_slice(park(recipe).task())
    found = ["full_cycles", "wear_life", "usable_after", "early_cost"]
    assert ds[found].to_dataframe().to_numpy()[0] == approx([cycles, life, usable, 0.0], rel=1e-4)
    assert "findings" not in ds.attrs


def test_a_store_that_is_worn_early_is_replaced_early() -> None:
    """2190 cycles a year wear it in 1 / (1 / 30 + 2190 / 16000) = 5.87 a, paid over 15.

    10 MWh at 1000 CNY/kWh cost f(5.87) - f(15) of 10 million more, 1.0 million at 8 %.
    """
    numbers = {"cycles_per_year": 2190.0, "depth_of_discharge": 0.95, **WEAR}
    recipe = store(numbers)
    ds = solve_slice(park(recipe).task())
    life = 1 / (1 / 30 + 2190 / 16000)
    more = 1e7 * (0.08 / (1 - 1.08**-life) - 0.08 / (1 - 1.08**-15))
    assert ds["early_cost"].item() == approx(more, rel=1e-6)
    assert [one.kind for one in findings_of(ds)] == ["worn_early", "usable_less"]
