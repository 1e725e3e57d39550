"""Limits of operation and extraction turbines, by hand and beside statements of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog
from tiny_park import Recipe, TinyPark, asset, networks, park, technology
from tiny_solved import capacity, cost, labels, power, price, solved, steps

from meishan_model.accounts.physics import failures
from meishan_model.components import build
from meishan_model.errors import InputError
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.results.wording import findings_of
from meishan_model.sheets.equipment import Conversion

GRID, FUEL = 660.0, 275.0
BINARY = {"commitment": "binary"}


def engine(**parameters: float) -> Any:
    """A gas engine of an efficiency of a half: a MWh at 550, cheaper than the grid's 660."""
    return technology(
        "engine",
        "converter",
        carrier_in="natural_gas",
        carrier_out="electricity",
        efficiency=0.5,
        parameters=parameters,
    )


def with_engine(
    load: Sequence[float],
    parameters: Mapping[str, float],
    scenario: Mapping[str, Any] | None = None,
    **numbers: float,
) -> TinyPark:
    """A park with such an engine, of 10 MW that stand unless said."""
    stands = asset("engine", **(numbers or {"existing": 10.0}))
    return park(
        Recipe(
            load, technologies=(engine(**parameters),), assets=(stands,), scenario=scenario or {}
        )
    )


RAMPS = {"ramp_up": 0.3, "ramp_down": 0.4}


def test_ramps_hold_a_stock() -> None:
    """3 MW more and 4 MW less an hour: 2, 5, 7 of 10 MW, since 3 follow in the last hour."""
    tiny = with_engine((2, 10, 10, 3), RAMPS)
    ds = solve_slice(tiny.task())
    np.testing.assert_allclose(power(ds, "engine_zone->zone_20kv"), [2, 5, 7, 3], atol=1e-6)
    with pytest.raises(InputError, match=r"'pyomo': solph states no ramps .*; take linopy"):
        tiny.with_scenario(backend="pyomo").graph()


@pytest.mark.parametrize("stock", [0.0, 5.0])
def test_ramps_are_shares_of_what_stands_and_is_built(stock: float) -> None:
    """Of a capacity C above 5 it gives 2, 2 + 0.3 C, 3 + 0.4 C and 3; below it more of each MW.

    A MW above 5 is worth 0.7 x 110 in 2190 hours, 168 630 CNY a year: a little cheaper all 10 MW
    stand, a little dearer 5.
    """
    worth = 0.7 * (GRID - FUEL / 0.5) * 2190
    for annuity, size in ((0.95 * worth, 10.0), (1.05 * worth, 5.0)):
        numbers = {"existing": stock, "upper": 10.0 - stock, "annuity": annuity}
        ds = solve_slice(with_engine((2, 12, 12, 3), RAMPS, **numbers).task())
        assert capacity(ds, "engine") == pytest.approx(size)
        given = power(ds, "engine_zone->zone_20kv")
        np.testing.assert_allclose(given, [2, 2 + 0.3 * size, 3 + 0.4 * size, 3], atol=1e-6)


def least_cost(load: Sequence[float], size: float, numbers: Mapping[str, float]) -> float:
    """Cost of four hours by trying every course of being on and off [CNY]."""
    least, part_load = numbers["minimum_load"], numbers["efficiency_at_minimum_load"]
    found = []
    for course in product((0, 1), repeat=len(load)):
        total, before = 0.0, 0
        for wanted, on in zip(load, course, strict=True):
            # On its line from the least load to the full one the cost is least at an end.
            points = [p for p in (least * size, min(wanted, size)) if p <= wanted] if on else [0.0]
            if on and (min(wanted, size) < least * size or not points):
                total = np.inf
                break
            at_least, full = least * size / 0.5 / part_load, size / 0.5

            def gas(p: float, low: float = at_least, high: float = full) -> float:
                return low + (high - low) * (p / size - least) / (1 - least)

            total += min(FUEL * gas(p) * on + GRID * (wanted - p) for p in points)
            total += numbers["startup_cost"] * (on > before)
            before = on
        found.append(total)
    return min(found)


@pytest.mark.parametrize("load", [(2, 6, 8, 3), (9, 3, 9, 9), (4, 4, 4, 4), (10, 1, 1, 10)])
@pytest.mark.parametrize("start", [0.0, 300.0, 900.0])
def test_commitment_is_that_of_all_courses(
    load: Sequence[float], start: float, tmp_path: Path
) -> None:
    """Minimum load, part load and start-up cost: the least cost of the sixteen courses."""
    numbers = {"minimum_load": 0.5, "efficiency_at_minimum_load": 0.8, "startup_cost": start}
    ds = solved(with_engine(load, numbers, BINARY), tmp_path)
    wanted = least_cost(load, 10.0, numbers)
    assert ds.attrs["objective"] == pytest.approx(2190 * wanted, rel=1e-6)
    given = power(ds, "engine_zone_stock->zone_20kv")
    on = given > 1e-6
    assert (given[on] >= 5 - 1e-6).all()
    starts = int((np.diff(on.astype(int), prepend=0) > 0).sum())
    assert cost(ds, "variable") == pytest.approx(2190 * start * starts)
    assert [finding.kind for finding in findings_of(ds)] == ["committed"]


