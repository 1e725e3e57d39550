"""Reports of the studies: numbers as people read them, nothing cut short, figures are files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mini_park
import pandas as pd
import pytest
from rich.console import Console

from meishan_model.accounts.tables import TOTAL_UNITS
from meishan_model.planning.lever_steps import steps
from meishan_model.report.studies import save_study_figure, study_report
from meishan_model.studies.abatement import NUMBERS, Abatement
from meishan_model.studies.front import Front
from meishan_model.studies.matching import MatchingRules
from meishan_model.studies.sensitivity import NUMBERS as VARIED
from meishan_model.studies.sensitivity import Sensitivity
from meishan_model.studies.study import Study


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a small park; nothing is solved."""
    return mini_park.make_root(tmp_path_factory.mktemp("reports"))


def text_of(study: Study[Any], rows: pd.DataFrame) -> str:
    """What a person reads in a terminal of 80 columns."""
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(study_report(study, rows))
    text = capture.get()
    assert "…" not in text
    return text


def drawn(study: Study[Any], rows: pd.DataFrame) -> None:
    """Draw a figure, which is there afterwards."""
    study.project.scenario_folder.mkdir(parents=True, exist_ok=True)
    save_study_figure(study, rows)
    assert study.path(suffix=".png").read_bytes()[1:4] == b"PNG"


def test_the_curve_says_its_sums_and_its_order(root: Path) -> None:
    """100 kt for 9.4 million CNY are 94 CNY/t; the shedding comes first."""
    numbers = {
        "net_emissions": [100e3, 40e3, 50e3, 0.0, 0.0, 0.0, 0.0],
        "location_emissions": [100e3, 70e3, 60e3, 60e3, 0.0, 0.0, 0.0],
        "paid_cost": [1e9, 0.9994e9, 0.9994e9, *[1.0094e9] * 4],
        "objective": [1e9] * 7,
        "shedding": [0.0, 0.0, 0.0, 5e6, 0.0, 0.0, 0.0],
        "carbon_price": [200.0] * 7,
    }
    assert set(numbers) == set(NUMBERS)
    study = Abatement(project=mini_park.mini(root))
    rows = pd.DataFrame(numbers).assign(lever=[step.lever for step in steps()])
    text = text_of(study, rows)
    assert text.startswith("FINDING: demand is shed: lever local renewables and storage\n")
    for part in ("100.00", "9.40", "94", "-10", "200", "Order of attribution"):
        assert part in text
    drawn(study, rows)


def test_a_study_is_told_in_the_currency_of_the_park(tmp_path: Path) -> None:
    """1 Mt for 9.4 million CNY of 8 to the euro, and what the note says of the units."""
    root = mini_park.make_root(tmp_path)
    sheets = root / mini_park.SHEETS
    rate = "currency,price_year,value,unit,source,confidence,note\nEUR,2024,8,CNY,x,published,\n"
    (sheets / "currencies.csv").write_text(rate, "utf-8")
    with (sheets / "park.yaml").open("a", encoding="utf-8") as file:
        file.write("currency: EUR\n")
    study = Abatement(project=mini_park.mini(root))
    rows = pd.DataFrame({"lever": ["a", "b"], "net_emissions": [100e3, 0.0], "objective": 1e9})
    rows = rows.assign(paid_cost=[1e9, 1.0094e9], location_emissions=0.0, carbon_price=200.0)
    text = text_of(study, rows)
    for part in ("1.18", "11.75", "25", "MEUR/a", "EUR/tCO2", "MEUR are million EUR of 2024"):
        assert part in text.replace("\n", " ")
    assert "CNY" not in text
    drawn(study, rows)


def slices(theta: float, net: float, gap: float) -> pd.DataFrame:
    """Two slices of a point."""
    return pd.DataFrame(
        {
            **dict.fromkeys(TOTAL_UNITS, 1e9),
            **{"theta": theta, "hours": 168, "year": [2025, 2030]},
            **{"net_emissions": [net, 0.0], "location_emissions": 5e3, "shedding": 0.0},
            **{"gap": [0.0, gap], "carbon_value": [123.0, 456.0], "binds": [False, True]},
        }
    )


def test_the_front_says_where_caps_bind(root: Path) -> None:
    """The carbon value stands where the cap binds only; what exceeds it is a finding."""
    study = Front(project=mini_park.mini(root))
    rows = pd.concat([slices(0.5, 30e3, 0.0), slices(2.0, 20e3, 7e6)], ignore_index=True)
    text = text_of(study, rows)
    assert "FINDING: emissions exceed the cap: theta 2.0, hours 168, year 2030" in text
    assert "456" in text and "123" not in text
    assert study.table(rows)["bound_years"].tolist() == ["2030", "2030"]
    drawn(study, rows)


def varied(kind: str, quantity: str, change: float, status: str, size: float) -> dict[str, Any]:
    """A row of the sensitivity; a million CNY times size."""
    row: dict[str, Any] = {"kind": kind, "sheet": "prices", "quantity": quantity}
    row |= {"unit": "CNY/MWh", "change": change, "status": status, "message": "is out of range"}
    return row | {f"effect_on_{name}": size * 1e6 for name in VARIED}


def test_sensitivity_shows_levers_effects_and_what_was_refused(root: Path) -> None:
    """Levers are told beside the largest effects; an invalid number with its reason."""
    rows = pd.DataFrame(
        [
            varied("lever", "rural_pv", 0.0, "solved", 12.5),
            varied("assumption", "a_rather_long_name_of_a_quantity", 0.2, "solved", -3.25),
            varied("assumption", "a_rather_long_name_of_a_quantity", -0.2, "solved", 4.5),
            varied("assumption", "b", 0.2, "invalid", float("nan")),
            varied("assumption", "b", -0.2, "same", 0.0),
        ]
    )
    study = Sensitivity(project=mini_park.mini(root), rows=1)
    text = text_of(study, rows)
    for part in ("12.50", "-3.25", "4.50", "off", "+20%"):
        assert part in text
    assert "3 solved, 1 invalid, 1 same" in " ".join(text.split())
    assert "FINDING: invalid: prices: b +20%: is out of range" in text
    assert "prices: b" not in text.split("┃", 1)[1]
    drawn(study, rows)


def test_rules_stand_beside_each_other(root: Path) -> None:
    """Quantities down with their units, a column for each rule; a rise has nothing before it."""
    study = MatchingRules(project=mini_park.mini(root), year=2030)
    rows = pd.DataFrame({"matching": ["yearly", "hourly_settled"], "paid_cost": [1e6, 3.5e6]})
    lines = text_of(study, rows.assign(objective=0.0, offered=2e3)).splitlines()
    assert "hourly" in lines[2] and "settled" in lines[3]
    assert any("paid cost [MCNY/a]" in x and "1.00" in x and "3.50" in x for x in lines)
    assert any("offered [GWh/a]" in x and "2.00" in x for x in lines)
    assert any("rise of paid cost [MCNY/a]" in x and "–" in x and "2.50" in x for x in lines)
