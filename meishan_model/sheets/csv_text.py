"""A CSV sheet as its raw text in cells, so that a change of one cell leaves all other bytes alone.

:func:`~meishan_model.sheets.files.read_sheet` says what a sheet means; here every quote, blank and
line break is kept, and joining what was split gives the same text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|\r|\n|\Z)')
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$')


@dataclass(frozen=True)
class RawRecord:
    """A record of a sheet.

    Attributes
    ----------
    cells
        Its cells as they stand in the file, with their quotes.
    ending
        Its line break, and the blank lines after it.
    """

    cells: tuple[str, ...]
    ending: str

    @property
    def raw(self) -> str:
        """The record as it stands in the file."""
        return ",".join(self.cells) + self.ending


@dataclass(frozen=True)
class RawSheet:
    """A sheet: blank lines before its header, then its records, the header first."""

    head: str
    records: tuple[RawRecord, ...]

    @property
    def text(self) -> str:
        """The file's text."""
        return self.head + "".join(record.raw for record in self.records)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(plain(cell) for cell in self.records[0].cells) if self.records else ()

    @property
    def lines(self) -> tuple[int, ...]:
        """Line of the file on which each record begins, counted from 1."""
        found, line = [], 1 + _breaks(self.head)
        for record in self.records:
            found.append(line)
            line += _breaks(record.raw)
        return tuple(found)

    @property
    def newline(self) -> str:
        """Line break of the file: that of its header, or the usual one."""
        first = _BREAK.search(self.records[0].ending) if self.records else None
        return first[0] if first else "\n"


def split_csv(text: str) -> RawSheet:
    """Split a text whose form :func:`~meishan_model.sheets.files.read_sheet` has found right.

    Parameters
    ----------
    text
        All of a CSV file.

    Returns
    -------
    RawSheet
        Its ``text`` is the one given.
    """
    head, records = "", list[RawRecord]()
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        match = _CELL.match(text, place)
        if match is None:
            raise ValueError(f"the text cannot be split at character {place}")
        place = match.end()
        cells.append(match[1])
        if match[2] == ",":
            continue
        record = RawRecord(tuple(cells), match[2])
        cells = []
        if len(record.cells) > 1 or plain(record.cells[0]):
            records.append(record)
        elif records:
            last = records.pop()
            records.append(RawRecord(last.cells, last.ending + record.raw))
        else:
            head += record.raw
    return RawSheet(head, tuple(records))


def joined(head: str, records: Sequence[RawRecord], newline: str) -> RawSheet:
    """A sheet of records from several places; only the last may lack its line break."""
    whole = [RawRecord(r.cells, r.ending or newline) for r in records[:-1]]
    return RawSheet(head, (*whole, *records[-1:]))


def plain(cell: str) -> str:
    """What a raw cell says, without quotes and surrounding blanks."""
    if cell.startswith('"'):
        cell = cell[1:-1].replace('""', '"')
    return cell.strip()


def raw(text: str) -> str:
    """A text as a cell, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _breaks(text: str) -> int:
    return len(_BREAK.findall(text))
