r"""The park before the plan: the same year with the plants of today and nothing new.

What stands of today's plants is dispatched by the same engine for the same demand, weather and
prices, with no new build, no bridges and no cap on emissions. Its bill, peak and use of own power
stand in the file of the slice beside those of the plan, with what the new plants cost and save:

.. math::  \text{saving} = \sum_c \bigl( C^\text{before}_c - C_c \bigr), \qquad
           \text{payback} = \frac{I}{\text{saving}}

over the categories :math:`c` of what is paid but investment, so that saving is net of operation;
:math:`I` is the overnight cost of all that is new, at the prices of the slice. Both are what the
park itself pays: cars of residents neither cost nor save it anything.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts.electricity import (
    electricity_of_slice,
    self_consumption,
    self_sufficiency,
)
from meishan_model.accounts.tables import NOT_PAID, PARK, slice_totals
from meishan_model.errors import CheckError
from meishan_model.optimise.errors import OptimiseError
from meishan_model.planning.backcast import SliceTask
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.contract import variables
from meishan_model.results.slice_file import is_large

logger = logging.getLogger(__name__)


def with_before(
    ds: xr.Dataset, task: SliceTask, tell: Callable[[str], None] | None = None
) -> xr.Dataset:
    """A solved slice with what it has and saves against the park before the plan.

    It is returned as it is where there is nothing to compare with: where the plants of today do
    not serve the demand of the year, or the problem is a large one.

    Parameters
    ----------
    ds
        The slice.
    task
        What it was solved from.
    tell
        Called with what is done where the year is solved a second time.
    """
    before = _before(ds, task, tell or (lambda _: None))
    if before is None:
        return ds
    assets = task.assets
    built = (ds["capacity_new"] + ds["capacity_bridge"]).to_series()
    others = ds["component"].to_numpy()[ds["payer"].to_numpy() != PARK]
    built = built.drop(others, errors="ignore")
    unit_cost = pd.Series(assets.table.investment[assets.slice_number], assets.table.asset)
    bill = before["bill"].copy()
    bill.attrs = dict(variables("slice")["bill_before"].attributes)
    shares = {"self_consumption": self_consumption, "self_sufficiency": self_sufficiency}
    found = {f"{name}_before": share(before) for name, share in shares.items()}
    return ds.assign(bill_before=bill).assign_attrs(
        {name: share for name, share in found.items() if math.isfinite(share)},
        import_peak_before=float(electricity_of_slice(before).imported.max()),
        new_investment=float((built * unit_cost).sum()),
        yearly_saving=_operating_cost(before) - _operating_cost(ds),
    )


def _operating_cost(ds: xr.Dataset) -> float:
    """What the park pays in a year but for investment [CNY/a]."""
    left_out = ds["category"].isin((*NOT_PAID, "investment", "bridge"))
    return float(ds["cost"].where(~left_out & (ds["payer"] == PARK), 0.0).sum())


def _before(ds: xr.Dataset, task: SliceTask, tell: Callable[[str], None]) -> xr.Dataset | None:
    """The slice without anything new, ``None`` where there is none to compare with."""
    assets, none, before = task.assets, np.zeros_like(task.assets.upper), ds
    if (assets.upper + assets.bridge).any() or math.isfinite(task.emission_cap):
        if is_large(ds):
            return None
        tell("solving the park before the plan")
        stands = replace(assets, lower=none, upper=none, bridge=none)
        try:
            before = solve_slice(replace(task, assets=stands, emission_cap=math.inf, log=None))
        except (OptimiseError, CheckError) as error:
            logger.info("no bill before the plan in %d: %s", assets.year, error)
            return None
    if slice_totals(before).shedding > 0.0:
        logger.info("no bill before the plan in %d: today's plants do not serve it", assets.year)
        return None
    return before
