"""Rents at the top of a curve by hand: tranches fill in the order of their cost, and stop."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tiny_park import Recipe, TinyAsset, asset, park, technology
from tiny_solved import capacity, solved

from meishan_model.accounts.rents import bound_of
from meishan_model.components.assets import BoundTerm
from meishan_model.planning.solve_slice import solve_slice

SUN = (0.0, 0.5, 0.5, 0.0)
"""Output of a MW: a quarter of 8760 h are 2190 h."""
SHADE = (0.0, 0.4, 0.4, 0.0)
HOURS, LESS_HOURS = 2190.0, 1752.0
SOUND, POOR = 2190.0 * 200.0, 1752.0 * 300.0
"""Yearly cost of a MW of sound and of poor roofs: 200 and 300 CNY/MWh [CNY/(MW*a)]."""


def roofs(price: float, **poor: float) -> Recipe:
    """A load of 10 MW, power at a price, 3 MW of sound roofs and 2 MW of poor ones."""
    sizes = {"upper": 2.0, "annuity": POOR - 4000.0, "fixed_om": 4000.0} | poor
    return Recipe(
        purchase_price=price,
        technologies=[technology("sound", "pv"), technology("poor", "pv")],
        assets=[
            asset("sound", upper=3.0, annuity=SOUND - 5000.0, fixed_om=5000.0),
            asset("poor", **sizes),
        ],
        capacity_factor={"sound": SUN, "poor": SHADE},
    )


def of(ds: xr.Dataset, name: str, technology: str) -> float:
    """A number of a plant."""
    return float(ds[name].sel(asset=f"{technology}_zone"))


def test_the_rent_is_what_the_last_unit_earns_beyond_its_cost(tmp_path: Path) -> None:
    """At 600 CNY/MWh a MW of sound roofs earns 2190 x 600 and costs 2190 x 200 CNY/a."""
    ds = solved(park(roofs(600.0)), tmp_path)
    assert (capacity(ds, "sound"), capacity(ds, "poor")) == pytest.approx((3.0, 2.0))
    for name, hours, stops in (("sound", HOURS, 200.0), ("poor", LESS_HOURS, 300.0)):
        assert of(ds, "full_load_hours", name) == pytest.approx(hours)
        assert of(ds, "capture_price", name) == pytest.approx(600.0)
        assert of(ds, "rent", name) == pytest.approx(hours * 600.0 - hours * stops)
        assert of(ds, "stop_price", name) == pytest.approx(stops)
    told = dict(zip(ds["asset"].to_numpy(), ds["rent_bound"].to_numpy(), strict=True))
    assert told == {"sound_zone": "potential", "poor_zone": "potential", "transformer_zone": ""}


@pytest.mark.parametrize(
    ("price", "sound", "poor"),
    [(301.0, 3.0, 2.0), (299.0, 3.0, 0.0), (201.0, 3.0, 0.0), (199.0, 0.0, 0.0)],
)
def test_tranches_fill_in_the_order_of_their_cost(price: float, sound: float, poor: float) -> None:
    """Above its stop price a tranche is full, just below it nothing of it is built."""
    ds = solve_slice(park(roofs(price)).task())
    assert (capacity(ds, "sound"), capacity(ds, "poor")) == pytest.approx((sound, poor), abs=1e-5)
    for name, built in (("sound", sound), ("poor", poor)):
        assert math.isfinite(of(ds, "rent", name)) == (built > 0.0)


def test_a_site_full_of_stock_has_the_rent_of_one_more() -> None:
    """3 MW stand on the sound roofs and no room is left: one more MW would earn as above."""
    recipe = roofs(600.0)
    recipe.assets = [replace(recipe.assets[0], existing=3.0, upper=0.0), recipe.assets[1]]
    ds = solve_slice(park(recipe).task())
    assert of(ds, "rent", "sound") == pytest.approx(HOURS * 400.0)
    assert of(ds, "stop_price", "sound") == pytest.approx(200.0)


def test_what_is_not_full_has_no_rent() -> None:
    """With room for 100 MW the load of 10 MW is served in the sun: the price falls to the cost."""
    ds = solve_slice(park(roofs(600.0, upper=100.0)).task())
    assert 2.0 < capacity(ds, "poor") < 100.0
    assert math.isnan(of(ds, "rent", "poor")) and math.isnan(of(ds, "stop_price", "poor"))
    assert of(ds, "capture_price", "poor") == pytest.approx(300.0)


@pytest.mark.parametrize("seed", range(6))
def test_the_stop_price_is_the_full_cost(seed: int) -> None:
    """From duals alone it is (annuity + fixed O&M) / output + variable cost, whatever the prices.

    Loads below the output curtail in some hours, whose value of zero the capture price counts.
    With an annuity that is higher by little more than the rent the plant is left below its bound.
    """
    draw = np.random.default_rng(seed)
    shape, variable = draw.uniform(0.05, 1.0, 4), 12.0
    fixed, annuity = 9000.0, draw.uniform(0.5, 1.5) * 1e5

    def task(yearly: float) -> xr.Dataset:
        sizes = {"upper": 3.0, "annuity": yearly, "fixed_om": fixed}
        recipe = Recipe(
            load=load,
            purchase_price=prices,
            technologies=[technology("plant", "pv", variable_om=variable)],
            assets=[TinyAsset("plant_zone", "plant", **sizes)],
            capacity_factor={"plant": tuple(shape)},
        )
        return solve_slice(park(recipe).task())

    load = tuple(draw.uniform(1.0, 6.0, 4))
    prices = tuple(draw.uniform(100.0, 900.0, 4))
    ds = task(annuity)
    rent, hours = of(ds, "rent", "plant"), of(ds, "full_load_hours", "plant")
    assert capacity(ds, "plant") == pytest.approx(3.0)
    assert hours == pytest.approx(8760.0 * shape.mean())
    full_cost = (annuity + fixed) / hours + variable
    assert of(ds, "stop_price", "plant") == pytest.approx(full_cost, rel=1e-5)
    earned = hours * (of(ds, "capture_price", "plant") - variable)
    assert rent == pytest.approx(earned - annuity - fixed, rel=1e-5)
    assert capacity(task(annuity + 1.001 * rent), "plant") < 3.0 - 1e-3


def test_what_a_bound_is() -> None:
    """Room alone is the potential, with steps the build rate; a later slice may be one too."""
    room, none = BoundTerm("room", 2050, 10.0), BoundTerm("step", 2045, 0.0)
    assert bound_of([room, none]) == "potential"
    assert bound_of([room, none, BoundTerm("step", 2040, 5.0)]) == "build_rate"
    assert bound_of([BoundTerm("given_stock", 2025, 0.0), none]) == ""
    assert bound_of([BoundTerm("at_later", 2040, 5.0), none]) == "later"
    assert bound_of([BoundTerm("standing", 2030, 5.0), BoundTerm("addition", 2035, 1.0)]) == (
        "addition"
    )
