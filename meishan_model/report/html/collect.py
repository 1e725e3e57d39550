"""What the page is made of: the results of a scenario, its sheets, and its rivals on disk."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from meishan_model.errors import InputError, MeishanError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import Project
from meishan_model.powerflow.study import study_hash
from meishan_model.report.statement import YearStatement, year_statements
from meishan_model.results.powerflow_file import open_powerflow, powerflow_path
from meishan_model.sheets.costs import CostSheet
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park
from meishan_model.studies.abatement import stored_curve

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportData:
    """Everything that the page shows.

    Attributes
    ----------
    scenario, title
        Stem and title of the scenario.
    park
        All sheets of the park.
    pathway
        The pathway of the scenario.
    slices
        Its slices by year.
    rivals
        Pathways of the same park, cost sheet and hours that lie on disk, without this one.
    curve
        Marginal abatement cost curve of the target year, if it was made.
    fresh
        Whether each slice was made of the inputs on disk.
    costs
        Cost sheet by year.
    statements
        Neutrality statement by year.
    grid
        Sheets of the grid, ``None`` where the park has none.
    flows
        Power flows of the slices and the grid by year, where they were made.
    """

    scenario: str
    title: str
    park: Park
    pathway: xr.Dataset
    slices: Mapping[int, xr.Dataset]
    rivals: Mapping[str, xr.Dataset]
    curve: pd.DataFrame | None
    fresh: Mapping[int, bool]
    costs: Mapping[int, CostSheet]
    statements: Mapping[int, YearStatement]
    grid: GridSheets | None
    flows: Mapping[int, xr.Dataset]


def collect(project: Project) -> ReportData:
    """Read what lies on disk of a scenario.

    Parameters
    ----------
    project
        The scenario with its folders.

    Raises
    ------
    InputError
        If the pathway or one of its slices is missing; the command that makes it is named.
    """
    pathway = project.open_result("pathway")
    years = [int(year) for year in pathway["year"].to_numpy()]
    slices = {year: project.open_result(year) for year in years}
    hashes = {solver: slice_hashes(project, solver) for solver in ("highs", "cbc")}
    fresh = {
        year: ds.attrs["inputs_sha256"] in {h.get(year) for h in hashes.values()}
        for year, ds in slices.items()
    }
    grid = _grid(project)
    return ReportData(
        scenario=project.scenario.name,
        title=project.scenario.title,
        park=project.park,
        pathway=pathway,
        slices=slices,
        rivals=_rivals(project, pathway),
        curve=stored_curve(project),
        fresh=fresh,
        costs={year: project.costs(year) for year in years},
        statements=year_statements(project, slices),
        grid=grid,
        flows={} if grid is None else _flows(project, slices, grid),
    )


def _rivals(project: Project, pathway: xr.Dataset) -> dict[str, xr.Dataset]:
    """Pathways that can be laid beside this one, by their scenario."""
    found = {}
    for file in sorted((project.root / "configs" / "scenarios").glob("*.yaml")):
        path = project.result_path("pathway", scenario=file.stem)
        if file.stem == project.scenario.name or not path.is_file():
            continue
        try:
            rival = project.open_result("pathway", scenario=file.stem)
        except MeishanError as error:
            logger.warning("%s is left out of the comparison: %s", path, error)
            continue
        if all(rival.attrs[k] == pathway.attrs[k] for k in ("park", "cost_sheet")):
            found[file.stem] = rival
    return found


def _grid(project: Project) -> GridSheets | None:
    """Sheets of the park's grid; a fault in them spoils the map and nothing else."""
    if not (project.park_folder / "grid").is_dir():
        return None
    try:
        return read_grid(project.park)
    except InputError as error:
        logger.warning("the map of the network is left out: %s", error)
        return None


def _flows(
    project: Project, slices: Mapping[int, xr.Dataset], grid: GridSheets
) -> dict[int, xr.Dataset]:
    """Power flows that were made of these slices and this grid."""
    found = {}
    for year, ds in slices.items():
        path = powerflow_path(project.result_path(year))
        if not path.is_file():
            continue
        try:
            flow = open_powerflow(path)
        except InputError as error:
            logger.warning("%s is left out of the report: %s", path, error)
            continue
        if flow.attrs.get("inputs_sha256") == study_hash(str(ds.attrs["inputs_sha256"]), grid):
            found[year] = flow
    return found
