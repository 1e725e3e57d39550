"""What drives the result: a sorted table and a figure of its upper end."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.report.figures import PALETTE
from meishan_model.report.numbers import number

EFFECTS = {
    "effect_on_paid_cost [CNY/a]": ("paid", "MCNY/a", 1e6),
    "effect_on_objective [CNY/a]": ("objective", "MCNY/a", 1e6),
    "effect_on_net_emissions [tCO2/a]": ("net", "kt/a", 1e3),
    "effect_on_location_emissions [tCO2/a]": ("location", "kt/a", 1e3),
}
"""Heading, unit and scale of each effect: million CNY of 2020 and kt of CO2 a year."""
OBJECTIVE = "effect_on_objective [CNY/a]"


def sensitivity_report(table: pd.DataFrame, year: int, rows: int) -> RenderableType:
    """The levers, the quantities with the largest effects, and how many there are of each kind.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.sensitivity.sensitivity`.
    year
        The slice.
    rows
        Number of quantities to be shown.
    """
    levers, values = table[table["kind"] == "lever"], table[table["kind"] != "lever"]
    quantities = values.drop_duplicates(["sheet", "quantity"])
    shown = quantities.head(rows)[["sheet", "quantity"]]
    upper = values.merge(shown, on=["sheet", "quantity"])
    count = f"{len(shown)} of {len(quantities)} series"
    return Group(
        _table(levers, f"Levers switched off, {year}"),
        _table(upper, f"Largest effects of assumptions, {year}: {count}"),
        *_refused(table),
        Text(_sentence(table)),
    )


def _table(rows: pd.DataFrame, title: str) -> Table:
    grid = Table(title=Text(title), title_justify="left")
    grid.add_column("quantity", overflow="fold")
    grid.add_column("change", justify="right", no_wrap=True)
    for name, unit, _ in EFFECTS.values():
        grid.add_column(Text(f"{name}\n[{unit}]"), justify="right", no_wrap=True)
    for _, row in rows.iterrows():
        change = "off" if row["kind"] == "lever" else f"{row['change']:+.0%}"
        cells = [
            number(float(row[column]) / scale, 3, sign=True)
            for column, (*_, scale) in EFFECTS.items()
        ]
        if row["status"] in ("invalid", "failed"):
            cells = [str(row["status"])] * len(EFFECTS)
        grid.add_row(Text(f"{row['sheet']}: {row['quantity']}"), change, *cells)
    return grid


def _refused(table: pd.DataFrame) -> list[Text]:
    wrong = table[table["status"].isin(["invalid", "failed"])]
    return [
        Text(
            f"{row['status']}: {row['sheet']}: {row['quantity']} {row['change']:+.0%}: "
            f"{row['message']}",
            "yellow",
        )
        for _, row in wrong.iterrows()
    ]


def _sentence(table: pd.DataFrame) -> str:
    status = table["status"].value_counts()
    parts = [f"{status[name]} {name}" for name in status.index]
    return (
        f"{len(table)} variants: {', '.join(parts)}. Same: the optimum provably stays (the slice "
        "does not see the number, or only bounds differ that do not bind). One at a time; "
        "published and derived numbers are not varied. Sorted by the effect on the objective. "
        "MCNY are million CNY of 2020, kt of CO2 are net: market-based, and location-based."
    )


def save_sensitivity_figure(table: pd.DataFrame, year: int, rows: int, path: Path) -> None:
    """Draw the largest effects on the objective as a tornado.

    Parameters
    ----------
    table, year, rows
        As for :func:`sensitivity_report`.
    path
        PNG or SVG file to write.
    """
    values = table[table["status"].isin(["solved", "same"])]
    shown = values.drop_duplicates(["sheet", "quantity"]).head(rows)
    names = [f"{s}: {q}" for s, q in zip(shown["sheet"], shown["quantity"], strict=True)]
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(9, 1.0 + 0.24 * max(len(shown), 1)), layout="constrained")
        axes = figure.subplots()
        for sign, colour, label in (
            (-1, PALETTE["wind"], "less"),
            (1, PALETTE["flexible loads"], "more"),
            (0, PALETTE["loads"], "lever off"),
        ):
            own = values[np.sign(values["change"]) == sign]
            effect = own.set_index(["sheet", "quantity"])[OBJECTIVE]
            keys = pd.MultiIndex.from_frame(shown[["sheet", "quantity"]])
            axes.barh(names, effect.reindex(keys).to_numpy() / 1e6, color=colour, label=label)
        axes.invert_yaxis()
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel("effect on the objective [million CNY/a]")
        axes.set_title(f"What drives {year}, one at a time", loc="left")
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(path, dpi=150)
