"""The sheets of a workbook: their tabs and models, and their raw text.

The text is split so that every quote, blank and line break is kept: a change of one cell leaves
all other bytes of the file alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.costs import CostRow
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.park import SHEETS
from meishan_model.sheets.row_reader import columns_of
from meishan_model.sheets.rows import Row

LINE = "line"
"""First column of every tab: the line of the CSV file that a row came from, empty if it is new."""

ABOUT, LISTS = "about", "lists"
"""Tabs that are no sheets: what the workbook is, and the hidden vocabularies of the drop-downs."""

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number."""


@dataclass(frozen=True)
class WorkbookSheet:
    """A CSV file that is a tab of the workbook.

    Attributes
    ----------
    tab
        Name of the tab.
    path
        The CSV file.
    model
        Model of its rows.
    """

    tab: str
    path: Path
    model: type[Row]

    @property
    def about(self) -> str:
        """What it holds."""
        return (self.model.__doc__ or "").partition("\n")[0].replace("``", "")


def workbook_sheets(
    park_folder: Path, cost_folder: Path, schemas: Mapping[str, type[Row]]
) -> tuple[WorkbookSheet, ...]:
    """All sheets of a park and of a cost sheet, in the order of the tabs.

    Those that the park does not have are among them: rows of their tab make the file. Of plug-ins
    only those are that the park has.

    Parameters
    ----------
    park_folder
        ``configs/<park>``, with its grid if it has one.
    cost_folder
        ``configs/costs/<sheet>``.
    schemas
        Model of the rows of each sheet of a park, by its stem.
    """
    grid = park_folder / "grid"
    of_grid = GRID_SHEETS if grid.is_dir() else {}
    costs = sorted(cost_folder.glob("costs_*.csv"))
    of_park = {n: (park_folder / f"{n}.csv", model) for n, model in schemas.items()}
    return (
        *(WorkbookSheet(n, *s) for n, s in of_park.items() if n in SHEETS or s[0].exists()),
        *(WorkbookSheet(f"grid_{n}", grid / f"{n}.csv", m) for n, m in of_grid.items()),
        *(WorkbookSheet(path.stem, path, CostRow) for path in costs),
    )


def read_raw(sheet: WorkbookSheet) -> RawSheet:
    """Raw text of a sheet; of one that is not there its header.

    Raises
    ------
    InputError
        If its form is wrong; what its values mean is not looked at.
    """
    if not os.path.lexists(sheet.path):
        return split_csv(",".join(columns_of(sheet.model)) + "\n")
    try:
        text = sheet.path.read_bytes().decode("utf-8")
        found = split_csv(text)
    except (OSError, ValueError):  # the reader of sheets says what is wrong
        text, found = "", RawSheet("", ())
    _, faults = read_sheet(sheet.path, found.header)
    if not found.records and not faults:
        faults = [Fault(str(sheet.path), "is empty", remedy="write at least its header")]
    if faults:
        raise InputError(faults)
    return found


def column_texts(raw: RawSheet, column: str) -> list[str]:
    """What a column says, row by row."""
    place = raw.header.index(column)
    return [plain(record.cells[place]) for record in raw.records[1:]]


def is_number(text: str) -> bool:
    """Whether a text is a number that a spreadsheet keeps to its last digit."""
    digits = re.sub(r"[eE].*|\D", "", text).lstrip("0")
    return _PLAIN_NUMBER.fullmatch(text) is not None and len(digits) <= _EXACT_DIGITS


def with_plain_breaks(text: str) -> str:
    """A text of several lines as a workbook keeps it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number_columns(sheet: WorkbookSheet) -> frozenset[str]:
    """Columns that hold numbers, by the model of the rows."""
    fields = sheet.model.model_fields.items()
    return frozenset(
        name for name, field in fields if {int, float} & _types(field.annotation) and name != LINE
    )


def _types(annotation: Any) -> set[Any]:
    """The plain types in an annotation, such as that of a year that may be absent."""
    inner = get_args(annotation)
    return {t for part in inner for t in _types(part)} if inner else {annotation}


def date_columns(sheet: WorkbookSheet) -> frozenset[str]:
    """Columns whose pattern asks for a day such as 2026-07-01."""
    return frozenset(
        name
        for name, field in sheet.model.model_fields.items()
        if any(_matches_day(getattr(mark, "pattern", None) or "^$") for mark in field.metadata)
    )


def _matches_day(pattern: str) -> bool:
    return re.search(pattern, "2026-07-01") is not None and not re.search(pattern, "text")


_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|\r|\n|\Z)')
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$')


@dataclass(frozen=True)
class RawRecord:
    """A record of a sheet.

    Attributes
    ----------
    cells
        Its cells as they stand in the file, with their quotes.
    ending
        Its line break, and the blank lines after it.
    """

    cells: tuple[str, ...]
    ending: str

    @property
    def raw(self) -> str:
        """The record as it stands in the file."""
        return ",".join(self.cells) + self.ending


@dataclass(frozen=True)
class RawSheet:
    """A sheet: blank lines before its header, then its records, the header first."""

    head: str
    records: tuple[RawRecord, ...]

    @property
    def text(self) -> str:
        """The file's text."""
        return self.head + "".join(record.raw for record in self.records)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(plain(cell) for cell in self.records[0].cells) if self.records else ()

    @property
    def lines(self) -> tuple[int, ...]:
        """Line of the file on which each record begins, counted from 1."""
        found, line = [], 1 + _breaks(self.head)
        for record in self.records:
            found.append(line)
            line += _breaks(record.raw)
        return tuple(found)

    @property
    def newline(self) -> str:
        """Line break of the file: that of its header, or the usual one."""
        first = _BREAK.search(self.records[0].ending) if self.records else None
        return first[0] if first else "\n"


def split_csv(text: str) -> RawSheet:
    """Split a text whose form :func:`~meishan_model.sheets.files.read_sheet` has found right.

    Parameters
    ----------
    text
        All of a CSV file.

    Returns
    -------
    RawSheet
        Its ``text`` is the one given.
    """
    head, records = "", list[RawRecord]()
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        match = _CELL.match(text, place)
        if match is None:
            raise ValueError(f"the text cannot be split at character {place}")
        place = match.end()
        cells.append(match[1])
        if match[2] == ",":
            continue
        record = RawRecord(tuple(cells), match[2])
        cells = []
        if len(record.cells) > 1 or plain(record.cells[0]):
            records.append(record)
        elif records:
            last = records.pop()
            records.append(RawRecord(last.cells, last.ending + record.raw))
        else:
            head += record.raw
    return RawSheet(head, tuple(records))


def joined(head: str, records: Sequence[RawRecord], newline: str) -> RawSheet:
    """A sheet of records from several places; only the last may lack its line break."""
    whole = [RawRecord(r.cells, r.ending or newline) for r in records[:-1]]
    return RawSheet(head, (*whole, *records[-1:]))


def plain(cell: str) -> str:
    """What a raw cell says, without quotes and surrounding blanks."""
    if cell.startswith('"'):
        cell = cell[1:-1].replace('""', '"')
    return cell.strip()


def raw(text: str) -> str:
    """A text as a cell, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _breaks(text: str) -> int:
    return len(_BREAK.findall(text))
