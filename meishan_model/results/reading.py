"""Small questions that a planner asks of a solved year."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from meishan_model.components.selection import flows_of_slice
from meishan_model.errors import Fault, InputError

WEEK_HOURS = 168

Hourly = TypeVar("Hourly", xr.Dataset, pd.DataFrame)


def dispatch(ds: xr.Dataset, bus: str) -> pd.DataFrame:
    """Hourly flows of one bus, what comes in positive and what goes out negative.

    Parameters
    ----------
    ds
        A solved year.
    bus
        Name of a bus, as in ``flow_bus``.

    Returns
    -------
    pandas.DataFrame
        Hours x flows of the bus [unit of the flows, MW unless said otherwise]; a row sums to
        zero.

    Raises
    ------
    InputError
        If there is no such bus; those that are there are named.

    Examples
    --------
    >>> week(dispatch(ds, "meishan_20kv"), 3)  # doctest: +SKIP
    """
    mine = ds["flow_bus"].to_numpy() == bus
    if not mine.any():
        remedy = f"there are: {', '.join(sorted(set(ds['flow_bus'].to_numpy())))}"
        raise InputError([Fault("result", "there is no such bus", value=bus, remedy=remedy)])
    signed = _signed(ds)[mine]
    index = pd.DatetimeIndex(ds["time"].to_numpy(), name="time")
    # Adding zero turns the -0.0 of an idle outflow into 0.0, which prints as people expect.
    return pd.DataFrame(signed.T + 0.0, index, pd.Index(ds["flow"].to_numpy()[mine], name="flow"))


def _signed(ds: xr.Dataset) -> NDArray[np.float64]:
    """Power of every flow, into its bus positive and out of it negative, (flows, hours)."""
    sign = np.where(ds["way"].to_numpy() == "in", 1.0, -1.0)
    return np.asarray(ds["power"].to_numpy() * sign[:, None])


def week(series: Hourly, number: int) -> Hourly:
    """Hours of one week; week 1 starts with the first hour of the year.

    Weeks are 168 hours of the model year, so 29 February, which is absent, shortens none;
    week 53 is the day that is left.

    Parameters
    ----------
    series
        A solved year, or hours x anything.
    number
        Week, from 1.

    Returns
    -------
    xarray.Dataset or pandas.DataFrame
        As `series`, with at most 168 hours.

    Raises
    ------
    InputError
        If the year has no such week (a trial has fewer).
    """
    hours = series.sizes["time"] if isinstance(series, xr.Dataset) else len(series)
    last = -(-hours // WEEK_HOURS)
    if not 1 <= number <= last:
        remedy = f"weeks are 1 to {last}"
        raise InputError([Fault("result", "no such week", value=str(number), remedy=remedy)])
    span = slice((number - 1) * WEEK_HOURS, number * WEEK_HOURS)
    return series.isel(time=span) if isinstance(series, xr.Dataset) else series.iloc[span]


def energy_balance(ds: xr.Dataset) -> pd.DataFrame:
    """Energy through every bus, flow by flow; a bus sums to zero.

    Sums over the hours in the file: those of a trial are not scaled to a year.

    Parameters
    ----------
    ds
        A solved year.

    Returns
    -------
    pandas.DataFrame
        Index (bus, flow); carrier, technology, zone, unit of the flow, and energy [unit x h, so
        MWh where the unit is MW], positive into the bus.
    """
    flows = flows_of_slice(ds).assign(flow=ds["flow"].to_numpy(), energy=_signed(ds).sum(axis=1))
    columns = ["carrier", "technology", "zone", "unit", "energy"]
    return flows.set_index(["bus", "flow"])[columns].sort_index()
