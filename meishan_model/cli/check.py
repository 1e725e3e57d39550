"""``meishan check``: sheets, reconciliation of the baseline, stale results, versions."""

from __future__ import annotations

from pathlib import Path

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    out,
    print_line,
)
from meishan_model.errors import CheckError, InputError
from meishan_model.inputs.grid_folder import read_grid
from meishan_model.inputs.model_year import HOURS_OF_YEAR
from meishan_model.pathway.backcast import require_series, slice_path
from meishan_model.pathway.freshness import result_states
from meishan_model.pathway.project import Project, open_project
from meishan_model.powerflow.study import study_hash
from meishan_model.powerflow.transport import transport_faults
from meishan_model.report.check import confidence_table, reconciliation
from meishan_model.report.versions import versions
from meishan_model.results.files import stored_hash
from meishan_model.results.powerflow_file import powerflow_path, stored_findings


@app.command()
def check(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = HOURS_OF_YEAR,
    root: RootOption = Path(),
) -> None:
    """Check all sheets of a scenario, print the baseline's reconciliation and stale results."""
    project = open_project(scenario, root, costs, hours)
    require_series(project, project.years)
    out.print(reconciliation(project.baseline))
    out.print(confidence_table(project.park))
    for state in result_states(project):
        print_line(str(state))
    broken = _grid(project)
    print_line("Versions: " + ", ".join(f"{name} {known}" for name, known in versions().items()))
    if broken:
        raise CheckError("limits of the grid are broken: " + "; ".join(broken))


def _grid(project: Project) -> list[str]:
    """Check the sheets of the grid and print what is known of each slice's power flow.

    A park without a folder ``grid`` has no power flow. What is broken in a power flow that is up
    to date is returned; a stale one says nothing about the slice of today.
    """
    folder = project.park_folder / "grid"
    if not folder.is_dir():
        return []
    grid = read_grid(project.park, folder)
    faults = list(transport_faults(project.park, grid))
    if faults:
        raise InputError(faults)
    broken: list[str] = []
    for year in sorted(project.years, reverse=True):
        path = powerflow_path(
            project.results_folder, project.scenario.name, year, project.overlay, project.hours
        )
        digest = stored_hash(slice_path(project, year))
        found = stored_findings(path)
        if found is None or digest is None:
            continue
        fresh = found.inputs_sha256 == study_hash(digest, grid)
        state = found.sentence if fresh else "STALE, the slice or the grid has changed"
        print_line(f"{path}: {state}")
        broken += [f"{year}: {item}" for item in found.violations if fresh]
    return broken
