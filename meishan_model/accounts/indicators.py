"""Numbers of every year of a pathway: a function under :func:`yearly` is all that a new one needs.

The file of the pathway has them as ``indicator_by_year``; the summary, the page in both languages
and the exports show what stands there (docs/results.md, "How to add an indicator").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from meishan_model.accounts import electricity, principles
from meishan_model.accounts.electricity import electricity_of_slice
from meishan_model.accounts.tables import Inputs, Slices
from meishan_model.components.selection import energy_of
from meishan_model.sheets.records import SliceInputs

OfYear = Callable[[xr.Dataset, SliceInputs], float]
"""Gives a number from a slice by the result contract and the inputs of the slice; not a number
where the slice has none."""


class YearlyIndicator(NamedTuple):
    """A number that every year of a pathway has.

    Attributes
    ----------
    name
        By which it is found; no two are alike.
    unit
        Such as MW, MWh/a, or 1 for a share.
    title, title_zh
        What people call it, in English and Chinese.
    of
        Gives it.
    """

    name: str
    unit: str
    title: str
    title_zh: str
    of: OfYear


YEARLY: list[YearlyIndicator] = []
"""All of them, in the order in which they are declared below and shown."""


def yearly(name: str, unit: str, title: str, title_zh: str) -> Callable[[OfYear], OfYear]:
    """Declare a function as a number of every year; parameters as in :class:`YearlyIndicator`."""

    def declare(of: OfYear) -> OfYear:
        YEARLY.append(YearlyIndicator(name, unit, title, title_zh, of))
        return of

    return declare


@yearly("import_peak", "MW", "peak of power from outside", "外来电力峰值")
def import_peak(ds: xr.Dataset, _: SliceInputs) -> float:
    """Most power from outside in an hour, ``max_t imported_t`` [MW].

    It comes through the connection and from markets, under contract or not, see
    :mod:`~meishan_model.accounts.electricity`.
    """
    return float(electricity_of_slice(ds).imported.max())


@yearly(
    "import_peak_before", "MW", "peak of power from outside before the plan", "规划前外来电力峰值"
)
def import_peak_before(ds: xr.Dataset, _: SliceInputs) -> float:
    """The same in the park before the plan [MW], see :mod:`~meishan_model.planning.before`."""
    return float(ds.attrs.get("import_peak_before", math.nan))


@yearly("import_peak_to_mean", "1", "peak over mean of power from outside", "外来电力峰均比")
def import_peak_to_mean(ds: xr.Dataset, _: SliceInputs) -> float:
    """Peak of power from outside over its mean, ``max_t imported_t / mean_t imported_t`` [1]."""
    imported = electricity_of_slice(ds).imported
    return _ratio(float(imported.max()), float(imported.mean()))


@yearly("self_consumption", "1", "own generation used at home (self-consumption)", "自发自用率")
def self_consumption(ds: xr.Dataset, _: SliceInputs) -> float:
    """Share of its own generation that a park keeps, :func:`.electricity.self_consumption` [1]."""
    return electricity.self_consumption(ds)


@yearly(
    "self_sufficiency", "1", "use of power from own generation (self-sufficiency)", "电力自给率"
)
def self_sufficiency(ds: xr.Dataset, _: SliceInputs) -> float:
    """Share of its use that a park generates, :func:`.electricity.self_sufficiency` [1]."""
    return electricity.self_sufficiency(ds)


@yearly("local_share", "1", "local green power in the use of power", "本地绿电占用电量比例")
def local_share(ds: xr.Dataset, _: SliceInputs) -> float:
    """Local green power over the use of power, :func:`.electricity.local_share` [1]."""
    return electricity.local_share(ds)


@yearly("matched_share", "1", "use of power matched hour by hour", "逐小时匹配的绿电比例")
def matched_share(ds: xr.Dataset, _: SliceInputs) -> float:
    """Clean power over used power, hour by hour, ``sum_t clean_t / sum_t used_t`` [1].

    As the slice has it, :func:`~.electricity.hourly_matched_share`.
    """
    return float(ds.attrs.get("hourly_matched_share", math.nan))


@yearly("curtailed_share", "1", "share of PV and wind curtailed", "弃风弃光率")
def curtailed_share(ds: xr.Dataset, _: SliceInputs) -> float:
    """What the park's own PV and wind could give and nobody takes, over what they could give [1].

    ``curtailment / generation``; what plants outside offer is not the park's to curtail.
    """
    # A park may have no plants.
    lost = energy_of(ds, role="curtailment", contract="", may_be_empty=True)
    return _ratio(lost, energy_of(ds, role="generation", may_be_empty=True))


yearly("unserved_energy", "MWh/a", "demand not served", "未满足的需求")(principles.unserved_energy)


def payback(ds: xr.Dataset) -> float:
    """Investment in all that is new over what it saves a year, both undiscounted [a].

    Saving is net of operation, see :mod:`~meishan_model.planning.before`. Not a number where
    there is nothing to compare with, nothing is new or nothing is saved.
    """
    invested, saved = (
        float(ds.attrs.get(name, 0.0)) for name in ("new_investment", "yearly_saving")
    )
    return _ratio(invested, saved) if invested > 0.0 else math.nan


def _ratio(part: float, whole: float) -> float:
    """Not a number where there is nothing to be a part of."""
    return part / whole if whole > 0.0 else math.nan


@yearly(
    "payback",
    "a",
    "payback of all that is new by then, at the prices of the year",
    "截至当年新增投资静态回收期（按当年价格）",
)
def _payback(ds: xr.Dataset, _: SliceInputs) -> float:
    """Of what stands in each year: who builds early pays the prices of then."""
    return payback(ds)


def indicators_by_year(slices: Slices, inputs: Inputs) -> xr.Dataset:
    """All indicators of all years, with units and titles, named as in the result contract.

    Parameters
    ----------
    slices, inputs
        Solved slices and their inputs by year.

    Returns
    -------
    xarray.Dataset
        ``indicator_by_year``, shape (years, indicators), years ascending.
    """
    years = sorted(slices)
    values = np.array([[found.of(slices[y], inputs[y]) for found in YEARLY] for y in years])
    dim = "yearly_indicator"
    return xr.Dataset(
        {"indicator_by_year": (("year", dim), values)},
        {
            "year": years,
            dim: [found.name for found in YEARLY],
            f"{dim}_unit": (dim, [found.unit for found in YEARLY]),
            f"{dim}_title": (dim, [found.title for found in YEARLY]),
            f"{dim}_title_zh": (dim, [found.title_zh for found in YEARLY]),
        },
    )
