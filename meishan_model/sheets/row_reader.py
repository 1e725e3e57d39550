"""Read sheets into rows of the models that the caller gives, with every fault of every sheet.

What the models declare of several rows (names that other sheets define, doubles, gaps) is checked
by :func:`declared_faults` when all sheets are read.
"""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pydantic import ValidationError

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.files import meaning_of, read_sheet
from meishan_model.sheets.money_rows import PriceBase, PricedRow
from meishan_model.sheets.rows import NumberRow, Refers, Row, ValueRow, reference_in
from meishan_model.sheets.units import CURRENCY, PRICE_YEAR, factor_of, foreign_money, in_megawatts

R = TypeVar("R", bound=Row)
N = TypeVar("N", bound=NumberRow)
Schemas: TypeAlias = Mapping[str, type[Row]]
"""Model of the rows of each sheet, by its stem."""
Fill: TypeAlias = Callable[[Mapping[Any, Any]], Mapping[Any, Any]]


def read_sheets(
    folder: Path,
    schemas: Schemas,
    asked: Mapping[str, str] | None = None,
    filled: Fill = dict,
    money: PriceBase | None = None,
) -> tuple[dict[str, tuple[Row, ...]], list[Fault]]:
    """Read the sheets of a folder; one that is not there has no rows.

    Parameters
    ----------
    folder
        Where the sheets are.
    schemas
        Model of the rows by stem of the sheet.
    asked
        Why a sheet must have rows, by stem, in the place of what its model says; empty: it need
        not.
    filled
        Makes the cells of a row whole before they are checked.
    money
        What brings money of the sheets into that of the project, where they may have other.

    Returns
    -------
    rows, faults
        By stem the rows that are right; everything that is wrong, and every sheet without rows
        that cannot be done without, with the columns it needs.
    """
    tables: dict[str, tuple[Row, ...]] = {}
    faults: list[Fault] = []
    for name, model in schemas.items():
        path = folder / f"{name}.csv"
        tables[name], found = read_rows(path, model, filled=filled, money=money)
        why = (asked or {}).get(name, model.needed)
        if why and not tables[name] and not found:
            found = [without_rows(path, model, why)]
        faults += found
    return tables, faults


def without_rows(path: Path, model: type[Row], why: str) -> Fault:
    """A fault of a sheet that must have rows and has none, with the columns it needs."""
    message = "holds no row" if os.path.lexists(path) else "there is no such file"
    return Fault(
        str(path), message, remedy=f"{why}; its columns are {','.join(columns_of(model))}"
    )


def columns_of(model: type[Row]) -> list[str]:
    """Columns of a sheet in their usual order."""
    trailing = [*ValueRow.model_fields, *PricedRow.model_fields]
    place = {name: trailing.index(name) + 1 for name in trailing}
    fields = sorted(model.model_fields.items(), key=lambda field: place.get(field[0], 0))
    return [field.alias or name for name, field in fields if name != "line"]


def read_rows(
    path: Path,
    model: type[R],
    is_read: Callable[[Mapping[Any, Any]], bool] = lambda _: True,
    filled: Fill = dict,
    money: PriceBase | None = None,
) -> tuple[tuple[R, ...], list[Fault]]:
    """Read one sheet into rows of a model.

    Parameters
    ----------
    path
        The CSV file; one that is not there has no rows.
    model
        Model of its rows.
    is_read
        Tells by the cells of a row whether it is read; any other may say what it likes.
    filled
        Makes the cells of a row whole before they are checked.
    money
        What brings money of the sheet into that of the project, in which the rows come back;
        without it a sheet has no other.

    Returns
    -------
    rows, faults
        The rows that could be read, and what is wrong with them and with the others. A row whose
        number alone is wrong is there with another one, so that nothing else seems to lack it.
    """
    if not os.path.lexists(path):
        return (), []
    optional = [name for name, field in model.model_fields.items() if not field.is_required()]
    frame, faults = read_sheet(path, columns_of(model), optional)
    rows: list[R] = []
    wrong: list[Fault] = []
    of_files: dict[Fault, None] = {}
    for line, record in zip(frame.index, frame.to_dict("records"), strict=True):
        if not is_read(record):
            continue
        cells, is_given = record, True
        try:
            cells = dict(filled(record))
        except InputError as error:
            of_files |= dict.fromkeys(error.faults)
            cells, is_given = {**record, "value": STAND_INS["value"]}, False
        try:
            row = model.read(cells, str(path), int(line))
        except ValidationError as error:
            wrong += _row_faults(path, int(line), model, error)
            faulty = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
            # Only of a number any unit will do in the place of a wrong one.
            is_number = issubclass(model, NumberRow)
            if not faulty or not is_number or not STAND_INS.keys() >= faulty:
                continue
            cells, is_given = {**cells, **{c: STAND_INS[c] for c in faulty}}, False
            row = model.read(cells, str(path), int(line))
        if isinstance(row, NumberRow) and is_given:
            own, found = (row, []) if money is None else _in_own_money(row, money)
            wrong += [*found, *quantity_faults(row, own, has_rates=money is not None)]
            row = own
        rows.append(row)
    return tuple(rows), [*faults, *of_files, *_grouped(wrong), *_twice(rows)]


