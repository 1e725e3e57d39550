"""Land that takes up carbon."""

from __future__ import annotations

from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.purchase import yearly_nodes
from meishan_model.sheets.kinds import ContractKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.units import HOURS_OF_YEAR

_UPTAKE = Quantity("tCO2/(ha*a)", 0, 100, (0.2, 60), "marsh to young forest")


class CarbonSink(Component):
    """Land that takes up carbon [ha], the whole year or not at all.

    What counts is the increment: uptake that was not there in the base year, by area and rate.
    What stands already may be told beside it, ``standing_uptake``.
    """

    name = "sink"
    side = "trade"
    contract = ContractKind(
        "sink",
        {
            "area": Quantity("ha", 0, 1e7, (0.1, 1e5), "from a garden to a county's forest"),
            "rate": _UPTAKE,
            "rate_low": _UPTAKE,
            "rate_high": _UPTAKE,
            "price": Quantity("CNY/(ha*a)", 0, 1e6, (50, 5e4), "planting and care by year"),
        },
        role="sink",
        limit="area",
        unit="ha",
        counted="mean",
        sizes=("area", "rate", "rate_low", "rate_high"),
        ranges={"rate": ("rate_low", "rate_high")},
        told={
            "standing_uptake": Quantity(
                "tCO2/a", 0, 1e9, (1, 1e7), "of what stands already: a grove to a province"
            )
        },
    )
    conflict = "no more land than the contract offers"

    def nodes(self, s: Slice) -> Nodes:
        """Every sink on offer."""
        for contract in s.inputs.contracts_of(self.contract):
            name, values = contract.contract, contract.parameters
            yield from yearly_nodes(
                s,
                name,
                Coordinates("sink", contract=name, unit="ha"),
                most=values["area"],
                cost=("sink", values["price"] / HOURS_OF_YEAR),
                emission=("sink", -values["rate"] / HOURS_OF_YEAR),
            )
