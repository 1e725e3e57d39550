"""What is shown of some flows hour by hour: their power, contents, prices, exchange.

Flows are selected by their coordinates, such as ``{"role": "load", "zone": "port"}``; without any
the supply and use of electricity of the whole park is shown, with a zone alone that of the zone.
All hourly tables and figures, of a notebook, of the page and on paper, are made of these series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.coordinates import IN_FILE
from meishan_model.components.selection import (
    at_markets,
    buses_of_zones,
    fed_in_by_plant,
    flows_of_slice,
    select,
    titles_of,
)
from meishan_model.errors import Fault, InputError, refuse
from meishan_model.report.labels import GROUP_OF_ROLE, views_of
from meishan_model.results.scale import money, power_and_energy, scale_of
from meishan_model.series import FloatArray
from meishan_model.sheets.views import GROUPS, NEUTRAL

Wanted = Mapping[str, str | Collection[str]]
"""Coordinates of flows, each with a value or several that are equally wanted."""
CHOICES = tuple(name for name in IN_FILE if name not in ("source", "target"))
"""Coordinates by which people select: the ends of flows go by labels, which nobody reads."""

_SUPPLY = ("purchase", "delivered", "claimed", "discharge", "shift", "saving", "shedding")
SUPPLY = {**{role: GROUP_OF_ROLE[role] for role in _SUPPLY}, "conversion": ""}
"""What gives electricity to a bus of the park beside feed-in: role -> group.

What is converted into electricity has the group of its technology, as what is fed in.
"""
_USE = ("load", "charge", "shift")
USE = {**{role: GROUP_OF_ROLE[role] for role in _USE}, "conversion": "electric equipment"}
"""What takes electricity from a bus of the park and does not sell it: role -> group."""

PRICE = "CNY/MWh"
"""Unit of the prices of a slice."""
OTHER = "other"
"""Group of technologies that have none."""


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


def bus_outside(flows: pd.DataFrame) -> str:
    """The bus at which purchase comes in, on the far side of the connection.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    return str(select(flows, role="purchase", asset="")["bus"].iloc[0])


def bus_of_park(flows: pd.DataFrame) -> str:
    """The bus of the park at which what is bought arrives.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    sent = select(flows, role="transport", way="out", bus=bus_outside(flows))
    arriving = select(flows, role="transport", way="in", source=[*sent["target"]])
    return str(arriving["bus"].iloc[0])


def sold(flows: pd.DataFrame) -> pd.DataFrame:
    """What is sold through the connection where it leaves the bus of the park, if anything.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    market = [*select(flows, role="export", asset="", may_be_empty=True)["bus"]]
    arriving = select(flows, role="transport", way="in", bus=market, may_be_empty=True)
    return select(flows, role="transport", target=[*arriving["source"]], may_be_empty=True)


def price_at(ds: xr.Dataset, bus: str) -> FloatArray | None:
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


def dispatch(ds: xr.Dataset, wanted: Wanted, by: str | Sequence[str] = "") -> pd.DataFrame:
    """Power of a selection in every hour [MW], into a bus positive and out of it negative.

    Parameters
    ----------
    ds
        A slice by the result contract.
    wanted
        Coordinates of flows, such as ``{"role": "load", "zone": "port"}``. Without any: supply and
        use of electricity of the whole park; with a zone alone: those at the bus of the zone,
        which sum to zero.
    by
        What a column stands for: a coordinate of flows or several, ``component`` for the node at
        the other end of the bus, which is the default, or ``band`` of the park or a zone, which is
        ``"<group> (supply)"`` or ``"<group> (use)"``.

    Returns
    -------
    pandas.DataFrame
        Hours x series.

    Raises
    ------
    InputError
        If no flow is like that.
    """
    rows, power = selected(ds, wanted)
    by = by or ("band" if is_place(wanted) else "component")
    names = [by] if isinstance(by, str) else [*by]
    if strange := [name for name in names if name not in rows]:
        remedy = f"choose from {', '.join(rows.columns.drop(['source', 'target']))}"
        raise InputError([Fault("by", "is no coordinate", value=strange[0], remedy=remedy)])
    table = pd.DataFrame(power, columns=ds.indexes["time"])
    keys = [rows[name].to_numpy() for name in names]
    return table.groupby(keys if len(keys) > 1 else keys[0]).sum().rename_axis(names).T


def is_place(wanted: Wanted) -> bool:
    """Whether the whole park or zones are asked for, and nothing of the flows."""
    return set(wanted) <= {"zone"}


def zones_asked(wanted: Wanted) -> list[str]:
    """Zones of a selection, none where it has all of them."""
    zones = wanted.get("zone", ())
    return [zones] if isinstance(zones, str) else [*zones]


def selected(ds: xr.Dataset, wanted: Wanted) -> tuple[pd.DataFrame, FloatArray]:
    """Flows of a selection, and their power into a bus (+) or out of it (-), (flows, hours)."""
    flows = flows_of_slice(ds)
    if is_place(wanted):
        return _supply_and_use(ds, flows, zones_asked(wanted))
    refuse(_unknown(flows, wanted))
    rows = select(flows, may_be_empty=True, **wanted)
    if rows.empty:
        told = ", ".join(f"{name} {value}" for name, value in wanted.items())
        raise InputError([Fault("dispatch", "no flow is all of this", value=told)])
    inwards = rows["way"] == "in"
    component = rows["source"].where(inwards, rows["target"]).map(titles_of(ds))
    sign = np.where(inwards, 1.0, -1.0)[:, None]
    return rows.assign(component=component), ds["power"].to_numpy()[rows.index] * sign


