"""The neutrality statement of each year and what the ledger holds, for console and page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.tables import Slices
from meishan_model.components.selection import hours_of
from meishan_model.console import number, text_table
from meishan_model.errors import Fault, InputError, warned
from meishan_model.ledger.database import LEDGER_NAME, open_ledger
from meishan_model.ledger.facts import rows_of, slice_document
from meishan_model.ledger.posting import post
from meishan_model.ledger.reading import differences, ledger_facts, unsound
from meishan_model.ledger.statement import (
    MEMO,
    SUMS,
    net_range,
    neutrality_statement,
    sink_rates,
    statement_of,
    statement_sources,
)
from meishan_model.planning.project import Project
from meishan_model.report.labels import Labels, labels_of
from meishan_model.results.scale import scale_of
from meishan_model.sheets.units import HOURS_OF_YEAR


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
    uncounted
        What contracts tell and nothing counts, with its unit, by contract and name.
    hours
        Hours of the slice; less than a year in a trial.
    sources_zh
        Each text in the column ``source`` in Chinese.
    labels
        What things are called.
    """

    year: int
    table: pd.DataFrame
    net_range: tuple[float, float] | None
    uncounted: Mapping[tuple[str, str], tuple[float, str]]
    hours: int
    sources_zh: Mapping[str, str]
    labels: Labels

    def __rich__(self) -> RenderableType:
        """The statement as a table in English; a number behind a line leads to its sources."""
        labels, title = self.labels, f"Neutrality statement {self.year} [tCO2/a]"
        heads = ("amount", "location-based", "market-based")
        table = text_table(title + _trial(self.hours), ("",), heads, rigid=True)
        texts = dict.fromkeys(text for text in self.table["source"] if text)
        places = {text: f"[{count}]" for count, text in enumerate(texts, start=1)}
        above = ""
        for row in statement_rows(self):
            style = {"sum": "bold", "memo": "dim"}.get(row["style"])
            name = labels.text(row["label"], "en")
            if row["item"]:
                if row["part"] != above:
                    table.add_row(Text(name), style=style)
                name = f"  {labels.text(row['item_label'], 'en')}"
            if row["vintage"]:
                name += f", {labels.text('statement.vintage', 'en')} {row['vintage']}"
            above = row["part"]
            amount = f"{_figure(row['amount'])} {row['unit']}" if row["unit"] else ""
            figures = (_figure(row["location_based"]), _figure(row["market_based"]))
            cited = f"{name} {places.get(row['source'], '')}".rstrip()
            table.add_row(Text(cited), amount, *figures, style=style)
        span = []
        if self.net_range is not None:
            low, high = (number(value, 1) for value in self.net_range)
            told = f"With the sinks at the ends of their range, net is {low} to {high} tCO2/a."
            span = [Text(told)]
        for (contract, what), (value, unit) in self.uncounted.items():
            named = f"{labels.thing(contract, 'en')}: {what.replace('_', ' ')}"
            span.append(Text(f"Not counted, {named} of {number(value, 0)} {unit}."))
        sources = [Text(f"{count} {text}", style="dim") for text, count in places.items()]
        return Group(table, *span, Text("Sources:"), *sources)


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
    table = neutrality_statement(ds, {line: cited.text() for line, cited in sources.items()})
    contracts = project.slices[year].contracts
    rates = sink_rates(contracts)
    uncounted = {
        (contract.contract, name): (contract.parameters[name], quantity.unit)
        for contract in contracts
        for name, quantity in contract.kind.told.items()
        if name in contract.parameters
    }
    sources_zh = {cited.text(): cited.text("zh") for cited in sources.values()}
    labels = labels_of(ds)
    hours, span = hours_of(ds), net_range(table, rates)
    return YearStatement(year, table, span, uncounted, hours, sources_zh, labels)


def year_statements(project: Project, slices: Slices) -> dict[int, YearStatement]:
    """Statements of all slices that can give one; the log names those that cannot."""
    found = {}
    for year, ds in slices.items():
        with warned(f"{year} has no neutrality statement in the report", InputError):
            found[year] = year_statement(project, year, ds)
    return found


def statement_rows(statement: YearStatement) -> list[dict[str, Any]]:
    """Rows of the page, each with the keys of its labels and whether it is a sum or a memo."""
    return [
        {
            **row,
            "label": f"statement.{row['part']}",
            "item_label": f"carrier.{row['item']}" if row["item"] else "",
            "vintage": "" if math.isnan(row["vintage"]) else str(int(row["vintage"])),
            "source_zh": statement.sources_zh.get(row["source"], row["source"]),
            "style": "sum" if row["part"] in SUMS else "memo" if row["part"] in MEMO else "",
        }
        for row in rows_of(statement.table)
    ]


def _trial(hours: int) -> str:
    return "" if hours == HOURS_OF_YEAR else f", a trial of {hours} hours scaled to the year"


def _figure(value: float) -> str:
    """A figure of the statement; nothing where the line has none."""
    return "" if math.isnan(value) else number(value, 1)


