"""An indicator that is declared, and nothing more, stands wherever a pathway is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr
from hand_made import as_text
from solved_mini import Solved

from meishan_model.accounts import indicators
from meishan_model.accounts.electricity import electricity_of_slice
from meishan_model.planning.whole_pathway import join_pathway
from meishan_model.report.export import iamc_table, tidy_tables
from meishan_model.report.html.page import collect, render_report
from meishan_model.report.pathway_summary import pathway_summary
from meishan_model.results.files import write_atomically

DOCS = Path(__file__).parents[2] / "docs" / "results.md"


@pytest.fixture
def peaks(solved: Solved) -> list[float]:
    """Peak of power used in each year [MW]."""
    slices = (solved.project.open_result(year) for year in solved.project.years)
    return [float(electricity_of_slice(ds).used.max()) for ds in slices]


@pytest.fixture
def pathway(solved: Solved, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """The pathway of the small park with the indicator that the documentation declares."""
    (code,) = re.findall(r"```python\n(@yearly\(.*?)```", DOCS.read_text("utf-8"), re.S)
    monkeypatch.setattr(indicators, "YEARLY", [*indicators.YEARLY])
    exec(code, vars(indicators).copy())
    project = solved.project
    return join_pathway(project, {year: project.open_result(year) for year in project.years})


def test_the_declared_indicator_is_everywhere(
    pathway: xr.Dataset, peaks: list[float], solved: Solved, tmp_path: Path
) -> None:
    """File, summary, page in both languages, tables and the IAMC format have it with its unit."""
    path = tmp_path / "pathway.nc"
    write_atomically(pathway, path)
    with xr.open_dataset(path) as stored:
        found = stored["indicator_by_year"].sel(yearly_indicator="use_peak").to_numpy().tolist()
    assert found == peaks
    assert min(peaks) > 0.0
    text = as_text(pathway_summary(pathway))
    assert "peak of power used" in text
    assert f"{peaks[-1]:,.4g}" in text
    html = render_report(replace(collect(solved.project), pathway=pathway))
    (line,) = re.findall(r'<tr data-indicator="use_peak">.*?</tr>', html, re.S)
    assert '<span lang="en">peak of power used in the park</span>' in line
    assert '<span lang="zh">园区用电峰值</span>' in line
    assert re.findall(r'<td class="n">([^<]*)</td>', line) == [f"{p:,.4g}" for p in peaks]
    table = tidy_tables(pathway)["indicators"].set_index("yearly_indicator").loc["use_peak"]
    assert table["indicator_by_year"].tolist() == peaks
    assert set(table["unit"]) == {"MW"}
    iamc = iamc_table(pathway).set_index("variable").loc["Indicator|Use Peak"]
    assert iamc["value"].tolist() == peaks
    assert set(iamc["unit"]) == {"MW"}


def test_units_of_the_iamc_format(pathway: xr.Dataset) -> None:
    """A share has no unit, energy of a year is told as pyam's registry reads it."""
    units = iamc_table(pathway).groupby("variable")["unit"].first()
    assert units["Indicator|Local Share"] == ""
    assert units["Indicator|Unserved Energy"] == "MWh/yr"


def test_a_file_that_is_older_than_the_table_is_shown_without_it(pathway: xr.Dataset) -> None:
    """Summary and exports do as before where the file has no indicators of years."""
    old = pathway.drop_dims("yearly_indicator")
    assert "Indicators of the planned years" not in as_text(pathway_summary(old))
    assert "indicators" not in tidy_tables(old)
    assert not iamc_table(old)["variable"].str.startswith("Indicator|").any()
