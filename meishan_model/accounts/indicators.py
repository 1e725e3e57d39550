"""Numbers of every year of a pathway: an entry in :data:`YEARLY` is all that a new one needs.

The file of the pathway has them as ``indicator_by_year``; the summary, the page in both languages
and the exports show what stands there (docs/results.md, "How to add an indicator").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from meishan_model.accounts.electricity import (
    electricity_of_slice,
    local_share,
    self_consumption,
    self_sufficiency,
)
from meishan_model.accounts.principles import unserved_energy
from meishan_model.components.selection import energy_of
from meishan_model.sheets.records import SliceInputs


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
        Gives it from a slice by the result contract and the inputs of the slice; not a number
        where the slice has none.
    """

    name: str
    unit: str
    title: str
    title_zh: str
    of: Callable[[xr.Dataset, SliceInputs], float]


def import_peak(ds: xr.Dataset, _: SliceInputs) -> float:
    """Most power from outside in an hour, ``max_t imported_t`` [MW].

    It comes through the connection and from markets, under contract or not, see
    :mod:`~meishan_model.accounts.electricity`.
    """
    return float(electricity_of_slice(ds).imported.max())


def import_peak_to_mean(ds: xr.Dataset, _: SliceInputs) -> float:
    """Peak of power from outside over its mean, ``max_t imported_t / mean_t imported_t`` [1]."""
    imported = electricity_of_slice(ds).imported
    return _ratio(float(imported.max()), float(imported.mean()))


def curtailed_share(ds: xr.Dataset, _: SliceInputs) -> float:
    """What the park's own PV and wind could give and nobody takes, over what they could give [1].

    ``curtailment / generation``; what plants outside offer is not the park's to curtail.
    """
    # A park may have no plants.
    lost = energy_of(ds, role="curtailment", contract="", may_be_empty=True)
    return _ratio(lost, energy_of(ds, role="generation", may_be_empty=True))


def matched_share(ds: xr.Dataset, _: SliceInputs) -> float:
    """Clean power over used power, hour by hour, ``sum_t clean_t / sum_t used_t`` [1].

    As the slice has it, :func:`~.electricity.hourly_matched_share`.
    """
    return float(ds.attrs.get("hourly_matched_share", math.nan))


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


YEARLY: tuple[YearlyIndicator, ...] = (
    YearlyIndicator(
        name="import_peak",
        unit="MW",
        title="peak of power from outside",
        title_zh="外来电力峰值",
        of=import_peak,
    ),
    YearlyIndicator(
        name="import_peak_before",
        unit="MW",
        title="peak of power from outside before the plan",
        title_zh="规划前外来电力峰值",
        of=lambda ds, _: float(ds.attrs.get("import_peak_before", math.nan)),
    ),
    YearlyIndicator(
        name="import_peak_to_mean",
        unit="1",
        title="peak over mean of power from outside",
        title_zh="外来电力峰均比",
        of=import_peak_to_mean,
    ),
    YearlyIndicator(
        name="self_consumption",
        unit="1",
        title="own generation used at home (self-consumption)",
        title_zh="自发自用率",
        of=lambda ds, _: self_consumption(ds),
    ),
    YearlyIndicator(
        name="self_sufficiency",
        unit="1",
        title="use of power from own generation (self-sufficiency)",
        title_zh="电力自给率",
        of=lambda ds, _: self_sufficiency(ds),
    ),
    YearlyIndicator(
        name="local_share",
        unit="1",
        title="local green power in the use of power",
        title_zh="本地绿电占用电量比例",
        of=lambda ds, _: local_share(ds),
    ),
    YearlyIndicator(
        name="matched_share",
        unit="1",
        title="use of power matched hour by hour",
        title_zh="逐小时匹配的绿电比例",
        of=matched_share,
    ),
    YearlyIndicator(
        name="curtailed_share",
        unit="1",
        title="share of PV and wind curtailed",
        title_zh="弃风弃光率",
        of=curtailed_share,
    ),
    YearlyIndicator(
        name="unserved_energy",
        unit="MWh/a",
        title="demand not served",
        title_zh="未满足的需求",
        of=unserved_energy,
    ),
    YearlyIndicator(
        name="payback",
        unit="a",
        title="payback of all that is new",
        title_zh="新增投资静态回收期",
        of=lambda ds, _: payback(ds),
    ),
)
"""All of them, in the order in which they are shown."""


def indicators_by_year(
    slices: Mapping[int, xr.Dataset], inputs: Mapping[int, SliceInputs]
) -> xr.Dataset:
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
