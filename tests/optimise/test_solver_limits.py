"""Limits of time and memory, programs that hang, logs: every attempt ends and says how."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hand_solved import stated
from test_hand_solved import LOSSY_STORAGE, MERIT_ORDER
from test_solvers import FIXED_COST, big_problem

from meishan_model.optimise.errors import ModelError, SolverError
from meishan_model.optimise.problem import LinearProblem, RawSolution
from meishan_model.optimise.solvers import cbc, limits
from meishan_model.optimise.solvers.cbc import solve_cbc
from meishan_model.optimise.solvers.highs import METHOD_NAMES, solve_highs
from meishan_model.optimise.solvers.limits import SolverLimits, memory_in_use
from meishan_model.results.runs import run_log, solver_log

GENEROUS = 1000.0
"""More memory than any of these problems needs [GB]."""


@pytest.mark.parametrize("solver", [solve_highs, solve_cbc])
def test_generous_limits_change_nothing(solver: Callable[..., RawSolution]) -> None:
    """With limits that do not bind, with and without integers, the optimum is the same."""
    for hand in (LOSSY_STORAGE, FIXED_COST):
        problem = stated(hand)
        free = solver(problem)
        bound = solver(problem, time_limit=600.0, memory_limit=GENEROUS)
        assert bound.objective == pytest.approx(free.objective, rel=1e-9)


def test_memory_limit_interrupts_every_method(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that already holds more than the limit solves nothing by any method.

    Each of the five is tried in the stated order, and the error names the limit each time.
    """
    monkeypatch.setattr(limits, "WORTH_A_PROCESS", 0)
    least = memory_in_use() / 2
    with caplog.at_level(logging.WARNING), pytest.raises(SolverError) as raised:
        solve_highs(big_problem(), memory_limit=least)
    tried = str(raised.value).split(": ", 1)[1].split("; ")
    assert tried == [f"{name}: Memory limit reached" for name in METHOD_NAMES]


def test_memory_limit_of_cbc() -> None:
    """CBC with too little memory to hold the problem ends with an error, not with a result."""
    with pytest.raises(SolverError, match="CBC ended with code"):
        solve_cbc(big_problem(), memory_limit=0.02)


@pytest.mark.parametrize(
    ("said", "gap"),
    [
        ("Objective value:                200.0\nLower bound:   190.0\nGap: 0.05\n", 0.05),
        ("Objective value:                -200.0\nEnumerated nodes: 4\n", 0.0),
        ("Result - Optimal solution found\n", 0.0),
    ],
)
def test_gap_that_cbc_tells(said: str, gap: float) -> None:
    """It is the distance of its bound, which it names where it has not searched everything."""
    assert cbc._gap(said) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ("Optimal - objective value 12.0\n", "Optimal"),
        ("Stopped on time - objective value 12.0\n", "Stopped on time, within 5.0e-02"),
        ("Stopped on time (no integer solution - continuous used) - obj", None),
        ("Stopped on iterations - objective value 12.0", None),
    ],
)
def test_ending_of_cbc(tmp_path: Path, status: str, ended: str | None) -> None:
    """The best that it has found at its time limit is taken, a solution without integers not."""
    answer = tmp_path / "answer.txt"
    answer.write_text(status)
    if ended is not None:
        assert cbc._ending(answer, 0.05).startswith(ended)
        return
    with pytest.raises(SolverError, match="CBC stopped before the optimum: Stopped on"):
        cbc._ending(answer, 0.05)


@pytest.mark.parametrize(("time", "memory"), [(0.0, None), (-1.0, None), (60.0, 0.0)])
def test_limits_are_above_zero(time: float, memory: float | None) -> None:
    """A limit that allows nothing is refused by name."""
    with pytest.raises(ModelError, match=r"(time|memory) limit.*is no limit"):
        SolverLimits(time, memory)


def program(folder: Path, text: str) -> Path:
    """A program in the place of CBC."""
    path = folder / "cbc"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import time; print('working', flush=True); time.sleep(600)", "working"),
        ("import os; os.abort()", "code -6"),
        ("pass", "code 0"),
        ("import sys; open(sys.argv[-1], 'w').write('Optimal but nothing else')", "no solution"),
        ("import sys; open(sys.argv[-1], 'w').write('')", "no status"),
        ("import sys; open(sys.argv[-1], 'w').write('Optimal\\n0 c0 much 0\\n')", "no solution"),
    ],
)
def test_broken_cbc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    """A CBC that hangs, crashes, writes nothing or half an answer is an error that says so."""
    monkeypatch.setattr(cbc, "GRACE", 1.0)
    with pytest.raises(SolverError, match=said):
        solve_cbc(stated(MERIT_ORDER), time_limit=0.5, binary=program(tmp_path, text))


def hipo(problem: LinearProblem, on_log: Callable[[str], None] | None) -> None:
    solve_highs(problem, on_log=on_log)


def with_cbc(problem: LinearProblem, on_log: Callable[[str], None] | None) -> None:
    solve_cbc(problem, on_log=on_log)


@pytest.mark.parametrize(("solve", "name"), [(hipo, "Running HiGHS"), (with_cbc, "CBC MILP")])
def test_the_solvers_log_is_kept(tmp_path: Path, solve: Callable[..., None], name: str) -> None:
    """Two solves leave both logs in the file, one after the other, and the listener hears them."""
    path, heard = tmp_path / "logs" / "2035_highs.log", []
    for _ in range(2):
        with solver_log(path, heard.append) as listener:
            solve(stated(MERIT_ORDER), listener)
    text = path.read_text(encoding="utf-8")
    assert text.count(name) == 2
    assert text.splitlines() == heard


def test_the_log_survives_a_failure(tmp_path: Path) -> None:
    """What the solver said before an error lies on the disk."""
    path = tmp_path / "2035_cbc.log"
    broken = program(tmp_path, "print('out of disk'); raise SystemExit(3)")
    with pytest.raises(SolverError), solver_log(path) as listener:
        solve_cbc(stated(MERIT_ORDER), binary=broken, on_log=listener)
    assert "out of disk" in path.read_text(encoding="utf-8")


def test_logs_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where a file stands in the place of the folder, the run goes on and a warning says it."""
    (tmp_path / "logs").write_text("a file")
    heard: list[str] = []
    with run_log(tmp_path / "logs"), solver_log(tmp_path / "logs" / "a.log", heard.append) as to:
        assert to is not None
        to("a line")
    assert heard == ["a line"]
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warnings) == 2
