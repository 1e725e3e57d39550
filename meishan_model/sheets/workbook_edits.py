"""Read an edited workbook back: which bytes of the CSV files it changes, and nothing else.

:mod:`meishan_model.sheets.workbook` makes the workbook.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.rows import Row
from meishan_model.sheets.workbook import COSTS, HASH, PARK, file_hash
from meishan_model.sheets.workbook_sheets import (
    ABOUT,
    LINE,
    RawRecord,
    RawSheet,
    WorkbookSheet,
    date_columns,
    joined,
    number_columns,
    plain,
    raw,
    read_raw,
    with_plain_breaks,
    workbook_sheets,
)

_FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAKE = "make the workbook anew with: meishan sheets to-excel"


@dataclass(frozen=True)
class Changes:
    """How many rows of a sheet are not what they were."""

    changed: int
    added: int
    deleted: int


@dataclass(frozen=True)
class EditedSheet:
    """A sheet as the workbook has it.

    Attributes
    ----------
    sheet
        The sheet.
    content
        New bytes of its CSV file; those of the old one where nothing was changed.
    changes
        What was changed, ``None`` if nothing was.
    rows
        Row of the tab by the line of the new CSV file.
    """

    sheet: WorkbookSheet
    content: bytes
    changes: Changes | None
    rows: Mapping[int, int]


@dataclass(frozen=True)
class EditedWorkbook:
    """A workbook that was read back; ``name`` is its file's, for messages.

    A sheet that was not there and still has no rows is not among its sheets.
    """

    name: str
    park_folder: Path
    cost_folder: Path
    sheets: tuple[EditedSheet, ...]

    def in_workbook(self, fault: Fault, moved: Path, to: Path) -> Fault:
        """A fault of a CSV file, told as one of the tab that the engineer has before him.

        Parameters
        ----------
        fault
            Fault of a file below `moved`.
        moved, to
            Folder in which the sheets were checked, and the one that it is a copy of.
        """
        path = Path(fault.file)
        if not path.is_relative_to(moved):
            return fault
        original = to / path.relative_to(moved)
        edited = next((e for e in self.sheets if e.sheet.path == original), None)
        if edited is None:
            return replace(fault, file=str(original))
        row = None if fault.row is None else edited.rows.get(fault.row, fault.row)
        return replace(fault, file=_place(self.name, edited.sheet.tab), row=row)


def read_edits(path: Path, configs: Path, schemas: Mapping[str, type[Row]]) -> EditedWorkbook:
    """Read a workbook and lay it over the CSV files that it was made of.

    Parameters
    ----------
    path
        The workbook.
    configs
        Folder of the parks, with ``costs`` among them.
    schemas
        Model of the rows of each sheet of a park, by its stem.

    Raises
    ------
    InputError
        If it is no such workbook, if a CSV file is no longer the one that the workbook was made
        of, if a tab or a column is missing, or if the spreadsheet turned a cell into a date, a
        percentage or an error. What the values mean is not looked at.
    """
    book, formulas = (_open(path, values) for values in (True, False))
    about = _about(book, path)
    folders = [_folder(about, PARK, configs, path), _folder(about, COSTS, configs / "costs", path)]
    faults: list[Fault] = []
    found = []
    for sheet in workbook_sheets(folders[0], folders[1], schemas):
        place = _place(path.name, sheet.tab)
        there = sheet.path.is_file()
        if sheet.tab not in book.sheetnames:
            if not there:
                continue
            remedy = f"put the tab back: without it {sheet.path.name} would be lost"
            faults.append(Fault(place, "there is no such tab", remedy=remedy))
        elif about.get(sheet.tab) != file_hash(sheet.path):
            message = "the file has been changed since the workbook was made of it"
            faults.append(Fault(str(sheet.path), message, remedy=_MAKE))
        else:
            try:
                edited = _edited(sheet, book[sheet.tab], formulas[sheet.tab], place)
            except InputError as error:
                faults += error.faults
                continue
            if there or edited.changes is not None:
                found.append(edited)
    if faults:
        raise InputError(faults)
    return EditedWorkbook(path.name, folders[0], folders[1], tuple(found))


def _place(name: str, tab: str) -> str:
    return f"{name}, sheet {tab}"


def _open(path: Path, values: bool) -> Workbook:
    try:
        return load_workbook(path, data_only=values)
    except FileNotFoundError:
        raise InputError([Fault(str(path), "there is no such file", remedy=_MAKE)]) from None
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        message = f"cannot be read as a workbook ({error})"
        remedy = "save it as .xlsx"
        raise InputError([Fault(str(path), message, remedy=remedy)]) from error


def _about(book: Workbook, path: Path) -> dict[str, str]:
    """Park, cost sheet and, by tab, the hash of the file, as the first tab says them."""
    if ABOUT not in book.sheetnames:
        message = "is no workbook of a park: there is no tab about"
        raise InputError([Fault(str(path), message, remedy=_MAKE)])
    said: dict[str, str] = {}
    column: int | None = None
    for cells in book[ABOUT].iter_rows(values_only=True):
        texts = ["" if cell is None else str(cell).strip() for cell in cells]
        if column is not None and texts[0]:
            said[texts[0]] = texts[column]
        elif HASH in texts:
            column = texts.index(HASH)
        elif texts[0] in (PARK, COSTS) and len(texts) > 1:
            said[texts[0]] = texts[1]
    return said


def _folder(about: Mapping[str, str], key: str, parent: Path, path: Path) -> Path:
    name = about.get(key, "")
    if not (_FOLDER.fullmatch(name) and (parent / name).is_dir()):
        message = f"{parent} has no such folder"
        raise InputError([Fault(_place(path.name, ABOUT), message, None, key, name, _MAKE)])
    return parent / name


def _edited(
    sheet: WorkbookSheet, values: Worksheet, formulas: Worksheet, place: str
) -> EditedSheet:
    original = read_raw(sheet)
    columns = _columns(original.header, values, place)
    line_column = _columns((LINE,), values, place, alone=False)[0]
    old_lines = map(str, original.lines[1:])
    by_line = dict(zip(old_lines, original.records[1:], strict=True))
    reader = _CellReader(place, number_columns(sheet), date_columns(sheet), values, formulas)
    records, rows, seen = [original.records[0]], [1], set[str]()
    changed = added = 0
    for row in range(2, values.max_row + 1):
        cells = [values.cell(row, c).value for c in columns]
        if all(cell is None or str(cell).strip() == "" for cell in cells):
            continue
        line = _text(values.cell(row, line_column).value)
        before = by_line.get(line)
        if before is None and line:
            remedy = "leave the column line as it was, and empty in a new row"
            reader.faults.append(Fault(place, "is no line of the file", row, LINE, line, remedy))
            continue
        known = before if line not in seen else None  # a copied row is a new one
        record = reader.record(row, columns, original.header, before)
        changed += known is not None and record.cells != known.cells
        added += known is None
        records.append(record if known is not None else RawRecord(record.cells, ""))
        rows.append(row)
        seen |= {line} if known is not None else set()
    if reader.faults:
        raise InputError(reader.faults)
    deleted = len(original.records) - 1 - len(seen)
    return _assembled(sheet, original, records, rows, Changes(changed, added, deleted))


def _assembled(
    sheet: WorkbookSheet,
    original: RawSheet,
    records: Sequence[RawRecord],
    rows: Sequence[int],
    changes: Changes,
) -> EditedSheet:
    if records and records[-1].ending == "" and original.text.endswith(("\n", "\r")):
        records = [*records[:-1], RawRecord(records[-1].cells, original.newline)]
    new = joined(original.head, records, original.newline)
    content = new.text.encode("utf-8")
    same = content == original.text.encode("utf-8")
    return EditedSheet(
        sheet, content, None if same else changes, dict(zip(new.lines, rows, strict=True))
    )


def _columns(wanted: Sequence[str], tab: Worksheet, place: str, alone: bool = True) -> list[int]:
    """Where the columns of a sheet stand in its tab; ``alone`` refuses others beside them."""
    header = [str(cell.value).strip() if cell.value is not None else "" for cell in tab[1]]
    remedy = f"the columns are {', '.join((LINE, *wanted))}"
    faults = [
        Fault(place, "missing column" if count == 0 else "duplicate column", 1, name, None, remedy)
        for name in wanted
        if (count := header.count(name)) != 1
    ]
    if alone:
        faults += [
            Fault(place, "unknown column", 1, name, None, remedy)
            for name in header
            if name and name not in (LINE, *wanted)
        ]
    if faults:
        raise InputError(faults)
    return [header.index(name) + 1 for name in wanted]


class _CellReader:
    """Turns the cells of one tab into text and collects what the spreadsheet has mangled."""

    def __init__(
        self,
        place: str,
        numbers: Iterable[str],
        dates: Iterable[str],
        values: Worksheet,
        formulas: Worksheet,
    ):
        self.place = place
        self.numbers = frozenset(numbers)
        self.dates = frozenset(dates)
        self.values = values
        self.formulas = formulas
        self.faults: list[Fault] = []

    def record(
        self, row: int, columns: Sequence[int], names: Sequence[str], before: RawRecord | None
    ) -> RawRecord:
        """A row as a record; cells that say the same as before keep their form."""
        old = before.cells if before is not None else ("",) * len(names)
        cells = []
        for place, name, form in zip(columns, names, old, strict=True):
            value = self.values.cell(row, place).value
            self.faults += self._mangled(row, place, name, value)
            if isinstance(value, dt.datetime) and name in self.dates:
                value = f"{value:%Y-%m-%d}"
            cells.append(form if _says(value, plain(form)) else raw(_text(value)))
        return RawRecord(tuple(cells), before.ending if before is not None else "")

    def _mangled(self, row: int, place: int, name: str, value: Any) -> Iterator[Fault]:
        cell, formula = self.values.cell(row, place), self.formulas.cell(row, place)
        if formula.data_type == "f" and value is None:
            remedy = "open and save the workbook in a spreadsheet, or write the number itself"
            yield self._fault("is a formula without a result", row, name, formula.value, remedy)
        elif cell.data_type == "e":
            yield self._fault("is an error of the spreadsheet", row, name, value, "correct it")
        elif isinstance(value, (dt.datetime, dt.time, dt.timedelta)) and not (
            isinstance(value, dt.datetime) and value.time() == dt.time() and name in self.dates
        ):
            remedy = "give the cell the format text and write it again"
            yield self._fault("was made a date by the spreadsheet", row, name, value, remedy)
        elif (
            isinstance(value, (int, float)) and name in self.numbers and "%" in cell.number_format
        ):
            remedy = f"write {value * 100:.15g} in the format number, with % in the column unit"
            yield self._fault("was made a percentage by the spreadsheet", row, name, value, remedy)

    def _fault(self, message: str, row: int, column: str, value: Any, remedy: str) -> Fault:
        return Fault(self.place, message, row, column, str(value), remedy)


def _says(value: Any, text: str) -> bool:
    """Whether a cell says the same as the text of the file."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            # Minus zero comes back without its sign.
            return f"{float(text) + 0.0:.15g}" == f"{float(value) + 0.0:.15g}"
        except ValueError:
            return False
    return _text(value) == with_plain_breaks(text)


def _text(value: Any) -> str:
    """A cell as the text of a CSV file; what a spreadsheet adds beyond 15 digits is its dust."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    # A text that looks like the code of a sign was written with that of its underscore.
    return with_plain_breaks(str(value)).replace("_x005F_", "_").strip()
