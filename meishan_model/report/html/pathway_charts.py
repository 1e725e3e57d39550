"""Figures of a pathway: capacities, energy, emissions, cost, cash flow, investment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import NET_SCOPES, NOT_PAID
from meishan_model.console import hovered, number
from meishan_model.report.bill import bills_of
from meishan_model.report.labels import Words, colour_of_item, colours_of, patterned, views_of
from meishan_model.report.slice_figures import LEGEND_BELOW, axis, base_layout
from meishan_model.report.summary import by_payer
from meishan_model.results.pathway_file import capacities, yearly
from meishan_model.results.scale import in_suited_units, scale_of
from meishan_model.sheets.views import FAMILIES

Chart = dict[str, Any]
Colours = Callable[[str], str]

_LINE = "#D55E00"
_SMALL = 5e-3
_ROOM = 0.075
"""Between panels beside each other, as a share of the figure."""


def pathway_charts(ds: xr.Dataset, words: Words) -> dict[str, Chart]:
    """All figures of a pathway.

    Parameters
    ----------
    ds
        A pathway by the result contract.
    words
        What things are called.

    Returns
    -------
    dict
        Name -> figure in plotly's JSON; capacities first, by family and unit.
    """
    charts = _capacity_charts(ds, words)
    final, unit = _suited(yearly(ds, "energy_mwh", "energy_carrier"), "MWh/a", "GWh/a", words)
    charts["energy"] = _stack(final, "carrier", unit, words, colours_of(ds))
    charts["emissions"] = _emission_chart(ds, words)
    cost = yearly(ds, "cost", "cost_category")
    paid = cost.drop(index=[*NOT_PAID], errors="ignore")
    paid, unit = _suited(paid, "CNY/a", "million CNY/a", words)
    charts["cost"] = _stack(paid, "category", unit, words)
    charts["cost"]["data"].append(_line(paid.sum(), words.plotly("word.paid")))
    payers = by_payer(yearly(ds, "cost", "cost_category", "payer"))
    if len(payers):
        payers, unit = _suited(payers, "CNY/a", "million CNY/a", words)
        charts["payers"] = _stack(payers, "payer", unit, words)
    if "bill" in ds:
        charts |= bill_charts(ds, words)
    if "cash_flow" in ds:
        cash, unit = _suited(yearly(ds, "cash_flow"), "CNY/a", "million CNY/a", words)
        charts["cash flow"] = _stack(cash, "category", unit, words)
    kinds = ("investment", "investment", "facility"), ("finance", "suited_finance", "finance")
    for name, table, dim in kinds:
        if table in ds:
            frame = pd.DataFrame(ds[table].transpose(dim, "phase").to_pandas())
            frame, unit = _suited(frame, "CNY", "million CNY", words)
            charts[name] = _stack(frame, dim, unit, words)
    for name, chart in charts.items():
        text = words.plotly(f"figure.{chart['layout'].get('meta', name)}")
        unit = chart["layout"].pop("unit")
        chart["layout"]["title"]["text"] = f"{text} [{unit}]"
    return charts


def _suited(
    frame: pd.DataFrame, unit: str, largest: str, words: Words
) -> tuple[pd.DataFrame, str]:
    """A table in the unit that suits it, as :func:`~meishan_model.results.scale.scale_of` says."""
    scale = scale_of(frame, unit, largest, shown=words.labels.money)
    return frame / scale.divisor, scale.unit


def _bar(years: list[str], values: Any, name: str, colour: str, pattern: str = "") -> Chart:
    marker: Chart = {"color": colour, "line": {"color": "white", "width": 0.5}}
    if pattern:
        dark = sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) < 330
        ink = "rgba(255,255,255,0.85)" if dark else "rgba(0,0,0,0.6)"
        marker["pattern"] = {"shape": pattern, "fgcolor": ink, "bgcolor": colour}
        marker["pattern"] |= {"size": 6, "solidity": 0.25, "fillmode": "replace"}
    return {"type": "bar", "x": years, "y": values, "name": name, "marker": marker}


def _stack(
    frame: pd.DataFrame, prefix: str, unit: str, words: Words, colour_of: Colours = colour_of_item
) -> Chart:
    """Stacked bars, a row of the frame a colour; what is nothing in every year is left out."""
    shown = frame[frame.abs().max(axis=1) >= _SMALL]
    columns = [str(c) for c in frame.columns]
    styles = patterned(map(str, shown.index), colour_of)
    names = {name: words.plotly(f"{prefix}.{name}") for name in styles}
    bars = [
        _bar(columns, row.round(4).tolist(), names[str(name)], *styles[str(name)])
        for name, row in shown.iterrows()
    ]
    return {"data": bars, "layout": _bar_layout(unit, words)}


def bill_charts(ds: xr.Dataset, words: Words) -> dict[str, Chart]:
    """The bill of each year by part, and by month of the last year, beside that before the plan.

    Where there is none before the plan, the months of the first year stand beside the last.
    """
    bills = bills_of(ds, "year")
    if not bills:
        return {}
    called = {name: words.plotly(f"when.{name}") for name in bills}
    years = pd.concat({called[name]: bill for name, bill in bills.items()}).swaplevel().dropna()
    years = years.sort_index(level=0, sort_remaining=False, kind="stable")
    first, last = ds.isel(year=0), ds.isel(year=-1)
    months = {
        f"{last['year'].item()} {called[name]}": bill
        for name, bill in bills_of(last, "month").items()
    }
    if len(months) < 2:
        ends = {str(end["year"].item()): bills_of(end, "month") for end in (first, last)}
        months = {year: found["bill"] for year, found in ends.items() if found}
    return {
        "bill": _bill_chart(years, "million CNY/a", words),
        "bill by month": _bill_chart(pd.concat(months), "million CNY", words),
    }


def _bill_chart(bills: pd.DataFrame, largest: str, words: Words) -> Chart:
    """Stacked parts of bills with their sum, rows in two levels, in the suited unit."""
    shown, unit = _suited(bills.fillna(0.0), largest.replace("million ", ""), largest, words)
    chart = _stack(shown.T, "bill", unit, words)
    total = _line(shown.sum(axis=1), words.plotly("word.sum"))
    chart["data"].append(total | {"mode": "markers"})
    for trace in chart["data"]:
        trace["x"] = [[str(x) for x in shown.index.get_level_values(k)] for k in (0, 1)]
    chart["layout"]["xaxis"] = {"type": "multicategory"}
    chart["layout"]["legend"]["y"] = -0.25  # below both levels of the axis
    return chart


def _bar_layout(unit: str, words: Words) -> Chart:
    text = words.unit(unit)
    layout = base_layout()
    layout |= {"barmode": "relative", "yaxis": axis(text), "unit": text, "bargap": 0.35}
    layout |= {"xaxis": {"type": "category"}, "height": 400}
    layout["legend"] |= LEGEND_BELOW
    layout["showlegend"] = True
    return layout


def _line(row: pd.Series[float], name: str, dash: str = "solid", colour: str = "#000000") -> Chart:
    years = [str(y) for y in row.index]
    values = [v if np.isfinite(v) else None for v in row.round(4).tolist()]
    line = {"color": colour, "width": 2, "dash": dash}
    marker = {"size": 6, "color": colour}
    return {
        **{"type": "scatter", "mode": "lines+markers", "x": years, "y": values},
        **{"name": name, "line": line, "marker": marker},
    }


def _emission_chart(ds: xr.Dataset, words: Words) -> Chart:
    """Emissions by scope to zero, with the net and the cap; the location-based sum beside it."""
    scopes = yearly(ds, "emissions", "scope")
    unit, divisor = scale_of(scopes, "tCO2/a", "ktCO2/a")
    scopes /= divisor
    counted = scopes.reindex([s for s in NET_SCOPES if s in scopes.index])
    chart = _stack(counted, "scope", unit, words)
    net, cap = (ds[name].to_series() / divisor for name in ("net_emissions", "emission_cap"))
    location = scopes.reindex(["scope1", "scope2_location"], fill_value=0.0).sum()
    lines = [_line(net, words.plotly("word.net"))]
    if np.isfinite(cap).any():
        lines.append(_line(cap, words.plotly("word.cap"), "dash", _LINE))
    name = words.plotly("scope.scope2_location")
    scope1 = words.plotly("scope.scope1")
    lines.append(_line(location, f"{scope1} + {name}", "dot", "#0072B2"))
    chart["data"] += lines
    return chart


def _capacity_charts(ds: xr.Dataset, words: Words) -> dict[str, Chart]:
    """Capacity by technology, in one figure for what can be compared: a family in one unit."""
    totals = in_suited_units(capacities(ds))
    totals = totals[totals.abs().max(axis=1) >= _SMALL]
    views = views_of(ds).reindex(totals.index.get_level_values(0), fill_value="")
    units = totals.index.get_level_values(1).to_numpy()
    charts: dict[str, Chart] = {}
    for family in dict.fromkeys([*FAMILIES, *views["family"]]):
        mine = (views["family"] == family).to_numpy()
        for unit in dict.fromkeys(units[mine]) if family else ():
            here = mine & (units == unit)
            rows, panels = totals[here].droplevel(1), views.loc[here, ["panel", "stands_for"]]
            if (panels["panel"] != "").all():
                chart = _panel_chart(rows, panels, unit, words, colours_of(ds))
            else:
                chart = _stack(rows, "technology", unit, words, colours_of(ds))
            chart["layout"]["meta"] = family
            charts[f"{family} {unit}" if family in charts else family] = chart
    return charts


def _panel_chart(
    rows: pd.DataFrame, panels: pd.DataFrame, unit: str, words: Words, colour_of: Colours
) -> Chart:
    """One small panel for each service, stacked by what its technologies stand for."""
    services = list(dict.fromkeys(panels["panel"]))
    suffixes = ["", *map(str, range(2, len(services) + 1))]
    layout = _bar_layout(unit, words)
    width = (1.0 - _ROOM * (len(services) - 1)) / len(services)
    layout["annotations"] = []
    bars = []
    seen: set[str] = set()
    years = [str(year) for year in rows.columns]
    for (service, thing), values in zip(panels.to_numpy(), rows.to_numpy(), strict=True):
        suffix = suffixes[services.index(service)]
        name = words.plotly(f"carrier.{thing}")
        bar = _bar(years, values.round(2).tolist(), name, colour_of(thing))
        bar |= {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "legendgroup": thing}
        bars.append(bar | {"showlegend": thing not in seen})
        seen.add(thing)
    for place, (service, suffix) in enumerate(zip(services, suffixes, strict=True)):
        left = place * (width + _ROOM)
        layout[f"xaxis{suffix}"] = {
            **{"domain": [left, left + width], "type": "category", "anchor": f"y{suffix}"},
            "tickangle": 90,
        }
        title = words.unit(unit) if place == 0 else ""
        layout[f"yaxis{suffix}"] = axis(title, anchor=f"x{suffix}", exponentformat="SI", nticks=6)
        layout["annotations"].append(
            {
                **{"text": words.plotly(f"duty.{service}"), "showarrow": False},
                **{"x": left + width / 2, "y": 1.0, "xref": "paper", "yref": "paper"},
                "yanchor": "bottom",
            }
        )
    layout["legend"]["y"] = -0.2
    layout["margin"]["t"] = 72
    return {"data": bars, "layout": layout}


def abatement_chart(curve: pd.DataFrame, year: int, words: Words) -> Chart:
    """Marginal abatement cost curve: a box for each lever, its width the abatement.

    Parameters
    ----------
    curve
        ``lever``, ``width [tCO2/a]``, ``cost_per_tonne [CNY/tCO2]``.
    year
        Year that it is of.
    words
        What things are called.
    """
    drawn = curve[curve["cost_per_tonne [CNY/tCO2]"].notna()]
    widths = drawn["width [tCO2/a]"].to_numpy(dtype=np.float64)
    unit, divisor = scale_of(widths, "tCO2/a", "ktCO2/a")
    widths /= divisor
    starts = np.cumsum(widths) - widths
    cost, cost_unit = words.labels.money.of(drawn["cost_per_tonne [CNY/tCO2]"], "CNY/tCO2")
    tonnes, per_tonne = (words.unit(u) for u in (unit, cost_unit))
    bars = [
        {
            **{"type": "bar", "x": [float(start)], "width": [float(width)], "offset": 0},
            **{"y": [float(height)], "name": words.plotly(f"lever.{lever}")},
            # A box may be too low or too narrow to be read against the scale.
            **{"text": [number(height, 0)], "textposition": "outside", "cliponaxis": False},
            **{"textangle": 0, "constraintext": "none"},
            "hovertemplate": f"{hovered('y', 0)} {per_tonne}<br>{number(width, 1)} {tonnes}",
            "marker": {"color": colour_of_item(lever), "line": {"color": "white", "width": 1}},
        }
        for start, width, height, lever in zip(starts, widths, cost, drawn["lever"], strict=True)
    ]
    layout = _bar_layout(unit, words)
    layout.pop("unit")
    text = f"{words.plotly('figure.abatement')}, {year} [{per_tonne}]"
    title = f"{words.plotly('axis.abatement')} [{tonnes}]"
    room = 0.04 * float(widths.sum())  # for the number of a narrow box at either end
    ends = [-room, float(widths.sum()) + room]
    layout |= {"xaxis": axis(title, type="linear", range=ends), "barmode": "overlay"}
    layout["yaxis"] = axis(f"{words.plotly('axis.cost per tonne')} [{per_tonne}]")
    layout["title"]["text"] = text
    layout["legend"]["y"] = -0.22  # below the title of the axis
    return {"data": bars, "layout": layout}
