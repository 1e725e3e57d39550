r"""Emissions beside those of the flows: the baseline year, and buildings over their life.

The baseline year has the total of RMI 2023 row by row, and E_0 under the rules of the
ledger. The carbon of buildings is reported as scope 3, outside of the neutrality balance.

Design, materials and construction of what is built in the year, and what is demolished in it,
emit outside the park:

.. math::  E_s = A_{new} \, r_s \, (1 - \rho_s), \qquad
           E_{dem} = A_{dem} \, r_{dem} \, (1 - \rho_{dem})

with the floor area [m2/a], the reference :math:`r_s` [tCO2/m2] and what the buildings of the year
save of it, :math:`\rho_s`. Operation is scope 1 and 2 of the park and not counted again here.

The building plan (RMI 2023) sets targets for a m2 over its whole life: 10 % less in 2019-2020
(indicative), 35 % less in 2021-2025 (binding). With the life :math:`L` [a] and what the park's
buildings emit for a m2 in the year, :math:`o` [tCO2/(m2*a)], by location:

.. math::  \rho = 1 - \frac{\sum_s r_s (1 - \rho_s) + L \, o \, (1 - \rho_{op})}
                           {\sum_s r_s + L \, r_{op}}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from meishan_model.accounts.tables import Accounts
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import Factors, LifeCycle, SliceInputs
from meishan_model.sheets.resolve import foreign_fuels
from meishan_model.sheets.scenario import Account, Scenario

OPERATION = "operation"
SCOPE = "scope3_reported"
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
        emissions_published and emissions_ledger [tCO2/a].
    energy
        Energy use, by the convention of the published balance [tce/a].
    emissions_published
        Energy CO2 as the park has published it (of Meishan RMI 2023): zero-carbon electricity
        counts zero, whoever has its certificates, and fuel of others is outside [tCO2/a].
    emissions_ledger
        What the ledger of this model would say of the same year [tCO2/a].
    account
        Which of the two the scenario starts its caps from.
    """

    rows: pd.DataFrame
    energy: float
    emissions_published: float
    emissions_ledger: float
    account: Account

    @property
    def start(self) -> float:
        """E_0, from which the caps fall [tCO2/a]."""
        return self.emissions_ledger if self.account == "ledger" else self.emissions_published

    def differences(self) -> pd.DataFrame:
        """What the ledger counts otherwise, item by item, the largest first.

        Returns
        -------
        pandas.DataFrame
            Columns item, zone, accounting, emissions_published and emissions_ledger [tCO2/a].
        """
        gap = (self.rows["emissions_ledger"] - self.rows["emissions_published"]).abs()
        largest = gap[gap > 0.0].sort_values(ascending=False, kind="stable").index
        columns = ["accounting", "emissions_published", "emissions_ledger"]
        return self.rows.loc[largest, columns].reset_index()


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
    columns = ["item", "sector", "zone", "carrier", "accounting", "value", "unit"]
    rows = pd.DataFrame([row.model_dump() for row in park.baseline], columns=columns)
    per_tce = rows["carrier"].map(factors.tce_equivalent)
    pairs = zip(park.baseline, per_tce, strict=True)
    rows["energy_mwh"] = [row.energy(tce_equivalent) for row, tce_equivalent in pairs]
    rows["tce_equivalent"] = rows["energy_mwh"] * per_tce
    scope1 = rows["energy_mwh"] * rows["carrier"].map(factors.scope1).fillna(0.0)
    fuel = rows["accounting"] == "fuel"
    at_grid_factor = rows["energy_mwh"] * factors.grid_location
    bought = rows["accounting"] == "grid_purchase"
    rows["emissions_published"] = scope1.where(fuel, 0.0) + at_grid_factor.where(bought, 0.0)
    counted_fuels = [c for c, only in foreign_fuels(park, scenario).items() if not only]
    burnt = scope1.where(fuel | rows["carrier"].isin(counted_fuels), 0.0)
    uncovered = rows["energy_mwh"] * factors.grid_market
    delivered = rows["accounting"].isin(GRID_DELIVERED)
    rows["emissions_ledger"] = burnt + uncovered.where(delivered, 0.0)
    counted = rows["accounting"] != "memo"
    return Baseline(
        rows=rows.set_index(["item", "zone"]),
        energy=float(rows.loc[counted, "tce_equivalent"].sum()),
        emissions_published=float(rows["emissions_published"].sum()),
        emissions_ledger=float(rows["emissions_ledger"].sum()),
        account=scenario.baseline_account,
    )


