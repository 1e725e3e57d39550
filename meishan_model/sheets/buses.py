"""The buses of a park, the network that joins them to the grid above, and their carriers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import ConversionRow, NetworkRow, TechnologyRow
from meishan_model.sheets.rows import Row, ValueRow
from meishan_model.sheets.units import AMOUNTS

DEFAULT_CARRIER = "electricity"
"""Carrier of power where ``buses.csv`` does not say it."""


@dataclass(frozen=True)
class Bus:
    """A bus with its carrier and zone; the zone is empty where it serves the whole park."""

    bus: str
    carrier: str
    zone: str

    @property
    def place(self) -> str:
        """Where it is: its zone, or its own name where it serves the whole park."""
        return self.zone or self.bus


def buses_of(park: Park) -> tuple[Bus, ...]:
    """The buses of ``buses.csv``; without those of power also those of a park of one zone.

    The ends of the connection serve the whole park then, and a transformer leads to the zone; in a
    park without transformer the connection does.
    """
    found = {row.bus: Bus(row.bus, row.carrier, row.zone) for row in park.buses}
    if _has_power(park):
        return tuple(found.values())
    zones = park.zone_names
    for row in park.network_of("connection"):
        for bus in (row.from_bus, row.to_bus):
            found[bus] = Bus(bus, DEFAULT_CARRIER, "")
    inmost = park.network_of("transformer") or park.network_of("connection")
    for row in inmost if len(zones) == 1 else ():
        found[row.to_bus] = Bus(row.to_bus, DEFAULT_CARRIER, zones[0])
    return tuple(found.values())


def _has_power(park: Park) -> bool:
    """Whether ``buses.csv`` has the buses of power: one to which the grid above leads."""
    feeders = park.network_of("connection", "transformer")
    ends = {bus for row in feeders for bus in (row.from_bus, row.to_bus)}
    return any(row.bus in ends for row in park.buses)


def power_carrier(park: Park) -> str:
    """The carrier of power: that of the bus at which the connection to the grid above ends."""
    ends = {row.to_bus for row in park.network_of("connection")}
    return next((bus.carrier for bus in buses_of(park) if bus.bus in ends), DEFAULT_CARRIER)


def bus_faults(park: Park) -> Iterator[Fault]:
    """Zones without a bus of power, or with two buses of one carrier."""
    power = power_carrier(park)
    described = _has_power(park)
    if not described and len(park.zone_names) > 1:
        remedy = "add the sheet: bus, carrier, zone and voltage of every end in network.csv"
        message = f"says nothing of the zones {', '.join(park.zone_names)}"
        yield Fault(park.path("buses"), message, column="zone", remedy=remedy)
        return
    first: dict[tuple[str, str], str] = {}
    for row in (row for row in park.buses if row.zone):
        known = first.setdefault((row.carrier, row.zone), row.bus)
        if known != row.bus:
            message = f"{known} is the bus of {row.carrier} of this zone already"
            yield row.fault("zone", message, "give the bus a zone of its own, or leave it out")
    for zone in park.zone_names if described else ():
        if (power, zone) not in first:
            message = f"zone {zone} has no bus of {power}"
            yield park.fault("buses", "zone", zone, message, "add its row")


def network_faults(park: Park, is_fed: bool = True) -> Iterator[Fault]:
    """Elements that join the wrong buses, run in a circle, or leave a zone or the park unfed.

    A connection leads from the grid above to the 110 kV bus, or to the only bus of a small park;
    one transformer, and one supply line in series with it, from there to a zone; a link or pipe
    from any bus of the park to another of its carrier: so nothing but these can close a circle.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    is_fed
        Whether all equipment names what it takes and gives, so that what no bus gets is a gap.
    """
    yield from _wrong_ends(park)
    yield from _wrong_technologies(park)
    yield from _twice_fed(park)
    if is_fed or not park.network_of("connection"):
        yield from _gaps(park)


def _wrong_ends(park: Park) -> Iterator[Fault]:
    buses = buses_of(park)
    carrier, power = {bus.bus: bus.carrier for bus in buses}, power_carrier(park)
    known = carrier.keys()
    zones = {bus.bus for bus in buses if bus.zone and bus.carrier == power}
    whole = {bus.bus for bus in buses if not bus.zone and bus.carrier == power}
    # What the connection leads to is where stations begin.
    hub = {row.to_bus for row in park.network_of("connection")}
    outside = {row.from_bus for row in park.network_of("connection")}
    ends = {
        "connection": {"from_bus": whole, "to_bus": whole | zones},
        "transformer": {"from_bus": hub, "to_bus": zones},
        "line": {"from_bus": hub, "to_bus": zones},
        "transport": dict.fromkeys(("from_bus", "to_bus"), known - outside),
    }
    kinds = park.kinds.network
    for row in park.network:
        for column, allowed in ends[kinds[row.kind].function].items():
            bus = getattr(row, column)
            if bus in known and bus not in allowed:  # a bus that is not known is told elsewhere
                does = "begin" if column == "from_bus" else "end"
                message = f"a {row.kind} does not {does} here"
                yield row.fault(column, message, f"give {' or '.join(sorted(allowed))}")
        if row.element in known:
            message = "a bus has this name too"
            yield row.fault("element", message, "give the element or the bus another name")
        if row.from_bus == row.to_bus and row.from_bus in known:
            message = f"{row.element} begins and ends at the same bus"
            yield row.fault("to_bus", message, "join two buses")
        start, end = carrier.get(row.from_bus), carrier.get(row.to_bus)
        if kinds[row.kind].function == "transport" and start and end and start != end:
            message = f"{row.element} begins at a bus of {start} and ends at one of {end}"
            yield row.fault("to_bus", message, f"join two buses of {start}")


def _wrong_technologies(park: Park) -> Iterator[Fault]:
    """Elements that name a technology of another kind than theirs, or share one asset."""
    kind_of, first = park.kind_of, dict[tuple[str, str], NetworkRow]()
    zone_of = {bus.bus: bus.zone for bus in buses_of(park)}
    for row in park.network:
        own, named = park.kinds.network[row.kind].technology, kind_of.get(row.technology)
        if named is None:
            continue
        zone = zone_of.get(row.to_bus, "")
        known = first.setdefault((row.technology, zone), row)
        if named.name != own:
            message = f"{row.technology} is a {named.name}"
            remedy = f"name a {own}" if own else f"leave it empty: a {row.kind} is not reinforced"
            yield row.fault("technology", message, remedy)
        elif not zone:
            message = f"{row.element} leads to no zone, in which its capacity would be an asset"
            yield row.fault("technology", message, "turn it round, or leave the technology empty")
        elif known.element != row.element:
            message = f"{known.element} in row {known.line} is the asset of this name in {zone}"
            yield row.fault("technology", message, "give it a technology of its own")


def _twice_fed(park: Park) -> Iterator[Fault]:
    first: dict[tuple[str, str], NetworkRow] = {}
    for row in park.network_of("connection", "transformer", "line"):
        known = first.setdefault((row.kind, row.to_bus), row)
        if known.element != row.element:
            message = f"{known.element} in row {known.line} feeds this bus already"
            yield row.fault("to_bus", message, "give one element their summed capacity")


def _gaps(park: Park) -> Iterator[Fault]:
    """A park without connection, and buses that nothing feeds or nothing uses."""
    power = power_carrier(park)
    buses = buses_of(park)
    if not park.network_of("connection"):
        remedy = "add one from the grid above to the park"
        yield Fault(park.path("network"), "there is no connection", column="kind", remedy=remedy)
        return
    fed, used = _fed_and_used(park, buses)
    for bus in buses:
        if bus.bus not in fed and (bus.bus in used or bus.carrier == power):
            message = f"nothing feeds {bus.bus}, a bus of {bus.carrier}"
            remedy = "add what leads or gives to it: an element, a market, or equipment"
            yield park.fault("network", "to_bus", bus.bus, message, remedy)
    for row in park.buses:
        if row.bus not in used and row.carrier != power:
            message = f"nothing takes {row.carrier} from {row.bus}"
            remedy = (
                "leave it out, or add what takes it: a load, equipment, an element or a market"
            )
            yield row.fault("bus", message, remedy)


def _fed_and_used(park: Park, buses: Iterable[Bus]) -> tuple[set[str], set[str]]:
    """Buses to which something comes from outside or from equipment, and from which some goes.

    Stores give no more than they take, and sun and wind alone feed nobody at night.
    """

    def at(carrier: str, zone: str) -> set[str]:
        zones = ("", *([zone] if zone else park.zone_names))
        return {bus.bus for bus in buses if bus.carrier == carrier and bus.zone in zones}

    fed = {row.from_bus for row in park.network_of("connection")}
    fed |= {row.bus for row in park.markets if row.parameter == "import_capacity"}
    used = {row.bus for row in park.markets if row.parameter == "export_capacity"}
    equipment = {row.technology: row for row in park.technologies}
    of_network = {kind.technology for kind in park.kinds.network.values()}
    for name, kind in park.kind_of.items():
        if kind.store or kind.resource or kind.is_flexible or kind.name in of_network:
            del equipment[name]
    places = park.places | {(row.technology, row.zone) for row in park.fleets}
    for name, zone in ((name, zone) for name, zone in places if name in equipment):
        fed |= at(equipment[name].carrier_out, zone)
        used |= at(equipment[name].carrier_in, zone)
        for beside in (c for c in park.conversions if c.technology == name):
            (used if beside.way == "in" else fed).update(at(beside.carrier, zone))
    for _, rows in park.sheets():
        for row in rows:
            if row.is_demand:
                used |= at(getattr(row, "carrier", ""), getattr(row, "zone", ""))
    elements = [(row, park.kinds.network[row.kind]) for row in park.network]
    ways = [(row.from_bus, row.to_bus) for row, kind in elements if kind.function != "line"]
    ways += [(row.to_bus, row.from_bus) for row, kind in elements if kind.ways == "both"]
    for _ in ways:
        fed |= {end for start, end in ways if start in fed}
        used |= {start for start, end in ways if end in used}
    return fed, used


_AMOUNT = re.compile(r"(?<![A-Za-z0-9])(?:[kMG]Wh?|t|m3)(?![A-Za-z0-9])")


def amounts_in(unit: str) -> list[str]:
    """The units of carriers that are in a unit of a sheet.

    Examples
    --------
    >>> amounts_in("GWh/a"), amounts_in("t/MWh"), amounts_in("tCO2/m3")
    (['MWh'], ['t', 'MWh'], ['m3'])
    """
    return [word if word in AMOUNTS else "MWh" for word in _AMOUNT.findall(unit)]


def flow_units(park: Park) -> dict[str, str]:
    """Unit of the flows of carriers that are counted in ``t`` or ``m3``, not in MWh.

    Parameters
    ----------
    park
        Its sheets.
    """
    first: dict[str, str] = {}
    for carrier, unit, _, _ in _counted(park):
        first.setdefault(carrier, unit)
    return {carrier: AMOUNTS[unit] for carrier, unit in first.items() if unit != "MWh"}


def carrier_faults(park: Park) -> Iterator[Fault]:
    """Carriers that are counted in two units, and conversions that equipment cannot have.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    first: dict[str, tuple[str, str, int]] = {}
    for carrier, unit, sheet, row in _counted(park):
        place = f"the package's {sheet}.csv" if row.is_default else f"{sheet}.csv"
        known, where, line = first.setdefault(carrier, (unit, place, row.line))
        if unit != known:
            message = f"{carrier} is counted in {known} in row {line} of {where}"
            volume = "m3" in (unit, known) and "MWh" in (unit, known)
            by = (
                "; 1 m3 of natural gas is near 0.0108 MWh on lower heating value" if volume else ""
            )
            yield row.fault("unit", message, f"count it in {known}{by}")
    yield from _conversions(park)


