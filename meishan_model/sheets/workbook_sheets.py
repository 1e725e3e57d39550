"""The sheets of a workbook: their tabs, their models and their cells."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from meishan_model.errors import InputError
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

PARK, COSTS, HASH = "park", "costs", "sha256 of the file"
"""What the first tab says of the workbook, and its column that tells a file from another."""


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

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Columns that hold numbers, by the model of the rows."""
        fields = self.model.model_fields.items()
        return frozenset(n for n, f in fields if {int, float} & _types(f.annotation) and n != LINE)

    @cached_property
    def dates(self) -> frozenset[str]:
        """Columns whose pattern asks for a day such as 2026-07-01."""
        fields = self.model.model_fields.items()
        return frozenset(n for n, f in fields if any(map(_is_of_day, f.metadata)))

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
        if faults:
            raise InputError(faults)
        return frame


def with_plain_breaks(text: str) -> str:
    """A text of several lines as a workbook keeps it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _types(annotation: Any) -> set[Any]:
    """The plain types in an annotation, such as that of a year that may be absent."""
    inner = get_args(annotation)
    return {t for part in inner for t in _types(part)} if inner else {annotation}


def _is_of_day(mark: object) -> bool:
    pattern = getattr(mark, "pattern", None) or "^$"
    return re.search(pattern, "2026-07-01") is not None and not re.search(pattern, "text")


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
