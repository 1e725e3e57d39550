"""Datasets of the data contract: one slice year, and the pathway through the slices.

The names of all variables, their dimensions and units stand in
:mod:`meishan_model.results.schema`; the checks in :mod:`meishan_model.results.validation`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from meishan_model.errors import ContractError, Fault
from meishan_model.results.pathway_file import pathway_dataset
from meishan_model.results.reasons import Term, reason
from meishan_model.results.schema import (
    CONVENTIONS,
    FLOW_ARROW,
    PRICE_VARIABLES,
    SCHEMA_VERSION,
    SLICE_COORDINATES,
    SLICE_VARIABLES,
    TABLES,
    assemble,
    number_array,
    text_array,
)
from meishan_model.results.validation import validate_pathway, validate_slice

__all__ = [
    "SCHEMA_VERSION",
    "SliceTables",
    "pathway_dataset",
    "slice_dataset",
    "validate_pathway",
    "validate_slice",
]


def no_views() -> pd.DataFrame:
    """A table of views without rows: everything goes by its own name."""
    return pd.DataFrame(columns=["group", "colour", "name", "name_zh"]).rename_axis("thing")


@dataclass(frozen=True)
class SliceTables:
    """Everything one slice year leaves behind, as pandas objects.

    The index of a table may also stand as a column of that name.

    Attributes
    ----------
    flows
        Hours x flows [MW]; columns are ``"<source>-><target>"``, the index the real local
        stamps at the start of each hour, without a time zone.
    flow_table
        Index flow; source, target, carrier, zone, technology, unit.
    node_kind
        Node -> bus, source, sink, converter, link or storage.
    node_words
        Node -> the words that make up its title.
    storage_content
        Hours x storages [MWh], at the end of the hour.
    storage_table
        Index storage; initial_content [MWh], loss_rate [1/h], inflow_efficiency,
        outflow_efficiency [1].
    price
        Hours x buses [CNY/MWh], or ``None`` where the solver gives no duals.
    asset_table
        Index asset; capacity and capacity_existing, _new, _bridge, _lower, _upper [unit],
        unit, technology, zone.
    bound_terms
        Columns asset, kind (of :data:`~meishan_model.results.reasons.TERMS`), year and amount
        [unit]: the terms of the bounds of each asset, in their order; infinite where there is no
        limit.
    cost_table
        Index cost_item; component, category, value [CNY/a].
    emission_table
        Index emission_item; scope, carrier, value [tCO2/a].
    energy_table
        Index energy_item; sector, carrier, energy_mwh [MWh/a], energy_tce_equivalent and
        energy_tce_calorific [tce/a].
    view_table
        Index thing; group, colour, name, name_zh: how things are shown, see
        :func:`~meishan_model.components.catalogue.views`.
    attributes
        Attributes of the file. ``hours`` says how many hours a trial has (8760 if absent).
        ``Conventions`` and ``schema_version`` are set here, ``title`` where it is absent.
    price_note
        Why there are no prices; needed when `price` is ``None``.
    """

    flows: pd.DataFrame
    flow_table: pd.DataFrame
    node_kind: pd.Series
    node_words: Mapping[str, tuple[str, ...]]
    storage_content: pd.DataFrame
    storage_table: pd.DataFrame
    price: pd.DataFrame | None
    asset_table: pd.DataFrame
    bound_terms: pd.DataFrame
    cost_table: pd.DataFrame
    emission_table: pd.DataFrame
    energy_table: pd.DataFrame
    attributes: Mapping[str, str | int | float]
    price_note: str = ""
    view_table: pd.DataFrame = field(default_factory=no_views)


def slice_dataset(tables: SliceTables) -> xr.Dataset:
    """Dataset of one slice year as the contract says.

    What the tables hold is carried over unchanged; whether it makes sense is the matter of
    :func:`validate_slice`. Only what cannot be written without guessing is refused.

    Parameters
    ----------
    tables
        The solved year.

    Returns
    -------
    xarray.Dataset
        All values float64, all labels str, stamps datetime64[ns].

    Raises
    ------
    ContractError
        With every missing column, missing or doubled label, label with ``->`` in a node, number
        that is none, and series whose hours differ.
    """
    faults: list[Fault] = []
    frames = {n: _indexed(getattr(tables, n), n, faults) for n in TABLES}
    faults += _label_faults(tables, frames)
    faults += _hour_faults(tables)
    faults += _attribute_faults(tables)
    if faults:
        raise ContractError("the result", faults)
    data, coordinates = _series(tables)
    data["kind"] = text_array(tables.node_kind)
    coordinates["node"] = text_array(tables.node_kind.index)
    words = [tables.node_words[node] for node in tables.node_kind.index]
    coordinates["node_title"] = text_array("_".join(of_node) for of_node in words)
    coordinates["word_node"] = np.repeat(coordinates["node"], [*map(len, words)])
    coordinates["word"] = text_array(word for of_node in words for word in of_node)
    order = {"flow_table": tables.flows.columns, "storage_table": tables.storage_content.columns}
    for name, (index, texts, numbers) in TABLES.items():
        frame = frames[name].reindex(order[name]) if name in order else frames[name]
        coordinates[index] = text_array(frame.index)
        for column, target in texts.items():
            place = data if target in SLICE_VARIABLES else coordinates
            place[target] = text_array(frame[column])
        data |= {target: number_array(frame[column]) for column, target in numbers.items()}
    terms = tables.bound_terms
    amount = number_array(terms["amount"])
    data["term_amount"] = np.where(np.isfinite(amount), amount, np.nan)
    data["bound_reason"] = _reasons(frames["asset_table"]["unit"], terms)
    coordinates |= {f"term_{name}": text_array(terms[name]) for name in ("asset", "kind")}
    coordinates["term_year"] = terms["year"].to_numpy(dtype=np.int64)
    schema = {**SLICE_VARIABLES, **SLICE_COORDINATES, **PRICE_VARIABLES}
    return assemble(data, coordinates, schema, _slice_attributes(tables))


def _series(tables: SliceTables) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays over time, with the time axis and its bounds."""
    stamps = pd.DatetimeIndex(tables.flows.index).to_numpy().astype("datetime64[ns]")
    data: dict[str, Any] = {
        "power": number_array(tables.flows).T,
        "time_bnds": np.stack([stamps, stamps + np.timedelta64(1, "h")], axis=1),
        "storage_content": number_array(tables.storage_content).T,
    }
    coordinates: dict[str, Any] = {"time": stamps}
    if tables.price is not None:
        data["price"] = number_array(tables.price).T
        coordinates["bus"] = text_array(tables.price.columns)
    return data, coordinates


