"""The commands of trade: a day's tariff in numbers, bad arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


def test_the_tariff_of_a_day_is_printed(said: Said) -> None:
    """15 July 2030: 404 * 1.0307 + 35 = 451.4 CNY/MWh, of which 0.4 and 2.05 times are paid.

    Network, 79.8, and levies, 29.24, come on top. Each of the 24 lines ends with the row
    of the sheet that says so. Below stand the surcharges.
    """
    code, out, _ = said("tariff", "2030-07-15", "--root", REPOSITORY)
    assert code == 0
    lines = [re.split(r"\s*│\s*", line.strip("│ ")) for line in out.splitlines() if "│" in line]
    hours = {int(cells[0]): cells for cells in lines if cells[0].isdigit()}
    assert sorted(hours) == list(range(24))
    assert hours[3][1:7] == ["valley", "0.4", "180.6", "79.8", "29.2", "289.6"]
    assert hours[19][1:7] == ["sharp", "2.05", "925.4", "79.8", "29.2", "1,034.4"]
    sheet = (REPOSITORY / "configs/meishan/tariff_periods.csv").read_text(encoding="utf-8")
    row = sheet.splitlines()[int(hours[19][7]) - 1]
    assert "zhejiang_from_2027" in row and "18,22,sharp,energy;losses;system_fee,2.05" in row
    parts = {cells[0]: cells[1:] for cells in lines if cells[0] not in hours}
    assert parts["renewable energy"][:3] == ["19.0", "2027-01-01", "2034-12-31"]
    assert parts["resettlement fund"][:3] == ["6.2", "2027-01-01", "open"]
    assert parts["levies"][0] == "29.2"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("tariff", "2026-13-01"), "YYYY-MM-DD"),
        (("tariff", "tomorrow"), "YYYY-MM-DD"),
        (("tariff", "2028-02-29"), "no model year has it"),
        (("tariff", "2019-07-15"), "only from 2020 to 2060"),
        (("exposure", "2035", "--prices", "100,-5"), "from 0 on"),
        (("exposure", "2035", "--prices", ","), "one or more numbers"),
        (("exposure", "2033"), "its slices are 2020, 2025"),
        (("matching", "2033"), "its slices are 2020, 2025"),
        (("matching", "2035", "--hours", "100"), "is no number of weeks"),
    ],
)
def test_bad_arguments_are_refused(
    said: Said,
    words: tuple[str, ...],
    text: str,
) -> None:
    """Exit code 2, nothing on standard output, and a message that says what is allowed."""
    code, out, err = said(*words, "--root", REPOSITORY)
    assert (code, out) == (2, "")
    assert text in err
