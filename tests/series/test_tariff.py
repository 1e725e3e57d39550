"""The time-of-use tariff of Zhejiang: whole days by hand, coverage, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from meishan_model.errors import InputError
from meishan_model.series.calendar import day_types
from meishan_model.series.tariff import dated_series, day_tariff, grid_factor_ratio, price_ratio
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.tariff_rows import SurchargeRow, TariffRow
from meishan_model.sheets.trade_rows import GridFactorRow

SHEET = Path(__file__).parents[2] / "configs" / "meishan" / "tariff_periods.csv"
YEAR_ROUND = "1;2;3;4;5;6;7;8;9;10;11;12"


@pytest.fixture(scope="module")
def rows() -> tuple[TariffRow, ...]:
    """Rows of the shipped sheet."""
    found, faults = read_rows(SHEET, TariffRow)
    assert faults == []
    return found


def ratio_of(rows: tuple[TariffRow, ...], year: int) -> pd.Series:
    """Price ratio of a year by stamp."""
    calendar = day_types(year, "CN")
    return pd.Series(price_ratio(rows, calendar, str(SHEET)), index=calendar.index)


def course(*blocks: tuple[int, float]) -> list[float]:
    """A day's 24 ratios from (hours, ratio) blocks."""
    day = [ratio for hours, ratio in blocks for _ in range(hours)]
    assert len(day) == 24
    return day


OLD_MILD = course((8, 0.45), (3, 1.65), (2, 0.45), (4, 1.65), (7, 1.0))
OLD_HARD = course(
    (8, 0.38), (1, 1.65), (2, 1.98), (2, 0.38), (2, 1.0), (2, 1.98), (6, 1.65), (1, 1.0)
)
OLD_HOLIDAY = course((8, 0.45), (2, 1.65), (4, 0.2), (3, 1.65), (7, 1.0))
OF_2018 = course((8, 0.62), (3, 1.36), (2, 0.62), (6, 1.36), (2, 1.64), (1, 1.36), (2, 0.62))
OF_2023 = course(
    (8, 0.38), (1, 1.65), (2, 1.98), (2, 0.38), (2, 1.65), (2, 1.98), (5, 1.65), (2, 0.38)
)
HARD_2023 = course((8, 0.38), (1, 1.65), (2, 1.98), (2, 0.38), (4, 1.98), (5, 1.65), (2, 0.38))
NEW_MILD = course((7, 0.4), (4, 1.0), (3, 0.4), (2, 1.0), (7, 1.85), (1, 1.0))
NEW_HARD = course(
    (7, 0.4), (4, 1.0), (3, 0.4), (2, 1.0), (2, 1.85), (4, 2.05), (1, 1.85), (1, 1.0)
)
NEW_HOLIDAY = course((7, 0.4), (2, 1.0), (6, 0.2), (1, 1.0), (7, 1.85), (1, 1.0))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-04-01", OF_2018),
        ("2020-01-25", OF_2018),  # Spring Festival had no deep valley
        ("2023-06-01", OF_2023),
        ("2023-08-01", HARD_2023),
        ("2024-02-28", OF_2023),
        ("2024-03-01", OLD_MILD),
        ("2025-03-12", OLD_MILD),  # a Wednesday
        ("2025-03-15", OLD_MILD),  # a Saturday is no other day
        ("2025-07-16", OLD_HARD),
        ("2025-12-10", OLD_HARD),
        ("2026-01-14", OLD_HARD),
        ("2026-06-30", OLD_MILD),  # the last day of the old periods
        ("2025-05-01", OLD_HOLIDAY),  # May Day
        ("2025-10-02", OLD_HOLIDAY),  # National Day
        ("2026-07-01", NEW_HARD),  # the first day of the new ones
        ("2026-11-11", NEW_MILD),
        ("2035-08-15", NEW_HARD),
        ("2035-03-14", NEW_MILD),
        ("2026-10-01", NEW_HOLIDAY),
        ("2035-05-01", NEW_HOLIDAY),
        ("2035-05-03", NEW_HOLIDAY),  # the third day, a weekday by then
        ("2035-05-04", NEW_MILD),
        ("2026-10-05", NEW_MILD),  # a day off of the National Day, its fifth
        ("2035-06-10", NEW_MILD),  # Dragon Boat Festival
        ("2025-05-31", OLD_MILD),
        ("2025-01-01", OLD_HARD),  # New Year
    ],
)
def test_a_whole_day_by_hand(rows: tuple[TariffRow, ...], day: str, expected: list[float]) -> None:
    """The 24 ratios of an ordinary day and of a holiday, before and after July 2026."""
    found = ratio_of(rows, int(day[:4])).loc[day]
    np.testing.assert_array_equal(found, expected)


