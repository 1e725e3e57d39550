"""The park before the plan, on a park of four hours that is worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from tiny_park import PV, Recipe, asset, park

from meishan_model.accounts.indicators import payback
from meishan_model.planning.backcast import SliceTask
from meishan_model.planning.before import with_before
from meishan_model.planning.solve_slice import solve_slice

approx = pytest.approx
QUARTER = 2190.0
"""Hours of the year that one of four stands for."""


def task(new: float, **recipe: object) -> SliceTask:
    """A load of 1, 2, 3, 2 MW with 1 MW of PV in the first two hours, and some more to be built.

    A MW costs 4 million CNY and 20 000 CNY a year.
    """
    of_pv = {"existing": 1.0, "lower": new, "upper": new, "fixed_om": 20e3, "annuity": 400e3}
    given = Recipe(
        load=(1.0, 2.0, 3.0, 2.0),
        month=[1, 1, 2, 2],
        technologies=[PV],
        assets=[asset("pv", **of_pv)],
        capacity_factor={"pv": (1.0, 1.0, 0.0, 0.0)},
        **recipe,
    )
    found = park(given).task()
    cost = np.where(np.array(found.assets.table.technology) == "pv", 4e6, 0.0)[None]
    table = replace(found.assets.table, investment=cost)
    return replace(found, assets=replace(found.assets, table=table))


def compared(of: SliceTask) -> xr.Dataset:
    return with_before(solve_slice(of), of)


def test_a_second_megawatt_saves_one_hour_of_purchase() -> None:
    """Today 0, 1, 3 and 2 MW are bought; with one more MW of PV none in the second hour.

    It saves 2190 MWh at 660 CNY less 20 000 CNY of operation: 4 million CNY come back in 2.8 a.
    """
    ds = compared(task(1.0))
    bills = {n: ds[n].sum("bill_part").sel(month=[1, 2]) for n in ("bill_before", "bill")}
    assert bills["bill_before"].to_numpy() == approx([QUARTER * 660.0, 5.0 * QUARTER * 660.0])
    assert bills["bill"].to_numpy() == approx([0.0, 5.0 * QUARTER * 660.0], abs=1e-3)
    assert ds.attrs["import_peak_before"] == approx(3.0)
    assert ds.attrs["self_consumption_before"] == approx(1.0), "no PV that stands is sold"
    assert ds.attrs["self_sufficiency_before"] == approx(2.0 / 8.0)
    assert ds.attrs["new_investment"] == approx(4e6)
    saving = QUARTER * 660.0 - 20e3
    assert ds.attrs["yearly_saving"] == approx(saving)
    assert payback(ds) == approx(4e6 / saving)


def test_a_plan_that_costs_more_to_run_has_no_payback() -> None:
    """PV that replaces nothing but PV: its operation is all that changes."""
    ds = compared(replace(task(1.0), profiles=task(1.0, purchase_price=0.0).profiles))
    assert ds.attrs["yearly_saving"] == approx(-20e3)
    assert math.isnan(payback(ds))


def test_where_nothing_is_new_the_bill_is_that_of_before() -> None:
    """The slice is its own comparison, nothing is invested and nothing comes back."""
    ds = compared(task(0.0))
    np.testing.assert_array_equal(ds["bill_before"], ds["bill"])
    assert ds.attrs["new_investment"] == 0.0
    assert math.isnan(payback(ds))


def test_there_is_no_before_where_today_does_not_serve_the_demand() -> None:
    """Half a MW comes through the fence: without the new PV the second hour lacks half a MW.

    That of the third and fourth is shed in both; a plan that sheds nothing is compared with none
    that sheds.
    """
    ds = compared(task(1.0, connection=(0.5, 0.0)))
    assert "bill_before" not in ds
    assert "import_peak_before" not in ds.attrs
    assert math.isnan(payback(ds))
