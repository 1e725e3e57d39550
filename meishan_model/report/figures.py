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
    "110 kV grid and ties": "#BBBBBB",
    "shedding": "#D55E00",
    "loads": "#333333",
    "heat, ships and fleets": "#0072B2",
    "efficiency measures": "#004D40",
    "export": "#D55E00",
}

_GROUPS = {
    "purchase": "purchase",
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
    buses = _buses(ds, zone)  # what leads from one of them to another is no supply
    flows = ds.isel(time=hours)
    electric = (flows["carrier"] == "electricity").to_numpy()
    into = np.isin(flows["target"], buses) & electric
    out = np.isin(flows["source"], buses) & electric
    within = np.isin(flows["technology"], ["connection", "transformer", "dc_tie"]) & (zone == "")
    inner = (into & out) | within
    columns: dict[str, pd.Series[float]] = {}
    for mask, sign, side in ((into & ~inner, 1.0, "supply"), (out & ~inner, -1.0, "use")):
        part = flows.isel(flow=np.flatnonzero(mask))
        names = [f"{_group(str(t), ds, sign)} ({side})" for t in part["technology"].to_numpy()]
        table = _by_name(part["power"], names) * sign
        columns |= {str(name): table[name] for name in table}
    return _split_renewables(pd.DataFrame(columns), flows, buses)


def _by_name(series: xr.DataArray, names: list[str]) -> pd.DataFrame:
    """Sum the flows or storages of one name; hours by name."""
    frame = pd.DataFrame(
        series.transpose("time", ...).to_numpy(), index=series.indexes["time"], columns=names
    )
    return frame.T.groupby(level=0).sum().T


def _hours_of_week(ds: xr.Dataset, week: int) -> slice:
    weeks = ds.sizes["time"] // 168
    if not 1 <= week <= weeks:
        raise InputError(
            [Fault("week", "is not in the result", value=str(week), remedy=f"1 to {weeks}")]
        )
    return slice((week - 1) * 168, week * 168)


def _buses(ds: xr.Dataset, zone: str) -> list[str]:
    nodes = [str(n) for n in ds["node"].to_numpy()]
    inside = [n for n in nodes if n.endswith("_20kv")]
    if zone == "":
        return ["upstream", "grid_110kv", *inside]
    if f"{zone}_20kv" not in inside:
        zones = ", ".join(n.removesuffix("_20kv") for n in inside)
        raise InputError([Fault("zone", "is not in the result", value=zone, remedy=zones)])
    return [f"{zone}_20kv"]


def _group(technology: str, ds: xr.Dataset, sign: float) -> str:
    if technology in _GROUPS:
        return _GROUPS[technology]
    if technology in ("transformer", "dc_tie"):
        return "110 kV grid and ties"
    if technology in _batteries(ds):
        return "storage"
    stores = np.isin(ds["source"], ds["storage"])
    if technology in np.unique(ds["technology"].to_numpy()[stores]):
        return "flexible loads"
    # What remains and feeds a bus without being a plant is a load that is not there.
    return "efficiency measures" if sign > 0 else "heat, ships and fleets"


def _batteries(ds: xr.Dataset) -> set[str]:
    """Technologies that store electricity: those with an energy part among the assets."""
    assets = (str(t) for t in ds["asset_technology"].to_numpy())
    return {name.removesuffix("_energy") for name in assets if name.endswith("_energy")}


def _split_renewables(table: pd.DataFrame, flows: xr.Dataset, buses: list[str]) -> pd.DataFrame:
    """Divide what each busbar feeds in between PV and wind by what they generate there."""
    if "local renewables (supply)" not in table:
        return table
    parts = []
    for bus in buses:
        plants = np.flatnonzero(flows["target"] == f"{bus.removesuffix('_20kv')}_renewables")
        feed_in = (flows["technology"] == "feed_in") & (flows["target"] == bus)
        if len(plants) == 0:
            continue
        feeding = flows.isel(flow=plants)
        names = feeding["technology"].to_numpy()
        kinds = ["pv" if str(name).startswith("pv") else "wind" for name in names]
        generated = _by_name(feeding["power"], kinds)
        total = generated.sum(axis=1)
        share = generated.div(total.where(total > 0, 1.0), axis=0)
        fed_in = flows["power"].isel(flow=np.flatnonzero(feed_in)).sum("flow").to_series()
        parts.append(share.mul(fed_in, axis=0))
    by_kind = pd.concat(parts).groupby(level=0).sum()
    return table.drop(columns="local renewables (supply)").join(by_kind.add_suffix(" (supply)"))


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
        power, content, price = figure.subplots(3, 1, sharex=True, height_ratios=[3, 1, 1])
        _draw_power(power, table)
        _draw_lines(content, _storage_content(ds, hours, zone), "storage\ncontent [MWh]")
        if "price" in ds:
            bus = "grid_110kv" if zone == "" else f"{zone}_20kv"
            line = ds["price"].sel(bus=[bus]).isel(time=hours)
            _draw_lines(price, _by_name(line, [bus]), "price with shadow\ncarbon [CNY/MWh]")
        place = zone or "whole park"
        power.set_title(f"{ds.attrs['title']}: week {week}, {place}", loc="left")
        figure.savefig(path, dpi=150)


def _draw_power(axes: Axes, table: pd.DataFrame) -> None:
    for side in ("supply", "use"):
        seen = table.columns[table.columns.str.endswith(f"({side})") & (table.abs().max() > 1e-3)]
        order = [f"{name} ({side})" for name in PALETTE if f"{name} ({side})" in seen]
        if order:
            axes.stackplot(
                table.index,
                *(table[name].to_numpy() for name in order),
                colors=[PALETTE[name.removesuffix(f" ({side})")] for name in order],
                labels=order,
                alpha=1.0 if side == "supply" else 0.75,
                step="post",
            )
    axes.axhline(0.0, color="black", linewidth=0.6)
    axes.set_ylabel("power [MW]")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _storage_content(ds: xr.Dataset, hours: slice, zone: str) -> pd.DataFrame:
    content = ds["storage_content"].isel(time=hours)
    out_of = pd.DataFrame(
        {name: ds[name].to_series() for name in ("source", "technology", "zone")}
    )
    stores = out_of.set_index("source").loc[content["storage"].to_numpy()]
    here = np.flatnonzero((stores["zone"] == zone) | (zone == ""))
    names = np.where(stores["technology"].isin(_batteries(ds)), "batteries", "put-off load")
    return _by_name(content.isel(storage=here), list(names[here]))


def _draw_lines(axes: Axes, frame: pd.DataFrame, label: str) -> None:
    for column in frame:
        if frame[column].abs().max() > 1e-3:
            axes.plot(frame.index, frame[column], label=str(column), linewidth=1.0)
    axes.set_ylabel(label)
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
