"""``meishan front``: cost against cumulative emissions for some trajectories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    SolverOption,
    app,
    err,
    numbers,
    out,
    print_line,
)
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import open_project
from meishan_model.report.studies import front_report, save_front_figure
from meishan_model.results.lock import scenario_lock
from meishan_model.results.pathway_file import pathway_hash
from meishan_model.results.table_file import write_table
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.studies.front import (
    front_path,
    front_table,
    solve_point,
    thetas_of_budgets,
    with_units,
)


@app.command()
def front(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    thetas: Annotated[str, typer.Option(help="Exponents of the trajectory.")] = "0.5,1,1.5,2,3,4",
    budgets: Annotated[
        str, typer.Option(help="Cumulative budgets [tCO2], each turned into its theta.")
    ] = "",
    verify: Annotated[str, typer.Option(help="Exponents to solve at 8760 h as well.")] = "",
    solver: SolverOption = "highs",
    hours: HoursOption = 672,
    root: RootOption = Path(),
) -> None:
    """Solve a pathway for each theta and show the front; what is up to date is not redone."""
    project = open_project(scenario, root, costs, hours)
    wanted = numbers(thetas, "thetas")
    for budget in numbers(budgets, "budgets"):
        (theta,) = thetas_of_budgets(project, [budget])
        print_line(f"A budget of {budget:,.0f} tCO2 is theta {theta:.6g}.")
        wanted = (*wanted, theta)
    runs = [(hours, theta) for theta in dict.fromkeys(wanted)]
    runs += [(HOURS_OF_YEAR, theta) for theta in numbers(verify, "verify")]
    points = []
    with err.status("reading the sheets") as status:
        for position, (length, theta) in enumerate(dict.fromkeys(runs), start=1):
            heading = f"theta {theta:.4g}, {length} h, point {position} of {len(runs)}"
            err.print(heading, style="bold", highlight=False)
            at_length = replace(project, hours=length)
            points.append(solve_point(at_length, theta, solver, ConsoleProgress(status)))
    rows = pd.concat(points, ignore_index=True)
    table = front_table(project, rows)
    out.print(front_report(table, rows))
    digest = pathway_hash(slice_hashes(project, solver))
    with scenario_lock(project.scenario_folder):
        write_table(with_units(table.reset_index()), front_path(project, ".csv"), digest)
        write_table(with_units(rows), front_path(project, "_slices.csv"), digest)
        save_front_figure(table, front_path(project, ".png"))
    for ending in (".csv", "_slices.csv", ".png"):
        print_line(f"Result: {front_path(project, ending)}")
