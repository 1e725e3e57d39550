"""Solve a slice again for every assumption varied alone and every lever of the plan pulled back.

Effects are differences to the unchanged slice; the largest on the objective stands first. Same:
the optimum provably stays (the slice does not see the number, or only bounds differ that do not
bind). Published and derived numbers are not varied, nor those of what the park does not have.
MCNY are million CNY of 2020, kt of CO2 are net: market-based, and location-based.

One slice (the target unless another is asked for) is solved on a short representation, again for
every series of numbers marked as assumption that is changed by a share up and down, and for every
lever of the scenario that is switched off (:mod:`meishan_model.planning.varied_slice`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

import pandas as pd

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.varied_slice import Unchanged, Variation, split_series, unchanged, vary
from meishan_model.sheets.perturb import Series
from meishan_model.sheets.scenario import levers
from meishan_model.studies.study import UNITS, Row, Study, Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = ("paid_cost", "objective", "net_emissions", "location_emissions")
"""Numbers of a slice whose change is told."""
QUANTITY = ["kind", "sheet", "quantity"]
"""Columns that say what is varied."""
OBJECTIVE = "effect_on_objective"


@dataclass(kw_only=True)
class Sensitivity(Study[Variation]):
    """A slice with each assumption up and down, and with each lever switched off."""

    default_hours = 168
    units: ClassVar = {f"effect_on_{name}": UNITS[name] for name in NUMBERS}
    figure = (9, 8)

    year: Annotated[int, "The slice; 0 is the target year."] = 0
    change: Annotated[float, "Share up and down."] = 0.2
    sheets: Annotated[Sequence[str], "Sheets to vary, such as prices; empty: all."] = ()
    limit: Annotated[int, "Most series to vary; 0: all."] = 0
    rows: Annotated[int, "Series to show."] = 30

    def variants(self) -> Sequence[Variant[Variation]]:
        """The levers, then every series down and up."""
        if not 0.0 < self.change < 1.0:
            told, remedy = f"{self.change:g}", "give one above 0 and below 1, such as 0.2"
            raise InputError([Fault("change", "is no share", value=told, remedy=remedy)])
        series = self.series[0][: self.limit or None]
        varied = [Variation(lever) for lever in levers(kinds())]
        varied += [Variation(s, share) for s in series for share in (-self.change, self.change)]
        return [Variant(v.key, str(v), v) for v in varied]

    @cached_property
    def series(self) -> tuple[Sequence[Series], Sequence[Series]]:
        """The series that act on the park, and those of what it does not have."""
        return split_series(self.project, self.slice_year, self.sheets)

    @cached_property
    def base(self) -> Unchanged:
        """The unchanged slice."""
        return unchanged(self.project, self.slice_year)

    def measure(self, given: Variation) -> Sequence[Row]:
        """Status and totals of a variant, and their change against the unchanged slice."""
        outcome = vary(self.base, self.project, given)
        found = {n: getattr(outcome.totals, n, float("nan")) for n in NUMBERS}
        effects = {f"effect_on_{n}": v - getattr(self.base.totals, n) for n, v in found.items()}
        return [{"status": outcome.status, "message": outcome.message, **found, **effects}]

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Sorted by the largest effect on the objective, both directions together."""
        largest = rows.groupby(QUANTITY)[OBJECTIVE].transform(lambda x: x.abs().max()).fillna(0.0)
        by = ["largest", *QUANTITY, "change"]
        order = rows.assign(largest=-largest).sort_values(by, kind="stable")
        return order.drop(columns="largest").reset_index(drop=True)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The levers, and the series with the largest effects."""
        table = self.table(rows)
        name, lever = table["sheet"] + ": " + table["quantity"], table["kind"] == "lever"
        change = table["change"].map(lambda share: f"{share:+.0%}" if share else "off")
        effects = table[[*self.units]].set_axis(NUMBERS, axis="columns")
        told = effects.assign(quantity=name, change=change)[["quantity", "change", *NUMBERS]]
        states = ", ".join(f"{n} {s}" for s, n in rows["status"].value_counts().items())
        title = f"{self.title}, levers and {self.rows} largest assumptions ({states})"
        return {title: told[lever | name.isin(name[~lever].unique()[: self.rows])]}

    def findings(self, rows: pd.DataFrame) -> Iterator[str]:
        """What is not varied, what the sheets refuse, and what has no optimum."""
        without: dict[str, dict[str, None]] = {}
        for series in self.series[1]:
            without.setdefault(series.sheet, {})[series.key[0]] = None
        for sheet, names in without.items():
            yield f"not varied, not in the park: {sheet}: {', '.join(names)}"
        for row in rows[rows["status"].isin(["invalid", "failed"])].itertuples():
            yield f"{row.status}: {row.sheet}: {row.quantity} {row.change:+.0%}: {row.message}"

    def draw(self, axes: Axes, rows: pd.DataFrame) -> None:
        """The largest effects on the objective, down and up."""
        table = self.table(rows.dropna(subset=OBJECTIVE))
        table["name"] = table["sheet"] + ": " + table["quantity"]
        names = table["name"].unique()[: self.rows]
        for change, label in ((-self.change, "less"), (self.change, "more"), (0.0, "lever off")):
            effect = table[table["change"] == change].set_index("name")[OBJECTIVE]
            axes.barh(names, effect.reindex(names) / 1e6, label=label)
        axes.invert_yaxis()
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set(xlabel="effect on the objective [million CNY/a]")


STUDY = Sensitivity
