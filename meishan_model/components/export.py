"""Local clean power that leaves the park: at the price of the hour, or under contract to the city.

Each MWh that leaves needs a MWh of local green power fed in at the same hour, and its certificate
goes with it. What is sold outside is therefore not green inside: the park buys in its place what
it lacks, and that counts.
"""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import (
    CERTIFICATE_UNIT,
    LOCAL_GREEN,
    Charge,
    Decision,
    row_of_contract,
)
from meishan_model.series.market import export_course, export_income
from meishan_model.sheets.kinds import ContractKind
from meishan_model.sheets.rows import Quantity

POWER_MARKET = "power_market"
"""Where an export arrives, beyond the connection."""
EXPORT = "export"
"""Label of what takes power and certificates out of the park."""
_SOLD = Coordinates("export")


class Export(Component):
    """Power that is sold outside, at the market's price or by contract."""

    name = "export"
    side = "trade"
    contract = ContractKind(
        "export",
        {
            "capacity": Quantity("MW", 0, 1e5, (0.01, 3000), "from a roof to a wind base"),
            "price": Quantity("CNY/MWh", 0, 5000, (50, 2000), "what a market pays"),
            "delivery_risk": Quantity("%", 0, 99, (0.1, 60), "what fails of a contract"),
            "undelivered_paid": Quantity("%", 0, 100, (1, 100), "a share of its price"),
        },
        role="export",
        limit="capacity",
        unit="MW",
        counted="course",
        sizes=("capacity", "delivery_risk"),
        is_sold=True,
    )
    conflict = "a contracted delivery follows its profile and needs as much local green power"

    def nodes(self, s: Slice) -> Nodes:
        """What leaves the park, if the scenario allows it and there is local green power."""
        if LOCAL_GREEN not in s.buses or not s.inputs.scenario.export:
            return
        registry, buses = s.registry, s.buses
        market = s.make_bus(POWER_MARKET, s.inputs.power_carrier)
        # It passes the connection as purchase does: no more than that carries, less what it loses.
        connection = s.inputs.connection
        passed = Coordinates("transport", connection.shown_as, asset=connection.element)
        certificates = Coordinates("delivered", unit=CERTIFICATE_UNIT)
        most = {"nominal_capacity": connection.capacity}
        yield registry.converter(
            EXPORT,
            inputs={buses[connection.to_bus]: (passed, most), buses[LOCAL_GREEN]: certificates},
            outputs={market: passed},
            factors={market: 1.0 - connection.loss},
        )
        income = Charge("export", "market", -s.profiles.export_price)
        yield registry.sink("export_sale", market, _SOLD, charges=(income,))
        for contract in s.inputs.contracts_of(self.contract):
            output = s.profiles.green_power[contract.profile]
            # One decision on how much of it is taken; the delivery has the contract's course.
            yield registry.sink(
                (contract.contract, "delivery"),
                market,
                _SOLD.but(contract=contract.contract),
                row_of_contract(contract),
                charges=(Charge("export", contract.contract, -export_income(contract)),),
                decides=Decision(upper=contract.parameters["capacity"]),
                fix=export_course(contract, output, s.profiles.month),
            )
