"""Write a problem as an LP or MPS file with the names of the energy system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import highspy
import numpy as np

from .errors import ModelError
from .meaning import named_columns
from .problem import LinearProblem
from .solvers.highs_model import hand_over

ENDINGS = (".lp", ".mps")
_AWKWARD = re.compile(r"[^A-Za-z0-9_.(),#@]+")
"""What the LP format does not allow within a name, or what readers of it trip over."""


def write_problem(problem: LinearProblem, path: Path) -> None:
    """Write a problem by the ending of the path; names are made unique by their position.

    Parameters
    ----------
    problem
        The problem.
    path
        ``.lp`` or ``.mps``.

    Raises
    ------
    ModelError
        If the path has another ending, or the file cannot be written.
    """
    if path.suffix not in ENDINGS:
        raise ModelError(f"{path} has no known ending; {' and '.join(ENDINGS)} are known")
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    hand_over(solver, problem, 1.0)
    for give, names in (
        (solver.passColName, _unique(column_names(problem))),
        (solver.passRowName, _unique(row_names(problem))),
    ):
        for position, name in enumerate(names):
            give(position, name)
    if solver.writeModel(str(path)) == highspy.HighsStatus.kError:
        raise ModelError(f"{path} cannot be written")


def column_names(problem: LinearProblem) -> list[str]:
    """Name of each column: of the first variable that it stands for, with its step.

    Parameters
    ----------
    problem
        The problem.
    """
    names = [f"column_{i}" for i in range(problem.matrix.shape[1])]
    for name, positions in named_columns(problem):
        _name(names, name, positions)
    return names


def row_names(problem: LinearProblem) -> list[str]:
    """Name of each row: of its block, with its step.

    Parameters
    ----------
    problem
        The problem.
    """
    names = [f"row_{i}" for i in range(problem.matrix.shape[0])]
    labels = problem.labels
    blocks = {f"balance({bus})": rows for bus, rows in labels.bus_balance.items()}
    for name, positions in (blocks | dict(labels.rows)).items():
        _name(names, name, positions)
    for name, row in labels.integral_limit.items():
        names[row] = f"integral_limit({name})"
    return names


def _name(names: list[str], name: str, positions: Iterable[int]) -> None:
    """Name the places of a block, with the step where there are several."""
    places = np.asarray(positions)
    several = len(places) > 1
    for step in np.flatnonzero(places >= 0).tolist():
        names[int(places[step])] = f"{name}({step})" if several else name


def _unique(names: list[str]) -> list[str]:
    """Names that the file formats allow, each once."""
    taken: set[str] = set()
    found = []
    for position, name in enumerate(names):
        plain = _AWKWARD.sub("_", name)
        plain = f"{plain}_{position}" if plain in taken else plain
        taken.add(plain)
        found.append(plain)
    return found
