"""Series of assumptions: grouped by hand, varied in their range, and nothing else is touched."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.components.catalogue import schemas
from meishan_model.sheets.perturb import (
    Series,
    assumption_series,
    copy_sheets,
    read_text,
    series_of_table,
    vary,
    vary_sheets,
    vary_table,
)

REPOSITORY = Path(__file__).parents[2]
HEADER = ["item", "year", "value", "unit", "source", "confidence", "note"]
PRICES = pd.DataFrame(
    [
        ["diesel", "2020", "500", "CNY/MWh", "a", "assumption", ""],
        ["diesel", "2030", "600", "CNY/MWh", "b", "published", ""],
        ["diesel", "2050", "700", "CNY/MWh", "c", "assumption", "n"],
        ["lng", "", "400", "CNY/MWh", "d", "published", ""],
        ["network_charge", "", "50", "CNY/MWh", "e", "assumption", ""],
    ],
    columns=HEADER,
)


def test_rows_of_all_years_are_one_series() -> None:
    """Diesel is one series with two assumed rows; LNG has none and is left out."""
    found = series_of_table("prices", PRICES, schemas())
    assert [(s.name, s.rows, s.unit) for s in found] == [
        ("diesel", 2, "CNY/MWh"),
        ("network_charge", 1, "CNY/MWh"),
    ]


def test_only_assumed_rows_of_the_series_change() -> None:
    """500 -> 600 and 700 -> 840; the published 600 of 2030 and the other items stay."""
    diesel = series_of_table("prices", PRICES, schemas())[0]
    varied = vary_table(PRICES, diesel, 0.2)
    assert list(varied["value"]) == ["600", "600", "840", "400", "50"]
    assert varied.drop(columns="value").equals(PRICES.drop(columns="value"))
    assert list(PRICES["value"]) == ["500", "600", "700", "400", "50"], "the original stays"


def test_shares_are_clipped_and_calendar_years_move() -> None:
    """90 % + 20 % is 100 %, not 108 %; the last year of new build moves by five years."""
    share = Series("berths", ("b", "port", "boiler_share"), "%", 1, 0.0, 100.0)
    assert list(vary(pd.Series([90.0]), share, 0.2)) == [100.0]
    year = Series("assets", ("car", "z", "last_new_build"), "a", 1, 2000.0, 2100.0)
    assert list(vary(pd.Series([2030.0]), year, -0.2)) == [2025.0]
    life = Series("efficiency_measures", ("m", "z", "l", "lifetime"), "a", 1, 1.0, 100.0)
    assert list(vary(pd.Series([10.0]), life, -0.2)) == [8.0]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=5),
    change=st.floats(-0.9, 0.9),
    upper=st.floats(1.0, 1e6),
)
def test_varied_values_keep_their_range(values: list[float], change: float, upper: float) -> None:
    """Each value lies in the range, and is the product wherever that lies in it."""
    series = Series("prices", ("x",), "CNY/MWh", len(values), 0.0, upper)
    for old, new in zip(values, vary(pd.Series(values), series, change), strict=True):
        assert 0.0 <= new <= upper
        product = old * (1.0 + change)
        assert new == pytest.approx(min(product, upper))


def test_the_series_of_the_park_are_those_of_its_sheets() -> None:
    """Counted anew with the csv module: distinct keys that have an assumed row."""
    folder = REPOSITORY / "configs" / "meishan"
    skip = {"year", "value", "unit", "source", "confidence", "note", "name", "name_zh"}
    skip |= {"price_year", "vat"}
    expected = set()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("confidence") == "assumption":
                    key = tuple(cell for column, cell in row.items() if column not in skip)
                    expected.add((path.stem, key))
    found = assumption_series(folder, [], schemas())
    assert {(s.sheet, s.key) for s in found} == expected
    assert len(found) == len(expected)


def test_an_efficiency_is_at_most_one() -> None:
    """The cost sheet's efficiencies are clipped to one, its other numbers are not."""
    found = assumption_series(
        REPOSITORY / "configs" / "yizhuang",
        [REPOSITORY / "configs" / "costs" / "reference"],
        schemas(),
    )
    upper = {s.name: s.upper for s in found if s.sheet == "costs/reference"}
    assert upper["gas boiler efficiency"] == 1.0
    assert upper["gas boiler lifetime"] > 1e6 if "gas boiler lifetime" in upper else True
    assert all(s.lower == 0.0 for s in found if s.sheet == "costs/reference")


def test_one_sheet_of_a_copy_differs_in_the_cells_of_the_series(tmp_path: Path) -> None:
    """All other files are as they were, and so are all other columns."""
    copy_sheets(REPOSITORY, "yizhuang", REPOSITORY / "configs" / "costs" / "reference", tmp_path)
    folder = tmp_path / "configs" / "yizhuang"
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    series = next(s for s in assumption_series(folder, [], schemas()) if s.sheet == "prices")
    vary_sheets(tmp_path, "yizhuang", series, 0.2)
    changed = [p for p, content in before.items() if p.read_bytes() != content]
    assert changed == [folder / "prices.csv"]
    old = read_text(REPOSITORY / "configs" / "yizhuang" / "prices.csv")
    new = read_text(folder / "prices.csv")
    assert ((old != new).sum().drop("value") == 0).all()
    assert (old != new)["value"].any()


def test_a_cost_sheet_from_elsewhere_is_copied(tmp_path: Path) -> None:
    """A cost sheet that does not lie in configs/costs stands there in the copy."""
    other = tmp_path / "elsewhere" / "mine"
    shutil.copytree(REPOSITORY / "configs" / "costs" / "low_storage", other)
    copy_sheets(REPOSITORY, "yizhuang", other, tmp_path / "copy")
    assert (tmp_path / "copy" / "configs" / "costs" / "mine" / "manifest.yaml").is_file()
    assert (tmp_path / "copy" / "configs" / "costs" / "reference" / "manifest.yaml").is_file()
