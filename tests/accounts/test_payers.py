"""Who pays: vehicles of residents and the fuel that they burn, apart from what the park pays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tiny_park import Recipe, TinyPark, asset, park, technology
from tiny_solved import solved

from meishan_model.planning.before import with_before
from meishan_model.planning.project import open_project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.report.summary import by_payer
from meishan_model.sheets.records import Fleet

USE = 8760.0
"""Use of one vehicle [km/a]: 1 km in each hour."""
FUEL = 300.0
"""Price of gasoline [CNY/MWh]."""


def fleets(payer: str, **cars: float) -> TinyPark:
    """100 cars at 0.6 kWh/km and 50 vans at 0.9 kWh/km on one fuel; who pays for the cars."""
    drives = [
        technology(name, "drivetrain", carrier_in="gasoline", unit="vehicles")
        for name in ("car_gasoline", "van_gasoline")
    ]
    tiny = park(
        Recipe(
            technologies=drives,
            assets=[
                replace(asset("car_gasoline", existing=100.0, **cars), fixed_om=4000.0),
                replace(asset("van_gasoline", existing=50.0), fixed_om=6000.0),
            ],
            prices={"gasoline": FUEL},
            factors={"gasoline": 0.25},
        )
    )
    vehicles = (
        Fleet("car", "zone", "transport", "even", 100 * USE, USE, {"car_gasoline": 6e-4}, payer),
        Fleet("van", "zone", "transport", "even", 50 * USE, USE, {"van_gasoline": 9e-4}),
    )
    shapes = {**tiny.profiles.shapes, "even": np.ones(4)}
    return replace(
        tiny,
        inputs=replace(tiny.inputs, fleets=vehicles),
        profiles=replace(tiny.profiles, shapes=shapes),
    )


def paid(ds: xr.Dataset) -> pd.Series[float]:
    """Cost by payer and category [CNY/a]."""
    keys = [ds[name].to_series() for name in ("payer", "category")]
    return ds["cost"].to_series().groupby(keys).sum()


def test_residents_pay_their_cars_and_their_part_of_the_fuel(tmp_path: Path) -> None:
    """Cars: 100 x 4000 a year and 100 x 8760 x 0.6 kWh of fuel; vans and all power are the park's.

    525.6 MWh of the cars and 394.2 MWh of the vans at 300 CNY/MWh are 157.7 and 118.3 kCNY.
    """
    found = paid(solved(fleets("residents"), tmp_path))
    assert found["residents"].to_dict() == {
        "fixed_om": pytest.approx(400e3),
        "fuel": pytest.approx(100 * USE * 6e-4 * FUEL),
    }
    assert found["park", "fixed_om"] == pytest.approx(300e3)
    assert found["park", "fuel"] == pytest.approx(50 * USE * 9e-4 * FUEL)
    assert found["park", "purchase"] > 0.0


def test_who_pays_changes_no_plan(tmp_path: Path) -> None:
    """The objective is the sum of both, whoever pays; without a payer all is the park's."""
    apart, whole = (solved(fleets(p), tmp_path / (p or "park")) for p in ("residents", ""))
    assert apart.attrs["objective"] == pytest.approx(whole.attrs["objective"], rel=1e-12)
    assert set(whole["payer"].to_numpy()) == {"park"}
    sums = [paid(ds).groupby(level="category").sum() for ds in (apart, whole)]
    pd.testing.assert_series_equal(*sums)


@pytest.mark.parametrize(("payer", "invested", "saved"), [("residents", 0, 0), ("", 1e6, -40e3)])
def test_cars_of_residents_cost_and_save_the_park_nothing(
    payer: str, invested: float, saved: float
) -> None:
    """Ten more cars of 100 000 CNY and 4000 a year that nobody needs, beside those of today."""
    task = fleets(payer, lower=10.0, upper=10.0, annuity=1e4).task()
    table = task.assets.table
    prices = np.where(np.array(table.technology) == "car_gasoline", 1e5, 0.0)[None]
    table = replace(table, investment=prices)
    task = replace(task, assets=replace(task.assets, table=table))
    ds = with_before(solve_slice(task), task)
    assert ds.attrs["new_investment"] == pytest.approx(invested)
    assert ds.attrs["yearly_saving"] == pytest.approx(saved, abs=1e-3)


def test_tables_tell_the_park_first_and_nobody_where_one_pays_all() -> None:
    """What nobody pays is left out; a park that pays all has no such rows."""
    index = pd.MultiIndex.from_tuples(
        [
            *(("fuel", "park"), ("fuel", "drivers"), ("investment", "residents")),
            *(("shadow_carbon", "park"), ("investment", "park")),
        ],
        names=["category", "payer"],
    )
    cost = pd.DataFrame({"": [1.0, 2.0, 4.0, 8.0, 16.0]}, index=index)
    assert by_payer(cost)[""].to_dict() == {"park": 17.0, "drivers": 2.0, "residents": 4.0}
    assert list(by_payer(cost).index) == ["park", "drivers", "residents"]
    assert by_payer(cost.xs("park", level="payer", drop_level=False)).empty


def test_cars_of_meishan_are_those_of_residents() -> None:
    """Private cars of both towns; trucks, stackers and buses belong to firms of the park."""
    project = open_project("balanced", Path(__file__).parents[2])
    payers = {fleet.fleet: fleet.payer for fleet in project.slices[2035].fleets}
    residents = {fleet for fleet, payer in payers.items() if payer == "residents"}
    assert residents == {"car_meishan", "car_chunxiao"}
    assert {payers[fleet] for fleet in payers.keys() - residents} == {""}
