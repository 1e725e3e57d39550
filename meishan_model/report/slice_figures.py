"""Interactive figures of a solved year, for a notebook and, drawn by the same rules, the page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from meishan_model.components.selection import flow_titles, flows_of_slice, step_of, year_of
from meishan_model.console import hovered
from meishan_model.errors import Fault, InputError
from meishan_model.report.hourly import Units, Wanted, in_suited_units, units_of
from meishan_model.report.hourly_series import Panel, Series, panels_of, series_of, title_of
from meishan_model.report.labels import Language, Words, colours_of_flows, words_of
from meishan_model.report.slice_sankey import energy_links
from meishan_model.results.scale import scale_of
from meishan_model.results.slice_file import week as weeks_of

FONT = "Inter, 'Segoe UI', 'Noto Sans CJK SC', 'Microsoft YaHei', 'WenQuanYi Zen Hei', sans-serif"
SCALE = "Cividis"
"""Colour scale of heat maps, safe for the colour-blind."""

_HEIGHTS = {"power": 3.0, "storage": 1.0, "price": 1.0, "exchange": 1.2}
_GAP = 0.045
_DATES = [
    {"dtickrange": [None, 86_399_999], "value": "%H:%M\n%m-%d"},
    {"dtickrange": [86_400_000, None], "value": "%m-%d\n%Y"},
]
"""Stamps in figures, which read the same in every language; limits in ms."""


LEGEND_BELOW = {"orientation": "h", "y": -0.12, "yanchor": "top"}
"""Of a legend in lines below its figure."""


def base_layout(title: str = "") -> dict[str, Any]:
    """Layout that all figures share, with a title that plotly reads as mark-up."""
    told = {"text": title} if title else {}
    return {
        "font": {"family": FONT, "size": 13, "color": "#22303c"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 64, "r": 16, "t": 44, "b": 40},
        "title": {"x": 0.0, "xref": "paper", "font": {"size": 15}, **told},
        "hoverlabel": {"align": "left"},
        "legend": {"traceorder": "normal", "font": {"size": 12}},
        "modebar": {
            **{"bgcolor": "rgba(0,0,0,0)", "color": "#9aa5ae", "activecolor": "#22303c"},
            "orientation": "h",
        },
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Axis with a title that names the unit."""
    line = {"gridcolor": "#e3e8ec", "zerolinecolor": "#5b6770", "zerolinewidth": 1}
    numbers = {"exponentformat": "none", "separatethousands": True}
    title_text = {"text": title, "font": {"size": 12}}
    return {"title": title_text, "automargin": True, **line, **numbers, **more}


def dispatch_layout(panels: Sequence[Panel], units: Units, words: Words) -> dict[str, Any]:
    """Layout of the hourly figure: its panels above each other, one time axis for all.

    Parameters
    ----------
    panels
        Those that are drawn, from above.
    units
        Units of the power panel.
    words
        What things are called.
    """
    layout, top = base_layout(), 1.0
    room = (1.0 - _GAP * (len(panels) - 1)) / sum(_HEIGHTS[p] for p in panels)
    for number, panel in enumerate(panels, start=1):
        height = room * _HEIGHTS[panel]
        told = ", ".join(map(words.unit, getattr(units, panel)))
        title = f"{words.plotly(f'panel.{panel}')}<br>[{told}]"
        suffix = "" if number == 1 else str(number)
        layout[f"yaxis{suffix}"] = axis(title, domain=[max(top - height, 0.0), top])
        top -= height + _GAP
    last = "" if len(panels) == 1 else str(len(panels))
    layout["xaxis"] = {
        **{"anchor": f"y{last}", "type": "date", "gridcolor": "#e3e8ec", "ticks": "outside"},
        **{"ticklen": 5, "tickcolor": "#e3e8ec"},
        **{"tickformatstops": _DATES, "hoverformat": "%Y-%m-%d %H:%M"},
    }
    layout |= {"hovermode": "x unified", "height": 250 + 130 * len(panels)}
    layout["legend"] |= LEGEND_BELOW
    return layout


def trace_style(s: Series, panels: Sequence[Panel], units: Units, words: Words) -> dict[str, Any]:
    """Trace of a series without its values; ``units`` are those of the power panel."""
    number = panels.index(s.panel) + 1
    stacked = s.kind != "line"
    told = html.escape(", ".join(getattr(units, s.panel)), quote=False)
    style: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "name": words.plotly(s.label),
        "legendgroup": s.label,
        "showlegend": s.panel != "exchange",
        "yaxis": "y" if number == 1 else f"y{number}",
        "xaxis": "x",
        "line": {"shape": "hv", "width": 0.4 if stacked else 1.6, "color": s.colour},
        "hovertemplate": f"{hovered('y', 2)} {told}",
    }
    if stacked:
        # What is used is a little paler than what is supplied; black loads must not turn into the
        # grey of purchase.
        opacity = 1.0 if s.kind == "supply" else 0.88
        fill = f"rgba({_rgb(s.colour)},{opacity})"
        style |= {"stackgroup": f"{s.panel} {s.kind}", "fillcolor": fill}
    return style