def test_commitment_is_relaxed_unless_asked_for(tmp_path: Path) -> None:
    """Without it the minimum load is none, and the result says so."""
    numbers = {"minimum_load": 0.5, "efficiency_at_minimum_load": 0.8, "startup_cost": 900.0}
    ds = solved(with_engine((2, 6, 8, 3), numbers), tmp_path)
    np.testing.assert_allclose(power(ds, "engine_zone->zone_20kv"), [2, 6, 8, 3], atol=1e-6)
    (finding,) = findings_of(ds)
    assert (finding.kind, finding.values) == ("not_committed", {"technologies": ["engine"]})


def test_what_is_built_is_on_or_off_too(tmp_path: Path) -> None:
    """With a least load of a half, 8 MW serve 8, 8, 4 and 4 at 110 less than the grid.

    The last four of them save in two hours alone, 4380 x 110 = 481 800 CNY a MW and year, the
    first four in all.
    """
    numbers = {"minimum_load": 0.5}
    for annuity, size in ((400e3, 8.0), (500e3, 4.0)):
        tiny = with_engine((8, 8, 4, 4), numbers, BINARY, upper=20.0, annuity=annuity)
        ds = solved(tiny, tmp_path)
        assert capacity(ds, "engine") == pytest.approx(size)
        given = power(ds, "engine_zone->zone_20kv")
        np.testing.assert_allclose(given, np.minimum((8, 8, 4, 4), size), atol=1e-6)


@pytest.mark.parametrize(
    ("parameter", "load", "given"),
    [
        # Whatever is on for two hours may not be on where less than the least load is wanted.
        ("minimum_up_time", (9, 1, 9, 9), (0, 0, 9, 9)),
        ("minimum_down_time", (9, 1, 6, 9), (9, 0, 0, 9)),
    ],
)
def test_minimum_times(parameter: str, load: Any, given: Any) -> None:
    """On or off for two hours; before the first hour it was off for long, the last may cut it."""
    tiny = with_engine(load, {"minimum_load": 0.5, parameter: 2.0}, BINARY)
    found = power(solve_slice(tiny.task()), "engine_zone_stock->zone_20kv")
    np.testing.assert_allclose(found, given, atol=1e-6)


def test_a_start_passes_the_ramp() -> None:
    """With 10 %/h of 10 MW it starts at its least load of 4 MW, then gains 1 MW an hour."""
    numbers = {"minimum_load": 0.4, "ramp_up": 0.1, "ramp_down": 0.1}
    ds = solve_slice(with_engine((0.5, 9, 9, 9), numbers, BINARY).task())
    found = power(ds, "engine_zone_stock->zone_20kv")
    np.testing.assert_allclose(found, [0, 4, 5, 6], atol=1e-6)


