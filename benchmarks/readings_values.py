"""Readings of results as plain values of JSON, and where two of them differ."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

Renamed: TypeAlias = Mapping[str, str]
"""What a word is called now, by what it was called."""

SAME, DUST = 1e-6, 1e-6
"""Relative and absolute difference of two numbers that are the same."""
WIDTH = 400
"""Columns of a terminal in which no line is broken."""
PASSING = re.compile(r"seconds|sha256|history|model_version|_at$|^iterations$|^problem_|^created")
"""Names of what is another in each run, or says how a problem was solved and not what it says."""
TOKEN = re.compile(r"[^\W\d]\w*|\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|[^\s\w]")
CLOCK = re.compile(
    r"\b(?=\d*[a-f])[0-9a-f]{16,64}\b|\b\d[\d.,]* (?:s|seconds|MB)\b|\d{4}-\d\d-\d\dT[\d:]+Z"
    r"|\bgap \d[\d.e-]*"
)
"""Hashes, seconds, stamps and what a solver leaves open, within a text."""
PACKED = 500
"""A word longer than this is no word but packed numbers, which stand elsewhere."""


def as_plain(value: Any) -> Any:
    """A value of a reader as JSON: tables by column and row, figures, texts, numbers in full.

    Parameters
    ----------
    value
        Number, text, table, array, dataset, figure, record, or any of them in lists and
        dictionaries.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return value.name
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else str(float(value))
        case str():
            return _plain_text(value)
        case np.bool_():
            return bool(value)
        case Path():
            return value.name
        case pd.DataFrame():
            columns = dict(zip(_keys(value.columns), range(value.shape[1]), strict=True))
            return {name: as_plain(value.iloc[:, place]) for name, place in columns.items()}
        case pd.Series():
            return dict(zip(_keys(value.index), map(as_plain, value.tolist()), strict=True))
        case pd.Index() | np.ndarray():
            return [as_plain(one) for one in value.tolist()]
        case xr.Dataset():
            arrays = {str(name): _plain_array(array) for name, array in value.variables.items()}
            data = {str(name): _plain_array(value[name]) for name in value.data_vars}
            return {**arrays, **data, "attributes": as_plain(value.attrs)}
        case xr.DataArray():
            return _plain_array(value)
        case Mapping():
            named = {"|".join(map(str, k)) if isinstance(k, tuple) else str(k): k for k in value}
            return {k: as_plain(value[of]) for k, of in named.items() if not PASSING.search(k)}
    return _plain_object(value)


