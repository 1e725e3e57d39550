"""What the hourly explorer of the page needs: packed hours, and how they are drawn.

Hours are text in the page: 16 bits a number, deflated, base64.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.selection import flows_of_slice, minutes_of_step, select, titles_of
from meishan_model.report.hourly import Wanted, units_of
from meishan_model.report.hourly_series import panels_of, places, series_of
from meishan_model.report.labels import LANGUAGES, Labels, Language, Words
from meishan_model.report.slice_figures import dispatch_layout, sankey_figure, trace_style
from meishan_model.series import FloatArray

LEVELS = 32767
"""Largest code; a value is its code times the scale of its row."""


@dataclass(frozen=True)
class Packed:
    """Rows of numbers as text.

    Attributes
    ----------
    scales
        Value of one step of each row, in the unit of the row.
    places
        Where the codes of each row stand; rows in proportion to each other, such as what goes
        into and out of a transformer, share theirs.
    text
        Codes one after the other: int16, little-endian, zlib, base64.
    """

    scales: tuple[float, ...]
    places: tuple[int, ...]
    text: str


def pack(rows: FloatArray) -> Packed:
    """Quantise rows to 16 bits and compress them.

    A row is stored as ``round(value / scale)`` with ``scale = max|value| / 32767``, so no value
    is off by more than half a step, ``max|value| / 65534``.

    Parameters
    ----------
    rows
        Numbers, shape (rows, hours).

    Returns
    -------
    Packed
    """
    largest = np.abs(rows).max(axis=1, initial=0.0)
    # Below the smallest normal number there is no step to divide by; such a row is zero.
    scales = np.where(largest > LEVELS * np.finfo(float).tiny, largest / LEVELS, 1.0)
    codes = np.rint(rows / scales[:, None]).astype("<i2")
    stored: dict[bytes, int] = {}
    places = tuple(stored.setdefault(row.tobytes(), len(stored)) for row in codes)
    text = base64.b64encode(zlib.compress(b"".join(stored), 9)).decode("ascii")
    return Packed(tuple(scales.tolist()), places, text)


Rows: TypeAlias = dict[tuple[str, ...], FloatArray]
"""Hourly values by what they are and whose."""


@dataclass
class Shared:
    """What years have in common, each stored once: styles of traces, layouts, labels.

    Attributes
    ----------
    labels
        What things are called.
    styles, layouts
        By their key, in the order of their numbers.
    texts
        Labels in use: key -> text by language, ready for a figure.
    """

    labels: Labels
    styles: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    layouts: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def words(self) -> Mapping[Language, Words]:
        """The labels in every language."""
        return {lang: Words(self.labels, lang) for lang in LANGUAGES}

    def label(self, key: str) -> str:
        """Note that a label is in use."""
        if key not in self.texts:
            self.texts[key] = {lang: words.plotly(key) for lang, words in self.words.items()}
        return key

    def document(self) -> dict[str, Any]:
        """What goes into the page."""
        return {
            "styles": list(self.styles.values()),
            "layouts": list(self.layouts.values()),
            "labels": self.texts,
        }


@dataclass(frozen=True)
class PackedYear:
    """One year of the explorer: ``index`` says what the packed ``hours`` are."""

    year: int
    index: Mapping[str, Any]
    hours: str


def packed_year(ds: xr.Dataset, year: int, shared: Shared, shown: xr.Dataset) -> PackedYear:
    """Pack a slice.

    Parameters
    ----------
    ds
        A slice by the result contract, with whole days.
    year
        Its year.
    shared
        Gets the styles, layouts and labels of this year.
    shown
        The slice in the units in which its hours are shown.
    """
    rows: Rows = {}
    units: dict[tuple[str, ...], str] = {}
    for name, unit, values in _plain_rows(shown):
        if values.any():
            rows[name], units[name] = values, unit
            for node in name[1:]:
                shared.label(f"node.{node}")
            shared.label(f"unit.{unit}")
    views = {shared.label(_label(p)): _view(shown, p, rows, shared) for p in places(ds)}
    packed = pack(np.stack(list(rows.values())))
    number = {name: place for place, name in enumerate(rows)}
    for view in views.values():
        view["series"] = [[style, number[row], sign] for style, row, sign in view["series"]]
    titles = titles_of(ds)
    purchase = select(flows_of_slice(ds), role="purchase", asset="").iloc[0]
    of_day = 24 * 60 // minutes_of_step(ds)
    days = pd.DatetimeIndex(ds["time"].to_numpy())[::of_day]
    index = {
        "year": year,
        "first": number.get(("flow", titles[purchase.source], titles[purchase.target]), 0),
        "days": [f"{day:%Y-%m-%d}" for day in days],
        "ofDay": of_day,
        "rows": [
            [name, units.get(name, ""), packed.scales[i], packed.places[i]]
            for name, i in number.items()
        ],
        "views": {label: view for label, view in views.items() if view["series"]},
        "sankey": {
            lang: sankey_figure(ds, words).to_plotly_json() for lang, words in shared.words.items()
        },
    }
    return PackedYear(year, index, packed.text)


def _plain_rows(ds: xr.Dataset) -> Iterator[tuple[tuple[str, ...], str, FloatArray]]:
    """Flows, prices and contents as they stand in the file, with their unit.

    The key of a row is what it is, and the titles of the nodes that it belongs to.
    """
    titles = titles_of(ds)
    for table, ends, kind, unit in (
        ("power", ("source", "target"), "flow", ""),
        ("price", ("bus",), "price", "CNY/MWh"),
        ("storage_content", ("storage",), "store", "MWh"),
    ):
        if table not in ds:
            continue
        values = ds[table].transpose(..., "time").to_numpy()
        unit = str(ds[table].attrs.get("units", unit))
        units = ds["unit"].to_numpy() if table == "power" else [unit] * len(values)
        nodes = zip(*(ds[end].to_numpy() for end in ends), strict=True)
        for labels, of_name, row in zip(nodes, units, values, strict=True):
            yield (kind, *(titles[label] for label in labels)), str(of_name), row


def _label(place: Wanted) -> str:
    """Key of the label of the whole park, a zone or a bus."""
    kinds = {"bus": "node", "zone": "zone"}
    return next((f"{kinds[kind]}.{name}" for kind, name in place.items()), "word.whole park")


def _view(ds: xr.Dataset, place: Wanted, rows: Rows, shared: Shared) -> dict[str, Any]:
    """How a place is drawn; rows that only it has are added."""
    series = series_of(ds, place)
    panels = panels_of(series)
    units = units_of(ds, place)
    drawn = []
    for s in series:
        rows.setdefault(s.row, s.hours)
        key = (tuple(panels), units, s.panel, s.kind, s.label, s.colour)
        if key not in shared.styles:
            style = trace_style(s, panels, units, shared.words["en"])
            shared.styles[key] = style | {"name": shared.label(s.label)}
        drawn.append((list(shared.styles).index(key), s.row, s.sign))
    layout = (tuple(panels), units)
    if layout not in shared.layouts:
        shared.layouts[layout] = {
            str(lang): dispatch_layout(panels, units, words)
            for lang, words in shared.words.items()
        }
    return {**place, "layout": list(shared.layouts).index(layout), "series": drawn}
