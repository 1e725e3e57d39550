"""What the sheets of a container terminal must say, of themselves and of each other."""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs


def terminal_faults(park: Park) -> Iterator[Fault]:
    """Names that one sheet of the terminal uses and no other defines, and doubled loads.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    classes = {row.ship_class for row in park.ship_classes}
    for row in park.berths:
        if row.ship_class and row.ship_class not in classes:
            remedy = f"known: {', '.join(sorted(classes)) or 'none'}"
            message, value = "ship_classes.csv has no such class", row.ship_class
            yield Fault(park.path("berths"), message, row.line, "ship_class", value, remedy)
    groups = {row.berth_group for row in park.berths}
    for technology in park.technologies:
        name = technology.carrier_out
        if technology.kind == "shore_power" and name not in groups:
            remedy = f"known: {', '.join(sorted(groups)) or 'none'}"
            message, line = "berths.csv has no such group of berths", technology.line
            yield Fault(park.path("technologies"), message, line, "carrier_out", name, remedy)
    yield from _doubled(park)


def _doubled(park: Park) -> Iterator[Fault]:
    """Loads and services that are given twice: as they are, and by the TEU."""
    given = {(row.load, row.zone) for row in park.loads}
    given |= {(row.project, row.zone) for row in park.projects}
    for row in park.handling:
        if (row.load, row.zone) in given:
            message, remedy = "is the name of another load of this zone", "give another name"
            yield Fault(park.path("handling"), message, row.line, "load", row.load, remedy)
    whole = {row.fleet for row in park.fleets if row.parameter == "service"}
    for fleet in park.fleets:
        if fleet.parameter == "service_per_teu" and fleet.fleet in whole:
            message = f"{fleet.fleet} has a row service as well"
            remedy = "keep one of them"
            yield Fault(
                park.path("fleets"), message, fleet.line, "parameter", fleet.parameter, remedy
            )


def terminal_gaps(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """What a terminal needs and no row says, and weights of nothing.

    Parameters
    ----------
    park
        The park, for the paths in messages.
    inputs
        Its inputs of one year.
    """
    by_teu = any(row.parameter == "service_per_teu" for row in park.fleets)
    if (park.berths or park.handling or by_teu) and "throughput" not in inputs.drivers:
        message = "there is no row throughput"
        yield Fault(park.path("drivers"), message, None, "driver", "throughput", "add the row")
    if not inputs.berths:
        return
    if not inputs.of_kind("auxiliary_engine"):
        message = "berths.csv has ships, but no technology is their auxiliary engine"
        path, part = park.path("technologies"), "auxiliary_engine"
        yield Fault(path, message, None, "kind", part, "add the row")
    yield from _berths(park.path("berths"), inputs)
    yield from _rival_systems(park.path("technologies"), inputs)


def _berths(path: str, inputs: SliceInputs) -> Iterator[Fault]:
    """Weights of nothing, and more sockets than berths."""
    for group in inputs.berths:
        calls = [ship.call_share for ship in group.ships]
        for column, shares in (
            ("throughput_weight", [group.throughput_share]),
            ("call_weight", calls),
        ):
            if not any(shares):
                message = f"nothing calls at {group.berth_group} in {inputs.year}"
                yield Fault(path, message, None, column, "0", "give a weight above zero")
        if group.equipped_berths > group.berths:
            message = f"{group.berth_group} has {group.berths} berths in {inputs.year}"
            value, remedy = str(group.equipped_berths), "give at most as many with a socket"
            yield Fault(path, message, None, "equipped_berths", value, remedy)


def _rival_systems(path: str, inputs: SliceInputs) -> Iterator[Fault]:
    """Two shore-power systems for the same ships, which would connect more than there are."""
    served: dict[tuple[str, float | None], str] = {}
    for technology in inputs.of_kind("shore_power"):
        ships = technology.carrier_out, technology.parameters.get("voltage")
        name, first = technology.technology, served.setdefault(ships, technology.technology)
        if first != name:
            message = f"{first} serves {ships[0]} at this voltage already"
            yield Fault(path, message, None, "technology", name, "keep one of them")
