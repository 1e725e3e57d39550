"""Further tables of a pathway file: additions, investment by phase, measures, indicators."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model import finance
from meishan_model.accounts.indicators import indicators_by_year
from meishan_model.accounts.measures import burns_fuel, group_of_assets, measure_table
from meishan_model.accounts.principles import net_present_cost
from meishan_model.accounts.tables import Inputs, Slices, totals_by_year
from meishan_model.planning.roll_forward import PARTS, RollForward, cash_flow, running_cost
from meishan_model.results.wording import note
from meishan_model.sheets.records import SliceInputs

PHASE_YEARS = 10
"""Length of an investment phase [a], in whole steps; RMI 2023 speaks of early and late ones."""
FACILITIES = ("new", "retrofit")
FINANCES = ("green", "transition", "neither")


def further_tables(
    rolled: RollForward, slices: Slices, inputs: Inputs, earned: Mapping[int, pd.DataFrame]
) -> xr.Dataset:
    """All further tables, named as in :mod:`~meishan_model.results.contract`.

    Parameters
    ----------
    rolled
        The pathway read forwards.
    slices, inputs
        Solved slices and their inputs by year.
    earned
        Table of :func:`~meishan_model.accounts.measures.earnings` of every slice.
    """
    last = max(slices)
    clean = ~burns_fuel_by_asset(slices[last], inputs[last])
    measures = measure_table(
        earned,
        group_of_assets(slices[last], inputs[last])[clean],
        rolled.investment["new"],
        rolled.salvage,
        inputs[last].parameters["discount_rate"],
    )
    by_part = {"addition_by_part": rolled.addition, "retirement_by_part": rolled.retirement}
    years = list(rolled.years)
    data: dict[str, tuple[tuple[str, ...], object]] = {
        name: (("part", "year", "asset"), np.stack([frames[p].to_numpy() for p in PARTS]))
        for name, frames in by_part.items()
    }
    data["overnight_cost"] = (("year", "asset"), rolled.overnight.to_numpy())
    invested = rolled.investment["new"] + rolled.investment["bridge"]
    phases = phase_of_steps(years)
    for name, dim, kinds, labels in (
        ("investment", "facility", facility_of_assets(slices[last], inputs[last]), FACILITIES),
        ("suited_finance", "finance", finance_of_assets(slices[last], inputs[last]), FINANCES),
    ):
        table = by_phase(invested, phases, kinds, labels)
        data[name] = (("phase", dim), table.to_numpy())
    for column in ("investment", "npv", "irr", "abatement", "abatement_cost"):
        data[f"measure_{column}"] = (("measure",), measures[column].to_numpy(dtype=np.float64))
    coordinates = {
        "year": years,
        "asset": list(rolled.overnight.columns),
        "part": list(PARTS),
        "phase": list(dict.fromkeys(phases.iloc[1:])),
        "facility": list(FACILITIES),
        "finance": list(FINANCES),
        "measure": list(measures.index),
        "measure_kind": ("measure", list(measures["kind"])),
        "measure_note": ("measure", [note(kinds) for kinds in measures["note"]]),
        "measure_note_kinds": ("measure", list(measures["note"])),
    }
    return xr.Dataset(data, coordinates).merge(tables_by_year(slices, inputs), join="exact")


def tables_by_year(slices: Slices, inputs: Inputs) -> xr.Dataset:
    """The further tables for which a single slice is enough: totals, bills, indicators.

    Parameters
    ----------
    slices, inputs
        Solved slices and their inputs by year.
    """
    years = sorted(slices)
    data = {"net_emissions": totals_by_year(slices)["net_emissions"].to_numpy()}
    for name in ("emission_cap", "carbon_value"):
        known = [slices[year].attrs.get(name, math.nan) for year in years]
        # Not a number where the slice has none, or no limit.
        data[name] = pd.Series(known, dtype=float).replace(math.inf, math.nan).to_numpy()
    tables = xr.Dataset({name: ("year", values) for name, values in data.items()}, {"year": years})
    for name in ("bill", "bill_before"):
        bills = [slices[y].get(name, xr.full_like(slices[y]["bill"], math.nan)) for y in years]
        tables[name] = xr.concat(bills, pd.Index(years, name="year"))
    return tables.merge(indicators_by_year(slices, inputs), join="exact")


def phase_of_steps(years: list[int]) -> pd.Series[str]:
    """Phase of the step that ends in each slice, ``2020-2030`` and so on.

    Parameters
    ----------
    years
        Slices, ascending. A phase has as many whole steps as fit into ten years, one at least.
    """
    steps = max(1, PHASE_YEARS // (years[1] - years[0]))
    starts = years[:-1:steps]
    ends = [*starts[1:], years[-1]]
    names = [f"{start}-{end}" for start, end in zip(starts, ends, strict=True)]
    places = [max(0, index - 1) // steps for index in range(len(years))]
    return pd.Series([names[place] for place in places], index=years)


def by_phase(
    invested: pd.DataFrame, phases: pd.Series[str], kinds: pd.Series[str], labels: tuple[str, ...]
) -> pd.DataFrame:
    """Sum of investments by phase and kind [CNY].

    Parameters
    ----------
    invested
        Investment of each step, slices x assets [CNY].
    phases
        Phase of every slice.
    kinds
        Kind of every asset.
    labels
        All kinds, in the order of the columns.
    """
    table = invested.T.groupby(kinds).sum().T.reindex(columns=list(labels), fill_value=0.0)
    return table.iloc[1:].groupby(phases.iloc[1:], sort=False).sum()


def facility_of_assets(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[str]:
    """``new`` facility or ``retrofit`` of an existing one, as ``technologies.csv`` says.

    Efficiency measures are retrofit.
    """
    kinds = {name: t.finance for name, t in inputs.technologies.items()}
    return ds["asset_technology"].to_series().map(kinds).fillna("retrofit")


def finance_of_assets(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[str]:
    """What kind of finance suits an asset.

    ``green``: new facilities that burn no fuel. ``transition``: retrofit of existing facilities,
    among it the measures and the equipment that takes the place of boilers and engines.
    ``neither``: what burns a fuel.
    """
    suited = {"new": "green", "retrofit": "transition"}
    given = facility_of_assets(ds, inputs).map(suited)
    return given.where(~burns_fuel_by_asset(ds, inputs), "neither")


def burns_fuel_by_asset(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[bool]:
    """Whether an asset runs on a fuel that emits."""
    burns = {n: burns_fuel(t, inputs) for n, t in inputs.technologies.items()}
    return ds["asset_technology"].to_series().map(lambda name: burns.get(name, False)).astype(bool)


def money_attributes(
    rolled: RollForward, slices: Slices, inputs: Inputs
) -> dict[str, str | int | float]:
    """Net present cost as the slices and as the cash flow have it, and what lies between them.

    Parameters
    ----------
    rolled
        The pathway read forwards.
    slices, inputs
        Solved slices and their inputs by year.
    """
    rate = inputs[max(inputs)].parameters["discount_rate"]
    annuities = net_present_cost(slices, inputs)
    flows = cash_flow(rolled, running_cost(slices))
    spread = [c for c in ("investment", "bridge", "bridge_sale") if c in flows]
    running = flows.drop(columns=[*spread, "salvage"]).sum(axis=1)
    span = rolled.years[-1] - rolled.years[0]
    cash = (
        finance.present_value(running, rate)
        + finance.present_value_of_steps(flows[spread].sum(axis=1), rate)
        + float(flows["salvage"].sum()) * (1.0 + rate) ** -span
    )
    return {
        "net_present_cost": annuities,
        "net_present_cost_cash": cash,
        "cash_flow_difference": cash - annuities,
        "cash_flow_comment": (
            "net_present_cost pays annuities at the prices of each slice, which fall on the years "
            "after the target as well; net_present_cost_cash pays overnight costs at the prices "
            "of the vintages over the years of their step and gets a linear salvage value in the "
            "target year, with lifetimes in whole steps and bridges sold at their book value"
        ),
    }
