"""A sheet that is not there is one without rows: the same inputs, or a refusal that names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from whole_park import read_park

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.park import Park
from meishan_model.sheets.row_reader import columns_of

Resolved = tuple[Park | None, str | list[str]]
CONFIGS = Path(__file__).parents[2] / "configs"
SHEETS = schemas()
SCENARIO = """title: Short
base: balanced
first_year: 2020
stock_year: null
stock_case: null
target_year: 2025
"""
REFUSED = {
    "buses",
    *("network", "prices", "power_prices", "tariff_periods", "baseline", "drivers", "parameters"),
    *("emission_factors", "technologies", "technology_parameters", "heats", "ship_classes"),
    *("loads", "buildings", "projects", "fleets", "berths", "handling"),
    *("contracts", "contract_terms"),
}
"""Sheets without which Meishan contradicts itself or its scenario; of the others it has none."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The largest park with a scenario of two slices."""
    root = tmp_path_factory.mktemp("absent")
    shutil.copytree(CONFIGS, root / "configs")
    (root / "configs" / "scenarios" / "short.yaml").write_text(SCENARIO, encoding="utf-8")
    return root


def resolved(root: Path, before: Resolved | None = None) -> Resolved:
    """Rows of the park, and the hash of its slices or the faults without what tells two apart.

    Slices are made of rows: where they are equal to those of before, they are not made again.
    """
    project, park = open_project("short", root), None
    try:
        park = project.park
        if before is not None and before[0] == park and isinstance(before[1], str):
            return before
        return park, fingerprint([project.slices, park.profiles])
    except InputError as error:
        told = [str(f).replace("there is no such file", "holds no row") for f in error.faults]
        return park, told


@pytest.mark.parametrize("sheet", SHEETS)
def test_an_absent_sheet_is_one_without_rows(root: Path, sheet: str) -> None:
    """Both give the same inputs of every slice, or the same refusal, in which the sheet stands."""
    path = root / "configs" / "meishan" / f"{sheet}.csv"
    kept = path.read_bytes() if path.exists() else None
    try:
        path.unlink(missing_ok=True)
        before = resolved(root)
        path.write_text(",".join(columns_of(SHEETS[sheet])) + "\n", encoding="utf-8")
        absent, empty = before[1], resolved(root, before)[1]
    finally:
        path.unlink()
        if kept is not None:
            path.write_bytes(kept)
    assert absent == empty
    assert isinstance(absent, list) is (sheet in REFUSED)
    told = (path.name, "a sheet of a plug-in")
    assert isinstance(absent, str) or any(name in fault for fault in absent for name in told)


def test_all_that_is_missing_is_told_at_once_with_its_columns(tmp_path: Path) -> None:
    """An empty folder with a park.yaml, and one sheet whose header is wrong."""
    folder = tmp_path / "yizhuang"
    folder.mkdir()
    shutil.copy(CONFIGS / "yizhuang" / "park.yaml", folder)
    (folder / "emission_factors.csv").write_text("carrier,scope\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_park(folder, kinds(), {"baseline": "the plan starts from it"})
    told = {Path(f.file).stem: f.remedy or "" for f in caught.value.faults}
    missing = ("network", "prices", "tariff_periods", "baseline", "loads")
    assert set(told) == {*missing, "emission_factors"}
    for sheet in missing:
        assert told[sheet].endswith(",".join(columns_of(SHEETS[sheet])))
    columns = [f.column for f in caught.value.faults if "emission_factors" in f.file]
    assert columns == ["parameter", "year", "value", "unit", "source", "confidence", "note"]
    (needless,) = (f for f in caught.value.faults if "loads" in f.file)
    needs = {name for name, model in SHEETS.items() if model.is_demand}
    assert needs > {"loads", "buildings", "fleets"}
    assert all(f"{name}.csv" in needless.message for name in needs - {"loads"})


def test_a_limit_of_offsets_needs_a_baseline(tmp_path: Path) -> None:
    """A share of nothing would be a limit of zero; without a limit no baseline is needed."""
    shutil.copytree(CONFIGS, tmp_path / "configs")
    (tmp_path / "configs" / "yizhuang" / "baseline.csv").unlink()
    assert set(open_project("yizhuang", tmp_path).slices) == {2020}
    limited = tmp_path / "configs" / "scenarios" / "limited.yaml"
    limited.write_text("title: L\nbase: yizhuang\noffset_share: 0.1\n", encoding="utf-8")
    with pytest.raises(InputError, match="ccer_credits is limited to a share of what it holds"):
        _ = open_project("limited", tmp_path).slices
