"""All sheets of a park in one workbook, with drop-downs, to be edited by an engineer.

:mod:`meishan_model.sheets.workbook_edits` reads it back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.errors import Fault, Gather, InputError, refuse
from meishan_model.sheets.cost_rows import CostRow
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.park import SHEETS
from meishan_model.sheets.row_reader import Schemas, columns_of
from meishan_model.sheets.rows import Row, defined_by, reference_in
from meishan_model.sheets.workbook_columns import closed, counted_in, head_text

LINE = "line"
"""First column of every tab: the line of the CSV file that a row came from, empty if it is new."""

ABOUT, LISTS = "about", "lists"
"""Tabs that are no sheets: what the workbook is, and the hidden vocabularies of the drop-downs."""

PARK, COSTS, HASH = "park", "costs", "sha256 of the file"
"""What the first tab says of the workbook, and its column that tells a file from another."""


SPARE_ROWS = 300
"""Rows below a sheet that are formatted and have drop-downs, for new rows."""

_WIDEST, _NARROWEST = 60, 8
_HEADER = PatternFill("solid", fgColor="DDE6EE")
_GREY = Font(color="8A949C")
_AMBER = PatternFill("solid", bgColor="FDEECB")
_TEXT_FORMAT = "@"
_NOT_KNOWN = {
    "name": "Choose from the list, or add the name on its own tab.",
    "unit": "Choose from the list; another currency needs its row on the tab currencies.",
    "word": "Choose from the list.",
}
"""What is told of a cell that is not in the list of its column; of words none other is taken."""
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_HELP = (
    "All sheets of the park and of one cost sheet. Edit, add or delete rows, then type:",
    "    meishan sheets from-excel <this file>",
    "A cell that says the same as before keeps its text in the CSV file, down to the last digit; "
    "a file that nobody touched keeps its bytes. Either all sheets are right and are written, or "
    "none is.",
    "The grey column 'line' is the line of the CSV file: leave it alone, and leave it empty in a "
    "new row.",
    "Units are a column of their own: a percentage is 12 with the unit %, never 12%. The decimal "
    "point is '.', there are no thousands separators. Empty cells mean: not given.",
    "Amber rows are assumptions and placeholders: better numbers, with their source, are welcome.",
    "A tab without rows is a sheet that the park does not need: a row in it makes the file.",
    "Point at the head of a column to read what it says; meishan sheets columns prints the same.",
    "park.yaml and the manifest of the cost sheet are not in this workbook.",
)


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

    def columns_of(self, *types: type) -> frozenset[str]:
        """Columns that hold something of some types, by the model of the rows."""
        fields = self.model.model_fields.items()
        return frozenset(n for n, f in fields if {*types} & _types(f.annotation) and n != LINE)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Columns that hold numbers."""
        return self.columns_of(int, float)

    @cached_property
    def dates(self) -> frozenset[str]:
        """Columns that hold days."""
        return self.columns_of(dt.date)

    def read(self) -> pd.DataFrame:
        """Cells as text by line of the file, shape (records, columns); none without a file.

        Raises
        ------
        InputError
            If its form is wrong; what its values mean is not looked at.
        """
        if not os.path.lexists(self.path):
            return pd.DataFrame(columns=columns_of(self.model), dtype=object)
        frame, faults = read_sheet(self.path)
        refuse(faults)
        return frame


Tables = Mapping[WorkbookSheet, pd.DataFrame]