def _counted(park: Park) -> Iterator[tuple[str, str, str, Row]]:
    """Carrier, unit, sheet and row of all that counts a carrier."""
    kind_of = park.kind_of
    # A capacity is of what equipment gives, or a store holds.
    main = {
        row.technology: row.carrier_in if kind_of[row.technology].store else row.carrier_out
        for row in park.technologies
    }
    for technology in park.technologies:
        carrier, units = main[technology.technology], amounts_in(technology.unit)
        if carrier and units:  # the power of a store may name no carrier; vehicles are no amount
            yield carrier, units[0], "technologies", technology
    # A unit without an amount is wrong, and told with its row.
    for conversion in park.conversions:
        if len(units := amounts_in(conversion.unit)) == 2:
            yield conversion.carrier, units[0], "conversions", conversion
            if conversion.technology in main:
                yield main[conversion.technology], units[1], "conversions", conversion
    carriers = {bus.bus: bus.carrier for bus in buses_of(park)}
    demands = ("loads", "projects", "loads_unrestructured", "emission_factors")
    others: list[tuple[str, str, ValueRow]] = [
        *((row.carrier, sheet, row) for sheet in demands for row in park.rows(sheet)),
        *((carriers.get(row.bus, ""), "markets", row) for row in park.markets),
        *((carriers.get(row.from_bus, ""), "network", row) for row in park.network),
        *((row.item, "prices", row) for row in park.prices if not row.kind_of_value),
    ]
    for carrier, sheet, row in others:
        if carrier and (units := amounts_in(row.unit)):
            yield carrier, units[0], sheet, row


