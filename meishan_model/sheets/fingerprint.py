"""Hash of content: equal content gives an equal hash, whatever the text on disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel

from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.park import Site
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.tariff_rows import TariffRow

Plain: TypeAlias = str | int | float | list["Plain"] | None

NOT_CONTENT: Mapping[type[BaseModel], frozenset[str]] = {
    TariffRow: frozenset({"line", "source", "note", "confidence", "province"}),
    PricedRow: frozenset({"line", "source", "note", "confidence", "price_year", "vat"}),
    ValueRow: frozenset({"line", "source", "note", "confidence"}),
    Scenario: frozenset({"title", "base", "weather_year"}),
    Site: frozenset({"title", "title_zh", "province", "checked", "weather_year"}),
    BaseModel: frozenset({"provenance"}),
}
"""Fields that say where a number comes from or what it is called; of the first class that fits.

The weather is hashed itself, so that which of several years it is does not matter.
"""


def fingerprint(content: object) -> str:
    """Hash of content; equal content gives an equal hash, different content another one.

    Arrays count by type, shape and bytes; frames and series by their columns, index and names;
    mappings and sets in no order; dataclasses by the fields that are not marked as ``origin``.

    Parameters
    ----------
    content
        Dataclasses, pydantic models, mappings, sequences, sets, arrays, frames, dates, numbers,
        texts and bytes, nested.

    Raises
    ------
    TypeError
        If something else is in it: its text need not tell two different values apart.
    """
    return hashlib.sha256(_text(_plain(content)).encode()).hexdigest()


def _text(plain: Plain) -> str:
    return json.dumps(plain, separators=(",", ":"))


def _plain(content: object) -> Plain:
    """Content as nested lists, of which each begins with the kind of what it stands for."""
    if content is None or isinstance(content, (str, int, float)):
        return content
    if isinstance(content, (list, tuple)):
        return ["sequence", *map(_plain, content)]
    if isinstance(content, Mapping):
        pairs = ([_plain(key), _plain(value)] for key, value in content.items())
        return ["mapping", *sorted(pairs, key=lambda pair: _text(pair[0]))]
    if isinstance(content, (set, frozenset)):
        return ["set", *sorted(map(_plain, content), key=_text)]
    if isinstance(content, BaseModel):
        left_out = next(names for kind, names in NOT_CONTENT.items() if isinstance(content, kind))
        return _record(content, [n for n in type(content).model_fields if n not in left_out])
    if is_dataclass(content) and not isinstance(content, type):
        counted = [f.name for f in fields(content) if not f.metadata.get("origin")]
        return _record(content, counted)
    if isinstance(content, (dt.date, dt.time)):
        return [type(content).__name__, content.isoformat()]
    if isinstance(content, bytes):
        return ["bytes", hashlib.sha256(content).hexdigest()]
    return _plain_array(content)


def _record(content: object, names: list[str]) -> Plain:
    pairs: list[Plain] = [[name, _plain(getattr(content, name))] for name in names]
    return [type(content).__name__, *pairs]


def _plain_array(content: object) -> Plain:
    """Arrays, frames and what is in them."""
    if isinstance(content, np.ndarray):
        return _plain_numpy(content)
    if isinstance(content, (np.bool, np.integer, np.floating)):
        return _plain(content.item())
    if isinstance(content, pd.MultiIndex):
        levels = map(content.get_level_values, range(content.nlevels))
        return ["levels", *map(_plain, levels)]
    if isinstance(content, pd.Index):
        return ["index", _plain(content.name), str(content.dtype), _plain(content.to_numpy())]
    if isinstance(content, pd.Series):
        values = [_plain(content.name), str(content.dtype), _plain(content.to_numpy())]
        return ["series", _plain(content.index), *values]
    if isinstance(content, pd.DataFrame):
        columns = [content.iloc[:, position] for position in range(content.shape[1])]
        values = [[str(c.dtype), _plain(c.to_numpy())] for c in columns]
        return ["frame", _plain(content.columns), _plain(content.index), *values]
    kind = f"{type(content).__module__}.{type(content).__qualname__}"
    raise TypeError(f"nobody has said what the content of a {kind} is: {content!r}")


def _plain_numpy(array: NDArray[Any]) -> Plain:
    """Type, shape and bytes; the elements themselves where the bytes are only addresses."""
    if array.dtype == object:
        return ["objects", _plain(array.shape), *map(_plain, array.ravel().tolist())]
    if array.dtype.hasobject:
        raise TypeError(f"nobody has said what the content of an array of {array.dtype} is")
    digest = hashlib.sha256(array.tobytes()).hexdigest()
    return ["numbers", str(array.dtype), _plain(array.shape), digest]
