"""Contracts, plants and consumers that do not fit together are told with file and row."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import (
    covered,
    dated_faults,
    grid_factor_faults,
    tariff_faults,
)
from meishan_model.sheets.references import reference_faults
from meishan_model.sheets.tariff_rows import SurchargeRow, TariffRow
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow, GridFactorRow

CONFIGS = Path(__file__).parents[2] / "configs"
ORIGIN = {"source": "this test", "confidence": "assumption", "note": ""}
WHOLE_YEAR = ";".join(map(str, range(1, 13)))


@pytest.fixture(scope="module")
def meishan() -> Park:
    """The park of Meishan."""
    return read_park(CONFIGS / "meishan", kinds())


def capacity(
    contract: str, value: float, line: int, profile: str = "wind_chuanshan"
) -> ContractRow:
    """The capacity of a contract of green power."""
    cells = {"kind": "green_power", "profile": profile, "parameter": "capacity", "unit": "MW"}
    cells |= {"contract": contract, "year": "", "value": f"{value}", **ORIGIN}
    return ContractRow.read(cells, "contracts.csv", line)


def term(contract: str, line: int, **changed: Any) -> ContractTermRow:
    """Terms on the Chuanshan wind farm, which sells 45 MW to the grid since 2011."""
    given = {
        "market": "point_to_point",
        "plant": "chuanshan_wind_farm",
        "consumer": "park",
        "term": "yearly",
        "first_year": 2025,
        "last_year": 2030,
    }
    cells = {"contract": contract, "source": "this test", "note": "", **given, **changed}
    return ContractTermRow.read(cells, "contract_terms.csv", line)


def faults(
    park: Park, contracts: list[ContractRow], terms: list[ContractTermRow]
) -> list[tuple[str, int | None, str | None, str]]:
    """File, row, column and message of what is wrong with the contracts of a park."""
    changed = replace(park, contracts=tuple(contracts), contract_terms=tuple(terms))
    return [(Path(f.file).stem, f.row, f.column, f.message) for f in reference_faults(changed)]


def test_a_whole_plant_may_be_contracted(meishan: Park) -> None:
    """45 of 45 MW, or 20 and 25 in two contracts."""
    assert faults(meishan, [capacity("one", 45.0, 2)], [term("one", 2)]) == []
    two = [capacity("one", 20.0, 2), capacity("two", 25.0, 3)]
    assert faults(meishan, two, [term("one", 2), term("two", 3)]) == []


def test_a_plant_may_be_contracted_twice_one_after_the_other(meishan: Park) -> None:
    """All 45 MW until 2029 and again from 2030 on; not if both have them in 2030."""
    two = [capacity("one", 45.0, 2), capacity("two", 45.0, 3)]
    after = term("two", 3, first_year=2030, last_year=2034)
    assert faults(meishan, two, [term("one", 2, last_year=2029), after]) == []
    found = faults(meishan, two, [term("one", 2, last_year=2030), after])
    assert found == [("contracts", 3, "value", "90 MW are contracted of a plant of 45 MW")]


@pytest.mark.parametrize(
    ("contracts", "terms", "expected"),
    [
        (
            [capacity("one", 20.0, 2)],
            [term("one", 5, plant="no_such_farm")],
            ("contract_terms", 5, "plant", "no such plant in existing_plants.csv"),
        ),
        (
            [capacity("one", 46.0, 7)],
            [term("one", 5)],
            ("contracts", 7, "value", "46 MW are contracted of a plant of 45 MW"),
        ),
        (
            [capacity("one", 20.0, 7), capacity("two", 30.0, 8)],
            [term("one", 5), term("two", 6)],
            ("contracts", 8, "value", "50 MW are contracted of a plant of 45 MW"),
        ),
        (
            [capacity("one", 20.0, 7)],
            [term("one", 5, plant="meishan_port_wind")],
            ("contract_terms", 5, "plant", "the power of this plant is the park's already"),
        ),
        (
            [capacity("one", 20.0, 7, profile="pv_ground")],
            [term("one", 5)],
            ("contracts", 7, "profile", "chuanshan_wind_farm generates as wind_chuanshan"),
        ),
        (
            [capacity("one", 20.0, 7)],
            [term("one", 5, first_year=2005)],
            (
                "contract_terms",
                5,
                "first_year",
                "chuanshan_wind_farm does not generate before 2011",
            ),
        ),
        (
            [capacity("one", 20.0, 7)],
            [term("one", 5, consumer="harbour")],
            (
                "contract_terms",
                5,
                "consumer",
                "is neither the park, nor a zone or load that uses electricity",
            ),
        ),
        (
            [capacity("one", 20.0, 7), capacity("two", 20.0, 8)],
            [term("one", 5, consumer="port"), term("two", 6, consumer="port", first_year=2030)],
            ("contract_terms", 6, "consumer", "the contract in row 5 covers the same load"),
        ),
    ],
)
def test_contracts_that_do_not_fit(
    contracts: list[ContractRow],
    terms: list[ContractTermRow],
    expected: tuple[str, int, str, str],
    meishan: Park,
) -> None:
    """A fault names file, row and column; a plant of the park may be too small as well."""
    assert expected in faults(meishan, contracts, terms)


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"consumer": "park"}, "consumer", "clean power is exported to the city"),
        ({"plant": "chuanshan_wind_farm"}, "plant", "the same share of every local plant"),
        ({}, None, ""),
    ],
)
def test_an_export_is_for_the_city_and_of_all_plants(
    changed: dict[str, str], column: str | None, message: str, meishan: Park
) -> None:
    """The city is the only one to name, and a named plant is refused; else nothing is wrong."""
    offer = capacity("one", 20.0, 7).model_copy(update={"kind": "export"})
    terms = term("one", 5, **{"consumer": "city", "plant": "", **changed})
    found = faults(meishan, [offer], [terms])
    if column is None:
        assert found == []
    else:
        assert [(file, row, name) for file, row, name, _ in found] == [
            ("contract_terms", 5, column)
        ]
        assert message in found[0][3]


def test_one_load_may_be_covered_twice_one_after_the_other(meishan: Park) -> None:
    """From 2025 to 2029 by one contract, from 2030 by the next."""
    terms = [
        term("one", 5, consumer="port", last_year=2029),
        term("two", 6, consumer="port", first_year=2030),
    ]
    assert faults(meishan, [capacity("one", 20.0, 7), capacity("two", 20.0, 8)], terms) == []


def period(line: int, start: int, end: int, months: str = WHOLE_YEAR) -> GridFactorRow:
    """A period of the grid's factor."""
    return GridFactorRow(
        line=line, months=months, start_hour=start, end_hour=end, value=1.0, unit="1", **ORIGIN
    )


