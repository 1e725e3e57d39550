"""The command line as a person uses it, on a root of its own.

The first solve is a process of its own; all other commands run in this one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from meishan_model.cli.app import out as console

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]
CAMPUS = ("--scenario", "yizhuang")
TRIAL = (*CAMPUS, "--hours", "336")
Run = subprocess.CompletedProcess[str]
Said = Callable[..., tuple[int, str, str]]


AGAIN = """
import sys
from meishan_model import cli
try:
    cli.main()
except SystemExit as ended:
    assert not ended.code
print("imported:", *sorted({"numpy", "pandas", "xarray"} & set(sys.modules)), file=sys.stderr)
"""


def solve(root: Path) -> Run:
    """Solve the campus in a process of its own."""
    words = ("solve", "2020", *TRIAL, "--root", str(root))
    return subprocess.run(
        [sys.executable, "-m", "meishan_model.cli", *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )


def make_root(folder: Path) -> Path:
    """Root with the campus, its scenario, costs and weather, without results."""
    configs = folder / "configs"
    shutil.copytree(REPOSITORY / "configs" / "yizhuang", configs / "yizhuang")
    shutil.copytree(REPOSITORY / "configs" / "scenarios", configs / "scenarios")
    (configs / "costs").symlink_to(REPOSITORY / "configs" / "costs")
    (folder / "timeseries" / "yizhuang").mkdir(parents=True)
    shutil.copy(REPOSITORY / "timeseries/yizhuang/weather.nc", folder / "timeseries/yizhuang")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root of its own."""
    return make_root(tmp_path)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """Root on which ``solve`` ran, and what it said."""
    folder = make_root(tmp_path_factory.mktemp("solved"))
    return folder, solve(folder)


def refused(streams: tuple[int, str, str], code: int, *parts: str) -> None:
    """A refusal is one code and plain lines: no traceback, nothing on standard output."""
    found, out, err = streams
    assert (found, out) == (code, ""), err
    assert "Traceback" not in err
    assert all(part in err for part in parts), err


def test_solve_says_what_was_found(solved: tuple[Path, Run]) -> None:
    """Capacities, costs, emissions by scope, peak hours and the path of an existing file."""
    root, run = solved
    assert run.returncode == 0, run.stderr
    for part in (
        "Capacities by technology",
        "wind_onshore",
        "Electricity balance",
        "Cost [million CNY of 2020 a year]",
        "objective",
        "scope1",
        "scope2_market",
        "scope2_location (memo)",
        "credit",
        "TRIAL of 336 hours",
    ):
        assert part in run.stdout, part
    assert "1 of 1 slices solved" in run.stderr
    assert re.search(r"load \d+\.\d MW at 2020-\d\d-\d\d \d\d:00", run.stdout)
    (path,) = re.findall(r"^Result: (.+)$", run.stdout, re.MULTILINE)
    assert Path(path) == root / "results" / "yizhuang~336h" / "2020.nc"
    assert Path(path).is_file()
    for stage in ("making the hourly series", "solving", "checking", "writing"):
        assert stage in run.stderr


def test_the_summary_is_that_of_the_file(solved: tuple[Path, Run]) -> None:
    """Objective and net emissions on the terminal are those of the result to the last digit."""
    root, run = solved
    with xr.open_dataset(root / "results" / "yizhuang~336h" / "2020.nc") as ds:
        objective = float(ds["cost"].sum())
        assert objective == pytest.approx(ds.attrs["objective"], rel=1e-6)
        scope1 = float(ds["emissions"].where(ds["scope"] == "scope1").sum())
    text = run.stdout
    assert re.search(rf"objective +│ +{objective / 1e6:,.3f} ", text)
    assert re.search(rf"scope1 +│ +{scope1 / 1e3:,.3f} ", text)


