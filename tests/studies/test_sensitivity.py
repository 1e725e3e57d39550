"""Sensitivity on a small park: effects known by hand, shortcuts that are exact, resumption."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import mini_park
import pandas as pd
import pytest
from mini_park import SHEETS, mini

from benchmarks.same_problems import solve_one
from meishan_model.accounts.tables import slice_totals
from meishan_model.components.catalogue import kinds, schemas
from meishan_model.planning.backcast import new_build
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.varied_slice import (
    Unchanged,
    Variation,
    park_series,
    unchanged,
    vary,
)
from meishan_model.series.weather_files import write_synthetic_weather
from meishan_model.sheets.perturb import Series, assumption_series, read_text, vary_table
from meishan_model.sheets.scenario import levers
from meishan_model.studies.sensitivity import OBJECTIVE, Sensitivity

pytestmark = pytest.mark.slow
TARGET = 2030


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park whose operation and maintenance of wind is an assumption."""
    root = mini_park.make_root(tmp_path_factory.mktemp("sensitivity"))
    for path in (root / "configs" / "costs" / "reference").glob("costs_*.csv"):
        table = read_text(path)
        wind = (table["technology"] == "onwind") & (table["parameter"] == "FOM")
        table.loc[wind, "further description"] = "assumption: of this test"
        table.to_csv(path, index=False)
    return root


@pytest.fixture(scope="module")
def base(root: Path) -> Unchanged:
    """The unchanged target slice."""
    return unchanged(mini(root), TARGET)


def named(root: Path, sheet: str, name: str) -> Series:
    """A series by its name."""
    folders = [root / "configs" / "costs" / "reference"]
    return next(
        s
        for s in assumption_series(root / SHEETS, folders, schemas())
        if (s.sheet, s.name) == (sheet, name)
    )


def test_the_unchanged_slice_is_that_of_the_chain(base: Unchanged, root: Path) -> None:
    """Solved the short way, it has the totals of the dataset."""
    ds = solve_one(mini(root), TARGET)
    expected = slice_totals(ds)
    assert base.totals.objective == pytest.approx(expected.objective, rel=1e-7)
    assert base.totals.paid_cost == pytest.approx(expected.paid_cost, rel=1e-6)
    assert set(base.accounts.assets.index) == new_build(ds).keys()


@pytest.mark.parametrize("change", [-0.2, 0.2])
def test_price_times_quantity(base: Unchanged, root: Path, change: float) -> None:
    """Wind stands whatever its upkeep costs: the effect is MW x CNY/(MW a) x change, exactly.

    No new wind is built in this park (stock uses the potential), so nothing else can follow.
    """
    assets = base.task.assets.frame()
    winds = assets[assets["technology"] == "wind_onshore"]
    standing = winds["existing"] + base.accounts.assets["capacity_new"][winds.index]
    upkeep = float((standing * winds["fixed_om"]).sum())
    assert upkeep > 0
    assert (winds["upper"] < 1e-9).all(), "new wind could answer: adapt the test"
    series = named(root, "costs/reference", "onwind FOM")
    outcome = vary(base, mini(root), Variation(series, change))
    assert outcome.totals is not None
    rise = outcome.totals.objective - base.totals.objective
    assert rise == pytest.approx(change * upkeep, rel=1e-6)
    assert outcome.totals.paid_cost - base.totals.paid_cost == pytest.approx(rise, rel=1e-4)


def test_a_price_cannot_do_more_than_price_times_quantity(base: Unchanged, root: Path) -> None:
    """The optimum is concave in a price: up and down it gains at least what the old plan would."""
    project = mini(root)
    series = next(s for s in park_series(project) if s.name == "purchase_flat")
    up, down = (vary(base, project, Variation(series, change)).totals for change in (0.2, -0.2))
    assert up is not None
    assert down is not None
    rise, fall = up.objective - base.totals.objective, base.totals.objective - down.objective
    assert 0 < rise <= fall * (1 + 1e-6)


def edited(project: Project, series: Series, change: float, folder: Path) -> Project:
    """The project on sheets that were changed by hand, in a folder of their own."""
    root = Path(shutil.copytree(project.root, folder / "edited"))
    costs = series.sheet.startswith("costs/")
    sheets = root / "configs" / (series.sheet if costs else project.scenario.park)
    for path in sheets.glob("costs_*.csv" if costs else f"{series.sheet}.csv"):
        vary_table(read_text(path), series, change).to_csv(path, index=False)
    costs_folder = root / "configs" / "costs" / project.cost_folder.name
    changed = replace(project, root=root, cost_folder=costs_folder)
    if series.sheet == "climate":
        write_synthetic_weather(changed.park_folder, changed.weather_folder)
    return changed