def _plain_object(value: Any) -> Any:
    """A record, a figure, something to be printed, or whatever can be gone through."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_plain({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if hasattr(value, "_asdict"):
        return as_plain(value._asdict())
    if hasattr(value, "to_plotly_json"):
        return as_plain(value.to_plotly_json())
    if hasattr(value, "__rich_console__") or hasattr(value, "__rich__"):
        from rich.console import Console

        console = Console(file=StringIO(), width=WIDTH)
        console.print(value)
        return _plain_text(console.file.getvalue())  # type: ignore[attr-defined]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if hasattr(value, "__iter__"):
        return [as_plain(one) for one in value]
    return str(value) if " at 0x" not in repr(value) else type(value).__name__


def _plain_text(text: str) -> str:
    """A text without what is another in each run, and without packed numbers."""
    lines = (" ".join(w for w in line.split() if len(w) < PACKED) for line in text.split("\n"))
    return CLOCK.sub("*", "\n".join(line for line in lines if line))


def _plain_array(array: xr.DataArray | xr.Variable) -> Any:
    """An array by the names of its places, with a list over the hours last."""
    if not isinstance(array, xr.DataArray) or not array.ndim:
        return as_plain(array.to_numpy())
    hourly = [d for d in array.dims if d == "time"]
    other = [d for d in array.dims if d != "time"]
    values = array.transpose(*other, *hourly)
    if not other:
        return as_plain(values.to_numpy())
    names = [
        values[d].to_numpy().astype(str) if d in values.coords else np.arange(values.sizes[d])
        for d in other
    ]
    keys = pd.MultiIndex.from_product(names) if len(other) > 1 else pd.Index(names[0])
    rows = values.to_numpy().reshape(len(keys), *(values.sizes[d] for d in hourly))
    return dict(zip(_keys(keys), map(as_plain, rows), strict=True))


def _keys(index: pd.Index) -> list[str]:
    """Names of rows or columns; one that is there already gets a number."""
    seen: dict[str, int] = {}
    names = []
    for key in index:
        name = "|".join(map(str, key)) if isinstance(key, tuple) else str(key)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def differences(old: Any, new: Any, renamed: Renamed) -> list[str]:
    """Where two plain values differ; empty where they say the same.

    What is there in addition, as another coordinate of a dataset, is no difference.

    Parameters
    ----------
    old, new
        Values of :func:`as_plain`.
    renamed
        What words of ``old`` are called in ``new``.
    """
    return list(_differ(old, new, renamed, ""))


def _differ(old: Any, new: Any, renamed: Renamed, at: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        found = _partners(old, new, renamed)
        for key, value in old.items():
            if key in found:
                yield from _differ(value, new[found[key]], renamed, f"{at}/{key}")
            elif not (_is_number(value) and abs(value) <= DUST):
                yield f"{at}/{key}: is missing"
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists_differ(old, new, renamed, at)
    elif isinstance(old, str) and isinstance(new, str):
        yield from _texts_differ(old, new, renamed, at)
    elif _is_number(old) and _is_number(new):
        if abs(old - new) > SAME * max(abs(old), abs(new)) + DUST:
            yield f"{at}: {old!r} -> {new!r}"
    elif old != new:
        yield f"{at}: {str(old)[:60]} -> {str(new)[:60]}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _partners(old: Mapping[str, Any], new: Mapping[str, Any], renamed: Renamed) -> dict[str, str]:
    """The key of ``new`` for each of ``old``, where there is one."""
    found = {key: key for key in old if key in new}
    missing = [key for key in old if key not in found]
    free = dict.fromkeys(key for key in new if key not in old) if missing else {}
    for key in missing:
        called = _renamed(key, renamed)
        match = (
            called if called in free else next((k for k in free if _words(key, k, renamed)), "")
        )
        if match in free:
            del free[match]
            found[key] = match
    return found


def _renamed(text: str, renamed: Renamed) -> str:
    return re.sub(r"\w+", lambda word: renamed.get(word[0], word[0]), text) if renamed else text


def _words(old: str, new: str, renamed: Renamed) -> bool:
    """Whether two texts have the same words and numbers."""
    if old == new:
        return True
    first, second = _tokens(old), _tokens(new)
    return len(first) == len(second) and all(
        a == b or renamed.get(a) == b or _close(a, b) for a, b in zip(first, second, strict=True)
    )


@lru_cache(maxsize=100_000)
def _tokens(text: str) -> tuple[str, ...]:
    """Words, numbers and signs of a text."""
    return tuple(TOKEN.findall(text))


def _close(old: str, new: str) -> bool:
    """Whether two numbers of a text differ by noise, or by one of their last decimal."""
    if not (old[0].isdigit() and new[0].isdigit()):
        return False
    mantissa, _, power = old.replace(",", "").partition("e")
    decimals = len(mantissa.partition(".")[2])
    last = 10.0 ** (int(power or 0) - decimals) if decimals and "." in new else 0.0
    first, second = float(old.replace(",", "")), float(new.replace(",", ""))
    return abs(first - second) <= max(1.01 * last, SAME * max(first, second), DUST)


def _texts_differ(old: str, new: str, renamed: Renamed, at: str) -> Iterator[str]:
    """Lines of a text that are not there; rows of a table may stand in another order."""
    if _words(old, new, renamed):
        return
    left = Counter(line for line in new.split("\n") if line)
    missing = []
    for line in (line for line in old.split("\n") if line):
        called = next((one for one in (line, _renamed(line, renamed)) if left[one]), "")
        left.subtract([called] if called else [])
        missing += [] if called else [line]
    others = list(left.elements())
    for line in missing:
        match = next((i for i, other in enumerate(others) if _words(line, other, renamed)), None)
        if match is None:
            yield f"{at}: no line {line.strip()[:100]!r}"
        else:
            del others[match]
    yield from (f"{at}: another line {line.strip()[:100]!r}" for line in others)


def _lists_differ(old: list[Any], new: list[Any], renamed: Renamed, at: str) -> Iterator[str]:
    """Where lists differ, in their order or, of rows and names, in that of their words."""
    if len(old) != len(new):
        yield f"{at}: {len(old)} entries -> {len(new)}"
        return
    found = [
        d
        for i, (a, b) in enumerate(zip(old, new, strict=True))
        for d in _differ(a, b, renamed, f"{at}/{i}")
    ]
    if found and not all(map(_is_number, old)):
        first = sorted(old, key=lambda entry: _renamed(_said(entry), renamed))
        second = sorted(new, key=_said)
        pairs = enumerate(zip(first, second, strict=True))
        again = [d for i, (a, b) in pairs for d in _differ(a, b, renamed, f"{at}/{i}")]
        found = min(found, again, key=len)
    yield from found


def _said(value: Any) -> str:
    """All texts within a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return " ".join(f"{key} {_said(of)}" for key, of in sorted(value.items()))
    return " ".join(map(_said, value)) if isinstance(value, list) else ""
