"""The hash of content tells apart what differs, however it is printed."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from meishan_model.sheets.fingerprint import fingerprint


def long_frame() -> pd.DataFrame:
    """A frame of which only the first and last rows are printed."""
    index = pd.date_range("2030-01-01", periods=1000, freq="h")
    return pd.DataFrame({"a": np.linspace(0, 1, 1000), "b": "text"}, index)


def test_two_frames_of_equal_text_differ() -> None:
    """A number in the part that is not printed changes the hash, alone or in a record."""
    one, other = long_frame(), long_frame()
    other.iloc[500, 0] += 1e-15
    assert str(one) == str(other) and not one.equals(other)
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint({"table": [one]}) != fingerprint({"table": [other]})
    assert fingerprint(one["a"]) != fingerprint(other["a"])
    assert fingerprint(one["a"].to_numpy()) != fingerprint(other["a"].to_numpy())
    assert fingerprint(one) == fingerprint(long_frame())


CHANGES: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    lambda frame: frame.rename(columns={"a": "c"}),
    lambda frame: frame.rename_axis("time"),
    lambda frame: frame.rename_axis(columns="name"),
    lambda frame: frame[["b", "a"]],
    lambda frame: frame[::-1],
    lambda frame: frame.iloc[:-1],
    lambda frame: frame.astype({"a": "float32"}),
    lambda frame: frame.set_axis(frame.index + pd.Timedelta("1ns")),
    lambda frame: frame.tz_localize("UTC"),
    lambda frame: frame.assign(b=["text"] * 999 + ["Text"]),
    lambda frame: frame.assign(b=None),
    lambda frame: frame.set_index("b", append=True),
)


@pytest.mark.parametrize("change", CHANGES)
def test_all_of_a_frame_counts(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Names, order, length, types, index and texts of a frame are in its hash."""
    frame = long_frame()
    assert fingerprint(change(frame)) != fingerprint(frame)
    assert fingerprint(change(frame)) == fingerprint(change(long_frame()))


@dataclass(frozen=True)
class One:
    """A record whose place does not count."""

    value: object
    place: str = field(default="", metadata={"origin": True})


@dataclass(frozen=True)
class Other:
    """A record of another kind with the same fields."""

    value: object


def test_what_is_different_has_different_hashes() -> None:
    """No two of these are the same; their texts or their JSON often are."""
    values = np.arange(6.0)
    content = [
        *(None, True, 1.5, "1.5", "None", "", b"", b"1.5", [], {}, set(), [[]]),
        *([1.5], {"a": 1.5}, [["a", 1.5]], {1: "a"}, {"1": "a"}, {(1, 2): "a"}, {"a", "b"}),
        *(dt.date(2030, 1, 1), dt.datetime(2030, 1, 1), "2030-01-01", dt.time(1)),
        *(values, values.reshape(2, 3), values.reshape(3, 2), values.astype("float32")),
        *(values.astype(">f8"), values.astype(complex), list(values), pd.Series(values)),
        *(np.array(["a", "b"]), np.array(["a", "b"], dtype=object), np.array([1, "b"], object)),
        *(pd.Index(values), pd.Series(values, name="a"), pd.DataFrame({"a": values})),
        *(One(1.5), Other(1.5), One(values), ["sequence", 1.5], ["One", ["value", 1.5]]),
        *(values.astype("datetime64[ns]"), values.astype("datetime64[s]")),
    ]
    for one, other in itertools.combinations(content, 2):
        assert fingerprint(one) != fingerprint(other), (one, other)


def test_what_is_the_same_has_the_same_hash() -> None:
    """Order of mappings and sets, layout in memory, numpy's numbers and origins do not count."""
    values = np.arange(6.0).reshape(2, 3)
    same = [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a", "b", "c"}, frozenset("cba")),
        ((1, 2), [1, 2]),
        (values, np.asfortranarray(values)),
        ([1, 1.5, True], [np.int64(1), np.float64(1.5), np.bool(True)]),
        (One(1.5, "here"), One(1.5, "there")),
        (float("nan"), float("nan")),
    ]
    for one, other in same:
        assert fingerprint(one) == fingerprint(other), (one, other)


@pytest.mark.parametrize(
    "unknown",
    [
        Path("a"),
        object(),
        SimpleNamespace(a=1),
        np.zeros(2, dtype=[("a", object)]),
        np.array([object()]),
        One,
        len,
        (number for number in (1, 2)),
        pd.DataFrame({"a": [object()]}),
    ],
)
def test_what_nobody_knows_is_refused(unknown: object) -> None:
    """A text of such a thing may leave out what differs: there is no hash of it."""
    with pytest.raises(TypeError, match="nobody has said what the content of"):
        fingerprint({"somewhere": [unknown]})
