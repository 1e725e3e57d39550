"""Letters, stamps and numbers of exported tables, read alike of meters and of weather."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from meishan_model.errors import InputError
from meishan_model.series import IntArray

ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
HEAD = 30
"""Rows among which the head of a table is looked for."""
STAMP = (
    r"^(?P<first>\d{1,4})[-/.年](?P<second>\d{1,2})[-/.月](?P<third>\d{1,4})日?"
    r"(?:[T ]+(?P<before>上午|下午)? *(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:\.\d+)?))?"
    r"(?: *(?P<after>[AaPp])\.?[Mm]\.?)?)?$"
)
"""Day, in whatever order, and perhaps a time, of 24 hours or of twice twelve."""
MISSING_WORDS = ("", "-", "--", "---", "na", "n/a", "nan", "null", "none")
"""Cells that stand for a missing value, in small letters."""
Refuse: TypeAlias = Callable[[str, str, int | None], InputError]
"""Makes the error of a message, a remedy and the index of a cell."""


def decoded(content: bytes, is_western: bool = False) -> str:
    """Text in UTF-16, UTF-8, GB 18030 (unless western) or Latin-1, in which every byte is one."""
    is_utf16 = content[:2] in (BOM_UTF16_BE, BOM_UTF16_LE)
    for encoding in ("utf-16",) * is_utf16 + ENCODINGS:
        try:
            if not (is_western and encoding == "gb18030"):
                return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("every byte is a letter of Latin-1")


def table_rows(lines: Sequence[str], separator: str | None = None) -> list[list[str]]:
    """Cells of each line; tabs and semicolons part them where there are any, else commas."""
    sample = lines[min(len(lines) - 1, HEAD)] if lines else ""
    guess = next((mark for mark in "\t;" if mark in sample), ",")
    return list(csv.reader(lines, delimiter=separator or guess))


def table_numbers(
    texts: pd.Series[str], refuse: Refuse, decimal: str | None = None
) -> pd.Series[float]:
    """Cells as numbers, missing ones as NaN; of point and comma the other one groups thousands.

    Parameters
    ----------
    texts
        The cells.
    refuse
        Makes the error where some are no numbers.
    decimal
        Mark before decimals; unless given a comma where a cell makes sense with it.
    """
    words = texts.str.lower()
    is_missing = words.isin(MISSING_WORDS)
    if decimal is None:
        has_comma = words.str.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+").any()
        decimal = "," if has_comma else "."
    other = "." if decimal == "," else ","
    is_grouped = words.str.fullmatch(rf"-?[1-9]\d{{0,2}}([{other}]\d{{3}})+([{decimal}]\d*)?")
    whole = words.str.replace(other, "", regex=False)
    # Any other use of that mark is no number.
    words = whole.where(is_grouped, words.str.replace(other, "?", regex=False))
    words = words.str.replace(decimal, ".", regex=False)
    found = pd.to_numeric(words.mask(is_missing, None), errors="coerce").astype(float)
    if (wrong := found.isna() & ~is_missing).any():
        more = f" nor are {count} other cells" if (count := int(wrong.sum()) - 1) else ""
        message = f"{texts[wrong].iloc[0]!r} is no number{more}"
        remedy = "correct it, leave missing values empty, delete a row of units, see the decimal "
        raise refuse(message, remedy + "mark", int(texts.index[wrong][0]))
    return found


def clock_text(text: str) -> str:
    """A time as text; an hour alone is a whole one."""
    return f"{int(float(text)):02d}:00" if re.fullmatch(r"\d{1,2}(\.0)?", text) else text


def days_with_clocks(days: pd.Series[str], clocks: pd.Series[str]) -> pd.Series[str]:
    """Stamps of which day and time stand in two columns."""
    return days.str.replace(r"[T ]+0?0:00(:00)?$", "", regex=True) + " " + clocks.map(clock_text)


def table_stamps(texts: pd.Series[str], refuse: Refuse) -> pd.DatetimeIndex:
    """Stamps from texts, with 24:00 as the midnight after and days written in either order.

    A 0:00 that follows later hours of its own day is written for 24:00. A spreadsheet that opens
    a file of another country leaves both orders of days and months in one column, since it turns
    round what can be turned: then each row has the order that goes on evenly.

    Parameters
    ----------
    texts
        The cells, whose index an error tells.
    refuse
        Makes the error where some are none, or both orders of day and month make sense.
    """
    parts = texts.str.extract(STAMP)
    if parts["first"].isna().any():
        return _iso_stamps(texts, texts[parts["first"].isna()], refuse)
    half = parts["before"].map({"上午": "a", "下午": "p"}).fillna(parts["after"].str.lower())
    numbers = parts.drop(columns=["before", "after"]).fillna("0").astype(float)
    hours = numbers["h"].where(half.isna(), numbers["h"] % 12.0 + 12.0 * (half == "p"))
    clock = pd.to_timedelta(hours * 3600.0 + numbers["m"] * 60.0 + numbers["s"], "s")
    by_year = parts["first"].str.len().eq(4).all()
    read: list[pd.Series[pd.Timestamp]] = []
    for way in ["year month day"] if by_year else ["month day year", "day month year"]:
        dates = numbers[["first", "second", "third"]].set_axis(way.split(), axis=1)
        read.append((pd.to_datetime(dates, errors="coerce") + clock).dt.round("s"))
    orders = [_days_ended(pd.DatetimeIndex(s)) for s in read if s.notna().all()]
    if not any(s.is_monotonic_increasing or s.is_monotonic_decreasing for s in orders):
        even = None if by_year else _even_stamps(read)
        orders = orders if even is None else [even]
    if not orders:
        never = np.all([s.isna().to_numpy() for s in read], axis=0)
        wrong = int(np.argmax(never if never.any() else read[0].isna()))
        message = f"{texts.iloc[wrong]!r} is no day"
        raise refuse(message, "write them as 2024-01-31", int(texts.index[wrong]))
    # In the right order the stamps follow each other by one step.
    best = max(map(_most_common_step, orders))
    first, *others = (order for order in orders if _most_common_step(order) == best)
    if any(not first.equals(other) for other in others):
        message = "has days that can be read in two orders"
        raise refuse(message, "write them as 2024-01-31", None)
    return first


def _iso_stamps(
    texts: pd.Series[str], strange: pd.Series[str], refuse: Refuse
) -> pd.DatetimeIndex:
    """Stamps of the other forms of ISO 8601, such as 20240131T0015."""
    stamps: pd.Series[Any] = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    if stamps.notna().all():
        return pd.DatetimeIndex(stamps).tz_localize(None)
    message = f"{strange.iloc[0]!r} is no stamp, as {len(strange)} in all"
    remedy = "write them as 2024-01-31 23:00, or delete the row"
    raise refuse(message, remedy, int(strange.index[0]))


def _even_stamps(read: Sequence[pd.Series[pd.Timestamp]]) -> pd.DatetimeIndex | None:
    """Stamps at even steps of which each row has one of two readings."""
    for first in {stamps.iloc[0] for stamps in read if pd.notna(stamps.iloc[0])}:
        for step in ("60min", "30min", "15min", "10min"):
            even = pd.date_range(first, periods=len(read[0]), freq=step)
            if np.any([(stamps == even).to_numpy() for stamps in read], axis=0).all():
                return even
    return None


def _days_ended(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Stamps whose midnight behind later hours of the day that it begins is that of its end."""
    if len(stamps) < 2 or stamps[-1] < stamps[0]:
        return stamps
    behind = np.append(False, stamps[1:] < stamps[:-1])
    same_day = np.append(False, stamps[1:].normalize() == stamps[:-1].normalize())
    ends: IntArray = (behind & same_day & (stamps == stamps.normalize())).astype(np.int64)
    return stamps + ends * pd.Timedelta(days=1)


def _most_common_step(stamps: pd.DatetimeIndex) -> float:
    """Share of the steps between stamps that are the most common one [-]."""
    _, counts = np.unique(np.diff(stamps.asi8), return_counts=True)
    return float(counts.max(initial=0) / max(len(stamps) - 1, 1))
