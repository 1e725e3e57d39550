"""From the first slice to the target: what is added, what retires, and what it costs.

Three parts of an asset are walked side by side, so that no unit and no investment counts twice:

- ``new``: new build with its replacements, by vintages (:func:`~.walk.walk_forward`);
- ``bridge``: bought for the slices that need them, kept from one to the next, sold by the slice
  that no longer does (:func:`~.walk.walk_bridges`);
- ``stock``: today's stock retires, committed plants are commissioned. Both are decided before the
  plan begins: they are no investment of it.

For every asset and slice, additions less retirements of all parts are the change of capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from meishan_model.accounts.tables import NOT_PAID, Inputs, Slices
from meishan_model.components.assets import AssetTable
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.finance import bridge_sales, salvage_value
from meishan_model.planning import bounds
from meishan_model.planning.walk import check_walk, standing_years, walk_bridges, walk_forward
from meishan_model.results.wording import Finding
from meishan_model.series import FloatArray
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.survival import commissioned_capacity

SLACK = 2.0 * bounds.TOLERANCE
"""Capacities of two slices may each miss what was handed on by the solver's tolerance [unit]."""

PARTS = ("new", "bridge", "stock")
SPREAD = ("investment", "bridge")
"""Cost categories of a slice that are annuities: the cash flow has overnight costs instead."""