def _unknown(flows: pd.DataFrame, wanted: Wanted) -> Iterator[Fault]:
    """Coordinates that there are not, and values that no flow has."""
    for name, values in wanted.items():
        if name not in CHOICES:
            remedy = f"choose from {', '.join(CHOICES)}"
            yield Fault("dispatch", "flows have no such coordinate", value=name, remedy=remedy)
            continue
        known = sorted(set(flows[name]) - {""})
        for value in sorted({values} if isinstance(values, str) else set(values)):
            if value not in known:
                remedy = f"there are: {', '.join(known)}"
                yield Fault(name, "is not in the result", value=value, remedy=remedy)


def _supply_and_use(
    ds: xr.Dataset, flows: pd.DataFrame, zones: list[str]
) -> tuple[pd.DataFrame, FloatArray]:
    """Supply and use of electricity in zones or the whole park, as :func:`selected`."""
    buses = buses_of_zones(ds)
    if strange := [zone for zone in zones if zone not in buses]:
        remedy = f"there are: {', '.join(buses.index)}"
        raise InputError([Fault("zone", "is not in the result", None, None, strange[0], remedy)])
    carrier = ds.attrs["power_carrier"]
    supply, use = (
        select(flows, role=roles, carrier=carrier, way=way)
        for roles, way in ((SUPPLY, "in"), (USE, "out"))
    )
    by_role = supply["role"].map(SUPPLY)
    supplied = by_role.where(by_role != "", _groups(ds, supply["technology"]))
    traded = at_markets(flows, "export", carrier).assign(group="export")
    used = use.assign(group=use["role"].map(USE))
    mine = pd.concat([supply.assign(group=supplied), used, traded])
    plants, fed_in = fed_in_by_plant(ds)
    if zones:
        mine, here = select(mine, zone=zones), plants["busbar_zone"].isin(zones).to_numpy()
        plants, fed_in = plants[here], fed_in[here]
        crossing = select(flows, role="transport", bus=[*buses[zones]])
        crossing = crossing.assign(group="grid and ties")
    else:
        crossing = sold(flows).assign(group="export")
    mine = pd.concat([mine, crossing])
    inwards = (mine["way"] == "in").to_numpy()
    power = ds["power"].to_numpy()[mine.index] * np.where(inwards, 1.0, -1.0)[:, None]
    rows = pd.concat([mine, plants.assign(group=_groups(ds, plants["technology"]), way="in")])
    side = rows["way"].map({"in": " (supply)", "out": " (use)"})
    return rows.assign(band=rows["group"] + side), np.concatenate([power, fed_in])


def storage_bands(ds: xr.Dataset, zones: Collection[str] = ()) -> pd.DataFrame:
    """Content of the batteries and of the put-off load at the end of every hour [MWh].

    Parameters
    ----------
    ds, zones
        A slice, and some zones, or none for the whole park.

    Returns
    -------
    pandas.DataFrame
        Hours x those of ``"batteries"`` and ``"put-off load"`` that the place has.
    """
    given = {"role": ("discharge", "shift"), "carrier": ds.attrs["power_carrier"], "way": "in"}
    stores = select(flows_of_slice(ds), **given, may_be_empty=True)
    stores = stores[stores["zone"].isin(zones) | (not zones)]
    names = np.where(stores["role"] == "discharge", "batteries", "put-off load")
    content = ds["storage_content"].transpose("storage", "time").sel(storage=[*stores["source"]])
    by_name = pd.DataFrame(content.to_numpy(), index=names, columns=ds.indexes["time"])
    return by_name.groupby(level=0).sum().T


class Units(NamedTuple):
    """Units of the panels of a figure, by their names."""

    power: tuple[str, ...]
    storage: tuple[str, ...]
    price: tuple[str, ...]
    exchange: tuple[str, ...]


def units_of(ds: xr.Dataset, wanted: Wanted) -> Units:
    """Units of a selection; of its power MW, but for flows of certificates, services, areas."""
    rows, _ = selected(ds, wanted)
    power, content, price = (
        (str(ds[name].attrs.get("units", unit)) if name in ds else unit,)
        for name, unit in (("power", "MW"), ("storage_content", "MWh"), ("price", PRICE))
    )
    return Units(tuple(sorted(rows["unit"].unique())), content, price, power)


def in_suited_units(slices: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Slices with power and contents in the units that suit the largest of them all.

    A small park has kW and kWh in the place of MW and MWh, in all its years alike, so that they
    can be drawn together; prices are in the currency of the park. Sums over the year are to be
    taken of the slices as they were.
    """
    of_power = [(ds["unit"] == "MW").to_numpy() for ds in slices]
    largest = [
        np.abs(ds["power"].to_numpy()[mine]).max(initial=0.0)
        for ds, mine in zip(slices, of_power, strict=True)
    ]
    contents = [ds["storage_content"].to_numpy().max(initial=0.0) for ds in slices]
    power, energy = power_and_energy([*largest, *contents])
    scales = {
        "power": power,
        "storage_content": energy,
        "price": scale_of((), PRICE, shown=money(slices[0])),
    }
    if all(scale.divisor == 1.0 for scale in scales.values()):
        return [*slices]
    found = []
    for ds, mine in zip(slices, of_power, strict=True):
        arrays = {name: ds[name] / scale.divisor for name, scale in scales.items() if name in ds}
        arrays["power"] = ds["power"].where(~xr.DataArray(mine, dims="flow"), arrays["power"])
        for name, array in arrays.items():
            array.attrs["units"] = scales[name].unit
        units = np.where(mine, scales["power"].unit, ds["unit"].to_numpy())
        found.append(ds.assign(arrays).assign_coords(unit=("flow", units.astype(object))))
    return found
