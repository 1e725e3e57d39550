"""Write a problem as an LP or MPS file with the names of the energy system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import highspy

from .errors import ModelError
from .meaning import column_name, named_columns
from .problem import Integers, LinearProblem
from .solvers.highs_model import hand_over

ENDINGS = (".lp", ".mps")
_AWKWARD = re.compile(r"[^A-Za-z0-9_.(),#@]+")
"""What the LP format does not allow within a name, or what readers of it trip over."""
_NO_NAME = re.compile(
    r"[0-9.].*|[eE][0-9.]*|st|s\\.t\\.|subject|such|min\w*|max\w*|bounds?|free|inf\w*|nan|bin\w*"
    r"|gen\w*|int\w*|semi\w*|semis|sos[0-9]*|end|obj",
    re.IGNORECASE,
)
"""What the LP format reads as a number or a word of its own; it gets an underscore before it."""


def write_problem(
    problem: LinearProblem, path: Path, columns: Sequence[str], rows: Sequence[str]
) -> None:
    """Write a problem by the ending of the path; names are made unique by their position.

    Parameters
    ----------
    problem
        The problem.
    path
        ``.lp`` or ``.mps``.
    columns, rows
        Names of its columns and rows in the backend, for those that the labels do not name.

    Raises
    ------
    ModelError
        If the path has another ending, the file cannot be written, or no flow can change.
    """
    if path.suffix not in ENDINGS:
        raise ModelError(f"{path} has no known ending; {' and '.join(ENDINGS)} are known")
    if not problem.matrix.shape[1]:
        raise ModelError(f"{path} is not written: nothing is left to be decided in the problem")
    try:
        # HiGHS ends the whole process where it cannot open an LP file.
        path.write_bytes(b"")
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror}") from error
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    hand_over(solver, problem, 1.0)
    for give, names in (
        (solver.passColName, unique_names(column_names(problem, columns))),
        (solver.passRowName, unique_names(row_names(problem, rows))),
    ):
        for position, name in enumerate(names):
            give(position, name)
    # A warning is that names are not allowed, and that others were written.
    if solver.writeModel(str(path)) != highspy.HighsStatus.kOk:
        raise ModelError(f"{path} cannot be written")


def column_names(problem: LinearProblem, given: Sequence[str]) -> list[str]:
    """Name of each column: ``flow(source,target)(step)`` and the like, or as it is given.

    Parameters
    ----------
    problem
        The problem.
    given
        Names of all columns in the backend.
    """
    names = list(given)
    for name, positions in named_columns(problem):
        _name(names, name, positions)
    return names


def row_names(problem: LinearProblem, given: Sequence[str]) -> list[str]:
    """Name of each row: ``balance(bus)(step)`` and the like, or as it is given.

    Parameters
    ----------
    problem
        The problem.
    given
        Names of all rows in the backend.
    """
    names, labels = list(given), problem.labels
    for name, positions in labels.rows.items():
        _name(names, name, positions)
    for bus, positions in labels.bus_balance.items():
        _name(names, column_name("balance", bus), positions)
    for name, row in labels.integral_limit.items():
        names[row] = column_name("integral_limit", name)
    for name, row in labels.integral_minimum.items():
        names[row] = column_name("integral_minimum", name)
    return names


def _name(names: list[str], name: str, positions: Integers) -> None:
    """Name the places of a block, with the step where there are several."""
    several = len(positions) > 1
    for step, place in enumerate(positions.tolist()):
        if place >= 0:
            names[place] = f"{name}({step})" if several else name


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that the file formats allow, each once.

    Brackets become round and arrows commas, letters outside ASCII their code in hexadecimal,
    what else is not allowed an underscore. Of names that are the same then, all but the first get
    their position.

    Parameters
    ----------
    names
        Names in the order of their columns or rows.
    """
    plain = [_allowed(name) for name in names]
    taken, found = set(plain), []
    seen: set[str] = set()
    for position, name in enumerate(plain):
        unique = name
        while unique in seen or (unique != name and unique in taken):
            unique = f"{unique}_{position}"
        seen.add(unique)
        found.append(unique)
    return found


def _allowed(name: str) -> str:
    plain = name.replace("->", ",").replace("[", "(").replace("]", ")")
    plain = plain.encode("ascii", "backslashreplace").decode().replace("\\", "")
    plain = _AWKWARD.sub("_", plain)
    return f"_{plain}" if _NO_NAME.fullmatch(plain) or not plain else plain
