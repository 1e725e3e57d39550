"""Read sheets into rows of the models that the caller gives, with every fault of every sheet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from meishan_model.errors import Fault
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.rows import Row, ValueRow

R = TypeVar("R", bound=Row)


def read_sheets(
    folder: Path, schemas: Mapping[str, type[Row]], asked: Mapping[str, str] | None = None
) -> tuple[dict[str, tuple[Row, ...]], list[Fault]]:
    """Read the sheets of a folder; one that is not there has no rows.

    Parameters
    ----------
    folder
        Where the sheets are.
    schemas
        Model of the rows by stem of the sheet.
    asked
        Why a sheet must have rows, by stem, beside those whose model says it.

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
        tables[name], found = read_rows(path, model)
        why = (asked or {}).get(name, model.needed)
        if why and not tables[name] and not found:
            message = "holds no row" if os.path.lexists(path) else "there is no such file"
            remedy = f"{why}; its columns are {','.join(columns_of(model))}"
            found = [Fault(str(path), message, remedy=remedy)]
        faults += found
    return tables, faults


def columns_of(model: type[Row]) -> list[str]:
    """Columns of a sheet in their usual order."""
    columns = [name for name in model.model_fields if name != "line"]
    if issubclass(model, ValueRow):
        trailing = list(ValueRow.model_fields)
        columns = [c for c in columns if c not in trailing] + [c for c in trailing if c != "line"]
    return columns


def read_rows(path: Path, model: type[R]) -> tuple[tuple[R, ...], list[Fault]]:
    """Read one sheet into rows of a model.

    Parameters
    ----------
    path
        The CSV file; one that is not there has no rows.
    model
        Model of its rows.

    Returns
    -------
    rows, faults
        The rows that are right, and what is wrong with the others.
    """
    if not os.path.lexists(path):
        return (), []
    optional = [name for name, field in model.model_fields.items() if not field.is_required()]
    frame, faults = read_sheet(path, columns_of(model), optional)
    rows: list[R] = []
    for line, record in zip(frame.index, frame.to_dict("records"), strict=True):
        try:
            row = model.model_validate({**record, "line": int(line)})
        except ValidationError as error:
            faults += _row_faults(path, int(line), model, error)
            continue
        found = list(_quantity_faults(path, row)) if isinstance(row, ValueRow) else []
        faults += found
        if not found:
            rows.append(row)
    return tuple(rows), faults + list(_twice(path, rows))


_REMEDIES = {
    "literal_error": "choose one of them",
    "string_pattern_mismatch": "a name is letters, digits and _, and begins with a letter",
    "int_parsing": "give a whole number",
}


def _row_faults(
    path: Path, line: int, model: type[Row], error: ValidationError
) -> Iterator[Fault]:
    for problem in error.errors():
        column = str(problem["loc"][0]) if problem["loc"] else None
        field = model.model_fields.get(column or "")
        if column == "value":
            remedy = "a decimal point is '.', and no thousands separators"
        elif field is not None and field.description:
            remedy = f"expected: {field.description}"
        else:
            remedy = _REMEDIES.get(problem["type"], "correct the cell")
        message = problem["msg"].removeprefix("Value error, ")
        yield Fault(str(path), message, line, column, str(problem["input"]), remedy)


def _quantity_faults(path: Path, row: ValueRow) -> Iterator[Fault]:
    quantity = row.quantities.get(row.kind_of_value)
    if quantity is None:
        allowed = f"allowed: {', '.join(row.quantities)}"
        column = next((c for c in ("parameter", "item", "driver") if hasattr(row, c)), None)
        yield Fault(str(path), "is not known", row.line, column, row.kind_of_value, allowed)
        return
    if row.unit not in quantity.unit.split("|"):
        remedy = f"allowed: {quantity.unit.replace('|', ', ')}"
        yield Fault(str(path), "wrong unit", row.line, "unit", row.unit, remedy)
    if not quantity.lower <= row.value <= quantity.upper:
        remedy = f"allowed: {quantity.lower:g} to {quantity.upper:g} {row.unit}"
        yield Fault(str(path), "out of range", row.line, "value", f"{row.value:g}", remedy)


def _key(row: Row) -> tuple[object, ...]:
    """What a row is about: the cells that say neither how much nor how it is shown."""
    skip = {"line", *row.shown, *(ValueRow.model_fields if isinstance(row, ValueRow) else ())}
    return tuple(getattr(row, name) for name in type(row).model_fields if name not in skip)


def _twice(path: Path, rows: Iterable[Row]) -> Iterator[Fault]:
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = _key(row)
        if key in seen:
            message = f"says the same as row {seen[key]}"
            value = ", ".join(str(cell) for cell in key if cell not in ("", None))
            yield Fault(str(path), message, row.line, None, value or None, "keep one of them")
        seen.setdefault(key, row.line)
