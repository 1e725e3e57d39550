"""A workbook comes back as it went: no cell changes but those that were edited."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from meishan_model.components.catalogue import schemas
from meishan_model.errors import Fault, InputError
from meishan_model.series.climate import ClimateRow
from meishan_model.sheets import workbook
from meishan_model.sheets.park import SHEETS
from meishan_model.sheets.validation_rows import VALIDATION, ValidationRow
from meishan_model.sheets.workbook import park_workbook
from meishan_model.sheets.workbook_columns import closed, counted_in, head_text
from meishan_model.sheets.workbook_edits import EditedSheet, EditedWorkbook, read_edits

CONFIGS = Path(__file__).parents[2] / "configs"
SCHEMAS = {**schemas(), "climate": ClimateRow, VALIDATION: ValidationRow}
HEADER = "item,year,value,unit,source,confidence,note"
ODD = (
    f"{HEADER}\r\n"
    'diesel,2030,0.10,CNY/MWh,"a, ""b""",assumption,=SUM(A1)\r\n'
    "diesel,2040,5e3,CNY/MWh, 柴油 ,derived,2026-07-01\r\n"
    "\r\n"
    'lng,2050,007,CNY/MWh,"two\r\nlines",published,"3-4"\r\n'
    "lng,2060,12345678901234567890,CNY/MWh,x,published,0x10"
)
"""Number forms, quotes, a formula that is text, Chinese, dates, blank and missing line breaks."""

Edit = Callable[[Worksheet], None]


def written(rows: Iterable[Sequence[str]], newline: str = "\r\n") -> str:
    """Rows as lines of a CSV file, without blanks around their cells and without empty rows."""
    text = io.StringIO()
    cells = ([cell.strip() for cell in row] for row in rows if row)
    csv.writer(text, lineterminator=newline).writerows(cells)
    return text.getvalue()


