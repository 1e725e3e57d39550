"""Series of hourly figures: what is stacked, what is a line, in which panel and colour.

A notebook, the page and a figure on paper draw the same series.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.selection import buses_of_zones, flows_of_slice, titles_of, year_of
from meishan_model.report import hourly
from meishan_model.report.labels import Words, colours_of_flows
from meishan_model.series import FloatArray
from meishan_model.sheets.views import CARRIERS, GROUPS

Panel = Literal["power", "storage", "price", "exchange"]
_DEMAND = ("loads", "electric equipment")
_OUTSIDE = ("purchase", "green power", "export", "grid and ties")
"""Bands that cross the border of a place."""


_COLOURED = ("component", "technology", "role")
"""What has colours of its own; of all else each has the next one of the palette."""


@dataclass(frozen=True)
class Series:
    """One series of a selection.

    Attributes
    ----------
    panel
        Part of the figure.
    row
        Key of the values, what they are first; two series of one key have the same values.
    hours
        Hourly values [MW, MWh or CNY/MWh].
    sign
        -1 for what is drawn below zero.
    kind
        ``supply`` and ``use`` are stacked, ``line`` is not.
    label
        Key of the label.
    colour
        Colour of the palette.
    """

    panel: Panel
    row: tuple[str, ...]
    hours: FloatArray
    sign: float
    kind: Literal["supply", "use", "line"]
    label: str
    colour: str


def places(ds: xr.Dataset) -> list[hourly.Wanted]:
    """All places of a slice as selections: the park, its zones, its buses."""
    used, titles = set(flows_of_slice(ds)["bus"]), ds["node_title"].to_numpy()
    buses = [bus for bus in titles[ds["kind"].to_numpy() == "bus"] if bus in used]
    return [
        {},
        *({"zone": zone} for zone in buses_of_zones(ds).index),
        *({"bus": bus} for bus in buses),
    ]


def series_of(ds: xr.Dataset, wanted: hourly.Wanted, by: str = "") -> list[Series]:
    """Series of a selection, those that are not zero in all hours.

    Parameters are those of :func:`dispatch`. A place, which is the park or a zone, also has its
    demand, its stores, its price and what crosses its border; a bus has its price.
    """
    rows, power = hourly.selected(ds, wanted)
    if hourly.is_place(wanted) and not by:
        found = [*_of_place(ds, hourly.zones_asked(wanted), rows, power)]
    else:
        found = [*_power(ds, rows, power, by or "component"), *_price(ds, {*rows["bus"]})]
    return [s for s in found if s.hours.any()]


def _of_place(
    ds: xr.Dataset, zones: list[str], rows: pd.DataFrame, power: FloatArray
) -> Iterator[Series]:
    """Series of the park or of zones."""
    zone = ",".join(zones)
    outside: list[Series] = []
    for kind, sign in _SIDES:
        side = f" ({kind})"
        for name, colour in hourly.group_colours(ds).items():
            mine = (rows["band"] == name + side).to_numpy()
            row = ("band", zone, name + side)
            values = power[mine].sum(axis=0) * sign
            drawn = Series("power", row, values, sign, kind, f"band.{name}", colour)
            outside += [replace(drawn, panel="exchange")] if name in _OUTSIDE else []
            yield drawn
    demand = rows["group"].isin(_DEMAND).to_numpy()
    load = -power[demand].sum(axis=0)
    yield Series("power", ("band", zone, "demand"), load, 1.0, "line", "band.demand", "#000000")
    for store, column_of_store in hourly.storage_bands(ds, zones).items():
        colour = GROUPS["storage" if store == "batteries" else "flexible loads"]
        content = column_of_store.to_numpy(dtype=np.float64)
        row = ("content", zone, str(store))
        yield Series("storage", row, content, 1.0, "line", f"content.{store}", colour)
    yield from _price(ds, {*buses_of_zones(ds)[zones]} or {hourly.bus_of_park(flows_of_slice(ds))})
    yield from outside


_SIDES: tuple[tuple[Literal["supply", "use"], float], ...] = (("supply", 1.0), ("use", -1.0))


def _power(ds: xr.Dataset, rows: pd.DataFrame, power: FloatArray, by: str) -> Iterator[Series]:
    """Series of flows: those into a bus and those out of it, apart by what they stand for."""
    titles, colours = titles_of(ds), colours_of_flows(ds, rows)
    if by not in _COLOURED:
        of_name = dict(zip(dict.fromkeys(rows[by]), cycle(CARRIERS)))
        colours = rows[by].map(of_name)
    label = "node" if by in ("component", "bus") else by
    for (kind, sign), way in zip(_SIDES, ("in", "out"), strict=True):
        of_way = rows["way"] == way
        for name in dict.fromkeys(rows.loc[of_way, by]):
            mine = np.flatnonzero(of_way & (rows[by] == name))
            first = rows.iloc[mine[0]]
            one = ("flow", titles[first["source"]], titles[first["target"]])
            row = one if len(mine) == 1 else (by, name, way)
            values, colour = power[mine].sum(axis=0) * sign, colours.iloc[mine[0]]
            yield Series("power", row, values, sign, kind, f"{label}.{name}", colour)


def _price(ds: xr.Dataset, buses: set[str]) -> Iterator[Series]:
    """Price at the bus of a selection; none where it has several."""
    values = hourly.price_at(ds, *buses) if len(buses) == 1 else None
    if values is not None:
        row, blue = ("price", *buses), GROUPS["electric equipment"]
        yield Series("price", row, values, 1.0, "line", "price.with shadow", blue)


def panels_of(series: Sequence[Series]) -> list[Panel]:
    """Panels that a selection has, from above."""
    present = {s.panel for s in series}
    return [p for p in get_args(Panel) if p in present] or ["power"]


def title_of(ds: xr.Dataset, wanted: hourly.Wanted, week: int | None, words: Words) -> str:
    """What a figure shows: flows, year and week."""
    when = "" if week is None else f", {words.text('word.week')} {week}"
    return f"{selection_name(wanted, words)}, {year_of(ds)}{when}"


def selection_name(wanted: hourly.Wanted, words: Words) -> str:
    """What a selection is called, by its coordinates."""
    told = []
    for name, values in wanted.items():
        for value in (values,) if isinstance(values, str) else values:
            called = words.text(f"{'node' if name == 'bus' else name}.{value}")
            told += [f"{words.text('word.bus')} {called}" if name == "bus" else called]
    return ", ".join(told) or words.text("word.whole park")
