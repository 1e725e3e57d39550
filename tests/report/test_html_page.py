"""The page: its numbers are those of the files, and what a sheet says stays text."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from solved_mini import BOLD, IMAGE, SCRIPT, Solved

from meishan_model.console import number
from meishan_model.errors import InputError
from meishan_model.plugins import Chapter, Plugin
from meishan_model.report.explain import all_cells
from meishan_model.report.html.page import ReportData, collect, render_report, save_report
from meishan_model.report.html.pathway_charts import pathway_charts
from meishan_model.report.html.tables import (
    bound_terms,
    plants_at_bound,
    principle_rows,
    reason_rows,
    statement,
)
from meishan_model.report.labels import own_labels, words_of
from meishan_model.report.summary import rent_rows
from meishan_model.results.wording import reason, scaled
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.park import SHEETS
from meishan_model.whole_file import WriteError


class Page(HTMLParser):
    """Elements of a page by their name, and the text of its scripts by their id."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: dict[str, list[dict[str, str | None]]] = {}
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.setdefault(tag, []).append(dict(attrs))
        self._script = dict(attrs).get("id") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


@pytest.fixture(scope="module")
def data(solved: Solved) -> ReportData:
    return collect(solved.project)


@pytest.fixture(scope="module")
def html(data: ReportData) -> str:
    return render_report(data)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def of(page: Page, script: str) -> Any:
    return json.loads(page.scripts[script])


def test_the_page_loads_nothing(page: Page) -> None:
    """No element names a file or an address: the page opens without network."""
    places = [
        attrs[name]
        for elements in page.elements.values()
        for attrs in elements
        for name in ("src", "href", "srcset", "action", "data")
        if attrs.get(name) is not None
    ]
    assert places
    assert all(str(p).startswith(("#", "data:")) for p in places)


def test_what_a_sheet_says_is_text(html: str, page: Page) -> None:
    """A name with a script, an image and a source in bold make no element of the page."""
    assert SCRIPT not in html
    assert IMAGE not in html
    assert "&lt;script&gt;document.title=1&lt;/script&gt;" in html
    assert all(image.get("src") != "x" for image in page.elements.get("img", []))
    assert "b" not in page.elements
    # In a figure the name is escaped once more, for plotly's own mark-up.
    names = [bar["name"] for bar in of(page, "charts")["en"]["power"]["data"]]
    assert "&lt;script&gt;document.title=1&lt;/script&gt;" in names


def test_figures_are_the_tables_of_the_pathway(data: ReportData, page: Page) -> None:
    """Bars of emissions add up to the net line, bars of cost to what is paid, in every year."""
    charts, ds = of(page, "charts")["en"], data.pathway
    bars = [t["y"] for t in charts["emissions"]["data"] if t["type"] == "bar"]
    net = ds["net_emissions"].to_numpy() / 1e3
    assert np.sum(bars, axis=0) == pytest.approx(net, abs=0.02)
    paid = next(t["y"] for t in charts["cost"]["data"] if t["type"] == "scatter")
    stack = [t["y"] for t in charts["cost"]["data"] if t["type"] == "bar"]
    assert np.sum(stack, axis=0) == pytest.approx(paid, abs=0.02)
    energy = np.sum([t["y"] for t in charts["energy"]["data"]], axis=0)
    assert energy == pytest.approx(ds["energy_mwh"].sum("energy_item").to_numpy() / 1e3, abs=0.02)


def test_every_figure_has_unit_and_years(page: Page, data: ReportData) -> None:
    """Titles carry a unit in brackets, axes the years or phases, in both languages."""
    places = {figure.get("data-chart") for figure in page.elements["figure"]}
    for charts in of(page, "charts").values():
        assert places >= set(charts)
        assert {"emissions", "power", "cost", "cash flow"} <= set(charts)
        for chart in charts.values():
            assert re.search(r"\[.+\]$", chart["layout"]["title"]["text"])
            axes = [trace["x"] for trace in chart["data"]]
            # Months stand below their years on an axis of two levels.
            years = [axis[0] if isinstance(axis[0], list) else axis for axis in axes]
            ticks = {str(x)[:4] for axis in years for x in axis}
            assert ticks <= {str(year) for year in data.slices}
            assert ticks


