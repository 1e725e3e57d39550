"""PIQP on a linear problem: a proximal interior-point method with a simplicial factorisation.

The factor of a year of hourly operation has a dozen entries a column: supernodes, with which HiPO
works, are not worth their overhead there, and PIQP (Schwan, Jiang, Kuhn, Jones, CDC 2023) needs a
third to a quarter of its time. It takes any linear problem; presolve and postsolve are HiGHS's.

It runs in a process of its own: that is how it can be held to limits of time and memory, which it
does not know, and whatever ends it early ends no more than this attempt.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

import numpy as np

from ..problem import Floats, Integers, LinearProblem
from .dense import cut_dense
from .limits import LOOKS_EVERY, memory_in_use
from .tied_process import with_this_process

PROGRAM = Path(__file__).with_name("piqp_process.py")
MOST_ITERATIONS = 400
STALLED_AFTER = 40
"""Iterations without a halving of the gap or of a residual, after which it is ended."""
EXACT = 1e-8
"""Residual at which an optimum is found, in the units of the problem."""
CLOSE = 1e-9
"""What a gap or a residual below this is does not matter [-], relative."""
COLUMNS_OF_THE_LOG = 11
"""Iteration, primal and dual objective, gap, primal and dual residual, and five more."""
SOLVED, INFEASIBLE = "SOLVED", "PRIMAL_INFEASIBLE"
"""How PIQP calls an optimum, and a problem without solution."""
STALLED = f"no progress in {STALLED_AFTER} iterations"
_ARRAYS = ("cost", "column_lower", "column_upper", "row_lower", "row_upper")


@dataclass(frozen=True)
class Answer:
    """What came of an attempt.

    Attributes
    ----------
    ending
        :data:`SOLVED`, or how it ended.
    values, duals
        Of the columns and of the rows; empty without an answer.
    iterations
        Number of iterations.
    """

    ending: str
    values: Floats
    duals: Floats
    iterations: int = 0


def piqp_version() -> str:
    """Version of PIQP; empty where it is not installed."""
    try:
        return version("piqp")
    except PackageNotFoundError:
        return ""


def solve_by_piqp(
    problem: LinearProblem,
    tolerance: float,
    time_limit: float,
    memory_limit: float | None,
    on_log: Callable[[str], None] | None,
    *,
    most: int | None = None,
    residual: float = EXACT,
) -> Answer:
    """Solve a problem in a process of its own.

    Parameters
    ----------
    problem
        The problem, without integers.
    tolerance
        Duality gap [-], relative.
    time_limit
        Seconds.
    memory_limit
        Largest memory of this process and the other together [GB].
    on_log
        Called with each line of its log.
    most
        Entries of a column or row above which it is cut in pieces; by default as many as keep the
        sums of positions in half of the range of 32 bits.
    residual
        Largest primal and dual residual, in the units of the problem.
    """
    # The largest position in the system that is factorised is that of the last row or column.
    cut, place = cut_dense(problem, most or max(2, 2**30 // sum(problem.matrix.shape)))
    asked = (tolerance, residual)
    try:
        return _in_a_process(problem, cut, place, asked, time_limit, memory_limit, on_log)
    except OSError as error:  # no room for its files, no process to be had
        return Answer(f"its process cannot be used: {error}", np.zeros(0), np.zeros(0))


def _in_a_process(
    problem: LinearProblem,
    cut: LinearProblem,
    place: Integers,
    asked: tuple[float, float],
    time_limit: float,
    memory_limit: float | None,
    on_log: Callable[[str], None] | None,
) -> Answer:
    """Write the cut problem, let the program solve it, and read the answer for the whole one."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as found,
        tempfile.TemporaryFile() as log,
    ):
        np.savez(
            given,
            **{name: getattr(cut.matrix, name) for name in ("data", "indices", "indptr")},
            **{name: getattr(cut, name) for name in _ARRAYS},
            tolerance=asked[0],
            residual=asked[1],
            most_iterations=MOST_ITERATIONS,
        )
        given.seek(0)
        command = with_this_process([sys.executable, "-P", str(PROGRAM)])
        with subprocess.Popen(command, stdin=given, stdout=found, stderr=log) as process:
            progress = Progress()
            listened = _Log(log, lambda line: _hear(line, progress, on_log))
            ending = _watch(process, time_limit, memory_limit, listened, progress)
        if ending:
            return Answer(ending, np.zeros(0), np.zeros(0), progress.iterations)
        found.seek(0)
        with np.load(found) as answer:
            return Answer(
                str(answer["status"]),
                answer["values"][place],
                answer["duals"][: problem.matrix.shape[0]],
                int(answer["iterations"]),
            )