def tariff(line: int, start: int, end: int, day: str = "all", **changed: str) -> TariffRow:
    """A period of a tariff that holds from 2020 on."""
    given = {"valid_from": "2020-01-01", "valid_until": "", "months": WHOLE_YEAR, **changed}
    cells = {"tariff": "made_up", "day_type": day, "period": "flat", "value": "1", "unit": "1"}
    cells |= {"start_hour": f"{start}", "end_hour": f"{end}", **given, **ORIGIN}
    return TariffRow.read(cells, "tariff.csv", line)


@given(cuts=st.sets(st.integers(1, 23)), lost=st.integers(0, 30), longer=st.integers(0, 30))
def test_a_day_is_whole_if_and_only_if_its_periods_fit(
    cuts: set[int], lost: int, longer: int
) -> None:
    """Any cutting of a day passes; without one period, or with one that runs on, it does not."""
    edges = [0, *sorted(cuts), 24]
    rows = [period(n + 2, a, b) for n, (a, b) in enumerate(pairwise(edges))]
    assert list(grid_factor_faults(rows)) == []
    if 0 < lost < len(rows):
        found = list(grid_factor_faults([r for r in rows if r is not rows[lost]]))
        assert [(f.row, f.value) for f in found] == [(rows[lost - 1].line, str(edges[lost]))]
    if longer < len(rows) - 1:
        row = rows[longer]
        rows[longer] = period(row.line, row.start_hour, row.end_hour + 1)
        found = list(grid_factor_faults(rows))
        assert [f.row for f in found] == [rows[longer + 1].line]


def test_covered_hours_by_hand() -> None:
    """January and December from 22 to 24 are four of 288 hours."""
    hit = covered(period(2, 22, 24, months="1;12"))
    assert np.argwhere(hit).tolist() == [[0, 22], [0, 23], [11, 22], [11, 23]]


def told(rows: list[TariffRow]) -> list[tuple[int | None, str]]:
    """Row and message of the faults of a tariff."""
    found: list[Fault] = list(tariff_faults(rows))
    assert {f.file for f in found} <= {"tariff.csv"}
    return [(f.row, f.message) for f in found]


def test_holidays_lie_on_top_of_other_days() -> None:
    """A period for holidays may repeat hours of all days; ordinary days alone leave them bare."""
    assert told([tariff(2, 0, 24), tariff(3, 9, 15, "holiday")]) == []
    whole = [tariff(2, 0, 24, "ordinary"), tariff(3, 0, 24, "holiday")]
    assert told(whole) == []
    assert told(whole[:1]) == [
        (None, "no row covers hour 0 of month 1 of a holiday from 2020-01-01")
    ]


@given(days=st.sets(st.integers(1, 3000), min_size=2, max_size=6), shift=st.integers(-3, 3))
def test_a_surcharge_has_one_row_a_day(days: set[int], shift: int) -> None:
    """Rows that follow each other pass in any order; one that begins elsewhere is the fault."""
    starts = [dt.date(2020, 1, 1) + dt.timedelta(days=day * 4) for day in sorted(days)]
    ends = [str(day - dt.timedelta(days=1)) for day in starts[1:]]
    begins = [str(day) for day in starts]
    moved = str(starts[-1] + dt.timedelta(days=shift))
    for first_days in (begins, [*begins[:-1], moved]):
        rows = [
            SurchargeRow(
                line=line, surcharge="fund", valid_from=first, valid_until=last, value=1.0,
                unit="CNY/MWh", **ORIGIN,
            )
            for line, (first, last) in enumerate(zip(first_days, [*ends, ""], strict=True), 2)
        ]  # fmt: skip
        found = [(f.row, f.value) for f in dated_faults(rows[::-1])]
        right = first_days == begins
        assert found == ([] if right else [(rows[-1].line, moved)])


def test_validity_is_checked_span_by_span() -> None:
    """Two tariffs may follow each other on any day; a day between them, or on both, is told.

    In the span of one day there is only the month of that day.
    """
    old, new = (
        tariff(2, 0, 24, valid_until="2026-06-30"),
        tariff(3, 0, 24, valid_from="2026-07-01"),
    )
    assert told([old, new]) == []
    late = tariff(3, 0, 24, valid_from="2026-07-02")
    days = ("an ordinary day", "a holiday")
    gap = "no row covers hour 0 of month 7 of {} from 2026-07-01"
    assert told([old, late]) == [(None, gap.format(day)) for day in days]
    early = tariff(3, 0, 24, valid_from="2026-06-30")
    message = "a second row covers hour 0 of month 6 from 2026-06-30, which row 2 covers"
    assert told([old, early]) == [(3, message)]