_LEDGER_ROWS = {
    "local_use": ("amount", "local, at home"),
    "export": ("amount", "local, sold"),
    "sold_to_grid": ("amount", "grid company's"),
    "green_power": ("amount", "green, bought"),
    "certificate": ("amount", "unbundled"),
    "sink": ("market_based", "sinks"),
    "credit": ("market_based", "credits"),
    "net": ("market_based", "net emissions"),
}
"""What the table of the ledger shows of each year: column and title by part of the statement."""
_LEDGER_NOTE = (
    "Certificates: of local power, cancelled by the park or gone to the city with what is sold; "
    "held by the grid company; of contracts, and bought without power, cancelled by the park. "
    "Sinks, credits and market-based net emissions are of CO2."
)


@dataclass(frozen=True)
class LedgerState:
    """What the carbon ledger of a scenario holds, and whether that is right.

    Attributes
    ----------
    path
        Its file.
    hours
        Hours of each slice.
    posted
        What happened to each year that was posted, in words.
    statements
        Neutrality statement of each year that was posted, summed from the ledger.
    faults
        What is wrong with the ledger itself, where it was verified.
    differences
        Rows in which ledger and result files differ [kWh, kgCO2], where it was verified.
    """

    path: Path
    hours: int
    posted: Mapping[int, str] = field(default_factory=dict)
    statements: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def is_sound(self) -> bool:
        """Whether the ledger is the same as the result files, row by row."""
        return not self.faults and self.differences.empty

    def __rich__(self) -> RenderableType:
        """What was posted, or what differs."""
        if self.posted:
            return ledger_table(self)
        differ = [] if self.differences.empty else [difference_table(self.differences)]
        return Group(*map(Text, self.faults), *differ)


def ledger_state(project: Project, verify: bool) -> LedgerState:
    """Post every solved slice to the ledger of a scenario, or compare the ledger with them.

    Parameters
    ----------
    project
        The scenario with its folders.
    verify
        Whether nothing is posted and the ledger is compared.

    Raises
    ------
    InputError
        If no slice is solved, or there is no ledger to verify.
    """
    path = project.scenario_folder / LEDGER_NAME
    solved = [year for year in project.years if project.result_path(year).is_file()]
    if not solved:
        remedy = f"solve some with: {project.command('pathway')}"
        raise InputError([Fault(str(path.parent), "there are no solved slices", remedy=remedy)])
    documents = {year: slice_document(project.open_result(year)) for year in solved}
    with open_ledger(path, create=not verify) as book:
        if verify:
            faults, rows = tuple(unsound(book)), differences(book, documents.values())
            return LedgerState(path, project.hours, faults=faults, differences=rows)
        posted = {y: post(book, d, supersede=True) for y, d in documents.items()}
        statements = {year: statement_of(ledger_facts(book, year)) for year in solved}
        return LedgerState(path, project.hours, posted, statements)


def ledger_table(state: LedgerState) -> RenderableType:
    """What the ledger says of each year: certificates, sinks, credits and net emissions."""
    years = [str(year) for year in state.statements]
    table = text_table("Carbon ledger by year", ("",), years, rigid=True, padding=0)
    columns = pd.DataFrame.from_dict(_LEDGER_ROWS, "index", columns=["column", "name"])
    of_years = {
        year: statement.groupby("part")[["amount", "market_based"]].sum()
        for year, statement in state.statements.items()
    }
    sums = pd.concat(of_years, axis=1).reindex(columns.index, fill_value=0.0).swaplevel(axis=1)
    for column, unit, largest in (("amount", "MWh", "GWh"), ("market_based", "tCO2", "ktCO2")):
        names = columns.loc[columns["column"] == column, "name"]
        values = sums.loc[names.index, column]
        scale = scale_of(values, unit, largest)
        told = scale.unit.removesuffix("CO2")
        for part, row in (values / scale.divisor).iterrows():
            style = "bold" if part in SUMS else None
            table.add_row(Text(f"{names[part]} [{told}]"), *map(_figure, row), style=style)
    happened = [
        Text(f"{outcome}: {', '.join(str(y) for y, o in state.posted.items() if o == outcome)}")
        for outcome in dict.fromkeys(state.posted.values())
    ]
    of_trial = _trial(state.hours)
    trial = [Text(f"Slices of each year{of_trial}.")] if of_trial else []
    return Group(table, Text(_LEDGER_NOTE), *trial, *happened)


def difference_table(differences: pd.DataFrame) -> Table:
    """Rows in which the ledger and the result files differ [kWh, kgCO2]."""
    heads = ("subject", "row"), ("ledger", "recomputed")
    table = text_table("Ledger against result files", *heads)
    for row in rows_of(differences):
        figures = (row["ledger"], row["recomputed"])
        # All digits: what differs may do so in the last of them.
        cells = ("" if math.isnan(value) else f"{value:,.10g}" for value in figures)
        table.add_row(Text(row["subject"]), Text(row["row"]), *cells)
    return table
