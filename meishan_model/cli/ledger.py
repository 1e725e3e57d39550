"""``meishan ledger``: who holds what, posted from the result files or compared with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    out,
    print_line,
)
from meishan_model.errors import Fault, InputError
from meishan_model.ledger.database import LEDGER_NAME, open_ledger
from meishan_model.ledger.facts import slice_document
from meishan_model.ledger.posting import post
from meishan_model.ledger.reading import differences, ledger_facts, unsound
from meishan_model.ledger.statement import statement_of
from meishan_model.planning.backcast import open_slice, slice_path
from meishan_model.planning.project import Project, open_project
from meishan_model.report.statement import (
    difference_table,
    ledger_table,
)
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def ledger(
    verify: Annotated[
        bool, typer.Option("--verify", help="Post nothing: compare with the result files.")
    ] = False,
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Post every solved slice to the carbon ledger, or verify what is posted (code 1 if not)."""
    project = open_project(scenario, root, costs, hours)
    slices = _solved(project)
    path = ledger_path(project)
    if verify:
        _verify(path, slices)
        return
    with open_ledger(path, create=True) as connection:
        states = {
            year: post(connection, slice_document(ds), supersede=True)
            for year, ds in slices.items()
        }
        statements = {year: statement_of(ledger_facts(connection, year)) for year in slices}
    out.print(ledger_table(states, statements, hours))
    print_line(f"Ledger: {path}")


def ledger_path(project: Project) -> Path:
    """Where the ledger of a scenario lies."""
    return slice_path(project, project.scenario.target_year).with_name(LEDGER_NAME)


def _solved(project: Project) -> dict[int, xr.Dataset]:
    """Every slice of the scenario that lies on disk, ascending."""
    years = [year for year in project.years if slice_path(project, year).is_file()]
    if not years:
        folder = ledger_path(project).parent
        remedy = f"solve some with: make pathway SCENARIO={project.scenario.name}"
        raise InputError([Fault(str(folder), "there are no solved slices", remedy=remedy)])
    return {year: open_slice(project, year) for year in years}


def _verify(path: Path, slices: dict[int, xr.Dataset]) -> None:
    """Compare the ledger with the result files row by row; exit code 1 if they differ."""
    with open_ledger(path) as connection:
        faults = list(unsound(connection))
        rows = differences(connection, map(slice_document, slices.values()))
    for fault in faults:
        print_line(f"{path}: {fault}")
    if len(rows):
        out.print(difference_table(rows))
    if faults or len(rows):
        raise typer.Exit(1)
    print_line(f"{path}: the same as the {len(slices)} result files, row by row")
