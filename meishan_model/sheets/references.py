"""What the sheets of a park say about each other: names, units and rows that must agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import building_faults, building_load_names
from meishan_model.sheets.buses import bus_faults, buses_of, network_faults
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import AssetRow, PlantRow, hour_faults
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.terminal_checks import terminal_faults
from meishan_model.sheets.trade_references import trade_faults


def reference_faults(park: Park) -> Iterator[Fault]:
    """Everything in which two sheets of a park, or two rows of one, contradict each other.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _unknown_names(park)
    yield from _foreign_units(park)
    yield from _fleet_units(park)
    yield from _rivals(park)
    without = list(bus_faults(park))
    yield from without or network_faults(park)
    yield from _baseline(park)
    yield from _heats(park)
    yield from building_faults(park)
    yield from _plants(park)
    yield from terminal_faults(park)
    yield from trade_faults(park)
    yield from hour_faults(park.profiles, park.path("profiles"))


def _plants(park: Park) -> Iterator[Fault]:
    """Plants that end before they begin, and plants whose power nobody can sell."""
    sources = {name: kind.resource for name, kind in park.kind_of.items()}
    path = park.path("existing_plants")
    for plant in park.existing_plants:
        if plant.commissioned_to < plant.commissioned_from:
            year, remedy = str(plant.commissioned_to), f"give {plant.commissioned_from} or later"
            message = "lies before commissioned_from"
            yield Fault(path, message, plant.line, "commissioned_to", year, remedy)
        if plant.offtake == "grid" and not sources.get(plant.technology, "unknown"):
            message = f"{plant.technology} has no power to sell to the grid company"
            yield Fault(path, message, plant.line, "offtake", plant.offtake, "give park")


def _unknown_names(park: Park) -> Iterator[Fault]:
    """Names that one sheet uses and no other defines."""
    zones = set(park.zone_names)
    technologies = {row.technology for row in park.technologies}
    buses = {bus.bus for bus in buses_of(park)}
    if not park.buses and len(zones) > 1:  # told for itself
        buses |= {bus for row in park.network for bus in (row.from_bus, row.to_bus)}
    for sheet, row in park.value_rows():
        for column, known in (
            ("zone", zones),
            ("technology", technologies),
            ("from_bus", buses),
            ("to_bus", buses),
        ):
            name = getattr(row, column, "")
            if name and name not in known:
                message = f"no such {column.split('_')[-1]}"
                if column == "technology":
                    message += " in technologies.csv"
                yield _unknown(park, sheet, row, message, column, name, known)
    for technology in park.technologies:
        if technology.bus and technology.bus not in buses:
            known_buses = ", ".join(sorted(buses))
            place, remedy = park.path("technologies"), f"known: {known_buses}; or none"
            line, bus = technology.line, technology.bus
            yield Fault(place, "no such bus", line, "bus", bus, remedy)
    loads = {(row.load, row.zone) for row in park.loads} | building_load_names(park)
    loads |= {(row.load, row.zone) for row in park.handling}
    named = loads | {(row.project, row.zone) for row in park.projects}
    for load in park.loads_unrestructured:
        if (load.load, load.zone) not in named:
            there = {name for name, zone in named if zone == load.zone}
            message = f"neither loads.csv nor projects.csv has it in zone {load.zone}"
            yield _unknown(park, "loads_unrestructured", load, message, "load", load.load, there)
    sheets = "loads.csv, buildings.csv or handling.csv"
    for measure in park.efficiency_measures:
        there = {load for load, zone in loads if measure.zone in ("", zone)}
        if measure.load not in there:
            message = f"no such load of {sheets} in {measure.zone or 'any zone'}"
            yield _unknown(
                park, "efficiency_measures", measure, message, "load", measure.load, there
            )


def _unknown(
    park: Park,
    sheet: str,
    row: ValueRow,
    message: str,
    column: str,
    name: str,
    known: Iterable[str],
) -> Fault:
    remedy = f"known: {', '.join(sorted(known)) or 'none'}"
    return Fault(park.path(sheet), message, row.line, column, name, remedy)


def _foreign_units(park: Park) -> Iterator[Fault]:
    """Capacities in another unit than that of their technology."""
    units = {row.technology: row.unit for row in park.technologies}
    ending = {"potential": "", "rural_potential": "", "event_potential": "", "build_rate": "/a"}
    wanted: list[tuple[str, AssetRow | PlantRow, str]] = [
        ("assets", row, units[row.technology] + ending[row.parameter])
        for row in park.assets
        if row.technology in units and row.parameter in ending
    ]
    wanted += [
        ("existing_plants", row, units[row.technology])
        for row in park.existing_plants
        if row.technology in units
    ]
    for sheet, row, unit in wanted:
        if row.unit != unit:
            message = f"{row.technology} is counted in {units[row.technology]} in technologies.csv"
            yield Fault(
                park.path(sheet), message, row.line, "unit", row.unit, f"give it in {unit}"
            )


