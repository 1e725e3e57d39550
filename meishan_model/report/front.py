"""The front of cost against cumulative emissions: tables and a figure."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.report.figures import PALETTE
from meishan_model.report.numbers import number


def front_report(table: pd.DataFrame, points: pd.DataFrame) -> RenderableType:
    """The front and what lies behind each of its points.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.front.front_table`.
    points
        Rows of :func:`~meishan_model.studies.front.solve_point`.
    """
    return Group(
        *_findings(points),
        _front(table, points["year"].nunique()),
        _by_year(points),
        Text(_sentence(points)),
    )


def _front(table: pd.DataFrame, slices: int) -> Table:
    grid = Table(title="Cost against cumulative emissions", title_justify="left")
    columns = ("theta", "hours", "allowed", "emitted", "location", "paid", "minimised")
    units = ("-", "h", "MtCO2", "MtCO2", "MtCO2", "bn CNY", "bn CNY")
    for name, unit in zip(columns, units, strict=True):
        grid.add_column(Text(f"{name}\n[{unit}]"), justify="right", no_wrap=True)
    grid.add_column("cap binds in", overflow="fold")
    emitted = ["budget", "cumulative_emissions", "cumulative_emissions_location"]
    money = ["net_present_cost", "net_present_objective"]
    for _, row in table.reset_index().iterrows():
        grid.add_row(
            f"{row['theta']:.4g}",
            f"{row['hours']}",
            *(f"{row[name] / 1e6:,.3f}" for name in emitted),
            *(f"{row[name] / 1e9:,.3f}" for name in money),
            "all slices" if len(row["bound_years"].split()) == slices else row["bound_years"],
        )
    return grid


def _by_year(points: pd.DataFrame) -> Table:
    """Net emissions and the carbon value of every slice, a row per point."""
    title = Text("Net emissions [ktCO2/a], with the carbon value [CNY/tCO2] of a cap that binds")
    grid = Table(title=title, title_justify="left")
    grid.add_column("theta", justify="right", no_wrap=True)
    grid.add_column(Text("hours\n[h]"), justify="right", no_wrap=True)
    years = sorted(points["year"].unique())
    for year in years:
        grid.add_column(str(year), justify="right", no_wrap=True)
    for (theta, hours), group in points.groupby(["theta", "hours"]):
        cells = [_cell(row) for _, row in group.sort_values("year").iterrows()]
        grid.add_row(f"{theta:.4g}", f"{hours}", *cells)
    return grid


def _cell(row: pd.Series[float]) -> str:
    net = number(row["net_emissions"] / 1e3, 1)
    return f"{net}\n({number(row['carbon_value'], 0)})" if row["binds"] else net


def _findings(points: pd.DataFrame) -> list[Text]:
    found = []
    for name, text in (("shedding", "demand is shed"), ("gap", "emissions exceed the cap")):
        wrong = points[points[name] > 0.0]
        for theta, years in wrong.groupby("theta")["year"]:
            listed = ", ".join(map(str, sorted(years)))
            found.append(Text(f"FINDING: theta {theta:.4g}: {text} in {listed}", "bold red"))
    return found


def _sentence(points: pd.DataFrame) -> str:
    loose = points[~points["binds"].astype(bool)].groupby("year").size()
    count = points.groupby(["theta", "hours"]).ngroups
    never = [str(year) for year, size in loose.items() if size == count]
    where = f"The cap binds at no theta in: {', '.join(never)}. " if never else ""
    return (
        f"{where}Costs are of 2020, discounted to the first year; paid leaves out the shadow "
        "carbon value and penalties, minimised has them. Each slice is least cost for its own "
        "year, so the front need not be monotone in cost. Emissions are net, market-based and "
        "location-based; allowed is what the caps add up to."
    )


def _points_with_names(
    emitted: pd.Series[float], cost: pd.Series[float]
) -> dict[tuple[float, float], str]:
    """Points with the thetas that lie there; caps that do not bind all give the same plan."""
    near = (emitted / max(0.02 * (emitted.max() - emitted.min()), 1e-9)).round()
    return {
        (float(emitted[group.index].mean()), float(cost[group.index].mean())): ", ".join(
            f"{theta:.4g}" for theta in sorted(group.index.get_level_values("theta"))
        )
        for _, group in near.groupby(near)
    }


def save_front_figure(table: pd.DataFrame, path: Path) -> None:
    """Draw the front: present value of the cost against cumulative net emissions.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.front.front_table`.
    path
        PNG or SVG file to write.
    """
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(7, 5), layout="constrained")
        axes = figure.subplots()
        for hours, group in table.groupby(level="hours"):
            ordered = group.sort_values("cumulative_emissions")
            emitted = ordered["cumulative_emissions"] / 1e6
            for column, label, colour in (
                ("net_present_cost", "paid", PALETTE["electric equipment"]),
                (
                    "net_present_objective",
                    "with shadow carbon value and penalties",
                    PALETTE["shedding"],
                ),
            ):
                marker = "o-" if hours == table.index.get_level_values("hours").min() else "s"
                name = f"{label}, {hours} h"
                axes.plot(emitted, ordered[column] / 1e9, marker, color=colour, label=name)
            cost = ordered["net_present_cost"] / 1e9
            for (x, y), names in _points_with_names(emitted, cost).items():
                axes.annotate(f"θ = {names}", (x, y), xytext=(4, 6), textcoords="offset points")
        axes.set_xlabel("cumulative net emissions, first year to target [MtCO2]")
        axes.set_ylabel("present value of the cost [billion CNY of 2020]")
        axes.set_title("Cost against cumulative emissions", loc="left")
        axes.legend(frameon=False)
        figure.savefig(path, dpi=150)
