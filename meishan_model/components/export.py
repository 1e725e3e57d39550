"""Local clean power that leaves the park: at the price of the hour, or under contract to the city.

Each MWh that leaves needs a MWh of local green power fed in at the same hour, and its certificate
goes with it. What is sold outside is therefore not green inside: the park buys in its place what
it lacks, and that counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph
from oemof.network import Node

from meishan_model.components.book import Book, Charge, Kind
from meishan_model.components.contracts import DELIVERY
from meishan_model.components.grid import CONNECTION, LOCAL_GREEN
from meishan_model.series.build import Profiles
from meishan_model.series.export import export_course, export_income
from meishan_model.sheets.buses import HUB, POWER_MARKET
from meishan_model.sheets.records import Contract, SliceInputs

EXPORT = "export"
"""Label of what takes power and certificates out of the park."""
_KIND = Kind("electricity", "export")


def export_nodes(
    book: Book, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """What leaves the park, if the scenario allows it and there is local green power.

    Parameters
    ----------
    book, inputs, profiles
        Book, inputs and series of the slice.
    buses
        Electricity buses by label.
    """
    if LOCAL_GREEN not in buses or not inputs.scenario.export:
        return
    market = solph.Bus(label=POWER_MARKET)
    # It passes the connection as purchase does: no more than that carries, less what it loses.
    connection = next(element for element in inputs.network if element.kind == CONNECTION)
    yield market
    yield solph.components.Converter(
        label=EXPORT,
        inputs={
            buses[HUB]: book.flow(HUB, EXPORT, _KIND, nominal_capacity=connection.capacity),
            buses[LOCAL_GREEN]: book.flow(
                LOCAL_GREEN, EXPORT, Kind("local_green", unit="MW of certificates")
            ),
        },
        outputs={market: book.flow(EXPORT, market.label, _KIND)},
        conversion_factors={
            buses[HUB]: 1.0,
            buses[LOCAL_GREEN]: 1.0,
            market: 1.0 - connection.loss,
        },
    )
    sale = "export_sale"
    income = Charge("export", "market", -profiles.export_price)
    flow = book.flow(market.label, sale, _KIND, charges=(income,))
    yield solph.components.Sink(label=sale, inputs={market: flow})
    for contract in inputs.contracts:
        if contract.kind == "export":
            yield _contracted_sale(book, profiles, contract, market)


def _contracted_sale(
    book: Book, profiles: Profiles, contract: Contract, market: solph.Bus
) -> solph.components.Sink:
    """Delivery by the contract's course: one decision on how much of it is taken."""
    label = f"{contract.contract}{DELIVERY}"
    flow = book.flow(
        market.label,
        label,
        _KIND,
        charges=(Charge("export", contract.contract, -export_income(contract)),),
        nominal_capacity=solph.Investment(maximum=contract.parameters["capacity"]),
        fix=export_course(contract, profiles.green_power[contract.profile], profiles.month),
    )
    return solph.components.Sink(label=label, inputs={market: flow})
