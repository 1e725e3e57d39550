"""Plan all scenarios of the park, and one of them forwards and with foresight as well: one table.

By vintages: what a slice needs is built when first missing and pays the annuity of that year to
the end of its life; in pathway.nc, and by slices, all new build pays the annuity of the slice's
year. Money paid only, discounted to the first year; the objective, which is what is minimised, has
the shadow carbon value and the penalties too, and there no plan that can be built by vintages lies
below foresight with the same caps and hours. Idle: annuities of what stands in the target year and
is not needed. Abatement cost: rise of the net present cost over the fall of cumulative emissions,
against the reference of the same hours. Lines of fewer than 8760 hours are these hours times 8760
over their number: compare lines of the same hours only.

Each plan keeps its own slices on disk. A plan without an optimum is a finding: a row that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import pandas as pd

from meishan_model.components.catalogue import kinds
from meishan_model.errors import CheckError
from meishan_model.optimise import SolverName
from meishan_model.optimise.errors import InfeasibleError, SolverError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.plan_numbers import plan_rows, row_of
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.whole_pathway import BACKWARDS, WAYS
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.scenario import scenarios_of
from meishan_model.studies.study import Row, SliceProgress, Study, Variant

HIDDEN = ("cumulative_gap", "shedding_cost", "demand_served", "potential_used")
"""Numbers that are not printed."""
NO_RESULT = "no result"
IN_TURN, ALL_AT_ONCE = (BACKWARDS, "forwards"), 5.0
"""Ways that solve a year after the other, and how many times as long one problem of all takes."""
Plan = tuple[Project, str]
"""A project, and one of :data:`WAYS`."""


@dataclass(kw_only=True)
class Comparison(Study[Plan]):
    """All pathways of the park, and other ways of planning."""

    solver: Annotated[SolverName, "Solver."] = "highs"
    short_hours: Annotated[int, "Hours of each year where all years are one problem."] = 336

    def variants(self) -> Sequence[Variant[Plan]]:
        """The reference first, then the other scenarios, and this one in all ways."""
        own, scenario = self.project, self.project.scenario
        name, first = scenario.name, scenario.reference
        sheet = own.cost_folder if own.overlay else None
        others = [s.name for s in scenarios_of(own.root, scenario.park, kinds()) if s.name != name]
        others.sort(key=lambda other: other != first)
        opened = [open_project(other, own.root, sheet, own.hours, own.minutes) for other in others]
        plans = [*(p for p in opened if p.years == own.years), own]
        found = [_variant(p.scenario.name, p, BACKWARDS, first) for p in plans]
        short = replace(own, hours=self.short_hours) if self.short_hours < own.hours else own
        if short is not own:
            found.append(_variant(f"{name}, forwards", own, "forwards"))
            found.append(_variant(f"{name}, {BACKWARDS}", short, BACKWARDS))
        return found + [_variant(f"{name}, {w}", short, w) for w in WAYS if w != BACKWARDS]

    @property
    def inputs_sha256(self) -> str:
        """Hash of the inputs of all plans."""
        # Several ways of planning are of one project, which is read and resolved once.
        projects = {id(project): project for project, _ in (v.given for v in self.variants())}
        return fingerprint([slice_hashes(p, self.solver)[p.years[0]] for p in projects.values()])

    def measure(self, given: Plan) -> Sequence[Row]:
        """Make a plan; a row for each number and for each sentence, or one that says why not."""
        project, way = given
        try:
            slices = WAYS[way](project, self.solver, SliceProgress(self.say))
        except InfeasibleError as error:
            return [row_of("failure", text=f"infeasible: {error.headline}")]
        except (SolverError, CheckError) as error:
            return [row_of("failure", text=f"{NO_RESULT}: {error}")]
        return plan_rows(project, slices)

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """With what a tonne below the reference of the same hours costs every plan [CNY/tCO2].

        The rise of the net present cost over the fall of the cumulative emissions, where they
        fall.
        """
        known = _by_plan(rows)
        first = self.project.scenario.reference
        if first not in known.index.get_level_values("plan"):
            return rows
        risen = known - known.xs(first, level="plan")
        costs = -risen["net_present_cost"] / risen["cumulative_emissions"]
        falling = costs[risen["cumulative_emissions"] < 0.0].rename("value").reset_index()
        added = falling.assign(quantity="abatement_cost", unit="CNY/tCO2", text="")
        return pd.concat([rows, added], ignore_index=True)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """A line for each plan."""
        numbers = self.table(rows).query("unit != '' and quantity not in @HIDDEN")
        named = numbers.assign(quantity=numbers["quantity"] + " [" + numbers["unit"] + "]")
        return {"Pathways and ways of planning": _by_plan(named).reset_index()}

    def findings(self, rows: pd.DataFrame) -> Sequence[str]:
        """Plans without a result, what keeps plans from zero, and what else to know."""
        told = rows[rows["text"] != ""]
        return [f"{r.plan} ({r.hours} h): {r.quantity}: {r.text}" for r in told.itertuples()]

    def failed(self, rows: pd.DataFrame) -> str:
        """Plans for which the solver found no optimum, or none that passes its checks."""
        failed = rows[rows["text"].str.startswith(NO_RESULT)]
        return f"without a result: {', '.join(failed['plan'])}" if len(failed) else ""


def _by_plan(rows: pd.DataFrame) -> pd.DataFrame:
    """A line for each plan, a column for each of its numbers."""
    return rows.pivot_table("value", ["plan", "hours"], "quantity", sort=False)


def _variant(name: str, project: Project, way: str, first: str | None = None) -> Variant[Plan]:
    """A plan; a pathway is measured against the reference that lies there when it is made."""
    end = f", {project.hours} hours a year"
    after = f"{first}{end}" if first and first != name else ""
    weight = project.hours * (1.0 if way in IN_TURN else ALL_AT_ONCE)
    key = {"plan": name, "hours": project.hours}
    return Variant(key, name + end, (project, way), after, weight)


STUDY = Comparison