def test_a_second_solve_does_nothing(
    said: Said, solved: tuple[Path, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same summary: kept, with no library read, and from the file after another input."""
    root, first = solved
    words = ["solve", "2020", *TRIAL, "--root", str(root)]
    again = subprocess.run(
        [sys.executable, "-c", AGAIN, *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert again.stdout == first.stdout
    assert "nothing has changed" in again.stderr
    assert again.stderr.splitlines()[-1] == "imported:"
    # What decides no slice is an input all the same.
    (root / "configs" / "notes.txt").write_text("to do", encoding="utf-8")
    monkeypatch.setattr(console, "width", 80)
    code, out, err = said(*words)
    assert code == 0
    assert "0 of 1 slices solved" in err
    assert "is up to date" in err
    assert out == first.stdout


def test_check_reconciles_and_knows_what_is_stale(
    said: Said, solved: tuple[Path, Run], root: Path
) -> None:
    """The baseline, the counts of confidence, versions; a result turns stale with a value."""
    shutil.copytree(solved[0] / "results", root / "results")
    code, out, err = said("check", *TRIAL, "--root", root)
    assert code == 0, err
    for part in ("grid_electricity", "11.94", "assumption", "oemof.solph", "2020.nc: up to date"):
        assert part in out, part
    loads = root / "configs" / "yizhuang" / "loads.csv"
    loads.write_text(loads.read_text("utf-8").replace("12.64", "12.65", 1), encoding="utf-8")
    code, out, _ = said("check", *TRIAL, "--root", root)
    assert (code, "2020.nc: STALE" in out) == (0, True)


def test_check_of_meishan_closes_the_baseline(said: Said) -> None:
    """Exit code 0 and the totals of 2020: 332.99 ktce and 329.73 kt, port 48/36/16 %."""
    code, out, err = said("check", "--root", REPOSITORY)
    assert code == 0, err
    for part in ("332.99", "329.73", "diesel 16.0%", "electricity 47.9%"):
        assert part in out, part
    assert "…" not in out


def test_dispatch_draws_a_picture(said: Said, solved: tuple[Path, Run], tmp_path: Path) -> None:
    """A PNG of the zone lies where it was asked for; a table of chosen flows too."""
    target = tmp_path / "week.png"
    words = ("zone=campus", "--week", "2", "--root", solved[0], "--output")
    code, out, err = said("dispatch", "2020", *TRIAL, *words, target)
    assert code == 0, err
    assert out.strip() == f"Written: {target}"
    assert target.read_bytes().startswith(b"\x89PNG\r\n")
    assert target.stat().st_size > 20_000
    table = tmp_path / "week.csv"
    chosen = ("role=load,charge", "--by", "role", *TRIAL, *words[1:], table)
    assert said("dispatch", "2020", *chosen)[0] == 0
    assert list(pd.read_csv(table)) == ["time", "charge", "load"]


@pytest.mark.parametrize(
    ("year", "words", "told"),
    [
        ("2020", ("--week", "3"), "1 to 2"),
        ("2020", ("zone=kampus",), "campus"),
        ("2020", ("kampus",), "such as: zone=port role=load,duty"),
        ("2020", ("--output", "no/such/folder/a.png"), "a folder that exists"),
        ("2020", ("--output", "a.docx"), "name a .png or .svg or .csv file"),
        ("2025", (), "result is missing; make it with: meishan solve"),
    ],
)
def test_dispatch_refuses_what_is_not_there(
    said: Said, solved: tuple[Path, Run], year: str, words: tuple[str, ...], told: str
) -> None:
    """Week, zone, file and year that do not exist are one line each."""
    week = () if "--week" in words else ("--week", "1")
    refused(said("dispatch", year, *TRIAL, *week, *words, "--root", solved[0]), 2, told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("solve", "2025", *TRIAL), "its only slice is 2020"),
        (("solve", "2033", "--hours", "168"), "2020, 2025, 2030, 2035, 2040, 2045, 2050"),
        (("solve", "2020", *CAMPUS, "--hours", "100"), "168, 336"),
        (("solve", "2020", *CAMPUS, "--hours", "-168"), "hours are not 1 to 8760"),
        (("solve", "2020", *TRIAL, "--costs", "configs/costs/cheap"), "there are the cost sheets"),
        (("solve", "2020", "--scenario", "jizhuang"), "there are: balanced"),
        (("weather", "--park", "jizhuang"), "there are: yizhuang"),
        (("weather", "--park", "yizhuang", "none.epw"), "none.epw"),
    ],
)
def test_what_is_wrong_on_the_line_is_told(
    said: Said, root: Path, words: tuple[str, ...], told: str
) -> None:
    """A wrong year, hours, sheet, scenario, park or file: code 2 and what is right."""
    if "2033" in words:
        shutil.copytree(REPOSITORY / "configs" / "meishan", root / "configs" / "meishan")
    refused(said(*words, "--root", root), 2, told)
    assert not (root / "results").exists()


def test_words_that_are_no_command_are_refused(said: Said, root: Path) -> None:
    """A year that is no number and an unknown solver end with the usage and code 2."""
    for words in (("solve", "soon"), ("solve", "2020", "--solver", "magic"), ("sove", "2020")):
        code, _, err = said(*words, "--root", root)
        assert code == 2
        assert "Usage" in err


def test_the_synthetic_year_can_be_made_again(said: Said, root: Path) -> None:
    """``weather`` makes the very series that ship, so the climate sheet is what they are from."""
    path = root / "timeseries" / "yizhuang" / "weather.nc"
    with xr.open_dataset(path) as shipped:
        before = shipped.load()
    path.unlink()
    code, out, err = said("weather", "--park", "yizhuang", "--root", root)
    assert code == 0, err
    assert out.splitlines()[-1] == f"Weather in use: {path}"
    with xr.open_dataset(path) as made:
        for name in ("ghi", "air_temperature", "wind_speed"):
            np.testing.assert_allclose(made[name], before[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("content", [b"", b"LOCATION,nowhere\n", b"\x00\xff\xfe" * 50])
def test_a_file_that_is_no_epw_changes_nothing(said: Said, root: Path, content: bytes) -> None:
    """A bad weather file is refused, and the year in use stays."""
    bad = root / "bad.epw"
    bad.write_bytes(content)
    words = ("weather", "--park", "yizhuang", bad, "--root", root)
    refused(said(*words), 2, "bad.epw")
    assert [p.name for p in (root / "timeseries" / "yizhuang").iterdir()] == ["weather.nc"]


MAST = """
time: time
utc_offset: 8
latitude: 39.8
longitude: 116.5
altitude: 400
source: a mast above the park
columns:
  ghi: {column: ghi, unit: W/m2}
  dhi: {column: dhi, unit: W/m2}
  air_temperature: {column: air_temperature, unit: degC}
  wind_speed: {column: wind_speed, unit: m/s}
"""


def measured_year(root: Path) -> tuple[Path, Path]:
    """A darker year of steadier wind than the synthetic one, as a CSV file with its mapping.

    Plants keep their full-load hours, so that it is the course of the wind that changes a plan.
    """
    with xr.open_dataset(root / "timeseries" / "yizhuang" / "weather.nc") as ds:
        table = ds.to_dataframe()
    table[["ghi", "dhi"]] *= 0.8
    table["wind_speed"] = 0.5 * (table["wind_speed"] + table["wind_speed"].mean())
    table.to_csv(root / "mast.csv")
    (root / "mast.yaml").write_text(MAST, encoding="utf-8")
    return root / "mast.csv", root / "mast.yaml"


def test_a_measured_year_is_used_and_taken_back(
    said: Said, solved: tuple[Path, Run], root: Path
) -> None:
    """Solve on the measured year, then on the synthetic one again, which gives the first result.

    The import redoes the slice and stands in its file and summary; restoring redoes it again.
    """
    shutil.copytree(solved[0] / "results", root / "results")
    solve, weather = ("solve", "2020", *TRIAL), ("weather", "--park", "yizhuang")
    csv, mapping = measured_year(root)
    code, out, err = said(*weather, csv, "--mapping", mapping, "--root", root)
    assert code == 0, err
    measured = root / "timeseries" / "yizhuang" / "weather_measured.nc"
    of_year = measured.with_name("weather_2019.nc")
    told = [f"Weather in use: {measured}", f"Kept beside it: {of_year}"]
    assert out.splitlines()[-2:] == told
    code, out, err = said("check", "--scenario", "yizhuang", "--root", root)
    assert "weather_height_differs" in out
    code, out, err = said(*solve, "--root", root)
    assert code == 0, err
    assert "1 of 1 slices solved" in err
    result = root / "results" / "yizhuang~336h" / "2020.nc"
    with xr.open_dataset(result) as ds:
        objective = float(ds.attrs["objective"])
        assert "a mast above the park (mast.csv)" in ds.attrs["weather"]
    assert said(*weather, "--root", root)[0] == 0
    assert not measured.exists()
    code, _, err = said(*solve, "--root", root)
    assert code == 0, err
    with (
        xr.open_dataset(result) as again,
        xr.open_dataset(solved[0] / "results" / "yizhuang~336h" / "2020.nc") as first,
    ):
        assert again.attrs["objective"] == pytest.approx(first.attrs["objective"], rel=1e-5)
        assert abs(objective / again.attrs["objective"] - 1) > 1e-3
