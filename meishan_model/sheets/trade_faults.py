"""What the sheets of trade say about each other and of the park: contracts, prices, markets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import described_loads
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.periods import (
    connection_voltage,
    dated_faults,
    grid_factor_faults,
    power_prices_of,
    tariff_faults,
)
from meishan_model.sheets.records import CITY, WHOLE_PARK
from meishan_model.sheets.row_reader import columns_of, missing_row, names_remedy
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow, PriceRow
from meishan_model.sheets.units import CURRENCY

_NEEDS = {
    "import_capacity": "import_price",
    "export_capacity": "export_price",
    **dict.fromkeys(("import_price", "import_limit", "demand_charge"), "import_capacity"),
    **dict.fromkeys(("export_price", "export_limit"), "export_capacity"),
}
"""What a market must say as well where it says something."""


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
    contracts = (_contracts_without_terms, _contracted_plants, _consumers, _exports, _vintages)
    for rule in (*contracts, _factors_without_year, _foreign_tariffs, price_faults, market_faults):
        yield from rule(park)
    yield from dated_faults(park.surcharges)
    yield from dated_faults(park.power_prices)
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
            needed = ", ".join(park.kinds.contracts[rows[0].kind].needed)
            remedy = f"add a row to contract_terms.csv ({','.join(columns_of(ContractTermRow))}); "
            remedy += f"contracts.csv needs {needed} of it"
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
        yield term.fault("first_year", message, f"give {plant.commissioned_from} or later")
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


def price_faults(park: Park) -> Iterator[Fault]:
    """Parks that say nothing, or two things, of what a purchase costs, and series of no course.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    items, path = {row.item for row in park.prices}, park.path("prices")
    given = [name for name in PriceRow.of_purchase if name in items]
    if park.power_prices:
        yield from _power_prices(park)
    else:
        missing = [name for name in PriceRow.of_connection if name not in items]
        yield from (missing_row(path, "item", name) for name in missing)
        if len(given) != 1:
            message = f"what power costs is said by {' and '.join(given) or 'no row'}"
            remedy = f"give one of {' and '.join(PriceRow.of_purchase)}, or power_prices.csv"
            yield Fault(path, message, column="item", remedy=remedy)
    for row in park.prices:
        if row.profile and row.item not in PriceRow.by_hour:
            remedy = f"by hour are {' and '.join(PriceRow.by_hour)}; what else has hourly prices "
            remedy += "is a market of markets.csv"
            yield row.fault("profile", f"{row.item} is the same in all hours of a year", remedy)


def _power_prices(park: Park) -> Iterator[Fault]:
    """Parts of the price beside the whole, of no class or voltage, and parts that are missing."""
    path, site = park.path("power_prices"), str(park.folder / "park.yaml")
    for row in park.prices:
        if row.item in (*PriceRow.of_purchase, *PriceRow.of_connection):
            message = "power_prices.csv says what power costs, in its parts"
            yield row.fault("item", message, "keep one of the two")
    classes = {row.tariff_class for row in park.power_prices} - {""}
    if classes and park.site.tariff_class not in classes:
        message, own = "is no class of power_prices.csv", park.site.tariff_class
        yield Fault(site, message, None, "tariff_class", own, names_remedy(own, classes))
        return
    if connection_voltage(park) is None and any(row.voltage_from for row in park.power_prices):
        message = "has prices by voltage, and no row of buses.csv says that of the connection"
        yield Fault(path, message, None, "voltage_from", None, "add its bus, in kV, to buses.csv")
        return
    there = {row.part for row in power_prices_of(park)}
    for part in ("energy", *PriceRow.of_connection):
        if part not in there:
            yield missing_row(path, "part", part, "the class and voltage of the park")


def market_faults(park: Park) -> Iterator[Fault]:
    """Markets that say half of what they need, and tariffs with gaps.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    given: dict[str, set[str]] = {}
    for row in park.markets:
        given.setdefault(row.market, set()).add(row.parameter)
    for market, numbers in given.items():
        for parameter in sorted({_NEEDS[name] for name in numbers} - numbers):
            yield missing_row(park.path("markets"), "parameter", parameter, market)
    tariffs = {row.tariff for row in park.tariff_periods}
    for name in ("", *sorted(tariffs & {row.profile for row in park.markets})):
        yield from tariff_faults(park.tariff(name))
        for period in park.tariff(name) if name else ():
            if period.applies_to:
                message = f"the price of {name} in markets.csv has no parts"
                yield period.fault("applies_to", message, "leave it empty")
    if tariffs and not park.tariff():
        message = "each tariff is the profile of a market: the connection has none"
        remedy = "add one that no market names"
        yield Fault(park.path("tariff_periods"), message, column="tariff", remedy=remedy)
