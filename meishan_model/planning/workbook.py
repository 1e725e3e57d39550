"""All sheets of a park in one Excel workbook, and an edited one back: all of it, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from meishan_model.components.catalogue import schemas
from meishan_model.errors import InputError
from meishan_model.planning.check_sheets import check_sheets
from meishan_model.series.climate import ClimateRow
from meishan_model.sheets.cost_rows import read_manifest
from meishan_model.sheets.park_folder import read_site
from meishan_model.sheets.rows import Row
from meishan_model.sheets.validation_rows import VALIDATION, ValidationRow
from meishan_model.sheets.workbook import park_workbook
from meishan_model.sheets.workbook_edits import EditedSheet, EditedWorkbook, read_edits
from meishan_model.whole_file import whole_file

AS_IT_WAS = "as it was"


def sheets_to_excel(
    file: str | Path, park: str, costs: str = "reference", root: str | Path = "."
) -> list[str]:
    """Write all sheets of a park and a cost sheet into one workbook with drop-downs.

    Parameters
    ----------
    file
        Workbook to write, ``.xlsx``.
    park, costs
        Folders below ``configs/`` and ``configs/costs/``.
    root
        Folder with ``configs/``.

    Returns
    -------
    list of str
        Names of the tabs.

    Raises
    ------
    InputError
        If there is no such park or cost sheet, or one of its sheets cannot be read.
    """
    folders = Path(root) / "configs" / park, Path(root) / "configs" / "costs" / costs
    read_site(folders[0])
    read_manifest(folders[1])
    book = park_workbook(*folders, _schemas())
    with whole_file(file) as partial:
        book.save(partial)
    return list(book.sheetnames)


def sheets_from_excel(file: str | Path, root: str | Path = ".") -> dict[Path, str]:
    """Bring an edited workbook back: all sheets are right and written, or none is.

    Parameters
    ----------
    file
        Workbook that :func:`sheets_to_excel` has made.
    root
        Folder with ``configs/``.

    Returns
    -------
    dict of pathlib.Path to str
        What happened to each file, such as ``"2 rows changed"``, or that it is as it was.

    Raises
    ------
    InputError
        With every fault, each with the tab, row and column of the workbook.
    """
    edited = read_edits(Path(file), Path(root) / "configs", _schemas())
    changed = [sheet for sheet in edited.sheets if sheet.changes is not None]
    if changed:
        _check(edited, changed, Path(root))
    _write(changed)
    return {sheet.sheet.path: _what_happened(sheet) for sheet in edited.sheets}


def _schemas() -> dict[str, type[Row]]:
    """Models of the rows of all sheets of a park, also of those that no slice reads."""
    return {**schemas(), "climate": ClimateRow, VALIDATION: ValidationRow}


def _check(edited: EditedWorkbook, changed: Sequence[EditedSheet], root: Path) -> None:
    """Check the sheets in a copy; faults are told with the tab, row and column of the workbook."""
    with tempfile.TemporaryDirectory(prefix="meishan-sheets-") as name:
        copy = Path(name)
        configs, series = root / "configs", root / "timeseries" / edited.park_folder.name
        for folder in (edited.park_folder, configs / "costs", configs / "scenarios", series):
            if folder != series or series.is_dir():
                shutil.copytree(folder, copy / folder.relative_to(root))
        for sheet in changed:
            (copy / sheet.sheet.path.relative_to(root)).write_bytes(sheet.content)
        try:
            check_sheets(copy, edited.park_folder.name, edited.cost_folder.name)
        except InputError as error:
            raise InputError(edited.in_workbook(f, copy, root) for f in error.faults) from error


def _write(changed: Sequence[EditedSheet]) -> None:
    """Write all files; none gets its name before all are written."""
    with ExitStack() as stack:
        partials = [stack.enter_context(whole_file(sheet.sheet.path)) for sheet in changed]
        for sheet, partial in zip(changed, partials, strict=True):
            partial.write_bytes(sheet.content)


def _what_happened(sheet: EditedSheet) -> str:
    if sheet.changes is None:
        return AS_IT_WAS
    counts = [f"{count} rows {kind}" for kind, count in sheet.changes.items() if count]
    return ", ".join(counts) or "rows in another order"
