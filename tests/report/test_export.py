"""Files for other tools: what they read is what the pathway holds."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr
from solved_mini import Solved

from meishan_model.report.export import (
    iamc_frame,
    iamc_table,
    save_csv,
    save_excel,
    save_iamc,
    tidy_tables,
)
from meishan_model.whole_file import WriteError

# pyam uses what pandas will give up; the library itself asks it under silence.
pyams_own = pytest.mark.filterwarnings("ignore:The inplace keyword")


@pytest.fixture(scope="module")
def pathway(solved: Solved) -> xr.Dataset:
    return solved.project.open_result("pathway")


@pyams_own
def test_iamc_comes_back_as_it_went(pathway: xr.Dataset, tmp_path: Path) -> None:
    """Excel and CSV files that pyam reads hold the very rows that were written."""
    frame = iamc_frame(pathway)
    import pyam

    for name, read in (("a.xlsx", pd.read_excel), ("a.csv", pd.read_csv)):
        save_iamc(pathway, tmp_path / name)
        back = pyam.IamDataFrame(read(tmp_path / name))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert pyam.compare(frame, back, equal_nan=True).empty
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.xlsx"]


@pyams_own
def test_units_that_pyam_knows(pathway: xr.Dataset) -> None:
    """Energy converts to TJ by 3.6 and emissions to Mt by a thousandth, by pyam's own registry."""
    frame = iamc_frame(pathway)
    energy = frame.filter(variable="Final Energy")
    joule = energy.convert_unit("GWh/yr", "TJ/yr").data["value"].to_numpy()
    assert joule == pytest.approx(pathway["energy_mwh"].sum("energy_item").to_numpy() * 3.6e-3)
    net = frame.filter(variable="Emissions|CO2|Net").convert_unit("kt CO2/yr", "Mt CO2/yr")
    expected = pathway["net_emissions"].to_numpy() / 1e6
    assert net.data["value"].to_numpy() == pytest.approx(expected, abs=1e-12)


@pyams_own
def test_parts_add_up(pathway: xr.Dataset) -> None:
    """Sectors add up to final energy, carriers to sectors, zones to the park, without a gap."""
    frame = iamc_frame(pathway)
    assert frame.check_aggregate("Final Energy") is None
    for sector in ("Industry", "Buildings"):
        assert frame.check_aggregate(f"Final Energy|{sector}") is None
    table = iamc_table(pathway)
    capacity = table[table["variable"].str.startswith("Capacity|")]
    park = capacity["region"] == "mini"
    keys = ["variable", "year"]
    inside = capacity[~park].groupby(keys)["value"].sum()
    assert inside.to_numpy() == pytest.approx(
        capacity[park].groupby(keys)["value"].sum().reindex(inside.index).to_numpy()
    )
    assert len(inside)


def test_workbook_holds_the_numbers(pathway: xr.Dataset, tmp_path: Path) -> None:
    """Every sheet is tidy: one header with units, the numbers of the pathway to the last digit."""
    save_excel(pathway, tmp_path / "p.xlsx")
    sheets = pd.read_excel(tmp_path / "p.xlsx", sheet_name=None, keep_default_na=False)
    assert set(sheets) == set(tidy_tables(pathway))
    cost = sheets["cost"].groupby("year")["cost [CNY/a]"].sum()
    assert cost.to_numpy() == pytest.approx(pathway["cost"].sum("cost_item").to_numpy())
    emitted = sheets["emissions"]["emissions [tCO2/a]"].sum()
    assert emitted == pytest.approx(float(pathway["emissions"].sum()))
    assert set(sheets["capacity"]["unit"]) == {"MW", "MWh"}


def test_a_name_is_no_formula(pathway: xr.Dataset, tmp_path: Path) -> None:
    """A component named ``=1+1`` is the text ``=1+1`` in the workbook."""
    names = pathway["component"].to_numpy().copy()
    names[0] = "=1+1"
    save_excel(pathway.assign_coords(component=("cost_item", names)), tmp_path / "p.xlsx")
    cells = [c for row in openpyxl.load_workbook(tmp_path / "p.xlsx")["cost"].rows for c in row]
    found = [c for c in cells if c.value == "=1+1"]
    assert found
    assert {c.data_type for c in found} == {"s"}


def test_csv_tables(pathway: xr.Dataset, tmp_path: Path) -> None:
    """Each table is a file; numbers come back exactly, what does not exist is ``nan``."""
    paths = save_csv(pathway, tmp_path / "tables")
    assert {p.stem for p in paths} == set(tidy_tables(pathway))
    back = pd.read_csv(tmp_path / "tables" / "capacity.csv")
    wanted = tidy_tables(pathway)["capacity"]
    numbers = wanted.select_dtypes("number").columns
    np.testing.assert_array_equal(back[numbers].to_numpy(), wanted[numbers].to_numpy())


def test_a_folder_that_cannot_be_written(pathway: xr.Dataset, tmp_path: Path) -> None:
    """An error that names the file, and nothing left behind."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteError, match=r"p\.xlsx could not be saved"):
        save_excel(pathway, tmp_path / "file" / "p.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
