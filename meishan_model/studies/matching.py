"""Solve a slice with green power matched by year, month and hour: what stricter rules cost.

Yearly and monthly: surplus of a contracted plant is settled at the market price of its hour, and
its claim covers power bought in another hour of the period. Hourly settled: no claim, so that the
rise to it is the price of matching alone. Hourly: surplus is lost. The share is clean power in the
hour of its use over all electricity. Rises are counted since the rule before. Where no cap binds a
claim saves nothing: how many are made, and net emissions with them, is then one of many choices.

What a looser rule allows includes what a stricter one does, so that the objective can only rise
from rule to rule. The slices after the one in question are those of the scenario as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, ClassVar

import pandas as pd

from meishan_model.accounts.tables import slice_totals
from meishan_model.components.selection import energy_of
from meishan_model.planning.limits import contract_use
from meishan_model.sheets.scenario import MATCHINGS, Matching
from meishan_model.studies.study import Row, Study, Variant


@dataclass(kw_only=True)
class MatchingRules(Study[Matching]):
    """A slice with every rule of matching, from the loosest to the strictest."""

    default_hours = 336
    units: ClassVar = {
        **{"contracted": "MW", "hourly_matched_share": "-"},
        **dict.fromkeys(("offered", "delivered", "claimed"), "MWh/a"),
        **dict.fromkeys(("rise_of_paid_cost", "rise_of_objective"), "CNY/a"),
    }

    year: Annotated[int, "Slice to solve with each rule."]

    def variants(self) -> Sequence[Variant[Matching]]:
        """All rules."""
        return [Variant({"matching": rule}, f"matching: {rule}", rule) for rule in MATCHINGS]

    def measure(self, given: Matching) -> Sequence[Row]:
        """Costs, emissions, and what of the green power is contracted, used and claimed."""
        scenario = self.task.inputs.scenario.model_copy(update={"matching": given})
        inputs = replace(self.task.inputs, scenario=scenario)
        ds = self.solved_with(inputs)
        totals = slice_totals(ds)._asdict()
        green = [c for c in inputs.contracts if c.kind.follows_plant and not c.kind.is_sold]
        uses = [contract_use(ds, c, self.task.profiles) for c in green if not c.volumes]
        # There may be no contract, and a rule may know no claims.
        energy = partial(energy_of, ds, way="in", may_be_empty=True)
        share = float(ds.attrs.get("hourly_matched_share", float("nan")))
        return [
            {name: totals[name] for name in ("paid_cost", "objective")}
            | {"contracted": sum(uses)}
            | {role: energy(role=role) for role in ("offered", "delivered", "claimed")}
            | {name: totals[name] for name in ("net_emissions", "location_emissions")}
            | {"hourly_matched_share": share}
        ]

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """With the rises of cost since the rule before."""
        paid, objective = (rows[name].diff() for name in ("paid_cost", "objective"))
        return rows.assign(rise_of_paid_cost=paid, rise_of_objective=objective)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """A column for each rule."""
        return {self.title: self.with_units(self.table(rows)).set_index("matching").T}


STUDY = MatchingRules
