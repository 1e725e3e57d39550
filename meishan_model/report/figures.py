"""Figures of the hourly dispatch; one palette, the same in every figure, with units."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meishan_model.errors import Fault, InputError

# Okabe and Ito (2008), colour-blind safe, and greys for what is not a choice of the park.
PALETTE = {
    "pv": "#F0E442",
    "wind": "#56B4E9",
    "purchase": "#999999",
    "green power": "#009E73",
    "storage": "#CC79A7",
    "flexible loads": "#E69F00",
    "exchange with the other zones": "#BBBBBB",
    "shedding": "#D55E00",
    "loads": "#333333",
    "heat and fleets": "#0072B2",
    "export": "#D55E00",
}

_GROUPS = {
    "purchase": "purchase",
    "connection": "purchase",
    "green_power": "green power",
    "load": "loads",
    "export": "export",
    "shedding": "shedding",
    "feed_in": "local renewables",
}


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
    hours = _hours_of_week(ds, week)
    buses = _buses(ds, zone)
    flows = ds.isel(time=hours)
    electric = (flows["carrier"] == "electricity").to_numpy()
    into = np.isin(flows["target"], buses) & electric
    out = np.isin(flows["source"], buses) & electric
    inner = into & out | np.isin(flows["technology"], ["transformer"]) & (zone == "")
    signed = {}
    for mask, sign in ((into & ~inner, 1.0), (out & ~inner, -1.0)):
        part = flows["power"].isel(flow=np.flatnonzero(mask))
        names = [_group(str(t), ds) for t in part["technology"].to_numpy()]
        frame = part.transpose("time", "flow").to_pandas().T.groupby(names).sum().T * sign
        for name in frame:
            key = (name, "supply" if sign > 0 else "use")
            signed[key] = frame[name]
    table = pd.DataFrame(signed)
    return _split_renewables(table, flows, buses)


def _hours_of_week(ds: xr.Dataset, week: int) -> slice:
    weeks = ds.sizes["time"] // 168
    if not 1 <= week <= weeks:
        raise InputError([Fault("week", "is not in the result", value=str(week),
                                remedy=f"1 to {weeks}")])
    return slice((week - 1) * 168, week * 168)


def _buses(ds: xr.Dataset, zone: str) -> list[str]:
    nodes = [str(n) for n in ds["node"].to_numpy()]
    inside = [n for n in nodes if n.endswith("_20kv")]
    if zone == "":
        return ["grid_110kv", *inside]
    if f"{zone}_20kv" not in inside:
        zones = ", ".join(n.removesuffix("_20kv") for n in inside)
        raise InputError([Fault("zone", "is not in the result", value=zone, remedy=zones)])
    return [f"{zone}_20kv"]


def _group(technology: str, ds: xr.Dataset) -> str:
    if technology in _GROUPS:
        return _GROUPS[technology]
    if technology in ("transformer", "dc_tie"):
        return "exchange with the other zones"
    storages = {str(s).rsplit("_", 1)[0] for s in ds["storage"].to_numpy()}
    if technology in storages:
        return "storage" if "battery" in technology or "flow" in technology else "flexible loads"
    return "heat and fleets"


def _split_renewables(table: pd.DataFrame, flows: xr.Dataset, buses: list[str]) -> pd.DataFrame:
    """Divide what a busbar feeds in between PV and wind by what they generate."""
    key = ("local renewables", "supply")
    if key not in table:
        return table
    busbars = [f"{bus.removesuffix('_20kv')}_renewables" for bus in buses]
    feeding = flows["power"].isel(flow=np.flatnonzero(np.isin(flows["target"], busbars)))
    kinds = ["pv" if str(t).startswith("pv") else "wind" for t in feeding["technology"].to_numpy()]
    generated = feeding.transpose("time", "flow").to_pandas().T.groupby(kinds).sum().T
    share = generated.div(generated.sum(axis=1).where(lambda total: total > 0, 1.0), axis=0)
    fed_in = table.pop(key)  # type: ignore[arg-type]
    for kind in share:
        table[kind, "supply"] = share[kind] * fed_in
    return table


def save_dispatch_figure(ds: xr.Dataset, week: int, zone: str, path: Path) -> None:
    """Draw a week: supply and use, storage content, price; write it as PNG or SVG.

    Parameters
    ----------
    ds, week, zone
        As for :func:`weekly_dispatch`.
    path
        File to write.
    """
    table = weekly_dispatch(ds, week, zone)
    hours = _hours_of_week(ds, week)
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 7), layout="constrained")
        power, content, price = figure.subplots(
            3, 1, sharex=True, height_ratios=[3, 1, 1]
        )
        _draw_power(power, table)
        _draw_lines(content, _storage_content(ds, hours, zone), "storage content [MWh]")
        if "price" in ds:
            bus = "grid_110kv" if zone == "" else f"{zone}_20kv"
            line = ds["price"].sel(bus=bus).isel(time=hours).to_pandas().rename(bus).to_frame()
            _draw_lines(price, line, "price [CNY/MWh]")
        place = zone or "whole park"
        power.set_title(f"{ds.attrs['title']}: week {week}, {place}", loc="left")
        figure.savefig(path, dpi=150)


def _draw_power(axes: Axes, table: pd.DataFrame) -> None:
    for side in ("supply", "use"):
        columns = [c for c in table if c[1] == side and table[c].abs().max() > 1e-3]
        order = sorted(columns, key=lambda c: list(PALETTE).index(c[0]))
        if order:
            axes.stackplot(
                table.index,
                *(table[c].to_numpy() for c in order),
                colors=[PALETTE[c[0]] for c in order],
                labels=[f"{c[0]} ({side})" for c in order],
                alpha=1.0 if side == "supply" else 0.75,
                step="post",
            )
    axes.axhline(0.0, color="black", linewidth=0.6)
    axes.set_ylabel("power [MW]")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _storage_content(ds: xr.Dataset, hours: slice, zone: str) -> pd.DataFrame:
    frame = ds["storage_content"].transpose("time", "storage").isel(time=hours).to_pandas()
    if zone:
        frame = frame[[c for c in frame if str(c).endswith(f"_{zone}")]]
    return pd.DataFrame(frame)


def _draw_lines(axes: Axes, frame: pd.DataFrame, label: str) -> None:
    for column in frame:
        if frame[column].abs().max() > 1e-3:
            axes.plot(frame.index, frame[column], label=str(column), linewidth=1.0)
    axes.set_ylabel(label)
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
