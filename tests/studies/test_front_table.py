"""The front without a solver: its sums by hand, its caps, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import mini_park
import pandas as pd
import pytest
from mini_park import mini, swap

from meishan_model.errors import InputError
from meishan_model.planning.backcast import cap_of_year, slice_hashes
from meishan_model.planning.project import Project
from meishan_model.planning.trajectory import cumulative_emissions
from meishan_model.studies.front import Front


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park; not to be changed."""
    return mini_park.make_root(tmp_path_factory.mktemp("front"))


def point(theta: float, net: list[float], paid: list[float]) -> pd.DataFrame:
    """Made-up slices of one theta; the first two are bound."""
    return pd.DataFrame(
        {
            "theta": theta,
            "hours": 168,
            "year": [2020, 2025, 2030],
            "net_emissions": net,
            "location_emissions": [2 * value for value in net],
            "paid_cost": paid,
            "objective": [value + 10.0 for value in paid],
            "binds": [True, True, False],
        }
    )


def front_table(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """The front, by theta."""
    return Front(project=project).table(rows).set_index("theta")


def test_sums_by_hand(root: Path) -> None:
    """Trapezoid over 2020, 2025, 2030: 5 (a/2 + b + c/2), costs discounted at r to 2020."""
    project = mini(root)
    rate = project.slices[2020].parameters["discount_rate"]
    rows = pd.concat([point(1.0, [10, 4, 0], [100, 200, 300]), point(2.0, [10, 2, 0], [1, 1, 1])])
    table = front_table(project, rows)
    first = table.loc[1.0]
    assert first["cumulative_emissions"] == pytest.approx(5 * (5 + 4))
    assert first["cumulative_emissions_location"] == pytest.approx(10 * (5 + 4))
    factor = (1 + rate) ** -5
    by_hand = 5 * (100 / 2 + 200 * factor + 300 / 2 * factor**2)
    assert first["net_present_cost"] == pytest.approx(by_hand)
    extra = 5 * 10 * (1 / 2 + factor + factor**2 / 2)
    assert first["net_present_objective"] == pytest.approx(by_hand + extra)
    assert first["bound_years"] == "2020 2025"


def test_the_caps_allow_less_as_theta_rises(root: Path) -> None:
    """Between first year and target every cap falls strictly, at both ends none does."""
    project = mini(root)
    thetas = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    caps = pd.DataFrame(
        {t: [cap_of_year(project.at_theta(t), y) for y in project.years] for t in thetas},
        index=list(project.years),
    )
    assert (caps.T.diff().iloc[1:][2025] < 0).all()
    assert caps.loc[2030].eq(0).all()
    assert caps.loc[2020].eq(project.baseline.emissions_ledger).all()
    rows = pd.concat([point(t, [1, 1, 1], [1, 1, 1]) for t in thetas])
    assert front_table(project, rows)["budget"].is_monotonic_decreasing


def test_a_budget_is_the_theta_that_emits_it(root: Path) -> None:
    """Turned into theta and summed up again, to 0.1 %; a base that gives a budget is overruled."""
    project = mini(root)
    start = project.baseline.emissions_ledger
    theta = project.theta_of_budget(start * 4.0)
    emitted = cumulative_emissions(start, 2020, 2030, theta)
    assert emitted == pytest.approx(start * 4.0, rel=1e-3)


def test_each_point_has_a_folder_and_a_hash_of_its_own(root: Path) -> None:
    """Points never share a file, and neither lies where the scenario's own slices do."""
    project = mini(root)
    points = [project.at_theta(theta) for theta in (0.5, 1.0)]
    folders = {str(p.results_folder) for p in (project, *points)}
    assert len(folders) == 3
    hashes = {slice_hashes(p, "highs")[2025] for p in points}
    assert len(hashes) == 2


@pytest.mark.parametrize("theta", [0.0, -1.0, 21.0, float("nan")])
def test_a_theta_that_is_none_is_refused(root: Path, theta: float) -> None:
    """The range is that of a scenario."""
    with pytest.raises(InputError, match="exponent"):
        mini(root).at_theta(theta)


def test_a_scenario_without_a_trajectory_is_refused(tmp_path: Path) -> None:
    """Without neutrality no cap depends on theta."""
    root = mini_park.make_root(tmp_path)
    swap(root / "configs/scenarios/mini.yaml", "offset_share: null", "neutrality: false")
    with pytest.raises(InputError, match="no cap"):
        mini(root).at_theta(1.0)
