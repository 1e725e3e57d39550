"""What the sheets of a grid say about each other and about ``network.csv``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from meishan_model.errors import Fault
from meishan_model.sheets import grid_schema as schema
from meishan_model.sheets.grid import DISTRIBUTION_KV, GridSheets, values_by_name
from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import ValueRow

GROUPS = ("load", "generation", "storage")
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
    names = list(_unknown_names(grid, park))
    yield from names
    yield from _doubles(grid)
    yield from _gaps(grid)
    if not names:
        yield from _voltages(grid)
        yield from _feeder_costs(grid)
        yield from _shares(grid)
        yield from _islands(grid)


def _unknown_names(grid: GridSheets, park: Park) -> Iterator[Fault]:
    buses = {row.bus for row in grid.buses}
    feeders = {row.feeder for row in grid.buses if row.feeder}
    elements = {row.element for row in park.network}
    line_types = {row.standard_type for row in grid.line_types}
    types = {
        "lines": line_types,
        "line_costs": line_types,
        "transformers": {row.standard_type for row in grid.transformer_types},
    }
    checks: list[tuple[str, Sequence[ValueRow], str, set[str]]] = [
        (sheet, getattr(grid, sheet), column, known)
        for sheet in ("lines", "transformers", "dc_links")
        for column, known in (("from_bus", buses), ("to_bus", buses), ("element", elements))
    ]
    checks += [
        (sheet, getattr(grid, sheet), "standard_type", known) for sheet, known in types.items()
    ]
    checks += [
        ("buses", grid.buses, "zone", set(grid.zones)),
        ("shares", grid.shares, "zone", set(grid.zones)),
        ("shares", grid.shares, "group", {*GROUPS, *(t.technology for t in park.technologies)}),
        ("shares", grid.shares, "place", buses | feeders),
    ]
    for sheet, rows, column, known in checks:
        for row in rows:
            name = getattr(row, column)
            if name and name not in known:
                message = f"no such {column.replace('_', ' ').removeprefix('from ')}"
                yield _fault(grid, sheet, row, message, column, name, known)


def _fault(
    grid: GridSheets,
    sheet: str,
    row: ValueRow,
    message: str,
    column: str,
    value: str,
    known: Iterable[str],
) -> Fault:
    remedy = f"known: {', '.join(sorted(known)[:12]) or 'none'}"
    return Fault(grid.path(sheet), message, row.line, column, value, remedy)


_ONE_OF_A_NAME = {
    "buses": ("bus", ("line",)),
    "lines": ("branch", ("line",)),
    "power_factors": ("user", ("line",)),
    "transformers": (
        "transformer",
        ("element", "from_bus", "to_bus", "standard_type", "tap_control"),
    ),
    "dc_links": ("link", ("element", "from_bus", "to_bus")),
    "line_costs": ("standard_type", ("family",)),
}


def _doubles(grid: GridSheets) -> Iterator[Fault]:
    """Two things of one name, of which only one could be in the grid."""
    for sheet, (name, columns) in _ONE_OF_A_NAME.items():
        first: dict[str, tuple[tuple[object, ...], int]] = {}
        of_bus = sheet in ("buses", "lines", "power_factors")
        for row in getattr(grid, sheet):
            kind = (row.source, row.value) if of_bus else tuple(getattr(row, c) for c in columns)
            known, line = first.setdefault(getattr(row, name), (kind, row.line))
            if line != row.line and (of_bus or known != kind):
                message = f"stands already in row {line}"
                remedy = "give another name, or correct one of the rows"
                value = getattr(row, name)
                yield Fault(grid.path(sheet), message, row.line, name, value, remedy)


def _gaps(grid: GridSheets) -> Iterator[Fault]:
    """Numbers and buses that a power flow cannot do without."""
    for sheet, name, model in (
        ("line_types", "standard_type", schema.LineTypeRow),
        ("line_costs", "standard_type", schema.LineCostRow),
        ("transformer_types", "standard_type", schema.TransformerTypeRow),
        ("transformers", "transformer", schema.TransformerRow),
        ("dc_links", "link", schema.DcLinkRow),
    ):
        for owner, values in values_by_name(getattr(grid, sheet), name).items():
            for parameter in model.quantities:
                if parameter not in values:
                    message = f"{owner} has no row {parameter}"
                    yield Fault(
                        grid.path(sheet), message, None, "parameter", parameter, "add the row"
                    )
    for parameter in {*schema.GridParameterRow.quantities} - {
        row.parameter for row in grid.parameters
    }:
        message = f"there is no row {parameter}"
        yield Fault(grid.path("parameters"), message, None, "parameter", parameter, "add the row")
    users = {row.user for row in grid.power_factors}
    for group in (*GROUPS, "dc_link"):
        if group not in users:
            path = grid.path("power_factors")
            yield Fault(path, f"there is no row {group}", None, "user", group, "add the row")
    there = {row.bus for row in grid.buses}
    for bus in grid.network_buses:
        if bus not in there:
            path = grid.path("buses")
            yield Fault(path, "a bus of network.csv is missing", None, "bus", bus, "add the row")


def _voltages(grid: GridSheets) -> Iterator[Fault]:
    """Lines between two voltages, and transformers whose windings do not fit their buses."""
    nominal = {row.bus: row.value for row in grid.buses}
    types = values_by_name(grid.transformer_types, "standard_type")
    for row in grid.lines:
        if nominal[row.from_bus] != nominal[row.to_bus]:
            message = f"ends at {nominal[row.to_bus]:g} kV, begins at {nominal[row.from_bus]:g} kV"
            remedy = "put a transformer between them"
            yield Fault(grid.path("lines"), message, row.line, "to_bus", row.to_bus, remedy)
    for transformer in grid.transformers:
        wanted = types[transformer.standard_type]
        for bus, side in ((transformer.from_bus, "high"), (transformer.to_bus, "low")):
            rated = wanted.get(f"{side}_voltage", nominal[bus])
            if not 0.85 <= rated / nominal[bus] <= 1.15:
                message = f"its {side} side is made for {rated:g} kV, {bus} has {nominal[bus]:g}"
                yield Fault(
                    grid.path("transformers"),
                    message,
                    transformer.line,
                    "standard_type",
                    transformer.standard_type,
                    "choose a type with the voltages of the two buses",
                )


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
        for group in GROUPS:
            if (zone, group) not in sums:
                message = f"no row says where {group} of {zone} stands"
                yield Fault(grid.path("shares"), message, None, "group", group, "add the row")


def _islands(grid: GridSheets) -> Iterator[Fault]:
    """Buses that no closed line or transformer joins to the source."""
    number = {row.bus: i for i, row in enumerate(grid.buses)}
    if grid.source_bus not in number:
        return
    closed: list[schema.LineRow | schema.TransformerRow] = [
        row for row in grid.lines if row.normally == "closed"
    ]
    edges = [(number[row.from_bus], number[row.to_bus]) for row in [*closed, *grid.transformers]]
    one, other = np.array(edges, dtype=int).reshape(-1, 2).T
    joined = coo_matrix((np.ones(len(edges)), (one, other)), shape=(len(number),) * 2)
    part = connected_components(joined, directed=False)[1]
    for row in grid.buses:
        if part[number[row.bus]] != part[number[grid.source_bus]]:
            message = f"no closed line or transformer joins it to {grid.source_bus}"
            remedy = "close a switch of lines.csv, or add a line"
            yield Fault(grid.path("buses"), message, row.line, "bus", row.bus, remedy)
