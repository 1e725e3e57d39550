"""The neutrality statement of each year and what the ledger holds, for terminal and page."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.errors import InputError
from meishan_model.ledger.facts import rows_of
from meishan_model.ledger.sources import statement_sources
from meishan_model.ledger.statement import MEMO, SUMS, net_range, neutrality_statement, sink_rates
from meishan_model.pathway.project import Project
from meishan_model.report.labels import Labels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class YearStatement:
    """The statement of one year.

    Attributes
    ----------
    year
        Its year.
    table
        As :func:`~meishan_model.ledger.statement.neutrality_statement` gives it.
    net_range
        Lowest and highest market-based net emissions if the sinks are at the ends of their range
        [tCO2/a]; ``None`` where the sheet gives no range.
    """

    year: int
    table: pd.DataFrame
    net_range: tuple[float, float] | None


def year_statement(project: Project, year: int, ds: xr.Dataset) -> YearStatement:
    """The statement of a solved slice, with sources from the sheets on disk.

    Parameters
    ----------
    project
        The scenario with its folders.
    year
        Year of the slice.
    ds
        The slice.

    Raises
    ------
    InputError
        If the slice was solved before slices said what their statement needs.
    """
    sources = statement_sources(project.park, project.scenario, year)
    table = neutrality_statement(ds, sources)
    rates = sink_rates(project.slices[year].contracts)
    return YearStatement(year, table, net_range(table, rates))


def year_statements(
    project: Project, slices: Mapping[int, xr.Dataset]
) -> dict[int, YearStatement]:
    """Statements of all slices that can give one; the log names those that cannot."""
    found = {}
    for year, ds in slices.items():
        try:
            found[year] = year_statement(project, year, ds)
        except InputError as error:
            logger.warning("%s has no neutrality statement in the report: %s", year, error)
    return found


def statement_rows(statement: YearStatement) -> list[dict[str, Any]]:
    """Rows of the page, each with the keys of its labels and whether it is a sum or a memo."""
    return [
        {
            **row,
            "label": f"statement.{row['part']}",
            "item_label": f"carrier.{row['item']}" if row["item"] else "",
            "vintage": "" if math.isnan(row["vintage"]) else f"{row['vintage']:.0f}",
            "style": _style(row["part"]),
        }
        for row in rows_of(statement.table)
    ]


def _style(part: str) -> str:
    if part in SUMS:
        return "sum"
    return "memo" if part in MEMO else ""


def statement_text(statement: YearStatement, labels: Labels) -> RenderableType:
    """The statement as a table in English, with where its numbers come from below it."""
    title = Text(f"Neutrality statement {statement.year} [tCO2/a]")
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("amount", "location-based", "market-based"):
        table.add_column(name, justify="right")
    for row in statement_rows(statement):
        name = labels.text(row["label"], "en")
        name += f": {labels.text(row['item_label'], 'en')}" if row["item"] else ""
        name += f" ({labels.text('statement.vintage', 'en')} {row['vintage']})" * bool(
            row["vintage"]
        )
        amount = "" if math.isnan(row["amount"]) else f"{row['amount']:,.1f} {row['unit']}"
        style = {"sum": "bold", "memo": "dim"}.get(row["style"])
        figures = (_tonnes(row["location_based"]), _tonnes(row["market_based"]))
        table.add_row(Text(name), amount, *figures, style=style)
    cited = dict.fromkeys(statement.table["source"])
    sources = [Text(f"  {text}", style="dim") for text in cited if text]
    return Group(table, *_range_lines(statement), Text("Sources:"), *sources)


def _range_lines(statement: YearStatement) -> list[Text]:
    if statement.net_range is None:
        return []
    low, high = (f"{value:,.1f}" for value in statement.net_range)
    return [Text(f"With the sinks at the ends of their range, net is {low} to {high} tCO2/a.")]


def _tonnes(value: float) -> str:
    return "" if math.isnan(value) else f"{round(value, 1) + 0.0:,.1f}"


def ledger_table(states: Mapping[int, str], statements: Mapping[int, pd.DataFrame]) -> Table:
    """What the ledger says of each year: certificates [GWh], sinks, credits and net [ktCO2].

    Parameters
    ----------
    states
        What happened to each year, in words.
    statements
        Statement of each year, made from the ledger.
    """
    title = Text("Carbon ledger [GWh/a, ktCO2/a]")
    table = Table(title=title, title_justify="left", padding=0)
    table.add_column("year", no_wrap=True)
    table.add_column("", no_wrap=True)
    parts = ("local_use", "export", "sold_to_grid", "green_power", "certificate")
    for name in (*parts, "sink", "credit", "net"):
        table.add_column(name.replace("_", " "), justify="right", overflow="fold")
    for year, statement in statements.items():
        by_part = statement.groupby("part")[["amount", "market_based"]].sum()
        amounts = by_part["amount"].reindex(parts, fill_value=0.0)
        tonnes = by_part["market_based"].reindex(["sink", "credit", "net"], fill_value=0.0)
        cells = [_tonnes(value / 1e3) for value in (*amounts, *tonnes)]
        table.add_row(str(year), states.get(year, ""), *cells)
    return table


def difference_table(differences: pd.DataFrame) -> Table:
    """Rows in which the ledger and the result files differ [kWh, kgCO2]."""
    table = Table(title="Ledger against result files", title_justify="left")
    for name in ("subject", "row"):
        table.add_column(name)
    for name in ("ledger", "recomputed"):
        table.add_column(name, justify="right")
    for row in rows_of(differences):
        figures = (row["ledger"], row["recomputed"])
        cells = ("" if math.isnan(value) else f"{value:,.10g}" for value in figures)
        table.add_row(Text(row["subject"]), Text(row["row"]), *cells)
    return table