@pytest.mark.parametrize(
    ("sheet", "part"),
    [
        ("prices", ""),
        pytest.param("surcharges", "", marks=pytest.mark.thorough),
        ("costs/reference", "lifetime"),
        ("assets", "potential"),
        pytest.param("loads", "", marks=pytest.mark.thorough),
        ("baseline", ""),
        ("climate", "seed"),
    ],
)
def test_shortcuts_give_what_a_whole_solve_gives(
    base: Unchanged, root: Path, tmp_path: Path, sheet: str, part: str
) -> None:
    """Repriced or left unsolved: the objective is that of the edited sheets."""
    project = mini(root)
    series = next(s for s in park_series(project, [sheet]) if part in s.name)
    outcome = vary(base, project, Variation(series, 0.2))
    whole = slice_totals(solve_one(edited(project, series, 0.2, tmp_path), TARGET))
    assert outcome.totals is not None, outcome.message
    assert outcome.totals.objective == pytest.approx(whole.objective, rel=1e-6), series
    if sheet == "climate":
        assert outcome.status == "solved", "another weather is no number that a slice does not see"


def test_what_the_sheets_refuse_is_told(base: Unchanged, root: Path) -> None:
    """An emission penalty above the value of lost load is invalid; nothing is left changed."""
    before = (root / SHEETS / "parameters.csv").read_bytes()
    series = named(root, "parameters", "value_of_lost_load")
    outcome = vary(base, mini(root), Variation(series, -0.97))
    assert (outcome.status, outcome.totals) == ("invalid", None)
    assert "parameters.csv" in outcome.message
    assert "meishan_" not in outcome.message, "the copy of the sheets is no concern of the reader"
    assert (root / SHEETS / "parameters.csv").read_bytes() == before


def test_levers_switched_off_never_help(base: Unchanged, root: Path) -> None:
    """Without rural PV or without export the feasible set shrinks: the objective cannot fall."""
    for lever in ("rural_pv", "export"):
        outcome = vary(base, mini(root), Variation(lever))
        assert outcome.totals is not None
        slack = 1e-6 * abs(base.totals.objective)
        assert outcome.totals.objective >= base.totals.objective - slack


def test_more_series_are_asked_for_beside_those_of_an_earlier_run(root: Path) -> None:
    """Those of one series are among those of two, so that the runner solves the others alone.

    Both rest on the same inputs; that notes are kept for them is shown in ``test_study.py``.
    """
    one, two = (Sensitivity(project=mini(root), sheets=("prices",), limit=n) for n in (1, 2))
    first, both = ([v.identity for v in study.variants()] for study in (one, two))
    assert len(first) == len(levers(kinds())) + 2
    assert len(set(both)) == len(both) == len(first) + 2
    assert set(first) < set(both)
    assert one.inputs_sha256 == two.inputs_sha256


def test_prices_are_known_by_their_sheet() -> None:
    """An efficiency and a potential are in the matrix or the bounds: no price."""
    project = open_project("balanced", Path(__file__).parents[2])
    effects = {(s.sheet, s.key[-1]): s.acts_on for s in park_series(project)}
    assert effects["costs/reference", "FOM"] == "costs"
    assert effects["costs/reference", "efficiency"] == ""
    assert effects["efficiency_measures", "potential"] == ""
    assert effects["efficiency_measures", "investment"] == "costs"
    assert {effect for (sheet, _), effect in effects.items() if sheet == "prices"} == {"costs"}
    for sheet in ("profiles", "loads"):
        assert {effect for (of, _), effect in effects.items() if of == sheet} == {""}


def test_the_largest_effect_comes_first(root: Path) -> None:
    """Both directions of a quantity stay together, behind whichever has the larger effect."""
    key = {"kind": "assumption", "sheet": "s"}
    sizes = {("a", -0.2): 1.0, ("a", 0.2): -5.0, ("b", -0.2): 4.0, ("b", 0.2): float("nan")}
    rows = [{**key, "quantity": q, "change": c, OBJECTIVE: size} for (q, c), size in sizes.items()]
    order = Sensitivity(project=mini(root)).table(pd.DataFrame(rows[::-1]))
    assert list(zip(order["quantity"], order["change"], strict=True)) == list(sizes)
