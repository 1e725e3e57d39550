"""Front and abatement curve on a small park: what theory guarantees, and resumption."""

from __future__ import annotations

from pathlib import Path

import mini_park
import pandas as pd
import pytest
from mini_park import mini, swap

from benchmarks.same_problems import solve_one
from meishan_model.accounts.tables import slice_totals
from meishan_model.errors import InputError
from meishan_model.planning.lever_steps import steps
from meishan_model.studies.abatement import Abatement
from meishan_model.studies.front import Front
from meishan_model.studies.study import run_study, solve, stored_study

pytestmark = pytest.mark.slow
THETAS = (0.5, 20.0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park."""
    return mini_park.make_root(tmp_path_factory.mktemp("studies"))


def nobody(*_: object) -> None:
    """Hear nothing."""


@pytest.fixture(scope="module")
def points(root: Path) -> pd.DataFrame:
    """Slices of two points of the front."""
    return solve(Front(project=mini(root), thetas=THETAS), nobody)


def test_a_tighter_cap_never_costs_less_in_the_slice_before_the_target(
    root: Path, points: pd.DataFrame
) -> None:
    """2030 is one problem for all theta; 2025 has the bounds of 2030 and a cap that tightens."""
    objective = points.pivot_table(index="theta", columns="year", values="objective")
    assert objective[2030].to_numpy() == pytest.approx(objective[2030].iloc[0], rel=1e-7)
    slack = 1e-6 * objective[2025].abs().max()
    assert (objective[2025].diff().iloc[1:] >= -slack).all()
    new = [mini(root).at_theta(t).open_result(2030)["capacity_new"] for t in THETAS]
    assert all(float(abs(n - new[0]).max()) < 1e-3 for n in new)


def test_net_emissions_keep_the_cap_or_pay_for_the_gap(points: pd.DataFrame) -> None:
    """Above the cap there is a penalty, without a penalty there is no excess."""
    tolerance = 1e-4 * points["cap"].max()
    assert (points["net_emissions"] <= points["cap"] + tolerance).loc[points["gap"] < 1.0].all()
    assert (points["binds"] | (points["net_emissions"] < points["cap"])).all()
    assert points.loc[points["year"] == 2030, "binds"].all()


def test_emissions_fall_where_the_cap_binds(root: Path, points: pd.DataFrame) -> None:
    """The allowed emissions fall strictly with theta, what is emitted stays at or below."""
    table = Front(project=mini(root)).table(points)
    assert (table["budget"].diff().iloc[1:] < 0).all()
    if not (points["gap"] > 1.0).any():
        assert (table["cumulative_emissions"] <= table["budget"] * (1 + 1e-4)).all()


@pytest.fixture(scope="module")
def curve(root: Path) -> pd.DataFrame:
    """The abatement curve of the mini park."""
    return run_study(mini(root), "abatement", nobody)


def test_the_curve_ends_in_the_plan(root: Path, curve: pd.DataFrame) -> None:
    """Its last step is the plan's target slice; widths and areas lead there from the first."""
    plan = slice_totals(solve_one(mini(root), 2030))
    assert list(curve["lever"]) == [step.lever for step in steps()]
    last, first = curve.iloc[-1], curve.iloc[0]
    assert last["paid_cost [CNY/a]"] == pytest.approx(plan.paid_cost, rel=1e-4)
    assert last["net_emissions [tCO2/a]"] == pytest.approx(plan.net_emissions, abs=1.0)
    abated = first["net_emissions [tCO2/a]"] - plan.net_emissions
    assert curve["width [tCO2/a]"].sum() == pytest.approx(abated, abs=1.0)
    risen = plan.paid_cost - first["paid_cost [CNY/a]"]
    assert curve["area [CNY/a]"].sum() == pytest.approx(risen, abs=1e-4 * abs(plan.paid_cost))


def test_what_only_adds_choices_never_costs_more(curve: pd.DataFrame) -> None:
    """Measures, then supply, sinks and green power at one carbon price: the objective falls."""
    objective = curve.set_index("lever")["objective [CNY/a]"]
    slack = 1e-6 * objective.abs().max()
    for before, after in ((0, 1), (2, 3), (3, 4), (4, 5)):
        rise = objective[steps()[after].lever] - objective[steps()[before].lever]
        assert rise <= slack, steps()[after].lever


def test_the_curve_is_solved_once(root: Path, curve: pd.DataFrame) -> None:
    """A second run solves nothing; notes that lost their last but one line solve that alone."""
    told: list[str] = []
    again = run_study(mini(root), "abatement", lambda *what: told.append(what[-1]))
    pd.testing.assert_frame_equal(again, curve, check_exact=True)
    pd.testing.assert_frame_equal(stored_study(mini(root), "abatement"), curve, check_exact=True)
    assert told == []
    notes = Abatement(project=mini(root)).notes
    lines = notes.read_text(encoding="utf-8").splitlines(keepends=True)
    notes.write_text("".join(lines[:-2] + lines[-1:]), encoding="utf-8")
    assert stored_study(mini(root), "abatement") is None
    run_study(mini(root), "abatement", lambda *what: told.append(what[-1]))
    assert told == [steps()[-2].lever]


def test_a_scenario_without_neutrality_has_no_curve(tmp_path: Path) -> None:
    """There is no plan to attribute."""
    root = mini_park.make_root(tmp_path)
    swap(root / "configs/scenarios/mini.yaml", "offset_share: null", "neutrality: false")
    with pytest.raises(InputError, match="no neutrality"):
        run_study(mini(root), "abatement", nobody)
    with pytest.raises(InputError, match="no cap"):
        mini(root).at_theta(1.0)
