"""Carbon of buildings over their life, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from tiny_park import NO_CAP, Recipe, park
from tiny_solved import emission, net_emission, solved

from meishan_model.accounts.emissions import (
    embodied_emissions,
    life_cycle_reduction,
    operation_of_floor,
)
from meishan_model.planning.project import open_project
from meishan_model.report.summary import building_note
from meishan_model.sheets.records import LifeCycle

REPOSITORY = Path(__file__).parents[2]
STAGES = ("design", "materials", "construction", "operation", "demolition")
BUILDINGS = LifeCycle(
    sectors=frozenset({"buildings"}),
    floor_area=10_000.0,
    new_area=500.0,
    demolished_area=100.0,
    service_life=50.0,
    reference=dict(zip(STAGES, (0.001, 0.4, 0.029, 0.03, 0.02), strict=True)),
    reduction=dict(zip(STAGES, (0.0, 0.25, 0.1, 0.2, 0.5), strict=True)),
    target=0.35,
)
"""10 000 m2, of which 500 are new and 100 come down; usual practice is 1.95 t over 50 years."""


def test_stages_by_hand() -> None:
    """500 x 0.4 t x 0.75 of materials, 500 x 0.029 x 0.9 on site, 100 x 0.02 x 0.5 of rubble."""
    found = embodied_emissions(BUILDINGS).to_dict()
    assert found == pytest.approx(
        {"design": 0.5, "materials": 150.0, "construction": 13.05, "demolition": 1.0}
    )


def test_reduction_over_a_life_by_hand() -> None:
    """At 0.025 t/(m2*a) in operation: 1 - (0.001 + 0.3 + 0.0261 + 50 x 0.02 + 0.01) / 1.95."""
    assert life_cycle_reduction(BUILDINGS, 0.025) == pytest.approx(1 - 1.3371 / 1.95)
    nothing = replace(BUILDINGS, reduction=dict.fromkeys(STAGES, 0.0))
    assert life_cycle_reduction(nothing, 0.03) == pytest.approx(0.0)


def test_operation_counts_the_buildings_only() -> None:
    """100 MWh of power at 0.5 and 50 MWh of gas at 0.2 on 10 000 m2; the port is no house."""
    energy = pd.DataFrame(
        {
            "sector": ["buildings", "buildings", "port"],
            "carrier": ["electricity", "natural_gas", "electricity"],
            "energy_mwh": [100.0, 50.0, 1e6],
        }
    )
    factors = park(Recipe()).inputs.located_factors
    found = operation_of_floor(energy, factors, BUILDINGS)
    assert found == pytest.approx((50.0 + 10.0) / 10_000.0)


def test_reported_beside_the_balance(tmp_path: Path) -> None:
    """The result has the stages in scope 3; net emissions are those of the park without them."""
    tiny = park(Recipe(cap=NO_CAP))
    built = replace(tiny, inputs=replace(tiny.inputs, life_cycle=BUILDINGS))
    without, with_buildings = solved(tiny, tmp_path / "a"), solved(built, tmp_path / "b")
    assert emission(with_buildings, "scope3_reported") == pytest.approx(164.55)
    assert net_emission(with_buildings) == pytest.approx(net_emission(without))
    assert with_buildings.attrs["building_life_cycle_target"] == 0.35
    assert with_buildings.attrs["objective"] == pytest.approx(without.attrs["objective"])


def test_targets_of_the_plan_are_in_the_sheet() -> None:
    """10 % for 2020 and 35 % for 2025 (RMI 2023); the park's buildings grow by what is built.

    What is built less what comes down in five years is the growth of the floor area within 15 %.
    """
    slices = open_project("balanced", REPOSITORY).slices
    found = {year: inputs.life_cycle for year, inputs in slices.items()}
    first, second = found[2020], found[2025]
    assert first is not None
    assert second is not None
    assert (first.target, second.target) == pytest.approx((0.10, 0.35))
    grown = second.floor_area - first.floor_area
    net = 2.5 * sum(x.new_area - x.demolished_area for x in (first, second))
    assert net == pytest.approx(grown, rel=0.15)


def test_the_summary_says_whether_the_plan_is_met() -> None:
    """30.1 % against 35 % misses, 36 % meets; a park without a plan says nothing."""

    def said(**attributes: float) -> list[str]:
        return [text.plain for text in building_note(xr.Dataset(attrs=attributes))]

    target = {"building_life_cycle_target": 0.35}
    (missed,) = said(building_life_cycle_reduction=0.301, **target)
    (met,) = said(building_life_cycle_reduction=0.36, **target)
    assert "30.1% of usual practice over its life and misses the plan's 35%" in missed
    assert "meets the plan's 35%" in met
    assert said() == []
