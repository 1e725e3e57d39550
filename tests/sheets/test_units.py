"""Units: conversions by hand, and nothing that is not on the whitelist."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.components.catalogue import schemas
from meishan_model.sheets.units import (
    COSTS,
    OF_DEVICES,
    SIZES,
    UnitError,
    convert,
    in_project_unit,
    investment_kind,
    parse_number,
)


@pytest.mark.parametrize(
    ("value", "unit", "kind", "expected"),
    [
        (650, "CNY/kWh", "investment_energy", 650_000),
        (4.3, "CNY/W", "investment_power", 4.3e6),
        (2.5, "%/year", "fixed_om_share", 0.025),
        (0.65, "CNY/kWh", "variable_om", 650),
        (96, "%", "efficiency", 0.96),
        (24, "months", "lifetime", 2),
    ],
)
def test_conversion_agrees_with_a_hand_calculation(
    value: float, unit: str, kind: str, expected: float
) -> None:
    """The factors are those one gets by hand."""
    assert convert(value, unit, kind) == pytest.approx(expected, rel=1e-6)


def test_foreign_money_needs_an_exchange_rate() -> None:
    """142 EUR/kWh at 7.8747 is 1 118 207.4 CNY/MWh; without a rate there is no answer."""
    rates = {"EUR": 7.8747}
    price = convert(142, "EUR/kWh", "investment_energy", exchange_rates=rates)
    assert price == pytest.approx(1_118_207.4)
    with pytest.raises(UnitError, match="no exchange rate for EUR"):
        convert(142, "EUR/kWh", "investment_energy")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (510, "GWh/a", 510_000),
        (8, "%/a", 0.08),
        (130, "kWh/km", 0.13),
        (12.75, "million TEU/a", 12.75e6),
        (0.4, "million m2", 4e5),
        (85, "kWh/(m2*a)", 0.085),
        (600, "kgCO2/m2", 0.6),
        (3.5, "MW", 3.5),
        (1100, "kW", 1100),
        (6, "W/m2", 6),
    ],
)
def test_a_park_counts_as_the_records_do(value: float, unit: str, expected: float) -> None:
    """The factors are those one gets by hand; what stands in the project's unit stays."""
    assert in_project_unit(value, unit) == pytest.approx(expected, rel=1e-12)


def test_every_unit_is_one_of_a_sheet() -> None:
    """No unit has a factor, or stays as it is, that no sheet may use."""
    allowed = {
        unit
        for sheet in schemas().values()
        for quantity in getattr(sheet, "quantities", {}).values()
        for unit in quantity.unit.split("|")
    }
    of_costs = {unit for units in COSTS.values() for unit in units}
    assert set(SIZES) <= set(re.split("[ /]", " ".join(allowed | of_costs)))
    assert set(OF_DEVICES) <= allowed


@given(st.sampled_from(sorted(COSTS)), st.floats(-1e9, 1e9))
def test_the_project_unit_is_allowed_and_changes_nothing(kind: str, value: float) -> None:
    """Identity: a number that is in the project's unit already stays what it is."""
    assert convert(value, next(iter(COSTS[kind])), kind) == value


def test_every_factor_is_a_positive_finite_number() -> None:
    """No factor can turn a sign or swallow a value."""
    assert all(math.isfinite(factor) and factor > 0 for factor in SIZES.values())


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("CNY/MWH", "variable_om"),
        ("CNY/kW", "investment_energy"),
        ("GBP/kW", "investment_power"),
        ("EUR", "investment_power"),
        ("", "lifetime"),
    ],
)
def test_a_unit_off_the_whitelist_is_refused_with_the_list(unit: str, kind: str) -> None:
    """The error names what is allowed instead."""
    with pytest.raises(UnitError, match="not allowed") as caught:
        convert(1.0, unit, kind, exchange_rates={"EUR": 7.9})
    assert next(iter(COSTS[kind])) in caught.value.remedy


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("EUR/kWh", ("investment_energy", "MWh")),
        ("CNY/kW_th", ("investment_power", "MW")),
        ("EUR/kW_e, 2020", ("investment_power", "MW")),
        ("CNY/vehicle", ("investment_vehicle", "vehicles")),
    ],
)
def test_the_unit_of_an_investment_says_what_is_bought(
    unit: str, expected: tuple[str, str]
) -> None:
    """Power, energy and vehicles are told apart by their unit."""
    assert investment_kind(unit) == expected


def test_an_investment_without_a_known_unit_is_refused() -> None:
    """EUR/MW/km is a cost per length: no capacity follows from it."""
    with pytest.raises(UnitError, match="unknown unit of an investment"):
        investment_kind("EUR/MW/km")


@pytest.mark.parametrize(
    "text", ["1,5", "1.234,5", "nan", "inf", "1_000", "１２", "1 000", "", "-"]
)
def test_only_plain_numbers_are_numbers(text: str) -> None:
    """Comma decimals and what Python alone would accept (nan, 1_000, full width) are refused."""
    with pytest.raises(UnitError):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_as_they_were_written(number: float) -> None:
    """Reading is the inverse of writing for every finite number."""
    assert parse_number(repr(number)) == number
