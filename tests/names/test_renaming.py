"""A park under other names is the same park: nothing is recognised by what it is called.

All that the sheets name freely gets drawn letters for a name, and all nodes labels such as n00017.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xarray as xr
from renamed import Bijection, renamed

from benchmarks.readings_park import HOURS, SCARCE, SCENARIOS, SETTLED, make_root
from benchmarks.readings_places import Silence
from benchmarks.readings_unique import settled_prices, unique_optima
from benchmarks.readings_values import as_plain, differences
from benchmarks.same_problems import SAME, difference, stated
from benchmarks.same_readings import UNSEEN
from meishan_model.components import flows
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.whole_pathway import pathway
from meishan_model.report.export import save_excel
from meishan_model.report.html.page import collect, render_report

PARK = "meishan"


@dataclass(frozen=True)
class Both:
    """A solved park under its own names and under others, with their files."""

    own: Project
    other: Project
    names: Bijection

    @property
    def years(self) -> tuple[int, ...]:
        """Slices."""
        return self.own.years


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The park of the readings, in which everything happens, as ``own``."""
    folder = tmp_path_factory.mktemp("names")
    make_root(folder / "own")
    return folder


@pytest.fixture(scope="module")
def both(roots: Path) -> Both:
    """The pathway of one scenario, solved for the one optimum that no name decides."""
    names = renamed(roots / "own", PARK, roots / "other", 1)
    own, other = (open_project(SETTLED, roots / name, hours=HOURS) for name in ("own", "other"))
    with unique_optima():
        pathway(own, "highs", Silence())
        numbers = itertools.count(1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(flows, "label_of", lambda _: f"n{next(numbers):05d}")
            pathway(other, "highs", Silence())
    return Both(own, other, names)


@pytest.mark.parametrize(
    ("seed", "scenario"),
    [
        pytest.param(seed, name, marks=() if name == SCARCE else pytest.mark.thorough)
        for seed, name in enumerate(SCENARIOS, start=1)
    ],
)
def test_the_problems_are_the_same(roots: Path, seed: int, scenario: str) -> None:
    """Matrix, bounds and costs of every slice are equal up to the order of rows and columns."""
    folder = roots / f"{scenario}_{seed}"
    names = renamed(roots / "own", PARK, folder, seed)
    own, other = (open_project(scenario, root, hours=HOURS) for root in (roots / "own", folder))
    called = {names.back(asset): asset for asset in other.asset_table.asset}
    assert set(called) == set(own.asset_table.asset)
    built: dict[int, dict[str, float]] = {}
    for year in reversed(own.years):
        theirs = {y: {called[a]: new for a, new in of.items()} for y, of in built.items()}
        assert difference(stated(own, year, built), stated(other, year, theirs)) <= SAME
        # Later slices have built a bit of everything.
        built[year] = dict.fromkeys(own.asset_table.asset, 0.01)


def titled(ds: xr.Dataset) -> xr.Dataset:
    """A slice whose nodes and flows are called by their titles."""
    if "node_title" not in ds:
        return ds
    titles = dict(zip(ds["node"].values.tolist(), ds["node_title"].values.tolist(), strict=True))

    def text(label: str) -> str:
        return "->".join(titles[end] for end in label.split("->"))

    labels = [
        n for n in ("flow", "source", "target", "node", "storage", "bus", "word_node") if n in ds
    ]
    return ds.assign_coords(
        {
            name: (ds[name].dims, [text(label) for label in ds[name].values.tolist()])
            for name in labels
            if name in ds
        }
    )


def brought_back(value: Any, names: Bijection) -> Any:
    """Plain values with the old names in place of the new ones."""
    match value:
        case str():
            return names.back(value)
        case dict():
            return {names.back(key): brought_back(of, names) for key, of in value.items()}
        case list():
            return [brought_back(one, names) for one in value]
    return value


def unlike(own: Any, other: Any, names: Bijection) -> list[str]:
    """Where two readings differ, apart from order and noise."""
    first, second = as_plain(own), brought_back(as_plain(other), names)
    return differences(first, second, {}) + differences(second, first, {})


@pytest.mark.slow
def test_the_slices_are_the_same(both: Both) -> None:
    """All variables, coordinates and attributes of every NetCDF file of a slice."""
    for year in both.years:
        own, other = (
            titled(settled_prices(project.open_result(year))) for project in (both.own, both.other)
        )
        assert own["power"].dims == other["power"].dims
        for ds in (own, other):  # a list of names, in the order of the alphabet
            names = ds.attrs.pop("buses_without_price", "").split(", ")
            ds.attrs["unpriced"] = {both.names.back(name): True for name in names}
        assert not unlike(own, other, both.names), year


@pytest.mark.slow
def test_the_pathway_is_the_same(both: Both) -> None:
    """The file of all years."""
    assert not unlike(
        both.own.open_result("pathway"), both.other.open_result("pathway"), both.names
    )


@pytest.mark.slow
def test_the_workbook_is_the_same(both: Both, tmp_path: Path) -> None:
    """Every tab of the exported workbook has the same rows."""
    found = []
    for name, project in (("own", both.own), ("other", both.other)):
        path = tmp_path / f"{name}.xlsx"
        save_excel(project.open_result("pathway"), path)
        book = openpyxl.load_workbook(path, read_only=True)
        found.append(
            {
                tab: [list(r) for r in book[tab].iter_rows(values_only=True)]
                for tab in book.sheetnames
            }
        )
    assert not unlike(*found, both.names)


@pytest.mark.slow
def test_the_page_is_the_same(both: Both) -> None:
    """The page says the same words and numbers; a name that it has to show is shown as words."""
    own, other = (UNSEEN.sub("\n", render_report(collect(p))) for p in (both.own, both.other))
    own, other = (text.replace("_", " ") for text in (own, both.names.back(other)))
    assert not unlike(own, other, both.names)
