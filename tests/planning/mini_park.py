"""A park of three slices, 2020, 2025 and 2030, derived from the campus sheets: quick to solve."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from meishan_model.planning.backcast import SolvedSlice, backcast
from meishan_model.planning.project import Project, open_project
from meishan_model.progress import Progress as Silence
from meishan_model.sheets import park
from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.row_reader import columns_of

REPOSITORY = Path(__file__).parents[2]
YEARS = (2020, 2025, 2030)
SHEETS = Path("configs/mini")
SCENARIO = """title: Mini
park: mini
first_year: 2020
target_year: 2030
offset_share: null
"""


def swap(path: Path, old: str, new: str) -> None:
    """Replace the first place of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} holds no {old!r} any more: adapt the test"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add_rows(path: Path, rows: Sequence[str]) -> None:
    """Add rows to a sheet, which begins with its header if it was not there.

    Year and tax of money are columns that may be left out.
    """
    if not path.exists():
        columns = [c for c in columns_of(park.SHEETS[path.stem]) if c not in PricedRow.shown]
        path.write_text(",".join(columns) + "\n", encoding="utf-8")
    with path.open("a", encoding="utf-8") as sheet:
        sheet.write("\n".join([*rows, ""]))


def make_root(root: Path) -> Path:
    """Write the mini park with its scenario, cost sheets and weather.

    Heat follows industry instead of the weather, so that every week has some; one load has a row
    for each slice; PV may grow by 0.2 MW a year.
    """
    sheets = root / SHEETS
    shutil.copytree(REPOSITORY / "configs" / "yizhuang", sheets)
    shutil.copytree(REPOSITORY / "configs" / "costs", root / "configs" / "costs")
    shutil.copytree(REPOSITORY / "timeseries" / "yizhuang", root / "timeseries" / "mini")
    (root / "timeseries" / "mini" / "weather_measured.nc").unlink(missing_ok=True)
    swap(sheets / "park.yaml", "name: yizhuang", "name: mini")
    swap(sheets / "loads.csv", "buildings_heating", "process_heat")
    one = "campus_offices,campus,buildings,electricity,buildings_base,"
    rest = "GWh/a,assumption of this test,assumption,\n"
    text = (sheets / "loads.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(one)]
    by_year = [f"{one}{year},8.43,{rest}" for year in YEARS]
    (sheets / "loads.csv").write_text("".join([*kept, *by_year]), encoding="utf-8")
    swap(sheets / "assets.csv", "campus,build_rate,,0.5,MW/a", "campus,build_rate,,0.2,MW/a")
    (root / "configs" / "scenarios").mkdir()
    (root / "configs" / "scenarios" / "mini.yaml").write_text(SCENARIO, encoding="utf-8")
    return root


def mini(root: Path, hours: int = 168, sheet: str | None = None) -> Project:
    """The mini park, opened anew from disk."""
    folder = None if sheet is None else root / "configs" / "costs" / sheet
    return open_project("mini", root, folder, hours)


def run(root: Path, year: int = 2020, hours: int = 168) -> tuple[SolvedSlice, ...]:
    """Backcast the mini park to a year."""
    return backcast(mini(root, hours), year, "highs", Silence())


def solved_years(slices: tuple[SolvedSlice, ...]) -> list[int]:
    """Years that a run had to solve."""
    return [s.year for s in slices if s.solved]
