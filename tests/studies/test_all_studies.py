"""Every study of the catalogue on a small park: killed, resumed, in processes, and its files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mini_park
import psutil
import pytest
from mini_park import SHEETS, mini, swap

from meishan_model.studies.catalogue import studies, study_named
from meishan_model.studies.freshness import result_states
from meishan_model.studies.study import Study, solve, stored_study

pytestmark = pytest.mark.slow

PACKAGE = Path(__file__).parents[2]
FEW: dict[str, dict[str, Any]] = {
    "exposure": {"prices": (0.0, 100.0, 300.0)},
    "front": {"thetas": (1.0, 2.0, 4.0)},
    "sensitivity": {"sheets": ("prices",), "limit": 1},
}
"""Options of studies that have many variants without."""
EVENTS = [
    f"{name},{row},assumption of this test,assumption,"
    for name, power in (("small", 0.1), ("middle", 0.2), ("large", 0.4))
    for row in (f"power,{power},MW", "start_hour,14,h", "duration,2,h", "payment,3000,CNY/MWh")
]
KILLED = studies() if os.environ.get("STUDIES") == "all" else ["matching"]
"""Studies that are killed; each takes a minute or two, ``STUDIES=all`` kills every one."""
WAIT = 600.0
"""Seconds after which a run that notes no variant has failed."""


@pytest.fixture
def root(solved_mini: Path, tmp_path: Path) -> Path:
    """The solved mini park with events."""
    root = Path(shutil.copytree(solved_mini, tmp_path / "mini"))
    mini_park.add_rows(root / SHEETS / "events.csv", EVENTS)
    return root


def study_of(name: str, root: Path) -> Study[Any]:
    """A study of the target year with few variants."""
    kind = study_named(name)
    year = {"year": 2030} if "year" in kind.__dataclass_fields__ else {}
    return kind(project=mini(root), **year, **FEW.get(name, {}))


@pytest.mark.parametrize("name", KILLED)
def test_killed_and_resumed_in_processes_or_not_the_tables_are_the_same(
    name: str, root: Path, tmp_path: Path
) -> None:
    """A run with two processes is killed after its first variant; a run with one goes on.

    Nothing that was noted is solved again, no process outlives the killed one, and tables are
    those of a run that nobody disturbed, to the last byte.
    """
    calm = Path(shutil.copytree(root, tmp_path / "calm"))
    undisturbed = study_of(name, calm)
    solve(undisturbed, lambda *_: None)
    study = study_of(name, root)
    noted = killed(study, root)
    told: list[tuple[int, int, str]] = []
    solve(study, lambda *what: told.append(what))
    left = {count for position, count, _ in told if position}
    assert left <= {len(study.variants()) - noted}
    for part in study.parts:
        assert study.path(part).read_bytes() == undisturbed.path(part).read_bytes()


def killed(study: Study[Any], root: Path) -> int:
    """Begin a study in two processes and kill it once a variant is noted; says how many are."""
    code = "import sys; from test_all_studies import *; begin(*sys.argv[1:])"
    path = os.pathsep.join([str(PACKAGE), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-c", code, study.name, str(root)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + WAIT
        while process.poll() is None and not lines(study) and time.monotonic() < deadline:
            time.sleep(0.05)
        children = psutil.Process(process.pid).children(recursive=True) if lines(study) else []
    finally:
        process.kill()
        _, said = process.communicate()
    assert lines(study), said
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive, "a process outlived the run that began it"
    return lines(study)


def begin(name: str, root: str) -> None:
    """What the killed process does."""
    solve(study_of(name, Path(root)), lambda *_: None, jobs=2)


def lines(study: Study[Any]) -> int:
    """Number of variants that are noted."""
    if not study.notes.is_file():
        return 0
    return max(study.notes.read_text(encoding="utf-8").count("\n") - 1, 0)


def test_every_command_leaves_what_it_names(
    root: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    """Tables and figure lie where the last lines say; a second run solves nothing.

    ``meishan check`` knows all of them, and a changed sheet makes them stale.
    """
    common = ("--scenario", "mini", "--hours", "168", "--root", root)
    words = {"matching": ["2030"], "exposure": ["2030", "--prices", "0,100"], "vpp": ["2030"]}
    found: set[Path] = set()
    for name in ("matching", "exposure", "vpp"):
        for run in range(2):
            code, out, err = said(name, *words.get(name, ()), *common)
            assert code == 0, err
            assert ("1 of" in err) is (run == 0)
        study = study_named(name)
        files = {Path(line.partition(": ")[2]) for line in out.splitlines() if str(root) in line}
        assert len(files) == len(study.parts) + (study.figure is not None)
        assert all(file.is_file() for file in files)
        found |= {file for file in files if file.suffix == ".csv"}
    assert stored_study(mini(root), "matching", year=2030) is not None
    assert stored_study(mini(root), "matching", year=2025) is None
    states = {state.path: state.state for state in result_states(mini(root))}
    assert {states[path] for path in found} == {"up to date"}
    swap(root / SHEETS / "loads.csv", "2030,8.43", "2030,8.5")
    states = {state.path: state.state for state in result_states(mini(root))}
    assert {states[path] for path in found} == {"STALE"}
