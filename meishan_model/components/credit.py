"""Credits for reduction or removal of carbon elsewhere."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import OFFSET
from meishan_model.components.purchase import yearly_nodes
from meishan_model.sheets.kinds import ContractKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.units import HOURS_OF_YEAR


class Credit(Component):
    """Carbon credits [tCO2/h], which offset what the park emits."""

    name = "credit"
    side = "trade"
    contract = ContractKind(
        "credit",
        {
            "limit": Quantity("tCO2/a", 0, 1e9, (10, 2e7), "from a workshop to a city"),
            "price": Quantity("CNY/tCO2", 0, 2e4, (2, 3000), "markets pay 20 to 1000"),
            "age": Quantity("a", 0, 50, (0, 10), "credits are used soon", whole=True),
            "validity": Quantity("a", 0, 50, (1, 20), "rules allow some years", whole=True),
        },
        role="credit",
        unit="tCO2/a",
        sizes=("limit", "age", "validity"),
        is_offset=True,
        has_vintage=True,
    )
    conflict = "no more credits than the contract offers"

    def nodes(self, s: Slice) -> Nodes:
        """Every credit on offer."""
        for contract in s.inputs.contracts_of(self.contract):
            name, values = contract.contract, contract.parameters
            yield from yearly_nodes(
                s,
                name,
                Coordinates("credit", contract=name, unit="tCO2/h"),
                most=values["limit"] / HOURS_OF_YEAR,
                cost=("credit", values["price"]),
                emission=("credit", -1.0),
                limits={OFFSET: 1.0},
            )
