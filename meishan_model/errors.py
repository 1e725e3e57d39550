"""What can go wrong outside the engine, each with the exit code of the command line.

0 is success, 2 bad input, 3 infeasible, 4 solver failure or a result that fails its checks; errors
of the engine are those of :mod:`meishan_model.optimise.errors`.
"""

from __future__ import annotations

import copyreg
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def cell_text(value: object) -> str:
    """A value as it is told in messages."""
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def spans(lines: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of the lines that follow each other.

    >>> spans([4, 5, 6, 9])
    [(4, 6), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for line in sorted(set(lines)):
        if found and found[-1][1] == line - 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found


def rows_text(lines: Iterable[int]) -> str:
    """Lines as a reader would say them.

    >>> rows_text([4, 5, 6, 9])
    'rows 4 to 6 and 9'
    >>> rows_text([7])
    'row 7'
    """
    given = set(lines)
    told = [f"{first}" if first == last else f"{first} to {last}" for first, last in spans(given)]
    if not told:
        return ""
    *head, last = told
    word = "row" if len(given) == 1 else "rows"
    return f"{word} {', '.join(head)} and {last}" if head else f"{word} {last}"


@dataclass(frozen=True)
class Fault:
    """One fault of one input: where it is, what stands there and what would be right.

    Attributes
    ----------
    file
        Path of the file as the user knows it.
    message
        What is wrong.
    row
        Line in the file, counted from 1 with the header as line 1; ``None`` for the whole file.
    column
        Column or YAML key; ``None`` for the whole row.
    value
        The value as it stands in the file.
    remedy
        What is allowed, or what to do.
    others
        Further lines with the same fault.
    name
        Of a warning, by which it can be acknowledged; a fault without one is an error.
    """

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    remedy: str | None = None
    others: tuple[int, ...] = ()
    name: str = ""

    @property
    def lines(self) -> tuple[int, ...]:
        """All lines in the file that have it."""
        return self.others if self.row is None else (self.row, *self.others)

    @property
    def places(self) -> set[tuple[str, int | None]]:
        """File and line of all that has the fault; no line of the whole file."""
        return {(self.file, row) for row in (self.row, *self.others)}

    def __str__(self) -> str:
        """Read as ``file, row 3, column value, 'abc': message; remedy``."""
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column}")
        if self.value is not None:
            where.append(f"{self.value!r}")
        text = f"{', '.join(where)}: {self.message}"
        text += f"; so have {rows_text(self.others)}" if self.others else ""
        return f"{text}; {self.remedy}" if self.remedy else text


class MeishanError(Exception):
    """Base of all errors that this package raises on purpose.

    It is pickled by its content, so that it comes whole out of another process.

    Attributes
    ----------
    kind
        Word that stands before the message on the command line.
    exit_code
        Of the command line.
    """

    kind = "meishan"
    exit_code = 4

    @property
    def headline(self) -> str:
        """The error in one line, for tables."""
        return str(self).partition("\n")[0]

    def __reduce__(self) -> tuple[object, ...]:
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class InputError(MeishanError):
    """Bad input; carries every fault that was found, not only the first."""

    kind = "input"
    exit_code = 2

    def __init__(self, faults: Iterable[Fault] | str):
        self.faults: tuple[Fault, ...] = () if isinstance(faults, str) else tuple(faults)
        super().__init__(faults if isinstance(faults, str) else "\n".join(map(str, self.faults)))


def refuse(faults: Iterable[Fault]) -> None:
    """Raise an `InputError` of some faults, if there are any."""
    if found := tuple(faults):
        raise InputError(found)


class Gather:
    """Takes steps that do not need each other, so that the faults of all are told at once.

    >>> gather = Gather()
    >>> gather(int, "4"), gather.faults
    (4, {})
    """

    def __init__(self) -> None:
        self.faults: dict[Fault, None] = {}

    def __call__(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a step gives; ``None`` where its input is wrong, which is kept."""
        try:
            return step(*args, **kwargs)
        except InputError as error:
            if not error.faults:
                raise
            self.faults |= dict.fromkeys(error.faults)
            return None

    def refuse(self) -> None:
        """Raise an `InputError` of all faults, each once, if there is any."""
        refuse(self.faults)


@contextmanager
def warned(what: str, of: type[MeishanError]) -> Iterator[None]:
    """Go on without what an error keeps from being made: the log says what, and why.

    Parameters
    ----------
    what
        What is missing then, such as ``the map is left out``.
    of
        Errors that are no reason to end; all others are raised.
    """
    try:
        yield
    except of as error:
        logger.warning("%s: %s", what, error)


class CheckError(MeishanError):
    """A solution fails the checks that every saved result has passed."""

    kind = "check"


class ContractError(MeishanError):
    """A result is not what its readers are promised: the program that made it is wrong.

    Neither an input nor a solver can bring it about, so that nothing is tried again.
    """

    kind = "contract"

    def __init__(self, result: str, violations: Iterable[object]):
        self.violations = tuple(map(str, violations))
        super().__init__(
            f"{result} breaks its contract; the program is wrong, not the input or the solver: "
            + "; ".join(self.violations)
        )


class LockError(MeishanError):
    """Another run holds the results of this scenario."""

    kind = "lock"
