"""The model as a library: quiet, lazy, and the same as its command line."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import mini_park
import pandas as pd
import pytest
import xarray as xr

import meishan_model as mm
from meishan_model import api
from meishan_model.errors import InputError
from meishan_model.progress import Progress

REPOSITORY = Path(__file__).parents[2]
PYTHON = "```python\n"
OF_MINI = {"balanced": "mini", "2035": "2030", '"port"': '"campus"', "_port": "_campus"}
"""What the page says of the shipped park, and what is said of the small one in its place."""


@pytest.fixture
def project(solved_mini: Path) -> mm.Project:
    return mm.open_project("mini", solved_mini, hours=168)


def test_importing_the_package_imports_no_library() -> None:
    """The command line and whoever only reads a version wait for nothing."""
    told = "import sys, meishan_model; print({'numpy', 'rich'} & {*sys.modules})"
    words = [sys.executable, "-c", told]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_it_prints_nothing_unless_asked(own_mini: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a solve nor what is up to date says a word; with progress stages and a count do."""
    project = mm.open_project("mini", own_mini, hours=168)
    project.result_path(2030).unlink()
    ds = project.solve(2030)
    assert isinstance(ds, xr.Dataset)
    assert project.pathway().attrs["scenario"] == "mini"
    assert capfd.readouterr() == ("", "")
    project.solve(2030, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "0 of 1 slices solved in this run" in err


def test_somebody_else_may_be_told(project: mm.Project) -> None:
    """Who is told each stage need not be a console."""

    class Noted(Progress):
        years: tuple[int, ...] = ()

        def slice_begins(self, year: int, position: int, count: int) -> None:  # noqa: ARG002
            self.years += (year,)

    noted = Noted()
    project.solve(2025, progress=noted)
    assert noted.years == (2030, 2025)


def test_tables_are_pandas_and_results_xarray(project: mm.Project) -> None:
    """A selection of flows, the pathway, a statement; what is not there is an input error."""
    table = project.dispatch(2030, role="load", by="customer")
    assert isinstance(table, pd.DataFrame)
    assert len(table) == 168
    assert (table.to_numpy() <= 0.0).all(), "loads take power from their bus"
    assert project.results()["year"].to_numpy().tolist() == [2020, 2025, 2030]
    assert isinstance(project.statement(2030).table, pd.DataFrame)
    with pytest.raises(InputError, match="there are: "):
        project.dispatch(2030, role="lod")
    with pytest.raises(InputError, match="its slices are 2020, 2025, 2030"):
        project.solve(2031)
    with pytest.raises(InputError, match="name at least one: iamc, excel, csv"):
        project.export()


def test_another_cost_sheet_goes_by_its_name(solved_mini: Path) -> None:
    """A name is a folder of configs/costs, a folder is itself."""
    named = mm.open_project("mini", solved_mini, "low_storage")
    assert named.overlay == "low_storage"
    assert named.cost_folder == solved_mini / "configs" / "costs" / "low_storage"
    given = mm.open_project("mini", str(solved_mini), named.cost_folder)
    assert given.cost_folder == named.cost_folder


def test_a_check_names_what_is_stale(own_mini: Path) -> None:
    """Results are up to date until a sheet changes; nothing fails."""
    found = mm.open_project("mini", own_mini, hours=168).check()
    assert {state.state for state in found.results} == {"up to date"}
    assert found.failures == ()
    mini_park.swap(own_mini / mini_park.SHEETS / "loads.csv", "12.64", "12.65")
    again = mm.open_project("mini", own_mini, hours=168).check()
    assert {state.state for state in again.results} == {"STALE"}


def of_mini(text: str) -> str:
    """The same of the small park."""
    text = text.replace("open_project(", "open_project(hours=168, scenario=")
    for old, new in OF_MINI.items():
        text = text.replace(old, new)
    return text


def test_the_examples_of_the_docstrings(
    solved_mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say what they show."""
    monkeypatch.chdir(solved_mini)
    runner, parser = doctest.DocTestRunner(), doctest.DocTestParser()
    for thing in (api.open_project, *vars(api.Project).values()):
        text, name = of_mini(thing.__doc__ or ""), getattr(thing, "__name__", "")
        runner.run(parser.get_doctest(text, vars(api).copy(), name, None, None))
    assert (runner.failures, runner.tries > 5) == (0, True)


def test_the_page_on_the_library_runs(own_mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of its Python runs."""
    monkeypatch.chdir(own_mini)
    page = (REPOSITORY / "docs" / "library.md").read_text("utf-8")
    code = [block.partition("```")[0] for block in page.split(PYTHON)[1:]]
    assert len(code) >= 4
    exec(compile(of_mini("\n".join(code)), "library.md", "exec"), {})