def _reasons(units: pd.Series, terms: pd.DataFrame) -> npt.NDArray[np.object_]:
    """What the terms of each asset say in English; empty where an asset has none."""
    found: dict[Hashable, list[Term]] = defaultdict(list)
    for asset, *term in terms[["asset", "kind", "year", "amount"]].itertuples(index=False):
        found[asset].append((term[0], term[1], term[2]))
    return text_array(reason(found[asset], unit) for asset, unit in units.items())


def _slice_attributes(tables: SliceTables) -> dict[str, str | int | float]:
    given = {k: v.item() if isinstance(v, np.generic) else v for k, v in tables.attributes.items()}
    default = f"Hourly operation of {given.get('scenario', '?')} in {given.get('year', '?')}"
    attributes = {"title": default} | given
    attributes |= {"Conventions": CONVENTIONS, "schema_version": SCHEMA_VERSION}
    if tables.price is None:
        attributes["price_unavailable"] = tables.price_note
    return attributes


def _indexed(frame: pd.DataFrame, table: str, faults: list[Fault]) -> pd.DataFrame:
    """Table by its contract index; what its columns lack goes to `faults`."""
    index, texts, numbers = TABLES[table]
    if index in frame.columns:
        frame = frame.set_index(index)
    for column in (*texts, *numbers):
        if column not in frame.columns:
            faults.append(Fault(table, "column is missing", column=column))
            continue
        values = frame[column]
        wanted: tuple[type, ...] = (str,) if column in texts else (int, float, np.number)
        wrong = [v for v in values if not isinstance(v, wanted) or isinstance(v, bool)]
        if wrong:
            what = "text" if column in texts else "a number"
            faults.append(Fault(table, f"is not {what}", column=column, value=repr(wrong[0])))
    return frame


def _label_faults(tables: SliceTables, frames: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Find labels that are no text, stand twice, are ambiguous or stand in one table only."""
    axes: dict[str, pd.Index] = {f"{name} index": frame.index for name, frame in frames.items()}
    axes |= {"flows": tables.flows.columns, "node_kind": tables.node_kind.index}
    axes["storage_content"] = tables.storage_content.columns
    if tables.price is not None:
        axes["price"] = tables.price.columns
    faults = [
        Fault(axis, "label is not a text", value=repr(label))
        for axis, labels in axes.items()
        for label in labels
        if not isinstance(label, str) or not label
    ]
    faults += [
        Fault(axis, "label stands more than once", value=str(label))
        for axis, labels in axes.items()
        for label in labels[labels.duplicated()].unique()
    ]
    faults += [
        Fault("node_kind", f"a node's name holds {FLOW_ARROW!r}", value=node, remedy="rename it")
        for node in tables.node_kind.index
        if isinstance(node, str) and FLOW_ARROW in node
    ]
    for series, table in (("flows", "flow_table"), ("storage_content", "storage_table")):
        one, other = axes[series], frames[table].index
        faults += [
            Fault(table, f"row of {series} is missing", value=str(x))
            for x in one.difference(other)
        ]
        faults += [
            Fault(series, f"column of {table} is missing", value=str(x))
            for x in other.difference(one)
        ]
    flows = frames["flow_table"]
    if {"source", "target"} <= set(flows.columns):
        named = flows["source"].astype(str) + FLOW_ARROW + flows["target"].astype(str)
        faults += [
            Fault("flow_table", f"flow is not called {name!r}", value=str(flow))
            for flow, name in named.items()
            if flow != name
        ]
    return faults


def _hour_faults(tables: SliceTables) -> list[Fault]:
    """Find series that hold no numbers, no local stamps, or other hours than the flows."""
    index = tables.flows.index
    if not isinstance(index, pd.DatetimeIndex):
        return [Fault("flows", "index holds no time stamps")]
    if index.tz is not None:
        remedy = "give local standard time without a time zone"
        return [Fault("flows", "index has a time zone", value=str(index.tz), remedy=remedy)]
    series = {"flows": tables.flows, "storage_content": tables.storage_content}
    if tables.price is not None:
        series["price"] = tables.price
    faults = [
        Fault(name, "hours differ from those of the flows")
        for name, frame in series.items()
        if not frame.index.equals(index)
    ]
    faults += [
        Fault(name, f"holds {dtype}, not numbers", column=str(column))
        for name, frame in series.items()
        for column, dtype in frame.dtypes.items()
        if dtype.kind not in "iuf"
    ]
    return faults


def _attribute_faults(tables: SliceTables) -> list[Fault]:
    allowed = (str, int, float, np.integer, np.floating)
    faults = [
        Fault("attributes", "is not a text or number", column=name, value=repr(value))
        for name, value in tables.attributes.items()
        if isinstance(value, bool) or not isinstance(value, allowed)
    ]
    if tables.price is None and not tables.price_note:
        faults.append(Fault("price_note", "prices are absent and no reason is given"))
    return faults
