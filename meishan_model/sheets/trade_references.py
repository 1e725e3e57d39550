"""What the sheets of trade must agree on: contracts, their plants and consumers, periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.buildings import building_load_names
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.periods import grid_factor_faults, surcharge_faults, tariff_faults
from meishan_model.sheets.records import CITY, WHOLE_PARK
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow


def trade_faults(park: Park) -> Iterator[Fault]:
    """Everything in which the sheets of trade contradict each other or those of the park.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    yield from _contracts_without_terms(park)
    yield from _volumes_of_nothing(park)
    yield from _plants(park)
    yield from _consumers(park)
    yield from _exports(park)
    yield from _vintages(park)
    yield from _factors_without_year(park)
    yield from tariff_faults(park.tariff_periods, park.path("tariff_periods"))
    yield from surcharge_faults(park.surcharges, park.path("surcharges"))
    yield from grid_factor_faults(park.grid_factor_periods, park.path("grid_factor_periods"))


def _green_power(park: Park) -> dict[str, list[ContractRow]]:
    """Rows of the contracts of green power, bought or exported."""
    found: dict[str, list[ContractRow]] = defaultdict(list)
    for row in park.contracts:
        if row.kind in ("green_power", "export"):
            found[row.contract].append(row)
    return found


def _export_names(park: Park) -> set[str]:
    return {row.contract for row in park.contracts if row.kind == "export"}


def _contracts_without_terms(park: Park) -> Iterator[Fault]:
    green = _green_power(park)
    named = {row.contract for row in park.contract_terms}
    for contract, rows in green.items():
        if contract not in named:
            message = "contract_terms.csv does not say from whom, for whom and how long"
            remedy = "add a row to contract_terms.csv"
            path = park.path("contracts")
            yield Fault(path, message, rows[0].line, "contract", contract, remedy)
    for term in park.contract_terms:
        if term.contract not in green:
            yield _unknown_contract(park, "contract_terms", term.line, term.contract, green)


def _volumes_of_nothing(park: Park) -> Iterator[Fault]:
    green = _green_power(park)
    for row in park.contract_volumes:
        if row.contract not in green:
            yield _unknown_contract(park, "contract_volumes", row.line, row.contract, green)


def _unknown_contract(
    park: Park, sheet: str, line: int, contract: str, known: Iterable[str]
) -> Fault:
    message = "contracts.csv has no such contract of green power"
    remedy = f"known: {', '.join(sorted(known)) or 'none'}"
    return Fault(park.path(sheet), message, line, "contract", contract, remedy)


def _plants(park: Park) -> Iterator[Fault]:
    """Contracts on plants that are not there, not for sale, or smaller than what is contracted."""
    plants = {row.plant: row for row in park.existing_plants}
    green = _green_power(park)
    sold: dict[str, list[tuple[ContractTermRow, float]]] = defaultdict(list)
    path = park.path("contract_terms")
    for term in park.contract_terms:
        if not term.plant or term.contract in _export_names(park):
            continue
        plant = plants.get(term.plant)
        if plant is None:
            for_sale = sorted(p.plant for p in plants.values() if p.offtake == "grid")
            remedy = f"leave it empty for a plant outside, or: {', '.join(for_sale) or 'none'}"
            message = "existing_plants.csv has no such plant"
            yield Fault(path, message, term.line, "plant", term.plant, remedy)
            continue
        yield from _unfit_plant(park, term, plant, green.get(term.contract, []))
        rows = [r for r in green.get(term.contract, []) if r.parameter == "capacity"]
        contracted = max((r.value for r in rows), default=0.0)
        sold[term.plant].append((term, contracted))
        together = _most_at_a_time(sold[term.plant])
        if rows and together > plant.value:
            message = f"{together:g} MW are contracted of a plant of {plant.value:g} MW"
            line = max(rows, key=lambda r: r.value).line
            remedy = f"contract at most {plant.value:g} MW of it at a time"
            file, value = park.path("contracts"), f"{contracted:g}"
            yield Fault(file, message, line, "value", value, remedy)


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
        remedy = "name a plant with the offtake grid"
        yield Fault(path, message, term.line, "plant", term.plant, remedy)
    if term.first_year < plant.commissioned_from:
        message = f"{term.plant} does not generate before {plant.commissioned_from}"
        value, remedy = str(term.first_year), f"give {plant.commissioned_from} or later"
        yield Fault(path, message, term.line, "first_year", value, remedy)
    for row in rows:
        if row.profile != plant.technology:
            message = f"{term.plant} generates as {plant.technology}"
            file, remedy = park.path("contracts"), f"give {plant.technology}"
            yield Fault(file, message, row.line, "profile", row.profile, remedy)


