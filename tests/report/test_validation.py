"""Numbers of the model lie in the bands of published ones; the page has the table as it is.

Run as a program it writes the table into the page.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from meishan_model.api import open_project
from meishan_model.errors import InputError
from meishan_model.report.validation import Validation

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
BEGIN = "<!-- What is below is written by tests/report/test_validation.py. -->\n"
SHEET = ROOT / "configs" / "meishan" / "validation.csv"
Cells = dict[str, str]
Said = Callable[..., tuple[int, str, str]]


@cache
def found() -> Validation:
    """The shipped park beside its published values."""
    return open_project("balanced", ROOT).validation()


def rows() -> list[Cells]:
    """The shipped sheet."""
    with SHEET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("quantity", [row["quantity"] for row in rows()])
def test_the_model_lies_in_the_band(quantity: str) -> None:
    """The deviation from the published value is not larger than that is uncertain.

    Where the model departs knowingly it is, so that a row that no longer does is found.
    """
    row = found().table.loc[quantity]
    deviation = 100.0 * (row["model"] / row["published"] - 1.0)
    assert row["inside"] == (row["lower"] <= deviation <= row["upper"])
    assert row["inside"] == (row["basis"] != "departs")


def test_there_are_enough_numbers_of_every_part() -> None:
    """At least 40 of which most are no copies, on the park, port, grid, yields, prices, carbon."""
    table = found().table
    assert len(table) >= 40
    assert (table["basis"] != "given").sum() >= 40
    groups = {"park", "port", "grid", "yields", "prices", "emissions"}
    assert groups <= set(table.loc[table["basis"] == "computed", "group"])
    assert found().outside == ()


def test_what_is_given_is_no_less_than_exact() -> None:
    """A number that is copied from the publication is that number, but for ranges of sources."""
    given = found().table.query("basis == 'given'")
    assert (given["deviation"].abs() < 3.0).all()


def test_the_page_has_the_table() -> None:
    """It shows today's numbers; run this file to write it anew."""
    assert PAGE.read_text("utf-8").partition(BEGIN)[2] == "\n" + found().markdown()


@pytest.fixture
def park(tmp_path: Path) -> Path:
    """A project of its own with the sheets and the weather of the shipped park."""
    for folder in ("configs", "timeseries"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def _edit(path: Path, change: Callable[[Cells], object]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for row in table:
        change(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def _kept(root: Path, *measures: str) -> None:
    """Leave only the rows of some measures in the sheet of a copy."""
    path = root / "configs" / "meishan" / "validation.csv"
    kept = [row for row in rows() if row["measure"] in measures]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)


def test_a_wrong_number_in_a_sheet_leaves_the_band(park: Path) -> None:
    """Trucks that use a fifth more in the year: both rows of their number tell it."""
    _kept(park, "vehicle_energy")

    def a_fifth_less(row: Cells) -> None:
        if (row["fleet"], row["parameter"]) == ("yard_truck", "annual_use"):
            row["value"] = repr(float(row["value"]) * 0.8)

    _edit(park / "configs" / "meishan" / "fleets.csv", a_fifth_less)
    before = found().table.query("quantity == 'Diesel of a yard truck'")["model"].item()
    validation = open_project("balanced", park).validation()
    assert validation.table["model"].item() == pytest.approx(0.8 * before)
    (line,) = validation.outside
    assert "Diesel of a yard truck" in line
    assert "-15 to +15 %" in line


def test_the_command_prints_the_table_and_fails_outside_of_a_band(park: Path, said: Said) -> None:
    """Exit code and the line of the number tell it; the table is printed either way."""
    _kept(park, "land", "driver", "throughput")
    code, out, _ = said("validation", "-s", "balanced", "--root", park)
    assert code == 0
    assert "Land of all zones" in out

    def one_more(row: Cells) -> None:
        row["value"] = repr(float(row["value"]) + (row["zone"] == "guoju") * 10.0)

    _edit(park / "configs" / "meishan" / "zones.csv", one_more)
    code, out, err = said("validation", "-s", "balanced", "--root", park)
    assert code == 4
    assert "6 numbers" in out
    assert "250 km2 is +4.2 % from the 240" in " ".join(err.split())


def test_all_faults_of_the_sheet_are_told_at_once(park: Path) -> None:
    """Each with row and column: measure, unit, band, confidence, what is not there, doubles."""
    _kept(
        park,
        "vehicle_energy",
        "land",
        "driver",
        "throughput",
        "coincidence",
        "temperature",
        "calms",
    )
    wrong: dict[str, Cells] = {
        "Diesel of a yard truck": {"measure": "guess"},
        "Land of all zones": {"unit": "ha"},
        "Inhabitants in 2020": {"lower": "2", "upper": "1"},
        "Throughput of 2020": {"confidence": "assumption"},
        "Throughput of 2022": {"quantity": "Throughput of 2023"},
        "Mean air temperature": {"before": "", "note": ""},
        "Calms of the 10 m wind": {"before": "about ten"},
    }
    path = park / "configs" / "meishan" / "validation.csv"
    _edit(path, lambda row: row.update(wrong.get(row["quantity"], {})))
    with pytest.raises(InputError) as raised:
        open_project("balanced", park).validation()
    faults = {(fault.column, fault.message) for fault in raised.value.faults}
    columns = [column for column, _ in faults]
    assert sorted(map(str, columns)) == sorted(
        ["measure", "unit", "upper", "confidence", "quantity", "before", "before"]
    )
    assert all(fault.file == str(path) and fault.row for fault in raised.value.faults)


def test_names_that_are_not_there_are_told_together(park: Path) -> None:
    """Of the columns that say of what, by what and per what; those that are near are named."""
    _kept(park, "driver", "grid_factor", "hotel_power")
    wrong: dict[str, Cells] = {
        "Inhabitants in 2020": {"of": "populations"},
        "Mean power of ocean-going ships at berth": {"per": "inhabitants"},
        "Grid factor in 2035": {"by": "provincial"},
    }
    path = park / "configs" / "meishan" / "validation.csv"
    _edit(path, lambda row: row.update(wrong.get(row["quantity"], {})))
    with pytest.raises(InputError) as raised:
        open_project("balanced", park).validation()
    assert {fault.column for fault in raised.value.faults} == {"of", "per", "by"}
    assert "perhaps population" in str(raised.value)


def test_a_park_without_the_sheet_is_told_what_it_is() -> None:
    """The columns are named; nothing else needs it."""
    with pytest.raises(
        InputError, match=r"validation\.csv: there is no such file.*quantity,group"
    ):
        open_project("yizhuang", ROOT).validation()


def test_a_number_of_a_port_is_refused_where_there_is_none(park: Path) -> None:
    """The park of Yizhuang has no berths."""
    _kept(park, "closed_hours", "hotel_power")
    source = park / "configs" / "meishan" / "validation.csv"
    shutil.copy(source, park / "configs" / "yizhuang" / "validation.csv")
    with pytest.raises(InputError, match="is one of a port, and there is none"):
        open_project("yizhuang", park).validation()


if __name__ == "__main__":
    text = PAGE.read_text("utf-8").partition(BEGIN)[0]
    PAGE.write_text(text + BEGIN + "\n" + found().markdown(), encoding="utf-8")
