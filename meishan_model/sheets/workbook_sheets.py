"""Which sheets stand in the workbook of a park, and what their columns may say."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.cost_manifest import PARAMETERS
from meishan_model.sheets.csv_text import RawSheet, plain, split_csv
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.row_reader import columns_of
from meishan_model.sheets.rows import Confidence, Name, OptionalName, Row, ValueRow

LINE = "line"
"""First column of every tab: the line of the CSV file that a row came from, empty if it is new."""

ABOUT, LISTS = "about", "lists"
"""Tabs that are no sheets: what the workbook is, and the hidden vocabularies of the drop-downs."""

_OTHER_SHEETS = {
    "climate": "``climate.csv``: monthly means of the weather.",
}
_COST_TAB = "costs_"
_COSTS = "``{}``: what technologies cost, in the columns of PyPSA's technology-data."
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
        Model of its rows, ``None`` where another room reads the file.
    about
        What it holds.
    """

    tab: str
    path: Path
    model: type[Row] | None
    about: str


@dataclass(frozen=True)
class Choices:
    """What a column offers in its drop-down.

    Attributes
    ----------
    values
        In the order in which they are offered.
    closed
        Whether the column takes nothing else.
    tab
        Tab whose column of the same name defines the values; empty where none does.
    """

    values: tuple[str, ...]
    closed: bool
    tab: str = ""


def workbook_sheets(
    park_folder: Path, cost_folder: Path, schemas: Mapping[str, type[Row]]
) -> tuple[WorkbookSheet, ...]:
    """All sheets of a park and of a cost sheet, in the order of the tabs.

    Those that the park does not have are among them: rows of their tab make the file.

    Parameters
    ----------
    park_folder
        ``configs/<park>``, with its grid if it has one.
    cost_folder
        ``configs/costs/<sheet>``.
    schemas
        Model of the rows of each sheet of a park, by its stem.
    """
    found = [_of_model(park_folder / f"{name}.csv", name, m) for name, m in schemas.items()]
    found += [
        WorkbookSheet(name, park_folder / f"{name}.csv", None, about)
        for name, about in _OTHER_SHEETS.items()
    ]
    grid = park_folder / "grid"
    if grid.is_dir():
        found += [_of_model(grid / f"{n}.csv", f"grid_{n}", m) for n, m in GRID_SHEETS.items()]
    found += [
        WorkbookSheet(path.stem, path, None, _COSTS.format(path.name))
        for path in sorted(cost_folder.glob(f"{_COST_TAB}*.csv"))
    ]
    return tuple(sheet for sheet in found if sheet.model is not None or sheet.path.is_file())


def _of_model(path: Path, tab: str, model: type[Row]) -> WorkbookSheet:
    return WorkbookSheet(tab, path, model, (model.__doc__ or "").partition("\n")[0])


def read_raw(sheet: WorkbookSheet) -> RawSheet:
    """Raw text of a sheet; of one that is not there its header.

    Raises
    ------
    InputError
        If its form is wrong; what its values mean is not looked at.
    """
    if sheet.model is not None and not os.path.lexists(sheet.path):
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


def number_columns(sheet: WorkbookSheet, raw: RawSheet) -> frozenset[str]:
    """Columns that hold numbers: by the model of the rows or, without one, by what is there."""
    if sheet.model is not None:
        fields = sheet.model.model_fields
        kinds = {name: _types(field.annotation) for name, field in fields.items()}
        return frozenset(n for n, of in kinds.items() if {int, float} & of and n != LINE)
    texts = {column: [t for t in column_texts(raw, column) if t] for column in raw.header}
    return frozenset(c for c, found in texts.items() if found and all(map(is_number, found)))


def _types(annotation: Any) -> set[Any]:
    """The plain types in an annotation, such as that of a year that may be absent."""
    inner = get_args(annotation)
    return {t for part in inner for t in _types(part)} if inner else {annotation}


