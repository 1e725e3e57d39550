"""Units: conversions by hand."""

from __future__ import annotations

import math
import re

import pytest

from meishan_model.components.catalogue import schemas
from meishan_model.series.measured import ENERGY, POWER, SHARES
from meishan_model.sheets.cost_rows import CostRow
from meishan_model.sheets.units import OF_DEVICES, SIZES, in_project_unit


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
        (650, "CNY/kWh", 650_000),
        (4.3, "CNY/W", 4.3e6),
        (2.5, "%/year", 0.025),
        (24, "months", 2),
    ],
)
def test_a_park_counts_as_the_records_do(value: float, unit: str, expected: float) -> None:
    """The factors are those one gets by hand; what stands in the project's unit stays."""
    assert in_project_unit(value, unit) == pytest.approx(expected, rel=1e-12)


def test_every_unit_is_one_of_a_sheet() -> None:
    """No unit has a factor, or stays as it is, that no sheet may use."""
    allowed = {
        unit
        for sheet in (*schemas().values(), CostRow)
        for quantity in getattr(sheet, "quantities", {}).values()
        for unit in quantity.unit.split("|")
    }
    allowed |= {*POWER, *ENERGY, *SHARES}  # of measured series
    assert set(SIZES) <= set(re.split("[ /]", " ".join(allowed)))
    assert set(OF_DEVICES) <= allowed


def test_every_factor_is_a_positive_finite_number() -> None:
    """No factor can turn a sign or swallow a value."""
    assert all(math.isfinite(factor) and factor > 0 for factor in SIZES.values())
