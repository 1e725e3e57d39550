"""The comparison of pathways and of ways of planning: one table, and what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.report.console import finding, number, text_table
from meishan_model.sheets.units import HOURS_OF_YEAR

WIDTH = 180
"""Width of the table in characters where the terminal is narrower."""


class Column(NamedTuple):
    """A column: number of the line, heading with its unit, factor and decimals."""

    number: str
    heading: str
    factor: float
    decimals: int


COLUMNS = (
    Column("net_present_cost", "net present\ncost, by\nvintages\n[bn CNY]", 1e-9, 3),
    Column("net_present_cost_by_slices", "as in\npathway.nc\n\n[bn CNY]", 1e-9, 3),
    Column("net_present_objective", "what is\nminimised,\nvintages\n[bn CNY]", 1e-9, 3),
    Column("paid_in_target", "paid in\ntarget\nyear\n[M CNY/a]", 1e-6, 1),
    Column("cumulative_emissions", "cumulative\nemissions,\nmarket\n[MtCO2]", 1e-6, 3),
    Column("cumulative_emissions_location", "\n\nlocation\n[MtCO2]", 1e-6, 3),
    Column("emission_gap", "gap in\ntarget\nyear\n[tCO2/a]", 1.0, 0),
    Column("idle_in_target", "idle in\ntarget\nyear\n[M CNY/a]", 1e-6, 1),
    Column("energy_cost_per_gdp", "energy\ncost of\nGDP\n[%]", 100.0, 2),
    Column("abatement_cost", "tonne\nbelow\nusual\n[CNY/t]", 1.0, 0),
    Column("saving_share", "saved by\nmeasures\n\n[%]", 100.0, 1),
    Column("local_share_of_demand", "local\ngreen of\ndemand\n[%]", 100.0, 1),
)


def comparison(table: pd.DataFrame) -> RenderableType:
    """All plans in one table, then what keeps a pathway from zero and what else to know.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.comparison.compare`.
    """
    by_plan = table.groupby(["plan", "hours"], sort=False)
    plans = {(str(r["plan"].iloc[0]), int(r["hours"].iloc[0])): r for _, r in by_plan}
    return Group(_table(plans), *_sentences(plans), *_explanation(plans))


Plans = Mapping[tuple[str, int], pd.DataFrame]
"""Rows of each plan by its name and hours."""


def _table(plans: Plans) -> Table:
    heads = ("hours\na year", *(column.heading for column in COLUMNS))
    title = "Pathways and ways of planning"
    table = text_table(title, ("plan",), heads, pad_edge=False, rigid=True)
    last = None
    for (plan, hours), rows in plans.items():
        if last not in (None, hours):
            table.add_section()
        last = hours
        found = rows[rows["text"] == ""].set_index("quantity")["value"]
        values = [
            number(found.get(column.number, math.nan) * column.factor, column.decimals)
            for column in COLUMNS
        ]
        table.add_row(Text(plan), f"{hours}", *values)
    return table


def _sentences(plans: Plans) -> list[Text]:
    found = []
    for (plan, hours), rows in plans.items():
        where = f"{plan} ({hours} h)"
        failures, limits, notes = (
            list(rows.loc[rows["quantity"] == kind, "text"])
            for kind in ("failure", "limit", "note")
        )
        found += [finding(f"{where}: {failure}") for failure in failures]
        if limits:
            gap = number(rows.loc[rows["quantity"] == "emission_gap", "value"].sum(), 0)
            found.append(finding(f"{where} ends {gap} tCO2/a above zero: {'; '.join(limits)}"))
        found += [Text(f"{where}: {note}", "yellow") for note in notes]
    return found


def _explanation(plans: Plans) -> list[Text]:
    texts = [
        "By vintages: what a slice needs is built when first missing and pays the annuity of "
        "that year to the end of its life; in pathway.nc all new build pays the annuity of the "
        "slice's year. Money paid only, discounted to the first year. What is minimised holds the "
        "shadow carbon value and the penalties too; there no plan that can be built by vintages "
        "lies below foresight with the same caps and hours.",
        "Idle: annuities of what stands in the target year and is not needed. Tonne below usual: "
        "rise of the net present cost by vintages over the fall of cumulative emissions, against "
        "business as usual of the same hours.",
    ]
    trials = sorted({hours for _, hours in plans if hours != HOURS_OF_YEAR})
    if trials:
        hours = " and ".join(map(str, trials))
        texts.append(
            f"TRIAL: lines of {hours} hours are these hours times 8760 over their number; compare "
            "lines of the same hours only."
        )
    return [Text(text, "dim") for text in texts]
