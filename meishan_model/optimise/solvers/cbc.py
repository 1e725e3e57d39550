"""CBC from COIN-OR on a :class:`~optimise.problem.LinearProblem`, through MPS files.

The binary is that of PuLP's wheel (CBC 2.10.3), which returns right duals; some development
builds of CBC return zeros, so the duals are tested on a known problem before they are believed.
"""

from __future__ import annotations

import logging
import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from pulp.apis.coin_api import PULP_CBC_CMD

from ..errors import InfeasibleError, SolverError
from ..problem import (
    NO_LABELS,
    Floats,
    LinearProblem,
    RawSolution,
)
from .acceptance import duality_gap, reason_to_reject
from .big_m import tighten_big_m
from .highs_model import cost_scale_of, highs_with_problem
from .integers import solve_with_integers_fixed
from .limits import NO_LIMITS
from .tied_process import CANNOT_RUN, with_this_process
from .working_folder import working_folder

logger = logging.getLogger(__name__)


def cbc_binary() -> Path:
    """Path of the CBC binary.

    Raises
    ------
    SolverError
        If PuLP's wheel brings none for this machine.
    """
    path = Path(str(PULP_CBC_CMD.pulp_cbc_path))
    if not path.is_file():
        raise SolverError(f"there is no CBC at {path}; install PuLP with its binary, or use highs")
    return path


ROUNDING = 1e-9
"""By how much a lower bound may be above its upper one, relative above one [-]."""
GRACE = 60.0
"""Seconds after its time limit when a CBC that does not keep it is ended."""
FOLDERS = "meishan-cbc-"
"""How the names of the temporary folders begin."""


def solve_cbc(
    problem: LinearProblem,
    *,
    time_limit: float = 3600.0,
    memory_limit: float | None = None,
    mip_gap: float = NO_LIMITS.gap,
    on_log: Callable[[str], None] | None = None,
    binary: Path | None = None,
) -> RawSolution:
    """Solve a problem with CBC's simplex, and branch and bound if there are integers.

    Parameters
    ----------
    problem
        The problem; with integers the duals are those of the problem with the integers fixed.
    time_limit
        Limit of the solve [s].
    memory_limit
        Largest memory of CBC [GB].
    mip_gap
        Relative gap at which branch and bound may end [-].
    on_log
        Called with each line of CBC's log.
    binary
        Another CBC than that of :func:`cbc_binary`.

    Raises
    ------
    InfeasibleError
        If the problem has no solution or is unbounded.
    SolverError
        If CBC is missing, fails or stops before the optimum.
    """
    path = binary or cbc_binary()
    crossing = problem.column_lower - problem.column_upper
    if (crossing > ROUNDING * np.maximum(1.0, np.abs(problem.column_lower))).any():
        raise InfeasibleError("the problem is infeasible")  # CBC takes it for an error in the file
    highest = np.maximum(problem.column_upper, problem.column_lower)
    problem = replace(problem, column_upper=highest)
    run = partial(
        _run,
        path,
        time_limit=time_limit,
        memory_limit=memory_limit,
        mip_gap=mip_gap,
        on_log=on_log,
    )

    def solved(linear: LinearProblem) -> RawSolution:
        values, duals, _, _ = run(linear)
        trusted = duals_are_right(path)
        answer = RawSolution(
            column_values=values,
            row_duals=duals if trusted else None,
            objective=float(linear.cost @ values + linear.cost_offset),
            gap=duality_gap(linear, values, duals) if trusted else float("nan"),
            solver=f"CBC {cbc_version(path)}",
            iterations=0,  # CBC tells them only in its log
            history=("cbc: Optimal",),
        )
        why_not = reason_to_reject(linear, answer) if trusted else ""
        if why_not:
            raise SolverError(f"CBC found no optimum: {why_not}")
        return answer

    if problem.is_mixed_integer:
        values, _, gap, ended = run(tighten_big_m(problem))
        found = solve_with_integers_fixed(problem, values, gap, solved)
        history = (f"cbc branch and bound: {ended}", *found.history)
        found = replace(found, history=history)
    else:
        found = solved(problem)
    if found.row_duals is not None:
        return found
    logger.warning("this CBC returns wrong duals; the result will have no prices")
    refused = "cbc: duals refused, they are wrong on a known problem"
    return replace(found, history=(*found.history, refused))


@cache
def duals_are_right(binary: Path) -> bool:
    """Whether a CBC returns the duals of a problem whose duals are known.

    Two sources at costs of 3 and 5, the cheap one limited to 4, serve a demand of 10: one more
    unit of demand costs 5, one more unit of the limit saves 2.
    """
    known = LinearProblem(
        matrix=sp.csc_array(np.array([[1.0, 1.0], [1.0, 0.0]])),
        row_lower=np.array([10.0, -np.inf]),
        row_upper=np.array([10.0, 4.0]),
        column_lower=np.zeros(2),
        column_upper=np.full(2, np.inf),
        cost=np.array([3.0, 5.0]),
        cost_offset=0.0,
        integer=np.zeros(2, dtype=bool),
        labels=NO_LABELS,
    )
    _, duals, _, _ = _run(binary, known, time_limit=60.0)
    return bool(np.allclose(duals, [5.0, -2.0]))


