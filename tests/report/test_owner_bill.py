"""The bill before the plan and after: tables and figures of a factory, worked out by hand."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import xarray as xr
from hand_made import as_text, dataset

from meishan_model.report.bill import bill_of_years, bill_tables, owner_table
from meishan_model.report.html.pathway_charts import bill_charts
from meishan_model.report.html.tables import owner_rows
from meishan_model.report.labels import labels_of, words_of

BEFORE = [[60e3, 20e3, 0.0], [40e3, 10e3, 0.0]]
AFTER = [[30e3, 5e3, -5e3], [20e3, 5e3, 0.0]]
"""Months x parts [CNY/a]: 130 thousand CNY before the plan, 55 after."""
PARTS = {"month": [1, 7], "bill_part": ["energy", "demand", "sales"]}


def bills(**values: object) -> xr.Dataset:
    return xr.Dataset({n: (("month", "bill_part"), v) for n, v in values.items()}, PARTS)


def row(text: str, name: str) -> list[str]:
    """Cells of the only line that begins with a name."""
    (line,) = (x for x in text.splitlines() if x.startswith(f"│ {name} "))
    return [cell.strip() for cell in line.strip("│").split("│")][1:]


@pytest.fixture
def slice_() -> xr.Dataset:
    told = {
        "year": 2035,
        "import_peak_before": 110.0,
        "self_consumption_before": 0.8,
        "new_investment": 300e3,
        "yearly_saving": 75e3,
    }
    return dataset().merge(bills(bill_before=BEFORE, bill=AFTER)).assign_attrs(told)


def test_a_slice_has_both_bills_by_month_and_part(slice_: xr.Dataset) -> None:
    """In thousand CNY, with the sums of months and of the year; sales are negative."""
    before, after = map(as_text, bill_tables(slice_))
    assert "before the plan [thousand" in before
    assert row(before, "1") == ["60.0", "20.0", "0.0", "80.0"]
    assert row(after, "7") == ["20.0", "5.0", "0.0", "25.0"]
    assert row(after, "year") == ["50.0", "10.0", "-5.0", "55.0"]


def test_of_a_large_park_only_the_year_is_told(slice_: xr.Dataset) -> None:
    """Large is what is not solved a second time; the sums are those of all months."""
    _, after = map(as_text, bill_tables(slice_.assign_attrs(problem_columns=10**9)))
    assert row(after, "year") == ["50.0", "10.0", "-5.0", "55.0"]
    assert not re.search(r"^│ 7 ", after, re.MULTILINE)


def test_what_the_owner_asks_first(slice_: xr.Dataset) -> None:
    """100 MW come in and 29 are generated, of which nothing is sold; 4 years pay it back."""
    (table,) = owner_table(slice_)
    text = as_text(table)
    assert row(text, "bill for energy in a year") == ["130.0", "55.0", "thousand CNY of 2020"]
    assert row(text, "peak of power from outside") == ["110.00", "100.00", "MW"]
    assert row(text, "own generation used at home") == ["80.0", "100.0", "%"]
    assert row(text, "use of power from own generation") == ["–", "22.5", "%"]
    assert row(text, "investment in what is new") == ["–", "300.0", "thousand CNY of 2020"]
    assert row(text, "payback at the prices of 2035") == ["–", "4.0", "a"]


def test_a_small_bill_beside_a_large_investment_is_not_nothing(slice_: xr.Dataset) -> None:
    """The bill decides on the unit: what a year earns is no 0.0 million."""
    ds = slice_.assign(bill=slice_["bill"] - 51.5e3).assign_attrs(new_investment=300e6)
    text = as_text(*owner_table(ds))
    assert row(text, "bill for energy in a year")[:2] == ["130.0", "-254.0"]
    assert row(text, "investment in what is new")[1] == "300,000.0"


def test_without_a_year_to_compare_with_the_bill_stands_alone() -> None:
    """One table, dashes for what is not known; without a bill nothing at all."""
    alone = dataset().merge(bills(bill=AFTER)).assign_attrs(year=2035)
    (table,) = bill_tables(alone)
    assert row(as_text(table), "year")[-1] == "55.0"
    told = row(as_text(*owner_table(alone)), "bill for energy in a year")
    assert told == ["–", "55.0", "thousand CNY of 2020"]
    assert (bill_tables(dataset()), owner_table(dataset())) == ([], [])


NONE = np.full((2, 3), math.nan)
"""Of a year that there is nothing to compare with."""


def pathway(first: object, last: object) -> xr.Dataset:
    """Two years that are alike after the plan, before it as given."""
    years = [bills(bill_before=before, bill=AFTER) for before in (first, last)]
    return xr.concat(years, xr.DataArray([2025, 2030], dims="year", name="year"))


def test_a_pathway_leaves_out_the_bill_that_is_not_known() -> None:
    """A year without a bill before the plan has a dash, and its bar after the plan alone."""
    ds = pathway(BEFORE, NONE)
    before, after = map(as_text, bill_of_years(ds))
    assert row(before, "sum") == ["130.0", "–"]
    assert row(after, "sum") == ["55.0", "55.0"]
    assert [r.title for r in owner_rows(ds, {}, labels_of(ds))] == [
        "bill for energy before the plan",
        "bill for energy",
    ]
    chart = bill_charts(ds, words_of(ds, "en"))["bill"]
    assert chart["data"][0]["x"] == [["2025", "2025", "2030"], ["before", "after", "after"]]
    assert chart["data"][-1]["y"] == [130.0, 55.0, 55.0]
    assert owner_rows(ds.drop_vars(["bill", "bill_before"]), {}, labels_of(ds)) == []


def test_the_page_tells_what_each_year_costs_saves_and_pays_back(slice_: xr.Dataset) -> None:
    """300 thousand CNY over 75 a year are 4 years; what nobody knows is no row."""
    ds = pathway(BEFORE, NONE)
    rows = {r.name: r for r in owner_rows(ds, {2025: slice_, 2030: dataset()}, labels_of(ds))}
    assert [*rows["new_investment"].by_year] == pytest.approx([300.0, math.nan], nan_ok=True)
    assert [*rows["payback"].by_year] == pytest.approx([4.0, math.nan], nan_ok=True)
    assert rows["yearly_saving"].unit == "thousand CNY/a"
    assert [rows["self_consumption_before"].by_year[2025], rows["bill"].by_year[2030]] == [80, 55]
    assert "self_sufficiency_before" not in rows


@pytest.mark.parametrize(
    ("before", "groups"),
    [(BEFORE, ["2030 before", "2030 after"]), (NONE, ["2025", "2030"])],
)
def test_months_stand_beside_those_before_the_plan(before: object, groups: list[str]) -> None:
    """Of the last year, or beside those of the first year where nothing is known."""
    ds = pathway(NONE, before)
    bar = bill_charts(ds, words_of(ds, "en"))["bill by month"]["data"][0]
    assert bar["x"] == [[g for g in groups for _ in range(2)], ["1", "7"] * 2]
    assert bar["y"][2:] == [30.0, 20.0]
