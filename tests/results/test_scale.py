"""Units that suit the size of what is shown."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from meishan_model.results.scale import in_suited_units, scale_of


@pytest.mark.parametrize(
    ("values", "units", "digits", "unit", "shown"),
    [
        ([1.8e9, 5e3], ("CNY/a", "million CNY/a"), 3, "million CNY/a", 1800.0),
        ([974_600.0], ("CNY/a", "million CNY/a"), 3, "thousand CNY/a", 974.6),
        ([4.5e6], ("CNY", "billion CNY"), 3, "million CNY", 4.5),
        ([-4.5e6], ("CNY", "million CNY"), 1, "thousand CNY", -4500.0),
        ([12.0], ("CNY", "million CNY"), 3, "CNY", 12.0),
        ([959.6], ("MWh", "GWh/a"), 2, "MWh/a", 959.6),
        ([0.25], ("MWh", "GWh/a"), 2, "kWh/a", 250.0),
        ([0.629, math.nan], ("MW",) * 2, 2, "kW", 629.0),
        ([0.0045], ("billion CNY", ""), 3, "million CNY", 4.5),
        ([474.0], ("tCO2", "ktCO2/a"), 1, "tCO2/a", 474.0),
        ([250.0], ("CNY/tCO2", ""), 0, "CNY/tCO2", 250.0),
        ([0.5], ("1", ""), 2, "1", 0.5),
    ],
)
def test_the_largest_number_decides(
    values: list[float], units: tuple[str, str], digits: int, unit: str, shown: float
) -> None:
    """It is at least 1 and has three digits in the largest unit in which that is so."""
    scale = scale_of(values, *units, digits)
    assert scale.unit == unit
    assert values[0] / scale.divisor == pytest.approx(shown)


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [math.nan]])
def test_without_a_size_the_unit_is_the_usual_one(values: list[float]) -> None:
    """Nothing, zeros and what is no number are shown in the unit of a large park."""
    assert scale_of(values, "tCO2/a", "ktCO2/a").unit == "ktCO2/a"


def test_rows_of_one_unit_are_shown_in_one() -> None:
    """0.2 MW of PV and 0.5 MWh of a battery are kW and kWh, vehicles have one unit only."""
    rows = {("pv", "MW"): 0.2, ("store", "MWh"): 0.5, ("power", "MW"): 0.05, ("car", "1"): 3.0}
    index = pd.MultiIndex.from_tuples(rows, names=["technology", "unit"])
    found = in_suited_units(pd.DataFrame({"total": rows.values()}, index))
    assert found["total"].to_dict() == pytest.approx(
        {("pv", "kW"): 200.0, ("store", "kWh"): 500.0, ("power", "kW"): 50.0, ("car", "1"): 3.0}
    )
