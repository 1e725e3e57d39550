"""Tables and figures of studies: cost against emissions, marginal abatement cost, sensitivity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.console import finding, number, numbers, percent, text_table
from meishan_model.report.figures import printed
from meishan_model.report.labels import colour_of_item
from meishan_model.sheets.views import GROUPS

_ABATEMENT = (
    *("net\n[kt/a]", "abates\n[kt/a]", "location\n[kt/a]"),
    *("paid\n[MCNY/a]", "costs\n[MCNY/a]", "per t\n[CNY]"),
)
"""Columns with their units: kt of CO2 and million CNY a year, CNY per tonne of CO2."""
_ORDER = (
    "Order of attribution: demand before supply, then sinks, green power, certificates and "
    "credits; a lever is charged with what it does after those above it. Every step minimises "
    "the same cost, with the plan's carbon value as the price of a tonne; costs are money paid, "
    "kt of CO2 are market-based but for the column location, MCNY are million CNY of 2020."
)


_EFFECTS = {
    "effect_on_paid_cost [CNY/a]": ("paid", "MCNY/a", 1e6),
    "effect_on_objective [CNY/a]": ("objective", "MCNY/a", 1e6),
    "effect_on_net_emissions [tCO2/a]": ("net", "kt/a", 1e3),
    "effect_on_location_emissions [tCO2/a]": ("location", "kt/a", 1e3),
}
"""Heading, unit and scale of each effect: million CNY of 2020 and kt of CO2 a year."""
_OBJECTIVE = "effect_on_objective [CNY/a]"


SHED = 1.0
"""Penalty [CNY/a] from which on it is told as a finding."""


def front_report(table: pd.DataFrame, points: pd.DataFrame) -> RenderableType:
    """The front of cost against cumulative emissions, and what lies behind each of its points.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.front.front_table`.
    points
        Of :func:`~meishan_model.studies.front.front_points`.
    """
    return Group(
        *_front_findings(points),
        _front(table, points["year"].nunique()),
        _front_by_year(points),
        Text(_front_sentence(points)),
    )


def _front(table: pd.DataFrame, slices: int) -> Table:
    heads = (
        *("theta\n[-]", "hours\n[h]", "allowed\n[MtCO2]", "emitted\n[MtCO2]"),
        *("location\n[MtCO2]", "paid\n[bn CNY]", "minimised\n[bn CNY]"),
    )
    found = text_table(
        "Cost against cumulative emissions", (), heads, ("cap binds in",), rigid=True
    )
    emitted = ["budget", "cumulative_emissions", "cumulative_emissions_location"]
    money = ["net_present_cost", "net_present_objective"]
    for _, row in table.reset_index().iterrows():
        everywhere = len(row["bound_years"].split()) == slices
        found.add_row(
            *(number(row["theta"]), str(row["hours"])),
            *numbers((row[name] / 1e6 for name in emitted), 3),
            *numbers((row[name] / 1e9 for name in money), 3),
            "all slices" if everywhere else row["bound_years"],
        )
    return found


def _front_by_year(points: pd.DataFrame) -> Table:
    """Net emissions and the carbon value of every slice, a row per point."""
    title = "Net emissions [ktCO2/a], with the carbon value [CNY/tCO2] of a cap that binds"
    years = sorted(points["year"].unique())
    found = text_table(title, (), ("theta", "hours\n[h]", *map(str, years)), rigid=True)
    for (theta, hours), group in points.groupby(["theta", "hours"]):
        cells = [_front_cell(row) for _, row in group.sort_values("year").iterrows()]
        found.add_row(number(theta), str(hours), *cells)
    return found


def _front_cell(row: pd.Series[float]) -> str:
    net = number(row["net_emissions"] / 1e3, 1)
    return f"{net}\n({number(row['carbon_value'], 0)})" if row["binds"] else net


def _front_findings(points: pd.DataFrame) -> list[Text]:
    found = []
    for name, text in (("shedding", "demand is shed"), ("gap", "emissions exceed the cap")):
        wrong = points[points[name] > 0.0]
        for theta, years in wrong.groupby("theta")["year"]:
            listed = ", ".join(map(str, sorted(years)))
            found.append(finding(f"theta {number(theta)}: {text} in {listed}"))
    return found


def _front_sentence(points: pd.DataFrame) -> str:
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
            map(number, sorted(group.index.get_level_values("theta")))
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
    with printed(path, (7, 5)) as figure:
        axes = figure.subplots()
        for hours, group in table.groupby(level="hours"):
            ordered = group.sort_values("cumulative_emissions")
            emitted = ordered["cumulative_emissions"] / 1e6
            for column, label, colour in (
                ("net_present_cost", "paid", GROUPS["electric equipment"]),
                (
                    "net_present_objective",
                    "with shadow carbon value and penalties",
                    GROUPS["shedding"],
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


def abatement_report(curve: pd.DataFrame, title: str) -> RenderableType:
    """The marginal abatement cost curve with the sums of its widths and areas.

    Parameters
    ----------
    curve
        Of :func:`~meishan_model.studies.abatement.curve`.
    title
        Scenario, year and hours.
    """
    shed = curve[curve["shedding [CNY/a]"] > SHED]["lever"]
    findings = [finding(f"demand is shed in the step {step}") for step in shed]
    price = float(curve["carbon_price [CNY/tCO2]"].iloc[-1])
    value = f"Carbon value of the plan: {number(price, 1)} CNY/tCO2."
    return Group(*findings, _abatement(curve, title), Text(f"{value} {_ORDER}"))


def _abatement(curve: pd.DataFrame, title: str) -> Table:
    found = text_table(f"Marginal abatement cost: {title}", ("lever",), _ABATEMENT, rigid=True)
    columns = ["net_emissions [tCO2/a]", "width [tCO2/a]", "width_location [tCO2/a]"]
    money = ["paid_cost [CNY/a]", "area [CNY/a]"]
    for _, row in curve.iterrows():
        found.add_row(
            str(row["lever"]),
            *numbers((row[name] / 1e3 for name in columns), 1),
            *numbers((row[name] / 1e6 for name in money), 1),
            number(row["cost_per_tonne [CNY/tCO2]"], 0),
        )
    width, location, area = curve[[*columns[1:], money[1]]].sum()
    mean = number(area / width if width > 0 else None, 0)
    widths = numbers((width / 1e3, location / 1e3), 1)
    found.add_row("sum", "", *widths, "", number(area / 1e6, 1), mean, style="bold")
    return found


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
    with printed(path, (9, 5)) as figure:
        axes = figure.subplots()
        widths = drawn["width [tCO2/a]"].to_numpy() / 1e3
        starts = np.concatenate([[0.0], np.cumsum(widths)[:-1]]) if len(widths) else widths
        boxes = zip(
            starts, widths, drawn["cost_per_tonne [CNY/tCO2]"], drawn["lever"], strict=True
        )
        for start, width, height, lever in boxes:
            colour, label = colour_of_item(str(lever)), f"{lever}: {number(height, 0)}"
            axes.bar(start, height, width, align="edge", color=colour, label=label)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel("abatement, market-based net emissions [ktCO2/a]")
        axes.set_ylabel("rise of the paid cost [CNY/tCO2]")
        note = f"\nno abatement of their own: {', '.join(left_out)}" if len(left_out) else ""
        axes.set_title(f"Marginal abatement cost: {title}{note}", loc="left")
        if len(drawn):
            # Below the axes: boxes of negative cost leave no corner free.
            figure.legend(frameon=False, loc="outside lower center", ncols=3)


def sensitivity_report(table: pd.DataFrame, year: int, rows: int) -> RenderableType:
    """The levers, the quantities with the largest effects, and how many there are of each kind.

    Parameters
    ----------
    table
        Of :func:`~meishan_model.studies.sensitivity_study.sensitivity`.
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
        _effects(levers, f"Levers switched off, {year}"),
        _effects(upper, f"Largest effects of assumptions, {year}: {count}"),
        *_refused(table),
        Text(_effects_sentence(table)),
    )


def _effects(rows: pd.DataFrame, title: str) -> Table:
    heads = (f"{name}\n[{unit}]" for name, unit, _ in _EFFECTS.values())
    found = text_table(title, ("quantity",), ("change", *heads), rigid=True)
    for _, row in rows.iterrows():
        change = "off" if row["kind"] == "lever" else percent(row["change"], sign=True)
        cells = [
            number(float(row[column]) / scale, 3, sign=True)
            for column, (*_, scale) in _EFFECTS.items()
        ]
        if row["status"] in ("invalid", "failed"):
            cells = [str(row["status"])] * len(_EFFECTS)
        found.add_row(Text(f"{row['sheet']}: {row['quantity']}"), change, *cells)
    return found


def _refused(table: pd.DataFrame) -> list[Text]:
    wrong = table[table["status"].isin(["invalid", "failed"])]
    told = []
    for _, row in wrong.iterrows():
        change = percent(row["change"], sign=True)
        text = f"{row['status']}: {row['sheet']}: {row['quantity']} {change}: {row['message']}"
        told.append(Text(text, "yellow"))
    return told


def _effects_sentence(table: pd.DataFrame) -> str:
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
    with printed(path, (9, 1.0 + 0.24 * max(len(shown), 1)), font=8) as figure:
        axes = figure.subplots()
        for sign, colour, label in (
            (-1, GROUPS["wind"], "less"),
            (1, GROUPS["flexible loads"], "more"),
            (0, GROUPS["loads"], "lever off"),
        ):
            own = values[np.sign(values["change"]) == sign]
            effect = own.set_index(["sheet", "quantity"])[_OBJECTIVE]
            keys = pd.MultiIndex.from_frame(shown[["sheet", "quantity"]])
            axes.barh(names, effect.reindex(keys).to_numpy() / 1e6, color=colour, label=label)
        axes.invert_yaxis()
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel("effect on the objective [million CNY/a]")
        axes.set_title(f"What drives {year}, one at a time", loc="left")
        axes.legend(frameon=False, loc="lower right")