def _consumers(park: Park) -> Iterator[Fault]:
    """Consumers that are not there, and loads that two contracts would cover at a time."""
    path = park.path("contract_terms")
    places = {(row.load, row.zone) for row in park.loads if row.carrier == "electricity"}
    places |= {("", zone) for zone in park.zone_names} | building_load_names(park)
    places |= {(row.load, row.zone) for row in park.handling}
    covered: list[tuple[ContractTermRow, set[tuple[str, str]]]] = []
    exports = _export_names(park)
    for term in park.contract_terms:
        if term.consumer == WHOLE_PARK or term.contract in exports:
            continue
        mine = {place for place in places if term.consumer in place}
        if not mine:
            known = sorted({WHOLE_PARK}.union(*places) - {""})
            message = "is neither the park, nor a zone or load that uses electricity"
            remedy = f"known: {', '.join(known)}"
            yield Fault(path, message, term.line, "consumer", term.consumer, remedy)
        for other, theirs in covered:
            together = term.first_year <= other.last_year and other.first_year <= term.last_year
            if mine & theirs and together:
                message = f"the contract in row {other.line} covers the same load"
                remedy = "contract for the park, or one after the other"
                yield Fault(path, message, term.line, "consumer", term.consumer, remedy)
        covered.append((term, mine))


def _exports(park: Park) -> Iterator[Fault]:
    """Exports to anybody but the city, or from a plant of their own."""
    exports, path = _export_names(park), park.path("contract_terms")
    for term in park.contract_terms:
        if term.contract in exports and term.consumer != CITY:
            message, remedy = "clean power is exported to the city", f"give {CITY}"
            yield Fault(path, message, term.line, "consumer", term.consumer, remedy)
        if term.contract in exports and term.plant:
            message = "an export takes the same share of every local plant"
            yield Fault(path, message, term.line, "plant", term.plant, "leave it empty")


def _vintages(park: Park) -> Iterator[Fault]:
    """Credits that are too old to be used, or whose vintages two years would share."""
    path = park.path("contracts")
    ages: dict[str, ContractRow] = {}
    allowed: dict[str, ContractRow] = {}
    for row in park.contracts:
        if row.kind != "credit" or row.parameter not in ("age", "validity"):
            continue
        (ages if row.parameter == "age" else allowed)[row.contract] = row
        if row.year is not None:
            message = f"the {row.parameter} of credits is the same in all years"
            remedy = (
                "leave the year empty; offer credits of another age as a contract of their own"
            )
            yield Fault(path, message, row.line, "year", str(row.year), remedy)
        if row.value != round(row.value):
            message, value = "is no whole number of years", f"{row.value:g}"
            yield Fault(path, message, row.line, "value", value, "give whole years")
    for name, row in ages.items():
        most = allowed.get(name)
        if most is not None and row.value > most.value:
            message = f"{name} is older than the {most.value:g} years for which it may be used"
            remedy = f"give at most {most.value:g}, or raise the validity in row {most.line}"
            yield Fault(path, message, row.line, "value", f"{row.value:g}", remedy)


def _factors_without_year(park: Park) -> Iterator[Fault]:
    """Factors of the grid, which change from year to year, that do not say of which year."""
    for row in park.emission_factors:
        if row.scope.startswith("scope2") and row.year is None:
            message = "a factor of the grid without a year"
            remedy = "give the year, and a second row where it holds for longer"
            yield Fault(park.path("emission_factors"), message, row.line, "year", "", remedy)
