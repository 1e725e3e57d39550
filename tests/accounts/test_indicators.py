"""Indicators of every year, each worked out by hand on a park of four hours."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tiny_park import HOURS_OF_YEAR, PV, Recipe, asset, green_power, park

from meishan_model.accounts.indicators import YEARLY, indicators_by_year
from meishan_model.planning.solve_slice import solve_slice

approx = pytest.approx


def indicators(recipe: Recipe) -> dict[str, float]:
    """All indicators of the year of a park, by name."""
    tiny = park(recipe)
    ds = solve_slice(tiny.task())
    return {found.name: found.of(ds, tiny.inputs) for found in YEARLY}


def test_peak_and_mean_of_power_from_outside() -> None:
    """1, 2, 3 and 2 MW have a peak of 3 and a mean of 2 MW, whether a contract delivers or not."""
    recipe = Recipe(load=(1.0, 2.0, 3.0, 2.0))
    found = indicators(recipe)
    assert found["import_peak"] == approx(3.0)
    assert found["import_peak_to_mean"] == approx(1.5)
    recipe.contracts = [green_power("deal", "flat", 1.0, 300.0)]
    recipe.green_power = {"flat": (1.0,) * 4}
    contracted = indicators(recipe)
    assert contracted["import_peak"] == approx(3.0)
    assert contracted["matched_share"] == approx(0.5)
    assert contracted["local_share"] == 0.0


def test_local_power_matched_power_and_curtailment() -> None:
    """PV of 3 MW in two of four hours meets a load of 1 MW: half the use; two thirds are lost."""
    recipe = Recipe(
        load=(1.0,) * 4,
        technologies=[PV],
        assets=[asset("pv", existing=3.0)],
        capacity_factor={"pv": (1.0, 1.0, 0.0, 0.0)},
    )
    found = indicators(recipe)
    assert found["local_share"] == approx(0.5)
    assert found["matched_share"] == approx(0.5)
    assert found["curtailed_share"] == approx(2.0 / 3.0)
    assert found["import_peak_to_mean"] == approx(2.0)
    assert found["unserved_energy"] == approx(0.0)


def test_what_a_contract_offers_and_nobody_takes_is_not_curtailed() -> None:
    """A plant outside offers 2 MW to a load of 1 MW: the park has no plants to curtail."""
    recipe = Recipe(
        load=(1.0,) * 4,
        contracts=[green_power("deal", "flat", 2.0, 300.0, untaken_paid=0.0)],
        green_power={"flat": (1.0,) * 4},
    )
    assert math.isnan(indicators(recipe)["curtailed_share"])


def test_demand_that_is_not_served() -> None:
    """A connection of a quarter MW before a load of one: three quarters of the year's energy."""
    found = indicators(Recipe(load=(1.0,) * 4, connection=(0.25, 0.0)))
    assert found["unserved_energy"] == approx(0.75 * HOURS_OF_YEAR)
    assert found["import_peak"] == approx(0.25)
    assert found["import_peak_to_mean"] == approx(1.0)


def test_a_park_that_imports_nothing_has_no_peak_over_mean() -> None:
    """PV meets the whole load: the peak is 0 MW, and there is no mean to hold it against."""
    recipe = Recipe(
        load=(1.0,) * 4,
        technologies=[PV],
        assets=[asset("pv", existing=1.0)],
        capacity_factor={"pv": (1.0,) * 4},
    )
    found = indicators(recipe)
    assert found["import_peak"] == 0.0
    assert math.isnan(found["import_peak_to_mean"])


def test_table_of_years() -> None:
    """Years ascend whatever the order of the slices; each indicator has a unit and two titles."""
    small, large = (park(Recipe(load=(mw,) * 4)) for mw in (1.0, 2.0))
    slices = {2040: solve_slice(large.task()), 2035: solve_slice(small.task())}
    ds = indicators_by_year(slices, {2035: small.inputs, 2040: large.inputs})
    assert ds["indicator_by_year"].dims == ("year", "yearly_indicator")
    peak = ds["indicator_by_year"].sel(yearly_indicator="import_peak").to_series()
    assert peak.to_dict() == approx({2035: 1.0, 2040: 2.0})
    assert np.isnan(ds["indicator_by_year"].sel(yearly_indicator="curtailed_share")).all()
    for column in ("unit", "title", "title_zh"):
        texts = ds[f"yearly_indicator_{column}"].to_numpy()
        assert all(texts)
        assert column == "unit" or len(set(texts)) == len(YEARLY)
