"""Matching and exposure of a small park: rows, identities and what a price of carbon must do."""

from __future__ import annotations

from pathlib import Path

import mini_park
import numpy as np
import pandas as pd
import pytest

from meishan_model.components.catalogue import kinds
from meishan_model.errors import InputError
from meishan_model.planning.project import Project, open_project
from meishan_model.series.build import build_profiles
from meishan_model.sheets.scenario import MATCHINGS
from meishan_model.studies.exposure import Exposure
from meishan_model.studies.study import run_study, solve

approx = pytest.approx
REPOSITORY = Path(__file__).parents[2]
ORIGIN = "assumption of this test,assumption,,,"
CONTRACT = {
    "capacity": "10,MW",
    "feed_in_price": "300,CNY/MWh",
    "premium": "10,CNY/MWh",
    "delivery_risk": "5,%",
    "undelivered_paid": "0,%",
    "untaken_paid": "100,%",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The mini park with 10 MW of contracted wind beside certificates at 20 CNY/MWh."""
    root = mini_park.make_root(tmp_path_factory.mktemp("trade"))
    sheets = root / mini_park.SHEETS
    wind = [
        f"farm,green_power,wind_onshore,{name},,{value},{ORIGIN}"
        for name, value in CONTRACT.items()
    ]
    for name, lines in {
        "contracts.csv": wind,
        "contract_terms.csv": ["farm,point_to_point,,park,yearly,2020,2060,this test,"],
    }.items():
        mini_park.add_rows(sheets / name, lines)
    return mini_park.mini(root)


@pytest.mark.slow
def test_matching_of_a_small_park(project: Project) -> None:
    """One row a rule; the objective never falls from the looser to the stricter one.

    What is delivered and claimed is at most what is offered; only balancing claims anything, and
    the rises add up to the difference between the ends. A second run reads the table.
    """
    told: list[str] = []
    table = run_study(project, "matching", lambda *what: told.append(what[-1]), year=2025)
    again = run_study(project, "matching", lambda *_: pytest.fail("is solved already"), year=2025)
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    table = table.set_index("matching")
    assert tuple(table.index) == MATCHINGS
    assert told[0].startswith("slice 2030 (1 of 1)"), "on which 2025 rests"
    objective = table["objective [CNY/a]"]
    assert (objective.diff().dropna() >= -1e-6 * objective.abs().max()).all()
    used = table["delivered [MWh/a]"] + table["claimed [MWh/a]"]
    assert (used <= table["offered [MWh/a]"] + 1e-3).all()
    assert (table.loc[["hourly_settled", "hourly"], "claimed [MWh/a]"] == 0.0).all()
    assert table["contracted [MW]"].between(0.0, 10.0 + 1e-6).all()
    assert table["contracted [MW]"].max() > 1.0
    rises = table["rise_of_paid_cost [CNY/a]"].sum()
    paid = table["paid_cost [CNY/a]"]
    assert rises == approx(paid["hourly"] - paid["yearly"])
    assert table["hourly_matched_share [-]"].between(0.0, 1.0).all()


@pytest.mark.slow
def test_exposure_of_a_small_park(project: Project) -> None:
    """A dearer tonne never raises what is emitted, nor lowers what is paid.

    With x(p) the optimum at price p, adding the optimality of two prices gives
    (p - q) (E(p) - E(q)) <= 0 for the emissions that are priced (the net emissions here, as
    credits and sinks bring no carbon charge and no cap binds from one price to the next). The
    carbon cost is the price times scope 1 and market-based scope 2.
    """
    open_end = project.scenario.model_copy(update={"neutrality": False})
    free = Project(project.root, open_end, project.cost_folder, project.hours)
    prices = (0.0, 100.0, 800.0)
    table = run_study(free, "exposure", lambda *_: None, year=2030, prices=prices)
    price = table["carbon_price [CNY/tCO2]"].to_numpy()
    np.testing.assert_array_equal(price, [0.0, 100.0, 800.0])
    emitted = table["net_emissions [tCO2/a]"].to_numpy()
    assert (np.diff(emitted) <= 1e-3).all()
    assert emitted[-1] < emitted[0] - 1.0
    carbon = table["carbon_cost [CNY/a]"].to_numpy()
    np.testing.assert_allclose(carbon, price * emitted, rtol=1e-6, atol=1.0)
    assert (np.diff(table["paid_cost [CNY/a]"]) >= -1e-3).all()
    assert "farm [MW]" in table
    study = Exposure(project=free, year=2030, prices=prices)
    (shown,) = study.shown(solve(study, lambda *_: None)).values()
    assert "pv_rooftop [MW]" in set(table) - set(shown.index), "it stands whatever the price"
    assert all(np.ptp(shown.loc[name]) > 0.0 for name in shown.index[5:])


def test_a_year_that_is_no_slice_is_refused(project: Project) -> None:
    """2033 is told with the slices that there are."""
    for name in ("matching", "exposure"):
        with pytest.raises(InputError, match="its slices are 2020, 2025, 2030"):
            run_study(project, name, lambda *_: None, year=2033)


@pytest.mark.parametrize("year", [2020, 2030])
def test_new_plants_earn_the_capture_price_of_the_sheet(year: int) -> None:
    """Meishan: PV earns its ratio of the mean market price, and so does wind.

    In 2030 340 CNY/MWh, 0.70 and 0.93 of it; in 2020 the benchmark in every hour, without the tax
    of 13 %. An export never earns more than the market price, nor as much as a purchase costs.
    """
    project = open_project("balanced", REPOSITORY)
    inputs = project.slices[year]
    profiles = build_profiles(inputs, project.park, project.weather_folder)
    price = profiles.market_price
    assert price.mean() == approx(inputs.prices["market_price"])
    for part in ("pv", "wind"):
        plants = inputs.of_kind(kinds().technologies[part])
        output = np.mean([profiles.capacity_factor[t.technology] for t in plants], axis=0)
        earned = float(price @ output / output.sum() / price.mean())
        assert earned == approx(inputs.prices[f"capture_ratio_{part}"])
    assert (profiles.export_price <= price + 1e-9).all()
    assert (profiles.export_price < profiles.purchase_price).all()
    if year == 2020:
        np.testing.assert_allclose(price, 415.3 / 1.13)
