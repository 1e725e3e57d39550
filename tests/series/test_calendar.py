from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.errors import InputError
from meishan_model.series.calendar import (
    day_types,
    hourly_index,
    standard_offset,
)


@settings(max_examples=20, deadline=None)
@given(
    year=st.integers(1980, 2060),
)
def test_every_year_has_8760_hours_without_leap_day(year: int) -> None:
    """Leap years and daylight saving neither add nor drop an hour; only 29 February is absent."""
    stamps = hourly_index(year)
    assert len(stamps) == 8760
    assert stamps.tz is None
    assert stamps.is_unique
    assert not ((stamps.month == 2) & (stamps.day == 29)).any()
    assert (np.asarray(stamps.hour).reshape(365, 24) == np.arange(24)).all()


def test_offset_is_standard_time_even_in_southern_summer_and_chinese_daylight_saving() -> None:
    """The offset leaves daylight saving out wherever January falls."""
    assert standard_offset("Australia/Sydney", 2023) == 10.0
    assert standard_offset("Europe/Berlin", 2023) == 1.0
    assert standard_offset("Asia/Shanghai", 1988) == 8.0


def test_an_unknown_country_is_an_input_error() -> None:
    """A name that nobody knows is reported, not replaced by a default."""
    with pytest.raises(InputError, match="XX"):
        day_types(2030, "XX")


def test_chinese_days_of_2023_as_decreed() -> None:
    """Spring Festival is off, the Saturday and Sunday worked in exchange are working days."""
    days = day_types(2023, "CN").iloc[::24]
    days.index = pd.DatetimeIndex(days.index).strftime("%m-%d")
    assert days.loc["01-21":"01-27", "is_holiday"].iloc[1:].all()
    assert days.loc[["01-28", "01-29"], "is_working_day"].all()
    assert list(days.loc[["01-28", "01-29"], "weekday"]) == [5, 6]
    assert not days.loc["02-04", "is_working_day"]
    assert days.loc["02-06", "is_working_day"]
    assert days.loc["01-26", "festival"].startswith("Chinese New Year")
    assert days.loc["10-05", "festival"] == "National Day"
    assert not (days["is_holiday"] & days["is_working_day"]).any()


@pytest.mark.parametrize("year", [2020, 2024, 2060])
def test_leap_years_keep_weekdays_of_the_calendar(year: int) -> None:
    """After the dropped 29 February the weekdays are those of the real year."""
    days = day_types(year, "CN")
    stamps = pd.DatetimeIndex(days.index)
    assert (days["weekday"].to_numpy() == stamps.day_of_week).all()
    assert days.loc[f"{year}-03-01", "weekday"].iloc[0] == dt.date(year, 3, 1).weekday()
    assert days["is_holiday"].sum() >= 11 * 24


def test_the_weekend_is_that_of_the_country() -> None:
    """Saturday and Sunday in China, also where they are worked; Friday and Saturday in Egypt."""
    for country, weekend in (("CN", {5, 6}), ("EG", {4, 5})):
        days = day_types(2023, country)
        assert set(days.loc[days["is_weekend"], "weekday"]) == weekend
        assert (days["is_weekend"] == days["weekday"].isin(weekend)).all()