def date_columns(sheet: WorkbookSheet) -> frozenset[str]:
    """Columns whose pattern asks for a day such as 2026-07-01."""
    if sheet.model is None:
        return frozenset()
    patterns = {
        name: [getattr(mark, "pattern", None) for mark in field.metadata]
        for name, field in sheet.model.model_fields.items()
    }
    return frozenset(
        name for name, all_of in patterns.items() if any(p and _matches_day(p) for p in all_of)
    )


def _matches_day(pattern: str) -> bool:
    return re.search(pattern, "2026-07-01") is not None and not re.search(pattern, "text")


def vocabularies(
    raws: Mapping[WorkbookSheet, RawSheet],
) -> dict[tuple[str, str], Choices]:
    """What each column of each tab offers, by tab and column; free text and numbers offer nothing.

    Parameters
    ----------
    raws
        All sheets of the workbook.

    Returns
    -------
    dict
        Closed where the schema closes it; names that other rows define are offered as they are
        in use anywhere in the workbook, and others may be written.
    """
    used: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sheet, raw in raws.items():
        for column in raw.header:
            if _is_name(sheet, column):
                used[_scope(sheet), column].update(column_texts(raw, column))
    found = {}
    filled = {sheet.tab for sheet, raw in raws.items() if len(raw.records) > 1}
    for sheet, raw in raws.items():
        for column in raw.header:
            closed = _closed(sheet, column)
            open_names = sorted(used[_scope(sheet), column]) if _is_name(sheet, column) else []
            listed = tuple(value for value in closed or open_names if value)
            defined = _DEFINED_IN.get(column, "")
            if sheet.model is None or defined == sheet.tab or defined not in filled:
                defined = ""
            if listed:
                is_closed = bool(closed or defined)
                found[sheet.tab, column] = Choices(listed, is_closed, defined)
    return found


_NAMES_WITHOUT_MODEL = ("technology", "parameter", "profile", "unit")
_DEFINED_IN = {"zone": "zones", "technology": "technologies"}
"""Tab that defines the names of a column for the whole park."""


def _scope(sheet: WorkbookSheet) -> str:
    """Sheets in which a name means the same: the park's, those of costs, each of the others."""
    if sheet.model is not None:
        return "park"
    return "costs" if sheet.tab.startswith(_COST_TAB) else sheet.tab


def _is_name(sheet: WorkbookSheet, column: str) -> bool:
    if sheet.model is None:
        return column in _NAMES_WITHOUT_MODEL
    field = sheet.model.model_fields.get(column)
    patterns = {_pattern(Name), _pattern(OptionalName)}
    return field is not None and any(
        getattr(mark, "pattern", None) in patterns for mark in field.metadata
    )


def _pattern(annotated: Any) -> object:
    """Pattern of a kind of name."""
    return annotated.__metadata__[0].metadata[0].pattern


def _closed(sheet: WorkbookSheet, column: str) -> tuple[str, ...]:
    """Values of a column that the schema closes, in the schema's order."""
    if column == "confidence":
        return get_args(Confidence)  # the sheets of other rooms say it too
    if sheet.model is None:
        of_costs = column == "parameter" and sheet.tab.startswith(_COST_TAB)
        return tuple(PARAMETERS) if of_costs else ()
    field = sheet.model.model_fields.get(column)
    if field is not None and get_origin(field.annotation) is Literal:
        return get_args(field.annotation)
    if not issubclass(sheet.model, ValueRow):
        return ()
    quantities = sheet.model.quantities
    if column == "unit":
        units = (unit for quantity in quantities.values() for unit in quantity.unit.split("|"))
        return tuple(dict.fromkeys(units))
    if column == kind_column(sheet.model):
        # The quantities of a contract are named after its kind and its parameter.
        return tuple(dict.fromkeys(name.rpartition(".")[2] for name in quantities))
    return ()


def kind_column(model: type[ValueRow]) -> str | None:
    """Column that says which quantity a row holds, ``None`` where a sheet has only one."""
    columns: Iterable[str] = ("parameter", "item", "driver")
    return next((c for c in columns if c in model.model_fields), None)
