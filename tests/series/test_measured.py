"""Measured series: the same year in every layout, what is done to it, and the days of a plan."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from meishan_model.errors import InputError
from meishan_model.series.calendar import day_types
from meishan_model.series.measured import Measured, in_model_year, read_measured
from meishan_model.series.meter_files import number_columns
from meishan_model.sheets.demand_rows import SeriesRow
from meishan_model.sheets.park import Site

SHARED = Path(os.environ.get("MEISHAN_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
STEEL = SHARED / "load" / "Steel_industry_data.csv"
SITE = {
    **{"name": "plant", "title": "Plant", "title_zh": "厂", "country": "CN"},
    **{"latitude": 30.0, "longitude": 120.0, "altitude": 5.0},
}


def site(timezone: str = "Asia/Shanghai") -> Site:
    return Site.model_validate({**SITE, "timezone": timezone})


def quarters(year: int = 2023) -> pd.Series[float]:
    """Power of each quarter of an hour by its start [kW]: no two days are alike."""
    stamps = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:45", freq="15min")
    count = np.arange(len(stamps))
    power = 300.0 + 100.0 * np.sin(count / 15.3) + count / 500.0 + 10.0 * (count % 4)
    return pd.Series(power.round(6), stamps)


def read(folder: Path, name: str, timezone: str = "Asia/Shanghai", **said: object) -> Measured:
    row = SeriesRow.model_validate({"line": 2, "series": name, **said}) if said else None
    return read_measured(folder, name, row, site(timezone))


def long(power: pd.Series[float], path: Path, head: str = "stamp,power (kW)") -> None:
    stamps = pd.DatetimeIndex(power.index).strftime("%Y-%m-%d %H:%M")
    rows = power.set_axis(stamps).to_csv(header=False)
    path.write_text(f"{head}\n{rows}", encoding="utf-8")


def energies(power: pd.Series[float], folder: Path) -> str:
    """KWh at the end of each quarter, day first, in two columns, with decimal commas."""
    ends = pd.DatetimeIndex(power.index) + pd.Timedelta(minutes=15)
    midnight = ends == ends.normalize()
    table = pd.DataFrame(
        {
            "Tag": (ends - midnight.astype(int) * pd.Timedelta(days=1)).strftime("%d.%m.%Y"),
            "Zeit": np.where(midnight, "24:00", ends.strftime("%H:%M")),
            "Bezug_kWh": power.to_numpy() / 4.0,
            "Status": "W",
        }
    )
    table.to_csv(folder / "energies.csv", sep=";", decimal=",", index=False)
    return "energies.csv:Bezug_kWh"


def powers(power: pd.Series[float], folder: Path) -> str:
    """KW at the start of each quarter, under a title."""
    long(power, folder / "powers.csv", "Meter 12,\nstamp,power (kW)")
    return "powers.csv:power (kW)"


def chinese(power: pd.Series[float], folder: Path) -> str:
    """A row a day with 96 columns, several rows a day, in the encoding of the grid company."""
    heads = [f"{m // 60:02d}:{m % 60:02d}" for m in range(15, 1440, 15)] + ["24:00"]
    rows = [",".join(["户号", "日期", "类型(kW)", *heads])]
    for day, values in power.groupby(power.index.normalize()):
        for kind, factor in (("正向有功", 1.0), ("反向有功", 0.0)):
            cells = [f"{value * factor}" for value in values]
            rows.append(",".join(["330", f"{day:%Y年%m月%d日}", kind, *cells]))
    (folder / "wide.csv").write_text("\n".join(rows), encoding="gb18030")
    return "wide.csv:正向有功"


def numbered(power: pd.Series[float], folder: Path) -> str:
    """A row a day whose columns are counted, as an Excel sheet."""
    days = {day: values.to_numpy() for day, values in power.groupby(power.index.normalize())}
    table = pd.DataFrame.from_dict(days, orient="index", columns=[f"P{i}" for i in range(1, 97)])
    table.index = pd.DatetimeIndex(table.index)
    table.rename_axis("day kW").to_excel(folder / "numbered.xlsx")
    return "numbered.xlsx:meter"


def netcdf(power: pd.Series[float], folder: Path) -> str:
    """A variable with its unit."""
    found = xr.DataArray(power.to_numpy() / 1e3, {"time": power.index}, ["time"], "load")
    found.attrs["units"] = "MW"
    found.to_netcdf(folder / "load.nc")
    return "load.nc:load"


LAYOUTS = (energies, powers, chinese, numbered, netcdf)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_year(
    layout: Callable[[pd.Series[float], Path], str], tmp_path: Path
) -> None:
    """Means of the hours, highest quarter and energy are those of the power."""
    power = quarters()
    measured = read(tmp_path, layout(power, tmp_path))
    expected = power.resample("h").mean() / 1e3
    np.testing.assert_allclose(measured.by_day(60).ravel(), expected.to_numpy(), atol=1e-8)
    assert measured.means.index.equals(power.index)
    assert measured.means.max() == pytest.approx(power.max() / 1e3)
    assert measured.energy == pytest.approx(power.sum() / 4e3)
    assert (measured.step, measured.notes) == (15.0, ())


def test_a_register_behind_transformers(tmp_path: Path) -> None:
    """Readings rise by the energy over the ratio; without a word of it they are refused."""
    power = quarters()
    end = power.index[-1] + pd.Timedelta(minutes=15)
    readings = np.concatenate([[1000.0], 1000.0 + power.cumsum().to_numpy() / 4.0 / 60.0])
    long(pd.Series(readings, [*power.index, end]), tmp_path / "register.csv", "t,total kWh")
    name = "register.csv:total kWh"
    with pytest.raises(InputError, match=r"never falls.*say quantity register"):
        read(tmp_path, name)
    measured = read(tmp_path, name, quantity="register", multiplier=60)
    expected = power.resample("h").mean() / 1e3
    np.testing.assert_allclose(measured.by_day(60).ravel(), expected.to_numpy(), rtol=1e-6)
    assert measured.notes == ("times 60",)
    rows = (tmp_path / "register.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "register.csv").write_text("".join([*rows[:500], *rows[504:]]), "utf-8")
    gap = read(tmp_path, name, quantity="register", multiplier=60)
    assert gap.energy == pytest.approx(measured.energy, rel=1e-9)
    assert gap.notes == ("times 60", "4 missing steps on straight lines")


def test_a_price_in_the_head_is_no_energy(tmp_path: Path) -> None:
    """300 to 500 CNY/kWh are as many thousand CNY/MWh, whatever the step."""
    power = quarters()
    long(power, tmp_path / "spot.csv", "stamp,price_CNY/kWh")
    measured = read(tmp_path, "spot.csv:price_CNY/kWh")
    assert not measured.is_power
    np.testing.assert_allclose(measured.means, power * 1e3, rtol=1e-12)


def test_short_gaps_are_filled_and_long_ones_are_not(tmp_path: Path) -> None:
    """Two hours rise to 19 kW by 1 kW a quarter; of five hours start and length are told."""
    power = quarters()
    power["2023-03-01 11:45"], power["2023-03-01 14:00"] = 10.0, 19.0
    short = power.drop(power["2023-03-01 12:00":"2023-03-01 13:45"].index)  # type: ignore[misc]
    long(short, tmp_path / "short.csv")
    measured = read(tmp_path, "short.csv:power (kW)")
    assert measured.means["2023-03-01 12:00"] == pytest.approx(0.011)
    assert measured.notes == ("8 missing steps on straight lines",)
    long(power.drop(power.index[1000:1020]), tmp_path / "long.csv")
    with pytest.raises(
        InputError, match=r"1 gaps above 3 h, the longest of 5 h from 2023-01-11 10"
    ):
        read(tmp_path, "long.csv:power (kW)")
    assert read(tmp_path, "long.csv:power (kW)", longest_gap=6).energy > 0


def test_daylight_saving_is_put_into_standard_time(tmp_path: Path) -> None:
    """Local stamps skip an hour in March and repeat one in October; twice the same is dropped."""
    power = quarters()
    local = power.index.tz_localize("Etc/GMT-1").tz_convert("Europe/Berlin").tz_localize(None)
    long(power.set_axis(local), tmp_path / "local.csv")
    measured = read(tmp_path, "local.csv:power (kW)", "Europe/Berlin")
    expected = power.resample("h").mean() / 1e3
    np.testing.assert_allclose(measured.by_day(60).ravel(), expected.to_numpy(), atol=1e-8)
    assert measured.notes == ("daylight saving put into standard time",)
    with pytest.raises(InputError, match=r"4 stamps twice with other values, first 2023-10-29"):
        read(tmp_path, "local.csv:power (kW)")
    long(pd.concat([power, power.iloc[40:44]]).sort_index(), tmp_path / "twice.csv")
    assert read(tmp_path, "twice.csv:power (kW)").notes == ("4 rows that stand twice",)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ["t,kW", "2023-01-01 00:00,1", "2023-01-01 00:15,x"],
            "row 3, column kW: 'x' is no number",
        ),
        (["t,kW", "yesterday,1"], "no column of stamps"),
        (["t,kW", *(f"0{i}/0{i}/2023,1" for i in range(1, 9))], "steps of"),
        (["t,level", "2023-01-01 00:00,1", "2023-01-01 01:00,1"], "no such column"),
        (["t,kW", "2023-01-01 00:30,1", "2023-01-01 00:45,1"], "do stamps begin or end"),
        (["t,kW", "2023-01-01 00:00,1", "2023-01-01 23:45,1"], "steps of 1425 min"),
        (["t,kW", *(f"2023-01-01 {h:02d}:00,1" for h in range(24))], "has 1 whole days"),
    ],
)
def test_what_cannot_be_read_is_told(rows: list[str], said: str, tmp_path: Path) -> None:
    """Each with what would be right."""
    (tmp_path / "bad.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match=said) as raised:
        read(tmp_path, "bad.csv:kW")
    assert all(fault.remedy for fault in raised.value.faults)


def test_columns_of_numbers_are_found_behind_a_title(tmp_path: Path) -> None:
    """Neither days, times nor a status are numbers; decimal commas are, and a title is no head."""
    power = quarters()
    for layout, column in ((energies, "Bezug_kWh"), (powers, "power (kW)")):
        name = layout(power, tmp_path)
        assert [*number_columns(tmp_path / name.partition(":")[0])] == [column]


def test_a_file_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "meter.csv").write_text("t,kW\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no such file; there are: meter.csv"):
        read(tmp_path, "metre.csv:kW")


def test_each_measured_day_stands_once_near_its_date_on_a_day_of_its_kind(tmp_path: Path) -> None:
    """Years have other numbers of Mondays and holidays: so many days differ, and no more."""
    power = quarters()
    long(power, tmp_path / "meter.csv")
    measured = read(tmp_path, "meter.csv:power (kW)")
    laid = in_model_year(measured, 2035, "CN").reshape(365, 24)
    source = {
        day.tobytes(): i for i, day in enumerate(measured.by_day(60).ravel().reshape(365, 24))
    }
    chosen = np.array([source[day.tobytes()] for day in laid])
    assert sorted(chosen) == [*range(365)]
    there, wanted = (day_types(year, "CN").iloc[::24] for year in (2023, 2035))
    drawn = there.iloc[chosen]
    ordinary = (wanted["festival"] == "").to_numpy()
    same_weekday = drawn["weekday"].to_numpy() == wanted["weekday"].to_numpy()
    assert same_weekday[ordinary].mean() > 0.95
    works, worked = (table["is_working_day"].to_numpy() for table in (wanted, drawn))
    assert (works != worked).sum() == abs(works.sum() - worked.sum())
    known = wanted["festival"].isin(there["festival"]).to_numpy() & ~ordinary
    assert known.sum() >= 10
    assert (drawn["festival"].to_numpy() == wanted["festival"].to_numpy())[known].mean() > 0.8
    distance = np.abs(chosen - np.arange(365))
    assert np.minimum(distance, 365 - distance)[ordinary].max() <= 14


def test_days_as_they_are(tmp_path: Path) -> None:
    """Asked to, each day is the day of the same date; a leap day is dropped and told."""
    power = quarters(2024)
    long(power, tmp_path / "meter.csv")
    measured = read(tmp_path, "meter.csv:power (kW)", days="as_is")
    assert measured.notes == ("29 February dropped",)
    kept = power[~((power.index.month == 2) & (power.index.day == 29))]
    expected = kept.to_numpy().reshape(-1, 4).mean(axis=1) / 1e3
    np.testing.assert_allclose(in_model_year(measured, 2030, "CN"), expected, atol=1e-8)


@pytest.mark.skipif(not STEEL.is_file(), reason=f"{STEEL} is not there")
def test_a_steel_works_as_it_was_metered(tmp_path: Path) -> None:
    """959.6 MWh, 564 kW in an hour and 629 kW in a quarter; 0:00 ends the day that it names."""
    measured = read(STEEL.parent, f"{STEEL.name}:Usage_kWh")
    assert measured.energy == pytest.approx(959.6, abs=0.05)
    assert measured.by_day(60).max() == pytest.approx(0.564, abs=5e-4)
    assert measured.means.max() == pytest.approx(0.629, abs=5e-4)
    assert measured.step == 15.0
