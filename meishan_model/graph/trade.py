"""What crosses the fence: purchase, billed demand, green power, export, fuels, certificates.

Emissions stand on the supply of a fuel and on the purchase of electricity. The shadow carbon value
lies on the location-based figure, that is scope 1 and all purchase, contracted or not, so that
reduction at the source comes before contracts and credits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.errors import Fault, InputError
from meishan_model.graph.book import (
    CERTIFICATE_SURPLUS,
    OFFSET,
    Book,
    Charge,
    Emission,
    Kind,
    Series,
)
from meishan_model.graph.grid import BILLED_DEMAND, HUB, LOCAL_GREEN, UPSTREAM
from meishan_model.inputs.records import Contract, SliceInputs
from meishan_model.profiles.build import HOURS_OF_YEAR, Profiles

MARINE_FUEL = "marine_fuel"


def fuel_carriers(inputs: SliceInputs) -> tuple[str, ...]:
    """Every fuel that some equipment of the park burns; each has a bus of its name.

    Raises
    ------
    InputError
        If a fuel has no price or no emission factor.
    """
    burnt = {t.carrier_in: t.technology for t in inputs.technologies.values() if t.carrier_in}
    burnt.pop("electricity", None)
    faults = [
        Fault(f"{sheet}.csv", f"{user} burns {carrier}, which has no row", remedy="add the row")
        for carrier, user in burnt.items()
        for sheet, known in (
            ("prices", inputs.prices),
            ("emission_factors", inputs.factors.scope1),
        )
        if carrier not in known
    ]
    if faults:
        raise InputError(faults)
    return tuple(burnt)


def trade_nodes(
    book: Book, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """Everything that is bought or sold.

    Parameters
    ----------
    book, inputs, profiles
        Book, inputs and series of the slice.
    buses
        Electricity and fuel buses by label.
    """
    for carrier in fuel_carriers(inputs):
        yield _fuel_supply(book, inputs, buses[carrier])
    yield _purchase(book, inputs, profiles, buses[UPSTREAM])
    yield from _billed_demand(book, inputs, profiles, buses[BILLED_DEMAND])
    if LOCAL_GREEN in buses and inputs.scenario.export:
        yield from _export(book, profiles, buses)
    for contract in inputs.contracts:
        if contract.kind == "green_power":
            yield from _green_power(book, inputs, profiles, contract, buses)
        elif contract.kind == "sink":
            yield from _sink(book, contract)
        else:
            yield from _offset(book, inputs, contract)
    if inputs.scenario.neutrality:
        yield from _emission_excess(book, inputs)


def carbon_charges(
    inputs: SliceInputs, component: str, located: Series, paid: Series
) -> tuple[Charge, ...]:
    """Shadow value on location-based and price on market-based emissions [CNY per unit].

    Parameters
    ----------
    inputs
        Inputs of the slice.
    component
        Carrier that emits.
    located, paid
        Location-based and market-based emission of one unit of the flow [tCO2 per unit].
    """
    charges = []
    if inputs.scenario.shadow_carbon:
        price = inputs.parameters["shadow_carbon_value"]
        charges.append(Charge("shadow_carbon", component, price * located))
    if inputs.prices.get("carbon_price", 0.0):
        charges.append(Charge("carbon", component, inputs.prices["carbon_price"] * paid))
    return tuple(charges)


def _fuel_supply(book: Book, inputs: SliceInputs, bus: solph.Bus) -> solph.components.Source:
    carrier, factor = bus.label, inputs.factors.scope1[bus.label]
    outside = carrier == MARINE_FUEL and inputs.scenario.ships_at_berth == "memo"
    scope = "scope3_reported" if outside else "scope1"
    label = f"{carrier}_supply"
    charges: tuple[Charge, ...] = (Charge("fuel", carrier, inputs.prices[carrier]),)
    if not outside:
        charges += carbon_charges(inputs, carrier, factor, factor)
    flow = book.flow(
        label,
        carrier,
        Kind(carrier, "fuel_supply"),
        charges=charges,
        emissions=(Emission(scope, carrier, factor),),
    )
    return solph.components.Source(label=label, outputs={bus: flow})


def _purchase(
    book: Book, inputs: SliceInputs, profiles: Profiles, upstream: solph.Bus
) -> solph.components.Source:
    """Power that no contract covers, at the time-of-use price."""
    label, factors = "grid_purchase", inputs.factors
    flow = book.flow(
        label,
        upstream.label,
        Kind("electricity", "purchase"),
        charges=(
            Charge("purchase", "time_of_use", profiles.purchase_price),
            *carbon_charges(inputs, "electricity", factors.grid_location, factors.grid_market),
        ),
        emissions=(
            Emission("scope2_location", "electricity", factors.grid_location),
            Emission("scope2_market", "electricity", factors.grid_market),
        ),
        limits={CERTIFICATE_SURPLUS: -1.0},
    )
    return solph.components.Source(label=label, outputs={upstream: flow})


def _billed_demand(
    book: Book, inputs: SliceInputs, profiles: Profiles, bus: solph.Bus
) -> Iterator[solph.components.Source]:
    """The highest hour of each month is paid for: one decision a month, masked to its hours."""
    months = np.unique(profiles.month)
    # In a trial with few months each stands for its share of the year.
    price = inputs.prices["demand_charge"] * 12.0 / len(months)
    for month in months:
        label = f"billed_demand_{month:02d}"
        edge = (label, bus.label)
        book.lump(edge, Charge("demand_charge", label, price))
        flow = book.flow(
            *edge,
            Kind("billed_demand", unit="MW of billed demand"),
            nominal_capacity=solph.Investment(ep_costs=price),
            maximum=(profiles.month == month).astype(float),
        )
        yield solph.components.Source(label=label, outputs={bus: flow})


def _export(book: Book, profiles: Profiles, buses: dict[str, solph.Bus]) -> Iterator[Node]:
    """Each MWh sold needs a MWh of local green power fed in at the same hour."""
    market = solph.Bus(label="power_market")
    label = "export"
    kind = Kind("electricity", "export")
    yield market
    yield solph.components.Converter(
        label=label,
        inputs={
            buses[HUB]: book.flow(HUB, label, kind),
            buses[LOCAL_GREEN]: book.flow(
                LOCAL_GREEN,
                label,
                Kind("local_green", unit="MW of certificates"),
            ),
        },
        outputs={market: book.flow(label, market.label, kind)},
        conversion_factors={buses[HUB]: 1.0, buses[LOCAL_GREEN]: 1.0, market: 1.0},
    )
    sale = "export_sale"
    flow = book.flow(
        market.label,
        sale,
        kind,
        charges=(Charge("export", "market", -profiles.export_price),),
    )
    yield solph.components.Sink(label=sale, inputs={market: flow})


def _green_power(
    book: Book,
    inputs: SliceInputs,
    profiles: Profiles,
    contract: Contract,
    buses: dict[str, solph.Bus],
) -> Iterator[Node]:
    """A contracted plant: all it generates is paid for; what the park cannot use is lost.

    Delivered power counts zero in the market-based figure and the grid's factor in the
    location-based one.
    """
    name = contract.contract
    plant = solph.Bus(label=f"{name}_plant")
    kind = Kind("electricity", "green_power")
    yield plant
    yield solph.components.Source(
        label=name,
        outputs={
            plant: book.flow(
                name,
                plant.label,
                kind,
                charges=(Charge("purchase", name, contract.parameters["price"]),),
                nominal_capacity=solph.Investment(maximum=contract.parameters["capacity"]),
                fix=profiles.green_power[contract.profile],
            )
        },
    )
    delivery = f"{name}_delivery"
    located = inputs.factors.grid_location
    yield solph.components.Converter(
        label=delivery,
        inputs={plant: book.flow(plant.label, delivery, kind)},
        outputs={
            buses[UPSTREAM]: book.flow(
                delivery,
                UPSTREAM,
                kind,
                charges=carbon_charges(inputs, name, located, 0.0),
                emissions=(Emission("scope2_location", name, located),),
            )
        },
    )
    unused = f"{name}_unused"
    yield solph.components.Sink(label=unused, inputs={plant: book.flow(plant.label, unused, kind)})


def _sink(book: Book, contract: Contract) -> Iterator[Node]:
    """Land that takes up carbon [ha], the whole year or not at all."""
    values = contract.parameters
    yield from _yearly(
        book,
        contract.contract,
        unit="ha",
        most=values["area"],
        charge=Charge("sink", contract.contract, values["price"] / HOURS_OF_YEAR),
        emissions=(Emission("sink", contract.contract, -values["rate"] / HOURS_OF_YEAR),),
        limits={},
    )


def _offset(book: Book, inputs: SliceInputs, contract: Contract) -> Iterator[Node]:
    """Unbundled certificates [MWh/h] and credits [tCO2/h], an even flow over the year."""
    name, values = contract.contract, contract.parameters
    certificate = contract.kind == "certificate"
    factor = inputs.factors.grid_market if certificate else 1.0
    scope, carrier = ("scope2_market", name) if certificate else ("credit", name)
    yield from _yearly(
        book,
        name,
        unit="MWh/h of certificates" if certificate else "tCO2/h",
        most=values["limit"] / HOURS_OF_YEAR,
        charge=Charge(contract.kind, name, values["price"]),
        emissions=(Emission(scope, carrier, -factor),),
        limits={OFFSET: factor} | ({CERTIFICATE_SURPLUS: 1.0} if certificate else {}),
    )


def _emission_excess(book: Book, inputs: SliceInputs) -> Iterator[Node]:
    """What exceeds the cap, at a penalty: a finding, not a way out."""
    price = inputs.parameters["emission_excess_penalty"]
    yield from _yearly(
        book,
        "emission_excess",
        unit="tCO2/h",
        most=float("inf"),
        charge=Charge("gap", "emission_excess", price),
        emissions=(Emission("gap", "emission_excess", 1.0),),
        limits={},
    )


def _yearly(
    book: Book,
    name: str,
    *,
    unit: str,
    most: float,
    charge: Charge,
    emissions: tuple[Emission, ...],
    limits: Mapping[str, Series],
) -> Iterator[Node]:
    """An even flow whose height is one decision for the whole year."""
    registry, cancelled = solph.Bus(label=f"{name}_registry"), f"{name}_cancelled"
    yield registry
    yield solph.components.Source(
        label=name,
        outputs={
            registry: book.flow(
                name,
                registry.label,
                Kind(name, unit=unit),
                charges=(charge,),
                emissions=emissions,
                limits=limits,
                nominal_capacity=solph.Investment(maximum=most),
                fix=np.ones(book.hours),
            )
        },
    )
    flow = book.flow(
        registry.label,
        cancelled,
        Kind(name, unit=unit),
    )
    yield solph.components.Sink(label=cancelled, inputs={registry: flow})
