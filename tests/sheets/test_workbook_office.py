"""A workbook that LibreOffice has opened and saved comes back as it went; without it, no test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_workbook import CONFIGS, HEADER, ODD, one_sheet, put

from meishan_model.components.catalogue import schemas
from meishan_model.errors import InputError
from meishan_model.sheets.workbook import park_workbook
from meishan_model.sheets.workbook_edits import EditedSheet, read_edits

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here"),
]
HARD = (
    f"{HEADER}\n"
    '  lng ,2030,-0,CNY/MWh," ",derived,TRUE\n'
    "lng,2031,+.5,CNY/MWh,'x,derived,1 %\n"
    "lng,2032,1E-7,CNY/MWh,_x000D_,derived,12:30\n"
    "lng,2033,123456789.123456,CNY/MWh,'007,derived,#N/A\n"
    'lng,2034,0.1000000000000001,CNY/MWh,"a\tb",derived,{=A1}\n'
    "lng,2035,1.23456789012345e-300,CNY/MWh,@x,derived,1/2\n"
).encode()
"""What a spreadsheet likes to make something else of."""


def saved_again(path: Path) -> Path:
    """The workbook after LibreOffice has opened and saved it."""
    folder = path.parent / "saved"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    words = [str(OFFICE), "--headless", profile, "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*words, str(path)], check=True, capture_output=True, timeout=300)
    return folder / path.name


def one_saved_again(configs: Path, *edits: object) -> EditedSheet:
    """The one sheet of a park, edited and then saved by LibreOffice."""
    path = configs.parent / "park.xlsx"
    park_workbook(configs / "one", configs / "costs" / "none", schemas()).save(path)
    book = load_workbook(path)
    for edit in edits:
        assert callable(edit)
        edit(book["prices"])
    book.save(path)
    (sheet,) = read_edits(saved_again(path), configs, schemas()).sheets
    return sheet


@pytest.mark.parametrize(
    ("park", "costs"), [("meishan", "reference"), ("yizhuang", "low_storage")]
)
def test_a_park_keeps_its_bytes_and_its_drop_downs(park: str, costs: str, tmp_path: Path) -> None:
    """No file of park, grid and costs changes, and every column offers what it offered."""
    folders = CONFIGS / park, CONFIGS / "costs" / costs
    path = tmp_path / "park.xlsx"
    book = park_workbook(*folders, schemas())
    book.save(path)
    again = saved_again(path)
    edited = read_edits(again, CONFIGS, schemas())
    assert len(edited.sheets) > 20
    assert [s.sheet.tab for s in edited.sheets if s.content != s.sheet.path.read_bytes()] == []
    after = load_workbook(again)
    assert after.sheetnames == book.sheetnames
    for tab in book.worksheets:
        rules = [
            {(str(r.sqref), r.formula1, r.errorStyle) for r in of.data_validations.dataValidation}
            for of in (tab, after[tab.title])
        ]
        assert rules[0] == rules[1], tab.title


@pytest.mark.parametrize("content", [ODD.encode(), HARD], ids=["odd", "hard"])
def test_what_a_spreadsheet_likes_to_change(content: bytes, tmp_path: Path) -> None:
    """Forms of numbers, blanks, texts that look like dates, formulas, errors: not a byte."""
    assert one_saved_again(one_sheet(tmp_path, content)).content == content


def test_edits_change_their_rows_and_no_other(tmp_path: Path) -> None:
    """A number, a text and a formula, which LibreOffice works out, change one line each."""
    sheet = one_saved_again(
        one_sheet(tmp_path, HARD),
        put("D2", 700.25),
        put("F3", "a better source"),
        put("D4", "=350*2+D2/2", "General"),
    )
    before, after = HARD.decode().splitlines(), sheet.content.decode().splitlines()
    assert [a for a, b in zip(before[4:], after[4:], strict=True) if a != b] == []
    assert after[1].startswith("lng,2030,700.25,")
    assert ",a better source," in after[2]
    assert after[3].startswith("lng,2032,1050.125,")


def test_what_was_mangled_is_told(tmp_path: Path) -> None:
    """A price that was made a percentage is a fault that names the cell, not a wrong number."""
    with pytest.raises(InputError) as caught:
        one_saved_again(one_sheet(tmp_path, HARD), put("D2", 0.12, "0%"))
    (fault,) = caught.value.faults
    assert (fault.row, fault.column) == (2, "value")
    assert "write 12 in the format number" in fault.remedy
