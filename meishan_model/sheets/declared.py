"""Check what the models of rows declare: names that other sheets define, doubles and gaps."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from meishan_model.errors import Fault
from meishan_model.sheets.rows import Refers, Row, ValueRow

_MOST_NAMES = 20
"""Known names that a message lists."""


def declared_faults(
    model: type[Row], rows: Sequence[Row], file: str, known: Mapping[str, Collection[Any]]
) -> Iterator[Fault]:
    """Everything in which the rows of a sheet break what their model declares.

    Parameters
    ----------
    model
        Model of the rows: marks its columns with :class:`~meishan_model.sheets.rows.Refers` and
        says what a row is ``about``, what is ``alike`` in all rows of one name, and which
        quantities are ``required``.
    rows
        Rows of the sheet, each right in itself.
    file
        Path of the sheet, for messages.
    known
        The names that there are, by what they name; pairs of name and zone where a column
        refers to what is within a zone.
    """
    for column, field in model.model_fields.items():
        for mark in field.metadata:
            if isinstance(mark, Refers):
                yield from _unknown_names(rows, file, column, mark, known[mark.what])
    if model.alike:
        yield from _doubles(model, rows, file)
    if issubclass(model, ValueRow):
        yield from _gaps(model, rows, file)


def _unknown_names(
    rows: Sequence[Row], file: str, column: str, refers: Refers, known: Collection[Any]
) -> Iterator[Fault]:
    """Names that no sheet defines, each once with the rows that use it."""
    lines: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        name, zone = getattr(row, column), getattr(row, refers.within, "")
        if name:
            lines.setdefault((name, zone), []).append(row.line)
    for (name, zone), of_name in lines.items():
        there = {n for n, z in known if zone in ("", z)} if refers.within else set(known)
        if name not in there:
            message = f"no such {refers.what}"
            message += f" in {refers.where}" if refers.where else ""
            message += f" in {zone or 'any zone'}" if refers.within else ""
            message += f"; so have {rows_text(of_name[1:])}" if of_name[1:] else ""
            yield Fault(file, message, of_name[0], column, name, names_remedy(name, there))


def cell_fault(file: str, row: Row, column: str, message: str, remedy: str) -> Fault:
    """A fault of one cell of a row."""
    value = getattr(row, column)
    text = f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
    return Fault(file, message, row.line, column, text, remedy)


def missing_row(file: str, column: str, name: str, owner: str = "") -> Fault:
    """A fault of a row that is not there; ``owner`` is what needs it, if not the whole sheet."""
    message = f"{owner} has no row {name}" if owner else f"there is no row {name}"
    return Fault(file, message, None, column, name, "add the row")


def names_remedy(name: str, known: Iterable[str]) -> str:
    """Remedy for a name that is not known: the one most like it, and those that there are."""
    names = sorted(known)
    listed = ", ".join(names[:_MOST_NAMES]) or "none"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    close = difflib.get_close_matches(name, names, n=1)
    return f"{f'perhaps {close[0]}; ' if close else ''}known: {listed}{more}"


def _doubles(model: type[Row], rows: Iterable[Row], file: str) -> Iterator[Fault]:
    """Two things of one name, of which only one can be there."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name = _cells(row, model.about)
        before = first.setdefault(name, row)
        if _cells(before, model.alike) != _cells(row, model.alike):
            single = model.alike == ("line",)
            what = "stands already" if single else f"has another {' or '.join(model.alike)}"
            message = f"{' in '.join(name)} {what} in row {before.line}"
            remedy = "give another name, or correct one of the rows"
            yield Fault(file, message, row.line, model.about[0], name[0], remedy)


def _gaps(model: type[ValueRow], rows: Iterable[Row], file: str) -> Iterator[Fault]:
    """Things that lack a quantity; in a sheet of single numbers the whole sheet is one thing."""
    column = model.quantity_column
    owner = [name for name in model.about if name != column]
    there: dict[tuple[str, ...], set[str]] = {} if owner else {(): set()}
    for row in rows:
        there.setdefault(_cells(row, owner), set()).add(getattr(row, column, ""))
    for name, quantities in there.items():
        for quantity in model.required:
            if quantity not in quantities:
                yield missing_row(file, column, quantity, " in ".join(filter(None, name)))


def _cells(row: Row, columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(getattr(row, column)) for column in columns)


def rows_text(lines: Iterable[int]) -> str:
    """Lines as a reader would say them.

    >>> rows_text([4, 5, 6, 9])
    'rows 4 to 6 and 9'
    >>> rows_text([7])
    'row 7'
    """
    given = sorted(set(lines))
    if not given:
        return ""
    starts = [given[0], *(after for before, after in pairwise(given) if after > before + 1)]
    ends = [*(before for before, after in pairwise(given) if after > before + 1), given[-1]]
    spans = [
        f"{first}" if first == last else f"{first} to {last}"
        for first, last in zip(starts, ends, strict=True)
    ]
    head, last = spans[:-1], spans[-1]
    word = "row" if len(given) == 1 else "rows"
    return f"{word} {', '.join(head)} and {last}" if head else f"{word} {last}"
