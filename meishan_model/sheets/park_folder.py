"""Read a park's folder of sheets into rows, with every fault of every sheet listed at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from meishan_model.errors import Fault, InputError
from meishan_model.sheets import schema
from meishan_model.sheets.park import Park, Site
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.rows import Row, ValueRow
from meishan_model.sheets.sheet import read_sheet
from meishan_model.sheets.yaml_file import read_yaml, validate

R = TypeVar("R", bound=Row)


def read_park(folder: Path) -> Park:
    """Read and validate all sheets of a park.

    Parameters
    ----------
    folder
        ``configs/<park>``.

    Raises
    ------
    InputError
        With every fault of every sheet: form, types, units, ranges, names that do not exist,
        rows that stand twice.
    """
    site: Site | None = None
    faults: list[Fault] = []
    try:
        site = read_site(folder)
    except InputError as error:
        if not folder.is_dir():
            raise
        faults += error.faults
    tables: dict[str, tuple[Row, ...]] = {}
    for name, model in schema.SHEETS.items():
        rows, found = read_rows(folder / f"{name}.csv", model)
        tables[name] = rows
        faults += found
    if site is not None and not faults:
        park = Park(folder=folder, site=site, **tables)  # type: ignore[arg-type]
        faults = list(reference_faults(park))
        if not faults:
            return park
    raise InputError(faults)


def read_site(folder: Path) -> Site:
    """Read ``park.yaml`` of a park.

    Raises
    ------
    InputError
        If there is no such park, or its file is wrong.
    """
    path = folder / "park.yaml"
    if not folder.is_dir():
        there = sorted(p.parent.name for p in folder.parent.glob("*/park.yaml"))
        remedy = f"there are: {', '.join(there) or 'none'}"
        raise InputError([Fault(str(folder), "there is no such park", remedy=remedy)])
    site = validate(Site, read_yaml(path), path)
    if site.name != folder.name:
        message = f"is not the name of the folder {folder.name}"
        fault = Fault(
            str(path), message, None, "name", site.name, f"rename one of them to {folder.name}"
        )
        raise InputError([fault])
    return site


def read_rows(path: Path, model: type[R]) -> tuple[tuple[R, ...], list[Fault]]:
    """Read one sheet into rows of a model.

    Parameters
    ----------
    path
        The CSV file.
    model
        Model of its rows.

    Returns
    -------
    rows, faults
        The rows that are right, and what is wrong with the others.
    """
    columns = [name for name in model.model_fields if name != "line"]
    if issubclass(model, ValueRow):
        trailing = list(ValueRow.model_fields)
        columns = [c for c in columns if c not in trailing] + [c for c in trailing if c != "line"]
    frame, faults = read_sheet(path, columns)
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
    skip = {
        "line",
        "name",
        "name_zh",
        *(ValueRow.model_fields if isinstance(row, ValueRow) else ()),
    }
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
