"""What the sheets of a park say about each other: names, units and rows that must agree.

What the models of the rows declare is checked sheet by sheet; each function here is a rule of its
own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import building_faults, described_loads
from meishan_model.sheets.buses import bus_faults, buses_of, network_faults, power_carrier
from meishan_model.sheets.park import Park, sheets_for
from meishan_model.sheets.park_rows import AssetRow, PlantRow, hour_faults
from meishan_model.sheets.periods import grid_factor_faults, surcharge_faults, tariff_faults
from meishan_model.sheets.records import CITY, WHOLE_PARK
from meishan_model.sheets.row_reader import (
    cell_fault,
    declared_faults,
    names_remedy,
    unknown_names,
)
from meishan_model.sheets.rows import Refers
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow


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
    for kind in park.kinds.technologies.values():
        own = [row for row in park.technologies if row.kind == kind.name]
        for column, mark in kind.refers.items():
            yield from unknown_names(own, park.path("technologies"), column, mark, known)
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
        What a mark :class:`~meishan_model.sheets.rows.Refers` may refer to: what a sheet is about
        by the name of its column, unless that refers to another sheet; of loads the pairs of name
        and zone.
    """
    found: dict[str, Collection[Any]] = {}
    for sheet, model in sheets_for(park.kinds).items():
        column = model.about[0] if len(model.about) == 1 else None
        if column and not any(isinstance(m, Refers) for m in model.model_fields[column].metadata):
            found[column] = {row.name_of[0] for row in park.rows(sheet)}
    buses = {bus.bus for bus in buses_of(park)}
    networks = {bus.carrier for bus in buses_of(park)} | {power_carrier(park)}
    if not park.buses and len(park.zone_names) > 1:  # told for itself
        buses |= {bus for row in park.network for bus in (row.from_bus, row.to_bus)}
    loads = {(row.load, row.zone) for row in park.loads} | described_loads(park)
    return {
        **found,
        "zone": park.zone_names,
        "bus": buses,
        "carrier": {*networks, *found["heat"]},
        "carrier of a bus": networks,
        "load": loads | {(row.project, row.zone) for row in park.projects},
        "contract of green power": green_power(park).keys(),
    }


def _plants(park: Park) -> Iterator[Fault]:
    """Plants that end before they begin, and plants whose power nobody can sell."""
    sources = {name: kind.resource for name, kind in park.kind_of.items()}
    path = park.path("existing_plants")
    for plant in park.existing_plants:
        if plant.commissioned_to < plant.commissioned_from:
            message = "lies before commissioned_from"
            remedy = f"give {plant.commissioned_from} or later"
            yield cell_fault(path, plant, "commissioned_to", message, remedy)
        if plant.offtake == "grid" and not sources.get(plant.technology, "unknown"):
            message = f"{plant.technology} has no power to sell to the grid company"
            yield cell_fault(path, plant, "offtake", message, "give park")


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
            yield cell_fault(park.path(sheet), row, "unit", message, f"give it in {unit}")


def _fleet_units(park: Park) -> Iterator[Fault]:
    """Fleets whose rows count partly kilometres, partly hours of service."""
    first: dict[str, tuple[str, int]] = {}
    for row in park.fleets:
        of_row = "hours" if "h" in re.split("[ /]", row.unit) else "kilometres"
        counted, line = first.setdefault(row.fleet, (of_row, row.line))
        if counted != of_row:
            message = f"row {line} counts the service of {row.fleet} in {counted}"
            remedy = "service, annual_use and energy_use of a fleet go by km, or all by h"
            yield cell_fault(park.path("fleets"), row, "unit", message, remedy)


def _projects(park: Park) -> Iterator[Fault]:
    """Projects that have the name of a load."""
    loads = {(row.load, row.zone) for row in park.loads}
    for project in park.projects:
        if (project.project, project.zone) in loads:
            message = "is the name of a load of this zone in loads.csv"
            remedy = "give another name"
            yield cell_fault(park.path("projects"), project, "project", message, remedy)


