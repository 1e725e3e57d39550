"""``meishan sheets``: all sheets of a park in one workbook, and back into CSV files."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import RootOption, app, err, print_line
from meishan_model.errors import InputError
from meishan_model.whole_file import whole_file

if TYPE_CHECKING:
    from meishan_model.sheets.rows import Row
    from meishan_model.sheets.workbook_edits import EditedSheet, EditedWorkbook

sheets = typer.Typer(no_args_is_help=True, help="Edit all sheets of a park in one workbook.")
app.add_typer(sheets, name="sheets")


def _schemas() -> dict[str, type[Row]]:
    """Models of the rows of all sheets of a park, with those of its synthetic weather."""
    from meishan_model.components.catalogue import schemas
    from meishan_model.series.climate import ClimateRow

    return {**schemas(), "climate": ClimateRow}


@sheets.command()
def to_excel(
    file: Annotated[Path, typer.Argument(help="Workbook to write, .xlsx.")],
    park: Annotated[str, typer.Option(help="Folder below configs/.")] = "meishan",
    costs: Annotated[
        str, typer.Option(help="Cost sheet, a folder below configs/costs/.")
    ] = "reference",
    root: RootOption = Path(),
) -> None:
    """Write all sheets of a park and a cost sheet into one workbook with drop-downs."""
    from meishan_model.sheets.cost_manifest import read_manifest
    from meishan_model.sheets.park_folder import read_site
    from meishan_model.sheets.workbook import park_workbook

    folders = root / "configs" / park, root / "configs" / "costs" / costs
    read_site(folders[0])
    read_manifest(folders[1])
    with err.status("writing the workbook"):
        book = park_workbook(*folders, _schemas())
        with whole_file(file) as partial:
            book.save(partial)
    print_line(f"Workbook: {file} ({len(book.sheetnames)} tabs)")


@sheets.command()
def from_excel(
    file: Annotated[Path, typer.Argument(help="Workbook that sheets to-excel has made.")],
    root: RootOption = Path(),
) -> None:
    """Bring an edited workbook back: all sheets are right and written, or none is."""
    from meishan_model.sheets.workbook_edits import read_edits

    with err.status("reading the workbook"):
        edited = read_edits(file, root / "configs", _schemas())
        changed = [sheet for sheet in edited.sheets if sheet.changes is not None]
        if changed:
            _check(edited, changed, root)
    _write(changed)
    for sheet in changed:
        print_line(f"{sheet.sheet.path}: {_counts(sheet)}")
    print_line(f"{len(edited.sheets) - len(changed)} files are as they were")


def _check(edited: EditedWorkbook, changed: list[EditedSheet], root: Path) -> None:
    """Check the sheets in a copy; faults are told with the tab, row and column of the workbook."""
    from meishan_model.planning.project import check_sheets

    with tempfile.TemporaryDirectory(prefix="meishan-sheets-") as name:
        copy = Path(name)
        for folder in (edited.park_folder, root / "configs" / "costs", root / "configs/scenarios"):
            shutil.copytree(folder, copy / folder.relative_to(root))
        for sheet in changed:
            (copy / sheet.sheet.path.relative_to(root)).write_bytes(sheet.content)
        try:
            check_sheets(copy, edited.park_folder.name, edited.cost_folder.name)
        except InputError as error:
            raise InputError(edited.in_workbook(f, copy, root) for f in error.faults) from error


def _write(changed: list[EditedSheet]) -> None:
    """Write all files; none gets its name before all are written."""
    with ExitStack() as stack:
        partials = [stack.enter_context(whole_file(sheet.sheet.path)) for sheet in changed]
        for sheet, partial in zip(changed, partials, strict=True):
            partial.write_bytes(sheet.content)


def _counts(sheet: EditedSheet) -> str:
    changes = sheet.changes
    if changes is None:
        return "as it was"
    kinds = (("changed", changes.changed), ("added", changes.added), ("deleted", changes.deleted))
    counts = [f"{count} rows {kind}" for kind, count in kinds if count]
    return ", ".join(counts) or "rows in another order"
