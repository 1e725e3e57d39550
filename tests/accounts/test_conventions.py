"""Scope 2 of one operation under several conventions of the grid's factor."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import xarray as xr
from tiny_park import GRID_MARKET, Recipe, TinyPark, green_power, park

from meishan_model.planning.solve_slice import solve_slice
from meishan_model.report.html.tables import ConventionRow, convention_rows

CONVENTIONS = {"province": {"location": 0.8, "market": 0.3}, "fossil": {"market": 0.9}}


@pytest.fixture(scope="module")
def tiny() -> TinyPark:
    """A load of 10 MW, of which a contract covers 3; there is nothing to decide."""
    recipe = Recipe(
        load=(10.0,) * 4,
        contracts=[green_power("deal", "flat", 3.0, 300.0)],
        green_power={"flat": (1.0,) * 4},
    )
    found = park(recipe)
    factors = replace(found.inputs.factors, conventions=CONVENTIONS)
    return replace(found, inputs=replace(found.inputs, factors=factors))


def scope2(ds: xr.Dataset) -> dict[str, float]:
    """What the slice itself says, by basis [tCO2/a]."""
    scopes = ds["emissions"].to_series().groupby(ds["scope"].to_series()).sum()
    return {basis: float(scopes[f"scope2_{basis}"]) for basis in ("location", "market")}


def test_another_convention_is_what_a_slice_under_it_says(tiny: TinyPark) -> None:
    """10 MW by location, 7 by market: the table agrees with the park solved under the other."""
    ds = solve_slice(tiny.task())
    by = {b: ds[f"scope2_by_{b}"].to_series() for b in ("location", "market")}
    assert by["market"]["fossil"] == pytest.approx(7.0 * 8760 * 0.9)
    assert math.isnan(by["location"]["fossil"])
    province = replace(tiny.inputs.factors, grid_location=0.8, grid_market=0.3)
    other = solve_slice(replace(tiny, inputs=replace(tiny.inputs, factors=province)).task())
    assert {b: of["province"] for b, of in by.items()} == pytest.approx(scope2(other))
    assert scope2(ds)["market"] == pytest.approx(7.0 * 8760 * GRID_MARKET)


def test_a_clean_grid_leaves_nothing_to_scale(tiny: TinyPark) -> None:
    """With a factor of zero the emissions say nothing of the energy; a file may have gaps."""
    clean = replace(tiny.inputs.factors, grid_market=0.0)
    ds = solve_slice(replace(tiny, inputs=replace(tiny.inputs, factors=clean)).task())
    assert ds["scope2_by_market"].isnull().all()
    assert ds["factor_by_market"].to_series().to_dict() == {"province": 0.3, "fossil": 0.9}


def test_rows_of_the_page() -> None:
    """A row a convention and basis, with the factor and the emissions of every year."""
    dims = ("year", "convention")
    numbers = {
        f"{what}_by_{basis}": (dims, [[value], [2 * value]])
        for what, basis, value in (
            ("factor", "location", 0.1),
            ("factor", "market", 0.2),
            ("scope2", "location", 10.0),
            ("scope2", "market", 20.0),
        )
    }
    ds = xr.Dataset(numbers, {"year": [2030, 2040], "convention": ["province"]})
    assert convention_rows(ds) == [
        ConventionRow("province", "location", [0.1, 0.2], [10.0, 20.0]),
        ConventionRow("province", "market", [0.2, 0.4], [20.0, 40.0]),
    ]
    assert convention_rows(ds.drop_dims("convention")) == []
