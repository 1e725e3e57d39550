"""Solve a pathway for each theta and show cost against cumulative emissions.

Costs are of 2020, discounted to the first year; what is paid leaves out the shadow carbon value
and penalties, the objective has them. Each slice is least cost for its own year, so the front need
not be monotone in cost. Emissions are net, market-based and location-based; the budget is what the
caps add up to.

The cap of a slice is ``E_0 ((T - y) / (T - first)) ** theta``: a larger theta reduces earlier and
emits less in all. Every point is a whole backcast at its own theta, kept slice by slice in a
folder of its own. What theory guarantees, and what it does not:

- The caps fall in every year between first and target as theta rises, so the emissions they
  allow (:func:`~meishan_model.planning.trajectory.cumulative_emissions`) fall strictly.
- The target slice is the same problem for every theta: its cap is zero, nothing comes after it.
- The slice before it has the same bounds for every theta, and a cap that tightens as theta rises:
  its feasible set shrinks, so its objective cannot fall.
- Earlier slices inherit bounds from what the slices after them build, and these choose
  differently at another cap. Each slice is least cost for its own year only, so neither its
  objective nor the present value of the pathway has to be monotone in theta.
- Where a cap does not bind, a slice emits less than the cap and a larger theta changes nothing:
  points of the front then coincide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import pandas as pd

from meishan_model.accounts.tables import slice_totals
from meishan_model.errors import Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import backcast, cap_of_year
from meishan_model.planning.plan_numbers import pathway_totals
from meishan_model.planning.project import Project
from meishan_model.planning.trajectory import cumulative_emissions
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.studies.study import Row, SliceProgress, Study, Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINDING = 1e-4
"""Relative distance from its cap below which the net emissions of a slice count as bound [-]."""
DRAWN = {"net_present_cost": "paid", "net_present_objective": "with shadow carbon and penalties"}
"""Costs of the figure."""


@dataclass(kw_only=True)
class Front(Study[Project]):
    """A pathway for each exponent of the trajectory."""

    default_hours = 672
    units: ClassVar = {"budget": "tCO2", "cap": "tCO2/a", "carbon_value": "CNY/tCO2"}
    parts = ("", "_slices")
    figure = (7, 5)

    thetas: Annotated[Sequence[float], "Exponents of the trajectory."] = (0.5, 1, 1.5, 2, 3, 4)
    budgets: Annotated[Sequence[float], "Cumulative budgets in tCO2, each as its theta."] = ()
    verify: Annotated[Sequence[float], "Exponents to solve at 8760 h as well."] = ()
    solver: Annotated[SolverName, "Solver."] = "highs"

    def variants(self) -> Sequence[Variant[Project]]:
        """A pathway for each theta, some of them in all hours as well."""
        thetas = (*self.thetas, *map(self.project.theta_of_budget, self.budgets))
        runs = [(float(theta), self.project.hours) for theta in thetas]
        runs += [(float(theta), HOURS_OF_YEAR) for theta in self.verify]
        if not runs:
            raise InputError([Fault("thetas", "there are none", remedy="give some, such as 1,2")])
        points = {run: replace(self.project, hours=run[1]).at_theta(run[0]) for run in runs}
        return [
            Variant({"theta": theta, "hours": hours}, f"theta {theta:.4g}, {hours} h", point)
            for (theta, hours), point in points.items()
        ]

    def measure(self, given: Project) -> Iterator[Row]:
        """Solve a pathway; a row for each of its slices."""
        backcast(given, given.years[0], self.solver, SliceProgress(self.say))
        slack = BINDING * max(given.baseline_emissions, 1.0)
        for year in given.years:
            ds, cap = given.open_result(year), cap_of_year(given, year)
            row = {"year": year, "cap": cap, **slice_totals(ds)._asdict()}
            row["carbon_value"] = float(ds.attrs.get("carbon_value", float("nan")))
            yield row | {"binds": row["net_emissions"] >= cap - slack}

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """A row for each pathway; ``bound_years`` are the years in which its cap binds."""
        s, start = self.project.scenario, self.project.baseline_emissions
        rate = self.project.slices[self.project.years[0]].parameters["discount_rate"]
        found = []
        for _, group in rows.groupby(["theta", "hours"]):
            slices = group.set_index("year").sort_index()
            row = {name: slices[name].iloc[0] for name in ("theta", "hours")}
            caps = cumulative_emissions(start, s.first_year, s.target_year, row["theta"], s.step)
            row |= {"budget": caps, **pathway_totals(slices, rate)}
            found.append(row | {"bound_years": " ".join(map(str, slices.index[slices["binds"]]))})
        return pd.DataFrame(found)

    def files(self, rows: pd.DataFrame) -> Sequence[pd.DataFrame]:
        """The front, and the slices of its points."""
        return self.table(rows), rows

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The front, and of every slice net emissions and the carbon value of its cap."""
        values = rows.assign(carbon_value=rows["carbon_value"].where(rows["binds"], 0.0))
        values = values.pivot_table(["net_emissions", "carbon_value"], ["theta", "hours"], "year")
        return {
            self.title: self.table(rows),
            "Net emissions by year [tCO2/a]": values["net_emissions"].reset_index(),
            "Carbon value of the cap [CNY/tCO2]": values["carbon_value"].reset_index(),
        }

    def draw(self, axes: Axes, rows: pd.DataFrame) -> None:
        """Present value of the cost against cumulative net emissions."""
        front = self.table(rows)
        emitted, costs = front["cumulative_emissions"] / 1e6, front[list(DRAWN)] / 1e9
        for hours, at in front.groupby("hours").groups.items():
            for name, label in DRAWN.items():
                axes.plot(emitted[at], costs.loc[at, name], "o-", label=f"{label}, {hours} h")
        # Caps that do not bind all give the same plan: their thetas stand at one point.
        points = front[["theta"]].assign(x=emitted.round(2), y=costs["net_present_cost"].round(2))
        for _, same in points.groupby(["x", "y"]):
            text, (x, y) = ", ".join(same["theta"].map("{:g}".format)), same[["x", "y"]].iloc[0]
            axes.annotate(f"θ = {text}", (x, y), xytext=(4, 6), textcoords="offset points")
        axes.set(xlabel="cumulative net emissions [MtCO2]", ylabel="net present cost [bn CNY]")


STUDY = Front
