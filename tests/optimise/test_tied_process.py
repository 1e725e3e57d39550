"""A solver's process ends with the one that started it, whenever that is, and nothing stays."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hand_solved import stated
from test_hand_solved import MERIT_ORDER

from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.solvers import tied_process
from meishan_model.optimise.solvers.cbc import FOLDERS, cbc_version, solve_cbc
from meishan_model.optimise.solvers.tied_process import CANNOT_RUN, with_this_process
from meishan_model.optimise.solvers.working_folder import NEW, working_folder

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
PARENT = """
import os, subprocess, sys, threading, time
from pathlib import Path
import numpy as np
import scipy.sparse as sp
from meishan_model.optimise.solvers import cbc
from meishan_model.optimise.solvers import piqp
from meishan_model.optimise.problem import NO_LABELS, LinearProblem

class Told(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        os.write(1, f"{self.pid}\\n".encode())

subprocess.Popen = Told
sleeper = Path(sys.argv[1])
piqp.PROGRAM = sleeper
one = np.ones(1)
problem = LinearProblem(
    sp.csc_array(np.eye(1)), one, one, 0 * one, one, one, 0.0, np.zeros(1, bool), NO_LABELS
)
for _ in range(4):
    for solve in (
        lambda: cbc.solve_cbc(problem, binary=sleeper),
        lambda: piqp.solve_by_piqp(problem, 1e-9, 600.0, None, None),
    ):
        threading.Thread(target=solve).start()
        time.sleep(0.03)
"""
STARTED = 8
"""Processes that the parent starts, one after the other: some are young when it is killed."""


def running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def still_running(processes: list[int]) -> list[int]:
    """Those that do not end in half a minute."""
    deadline = time.monotonic() + 30.0
    while any(map(running, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return [process for process in processes if running(process)]


@on_linux
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_solvers_end_with_their_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: signal.Signals
) -> None:
    """CBC and PIQP, just started and a little later; CBC's folders go when it is called again."""
    sleeper, parent = tmp_path / "sleeper", tmp_path / "parent.py"
    sleeper.write_text(f"#!{sys.executable}\nimport time; time.sleep(600)\n")
    sleeper.chmod(0o755)
    parent.write_text(PARENT)
    command = [sys.executable, str(parent), str(sleeper)]
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        children = [int(process.stdout.readline()) for _ in range(STARTED)]
        process.send_signal(death)
    left = still_running(children)
    for child in left:
        os.kill(child, signal.SIGKILL)
    assert not left
    folders = list(tmp_path.glob(f"{FOLDERS}*"))
    assert len(folders) == STARTED // 2
    for folder in folders:
        os.utime(folder, (0.0, 0.0))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    solve_cbc(stated(MERIT_ORDER))
    assert not list(tmp_path.glob(f"{FOLDERS}*"))


@on_linux
def test_nothing_is_started_for_a_parent_that_is_gone(tmp_path: Path) -> None:
    """Where another process has become the parent, the program does not begin."""
    proof = tmp_path / "begun"
    command = with_this_process(["/bin/sh", "-c", f"touch {proof}"])
    subprocess.run(command, check=True)
    assert proof.exists()
    proof.unlink()
    own = command.index(str(os.getpid()))
    command[own] = str(os.getppid())
    assert subprocess.run(command, check=False).returncode == 1
    assert not proof.exists()


@on_linux
def test_signals_are_those_of_any_program() -> None:
    """Python ignores broken pipes, but not the program that it becomes."""
    command = with_this_process(["/bin/cat", "/proc/self/status"])
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ignored = next(int(line.split()[1], 16) for line in said.splitlines() if "SigIgn" in line)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1))


def test_elsewhere_than_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another system is asked for nothing."""
    monkeypatch.setattr(sys, "platform", "darwin")
    tied_process.end_with(-1)


def test_the_limit_of_memory_is_inherited() -> None:
    """The program knows the limit; one above what the system allows is lowered to that."""
    command = ["/bin/sh", "-c", "ulimit -v"]
    tied = with_this_process(with_this_process(command, memory_limit=0.7), memory_limit=0.6)
    said = subprocess.run(tied, capture_output=True, text=True, check=False)
    # The inner program has another parent than its command says, unless exec keeps the process.
    assert said.stdout.split() == [str(600_000_000 // 1024)], said.stderr


def test_what_is_no_program(tmp_path: Path) -> None:
    """Its own exit code, and an error that names the path."""
    absent = str(tmp_path / "absent")
    ended = subprocess.run(with_this_process([absent]), capture_output=True, check=False)
    assert ended.returncode == CANNOT_RUN
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(SolverError, match=f"CBC at {text} does not run: .*Permission"):
        cbc_version(text)


def test_folders_that_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed are those that are old and held by nobody, and at the end one's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old = time.time() - 2 * NEW
    for name in ("work-left", "work-held", "work-new", "other-left"):
        path = tmp_path / name
        path.mkdir()
        path.joinpath("model").touch()
        if name != "work-new":
            os.utime(path, (old, old))
    held = os.open(tmp_path / "work-held", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    others = ["other-left", "work-held", "work-new"]
    with working_folder("work-") as own:
        assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, own.name])
        # What works for long is old as well.
        os.utime(own, (old, old))
        with working_folder("work-"):
            assert own.is_dir()
    assert sorted(p.name for p in tmp_path.iterdir()) == others
    os.close(held)
