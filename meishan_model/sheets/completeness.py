"""Rows that a slice cannot do without: a gap is told before anything is built or solved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from meishan_model.errors import Fault
from meishan_model.sheets.contradictions import yearly_contradictions
from meishan_model.sheets.equipment import AssetLimit, Technology
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import TechnologyRow
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.row_reader import missing_row


def missing_rows(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Faults of everything that a slice needs and no row says, or that a row says for nobody.

    Parameters
    ----------
    park
        The park, for the paths in messages.
    inputs
        Its inputs of one year.
    """
    plants = () if "market_price" in inputs.price_series else inputs.renewables
    ratios = dict.fromkeys(t.kind.capture_ratio for t in plants)
    yield from _absent(park.path("prices"), "item", filter(None, ratios), inputs.prices)
    if inputs.scenario.shadow_carbon and "shadow_carbon_value" not in inputs.parameters:
        yield missing_row(park.path("parameters"), "parameter", "shadow_carbon_value")
    path = park.path("technology_parameters")
    for technology in inputs.technologies.values():
        given, rests_on = technology.parameters, technology.kind.rests_on
        wanted = [*technology.kind.needed, *(base for n, base in rests_on.items() if n in given)]
        yield from _absent(path, "parameter", dict.fromkeys(wanted), given, technology.technology)
    yield from _unread_parameters(park, inputs)
    yield from _costs(inputs)
    for contract in inputs.contracts:
        needed, given = contract.kind.needed, contract.parameters
        yield from _absent(park.path("contracts"), "parameter", needed, given, contract.contract)
    equipment = (_assets, _stores, _flexibility, _dispatched, _carriers)
    of_plugins = (plugin.gaps for plugin in park.kinds.plugins)
    last = (_offsets, *of_plugins, _penalties, yearly_contradictions)
    for rule in (_ranges, _contracted_plants, *equipment, *last):
        yield from rule(park, inputs)


def _absent(
    path: str, column: str, names: Iterable[str], given: Mapping[str, float], owner: str = ""
) -> Iterator[Fault]:
    return (missing_row(path, column, name, owner) for name in names if name not in given)


