"""Solve a slice at several prices of carbon: cost, emissions, capacities that change.

The price is paid on scope 1 and market-based scope 2 of this slice; the slices after it are
planned without it, and cap and shadow value stay as they are. MCNY are million CNY of 2020, kt are
of CO2. Capacities that no price changes are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from meishan_model.accounts.tables import slice_totals
from meishan_model.errors import Fault, InputError
from meishan_model.planning.limits import contract_limit, contract_use
from meishan_model.studies.study import Row, Study, Variant

TOTALS = 5
"""Number of costs and emissions, which are always told."""
CHANGE = 1e-3
"""Change of a capacity [-], relative, or in its unit, from which on it is told."""


@dataclass(kw_only=True)
class Exposure(Study[float]):
    """A slice at each price, and what stands and is bought there."""

    default_hours = 336
    units: ClassVar = {"carbon_cost": "CNY/a", "scope1": "tCO2/a"}

    year: Annotated[int, "Slice to solve at each price."]
    prices: Annotated[Sequence[float], "Prices of carbon in CNY/tCO2."] = (0, 100, 300, 800)

    def variants(self) -> Sequence[Variant[float]]:
        """All prices."""
        if not self.prices or min(self.prices) < 0.0:
            told = ",".join(map(str, self.prices))
            remedy = "one or more numbers from 0 on"
            raise InputError([Fault("prices", "are no prices", value=told, remedy=remedy)])
        return [
            Variant({"carbon_price": float(p)}, f"carbon at {p:g} CNY/t", p) for p in self.prices
        ]

    def measure(self, given: float) -> Sequence[Row]:
        """Costs, emissions, and what stands of every technology and is used of every contract."""
        task = self.task
        inputs = replace(task.inputs, prices={**task.inputs.prices, "carbon_price": given})
        ds = self.solved_with(inputs)
        totals, cost, emitted = slice_totals(ds), ds["cost"], ds["emissions"]
        technology = ds["asset_technology"].to_series() + " [" + ds["asset_unit"].to_series() + "]"
        sums = ds["capacity"].to_series().groupby(technology).sum()
        standing = {str(name): float(capacity) for name, capacity in sums.items()}
        for contract in inputs.contracts:
            name = f"{contract.contract} [{contract_limit(contract)[1]}]"
            standing[name] = contract_use(ds, contract, task.profiles)
        row = {
            "paid_cost": totals.paid_cost,
            "carbon_cost": float(cost.where(ds["category"] == "carbon").sum()),
            "net_emissions": totals.net_emissions,
            "scope1": float(emitted.where(ds["scope"] == "scope1").sum()),
            "location_emissions": totals.location_emissions,
        }
        return [row | standing]

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Nothing stands of what a price does not have."""
        return rows.fillna(0.0)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """A column for each price, without the capacities that stay."""
        table = self.with_units(self.table(rows)).set_index("carbon_price [CNY/tCO2]").T
        spread, largest = table.max(axis=1) - table.min(axis=1), table.abs().max(axis=1)
        changes = (spread > CHANGE * largest.clip(lower=1.0)).to_numpy()
        return {self.title: table[changes | (np.arange(len(table)) < TOTALS)]}


STUDY = Exposure