def test_what_has_different_units_is_not_stacked(data: ReportData) -> None:
    """A family whose technologies are measured in MW and t/h has a figure for each unit."""
    ds = data.pathway
    family = ds["thing_family"].to_series()
    of_power = ds["asset_technology"].to_series().map(family) == "power"
    units = ds["asset_unit"].to_series().copy()
    standing = ds["capacity"].max("year").to_series()
    first = standing[of_power].idxmax()
    assert (units[of_power] == "MW").all()
    units[first] = "t/h"
    of_two_units = ds.assign_coords(asset_unit=("asset", units))
    charts = pathway_charts(of_two_units, words_of(ds, "en"))
    assert [len(charts["power t/h"]["data"]), charts["power"]["layout"]["meta"]] == [1, "power"]
    heads = [charts[name]["layout"]["title"]["text"] for name in ("power", "power t/h")]
    assert heads == [f"{heads[0].removesuffix('[MW]')}[{unit}]" for unit in ("MW", "t/h")]


def test_statement_and_principles(data: ReportData) -> None:
    """The statement is the pathway's last year; without rivals nothing is called the best."""
    said = statement(data.pathway)
    assert (said["year"], said["hours"]) == (2030, 336)
    parts = ("scope1", "scope2_market", "sink", "credit")
    assert said["net"] == pytest.approx(sum(said["scopes"].get(p, 0.0) for p in parts), abs=1e-3)
    assert said["reached"] == (said["net"] <= 1 and said["gap"] <= 1)
    alone = principle_rows({"mini": data.pathway})
    assert not any(best for row in alone for _, best in row["cells"])
    dearer = data.pathway.assign(principle=data.pathway["principle"] + 1.0)
    rows = {r["indicator"]: r for r in principle_rows({"a": data.pathway, "b": dearer})}
    assert [best for _, best in rows["net_present_cost"]["cells"]] == [True, False]
    assert [best for _, best in rows["demand_served"]["cells"]] == [False, True]


def test_what_is_missing_is_made_by_a_command(html: str) -> None:
    """The command is that of the package, with the hours of the plan: not every user has make."""
    assert "<code>meishan abatement -s mini --hours 336</code>" in html
    assert "<code>make" not in html


def test_reasons_say_what_binds(data: ReportData) -> None:
    """A row that is called bound stands at that bound; every row has the sentence of the file."""
    labels = own_labels()
    rows = reason_rows(data.pathway, labels)
    assert rows
    said, unit_of = (data.pathway[n].to_series() for n in ("bound_reason", "asset_unit"))
    terms = bound_terms(data.pathway)
    for row in rows:
        key = row["year"], row["asset"]
        assert said[key] == reason(terms[key], unit_of[row["asset"]])
        of_row = scaled(terms[key], 1e-3 if row["unit"].startswith("kW") else 1.0)
        assert row["reason"] == reason(of_row, row["unit"])
        assert row["reason_zh"] == reason(of_row, labels.text(f"unit.{row['unit']}", "zh"), "zh")
        if row["state"] in ("upper", "lower"):
            assert row["total"] == pytest.approx(row[row["state"]], abs=1e-2)
        if row["state"] == "free":
            assert row["lower"] - 1e-3 <= row["total"] < row["upper"]
    assert {"upper", "free"} <= {row["state"] for row in rows}


def test_plants_at_their_bound_stand_with_their_rent(data: ReportData, page: Page) -> None:
    """Every plant with a rent in a slice has a row, the dearest first; the stop price is lower."""
    rows = plants_at_bound(data.slices)
    held = {(y, a) for y, ds in data.slices.items() for a in rent_rows(ds).index}
    assert {(row["year"], row["asset"]) for row in rows} == held != set()
    for row in rows:
        found = data.slices[row["year"]].sel(asset=row["asset"])
        assert row["rent"] == pytest.approx(float(found["rent"]) / 1e3)
        assert row["stop_price"] < row["capture_price"]
        assert row["rent_bound"] in ("potential", "build_rate", "later")
    assert any(table.get("id") == "renttable" for table in page.elements["table"])


