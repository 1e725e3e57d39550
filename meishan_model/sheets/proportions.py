"""Sizes in a park that hardly fit each other, as warnings with names.

A number may be plausible in itself and not beside others: a connection of 0.7 MW for a park that
needs 200, a potential that would take a thousand years to build. Each proportion has a plausible
range; where it is left, the rows on both sides are named, as either may be wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from meishan_model.sheets.contradictions import power_of_baseline
from meishan_model.sheets.demand_rows import BaselineRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.plausibility import (
    Doubt,
    doubt,
    excess,
    number_of,
    places_of,
    row_of_year,
)
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import NumberRow
from meishan_model.sheets.units import HOURS_OF_YEAR

PROPORTIONS: Mapping[str, tuple[float, float, str]] = {
    "connection": (0.5, 60, "times the mean load: connections carry 1.5 to 30 times that"),
    "density": (0.05, 500, "MW of mean load per km2: towns need 0.5, a chip works 200"),
    "crowding": (0, 150, "MW of plants per km2 of the zone: solar farms have 100"),
    "build_rate": (0.9, 200, "years to build the potential"),
    "potential": (0.002, 100, "times the mean load, of a plant or the power of a store"),
    "store_hours": (0.04, 1000, "hours of the power of the store"),
    "energy_out": (0, 1.1, "MWh given for a MWh taken: without power there is no heat to pump"),
    "flat": (0.8, 1.25, "times the flat price, which is that of flat hours itself"),
    "contract": (0.005, 100, "times what the park uses or emits in a year"),
    "market_hours": (50, HOURS_OF_YEAR, "hours a year of the capacity"),
    "market": (0.02, 100, "times the mean load of the park"),
    "event": (0.002, 0.9, "of the capacity of the connection"),
    "minimum_asset": (0, 0.02, "of the largest potential"),
    "baseline": (0.5, 2, "times the power of the baseline, five years around it"),
    "azimuth": (0, 120, "deg between the way that the plane faces and the equator"),
    "baseline_mix": (0.01, 50, "times the power of the baseline"),
}
"""Plausible range of each proportion, and what it counts."""


def proportion_doubts(park: Park, slices: Iterable[SliceInputs]) -> list[Doubt]:
    """Sizes that hardly fit each other.

    Parameters
    ----------
    park
        All sheets of the park.
    slices
        What they say of some years.
    """
    found: dict[tuple[object, ...], Doubt] = {}
    for inputs in slices:
        for check in _CHECKS:
            for told in check(park, inputs):
                key = told.fault.file, told.fault.row, told.fault.name
                found.setdefault(key, told)
    return list(found.values())


def _connection(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """The connection beside the load, events beside the connection."""
    capacity, load = inputs.connection.capacity, _mean_load(inputs, inputs.power_carrier)
    rows = _rows(park, "network", inputs.connection.element, of="capacity", year=inputs.year)
    if load:
        yield from _doubts(
            "connection", capacity / load, rows, _load_rows(park, inputs, inputs.power_carrier)
        )
    for row in park.events:
        if capacity and row.parameter == "power":
            yield from _doubts("event", number_of(row) / capacity, [row], rows)


def _land(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """What needs land beside the land there is."""
    area = {row.zone: row for row in park.zones}
    if area and (load := _mean_load(inputs, inputs.power_carrier)):
        density = load / sum(row.value for row in area.values())
        widest = max(area.values(), key=lambda row: row.value)
        yield from _doubts(
            "density", density, [widest], _load_rows(park, inputs, inputs.power_carrier)
        )
    sun = {t.technology for t in inputs.renewables if t.kind.resource == "sun"}
    for zone, row in area.items():
        assets = [a for a in inputs.assets if a.zone == zone and a.technology in sun]
        crowd = sum(asset.potential or 0.0 for asset in assets) / row.value
        largest = max(assets, key=lambda asset: asset.potential or 0.0, default=None)
        if largest is not None:
            place = ("assets", largest.technology, zone)
            rows = _rows(park, *place, of="potential", year=inputs.year)
            yield from _doubts("crowding", crowd, [row], rows)


TROPIC = 23.5
"""Latitude beyond which the sun of noon always stands on the side of the equator [deg]."""


def _planes(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Planes that face away from the sun: in other services 0 deg is the way to the equator."""
    equator = 180.0 if park.site.latitude > 0 else 0.0
    if abs(park.site.latitude) < TROPIC:
        return
    for technology in inputs.renewables:
        name = technology.technology
        rows = _rows(park, "technology_parameters", name, of="azimuth", year=inputs.year)
        for row in rows:
            away = abs((row.value - equator + 180.0) % 360.0 - 180.0)
            yield from _doubts("azimuth", away, rows)


