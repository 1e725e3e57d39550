"""The shared reader: what a sheet's form may be, and how a fault in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishan_model.sheets.files import read_sheet

COLUMNS = ("name", "value")


def _read(tmp_path: Path, content: bytes) -> tuple[list[list[str]], list[int], list[str]]:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    frame, faults = read_sheet(path, COLUMNS)
    assert list(frame.columns) == list(COLUMNS)
    return (
        frame.to_numpy().tolist(),
        list(frame.index),
        [str(fault).replace(f"{tmp_path}/", "") for fault in faults],
    )


def test_cells_are_stripped_text_and_the_index_is_the_line(tmp_path: Path) -> None:
    """Any column order, quoted line breaks, lines without text and NA keep their text and line."""
    content = b'value,name\n 1.50 ,NA\n , \n"","a, b"\n3,"two\nlines"\n4,last\n'
    rows, lines, faults = _read(tmp_path, content)
    assert rows == [["NA", "1.50"], ["a, b", ""], ["two\nlines", "3"], ["last", "4"]]
    assert lines == [2, 4, 5, 7]
    assert faults == []


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_both_kinds_of_line_end_are_read(tmp_path: Path, newline: bytes) -> None:
    """A sheet saved on Windows has the same rows."""
    rows, lines, faults = _read(tmp_path, newline.join([b"name,value", b"a,1", b"b,2"]))
    assert (rows, lines, faults) == ([["a", "1"], ["b", "2"]], [2, 3], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbfname,value\na,1\n", "row 1: starts with a byte-order mark; save"),
        (b"name,value\na,1\n\xe4,2\n", "row 3, '0xe4': is not UTF-8; save the file as UTF-8"),
        (b"", "is empty; the header is name,value"),
        (b"\n \n", "is empty"),
        (b"name\na\n", "row 1, column value: missing column"),
        (b"name,value,value\na,1,2\n", "row 1, column value: duplicate column"),
        (b"name,value,more\na,1,x\n", "row 1, column more: unknown column"),
        (b"name;value\na;1\n", "the header is not separated by commas"),
        (b"name,value\na,1,5\n", "row 2, 'a,1,5': has 3 cells, the header has 2"),
        (b"name,value\na\n", "row 2, 'a': has 1 cells, the header has 2"),
        (b'name,value\n"a,1\n', "row 2: cannot be split"),
        (b"name,value\na\0,1\n", "row 2: holds a NUL character"),
    ],
)
def test_a_fault_of_form_names_its_place(tmp_path: Path, content: bytes, said: str) -> None:
    """Every wrong form is told once, with file and line."""
    _, _, faults = _read(tmp_path, content)
    assert len(faults) == 1
    assert faults[0].startswith("sheet.csv")
    assert said in faults[0]


def test_all_faults_are_listed_and_whole_rows_are_kept(tmp_path: Path) -> None:
    """Two ragged rows and an unknown column are three faults; the good row is still read."""
    rows, lines, faults = _read(tmp_path, b"name,value,more\na\nb,2,x\nc,1,2,3\n")
    assert (rows, lines, len(faults)) == ([["b", "2"]], [3], 3)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    """No exception: the caller lists it with the others."""
    frame, faults = read_sheet(tmp_path / "none.csv", COLUMNS)
    assert frame.empty
    assert [fault.message for fault in faults] == ["there is no such file"]
