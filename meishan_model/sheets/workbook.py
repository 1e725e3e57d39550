"""All sheets of a park in one workbook, with drop-downs, to be edited by an engineer.

:mod:`meishan_model.sheets.workbook_edits` reads it back.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args, get_origin

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.costs import CostRow
from meishan_model.sheets.rows import (
    NAME_PATTERN,
    OPTIONAL_NAME_PATTERN,
    NumberRow,
    Refers,
    Row,
)
from meishan_model.sheets.workbook_sheets import (
    ABOUT,
    COSTS,
    HASH,
    LINE,
    LISTS,
    PARK,
    RawSheet,
    WorkbookSheet,
    with_plain_breaks,
    workbook_sheets,
)

SPARE_ROWS = 300
"""Rows below a sheet that are formatted and have drop-downs, for new rows."""

_WIDEST, _NARROWEST = 60, 8
_HEADER = PatternFill("solid", fgColor="DDE6EE")
_GREY = Font(color="8A949C")
_AMBER = PatternFill("solid", bgColor="FDEECB")
_TEXT_FORMAT = "@"
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_HELP = (
    "All sheets of the park and of one cost sheet. Edit, add or delete rows, then type:",
    "    meishan sheets from-excel <this file>",
    "A cell that says the same as before keeps its text in the CSV file, down to the last digit; "
    "a row that nobody touched keeps its bytes. Either all sheets are right and are written, or "
    "none is.",
    "The grey column 'line' is the line of the CSV file: leave it alone, and leave it empty in a "
    "new row.",
    "Units are a column of their own: a percentage is 12 with the unit %, never 12%. The decimal "
    "point is '.', there are no thousands separators. Empty cells mean: not given.",
    "Amber rows are assumptions: better numbers, with their source, are welcome.",
    "A tab without rows is a sheet that the park does not need: a row in it makes the file.",
    "park.yaml and the manifest of the cost sheet are not in this workbook.",
)


class Choices(NamedTuple):
    """What a column offers in its drop-down, and whether it takes nothing else.

    Where a tab defines the values, they are its column of the same name.
    """

    values: tuple[str, ...]
    closed: bool
    tab: str = ""


def park_workbook(
    park_folder: Path, cost_folder: Path, schemas: Mapping[str, type[Row]]
) -> Workbook:
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
    faults: list[Fault] = []
    raws: dict[WorkbookSheet, RawSheet] = {}
    for sheet in sheets:
        try:
            raws[sheet] = sheet.read()
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    book = Workbook()
    book.remove(book.worksheets[0])
    _about(book.create_sheet(ABOUT), raws, park_folder.name, cost_folder.name)
    choices = vocabularies(raws)
    ranges = _lists(book, choices, {sheet.tab: raw.header for sheet, raw in raws.items()})
    for sheet, raw in raws.items():
        tab = book.create_sheet(sheet.tab)
        _rows(tab, sheet, raw)
        _look(tab, sheet, raw)
        for place, column in enumerate(raw.header, start=2):
            key = (sheet.tab, column)
            if key in choices:
                _drop_down(tab, place, choices[key], ranges[key], len(raw.records) + 1)
    book.move_sheet(LISTS, len(book.sheetnames))
    return book


def vocabularies(raws: Mapping[WorkbookSheet, RawSheet]) -> dict[tuple[str, str], Choices]:
    """What each column of each tab offers, by tab and column; free text and numbers offer nothing.

    Parameters
    ----------
    raws
        All sheets of the workbook.

    Returns
    -------
    dict
        Closed where the schema closes it; names that other rows define are offered as they are
        in use anywhere in the park's sheets or in those of costs, and others may be written.
    """
    used: dict[tuple[bool, str], set[str]] = defaultdict(set)
    for sheet, raw in raws.items():
        for place, column in enumerate(raw.header):
            if _is_name(sheet.model, column):
                texts = (record.cells[place] for record in raw.records.values())
                used[sheet.model is CostRow, column].update(filter(None, texts))
    filled = {sheet.tab for sheet, raw in raws.items() if raw.records}
    found = {}
    for sheet, raw in raws.items():
        for column in raw.header:
            of_costs, tab = sheet.model is CostRow, _DEFINED_IN.get(column, "")
            if of_costs or tab == sheet.tab or tab not in filled:
                tab = ""
            closed = _closed(sheet.model, column)
            if listed := closed or tuple(sorted(used[of_costs, column])):
                found[sheet.tab, column] = Choices(listed, bool(closed or tab), tab)
    return found


_DEFINED_IN = {"zone": "zones", "technology": "technologies"}
"""Tab that defines the names of a column for the whole park."""


def _is_name(model: type[Row], column: str) -> bool:
    """Whether a column holds names: by their pattern, or because it refers to what has one."""
    field = model.model_fields.get(column)
    patterns = {NAME_PATTERN, OPTIONAL_NAME_PATTERN}
    return field is not None and any(
        isinstance(mark, Refers) or getattr(mark, "pattern", None) in patterns
        for mark in field.metadata
    )


def _closed(model: type[Row], column: str) -> tuple[str, ...]:
    """Values of a column that the schema closes, in the schema's order."""
    field = model.model_fields.get(column)
    if field is not None and get_origin(field.annotation) is Literal:
        return tuple(filter(None, get_args(field.annotation)))
    quantities = model.quantities if issubclass(model, NumberRow) else {}
    if column == "unit":
        units = (unit for quantity in quantities.values() for unit in quantity.unit.split("|"))
        return tuple(dict.fromkeys(units))
    if issubclass(model, NumberRow) and column == model.quantity_column and "" not in quantities:
        # The quantities of a contract are named after its kind and its parameter.
        return tuple(dict.fromkeys(name.rpartition(".")[2] for name in quantities))
    return ()


