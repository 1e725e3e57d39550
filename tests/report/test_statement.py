"""The neutrality statement: the result, the ledger and the report say the same numbers."""

from __future__ import annotations

import logging
import math
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import mini_park
import pytest
import xarray as xr
from hand_made import as_text
from solved_mini import Solved

from meishan_model.errors import InputError
from meishan_model.ledger.database import open_ledger
from meishan_model.ledger.facts import slice_document
from meishan_model.ledger.posting import post
from meishan_model.ledger.reading import ledger_facts
from meishan_model.ledger.statement import neutrality_statement, statement_of
from meishan_model.report.html.page import ReportData, collect, render_report
from meishan_model.report.statement import year_statement

NUMBERS = ("amount", "location_based", "market_based")
SHOWN = 0.051
"""Half of the last decimal that the page shows."""


class Statements(HTMLParser):
    """Cells of every line of every statement of a page, by year and line."""

    def __init__(self, html: str):
        super().__init__()
        self.lines: dict[tuple[int, str], list[str]] = {}
        self._year: int | None = None
        self._cells: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "table":
            year = found.get("data-statement")
            self._year = None if year is None else int(year)
        if self._year is not None and tag == "tr" and "data-line" in found:
            self._cells = self.lines.setdefault((self._year, str(found["data-line"])), [])
        if self._cells is not None and tag == "td":
            self._cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._cells = None

    def handle_data(self, data: str) -> None:
        if self._cells:
            self._cells[-1] += data


def as_number(cell: str) -> float:
    """A number of the page; a dash is none."""
    return math.nan if cell == "–" else float(cell.replace(",", ""))


@pytest.fixture(scope="module")
def data(solved: Solved) -> ReportData:
    return collect(solved.project)


def test_result_ledger_and_report_say_the_same(
    solved: Solved, data: ReportData, tmp_path: Path
) -> None:
    """Three ways, one statement: computed from the slice, summed by SQL, read off the page."""
    page = Statements(render_report(data)).lines
    years = solved.project.years
    assert {year for year, _ in page} == set(years)
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        for year in years:
            ds = solved.project.open_result(year)
            post(connection, slice_document(ds))
            result = neutrality_statement(ds)
            booked = statement_of(ledger_facts(connection, year))
            shown = {line: cells for (of, line), cells in page.items() if of == year}
            assert list(result.index) == list(booked.index) == list(shown)
            for line, cells in shown.items():
                figures = [as_number(cell) for cell in (cells[1], cells[3], cells[4])]
                of_result = [float(result[name][line]) for name in NUMBERS]
                of_ledger = [float(booked[name][line]) for name in NUMBERS]
                assert of_ledger == pytest.approx(of_result, abs=0.01, rel=1e-9, nan_ok=True)
                assert figures == pytest.approx(of_result, abs=SHOWN, nan_ok=True)


def test_net_is_that_of_the_pathway(data: ReportData) -> None:
    """The bottom line of each year is the net emission that the pathway was planned on."""
    for year, statement in data.statements.items():
        net = float(data.pathway["net_emissions"].sel(year=year))
        assert statement.table["market_based"]["net"] == pytest.approx(net, abs=0.01)


def test_sources_name_sheet_and_row(solved: Solved, data: ReportData) -> None:
    """Every line of scope 1 and 2 and every instrument cites rows that are in the sheet."""
    folder = solved.project.park_folder
    cited = 0
    for statement in data.statements.values():
        lines = statement.table
        needed = lines["part"].isin(["scope1", "scope2", "certificate", "sink", "credit"])
        for line, text in lines.loc[needed, "source"].items():
            found = re.match(r"(\w+\.csv) rows? ([\d, ]+): (.+?) \((\w+)\)", text)
            assert found is not None, line
            file, numbers, source, confidence = found.groups()
            rows = (folder / file).read_text(encoding="utf-8").splitlines()
            for number in numbers.split(", "):
                row = rows[int(number) - 1]
                assert source in row.replace('"', "")
                assert confidence in row
                cited += 1
    assert cited > 10


def test_the_terminal_shows_gross_to_net(solved: Solved) -> None:
    """Gross, what covers it, net and the sources stand below each other, in tCO2."""
    project = solved.project
    ds = project.open_result(2030)
    found = year_statement(project, 2030, ds)
    text = as_text(found)
    order = [
        text.index(word) for word in ("Gross", "Left after contracts", "Net emissions", "Sources")
    ]
    assert order == sorted(order)
    assert f"{found.table['market_based']['gross']:,.1f}" in text
    assert "emission_factors.csv" in text


def test_the_terminal_tells_what_stands_and_is_not_counted(solved: Solved) -> None:
    """Uptake of a standing forest is a line below the table, and no number of it changes."""
    found = year_statement(solved.project, 2030, solved.project.open_result(2030))
    assert found.uncounted == {}
    stands = {("grove", "standing_uptake"): (43700.0, "tCO2/a")}
    text = as_text(replace(found, uncounted=stands))
    assert "Not counted, grove: standing uptake of 43,700 tCO2/a." in text


def test_an_old_slice_is_left_out_and_named(
    solved: Solved, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A slice of before there were ledgers: no statement on the page, a line in the log."""
    root = tmp_path / "copy"
    shutil.copytree(solved.root, root)
    project = mini_park.mini(root, 336)
    path = project.result_path(2025)
    with xr.open_dataset(path, engine="netcdf4") as stored:
        old = stored.load()
    del old.attrs["grid_market_factor"]
    old.to_netcdf(path, engine="netcdf4")
    with caplog.at_level(logging.WARNING):
        found = collect(project)
    assert sorted(found.statements) == [2020, 2030]
    assert "2025 has no neutrality statement" in caplog.text
    with pytest.raises(InputError, match="solve it again"):
        year_statement(project, 2025, found.slices[2025])
