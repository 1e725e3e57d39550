"""Pull the levers of the plan one after the other in the target year, and show what each abates.

Order of attribution: demand before supply, then sinks, green power, certificates and credits; a
lever is charged with what it does after those above it. Every step minimises the same cost, with
the carbon value of the plan as the price of a tonne. Width is what a lever abates, area what it
costs in money paid; MCNY are million CNY of 2020.

The order is that of RMI 2023, with source reduction first. A step solves the target slice with all
levers up to its own; what it abates and costs is the difference to the step before, so a lever is
charged with what it does *after* those before it. Another order would give other widths.

The rule: every step minimises the same cost. That is the cost of the plan, with its shadow carbon
value if it has one, and with the plan's own carbon value as the price of every tonne above zero.
The carbon value is the dual of neutrality in the plan (all levers, the cap as it is), and the cap
is put into the objective with it: a lever is used where it is cheaper than what carbon is worth to
the plan, neither at any price nor only where it pays for itself. The price stands a thousandth
above the dual, so that the instrument that sets it is used rather than tied. The last step is the
plan itself, as it is solved for the pathway.

- The width of a step is the fall of net emissions, in the market-based figure (which the plan must
  bring to zero) and in the location-based one; its area is the rise of the paid cost, and its cost
  per tonne is area over width, where there is a width.
- Widths add up to the abatement, areas to the cost between first step and plan, by construction.
- A step whose width is zero or negative is shown as it is. A negative one is no error: demand that
  is electrified raises the figure of a grid that still emits, until supply follows.
- From a step to the next within supply and instruments the feasible set only grows, so the
  objective cannot rise; freeing the demand also takes the old equipment away (phase-outs), and the
  last step changes the penalty: there nothing is guaranteed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import slice_totals
from meishan_model.console import number
from meishan_model.errors import Fault, InputError
from meishan_model.planning.lever_steps import Step, solved_with, steps
from meishan_model.studies.study import Row, Study, Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ABOVE = 1e-3
"""How far the price of a tonne stands above the plan's carbon value [-]: it breaks ties."""
WIDTH = 1.0
"""Width [tCO2/a] below which a cost per tonne has no meaning."""
NUMBERS = (
    *("net_emissions", "location_emissions", "paid_cost", "objective", "shedding"),
    "carbon_price",
)
SHOWN = ["lever", "net_emissions", "width", "width_location", "area", "cost_per_tonne"]


@dataclass(kw_only=True)
class Abatement(Study[Step]):
    """The target slice with all levers up to each of them."""

    default_hours = 672
    units: ClassVar = {
        **dict.fromkeys(("width", "width_location"), "tCO2/a"),
        **{"area": "CNY/a", "cost_per_tonne": "CNY/tCO2"},
    }
    figure = (9, 5)
    year = 0

    @property
    def rests_on(self) -> int:
        """The plan itself."""
        return self.project.scenario.target_year

    def variants(self) -> Sequence[Variant[Step]]:
        """All levers."""
        scenario = self.project.scenario
        if not scenario.neutrality or len(self.project.years) == 1:
            message = "plans for no neutrality, so there is no abatement to attribute"
            raise InputError([Fault(scenario.name, message, remedy="choose another scenario")])
        return [Variant({"lever": step.lever}, step.lever, step) for step in steps()]

    @cached_property
    def plan(self) -> xr.Dataset:
        """The target slice of the pathway."""
        return self.project.open_result(self.rests_on)

    def measure(self, given: Step) -> Sequence[Row]:
        """Totals of the slice with the levers of a step."""
        price = float(self.plan.attrs.get("carbon_value", 0.0)) * (1.0 + ABOVE)
        ds = solved_with(self.project, given, price) if given.changes else self.plan
        found = slice_totals(ds)._asdict()
        found["carbon_price"] = float(ds.attrs.get("carbon_value", 0.0))
        return [{name: found[name] for name in NUMBERS}]

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The curve: what each lever abates and costs beyond those before it.

        ``width`` is the fall of net emissions since the row before, ``width_location`` the same
        location-based, ``area`` the rise of the paid cost, and ``cost_per_tonne`` area over width;
        not a number where the width is no abatement.
        """
        curve = rows.assign(
            width=-rows["net_emissions"].diff(),
            width_location=-rows["location_emissions"].diff(),
            area=rows["paid_cost"].diff(),
        )
        width = curve["width"]
        return curve.assign(cost_per_tonne=curve["area"] / width.where(width > WIDTH))

    def files(self, rows: pd.DataFrame) -> Sequence[pd.DataFrame]:
        """The steps as they were solved."""
        return (rows,)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The curve with the sums of its widths and areas, and what a tonne costs in all steps."""
        curve = self.table(rows)[SHOWN]
        sums = curve[["width", "width_location", "area"]].sum()
        mean = sums["area"] / sums["width"] if sums["width"] > 0.0 else float("nan")
        last = pd.DataFrame([{"lever": "sum", **sums, "cost_per_tonne": mean}])
        price = rows[["carbon_price"]].iloc[-1:]
        return {self.title: pd.concat([curve, last]), "A tonne in the plan": price}

    def draw(self, axes: Axes, rows: pd.DataFrame) -> None:
        """A box for each lever, its width the abatement, its area the cost."""
        drawn = self.table(rows).dropna(subset="cost_per_tonne")
        width, cost = drawn["width"] / 1e3, drawn["cost_per_tonne"]
        names = [f"{lever}: {number(c, 0)}" for lever, c in zip(drawn["lever"], cost, strict=True)]
        colours = [f"C{place}" for place in range(len(drawn))]
        starts = width.cumsum() - width
        axes.bar(starts, cost, width, align="edge", color=colours, label=names)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set(xlabel="abatement, market-based [ktCO2/a]", ylabel="paid for it [CNY/tCO2]")


STUDY = Abatement