STAND_INS = {"value": "1", "unit": "1", "source": "-", "confidence": "derived"}
"""Cells of a row that say how much, with what stands in for a wrong one."""


def _grouped(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Faults of a sheet, each once with all rows that have it."""
    rows: dict[Fault, list[int]] = {}
    for fault in faults:
        rows.setdefault(replace(fault, row=None), []).append(fault.row or 0)
    for fault, (first, *others) in rows.items():
        yield replace(fault, row=first, others=tuple(others))


_REMEDIES = {
    "literal_error": "choose one of them",
    "string_pattern_mismatch": "a name is letters, digits and _, and begins with a letter",
    "int_parsing": "give a whole number",
}


_MESSAGES = {
    "string_pattern_mismatch": "has another form than asked for",
    "string_too_short": "is too short",
}


def _row_faults(
    path: Path, line: int, model: type[Row], error: ValidationError
) -> Iterator[Fault]:
    for problem in error.errors():
        column = str(problem["loc"][0]) if problem["loc"] else None
        if column == "value":
            remedy = "a decimal point is '.', and no thousands separators"
        elif column is not None and (meaning := meaning_of(model, column)):
            remedy = f"expected: {meaning}"
        else:
            remedy = _REMEDIES.get(problem["type"], "correct the cell")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] in _MESSAGES:
            message = "is empty" if problem["input"] == "" else _MESSAGES[problem["type"]]
        yield Fault(str(path), message, line, column, str(problem["input"]), remedy)


def _in_own_money(row: N, money: PriceBase) -> tuple[N, list[Fault]]:
    """The row in the project's money, and what of its money is not known; then as it is."""
    quantity = row.quantities.get(row.kind_of_value)
    if quantity is None or CURRENCY not in quantity.unit or row.in_base_money:
        return row, []
    currency, unit = foreign_money(row.unit, quantity.unit)
    if (currency and currency not in money.rates) or not isinstance(row, ValueRow):
        return row, []
    factor = money.factor(row, currency)
    faults = list(money.faults(row, currency))
    if not currency and factor == 1.0:
        return row, faults
    changed = {"value": row.value * factor, "unit": unit if currency else row.unit}
    own = row.model_copy(update=changed)
    own._given = {"value": row.value, "unit": row.unit}
    return own, faults


def quantity_faults(row: NumberRow, own: NumberRow, has_rates: bool) -> Iterator[Fault]:
    """What is wrong with the number of a row.

    Parameters
    ----------
    row, own
        The row as it stands in its sheet, and in the project's money.
    has_rates
        Whether the sheet may have other currencies.
    """
    quantity = row.quantities.get(row.kind_of_value)
    if quantity is None:
        allowed = f"allowed: {', '.join(name for name in row.quantities if name)}"
        name, column = row.kind_of_value, row.quantity_column
        yield Fault(row.file, "is not known", row.line, column, name, allowed)
        return
    units = quantity.unit.split("|")
    currency, _ = foreign_money(own.unit, quantity.unit)
    if currency and has_rates:
        remedy = f"give currencies.csv a row of {currency}: what it is worth in {CURRENCY} of "
        yield row.fault("unit", f"no rate of {currency} is known", f"{remedy}{PRICE_YEAR}")
        return
    if own.unit not in units and in_megawatts(own.unit) not in units:
        apparent = "; MVA times the power factor are MW" if own.unit.endswith("VA") else ""
        yield row.fault("unit", "wrong unit", f"allowed: {', '.join(units)}{apparent}")
    value = own.value * factor_of(own.unit) / factor_of(units[0])
    if not quantity.lower <= value <= quantity.upper:
        allowed = f"allowed: {quantity.span(quantity.lower, quantity.upper)}"
        yield row.fault("value", "out of range", f"{quantity.hint(value)}{allowed}")
    if quantity.whole and row.value % 1:
        yield row.fault("value", "is no whole number", f"give whole {row.unit}")
    if quantity.whole and getattr(row, "year", None) is not None:
        message, remedy = "a whole number is the same in all years", "leave the year empty"
        yield row.fault("year", message, remedy)


@cache
def key_columns(model: type[Row]) -> tuple[str, ...]:
    """Columns that say what a row is about, neither how much of it nor how it is shown."""
    skip = {"line", *model.shown, *(ValueRow.model_fields if issubclass(model, NumberRow) else ())}
    return tuple(name for name in model.model_fields if name not in skip)


def _twice(rows: Iterable[Row]) -> Iterator[Fault]:
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in key_columns(type(row)))
        first = seen.setdefault(key, row)
        if first is not row:
            differs = getattr(first, "value", None) != getattr(row, "value", None)
            what = "gives another value for what stands in" if differs else "says the same as"
            message = f"{what} row {first.line}"
            value = ", ".join(str(cell) for cell in key if cell not in ("", None))
            yield Fault(row.file, message, row.line, None, value or None, "keep one of them")


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
        Path of the sheet, for messages of rows that are not there.
    known
        The names that there are, by what they name; pairs of name and zone where a column
        refers to what is within a zone.
    """
    for column in model.model_fields:
        if refers := reference_in(model, column):
            yield from unknown_names(rows, column, refers, known)
    if model.alike:
        yield from _doubles(model, rows)
    if model.about:
        yield from _other_letters(model, rows)
    if issubclass(model, NumberRow):
        yield from _gaps(model, rows, file)


def unknown_names(
    rows: Iterable[Row], column: str, refers: Refers, known: Mapping[str, Collection[Any]]
) -> Iterator[Fault]:
    """Names in a column that no sheet defines, each once with the rows that use it.

    Parameters
    ----------
    rows, known
        As for :func:`declared_faults`.
    column
        The column.
    refers
        What it names.
    """
    names, using = known[refers.what], defaultdict[tuple[str, str], list[Row]](list)
    for row in rows:
        name, zone = getattr(row, column), getattr(row, refers.within, "")
        if name or refers.is_needed:
            using[name, zone].append(row)
    for (name, zone), (first, *others) in using.items():
        there = {n for n, z in names if zone in ("", z)} if refers.within else set(names)
        if name not in there:
            does = "no such" if name else "is empty: it must name a"
            message = f"{does} {refers.what}"
            message += f" in {refers.where}" if refers.where else ""
            message += f" in {zone or 'any zone'}" if refers.within else ""
            fault = first.fault(column, message, names_remedy(name, there))
            yield replace(fault, others=tuple(row.line for row in others))


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


def _doubles(model: type[Row], rows: Iterable[Row]) -> Iterator[Fault]:
    """Two things of one name, of which only one can be there."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name = row.name_of
        before = first.setdefault(name, row)
        other = [
            column for column in model.alike if getattr(row, column) != getattr(before, column)
        ]
        if other:
            what = "stands already" if other == ["line"] else f"has another {' and '.join(other)}"
            message = f"{' in '.join(name)} {what} in row {before.line}"
            remedy = "give another name, or correct one of the rows"
            yield row.fault(model.about[0], message, remedy)


