"""Solve a slice at several prices of a fuel, and say how much of it is burnt.

Only this slice has the price; the slices after it are planned with that of the sheets. MCNY are
million CNY of 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from meishan_model.accounts.tables import slice_totals
from meishan_model.components.selection import energy_of
from meishan_model.studies.study import Row, Study, Variant


@dataclass(kw_only=True)
class FuelPrice(Study[float]):
    """A slice at each price of a fuel."""

    default_hours = 336
    units: ClassVar = {"price": "CNY/MWh", "burnt": "MWh/a"}

    year: Annotated[int, "Slice to solve at each price."]
    fuel: Annotated[str, "The fuel."] = "diesel"
    prices: Annotated[Sequence[float], "Its prices in CNY/MWh."] = (300, 600, 900)

    def variants(self) -> Sequence[Variant[float]]:
        """All prices."""
        return [
            Variant({"fuel": self.fuel, "price": p}, f"{self.fuel} at {p:g} CNY/MWh", p)
            for p in self.prices
        ]

    def measure(self, given: float) -> Sequence[Row]:
        """What the slice costs and burns."""
        prices = {**self.task.inputs.prices, self.fuel: given}
        ds = self.solved_with(replace(self.task.inputs, prices=prices))
        burnt = energy_of(ds, role="fuel", carrier=self.fuel, may_be_empty=True)
        return [{"paid_cost": slice_totals(ds).paid_cost, "burnt": burnt}]


STUDY = FuelPrice