def test_every_number_of_the_sheets_is_told(data: ReportData, page: Page) -> None:
    """As many sources as rows with a value, plus the cost sheet's, each with its confidence."""
    rows = [*all_cells(data.park, data.costs)]
    of_park = [r for r in rows if r.sheet.removesuffix(".csv") in SHEETS]
    assert len(of_park) == sum(1 for _ in data.park.value_rows())
    assert len(rows) > len(of_park)
    assert {r.confidence for r in rows} <= {"published", "derived", "assumption"}
    assert any(BOLD in r.source for r in of_park)
    shown = [tr for tr in page.elements["tr"] if tr.get("data-state") in ("published", "derived")]
    assert len(shown) == sum(r.confidence != "assumption" for r in rows)


def test_a_changed_sheet_makes_the_page_say_stale(solved: Solved, tmp_path: Path) -> None:
    """Slices that rest on other numbers than those on disk are called so."""
    import mini_park

    root = tmp_path / "copy"
    shutil.copytree(solved.root, root)
    assert all(collect(mini_park.mini(root, 336)).fresh.values())
    mini_park.swap(root / mini_park.SHEETS / "loads.csv", ",12.64,GWh/a", ",12.65,GWh/a")
    assert not any(collect(mini_park.mini(root, 336)).fresh.values())


@pytest.mark.slow
def test_the_map_stands_where_there_is_a_grid(
    data: ReportData, grid: GridSheets, flow: xr.Dataset
) -> None:
    """Without a grid there is no section; without a power flow the command that makes one."""
    bare = Page(render_report(replace(data, grid=None)))
    assert "#grid" not in {str(a["href"]) for a in bare.elements["a"] if "href" in a}
    without = render_report(replace(data, grid=grid))
    assert "meishan powerflow 2030 -s mini --hours 336" in without
    shown = Page(render_report(replace(data, grid=grid, flows={2025: flow, 2030: flow})))
    assert {"map-2025", "map-2030"} <= set(shown.scripts)
    assert of(shown, "map-2030")["texts"]["zh"]["traces"]
    assert "#grid" in {str(a["href"]) for a in shown.elements["a"] if "href" in a}


def test_chapters_of_plug_ins_have_sections(
    data: ReportData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table by year, with its labels, behind the reasons and in the list of sections."""

    class Quay(Plugin):
        name = "quay"

        def chapters(self, slices: Mapping[int, xr.Dataset]) -> list[Chapter]:
            table = pd.DataFrame({year: [year / 4] for year in slices}, ["technology.pv_rooftop"])
            return [Chapter("ships", "GWh/a", table)]

    monkeypatch.setattr("meishan_model.report.html.page.plugins", lambda: (Quay(),))
    html = render_report(data)
    assert "#ships" in {str(a["href"]) for a in Page(html).elements["a"] if "href" in a}
    _, _, section = html.partition('<section id="ships">')
    cells = re.findall(r'<td class="n">([^<]*)', section.partition("</section>")[0])
    assert cells == [number(year / 4, 2) for year in data.slices]


def test_a_missing_slice_names_the_command(solved: Solved, tmp_path: Path) -> None:
    """No page of half a pathway."""
    import mini_park

    root = tmp_path / "copy"
    shutil.copytree(solved.root, root)
    (root / "results" / "mini~336h" / "2025.nc").unlink()
    with pytest.raises(InputError, match="meishan solve 2025 -s mini"):
        collect(mini_park.mini(root, 336))


def test_the_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """A page replaces the old one; where it cannot be written nothing is left."""
    path = tmp_path / "a" / "report.html"
    save_report("old", path)
    save_report("新", path)
    assert path.read_text(encoding="utf-8") == "新"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    with pytest.raises(WriteError, match="could not be saved"):
        save_report("x", path / "below a file" / "report.html")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-1e-12, 1, "0.0"),
        (1234567.0, None, "1,234,567"),
        (0.020341, None, "0.02034"),
        (float("nan"), None, "–"),
        (-1e-9, None, "0"),
        (None, 0, "–"),
    ],
)
def test_numbers_for_people(value: float | None, digits: int | None, text: str) -> None:
    """Dust has no minus, what is none is a dash."""
    assert number(value, digits) == text
