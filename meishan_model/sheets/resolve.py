"""Resolve the sheets of a park to one year: interpolation, units, shares."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from meishan_model.errors import Fault
from meishan_model.sheets import equipment, records
from meishan_model.sheets.buildings import building_loads, life_cycle
from meishan_model.sheets.buses import buses_of, flow_units, power_carrier
from meishan_model.sheets.completeness import missing_rows
from meishan_model.sheets.contracts import resolve_contracts
from meishan_model.sheets.costs import CostSheet
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import DatedRow, in_force, power_prices_of
from meishan_model.sheets.resolver import Resolver, placeholders
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.tariff_rows import PowerPriceRow, SurchargeRow
from meishan_model.sheets.trade_rows import EmissionFactorRow
from meishan_model.sheets.units import project_unit
from meishan_model.sheets.views import CARRIERS, View

Basis = Literal["location", "market"]
"""How scope 2 counts what is bought: by where it is drawn, or by what is contracted."""


def resolve(
    park: Park, scenario: Scenario, costs: CostSheet | None, year: int, baseline_emissions: float
) -> records.SliceInputs:
    """Resolve a park to one year.

    Parameters
    ----------
    park, scenario, costs
        As read from disk; the cost sheet is that of the year, ``None`` where it is wrong and all
        else is to be looked at.
    year
        Year of the slice.
    baseline_emissions
        E_0 [tCO2/a].

    Raises
    ------
    InputError
        If a year lies outside the rows of a quantity, or a quantity is missing.
    """
    r = Resolver(park, year)
    drivers = r.numbers("drivers")
    loads = _loads(r, scenario.industrial_restructuring, drivers)
    records_of_plugins = {plugin.name: plugin.record(r) for plugin in park.kinds.plugins}
    inputs = records.SliceInputs(
        scenario=scenario,
        site=park.site,
        year=year,
        baseline_emissions=baseline_emissions,
        zones=park.zone_names,
        buses=buses_of(park),
        network=_network(r),
        technologies=_technologies(r, costs),
        assets=_assets(r),
        plants=park.existing_plants,
        loads=loads,
        fleets=_fleets(r, drivers),
        measures=_measures(r, loads),
        contracts=resolve_contracts(r, scenario),
        markets=_markets(r),
        tariff=park.tariff(),
        surcharges=_dated(r, park.surcharges),
        power_prices=_dated(r, power_prices_of(park)),
        currency=park.shown_currency,
        prices=_prices(r),
        price_series={row.item: row.profile for row in park.prices if row.profile},
        factors=_factors(r, scenario),
        names=named_views(park),
        drivers=drivers,
        parameters=r.numbers("parameters"),
        grid_factor_periods=park.grid_factor_periods if scenario.grid_factor == "hourly" else (),
        life_cycle=life_cycle(r),
        flow_units=flow_units(park),
        reported_fuels=frozenset(c for c, only in foreign_fuels(park, scenario).items() if only),
        of_plugins={n: found for n, found in records_of_plugins.items() if found is not None},
        placeholders=placeholders(park, [year]),
        lines=park.lines_of_parts,
    )
    r.refuse(*missing_rows(park, inputs))
    return inputs


def foreign_fuels(park: Park, scenario: Scenario) -> dict[str, bool]:
    """Fuels that others burn on the site, and whether their emissions are only reported."""
    found: dict[str, bool] = {}
    for plugin in park.kinds.plugins:
        found |= plugin.foreign_fuels(park, scenario)
    return found


def _network(r: Resolver) -> tuple[equipment.NetworkElement, ...]:
    kinds = r.park.kinds.network
    return tuple(
        equipment.NetworkElement(
            *(element, kinds[kind], start, end, values["capacity"], values["loss"], technology),
            limit=values.get("purchase_limit", math.inf),
            ramp=values.get("ramp", math.inf),
        )
        for (element, kind, technology, start, end), values in r.table("network").items()
    )


def _technologies(r: Resolver, costs: CostSheet | None) -> dict[str, equipment.Technology]:
    parameters, conversions = r.table("technology_parameters"), _conversions(r)
    kind_of, tax = r.park.kind_of, _tax_on_equipment(r)
    flexible = {name for name, kind in kind_of.items() if kind.is_flexible}
    standing = {row.technology for row in r.park.existing_plants}
    buildable = standing | {row.technology for row in r.park.assets} - flexible
    found = {}
    for row in r.park.technologies:
        cost = None if costs is None else costs.technologies.get(row.technology)
        if costs is not None and cost is None and row.technology in buildable:
            message = f"stands or may be built, but has no costs in the cost sheet {costs.name}"
            remedy = "give its rows and map it in manifest.yaml, here or in a sheet over this"
            place = r.park.path("technologies")
            r.faults.append(Fault(place, message, row.line, "technology", row.technology, remedy))
        given = row.model_dump()
        given |= {"phase_out": row.phase_out == "yes", "kind": kind_of[row.technology]}
        given["unit"] = project_unit(row.unit)
        given.pop("note")
        found[row.technology] = equipment.Technology(
            **given,
            parameters=parameters.get((row.technology,), {}),
            cost=cost and cost.times(tax),
            conversions=tuple(conversions.get(row.technology, ())),
        )
    return found


def _tax_on_equipment(r: Resolver) -> float:
    """What payers pay for equipment over its price without value added tax [-]."""
    return 1.0 + r.park.money.vat.get("standard", 0.0) if r.park.site.vat == "borne" else 1.0


def _conversions(r: Resolver) -> dict[str, list[equipment.Conversion]]:
    """What each technology takes and gives beside its main flows."""
    found: dict[str, list[equipment.Conversion]] = defaultdict(list)
    for (technology, *what), amount in r.table("conversions").items():
        found[technology].append(equipment.Conversion(*what, *amount.values()))
    return found


def _assets(r: Resolver) -> tuple[equipment.AssetLimit, ...]:
    tax = _tax_on_equipment(r)
    return tuple(
        limit.but(**{name: tax * cost for name, cost in limit.site_costs.items()})
        for (technology, zone), values in r.table("assets").items()
        for limit in (equipment.AssetLimit(technology, zone, values),)
    )


def _loads(
    r: Resolver, restructured: bool, drivers: Mapping[str, float]
) -> tuple[records.Load, ...]:
    """Loads and the projects that have begun, or what stands in their place unrestructured."""
    loads: dict[tuple[str, str], records.Load] = {}
    for plugin in r.park.kinds.plugins:
        loads |= plugin.loads(r, drivers)
    loads |= building_loads(r) | _load_table(r, "loads")
    loads |= {
        (p.project, p.zone): records.Load(
            *(p.project, p.zone, p.sector, p.carrier, p.profile),
            energy=r.value([p]),
            rows=(("projects", p.project, p.zone),),
        )
        for p in r.park.projects
        if p.start_year <= r.year
    }
    if not restructured:
        loads |= _load_table(r, "loads_unrestructured")
    return tuple(load for load in loads.values() if load.energy > 0)


def _load_table(r: Resolver, sheet: str) -> dict[tuple[str, str], records.Load]:
    return {
        (load, zone): records.Load(
            *(load, zone, sector, carrier, profile), energy=values[""], rows=((sheet, load, zone),)
        )
        for (load, zone, sector, carrier, profile), values in r.table(sheet).items()
    }


def _fleets(r: Resolver, drivers: Mapping[str, float]) -> tuple[records.Fleet, ...]:
    services: dict[str, float] = {}
    for plugin in r.park.kinds.plugins:
        services |= plugin.services(r, drivers)
    whole = [row for row in r.park.fleets if not row.technology]
    uses = [row for row in r.park.fleets if row.parameter == "energy_use"]
    energy_use = r.table("fleets", uses, "fleet", name="technology")
    found = []
    for (fleet, zone, sector, profile, payer, _), values in r.table("fleets", whole).items():
        service = services.get(fleet)
        if service is None:
            service = r.need("fleets", values, "service", fleet)
        found.append(
            records.Fleet(
                *(fleet, zone, sector, profile, service),
                annual_use=values["annual_use"],
                energy_use=energy_use[fleet,],
                payer=payer,
            )
        )
    return tuple(found)


def _measures(r: Resolver, loads: Iterable[records.Load]) -> tuple[records.Measure, ...]:
    """Measures; one without a zone in every zone that has the load and no rows of its own."""
    table = r.table("efficiency_measures")
    return tuple(
        records.Measure(measure, place, load, numbers)
        for (measure, zone, load), numbers in table.items()
        for place in ([zone] if zone else [x.zone for x in loads if x.load == load])
        if zone or (measure, place, load) not in table
    )


def _markets(r: Resolver) -> tuple[records.Market, ...]:
    """The markets of the year, in the order of the sheet."""
    return tuple(
        records.Market(market, bus, profile, numbers, r.park.tariff(profile) if profile else ())
        for (market, bus, profile), numbers in r.table("markets").items()
    )


def resolve_prices(
    park: Park, day: dt.date
) -> tuple[dict[str, float], tuple[SurchargeRow, ...], tuple[PowerPriceRow, ...]]:
    """Prices by item, surcharges and parts of the price of power on a day.

    Raises
    ------
    InputError
        If a price has no row for the day.
    """
    r = Resolver(park, day.year)
    prices = _prices(r)
    surcharges, bare = in_force(park.surcharges, day, day)
    parts, missing = in_force(power_prices_of(park), day, day)
    r.refuse(*bare, *missing)
    return prices, surcharges, parts


def _prices(r: Resolver) -> dict[str, float]:
    """Prices by item; where the price of energy is given, the flat price is made of it."""
    prices = r.table("prices", None, "item")[()]
    if "purchase_energy" in prices:
        prices["purchase_flat"] = prices["purchase_energy"] + prices["network_charge"]
    return prices


def _dated(r: Resolver, rows: Iterable[DatedRow]) -> tuple[DatedRow, ...]:
    """Rows that hold on some day of the year."""
    found, faults = in_force(rows, dt.date(r.year, 1, 1), dt.date(r.year, 12, 31))
    r.faults += faults
    return found


def resolve_factors(park: Park, scenario: Scenario, year: int) -> records.Factors:
    """Emission factors and coal equivalents of one year.

    Raises
    ------
    InputError
        If a factor is missing for the year.
    """
    r = Resolver(park, year)
    factors = _factors(r, scenario)
    r.refuse()
    return factors


def _factors(r: Resolver, scenario: Scenario) -> records.Factors:
    sheet, power = "emission_factors", power_carrier(r.park)
    others = [row for row in r.park.emission_factors if not row.convention]
    table = r.table(sheet, others, "scope", "carrier", name="parameter")

    def by_carrier(parameter: str, *scopes: str) -> dict[str, float]:
        return {
            carrier: values[parameter]
            for (scope, carrier), values in table.items()
            if parameter in values and (not scopes or scope in scopes)
        }

    def of_power(basis: Basis, convention: str | None) -> float:
        rows = grid_factor_rows(r.park, basis, convention)
        if not rows:
            r.faults.append(_no_factor(r.park, basis, convention))
        return r.value(rows) if rows else math.nan

    located = by_carrier("emission_factor", "scope2", "scope2_location")
    paid = by_carrier("emission_factor", "scope2", "scope2_market")
    named = dict.fromkeys(x.convention for x in r.park.emission_factors if x.carrier == power)
    return records.Factors(
        scope1=by_carrier("emission_factor", "scope1"),
        grid_location=of_power("location", scenario.location_factor),
        grid_market=of_power("market", scenario.market_factor),
        tce_equivalent=by_carrier("tce_equivalent"),
        tce_calorific=by_carrier("tce_calorific"),
        scope2={carrier: (own, paid.get(carrier, own)) for carrier, own in located.items()},
        conventions={
            name: {
                basis: r.value(rows)
                for basis in get_args(Basis)
                if (rows := grid_factor_rows(r.park, basis, name))
            }
            for name in named
            if name
        },
    )


def grid_factor_rows(park: Park, basis: Basis, convention: str | None) -> list[EmissionFactorRow]:
    """Rows of the grid's factor under a convention; empty where there are none.

    Parameters
    ----------
    park
        All sheets of the park.
    basis
        By location or by market; rows of both hold where the basis has none of its own.
    convention
        Its name; ``None``: rows that name none.
    """
    power = power_carrier(park)
    of_power = [
        row
        for row in park.emission_factors
        if (row.carrier, row.parameter) == (power, "emission_factor")
        and row.convention == (convention or "")
    ]
    own = [row for row in of_power if row.scope == f"scope2_{basis}"]
    return own or [row for row in of_power if row.scope == "scope2"]


def _no_factor(park: Park, basis: Basis, convention: str | None) -> Fault:
    """There is no factor of the grid's power under the convention that a scenario names."""
    power = power_carrier(park)
    named = dict.fromkeys(x.convention for x in park.emission_factors if x.carrier == power)
    known = ", ".join(name for name in named if name)
    message = f"{power} has no emission_factor for scope2_{basis}"
    remedy = "add its rows"
    if known:
        message += " that names no convention" if convention is None else " of this convention"
        remedy += f", or name one of {known} as {basis}_factor of the scenario"
    return Fault(park.path("emission_factors"), message, None, "convention", convention, remedy)


def named_views(park: Park) -> dict[str, View]:
    """Views of zones, of carriers, and of what ``names.csv`` names.

    Parameters
    ----------
    park
        All sheets of the park.
    """
    carriers = dict.fromkeys(
        [
            power_carrier(park),
            *(row.carrier_in for row in park.technologies if row.carrier_in),
            *(row.carrier_out for row in park.technologies if row.carrier_out),
            *(row.carrier for row in park.conversions),
        ]
    )
    found = {
        name: View(colour=CARRIERS[place % len(CARRIERS)]) for place, name in enumerate(carriers)
    }
    for row in park.names:
        own = View("", row.colour, row.name, row.name_zh)
        found[row.thing] = own.over(found.get(row.thing, View()))
    return found | {row.zone: View("", "", row.name, row.name_zh) for row in park.zones}


def events(park: Park) -> tuple[records.Event, ...]:
    """All events of a park, in the order of the sheet."""
    return tuple(
        records.Event(
            event=name,
            power=values.get("power"),
            reduction=values.get("reduction"),
            start_hour=int(values["start_hour"]),
            duration=int(values["duration"]),
            payment=values["payment"],
        )
        for (name,), values in Resolver(park, 0).table("events").items()
    )
