"""Reports of the studies: sums are printed, nothing is cut short, figures are files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console, RenderableType

from meishan_model.report.studies import (
    abatement_report,
    front_report,
    save_abatement_figure,
    save_front_figure,
    save_sensitivity_figure,
    sensitivity_report,
)
from meishan_model.studies.abatement import UNITS, curve
from meishan_model.studies.sensitivity import NUMBERS, effect


def text_of(report: RenderableType) -> str:
    """What a person reads in a terminal of 80 columns."""
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(report)
    return capture.get()


def steps() -> pd.DataFrame:
    """Three steps: -10 CNY/t, then a step that raises emissions, then 200 CNY/t with shedding."""
    numbers = {
        "net_emissions": [100e3, 40e3, 50e3, 0.0],
        "location_emissions": [100e3, 70e3, 60e3, 60e3],
        "paid_cost": [1e9, 0.9994e9, 0.9994e9, 1.0094e9],
        "objective": [1e9] * 4,
        "shedding": [0.0, 0.0, 0.0, 5e6],
        "carbon_price": [200.0] * 4,
    }
    frame = pd.DataFrame({f"{k} [{UNITS[k]}]": v for k, v in numbers.items()})
    levers = ["as usual", "efficiency measures", "electrification and demand side", "sinks"]
    return curve(frame.assign(lever=levers))


def test_the_curve_says_its_sums_and_its_order(tmp_path: Path) -> None:
    """100 kt for 9.4 million CNY are 94 CNY/t; the shedding comes first; nothing is cut."""
    text = text_of(abatement_report(steps(), "made up"))
    assert text.lstrip().startswith("FINDING: demand is shed in the step sinks")
    for part in ("100.0", "9.4", "94", "-10", "200", "Order of attribution"):
        assert part in text
    assert "…" not in text
    save_abatement_figure(steps(), "made up", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def slices(theta: float, net: float, gap: float) -> pd.DataFrame:
    """Two slices of a point."""
    return pd.DataFrame(
        {
            "theta": theta,
            "hours": 168,
            "year": [2045, 2050],
            "net_emissions": [net, 0.0],
            "carbon_value": [123.0, 456.0],
            "binds": [False, True],
            "shedding": [0.0, 0.0],
            "gap": [0.0, gap],
        }
    )


def test_the_front_says_where_caps_bind(tmp_path: Path) -> None:
    """The carbon value stands where the cap binds only; what exceeds it is a finding."""
    rows = pd.concat([slices(0.5, 30e3, 0.0), slices(2.0, 20e3, 7e6)])
    index = pd.MultiIndex.from_tuples([(0.5, 168), (2.0, 168)], names=["theta", "hours"])
    table = pd.DataFrame(
        {
            "budget": [5e6, 3e6],
            "cumulative_emissions": [4e6, 2.5e6],
            "cumulative_emissions_location": [6e6, 5e6],
            "net_present_cost": [1e10, 1.1e10],
            "net_present_objective": [1.2e10, 1.3e10],
            "bound_years": ["2050", "2050"],
        },
        index=index,
    )
    text = text_of(front_report(table, rows))
    assert "FINDING: theta 2: emissions exceed the cap in 2050" in text
    assert "(456)" in text
    assert "(123)" not in text
    assert "The cap binds at no theta in: 2045" in text
    assert "…" not in text
    save_front_figure(table, tmp_path / "front.svg")
    assert "<svg" in (tmp_path / "front.svg").read_text(encoding="utf-8")


def variant(
    kind: str, quantity: str, change: float, status: str, size: float
) -> dict[str, object]:
    """A row of the sensitivity's table; a million CNY times size."""
    row: dict[str, object] = {"kind": kind, "sheet": "prices", "quantity": quantity}
    row |= {"unit": "CNY/MWh", "change": change, "status": status, "message": "is out of range"}
    return row | {effect(name): size * 1e6 for name in NUMBERS}


def test_sensitivity_shows_levers_effects_and_what_was_refused(tmp_path: Path) -> None:
    """Levers have a table of their own; an invalid number is told with its reason."""
    table = pd.DataFrame(
        [
            variant("lever", "rural_pv", 0.0, "solved", 12.5),
            variant("assumption", "a_rather_long_name_of_a_quantity", 0.2, "solved", -3.25),
            variant("assumption", "a_rather_long_name_of_a_quantity", -0.2, "solved", 4.5),
            variant("assumption", "b", 0.2, "invalid", float("nan")),
            variant("assumption", "b", -0.2, "same", 0.0),
        ]
    )
    text = text_of(sensitivity_report(table, 2050, 1))
    for part in ("+12.500", "-3.250", "+4.500", "1 of 2 series", "3 solved", "1 same"):
        assert part in text
    assert "invalid: prices: b +20%: is out of range" in text
    assert "…" not in text
    save_sensitivity_figure(table, 2050, 2, tmp_path / "drivers.png")
    assert (tmp_path / "drivers.png").read_bytes()[1:4] == b"PNG"
    with pytest.raises(KeyError):
        sensitivity_report(table.drop(columns="status"), 2050, 1)
