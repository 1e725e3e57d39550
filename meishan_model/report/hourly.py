"""What is shown of a place of the park hour by hour: bands, contents, prices, exchange.

All hourly figures, of a notebook, of the page and on paper, are drawn from these series.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.components.selection import (
    buses_of_zones,
    each,
    fed_in_by_plant,
    flows_of_slice,
    select,
    titles_of,
)
from meishan_model.errors import Fault, InputError
from meishan_model.report.labels import colours_of_flows, views_of
from meishan_model.sheets.views import GROUPS, NEUTRAL

Floats = npt.NDArray[np.float64]
Panel = Literal["power", "storage", "price", "exchange"]
PANELS: tuple[Panel, ...] = ("power", "storage", "price", "exchange")
Side = Literal["supply", "use"]

SUPPLY = {
    "purchase": "purchase",
    "delivered": "green power",
    "claimed": "green power",
    "discharge": "storage",
    "shift": "flexible loads",
    "saving": "efficiency measures",
    "shedding": "shedding",
    "conversion": "",
}
"""What gives electricity to a bus of the park beside feed-in: role -> group.

What is converted into electricity has the group of its technology, as what is fed in.
"""
USE = {
    "load": "loads",
    "conversion": "electric equipment",
    "charge": "storage",
    "shift": "flexible loads",
}
"""What takes electricity from a bus of the park and does not sell it: role -> group."""

OTHER = "other"
"""Group of technologies that have none."""
_DEMAND = ("loads", "electric equipment")
_OUTSIDE = ("purchase", "green power", "export", "grid and ties")
"""Bands that cross the border of a place."""


def group_colours(ds: xr.Dataset) -> dict[str, str]:
    """Colour of each group of things, in the order in which figures stack them.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    views = views_of(ds)
    own = views[~views["group"].isin(["", *GROUPS])].drop_duplicates("group")
    return {**GROUPS, OTHER: NEUTRAL, **dict(zip(own["group"], own["colour"], strict=True))}


def _groups(ds: xr.Dataset, technologies: pd.Series[str]) -> pd.Series[str]:
    """Group of each technology; one that the result says nothing of is told apart."""
    return technologies.map(views_of(ds)["group"]).fillna("").replace("", OTHER)


def zones_of(ds: xr.Dataset) -> list[str]:
    """Zones with a bus of their own, in the order of the file."""
    return [*buses_of_zones(flows_of_slice(ds)).index]


def bus_outside(flows: pd.DataFrame) -> str:
    """The bus at which purchase comes in, on the far side of the connection.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    return str(select(flows, role="purchase")["bus"].iloc[0])


def bus_of_place(flows: pd.DataFrame, zone: str) -> str:
    """The bus of a zone, or that of the whole park, at which what is bought arrives.

    Parameters
    ----------
    flows
        A column for each coordinate.
    zone
        A zone, or empty for the whole park.
    """
    if zone:
        return buses_of_zones(flows)[zone]
    sent = select(flows, role="transport", way="out", bus=bus_outside(flows))
    arriving = select(flows, role="transport", way="in", source=[*sent["target"]])
    return str(arriving["bus"].iloc[0])


def sold(flows: pd.DataFrame) -> pd.DataFrame:
    """What is sold where it leaves the bus of the park; none where nothing may be sold.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    market = [*select(flows, role="export", may_be_empty=True)["bus"]]
    arriving = select(flows, role="transport", way="in", bus=market, may_be_empty=True)
    return select(flows, role="transport", target=[*arriving["source"]], may_be_empty=True)


def price_at(ds: xr.Dataset, bus: str) -> Floats | None:
    """Price at a bus in every hour [CNY/MWh]; ``None`` where the file has none.

    Parameters
    ----------
    ds
        A slice by the result contract.
    bus
        Title of the bus.
    """
    label = ds["node"].to_numpy()[ds["node_title"].to_numpy() == bus]
    if "price" not in ds or not np.isin(label, ds["bus"]).all():
        return None
    return np.asarray(ds["price"].sel(bus=label[0]), dtype=np.float64)


