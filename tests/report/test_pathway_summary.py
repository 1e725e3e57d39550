"""The summary of a pathway: findings first, each table with its unit, why a bound is as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hand_made import as_text

from meishan_model.report.pathway_summary import (
    capacity_table,
    cash_flow_table,
    cost_table,
    emission_table,
    findings,
    indicator_tables,
    investment_table,
    measure_table,
    pathway_summary,
    principle_table,
)
from meishan_model.results.wording import Finding, Value, finding_attributes, sentence

OF_CARS: dict[str, Value] = {"resources": ["feeding"], "zone": "port", "drivetrain": "car"}
FINDINGS = (
    Finding("stand", {**OF_CARS, "year": 2025, "needed": 1850.0, "standing": 900.0}),
    Finding("drawn", {**OF_CARS, "year": 2025, "hours": 12, "most": 0.25}),
)


@pytest.fixture
def ds() -> xr.Dataset:
    """A pathway of two slices with those parts of the contract that the summary reads."""
    text = ["two years", "of reasons"]
    return xr.Dataset(
        {
            "capacity": (("year", "asset"), [[90.0, 0.0], [120.5, 1500.0]]),
            "capacity_existing": (("year", "asset"), [[90.0, 0.0], [45.0, 0.0]]),
            "capacity_new": (("year", "asset"), [[0.0, 0.0], [75.5, 1500.0]]),
            "capacity_bridge": (("year", "asset"), np.zeros((2, 2))),
            "bound_reason": (("year", "asset"), [text, ["at least 70 MW", "no limit"]]),
            "emissions": (("year", "emission_item"), [[9e3, 20e3, 0.0], [4e3, 0.0, 1.5e3]]),
            "cost": (("year", "cost_item"), [[40e6, 0.0, 0.0], [30e6, 7e6, 5e6]]),
            "net_emissions": ("year", [29e3, 4e3]),
            "emission_cap": ("year", [30e3, 2.5e3]),
            "carbon_value": ("year", [math.nan, 250.0]),
            "cash_flow": (("year", "category"), [[0.0, 40e6], [-8e6, 30e6]]),
            "investment": (("phase", "facility"), [[75e6, 25e6]]),
            "suited_finance": (("phase", "finance"), [[60e6, 25e6, 15e6]]),
            "measure_investment": ("measure", [25e6, 75e6]),
            "measure_npv": ("measure", [5e6, 1e6]),
            "measure_irr": ("measure", [0.123, math.nan]),
            "measure_abatement": ("measure", [4e3, 6e3]),
            "measure_abatement_cost": ("measure", [-321.0, 42.0]),
            "principle": ("indicator", [0.25, 7.0]),
            "indicator_by_year": (("year", "yearly_indicator"), [[12.5, math.nan], [0.0, 0.75]]),
        },
        coords={
            "year": [2020, 2025],
            "asset": ["wind_onshore_port", "car_electric_port"],
            "asset_technology": ("asset", ["wind_onshore", "car_electric"]),
            "asset_unit": ("asset", ["MW", "vehicles"]),
            "emission_item": ["a", "b", "c"],
            "scope": ("emission_item", ["scope1", "scope2_market", "gap"]),
            "cost_item": ["a", "b", "c"],
            "cost_category": ("cost_item", ["purchase", "gap", "shadow_carbon"]),
            "payer": ("cost_item", ["park", "park", "park"]),
            "category": ["salvage", "purchase"],
            "phase": ["2020-2025"],
            "facility": ["new", "retrofit"],
            "finance": ["green", "transition", "neither"],
            "measure": ["led", "wind_onshore"],
            "measure_kind": ("measure", ["efficiency", "technology"]),
            "measure_note": ("measure", ["", "several rates make its value zero"]),
            "indicator": ["saving_share", "clean_export"],
            "principle_name": ("indicator", ["efficiency first", "most local renewables"]),
            "unit": ("indicator", ["1", "GWh"]),
            "yearly_indicator": ["peak", "share"],
            "yearly_indicator_unit": ("yearly_indicator", ["MW", "1"]),
            "yearly_indicator_title": ("yearly_indicator", ["the peak", "the share"]),
            "yearly_indicator_title_zh": ("yearly_indicator", ["峰值", "比例"]),
        },
        attrs={
            "title": "Hand-made pathway",
            "hours": 168,
            **finding_attributes(FINDINGS),
            "net_present_cost": 2e9,
            "net_present_cost_cash": 2.1e9,
            "cash_flow_difference": 0.1e9,
            "cash_flow_comment": "for a reason",
            "cumulative_emissions": 82.5e3,
            "cumulative_emissions_location": 90e3,
            "discount_rate": 0.08,
            "trajectory": "theta",
            "theta": 1.0,
        },
    )


def row(text: str, name: str) -> list[str]:
    """Cells of the line that begins with a name."""
    line = next(x for x in text.splitlines() if x.strip("│ ").startswith(name))
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_findings_come_first_and_none_is_left_out(ds: xr.Dataset) -> None:
    """The gap of 2025, the idle cap of 2020, bridge and measure; the trial is said first."""
    assert [sentence(found) for found in findings(ds)] == [
        "2025: net emissions exceed the cap by 1,500 tCO2/a",
        "the cap on emissions is idle in 2020: it allows 30,000 tCO2/a, and 29,000 are emitted "
        "without it",
        *(sentence(found) for found in FINDINGS),
    ]
    text = as_text(pathway_summary(ds))
    assert "TRIAL of 168 hours, 6-12 August: " in text and "times 52.1" in " ".join(text.split())
    assert text.index("TRIAL") < text.index("FINDING") < text.index("Capacities")
    free = ds.drop_attrs().assign(
        emissions=ds["emissions"] * 0.0, emission_cap=ds["emission_cap"] * np.nan
    )
    assert findings(free) == []


def test_what_is_shed_is_told_by_its_slice_or_by_its_cost(ds: xr.Dataset) -> None:
    """The slice of 2020 says what is shed, that of 2025 does not."""
    shed = ds.assign_coords(cost_category=("cost_item", ["shedding", "gap", "shadow_carbon"]))
    place: dict[str, Value] = {"carrier": "heat", "zone": "port", "unit": "MWh/a", "cost": 40.0}
    told = Finding("shed_at", {"year": 2020, **place, "amount": 1200.0})
    shed = shed.assign_attrs(finding_attributes([told]))
    assert [(found.kind, found.year) for found in findings(shed)] == [
        ("gap", 2025),
        ("idle_cap", None),
        ("shed", 2025),
        ("shed_at", 2020),
    ]


def test_tables_by_hand(ds: xr.Dataset) -> None:
    """Each number where it belongs, with its unit; what is not known is a dash, not a zero."""
    assert row(as_text(capacity_table(ds)), "wind_onshore") == [
        "wind_onshore", "90.00", "120.50", "MW",
    ]  # fmt: skip
    emitted = as_text(emission_table(ds))
    assert row(emitted, "net") == ["net", "29.0", "4.0"]
    assert row(emitted, "cap") == ["cap", "30.0", "2.5"]
    assert row(emitted, "gap (memo)") == ["gap (memo)", "0.0", "1.5"]
    assert row(emitted, "carbon value") == ["carbon value [CNY/t]", "–", "250"]
    cost = as_text(cost_table(ds))
    assert row(cost, "paid") == ["paid", "40.0", "30.0"]
    assert row(cost, "gap (not paid)") == ["gap (not paid)", "0.0", "7.0"]
    assert row(as_text(cash_flow_table(ds)), "salvage") == ["salvage", "0.0", "-8.0"]
    assert "75 (75%)" in row(as_text(investment_table(ds)), "2020-2025")
    assert row(as_text(principle_table(ds)), "efficiency first")[1:] == [
        "saving_share", "0.25", "1",
    ]  # fmt: skip
    (of_years,) = indicator_tables(ds)
    assert row(as_text(of_years), "the peak") == ["the peak", "12.5", "0", "MW"]
    assert row(as_text(of_years), "the share") == ["the share", "–", "0.75", "1"]
    assert indicator_tables(ds.drop_vars("indicator_by_year")) == []


def test_a_rate_that_does_not_exist_is_a_dash_with_its_reason(ds: xr.Dataset) -> None:
    """The measure without an internal rate shows why."""
    text = " ".join(as_text(measure_table(ds)).split())
    assert "12.3" in text
    assert "several" in text
    assert "nan" not in text
