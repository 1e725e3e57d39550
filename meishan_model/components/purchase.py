"""What is bought outside: what a unit emits and costs beside its price, and what goes by the year.

What is bought for the whole year is an even flow whose height is one decision. Certificates and
credits are limited together (:data:`~meishan_model.components.flows.OFFSET`), certificates also by
the power that nobody covers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from meishan_model.components.base import Bus, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, Emission
from meishan_model.components.flows import Charge, Decision, Series
from meishan_model.series import FloatArray
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.records import SliceInputs

BILLED_DEMAND = "billed_demand"
DEMAND = Coordinates("billing", unit="MW of billed demand")


def located_factor(inputs: SliceInputs, profiles: Profiles) -> FloatArray:
    """Location-based factor of the grid's power in every hour [tCO2/MWh]."""
    return inputs.factors.grid_location * profiles.grid_factor_ratio


def carbon_charges(
    inputs: SliceInputs, component: str, located: Series, paid: Series
) -> tuple[Charge, ...]:
    """Shadow value on location-based and price on market-based emissions [CNY per unit].

    Parameters
    ----------
    inputs
        Inputs of the slice.
    component
        Carrier that emits.
    located, paid
        Location-based and market-based emission of one unit of the flow [tCO2 per unit].
    """
    charges = []
    if inputs.scenario.shadow_carbon:
        price = inputs.parameters["shadow_carbon_value"]
        charges.append(Charge("shadow_carbon", component, price * located))
    if inputs.prices.get("carbon_price", 0.0):
        charges.append(Charge("carbon", component, inputs.prices["carbon_price"] * paid))
    return tuple(charges)


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
    s: Slice, bus: Bus, words: tuple[str, ...], price: Series, what: Coordinates
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
        Of a MW and month [CNY/(MW*month)], also by step; of a month its first step counts.
    what
        Coordinates of the flows.
    """
    months, first = np.unique(s.profiles.month, return_index=True)
    prices = np.broadcast_to(price, s.profiles.month.shape)[first]
    for month, of_month in zip(months, prices, strict=True):
        title = (*words, f"{month:02d}")
        # In a trial with few months each stands for its share of the year.
        charge = Charge("demand_charge", "_".join(title), float(of_month) * 12.0 / len(months))
        yield s.registry.source(
            title,
            bus,
            what,
            decides=Decision(charge=charge),
            maximum=(s.profiles.month == month).astype(float),
        )


def yearly_nodes(
    s: Slice,
    name: str,
    what: Coordinates,
    *,
    most: float,
    cost: tuple[str, float],
    emission: tuple[str, float],
    limits: Mapping[str, Series] | None = None,
) -> Nodes:
    """A source of an even flow, whose height is one decision, and the sink that cancels it.

    Parameters
    ----------
    s
        The slice.
    name
        Name of the nodes and of the carrier.
    what
        Coordinates of the flow, with the contract that it comes from.
    most
        Upper bound of its height, in its unit.
    cost
        Category and price of it, per unit and hour.
    emission
        Scope and amount of what it emits, per unit and hour.
    limits
        Its weights in limits, per unit and hour.
    """
    rows = (("contracts", what.contract),) if what.contract else ()
    account = s.make_bus((name, "registry"), name, *rows)
    yield s.registry.source(
        name,
        account,
        what,
        *rows,
        charges=(Charge(cost[0], name, cost[1]),),
        emissions=(Emission(emission[0], name, emission[1]),),
        limits=limits,
        decides=Decision(upper=most),
        fix=np.ones(s.registry.steps),
    )
    yield s.registry.sink((name, "cancelled"), account, what.but(role="cancelled"), *rows)
