"""The page on the weather tells the years that ship beside two measured ones.

Run as a program it writes the tables into the page; the measured columns need the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from profile_places import ROOT
from weather_reading import MEISHAN, year_of

from meishan_model.series.weather import load_weather, read_weather, synthetic_years
from meishan_model.series.weather_files import check_climate
from meishan_model.series.weather_statistics import (
    daily_spread,
    longest_run,
    weather_statistics,
    weibull_shape,
)

PAGE = ROOT / "docs" / "weather.md"
BEGIN = "<!-- The tables below are written by tests/series/test_weather_statistics.py. -->\n"
END = "<!-- The tables above are. -->\n"
SHIPPED = ROOT / "timeseries" / "meishan"
DATA = Path(os.environ.get("MEISHAN_SHARED_DATA", ROOT.parent / "shared" / "data")) / "weather"
STATIONS = {"Hongjia, measured": "*Hongjia*.epw", "Dinghai, measured": "*Dinghai*.epw"}


def shipped() -> dict[str, xr.Dataset]:
    """The synthetic years of Meishan by their heads in the tables."""
    numbers = [None, *synthetic_years(SHIPPED)]
    sites = {n: MEISHAN.model_copy(update={"weather_year": n}) for n in numbers}
    return {
        "usual year" if n is None else f"seed {n}": load_weather(SHIPPED, site)
        for n, site in sites.items()
    }


def measured() -> dict[str, xr.Dataset]:
    """Typical years of two stations, as far as their files are there."""
    found = {head: sorted(DATA.glob(pattern)) for head, pattern in STATIONS.items()}
    return {head: year_of(paths[0]) for head, paths in found.items() if paths}


def rows_of(years: Mapping[str, xr.Dataset]) -> dict[str, dict[str, str]]:
    """Cells of the tables by head of their column and name of their row."""
    return {
        head: {name: f"{value:.4g}" for name, value in weather_statistics(year).items()}
        | {
            f"deviation of daily irradiation, month {month} [kWh/m2]": f"{value:.2f}"
            for month, value in enumerate(daily_spread(year), 1)
        }
        for head, year in years.items()
    }


def read_page() -> dict[str, dict[str, str]]:
    """The cells that stand in the page."""
    text = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = [line.strip("| \n").split(" | ") for line in text.splitlines() if line.strip()]
    (_, *heads), _, *rows = lines
    return {head: {row[0]: row[i] for row in rows} for i, head in enumerate(heads, 1)}


def test_the_years_of_other_seeds_are_those_of_the_sheet() -> None:
    """Three ship beside the usual one: another cell of ``climate.csv`` makes them stale too."""
    years = synthetic_years(SHIPPED)
    assert list(years) == [1, 2, 3]
    for seed, path in years.items():
        year = read_weather(path)
        assert year.attrs["seed"] == seed
        check_climate(year, ROOT / "configs" / "meishan", path)
        assert path.stat().st_size < 300_000


def test_the_page_tells_the_years_that_ship() -> None:
    """Every statistic of the synthetic years, as they lie in the repository."""
    page = read_page()
    told = rows_of(shipped())
    assert len(told) >= 4
    assert list(page) == [*STATIONS, *told]
    assert {head: page[head] for head in told} == told


def test_the_page_tells_the_measured_years() -> None:
    """Statistics of two stations, made of their files where these are."""
    told = rows_of(measured())
    if not told:
        pytest.skip("no measured weather file: set MEISHAN_SHARED_DATA to a folder that has one")
    page = read_page()
    assert {head: page[head] for head in told} == told


def test_synthetic_years_are_like_the_measured_ones() -> None:
    """What storage depends on lies between the two stations, or near Hongjia where sun is meant.

    A year's own luck is a fifth of its dark days, 0.1 of a lag (two of its standard errors) and
    three days of the longest spell. Dinghai's irradiation has no overcast days and is no measure.
    """
    page = read_page()
    numbers = {
        head: {name: float(cell) for name, cell in column.items()} for head, column in page.items()
    }
    hongjia, dinghai = (numbers.pop(head) for head in STATIONS)
    for head, year in numbers.items():
        dark = "days below half of their month"
        assert year[dark] == pytest.approx(hongjia[dark], rel=0.25), head
        spell = "longest spell of them [d]"
        assert year[spell] == pytest.approx(hongjia[spell], abs=3), head
        lag = "its days, lag of a day [1]"
        assert year[lag] == pytest.approx(hongjia[lag], abs=0.1), head
        for name, slack in {
            "wind, days, lag of a day [1]": 0.1,
            "its days, lag of a day [1], temperature": 0.1,
            "shape of the windy hours, Weibull k [1]": 0.1,
            "calms [% of the hours]": 0.5,
            "deviation of days in winter [K]": 1.0,
            "deviation of days in summer [K]": 0.8,
        }.items():
            low, high = sorted((hongjia[name], dinghai[name]))
            assert low - slack <= year[name] <= high + slack, (head, name)


def test_statistics_of_a_year_by_hand() -> None:
    """Days of 100 and 300 W/m2 in turn, three days without sun, every other hour without wind."""
    stamps = np.arange("2019-01-01", "2020-01-01", dtype="datetime64[h]")
    day = np.arange(8760) // 24
    sun = np.where(day % 2 == 0, 100.0, 300.0)
    sun[10 * 24 : 13 * 24] = 0.0
    series = {
        "ghi": sun,
        "air_temperature": np.where(day % 2 == 0, 10.0, 12.0),
        "wind_speed": np.where(np.arange(8760) % 2 == 0, 0.0, 5.0 + 2.0 * (day % 2)),
    }
    year = xr.Dataset({n: ("time", s) for n, s in series.items()}, coords={"time": stamps})
    found = weather_statistics(year)
    assert found["longest spell of them [d]"] == 3
    assert found["calms [% of the hours]"] == 50.0
    # One of two hours has none: mean 3, mean square 18.5, mean product 0, so -9 / (18.5 - 9).
    assert found["wind, lag of an hour [1]"] == pytest.approx(-9.0 / 9.5, abs=2e-3)
    assert found["mean wind [m/s]"] == pytest.approx((183 * 5 + 182 * 7) / 730)
    assert found["longest spell below half of its mean [h]"] == 1
    assert found["its days, lag of a day [1], temperature"] == pytest.approx(-1.0, abs=2e-3)
    # February: 14 days of 2.4 and 14 of 7.2 kWh/m2, whose deviation is 2.4 sqrt(28 / 27).
    assert daily_spread(year)[1] == pytest.approx(2.4 * np.sqrt(28.0 / 27.0))


def test_runs_and_shapes() -> None:
    """No run of nothing; a sample of 20 000 of a Weibull knows its shape to a hundredth."""
    assert longest_run(np.zeros(5, dtype=bool)) == 0
    assert longest_run(np.ones(5, dtype=bool)) == 5
    sample = np.random.default_rng(1).weibull(2.05, 20_000) * 4.0
    assert weibull_shape(sample) == pytest.approx(2.05, abs=0.04)


if __name__ == "__main__":
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    columns = rows_of({**measured(), **shipped()})
    heads, names = list(columns), list(next(iter(columns.values())))
    cells = [[name, *(columns[head][name] for head in heads)] for name in names]
    lines = [["statistic", *heads], ["---"] * (len(heads) + 1), *cells]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{rest.partition(END)[2]}", "utf-8")
