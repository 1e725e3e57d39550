"""What the sheets of a park say about each other: names, units and rows that must agree.

What the models of the rows declare is checked sheet by sheet; each function here is a rule of its
own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from meishan_model.errors import Fault
from meishan_model.sheets import buses
from meishan_model.sheets.buildings import building_faults, described_loads
from meishan_model.sheets.contradictions import contradictions
from meishan_model.sheets.park import Park, sheets_for
from meishan_model.sheets.park_rows import AssetRow, PlantRow
from meishan_model.sheets.periods import course_faults
from meishan_model.sheets.row_reader import declared_faults, names_remedy, unknown_names
from meishan_model.sheets.rows import defined_by
from meishan_model.sheets.trade_faults import green_power, trade_faults
from meishan_model.sheets.units import CURRENCY, project_unit


def reference_faults(park: Park) -> Iterator[Fault]:
    """Everything in which two sheets of a park, or two rows of one, contradict each other.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    known = names_of(park)
    models = sheets_for(park.kinds)
    for sheet, rows in park.sheets():
        yield from declared_faults(models[sheet], rows, park.path(sheet), known)
    unnamed = list(_unnamed(park, known))
    yield from unnamed
    for of_rows in (_stores, _foreign_units, buses.carrier_faults, _projects):
        yield from of_rows(park)
    without = list(buses.bus_faults(park))
    # Equipment that names nothing gives nothing: that is no fault of a network.
    yield from without or buses.network_faults(park, is_fed=not unnamed)
    of_plugins = (plugin.faults for plugin in park.kinds.plugins)
    own = (_baseline, _heat_pumps, building_faults, _plants, _events)
    for rule in (*own, *of_plugins, trade_faults, contradictions):
        yield from rule(park)
    yield from course_faults(park.profiles)


def names_of(park: Park) -> dict[str, Collection[Any]]:
    """Names that the sheets of a park define, by what they name.

    Parameters
    ----------
    park
        Its sheets.

    Returns
    -------
    dict
        What a mark :class:`~meishan_model.sheets.rows.Refers` may refer to: what a sheet is about
        by the name of its column, unless that refers to another sheet; of loads the pairs of name
        and zone.
    """
    found: dict[str, Collection[Any]] = {}
    models, factors = sheets_for(park.kinds), park.emission_factors
    for sheet, model in models.items():
        if column := defined_by(model):
            found[column] = {row.name_of[0] for row in park.rows(sheet)}
    ends = {bus.bus for bus in buses.buses_of(park)}
    networks = {bus.carrier for bus in buses.buses_of(park)} | {buses.power_carrier(park)}
    if not park.buses and len(park.zone_names) > 1:  # told for itself
        ends |= {bus for row in park.network for bus in (row.from_bus, row.to_bus)}
    loads = {(row.load, row.zone) for row in park.loads} | described_loads(park)
    return {
        **found,
        "zone": park.zone_names,
        "bus": ends,
        "carrier": {*networks, *found["heat"]},
        "carrier of a bus": networks,
        "carrier that is taken": {
            *networks,
            *(row.item for row in park.prices if not row.kind_of_value),
        },
        "load": loads | {(row.project, row.zone) for row in park.projects},
        "contract of green power": green_power(park).keys(),
        "price of the park, nor fuel": {
            *filter(None, getattr(models["prices"], "quantities", ())),
            *(row.carrier for row in factors if row.is_of_fuel),
        },
        "carrier with tce_equivalent": {
            row.carrier for row in factors if row.parameter == "tce_equivalent"
        },
    }


def _unnamed(park: Park, known: Mapping[str, Collection[Any]]) -> Iterator[Fault]:
    """Cells of equipment that name what no sheet defines."""
    for kind in park.kinds.technologies.values():
        own = [row for row in park.technologies if row.kind == kind.name]
        for column, mark in kind.refers.items():
            yield from unknown_names(own, column, mark, known)


def _stores(park: Park) -> Iterator[Fault]:
    """Stores that do not say what they hold, or that would take or give anything else."""
    parts = {name: kind.store for name, kind in park.kind_of.items() if kind.store}
    rows = [row for row in park.technologies if row.technology in parts]
    contents = {row.store: row.carrier_in for row in rows if parts[row.technology] == "energy"}
    able = [name for name, kind in park.kinds.technologies.items() if kind.conversions == "any"]
    turned = f"; what turns it into another is a {' or '.join(able)}" if able else ""
    for row in rows:
        is_power = parts[row.technology] == "power"
        held = contents.get(row.store, "") if is_power else row.carrier_in
        if not held and not is_power:
            message = "is empty: a store names the carrier that it holds"
            yield row.fault("carrier_in", message, "give a carrier of buses.csv")
        for column in ("carrier_in", "carrier_out"):
            if held and getattr(row, column) not in ("", held):
                message = f"a store gives what it takes, and {row.store or row.technology} holds "
                yield row.fault(column, message + held, f"give {held}{turned}")


def _plants(park: Park) -> Iterator[Fault]:
    """Plants whose power nobody can sell."""
    sources = {name: kind.resource for name, kind in park.kind_of.items()}
    for plant in park.existing_plants:
        if plant.offtake == "grid" and not sources.get(plant.technology, "unknown"):
            message = f"{plant.technology} has no power to sell to the grid company"
            yield plant.fault("offtake", message, "give park")


def _foreign_units(park: Park) -> Iterator[Fault]:
    """Capacities that are not of the kind of unit of their technology."""
    units = {row.technology: row.unit for row in park.technologies}
    limits = (row for row in park.assets if row.parameter != "last_new_build")
    rows: list[AssetRow | PlantRow] = [*limits, *park.existing_plants]
    for row in rows:
        unit = row.unit.removesuffix("/a").removeprefix(f"{CURRENCY}/")
        counted = units.get(row.technology, unit)
        if project_unit(unit) != project_unit(counted):
            message = f"{row.technology} is counted in {counted} in technologies.csv"
            yield row.fault("unit", message, f"give it in {row.unit.replace(unit, counted)}")


def _projects(park: Park) -> Iterator[Fault]:
    """Projects that have the name of a load."""
    loads = {(row.load, row.zone) for row in park.loads}
    for project in park.projects:
        if (project.project, project.zone) in loads:
            message = "is the name of a load of this zone in loads.csv"
            yield project.fault("project", message, "give another name")


def _events(park: Park) -> Iterator[Fault]:
    """Events that ask for two things at once or for none."""
    asked: dict[str, list[str]] = defaultdict(list)
    for row in park.events:
        asked[row.event].append(row.parameter)
    for name, given in asked.items():
        if ("power" in given) == ("reduction" in given):
            message = f"{name} must ask either for a power or for a reduction"
            yield park.fault("events", "event", name, message, "give one of the two rows")


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
            yield sink.fault("value", message, remedy)


def _baseline(park: Park) -> Iterator[Fault]:
    """A baseline of no year, and fuels of it whose carbon nobody could count."""
    if park.baseline and park.site.baseline_year is None:
        file, remedy = str(park.folder / "park.yaml"), "give the year of baseline.csv"
        yield Fault(file, "is missing", None, "baseline_year", None, remedy)
    fuels = {row.carrier for row in park.emission_factors if row.is_of_fuel}
    for item in park.baseline:
        if item.accounting == "fuel" and item.carrier not in fuels:
            message = "emission_factors.csv has no scope1 emission_factor of this carrier"
            yield item.fault("carrier", message, names_remedy(item.carrier, fuels))
