"""CBC from COIN-OR on a :class:`~meishan_model.optimise.problem.LinearProblem`, through MPS files.

The binary is that of PuLP's wheel (CBC 2.10.3), which returns right duals; some development
builds of CBC return zeros, so the duals are tested on a known problem before they are believed.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from pulp.apis.coin_api import PULP_CBC_CMD

from meishan_model.errors import InfeasibleError, SolverError
from meishan_model.optimise.highs import (
    COST_SCALE,
    duality_gap,
    fix_integers,
    highs_with_problem,
)
from meishan_model.optimise.problem import NO_LABELS, Floats, LinearProblem, RawSolution

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


def solve_cbc(
    problem: LinearProblem, *, time_limit: float = 3600.0, binary: Path | None = None
) -> RawSolution:
    """Solve a problem with CBC's simplex, and branch and bound if there are integers.

    Parameters
    ----------
    problem
        The problem; with integers the duals are those of the problem with the integers fixed.
    time_limit
        Limit of the solve [s].
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
    values, duals = _run(path, problem, time_limit)
    history = ["cbc: Optimal"]
    if problem.is_mixed_integer:
        problem = fix_integers(problem, values)
        values, duals = _run(path, problem, time_limit)
        history.append("cbc with integers fixed: Optimal")
    trusted = duals_are_right(path)
    if not trusted:
        logger.warning("this CBC returns wrong duals; the result will have no prices")
        history.append("cbc: duals refused, they are wrong on a known problem")
    return RawSolution(
        column_values=values,
        row_duals=duals if trusted else None,
        objective=float(problem.cost @ values + problem.cost_offset),
        gap=duality_gap(problem, values, duals) if trusted else float("nan"),
        solver=f"CBC {_version(path)}",
        iterations=0,  # CBC tells them only in its log
        history=tuple(history),
    )


@cache
def duals_are_right(binary: Path) -> bool:
    """Whether a CBC returns the duals of a problem whose duals are known.

    Two sources at 3 and 5 CNY/MWh, the cheap one limited to 4 MW, serve 10 MW: one more MW of
    demand costs 5, one more MW of the limit saves 2.
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
    _, duals = _run(binary, known, 60.0)
    return bool(np.allclose(duals, [5.0, -2.0]))


def _run(binary: Path, problem: LinearProblem, time_limit: float) -> tuple[Floats, Floats]:
    with tempfile.TemporaryDirectory(prefix="meishan-cbc-") as folder:
        model, answer = Path(folder, "model.mps"), Path(folder, "answer.txt")
        highs_with_problem(problem).writeModel(str(model))
        command = [str(binary), str(model), "-seconds", str(time_limit), "-timeMode", "elapsed"]
        command += ["-solve", "-printingOptions", "all", "-solution", str(answer)]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise SolverError(f"CBC at {binary} does not run: {error}") from error
        if run.returncode or not answer.is_file():
            raise SolverError(f"CBC ended with code {run.returncode}: {run.stdout[-500:]}")
        return _read_answer(answer, problem)


def _read_answer(answer: Path, problem: LinearProblem) -> tuple[Floats, Floats]:
    """Read ``index name value dual`` lines; names are r<row> and c<column>."""
    with answer.open() as lines:
        status = next(lines).strip()
        body = [line.replace("**", "").split() for line in lines]
    if status.startswith(("Infeasible", "Integer infeasible", "Unbounded")):
        raise InfeasibleError(f"the problem is {status.split(' -')[0].lower()}")
    if not status.startswith("Optimal"):
        raise SolverError(f"CBC stopped before the optimum: {status}")
    rows, columns = problem.matrix.shape
    values, duals = np.zeros(columns), np.zeros(rows)
    for _, name, value, dual in body:
        place = int(name[1:])
        if name[0] == "c":
            values[place] = float(value)
        else:
            duals[place] = float(dual) / COST_SCALE
    return values, duals


@cache
def _version(binary: Path) -> str:
    run = subprocess.run([str(binary), "-quit"], capture_output=True, text=True, check=False)
    for line in run.stdout.splitlines():
        if line.startswith("Version:"):
            return line.split(":", 1)[1].strip()
    return "of unknown version"