def dispatch_figure(
    ds: xr.Dataset,
    wanted: Wanted,
    week: int | None = None,
    by: str = "",
    language: Language = "en",
) -> go.Figure:
    """Hourly figure of a selection: power above and below zero, storage, price, exchange.

    Parameters
    ----------
    ds
        A slice by the result contract.
    wanted, by
        As for :func:`~meishan_model.report.hourly.dispatch`.
    week
        Week of the year from 1; all hours if none.
    language
        ``en`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such flow or week.
    """
    words = words_of(ds, language)
    (ds,) = in_suited_units([ds])
    hours = ds if week is None else weeks_of(ds, week)
    series = series_of(hours, wanted, by)
    panels = panels_of(series)
    times = pd.DatetimeIndex(hours["time"].to_numpy())
    units, title = units_of(ds, wanted), title_of(ds, wanted, week, words)
    layout = dispatch_layout(panels, units, words)
    layout["title"]["text"] = html.escape(title, quote=False)
    shown: set[str] = set()
    traces = []
    for s in series:
        style = trace_style(s, panels, units, words)
        style["showlegend"] = style["showlegend"] and s.label not in shown
        shown.add(s.label)
        traces.append({**style, "x": times, "y": s.hours * s.sign})
    # The legend of a bus with many flows needs room of its own.
    layout["height"] += 19 * max(0, -(-len(shown) // 3) - 4)
    return go.Figure({"data": traces, "layout": layout})


def flow_of(ds: xr.Dataset, flow: str) -> xr.Dataset:
    """The part of a slice that is one flow, which is named by the titles of both its ends.

    Raises
    ------
    InputError
        If there is no such flow; those that share a word with it are named.
    """
    flows = flow_titles(ds)
    if flow not in flows:
        words = [w for w in flow.split("->") if w]
        near = [f for f in flows if any(w in f for w in words)][:8]
        remedy = f"near to it: {', '.join(near)}" if near else "ds.mm.balance() names them"
        raise InputError([Fault("flow", "is not in the result", value=flow, remedy=remedy)])
    return ds.isel(flow=[flows.index(flow)])


def heat_map(ds: xr.Dataset, flow: str, language: Language = "en") -> go.Figure:
    """A flow as days x hours of the day.

    Parameters
    ----------
    ds, flow
        A slice and one of its flows, as ``grid_purchase->upstream``.
    language
        ``en`` or ``zh``.
    """
    words = words_of(ds, language)
    one = flow_of(in_suited_units([ds])[0], flow)
    values, unit = one["power"].to_numpy()[0], one["unit"].item()
    of_day = round(24 / step_of(ds))
    days = pd.DatetimeIndex(ds["time"].to_numpy())[::of_day]
    z = values[: of_day * len(days)].reshape(len(days), of_day).T
    layout = base_layout(f"{_flow_text(flow)}, {year_of(ds)} [{unit}]")
    layout["yaxis"] = axis(words.plotly("axis.hour of day"), dtick=6)
    layout["xaxis"] = {"type": "date", "tickformat": "%m-%d\n%Y"}
    trace = {"type": "heatmap", "x": days, "y": np.arange(of_day) * 24 / of_day, "z": z}
    trace |= {"colorscale": SCALE, "colorbar": {"title": {"text": unit}}}
    return go.Figure({"data": [trace], "layout": layout})


def duration_curve(ds: xr.Dataset, flow: str, language: Language = "en") -> go.Figure:
    """Hours of a flow sorted by size.

    Parameters
    ----------
    ds, flow
        A slice and one of its flows, as ``grid_purchase->upstream``.
    language
        ``en`` or ``zh``.
    """
    words = words_of(ds, language)
    one = flow_of(in_suited_units([ds])[0], flow)
    values, unit = one["power"].to_numpy()[0], one["unit"].item()
    layout = base_layout(f"{_flow_text(flow)}, {year_of(ds)}")
    layout["xaxis"] = axis(words.plotly("axis.share of hours"))
    layout["yaxis"] = axis(f"{words.plotly('panel.power')} [{unit}]")
    share = (np.arange(len(values)) + 0.5) / len(values) * 100.0
    colour = colours_of_flows(ds, flows_of_slice(one)).iloc[0]
    trace = {"type": "scatter", "mode": "lines", "line": {"color": colour, "width": 2}}
    trace |= {"x": share, "y": np.sort(values)[::-1], "name": str(year_of(ds))}
    return go.Figure({"data": [trace], "layout": layout})


def _flow_text(flow: str) -> str:
    return flow.replace("->", " → ").replace("<", "&lt;")


def sankey_figure(ds: xr.Dataset, words: Words) -> go.Figure:
    """Energy of the year from its sources to its uses.

    Parameters
    ----------
    ds
        A slice by the result contract.
    words
        What things are called.
    """
    links = energy_links(ds)
    unit, divisor = scale_of(links["energy"], "MWh", "GWh")
    names = list(dict.fromkeys([*links["source"], *links["target"]]))
    colours = links.drop_duplicates("source").set_index("source")["colour"]
    node = {
        "label": [words.plotly(name) for name in names],
        "color": [colours.get(name, "#2A2A2A") for name in names],
        "pad": 12,
        "thickness": 14,
        "line": {"width": 0},
    }
    link = {
        "source": [names.index(n) for n in links["source"]],
        "target": [names.index(n) for n in links["target"]],
        "value": (links["energy"] / divisor).round(4).tolist(),
        "color": [f"rgba({_rgb(c)},0.35)" for c in links["colour"]],
    }
    text = f"{words.plotly('figure.sankey')}, {year_of(ds)} [{unit}]"
    layout, ends = base_layout(text), len(set(links["target"]) - set(links["source"]))
    layout["height"] = max(560, 140 + 21 * ends)
    layout["margin"] |= {"l": 8, "r": 8, "b": 12}
    trace = {"type": "sankey", "node": node, "link": link, "valueformat": ",.1f"}
    trace |= {"valuesuffix": f" {unit}", "arrangement": "snap"}
    return go.Figure({"data": [trace], "layout": layout})


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