def with_plain_breaks(text: str) -> str:
    """A text of several lines as a workbook keeps it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _types(annotation: Any) -> set[Any]:
    """The plain types in an annotation, such as that of a year that may be absent."""
    inner = get_args(annotation)
    return {t for part in inner for t in _types(part)} if inner else {annotation}


def workbook_sheets(
    park_folder: Path, cost_folder: Path, schemas: Schemas
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


def park_workbook(park_folder: Path, cost_folder: Path, schemas: Schemas) -> Workbook:
    """A workbook with a tab for each sheet.

    Parameters
    ----------
    park_folder
        ``configs/<park>``.
    cost_folder
        ``configs/costs/<sheet>``.
    schemas
        Model of the rows of each sheet of a park, by its stem.

    Returns
    -------
    openpyxl.Workbook
        Numbers as numbers, all other cells as text that a spreadsheet leaves as it is.

    Raises
    ------
    InputError
        If a sheet is wrong in its form; a value may be wrong, the workbook is a place to mend it.
    """
    sheets = workbook_sheets(park_folder, cost_folder, schemas)
    gather = Gather()
    read = ((sheet, gather(sheet.read)) for sheet in sheets)
    tables = {sheet: table for sheet, table in read if table is not None}
    gather.refuse()
    book = Workbook()
    book.remove(book.worksheets[0])
    _about(book.create_sheet(ABOUT), tables, park_folder.name, cost_folder.name)
    for sheet, table in tables.items():
        tab = book.create_sheet(sheet.tab)
        _rows(tab, sheet, table)
        _look(tab, sheet, table)
    _drop_downs(book, tables)
    return book


def _drop_downs(book: Workbook, tables: Tables) -> None:
    """Offer in each column what its schema allows, or the names that another tab defines."""
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    park = next(iter(tables)).path.parent
    own = (t["unit"] for s, t in tables.items() if s.model is not CostRow and "unit" in t)
    counted = counted_in(unit for units in own for unit in units)
    defined = {
        (sheet.path.parent, name): (sheet.tab, get_column_letter(list(table).index(name) + 2))
        for sheet, table in tables.items()
        if (name := defined_by(sheet.model)) and len(table) and table[name].is_unique
    }
    users: dict[tuple[str, ...], list[str]] = {}
    for sheet, table in tables.items():
        for place, column in enumerate(map(str, table), start=2):
            refers = reference_in(sheet.model, column)
            what, values = refers.what if refers else "", closed(sheet.model, column, counted)
            owner = defined.get((sheet.path.parent, what)) or defined.get((park, what))
            if owner:
                # A name that is added on its own tab is offered at once.
                tab, of = owner
                source = f"OFFSET({tab}!${of}$2,0,0,COUNTA({tab}!${of}:${of})-1,1)"
            elif values:
                users.setdefault(values, []).append(f"{sheet.tab}: {column}")
                letter = get_column_letter([*users].index(values) + 1)
                source = f"{LISTS}!${letter}$2:${letter}${len(values) + 1}"
            else:
                continue
            kind = "name" if owner else "unit" if column == "unit" else "word"
            letter = get_column_letter(place)
            rule = _rule(source, kind)
            rule.add(f"{letter}2:{letter}{len(table) + 1 + SPARE_ROWS}")
            book[sheet.tab].add_data_validation(rule)
    for place, (values, columns) in enumerate(users.items(), start=1):
        for row, text in enumerate(("; ".join(columns), *values), start=1):
            _write(lists, row, place, text)


def _rule(source: str, kind: str) -> DataValidation:
    """A drop-down; what is not in it is refused or, of names and units, asked for once more."""
    return DataValidation(
        type="list",
        formula1=source,
        allow_blank=True,
        errorStyle="stop" if kind == "word" else "warning",
        errorTitle="not known",
        error=_NOT_KNOWN[kind],
        showErrorMessage=True,
    )


def file_hash(path: Path) -> str:
    """Hash that tells a CSV file from the one that a workbook was made of."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"