@dataclass(frozen=True)
class RollForward:
    """A pathway read forwards.

    Attributes
    ----------
    addition, retirement
        By part, slices x assets [unit]; the step that ends in the slice.
    vintage
        New build by vintage, vintages x slices x assets [unit].
    overnight
        Overnight cost in the year of the slice, slices x assets [CNY/unit].
    investment
        Overnight cost of what a step adds of a part, ``new`` or ``bridge``, slices x assets
        [CNY]; a bridge pays the premium of ``parameters.csv``.
    bridge_sale
        What sold bridges return, slices x assets [CNY].
    salvage
        Value of the new build in the target, by asset [CNY].
    findings
        Build rates that new build and bridges of a step exceed together, a sentence each.
    """

    addition: Mapping[str, pd.DataFrame]
    retirement: Mapping[str, pd.DataFrame]
    vintage: FloatArray
    overnight: pd.DataFrame
    investment: Mapping[str, pd.DataFrame]
    bridge_sale: pd.DataFrame
    salvage: pd.Series[float]
    findings: tuple[Finding, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """The slices, ascending."""
        return tuple(int(year) for year in self.overnight.index)

    @property
    def step(self) -> int:
        """Distance of two slices [a]."""
        return self.years[1] - self.years[0]


def roll_forward(slices: Slices, inputs: Inputs, table: AssetTable) -> RollForward:
    """Walk a solved pathway from the first slice to the target.

    Parameters
    ----------
    slices
        Solved slices by year, all that the scenario has.
    inputs
        Inputs of the same slices by year.
    table
        Their assets.

    Raises
    ------
    InputError
        If there are fewer than two slices, their years are not those of the inputs, or one whose
        stock is given builds something.
    CheckError
        If an addition or retirement is negative, a build rate of the new build is exceeded, or
        vintages miss a capacity.
    """
    years = sorted(slices)
    if len(years) < 2 or years != sorted(inputs):
        message = "a pathway needs all slices of its scenario, and two at least"
        raise InputError([Fault("pathway", message, value=", ".join(map(str, years)))])
    lifetime = pd.Series(table.lifetime, index=list(table.asset))
    rate = pd.Series(table.build_rate, index=list(table.asset))
    # The chain hands capacities on in multiples of 0.001; what lies below is dust.
    new = _table(slices, "capacity_new").round(bounds.DECIMALS)
    bridge = _table(slices, "capacity_bridge").round(bounds.DECIMALS).clip(lower=0.0)
    given = (new + bridge).iloc[: table.given_slice + 1].any(axis=1)
    if given.any():
        message, value = "a slice whose stock is given builds something", str(given.idxmax())
        raise InputError([Fault("pathway", message, value=value)])
    walk = walk_forward(new, lifetime, rate)
    check_walk(walk, new, tolerance=SLACK)
    bridges = walk_bridges(bridge, lifetime)
    commissioned, retired = _stock(slices, inputs[years[-1]], table)
    addition = {"new": walk.addition.clip(lower=0.0), "bridge": bridges.addition}
    retirement = {"new": walk.retirement.clip(lower=0.0), "bridge": bridges.retirement}
    overnight = pd.DataFrame(table.investment, new.index, list(table.asset))[new.columns]
    premium = 1.0 + inputs[years[-1]].parameters["bridge_premium"]
    stands_for = pd.Series(standing_years(lifetime, years[1] - years[0]), index=lifetime.index)
    return RollForward(
        addition=addition | {"stock": commissioned},
        retirement=retirement | {"stock": retired},
        vintage=walk.vintage,
        overnight=overnight,
        investment={
            "new": addition["new"] * overnight,
            "bridge": addition["bridge"] * overnight * premium,
        },
        bridge_sale=bridge_sales(bridges.sold, overnight * premium, lifetime),
        salvage=salvage_value(
            pd.DataFrame(walk.vintage[:, -1], new.index, new.columns).clip(lower=0.0),
            overnight,
            stands_for,
        ),
        findings=_over_rate(addition, walk.build_limit),
    )


def _table(slices: Slices, name: str) -> pd.DataFrame:
    """A number of every asset, slices x assets; an absent asset is 0."""
    rows = {year: slices[year][name].to_series() for year in sorted(slices)}
    return pd.DataFrame(rows).fillna(0.0).T.rename_axis(index="year", columns="asset")


def _stock(
    slices: Slices, target: SliceInputs, table: AssetTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Committed plants commissioned and stock retired in each step [unit]."""
    standing = _table(slices, "capacity_existing")
    years = list(standing.index)
    commissioned = pd.DataFrame(0.0, standing.index, standing.columns)
    for plant in target.plants:
        place = table.place_of.get((plant.technology, plant.zone))
        if place is None:
            continue
        span = (plant.commissioned_from, plant.commissioned_to, plant.capacity)
        for before, year in pairwise(years):
            added = float(commissioned_capacity(*span, before, year))
            commissioned.loc[year, table.asset[place]] += added
    retired = standing.shift(1).fillna(standing.iloc[0]) + commissioned - standing
    retired.iloc[0] = 0.0
    wrong = retired.columns[(retired < -SLACK).any()]
    if len(wrong):
        raise CheckError(f"stock grows without being commissioned: {', '.join(wrong[:5])}")
    return commissioned, retired.clip(lower=0.0)


def _over_rate(
    addition: Mapping[str, pd.DataFrame], limit: pd.Series[float]
) -> tuple[Finding, ...]:
    """Steps in which new build and bridges together exceed the build rate.

    A slice bounds its bridges by what all steps before it could build, so that a bridge may have
    to stand before it is needed: that is said, not hidden.
    """
    bridges = addition["bridge"]
    total = addition["new"] + bridges
    over = (total > limit * (1.0 + 1e-6) + SLACK) & (bridges > SLACK)
    return tuple(
        Finding(
            "rate",
            {
                "asset": str(asset),
                "step": int(year),
                "built": float(total.loc[year, asset]),
                "bridges": float(bridges.loc[year, asset]),
                "allowed": float(limit[asset]),
            },
        )
        for year in over.index
        for asset in over.columns[over.loc[year]]
    )


def running_cost(slices: Slices) -> pd.DataFrame:
    """Money paid in each slice by category, as the slices count it, slices x categories [CNY/a].

    The annuities of new build and bridges are among them; what nobody pays is not.
    """
    rows = {}
    for year in sorted(slices):
        cost = slices[year]["cost"].to_series()
        by_category = cost.groupby(slices[year]["category"].to_series()).sum()
        rows[year] = by_category.drop(labels=list(NOT_PAID), errors="ignore")
    return pd.DataFrame(rows).fillna(0.0).sort_index().T.rename_axis("year")


def cash_flow(rolled: RollForward, paid: pd.DataFrame) -> pd.DataFrame:
    """Money spent by category and slice, slices x categories [CNY/a]; receipts are negative.

    ``investment`` and ``bridge`` are the overnight costs of what a step adds, at the prices of
    the slice at its end and spread evenly over its years: times the years of a step they are the
    sum of additions times overnight cost. ``bridge_sale`` is spread in the same way over the step
    in which bridges are sold. ``salvage`` is one receipt, in the target year alone. All other
    categories are the running costs of the slices as they are.

    Parameters
    ----------
    rolled
        The pathway read forwards.
    paid
        Table of :func:`running_cost`.
    """
    spread = {
        "investment": rolled.investment["new"].sum(axis=1),
        "bridge": rolled.investment["bridge"].sum(axis=1),
        "bridge_sale": -rolled.bridge_sale.sum(axis=1),
    }
    table = pd.DataFrame(spread) / rolled.step
    table["salvage"] = 0.0
    table.loc[rolled.years[-1], "salvage"] = -float(rolled.salvage.sum())
    running = paid.drop(columns=[c for c in SPREAD if c in paid.columns])
    return pd.concat([table, running], axis=1).rename_axis(index="year", columns="category")
