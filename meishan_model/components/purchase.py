"""What a unit that is bought outside emits and costs beside its price, whoever sells it."""

from __future__ import annotations

import numpy as np

from meishan_model.components.base import Bus, Nodes, Slice, carbon_charges, located_factor
from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Decision, Emission, Series

BILLED_DEMAND = "billed_demand"
DEMAND = Coordinates("billing", unit="MW of billed demand")


def carbon_of(s: Slice, carrier: str) -> tuple[tuple[Emission, ...], tuple[Charge, ...]]:
    """Emissions of a unit that no contract covers, and what they cost.

    Power has the factors of the grid and other bought energy those of its rows, both scope 2; a
    fuel has what burning it emits, scope 1, or scope 3 where others burn it on the site and that
    is only reported. What has no factor emits nothing.
    """
    inputs, factors = s.inputs, s.inputs.factors
    located: Series
    paid: Series
    if carrier == inputs.power_carrier:
        located, paid = located_factor(inputs, s.profiles), factors.grid_market
    elif carrier in factors.scope2:
        located, paid = factors.scope2[carrier]
    elif carrier in factors.scope1:
        burnt = factors.scope1[carrier]
        if carrier in inputs.reported_fuels:
            return (Emission("scope3_reported", carrier, burnt),), ()
        return (Emission("scope1", carrier, burnt),), carbon_charges(inputs, carrier, burnt, burnt)
    else:
        return (), ()
    scopes = ("scope2_location", located), ("scope2_market", paid)
    emissions = tuple(Emission(scope, carrier, factor) for scope, factor in scopes)
    return emissions, carbon_charges(inputs, carrier, located, paid)


def billed_demand(
    s: Slice, bus: Bus, words: tuple[str, ...], price: float, what: Coordinates
) -> Nodes:
    """The highest hour of each month is paid for: one decision a month, masked to its hours.

    Parameters
    ----------
    s
        The slice.
    bus
        From which every MW that is bought takes a MW of demand.
    words
        Words of the titles.
    price
        Of a MW and month [CNY/(MW*month)].
    what
        Coordinates of the flows.
    """
    months = np.unique(s.profiles.month)
    for month in months:
        title = (*words, f"{month:02d}")
        # In a trial with few months each stands for its share of the year.
        charge = Charge("demand_charge", "_".join(title), price * 12.0 / len(months))
        yield s.registry.source(
            title,
            bus,
            what,
            decides=Decision(charge=charge),
            maximum=(s.profiles.month == month).astype(float),
        )