def _about(tab: Worksheet, tables: Tables, park: str, costs: str) -> None:
    tab.append([f"Sheets of the park {park} with the costs of {costs}"])
    tab["A1"].font = Font(bold=True, size=14)
    for line in _HELP:
        tab.append([line])
    tab.append([])
    tab.append([PARK, park])
    tab.append([COSTS, costs])
    tab.append([])
    tab.append(["tab", "rows", "what it holds", HASH])
    for cell in tab[tab.max_row]:
        cell.font, cell.fill = Font(bold=True), _HEADER
    for sheet, table in tables.items():
        tab.append([sheet.tab, len(table), sheet.about, file_hash(sheet.path)])
        link = tab.cell(tab.max_row, 1)
        link.hyperlink = f"#'{sheet.tab}'!A1"
        link.font = Font(color="0072B2", underline="single")
        tab.cell(tab.max_row, 4).font = _GREY
    for letter, width in zip("ABCD", (26, 12, 90, 20), strict=True):
        tab.column_dimensions[letter].width = width


def _rows(tab: Worksheet, sheet: WorkbookSheet, table: pd.DataFrame) -> None:
    for place, name in enumerate((LINE, *table.columns), start=1):
        _write(tab, 1, place, name)
    for row, (line, *texts) in enumerate(table.itertuples(), start=2):
        tab.cell(row, 1, line).font = _GREY
        cells = zip(table.columns, texts, strict=True)
        for place, (column, text) in enumerate(cells, start=2):
            if column in sheet.numbers and _is_exact(text):
                tab.cell(row, place, float(text))
            elif text:
                try:
                    _write(tab, row, place, text)
                except IllegalCharacterError:
                    message = "holds a control character, which no workbook can"
                    remedy = "delete the character"
                    fault = Fault(str(sheet.path), message, line, column, text, remedy)
                    raise InputError([fault]) from None


def _is_exact(text: str) -> bool:
    """Whether a text is a number that a spreadsheet keeps to its last digit, the 15th."""
    digits = re.sub(r"[eE].*|\D", "", text).lstrip("0")
    return _NUMBER.fullmatch(text) is not None and len(digits) <= 15


def _write(tab: Worksheet, row: int, place: int, text: str) -> None:
    """Write a text that stays one: no date, no formula, no number."""
    # What looks like the code of a sign, such as _x000D_, is not to be read as that sign.
    cell = tab.cell(row, place, _CODE.sub("_x005F_", with_plain_breaks(text)))
    cell.data_type = "s"
    cell.number_format = _TEXT_FORMAT


def _look(tab: Worksheet, sheet: WorkbookSheet, table: pd.DataFrame) -> None:
    """Header that stays in sight, widths by content, text columns that stay text."""
    rows = len(table) + 1
    last = rows + SPARE_ROWS
    tab.freeze_panes = "B2"
    for place, name in enumerate((LINE, *table.columns), start=1):
        head = tab.cell(1, place)
        head.font, head.fill = Font(bold=True), _HEADER
        if text := head_text(sheet.model, str(name)):
            lines = sum(1 + len(line) // 45 for line in text.splitlines())
            head.comment = Comment(text, "meishan", width=340, height=24 + 18 * lines)
        letter = get_column_letter(place)
        texts = [str(cell.value or "") for cell in tab[letter]]
        width = max(len(text.encode("gb18030")) for text in texts)  # a Chinese sign is two wide
        tab.column_dimensions[letter].width = min(max(width + 3, _NARROWEST), _WIDEST)
        if name not in sheet.numbers and place > 1:
            for row in range(rows + 1, last + 1):
                tab.cell(row, place).number_format = _TEXT_FORMAT
        if name in sheet.numbers:
            head.alignment = Alignment(horizontal="right")
    tab.auto_filter.ref = f"A1:{get_column_letter(len(table.columns) + 1)}{rows}"
    if "confidence" in table:
        letter = get_column_letter(list(table.columns).index("confidence") + 2)
        assumed = f'OR(${letter}2="assumption",${letter}2="placeholder")'
        amber = DifferentialStyle(fill=_AMBER)
        rule = Rule(type="expression", formula=[assumed], dxf=amber)
        tab.conditional_formatting.add(f"{letter}2:{letter}{last}", rule)
