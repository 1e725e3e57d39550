"""``meishan powerflow``: AC power flow of a solved slice on the network of the park."""

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
    err,
    out,
    print_line,
)
from meishan_model.inputs.grid_folder import read_grid
from meishan_model.pathway.project import open_project
from meishan_model.powerflow.study import grid_study, study_dataset
from meishan_model.report.powerflow import powerflow_report, save_network_diagram
from meishan_model.results.files import open_results, write_atomically
from meishan_model.results.powerflow_file import powerflow_path


@app.command()
def powerflow(
    year: Annotated[int, typer.Argument(help="Year of a solved slice.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Check a slice on the grid: voltages, loadings, losses, N-1 and hosting capacity."""
    project = open_project(scenario, root, costs, hours)
    grid = read_grid(project.park)
    ds = open_results(scenario, year, project.results_folder, project.overlay, hours)
    with err.status("power flow of all hours, outages, hosting capacity"):
        study = grid_study(ds, grid)
        path = powerflow_path(project.results_folder, scenario, year, project.overlay, hours)
        write_atomically(study_dataset(study, ds, grid), path)
        diagram = path.with_suffix(".svg")
        save_network_diagram(study, diagram)
    out.print(powerflow_report(study, grid))
    print_line(f"Result: {path}")
    print_line(f"Diagram: {diagram}")
