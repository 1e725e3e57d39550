"""Surcharges by their days of validity: every day has exactly one row of each.

What is no longer raised, or not yet, is a row with the value 0. A surcharge whose last row simply
ends would otherwise be free of charge in every later year, and nobody would be told.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import begin_of, end_of
from meishan_model.sheets.trade_rows import SurchargeRow

_ONE_DAY = dt.timedelta(days=1)


def surcharge_faults(rows: Iterable[SurchargeRow], file: str) -> Iterator[Fault]:
    """Days with two rows of one surcharge, or with none between its first and last.

    Parameters
    ----------
    rows
        Rows of ``surcharges.csv``.
    file
        Path of the sheet, for messages.
    """
    for name, own in _by_name(rows).items():
        for before, after in pairwise(own):
            first = begin_of(after)
            if first <= end_of(before):
                message = f"row {before.line} has {name} on {first} already"
            elif first > end_of(before) + _ONE_DAY:
                message = f"no row has {name} on {end_of(before) + _ONE_DAY}"
            else:
                continue
            remedy = "let every row begin on the day after the one before it ends"
            yield Fault(file, message, after.line, "valid_from", after.valid_from, remedy)


def surcharges_in_force(
    park: Park, first: dt.date, last: dt.date
) -> tuple[tuple[SurchargeRow, ...], list[Fault]]:
    """Rows that hold on some day of a span, and a fault for each surcharge that leaves one bare.

    Parameters
    ----------
    park
        The park; its sheet has no gap between the rows of a surcharge (:func:`surcharge_faults`).
    first, last
        First and last day.
    """
    path, faults, found = park.path("surcharges"), [], []
    for name, own in _by_name(park.surcharges).items():
        found += [row for row in own if begin_of(row) <= last and first <= end_of(row)]
        remedy = "add a row; its value is 0 where the surcharge is not raised"
        if first < begin_of(own[0]):
            faults.append(_bare(path, name, first, own[0], "valid_from", remedy))
        if end_of(own[-1]) < last:
            faults.append(_bare(path, name, last, own[-1], "valid_until", remedy))
    return tuple(found), faults


def resolve_surcharges(park: Park, day: dt.date) -> tuple[SurchargeRow, ...]:
    """The row of each surcharge that holds on a day.

    Parameters
    ----------
    park
        The park.
    day
        The day.

    Raises
    ------
    InputError
        If a surcharge has no row for the day.
    """
    rows, faults = surcharges_in_force(park, day, day)
    if faults:
        raise InputError(faults)
    return rows


def _by_name(rows: Iterable[SurchargeRow]) -> dict[str, list[SurchargeRow]]:
    """Rows of each surcharge in the order of their days."""
    found: dict[str, list[SurchargeRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.valid_from):
        found[row.surcharge].append(row)
    return found


def _bare(
    path: str, name: str, day: dt.date, row: SurchargeRow, column: str, remedy: str
) -> Fault:
    message = f"no row says what {name} is on {day}"
    return Fault(path, message, row.line, column, getattr(row, column), remedy)
