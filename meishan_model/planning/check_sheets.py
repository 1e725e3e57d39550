"""All files of a park, looked at before any of them is written."""

from __future__ import annotations

from pathlib import Path

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, Gather
from meishan_model.planning.project import Project
from meishan_model.planning.read_park import read_sheets_of
from meishan_model.series.climate import read_climate
from meishan_model.sheets.costs import load_costs
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.scenario import scenarios_of
from meishan_model.sheets.units import HOURS_OF_YEAR


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
        With the faults of all files, and of what those say together that are right.
    """
    gather = Gather()
    folder, library = root / "configs" / park, root / "configs" / "costs"
    own, faults = read_sheets_of(root, park)
    gather.faults |= dict.fromkeys(faults)
    if (folder / "climate.csv").exists():
        gather(read_climate, folder / "climate.csv")
    of_park = None if own is None else set(own.kind_of)
    for path in sorted((library / cost_sheet).glob("costs_*.csv")):
        year = path.stem.removeprefix("costs_")
        if year.isdecimal():
            gather(load_costs, path.parent, int(year), library, of_park)
        else:
            remedy = "rename it or move it"
            gather.faults[Fault(str(path), "is not named costs_<year>.csv", remedy=remedy)] = None
    if own is not None and (folder / "grid").is_dir():
        gather(read_grid, own)
    for scenario in scenarios_of(root, park, kinds()):
        for sheet in dict.fromkeys((scenario.cost_sheet, cost_sheet)):
            gather(getattr, Project(root, scenario, library / sheet, HOURS_OF_YEAR), "slices")
    gather.refuse()