@dataclass
class Progress:
    """What the iterations have come to, read from the log.

    Of the gap, the primal and the dual residual, each relative, one has to halve its least value
    within :data:`STALLED_AFTER` iterations; one may rest, or rise, while another falls. That
    depends on the iterations alone and on no clock, so that the same problem always ends the same
    way.

    Attributes
    ----------
    iterations
        Number of the last one.
    stalled
        Whether they are to be ended.
    """

    iterations: int = 0
    stalled: bool = False
    _best: tuple[float, ...] = (np.inf, np.inf, np.inf)
    _since: int = 0
    _first: tuple[float, float] = (0.0, 0.0)

    def hear(self, line: str) -> None:
        """Take a line of the log into account, if it is one of an iteration."""
        numbers = line.split()
        if len(numbers) != COLUMNS_OF_THE_LOG or not numbers[0].isdigit():
            return
        try:
            primal, dual, gap, *residuals = (float(number) for number in numbers[1:6])
        except ValueError:
            return
        self.iterations = int(numbers[0])
        if not any(self._first):
            self._first = (residuals[0], residuals[1])
        shares = [r / f if f > 0.0 else 0.0 for r, f in zip(residuals, self._first, strict=True)]
        left = [max(x, CLOSE) for x in (gap / max(1.0, abs(primal), abs(dual)), *shares)]
        if any(new < best / 2 for new, best in zip(left, self._best, strict=True)):
            self._best = tuple(map(min, left, self._best))
            self._since = self.iterations
        self.stalled |= self.iterations - self._since >= STALLED_AFTER


def _hear(line: str, progress: Progress, on_log: Callable[[str], None] | None) -> None:
    progress.hear(line)
    if on_log is not None:
        on_log(line)


def _watch(
    process: subprocess.Popen[bytes],
    time_limit: float,
    memory_limit: float | None,
    log: _Log,
    progress: Progress,
) -> str:
    """Wait for a process, but not beyond its limits; how it ended, empty if well."""
    began, ending = time.monotonic(), ""
    try:
        while not ending and process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOKS_EVERY)
            log.tell()
            if progress.stalled:
                break
            if time.monotonic() - began > time_limit:
                ending = "Time limit reached"
            elif memory_limit is not None and _memory(process.pid) > memory_limit:
                ending = "Memory limit reached"
    finally:
        process.kill()
    process.wait()
    log.tell_the_rest()
    if progress.stalled:  # also where it ended before that was seen
        return STALLED
    if ending:
        return ending
    if process.returncode:
        said = f": {log.last}" if log.last else ""
        return f"its process ended with code {process.returncode}{said}"
    return ""


class _Log:
    """The log of a process, handed on line by line as it grows."""

    def __init__(self, file: IO[bytes], on_line: Callable[[str], None]):
        self._file, self._on_line, self._place = file, on_line, 0
        self.last = ""

    def tell(self) -> None:
        """Hand on the lines that are new and whole."""
        whole, end, _ = self._new().rpartition(b"\n")
        self._hand_on(whole + end)

    def tell_the_rest(self) -> None:
        """Hand on what came after the last look, also a line that was never ended."""
        self._hand_on(self._new())

    def _new(self) -> bytes:
        # The place in the file is the process's, and is not moved.
        file = self._file.fileno()
        return os.pread(file, os.fstat(file).st_size - self._place, self._place)

    def _hand_on(self, lines: bytes) -> None:
        self._place += len(lines)
        for line in lines.decode(errors="replace").splitlines():
            self.last = line
            self._on_line(line)


def _memory(process: int) -> float:
    """Memory of this process and another [GB]."""
    return memory_in_use() + memory_in_use(process)