def test_spring_festival_has_the_deep_valley(rows: tuple[TariffRow, ...]) -> None:
    """On 29 January 2025, New Year of the lunar calendar, 10 to 14 costs a fifth."""
    found = ratio_of(rows, 2025).loc["2025-01-29"]
    assert (found.iloc[10:14] == 0.2).all()
    np.testing.assert_array_equal(
        np.delete(found.to_numpy(), slice(10, 14)), np.delete(OLD_HARD, slice(10, 14))
    )


@pytest.mark.parametrize("year", [2020, 2025, 2026, 2030, 2035, 2040, 2050])
def test_every_hour_of_a_year_has_a_ratio(rows: tuple[TariffRow, ...], year: int) -> None:
    """8760 ratios, each one of those in force in that half of the year, also in 2026."""
    ratio = ratio_of(rows, year)
    assert len(ratio) == 8760
    before = ratio[ratio.index < "2026-07-01"]
    after = ratio[ratio.index >= "2026-07-01"]
    assert (
        set(before) == {0.62, 1.36, 1.64}
        if year == 2020
        else set(before) <= {0.2, 0.38, 0.45, 1.0, 1.65, 1.98}
    )
    assert set(after) <= {0.2, 0.4, 1.0, 1.85, 2.05}
    assert len(before) == {2026: 4344}.get(year, 8760 if year < 2026 else 0)


def test_an_ordinary_year_costs_about_the_flat_price(rows: tuple[TariffRow, ...]) -> None:
    """An even load pays between 0.9 and 1.1 times the flat price in both regimes."""
    for year in (2025, 2035):
        assert ratio_of(rows, year).mean() == pytest.approx(1.0, abs=0.1)


def row(line: int, start: int, end: int, day: str = "all", **changed: str) -> TariffRow:
    """A period of a made-up tariff that holds all year."""
    given = {
        "valid_from": "2020-01-01",
        "valid_until": "",
        "months": YEAR_ROUND,
        **changed,
    }
    numbers = {"line": line, "start_hour": start, "end_hour": end, "value": 1.0}
    words = {"tariff": "t", "day_type": day, "period": "flat", "unit": "1"}
    origin = {"source": "x", "confidence": "assumption", "note": ""}
    return TariffRow.model_validate({**given, **numbers, **words, **origin})


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        ([row(2, 0, 23)], ["no period covers 365 hours", "23:00:00"]),
        ([row(2, 0, 24, valid_until="2025-12-30")], ["no period covers 24 hours", "2025-12-31"]),
        ([row(2, 0, 24, valid_from="2025-01-02")], ["no period covers 24 hours", "2025-01-01"]),
        ([row(2, 0, 24, months="1;2;3")], ["no period covers 6600 hours", "2025-04-01"]),
        ([row(2, 0, 24, "ordinary")], ["no period covers", "2025-01-01 00:00:00"]),
        ([row(2, 0, 24, "holiday")], ["no period covers", "2025-01-02 00:00:00"]),
    ],
)
def test_gaps_are_faults(periods: list[TariffRow], said: list[str]) -> None:
    """Hours without a period are told with their number and the first of them."""
    with pytest.raises(InputError) as caught:
        price_ratio(periods, day_types(2025, "CN"), "tariff.csv")
    assert len(caught.value.faults) == 1
    assert all(part in str(caught.value) for part in ["tariff.csv", *said]), str(caught.value)


def test_holidays_lie_on_top_of_what_they_cover() -> None:
    """An ordinary and a holiday period may share hours; a holiday takes its own."""
    deep = row(3, 10, 12, "holiday").model_copy(update={"value": 0.2})
    calendar = day_types(2025, "CN")
    ratio = pd.Series(price_ratio([row(2, 0, 24), deep], calendar, "t"), index=calendar.index)
    assert (ratio.loc["2025-10-01"].iloc[10:12] == 0.2).all()
    assert (ratio == 0.2).sum() == 2 * calendar["is_holiday"].iloc[::24].sum()


PARTS = {"energy": 560.0, "network_charge": 110.0, "levies": 30.0}


def surcharge(
    value: float, first: str, last: str = "", name: str = "fund", line: int = 2
) -> SurchargeRow:
    """A surcharge between two days."""
    return SurchargeRow(
        line=line, surcharge=name, valid_from=first, valid_until=last, value=value,
        unit="CNY/MWh", source="x", confidence="assumption", note="",
    )  # fmt: skip


