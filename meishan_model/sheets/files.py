"""Read text, CSV and YAML files, and say everything that is wrong with their form.

Every file is a regular file of UTF-8 text without a byte-order mark; what is not is refused before
its content is looked at, so that no encoding is ever guessed. A sheet is separated by commas, with
one header line; what its values mean is checked by the models of its rows.
"""

from __future__ import annotations

import ast
import csv
import inspect
import io
import re
import stat
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import yaml
from pydantic import BaseModel, ValidationError

from meishan_model.errors import Fault, InputError, refuse

LARGEST_FILE = 32 * 2**20
"""Bytes above which a file is no sheet: it is refused before it is read into memory."""

_ENCODING = "save the file as UTF-8 without a byte-order mark"
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_plain_text(path: Path) -> str:
    """Read a text file.

    Raises
    ------
    InputError
        If there is no such file, a folder or a pipe in its place, no right to read it, too large a
        file, a byte-order mark, another encoding than UTF-8 or a NUL character in it.
    """
    try:
        text = _read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        line, byte = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]
        raise _unreadable(path, "is not UTF-8", _ENCODING, line, f"0x{byte:02x}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _unreadable(path, "holds a NUL character", _ENCODING, line)
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
        if not stat.S_ISREG(mode):
            kind = "a folder, not a file" if stat.S_ISDIR(mode) else "no regular file"
            raise _unreadable(path, f"is {kind}", "put the file itself there")
        if size > LARGEST_FILE:
            message, most = "is too large to be a file of this project", LARGEST_FILE >> 20
            raise _unreadable(path, message, f"at most {most} MB", None, f"{size >> 20} MB")
        raw = path.read_bytes()
    except FileNotFoundError as error:
        remedy = "add the file or correct its name"
        raise _unreadable(path, "there is no such file", remedy) from error
    except OSError as error:
        remedy = "correct the file, its link or its permissions"
        raise _unreadable(path, f"cannot be read: {error.strerror}", remedy) from error
    if raw.startswith(_BYTE_ORDER_MARKS):
        raise _unreadable(path, "starts with a byte-order mark", _ENCODING, 1)
    return raw


def _unreadable(
    path: Path, message: str, remedy: str, row: int | None = None, value: str | None = None
) -> InputError:
    return InputError([Fault(str(path), message, row, value=value, remedy=remedy)])


def read_sheet(
    path: Path, columns: Sequence[str] | None = None, optional: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV sheet as text, one row per record, and collect the faults of its form.

    Parameters
    ----------
    path
        The CSV file.
    columns
        Columns the sheet must have, no more and no fewer; their order in the file is free. If left
        out, those of its header.
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
    try:
        text = read_plain_text(path)
    except InputError as error:
        return _frame({}, columns or ()), list(error.faults)
    records, faults = split_records(text, file)
    if not records:
        remedy = f"the header is {','.join(columns or ['missing'])}"
        return _frame({}, columns or ()), faults or [Fault(file, "is empty", remedy=remedy)]
    header_line, header = next(iter(records.items()))
    columns = header if columns is None else columns
    needed = [column for column in columns if column not in optional or column in header]
    header_faults = _header_faults(header, needed, file, header_line)
    if any(fault.message != _UNKNOWN for fault in header_faults):
        return _frame({}, columns), faults + header_faults
    faults += header_faults
    del records[header_line]
    width = len(header)
    whole = {line: record for line, record in records.items() if len(record) == width}
    faults += [_ragged(file, n, r, width) for n, r in records.items() if len(r) != width]
    place = {column: position for position, column in enumerate(header)}
    cells = {
        line: [row[place[column]] if column in place else "" for column in columns]
        for line, row in whole.items()
    }
    return _frame(cells, columns), faults


_UNKNOWN = "unknown column"


def _frame(rows: dict[int, list[str]], columns: Sequence[str]) -> pd.DataFrame:
    index = pd.Index(list(rows), name="line", dtype="int64")
    return pd.DataFrame(list(rows.values()), index=index, columns=list(columns), dtype=object)


def split_records(text: str, file: str) -> tuple[dict[int, list[str]], list[Fault]]:
    """Split into stripped records by starting line; a quoted cell may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: dict[int, list[str]] = {}
    start = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records[start] = [cell.strip() for cell in record]
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = 'close every quote; a quote inside a quoted cell is written twice ("")'
        return records, [Fault(file, f"cannot be split: {error}", row=start, remedy=remedy)]
    return records, []


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


M = TypeVar("M", bound=BaseModel)
_MERGE = "tag:yaml.org,2002:merge"
_MISREAD = (
    ("bool", r"(?i)y|n|yes|no|on|off", "is read as true or false"),
    ("int", r"[-+]?0[0-9_]+", "is read as an octal number"),
    ("int", r".*:.*", "is read as a number in base 60"),
)
"""Plain words and numbers that YAML 1.1 reads as something else than people mean by them."""


class _PlainLoader(yaml.SafeLoader):
    """Loader without tags that run code, and without aliases, which can grow beyond all memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_mark()
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises
    ------
    InputError
        If the file is missing, no YAML or no mapping, if it holds tags that would run code or
        aliases, or if a key stands twice or merges others; every such key is listed.
    """
    text, remedy = read_plain_text(path), "write lines 'key: value', without tags and aliases"
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        faults = list(_key_faults(node, str(path)))
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        row = None if place is None else place.line + 1
        raise _unreadable(path, f"no readable YAML: {error.problem}", remedy, row) from error
    # What the constructors of numbers, dates and booleans raise for values that are none.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        raise _unreadable(path, f"no readable YAML: {error}", remedy) from error
    except RecursionError as error:
        raise _unreadable(path, "is nested too deeply", remedy) from error
    refuse(faults)
    if not isinstance(content, dict):
        raise _unreadable(path, "is not a mapping of keys to values", remedy)
    return content


def _key_faults(node: yaml.Node | None, file: str) -> Iterator[Fault]:
    """Keys that stand twice in one mapping or bring others, and values that YAML misreads."""
    if isinstance(node, yaml.ScalarNode) and node.style is None:
        for kind, pattern, message in _MISREAD:
            if node.tag == f"tag:yaml.org,2002:{kind}" and re.fullmatch(pattern, node.value):
                remedy = "put a word in quotes, write true or false, or the number as it is"
                yield Fault(file, message, node.start_mark.line + 1, None, node.value, remedy)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _key_faults(item, file)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[object, int] = {}
    for key, value in node.value:
        row, name = key.start_mark.line + 1, str(key.value)
        if key.tag == _MERGE:
            message, remedy = "a merge key hides what it brings", "write its keys out"
            yield Fault(file, message, row, name, _scalar(value), remedy)
        if name in seen:
            message = f"the key stands already in row {seen[name]}"
            yield Fault(file, message, row, name, _scalar(value), "keep one of them")
        seen.setdefault(name, row)
        yield from _key_faults(value, file)


def _scalar(node: yaml.Node) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def validate(model: type[M], content: dict[str, Any], path: Path) -> M:
    """Validate a mapping against a model; every fault names the key and what is allowed.

    Raises
    ------
    InputError
        With one fault for each violation.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(
            Fault(
                str(path),
                problem["msg"].removeprefix("Value error, "),
                row=row_of(path, str(problem["loc"][0])) if problem["loc"] else None,
                column=".".join(map(str, problem["loc"])) or None,
                value=None
                if isinstance(problem["input"], (dict, type(None)))
                else str(problem["input"]),
                remedy=_allowed(model, problem["loc"]),
            )
            for problem in error.errors()
        ) from error


def row_of(path: Path, key: str) -> int | None:
    """Line on which a key of the outermost mapping stands, ``None`` where it does not."""
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((row for row, line in enumerate(lines, 1) if line.startswith(f"{key}:")), None)


def _allowed(model: type[BaseModel], location: tuple[int | str, ...]) -> str | None:
    key = str(location[0]) if location else ""
    if key not in model.model_fields:
        return f"allowed keys: {', '.join(model.model_fields)}" if key else None
    meaning = meaning_of(model, key)
    return f"expected: {meaning}" if meaning else None


def meaning_of(model: type[BaseModel], column: str) -> str:
    """What the text below a field of a model, or its description, says of a key or column.

    pydantic would read these texts whenever a program starts, which takes a third of a second.
    """
    field = next((n for n, f in model.model_fields.items() if column in (n, f.alias)), column)
    if field in model.model_fields and (told := model.model_fields[field].description):
        return told
    return next((texts[field] for base in model.__mro__ if field in (texts := _texts(base))), "")


@cache
def _texts(model: type) -> Mapping[str, str]:
    """The texts below the fields of a class, by field; those of its bases are not among them."""
    found = {}
    with suppress(OSError, TypeError):  # a class without a file
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
        for line, text in pairwise(body.body if isinstance(body, ast.ClassDef) else []):
            if isinstance(line, ast.AnnAssign) and isinstance(text, ast.Expr):
                told = inspect.cleandoc(ast.literal_eval(text.value))
                found[ast.unparse(line.target)] = told
    return found


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def named(name: str, option: str) -> str:
    """A name that is no path: it cannot lead out of the folder in which it is looked up.

    Parameters
    ----------
    name
        What was typed.
    option
        Where, for the message.

    Raises
    ------
    InputError
        If it holds anything but letters, digits, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(name):
        remedy = "give the name alone: letters, digits, _ and -"
        raise InputError([Fault(option, "is no name", value=name, remedy=remedy)])
    return name