def _unread_parameters(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Parameters that a kind of equipment does not have: their number would change nothing."""
    for row in park.technology_parameters:
        kind = inputs.technologies[row.technology].kind
        read = (*kind.needed, *kind.optional)
        if row.parameter not in read:
            message = f"nothing reads this of {row.technology}, a {kind.name}"
            remedy = f"remove the row; read are {', '.join(read)}" if read else "remove the row"
            yield row.fault("parameter", message, remedy)


def _costs(inputs: SliceInputs) -> Iterator[Fault]:
    """Numbers of the cost sheet that a kind of equipment does not read, lacks or cannot have."""
    for technology in inputs.technologies.values():
        cost, kind, name = technology.cost, technology.kind, technology.technology
        if cost is None:
            continue
        unread = {
            "efficiency": not technology.reads_efficiency and cost.efficiency is not None,
            "VOM": not kind.reads_variable_cost and cost.variable_om > 0,
        }
        for parameter in (number for number, is_unread in unread.items() if is_unread):
            origin = cost.provenance[parameter]
            if not origin.is_optional:
                message = f"nothing reads this of {name}, a {kind.name}"
                yield origin.fault("parameter", parameter, message, "remove the row")
        paid = cost.provenance["investment"]
        if cost.capacity_unit != technology.unit:
            message = f"{name} is paid per {cost.capacity_unit}, the park counts it in "
            message += technology.unit
            remedy = "correct the unit of the investment or of the technology"
            yield paid.fault("unit", paid.unit, message, remedy)
        if not technology.reads_efficiency:
            continue
        ends = technology.carrier_in, technology.carrier_out or technology.carrier_in
        units = [inputs.flow_units.get(carrier, "MW") for carrier in ends]
        if cost.efficiency is None or units[0] != units[1]:
            message = f"{name}, a {kind.name}, has no row efficiency"
            remedy = "add the row"
            if kind.conversions:
                message += f" from {' to '.join(units)}"
                remedy += f", or what it takes of {technology.carrier_in} to conversions.csv"
            yield Fault(paid.file, message, None, "parameter", "efficiency", remedy)
        elif not 0.0 < cost.efficiency <= 1.0:
            message = "an efficiency must be above 0 and at most 1"
            remedy = "write 0.96 per unit or 96 %, on lower heating value"
            origin = cost.provenance["efficiency"]
            yield origin.fault("value", cost.efficiency, message, remedy)


def _ranges(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Numbers of contracts that lie outside of their range, such as the rate of a sink."""
    for contract in inputs.contracts:
        values = contract.parameters
        for name, (low, high) in contract.kind.ranges.items():
            if not values.keys() >= {name, low, high}:
                continue
            if not values[low] <= values[name] <= values[high]:
                message = f"{contract.contract} has a {name} outside of {low} to {high}"
                remedy = f"give {values[low]:g} to {values[high]:g}"
                yield park.fault("contracts", name, values[name], message, remedy)


def _contracted_plants(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Contracts on plants of the park that have retired, or of which less is left."""
    plants = {plant.plant: plant for plant in inputs.plants}
    for contract in inputs.contracts:
        plant = plants.get(contract.plant)
        cost = None if plant is None else inputs.technologies[plant.technology].cost
        if plant is None or cost is None:
            continue
        left = plant.standing(cost.technical_lifetime, inputs.year)
        if contract.parameters.get("capacity", 0.0) > left:
            message = f"{contract.contract} is on {left:g} MW of {plant.plant} in {inputs.year}"
            remedy = "let the contract end before the plant does, or contract less"
            yield park.fault("contract_terms", "last_year", contract.contract, message, remedy)


def _assets(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    for asset in inputs.assets:
        technology = inputs.technologies[asset.technology]
        place = f"{asset.technology} in {asset.zone}"
        rests = technology.kind.is_flexible and asset.event_potential is not None
        needed = {} if rests else {"potential": asset.potential}
        if technology.phase_out:
            needed["last_new_build"] = asset.numbers.get("last_new_build")
        for name, value in needed.items():
            if value is None:
                yield missing_row(park.path("assets"), "parameter", name, place)
        if asset.rural_potential > (asset.potential or 0.0):
            message = f"{place} has more potential in villages than in all in {inputs.year}"
            most, remedy = asset.rural_potential, "give at most the potential"
            yield park.fault("assets", "rural_potential", most, message, remedy)


def _stores(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Stores where their carrier has no bus, and those that lack a part or have it twice."""
    stores = inputs.technologies
    there = dict.fromkeys((a.technology, a.zone) for a in inputs.assets)
    there |= dict.fromkeys((p.technology, p.zone) for p in inputs.plants)
    for name, zone in there:
        holds = stores[name].carrier_in
        if stores[name].kind.store in ("energy", "whole") and not inputs.bus_of(zone, holds):
            message = f"{name} stands in {zone}, which has no bus of what it holds"
            remedy = f"name a carrier with a bus in {zone}, or add the bus to buses.csv"
            yield _of_carrier(park, stores[name], holds, message, remedy)
    parts: dict[str, list[Technology]] = {}
    for technology in stores.values():
        if technology.kind.store in ("energy", "power"):
            parts.setdefault(technology.store, []).append(technology)
    for store, found in parts.items():
        kinds = [part.kind.store for part in found]
        if not store:
            message = "a capacity of a store does not say of which"
            remedy = "give the technology of energy and that of power the name of one store"
        elif sorted(kinds) != ["energy", "power"]:
            message = "a store is one technology of energy and one of power, not "
            message += ", ".join(kinds)
            remedy = "add the row that is missing, or name another store"
        else:
            continue
        yield _row_of(park, found[0]).fault("store", message, remedy)


def _flexibility(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Resources that work daily and only when called at once, and vehicles that no fleet has."""
    for asset in inputs.assets:
        technology = inputs.technologies[asset.technology]
        if asset.event_potential and (asset.potential or not technology.kind.is_flexible):
            place = f"{asset.technology} in {asset.zone}"
            message = f"{place} is no flexibility that rests until it is called"
            remedy = "give event_potential alone, and only to flexible loads and vehicle batteries"
            yield park.fault("assets", "event_potential", asset.event_potential, message, remedy)
    for limits in inputs.resources_of_vehicles().values():
        yield from _whose_vehicles(park, inputs, limits)


def _whose_vehicles(
    park: Park, inputs: SliceInputs, limits: Sequence[AssetLimit]
) -> Iterator[Fault]:
    """Resources of vehicles need one electric fleet in their zone, and no more than it has."""
    first = limits[0]
    technology = inputs.technologies[first.technology]
    drivetrain = inputs.technologies.get(technology.model)
    electric = drivetrain is not None and drivetrain.carrier_in == inputs.power_carrier
    fleets = inputs.fleets_of(first) if electric else ()
    if len(fleets) > 1:
        message = f"{len(fleets)} fleets in {first.zone} drive {technology.model}"
        remedy = "give each fleet a drivetrain of its own, so that it is clear whose they are"
        yield park.fault("assets", "technology", first.technology, message, remedy)
    unit, there = "electric vehicles", sum(f.vehicles for f in fleets)
    if technology.unit == "MW":
        unit = "MW of mean charging"
        there = sum(f.mean_charging(technology.model) for f in fleets)
    taking_part = sum(max(x.potential or 0.0, x.event_potential or 0.0) for x in limits)
    if taking_part > there or not fleets:
        names = " + ".join(limit.technology for limit in limits)
        message = f"{names} in {first.zone} is {taking_part:g} of {there:g} {unit}"
        remedy = (
            f"name a drivetrain on {inputs.power_carrier} as model in technologies.csv, and give "
            "at most what its fleet of fleets.csv in this zone has"
        )
        yield park.fault("assets", "potential", technology.model, message, remedy)


def _carriers(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Price and carbon of all that is bought; coal equivalents of all energy that is used."""
    factors, fuels = inputs.factors, inputs.fuels
    for carrier, name in fuels.items():
        if carrier not in inputs.prices:
            message = f"{name} uses {carrier}, which has neither a price nor a bus"
            remedy = "add its row to prices.csv, or a bus of it in each zone to buses.csv"
            yield _of_carrier(park, inputs.technologies[name], carrier, message, remedy)
    served = {x.carrier: x.load for x in inputs.loads if inputs.bus_of(x.zone, x.carrier)}
    used = {inputs.power_carrier: "every load"} | served | fuels
    energy = {c: user for c, user in used.items() if c not in inputs.flow_units}
    for row, carriers, known in (
        ("emission_factor (scope1)", fuels, factors.scope1),
        ("tce_equivalent", energy, factors.tce_equivalent),
        ("tce_calorific", energy, factors.tce_calorific),
    ):
        for carrier, user in carriers.items():
            if carrier not in known:
                message = f"{user} uses {carrier}, which has no row {row}"
                yield park.fault("emission_factors", "carrier", carrier, message, "add the row")
    counted = {*factors.scope1, *factors.scope2, *inputs.flow_units, inputs.power_carrier}
    for market in inputs.markets:
        carrier = inputs.bus_named(market.bus).carrier
        if "import_capacity" in market.numbers and carrier not in counted:
            message = f"{market.market} sells {carrier}, of which no row says what it emits"
            remedy = "add a row emission_factor: scope1 of a fuel, scope2_location of heat or cold"
            yield park.fault("emission_factors", "carrier", carrier, message, remedy)


def _dispatched(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Equipment on networks that gives what no bus takes."""
    for name, technology in inputs.technologies.items():
        for carrier in (c for c, way in technology.carriers if way == "out"):
            zones = [z for z in inputs.places_of(name) if not inputs.bus_of(z, carrier)]
            if zones and technology.kind.conversions:
                message = f"{name} gives {carrier}, of which there is no bus in {', '.join(zones)}"
                remedy = "add its row to buses.csv, or let it stand where there is one"
                yield _of_carrier(park, technology, carrier, message, remedy)


def _of_carrier(
    park: Park, technology: Technology, carrier: str, message: str, remedy: str
) -> Fault:
    """A fault of the cell in which a technology names a carrier."""
    for row in park.conversions:
        if (row.technology, row.carrier) == (technology.technology, carrier):
            return row.fault("carrier", message, remedy)
    own = _row_of(park, technology)
    column = "carrier_in" if carrier == own.carrier_in else "carrier_out"
    return own.fault(column, message, remedy)


def _row_of(park: Park, technology: Technology) -> TechnologyRow:
    """The row of a technology."""
    return next(row for row in park.technologies if row.technology == technology.technology)


def _offsets(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Certificates and credits up to a share of emissions that no sheet gives."""
    share = inputs.scenario.offset_share
    instruments = inputs.scenario.instruments
    offered = [c for c in inputs.contracts if c.kind.is_offset and c.kind.name in instruments]
    if share is not None and offered and not park.baseline:
        message = f"{offered[0].contract} is limited to a share of what it holds"
        remedy = f"give its rows, or plan with offset_share: null in {inputs.scenario.name}.yaml"
        yield park.fault("baseline", "offset_share", share, message, remedy)


def _penalties(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Dearer carbon must never pay for a blackout."""
    names = ("value_of_lost_load", "emission_excess_penalty")
    lost, excess = (inputs.parameters[name] for name in names)
    if lost <= excess * max(inputs.factors.grid_location, inputs.factors.grid_market):
        message = "a blackout would be cheaper than the emissions of the grid's power"
        remedy = f"raise it above {names[1]} x grid factor"
        yield park.fault("parameters", names[0], lost, message, remedy)
