"""Read the sheets of a grid, with every fault of each and in what they say of each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.buses import buses_of, power_carrier
from meishan_model.sheets.grid import (
    DISTRIBUTION_KV,
    GRID_SHEETS,
    USERS,
    GridSheets,
    LineRow,
    TransformerRow,
    values_by_name,
)
from meishan_model.sheets.park import Park
from meishan_model.sheets.row_reader import declared_faults, missing_row, read_sheets


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
    tables, faults = read_sheets(folder, GRID_SHEETS, money=park.money)
    if not faults:
        pv = tuple(name for name, kind in park.kind_of.items() if kind.resource == "sun")
        power = power_carrier(park)
        zone = {bus.bus: bus.zone for bus in buses_of(park) if bus.carrier == power}
        grid = GridSheets(
            folder=folder,
            zones=park.zone_names,
            photovoltaics=pv,
            source_bus=park.network_of("connection")[0].from_bus,
            network_buses=tuple(zone),
            supply_lines={zone[row.to_bus]: row.element for row in park.network_of("line")},
            **tables,  # type: ignore[arg-type]
        )
        faults = list(grid_faults(grid, park))
        if not faults:
            return grid
    raise InputError(faults)


SHARE_TOLERANCE = 1e-6


def grid_faults(grid: GridSheets, park: Park) -> Iterator[Fault]:
    """Everything in which the sheets of a grid contradict each other, or the park.

    Parameters
    ----------
    grid
        Sheets that are each right in themselves.
    park
        Its park.
    """
    buses = {row.bus for row in grid.buses}
    known = {
        "zone": grid.zones,
        "bus": buses,
        "bus or feeder": buses | {row.feeder for row in grid.buses if row.feeder},
        "element": {row.element for row in park.network},
        "standard type of lines": {row.standard_type for row in grid.line_types},
        "standard type of transformers": {row.standard_type for row in grid.transformer_types},
        "group of users or technology": {*USERS, *(t.technology for t in park.technologies)},
    }
    faults = [
        fault
        for sheet, model in GRID_SHEETS.items()
        for fault in declared_faults(model, getattr(grid, sheet), grid.path(sheet), known)
    ]
    yield from faults
    yield from _missing(grid)
    if not faults:
        yield from _voltages(grid)
        yield from _feeder_costs(grid)
        yield from _shares(grid)
        yield from _islands(grid)


def _missing(grid: GridSheets) -> Iterator[Fault]:
    """Power factors and buses that a power flow cannot do without."""
    for sheet, column, needed in (
        ("power_factors", "user", (*USERS, "dc_link")),
        ("buses", "bus", grid.network_buses),
    ):
        there = {getattr(row, column) for row in getattr(grid, sheet)}
        for name in needed:
            if name not in there:
                yield missing_row(grid.path(sheet), column, name)


def _voltages(grid: GridSheets) -> Iterator[Fault]:
    """Lines between two voltages, and transformers whose windings do not fit their buses."""
    nominal = {row.bus: row.value for row in grid.buses}
    types = values_by_name(grid.transformer_types, "standard_type")
    for row in grid.lines:
        if nominal[row.from_bus] != nominal[row.to_bus]:
            message = f"ends at {nominal[row.to_bus]:g} kV, begins at {nominal[row.from_bus]:g} kV"
            yield row.fault("to_bus", message, "put a transformer between them")
    for transformer in grid.transformers:
        wanted = types[transformer.standard_type]
        for bus, side in ((transformer.from_bus, "high"), (transformer.to_bus, "low")):
            rated = wanted[f"{side}_voltage"]
            if not 0.85 <= rated / nominal[bus] <= 1.15:
                message = f"its {side} side is made for {rated:g} kV, {bus} has {nominal[bus]:g}"
                remedy = "choose a type with their voltages"
                yield transformer.fault("standard_type", message, remedy)


def _feeder_costs(grid: GridSheets) -> Iterator[Fault]:
    """Types of feeders of which nobody knows what another circuit would cost."""
    nominal = {row.bus: row.value for row in grid.buses}
    low = {row.standard_type for row in grid.lines if nominal[row.to_bus] <= DISTRIBUTION_KV}
    for name in sorted(low - {row.standard_type for row in grid.line_costs}):
        path, message = grid.path("line_costs"), f"no row has the costs of the feeders of {name}"
        yield Fault(path, message, None, "standard_type", name, "add its rows")


def _shares(grid: GridSheets) -> Iterator[Fault]:
    """Groups whose shares are not the whole, and zones with a group that stands nowhere."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    last: dict[tuple[str, str], int] = {}
    for row in grid.shares:
        sums[row.zone, row.group] += row.value
        last[row.zone, row.group] = row.line
    for (zone, group), total in sums.items():
        if abs(total - 100.0) > SHARE_TOLERANCE * 100:
            message = f"the shares of {group} in {zone} are {total:g} % in all"
            line = last[zone, group]
            yield Fault(grid.path("shares"), message, line, "value", f"{total:g}", "make it 100 %")
    for zone in grid.zones:
        for group in USERS:
            if (zone, group) not in sums:
                message = f"no row says where {group} of {zone} stands"
                yield Fault(grid.path("shares"), message, None, "group", group, "add the row")


def _islands(grid: GridSheets) -> Iterator[Fault]:
    """Buses that no closed line or transformer joins to the source."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = {row.bus: i for i, row in enumerate(grid.buses)}
    if grid.source_bus not in number:
        return
    closed: list[LineRow | TransformerRow] = [
        row for row in grid.lines if row.normally == "closed"
    ]
    edges = [(number[row.from_bus], number[row.to_bus]) for row in [*closed, *grid.transformers]]
    one, other = np.array(edges, dtype=int).reshape(-1, 2).T
    joined = coo_matrix((np.ones(len(edges)), (one, other)), shape=(len(number),) * 2)
    part = connected_components(joined, directed=False)[1]
    for row in grid.buses:
        if part[number[row.bus]] != part[number[grid.source_bus]]:
            message = f"no closed line or transformer joins it to {grid.source_bus}"
            yield row.fault("bus", message, "close a switch of lines.csv, or add a line")
