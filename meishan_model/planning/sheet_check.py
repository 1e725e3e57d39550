"""Whether the sheets of a park and its costs are right, before anything is solved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import Project
from meishan_model.series.climate import read_climate
from meishan_model.sheets.costs import load_costs
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_folder import read_park
from meishan_model.sheets.scenario import Scenario, read_scenario


def check_sheets(root: Path, park: str, cost_sheet: str) -> None:
    """Read all sheets of a park and a cost sheet, and resolve every slice of its scenarios.

    Parameters
    ----------
    root
        Folder with ``configs/``.
    park, cost_sheet
        Names of their folders.

    Raises
    ------
    InputError
        With the faults of all files; what they say together is looked at when each is right.
    """
    configs = root / "configs"
    faults = list(_faults_of_files(configs, park, cost_sheet))
    if faults:
        raise InputError(dict.fromkeys(faults))
    for scenario in _scenarios(configs / "scenarios", park):
        for sheet in dict.fromkeys((scenario.cost_sheet, cost_sheet)):
            _ = Project(root, scenario, configs / "costs" / sheet, HOURS_OF_YEAR).slices


def _faults_of_files(configs: Path, park: str, cost_sheet: str) -> Iterator[Fault]:
    folder, costs = configs / park, configs / "costs" / cost_sheet
    parks: list[Park] = []
    readers: list[Callable[[], object]] = [
        lambda: parks.append(read_park(folder, kinds())),
    ]
    if (folder / "climate.csv").exists():
        readers.append(lambda: read_climate(folder / "climate.csv"))
    for path in sorted(costs.glob("costs_*.csv")):
        year = path.stem.removeprefix("costs_")
        if not year.isdecimal():
            yield Fault(str(path), "is not named costs_<year>.csv", remedy="rename it or move it")
            continue
        readers.append(partial(load_costs, costs, int(year), configs / "costs" / "reference"))
    if (folder / "grid").is_dir():
        # Its names refer to the park, so that it is read after it and only if that is right.
        readers.append(lambda: [read_grid(found) for found in parks])
    for read in readers:
        try:
            read()
        except InputError as error:
            yield from error.faults


def _scenarios(folder: Path, park: str) -> Iterator[Scenario]:
    """Scenarios of a park; one that is wrong in itself says nothing about the sheets."""
    for path in sorted(folder.glob("*.yaml")):
        try:
            scenario = read_scenario(path)
        except InputError:
            continue
        if scenario.park == park:
            yield scenario