def dispatch_bands(ds: xr.Dataset, zone: str = "") -> pd.DataFrame:
    """Supply (+) and use (-) of electricity in every hour [MW], by group of technologies.

    Parameters
    ----------
    ds
        A slice by the result contract.
    zone
        A zone, or empty for the whole park.

    Returns
    -------
    pandas.DataFrame
        Hours x (group, side), where the side is ``supply`` or ``use``.

    Raises
    ------
    InputError
        If the zone is not there.
    """
    flows = flows_of_slice(ds)
    zones = [*buses_of_zones(flows).index]
    if zone not in ("", *zones):
        raise InputError(
            [Fault("zone", "is not in the result", value=zone, remedy=", ".join(zones))]
        )
    supply, use = (
        select(flows, role=roles, carrier="electricity", way=way)
        for roles, way in ((SUPPLY, "in"), (USE, "out"))
    )
    by_role = supply["role"].map(SUPPLY)
    supplied = by_role.where(by_role != "", _groups(ds, supply["technology"]))
    mine = pd.concat([supply.assign(band=supplied), use.assign(band=use["role"].map(USE))])
    plants, fed_in = fed_in_by_plant(ds)
    if zone:
        mine, here = select(mine, zone=zone), (plants["busbar_zone"] == zone).to_numpy()
        plants, fed_in = plants[here], fed_in[here]
        crossing = select(flows, role="transport", bus=bus_of_place(flows, zone))
        crossing = crossing.assign(band="grid and ties")
    else:
        crossing = sold(flows).assign(band="export")
    mine = pd.concat([mine, crossing])
    inwards = (mine["way"] == "in").to_numpy()
    power = ds["power"].to_numpy()[mine.index] * np.where(inwards, 1.0, -1.0)[:, None]
    groups = [*mine["band"], *_groups(ds, plants["technology"])]
    sides = [*np.where(inwards, "supply", "use"), *("supply" for _ in fed_in)]
    bands = pd.MultiIndex.from_arrays([groups, sides], names=["group", "side"])
    return _sum_by_name(np.concatenate([power, fed_in]), ds.indexes["time"], bands)


def storage_bands(ds: xr.Dataset, zone: str = "") -> pd.DataFrame:
    """Content of the batteries and of the put-off load at the end of every hour [MWh].

    Parameters
    ----------
    ds, zone
        As for :func:`dispatch_bands`.

    Returns
    -------
    pandas.DataFrame
        Hours x those of ``"batteries"`` and ``"put-off load"`` that the place has.
    """
    out_of = select(
        flows_of_slice(ds), role=("discharge", "shift"), way="in", may_be_empty=True
    ).set_index("source")
    stores = out_of.loc[ds["storage"].to_numpy()]
    here = np.flatnonzero((stores["zone"] == zone) | (zone == ""))
    names = np.where(stores["role"] == "discharge", "batteries", "put-off load")[here]
    content = ds["storage_content"].transpose("storage", "time").to_numpy()[here]
    return _sum_by_name(content, ds.indexes["time"], pd.Index(names))


def _sum_by_name(series: Floats, hours: pd.Index, names: pd.Index) -> pd.DataFrame:
    """Sum series (names, hours) of one name; hours x names."""
    levels = [*range(names.nlevels)]
    return pd.DataFrame(series, index=names, columns=hours).groupby(level=levels).sum().T


class Place(NamedTuple):
    """What is drawn: a zone, a bus by its title or, without either, the whole park."""

    zone: str = ""
    bus: str = ""

    @property
    def label(self) -> str:
        """Key of its label."""
        if self.bus:
            return f"node.{self.bus}"
        return f"zone.{self.zone}" if self.zone else "word.whole park"


