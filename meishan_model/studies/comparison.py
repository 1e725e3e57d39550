r"""What a plan costs and emits, in numbers that can be laid beside those of another.

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
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts.measures import earnings_by_year
from meishan_model.accounts.principles import principle_table
from meishan_model.accounts.tables import slice_totals
from meishan_model.finance import accumulate, present_value
from meishan_model.optimise.problem import Floats
from meishan_model.planning.vintages import BuildingTerms, cover, exceeded
from meishan_model.sheets.records import SliceInputs

Slices = Mapping[int, xr.Dataset]
Inputs = Mapping[int, SliceInputs]

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
    "energy_cost_per_gdp",
    "demand_served",
    "saving_share",
    "potential_used",
    "local_share_of_demand",
)
"""Indicators of the principles that are told beside the costs and the emissions."""


@dataclass(frozen=True)
class Line:
    """One line of the comparison: a plan, or why there is none.

    Attributes
    ----------
    plan
        Name of the pathway, or of the way of planning.
    hours
        Hours of each year that were solved.
    numbers
        By name, in the units of :data:`NUMBERS`; the indicators of the principles by theirs.
    units
        Units of the numbers.
    limits
        Why the target is not reached: limits that are used up, one sentence each.
    notes
        What a reader of the numbers has to know.
    failure
        Why there are no numbers; empty where there are.
    """

    plan: str
    hours: int
    numbers: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""


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

    additions: Floats
    surcharge: Floats
    idle_cost: Floats


def restate(slices: Slices, terms: BuildingTerms) -> Restated:
    """Bring a plan to vintages.

    Parameters
    ----------
    slices
        Slices by year; ``capacity_new`` and ``capacity_bridge`` are what each of them needs.
    terms
        Terms of building.
    """
    names = ["capacity_new", "capacity_bridge"]
    needed = np.stack(
        [
            pd.DataFrame({name: slices[y][name].to_series() for name in names})
            .sum(axis=1)
            .reindex(list(terms.table.asset), fill_value=0.0)
            .to_numpy(dtype=np.float64)
            for y in terms.years
        ]
    )
    needed = np.maximum(needed, 0.0)
    additions = cover(terms, needed)
    idle = np.maximum(terms.standing(additions) - needed, 0.0)
    said = np.array([_annuities(slices[y]) for y in terms.years])
    owed = terms.annuities(additions).sum(axis=1) + (idle * terms.table.fixed_om).sum(axis=1)
    return Restated(additions, owed - said, (idle * terms.table.annuity).sum(axis=1))


def _annuities(ds: xr.Dataset) -> float:
    return float(ds["cost"].where(ds["category"].isin(["investment", "bridge"])).sum())


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
    years, last = list(terms.years), terms.years[-1]
    totals = pd.DataFrame([slice_totals(slices[year]) for year in years], index=years)
    gap, shed = (
        pd.Series({y: _of(slices[y], *what) for y in years})
        for what in (("emissions", "scope", "gap"), ("cost", "category", "shedding"))
    )
    plan = restate(slices, terms)
    paid = totals["paid_cost"] + plan.surcharge
    numbers = {
        "net_present_cost": present_value(paid, discount_rate),
        "net_present_cost_by_slices": present_value(totals["paid_cost"], discount_rate),
        "net_present_objective": present_value(
            totals["objective"] + plan.surcharge, discount_rate
        ),
        "paid_in_target": float(paid[last]),
        "cumulative_emissions": accumulate(totals["net_emissions"]),
        "cumulative_emissions_location": accumulate(totals["location_emissions"]),
        "emission_gap": float(gap[last]),
        "cumulative_gap": accumulate(gap),
        "shedding_cost": present_value(shed, discount_rate),
        "idle_in_target": float(plan.idle_cost[-1]),
    }
    broken = exceeded(terms, plan.additions)
    note = "its bridges, kept to the end of their life, would break a build rate or potential: "
    return numbers, (note + _some(broken),) if broken else ()


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


def plan_line(
    plan: str,
    slices: Slices,
    inputs: Inputs,
    terms: BuildingTerms,
    potential: float,
    limits: tuple[str, ...] = (),
) -> Line:
    """The line of a plan that has been made.

    Parameters
    ----------
    plan
        Its name.
    slices, inputs
        All its slices and their inputs, by year.
    terms
        Terms of building.
    potential
        PV and wind that the place offers in the target year [MW].
    limits
        Why its target is not reached.
    """
    last = max(slices)
    rate = inputs[last].parameters["discount_rate"]
    numbers, notes = plan_numbers(slices, terms, rate)
    table = indicators(slices, inputs, potential)
    return Line(
        plan=plan,
        hours=int(slices[last].sizes["time"]),
        numbers=numbers | {str(name): float(v) for name, v in table["value"].items()},
        units=NUMBERS | {str(name): str(unit) for name, unit in table["unit"].items()},
        limits=limits,
        notes=notes,
    )


def with_abatement_cost(lines: list[Line], reference: str) -> list[Line]:
    """Add what a tonne below the reference costs to every line of the same hours [CNY/tCO2].

    The rise of the net present cost by vintages over the fall of the cumulative emissions; only
    where they fall.

    Parameters
    ----------
    lines
        All lines.
    reference
        Name of the plan that is compared with.
    """
    known = {line.hours: line.numbers for line in lines if line.plan == reference and line.numbers}
    return [_with_abatement_cost(line, known.get(line.hours, {})) for line in lines]


def _with_abatement_cost(line: Line, reference: Mapping[str, float]) -> Line:
    cost, emitted = (
        line.numbers.get(name, math.nan) - reference.get(name, math.nan)
        for name in ("net_present_cost", "cumulative_emissions")
    )
    if not emitted < 0.0:
        return line
    return Line(
        plan=line.plan,
        hours=line.hours,
        numbers={**line.numbers, "abatement_cost": cost / -emitted},
        units={**line.units, "abatement_cost": "CNY/tCO2"},
        limits=line.limits,
        notes=line.notes,
        failure=line.failure,
    )


def tidy(lines: list[Line]) -> pd.DataFrame:
    """All lines as a table of one value a row: plan, hours, quantity, value, unit.

    A limit, a note or a failure is a row with a text.
    """
    rows = [
        (line.plan, line.hours, name, value, line.units[name], "")
        for line in lines
        for name, value in line.numbers.items()
    ]
    rows += [
        (line.plan, line.hours, kind, math.nan, "", text)
        for line in lines
        for kind, texts in (
            ("limit", line.limits),
            ("note", line.notes),
            ("failure", (line.failure,) if line.failure else ()),
        )
        for text in texts
    ]
    return pd.DataFrame(rows, columns=["plan", "hours", "quantity", "value", "unit", "text"])


def _of(ds: xr.Dataset, values: str, kind: str, wanted: str) -> float:
    return float(ds[values].where(ds[kind] == wanted).sum())


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
