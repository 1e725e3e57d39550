"""The baseline year: the seed's own total row by row, and E_0 under the ledger's rules."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from meishan_model.sheets.park import Park
from meishan_model.sheets.records import Factors
from meishan_model.sheets.resolve import foreign_fuels
from meishan_model.sheets.scenario import Scenario

GRID_DELIVERED = ("grid_purchase", "sold_green", "contracted_zero_carbon")
"""Electricity that comes through the fence, or leaves it as a sold certificate: under the ledger's
rules it counts with the scenario's market factor, since no certificate was cancelled for it."""


@dataclass(frozen=True)
class Baseline:
    """Balance of the baseline year.

    Attributes
    ----------
    rows
        Index item and zone; accounting, carrier, energy_mwh [MWh/a], tce_equivalent [tce/a],
        emissions_seed and emissions_ledger [tCO2/a].
    energy
        Energy use, the seed's convention [tce/a].
    emissions_seed
        Energy CO2, the seed's convention: zero-carbon electricity counts zero [tCO2/a].
    emissions_ledger
        E_0: what the ledger of this model would say of the same year [tCO2/a].
    """

    rows: pd.DataFrame
    energy: float
    emissions_seed: float
    emissions_ledger: float


def baseline(park: Park, factors: Factors, scenario: Scenario) -> Baseline:
    """Balance the baseline year of a park.

    Parameters
    ----------
    park
        The park with ``baseline.csv``.
    factors
        Factors of the baseline year.
    scenario
        Says whether fuels of others on the site count.
    """
    rows = pd.DataFrame(
        [
            (r.item, r.sector, r.zone, r.carrier, r.accounting, r.value, r.unit)
            for r in park.baseline
        ],
        columns=["item", "sector", "zone", "carrier", "accounting", "value", "unit"],
    )
    per_tce = rows["carrier"].map(factors.tce_equivalent)
    electric = rows["unit"] == "GWh/a"
    rows["energy_mwh"] = (rows["value"] * 1e3).where(electric, rows["value"] * 1e3 / per_tce)
    rows["tce_equivalent"] = rows["energy_mwh"] * per_tce
    scope1 = rows["energy_mwh"] * rows["carrier"].map(factors.scope1).fillna(0.0)
    fuel = rows["accounting"] == "fuel"
    at_grid_factor = rows["energy_mwh"] * factors.grid_location
    rows["emissions_seed"] = scope1.where(fuel, 0.0) + at_grid_factor.where(
        rows["accounting"] == "grid_purchase", 0.0
    )
    counted_fuels = [c for c, only in foreign_fuels(park, scenario).items() if not only]
    of_others = rows["carrier"].isin(counted_fuels)
    uncovered = rows["energy_mwh"] * factors.grid_market
    rows["emissions_ledger"] = scope1.where(fuel | of_others, 0.0) + uncovered.where(
        rows["accounting"].isin(GRID_DELIVERED), 0.0
    )
    counted = rows["accounting"] != "memo"
    return Baseline(
        rows=rows.set_index(["item", "zone"]),
        energy=float(rows.loc[counted, "tce_equivalent"].sum()),
        emissions_seed=float(rows["emissions_seed"].sum()),
        emissions_ledger=float(rows["emissions_ledger"].sum()),
    )
