"""The power flow of a slice for people: tables, and a one-line diagram coloured by loading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.tables import loss_difference
from meishan_model.console import number, numbers, percent, text_table
from meishan_model.planning.in_memory import LossAgreement
from meishan_model.powerflow.feeders import LARGER, NONE
from meishan_model.powerflow.study import GridStudy
from meishan_model.report.figures import printed
from meishan_model.sheets.grid import GridSheets

_SHOWN, _CHANGED = 12, 8
"""Rows of a table of power flow, and of what its losses change."""
_LABEL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}
_COLOURS = "viridis_r"
"""Perceptually uniform and safe for the colour-blind; dark is full."""


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

    study: GridStudy
    grid: GridSheets
    solved: Path
    result: Path
    before: xr.Dataset
    agreement: LossAgreement | None

    @property
    def diagram(self) -> Path:
        """File of the one-line diagram."""
        return self.result.with_suffix(".svg")

    def __rich__(self) -> RenderableType:
        """What the losses of the power flow changed, and the study."""
        found = powerflow_report(self.study, self.grid)
        if self.agreement is None:
            return found
        return Group(agreement_report(self.before, self.agreement), found)


def powerflow_report(study: GridStudy, grid: GridSheets) -> RenderableType:
    """Worst hours, losses, N-1, hosting capacity and indicators of a study.

    Parameters
    ----------
    study, grid
        The study and its sheets.
    """
    return Group(
        _worst(study.worst_hours),
        _losses(study.losses),
        *_feeders(study),
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
    table = text_table(title, ("element",), ("GWh", "plan [MWh]", "AC [MWh]", "share"))
    total = rows[["through", "optimiser", "power_flow"]].sum()
    for name, row in [*rows.iterrows(), ("all", total)]:
        share = row["power_flow"] / row["through"] if row["through"] > 0 else 0.0
        table.add_row(
            str(name),
            number(row["through"] / 1e3, 1),
            *numbers((row["optimiser"], row["power_flow"]), 0),
            percent(share, 2) if name != "all" else "",
            style="bold" if name == "all" else None,
        )
    return table


def _feeders(study: GridStudy) -> list[RenderableType]:
    """What is laid or would have to be, and what it costs."""
    rows = study.feeders
    if rows.empty:
        return []
    state = "laid" if study.feeders_laid else "needed; --agree lays them"
    heads = ("km", "loading", "after", "voltage [p.u.]", "then", "1000 CNY/a")
    table = text_table(f"Reinforcement of feeders, {state}", ("line", "measure"), heads)
    for name, row in rows.head(_SHOWN).iterrows():
        laid = f"x {row['type']}" if row["measure"] == LARGER else "circuits"
        table.add_row(
            str(name),
            NONE if row["measure"] == NONE else f"{row['circuits']} {laid}",
            number(row["length"], 1),
            *(percent(row[c]) for c in ("loading_before", "loading_after")),
            *numbers(row[["voltage_before", "voltage_after"]], 3),
            number(row["annuity"] / 1e3, 0),
        )
    costs = f"{number(study.feeder_investment / 1e6, 2)} million CNY"
    yearly = f"{number(study.feeder_annuity / 1e6, 2)} million CNY/a"
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
    texts, heads = ("out", "closed", "fullest"), ("loading", "p.u.", "lost [MW]")
    table = text_table("Outages that are not secure", texts, heads)
    for name, row in bad.head(_SHOWN).iterrows():
        table.add_row(
            str(name),
            str(row["closed_tie"]),
            str(row["branch"]),
            percent(row["loading"]),
            number(row["voltage"], 3),
            number(row["unsupplied_load"], 1),
        )
    return [Text(text), table]


def _hosting(rows: pd.DataFrame) -> Table:
    title, heads = "Hosting capacity for PV, each zone alone", ("stands [MW]", "more [MW]")
    table = text_table(title, ("zone",), heads, ("limit",))
    for name, row in rows.iterrows():
        table.add_row(str(name), *numbers(row[["installed", "capacity"]], 0), str(row["limit"]))
    return table


def _indicators(rows: pd.DataFrame) -> Table:
    table = text_table("Indicators", ("indicator",), ("value",), ("unit",))
    for name, row in rows.iterrows():
        share = row["unit"] == "1"
        value = percent(row["value"], 1) if share else number(row["value"], 1)
        unit = "" if share else str(row["unit"])
        table.add_row(str(name).replace("_", " "), value, unit)
    return table


def _verdict(study: GridStudy, grid: GridSheets) -> Text:
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


def agreement_report(before: xr.Dataset, agreement: LossAgreement) -> RenderableType:
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


def _shares(agreement: LossAgreement) -> Table:
    table = text_table("Losses for network.csv", ("element",), ("loss [%]",))
    for element, share in agreement.table["share"].items():
        table.add_row(str(element), number(100.0 * share, 2))
    return table


def _changes(before: xr.Dataset, after: xr.Dataset) -> Table:
    """Cost and the capacities that change most, before and after."""
    table = text_table("The slice before and after", ("",), ("before", "after"))
    objective = (before.attrs["objective"] / 1e6, after.attrs["objective"] / 1e6)
    table.add_row(Text("objective [million CNY/a]"), *numbers(objective, 2))
    old, new = before["capacity"].to_series(), after["capacity"].to_series()
    change = (new - old).abs().sort_values(ascending=False)
    units = before["asset_unit"].to_series()
    for asset in change.index[change > 0.0][:_CHANGED]:
        name = Text(f"{asset} [{units[asset]}]")
        table.add_row(name, *numbers((old[asset], new[asset]), 1))
    return table


def save_network_diagram(study: GridStudy, path: Path) -> None:
    """Draw the network where it lies, each branch coloured by its highest loading of the year.

    Solid lines are closed, dotted ones normally open; squares are stations, dots load nodes,
    triangles plants at 110 kV, red circles buses that leave the voltage band. The fullest line of
    each voltage is named.

    Parameters
    ----------
    study
        The study.
    path
        SVG or PNG file to write.
    """
    with printed(path, (11, 9)) as figure:
        axes = figure.subplots()
        colours = Normalize(0.0, 1.0)
        _draw_lines(axes, study, colours)
        _draw_buses(axes, study)
        _draw_stations(axes, study, colours)
        bar = ScalarMappable(colours, _COLOURS)
        figure.colorbar(bar, ax=axes, label="highest loading of the year [1]", shrink=0.7)
        latitude = float(study.flow.network.buses["latitude"].mean())
        axes.set_aspect(1.0 / np.cos(np.deg2rad(latitude)))
        axes.set_xlabel("longitude [deg E]")
        axes.set_ylabel("latitude [deg N]")
        year = study.flow.injections.time[0].year
        axes.set_title(f"Network in {year}, synthetic: no topology is published", loc="left")


def _draw_lines(axes: Axes, study: GridStudy, colours: Normalize) -> None:
    network = study.flow.network
    place = network.buses[["longitude", "latitude"]]
    ends = [place.loc[network.lines[side]].to_numpy() for side in ("from_bus", "to_bus")]
    segments = np.stack(ends, axis=1)
    highest = study.flow.state.loading.max(axis=0)[: len(network.lines)]
    high = network.buses["voltage"].loc[network.lines["to_bus"]].to_numpy() > 30e3
    closed = network.lines["to_closed"].to_numpy(dtype=bool)
    for mask, style, width in (
        (closed & high, "solid", 3.0),
        (closed & ~high, "solid", 1.6),
    ):
        lines = LineCollection(
            [*segments[mask]], cmap=_COLOURS, norm=colours, linewidths=width, linestyles=style
        )
        lines.set_array(highest[mask])
        axes.add_collection(lines)
    ties = LineCollection([*segments[~closed]], colors="#888888", linewidths=1.0, linestyles=":")
    axes.add_collection(ties)
    fullest = [np.flatnonzero(side)[highest[side].argmax()] for side in (high, ~high)]
    for i in fullest:
        middle = segments[i].mean(axis=0)
        axes.annotate(
            f"{network.lines.index[i]} {percent(highest[i])}",
            (middle[0], middle[1]),
            xytext=(6, -10),
            textcoords="offset points",
            fontsize=8,
            bbox=_LABEL,
            zorder=6,
        )
    axes.margins(0.07)
    axes.autoscale_view()


def _draw_buses(axes: Axes, study: GridStudy) -> None:
    buses = study.flow.network.buses
    nodes = buses[buses["feeder"] != ""]
    axes.scatter(nodes["longitude"], nodes["latitude"], s=6, color="#333333", zorder=3)
    ends = study.flow.network.lines["to_bus"]
    plants = buses[buses.index.isin(ends) & (buses["feeder"] == "") & (buses["voltage"] > 30e3)]
    stations = study.flow.network.transformers["from_bus"]
    plants = plants[~plants.index.isin(stations)]
    axes.scatter(
        plants["longitude"], plants["latitude"], s=60, marker="^", color="#56B4E9", zorder=4
    )
    for name, plant in plants.iterrows():
        axes.annotate(
            str(name).replace("_", " "),
            (plant["longitude"], plant["latitude"]),
            xytext=(6, 5),
            textcoords="offset points",
            fontsize=8,
        )
    bad = study.violations["element"][study.violations["quantity"] == "voltage"]
    there = buses.loc[buses.index.intersection(pd.Index(bad))]
    axes.scatter(
        there["longitude"], there["latitude"], s=40, facecolors="none", edgecolors="#D55E00"
    )


def _draw_stations(axes: Axes, study: GridStudy, colours: Normalize) -> None:
    """Transformer stations as squares in the colour of their loading, with name and loading."""
    network = study.flow.network
    highest = study.flow.state.loading.max(axis=0)[len(network.lines) :]
    place = network.buses.loc[network.transformers["to_bus"]]
    axes.scatter(
        place["longitude"],
        place["latitude"],
        c=highest,
        cmap=_COLOURS,
        norm=colours,
        marker="s",
        s=110,
        edgecolors="black",
        zorder=4,
    )
    columns = (place[name] for name in ("zone", "longitude", "latitude"))
    for name, zone, x, y, loading in zip(place.index, *columns, highest, strict=True):
        text = f"{zone or name} {percent(loading)}"
        axes.annotate(
            text,
            (x, y),
            xytext=(9, 7),
            textcoords="offset points",
            fontweight="bold",
            bbox=_LABEL,
            zorder=5,
        )
