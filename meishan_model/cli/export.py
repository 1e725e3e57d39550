"""``meishan export``: the tables of a pathway in formats that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    print_line,
    warn_if_stale,
)
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import open_project
from meishan_model.planning.whole_pathway import open_pathway, pathway_path
from meishan_model.report.export import save_csv, save_excel, save_iamc
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def export(
    scenario: ScenarioOption = "balanced",
    iamc: Annotated[bool, typer.Option("--iamc", help="IAMC format, read by pyam.")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="One workbook, tidy sheets.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A CSV file for each table.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; else beside the pathway.")
    ] = None,
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Export the yearly tables of a solved pathway; say which formats."""
    if not (iamc or excel or csv):
        remedy = "name at least one: --iamc, --excel, --csv"
        raise InputError([Fault("export", "no format is asked for", remedy=remedy)])
    project = open_project(scenario, root, costs, hours)
    dataset = open_pathway(project)
    warn_if_stale(project)
    folder = output or pathway_path(project).parent
    if iamc:
        save_iamc(dataset, folder / "pathway_iamc.xlsx")
        print_line(f"IAMC: {folder / 'pathway_iamc.xlsx'}")
    if excel:
        save_excel(dataset, folder / "pathway.xlsx")
        print_line(f"Excel: {folder / 'pathway.xlsx'}")
    if csv:
        for path in save_csv(dataset, folder / "tables"):
            print_line(f"CSV: {path}")
