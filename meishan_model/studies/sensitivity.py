"""Solve a slice again for every assumption varied alone and every lever of the plan pulled back.

Effects are differences to the unchanged slice; the largest on the objective stands first. Same:
the optimum provably stays (the slice does not see the number, or only bounds differ that do not
bind). Published and derived numbers are not varied. MCNY are million CNY of 2020, kt of CO2 are
net: market-based, and location-based.

One slice (the target unless another is asked for) is solved on a short representation, again for
every series of numbers marked as assumption that is changed by a share up and down, and for every
lever of the scenario that is switched off (:mod:`meishan_model.studies.varied_slice`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import pandas as pd

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.errors import Fault, InputError
from meishan_model.planning.project import Project
from meishan_model.sheets.perturb import (
    Series,
    assumption_series,
    default_tables,
    series_of_table,
)
from meishan_model.sheets.scenario import levers
from meishan_model.studies.study import UNITS, Row, Study, Variant
from meishan_model.studies.varied_slice import Unchanged, switch_off, unchanged, vary_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = ("paid_cost", "objective", "net_emissions", "location_emissions")
"""Numbers of a slice whose change is told."""
Varied = tuple[Series, float] | str
"""A series with the share by which it is varied, or a lever that is switched off."""
KEY = ("kind", "sheet", "quantity", "unit", "change")
QUANTITY = KEY[:3]
"""Columns that say what is varied."""
OBJECTIVE = "effect_on_objective"


@dataclass(kw_only=True)
class Sensitivity(Study[Varied]):
    """A slice with each assumption up and down, and with each lever switched off."""

    default_hours = 168
    units: ClassVar = {f"effect_on_{name}": UNITS[name] for name in NUMBERS}
    figure = (9, 8)

    year: Annotated[int, "The slice; 0 is the target year."] = 0
    change: Annotated[float, "Share up and down."] = 0.2
    sheets: Annotated[Sequence[str], "Sheets to vary, such as prices; empty: all."] = ()
    limit: Annotated[int, "Most series to vary; 0: all."] = 0
    rows: Annotated[int, "Series to show."] = 30

    def variants(self) -> Sequence[Variant[Varied]]:
        """The levers, then every series down and up."""
        if not 0.0 < self.change < 1.0:
            told, remedy = f"{self.change:g}", "give one above 0 and below 1, such as 0.2"
            raise InputError([Fault("change", "is no share", value=told, remedy=remedy)])
        found: list[tuple[str, str, str, str, float, Varied]] = [
            ("lever", "scenario", lever, "switch", 0.0, lever) for lever in levers(kinds())
        ]
        found += [
            ("assumption", s.sheet, s.name, s.unit, share, (s, share))
            for s in park_series(self.project, self.sheets)[: self.limit or None]
            for share in (-self.change, self.change)
        ]
        return [
            Variant(dict(zip(KEY, key, strict=True)), f"{key[1]}: {key[2]} {key[4]:+.0%}", given)
            for *key, given in found
        ]

    @cached_property
    def base(self) -> Unchanged:
        """The unchanged slice."""
        return unchanged(self.project, self.slice_year)

    def measure(self, given: Varied) -> Sequence[Row]:
        """Status and totals of a variant, and their change against the unchanged slice."""
        if isinstance(given, str):
            outcome = switch_off(self.base, self.project, given)
        else:
            outcome = vary_series(self.base, self.project, *given)
        found = {name: getattr(outcome.totals, name, float("nan")) for name in NUMBERS}
        effects = {f"effect_on_{n}": v - getattr(self.base.totals, n) for n, v in found.items()}
        return [{"status": outcome.status, "message": outcome.message, **found, **effects}]

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Sorted by the largest effect on the objective, both directions together."""
        size = rows[OBJECTIVE].abs().fillna(0.0)
        largest = size.groupby([rows[name] for name in QUANTITY]).transform("max")
        by = ["largest", *QUANTITY, "change"]
        order = rows.assign(largest=-largest).sort_values(by, kind="stable")
        return order.drop(columns="largest").reset_index(drop=True)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The levers, and the quantities with the largest effects."""
        table = self.table(rows)
        table["quantity"] = table["sheet"] + ": " + table["quantity"]
        table["change [%]"] = 100.0 * table["change"]
        told = table[["quantity", "change [%]", *(f"effect_on_{name}" for name in NUMBERS)]]
        lever, names = table["kind"] == "lever", table["quantity"]
        largest = names[~lever].unique()[: self.rows]
        count = f"{len(largest)} of {names[~lever].nunique()} series"
        states = ", ".join(f"{n} {name}" for name, n in rows["status"].value_counts().items())
        return {
            f"Levers switched off: {self.title}": told[lever].drop(columns="change [%]"),
            f"Largest effects of assumptions, {count}; {states}": told[names.isin(largest)],
        }

    def findings(self, rows: pd.DataFrame) -> Sequence[str]:
        """What the sheets refuse, and what has no optimum."""
        return [
            f"{row.status}: {row.sheet}: {row.quantity} {row.change:+.0%}: {row.message}"
            for row in rows[rows["status"].isin(["invalid", "failed"])].itertuples()
        ]

    def draw(self, axes: Axes, rows: pd.DataFrame) -> None:
        """The largest effects on the objective, down and up."""
        table = self.table(rows[rows["status"].isin(["solved", "same"])])
        table["name"] = table["sheet"] + ": " + table["quantity"]
        for sign, label in ((-1, "less"), (1, "more"), (0, "lever off")):
            own = table[np.sign(table["change"]) == sign].set_index("name")
            names = table["name"].unique()[: self.rows]
            axes.barh(names, own[OBJECTIVE].reindex(names) / 1e6, label=label)
        axes.invert_yaxis()
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel("effect on the objective [million CNY/a]")
        axes.set_title(f"What drives {self.title}, one at a time", loc="left")
        axes.legend(frameon=False, loc="lower right")


def park_series(project: Project, sheets: Sequence[str] = ()) -> Sequence[Series]:
    """Series of the project's park and cost sheets that are marked as assumption.

    The defaults of the package that the park uses are among them.

    Parameters
    ----------
    project
        The scenario with its folders.
    sheets
        Stems of sheets, such as ``prices`` or ``costs/reference``; all where it is empty.

    Raises
    ------
    InputError
        If a sheet has no assumption or does not exist.
    """
    standard = project.root / "configs" / "costs" / "reference"
    folders = [f for f in dict.fromkeys([project.cost_folder, standard]) if f.is_dir()]
    found = [*assumption_series(project.park_folder, folders, schemas())]
    for sheet, table in default_tables(project.park).items():
        found += series_of_table(sheet, table, schemas())
    known = sorted({s.sheet for s in found})
    if strange := sorted(set(sheets) - set(known)):
        message, remedy = "has no assumption", f"there are: {', '.join(known)}"
        raise InputError([Fault(name, message, remedy=remedy) for name in strange])
    return [s for s in found if not sheets or s.sheet in sheets]


STUDY = Sensitivity
