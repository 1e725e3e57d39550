"""Time steps of a quarter of an hour: by hand, and beside the same park in hours."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from role_parks import whole_park
from tiny_park import BATTERY, Recipe, TinyPark, asset, park, technology
from tiny_solved import cost, power, price, solved

from meishan_model.accounts.checks import slice_failures
from meishan_model.components.build import build_park
from meishan_model.components.selection import energy_of, hours_of
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.slice_file import energy_balance, validate_slice

approx = pytest.approx
QUARTER = 0.25
LOSSLESS = {"reefers": "standing_loss", "battery_energy": "standing_loss"}


def in_quarters(tiny: TinyPark) -> TinyPark:
    """The same park, in which whatever is in an hour is in each of its quarters."""
    p = tiny.profiles

    def finer(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: finer(one) for name, one in value.items()}
        return np.repeat(value, 4) if isinstance(value, np.ndarray) else value

    series = {f.name: finer(getattr(p, f.name)) for f in fields(p)}
    stamps = pd.date_range(p.stamps[0], periods=4 * len(p.stamps), freq="15min")
    return replace(tiny, profiles=replace(p, **series | {"stamps": stamps, "step": QUARTER}))


def lossless(tiny: TinyPark) -> TinyPark:
    """Without losses of what stands in stores, which are those of powers of a step."""
    technologies = {
        name: replace(t, parameters={**t.parameters, LOSSLESS[name]: 0.0})
        if name in LOSSLESS
        else t
        for name, t in tiny.inputs.technologies.items()
    }
    return replace(tiny, inputs=replace(tiny.inputs, technologies=technologies))


@pytest.mark.parametrize("matching", ["yearly", "hourly"])
def test_a_park_whose_hours_are_even_is_the_same_in_quarters(matching: str) -> None:
    """Means over the hour of any plan in quarters are a plan in hours, and the other way round.

    What is shed costs more: a quarter of it could save as much demand charge as an hour.
    """
    tiny = lossless(whole_park(matching))
    hours, quarters = (solve_slice(one.task()) for one in (tiny, in_quarters(tiny)))
    assert (hours_of(quarters), quarters.sizes["time"]) == (24, 96)
    served = [ds.attrs["objective"] - cost(ds, "shedding") for ds in (hours, quarters)]
    assert served[1] == approx(served[0], rel=1e-6)
    assert quarters.attrs["carbon_value"] == approx(hours.attrs["carbon_value"], rel=1e-6)
    for role in ("load", "duty", "shedding"):
        assert energy_of(quarters, role=role) == approx(energy_of(hours, role=role))
    mean = quarters["price"].to_numpy().reshape(len(quarters["bus"]), 24, 4).mean(axis=2)
    load = hours["bus"].to_numpy() == "zone_20kv"
    np.testing.assert_allclose(mean[load], hours["price"].to_numpy()[load], rtol=1e-4)
    assert slice_failures(quarters) == []


def peaky(**recipe: Any) -> TinyPark:
    """An hour whose last quarter takes 30 MW and the others 10, then an hour of 10 MW."""
    return park(Recipe(load=(10, 10, 10, 30, 10, 10, 10, 10), step=QUARTER, **recipe))


def test_shedding_in_a_quarter_never_pays() -> None:
    """At no bus does a MW that is not served for a step cost less than it saves of demand."""
    tiny = whole_park("yearly")
    for one in (tiny, in_quarters(tiny)):
        task = one.task()
        graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
        step, saved = task.profiles.step, task.inputs.demand_charge
        lost = [
            charge.price * step
            for meaning in graph.registry.flows.values()
            if meaning.coordinates.role == "shedding" and meaning.coordinates.unit == "MW"
            for charge in meaning.charges
        ]
        assert lost and min(lost) > saved > 0.0


def test_demand_is_billed_on_the_highest_quarter(tmp_path: Path) -> None:
    """25 MWh in two hours that stand for 4380 each, and 30 MW of demand instead of 15."""
    ds = solved(peaky(prices={"demand_charge": 1000.0}), tmp_path)
    assert cost(ds, "purchase") == approx(25.0 * 660.0 * 4380.0)
    assert cost(ds, "demand_charge") == approx(30.0 * 1000.0 * 12.0)
    assert energy_of(ds, role="load") == approx(25.0 * 4380.0)
    assert (ds.attrs["hours"], ds.attrs["step_minutes"]) == (2, 15)
    bounds = ds["time_bnds"].to_numpy()
    assert (bounds[:, 1] - bounds[:, 0] == np.timedelta64(15, "m")).all()
    np.testing.assert_allclose(price(ds, "zone_20kv")[[0, 4]], 660.0, rtol=1e-6)
    # One more MWh of the highest quarter is 4 MW more, billed in twelve months, and stands for
    # as many MWh as the slice has of it in the year.
    charged = 660.0 + 4.0 * 12_000.0 / 4380.0
    assert price(ds, "zone_20kv")[3] == approx(charged, rel=1e-6)
    energy = energy_balance(ds).loc["zone_20kv"]["energy"]
    assert energy.sum() == approx(0.0, abs=1e-6)
    assert energy["zone_20kv->load_zone"] == approx(-25.0)


def test_a_store_gives_four_times_its_energy_in_a_quarter(tmp_path: Path) -> None:
    """What is put in over the other quarters shaves power off the highest one.

    A tenth is lost in an hour: of what is in the store at the start of a quarter 0.9^(1/4) is
    left at its end.
    """
    energy = replace(BATTERY[0], parameters={"standing_loss": 0.1})
    tiny = peaky(
        prices={"demand_charge": 1e5},
        technologies=(energy, *BATTERY[1:]),
        assets=(asset("battery_energy", existing=9.0), asset("battery_power", existing=20.0)),
    )
    ds = solved(tiny, tmp_path)
    content = np.append(ds["initial_content"].to_numpy(), ds["storage_content"].to_numpy())
    given = power(ds, "battery_zone->zone_20kv") - power(ds, "zone_20kv->battery_zone")
    one = ds.isel(storage=0)
    eta = [float(one[f"{way}flow_efficiency"]) for way in ("in", "out")]
    flow = np.where(given < 0, -given * eta[0], -given / eta[1]) * QUARTER
    np.testing.assert_allclose(content[1:], content[:-1] * 0.9**QUARTER + flow, atol=1e-6)
    assert cost(ds, "demand_charge") == approx(power(ds, "fence->grid_110kv").max() * 1.2e6)
    assert power(ds, "fence->grid_110kv").max() < 20.0
    assert slice_failures(ds) == []


def test_ramps_and_minimum_times_are_those_of_hours() -> None:
    """40 % an hour is 10 % a quarter; half an hour on is two quarters."""
    engine = technology(
        *("engine", "converter"),
        **{"carrier_in": "natural_gas", "carrier_out": "electricity"},
        efficiency=0.5,
        parameters={"ramp_up": 0.4, "ramp_down": 0.4},
    )
    stands = (asset("engine", existing=10.0),)
    recipe = Recipe(
        load=(2.0, 10.0, 10.0, 10.0), step=QUARTER, technologies=(engine,), assets=stands
    )
    ds = solve_slice(park(recipe).task())
    np.testing.assert_allclose(power(ds, "engine_zone->zone_20kv"), [2, 3, 4, 5], atol=1e-6)
    lasting = {"minimum_load": 0.5, "minimum_up_time": 1.0}
    timed = replace(engine, parameters=lasting)
    binary = {"commitment": "binary"}
    recipe = Recipe((9, 9, 9, 1, 9, 9, 9, 9), step=QUARTER, scenario=binary)
    recipe = replace(recipe, technologies=(timed,), assets=stands)
    ds = solve_slice(park(recipe).task())
    # On for an hour, which is four quarters: not before the quarter of 1 MW.
    wanted = [0, 0, 0, 0, 9, 9, 9, 9]
    np.testing.assert_allclose(power(ds, "engine_zone_stock->zone_20kv"), wanted, atol=1e-6)


def test_bounds_of_time_that_are_no_step_are_told(tmp_path: Path) -> None:
    """A file that says another step than its stamps have breaks the contract."""
    ds: xr.Dataset = solved(peaky(), tmp_path)
    told = " ".join(validate_slice(ds.assign_attrs(step_minutes=60)))
    assert "time has 8 steps instead of 2" in told
    assert "not the start of a step of 60 min" in told
