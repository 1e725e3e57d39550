"""A meter's file in a park: the bill by hand, what follows the file, what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from test_smallest_park import FILES, written

from meishan_model.errors import InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.check_sheets import check_sheets
from meishan_model.planning.project import open_project
from meishan_model.series.build import build_profiles

Said = Callable[..., tuple[int, str, str]]
LOAD = "works,site,industry,electricity,meter.csv:kW,,,MWh/a,meter,published,\n"
MARKETS = """market,bus,profile,parameter,year,value,unit,source,confidence,note
spot,grid_110kv,spot.csv:CNY/MWh,import_capacity,,0.5,MW,exchange,published,
spot,grid_110kv,spot.csv:CNY/MWh,import_price,,,CNY/MWh,exchange,published,
"""
HOURS = pd.date_range("2022-01-01", periods=8760, freq="h")
POWER = 500.0 + 200.0 * np.sin(np.arange(8760) / 7.0) + np.arange(8760) % 13
PRICE = 300.0 + 400.0 * np.sin(np.arange(8760) / 3.8)
"""Below zero in every day, above 600 in many an hour."""


def write(path: Path, head: str, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    step = pd.Timedelta(hours=len(HOURS) / len(values))
    stamps = pd.date_range(HOURS[0], periods=len(values), freq=step)
    pd.Series(values, stamps, name=head).rename_axis("time").to_csv(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The smallest park, whose load is a meter's file."""
    loads = written(tmp_path) / "configs" / "tiny" / "loads.csv"
    loads.write_text(FILES["tiny/loads.csv"].splitlines(keepends=True)[0] + LOAD, "utf-8")
    write(tmp_path / "timeseries" / "tiny" / "meter.csv", "kW", POWER)
    return tmp_path


def test_the_bill_of_a_metered_year(root: Path, said: Said) -> None:
    """Each hour at its price, each month at its peak, behind losses of 2 and 1 %.

    The model year is the measured one, so that each day is its own.
    """
    code, out, err = said("solve", 2022, "-s", "tiny", "--root", root)
    assert code == 0, err
    drawn = POWER / 1e3 / (0.98 * 0.99)
    price = np.where(HOURS.hour < 6, 0.4 * 600.0, 1.3 * 600.0)
    peaks = pd.Series(drawn, HOURS).groupby(HOURS.month).max()
    with xr.open_dataset(root / "results" / "tiny" / "2022.nc") as ds:
        assert ds.attrs["objective"] == pytest.approx(drawn @ price + 40e3 * peaks.sum(), rel=1e-8)
        line = "meter.csv:kW: 2022-01-01 to 2022-12-31, steps of 60 min in kW stamped at their "
        line += f"begin, {POWER.sum() / 1e3:,.1f} MWh/a"
        assert ds.attrs["measured_series"].startswith(line)
    assert line in " ".join(out.split())
    code, out, _ = said("check", "-s", "tiny", "--root", root)
    assert code == 0 and line in " ".join(out.split())


def test_a_value_scales_what_was_measured(root: Path) -> None:
    """A row of a later year says how much of the same course there will be."""
    loads = root / "configs" / "tiny" / "loads.csv"
    loads.write_text(loads.read_text("utf-8").replace("kW,,,MWh/a", "kW,,8760,MWh/a"), "utf-8")
    project = open_project("tiny", root)
    inputs = project.slices[2022]
    profiles = build_profiles(inputs, project.park, project.weather_folder)
    load = profiles.load("meter.csv:kW", inputs.loads[0].energy)
    np.testing.assert_allclose(load, POWER / POWER.mean(), rtol=1e-9)


def test_spot_prices_below_zero(root: Path, said: Said) -> None:
    """Half a MW from the exchange where that pays, at its price of the hour; never more than used.

    Without the station: both ways through a transformer at once would burn power that is paid for.
    """
    write(root / "timeseries" / "tiny" / "spot.csv", "CNY/MWh", PRICE)
    network = root / "configs" / "tiny" / "network.csv"
    rows = FILES["tiny/network.csv"].splitlines(keepends=True)
    network.write_text("".join(row for row in rows if "station" not in row), encoding="utf-8")
    (root / "configs" / "tiny" / "markets.csv").write_text(MARKETS, encoding="utf-8")
    code, _, err = said("solve", 2022, "-s", "tiny", "--root", root)
    assert code == 0, err
    with xr.open_dataset(root / "results" / "tiny" / "2022.nc") as ds:
        mine = ((ds["role"] == "purchase") & (ds["flow_asset"] == "spot")).to_numpy()
        bought = ds["power"].to_numpy()[mine].sum(axis=0)
        assert bought[PRICE < 0.0] == pytest.approx(np.minimum(POWER / 1e3, 0.5)[PRICE < 0.0])
        cost = ds["cost"].to_series()
        paid = sum(value for item, value in cost.items() if str(item).endswith(":spot"))
        assert paid == pytest.approx(bought @ PRICE, rel=1e-6)


