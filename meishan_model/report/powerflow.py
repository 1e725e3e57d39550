"""A solved slice on its grid: the study, and its tables for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.tables import loss_difference
from meishan_model.console import number, numbers, percent, text_table
from meishan_model.planning.project import Project
from meishan_model.powerflow import study as powerflow
from meishan_model.powerflow.feeders import LARGER, NONE
from meishan_model.progress import Progress
from meishan_model.report.figures import save_network_diagram
from meishan_model.results.files import write_atomically
from meishan_model.results.runs import scenario_lock
from meishan_model.results.scale import OWN, Money, amount, money, scale_of, short
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid

_SHOWN, _CHANGED = 12, 8
"""Rows of a table of power flow, and of what its losses change."""


@dataclass(frozen=True)
class GridCheck:
    """A solved slice on its grid: what was found, and where it lies.

    Attributes
    ----------
    study, grid
        The study and its sheets.
    solved, result
        Files of the slice and of its power flow.
    before
        The slice as it was planned.
    agreement
        Where it was solved again with the losses found: the rounds.
    """

    study: powerflow.GridStudy
    grid: GridSheets
    solved: Path
    result: Path
    before: xr.Dataset
    agreement: powerflow.LossAgreement | None

    @property
    def diagram(self) -> Path:
        """File of the one-line diagram."""
        return self.result.with_suffix(".svg")

    def __rich__(self) -> RenderableType:
        """What the losses of the power flow changed, and the study."""
        found = powerflow_report(self.study, self.grid, money(self.before))
        if self.agreement is None:
            return found
        return Group(agreement_report(self.before, self.agreement), found)


def check_grid(project: Project, year: int, agree: bool, told: Progress) -> GridCheck:
    """Study a solved slice on its grid, and write every hour and the diagram beside it.

    Parameters
    ----------
    project, year
        The scenario with its folders, and the slice.
    agree
        Whether the slice is solved again with the losses found, and feeders that overload are
        laid; that slice lies beside the first.
    told
        Is told each stage.

    Raises
    ------
    InputError
        If the park has no sheets of a grid, or they do not fit the slice.
    SolverError
        If a power flow has no solution.
    """
    grid, before = read_grid(project.park), project.open_result(year)
    rate = project.slices[year].parameters["discount_rate"]
    solved, ds, agreement = project.result_path(year), before, None
    if agree:
        told.stage("losses of the plan and of the power flow, round by round")
        agreement = powerflow.agree_with_grid(project, before, grid, rate)
        solved = project.result_path(year, suffix=powerflow.AGREED_SUFFIX)
        ds = agreement.dataset.assign_attrs(agreed_from=before.attrs["inputs_sha256"])
    told.stage("power flow of all hours, outages, hosting capacity")
    study = powerflow.grid_study(ds, grid, rate, lay_feeders=agree)
    found = GridCheck(study, grid, solved, powerflow.powerflow_path(solved), before, agreement)
    with scenario_lock(solved.parent):
        if agree:
            ds = ds.assign_attrs(powerflow.feeder_attributes(study))
            write_atomically(ds, solved)
        write_atomically(powerflow.study_dataset(study, ds, grid), found.result)
        save_network_diagram(study, found.diagram)
    return found


def powerflow_report(
    study: powerflow.GridStudy, grid: GridSheets, shown: Money = OWN
) -> RenderableType:
    """Worst hours, losses, N-1, hosting capacity and indicators of a study.

    Parameters
    ----------
    study, grid
        The study and its sheets.
    shown
        In which money.
    """
    return Group(
        _worst(study.worst_hours),
        _losses(study.losses),
        *_feeders(study, shown),
        *_contingencies(study.contingencies),
        _hosting(study.hosting),
        _indicators(study.indicators),
        _verdict(study, grid),
    )


def _worst(rows: pd.DataFrame) -> Table:
    texts, heads = ("hour", "element", "what"), ("value", "limit")
    table = text_table("Hours closest to a limit", texts, heads)
    for _, row in rows.iterrows():
        voltage = row["quantity"] == "voltage"
        value, limit = (
            f"{number(x, 3)} p.u." if voltage else percent(x) for x in (row["value"], row["limit"])
        )
        style = "bold red" if row["severity"] > 1.0 else None
        stamp = row["time"].strftime("%m-%d %H:%M")
        table.add_row(stamp, str(row["element"]), str(row["quantity"]), value, limit, style=style)
    return table


def _losses(rows: pd.DataFrame) -> Table:
    title = "Energy through each element, losses in the plan and in the AC power flow"
    through = scale_of(rows["through"], "MWh", "GWh")
    lost = scale_of(rows[["optimiser", "power_flow"]], "MWh")
    heads = (through.unit, f"plan [{lost.unit}]", f"AC [{lost.unit}]", "share")
    table = text_table(title, ("element",), heads)
    total = rows[["through", "optimiser", "power_flow"]].sum()
    for name, row in [*rows.iterrows(), ("all", total)]:
        share = row["power_flow"] / row["through"] if row["through"] > 0 else 0.0
        table.add_row(
            str(name),
            number(row["through"] / through.divisor, 1),
            *numbers(row[["optimiser", "power_flow"]].astype(float) / lost.divisor, 0),
            percent(share, 2) if name != "all" else "",
            style="bold" if name == "all" else None,
        )
    return table


def _feeders(study: powerflow.GridStudy, shown: Money) -> list[RenderableType]:
    """What is laid or would have to be, and what it costs."""
    rows = study.feeders
    if rows.empty:
        return []
    state = "laid" if study.feeders_laid else "needed; --agree lays them"
    cost = scale_of(rows["annuity"], "CNY/a", "thousand CNY/a", shown=shown)
    heads = ("km", "loading", "after", "voltage [p.u.]", "then", short(cost.unit))
    table = text_table(f"Reinforcement of feeders, {state}", ("line", "measure"), heads)
    for name, row in rows.head(_SHOWN).iterrows():
        laid = f"x {row['type']}" if row["measure"] == LARGER else "circuits"
        table.add_row(
            str(name),
            NONE if row["measure"] == NONE else f"{row['circuits']} {laid}",
            number(row["length"], 1),
            *(percent(row[c]) for c in ("loading_before", "loading_after")),
            *numbers(row[["voltage_before", "voltage_after"]], 3),
            number(row["annuity"] / cost.divisor, 0),
        )
    costs = amount(float(rows["investment"].sum()), "CNY", "million CNY", 2, shown)
    yearly = amount(float(rows["annuity"].sum()), "CNY/a", "million CNY/a", 2, shown)
    full = int((rows["overload_hours"] > 0).sum())
    text = (
        f"{full} lines beyond their limit, {len(rows) - full} strengthened for the voltage: "
        f"{costs}, {yearly}, not in the slice's costs."
    )
    return [table, Text(text)]


def _contingencies(rows: pd.DataFrame) -> list[RenderableType]:
    if rows.empty:
        return []
    bad = rows[~rows["secure"].astype(bool)]
    closed = int((rows["closed_tie"] != "").sum())
    text = (
        f"N-1: {len(rows)} outages, {closed} of them with the ring closed; "
        f"{len(bad)} leave something beyond a limit or without supply."
    )
    if bad.empty:
        return [Text(text)]
    lost = scale_of(bad["unsupplied_load"], "MW")
    texts, heads = ("out", "closed", "fullest"), ("loading", "p.u.", f"lost [{lost.unit}]")
    table = text_table("Outages that are not secure", texts, heads)
    for name, row in bad.head(_SHOWN).iterrows():
        table.add_row(
            str(name),
            str(row["closed_tie"]),
            str(row["branch"]),
            percent(row["loading"]),
            number(row["voltage"], 3),
            number(row["unsupplied_load"] / lost.divisor, 1),
        )
    return [Text(text), table]


def _hosting(rows: pd.DataFrame) -> Table:
    columns = ["installed", "capacity"]
    unit, divisor = scale_of(rows[columns], "MW")
    heads = (f"stands [{unit}]", f"more [{unit}]")
    table = text_table("Hosting capacity for PV, each zone alone", ("zone",), heads, ("limit",))
    for name, row in rows.iterrows():
        power = numbers(row[columns].astype(float) / divisor, 0)
        table.add_row(str(name), *power, str(row["limit"]))
    return table


def _indicators(rows: pd.DataFrame) -> Table:
    table = text_table("Indicators", ("indicator",), ("value",), ("unit",))
    for name, row in rows.iterrows():
        unit, divisor = scale_of(row["value"], str(row["unit"]))
        is_share = unit == "1"
        value = percent(row["value"], 1) if is_share else number(row["value"] / divisor, 1)
        table.add_row(str(name).replace("_", " "), value, "" if is_share else unit)
    return table


def _verdict(study: powerflow.GridStudy, grid: GridSheets) -> Text:
    difference = loss_difference(study.losses)
    within = abs(difference) <= grid.parameter("loss_tolerance")
    text = Text(
        f"Losses of the optimiser are {percent(difference, 1, sign=True)} off those of the power "
        "flow" + (".\n" if within else ": the loss shares of network.csv do not fit this slice.\n")
    )
    if study.violations.empty:
        return text.append("No voltage and no loading is beyond its limit in any hour.")
    for _, row in study.violations.head(_SHOWN).iterrows():
        text.append(
            f"VIOLATION {row['quantity']} of {row['element']}: {row['hours']} h, "
            f"worst {number(row['value'], 3)}\n",
            style="bold red",
        )
    return text


def agreement_report(before: xr.Dataset, agreement: powerflow.LossAgreement) -> RenderableType:
    """Rounds, losses by element, and what changes in the plan.

    Parameters
    ----------
    before
        The slice with the losses of ``network.csv``.
    agreement
        The slice with the losses found.
    """
    rounds = ", ".join(percent(x, 1, sign=True) for x in agreement.differences)
    verdict = "they agree" if agreement.agreed else "they do NOT agree"
    first = Text(
        f"Losses of the plan against the AC power flow, round by round: {rounds}; {verdict}."
    )
    if len(agreement.differences) == 1:
        return first
    return Group(first, _shares(agreement), _changes(before, agreement.dataset))


def _shares(agreement: powerflow.LossAgreement) -> Table:
    table = text_table("Losses for network.csv", ("element",), ("loss [%]",))
    for element, share in agreement.table["share"].items():
        table.add_row(str(element), number(100.0 * share, 2))
    return table


def _changes(before: xr.Dataset, after: xr.Dataset) -> Table:
    """Cost and the capacities that change most, before and after."""
    table = text_table("The slice before and after", ("",), ("before", "after"))
    objective = np.array([ds.attrs["objective"] for ds in (before, after)])
    unit, divisor = scale_of(objective, "CNY/a", "million CNY/a", 2, money(before))
    table.add_row(Text(f"objective [{unit}]"), *numbers(objective / divisor, 2))
    old, new = before["capacity"].to_series(), after["capacity"].to_series()
    change = (new - old).abs().sort_values(ascending=False)
    units = before["asset_unit"].to_series()
    for asset in change.index[change > 0.0][:_CHANGED]:
        sizes = np.array([old[asset], new[asset]])
        unit, divisor = scale_of(sizes, str(units[asset]))
        table.add_row(Text(f"{asset} [{unit}]"), *numbers(sizes / divisor, 1))
    return table
