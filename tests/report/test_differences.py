"""Two pathways side by side: exactly what was changed is shown, and what came of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import mini_park
import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from solved_mini import HOURS, Solved

from meishan_model.report.comparison import (
    DIFFERENCE_COLUMNS,
    Differences,
    input_differences,
    output_differences,
)


def test_a_pathway_is_the_same_as_itself(solved: Solved) -> None:
    """No row on either side."""
    ds = solved.project.open_result("pathway")
    assert input_differences(solved.project, solved.project).empty
    assert output_differences(ds, ds).empty


def test_one_changed_number_is_one_row(solved: Solved, tmp_path: Path) -> None:
    """A load of 12.64 GWh made 15.168 is one row with +20 %, and nothing else of the inputs."""
    shutil.copytree(solved.root / "configs", tmp_path / "configs")
    sheet = tmp_path / mini_park.SHEETS / "loads.csv"
    mini_park.swap(sheet, ",12.64,GWh/a", ",15.168,GWh/a")
    table = input_differences(solved.project, mini_park.mini(tmp_path, HOURS))
    assert len(table) == 1
    row = table.iloc[0]
    assert "campus_works" in row["what"]
    assert (row["unit"], row["first"], row["second"]) == ("GWh/a", 12.64, 15.168)
    assert row["change"] == pytest.approx(0.2)


def test_another_cost_sheet_shows_its_own_numbers(solved: Solved) -> None:
    """Every row of ``low_storage`` against the reference is a cost, the largest change first."""
    other = mini_park.mini(solved.root, HOURS, "low_storage")
    table = input_differences(solved.project, other)
    assert len(table) > 0
    assert table["what"].str.startswith("costs: ").all()
    assert (np.diff(table["change"].abs()) <= 1e-12).all()


def test_what_came_out_by_hand(solved: Solved) -> None:
    """Twice the cost is +100 % of every category; capacities and emissions have no row."""
    ds = solved.project.open_result("pathway")
    table = output_differences(ds, ds.assign(cost=ds["cost"] * 2.0))
    assert table["what"].str.startswith("cost: ").all()
    assert set(table["year"]) == {"2030"}
    assert table["change"].to_numpy() == pytest.approx(1.0)


def test_one_screen_explains_another_cost_sheet() -> None:
    """The years of a number are one row, from first to last, with the span of its change."""
    rows = [
        ("costs: battery investment", "CNY/MWh", year, first, second, second / first - 1.0)
        for year, first, second in (("2030", 400.0, 100.0), ("2020", 800.0, 400.0))
    ]
    inputs = pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
    console = Console(width=80)
    with console.capture() as caught:
        console.print(Differences(("a", "a@other"), inputs, inputs.iloc[:0]).told(5))
    (line,) = [line for line in caught.get().splitlines() if "battery" in line]
    assert line.split() == [
        *("costs:", "battery", "investment", "CNY/MWh", "2020-2030"),
        *("800…400", "400…100", "-75%…-50%"),
    ]
    assert "What came out: no difference" in caught.get()


def test_a_swapped_sheet_fits_into_one_screen(solved: Solved) -> None:
    """Inputs and outputs together have at most 50 lines of 80 columns, each number a line."""
    other = mini_park.mini(solved.root, HOURS, "low_storage")
    ds = solved.project.open_result("pathway")
    outputs = output_differences(ds, ds.assign(cost=ds["cost"] * 1.1, capacity=ds["capacity"] * 2))
    inputs = input_differences(solved.project, other)
    console = Console(width=80)
    with console.capture() as caught:
        console.print(Differences(("mini", "mini@low_storage"), inputs, outputs).told())
    lines = caught.get().splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    told = [line for line in lines if "battery_energy" in line and "CNY/kWh" in line]
    prices = inputs.loc[inputs["what"].str.contains("battery_energy inv"), "second"]
    assert len(told) == 1 and f"{max(prices):.4g}…{min(prices):.4g}" in told[0]
    assert "B: mini@low_storage" in lines[0]