def _fleet_units(park: Park) -> Iterator[Fault]:
    """Fleets whose rows count partly kilometres, partly hours of service."""
    first: dict[str, tuple[str, int]] = {}
    for row in park.fleets:
        of_row = "hours" if row.unit in ("million h/a", "h/a", "h/TEU", "kWh/h") else "kilometres"
        counted, line = first.setdefault(row.fleet, (of_row, row.line))
        if counted != of_row:
            message = f"row {line} counts the service of {row.fleet} in {counted}"
            remedy = "service, annual_use and energy_use of a fleet go by km, or all by h"
            yield Fault(park.path("fleets"), message, row.line, "unit", row.unit, remedy)


_ONE_OF_A_NAME: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "network": (("element",), ("kind", "from_bus", "to_bus")),
    "technologies": (("technology",), ("line",)),
    "loads": (("load", "zone"), ("sector", "carrier", "profile")),
    "loads_unrestructured": (("load", "zone"), ("sector", "carrier", "profile")),
    "projects": (("project", "zone"), ("line",)),
    "fleets": (("fleet",), ("zone", "sector", "profile")),
    "berths": (("berth_group",), ("zone",)),
    "handling": (("load", "zone"), ("sector", "profile")),
    "contracts": (("contract",), ("kind", "profile")),
    "contract_terms": (("contract",), ("line",)),
}
"""Columns that name a thing, and columns that must then be the same in all its rows."""


def _rivals(park: Park) -> Iterator[Fault]:
    """Two things of one name, of which only one could be in the park."""
    for sheet, (names, kinds) in _ONE_OF_A_NAME.items():
        first: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
        for row in getattr(park, sheet):
            name, kind = (tuple(str(getattr(row, c)) for c in cs) for cs in (names, kinds))
            known, line = first.setdefault(name, (kind, row.line))
            if known != kind:
                what = "stands already" if kinds == ("line",) else f"has another {_list(kinds)}"
                message = f"{' in '.join(name)} {what} in row {line}"
                remedy = "give another name, or correct one of the rows"
                yield Fault(park.path(sheet), message, row.line, names[0], name[0], remedy)
    loads = {(row.load, row.zone) for row in park.loads}
    for project in park.projects:
        if (project.project, project.zone) in loads:
            message = "is the name of a load of this zone in loads.csv"
            remedy = "give another name"
            file, value = park.path("projects"), project.project
            yield Fault(file, message, project.line, "project", value, remedy)


def _heats(park: Park) -> Iterator[Fault]:
    """Heat that no row knows, and heat pumps that do not reach its temperature."""
    needed = {row.heat: row.value for row in park.heats}
    for sheet in ("loads", "loads_unrestructured", "projects"):
        for row in getattr(park, sheet):
            if row.carrier not in ("electricity", *needed):
                message = "is neither electricity nor a heat of heats.csv"
                known = ("electricity", *needed)
                yield _unknown(park, sheet, row, message, "carrier", row.carrier, known)
    reached = {
        row.technology: row
        for row in park.technology_parameters
        if row.parameter == "sink_temperature"
    }
    kind_of = park.kind_of
    for pump in (t for t in park.technologies if kind_of[t.technology].efficiency == "lift"):
        sink = reached.get(pump.technology)
        if sink is not None and sink.value < needed.get(pump.carrier_out, sink.value):
            message = f"{pump.technology} gives {sink.value:g} degC, but {pump.carrier_out} needs "
            message += f"{needed[pump.carrier_out]:g}"
            remedy = "raise sink_temperature, or let it serve a heat of a lower temperature"
            file, value = park.path("technology_parameters"), f"{sink.value:g}"
            yield Fault(file, message, sink.line, "value", value, remedy)


def _list(names: Iterable[str]) -> str:
    return " or ".join(names)


def _baseline(park: Park) -> Iterator[Fault]:
    """A baseline of no year, and carriers of it whose energy or carbon nobody could count."""
    if park.baseline and park.site.baseline_year is None:
        file, remedy = str(park.folder / "park.yaml"), "give the year of baseline.csv"
        yield Fault(file, "is missing", None, "baseline_year", None, remedy)
    factors: dict[str, set[str]] = defaultdict(set)
    for row in park.emission_factors:
        factors[f"{row.scope} {row.parameter}".strip()].add(row.carrier)
    for item in park.baseline:
        needed = ["tce_equivalent"]
        needed += ["scope1 emission_factor"] if item.accounting == "fuel" else []
        for factor in needed:
            if item.carrier not in factors[factor]:
                message = f"emission_factors.csv has no {factor} of this carrier"
                known = factors[factor]
                yield _unknown(park, "baseline", item, message, "carrier", item.carrier, known)