def _events(park: Park) -> Iterator[Fault]:
    """Events of broken hours, and those that ask for two things at once or for none."""
    path, asked = park.path("events"), dict[str, list[str]]()
    for row in park.events:
        asked.setdefault(row.event, []).append(row.parameter)
        if row.unit == "h" and row.value % 1:
            message, remedy = f"{row.event}: {row.parameter} is no whole hour", "give whole hours"
            yield cell_fault(path, row, "value", message, remedy)
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
            file = park.path("technology_parameters")
            yield cell_fault(file, sink, "value", message, remedy)


def _prices(park: Park) -> Iterator[Fault]:
    """Prices of what no emission factor knows as a fuel."""
    fuels = {row.carrier for row in park.emission_factors if row.is_of_fuel}
    for row in park.prices:
        if not row.kind_of_value and row.item not in fuels:
            known = {name for name in row.quantities if name} | fuels
            message = "is neither a price of the park nor a fuel of emission_factors.csv"
            path, remedy = park.path("prices"), names_remedy(row.item, known)
            yield cell_fault(path, row, "item", message, remedy)


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
                yield cell_fault(path, item, "carrier", message, remedy)


def trade_faults(park: Park) -> Iterator[Fault]:
    """Everything in which the sheets of trade contradict each other or those of the park.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _contracts_without_terms(park)
    yield from _contracted_plants(park)
    yield from _consumers(park)
    yield from _exports(park)
    yield from _vintages(park)
    yield from _factors_without_year(park)
    yield from tariff_faults(park.tariff_periods, park.path("tariff_periods"))
    yield from surcharge_faults(park.surcharges, park.path("surcharges"))
    yield from grid_factor_faults(park.grid_factor_periods, park.path("grid_factor_periods"))


def green_power(park: Park) -> dict[str, list[ContractRow]]:
    """Rows of the contracts of green power, bought or exported."""
    found: dict[str, list[ContractRow]] = defaultdict(list)
    for row in park.contracts:
        if park.kinds.contracts[row.kind].follows_plant:
            found[row.contract].append(row)
    return found


def _export_names(park: Park) -> set[str]:
    kinds = park.kinds.contracts
    return {row.contract for row in park.contracts if kinds[row.kind].is_sold}


def _contracts_without_terms(park: Park) -> Iterator[Fault]:
    named = {row.contract for row in park.contract_terms}
    for contract, rows in green_power(park).items():
        if contract not in named:
            message = "contract_terms.csv does not say from whom, for whom and how long"
            remedy = "add a row to contract_terms.csv"
            yield cell_fault(park.path("contracts"), rows[0], "contract", message, remedy)


def _contracted_plants(park: Park) -> Iterator[Fault]:
    """Contracts on plants that are not for sale, or smaller than what is contracted."""
    plants = {row.plant: row for row in park.existing_plants}
    green, exports = green_power(park), _export_names(park)
    sold: dict[str, list[tuple[ContractTermRow, float]]] = defaultdict(list)
    for term in park.contract_terms:
        plant = plants.get(term.plant)
        if plant is None or term.contract in exports:
            continue  # a name that nothing defines is told with all others
        rows = green.get(term.contract, [])
        yield from _unfit_plant(park, term, plant, rows)
        offers = [row for row in rows if row.parameter == "capacity"]
        sold[term.plant].append((term, max((row.value for row in offers), default=0.0)))
        together = _most_at_a_time(sold[term.plant])
        if offers and together > plant.value:
            message = f"{together:g} MW are contracted of a plant of {plant.value:g} MW"
            remedy = f"contract at most {plant.value:g} MW of it at a time"
            largest = max(offers, key=lambda row: row.value)
            yield cell_fault(park.path("contracts"), largest, "value", message, remedy)


def _most_at_a_time(contracts: list[tuple[ContractTermRow, float]]) -> float:
    """What contracts have together in the year in which they have most [MW].

    More of them begin than end only in a first year of one of them.
    """
    return max(
        sum(mw for term, mw in contracts if term.first_year <= start.first_year <= term.last_year)
        for start, _ in contracts
    )


def _unfit_plant(
    park: Park, term: ContractTermRow, plant: PlantRow, rows: Iterable[ContractRow]
) -> Iterator[Fault]:
    path = park.path("contract_terms")
    if plant.offtake != "grid":
        message = "the power of this plant is the park's already"
        yield cell_fault(path, term, "plant", message, "name a plant with the offtake grid")
    if term.first_year < plant.commissioned_from:
        message = f"{term.plant} does not generate before {plant.commissioned_from}"
        remedy = f"give {plant.commissioned_from} or later"
        yield cell_fault(path, term, "first_year", message, remedy)
    for row in rows:
        if row.profile != plant.technology:
            message = f"{term.plant} generates as {plant.technology}"
            path, remedy = park.path("contracts"), f"give {plant.technology}"
            yield cell_fault(path, row, "profile", message, remedy)


def _consumers(park: Park) -> Iterator[Fault]:
    """Consumers that are not there, and loads that two contracts would cover at a time."""
    path = park.path("contract_terms")
    power = power_carrier(park)
    places = {(row.load, row.zone) for row in park.loads if row.carrier == power}
    places |= {("", zone) for zone in park.zone_names} | described_loads(park)
    covered: list[tuple[ContractTermRow, set[tuple[str, str]]]] = []
    exports = _export_names(park)
    for term in park.contract_terms:
        if term.consumer == WHOLE_PARK or term.contract in exports:
            continue
        mine = {place for place in places if term.consumer in place}
        if not mine:
            message = f"is neither the park, nor a zone or load that uses {power}"
            known = {WHOLE_PARK}.union(*places) - {""}
            remedy = names_remedy(term.consumer, known)
            yield cell_fault(path, term, "consumer", message, remedy)
        for other, theirs in covered:
            together = term.first_year <= other.last_year and other.first_year <= term.last_year
            if mine & theirs and together:
                message = f"the contract in row {other.line} covers the same load"
                remedy = "contract for the park, or one after the other"
                yield cell_fault(path, term, "consumer", message, remedy)
        covered.append((term, mine))


def _exports(park: Park) -> Iterator[Fault]:
    """Exports to anybody but the city, or from a plant of their own."""
    exports, path = _export_names(park), park.path("contract_terms")
    for term in (term for term in park.contract_terms if term.contract in exports):
        if term.consumer != CITY:
            message = "clean power is exported to the city"
            yield cell_fault(path, term, "consumer", message, f"give {CITY}")
        if term.plant:
            message = "an export takes the same share of every local plant"
            yield cell_fault(path, term, "plant", message, "leave it empty")


def _vintages(park: Park) -> Iterator[Fault]:
    """Credits that are too old to be used, or whose vintages two years would share."""
    path = park.path("contracts")
    years: dict[str, dict[str, ContractRow]] = {"age": {}, "validity": {}}
    for row in park.contracts:
        dated = park.kinds.contracts[row.kind].has_vintage
        if not dated or row.parameter not in years:
            continue
        years[row.parameter][row.contract] = row
        if row.year is not None:
            message = f"the {row.parameter} of credits is the same in all years"
            remedy = (
                "leave the year empty; offer credits of another age as a contract of their own"
            )
            yield cell_fault(path, row, "year", message, remedy)
        if row.value != round(row.value):
            message = "is no whole number of years"
            yield cell_fault(path, row, "value", message, "give whole years")
    for name, row in years["age"].items():
        most = years["validity"].get(name)
        if most is not None and row.value > most.value:
            message = f"{name} is older than the {most.value:g} years for which it may be used"
            remedy = f"give at most {most.value:g}, or raise the validity in row {most.line}"
            yield cell_fault(path, row, "value", message, remedy)


def _factors_without_year(park: Park) -> Iterator[Fault]:
    """Factors of the grid, which change from year to year, that do not say of which year."""
    for row in park.emission_factors:
        if row.is_of_grid and row.year is None:
            message = "a factor of the grid without a year"
            remedy = "give the year, and a second row where it holds for longer"
            yield cell_fault(park.path("emission_factors"), row, "year", message, remedy)
