"""The way of an asset: cells are those of the files, the reduced cost that of a second solve."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import mini_park
import pytest
from hand_made import as_text

from benchmarks.same_problems import solve_one
from meishan_model.console import number
from meishan_model.errors import InputError
from meishan_model.finance import capital_recovery_factor
from meishan_model.report.explain import Explanation, explain

ASSET, YEAR = "pv_rooftop_campus", 2030


@pytest.fixture(scope="module")
def told(solved_mini: Path) -> Explanation:
    return explain(mini_park.mini(solved_mini), ASSET, YEAR)


def test_cells_are_those_of_the_files(told: Explanation, solved_mini: Path) -> None:
    """A cell of a park's sheet holds its value in its line; stock, potential and cost are told."""
    sheets = {cell.sheet for cell in told.cells}
    assert {"assets.csv", "existing_plants.csv", "parameters.csv"} <= sheets
    assert any(sheet.startswith("costs_") for sheet in sheets)
    for cell in told.cells:
        if cell.file.parent == solved_mini / mini_park.SHEETS:
            assert cell.line is not None
            lines = cell.file.read_text("utf-8").splitlines()
            (row,) = csv.DictReader([lines[0], lines[cell.line - 1]])
            assert float(row["value"]) == cell.value
            assert (row["unit"], row["source"]) == (cell.unit, cell.source)
            assert all(word in row.values() for word in cell.what.split(" · "))


def test_coefficient_and_capacity_add_up(told: Explanation) -> None:
    """The annuity is the investment over its life; the capacity the sum of its parts."""
    one, has = told.cost_of_one, told.capacity
    factor = capital_recovery_factor(0.08, one["lifetime"])
    assert one["annuity"] == pytest.approx(one["investment"] * factor)
    assert has["total"] == pytest.approx(has["existing"] + has["new"] + has["bridge"])
    assert told.paid["investment"] == pytest.approx(has["new"] * one["annuity"])
    assert told.paid["fixed_om"] == pytest.approx(has["total"] * one["fixed_om"])


def test_reduced_cost_is_what_a_wider_bound_changes(told: Explanation, own_mini: Path) -> None:
    """With 10 kW more in the bound the objective changes by that times the reduced cost."""
    before = solve_one(mini_park.mini(own_mini), YEAR)
    sheet = own_mini / mini_park.SHEETS / "assets.csv"
    mini_park.swap(sheet, "pv_rooftop,campus,potential,,3,", "pv_rooftop,campus,potential,,3.01,")
    after = solve_one(mini_park.mini(own_mini), YEAR)
    old, new = (float(ds["capacity_upper"].sel(asset=ASSET)) for ds in (before, after))
    assert told.bound_value < 0.0
    assert new - old == pytest.approx(0.01)
    assert told.capacity["total"] == pytest.approx(old)
    change = after.attrs["objective"] - before.attrs["objective"]
    assert change == pytest.approx(told.bound_value * (new - old), rel=1e-4)


def test_it_is_told_in_both_languages(told: Explanation) -> None:
    """Bounds, coefficient, result, worth and payment; the Chinese sentences are Chinese."""
    assert len(told.sentences()) == len(told.sentences("zh")) == 5
    assert "The upper bound holds it back: with one MW more" in told.sentences()[3]
    assert "CNY" not in " ".join(told.sentences("zh"))
    stops = f"at {number(told.price['stop_price'], 0)} CNY/MWh its last one would stop paying"
    assert stops in told.sentences()[3]
    text = as_text(told)
    assert "assets.csv" in text
    assert told.sentences()[3][:30] in text


def test_a_small_asset_is_told_in_the_unit_of_the_tables(told: Explanation) -> None:
    """A tenth of 3 MW is 300 kW, of which one costs a thousandth of a MW and is worth as much."""
    tenth = {name: value / 10.0 for name, value in told.capacity.items()}
    _, cost, stands, worth, _ = replace(told, capacity=tenth).sentences()
    investment = number(told.cost_of_one["investment"] / 1e3, 0)
    assert "One kW of new build costs" in cost and f": {investment} CNY over" in cost
    assert f"{number(1e3 * tenth['total'])} kW stand" in stands
    assert f"with one kW more the objective would be {number(-told.bound_value / 1e3, 0)}" in worth


def test_what_is_not_there_is_told(solved_mini: Path) -> None:
    """Assets whose names hold the word are named, and the command that solves a year."""
    project = mini_park.mini(solved_mini)
    with pytest.raises(InputError, match=r"there are: pv_rooftop_campus$"):
        explain(project, "pv", YEAR)
    with pytest.raises(InputError, match="is missing; make it with"):
        explain(mini_park.mini(solved_mini, 336), ASSET, YEAR)


def test_a_result_of_other_sheets_is_told(own_mini: Path) -> None:
    """After a change of a sheet the last sentence says that the slice is to be solved again."""
    sheet = own_mini / mini_park.SHEETS / "assets.csv"
    mini_park.swap(sheet, "pv_rooftop,campus,potential,,3,", "pv_rooftop,campus,potential,,4,")
    found = explain(mini_park.mini(own_mini), ASSET, YEAR)
    assert not found.is_fresh
    assert "does not rest on the sheets of today" in found.sentences()[-1]