def _converters(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Equipment without a heat pump that gives more energy than it takes."""
    for technology in inputs.technologies.values():
        rows = [row for row in park.conversions if row.technology == technology.technology]
        # What is taken in tonnes has an energy that the sheets do not say.
        if inputs.power_carrier in technology.takes or {row.unit for row in rows} != {"MWh/MWh"}:
            continue
        efficiency = technology.cost.efficiency if technology.cost else None
        own = technology.reads_efficiency and efficiency
        sides = {"out": 1.0, "in": 1.0 / own if own else 0.0}
        for conversion in technology.conversions:
            sides[conversion.way] += conversion.amount
        given = [row for row in rows if row.way == "out"]
        yield from _doubts("energy_out", _ratio(sides["out"], sides["in"]), given, rows)


def _tariffs(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Prices in the place of their ratios to the flat price."""
    del inputs
    for row in park.tariff_periods:
        if row.period == "flat":
            yield from _doubts("flat", row.value, [row])


def _assets(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Potentials beside what is built of them in a year, and beside what is too small to count."""
    largest, load = 0.0, _mean_load(inputs, inputs.power_carrier)
    for asset in inputs.assets:
        potential, rate = asset.potential or 0.0, asset.numbers.get("build_rate", 0.0)
        technology = inputs.technologies[asset.technology]
        if technology.unit == "MW":
            largest = max(largest, potential)
        if potential and load and (technology.kind.resource or technology.kind.store == "power"):
            place = ("assets", asset.technology, asset.zone)
            rows = _rows(park, *place, of="potential", year=inputs.year)
            loads = _load_rows(park, inputs, inputs.power_carrier)
            yield from _doubts("potential", potential / load, rows, loads)
        if potential and rate:
            place = ("assets", asset.technology, asset.zone)
            potentials, rates = (
                _rows(park, *place, of=quantity, year=inputs.year)
                for quantity in ("potential", "build_rate")
            )
            yield from _doubts("build_rate", potential / rate, potentials, rates)
    if largest:
        share = inputs.parameters["minimum_asset"] / largest
        rows = _rows(park, "parameters", "minimum_asset", of="minimum_asset", year=inputs.year)
        yield from _doubts("minimum_asset", share, rows)


def _stores(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Content of a store beside its power, of what may be built and of what stands."""
    stores = inputs.technologies.values()
    parts = {(t.store, t.kind.store): t.technology for t in stores if t.kind.store}
    for (store, part), energy in parts.items():
        power = parts.get((store, "power"), "")
        if part != "energy" or not power:
            continue
        for zone in inputs.zones:
            sizes = [
                next((a for a in inputs.assets if (a.technology, a.zone) == (t, zone)), None)
                for t in (energy, power)
            ]
            if all(size is not None and size.potential for size in sizes):
                hours = _ratio(*(size.potential for size in sizes if size is not None))
                rows = (
                    _rows(park, "assets", t, zone, of="potential", year=inputs.year)
                    for t in (energy, power)
                )
                yield from _doubts("store_hours", hours, *rows)
            plants = [
                [p for p in park.existing_plants if (p.technology, p.zone) == (t, zone)]
                for t in (energy, power)
            ]
            if all(plants):
                hours = _ratio(*(sum(p.capacity for p in found) for found in plants))
                yield from _doubts("store_hours", hours, *plants)


def _trade(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """What may be bought beside what is used or emitted."""
    power = _mean_load(inputs, inputs.power_carrier) * HOURS_OF_YEAR
    use = {"MWh/a": power, "tCO2/a": inputs.baseline_emissions}
    for contract in inputs.contracts:
        limit = contract.parameters.get("limit", 0.0)
        needed = contract.kind.needed.get("limit")
        of_park = 0.0 if needed is None else use.get(needed.unit, 0.0)
        if limit and of_park > 0:
            of = f"{contract.kind.name}.limit"
            rows = _rows(park, "contracts", contract.contract, of=of, year=inputs.year)
            yield from _doubts("contract", limit / of_park, rows)
    for market in inputs.markets:
        carrier = inputs.bus_named(market.bus).carrier
        load = _mean_load(inputs, carrier)
        for way in ("import", "export"):
            capacity = market.numbers.get(f"{way}_capacity", 0.0)
            of = f"{way}_capacity"
            rows = _rows(park, "markets", market.market, of=of, year=inputs.year)
            if capacity and load:
                others = _load_rows(park, inputs, carrier)
                yield from _doubts("market", capacity / load, rows, others)
            if capacity and (limit := market.numbers.get(f"{way}_limit", 0.0)):
                of = f"{way}_limit"
                limits = _rows(park, "markets", market.market, of=of, year=inputs.year)
                yield from _doubts("market_hours", limit / capacity, limits, rows)


def _baseline(park: Park, inputs: SliceInputs) -> Iterator[Doubt]:
    """Fuels of the baseline, and loads of its years, beside its power."""
    of_carrier: dict[str, list[BaselineRow]] = defaultdict(list)
    for row in park.baseline:
        if row.accounting != "memo":
            of_carrier[row.carrier].append(row)
    used = {
        carrier: sum(row.energy(inputs.factors.tce_equivalent[carrier]) for row in rows)
        for carrier, rows in of_carrier.items()
        if carrier in inputs.factors.tce_equivalent
    }
    power = used.pop(inputs.power_carrier, 0.0)
    if power <= 0:
        return
    bought = sorted(of_carrier[inputs.power_carrier], key=lambda row: -row.value)[:1]
    for carrier, energy in used.items():
        rows = sorted(of_carrier[carrier], key=lambda row: -row.value)
        yield from _doubts("baseline_mix", energy / power, rows[:1], bought)
    loads = [row for row in park.loads if row.carrier == inputs.power_carrier]
    yield from _doubts("baseline", power_of_baseline(park, inputs)[1], bought, loads)


_CHECKS = (
    _connection,
    _land,
    _planes,
    _assets,
    _converters,
    _stores,
    _tariffs,
    _trade,
    _baseline,
)


def _mean_load(inputs: SliceInputs, carrier: str) -> float:
    """Mean load of a carrier [MW, t/h or m3/h]."""
    return sum(x.energy for x in inputs.loads if x.carrier == carrier) / HOURS_OF_YEAR


def _load_rows(park: Park, inputs: SliceInputs, carrier: str) -> list[NumberRow]:
    """The row of the largest load of a carrier that has one."""
    own = {(row.load, row.zone) for row in park.loads if row.carrier == carrier}
    loads = [load for load in inputs.loads if (load.load, load.zone) in own]
    if not loads:
        return []
    largest = max(loads, key=lambda load: load.energy)
    return _rows(park, "loads", largest.load, largest.zone, of="", year=inputs.year)


def _rows(park: Park, sheet: str, *name: str, of: str, year: int) -> list[NumberRow]:
    """The row of a quantity that is nearest to a year."""
    rows = [
        row
        for row in park.parts.get((sheet, *name), ())
        if isinstance(row, NumberRow) and row.kind_of_value == of
    ]
    return [row_of_year(rows, year)] if rows else []


def _ratio(above: float | None, below: float | None) -> float:
    return (above or 0.0) / below if below else 0.0


def _doubts(
    name: str, value: float, rows: Iterable[NumberRow], others: Iterable[NumberRow] = ()
) -> Iterator[Doubt]:
    """A doubt at the first row, where the proportion leaves its range."""
    lower, upper, counted = PROPORTIONS[name]
    rows, others = list(rows), list(others)
    # A default of the package is known to be no number of the park.
    if lower <= value <= upper or not rows or any(row.is_default for row in (*rows, *others)):
        return
    message = f"gives {value:.3g} {counted}; plausible are {lower:g} to {upper:g}"
    message += f"; see {places_of(others)} too" if others else ""
    yield doubt([*rows, *others], name, message, excess(value, lower, upper))
