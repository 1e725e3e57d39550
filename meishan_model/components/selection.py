"""Flows chosen by their coordinates, in the registry of a graph and in a saved slice.

A choice that finds nothing raises, unless it is said that there may be none: a coordinate that
nobody bears any more would otherwise make every number that rests on it a silent zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.coordinates import IN_FILE, ROLES
from meishan_model.components.flows import LOCAL_GREEN, Registry
from meishan_model.series import FloatArray
from meishan_model.sheets.units import weight_of_step

Wanted = str | Collection[str]


class EmptySelectionError(LookupError):
    """No flow bears the coordinates that were asked for."""


def select(flows: pd.DataFrame, *, may_be_empty: bool = False, **wanted: Wanted) -> pd.DataFrame:
    """The rows of a table of flows that bear some coordinates.

    Parameters
    ----------
    flows
        A column for each coordinate.
    may_be_empty
        Whether it is right that there are none.
    wanted
        Value of a coordinate, or several that are equally wanted.

    Raises
    ------
    EmptySelectionError
        If there are none and that is not right.
    ValueError
        If there is no such coordinate or role.

    Examples
    --------
    >>> flows = pd.DataFrame({"role": ["load", "charge"], "carrier": ["heat", "heat"]})
    >>> select(flows, role="load").index.tolist()
    [0]
    """
    chosen = np.ones(len(flows), dtype=bool)
    for name, values in wanted.items():
        if name not in IN_FILE:
            raise ValueError(f"flows have no coordinate {name}")
        each = {values} if isinstance(values, str) else set(values)
        if name == "role" and not each <= ROLES:
            raise ValueError(f"there is no role {', '.join(sorted(each - ROLES))}")
        chosen &= flows[name].isin(each).to_numpy()
    if not chosen.any() and not may_be_empty:
        told = ", ".join(f"{name} {value}" for name, value in wanted.items())
        raise EmptySelectionError(f"there is no flow of {told}")
    return flows[chosen]


def flows_of_graph(registry: Registry) -> pd.DataFrame:
    """Coordinates of every flow of a graph, in the order in which they were made.

    Columns are the coordinates of :data:`~components.coordinates.IN_FILE`; the index is the pair
    of labels of both ends.
    """
    rows = [
        {
            "source": source,
            "target": target,
            "carrier": meaning.carrier,
            "bus": registry.title(meaning.bus),
            "way": meaning.way,
            **asdict(meaning.coordinates),
        }
        for (source, target), meaning in registry.flows.items()
    ]
    edges = list(registry.flows)
    return pd.DataFrame(rows, index=pd.Index(edges, tupleize_cols=False), columns=[*IN_FILE])


def flows_of_slice(ds: xr.Dataset) -> pd.DataFrame:
    """Coordinates of every flow of a saved slice, and its energy [MWh/a].

    Columns are the coordinates of :data:`~components.coordinates.IN_FILE` and ``energy``; the
    index is the place of the flow. In a trial each step stands for several.
    """
    frame = pd.DataFrame({name: ds[key].to_numpy() for name, key in IN_FILE.items()})
    weight = weight_of_step(ds.sizes["time"])
    return frame.assign(energy=ds["power"].to_numpy().sum(axis=1) * weight)


def year_of(ds: xr.Dataset) -> int:
    """Calendar year of a slice."""
    return int(ds.attrs["year"]) if "year" in ds.attrs else int(ds["time"].dt.year[0])


def minutes_of_step(ds: xr.Dataset) -> int:
    """Length of the time steps of a saved slice [min]."""
    return int(ds.attrs.get("step_minutes", 60))


def step_of(ds: xr.Dataset) -> float:
    """Length of the time steps of a saved slice [h]."""
    return minutes_of_step(ds) / 60.0


def hours_of(ds: xr.Dataset) -> int:
    """Hours of a saved slice: 8760 unless it is a trial."""
    return ds.sizes["time"] * minutes_of_step(ds) // 60


def titles_of(ds: xr.Dataset) -> dict[str, str]:
    """What people call each node of a saved slice, by its label."""
    return dict(zip(ds["node"].to_numpy(), ds["node_title"].to_numpy(), strict=True))


def flow_titles(ds: xr.Dataset) -> list[str]:
    """What people call each flow of a saved slice: ``<title of source>-><title of target>``."""
    ends = (ds[end].to_series().map(titles_of(ds)) for end in ("source", "target"))
    return ["->".join(both) for both in zip(*ends, strict=True)]


def power_of(ds: xr.Dataset, *, may_be_empty: bool = False, **wanted: Wanted) -> FloatArray:
    """Power of the flows of a saved slice that bear some coordinates, shape (flows, steps) [MW].

    Parameters are those of :func:`select`.
    """
    frame = pd.DataFrame(
        {name: ds[IN_FILE[name]].to_numpy() for name in wanted if name in IN_FILE}
    )
    chosen = select(frame, may_be_empty=may_be_empty, **wanted)
    return np.asarray(ds["power"].to_numpy()[chosen.index.to_numpy()])


def energy_of(ds: xr.Dataset, *, may_be_empty: bool = False, **wanted: Wanted) -> float:
    """Energy of the flows of a saved slice that bear some coordinates [MWh/a].

    Parameters are those of :func:`select`; in a trial each step stands for several.
    """
    weight = weight_of_step(ds.sizes["time"])
    return float(power_of(ds, may_be_empty=may_be_empty, **wanted).sum() * weight)


def at_markets(flows: pd.DataFrame, role: str, carrier: str) -> pd.DataFrame:
    """What is bought or sold of a carrier at the markets of ``markets.csv``, which may be none.

    Parameters
    ----------
    flows
        A column for each coordinate.
    role
        ``purchase`` or ``export``; those of the connection have no asset.
    carrier
        The carrier.
    """
    found = select(flows, role=role, carrier=carrier, may_be_empty=True)
    return found[found["asset"] != ""]


def green_at_home(ds: xr.Dataset) -> float:
    """Local green power that is used at home, neither exported nor sold at a market [MWh/a].

    What is sold at a market in an hour is taken for local green power as far as there is any:
    nobody can say whose it is.
    """
    sold = at_markets(flows_of_slice(ds), "export", ds.attrs["power_carrier"])
    retired = power_of(ds, role="retire", carrier=LOCAL_GREEN, may_be_empty=True).sum(axis=0)
    kept = np.maximum(retired - ds["power"].to_numpy()[sold.index].sum(axis=0), 0.0)
    return float(kept.sum()) * weight_of_step(ds.sizes["time"])


def each(flows: pd.DataFrame) -> Iterator[Any]:
    """Rows of a table of flows: columns are attributes, ``Index`` is the index."""
    return iter(flows.itertuples())


def buses_of_zones(ds: xr.Dataset) -> pd.Series[str]:
    """The bus of power of each zone, which is where its demand can be shed.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """
    shed = select(flows_of_slice(ds), role="shedding", carrier=ds.attrs["power_carrier"])
    return shed.set_index("zone")["bus"]


def fed_in_by_plant(ds: xr.Dataset) -> tuple[pd.DataFrame, FloatArray]:
    """What each plant feeds in: its part of what leaves the busbar on which it stands.

    Curtailment falls on all plants of a busbar alike.

    Parameters
    ----------
    ds
        A slice by the result contract.

    Returns
    -------
    pandas.DataFrame
        Flows of generation; ``busbar_zone`` is the zone of the busbar, empty at 110 kV.
    numpy.ndarray
        Power that is fed in, shape (flows, steps) [MW].
    """
    flows, power = flows_of_slice(ds), ds["power"].to_numpy()
    plants = select(flows, role="generation", may_be_empty=True)
    busbars = select(flows, role="feed_in", way="out", may_be_empty=True).reset_index()
    busbars = busbars.set_index("bus").loc[plants["bus"]]
    on_busbar = plants["bus"].to_numpy() == plants["bus"].to_numpy()[:, None]
    generated = power[plants.index]
    total = on_busbar.astype(float) @ generated
    part = np.divide(generated, total, out=np.zeros_like(total), where=total > 0.0)
    fed_in = part * power[busbars["index"]]
    return plants.assign(busbar_zone=busbars["zone"].to_numpy()), fed_in
