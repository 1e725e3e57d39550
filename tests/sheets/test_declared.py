"""What a model declares of its rows is checked whatever the sheet: names, doubles and gaps."""

from __future__ import annotations

from typing import Annotated, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from meishan_model.sheets.row_reader import declared_faults
from meishan_model.sheets.rows import Name, OptionalName, Quantity, Refers, ValueRow

SIZES = ("length", "width")


class PierRow(ValueRow):
    """A pier in a zone, with an optional crane, a length and a width."""

    about: ClassVar = ("pier",)
    alike: ClassVar = ("zone",)
    quantities: ClassVar = dict.fromkeys(SIZES, Quantity("m", 0, 1e3, (0.1, 10), "of a test"))
    required: ClassVar = SIZES
    pier: Name
    zone: Annotated[Name, Refers("zone", "zones.csv")]
    crane: Annotated[OptionalName, Refers("crane", within="zone")]
    parameter: str


def row(line: int, pier: str, zone: str, parameter: str, crane: str = "") -> PierRow:
    """A row of a pier."""
    return PierRow(
        line=line,
        pier=pier,
        zone=zone,
        crane=crane,
        parameter=parameter,
        value=1.0,
        unit="m",
        source="this test",
        confidence="assumption",
        note="",
    )


KNOWN = {"zone": {"port", "town"}, "crane": {("big", "port"), ("small", "town")}}


def told(rows: list[PierRow]) -> list[tuple[int | None, str | None, str, str]]:
    """Row, column, message and remedy of each fault."""
    return [
        (fault.row, fault.column, fault.message, fault.remedy or "")
        for fault in declared_faults(PierRow, rows, "piers.csv", KNOWN)
    ]


def test_a_name_is_told_once_with_all_its_rows_and_what_is_most_like_it() -> None:
    """Four rows of one wrong zone are one fault; the remedy begins with the zone meant."""
    rows = [row(line, f"p{line}", "prot", "length") for line in (2, 3, 4, 7)]
    faults = declared_faults(PierRow, rows, "piers.csv", KNOWN)
    assert [str(fault) for fault in faults if fault.column == "zone"] == [
        ", row 2, column zone, 'prot': no such zone in zones.csv; "
        "so have rows 3 to 4 and 7; perhaps port; known: port, town"
    ]


def test_a_name_must_be_known_in_its_own_zone() -> None:
    """The big crane stands in the port: the pier of the town cannot have it; none may be named."""
    both = [row(2, "a", "town", "length", "big"), row(3, "a", "town", "width")]
    assert told(both) == [(2, "crane", "no such crane in town", "known: small")]


def test_rows_of_one_name_are_of_one_kind() -> None:
    """A pier is in one zone: its second row says so, and points to the first."""
    both = [row(2, "a", "port", "length"), row(3, "a", "town", "width")]
    remedy = "give another name, or correct one of the rows"
    assert told(both) == [(3, "pier", "a has another zone in row 2", remedy)]


@given(st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from(SIZES)), min_size=1))
def test_gaps_are_what_is_left_of_all_pairs(there: set[tuple[str, str]]) -> None:
    """Of every pier that is named both sizes are there or told; of others nothing is."""
    rows = [row(line, pier, "port", size) for line, (pier, size) in enumerate(sorted(there), 2)]
    lacking = {message for _, _, message, _ in told(rows)}
    whole = {(pier, size) for pier, _ in there for size in SIZES}
    assert lacking == {f"{pier} has no row {size}" for pier, size in whole - there}