def scope2_by_convention(emissions: pd.DataFrame, inputs: SliceInputs) -> pd.DataFrame:
    """What the power of a slice emits under every convention of the grid's factor.

    Scope 2 of power is linear in the factor; so the same purchase and the same certificates under
    another one are those of the slice times the ratio of the two. Operation and plan are those of
    the convention that the scenario has chosen.

    Parameters
    ----------
    emissions
        Emissions of the slice: scope, carrier, value [tCO2/a].
    inputs
        Its inputs.

    Returns
    -------
    pandas.DataFrame
        Index convention; ``factor_by_location``, ``factor_by_market`` [tCO2/MWh] and
        ``scope2_by_location``, ``scope2_by_market`` [tCO2/a]. Not a number where a convention has
        no factor, or a scenario's factor of zero leaves nothing to scale.
    """
    factors = inputs.factors
    chosen = {"location": factors.grid_location, "market": factors.grid_market}
    columns: dict[str, dict[str, float]] = {}
    for basis, own in chosen.items():
        of_scope = emissions[emissions["scope"] == f"scope2_{basis}"]
        heat = of_scope["carrier"].isin(factors.scope2.keys() - {inputs.power_carrier})
        other, power = (float(of_scope.loc[rows, "value"].sum()) for rows in (heat, ~heat))
        known = {name: of.get(basis, math.nan) for name, of in factors.conventions.items()}
        scaled = {n: other + power * f / own if own else math.nan for n, f in known.items()}
        columns |= {f"factor_by_{basis}": known, f"scope2_by_{basis}": scaled}
    return pd.DataFrame(columns, dtype=float).rename_axis("convention")


def embodied_emissions(buildings: LifeCycle) -> pd.Series[float]:
    """Emissions of what is built and demolished in the year, by stage [tCO2/a]."""
    area = {n: buildings.new_area for n in buildings.reference if n != OPERATION}
    area["demolition"] = buildings.demolished_area
    return pd.Series(
        {
            stage: size * buildings.reference[stage] * (1.0 - buildings.reduction[stage])
            for stage, size in area.items()
        },
        dtype=float,
    ).rename_axis("stage")


def operation_of_floor(
    energy: pd.DataFrame, factors: Mapping[str, float], buildings: LifeCycle
) -> float:
    """What the buildings of the park emit by their use, by location [tCO2/(m2*a)].

    Parameters
    ----------
    energy
        Final energy of the slice: sector, carrier, energy_mwh [MWh/a].
    factors
        Location-based emission factors by carrier [tCO2/MWh].
    buildings
        Their floor area, and the sectors in which their energy is counted.
    """
    own = energy[energy["sector"].isin(buildings.sectors)]
    emitted = own["energy_mwh"] * own["carrier"].map(pd.Series(factors))
    return float(emitted.sum()) / buildings.floor_area


def life_cycle_reduction(buildings: LifeCycle, operation: float) -> float:
    """What a new building of the year saves over its life against usual practice [-].

    Parameters
    ----------
    buildings
        Their life cycle.
    operation
        What the buildings of the park emit by their use [tCO2/(m2*a)].
    """
    reference, saved = buildings.reference, buildings.reduction
    embodied = {stage: value for stage, value in reference.items() if stage != OPERATION}
    usual = sum(embodied.values()) + buildings.service_life * reference[OPERATION]
    new = sum(value * (1.0 - saved[stage]) for stage, value in embodied.items())
    new += buildings.service_life * operation * (1.0 - saved[OPERATION])
    return 1.0 - new / usual


def with_life_cycle(accounts: Accounts, buildings: LifeCycle | None) -> Accounts:
    """The accounts of a slice with the reported emissions of its buildings, where it has any.

    Parameters
    ----------
    accounts
        Tables of the slice.
    buildings
        The life cycle of its buildings.
    """
    if buildings is None:
        return accounts
    embodied = embodied_emissions(buildings)
    rows = pd.DataFrame(
        {"scope": SCOPE, "carrier": "building_" + embodied.index, "value": embodied}
    )
    rows.index = pd.Index(rows["scope"] + ":" + rows["carrier"], name="emission_item")
    return replace(accounts, emissions=pd.concat([accounts.emissions, rows]).sort_index())


def life_cycle_attributes(accounts: Accounts, inputs: SliceInputs) -> dict[str, float]:
    """Reduction that new buildings reach over their life, and its target [-], for the result.

    Parameters
    ----------
    accounts
        Tables of the slice.
    inputs
        Its inputs.
    """
    buildings = inputs.life_cycle
    if buildings is None:
        return {}
    operation = operation_of_floor(accounts.energy, inputs.located_factors, buildings)
    return {
        "building_life_cycle_reduction": life_cycle_reduction(buildings, operation),
        "building_life_cycle_target": buildings.target,
    }
