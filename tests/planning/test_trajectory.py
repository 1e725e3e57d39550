from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.components.catalogue import kinds
from meishan_model.errors import InputError
from meishan_model.planning.trajectory import (
    cumulative_emissions,
    emission_cap,
    theta_for_budget,
    trajectory,
)
from meishan_model.sheets.scenario import Scenario, scenario_model


def test_ends_and_shape_by_hand() -> None:
    """The cap starts at E_0, ends at exactly 0; theta 2 is a parabola, below the line."""
    caps = emission_cap(900.0, 2020, 2050, 2.0, [2020, 2030, 2040, 2050])
    assert caps.tolist() == pytest.approx([900.0, 400.0, 100.0, 0.0])
    assert caps[-1] == 0.0
    line = emission_cap(900.0, 2020, 2050, 1.0, np.arange(2021, 2050))
    assert np.all(emission_cap(900.0, 2020, 2050, 1.5, np.arange(2021, 2050)) < line)


def test_trapezoid_by_hand() -> None:
    """Slices 300, 200, 100, 0 every 10 years: 10 (150 + 200 + 100 + 0) = 4500."""
    assert cumulative_emissions(300.0, 2020, 2050, 1.0, 10) == pytest.approx(4500.0)
    caps = emission_cap(300.0, 2020, 2050, 0.7, range(2020, 2051, 5))
    assert cumulative_emissions(300.0, 2020, 2050, 0.7) == pytest.approx(np.trapezoid(caps, dx=5))


@given(
    share=st.floats(1e-9, 1.0 - 1e-9),
    baseline=st.floats(1e-3, 1e9),
    steps=st.integers(2, 12),
    step=st.sampled_from([1, 5, 10]),
)
def test_budget_is_met(share: float, baseline: float, steps: int, step: int) -> None:
    """For any budget inside the range the trajectory emits it to 1e-9 relative."""
    target = 2020 + steps * step
    low, high = baseline * step / 2.0, baseline * step * (steps - 0.5)
    budget = low + share * (high - low)
    theta = theta_for_budget(budget, baseline, 2020, target, step)
    assert theta > 0.0
    emitted = cumulative_emissions(baseline, 2020, target, theta, step)
    assert emitted == pytest.approx(budget, rel=1e-9)


@given(theta=st.floats(0.05, 20.0))
def test_theta_comes_back(theta: float) -> None:
    """The inverse returns the exponent that made the budget."""
    budget = cumulative_emissions(329_700.0, 2020, 2050, theta)
    assert theta_for_budget(budget, 329_700.0, 2020, 2050) == pytest.approx(theta, rel=1e-9)


def test_one_interior_slice_has_an_elementary_inverse() -> None:
    """With K = 2 the sum is E_0 h (1/2 + 2**-theta): theta = 3 for 1/2 + 1/8."""
    assert theta_for_budget(625.0, 100.0, 2020, 2040, 10) == pytest.approx(3.0, rel=1e-12)


@pytest.mark.parametrize("budget", [0.0, 749.9, 750.0, 8250.0, 1e9, float("nan")])
def test_budget_out_of_range_names_the_range(budget: float) -> None:
    """E_0 = 300, six steps of 5: 750 and 8250 are limits that no theta reaches."""
    with pytest.raises(InputError, match="more than 750 and less than 8250 tCO2"):
        theta_for_budget(budget, 300.0, 2020, 2050)


def test_a_single_step_has_no_choice() -> None:
    """With K = 1 every theta emits E_0 h / 2, so no budget decides theta."""
    with pytest.raises(InputError, match="at least two steps"):
        theta_for_budget(750.0, 300.0, 2020, 2025)


def test_a_negative_baseline_has_no_caps() -> None:
    """What a baseline of a park may not be is told; its years and exponent are the scenario's."""
    with pytest.raises(InputError, match="not a baseline"):
        emission_cap(-1.0, 2020, 2050, 1.0, 2030)


def scenario(**rule: object) -> Scenario:
    """A scenario from 2020 to 2050 with one rule for its caps."""
    years = {"first_year": 2020, "target_year": 2050}
    named = {"name": "s", "title": "S", "park": "p"}
    return scenario_model(kinds()).model_validate({**named, **years, **rule})


def test_milestones_by_hand() -> None:
    """Straight lines from 300 in 2020 over 180 in 2030 and 60 in 2040 to zero in 2050."""
    found = trajectory(scenario(milestones={2040: 0.2, 2030: 0.6}), 300.0)
    caps = found.caps([2020, 2025, 2030, 2035, 2040, 2045, 2050])
    assert caps.tolist() == pytest.approx([300.0, 240.0, 180.0, 120.0, 60.0, 30.0, 0.0])
    assert found.attributes() == {"trajectory": "milestones"}


def test_one_milestone_on_the_line_is_theta_one() -> None:
    """Rules that mean the same caps give the same caps, and each says which it is."""
    years = range(2020, 2051, 5)
    line = trajectory(scenario(theta=1.0), 300.0)
    for rule in ({"milestones": {2035: 0.5}}, {"cumulative_budget": 4500.0}):
        found = trajectory(scenario(**rule), 300.0)
        assert found.caps(years) == pytest.approx(line.caps(years))
        assert found.rule in rule
    assert line.attributes() == {"trajectory": "theta", "theta": 1.0}
