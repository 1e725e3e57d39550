"""Weeks and energy balances of a slice."""

from __future__ import annotations

import pandas as pd
import pytest
import xarray as xr

from meishan_model.errors import InputError
from meishan_model.results.slice_file import energy_balance, slice_dataset, week

BUS = "梅山_20kv"


@pytest.fixture
def ds(make_tables) -> xr.Dataset:
    return slice_dataset(make_tables())


def test_weeks_cut_the_year_without_rest(make_tables):
    """The 53 weeks of a leap year put together are the year; week 9 spans the absent day."""
    ds = slice_dataset(make_tables(2032, 8760))
    weeks = [week(ds, number) for number in range(1, 54)]
    assert [w.sizes["time"] for w in weeks] == [168] * 52 + [24]
    xr.testing.assert_identical(xr.concat(weeks, "time", data_vars="minimal"), ds)
    ninth = week(ds, 9).indexes["time"]
    assert (len(ninth), ninth[0], ninth[-1]) == (
        168,
        pd.Timestamp("2032-02-26 00:00"),
        pd.Timestamp("2032-03-04 23:00"),
    )
    for number in (0, 54):
        with pytest.raises(InputError, match="weeks are 1 to 53"):
            week(ds, number)


def test_energy_balance_by_hand(ds):
    """2 MW over 2 h go into the battery, 1.62 MW over 2 h come out; each bus closes."""
    balance = energy_balance(ds)
    assert balance.loc[(BUS, f"{BUS}->battery"), "energy"] == pytest.approx(-4.0)
    assert balance.loc[(BUS, f"battery->{BUS}"), "energy"] == pytest.approx(3.24)
    assert balance.loc[(BUS, f"pv->{BUS}"), "technology"] == "pv"
    assert balance.groupby("bus")["energy"].sum().loc[BUS] == pytest.approx(0, abs=1e-9)
    assert set(balance.index.get_level_values("bus")) == {BUS}
