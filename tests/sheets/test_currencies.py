"""Sheets in another currency: the same problem, results shown in it, and what is refused."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from openpyxl import load_workbook
from test_measured_park import PRICE, write
from test_smallest_park import FILES, written

from meishan_model.errors import InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import open_project
from meishan_model.results.scale import money
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.grid_folder import read_grid

Said = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
RATES = """currency,price_year,value,unit,source,confidence,note
EUR,2024,8,CNY,central bank,published,
"""


def in_euros(folder: Path) -> int:
    """Write all money of a park's sheets in EUR of 8 CNY of 2020, and say of how many rows.

    No digit is lost in a division by 8.
    """
    changed = 0
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if {"value", "unit"} <= {*head}:
            value, unit = head.index("value"), head.index("unit")
            for row in rows:
                if re.search(r"\bCNY/", row[unit]):
                    row[value] = repr(float(row[value]) / 8.0)
                    row[unit] = row[unit].replace("CNY", "EUR")
                    changed += 1
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([head, *rows])
    (folder / "currencies.csv").write_text(RATES, encoding="utf-8")
    return changed


def all_of_2020(folder: Path) -> None:
    """Take the years off a park's prices: money of another currency has that of its rate."""
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if "price_year" in head:
            for row in rows:
                row[head.index("price_year")] = ""
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([head, *rows])


@pytest.mark.parametrize(
    ("park", "scenario"),
    [("meishan", "balanced"), ("yizhuang", "yizhuang"), ("energy_hub", "energy_hub")],
)
def test_a_park_in_euros_is_the_same_problem(park: str, scenario: str, tmp_path: Path) -> None:
    """Prices, levies, markets, contracts, measures, events, feeders: all that a slice is of."""
    roots = tmp_path / "own", tmp_path / "euros"
    for root in roots:
        shutil.copytree(ROOT / "configs", root / "configs")
        all_of_2020(root / "configs" / park)
    assert in_euros(roots[1] / "configs" / park) > 10
    own, euros = (open_project(scenario, root) for root in roots)
    assert fingerprint(dict(euros.slices)) == fingerprint(dict(own.slices))
    if (own.park_folder / "grid").is_dir():
        costs = (read_grid(project.park).line_costs for project in (euros, own))
        assert len({fingerprint(rows) for rows in costs}) == 1


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The smallest park, its prices in EUR and its results too."""
    sheets = written(tmp_path) / "configs" / "tiny"
    in_euros(sheets)
    (sheets / "park.yaml").write_text(f"{FILES['tiny/park.yaml']}currency: EUR\n", "utf-8")
    return tmp_path


def test_results_are_shown_in_it_and_kept_in_cny(root: Path, said: Said) -> None:
    """The bill of the smallest park, found by hand in CNY, is told over 8."""
    code, out, err = said("solve", 2022, "-s", "tiny", "--hours", 168, "--root", root)
    assert code == 0, err
    bill = (8760 * 645 + 12 * 40e3) / (0.98 * 0.99)
    with xr.open_dataset(root / "results" / "tiny~168h" / "2022.nc") as ds:
        assert ds.attrs["objective"] == pytest.approx(bill, rel=1e-9)
        assert money(ds) == ("EUR", 2024, 8.0)
    text = " ".join(out.split())
    assert "Cost [thousand EUR of 2024 a year]" in text
    assert re.search(rf"objective\W+{bill / 8e3:,.3f}", text)
    assert "CNY" not in text
    code, out, _ = said("check", "-s", "tiny", "--hours", 168, "--root", root)
    assert code == 0 and "Money: 1 EUR of 2024 is 8 CNY of 2020" in " ".join(out.split())


def test_the_page_and_the_workbook_of_a_single_slice(root: Path, said: Said) -> None:
    """Both are there without a pathway; the page speaks of euros and of no goal."""
    given = ("-s", "tiny", "--hours", 168, "--root", root)
    for command in (("solve", 2022), ("report",), ("export", "--excel")):
        code, _, err = said(*command, *given)
        assert code == 0, err
    folder = root / "results" / "tiny~168h"
    assert "bill" in load_workbook(folder / "pathway.xlsx").sheetnames
    page = (folder / "report.html").read_text("utf-8")
    text, rest = page.split('<section id="sources">')
    charts = rest[rest.index('<script id="charts"') : rest.index('<script id="plotly"')]
    for part in (text, charts):
        assert "EUR of 2024 a year" in part and "CNY" not in part
    assert (
        "千欧元/年（2024年价）" in text and "EUR/MWh" in charts and "What the park emits" in text
    )
    assert 'class="verdict"' not in text and 'id="measures"' not in text


def test_another_rate_makes_results_stale(root: Path) -> None:
    """Of numbers that are given in it, and of a currency in which results are only shown."""
    sheets = root / "configs" / "tiny"

    def hashes(rate: float) -> dict[int, str]:
        text = RATES.replace(",8,", f",{rate},")
        (sheets / "currencies.csv").write_text(text, encoding="utf-8")
        return slice_hashes(open_project("tiny", root), "highs")

    assert hashes(8) != hashes(7.5)
    (sheets / "prices.csv").write_text(FILES["tiny/prices.csv"], encoding="utf-8")
    assert hashes(8) != hashes(7.5)


def test_a_series_gives_a_price_in_its_own_currency(root: Path) -> None:
    """An empty value is the mean in EUR, times the rate; in CNY it is refused."""
    write(root / "timeseries" / "tiny" / "spot.csv", "EUR/kWh", PRICE / 8e3)
    prices = root / "configs" / "tiny" / "prices.csv"
    head, *rows = FILES["tiny/prices.csv"].splitlines()
    kept = [f"{row}," for row in rows if "market_price" not in row]
    series = "market_price,,,EUR/MWh,exchange,published,,spot.csv:EUR/kWh"
    prices.write_text("\n".join([f"{head},profile", *kept, series, ""]), encoding="utf-8")
    price = open_project("tiny", root).slices[2022].prices["market_price"]
    assert price == pytest.approx(PRICE.mean())
    prices.write_text(prices.read_text("utf-8").replace(",EUR/MWh", ",CNY/MWh"), "utf-8")
    with pytest.raises(InputError, match="a series in EUR/MWh, which gives no value in CNY/MWh"):
        _ = open_project("tiny", root).park


@pytest.mark.parametrize(
    ("sheet", "old", "new", "says"),
    [
        ("prices", "EUR/MWh", "USD/MWh", "prices.csv, row 2, column unit, 'USD/MWh': no rate of "),
        ("prices", "EUR/MWh", "USD/MWh", "give currencies.csv a row of USD: what it is worth in"),
        ("prices", "EUR/MWh", "EUR/h", "wrong unit"),
        ("prices", "75.0,EUR", "-3,EUR", "value, '-3': out of range; allowed: 0 to 20000 CNY/MWh"),
        ("currencies", "EUR,", "CNY,", "is the project's own currency, of 2020"),
        ("currencies", ",8,", ",0,", "out of range"),
        ("currencies", "EUR,", "USD,", "park.yaml, column currency, 'EUR': currencies.csv has no"),
    ],
)
def test_what_has_no_rate_is_refused(
    root: Path, sheet: str, old: str, new: str, says: str
) -> None:
    """With the cell and the row that is missing."""
    path = root / "configs" / "tiny" / f"{sheet}.csv"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    if "park.yaml" in says:
        (path.parent / "prices.csv").write_text(FILES["tiny/prices.csv"], encoding="utf-8")
    with pytest.raises(InputError) as raised:
        _ = open_project("tiny", root).park
    assert says in str(raised.value)
