"""``meishan powerflow``: AC power flow of a solved slice on the network of the park."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
import xarray as xr

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
from meishan_model.planning.backcast import stored_assets
from meishan_model.planning.losses import LossAgreement, agree_on_losses
from meishan_model.planning.project import Project, open_project
from meishan_model.powerflow.dispatch import slice_power_flow
from meishan_model.powerflow.feeders import feeder_reinforcement
from meishan_model.powerflow.indicators import losses
from meishan_model.powerflow.study import (
    feeder_attributes,
    grid_study,
    study_dataset,
)
from meishan_model.report.powerflow import agreement_report, powerflow_report, save_network_diagram
from meishan_model.results.files import open_results, result_path, write_atomically
from meishan_model.results.lock import scenario_lock
from meishan_model.results.powerflow_file import AGREED_SUFFIX, powerflow_path
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.model_year import HOURS_OF_YEAR


@app.command()
def powerflow(
    year: Annotated[int, typer.Argument(help="Year of a solved slice.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
    agree: Annotated[
        bool,
        typer.Option(
            "--agree",
            help="Solve the slice again with the losses found, and lay the feeders that overload.",
        ),
    ] = False,
) -> None:
    """Check a slice on the grid: voltages, loadings, losses, N-1 and hosting capacity."""
    project = open_project(scenario, root, costs, hours)
    grid = read_grid(project.park)
    where = (project.results_folder, scenario, year, project.overlay, hours)
    ds = open_results(scenario, year, project.results_folder, project.overlay, hours)
    path = powerflow_path(*where, agreed=agree)
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
                own = result_path(*where, suffix=AGREED_SUFFIX)
                write_atomically(ds, own)
                print_line(f"Slice with these losses: {own}")
            write_atomically(study_dataset(study, ds, grid), path)
            save_network_diagram(study, diagram)
    out.print(powerflow_report(study, grid))
    print_line(f"Result: {path}")
    print_line(f"Diagram: {diagram}")


def _agreement(
    project: Project, ds: xr.Dataset, grid: GridSheets, discount_rate: float
) -> LossAgreement:
    """The slice with losses that its own power flow confirms, on the feeders that it needs."""

    def losses_of(found: xr.Dataset) -> pd.DataFrame:
        plan = feeder_reinforcement(slice_power_flow(found, grid), grid, discount_rate)
        return losses(plan.flow, found)

    table = stored_assets(project, int(ds.attrs["year"]))
    tolerance = grid.parameter("loss_tolerance")
    with err.status("losses of the plan and of the power flow, round by round"):
        return agree_on_losses(project, ds, table, losses_of, tolerance)
