"""Figures on paper: how all of them are written, and the hourly dispatch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import xarray as xr
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meishan_model.report.hourly import Wanted, in_suited_units, units_of
from meishan_model.report.hourly_series import Series, panels_of, selection_name, series_of
from meishan_model.report.labels import Labels, labels_of, patterned
from meishan_model.results.slice_file import week as weeks_of
from meishan_model.sheets.views import CARRIERS


@contextmanager
def printed(path: Path, size: tuple[float, float], font: int = 9) -> Iterator[Figure]:
    """A figure on paper, written as PNG or SVG when it is drawn.

    Parameters
    ----------
    path
        File to write.
    size
        Width and height [inches].
    font
        Size of the text [points].
    """
    style: dict[Any, Any] = {"font.size": font, "svg.fonttype": "none", "hatch.linewidth": 0.5}
    style |= {"axes.spines.top": False, "axes.spines.right": False}
    style |= {"axes.prop_cycle": cycler(color=CARRIERS)}
    with mpl.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        figure.savefig(path, dpi=150)


def save_dispatch_figure(
    ds: xr.Dataset, wanted: Wanted, week: int, path: Path, by: str = ""
) -> None:
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
    hours, labels, units = weeks_of(shown, week), labels_of(ds), units_of(shown, wanted)
    series = [s for s in series_of(hours, wanted, by) if s.panel != "exchange"]
    panels = {panel: [s for s in series if s.panel == panel] for panel in panels_of(series)}
    # A legend of many flows needs room of its own.
    heights = [max(4.2, 0.22 * len(s)) if p == "power" else 1.4 for p, s in panels.items()]
    with printed(path, (11, sum(heights))) as figure:
        drawn = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights, squeeze=False)
        for axes, (panel, mine) in zip(drawn[:, 0], panels.items(), strict=True):
            _draw(axes, hours.indexes["time"], mine, labels)
            unit = ", ".join(getattr(units, panel))
            axes.set_ylabel(f"{labels.text(f'panel.{panel}', 'en')}\n[{unit}]")
        told = f"{labels.text('word.week', 'en')} {week}, {selection_name(wanted, labels, 'en')}"
        drawn[0, 0].set_title(f"{ds.attrs['title']}: {told}", loc="left")


def _draw(axes: Axes, hours: pd.Index, series: Sequence[Series], labels: Labels) -> None:
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
                labels=[f"{labels.text(name, 'en')} ({side})" for name in stacked],
                alpha=1.0 if side == "supply" else 0.75,
                step="post",
            )
            axes.axhline(0.0, color="black", linewidth=0.6)
    for s in series:
        if s.kind == "line":
            name = labels.text(s.label, "en")
            axes.step(hours, s.hours, color=s.colour, label=name, linewidth=1.0, where="post")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
