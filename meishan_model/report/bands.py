"""Hourly supply and use of electricity by group of technologies: the bands of every dispatch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.components.selection import (
    buses_of_zones,
    fed_in_by_plant,
    flows_of_slice,
    select,
)
from meishan_model.errors import Fault, InputError
from meishan_model.report.palette import kind_of_technology

SUPPLY = {
    "purchase": "purchase",
    "delivered": "green power",
    "claimed": "green power",
    "discharge": "storage",
    "shift": "flexible loads",
    "saving": "efficiency measures",
    "shedding": "shedding",
}
"""What gives electricity to a bus of the park beside feed-in: role -> band."""
USE = {
    "load": "loads",
    "conversion": "heat, fleets and equipment",
    "charge": "storage",
    "shift": "flexible loads",
}
"""What takes electricity from a bus of the park and does not sell it: role -> band."""


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


def price_at(ds: xr.Dataset, bus: str) -> npt.NDArray[np.float64] | None:
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
        Hours x bands named ``"<group> (supply)"`` and ``"<group> (use)"``.

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
    mine = pd.concat(
        [supply.assign(band=supply["role"].map(SUPPLY)), use.assign(band=use["role"].map(USE))]
    )
    plants, fed_in = fed_in_by_plant(ds)
    if zone:
        mine, here = select(mine, zone=zone), (plants["busbar_zone"] == zone).to_numpy()
        plants, fed_in = plants[here], fed_in[here]
        crossing = select(flows, role="transport", bus=bus_of_place(flows, zone))
        crossing = crossing.assign(band="110 kV grid and ties")
    else:
        crossing = sold(flows).assign(band="export")
    mine = pd.concat([mine, crossing])
    inwards = (mine["way"] == "in").to_numpy()
    power = ds["power"].to_numpy()[mine.index] * np.where(inwards, 1.0, -1.0)[:, None]
    names = mine["band"] + np.where(inwards, " (supply)", " (use)")
    kinds = map(kind_of_technology, plants["technology"])
    # A plant that is not of the sun is one of the wind.
    names_of_plants = ["pv (supply)" if kind == "pv" else "wind (supply)" for kind in kinds]
    return sum_by_name(
        np.concatenate([power, fed_in]), ds.indexes["time"], [*names, *names_of_plants]
    )


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
    return sum_by_name(content, ds.indexes["time"], [*names])


def sum_by_name(
    series: npt.NDArray[np.float64], hours: pd.Index, names: list[str]
) -> pd.DataFrame:
    """Sum the rows of one name; hours by name.

    Parameters
    ----------
    series
        Shape (names, hours).
    hours, names
        Index of the hours, and the name of each row.
    """
    return pd.DataFrame(series, index=names, columns=hours).groupby(level=0).sum().T
