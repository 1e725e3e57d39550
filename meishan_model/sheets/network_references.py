"""What the rows of ``network.csv`` must be together: a tree from the grid above to every zone."""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.buses import HUB, UPSTREAM, ZONE_ENDING, bus_of_zone, zone_of_bus
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import NetworkRow


def supply_line_of(zone: str) -> str:
    """Name of the line that feeds the transformers of a zone."""
    return f"supply_line_{zone}"


def network_faults(park: Park) -> Iterator[Fault]:
    """Elements that join the wrong buses, run in a circle, or leave a zone or the park unfed.

    A connection leads from the grid above to the 110 kV bus, one transformer, and one supply line
    in series with it, from there to each zone, a tie from one zone to another: so nothing but ties
    can close a circle. All that is bought or sold passes the one connection.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _wrong_ends(park)
    yield from _twice_fed(park)
    yield from _gaps(park)


def _wrong_ends(park: Park) -> Iterator[Fault]:
    zones = {bus_of_zone(zone) for zone in park.zone_names}
    ends = {
        "connection": ({UPSTREAM}, {HUB}),
        "transformer": ({HUB}, zones),
        "supply_line": ({HUB}, zones),
        "dc_tie": (zones, zones),
    }
    known = {UPSTREAM, HUB} | zones
    for row in park.network:
        line = supply_line_of(zone_of_bus(row.to_bus))
        if row.kind == "supply_line" and row.to_bus in zones and row.element != line:
            yield _fault(park, row, "is no name of this supply line", "element", f"give {line}")
        for column, allowed in zip(("from_bus", "to_bus"), ends[row.kind], strict=True):
            bus = getattr(row, column)
            if bus in known and bus not in allowed:  # a bus that is not known is told elsewhere
                message = (
                    f"a {row.kind} does not {'begin' if column == 'from_bus' else 'end'} here"
                )
                yield _fault(park, row, message, column, f"give {' or '.join(sorted(allowed))}")
        if row.from_bus == row.to_bus and row.from_bus in zones:
            message = f"{row.element} begins and ends at the same bus"
            yield _fault(park, row, message, "to_bus", "join two buses")


def _twice_fed(park: Park) -> Iterator[Fault]:
    first: dict[tuple[str, str], NetworkRow] = {}
    for row in park.network:
        if row.kind == "dc_tie":
            continue
        known = first.setdefault((row.kind, row.to_bus), row)
        if known.element != row.element:
            message = f"{known.element} in row {known.line} feeds this bus already"
            yield _fault(park, row, message, "to_bus", "give one element their summed capacity")


def _gaps(park: Park) -> Iterator[Fault]:
    """Zones and a park that no element of the network feeds."""
    fed = {row.to_bus for row in park.network if row.kind == "transformer"}
    for zone in park.zones:
        if bus_of_zone(zone.zone) not in fed:
            message = "no transformer of network.csv feeds this zone"
            remedy = f"add one from {HUB} to {bus_of_zone(zone.zone)}"
            yield Fault(park.path("zones"), message, zone.line, "zone", zone.zone, remedy)
    if not any(row.kind == "connection" for row in park.network):
        remedy = f"add one from {UPSTREAM} to {HUB}"
        yield Fault(park.path("network"), "there is no connection", column="kind", remedy=remedy)
    if not park.zone_names:
        remedy = f"add one from {HUB} to <zone>{ZONE_ENDING}"
        yield Fault(park.path("network"), "there is no transformer", column="kind", remedy=remedy)


def _fault(park: Park, row: NetworkRow, message: str, column: str, remedy: str) -> Fault:
    return Fault(park.path("network"), message, row.line, column, getattr(row, column), remedy)
