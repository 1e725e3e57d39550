"""Lines of sheets as they are told, and found again in the shipped sheets."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from whole_park import read_park

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.errors import rows_text

CONFIGS = Path(__file__).parents[2] / "configs"


@given(st.sets(st.integers(2, 60)))
def test_every_line_is_told_and_no_other(lines: set[int]) -> None:
    """The sentence read back by hand names exactly the lines that went in."""
    text = rows_text(lines).removeprefix("rows ").removeprefix("row ").replace(" and ", ", ")
    told: set[int] = set()
    for part in filter(None, text.split(", ")):
        first, _, last = part.partition(" to ")
        told |= set(range(int(first), int(last or first) + 1))
    assert told == lines


def test_the_lines_are_those_of_the_files() -> None:
    """Each line of the real sheets, read with the csv module alone, is about what it is under.

    Rows of a case are not read where no scenario chooses it.
    """
    folder = CONFIGS / "meishan"
    about = {sheet: model.about for sheet, model in schemas().items() if model.about}
    found = read_park(folder, kinds()).lines_of_parts
    sheets = {sheet for sheet, *_ in found}
    assert sheets >= {"assets", "contracts", "network", "loads", "projects", "buildings", "fleets"}
    for sheet in sheets:
        with (folder / f"{sheet}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        chosen = [row for row in rows if not row.get("case")]
        own = {key: lines for key, lines in found.items() if key[0] == sheet}
        for (_, *names), lines in own.items():
            for line in lines:
                assert [rows[line - 2][column] for column in about[sheet]] == names
        assert sum(map(len, own.values())) == len(chosen)
