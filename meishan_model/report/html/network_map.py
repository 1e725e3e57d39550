"""The network of a year where it lies: branches by their highest loading, voltages of buses."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from plotly.colors import sample_colorscale

from meishan_model.console import hovered, percent
from meishan_model.report.labels import LANGUAGES, Labels, Words
from meishan_model.report.slice_figures import LEGEND_BELOW, SCALE, axis, base_layout
from meishan_model.sheets.grid import GridSheets

_BEYOND = "#D55E00"
_CLASSES = 10
"""Classes of loading up to 1, each a trace: as many colours as a reader can tell apart."""

_ALONG = (0.2, 0.4, 0.6, 0.8)
"""Where along a line the pointer finds it."""

_HIGH_VOLTAGE = 35.0
"""Above this [kV] a line is drawn bold."""

Trace = dict[str, Any]


def network_map(flow: xr.Dataset, grid: GridSheets, labels: Labels) -> dict[str, Any]:
    """Figure of a power flow, in all languages.

    Parameters
    ----------
    flow
        A power flow by :mod:`meishan_model.powerflow.study`.
    grid
        The sheets that it was made of: where buses lie and what the branches connect.
    labels
        What things are called.

    Returns
    -------
    dict
        ``data`` and ``layout`` in plotly's JSON, and ``texts`` by language: the title, the titles
        of the axes, and for each trace what is to be laid over it. Loadings are the highest of
        the year [1], voltages over nominal [1], powers [MW].
    """
    buses = _bus_table(flow, grid)
    branches = _branch_table(flow)
    limit = grid.parameter("loading_limit")
    ends = {r.branch: (r.from_bus, r.to_bus, r.normally == "closed") for r in grid.lines}
    lines = _with_ends(ends, buses).join(branches)
    links = _with_ends({r.link: (r.from_bus, r.to_bus, True) for r in grid.dc_links}, buses)
    stations = _station_table(grid, buses, branches)
    thin = partial(_segments, width=1.5)
    traces = [
        *_loaded_lines(lines[lines["closed"]], limit),
        thin(lines[~lines["closed"]], "open", dash="dot", color="#9aa5ae"),
        thin(links, "direct current", dash="dash", color="#0072B2"),
        _line_targets(lines[lines["closed"]]),
        _bus_trace(buses),
        _outside_band(flow, buses),
        _station_trace(stations, limit),
    ]
    drawn = [trace for trace in traces if trace["x"]]
    year = int(flow.attrs["year"])
    texts = {
        str(words.language): {
            "title": f"{words.plotly('figure.network')}, {year} [%]",
            "axes": [words.plotly(f"map.{name}") for name in ("longitude", "latitude")],
            "traces": _trace_texts([trace["meta"] for trace in drawn], words),
            "annotations": _annotations(stations, words),
        }
        for words in (Words(labels, language) for language in LANGUAGES)
    }
    data = [{key: part for key, part in trace.items() if key != "meta"} for trace in drawn]
    return {"data": data, "layout": _layout(buses), "texts": texts}


def _bus_table(flow: xr.Dataset, grid: GridSheets) -> pd.DataFrame:
    """Place, nominal voltage [kV], lowest and highest voltage [1] with their hours."""
    rows = {row.bus: (row.longitude, row.latitude, row.zone) for row in grid.buses}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["x", "y", "zone"])
    nominal = flow["nominal_voltage"].to_series()
    voltage = pd.DataFrame(flow["voltage"].transpose("time", "bus").to_pandas())
    table["nominal"] = nominal.reindex(table.index)
    for name, found, hour in (
        ("lowest", voltage.min(), voltage.idxmin()),
        ("highest", voltage.max(), voltage.idxmax()),
    ):
        table[name] = found.reindex(table.index)
        table[f"{name}_hour"] = _stamps(hour).reindex(table.index)
    return table


def _branch_table(flow: xr.Dataset) -> pd.DataFrame:
    """Highest loading [1] of each branch, its hour, and the power [MW] in that hour."""
    loading = pd.DataFrame(flow["loading"].transpose("time", "branch").to_pandas())
    power = flow["branch_power"].transpose("time", "branch").to_numpy()
    worst = loading.to_numpy().argmax(axis=0)
    return pd.DataFrame(
        {
            "loading": loading.max(),
            "hour": _stamps(loading.idxmax()),
            "power": np.abs(power[worst, np.arange(power.shape[1])]),
        }
    )


def _stamps(hours: pd.Series[Any]) -> pd.Series[str]:
    return pd.to_datetime(hours).dt.strftime("%Y-%m-%d %H:%M")


def _with_ends(rows: dict[str, tuple[str, str, bool]], buses: pd.DataFrame) -> pd.DataFrame:
    """Lines by name, from bus to bus, and whether they are closed, with where they lie."""
    table = pd.DataFrame(rows.values(), list(rows), ["from_bus", "to_bus", "closed"])
    for end, side in enumerate(("from_bus", "to_bus")):
        place = buses.loc[table[side], ["x", "y"]].to_numpy()
        table[f"x{end}"], table[f"y{end}"] = place[:, 0], place[:, 1]
    table["nominal"] = buses.loc[table["to_bus"], "nominal"].to_numpy()
    return table


def _segments(lines: pd.DataFrame, meta: str, **style: Any) -> Trace:
    """Lines as one trace, a gap between any two."""
    found: Trace = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "meta": meta}
    found["line"] = style
    for name in ("x", "y"):
        ends = lines[[f"{name}0", f"{name}1"]].to_numpy().tolist()
        found[name] = [place for pair in ends for place in (*pair, None)]
    return found


def _loaded_lines(lines: pd.DataFrame, limit: float) -> list[Trace]:
    """Closed lines, a trace for each class of loading and of voltage."""
    classes = np.minimum((lines["loading"] * _CLASSES).to_numpy().astype(int), _CLASSES - 1)
    classes = np.where(lines["loading"] > limit, _CLASSES, classes)
    middles = (np.arange(_CLASSES) + 0.5) / _CLASSES
    colours = [*sample_colorscale(SCALE, middles), _BEYOND]
    traces = []
    for high in (False, True):
        for number, colour in enumerate(colours):
            chosen = (classes == number) & ((lines["nominal"] > _HIGH_VOLTAGE) == high)
            trace = _segments(lines[chosen], "lines", color=colour, width=5 if high else 2.5)
            traces.append(trace | {"showlegend": False})
    return traces


def _points(places: pd.DataFrame, meta: str, marker: dict[str, Any]) -> Trace:
    """Places of a table as markers."""
    where = {name: places[name].tolist() for name in ("x", "y")}
    return {"type": "scatter", "mode": "markers", "meta": meta, "marker": marker, **where}


def _line_targets(lines: pd.DataFrame) -> Trace:
    """Invisible points along the lines, which tell about them under the pointer."""
    share, places = np.array(_ALONG), pd.DataFrame()
    for name in ("x", "y"):
        along = np.outer(lines[f"{name}0"], 1 - share) + np.outer(lines[f"{name}1"], share)
        places[name] = along.round(5).ravel()
    told = [row for row in _told(lines, ("loading", "hour", "power")) for _ in _ALONG]
    invisible = _points(places, "branch", {"size": 12, "opacity": 0})
    return invisible | {"showlegend": False, "customdata": told}


def _bus_trace(buses: pd.DataFrame) -> Trace:
    told = _told(buses, ("nominal", "lowest", "lowest_hour", "highest", "highest_hour"))
    return _points(buses, "bus", {"size": 6, "color": "#22303c"}) | {"customdata": told}


def _outside_band(flow: xr.Dataset, buses: pd.DataFrame) -> Trace:
    """Rings around the buses that leave the voltage band."""
    bad = flow["violation"].to_numpy()[flow["violation_quantity"].to_numpy() == "voltage"]
    there = buses.loc[buses.index.intersection(pd.Index(bad, dtype=object))]
    marker = {"size": 14, "symbol": "circle-open", "color": _BEYOND, "line": {"width": 2}}
    return _points(there, "outside band", marker) | {"hoverinfo": "skip"}


def _station_table(grid: GridSheets, buses: pd.DataFrame, branches: pd.DataFrame) -> pd.DataFrame:
    """Transformer stations, where their low side lies."""
    sides = dict.fromkeys((row.transformer, row.to_bus) for row in grid.transformers)
    table = pd.DataFrame([*sides], columns=["branch", "bus"]).set_index("branch")
    return table.join(branches).join(buses[["x", "y", "zone"]], on="bus")


def _station_trace(stations: pd.DataFrame, limit: float) -> Trace:
    """Stations as squares in the colour of their loading."""
    ink = [_BEYOND if loading > limit else "black" for loading in stations["loading"]]
    marker = {
        **{"size": 15, "symbol": "square", "color": stations["loading"].round(4).tolist()},
        **{"colorscale": SCALE, "cmin": 0, "cmax": 1, "line": {"color": ink, "width": 1.5}},
        "colorbar": {"thickness": 12, "tickformat": ".0%", "len": 0.8},
    }
    told = _told(stations, ("loading", "hour", "power"))
    return _points(stations, "station", marker) | {"customdata": told}


def _annotations(stations: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    """Zone and loading beside each station, on a ground that lines do not cross."""
    return [
        {
            **{"x": row.x, "y": row.y, "xanchor": "left", "yanchor": "bottom"},
            **{"xshift": 9, "yshift": 5, "showarrow": False, "borderpad": 1},
            **{"bgcolor": "rgba(255,255,255,0.85)", "font": {"size": 12}},
            "text": f"{words.plotly(f'zone.{row.zone}')} {percent(row.loading)}".strip(),
        }
        for row in stations.itertuples()
    ]


def _told(table: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    """What the pointer tells of each row: its name, then columns."""
    names = [html.escape(str(name), quote=False) for name in table.index]
    values = table[[*columns]].round(5).astype(object)
    rows = values.where(values.notna(), None).to_numpy().tolist()
    return [[name, *row] for name, row in zip(names, rows, strict=True)]


def _layout(buses: pd.DataFrame) -> dict[str, Any]:
    layout = base_layout()
    stretch = 1.0 / float(np.cos(np.deg2rad(buses["y"].mean())))
    layout["xaxis"] = axis("", zeroline=False, constrain="domain")
    layout["yaxis"] = axis("", zeroline=False, scaleanchor="x", scaleratio=stretch)
    layout |= {"height": 720, "hovermode": "closest"}
    layout["legend"] |= {**LEGEND_BELOW, "y": -0.1}
    return layout


def _trace_texts(kinds: Sequence[str], words: Words) -> list[dict[str, str]]:
    """Name of each trace and what the pointer tells of its points."""

    def text(key: str) -> str:
        return words.plotly(f"map.{key}")

    loading = hovered("customdata[1]", 1, share=True)
    branch = (
        f"<b>%{{customdata[0]}}</b><br>{text('loading')}: {loading}"
        f"<br>{text('worst hour')}: %{{customdata[2]}}"
        f"<br>{text('power')}: {hovered('customdata[3]', 2)} MW<extra></extra>"
    )
    voltages = [hovered(f"customdata[{place}]", 4) for place in (2, 4)]
    bus = (
        f"<b>%{{customdata[0]}}</b> %{{customdata[1]:g}} kV"
        f"<br>{text('lowest')}: {voltages[0]} (%{{customdata[3]}})"
        f"<br>{text('highest')}: {voltages[1]} (%{{customdata[5]}})<extra></extra>"
    )
    hover = {"branch": branch, "station": branch, "bus": bus}
    return [
        {"name": text(kind)} | ({"hovertemplate": hover[kind]} if kind in hover else {})
        for kind in kinds
    ]
