"""Certificates of green power that is not delivered with them."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import CERTIFICATE_SURPLUS, CERTIFICATE_UNIT, OFFSET
from meishan_model.components.purchase import yearly_nodes
from meishan_model.sheets.kinds import ContractKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.units import HOURS_OF_YEAR


class Certificate(Component):
    """Unbundled certificates [MWh/h], which make purchased power count as green."""

    name = "certificate"
    side = "trade"
    contract = ContractKind(
        "certificate",
        {
            "limit": Quantity("MWh/a", 0, 1e9, (10, 2e7), "from a workshop to a city"),
            "price": Quantity("CNY/MWh", 0, 5000, (0.5, 300), "markets pay 1 to 50"),
        },
        role="issue",
        unit="MWh/a",
        is_offset=True,
    )
    conflict = "no more certificates than the contract offers"

    def nodes(self, s: Slice) -> Nodes:
        """Every certificate on offer."""
        for contract in s.inputs.contracts_of(self.contract):
            name, values = contract.contract, contract.parameters
            factor = s.inputs.factors.grid_market
            yield from yearly_nodes(
                s,
                name,
                Coordinates("issue", contract=name, unit=CERTIFICATE_UNIT),
                most=values["limit"] / HOURS_OF_YEAR,
                cost=("certificate", values["price"]),
                emission=("scope2_market", -factor),
                limits={OFFSET: factor, CERTIFICATE_SURPLUS: 1.0},
            )
