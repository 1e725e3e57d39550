"""Read one CSV sheet as text and say everything that is wrong with its form.

Every sheet of the project is UTF-8 without a byte-order mark, separated by commas, with one header
line. What a value means is checked by the room's schemas; here only the form is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from meishan_model.errors import Fault
from meishan_model.sheets.plain_text import read_plain_text


def read_sheet(
    path: Path, columns: Sequence[str], optional: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV sheet as text, one row per record, and collect the faults of its form.

    Parameters
    ----------
    path
        The CSV file.
    columns
        Columns the sheet must have, no more and no fewer; their order in the file is free.
    optional
        Those of them that may be absent, which is as if all their cells were empty.

    Returns
    -------
    rows : pandas.DataFrame
        Strings without surrounding blanks, shape (records, ``len(columns)``), in the order of
        `columns`; an empty cell is ``""``, never NaN. The index (``line``) is the line of the file
        on which the record starts, the header being line 1. Blank lines and ragged rows are left
        out; if the header is at fault, or the file cannot be read, there are no rows. A sheet with
        a header only is right in form: whether it may be empty is for the caller to say.
    faults : list of Fault
        Missing file, byte-order mark, wrong encoding, empty file, missing, unknown or duplicate
        columns, ragged rows, broken quotes. An empty list means that the form is right.
    """
    file = str(path)
    text, fault = read_plain_text(path, file)
    if fault is not None:
        return _frame({}, columns), [fault]
    records, faults = _records(text, file)
    if not records:
        if not faults:
            faults = [_empty(file, columns)]
        return _frame({}, columns), faults
    header_line, header = next(iter(records.items()))
    needed = [column for column in columns if column not in optional or column in header]
    header_faults = _header_faults(header, needed, file, header_line)
    if any(fault.message != _UNKNOWN for fault in header_faults):
        return _frame({}, columns), faults + header_faults
    faults += header_faults
    del records[header_line]
    width = len(header)
    whole = {line: record for line, record in records.items() if len(record) == width}
    faults += [
        _ragged(file, line, record, width)
        for line, record in records.items()
        if len(record) != width
    ]
    place = {column: position for position, column in enumerate(header)}
    cells = {
        line: [row[place[column]] if column in place else "" for column in columns]
        for line, row in whole.items()
    }
    frame = _frame(cells, columns)
    return frame, faults


_UNKNOWN = "unknown column"


def _frame(rows: dict[int, list[str]], columns: Sequence[str]) -> pd.DataFrame:
    index = pd.Index(list(rows), name="line", dtype="int64")
    return pd.DataFrame(list(rows.values()), index=index, columns=list(columns), dtype=object)


def _records(text: str, file: str) -> tuple[dict[int, list[str]], list[Fault]]:
    """Split into stripped records by starting line; a quoted cell may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: dict[int, list[str]] = {}
    start = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record) or len(record) > 1:
                records[start] = [cell.strip() for cell in record]
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = 'close every quote; a quote inside a quoted cell is written twice ("")'
        return records, [Fault(file, f"cannot be split: {error}", row=start, remedy=remedy)]
    return records, []


def _empty(file: str, columns: Sequence[str]) -> Fault:
    return Fault(file, "is empty", remedy=f"the header is {','.join(columns)}")


def _header_faults(
    header: Sequence[str], columns: Sequence[str], file: str, line: int
) -> list[Fault]:
    remedy = f"the columns are {','.join(columns)}"
    if len(header) == 1 and len(columns) > 1 and (";" in header[0] or "\t" in header[0]):
        message = "the header is not separated by commas"
        return [Fault(file, message, row=line, value=header[0], remedy=remedy)]
    faults = [
        Fault(file, "missing column", row=line, column=column, remedy=remedy)
        for column in columns
        if column not in header
    ]
    faults += [
        Fault(file, "duplicate column", row=line, column=column, remedy="keep one of them")
        for column in dict.fromkeys(header)
        if column and header.count(column) > 1
    ]
    faults += [
        Fault(file, _UNKNOWN, row=line, column=column or "without a name", remedy=remedy)
        for column in dict.fromkeys(header)
        if column not in columns
    ]
    return faults


def _ragged(file: str, line: int, record: Sequence[str], width: int) -> Fault:
    message = f"has {len(record)} cells, the header has {width}"
    remedy = "quote text that holds a comma; a decimal point is '.', never ','"
    return Fault(file, message, row=line, value=",".join(record), remedy=remedy)
