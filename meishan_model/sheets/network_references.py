"""What the rows of ``network.csv`` must be together: a tree from the grid above to every zone."""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.buses import ELECTRICITY, buses_of
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import NetworkRow


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
    buses = buses_of(park)
    known = {bus.bus for bus in buses}
    zones = {bus.bus for bus in buses if bus.zone}
    whole = known - zones
    # What the connection leads to is where stations begin.
    hub = {row.to_bus for row in park.network if row.kind == "connection"}
    ends = {
        "connection": (whole, whole),
        "transformer": (hub, zones),
        "supply_line": (hub, zones),
        "dc_tie": (zones, zones),
    }
    for row in park.network:
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
    for bus in buses_of(park):
        if bus.zone and bus.carrier == ELECTRICITY and bus.bus not in fed:
            message = f"no transformer of network.csv leads to {bus.bus}, the bus of this zone"
            place, remedy = park.path("network"), "add one"
            yield Fault(place, message, column="to_bus", value=bus.bus, remedy=remedy)
    path, remedy = park.path("network"), "add one from the grid above to the park"
    if not any(row.kind == "connection" for row in park.network):
        yield Fault(path, "there is no connection", column="kind", remedy=remedy)
    if not fed:
        remedy = "add one that leads to the bus of the zone"
        yield Fault(path, "there is no transformer", column="kind", remedy=remedy)


def _fault(park: Park, row: NetworkRow, message: str, column: str, remedy: str) -> Fault:
    return Fault(park.path("network"), message, row.line, column, getattr(row, column), remedy)
