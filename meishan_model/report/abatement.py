"""The marginal abatement cost curve: a table with its identities, and a figure."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.report.labels import colour_of_item
from meishan_model.report.numbers import number, numbers

FINDING = 1.0
"""Penalty [CNY/a] from which on it is told as a finding."""
COLUMNS = (
    ("net", "kt/a"),
    ("abates", "kt/a"),
    ("location", "kt/a"),
    ("paid", "MCNY/a"),
    ("costs", "MCNY/a"),
    ("per t", "CNY"),
)
"""Columns with their units: kt of CO2 and million CNY a year, CNY per tonne of CO2."""
ORDER = (
    "Order of attribution: demand before supply, then sinks, green power, certificates and "
    "credits; a lever is charged with what it does after those above it. Every step minimises "
    "the same cost, with the plan's carbon value as the price of a tonne; costs are money paid, "
    "kt of CO2 are market-based but for the column location, MCNY are million CNY of 2020."
)


def abatement_report(curve: pd.DataFrame, title: str) -> RenderableType:
    """The curve with the sums of its widths and areas.

    Parameters
    ----------
    curve
        Of :func:`~meishan_model.studies.abatement.curve`.
    title
        Scenario, year and hours.
    """
    shed = curve[curve["shedding [CNY/a]"] > FINDING]["lever"]
    findings = [Text(f"FINDING: demand is shed in the step {s}", "bold red") for s in shed]
    price = float(curve["carbon_price [CNY/tCO2]"].iloc[-1])
    value = f"Carbon value of the plan: {price:,.1f} CNY/tCO2."
    return Group(*findings, _table(curve, title), Text(f"{value} {ORDER}"))


def _table(curve: pd.DataFrame, title: str) -> Table:
    grid = Table(title=Text(f"Marginal abatement cost: {title}"), title_justify="left")
    grid.add_column("lever", overflow="fold")
    for name, unit in COLUMNS:
        grid.add_column(Text(f"{name}\n[{unit}]"), justify="right", no_wrap=True)
    for _, row in curve.iterrows():
        grid.add_row(
            str(row["lever"]),
            number(row["net_emissions [tCO2/a]"] / 1e3, 1),
            number(row["width [tCO2/a]"] / 1e3, 1),
            number(row["width_location [tCO2/a]"] / 1e3, 1),
            number(row["paid_cost [CNY/a]"] / 1e6, 1),
            number(row["area [CNY/a]"] / 1e6, 1),
            number(row["cost_per_tonne [CNY/tCO2]"], 0),
        )
    sums = curve[["width [tCO2/a]", "width_location [tCO2/a]", "area [CNY/a]"]].sum()
    widths = numbers(sums.iloc[:2] / 1e3, 1)
    mean = sums.iloc[2] / sums.iloc[0] if sums.iloc[0] > 0 else np.nan
    paid = number(sums.iloc[2] / 1e6, 1)
    grid.add_row("sum", "", *widths, "", paid, number(mean, 0), style="bold")
    return grid


def save_abatement_figure(curve: pd.DataFrame, title: str, path: Path) -> None:
    """Draw the curve: a box for each lever, its width the abatement, its area the cost.

    Parameters
    ----------
    curve, title
        As for :func:`abatement_report`.
    path
        PNG or SVG file to write.
    """
    drawn = curve[curve["cost_per_tonne [CNY/tCO2]"].notna()]
    left_out = curve["lever"].iloc[1:][~curve["lever"].iloc[1:].isin(drawn["lever"])]
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(9, 5), layout="constrained")
        axes = figure.subplots()
        widths = drawn["width [tCO2/a]"].to_numpy() / 1e3
        starts = np.concatenate([[0.0], np.cumsum(widths)[:-1]]) if len(widths) else widths
        boxes = zip(
            starts, widths, drawn["cost_per_tonne [CNY/tCO2]"], drawn["lever"], strict=True
        )
        for start, width, height, lever in boxes:
            colour, label = colour_of_item(str(lever)), f"{lever}: {height:,.0f}"
            axes.bar(start, height, width, align="edge", color=colour, label=label)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel("abatement, market-based net emissions [ktCO2/a]")
        axes.set_ylabel("rise of the paid cost [CNY/tCO2]")
        note = f"\nno abatement of their own: {', '.join(left_out)}" if len(left_out) else ""
        axes.set_title(f"Marginal abatement cost: {title}{note}", loc="left")
        if len(drawn):
            # Below the axes: boxes of negative cost leave no corner free.
            figure.legend(frameon=False, loc="outside lower center", ncols=3)
        figure.savefig(path, dpi=150)
