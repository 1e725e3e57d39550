"""What the sheets of a park say about each other: names, units and rows that must agree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import building_faults, described_loads
from meishan_model.sheets.buses import ELECTRICITY, bus_faults, buses_of, network_faults
from meishan_model.sheets.park import Park, sheets_for
from meishan_model.sheets.park_rows import AssetRow, PlantRow, hour_faults
from meishan_model.sheets.row_reader import declared_faults, names_remedy
from meishan_model.sheets.trade_references import green_power, trade_faults


def reference_faults(park: Park) -> Iterator[Fault]:
    """Everything in which two sheets of a park, or two rows of one, contradict each other.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    known, models = names_of(park), sheets_for(park.kinds)
    for sheet, rows in park.sheets():
        yield from declared_faults(models[sheet], rows, park.path(sheet), known)
    yield from _foreign_units(park)
    yield from _fleet_units(park)
    yield from _projects(park)
    without = list(bus_faults(park))
    yield from without or network_faults(park)
    yield from _baseline(park)
    yield from _prices(park)
    yield from _heat_pumps(park)
    yield from building_faults(park)
    yield from _plants(park)
    yield from _events(park)
    for plugin in park.kinds.plugins:
        yield from plugin.faults(park)
    yield from trade_faults(park)
    yield from hour_faults(park.profiles, park.path("profiles"))


def names_of(park: Park) -> dict[str, Collection[Any]]:
    """Names that the sheets of a park define, by what they name.

    Parameters
    ----------
    park
        Its sheets.

    Returns
    -------
    dict
        What a mark :class:`~meishan_model.sheets.rows.Refers` may refer to; of loads the pairs of
        name and zone. What a sheet of a plug-in is about has the name of its column.
    """
    buses = {bus.bus for bus in buses_of(park)}
    if not park.buses and len(park.zone_names) > 1:  # told for itself
        buses |= {bus for row in park.network for bus in (row.from_bus, row.to_bus)}
    loads = {(row.load, row.zone) for row in park.loads} | described_loads(park)
    of_plugins: dict[str, Collection[Any]] = {}
    for sheet, model in sheets_for(park.kinds).items():
        if sheet in park.added and len(model.about) == 1:
            (column,) = model.about
            of_plugins[column] = {getattr(row, column) for row in park.added[sheet]}
    return {
        **of_plugins,
        "zone": park.zone_names,
        "technology": {row.technology for row in park.technologies},
        "bus": buses,
        "carrier": {ELECTRICITY, *(row.heat for row in park.heats)},
        "load": loads | {(row.project, row.zone) for row in park.projects},
        "load that can be saved": loads,
        "plant": {row.plant for row in park.existing_plants},
        "contract of green power": green_power(park).keys(),
    }


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
        of_row = "hours" if "h" in re.split("[ /]", row.unit) else "kilometres"
        counted, line = first.setdefault(row.fleet, (of_row, row.line))
        if counted != of_row:
            message = f"row {line} counts the service of {row.fleet} in {counted}"
            remedy = "service, annual_use and energy_use of a fleet go by km, or all by h"
            yield Fault(park.path("fleets"), message, row.line, "unit", row.unit, remedy)


def _projects(park: Park) -> Iterator[Fault]:
    """Projects that have the name of a load."""
    loads = {(row.load, row.zone) for row in park.loads}
    for project in park.projects:
        if (project.project, project.zone) in loads:
            message = "is the name of a load of this zone in loads.csv"
            remedy = "give another name"
            file, value = park.path("projects"), project.project
            yield Fault(file, message, project.line, "project", value, remedy)


def _events(park: Park) -> Iterator[Fault]:
    """Events of broken hours, and those that ask for two things at once or for none."""
    path, asked = park.path("events"), dict[str, list[str]]()
    for row in park.events:
        asked.setdefault(row.event, []).append(row.parameter)
        if row.unit == "h" and row.value % 1:
            message, remedy = f"{row.event}: {row.parameter} is no whole hour", "give whole hours"
            yield Fault(path, message, row.line, "value", f"{row.value:g}", remedy)
    for name, given in asked.items():
        if ("power" in given) == ("reduction" in given):
            message = f"{name} must ask either for a power or for a reduction"
            yield Fault(path, message, None, "event", name, "give one of the two rows")


def _heat_pumps(park: Park) -> Iterator[Fault]:
    """Heat pumps that do not reach the temperature of their heat."""
    needed = {row.heat: row.value for row in park.heats}
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


def _prices(park: Park) -> Iterator[Fault]:
    """Prices of what no emission factor knows as a fuel."""
    fuels = {row.carrier for row in park.emission_factors if row.scope == "scope1"}
    for row in park.prices:
        if not row.kind_of_value and row.item not in fuels:
            known = {name for name in row.quantities if name} | fuels
            message = "is neither a price of the park nor a fuel of emission_factors.csv"
            path, remedy = park.path("prices"), names_remedy(row.item, known)
            yield Fault(path, message, row.line, "item", row.item, remedy)


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
                path, remedy = park.path("baseline"), names_remedy(item.carrier, factors[factor])
                yield Fault(path, message, item.line, "carrier", item.carrier, remedy)