def _other_letters(model: type[Row], rows: Iterable[Row]) -> Iterator[Fault]:
    """Names that differ in capital letters alone: two things to the package, one to people."""
    first: dict[tuple[str, ...], Row] = {}
    told: set[tuple[str, ...]] = set()
    for row in rows:
        name = row.name_of
        before = first.setdefault(tuple(part.lower() for part in name), row)
        if name != before.name_of and name not in told:
            told.add(name)
            differs = (c for c in model.about if getattr(row, c) != getattr(before, c))
            message = f"is {' in '.join(before.name_of)} of row {before.line} in other letters"
            remedy = "write the name alike, or remove one of the rows"
            yield row.fault(next(differs, model.about[0]), message, remedy)


def _gaps(model: type[NumberRow], rows: Iterable[Row], file: str) -> Iterator[Fault]:
    """Things that lack a quantity; in a sheet of single numbers the whole sheet is one thing."""
    column = model.quantity_column
    owner = [name for name in model.about if name != column]
    there: dict[tuple[str, ...], set[str]] = {} if owner else {(): set()}
    for row in rows:
        name = tuple(str(getattr(row, cell)) for cell in owner)
        there.setdefault(name, set()).add(getattr(row, column, ""))
    for name, quantities in there.items():
        for quantity in model.required:
            if quantity not in quantities:
                yield missing_row(file, column, quantity, " in ".join(filter(None, name)))
