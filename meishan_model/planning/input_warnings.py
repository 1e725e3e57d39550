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
from meishan_model.series.weather import load_weather, weather_path
from meishan_model.series.weather_checks import stored_findings
from meishan_model.sheets.costs import cost_rows
from meishan_model.sheets.grid import GRID_SHEETS
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.plausibility import Doubt, row_doubts, warning_attributes
from meishan_model.sheets.proportions import proportion_doubts
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.rows import NumberRow


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
    library = project.root / "configs" / "costs"
    yield from cost_rows(project.cost_folder, library, park.kind_of)
    yield from read_rows(park.folder / "climate.csv", ClimateRow)[0]
    if (park.folder / "grid").is_dir():
        grid = read_grid(park)
        sheets = (getattr(grid, name) for name in GRID_SHEETS)
        yield from (row for rows in sheets for row in rows if isinstance(row, NumberRow))


def _weather(project: Project) -> Iterator[Doubt]:
    """What is strange about the weather year."""
    path = weather_path(project.weather_folder, project.park.site.weather_year)
    if not path.is_file():
        return
    site = project.park.site
    for name, message, remedy, _ in stored_findings(load_weather(project.weather_folder, site)):
        remedy = f"{remedy}; if it is right, write checked: {{{name}: <why>}} in park.yaml"
        fault = Fault(str(path), message, remedy=remedy, name=name)
        yield Doubt(fault, checked=site.checked.get(name, ""))
