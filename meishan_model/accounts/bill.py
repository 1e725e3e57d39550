r"""The bill for energy by month and part: what the park pays for power and fuels, and is paid.

A purchase :math:`p_t` at the connection costs the price of the tariff :math:`c_t`, of which the
network charge :math:`n_t` and levies :math:`l_t` are parts; the rest is energy. With the months
:math:`m` and the demand charge :math:`d_m`,

.. math::  B_m = \sum_{t \in m} \bigl( (c_t - n_t - l_t) + n_t + l_t \bigr) \, p_t
                 + d_m \max_{t \in m} p_t + \dots

and what contracts, other markets and fuels cost, less what is earned by sales.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import Charge, Registry
from meishan_model.components.selection import flows_of_graph, select
from meishan_model.optimise.solution import Solution
from meishan_model.results.wording import Finding
from meishan_model.series import FloatArray
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.units import weight_of_step

PARTS = ("energy", "network", "levies", "demand", "contracts", "markets", "fuels", "sales")
"""What a bill consists of."""
MONTHS = 12
UNUSED = 1e-4
"""Power that is sold or left unused in an hour, above which it counts [MW]."""


def monthly_bill(registry: Registry, solution: Solution, profiles: Profiles) -> pd.DataFrame:
    """The bill by month and part [CNY/a]; sales are negative.

    Over the months the parts add up to the categories purchase, demand charge, fuel and export of
    the cost table. A month of which a trial has no hour has none.

    Parameters
    ----------
    registry, solution
        The graph of a slice and its optimum.
    profiles
        Its series.

    Returns
    -------
    pandas.DataFrame
        Index month (1 to 12), columns :data:`PARTS`.
    """
    bill = {part: np.zeros(MONTHS) for part in PARTS}
    month = profiles.month - 1
    for edge, meaning in registry.flows.items():
        for charge in meaning.charges:
            for part, price in _parts(charge, meaning.coordinates, profiles):
                paid = solution.flow[edge].to_numpy() * price * weight_of_step(registry.steps)
                bill[part] += np.bincount(month, paid, MONTHS)
    for edge, charge in registry.lump_charges:
        if charge.category == "demand_charge":
            # A month's demand is decided once and drawn in hours of that month alone.
            drawn = month[solution.flow[edge].to_numpy().argmax()]
            bill["demand"][drawn] += solution.flow_investment[edge] * float(
                np.asarray(charge.price)
            )
    return pd.DataFrame(bill, index=pd.RangeIndex(1, MONTHS + 1, name="month"))


def capped_sales(registry: Registry, solution: Solution, profiles: Profiles) -> Iterator[Finding]:
    """Hours in which power was sold or left unused and earned less than the market pays.

    It never earns more than the energy part of a purchase
    (:func:`~meishan_model.series.market.prices_in_steps`), which is low in the valley of a tariff.

    Parameters
    ----------
    registry, solution, profiles
        As for :func:`monthly_bill`.
    """
    flows = flows_of_graph(registry)
    left = select(flows, role=("export", "curtailment"), contract="", may_be_empty=True)
    offered = sum(solution.flow[edge].to_numpy() for edge in left.index)
    capped = (profiles.export_price < profiles.market_price) & (offered > UNUSED)
    if "export" in set(left["role"]) and capped.any():
        earned, worth = (
            [float(end) for end in (price[capped].min(), price[capped].max())]
            for price in (profiles.export_price, profiles.market_price)
        )
        hours = float(capped.sum()) * weight_of_step(registry.steps)
        yield Finding("sales_capped", {"hours": [hours], "earned": earned, "worth": worth})


def _parts(
    charge: Charge, flow: Coordinates, profiles: Profiles
) -> Iterator[tuple[str, FloatArray | float]]:
    """Parts of the bill that a charge belongs to, each with its price [CNY/MWh]."""
    if charge.category == "export":
        yield "sales", charge.price
    elif charge.category == "fuel":
        yield "fuels", charge.price
    elif charge.category != "purchase":
        return
    elif flow.contract:
        yield "contracts", charge.price
    elif flow.asset:
        yield "markets", charge.price
    else:
        network, levies = profiles.network_charge, profiles.levies
        yield "network", network
        yield "levies", levies
        yield "energy", charge.price - network - levies
