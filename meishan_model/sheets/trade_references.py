"""What the sheets of trade must agree on: contracts, their plants and consumers, periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import described_loads
from meishan_model.sheets.buses import ELECTRICITY
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.periods import grid_factor_faults, surcharge_faults, tariff_faults
from meishan_model.sheets.records import CITY, WHOLE_PARK
from meishan_model.sheets.row_reader import cell_fault, names_remedy
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow


def trade_faults(park: Park) -> Iterator[Fault]:
    """Everything in which the sheets of trade contradict each other or those of the park.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _contracts_without_terms(park)
    yield from _plants(park)
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


def _plants(park: Park) -> Iterator[Fault]:
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
    places = {(row.load, row.zone) for row in park.loads if row.carrier == ELECTRICITY}
    places |= {("", zone) for zone in park.zone_names} | described_loads(park)
    covered: list[tuple[ContractTermRow, set[tuple[str, str]]]] = []
    exports = _export_names(park)
    for term in park.contract_terms:
        if term.consumer == WHOLE_PARK or term.contract in exports:
            continue
        mine = {place for place in places if term.consumer in place}
        if not mine:
            message = "is neither the park, nor a zone or load that uses electricity"
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
        if row.scope.startswith("scope2") and row.year is None:
            message = "a factor of the grid without a year"
            remedy = "give the year, and a second row where it holds for longer"
            yield cell_fault(park.path("emission_factors"), row, "year", message, remedy)
