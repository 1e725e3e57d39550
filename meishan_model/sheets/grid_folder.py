"""Read the sheets of a park's electrical grid, with every fault of every sheet listed at once."""

from __future__ import annotations

from pathlib import Path

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.buses import buses_of
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_references import grid_faults
from meishan_model.sheets.grid_schema import GRID_SHEETS
from meishan_model.sheets.park import Park
from meishan_model.sheets.row_reader import read_sheets


def read_grid(park: Park, folder: Path | None = None) -> GridSheets:
    """Read and validate all sheets of a park's grid.

    Parameters
    ----------
    park
        The park; its ``network.csv`` and ``zones.csv`` name what the sheets may refer to.
    folder
        Where the sheets are; ``configs/<park>/grid`` if left out.

    Raises
    ------
    InputError
        With every fault of every sheet: form, types, units, ranges, names that do not exist,
        missing lengths, shares that do not add up, buses that nothing feeds.
    """
    folder = folder if folder is not None else park.folder / "grid"
    if not folder.is_dir():
        remedy = "a power flow needs the sheets of the grid: buses.csv, lines.csv and so on"
        raise InputError([Fault(str(folder), "there is no such folder", remedy=remedy)])
    tables, faults = read_sheets(folder, GRID_SHEETS)
    if not faults:
        pv = tuple(name for name, kind in park.kind_of.items() if kind.resource == "sun")
        zone = {bus.bus: bus.zone for bus in buses_of(park)}
        grid = GridSheets(
            folder=folder,
            zones=park.zone_names,
            photovoltaics=pv,
            source_bus=next(r.from_bus for r in park.network if r.kind == "connection"),
            network_buses=tuple(zone),
            supply_lines={
                zone[r.to_bus]: r.element for r in park.network if r.kind == "supply_line"
            },
            **tables,  # type: ignore[arg-type]
        )
        faults = list(grid_faults(grid, park))
        if not faults:
            return grid
    raise InputError(faults)
