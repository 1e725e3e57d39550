"""A component type of another installed package works from the sheets to the report."""

from __future__ import annotations

import shutil
from pathlib import Path

import fresh
import mini_park
import pandas as pd
import pytest
import xarray as xr

HERE = Path(__file__).parent
PACKAGE = Path(__file__).parents[2]
METADATA = "Metadata-Version: 2.1\nName: meishan-generator\nVersion: 1.0\n"
ENTRY = "[meishan_model.plugins]\nengines = meishan_generator:PLUGIN\n"
COSTS = (
    "diesel engine,investment,3000,CNY/kW,offer,assumption: x,2020",
    "diesel engine,efficiency,40,%,offer,assumption: x,2020",
    "diesel engine,VOM,10,CNY/MWh,offer,assumption: x,2020",
    "diesel engine,lifetime,20,years,offer,assumption: x,2020",
)
FUEL, VOM, EFFICIENCY = 100.0, 10.0, 0.4
ROWS = {
    "technologies": "diesel_generator,generator,MW,diesel,electricity,,,,,no,new,Engine,发电机,",
    "assets": "diesel_generator,campus,potential,,0.5,MW,x,assumption,",
    "existing_plants": "engines,diesel_generator,campus,park,2015,2019,0.25,MW,x,assumption,",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini park with cheap diesel engines of another package."""
    root = mini_park.make_root(tmp_path_factory.mktemp("outside"))
    for sheet, rows in ROWS.items():
        mini_park.add_rows(root / mini_park.SHEETS / f"{sheet}.csv", [rows])
    # The first of the prices is the first that a study varies.
    prices = root / mini_park.SHEETS / "prices.csv"
    head, *rows = prices.read_text(encoding="utf-8").splitlines(keepends=True)
    rows.sort(key=lambda row: not row.startswith("diesel,"))
    prices.write_text("".join([head, *rows]), encoding="utf-8")
    mini_park.swap(prices, "diesel,,570,", f"diesel,,{1.13 * FUEL:g},")  # with 13 % tax
    costs = root / "configs" / "costs" / "reference"
    mapped = "technologies:\n  diesel engine: diesel_generator"
    mini_park.swap(costs / "manifest.yaml", "technologies:", mapped)
    for path in costs.glob("costs_*.csv"):
        mini_park.add_rows(path, COSTS)
    installed = root / "site" / "meishan_generator-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text(METADATA, encoding="utf-8")
    (installed / "entry_points.txt").write_text(ENTRY, encoding="utf-8")
    said = command(root, "pathway")
    assert "Engine" in said or "diesel_generator" in said
    return root


def command(root: Path, *words: str, common: bool = True) -> str:
    """What a command says in a process that has the other package."""
    paths = (root / "site", HERE, PACKAGE)
    more = f"-s mini --hours 168 --root {root}".split() if common else []
    done = fresh.ran(fresh.COMMAND, (*words, *more), paths=paths, folder=root)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs_where_it_is_cheaper_than_the_grid(root: Path) -> None:
    """Its energy, fuel, carbon and cost are those of its flows, and its potential bounds it.

    A MWh costs 100 / 0.4 + 10 = 260 CNY, less than the grid's in most hours. The stock of 0.25 MW
    stands in every slice, so that 0.25 of the potential of 0.5 MW are left for new build.
    """
    folder = root / "results" / "mini~168h"
    with xr.open_dataset(folder / "2030.nc") as ds:
        mine = ds.isel(flow=(ds["flow_asset"] == "diesel_generator_campus").to_numpy())
        assert set(mine["role"].to_numpy()) == {"conversion"}
        weight = 8760 / 168
        given = float(mine["power"][(mine["way"] == "in").to_numpy()].sum()) * weight
        burnt = float(mine["power"][(mine["way"] == "out").to_numpy()].sum()) * weight
        assert given == pytest.approx(EFFICIENCY * burnt) and given > 0
        cost = ds["cost"].to_series()
        assert cost["fuel:diesel"] == pytest.approx(FUEL * burnt)
        assert cost["variable:diesel_generator"] == pytest.approx(VOM * given)
        assert ds["emissions"].to_series()["scope1:diesel"] == pytest.approx(0.261 * burnt)
        asset = ds.sel(asset="diesel_generator_campus")
        assert float(asset["capacity_existing"]) == pytest.approx(0.25)
        assert float(asset["capacity_upper"]) == pytest.approx(0.5)
        assert "potential 0.5 less 0.25 stock" in str(asset["bound_reason"].item())


def test_its_code_decides_what_is_up_to_date(root: Path) -> None:
    """Results are stale once a byte of the other package has changed, not where it only lies."""
    copy = Path(shutil.copytree(HERE / "meishan_generator", root / "site" / "meishan_generator"))
    try:
        assert "STALE" not in command(root, "check")
        with (copy / "__init__.py").open("a", encoding="utf-8") as file:
            file.write("#")
        assert "STALE, the program has changed" in command(root, "check")
    finally:
        shutil.rmtree(copy)


def test_its_study_is_one_file(root: Path) -> None:
    """It has a command with its options, tables that ``meishan check`` knows, and processes.

    At 100 CNY/MWh the engines run, at 5000 nobody burns any.
    """
    source = (HERE / "meishan_generator" / "fuel_price.py").read_text(encoding="utf-8")
    assert source in (PACKAGE / "docs" / "studies.md").read_text(encoding="utf-8")
    assert "fuel_price" in command(root, "--help", common=False)
    said = command(root, "fuel_price", "2030", "--prices", "100,5000", "--jobs", "2")
    assert "burnt" in said and "Only this slice has the price" in said
    path = root / "results" / "mini~168h" / "fuel_price_2030.csv"
    table = pd.read_csv(path, comment="#").set_index("price [CNY/MWh]")
    assert table.loc[100.0, "burnt [MWh/a]"] > 100.0
    assert table.loc[5000.0, "burnt [MWh/a]"] == pytest.approx(0.0, abs=1e-3)
    assert f"{path}: up to date" in command(root, "check")


def test_every_command_knows_it(root: Path, tmp_path: Path) -> None:
    """Check, export, page and sensitivity name it like any technology of the sheets."""
    assert "up to date" in command(root, "check")
    exported = command(root, "export", "--csv", "--output", str(tmp_path))
    assert exported
    tables = [pd.read_csv(path) for path in tmp_path.rglob("*.csv")]
    assert any("diesel_generator" in table.to_string() for table in tables)
    page = tmp_path / "page.html"
    command(root, "report", "--output", str(page))
    text = page.read_text(encoding="utf-8")
    assert "Engine" in text and "发电机" in text
    varied = command(root, "sensitivity", "--year", "2030", "--sheets", "prices", "--limit", "1")
    assert "diesel" in varied
