"""Figures on paper: how all of them are written, and the hourly dispatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meishan_model.components.selection import flows_of_slice
from meishan_model.errors import Fault, InputError
from meishan_model.report.hourly import (
    bus_of_place,
    dispatch_bands,
    group_colours,
    price_at,
    storage_bands,
)


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
    style: dict[Any, Any] = {"font.size": font, "svg.fonttype": "none"}
    style |= {"axes.spines.top": False, "axes.spines.right": False}
    with mpl.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        figure.savefig(path, dpi=150)


def weekly_dispatch(ds: xr.Dataset, week: int, zone: str) -> pd.DataFrame:
    """Supply (+) and use (-) of electricity in a week [MW], by group of technologies.

    Parameters
    ----------
    ds
        A slice by the result contract.
    week
        Week of the year, 1 to 52; in a trial the weeks it has, from 1.
    zone
        A zone, or empty for the whole park.

    Raises
    ------
    InputError
        If the week or the zone is not there.
    """
    return dispatch_bands(ds.isel(time=_hours_of_week(ds, week)), zone)


def _hours_of_week(ds: xr.Dataset, week: int) -> slice:
    weeks = ds.sizes["time"] // 168
    if not 1 <= week <= weeks:
        raise InputError(
            [Fault("week", "is not in the result", value=str(week), remedy=f"1 to {weeks}")]
        )
    return slice((week - 1) * 168, week * 168)


def save_dispatch_figure(ds: xr.Dataset, week: int, zone: str, path: Path) -> None:
    """Draw a week: supply and use, storage content, price; write it as PNG or SVG.

    Parameters
    ----------
    ds, week, zone
        As for :func:`weekly_dispatch`.
    path
        File to write.
    """
    table, colours = weekly_dispatch(ds, week, zone), group_colours(ds)
    hours = _hours_of_week(ds, week)
    with printed(path, (11, 7)) as figure:
        power, content, price = figure.subplots(3, 1, sharex=True, height_ratios=[3, 1, 1])
        _draw_power(power, table, colours)
        _draw_lines(content, storage_bands(ds.isel(time=hours), zone), "storage\ncontent [MWh]")
        bus = bus_of_place(flows_of_slice(ds), zone)
        course = price_at(ds, bus)
        if course is not None:
            line = pd.DataFrame({bus: course[hours]}, table.index)
            _draw_lines(price, line, "price with shadow\ncarbon [CNY/MWh]")
        place = zone or "whole park"
        power.set_title(f"{ds.attrs['title']}: week {week}, {place}", loc="left")


def _draw_power(axes: Axes, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
    for side in ("supply", "use"):
        drawn = [n for n in colours if (n, side) in table and table[n, side].any()]
        if drawn:
            axes.stackplot(
                table.index,
                *(table[name, side].to_numpy() for name in drawn),
                colors=[colours[name] for name in drawn],
                labels=[f"{name} ({side})" for name in drawn],
                alpha=1.0 if side == "supply" else 0.75,
                step="post",
            )
    axes.axhline(0.0, color="black", linewidth=0.6)
    axes.set_ylabel("power [MW]")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _draw_lines(axes: Axes, frame: pd.DataFrame, label: str) -> None:
    for column in frame:
        if frame[column].any():
            axes.plot(frame.index, frame[column], label=str(column), linewidth=1.0)
    axes.set_ylabel(label)
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
