r"""Electricity of a park hour by hour: what comes from outside, what of it is clean, what is used.

It is counted where it enters the park's own grid, so that each MWh counts once however many stores
and lines it passes: what is lost in the park, and what a store takes, is used. With local
renewables fed in :math:`l`, exported :math:`e`, green power delivered in the hour of its
generation :math:`d`, power whose claim comes from another hour :math:`c`, power that no contract
covers :math:`b`, made of other carriers that are bought :math:`f` and sold at markets :math:`s`

.. math::  \text{generated} = l + f \qquad
           \text{sold} = e + s \qquad
           \text{imported} = d + c + b

           \text{clean} = \max(l - e + d - s, 0) \qquad
           \text{used} = \max(l - e + d + c + b + f - s, 0)

What is sold at a market is taken for clean as far as there is any. It may come from a store in an
hour in which there is nothing else: then nothing is used in that hour, and what was used when the
store was filled stays used.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components import selection
from meishan_model.components.flows import LOCAL_GREEN, Registry
from meishan_model.optimise.solution import Solution
from meishan_model.series import FloatArray
from meishan_model.sheets.units import weight_of_step


class Electricity(NamedTuple):
    """Electricity of a park in each hour; arrays of shape (hours,) [MW].

    Attributes
    ----------
    generated
        What the park's own plants feed in, from sun, wind and what is bought to be burnt.
    sold
        What leaves the park, through the connection and to markets.
    imported
        What comes from outside, through the connection and from markets, under contract or not.
    clean
        Of what is used, that which is generated clean in the same hour.
    used
        What is used in the park, by converters and stores and in losses too.
    """

    generated: FloatArray
    sold: FloatArray
    imported: FloatArray
    clean: FloatArray
    used: FloatArray


def electricity(flows: pd.DataFrame, power: FloatArray, carrier: str) -> Electricity:
    """Electricity of a park from its flows.

    Parameters
    ----------
    flows
        Coordinates of the flows; the index is the row of `power`.
    power
        Shape (flows, hours) [MW, or the unit of the flow].
    carrier
        The carrier of power.
    """
    # A park may have neither plants nor contracts, and export nothing.
    some = partial(selection.select, flows, may_be_empty=True)

    def hours(chosen: pd.DataFrame) -> FloatArray:
        return np.asarray(power[chosen.index.to_numpy()].sum(axis=0))

    sold = hours(some(role="delivered", carrier=LOCAL_GREEN))
    sold += hours(selection.at_markets(flows, "export", carrier))
    green = hours(some(role=("feed_in", "delivered"), way="in")) - sold
    bought = some(role=("fuel", "purchase"))
    buses = bought["bus"][bought["carrier"] != carrier]
    burners = some(role="conversion", way="out", bus=[*buses])["target"]
    made = hours(some(role="conversion", way="in", source=[*burners], carrier=carrier))
    uncovered = hours(some(role=("claimed", "purchase"), carrier=carrier, way="in"))
    delivered = hours(some(role="delivered", carrier=carrier, way="in"))
    return Electricity(
        generated=hours(some(role="feed_in", way="in")) + made,
        sold=sold,
        imported=uncovered + delivered,
        clean=np.maximum(green, 0.0),
        used=np.maximum(green + uncovered + made, 0.0),
    )


def electricity_of_slice(ds: xr.Dataset) -> Electricity:
    """Electricity of a saved slice."""
    return electricity(
        selection.flows_of_slice(ds), ds["power"].to_numpy(), ds.attrs["power_carrier"]
    )


def hourly_matched_share(registry: Registry, solution: Solution) -> float | None:
    r"""Share of the electricity that is generated clean in the hour in which it is used [1].

    .. math::  \frac{\sum_t \text{clean}_t}{\sum_t \text{used}_t}

    Clean power never exceeds the use in an hour, as what is sold is taken off and the rest is
    curtailed or lost; so this is the score of hourly matching (CFE, Google, 24/7 Carbon-Free
    Energy: Methodologies and Metrics, 2021), without the clean part of the grid, and with stores,
    of hydrogen too, counted as a use when they charge.

    Parameters
    ----------
    registry, solution
        What the flows of the solved park are, and its optimum.

    Returns
    -------
    float or None
        ``None`` for a park that uses no electricity.
    """
    flows = selection.flows_of_graph(registry)
    (carrier,) = selection.select(flows, role="purchase", asset="")["carrier"]
    power = solution.flow[[*flows.index]].to_numpy().T
    found = electricity(flows.reset_index(drop=True), power, carrier)
    used = float(found.used.sum())
    return float(found.clean.sum()) / used if used > 0.0 else None


def self_consumption(ds: xr.Dataset) -> float:
    r"""Share of its own generation that a park keeps, of sun, wind and bought fuels [1].

    .. math::  \frac{\max(G - S, 0)}{G}, \qquad G = \sum_t \text{generated}_t, \quad
               S = \sum_t \text{sold}_t

    What is curtailed is not generated. Sums are those of the year, as a store sells later what it
    takes now. Not a number where nothing is generated.
    """
    generated, kept, _ = _own_power(ds)
    return kept / generated if generated > 0.0 else math.nan


def self_sufficiency(ds: xr.Dataset) -> float:
    r"""Share of the electricity that a park uses which is its own generation [1].

    .. math::  \frac{\max(G - S, 0)}{\max(G - S, 0) + I}, \qquad
               I = \sum_t \text{imported}_t

    with :math:`G` and :math:`S` as in :func:`self_consumption`. Not a number where no electricity
    is used.
    """
    _, kept, imported = _own_power(ds)
    return kept / (kept + imported) if kept + imported > 0.0 else math.nan


def _own_power(ds: xr.Dataset) -> tuple[float, float, float]:
    """Generated, kept of it and imported, sums over the hours of a slice [MWh]."""
    found = electricity_of_slice(ds)
    generated = float(found.generated.sum())
    return generated, max(generated - float(found.sold.sum()), 0.0), float(found.imported.sum())


def local_share(ds: xr.Dataset) -> float:
    """Local green power used at home over the electricity that the park uses [1].

    Never more than 1. Not a number where no electricity is used.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    used = float(electricity_of_slice(ds).used.sum()) * weight_of_step(ds.sizes["time"])
    return selection.green_at_home(ds) / used if used > 0.0 else math.nan
