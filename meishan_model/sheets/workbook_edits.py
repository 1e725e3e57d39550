"""Read an edited workbook back: which CSV files it changes, and what they say then.

:mod:`meishan_model.sheets.workbook` makes the workbook.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.errors import Fault, InputError, refuse
from meishan_model.sheets.files import split_records
from meishan_model.sheets.rows import Row
from meishan_model.sheets.workbook import (
    ABOUT,
    COSTS,
    LINE,
    LISTS,
    PARK,
    WorkbookSheet,
    file_hash,
    with_plain_breaks,
    workbook_sheets,
)

AnyCell: TypeAlias = Cell | MergedCell
_FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAKE = "make the workbook anew with: meishan sheets to-excel"


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
        How many rows were ``changed``, ``added`` and ``deleted``; ``None`` if the sheet is as it
        was.
    rows
        Row of the tab by the line of the new CSV file.
    """

    sheet: WorkbookSheet
    content: bytes
    changes: Mapping[str, int] | None
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
        others = tuple(edited.rows.get(line, line) for line in fault.others)
        return replace(fault, file=_place(self.name, edited.sheet.tab), row=row, others=others)


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
    sheets = list(workbook_sheets(folders[0], folders[1], schemas))
    known = [ABOUT, LISTS, *(sheet.tab for sheet in sheets)]
    remedy = "take it out, or bring its rows to the tab they belong to"
    faults = [
        Fault(_place(path.name, tab), "is no sheet of the park: foreign or copied", remedy=remedy)
        for tab in book.sheetnames
        if tab not in known
    ]
    found = []
    for sheet in sheets:
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
    refuse(faults)
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
        raise InputError([Fault(str(path), message, remedy="save it as .xlsx")]) from error


def _about(book: Workbook, path: Path) -> dict[str, str]:
    """Park, cost sheet and, by tab, the hash of the file, as the first tab says them."""
    if ABOUT not in book.sheetnames:
        message = "is no workbook of a park: there is no tab about"
        raise InputError([Fault(str(path), message, remedy=_MAKE)])
    rows = book[ABOUT].iter_rows(max_col=4, values_only=True)
    return {str(name): str(of_file or text) for name, text, _, of_file in rows if name}


def _folder(about: Mapping[str, str], key: str, parent: Path, path: Path) -> Path:
    name = about.get(key, "")
    if not (_FOLDER.fullmatch(name) and (parent / name).is_dir()):
        message = f"{parent} has no such folder"
        raise InputError([Fault(_place(path.name, ABOUT), message, None, key, name, _MAKE)])
    return parent / name


def _edited(
    sheet: WorkbookSheet, values: Worksheet, formulas: Worksheet, place: str
) -> EditedSheet:
    original = sheet.read()
    header = list(original.columns)
    table, faults = _read_tab(sheet, header, values, formulas, place)
    old = {str(line): cells for line, *cells in original.itertuples()}
    records, rows, seen = [header], [1], set[str]()
    changed = added = 0
    for row, line, cells in table:
        if line and line not in old:
            remedy = "leave the column line as it was, and empty in a new row"
            faults.append(Fault(place, "is no line of the file", row, LINE, line, remedy))
            continue
        before = old.get(line, [""] * len(header))
        new = [t if _says(cell, t) else _text(cell) for cell, t in zip(cells, before, strict=True)]
        if not line or line in seen:  # a copied row is a new one
            added += 1
        else:
            changed += new != before
            seen.add(line)
        records.append(new)
        rows.append(row)
    refuse(faults)
    is_new = records != [header, *old.values()]
    changes = {"changed": changed, "added": added, "deleted": len(old) - len(seen)}
    content = sheet.path.read_bytes() if sheet.path.is_file() else b""
    if is_new:
        text = io.StringIO()
        newline = "\r\n" if b"\r\n" in content else "\n"
        csv.writer(text, lineterminator=newline).writerows(records)
        content = text.getvalue().encode("utf-8")
    lines, _ = split_records(content.decode("utf-8"), place)
    return EditedSheet(
        sheet, content, changes if is_new else None, dict(zip(lines, rows, strict=False))
    )


def _read_tab(
    sheet: WorkbookSheet, header: Sequence[str], values: Worksheet, formulas: Worksheet, place: str
) -> tuple[list[tuple[int, str, list[Any]]], list[Fault]]:
    """Number, line of the file and values of every row, and what the spreadsheet has mangled."""
    columns = _columns((LINE, *header), values, place)
    found, faults = [], list[Fault]()
    both = zip(values.iter_rows(min_row=2), formulas.iter_rows(min_row=2), strict=True)
    for row, (of_values, of_formulas) in enumerate(both, start=2):
        line, *cells = (of_values[column] for column in columns)
        if all(_text(cell.value) == "" for cell in cells):
            continue
        contents = [_content(c, n in sheet.dates) for n, c in zip(header, cells, strict=True)]
        for name, column, cell, content in zip(header, columns[1:], cells, contents, strict=True):
            if wrong := _mangled(cell, of_formulas[column], content, name in sheet.numbers):
                message, value, remedy = wrong
                faults.append(Fault(place, message, row, name, str(value), remedy))
        found.append((row, _text(line.value), contents))
    return found, faults


def _columns(wanted: Sequence[str], tab: Worksheet, place: str) -> list[int]:
    """Where the columns of a sheet stand in its tab, counted from 0."""
    header = [_text(cell.value) for cell in tab[1]]
    remedy = f"the columns are {', '.join(wanted)}"
    faults = [
        Fault(place, "missing column" if count == 0 else "duplicate column", 1, name, None, remedy)
        for name in wanted
        if (count := header.count(name)) != 1
    ]
    faults += [
        Fault(place, "unknown column", 1, name, None, remedy)
        for name in header
        if name and name not in wanted
    ]
    refuse(faults)
    return [header.index(name) for name in wanted]


def _content(cell: AnyCell, is_date: bool) -> Any:
    """What a cell holds; a day as its sheet writes it."""
    value = cell.value
    is_day = isinstance(value, dt.datetime) and value.time() == dt.time()
    return f"{value:%Y-%m-%d}" if is_day and is_date else value


def _mangled(
    cell: AnyCell, formula: AnyCell, content: Any, is_number: bool
) -> tuple[str, object, str] | None:
    """What a spreadsheet has made of a cell and nobody means: message, value and remedy."""
    if formula.data_type == "f" and content is None:
        remedy = "open and save the workbook in a spreadsheet, or write the number itself"
        return "is a formula without a result", formula.value, remedy
    if cell.data_type == "e":
        return "is an error of the spreadsheet", content, "correct it"
    if isinstance(content, (dt.datetime, dt.time, dt.timedelta)):
        remedy = "give the cell the format text and write it again"
        return "was made a date by the spreadsheet", content, remedy
    if is_number and isinstance(content, (int, float)) and "%" in cell.number_format:
        remedy = f"write {content * 100:.15g} in the format number, with % in the column unit"
        return "was made a percentage by the spreadsheet", content, remedy
    return None


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