def _run(
    binary: Path,
    problem: LinearProblem,
    *,
    time_limit: float,
    memory_limit: float | None = None,
    mip_gap: float = NO_LIMITS.gap,
    on_log: Callable[[str], None] | None = None,
) -> tuple[Floats, Floats, float, str]:
    """Column values, row duals, gap of branch and bound, and how it ended."""
    with working_folder(FOLDERS) as folder:
        model, numbers, answer = (folder / n for n in ("model.mps", "numbers", "answer.txt"))
        highs_with_problem(problem).writeModel(str(model))
        command = [str(binary), str(model), "-seconds", str(time_limit), "-timeMode", "elapsed"]
        command += ["-ratioGap", str(mip_gap)]
        command += ["-solve", "-saveSolution", str(numbers), "-solution", str(answer)]
        code, said = _call(command, time_limit + GRACE, memory_limit, on_log)
        if code or not answer.is_file():
            raise SolverError(f"CBC ended with code {code}: {said[-500:]}")
        gap = _gap(said)
        ended = _ending(answer, gap)
        return *_read_numbers(numbers, problem), gap, ended


def _gap(said: str) -> float:
    """Relative gap of branch and bound by what CBC says; zero if it names no bound.

    It names one only where it has ended before all was searched.
    """
    found = {}
    for name in ("Objective value", "Lower bound"):
        if match := re.search(rf"^{name}:\s+(\S+)$", said, re.MULTILINE):
            found[name] = float(match[1])
    if len(found) < 2:
        return 0.0
    best, bound = found.values()
    return abs(best - bound) / max(abs(best), 1e-9)


def _call(
    command: list[str],
    seconds: float,
    memory_limit: float | None,
    on_log: Callable[[str], None] | None,
) -> tuple[int, str]:
    """Exit code and output of a program, which is ended after some time or with this process."""
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            with_this_process(command, memory_limit),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SolverError(f"CBC at {command[0]} does not run: {error}") from error
    clock = threading.Timer(seconds, process.kill)
    clock.start()
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                if on_log is not None:
                    on_log(line.rstrip())
            process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            clock.cancel()
    said = "".join(lines)
    if process.returncode == CANNOT_RUN:
        raise SolverError(f"CBC at {command[0]} does not run: {said.strip()}")
    return process.returncode, said


def _ending(answer: Path, gap: float) -> str:
    """How CBC ended, by the first line of its solution.

    Raises
    ------
    InfeasibleError, SolverError
        Unless it is optimal, or stopped at its time limit with the best that it has found.
    """
    with answer.open() as lines:
        status = next(lines, "").strip()
    if status.startswith(("Infeasible", "Integer infeasible", "Unbounded")):
        raise InfeasibleError(f"the problem is {status.split(' -')[0].lower()}")
    if status.startswith("Optimal"):
        return "Optimal"
    if status.startswith("Stopped on time - objective value") and gap:
        ended = f"Stopped on time, within {gap:.1e} of the optimum"
        logger.warning("CBC branch and bound: %s", ended)
        return ended
    raise SolverError(f"CBC stopped before the optimum: {status or 'it wrote no status'}")


def _read_numbers(numbers: Path, problem: LinearProblem) -> tuple[Floats, Floats]:
    """Read column values and row duals, which CBC writes in binary with all their digits.

    Two 32-bit integers, rows and columns, and the doubles of the objective, row activities, row
    duals, column values and reduced costs.
    """
    rows, columns = problem.matrix.shape
    try:
        content = numbers.read_bytes()
    except OSError as error:
        raise SolverError(f"CBC wrote no solution: {error}") from error
    if np.frombuffer(content[:8], dtype=np.int32).tolist() != [rows, columns]:
        raise SolverError("CBC wrote no solution: its answer is not whole")
    found = np.frombuffer(content[8:])
    if len(found) != 1 + 2 * (rows + columns) or not np.isfinite(found).all():
        raise SolverError("CBC wrote no solution: its answer is not whole")
    duals = found[1 + rows : 1 + 2 * rows] / cost_scale_of(problem)
    return found[1 + 2 * rows : 1 + 2 * rows + columns].copy(), duals


@cache
def cbc_version(binary: Path) -> str:
    """Version of a CBC as it says itself.

    Parameters
    ----------
    binary
        Path of the program.

    Raises
    ------
    SolverError
        If it does not run.
    """
    _, said = _call([str(binary), "-quit"], GRACE, None, None)
    for line in said.splitlines():
        if line.startswith("Version:"):
            return line.split(":", 1)[1].strip()
    return "of unknown version"