def file_hash(path: Path) -> str:
    """Hash that tells a CSV file from the one that a workbook was made of; none without a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _about(tab: Worksheet, raws: Mapping[WorkbookSheet, RawSheet], park: str, costs: str) -> None:
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
    for sheet, raw in raws.items():
        tab.append([sheet.tab, len(raw.records), sheet.about, file_hash(sheet.path)])
        link = tab.cell(tab.max_row, 1)
        link.hyperlink = f"#'{sheet.tab}'!A1"
        link.font = Font(color="0072B2", underline="single")
        tab.cell(tab.max_row, 4).font = _GREY
    for letter, width in zip("ABCD", (26, 12, 90, 20), strict=True):
        tab.column_dimensions[letter].width = width


def _rows(tab: Worksheet, sheet: WorkbookSheet, raw: RawSheet) -> None:
    for place, name in enumerate((LINE, *raw.header), start=1):
        _write(tab, 1, place, name)
    for row, (line, record) in enumerate(raw.records.items(), start=2):
        tab.cell(row, 1, line).font = _GREY
        cells = zip(raw.header, record.cells, strict=True)
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


def _look(tab: Worksheet, sheet: WorkbookSheet, raw: RawSheet) -> None:
    """Header that stays in sight, widths by content, text columns that stay text."""
    rows = len(raw.records) + 1
    last = rows + SPARE_ROWS
    tab.freeze_panes = "B2"
    for place, name in enumerate((LINE, *raw.header), start=1):
        head = tab.cell(1, place)
        head.font, head.fill = Font(bold=True), _HEADER
        letter = get_column_letter(place)
        texts = [str(cell.value or "") for cell in tab[letter]]
        width = max(len(text.encode("gb18030")) for text in texts)  # a Chinese sign is two wide
        tab.column_dimensions[letter].width = min(max(width + 3, _NARROWEST), _WIDEST)
        if name not in sheet.numbers and place > 1:
            for row in range(rows + 1, last + 1):
                tab.cell(row, place).number_format = _TEXT_FORMAT
        if name in sheet.numbers:
            head.alignment = Alignment(horizontal="right")
    tab.auto_filter.ref = f"A1:{get_column_letter(len(raw.header) + 1)}{rows}"
    if "confidence" in raw.header:
        letter = get_column_letter(raw.header.index("confidence") + 2)
        assumed = f'${letter}2="assumption"'
        amber = DifferentialStyle(fill=_AMBER)
        rule = Rule(type="expression", formula=[assumed], dxf=amber)
        tab.conditional_formatting.add(f"{letter}2:{letter}{last}", rule)


def _lists(
    book: Workbook,
    choices: Mapping[tuple[str, str], Choices],
    headers: Mapping[str, Sequence[str]],
) -> dict[tuple[str, str], str]:
    """Write each vocabulary once on a hidden tab; where each column finds its own."""
    tab = book.create_sheet(LISTS)
    tab.sheet_state = "hidden"
    places: dict[tuple[str, ...], str] = {}
    ranges = {}
    for (name, column), choice in choices.items():
        if choice.tab:
            # A name that is added on its own tab is offered at once.
            letter = get_column_letter(headers[choice.tab].index(column) + 2)
            count = f"COUNTA({choice.tab}!${letter}:${letter})-1"
            ranges[name, column] = f"OFFSET({choice.tab}!${letter}$2,0,0,{count},1)"
            continue
        if choice.values not in places:
            letter = get_column_letter(len(places) + 1)
            for row, text in enumerate((column, *choice.values), start=1):
                _write(tab, row, len(places) + 1, text)
            places[choice.values] = f"{LISTS}!${letter}$2:${letter}${len(choice.values) + 1}"
        ranges[name, column] = places[choice.values]
    return ranges


def _drop_down(tab: Worksheet, place: int, choice: Choices, source: str, rows: int) -> None:
    letter = get_column_letter(place)
    rule = DataValidation(
        type="list",
        formula1=source,
        allow_blank=True,
        errorStyle="stop" if choice.closed else "information",
        errorTitle="not known",
        error="Choose from the list."
        if choice.closed
        else "This name is new: that is right only if another sheet defines it.",
        showErrorMessage=True,
    )
    rule.add(f"{letter}2:{letter}{rows + SPARE_ROWS}")
    tab.add_data_validation(rule)