WHOLE_PARK = Place()


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
    kind: Side | Literal["line"]
    label: str
    colour: str


def places(ds: xr.Dataset) -> list[Place]:
    """All places of a slice: the park, its zones, its buses."""
    return [WHOLE_PARK, *map(Place, zones_of(ds)), *(Place(bus=bus) for bus in _buses(ds))]


def _buses(ds: xr.Dataset) -> list[str]:
    return [*ds["node_title"].to_numpy()[ds["kind"].to_numpy() == "bus"]]


def series_of(ds: xr.Dataset, place: Place) -> list[Series]:
    """Series of a place, those that are not zero in all hours.

    Parameters
    ----------
    ds
        A slice by the result contract.
    place
        The whole park, a zone or a bus.

    Raises
    ------
    InputError
        If there is no such place.
    """
    found = _bus_series(ds, place.bus) if place.bus else _zone_series(ds, place.zone)
    return [s for s in found if s.hours.any()]


def _zone_series(ds: xr.Dataset, zone: str) -> Iterator[Series]:
    bands, colours = dispatch_bands(ds, zone), group_colours(ds)
    outside: list[Series] = []
    for kind, sign in _SIDES:
        for name, colour in colours.items():
            if (name, kind) in bands:
                values = bands[name, kind].to_numpy(dtype=np.float64) * sign
                row = ("band", zone, name, kind)
                drawn = Series("power", row, values, sign, kind, f"band.{name}", colour)
                outside += [replace(drawn, panel="exchange")] if name in _OUTSIDE else []
                yield drawn
    demand = [(name, "use") for name in _DEMAND if (name, "use") in bands]
    load = -bands[demand].sum(axis=1).to_numpy(dtype=np.float64)
    yield Series("power", ("band", zone, "demand"), load, 1.0, "line", "band.demand", "#000000")
    for store, column_of_store in storage_bands(ds, zone).items():
        colour = GROUPS["storage" if store == "batteries" else "flexible loads"]
        content = column_of_store.to_numpy(dtype=np.float64)
        of_store = ("content", zone, str(store))
        yield Series("storage", of_store, content, 1.0, "line", f"content.{store}", colour)
    yield from _price(ds, bus_of_place(flows_of_slice(ds), zone))
    yield from outside


_SIDES: tuple[tuple[Side, float], ...] = (("supply", 1.0), ("use", -1.0))


def _price(ds: xr.Dataset, bus: str) -> Iterator[Series]:
    values = price_at(ds, bus)
    if values is not None:
        blue = GROUPS["electric equipment"]
        yield Series("price", ("price", bus), values, 1.0, "line", "price.with shadow", blue)


def _bus_series(ds: xr.Dataset, bus: str) -> Iterator[Series]:
    buses = _buses(ds)
    if bus not in buses:
        remedy = f"there are: {', '.join(sorted(buses))}"
        raise InputError([Fault("result", "there is no such bus", value=bus, remedy=remedy)])
    power, titles, flows = ds["power"].to_numpy(), titles_of(ds), flows_of_slice(ds)
    flows = flows.assign(colour=colours_of_flows(ds, flows))
    for (side, sign), way in zip(_SIDES, ("in", "out"), strict=True):
        for flow in each(select(flows, bus=bus, way=way, may_be_empty=True)):
            ends = titles[flow.source], titles[flow.target]
            label = f"node.{ends[0] if way == 'in' else ends[1]}"
            row = ("flow", *ends)
            yield Series("power", row, power[flow.Index], sign, side, label, flow.colour)
    yield from _price(ds, bus)


def units_of_place(ds: xr.Dataset, place: Place) -> tuple[str, ...]:
    """Units of the power panel: MW, but for buses of certificates, services and areas."""
    if not place.bus:
        return ("MW",)
    mine = select(flows_of_slice(ds), bus=place.bus, may_be_empty=True)
    return tuple(sorted(mine["unit"].unique())) or ("MW",)