def test_a_connection_at_the_price_of_the_exchange(root: Path, said: Said) -> None:
    """Each hour at its price with the network charge; what is sold earns the same without it."""
    write(root / "timeseries" / "tiny" / "spot.csv", "CNY/kWh", PRICE / 1e3)
    sheets = root / "configs" / "tiny"
    head, _, *others = FILES["tiny/prices.csv"].splitlines(keepends=True)
    rows = [row.replace("\n", ",\n") for row in others if "market" not in row]
    by_hour = ",,,CNY/MWh,exchange,published,,spot.csv:CNY/kWh\n"
    rows += [f"{item}{by_hour}" for item in ("purchase_energy", "market_price")]
    (sheets / "prices.csv").write_text("".join([head.replace("\n", ",profile\n"), *rows]), "utf-8")
    tariff = FILES["tiny/tariff_periods.csv"].replace(",0.4,", ",1,").replace(",1.3,", ",1,")
    (sheets / "tariff_periods.csv").write_text(tariff, encoding="utf-8")
    project = open_project("tiny", root)
    inputs = project.slices[2022]
    profiles = build_profiles(inputs, project.park, project.weather_folder)
    np.testing.assert_allclose(profiles.purchase_price, PRICE + 100.0, atol=1e-9)
    np.testing.assert_allclose(profiles.market_price, PRICE, atol=1e-9)
    np.testing.assert_allclose(profiles.export_price, PRICE, atol=1e-9)
    code, _, err = said("solve", 2022, "-s", "tiny", "--root", root)
    assert code == 0, err
    drawn = POWER / 1e3 / (0.98 * 0.99)
    peaks = pd.Series(drawn, HOURS).groupby(HOURS.month).max()
    with xr.open_dataset(root / "results" / "tiny" / "2022.nc") as ds:
        bill = drawn @ (PRICE + 100.0) + 40e3 * peaks.sum()
        assert ds.attrs["objective"] == pytest.approx(bill, rel=1e-8)
    code, _, err = said("tariff", "2022-07-15", "-s", "tiny", "--root", root)
    assert code == 2 and "the price of every hour is that of a measured series" in err
    twice = FILES["tiny/prices.csv"].replace("item,", "profile,item,").replace("\n", "\n,")
    twice = twice.replace(",network", "spot.csv:CNY/kWh,network").rstrip(",")
    twice += ",purchase_energy,,500,CNY/MWh,bill,published,\n"
    (sheets / "prices.csv").write_text(twice, encoding="utf-8")
    code, _, err = said("check", "-s", "tiny", "--root", root)
    assert code == 2
    assert "said by purchase_flat and purchase_energy; give one" in err
    assert "network_charge is the same in all hours of a year; by hour are" in err


def test_prices_of_quarters_stay_theirs(root: Path) -> None:
    """In steps of 15 min the connection has the price of each quarter, in hours their mean."""
    price = np.repeat(PRICE, 4) + np.tile([-30.0, 0.0, 10.0, 20.0], 8760)
    write(root / "timeseries" / "tiny" / "spot.csv", "CNY/kWh", price / 1e3)
    sheets = root / "configs" / "tiny"
    head, _, *others = FILES["tiny/prices.csv"].splitlines(keepends=True)
    rows = [row.replace("\n", ",\n") for row in others]
    rows.append("purchase_energy,,,CNY/MWh,exchange,published,,spot.csv:CNY/kWh\n")
    (sheets / "prices.csv").write_text("".join([head.replace("\n", ",profile\n"), *rows]), "utf-8")
    tariff = FILES["tiny/tariff_periods.csv"].replace(",0.4,", ",1,").replace(",1.3,", ",1,")
    (sheets / "tariff_periods.csv").write_text(tariff, encoding="utf-8")
    project = open_project("tiny", root)
    given = project.slices[2022], project.park, project.weather_folder
    quarters, hours = build_profiles(*given, minutes=15), build_profiles(*given)
    np.testing.assert_allclose(quarters.purchase_price, price + 100.0, atol=1e-9)
    np.testing.assert_allclose(hours.purchase_price, PRICE + 100.0, atol=1e-9)
    np.testing.assert_allclose(quarters.levies, np.repeat(hours.levies, 4))
    assert list(quarters.stamps[[0, 1, -1]].strftime("%d %H:%M")) == [
        *("01 00:00", "01 00:15", "31 23:45")
    ]


