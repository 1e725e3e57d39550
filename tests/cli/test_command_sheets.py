"""``meishan sheets``: an edited workbook is written as a whole, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.sheets import workbook

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


def cell_of(tab: Worksheet, column: str, row: int) -> str:
    """Address of a cell by the name of its column."""
    header = [cell.value for cell in tab[1]]
    return f"{tab[1][header.index(column)].column_letter}{row}"


def test_a_workbook_goes_out_and_comes_back(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Untouched or with one wrong cell no file changes, and the cell is told where it stands.

    Two right numbers on two tabs change two files by one line each.
    """
    monkeypatch.setattr(workbook, "SPARE_ROWS", 2)  # they are most of what is read and written
    root = tmp_path / "project"
    for folder in ("yizhuang", "scenarios", "costs"):
        shutil.copytree(REPOSITORY / "configs" / folder, root / "configs" / folder)
    book_path = tmp_path / "park.xlsx"

    def sheets(*words: str) -> tuple[int, str]:
        code, out, err = said("sheets", *words, "--root", root)
        # The console writes a margin of its own width.
        return code, " ".join((out + err).split())

    def content() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted(root.rglob("*.*")) if path.is_file()}

    before = content()
    assert sheets("to-excel", str(book_path), "--park", "yizhuang")[0] == 0
    code, text = sheets("from-excel", str(book_path))
    assert (code, content()) == (0, before)
    assert "assets.csv: as it was" in text

    book = load_workbook(book_path)
    prices, loads = book["prices"], book["loads"]
    prices[cell_of(prices, "value", 2)].value = 701.25
    loads[cell_of(loads, "zone", 3)].value = "atlantis"
    book.save(book_path)
    code, text = sheets("from-excel", str(book_path))
    assert (code, content()) == (2, before)
    assert "park.xlsx, sheet loads, row 3, column zone, 'atlantis': no such zone; known: " in text

    loads[cell_of(loads, "zone", 3)].value = loads[cell_of(loads, "zone", 2)].value
    loads[cell_of(loads, "value", 3)].value = 3.5
    book.save(book_path)
    assert sheets("from-excel", str(book_path))[0] == 0
    after = content()
    changed = {path.stem: path for path, data in before.items() if after[path] != data}
    assert set(changed) == {"prices", "loads"}
    for path in changed.values():
        lines = zip(before[path].splitlines(), after[path].splitlines(), strict=True)
        assert sum(old != new for old, new in lines) == 1
    assert sheets("from-excel", str(book_path))[0] == 2, "the workbook is of older files"
    assert sheets("to-excel", str(book_path), "--park", "atlantis")[0] == 2
    assert sheets("to-excel", str(book_path), "--costs", "atlantis")[0] == 2
