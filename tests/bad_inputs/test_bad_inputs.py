"""Every damaged input ends in one line a fault with its place and a remedy, and in exit code 2.

The cases stand in ``cases/*.yaml``. Each spoils the shipped files of the small park and runs a
command of the real command line:

- ``file`` is a sheet's name or one of ``PLACES``; one of the ways of ``spoil.py`` says how it is
  spoilt, two of them one after the other;
- ``command`` is what runs; ``check`` if left out; ``EPW`` in it is the path of the file ``epw``;
- ``row``, ``column`` and ``value`` are what one line must name, of the spoilt file or of the one
  that ``of`` names; ``says`` is a part of that line.

Further cases with the same outcome are drawn by ``tests/robustness/fuzz.py``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spoil
import yaml

from meishan_model import cli
from meishan_model.sheets import park

REPOSITORY = Path(__file__).parents[2]
FAULT = re.compile(
    r"^input  (?P<file>\S+?)(, row (?P<row>\d+))?(, column (?P<column>.+?))?"
    r"(, (?P<value>'.*?'|\".*?\"))?: (?P<message>.+?); (?P<remedy>.+)$"
)
PLACES = {
    "scenario": "configs/scenarios/yizhuang.yaml",
    "park": "configs/yizhuang/park.yaml",
    "costs_2020": "configs/costs/reference/costs_2020.csv",
    "manifest": "configs/costs/reference/manifest.yaml",
    "overlay": "configs/costs/low_storage/manifest.yaml",
    "overlay_2020": "configs/costs/low_storage/costs_2020.csv",
    "weather": "timeseries/yizhuang/weather.nc",
    "epw": "station.epw",
}
SHEETS = {*park.SHEETS, "climate"}
Case = dict[str, Any]
CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def place_of(file: str) -> str:
    """Path of a file below the root, by the name that a case gives it."""
    return PLACES.get(file, f"configs/yizhuang/{file}.csv")


def spoil_root(root: Path, case: Case) -> None:
    """Spoil the file of a case in all ways that it names."""
    for way, argument in case.items():
        if way in spoil.WAYS:
            given = argument.replace("HERE", f'"{root / "made"}"') if way == "add" else argument
            spoil.WAYS[way](root / place_of(case["file"]), given)


def words_of(root: Path, case: Case) -> list[str]:
    """Words of the command line of a case."""
    station = str(root / PLACES["epw"])
    words = [station if word == "EPW" else word for word in case.get("command", ["check"])]
    if words[0] == "weather" and "--park" not in words:
        words += ["--park", "yizhuang"]
    elif words[0] != "weather" and "-s" not in words:
        words += ["-s", "yizhuang"]
    return [*words, "--root", str(root)]


def check_lines(root: Path, case: Case, lines: list[str]) -> None:
    """Check that each line is a fault with a remedy, told once, and that one is the case's."""
    lines = [line.replace(f"{root}/", "") for line in lines]
    found = [match for line in lines if (match := FAULT.match(line))]
    assert found and len(found) == len(lines), lines
    assert len(set(lines)) == len(lines), lines
    wanted = {"row": str(case["row"]) if "row" in case else None, "column": case.get("column")}
    wanted["value"] = repr(case["value"]) if "value" in case else None
    of = case.get("of", case.get("file"))
    wanted["file"] = place_of(of) if of in SHEETS or of in PLACES else of
    told = [
        match
        for match in found
        if all(text is None or match[name] == text for name, text in wanted.items())
        and case.get("says", "") in match[0]
    ]
    assert told, (wanted, lines)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_bad_input_is_told(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: Case,
) -> None:
    """Exit code 2, a line a fault with file, place, value and remedy, nothing left behind."""
    spoil_root(root, case)
    before = sorted(root.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["meishan", *words_of(root, case)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    streams = capsys.readouterr()
    assert caught.value.code == 2, streams.err
    assert streams.out == ""
    check_lines(root, case, streams.err.splitlines())
    assert sorted(root.rglob("*")) == before


def test_the_corpus_is_large_and_no_case_stands_twice() -> None:
    """At least sixty cases; each has a name of its own in its file and a way of being spoilt."""
    assert len(CASES) >= 60
    assert all(spoil.WAYS.keys() & case.keys() or "command" in case for case in CASES)
    bodies = [repr({k: v for k, v in case.items() if k != "case"}) for case in CASES]
    assert len(set(bodies)) == len(bodies)


SEVERAL = [
    {"file": "park", "swap": ["altitude: 30", "altitude: high"]},
    {"file": "zones", "swap": ["0.1,km2", '"0,1",ha']},
    {"file": "network", "swap": ["loss,1.62,%", "loss,96,%"]},
    {"file": "loads", "swap": [",8.43,GWh/a", ",-8.43,GWh"]},
    {"file": "assets", "swap": ["build_rate,,0.5", "build_rate,,inf"]},
    {"file": "baseline", "swap": ["natural_gas,fuel", "natural_gas,fule"]},
]


@pytest.mark.slow
def test_all_faults_of_a_run_are_listed_at_once(root: Path) -> None:
    """Seven faults in six files are seven lines: a wrong unit beside a sign.

    As a process of its own: exit code 2, no traceback, nothing on standard output or disk.
    """
    for case in SEVERAL:
        spoil_root(root, case)
    before = sorted(root.rglob("*"))
    words = ["check", "-s", "yizhuang", "--root", str(root)]
    command = [sys.executable, "-m", "meishan_model.cli", *words]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = run.stderr.splitlines()
    assert (run.returncode, run.stdout, len(lines)) == (2, "", 7)
    assert all(FAULT.match(line) for line in lines), lines
    assert len({line.split(",")[0] for line in lines}) == 6
    assert sorted(root.rglob("*")) == before
