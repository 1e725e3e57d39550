"""A full disk, a folder that may not be written, a second run: one clear line and no traceback."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))
import mini_park
from forked import Command

from meishan_model.accounts.checks import slice_failures
from meishan_model.results.files import open_results
from meishan_model.results.runs import lock_holder
from meishan_model.results.slice_file import validate_slice

SOLVE = ("solve", "2030", "-s", "mini", "--hours", "168")
pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root of a mini park of its own."""
    return mini_park.make_root(tmp_path)


def begin(root: Path, largest_file: int | None = None) -> Command:
    """Start a solve as a process of its own; no file of it grows beyond ``largest_file`` bytes."""
    return Command(*SOLVE, "--root", str(root), largest_file=largest_file)


def ended(command: Command) -> tuple[int, str, list[str]]:
    """Exit code, standard output and the lines of standard error that are no progress."""
    code, out, err = command.ended()
    lines = [line for line in err.splitlines() if not line.strip()[:1].isdigit()]
    assert "Traceback" not in err and "Logging error" not in err, err
    return code, out, lines


@contextlib.contextmanager
def disk(folder: Path, options: str) -> Iterator[None]:
    """A small disk of its own in the place of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_solved(root: Path) -> None:
    """Solve again without hindrance: code 0 and a result that keeps the contract."""
    code, _, err = begin(root).ended()
    assert code == 0 and "1 of 1 slices solved in this run" in err
    ds = open_results("mini", 2030, root / "results", hours=168)
    assert validate_slice(ds) == slice_failures(ds) == []


def test_a_file_that_may_not_grow(root: Path) -> None:
    """Half of a result is no result: code 4, one line, nothing left; the next run succeeds."""
    code, out, lines = ended(begin(root, largest_file=64 * 1024))
    path = mini_park.mini(root).result_path(2030)
    assert (code, out, len(lines)) == (4, "", 1), lines
    assert lines[0].startswith(f"write  {path} could not be saved")
    assert not path.exists()
    assert not list(path.parent.glob(".*.partial"))
    assert_solved(root)


def test_a_full_disk(root: Path) -> None:
    """The line says how much room there is; nothing is left that would take it."""
    with disk(root / "results", "size=64k"):
        code, out, lines = ended(begin(root))
        path = mini_park.mini(root).result_path(2030)
        assert (code, out, len(lines)) == (4, "", 1), lines
        assert lines[0].startswith(f"write  {path} could not be saved")
        assert "make room or choose another folder" in lines[0]
        assert not path.exists()
    assert_solved(root)


def test_a_disk_that_may_not_be_written(root: Path) -> None:
    """A read-only disk is told before anything is solved."""
    with disk(root / "results", "ro,size=64k"):
        code, out, lines = ended(begin(root))
    assert (code, out, len(lines)) == (4, "", 1), lines
    assert lines[0].startswith("lock  the results in ")
    assert "cannot be locked" in lines[0] and "Read-only" in lines[0]
    assert not list((root / "results").iterdir())


def test_results_that_are_a_file(root: Path) -> None:
    """A file in the place of the folder is told before anything is solved."""
    (root / "results").write_text("in the way", encoding="utf-8")
    code, out, lines = ended(begin(root))
    assert (code, out, len(lines)) == (4, "", 1), lines
    assert "cannot be locked" in lines[0]
    assert (root / "results").read_text(encoding="utf-8") == "in the way"


def test_two_runs_at_once_and_a_stale_lock(root: Path) -> None:
    """The second run names the first one's process; a killed run's lock holds up nobody."""
    folder = mini_park.mini(root).result_path(2030).parent
    first = begin(root)
    deadline = time.monotonic() + 60
    while lock_holder(folder) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGSTOP)  # it holds the lock for as long as the second run takes
    code, out, lines = ended(begin(root))
    assert (code, out, len(lines)) == (4, "", 1), lines
    assert f"held by process {first.pid} on " in lines[0]
    first.process.kill()
    first.ended()
    code, _, lines = ended(begin(root))
    assert code == 0
    assert any(f"process {first.pid} ended without releasing" in line for line in lines), lines
    assert lock_holder(folder) is None
