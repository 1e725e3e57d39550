"""``meishan sheets`` and ``meishan costs``: workbooks of a park, files of technology-data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import RootOption, app, err, out, print_line

sheets = typer.Typer(no_args_is_help=True, help="Edit all sheets of a park in one workbook.")
app.add_typer(sheets, name="sheets")


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
    from meishan_model.planning.workbook import sheets_to_excel

    with err.status("writing the workbook"):
        tabs = sheets_to_excel(file, park, costs, root)
    print_line(f"Workbook: {file} ({len(tabs)} tabs)")


@sheets.command()
def from_excel(
    file: Annotated[Path, typer.Argument(help="Workbook that sheets to-excel has made.")],
    root: RootOption = Path(),
) -> None:
    """Bring an edited workbook back: all sheets are right and written, or none is."""
    from meishan_model.planning.workbook import sheets_from_excel

    with err.status("reading the workbook"):
        happened = sheets_from_excel(file, root)
    for path, what in happened.items():
        print_line(f"{path}: {what}")


@app.command()
def costs(
    files: Annotated[
        list[Path], typer.Argument(help="costs_<year>.csv of PyPSA's technology-data.")
    ],
    root: RootOption = Path(),
) -> None:
    """Put files of technology-data into the cost sheet configs/costs/technology_data."""
    from meishan_model.planning.new_park import TECHNOLOGY_DATA, import_costs
    from meishan_model.report.check import cost_comparison
    from meishan_model.sheets.costs import load_costs

    library = root / "configs" / "costs"
    for file in files:
        sheet = import_costs(root, file)
        reference = load_costs(library / "reference", sheet.year, library)
        out.print(cost_comparison(sheet, reference))
        print_line(f"Cost sheet: {library / TECHNOLOGY_DATA}, {sheet.year}")
