"""Commands that solve many variants: comparison, front, abatement, sensitivity, trade, events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    SolverOption,
    app,
    numbers,
    out,
    print_line,
    print_wide,
    progress,
    project_command,
)
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.sheets.units import HOURS_OF_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from meishan_model.planning.project import Project


@app.command()
def compare(
    first: Annotated[
        str | None, typer.Argument(help="A solved scenario, or <scenario>@<cost sheet>.")
    ] = None,
    second: Annotated[str | None, typer.Argument(help="Another.")] = None,
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    hours: HoursOption = HOURS_OF_YEAR,
    short_hours: Annotated[
        int, typer.Option(help="Hours of each year where all years are one problem.")
    ] = 336,
    limit: Annotated[int, typer.Option(help="Rows of each table, for two pathways.")] = 20,
    root: RootOption = Path(),
) -> None:
    """Show what differs between two solved pathways, in inputs and outputs, by size.

    Without names make the pathways of all scenarios of the park, and that of --scenario forwards
    and with foresight as well, and print one table.
    """
    from meishan_model.planning.project import open_project
    from meishan_model.report.comparison import WIDTH, comparison
    from meishan_model.studies.comparison import compare as compare_plans

    if first is not None:
        if second is None:
            remedy = "name two of them, or none for the table of all"
            raise InputError([Fault("compare", "one pathway alone", value=first, remedy=remedy)])
        if costs is not None:
            remedy = "write <scenario>@<cost sheet>"
            raise InputError([Fault("--costs", "is of no use for two pathways", remedy=remedy)])
        _compare_two((first, second), limit, hours, root)
        return
    with progress() as shown:
        project = open_project(scenario, root, costs, hours)
        table, path = compare_plans(project, short_hours, solver, shown, shown.variant)
    print_wide(comparison(table), WIDTH)
    print_line(f"Result: {path}")
    without = table[table["text"].str.startswith("no result")]
    if len(without):
        raise CheckError(f"without a result: {', '.join(without['plan'])}")


def _compare_two(names: tuple[str, str], limit: int, hours: int, root: Path) -> None:
    """Show what went into two pathways and what came out."""
    from meishan_model.planning.project import open_project
    from meishan_model.report import comparison

    projects = []
    for name in names:
        scenario, _, sheet = name.partition("@")
        folder = root / "configs" / "costs" / sheet if sheet else None
        projects.append(open_project(scenario, root, folder, hours))
    outputs = comparison.output_differences(*(p.open_result("pathway") for p in projects))
    inputs = comparison.input_differences(*projects)
    report = comparison.differences_report(inputs, outputs, names, limit)
    print_wide(report, comparison.WIDTH_OF_DIFFERENCES)


@project_command(hours=672)
def front(
    project: Project,
    thetas: Annotated[str, typer.Option(help="Exponents of the trajectory.")] = "0.5,1,1.5,2,3,4",
    budgets: Annotated[
        str, typer.Option(help="Cumulative budgets in tCO2, each turned into its theta.")
    ] = "",
    verify: Annotated[str, typer.Option(help="Exponents to solve at 8760 h as well.")] = "",
    solver: SolverOption = "highs",
) -> None:
    """Solve a pathway for each theta and show the front; what is up to date is not redone."""
    from meishan_model.report.studies import front_report, save_front_figure
    from meishan_model.studies.front import (
        front_path,
        front_points,
        front_table,
        save_front,
        theta_of_budget,
    )

    wanted = list(numbers(thetas, "thetas"))
    for budget in numbers(budgets, "budgets"):
        wanted.append(theta_of_budget(project, budget))
        print_line(f"A budget of {budget:,.0f} tCO2 is theta {wanted[-1]:.6g}.")
    runs = [(theta, project.hours) for theta in wanted]
    runs += [(theta, HOURS_OF_YEAR) for theta in numbers(verify, "verify")]
    if not runs:
        remedy = "give one or more exponents, such as 1,2"
        raise InputError([Fault("--thetas", "there are none", value=thetas, remedy=remedy)])
    with progress() as shown:
        points = front_points(project, runs, solver, shown, shown.variant)
    table = front_table(project, points)
    out.print(front_report(table, points))
    print_line(f"Result: {save_front(project, table, solver)}")
    print_line(f"Result: {front_path(project, '_slices.csv')}")
    figure = front_path(project, ".png")
    save_front_figure(table, figure)
    print_line(f"Result: {figure}")


@project_command(hours=672)
def abatement(project: Project) -> None:
    """Pull the levers one after the other in the target year; solved steps are not redone."""
    from meishan_model.planning.backcast import require_series
    from meishan_model.report.studies import abatement_report, save_abatement_figure
    from meishan_model.studies.abatement import abatement_curve
    from meishan_model.studies.study import slice_table

    target = project.scenario.target_year
    with progress() as shown:
        require_series(project, [target])
        curve = abatement_curve(project, shown.variant)
    title = f"{project.scenario.name}, {target}, {project.hours} h"
    out.print(abatement_report(curve, title))
    path = slice_table(project, "abatement", target)
    figure = path.with_suffix(".png")
    save_abatement_figure(curve, title, figure)
    print_line(f"Result: {path}")
    print_line(f"Figure: {figure}")


@project_command(hours=168)
def sensitivity(
    project: Project,
    year: Annotated[int, typer.Option(help="The slice; 0 is the target year.")] = 0,
    change: Annotated[float, typer.Option(help="Share up and down.")] = 0.2,
    sheets: Annotated[
        str, typer.Option(help="Sheets to vary, such as prices,costs/reference; empty: all.")
    ] = "",
    limit: Annotated[int, typer.Option(help="Most series to vary; 0: all.")] = 0,
    rows: Annotated[int, typer.Option(help="Series to show.")] = 30,
) -> None:
    """Solve a slice again for every assumption and lever; what is in the table is not redone."""
    from meishan_model.planning.backcast import require_series
    from meishan_model.report.studies import save_sensitivity_figure, sensitivity_report
    from meishan_model.studies import sensitivity as study
    from meishan_model.studies.study import slice_table

    chosen = [name.strip() for name in sheets.split(",") if name.strip()]
    series = study.park_series(project, chosen)
    variants = study.variants(series[: limit or None], change)
    slice_year = year or project.scenario.target_year
    with progress() as shown:
        require_series(project, [y for y in project.years if y >= slice_year])
        table = study.sensitivity(project, slice_year, variants, shown.variant)
    out.print(sensitivity_report(table, slice_year, rows))
    path = slice_table(project, "sensitivity", slice_year)
    figure = path.with_suffix(".png")
    save_sensitivity_figure(table, slice_year, rows, figure)
    print_line(f"Result: {path}")
    print_line(f"Figure: {figure}")


@project_command(hours=336)
def matching(
    project: Project,
    year: Annotated[int, typer.Argument(help="Slice to solve with each rule.")],
) -> None:
    """Solve a slice with green power matched by year, month and hour: one table."""
    from meishan_model.report.trade import MATCHING_NOTE
    from meishan_model.studies.trade import matching_table

    with progress() as shown:
        table = matching_table(project, year, shown.variant)
    _print_study(project, "matching", year, table, MATCHING_NOTE)


@project_command(hours=336)
def exposure(
    project: Project,
    year: Annotated[int, typer.Argument(help="Slice to solve at each price.")],
    prices: Annotated[
        str, typer.Option(help="Prices of carbon in CNY/tCO2, separated by commas.")
    ] = "0,100,300,800",
) -> None:
    """Solve a slice at several prices of carbon: cost, emissions, capacities that change."""
    from meishan_model.report.trade import EXPOSURE_NOTE
    from meishan_model.studies.trade import exposure_table

    levels = numbers(prices, "prices")
    if not levels or min(levels) < 0.0:
        remedy = "one or more numbers from 0 on"
        raise InputError([Fault("--prices", "are no prices", value=prices, remedy=remedy)])
    with progress() as shown:
        table = exposure_table(project, year, levels, shown.variant)
    _print_study(project, "exposure", year, table, EXPOSURE_NOTE)


def _print_study(project: Project, study: str, year: int, table: pd.DataFrame, note: str) -> None:
    """Print the table of a study of one slice and where it lies."""
    from meishan_model.report.trade import study_report
    from meishan_model.studies.study import slice_table

    title = f"{study.capitalize()}: {project.scenario.name}, {year}, {project.hours} h"
    out.print(study_report(table, title, note))
    print_line(f"Result: {slice_table(project, study, year)}")


@project_command(hours=336)
def vpp(
    project: Project,
    year: Annotated[int, typer.Argument(help="Slice whose resources answer.")],
) -> None:
    """Answer the events of events.csv with the flexible resources of YEAR, in a few weeks."""
    from meishan_model.planning.backcast import backcast, stored_assets
    from meishan_model.report.trade import virtual_power_plant_report
    from meishan_model.studies import virtual_power_plant as plant

    with progress() as shown:
        calls = plant.calls_of(project)
        backcast(project, year, "highs", shown)
        table = stored_assets(project, year)
        found = plant.virtual_power_plant(
            project, year, table, calls, lambda what: shown.stage(f"solving {what}")
        )
    title = f"{project.scenario.name}, {year}, {project.hours} h"
    out.print(virtual_power_plant_report(found, title))
    for path in plant.write_tables(project, year, found):
        print_line(f"Result: {path}")