@pytest.fixture(scope="module", autouse=True)
def few_spare_rows() -> Iterator[None]:
    """Fewer empty rows below each sheet, which are most of what is written and read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "SPARE_ROWS", 10)
        yield


def one_sheet(folder: Path, content: bytes, name: str = "prices") -> Path:
    """Folder of parks in which the park ``one`` has a single sheet, and ``costs/none`` nothing."""
    configs = folder / "configs"
    for place in ("one", "costs/none"):
        (configs / place).mkdir(parents=True, exist_ok=True)
    (configs / "one" / f"{name}.csv").write_bytes(content)
    return configs


def through(configs: Path, *edits: Edit, tab: str = "prices") -> EditedSheet:
    """The one sheet after a way through a saved workbook, edited there."""
    path, schemas = configs.parent / "park.xlsx", {tab: SHEETS[tab]}
    park_workbook(configs / "one", configs / "costs" / "none", schemas).save(path)
    book = load_workbook(path)
    for edit in edits:
        edit(book[tab])
    book.save(path)
    (sheet,) = read_edits(path, configs, schemas).sheets
    return sheet


def faults_of(configs: Path, *edits: Edit, tab: str = "prices") -> list[Fault]:
    with pytest.raises(InputError) as caught:
        through(configs, *edits, tab=tab)
    return list(caught.value.faults)


def put(place: str, value: Any, number_format: str | None = None) -> Edit:
    def edit(tab: Worksheet) -> None:
        tab[place].value = value
        if number_format is not None:
            tab[place].number_format = number_format

    return edit


@pytest.mark.slow
@pytest.mark.parametrize(
    ("park", "costs"), [("meishan", "reference"), ("yizhuang", "low_storage")]
)
def test_a_park_comes_back_byte_by_byte(park: str, costs: str, tmp_path: Path) -> None:
    """Nothing was edited: every file of park, grid and costs has the bytes that it had."""
    path = tmp_path / "park.xlsx"
    park_workbook(CONFIGS / park, CONFIGS / "costs" / costs, SCHEMAS).save(path)
    edited = read_edits(path, CONFIGS, SCHEMAS)
    assert all(sheet.content == sheet.sheet.path.read_bytes() for sheet in edited.sheets)
    assert all(sheet.changes is None for sheet in edited.sheets)
    files = {*(CONFIGS / park).rglob("*.csv"), *(CONFIGS / "costs" / costs).glob("*.csv")}
    assert {sheet.sheet.path for sheet in edited.sheets} == files


def test_odd_forms_come_back(tmp_path: Path) -> None:
    """0.10, 5e3, 007, twenty digits, text that looks like a formula or a date, CRLF, no end."""
    sheet = through(one_sheet(tmp_path, ODD.encode()))
    assert (sheet.content, sheet.changes) == (ODD.encode(), None)


def test_minus_zero_and_codes_of_signs_stay(tmp_path: Path) -> None:
    """A zero whose sign a spreadsheet drops, and a text that a workbook reads as a line break."""
    content = f"{HEADER}\nlng,2030,-0,CNY/MWh,_x000D_,derived,a_x0041_b\n".encode()
    configs = one_sheet(tmp_path, content)
    assert through(configs, put("D2", 0)).content == content
    assert through(configs, put("D2", 1)).content == content.replace(b",-0,", b",1,")


PLAIN = written(csv.reader(io.StringIO(ODD, newline="")))
"""The same rows as Python writes them, without blank lines and needless quotes."""


def test_one_number_changes_one_cell(tmp_path: Path) -> None:
    """Only the edited cell says something else; the file keeps its kind of line break."""
    sheet = through(one_sheet(tmp_path, ODD.encode()), put("D2", 0.25))
    assert sheet.content.decode() == PLAIN.replace(",0.10,", ",0.25,")
    assert sheet.changes == {"changed": 1, "added": 0, "deleted": 0}
    # The sum of binary fractions is not told with its dust.
    assert b",0.3,CNY" in through(one_sheet(tmp_path, ODD.encode()), put("D2", 0.1 + 0.2)).content


def test_rows_that_are_new_copied_deleted_or_moved(tmp_path: Path) -> None:
    """Each is what it would be in the file; ``rows`` leads from the line to the row of the tab."""

    def change(tab: Worksheet) -> None:
        whole = [[cell.value for cell in row] for row in tab.iter_rows(min_row=2)]
        first, second, third, last = whole[:4]
        new = [None, "gasoline", 2030, 1.5, "CNY/MWh", "a, b", "derived", None]
        rows = [third, second, [*second[:2], 2045, *second[3:]], [None] * 8, new, first]
        assert last[1] == "lng"
        tab.delete_rows(2, tab.max_row)
        for number, row in enumerate(rows, start=2):
            for place, value in enumerate(row, start=1):
                cell = tab.cell(number, place, value)
                cell.data_type = "s" if isinstance(value, str) else cell.data_type

    sheet = through(one_sheet(tmp_path, ODD.encode()), change)
    header, first, second, third, _ = csv.reader(io.StringIO(PLAIN, newline=""))
    new = ["gasoline", "2030", "1.5", "CNY/MWh", "a, b", "derived", ""]
    assert sheet.content.decode() == written(
        [header, third, second, [second[0], "2045", *second[2:]], new, first]
    )
    assert sheet.changes == {"changed": 0, "added": 2, "deleted": 1}
    assert sheet.rows == {1: 1, 2: 2, 4: 3, 5: 4, 6: 6, 7: 7}, "the first is of two lines"
    path = sheet.sheet.path
    book = EditedWorkbook("park.xlsx", path.parent, path.parent, (sheet,))
    fault = Fault(str(path), "is empty", 4, "source", "", "fill it", others=(5, 6, 7))
    told = str(book.in_workbook(fault, tmp_path, tmp_path))
    place = "park.xlsx, sheet prices, row 3, column source, ''"
    assert told == f"{place}: is empty; so have rows 4 and 6 to 7; fill it"


CELLS = st.one_of(
    st.sampled_from(["", "0.10", "5e3", "007", "2026-07-01", "1;7", "=A1", "true", "-", "#N/A"]),
    st.text(st.sampled_from('ab ,"\n电价°%=-0.'), max_size=6),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
NEW = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.12g}")),
    st.text(st.sampled_from('ab ,"\n电价'), min_size=1, max_size=6).filter(lambda t: t.strip()),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_edits_touch_only_their_cells(tmp_path: Path, data: st.DataObject) -> None:
    """Cells that are edited say what was written, all others what they said."""
    rows = data.draw(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=5))
    rows = [["x", *row[1:]] for row in rows]
    newline = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows([HEADER.split(","), *rows])
    content = text.getvalue().removesuffix(data.draw(st.sampled_from(["", newline])))
    places = st.tuples(st.integers(0, len(rows) - 1), st.integers(1, 6))
    edits = data.draw(st.dictionaries(places, NEW, max_size=4))

    def edit(tab: Worksheet) -> None:
        for (row, column), value in edits.items():
            cell = tab.cell(row + 2, column + 2, value)
            cell.data_type = "s" if isinstance(value, str) else cell.data_type

    sheet = through(one_sheet(tmp_path, content.encode()), edit)
    if sheet.changes is None:
        assert sheet.content == content.encode()
    _, *found = csv.reader(io.StringIO(sheet.content.decode(), newline=""))
    assert len(found) == len(rows)
    for row, (old, new) in enumerate(zip(rows, found, strict=True)):
        for column, (was, now) in enumerate(zip(old, new, strict=True)):
            value = edits.get((row, column), was)
            if isinstance(value, str):
                assert now.strip() == value.strip()
            else:
                assert float(now) == value


def test_what_a_spreadsheet_mangles_is_told(tmp_path: Path) -> None:
    """Dates, percentages, errors and formulas without a result, with tab, row, column, remedy."""
    configs = one_sheet(tmp_path, ODD.encode())
    for place, value, form, message in (
        ("H2", dt.datetime(2026, 4, 3), "yyyy-mm-dd", "was made a date"),
        ("D2", 0.12, "0%", "was made a percentage"),
        ("D2", "=1/3", None, "is a formula without a result"),
        ("D2", "#REF!", None, "is an error"),
        ("A2", 99, None, "is no line of the file"),
    ):
        (fault,) = faults_of(configs, put(place, value, form))
        assert fault.message.startswith(message)
        assert fault.file == "park.xlsx, sheet prices"
        column = {"A": "line", "D": "value", "H": "note"}[place[0]]
        assert (fault.row, fault.column) == (2, column)
        assert fault.value
        assert fault.remedy


def test_a_date_is_a_date_where_the_sheet_asks_for_one(tmp_path: Path) -> None:
    """A day that the spreadsheet understood is written as the sheet wants it."""
    tariff = (CONFIGS / "meishan" / "tariff_periods.csv").read_bytes()
    configs = one_sheet(tmp_path, tariff, "tariff_periods")
    header = tariff.decode().partition("\n")[0].split(",")
    place = f"{chr(ord('B') + header.index('valid_from'))}2"
    day = put(place, dt.datetime(2018, 4, 2), "yyyy-mm-dd")
    sheet = through(configs, day, tab="tariff_periods")
    lines = tariff.splitlines(keepends=True)
    lines[1] = lines[1].replace(b"2018-04-01", b"2018-04-02", 1)
    assert sheet.content == b"".join(lines)


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """The workbook knows of which bytes it was made."""
    configs = one_sheet(tmp_path, ODD.encode())
    path = tmp_path / "park.xlsx"
    park_workbook(configs / "one", configs / "costs" / "none", SCHEMAS).save(path)
    (configs / "one" / "prices.csv").write_text(ODD + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="has been changed since the workbook was made"):
        read_edits(path, configs, SCHEMAS)


def test_tabs_and_columns_that_are_missing(tmp_path: Path) -> None:
    """A deleted or copied tab, a renamed column, another workbook, a folder outside."""
    configs = one_sheet(tmp_path, ODD.encode())
    (renamed, unknown) = faults_of(configs, put("D1", "number"))
    assert (renamed.message, renamed.column) == ("missing column", "value")
    assert (unknown.message, unknown.column) == ("unknown column", "number")
    path = tmp_path / "park.xlsx"

    def spoilt(change: Callable[[Workbook], None]) -> str:
        book = park_workbook(configs / "one", configs / "costs" / "none", SCHEMAS)
        change(book)
        book.save(path)
        with pytest.raises(InputError) as caught:
            read_edits(path, configs, SCHEMAS)
        return str(caught.value)

    assert "no such tab" in spoilt(lambda book: book.remove(book["prices"]))
    assert "no workbook of a park" in spoilt(lambda book: book.remove(book["about"]))
    copied = spoilt(lambda book: book.copy_worksheet(book["prices"]))
    assert "park.xlsx, sheet prices Copy: is no sheet of the park" in copied

    def leave(book: Workbook) -> None:
        cell = next(row[1] for row in book["about"].iter_rows() if row[0].value == "park")
        cell.value = "../one"

    assert "no such folder" in spoilt(leave)
    path.write_bytes(b"no workbook")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read_edits(path, configs, SCHEMAS)


def test_closed_vocabularies_have_drop_downs(tmp_path: Path) -> None:
    """What a closed column offers is what its schema allows; zones come from their own tab."""
    shutil.copytree(CONFIGS / "yizhuang", tmp_path / "yizhuang")
    book = park_workbook(tmp_path / "yizhuang", CONFIGS / "costs" / "reference", SCHEMAS)

    def offered(tab: str, column: str) -> tuple[str, list[str]]:
        """Kind of answer to another value, and the values in the range of the drop-down."""
        sheet = book[tab]
        place = [cell.value for cell in sheet[1]].index(column)
        letter = sheet[1][place].column_letter
        rules = sheet.data_validations.dataValidation
        rule = next(r for r in rules if str(r.sqref).startswith(f"{letter}2:"))
        name, _, cells = str(rule.formula1).partition("!")
        if "OFFSET" in name:
            return str(rule.errorStyle), [str(rule.formula1)]
        return str(rule.errorStyle), [str(c[0].value) for c in book[name][cells]]

    confidences = ["published", "derived", "assumption", "placeholder"]
    assert offered("loads", "confidence") == ("stop", confidences)
    kinds = get_args(SCHEMAS["network"].model_fields["kind"].annotation)
    assert offered("network", "kind") == ("stop", [*kinds])
    assert offered("surcharges", "unit") == ("warning", ["CNY/MWh", "CNY/kWh"])
    assert "CNY/(kW*month)" in offered("prices", "unit")[1]
    assert "CNY/m3" not in offered("prices", "unit")[1], "nothing in the park is counted in m3"
    heads = [str(cell.value) for cell in book["lists"][1]]
    assert {"surcharges: unit", "network: kind"} <= {*heads}, "each list says whose it is"
    assert offered("loads", "zone") == (
        "warning",
        ["OFFSET(zones!$B$2,0,0,COUNTA(zones!$B:$B)-1,1)"],
    )
    assert "OFFSET(grid_buses!" in offered("grid_lines", "from_bus")[1][0], "the grid's own buses"
    assert book["loads"].freeze_panes == "B2"
    assert book["lists"].sheet_state == "hidden"
    assert book.sheetnames[0] == "about"


def test_units_of_amounts_are_offered_where_something_is_counted_in_them() -> None:
    """Hydrogen is counted in t; a small plant's unit stands behind that of a large one."""
    assert counted_in(["MW", "CNY/t", "tCO2/MWh"]) == {"MWh", "t"}
    model = SCHEMAS["prices"]
    offered = closed(model, "unit", counted_in(["t/h"]))
    assert offered[:3] == ("CNY/MWh", "CNY/kWh", "CNY/t")
    assert "CNY/m3" not in offered


def test_heads_tell_what_their_columns_say(tmp_path: Path) -> None:
    """As the page on sheets does, without its marks; units by number, with those of small ones."""
    configs = one_sheet(tmp_path, ODD.encode())
    tab = park_workbook(configs / "one", configs / "costs" / "none", SCHEMAS)["prices"]
    told = {str(cell.value): cell.comment.text for cell in tab[1] if cell.comment}
    assert told["item"].startswith("purchase_flat: power at the ratio 1 of the tariff")
    assert "\ndemand_charge: CNY/(MW*month), CNY/(kW*month)\n" in told["unit"]
    assert head_text(SCHEMAS["fleets"], "technology") == "a technology of technologies.csv"
    assert head_text(SCHEMAS["technologies"], "kind") == "what it is, see docs: kinds.md"
