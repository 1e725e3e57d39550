r"""What a plan costs and emits beside another.

Plans made backwards, forwards and with foresight pay for their equipment in different ways, so
each is brought to vintages (:mod:`meishan_model.planning.vintages`): what a slice needs of new
build and bridges has to stand, is added in the steps where it does not stand yet, and costs the
annuity of its year of building to the end of its life. With the running costs of the slices this
gives

.. math::  C_y = \text{paid}_y - \text{annuities of the slice}_y
           + \sum_{v \le y < v + L} A_v a_v + F_y \, \text{idle}_y

and the net present cost :math:`\sum_y w_y C_y` with trapezoid weights, discounted to the first
year. The figure of ``pathway.nc``, in which all new build pays the annuity of the slice's own
year, stands beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts.measures import earnings_by_year
from meishan_model.accounts.principles import principle_table
from meishan_model.accounts.tables import Inputs, Slices, cumulated, totals_by_year
from meishan_model.finance import accumulate, present_value
from meishan_model.planning.limits import HOLDING
from meishan_model.planning.project import Project
from meishan_model.planning.vintages import BuildingTerms, building_terms, cover, exceeded
from meishan_model.planning.whole_pathway import offered_potential
from meishan_model.results.wording import findings_of, sentence
from meishan_model.series import FloatArray

NUMBERS = {
    "net_present_cost": "CNY",
    "net_present_cost_by_slices": "CNY",
    "net_present_objective": "CNY",
    "paid_in_target": "CNY/a",
    "cumulative_emissions": "tCO2",
    "cumulative_emissions_location": "tCO2",
    "emission_gap": "tCO2/a",
    "cumulative_gap": "tCO2",
    "shedding_cost": "CNY",
    "idle_in_target": "CNY/a",
}
"""Numbers of a plan with their units."""

INDICATORS = (
    *("energy_cost_per_gdp", "demand_served", "saving_share"),
    *("potential_used", "local_share_of_demand"),
)
"""Indicators of the principles that are told beside the costs and the emissions."""


@dataclass(frozen=True)
class Restated:
    """A plan by vintages.

    Attributes
    ----------
    additions
        Additions of every step, shape (years, assets) [unit].
    surcharge
        What the plan pays by vintages above what its slices say, by year [CNY/a].
    idle_cost
        Annuities of what stands and is not needed, by year [CNY/a].
    """

    additions: FloatArray
    surcharge: FloatArray
    idle_cost: FloatArray


def restate(slices: Slices, terms: BuildingTerms) -> Restated:
    """Bring a plan to vintages.

    Parameters
    ----------
    slices
        Slices by year; ``capacity_new`` and ``capacity_bridge`` are what each of them needs.
    terms
        Terms of building.
    """
    built = {y: slices[y]["capacity_new"] + slices[y]["capacity_bridge"] for y in terms.years}
    by_asset = pd.DataFrame({year: new.to_series() for year, new in built.items()})
    by_asset = by_asset.reindex(list(terms.table.asset)).fillna(0.0).clip(lower=0.0)
    needed = by_asset.to_numpy(dtype=np.float64).T
    additions = cover(terms, needed)
    idle = np.maximum(terms.standing(additions) - needed, 0.0)
    said = np.array(
        [_sum_of(slices[y], "cost", "category", "investment", "bridge") for y in terms.years]
    )
    owed = terms.annuities(additions).sum(axis=1) + (idle * terms.table.fixed_om).sum(axis=1)
    return Restated(additions, owed - said, (idle * terms.table.annuity).sum(axis=1))


def pathway_totals(totals: pd.DataFrame, discount_rate: float) -> dict[str, float]:
    """Cumulative emissions [tCO2] and present values [CNY] of a pathway.

    Parameters
    ----------
    totals
        Totals of its slices, ascending: columns of
        :class:`~meishan_model.accounts.tables.SliceTotals`.
    discount_rate
        Real interest [1/a].
    """
    return {
        **cumulated(totals),
        "net_present_cost": present_value(totals["paid_cost"], discount_rate),
        "net_present_objective": present_value(totals["objective"], discount_rate),
    }


def plan_numbers(
    slices: Slices, terms: BuildingTerms, discount_rate: float
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Numbers of a plan, and what a reader of them has to know.

    Parameters
    ----------
    slices
        All slices of the plan by year.
    terms
        Terms of building.
    discount_rate
        Real interest [1/a].

    Returns
    -------
    tuple
        Numbers by the names of :data:`NUMBERS`, and notes.
    """
    years = list(terms.years)
    totals = totals_by_year(slices)
    gap = pd.Series({y: _sum_of(slices[y], "emissions", "scope", "gap") for y in years})
    plan = restate(slices, terms)
    money = totals[["paid_cost", "objective"]].add(plan.surcharge, axis="index")
    numbers = pathway_totals(totals.assign(**money), discount_rate) | {
        "net_present_cost_by_slices": present_value(totals["paid_cost"], discount_rate),
        "paid_in_target": float(money["paid_cost"].iloc[-1]),
        "emission_gap": float(gap.iloc[-1]),
        "cumulative_gap": accumulate(gap),
        "shedding_cost": present_value(totals["shedding"], discount_rate),
        "idle_in_target": float(plan.idle_cost[-1]),
    }
    numbers = {name: numbers[name] for name in NUMBERS}
    broken = exceeded(terms, plan.additions)
    note = "its bridges, kept to the end of their life, would break a build rate or potential: "
    more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
    return numbers, (f"{note}{', '.join(broken[:3])}{more}",) if broken else ()


def indicators(slices: Slices, inputs: Inputs, potential: float) -> pd.DataFrame:
    """Indicators of the principles that are compared; index indicator, with unit and value.

    Parameters
    ----------
    slices, inputs
        All slices of a plan and their inputs, by year.
    potential
        PV and wind that the place offers in the target year [MW].
    """
    earned = earnings_by_year(slices, inputs)
    avoided = pd.DataFrame({year: table["avoided"] for year, table in earned.items()}).T
    table = principle_table(slices, inputs, avoided, potential)
    return table.loc[[name for name in INDICATORS if name in table.index]]


def plan_rows(project: Project, slices: Slices) -> list[dict[str, Any]]:
    """Numbers of a plan and sentences about it, one a row.

    Parameters
    ----------
    project
        The scenario with its folders.
    slices
        All slices of the plan by year.

    Returns
    -------
    list of dict
        A row for each number with its unit; one for each sentence that says what holds the target
        above zero (``limit``) or what a reader of the numbers has to know (``note``).
    """
    last, inputs = max(slices), project.slices
    terms, rate = building_terms(project.asset_table), inputs[last].parameters["discount_rate"]
    found, notes = plan_numbers(slices, terms, rate)
    table = indicators(slices, inputs, offered_potential(project))
    held = [f for f in findings_of(slices[last]) if f.kind in HOLDING]
    return [
        *(row_of(name, value, NUMBERS[name]) for name, value in found.items()),
        *(row_of(str(name), row["value"], row["unit"]) for name, row in table.iterrows()),
        *(row_of("limit", text=sentence(finding)) for finding in held),
        *(row_of("note", text=note) for note in notes),
    ]


def row_of(
    quantity: str, value: float = math.nan, unit: str = "", text: str = ""
) -> dict[str, Any]:
    """A number or a sentence as a row."""
    return {"quantity": quantity, "value": float(value), "unit": unit, "text": text}


def _sum_of(ds: xr.Dataset, values: str, kind: str, *wanted: str) -> float:
    """Sum of the items of a table of the result that are of some kinds."""
    return float(ds[values].where(ds[kind].isin(wanted)).sum())
