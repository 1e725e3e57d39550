"""Everything in the inputs of a plan that is possible and hardly meant.

Numbers of the sheets, their proportions, and the measured weather. Each warning has a name; one
that its owner has looked at is acknowledged in the note of its row, ``checked: <name>: <why>``,
one of no row under the key ``checked`` of ``park.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import Project
from meishan_model.series.climate import ClimateRow
from meishan_model.series.net_meters import measured_of
from meishan_model.series.weather import load_weather, weather_path
from meishan_model.series.weather_checks import stored_findings
from meishan_model.sheets.costs import cost_rows
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.plausibility import Doubt, row_doubts, warning_attributes
from meishan_model.sheets.proportions import proportion_doubts
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.rows import NumberRow

SEEN = 1.03
"""Highest step of a meter over that of the plan, above which it is told [-]."""


def input_warnings(project: Project) -> tuple[Doubt, ...]:
    """What is strange in the inputs of a plan, the farthest from plausible first.

    Parameters
    ----------
    project
        The scenario with its folders.

    Raises
    ------
    InputError
        If the inputs are wrong.
    """
    first, last = project.years[0], project.years[-1]
    slices = [project.slices[year] for year in dict.fromkeys((first, last))]
    found = [
        *row_doubts(rows_of(project)),
        *proportion_doubts(project.park, slices),
        *_weather(project),
        *_steps(project, slices[0]),
    ]
    return tuple(sorted(found, key=lambda doubt: -doubt.factor))


def with_warnings(project: Project, result: xr.Dataset) -> xr.Dataset:
    """A result with the warnings of today: one acknowledged since it was solved is told no more.

    Parameters
    ----------
    project
        The scenario with its folders.
    result
        A slice or pathway; it keeps its own warnings where the inputs of today are wrong.
    """
    try:
        told = warning_attributes(project.warnings)
    except InputError:
        return result
    today = result.copy()
    today.attrs = {name: text for name, text in result.attrs.items() if name != "warnings"} | told
    return today


def rows_of(project: Project) -> Iterator[NumberRow]:
    """Rows of all sheets of a project that carry a number, but for defaults of the package."""
    park = project.park
    yield from (row for _, row in park.value_rows() if not row.is_default)
    yield from cost_rows(project.cost_folder, project.root / "configs" / "costs", park.kind_of)
    yield from read_rows(park.folder / "climate.csv", ClimateRow)[0]
    if (park.folder / "grid").is_dir():
        grid = read_grid(park)
        sheets = (getattr(grid, name) for name in GRID_SHEETS)
        yield from (row for rows in sheets for row in rows if isinstance(row, NumberRow))


def _steps(project: Project, inputs: SliceInputs) -> Iterator[Doubt]:
    """Peaks of measured power that steps of the plan do not see, though they are paid for."""
    for name, series in measured_of(project.park, project.weather_folder).items():
        if not (series.is_power and inputs.demand_charge and series.step < project.minutes):
            continue
        seen, peak = float(series.by_day(project.minutes).max()), float(series.means.max())
        if peak > SEEN * seen:
            message = f"peaks at {peak:.4g} MW in {series.step:g} min and at {seen:.4g} MW in "
            message += f"{project.minutes} min; a demand charge is often on the former"
            remedy = f"solve with --step {series.step:g}min"
            yield _of_site(project, "coarse_steps", name, message, remedy, peak / seen)


def _weather(project: Project) -> Iterator[Doubt]:
    """What is strange about the weather year."""
    path = weather_path(project.weather_folder, project.park.site.weather_year)
    if not path.is_file():
        return
    site = project.park.site
    for name, message, remedy, _ in stored_findings(load_weather(project.weather_folder, site)):
        yield _of_site(project, name, str(path), message, remedy)


def _of_site(
    project: Project, name: str, place: str, message: str, remedy: str, factor: float = 1.0
) -> Doubt:
    """A warning of what has no row; it is acknowledged in ``park.yaml``."""
    remedy = f"{remedy}; if it is right, write checked: {{{name}: <why>}} in park.yaml"
    fault = Fault(place, message, remedy=remedy, name=name)
    return Doubt(fault, factor, project.park.site.checked.get(name, ""))
