"""What is shown of a place of the park hour by hour: bands, contents, prices, exchange.

A place is the whole park (an empty name), a zone, or a bus as ``"bus:<title>"``. The figures of a
notebook and those of the page are drawn from the same series, so they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from meishan_model.components.selection import each, flows_of_slice, select
from meishan_model.errors import Fault, InputError
from meishan_model.report.bands import (
    bus_of_place,
    dispatch_bands,
    price_at,
    storage_bands,
    zones_of,
)
from meishan_model.report.palette import PALETTE, colour_of_flow

Floats = npt.NDArray[np.float64]
Panel = Literal["power", "storage", "price", "exchange"]
PANELS: tuple[Panel, ...] = ("power", "storage", "price", "exchange")
BUS = "bus:"


@dataclass(frozen=True)
class Series:
    """One series of a place.

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
    hours: Floats
    sign: float
    kind: Literal["supply", "use", "line"]
    label: str
    colour: str


def places(ds: xr.Dataset) -> list[str]:
    """All places of a slice: the park, its zones, its buses."""
    buses = ds["node_title"].to_numpy()[ds["kind"].to_numpy() == "bus"]
    return ["", *zones_of(ds), *(f"{BUS}{bus}" for bus in buses)]


def series_of(ds: xr.Dataset, place: str) -> list[Series]:
    """Series of a place, those that are not zero in all hours.

    Parameters
    ----------
    ds
        A slice by the result contract.
    place
        Empty for the whole park, a zone, or ``"bus:<title>"``.

    Raises
    ------
    InputError
        If there is no such place.
    """
    found = _bus_series(ds, place) if place.startswith(BUS) else _zone_series(ds, place)
    return [s for s in found if s.hours.any()]


def _zone_series(ds: xr.Dataset, zone: str) -> list[Series]:
    bands = dispatch_bands(ds, zone)
    found: list[Series] = []
    for kind, sign in (("supply", 1.0), ("use", -1.0)):
        for name in PALETTE:
            if (column := f"{name} ({kind})") in bands:
                values = bands[column].to_numpy(dtype=np.float64) * sign
                row, label = ("band", zone, column), f"band.{name}"
                side: Literal["supply", "use"] = "supply" if sign > 0 else "use"
                found.append(Series("power", row, values, sign, side, label, PALETTE[name]))
    demand = [
        f"{n} (use)" for n in ("loads", "heat, fleets and equipment") if f"{n} (use)" in bands
    ]
    load = -bands[demand].sum(axis=1).to_numpy(dtype=np.float64)
    found.append(
        Series("power", ("band", zone, "demand"), load, 1.0, "line", "band.demand", "#000000")
    )
    for store, column_of_store in storage_bands(ds, zone).items():
        colour = PALETTE["storage" if store == "batteries" else "flexible loads"]
        content = column_of_store.to_numpy(dtype=np.float64)
        row = ("content", zone, str(store))
        found.append(Series("storage", row, content, 1.0, "line", f"content.{store}", colour))
    found += _price(ds, bus_of_place(flows_of_slice(ds), zone))
    return found + [_exchange(s) for s in found if s.label in _EXCHANGE and s.kind != "line"]


_EXCHANGE = ("band.purchase", "band.green power", "band.export", "band.110 kV grid and ties")
"""Bands that cross the border of the place."""


def _exchange(s: Series) -> Series:
    return Series("exchange", s.row, s.hours, s.sign, s.kind, s.label, s.colour)


def _price(ds: xr.Dataset, bus: str) -> list[Series]:
    values = price_at(ds, bus)
    if values is None:
        return []
    blue = PALETTE["heat, fleets and equipment"]
    return [Series("price", ("price", bus), values, 1.0, "line", "price.with shadow", blue)]


def titles_of(ds: xr.Dataset) -> dict[str, str]:
    """What people call each node, by its label."""
    return dict(zip(ds["node"].to_numpy(), ds["node_title"].to_numpy(), strict=True))


def _bus_series(ds: xr.Dataset, place: str) -> list[Series]:
    bus = place.removeprefix(BUS)
    buses = ds["node_title"].to_numpy()[ds["kind"].to_numpy() == "bus"]
    if bus not in buses:
        remedy = f"there are: {', '.join(sorted(buses))}"
        raise InputError([Fault("result", "there is no such bus", value=bus, remedy=remedy)])
    power, titles, flows = ds["power"].to_numpy(), titles_of(ds), flows_of_slice(ds)
    found: list[Series] = []
    sides: tuple[tuple[Literal["supply", "use"], float, str], ...] = (
        ("supply", 1.0, "in"),
        ("use", -1.0, "out"),
    )
    for side, sign, way in sides:
        for flow in each(select(flows, bus=bus, way=way, may_be_empty=True)):
            ends = titles[flow.source], titles[flow.target]
            label = f"node.{ends[0] if way == 'in' else ends[1]}"
            colour = colour_of_flow(flow.role, flow.technology)
            row = ("flow", *ends)
            found.append(Series("power", row, power[flow.Index], sign, side, label, colour))
    return found + _price(ds, bus)


def unit_of_place(ds: xr.Dataset, place: str) -> str:
    """Unit of the power panel: MW, but for buses of certificates, services and areas."""
    if not place.startswith(BUS):
        return "MW"
    mine = select(flows_of_slice(ds), bus=place.removeprefix(BUS), may_be_empty=True)
    return ", ".join(sorted(mine["unit"].unique())) or "MW"