def _conversions(park: Park) -> Iterator[Fault]:
    """Rows for equipment that is not dispatched, and carriers that it would have twice."""
    known = park.kinds.technologies
    able = ", ".join(name for name, kind in known.items() if kind.conversions)
    given: dict[str, list[ConversionRow]] = {row.technology: [] for row in park.technologies}
    for row in park.conversions:
        given.setdefault(row.technology, []).append(row)
    for technology in park.technologies:
        name, kind = technology.technology, known[technology.kind]
        ways = {technology.carrier_in: "in", technology.carrier_out: "main"}
        for row in given[name]:
            if not kind.conversions:
                message = f"{name} is a {kind.name}, which follows a duty or takes nothing else"
                remedy = f"give it a kind that is dispatched ({able}), or remove the row"
                yield row.fault("technology", message, remedy)
            if ways.setdefault(row.carrier, row.way) != row.way:
                message = f"{name} takes and gives {row.carrier}"
                yield row.fault("carrier", message, "give what is left of both")
        if kind.conversions == "one_output":
            yield from _one_output(technology, given[name])


def _one_output(technology: TechnologyRow, rows: Sequence[ConversionRow]) -> Iterator[Fault]:
    """Equipment that gives something else than its main output and one other at a steady ratio."""
    remedy = "give it one output beside its main one, without profile"
    wrong = [row for row in rows if row.way == "in" or row.profile]
    wrong += [row for row in rows if row.carrier != rows[0].carrier]
    for row in wrong:
        message = f"a {technology.kind} takes {technology.carrier_in} alone and gives one thing "
        message += f"beside {technology.carrier_out}"
        yield row.fault("carrier", message, remedy)
    if not rows:
        message = f"conversions.csv does not say what {technology.technology} gives beside "
        message += technology.carrier_out
        yield technology.fault("technology", message, remedy)
