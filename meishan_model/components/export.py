"""Local clean power that leaves the park: at the price of the hour, or under contract to the city.

Each MWh that leaves needs a MWh of local green power fed in at the same hour, and its certificate
goes with it. What is sold outside is therefore not green inside: the park buys in its place what
it lacks, and that counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from oemof import solph
from oemof.network import Node

from meishan_model.components.contracts import DELIVERY
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import CERTIFICATES, Charge, Registry, row_of_contract
from meishan_model.components.grid import CONNECTION, LOCAL_GREEN
from meishan_model.series.build import Profiles
from meishan_model.series.export import export_course, export_income
from meishan_model.sheets.buses import HUB, POWER_MARKET
from meishan_model.sheets.records import Contract, SliceInputs

EXPORT = "export"
"""Label of what takes power and certificates out of the park."""
_SOLD = Coordinates("export", "electricity", "export")


def export_nodes(
    registry: Registry, inputs: SliceInputs, profiles: Profiles, buses: dict[str, solph.Bus]
) -> Iterator[Node]:
    """What leaves the park, if the scenario allows it and there is local green power.

    Parameters
    ----------
    registry, inputs, profiles
        Registry, inputs and series of the slice.
    buses
        Electricity buses by label.
    """
    if LOCAL_GREEN not in buses or not inputs.scenario.export:
        return
    market = registry.bus(POWER_MARKET)
    # It passes the connection as purchase does: no more than that carries, less what it loses.
    connection = next(element for element in inputs.network if element.kind == CONNECTION)
    label, hub, green = registry.node(EXPORT), buses[HUB], buses[LOCAL_GREEN]
    passed = Coordinates("transport", "electricity", "export", asset=connection.element)
    certificates = Coordinates("delivered", LOCAL_GREEN, unit=CERTIFICATES)
    yield market
    yield solph.components.Converter(
        label=label,
        inputs={
            hub: registry.flow(hub, label, passed, nominal_capacity=connection.capacity),
            green: registry.flow(green, label, certificates),
        },
        outputs={market: registry.flow(label, market, passed)},
        conversion_factors={hub: 1.0, green: 1.0, market: 1.0 - connection.loss},
    )
    income = Charge("export", "market", -profiles.export_price)
    yield registry.sink("export_sale", market, _SOLD, charges=(income,))
    for contract in inputs.contracts:
        if contract.kind == "export":
            yield _contracted_sale(registry, profiles, contract, market)


def _contracted_sale(
    registry: Registry, profiles: Profiles, contract: Contract, market: solph.Bus
) -> solph.components.Sink:
    """Delivery by the contract's course: one decision on how much of it is taken."""
    return registry.sink(
        f"{contract.contract}{DELIVERY}",
        market,
        _SOLD.but(contract=contract.contract),
        row_of_contract(contract),
        charges=(Charge("export", contract.contract, -export_income(contract)),),
        nominal_capacity=solph.Investment(maximum=contract.parameters["capacity"]),
        fix=export_course(contract, profiles.green_power[contract.profile], profiles.month),
    )