def test_a_contract_of_a_farm_whose_output_was_measured(root: Path) -> None:
    """It delivers the measured share of its capacity; a value in CNY is never the mean of that."""
    share = np.clip(np.sin(np.arange(8760) / 9.0), 0.0, None)
    write(root / "timeseries" / "tiny" / "farm.csv", "share", share)
    sheets = root / "configs" / "tiny"
    (sheets / "series.csv").write_text("series,unit\nfarm.csv:share,1\n", encoding="utf-8")
    (sheets / "contract_terms.csv").write_text(
        "contract,market,plant,consumer,term,first_year,last_year,source,note\n"
        "farm,point_to_point,,park,yearly,2020,2060,offer,\n",
        encoding="utf-8",
    )
    numbers = {"capacity": "1,MW", "feed_in_price": "300,CNY/MWh", "premium": "10,CNY/MWh"}
    numbers |= dict.fromkeys(("delivery_risk", "untaken_paid", "undelivered_paid"), "0,%")
    head = "contract,kind,profile,parameter,year,value,unit,source,confidence,note\n"
    rows = [
        f"farm,green_power,farm.csv:share,{n},,{v},offer,published,\n" for n, v in numbers.items()
    ]
    (sheets / "contracts.csv").write_text(head + "".join(rows), encoding="utf-8")
    project = open_project("tiny", root)
    profiles = build_profiles(project.slices[2022], project.park, project.weather_folder)
    np.testing.assert_allclose(profiles.green_power["farm.csv:share"], share, atol=1e-9)
    (sheets / "series.csv").write_text("series,unit\nfarm.csv:share,kW\n", encoding="utf-8")
    project = open_project("tiny", root)
    with pytest.raises(InputError, match=r"from 0 to 0\.001 MW, and no share of a capacity"):
        build_profiles(project.slices[2022], project.park, project.weather_folder)
    (sheets / "series.csv").write_text("series,unit\nfarm.csv:share,1\n", encoding="utf-8")
    text = (sheets / "contracts.csv").read_text("utf-8").replace(",300,", ",,")
    (sheets / "contracts.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="a series in 1, which gives no value in CNY/MWh; give"):
        _ = open_project("tiny", root).park


def test_an_empty_value_is_right_in_a_workbook_too(root: Path) -> None:
    """What a workbook brings back is checked with the series that give the values."""
    check_sheets(root, "tiny", "reference")


def test_a_changed_file_makes_results_stale(root: Path) -> None:
    """One more kW in an hour changes the hash of every slice, another file in the folder none."""
    before = slice_hashes(open_project("tiny", root), "highs")
    write(root / "timeseries" / "tiny" / "other.csv", "kW", POWER)
    assert slice_hashes(open_project("tiny", root), "highs") == before
    (root / "configs" / "tiny" / "series.csv").write_text("series,days\nmeter.csv:kW,as_is\n")
    as_is = slice_hashes(open_project("tiny", root), "highs")
    assert as_is != before, "the days of the plan are other ones"
    before, changed = as_is, POWER.copy()
    changed[4000] += 1.0
    write(root / "timeseries" / "tiny" / "meter.csv", "kW", changed)
    assert slice_hashes(open_project("tiny", root), "highs") != before


def test_faults_of_the_meter_are_told_with_those_of_the_sheets(root: Path, said: Said) -> None:
    """A column that is not there and a wrong unit in another sheet, in one run."""
    write(root / "timeseries" / "tiny" / "meter.csv", "level", POWER)
    prices = root / "configs" / "tiny" / "prices.csv"
    prices.write_text(prices.read_text("utf-8").replace("600,CNY/MWh", "600,EUR"), "utf-8")
    code, _, err = said("check", "-s", "tiny", "--root", root)
    assert code == 2
    assert "has no such column; its first row has time, level" in " ".join(err.split())
    assert "wrong unit" in err


def test_what_a_wrong_park_file_hides_of_a_meter_is_no_fault(root: Path, said: Said) -> None:
    """The load of the meter has no value of its own, and cannot be read without a place."""
    park = root / "configs" / "tiny" / "park.yaml"
    park.write_text(park.read_text("utf-8") + "checked: {coarse_steps: 3, known, word}\n", "utf-8")
    code, _, err = said("check", "-s", "tiny", "--root", root)
    assert code == 2
    assert "park.yaml" in err
    assert "loads.csv" not in err