def test_levies_are_the_surcharges_of_the_day() -> None:
    """19 until 30 June 2026 and 12 from 1 July on, a second one of 10: 29 and 22, by the hour.

    29 February is in no model year and shifts nothing: 181 days before July.
    """
    rows = (
        surcharge(19.0, "2020-01-01", "2026-06-30"),
        surcharge(12.0, "2026-07-01"),
        surcharge(10.0, "2020-01-01", name="other"),
    )
    for year in (2026, 2028):
        levies = dated_series(rows, day_types(year, "CN"))
        assert levies.shape == (8760,)
        before = 181 * 24 if year == 2026 else 0
        np.testing.assert_array_equal(levies[:before], 29.0)
        np.testing.assert_array_equal(levies[before:], 22.0)
    np.testing.assert_array_equal(dated_series((), day_types(2026, "CN")), 0.0)


def test_surcharges_may_be_in_other_units() -> None:
    """0.019 CNY/kWh are 19 CNY/MWh."""
    row = surcharge(0.019, "2020-01-01").model_copy(update={"unit": "CNY/kWh"})
    np.testing.assert_allclose(dated_series([row], day_types(2026, "CN")), 19.0)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-06-30", OLD_MILD), ("2026-07-15", NEW_HARD), ("2026-10-01", NEW_HOLIDAY)],
)
def test_a_day_of_the_tariff_in_its_parts(
    rows: tuple[TariffRow, ...], day: str, expected: list[float]
) -> None:
    """The ratio is of the whole 700, since July 2026 of 560 of energy; the row says so.

    Network charge and levies are the same in every hour; the energy part may fall below zero.
    """
    table = day_tariff(rows, PARTS, dt.date.fromisoformat(day), "CN", str(SHEET))
    assert list(table.index) == list(range(24))
    whole, flat = (700.0, 0.0) if day < "2026-07" else (560.0, 140.0)
    np.testing.assert_allclose(table["total"], whole * np.array(expected) + flat)
    parts = table[["energy", "network_charge", "levies"]]
    np.testing.assert_allclose(parts.sum(axis="columns"), table["total"])
    assert set(table["network_charge"]) == {110.0}
    assert set(table["levies"]) == {30.0}
    by_line = {row.line: row for row in rows}
    for hour, line in table["row"].items():
        said = by_line[line]
        assert said.start_hour <= hour < said.end_hour
        assert (said.value, said.period) == (table["ratio"][hour], table["period"][hour])
    assert set(table["tariff"]) == {"zhejiang_until_2026_06" if day < "2026-07" else NEW}


NEW = "zhejiang_from_2026_07"


@pytest.mark.parametrize(
    ("day", "said"), [("2028-02-29", "no model year"), ("2018-03-31", "no period")]
)
def test_a_day_without_a_tariff_is_told(rows: tuple[TariffRow, ...], day: str, said: str) -> None:
    """29 February is in no model year; before April 2018 the sheet has no tariff."""
    with pytest.raises(InputError, match=said):
        day_tariff(rows, PARTS, dt.date.fromisoformat(day), "CN", str(SHEET))


def test_a_holiday_that_no_year_has_is_told() -> None:
    """A name in other words than those of the calendar is told with those that there are."""
    wrong = row(3, 10, 12, "holiday", holidays="May Day:3")
    with pytest.raises(InputError, match="May Day is no public holiday of 2025") as caught:
        price_ratio([row(2, 0, 24), wrong], day_types(2025, "CN"), "tariff.csv")
    assert "Labor Day" in str(caught.value)
    with pytest.raises(ValidationError, match="day_type is another"):
        row(3, 10, 12, "all", holidays="Labor Day")


def test_the_grid_factor_keeps_its_mean() -> None:
    """Half a day at 0.5 and half at 1.5, and a third of a year at three times of that: mean 1."""
    course = [("1;2;3;4", 0, 12, 1.5), ("1;2;3;4", 12, 24, 4.5)]
    course += [("5;6;7;8;9;10;11;12", 0, 12, 0.5), ("5;6;7;8;9;10;11;12", 12, 24, 1.5)]
    periods = [
        GridFactorRow(
            line=line, months=months, start_hour=start, end_hour=end, value=value,
            unit="1", source="made up", confidence="assumption", note="",
        )
        for line, (months, start, end, value) in enumerate(course, start=2)
    ]  # fmt: skip
    calendar = day_types(2035, "CN")
    ratio = pd.Series(grid_factor_ratio(periods, calendar), index=calendar.index)
    assert len(ratio) == 8760
    assert ratio.mean() == pytest.approx(1.0)
    winter, summer = ratio.loc["2035-02-10"], ratio.loc["2035-08-10"]
    assert winter.iloc[13] / winter.iloc[3] == pytest.approx(3.0)
    assert winter.iloc[3] / summer.iloc[3] == pytest.approx(3.0)
