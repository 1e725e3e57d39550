"""What the sheets of a park say about each other: names, units and rows that must agree.

What the models of the rows declare is checked sheet by sheet; each function here is a rule of its
own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import building_faults, described_loads
from meishan_model.sheets.buses import bus_faults, buses_of, network_faults, power_carrier
from meishan_model.sheets.carriers import carrier_faults
from meishan_model.sheets.markets import market_faults, price_faults
from meishan_model.sheets.park import Park, sheets_for
from meishan_model.sheets.park_rows import AssetRow, PlantRow
from meishan_model.sheets.periods import course_faults, grid_factor_faults, surcharge_faults
from meishan_model.sheets.records import CITY, WHOLE_PARK
from meishan_model.sheets.row_reader import (
    declared_faults,
    names_remedy,
    unknown_names,
)
from meishan_model.sheets.rows import defined_by
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow
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
    yield from _stores(park)
    yield from _foreign_units(park)
    yield from carrier_faults(park)
    yield from _projects(park)
    without = list(bus_faults(park))
    # Equipment that names nothing gives nothing: that is no fault of a network.
    yield from without or network_faults(park, is_fed=not unnamed)
    yield from _baseline(park)
    yield from _heat_pumps(park)
    yield from building_faults(park)
    yield from _plants(park)
    yield from _events(park)
    for plugin in park.kinds.plugins:
        yield from plugin.faults(park)
    yield from trade_faults(park)
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
        unit = row.unit.removesuffix("/a")
        counted = units.get(row.technology, unit)
        if project_unit(unit) != project_unit(counted):
            message = f"{row.technology} is counted in {counted} in technologies.csv"
            yield row.fault("unit", message, f"give it in {counted}{row.unit[len(unit) :]}")


def _projects(park: Park) -> Iterator[Fault]:
    """Projects that have the name of a load."""
    loads = {(row.load, row.zone) for row in park.loads}
    for project in park.projects:
        if (project.project, project.zone) in loads:
            message = "is the name of a load of this zone in loads.csv"
            remedy = "give another name"
            yield project.fault("project", message, remedy)


def _events(park: Park) -> Iterator[Fault]:
    """Events that ask for two things at once or for none."""
    asked: dict[str, list[str]] = defaultdict(list)
    for row in park.events:
        asked[row.event].append(row.parameter)
    for name, given in asked.items():
        if ("power" in given) == ("reduction" in given):
            message = f"{name} must ask either for a power or for a reduction"
            remedy = "give one of the two rows"
            yield park.fault("events", "event", name, message, remedy)


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


def trade_faults(park: Park) -> Iterator[Fault]:
    """Everything in which the sheets of trade contradict each other or those of the park.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    if park.site.currency != CURRENCY and park.shown_currency is None:
        message, remedy = "currencies.csv has no row of it", f"add the row, or give {CURRENCY}"
        path = str(park.folder / "park.yaml")
        yield Fault(path, message, None, "currency", park.site.currency, remedy)
    yield from _contracts_without_terms(park)
    yield from _contracted_plants(park)
    yield from _consumers(park)
    yield from _exports(park)
    yield from _vintages(park)
    yield from _factors_without_year(park)
    yield from _foreign_tariffs(park)
    yield from price_faults(park)
    yield from market_faults(park)
    yield from surcharge_faults(park.surcharges)
    yield from grid_factor_faults(park.grid_factor_periods)


def _foreign_tariffs(park: Park) -> Iterator[Fault]:
    """Tariffs of another province than that of the park, where both say theirs."""
    for row in park.tariff_periods:
        if row.province and park.site.province and row.province != park.site.province:
            message = f"the park lies in {park.site.province} (park.yaml)"
            yield row.fault("province", message, "give the tariff that holds there")


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
            yield rows[0].fault("contract", message, remedy)


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
        yield from _unfit_plant(term, plant, rows)
        offers = [row for row in rows if row.parameter == "capacity"]
        sold[term.plant].append((term, max((row.value for row in offers), default=0.0)))
        together = _most_at_a_time(sold[term.plant])
        if offers and together > plant.capacity:
            message = f"{together:g} MW are contracted of a plant of {plant.capacity:g} MW"
            remedy = f"contract at most {plant.capacity:g} MW of it at a time"
            largest = max(offers, key=lambda row: row.value)
            yield largest.fault("value", message, remedy)


def _most_at_a_time(contracts: list[tuple[ContractTermRow, float]]) -> float:
    """What contracts have together in the year in which they have most [MW].

    More of them begin than end only in a first year of one of them.
    """
    return max(
        sum(mw for term, mw in contracts if term.first_year <= start.first_year <= term.last_year)
        for start, _ in contracts
    )


def _unfit_plant(
    term: ContractTermRow, plant: PlantRow, rows: Iterable[ContractRow]
) -> Iterator[Fault]:
    if plant.offtake != "grid":
        message = "the power of this plant is the park's already"
        yield term.fault("plant", message, "name a plant with the offtake grid")
    if term.first_year < plant.commissioned_from:
        message = f"{term.plant} does not generate before {plant.commissioned_from}"
        remedy = f"give {plant.commissioned_from} or later"
        yield term.fault("first_year", message, remedy)
    for row in rows:
        if row.profile != plant.technology:
            message = f"{term.plant} generates as {plant.technology}"
            yield row.fault("profile", message, f"give {plant.technology}")


def _consumers(park: Park) -> Iterator[Fault]:
    """Consumers that are not there, and loads that two contracts would cover at a time."""
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
            yield term.fault("consumer", message, names_remedy(term.consumer, known))
        for other, theirs in covered:
            together = term.first_year <= other.last_year and other.first_year <= term.last_year
            if mine & theirs and together:
                message = f"the contract in row {other.line} covers the same load"
                remedy = "contract for the park, or one after the other"
                yield term.fault("consumer", message, remedy)
        covered.append((term, mine))


def _exports(park: Park) -> Iterator[Fault]:
    """Exports to anybody but the city, or from a plant of their own."""
    exports = _export_names(park)
    for term in (term for term in park.contract_terms if term.contract in exports):
        if term.consumer != CITY:
            message = "clean power is exported to the city"
            yield term.fault("consumer", message, f"give {CITY}")
        if term.plant:
            message = "an export takes the same share of every local plant"
            yield term.fault("plant", message, "leave it empty")


def _vintages(park: Park) -> Iterator[Fault]:
    """Credits that are too old to be used."""
    years: dict[str, dict[str, ContractRow]] = {"age": {}, "validity": {}}
    for row in park.contracts:
        if park.kinds.contracts[row.kind].has_vintage and row.parameter in years:
            years[row.parameter][row.contract] = row
    for name, row in years["age"].items():
        most = years["validity"].get(name)
        if most is not None and row.value > most.value:
            message = f"{name} is older than the {most.value:g} years for which it may be used"
            remedy = f"give at most {most.value:g}, or raise the validity in row {most.line}"
            yield row.fault("value", message, remedy)


def _factors_without_year(park: Park) -> Iterator[Fault]:
    """Factors of the grid, which change from year to year, that do not say of which year."""
    for row in park.emission_factors:
        if row.is_of_grid and row.year is None:
            message = "a factor of the grid without a year"
            remedy = "give the year, and a second row where it holds for longer"
            yield row.fault("year", message, remedy)
