"""What is shed is told by carrier, zone and demand, with the reason where stock is lacking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tiny_park import YEAR, Recipe, TinyPark, park
from tiny_solved import steps

from meishan_model.accounts.checks import slice_findings
from meishan_model.results.wording import SHED, Finding, sentence
from meishan_model.sheets.buses import Bus

HYDROGEN: dict[str, Any] = {
    "loads": {"trucks": ("hydrogen", "zone", [1.0] * 4)},
    "buses": [Bus("pipe", "hydrogen", "zone")],
}
LATER = {"first_year": YEAR - 5, "target_year": YEAR}


def found(tiny: TinyPark) -> list[Finding]:
    """What the findings of a solved park say of demand that is shed."""
    done = steps(tiny)
    findings = slice_findings(done.graph, tiny.inputs, done.solution, done.accounts)
    return [finding for finding in findings if finding.kind.startswith("shed")]


def test_nothing_is_told_where_all_is_served() -> None:
    """The connection bears ten MW."""
    assert found(park(Recipe())) == []


def test_a_demand_that_has_no_stock_in_the_first_slice() -> None:
    """One MW of hydrogen all year at 33 000 CNY/MWh; what to do about it is said."""
    (told,) = found(park(Recipe(**HYDROGEN)))
    assert sentence(told) == (
        "demand is shed: all 8,760.0 MWh/a of hydrogen in zone (trucks), 289.080 million CNY/a "
        "of penalty; the slice is as found: give stock in existing_plants.csv, or begin "
        "the load later"
    )
    assert "全部8,760.0 MWh/a均未供应" in sentence(told, "zh")
    assert "existing_plants.csv" in sentence(told, "zh")


def test_in_a_later_slice_stock_is_not_the_reason() -> None:
    """There it may be built, so that something else is short."""
    (told,) = found(park(Recipe(**HYDROGEN, scenario=LATER)))
    assert sentence(told) == (
        "demand is shed: 8,760.0 MWh/a of hydrogen in zone (trucks), 289.080 million CNY/a of "
        "penalty"
    )


def test_a_part_that_is_shed_is_of_the_only_load() -> None:
    """Four of ten MW arrive: stock is there, and the demand is told since it is the only one."""
    (told,) = found(park(Recipe(connection=(4.0, 0.0))))
    assert told.kind == "shed_of"
    assert told.values["loads"] == ["load"]
    assert told.values["amount"] == pytest.approx(6 * 8760, rel=1e-6)


def test_nobody_says_whose_part_is_shed() -> None:
    """Of two loads at a bus, three of fifteen MW are short; all of both are named."""
    two = {"offices": ("electricity", "zone", [5.0] * 4)}
    (told,) = found(park(Recipe(loads=two, connection=(12.0, 0.0))))
    assert sentence(told).startswith("demand is shed: 26,280.0 MWh/a of electricity in zone, ")
    (told,) = found(park(Recipe(loads=two, connection=(0.0, 0.0))))
    assert (told.kind, told.values["loads"]) == ("shed_as_found", ["load", "offices"])


def test_what_is_counted_in_tonnes_is_told_in_tonnes() -> None:
    """A bus of the whole park is named where it has no zone; its unit is that of its carrier."""
    water = park(
        Recipe(
            loads={"taps": ("water", "zone", [2.0] * 4)},
            buses=[Bus("mains", "water", "")],
            flow_units={"water": "t/h"},
        )
    )
    (told,) = found(water)
    assert "all 17,520.0 t/a of water in mains (taps), " in sentence(told)


def test_a_duty_is_told_by_the_rows_that_it_comes_from() -> None:
    """Heat of buildings without a boiler: each of its loads has a row."""
    tiny = park(Recipe(heat={"homes": [1.0] * 4, "shops": [2.0] * 4}))
    named = [replace(x, rows=(("loads", x.load, x.zone),)) for x in tiny.inputs.loads]
    tiny = replace(tiny, inputs=replace(tiny.inputs, loads=tuple(named)))
    (told,) = found(tiny)
    assert told.kind in SHED
    assert told.values["loads"] == ["homes", "shops"]
    assert told.values["amount"] == pytest.approx(3 * 8760, rel=1e-6)
    assert told.values["cost"] == pytest.approx(3 * 8760 * 33000 / 1e6, rel=1e-6)
