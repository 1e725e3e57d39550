"""``meishan check``: sheets, reconciliation of the baseline, stale results, versions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from meishan_model.accounts.checks import pathway_failures, slice_failures
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
from meishan_model.planning.backcast import open_slice, require_series, slice_path
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.whole_pathway import open_pathway, pathway_path
from meishan_model.powerflow.study import study_hash
from meishan_model.powerflow.transport import transport_faults
from meishan_model.report.check import (
    confidence_table,
    defaults_and_absent,
    reconciliation,
    versions,
)
from meishan_model.results.files import result_path, stored_hash
from meishan_model.results.powerflow_file import (
    AGREED_SUFFIX,
    Findings,
    powerflow_path,
    stored_findings,
)
from meishan_model.results.validation import validate_pathway, validate_slice
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.studies.freshness import result_states


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
    if project.park.baseline:
        out.print(reconciliation(project.baseline))
    out.print(confidence_table(project.park))
    for line in defaults_and_absent(project.park):
        print_line(line)
    states = result_states(project)
    for state in states:
        print_line(str(state))
    failures = list(_failures(project, {s.path for s in states if s.state == "up to date"}))
    broken = _grid(project)
    print_line("Versions: " + ", ".join(f"{name} {known}" for name, known in versions().items()))
    if failures:
        raise CheckError("results on disk fail their checks: " + "; ".join(failures))
    if broken:
        raise CheckError("limits of the grid are broken: " + "; ".join(broken))


def _failures(project: Project, up_to_date: Collection[Path]) -> Iterator[str]:
    """Checks that slices and the pathway fail as they lie on disk, those that are up to date."""
    for path in filter(up_to_date.__contains__, (slice_path(project, y) for y in project.years)):
        ds = open_slice(project, int(path.stem))
        yield from (f"{path}: {text}" for text in validate_slice(ds) or slice_failures(ds))
    path = pathway_path(project)
    if path in up_to_date:
        ds = open_pathway(project)
        yield from (f"{path}: {text}" for text in validate_pathway(ds) or pathway_failures(ds))


def _grid(project: Project) -> list[str]:
    """Check the sheets of the grid and print what is known of each slice's power flow.

    A park without a folder ``grid`` has no power flow. What is broken in a power flow that is up
    to date is returned, that with agreed losses before that of the slice as it was planned; a
    stale one says nothing about the slice of today.
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
        found = [findings for findings in _power_flows(project, year, grid) if findings]
        # With agreed losses and feeders laid a violation of the plan as it was may be gone.
        broken += [f"{year}: {item}" for findings in found[-1:] for item in findings.violations]
    return broken


def _power_flows(project: Project, year: int, grid: GridSheets) -> Iterator[Findings | None]:
    """Print what is known of a slice's power flows; those up to date, the agreed one last."""
    where = (project.results_folder, project.scenario.name, year, project.overlay, project.hours)
    planned = stored_hash(slice_path(project, year))
    agreed = stored_hash(result_path(*where, suffix=AGREED_SUFFIX))
    for digest, is_agreed in ((planned, False), (agreed, True)):
        path = powerflow_path(*where, agreed=is_agreed)
        found = stored_findings(path)
        if found is None or digest is None:
            continue
        fresh = found.inputs_sha256 == study_hash(digest, grid)
        if is_agreed:
            fresh = fresh and found.agreed_from == planned
        state = found.sentence if fresh else "STALE, the slice or the grid has changed"
        print_line(f"{path}: {state}")
        yield found if fresh else None
