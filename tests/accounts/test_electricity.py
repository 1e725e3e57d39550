"""What electricity a park imports and uses, and what of it is clean, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from tiny_park import BATTERY, PV, Recipe, asset, green_power, networks, park, technology

from meishan_model.accounts.electricity import (
    electricity_of_slice,
    local_share,
    self_consumption,
    self_sufficiency,
)
from meishan_model.accounts.principles import most_local_renewables
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.records import Market

approx = pytest.approx
ELECTROLYSER = technology(
    *("electrolyser", "converter"),
    carrier_in="electricity",
    carrier_out="hydrogen",
    efficiency=0.5,
)
TURBINE = technology(
    *("turbine", "converter"),
    carrier_in="natural_gas",
    carrier_out="electricity",
    efficiency=0.5,
)


def solved(recipe: Recipe) -> xr.Dataset:
    return solve_slice(park(recipe).task())


def test_what_converters_take_is_used() -> None:
    """PV of 3 MW, a load of 1 MW and an electrolyser that takes 4 MW: 3 of 5 MW, not 3 of 1."""
    recipe = Recipe(
        load=(1.0,) * 4,
        technologies=[PV, ELECTROLYSER],
        assets=[asset("pv", existing=3.0), asset("electrolyser", existing=2.0)],
        capacity_factor={"pv": (1.0,) * 4},
        **networks(hydrogen=(2.0,) * 4),
    )
    tiny = park(recipe)
    ds = solve_slice(tiny.task())
    found = electricity_of_slice(ds)
    np.testing.assert_allclose(found.used, 5.0)
    np.testing.assert_allclose(found.clean, 3.0)
    np.testing.assert_allclose(found.imported, 2.0)
    assert local_share(ds) == approx(0.6)
    of_target = most_local_renewables({2035: ds}, {2035: tiny.inputs}, potential=3.0)
    assert {i.indicator: i.value for i in of_target}["local_share_of_demand"] == approx(0.6)
    # The slice has the same of its graph: without contracts all clean power is local.
    assert ds.attrs["hourly_matched_share"] == approx(0.6)


def test_what_is_lost_in_the_park_is_used() -> None:
    """A transformer that loses a fifth: a load of 4 MW takes 5, and PV behind it saves 1.25."""
    recipe = Recipe(load=(4.0,) * 4, transformer=(100.0, 0.2))
    bare = electricity_of_slice(solved(recipe))
    np.testing.assert_allclose(bare.used, 5.0)
    recipe.technologies, recipe.assets = [PV], [asset("pv", existing=1.0)]
    recipe.capacity_factor = {"pv": (1.0, 1.0, 0.0, 0.0)}
    found = electricity_of_slice(solved(recipe))
    np.testing.assert_allclose(found.used, [4.75, 4.75, 5.0, 5.0])
    np.testing.assert_allclose(found.imported, [3.75, 3.75, 5.0, 5.0])


def test_power_of_a_bought_fuel_is_used_and_contracts_are_imported() -> None:
    """Of 10 MW a turbine gives 2, a contract 3 that are clean and not local, the grid 5."""
    recipe = Recipe(
        load=(10.0,) * 4,
        technologies=[TURBINE],
        assets=[asset("turbine", existing=2.0)],
        contracts=[green_power("deal", "flat", 3.0, 300.0)],
        green_power={"flat": (1.0,) * 4},
    )
    ds = solved(recipe)
    found = electricity_of_slice(ds)
    np.testing.assert_allclose(found.used, 10.0)
    np.testing.assert_allclose(found.imported, 8.0)
    np.testing.assert_allclose(found.clean, 3.0)
    assert (self_consumption(ds), self_sufficiency(ds)) == (approx(1.0), approx(0.2))
    assert local_share(ds) == 0.0
    assert ds.attrs["hourly_matched_share"] == approx(0.3)


def test_what_a_store_sells_makes_no_share_above_one() -> None:
    """PV of 4 MW fills a battery in hour 1, which sells 4 x 0.81 MW at a market in hour 2.

    Nothing else is used or bought: what the battery took is all that is used, and is all clean.
    """
    recipe = Recipe(
        load=(0.0, 0.0),
        technologies=[PV, *BATTERY],
        assets=[
            asset("pv", existing=4.0),
            asset("battery_energy", existing=4.0),
            asset("battery_power", existing=4.0),
        ],
        capacity_factor={"pv": (1.0, 0.0)},
        courses={"evening": (0.1, 1.9)},
        markets=[
            Market(
                *("fair", "zone_20kv", "evening"),
                {"export_capacity": 4.0, "export_price": 300.0},
            )
        ],
    )
    ds = solved(recipe)
    sold = ds["power"].to_numpy()[(ds["role"] == "export").to_numpy() & (ds["flow_asset"] != "")]
    np.testing.assert_allclose(sold.sum(axis=0), [0.0, 4.0 * 0.81], atol=1e-6)
    np.testing.assert_allclose(electricity_of_slice(ds).used, [4.0, 0.0], atol=1e-6)
    assert local_share(ds) == approx(1.0)
    # A fifth of the 4 MW, what the battery loses, stays at home, and nothing comes from outside.
    assert (self_consumption(ds), self_sufficiency(ds)) == (approx(0.19), approx(1.0))
    assert ds.attrs["hourly_matched_share"] == approx(1.0)


def test_a_park_without_electricity_has_no_share() -> None:
    """A load of heat from gas alone: nothing is used, so that no share of it exists."""
    boiler = technology(
        *("boiler", "boiler"),
        carrier_in="natural_gas",
        carrier_out="warmth",
        efficiency=1.0,
    )
    recipe = Recipe(
        load=(0.0,) * 4,
        technologies=[boiler],
        assets=[asset("boiler", existing=2.0)],
        **networks(warmth=(1.0,) * 4),
    )
    ds = solved(recipe)
    assert math.isnan(local_share(ds))
    assert math.isnan(self_consumption(ds)) and math.isnan(self_sufficiency(ds))
    assert "hourly_matched_share" not in ds.attrs
