"""The few numbers of a slice that studies of many slices compare."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import xarray as xr

from meishan_model.accounts.principles import LOCATION_SCOPES, NOT_PAID
from meishan_model.accounts.tables import NET_SCOPES


class SliceTotals(NamedTuple):
    """Yearly totals of one slice.

    Attributes
    ----------
    paid_cost
        Money paid [CNY/a]: all cost but the shadow carbon value and the penalties.
    objective
        What was minimised, with the constant of today's stock [CNY/a].
    shedding
        Penalty of demand that is not served, a finding [CNY/a].
    gap
        Penalty of emissions above the cap, a finding [CNY/a].
    net_emissions
        Scope 1 + market-based scope 2 + sinks + credits [tCO2/a]; sinks and credits are negative.
    location_emissions
        The same with the location-based scope 2 [tCO2/a].
    """

    paid_cost: float
    objective: float
    shedding: float
    gap: float
    net_emissions: float
    location_emissions: float


def table_totals(costs: pd.DataFrame, emissions: pd.DataFrame) -> SliceTotals:
    """Totals from the tables of a slice.

    Parameters
    ----------
    costs
        Columns category and value [CNY/a].
    emissions
        Columns scope and value [tCO2/a].
    """
    cost = costs["value"].groupby(costs["category"]).sum()
    emission = emissions["value"].groupby(emissions["scope"]).sum()
    return SliceTotals(
        paid_cost=float(cost.drop(list(NOT_PAID), errors="ignore").sum()),
        objective=float(cost.sum()),
        shedding=float(cost.get("shedding", 0.0)),
        gap=float(cost.get("gap", 0.0)),
        net_emissions=float(emission.reindex(list(NET_SCOPES)).sum()),
        location_emissions=float(emission.reindex(list(LOCATION_SCOPES)).sum()),
    )


def slice_totals(ds: xr.Dataset) -> SliceTotals:
    """Totals of a slice by the result contract."""
    costs = {"category": ds["category"].to_series(), "value": ds["cost"].to_series()}
    emissions = {"scope": ds["scope"].to_series(), "value": ds["emissions"].to_series()}
    return table_totals(pd.DataFrame(costs), pd.DataFrame(emissions))