def test_too_many_statuses_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem that no solver ends with is refused before it is stated."""
    monkeypatch.setattr(build, "MOST_STATUSES", 3)
    with pytest.raises(InputError, match=r"1 units on or off in 4 steps .* fewer --hours"):
        with_engine((1, 1, 1, 1), {"minimum_load": 0.5}, BINARY).graph()


def spoilt(tiny: TinyPark, change: Mapping[tuple[str, str], float]) -> str:
    """What the checks say of the optimum with some flows changed in the second hour."""
    one = steps(tiny)
    flow = one.solution.flow.copy()
    for ends, by in change.items():
        flow.loc[flow.index[1], labels(*ends)] += by
    wrong = replace(one.solution, flow=flow)
    return "; ".join(failures(one.graph.energy_system, wrong, {}, {}))


def test_operation_that_is_not_right_is_refused() -> None:
    """Checks that ask no solver see a ramp, a least load, a part load and a field that is left."""
    numbers = {"minimum_load": 0.5, "efficiency_at_minimum_load": 0.8}
    node = "engine_zone_stock"
    half = {"ramp_up": 0.3}
    more = {("engine_zone", "zone_20kv"): 0.5}
    assert "leaves what its capacity of 10 allows" in spoilt(with_engine((2, 9, 9, 3), half), more)
    committed = with_engine((9, 9, 9, 9), numbers, BINARY)
    gas, given = ("natural_gas", node), (node, "zone_20kv")
    assert f"converter {labels(node)[0]} breaks its part load" in spoilt(committed, {gas: 1.0})
    # Alone each: less than the least load of 5, more than all of 10.
    for change in (-8.0, 2.0):
        assert "leaves what its capacity of 10 allows" in spoilt(committed, {given: change})
    burnt, made, warm = (
        ("natural_gas", "turbine_zone"),
        ("turbine_zone", "zone_20kv"),
        ("turbine_zone", "zone_warmth"),
    )
    hot = with_turbine((30.0,) * 4, (40.0,) * 4, (1000.0,) * 4)
    assert "leaves its field of operation" in spoilt(hot, {burnt: 1.0})
    beyond = {made: -1.0, warm: 1.0 / LOSS}
    assert "leaves its field of operation" in spoilt(hot, beyond)


CONDENSING, LOSS, RATIO, SIZE = 0.4, 0.2, 1.5, 10.0
CORNER = SIZE / (1 + LOSS * RATIO)
"""Power at full extraction [MW]."""


def turbine(**parameters: float) -> Any:
    """A turbine of 10 MW that gives up to 1.5 MW of heat with each MW of power."""
    return technology(
        "turbine",
        "extraction_turbine",
        carrier_in="natural_gas",
        carrier_out="electricity",
        efficiency=CONDENSING,
        conversions=(Conversion("warmth", "out", "", RATIO),),
        parameters={"power_loss_index": LOSS, **parameters},
    )


def with_turbine(
    load: Sequence[float], heat: Sequence[float], prices: Sequence[float], **size: float
) -> TinyPark:
    """A park with such a turbine beside the grid and a boiler of an efficiency of 0.9."""
    fire = technology(
        "fire", "boiler", carrier_in="natural_gas", carrier_out="warmth", efficiency=0.9
    )
    stands = asset("turbine", **(size or {"existing": SIZE})), asset("fire", existing=50.0)
    return park(
        Recipe(
            load,
            purchase_price=prices,
            technologies=(turbine(), fire),
            assets=stands,
            **networks(warmth=heat),
        )
    )


def test_an_extraction_turbine_reaches_the_corners_of_its_field(tmp_path: Path) -> None:
    """Power alone costs 687.5, heat from the boiler 305.6 a MWh.

    With power at 1000 and no heat it condenses at 10 MW; with heat it goes to the corner of full
    extraction; with power at 100 it stands still; with power at 600, too cheap for condensing, it
    is on its back-pressure line, where the heat of 6 MW pays for it.
    """
    heat = (0.0, 40.0, 40.0, 6.0)
    ds = solved(with_turbine((30.0,) * 4, heat, (1000.0, 1000.0, 100.0, 600.0)), tmp_path)
    made = power(ds, "turbine_zone->zone_20kv")
    warm = power(ds, "turbine_zone->zone_warmth")
    np.testing.assert_allclose(made, [10, CORNER, 0, 4], atol=1e-6)
    np.testing.assert_allclose(warm, [0, RATIO * CORNER, 0, 6], atol=1e-6)
    burnt = power(ds, "natural_gas->turbine_zone")
    np.testing.assert_allclose(burnt, (made + LOSS * warm) / CONDENSING, atol=1e-6)
    # A MW of heat more comes from the boiler, or from the turbine with 1 / 1.5 MW of power.
    on_the_line = FUEL / CONDENSING * (1 / RATIO + LOSS) - 600 / RATIO
    expected = [FUEL / 0.9, FUEL / 0.9, on_the_line]
    np.testing.assert_allclose(price(ds, "zone_warmth")[1:], expected, rtol=1e-6)


def stated_anew(
    load: Sequence[float], heat: Sequence[float], prices: Sequence[float], annuity: float
) -> float:
    """The same park as a linear programme of its own [CNY/a].

    Unknown are for each hour power and heat of the turbine, purchase and heat of the boiler, and
    the capacity.
    """
    hours = len(load)
    count = 4 * hours + 1
    price_of = np.zeros(count)
    upper, equal = [], []
    for t in range(hours):
        made, warm, bought, fire = range(4 * t, 4 * t + 4)
        price_of[[made, warm, bought, fire]] = np.array(
            [FUEL / CONDENSING, LOSS * FUEL / CONDENSING, prices[t], FUEL / 0.9]
        ) * (8760 / hours)
        upper += [{made: 1.0, warm: LOSS, count - 1: -1.0}, {warm: 1.0, made: -RATIO}]
        equal += [{made: 1.0, bought: 1.0}, {warm: 1.0, fire: 1.0}]
    price_of[-1] = annuity

    def matrix(rows: list[dict[int, float]]) -> np.ndarray:
        found = np.zeros((len(rows), count))
        for place, row in enumerate(rows):
            found[place, list(row)] = list(row.values())
        return found

    wanted = np.ravel(np.column_stack([load, heat]))
    bounds = [(0.0, None)] * (count - 1) + [(0.0, 20.0)]
    found = linprog(
        price_of, matrix(upper), np.zeros(len(upper)), matrix(equal), wanted, bounds=bounds
    )
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize("annuity", [100e3, 900e3, 2e6])
def test_an_extraction_turbine_is_that_of_another_statement(
    annuity: float, tmp_path: Path
) -> None:
    """Built or not, its cost is that of a programme that shares nothing with the model."""
    draw = np.random.default_rng(1)
    load, heat, prices = (draw.uniform(*span, 8) for span in ((0, 25), (0, 20), (100, 1200)))
    tiny = with_turbine(load, heat, prices, upper=20.0, annuity=annuity)
    ds = solved(tiny, tmp_path)
    expected = stated_anew(load, heat, prices, annuity)
    assert ds.attrs["objective"] == pytest.approx(expected, rel=1e-6)
