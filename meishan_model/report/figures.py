"""Figures on paper: how all are written, the hourly dispatch, the one-line diagram of the grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from meishan_model.console import percent
from meishan_model.report.hourly import Wanted, in_suited_units, units_of
from meishan_model.report.hourly_series import Series, panels_of, selection_name, series_of
from meishan_model.report.labels import Words, patterned, words_of
from meishan_model.results.slice_file import week as weeks_of
from meishan_model.sheets.views import CARRIERS

if TYPE_CHECKING:
    from meishan_model.powerflow.study import GridStudy


_LABEL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}
_COLOURS = "viridis_r"
"""Perceptually uniform and safe for the colour-blind; dark is full."""


@contextmanager
def printed(path: Path, size: tuple[float, float]) -> Iterator[Figure]:
    """A figure on paper, written as PNG or SVG when it is drawn.

    Parameters
    ----------
    path
        File to write.
    size
        Width and height [inches].
    """
    style: dict[Any, Any] = {"font.size": 9, "svg.fonttype": "none", "hatch.linewidth": 0.5}
    style |= {"axes.spines.top": False, "axes.spines.right": False}
    style |= {"axes.prop_cycle": cycler(color=CARRIERS)}
    with mpl.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        figure.savefig(path, dpi=150)


def save_dispatch_figure(ds: xr.Dataset, wanted: Wanted, week: int, path: Path, by: str) -> None:
    """Draw the hours of a week: power, storage content, price; write it as PNG or SVG.

    Parameters
    ----------
    ds
        A slice by the result contract.
    wanted, by
        As for :func:`~meishan_model.report.hourly.dispatch`.
    week
        Week of the year from 1.
    path
        File to write.
    """
    (shown,) = in_suited_units([ds])
    hours, words = weeks_of(shown, week), words_of(ds, "en")
    units = units_of(shown, wanted)
    series = [s for s in series_of(hours, wanted, by) if s.panel != "exchange"]
    panels = {panel: [s for s in series if s.panel == panel] for panel in panels_of(series)}
    # A legend of many flows needs room of its own.
    heights = [max(4.2, 0.22 * len(s)) if p == "power" else 1.4 for p, s in panels.items()]
    with printed(path, (11, sum(heights))) as figure:
        drawn = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights, squeeze=False)
        for axes, (panel, mine) in zip(drawn[:, 0], panels.items(), strict=True):
            _draw(axes, hours.indexes["time"], mine, words)
            unit = ", ".join(getattr(units, panel))
            axes.set_ylabel(f"{words.text(f'panel.{panel}')}\n[{unit}]")
        told = f"{words.text('word.week')} {week}, {selection_name(wanted, words)}"
        drawn[0, 0].set_title(f"{ds.attrs['title']}: {told}", loc="left")


def _draw(axes: Axes, hours: pd.Index, series: Sequence[Series], words: Words) -> None:
    """Draw supply and use as stacks, everything else as lines."""
    for side in ("supply", "use"):
        stacked = {s.label: s for s in series if s.kind == side}
        styles = patterned(stacked, {name: s.colour for name, s in stacked.items()}.__getitem__)
        if stacked:
            axes.stackplot(
                hours,
                *(s.hours * s.sign for s in stacked.values()),
                colors=[colour for colour, _ in styles.values()],
                hatch=[pattern for _, pattern in styles.values()],
                labels=[f"{words.text(name)} ({side})" for name in stacked],
                alpha=1.0 if side == "supply" else 0.75,
                step="post",
            )
            axes.axhline(0.0, color="black", linewidth=0.6)
    for s in series:
        if s.kind == "line":
            name = words.text(s.label)
            axes.step(hours, s.hours, color=s.colour, label=name, linewidth=1.0, where="post")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


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
    for mask, width in ((closed & high, 3.0), (closed & ~high, 1.6)):
        lines = LineCollection([*segments[mask]], cmap=_COLOURS, norm=colours, linewidths=width)
        lines.set_array(highest[mask])
        axes.add_collection(lines)
    ties = LineCollection([*segments[~closed]], colors="#888888", linewidths=1.0, linestyles=":")
    axes.add_collection(ties)
    fullest = [np.flatnonzero(side)[highest[side].argmax()] for side in (high, ~high)]
    for i in fullest:
        middle = segments[i].mean(axis=0)
        text = f"{network.lines.index[i]} {percent(highest[i])}"
        _note(axes, text, (middle[0], middle[1]), (6, -10), fontsize=8, bbox=_LABEL, zorder=6)
    axes.margins(0.07)
    axes.autoscale_view()


def _draw_buses(axes: Axes, study: GridStudy) -> None:
    buses = study.flow.network.buses
    nodes = buses[buses["feeder"] != ""]
    axes.scatter(*_places(nodes), s=6, color="#333333", zorder=3)
    ends = study.flow.network.lines["to_bus"]
    plants = buses[buses.index.isin(ends) & (buses["feeder"] == "") & (buses["voltage"] > 30e3)]
    stations = study.flow.network.transformers["from_bus"]
    plants = plants[~plants.index.isin(stations)]
    axes.scatter(*_places(plants), s=60, marker="^", color="#56B4E9", zorder=4)
    for name, plant in plants.iterrows():
        title = str(name).replace("_", " ")
        _note(axes, title, (plant["longitude"], plant["latitude"]), (6, 5), fontsize=8)
    bad = study.violations["element"][study.violations["quantity"] == "voltage"]
    there = buses.loc[buses.index.intersection(pd.Index(bad))]
    axes.scatter(*_places(there), s=40, facecolors="none", edgecolors="#D55E00")


def _places(buses: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    return buses["longitude"], buses["latitude"]


def _draw_stations(axes: Axes, study: GridStudy, colours: Normalize) -> None:
    """Transformer stations as squares in the colour of their loading, with name and loading."""
    network = study.flow.network
    highest = study.flow.state.loading.max(axis=0)[len(network.lines) :]
    place = network.buses.loc[network.transformers["to_bus"]]
    zones, x, y = (place[name] for name in ("zone", "longitude", "latitude"))
    style: dict[str, Any] = {"marker": "s", "s": 110, "edgecolors": "black", "zorder": 4}
    axes.scatter(x, y, c=highest, cmap=_COLOURS, norm=colours, **style)
    where = zip(x, y, strict=True)
    for name, zone, at, loading in zip(place.index, zones, where, highest, strict=True):
        text = f"{zone or name} {percent(loading)}"
        _note(axes, text, at, (9, 7), fontweight="bold", bbox=_LABEL, zorder=5)


def _note(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[int, int], **style: Any
) -> None:
    """A text beside a place."""
    axes.annotate(text, at, xytext=offset, textcoords="offset points", **style)
