"""Commands that read what is solved: figures, statements, ledger, power flow, page and exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import (
    HoursOption,
    RootOption,
    app,
    coordinates,
    err,
    out,
    print_line,
    print_wide,
    project_command,
    warn_if_stale,
    writable,
)
from meishan_model.errors import Fault, InputError
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from meishan_model.planning.in_memory import LossAgreement
    from meishan_model.planning.project import Project
    from meishan_model.sheets.grid import GridSheets

SolvedYear = Annotated[int, typer.Argument(help="Year of a solved slice.")]


@project_command()
def dispatch(
    project: Project,
    year: SolvedYear,
    flows: Annotated[
        list[str] | None,
        typer.Argument(
            help="Coordinates, such as zone=port role=load,duty; none: supply and use of the park."
        ),
    ] = None,
    week: Annotated[int, typer.Option(help="Week of the year, from 1.")] = 28,
    by: Annotated[str, typer.Option(help="What a series is: technology, zone, role, ...")] = "",
    output: Annotated[Path, typer.Option(help="PNG, SVG or CSV file.")] = Path("dispatch.png"),
) -> None:
    """Draw the power of some flows in one week, with storage and price, or write it as a table."""
    from meishan_model.report.figures import save_dispatch_figure
    from meishan_model.report.hourly import dispatch as dispatch_table
    from meishan_model.results.slice_file import week as week_of

    ds, wanted = project.open_result(year), coordinates(flows or [])
    with writable("output", output, "PNG, SVG or CSV"):
        if output.suffix == ".csv":
            dispatch_table(week_of(ds, week), wanted, by).to_csv(output)
        else:
            save_dispatch_figure(ds, wanted, week, output, by)
    print_line(f"Written: {output}")


@project_command()
def statement(project: Project, year: SolvedYear) -> None:
    """Print the neutrality statement of a solved slice, from gross to net, with its sources."""
    from meishan_model.report.labels import labels_of
    from meishan_model.report.statement import statement_text, year_statement

    ds = project.open_result(year)
    out.print(statement_text(year_statement(project, year, ds), labels_of(ds)))


@project_command()
def ledger(
    project: Project,
    verify: Annotated[
        bool, typer.Option("--verify", help="Post nothing: compare with the result files.")
    ] = False,
) -> None:
    """Post every solved slice to the carbon ledger, or verify what is posted (code 1 if not)."""
    from meishan_model.ledger.database import LEDGER_NAME, open_ledger
    from meishan_model.ledger.facts import slice_document
    from meishan_model.ledger.posting import post
    from meishan_model.ledger.reading import differences, ledger_facts, unsound
    from meishan_model.ledger.statement import statement_of
    from meishan_model.report.statement import difference_table, ledger_table

    path = project.scenario_folder / LEDGER_NAME
    years = [year for year in project.years if project.result_path(year).is_file()]
    if not years:
        remedy = f"solve some with: make pathway SCENARIO={project.scenario.name}"
        raise InputError([Fault(str(path.parent), "there are no solved slices", remedy=remedy)])
    documents = {year: slice_document(project.open_result(year)) for year in years}
    if not verify:
        with open_ledger(path, create=True) as connection:
            states = {y: post(connection, d, supersede=True) for y, d in documents.items()}
            statements = {year: statement_of(ledger_facts(connection, year)) for year in years}
        out.print(ledger_table(states, statements, project.hours))
        print_line(f"Ledger: {path}")
        return
    with open_ledger(path) as connection:
        faults = list(unsound(connection))
        rows = differences(connection, documents.values())
    for fault in faults:
        print_line(f"{path}: {fault}")
    if len(rows):
        out.print(difference_table(rows))
    if faults or len(rows):
        raise typer.Exit(1)
    print_line(f"{path}: the same as the {len(years)} result files, row by row")


@project_command()
def powerflow(
    project: Project,
    year: SolvedYear,
    agree: Annotated[
        bool,
        typer.Option(
            "--agree",
            help="Solve the slice again with the losses found, and lay the feeders that overload.",
        ),
    ] = False,
) -> None:
    """Check a slice on the grid: voltages, loadings, losses, N-1 and hosting capacity."""
    from meishan_model.powerflow.study import feeder_attributes, grid_study, study_dataset
    from meishan_model.report.powerflow import (
        agreement_report,
        powerflow_report,
        save_network_diagram,
    )
    from meishan_model.results.files import write_atomically
    from meishan_model.results.powerflow_file import AGREED_SUFFIX, powerflow_path
    from meishan_model.results.runs import scenario_lock
    from meishan_model.sheets.grid_folder import read_grid

    grid = read_grid(project.park)
    ds = project.open_result(year)
    solved = project.result_path(year, suffix=AGREED_SUFFIX if agree else ".nc")
    path = powerflow_path(solved)
    rate = project.slices[year].parameters["discount_rate"]
    if agree:
        agreement = _agreement(project, ds, grid, rate)
        out.print(agreement_report(ds, agreement))
        ds = agreement.dataset.assign_attrs(agreed_from=ds.attrs["inputs_sha256"])
    with err.status("power flow of all hours, outages, hosting capacity"):
        study = grid_study(ds, grid, rate, lay_feeders=agree)
        diagram = path.with_suffix(".svg")
        with scenario_lock(path.parent):
            if agree:
                ds = ds.assign_attrs(feeder_attributes(study))
                write_atomically(ds, solved)
                print_line(f"Slice with these losses: {solved}")
            write_atomically(study_dataset(study, ds, grid), path)
            save_network_diagram(study, diagram)
    out.print(powerflow_report(study, grid))
    print_line(f"Result: {path}")
    print_line(f"Diagram: {diagram}")


def _agreement(
    project: Project, ds: xr.Dataset, grid: GridSheets, discount_rate: float
) -> LossAgreement:
    """The slice with losses that its own power flow confirms, on the feeders that it needs."""
    from meishan_model.planning.backcast import stored_assets
    from meishan_model.planning.in_memory import agree_on_losses
    from meishan_model.powerflow.dispatch import slice_power_flow
    from meishan_model.powerflow.feeders import feeder_reinforcement
    from meishan_model.powerflow.indicators import losses

    def losses_of(found: xr.Dataset) -> pd.DataFrame:
        plan = feeder_reinforcement(slice_power_flow(found, grid), grid, discount_rate)
        return losses(plan.flow, found)

    table = stored_assets(project, int(ds.attrs["year"]))
    tolerance = grid.parameter("loss_tolerance")
    with err.status("losses of the plan and of the power flow, round by round"):
        return agree_on_losses(project, ds, table, losses_of, tolerance)


@project_command()
def report(
    project: Project,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="HTML file; else beside the pathway.")
    ] = None,
) -> None:
    """Write the report of a solved pathway: text, tables and every hour, in two languages."""
    from meishan_model.report.html.page import collect, render_report, save_report

    target = output or project.scenario_folder / "report.html"
    with err.status("reading the results") as status:
        data = collect(project)
        warn_if_stale(project)
        status.update("drawing the figures")
        save_report(render_report(data), target)
    print_line(f"Report: {target} ({target.stat().st_size / 1e6:.1f} MB)")


@project_command()
def export(
    project: Project,
    iamc: Annotated[bool, typer.Option("--iamc", help="IAMC format, read by pyam.")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="One workbook, tidy sheets.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A CSV file for each table.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; else beside the pathway.")
    ] = None,
) -> None:
    """Export the yearly tables of a solved pathway; say which formats."""
    from meishan_model.report.export import save_csv, save_excel, save_iamc

    if not (iamc or excel or csv):
        remedy = "name at least one: --iamc, --excel, --csv"
        raise InputError([Fault("export", "no format is asked for", remedy=remedy)])
    dataset = project.open_result("pathway")
    warn_if_stale(project)
    folder = output or project.scenario_folder
    if iamc:
        save_iamc(dataset, folder / "pathway_iamc.xlsx")
        print_line(f"IAMC: {folder / 'pathway_iamc.xlsx'}")
    if excel:
        save_excel(dataset, folder / "pathway.xlsx")
        print_line(f"Excel: {folder / 'pathway.xlsx'}")
    if csv:
        for path in save_csv(dataset, folder / "tables"):
            print_line(f"CSV: {path}")


@app.command()
def diff(
    first: Annotated[str, typer.Argument(help="A solved scenario, or <scenario>@<cost sheet>.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    limit: Annotated[int, typer.Option(help="Rows of each table.")] = 20,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Show what differs between two solved pathways, in inputs and outputs, by size."""
    from meishan_model.planning.project import open_project
    from meishan_model.report import comparison

    projects = []
    for name in (first, second):
        scenario, _, sheet = name.partition("@")
        folder = root / "configs" / "costs" / sheet if sheet else None
        projects.append(open_project(scenario, root, folder, hours))
    outputs = comparison.output_differences(*(p.open_result("pathway") for p in projects))
    inputs = comparison.input_differences(*projects)
    print_wide(comparison.differences_report(inputs, outputs, (first, second), limit))
