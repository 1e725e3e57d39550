"""What the page is made of: the results of a scenario, its sheets, and its rivals on disk."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from meishan_model.errors import MeishanError
from meishan_model.inputs.costs import CostSheet
from meishan_model.inputs.park import Park
from meishan_model.inputs.resolve import fingerprint
from meishan_model.pathway.abatement import STEPS, curve, table_path
from meishan_model.pathway.backcast import open_slice, slice_hashes
from meishan_model.pathway.project import Project
from meishan_model.pathway.whole_pathway import open_pathway
from meishan_model.results.files import result_path
from meishan_model.results.powerflow_file import powerflow_path
from meishan_model.results.table_file import read_table

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
    diagrams
        SVG of the network by year, coloured by loading, where the slice has a power flow.
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
    diagrams: Mapping[int, bytes]


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
    pathway = open_pathway(project)
    years = [int(year) for year in pathway["year"].to_numpy()]
    slices = {year: open_slice(project, year) for year in years}
    hashes = {solver: slice_hashes(project, solver) for solver in ("highs", "cbc")}
    fresh = {
        year: ds.attrs["inputs_sha256"] in {h.get(year) for h in hashes.values()}
        for year, ds in slices.items()
    }
    return ReportData(
        scenario=project.scenario.name,
        title=project.scenario.title,
        park=project.park,
        pathway=pathway,
        slices=slices,
        rivals=_rivals(project, pathway),
        curve=_curve(project, hashes["highs"]),
        fresh=fresh,
        costs={year: project.costs(year) for year in years},
        diagrams=_diagrams(project, slices),
    )


def _rivals(project: Project, pathway: xr.Dataset) -> dict[str, xr.Dataset]:
    """Pathways that can be laid beside this one, by their scenario."""
    found = {}
    for file in sorted((project.root / "configs" / "scenarios").glob("*.yaml")):
        path = result_path(
            project.results_folder, file.stem, "pathway", project.overlay, project.hours
        )
        if file.stem == project.scenario.name or not path.is_file():
            continue
        try:
            rival = open_pathway(project, file.stem)
        except MeishanError as error:
            logger.warning("%s is left out of the comparison: %s", path, error)
            continue
        if all(rival.attrs[k] == pathway.attrs[k] for k in ("park", "cost_sheet")):
            found[file.stem] = rival
    return found


def _diagrams(project: Project, slices: Mapping[int, xr.Dataset]) -> dict[int, bytes]:
    """Diagrams of the power flows that belong to these slices."""
    found = {}
    for year, ds in slices.items():
        path = powerflow_path(
            project.results_folder, project.scenario.name, year, project.overlay, project.hours
        )
        drawn = path.with_suffix(".svg")
        if not (path.is_file() and drawn.is_file()):
            continue
        try:
            with xr.open_dataset(path, engine="netcdf4") as stored:
                digest = stored.attrs.get("slice_sha256")
        except (OSError, RuntimeError, ValueError) as error:
            logger.warning("%s is left out of the report: %s", path, error)
            continue
        if digest == ds.attrs["inputs_sha256"]:
            found[year] = drawn.read_bytes()
    return found


def _curve(project: Project, hashes: Mapping[int, str]) -> pd.DataFrame | None:
    """The abatement curve, if all its steps were solved with these inputs."""
    digest = fingerprint([hashes[project.scenario.target_year], repr(STEPS)])
    stored = read_table(table_path(project), digest)
    if stored is None or set(stored["lever"]) != {step.lever for step in STEPS}:
        return None
    return curve(stored.set_index("lever").loc[[s.lever for s in STEPS]].reset_index())
