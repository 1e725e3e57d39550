"""Feeders are laid anew where they overload or lose too much voltage: by hand, and shipped."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hand_slice import hand_slice
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from textbook import network, two_bus_voltage

from meishan_model.powerflow.dispatch import (
    Injections,
    PowerFlow,
    run_power_flow,
    slice_power_flow,
)
from meishan_model.powerflow.feeders import (
    LARGER,
    NONE,
    PARALLEL,
    FeederPlan,
    cheapest_circuits,
    feeder_reinforcement,
)
from meishan_model.powerflow.indicators import violations
from meishan_model.powerflow.study import (
    grid_study,
    open_powerflow,
    powerflow_path,
    sentence,
    study_dataset,
)
from meishan_model.report.powerflow import powerflow_report
from meishan_model.results.files import write_atomically
from meishan_model.sheets.grid import GridSheets

RATE = 0.08
ALUMINIUM, COPPER = "NA2XS2Y 1x240 RM/25 12/20 kV", "YJV22 3x400 12/20 kV"
R, X, LIMIT, LENGTH = 0.122, 0.112, 421.0, 2.0
"""Of a circuit of aluminium [Ohm/km, Ohm/km, A], and the length of both feeders [km]."""


@pytest.fixture
def bare(grid: GridSheets) -> GridSheets:
    """The shipped sheets with cables that take no charging current."""
    rows = [
        row.model_copy(update={"value": 0.0}) if row.parameter == "capacitance" else row
        for row in grid.line_types
    ]
    return replace(grid, line_types=tuple(rows))


def two_feeders(*loads: float) -> PowerFlow:
    """Two cables from one busbar; in the first hour they carry loads [MW], then half of it."""
    lines = [
        {
            **{"branch": name, "from_bus": "busbar", "to_bus": f"end_{name}"},
            **{"standard_type": ALUMINIUM, "length": LENGTH, "current_limit": LIMIT},
            **{"resistance": R * LENGTH, "reactance": X * LENGTH},
        }
        for name in ("one", "two")
    ]
    net = network(dict.fromkeys(("busbar", "end_one", "end_two"), 20e3), lines, [], "busbar")
    net = replace(net, lines=net.lines.assign(standard_type=ALUMINIUM))
    active = np.array([[0.0, *loads], [0.0, *(load / 2 for load in loads)]])
    time = pd.date_range("2050-01-01", periods=2, freq="h")
    placed = Injections(time, active, np.zeros_like(active), pd.DataFrame(active, time))
    return run_power_flow(net, placed)


def current(power: float, circuits: int = 1, r: float = R, x: float = X) -> float:
    """Current of a feeder from the textbook's quadratic of the two-bus line [A]."""
    end = two_bus_voltage(power * 1e6, 0.0, complex(r, x) * LENGTH / circuits, 20e3)
    return power * 1e6 / (math.sqrt(3) * end)


def annuity(investment: float) -> float:
    """Capital recovery over 40 years at 8 %, and 1 % of fixed operation and maintenance."""
    return investment * (RATE / (1 - (1 + RATE) ** -40) + 0.01)


def test_a_second_circuit_by_hand(bare: GridSheets) -> None:
    """17 MW need some 500 A where 421 A pass, 5 MW do not: one circuit more for the first feeder.

    At 1.1 million CNY/km it is cheaper than another cable of copper at 2 million.
    """
    plan = feeder_reinforcement(two_feeders(17.0, 5.0), bare, RATE)
    assert list(plan.table.index) == ["one"]
    row = plan.table.loc["one"]
    assert (row["measure"], row["type"], row["circuits"]) == (PARALLEL, ALUMINIUM, 2)
    assert row["loading_before"] == pytest.approx(current(17.0) / LIMIT, rel=1e-6)
    assert row["loading_after"] == pytest.approx(current(17.0, 2) / 2 / LIMIT, rel=1e-6)
    assert row["overload_hours"] == 1
    assert row["investment"] == pytest.approx(1.1e6 * LENGTH)
    assert row["annuity"] == pytest.approx(annuity(1.1e6 * LENGTH))
    assert violations(plan.flow, bare).empty
    # Half of the series resistance: half of the loss, but for the voltage that rises.
    before = 3 * current(17.0) ** 2 * R * LENGTH
    assert plan.flow.state.loss[0, 0] * 1e6 == pytest.approx(before / 2, rel=0.05)


def with_copper_at(grid: GridSheets, price: float) -> GridSheets:
    """Sheets with another price of the copper cable [CNY/km]."""
    rows = [
        row.model_copy(update={"value": price})
        if (row.standard_type, row.parameter) == (COPPER, "investment")
        else row
        for row in grid.line_costs
    ]
    return replace(grid, line_costs=tuple(rows))


def test_a_larger_type_where_it_is_cheaper(bare: GridSheets) -> None:
    """At 1 million CNY/km copper of 550 A replaces the aluminium; the line is the new type's."""
    plan = feeder_reinforcement(two_feeders(17.0, 5.0), with_copper_at(bare, 1e6), RATE)
    row = plan.table.loc["one"]
    assert (row["measure"], row["type"], row["circuits"]) == (LARGER, COPPER, 1)
    wanted = current(17.0, r=0.054, x=0.095) / 550.0
    assert row["loading_after"] == pytest.approx(wanted, rel=1e-6)
    assert row["annuity"] == pytest.approx(annuity(1e6 * LENGTH))


def test_what_no_trench_takes_stays_a_violation(bare: GridSheets) -> None:
    """80 MW need more than four circuits of any cable; the other feeder is still helped."""
    plan = feeder_reinforcement(two_feeders(80.0, 17.0), bare, RATE)
    assert plan.table["measure"].to_dict() == {"one": NONE, "two": PARALLEL}
    assert plan.table.loc["one", "annuity"] == 0.0
    assert list(violations(plan.flow, bare)["element"]) == ["one"]


def test_the_least_number_of_circuits_is_laid(bare: GridSheets) -> None:
    """Of 30 MW a third of the current would not pass two circuits: three are laid, at twice."""
    plan = feeder_reinforcement(two_feeders(30.0, 1.0), bare, RATE)
    row = plan.table.loc["one"]
    assert row["circuits"] == math.ceil(current(30.0) / LIMIT) == 3
    assert row["investment"] == pytest.approx(2 * 1.1e6 * LENGTH)


SECTIONS = {"near": ("busbar", "middle", 10.0), "far": ("middle", "end", 22.0)}
"""The two sections of a long feeder: from, to, length [km]."""


def long_feeder(
    circuits: dict[str, int], loads: tuple[float, float], near: float = 10.0
) -> PowerFlow:
    """A feeder of two sections with these loads [MW] in its middle and at its end, one hour."""
    lengths = {"near": near, "far": SECTIONS["far"][2]}
    lines = [
        {
            **{"branch": name, "from_bus": start, "to_bus": end, "circuits": circuits[name]},
            **{"resistance": R * lengths[name], "reactance": X * lengths[name]},
            **{"length": lengths[name], "current_limit": LIMIT},
        }
        for name, (start, end, _) in SECTIONS.items()
    ]
    net = network(dict.fromkeys(("busbar", "middle", "end"), 20e3), lines, [], "busbar")
    net = replace(net, lines=net.lines.assign(standard_type=ALUMINIUM))
    active = np.array([[0.0, *loads]])
    time = pd.date_range("2050-01-01", periods=1, freq="h")
    placed = Injections(time, active, 0.4 * active, pd.DataFrame(active, time))
    return run_power_flow(net, placed)


def cheapest_within_the_band(grid: GridSheets, loads: tuple[float, float]) -> dict[str, int]:
    """Circuits of least length that hold the band, by trying all of them."""
    limit = round(grid.parameter("feeder_circuits_limit"))
    ways = product(range(1, limit + 1), repeat=2)
    held = [
        (near * SECTIONS["near"][2] + far * SECTIONS["far"][2], {"near": near, "far": far})
        for near, far in ways
        if violations(long_feeder({"near": near, "far": far}, loads), grid).empty
    ]
    return min(held, key=lambda way: way[0])[1]


@pytest.mark.parametrize("loads", [(6.0, 5.0), (3.0, 7.5), (-3.0, -8.0), (1.0, 9.5)])
def test_a_feeder_outside_the_voltage_band_is_strengthened_at_least_cost(
    bare: GridSheets, loads: tuple[float, float]
) -> None:
    """Too low under load and too high under PV; it finds what trying all circuits finds."""
    as_it_stands = long_feeder({"near": 1, "far": 1}, loads)
    assert set(violations(as_it_stands, bare)["quantity"]) == {"voltage"}
    plan = feeder_reinforcement(as_it_stands, bare, RATE)
    best = cheapest_within_the_band(bare, loads)
    assert plan.flow.network.lines["circuits"].to_dict() == best
    assert set(plan.table.index) == {name for name, circuits in best.items() if circuits > 1}
    assert (plan.table["overload_hours"] == 0).all()
    laid = sum((circuits - 1) * SECTIONS[name][2] for name, circuits in best.items())
    assert plan.table["annuity"].sum() == pytest.approx(annuity(1.1e6 * laid))
    band = bare.parameter("voltage_band")
    assert (np.abs(plan.table["voltage_before"] - 1) > band).all()
    assert (np.abs(plan.table["voltage_after"] - 1) <= band).all()


def test_a_line_that_nothing_helps_does_not_keep_its_feeder_from_help(bare: GridSheets) -> None:
    """100 MW are too much for any trench, but the voltage behind it is brought back."""
    flow = long_feeder({"near": 1, "far": 1}, (100.0, 4.0), near=0.8)
    assert set(violations(flow, bare)["element"]) == {"near", "end"}
    plan = feeder_reinforcement(flow, bare, RATE)
    assert plan.table["measure"].to_dict() == {"near": NONE, "far": PARALLEL}
    assert set(violations(plan.flow, bare)["element"]) == {"near"}


def forked(reverse: bool) -> PowerFlow:
    """Two feeders behind one trunk, one longer; lines written towards the busbar or not."""
    ends = {"trunk": ("busbar", "fork", 10.0), "a": ("fork", "end_a", 6.0)}
    ends["b"] = ("fork", "end_b", 9.0)
    lines = [
        {
            **{"branch": name, "from_bus": places[reverse], "to_bus": places[not reverse]},
            **{"length": length, "resistance": R * length, "reactance": X * length},
            "current_limit": LIMIT,
        }
        for name, (*places, length) in ends.items()
    ]
    net = network(dict.fromkeys(("busbar", "fork", "end_a", "end_b"), 20e3), lines, [], "busbar")
    feeder = pd.Series({"busbar": "", "fork": "", "end_a": "a", "end_b": "b"})
    buses = net.buses.assign(zone="z", feeder=feeder)
    net = replace(net, buses=buses, lines=net.lines.assign(standard_type=ALUMINIUM))
    active = np.array([[0.0, 0.0, 6.2, 6.2]])
    time = pd.date_range("2050-01-01", periods=1, freq="h")
    return run_power_flow(net, Injections(time, active, 0.4 * active, pd.DataFrame(active, time)))


def test_feeders_behind_one_trunk(bare: GridSheets) -> None:
    """One trunk of 10 km is cheaper than two ends of 15 km; the way it is written is all one."""
    plans = [feeder_reinforcement(forked(reverse), bare, RATE) for reverse in (False, True)]
    for plan in plans:
        assert violations(plan.flow, bare).empty
        assert list(plan.table.index) == ["trunk"]
    pd.testing.assert_frame_equal(plans[0].table, plans[1].table)


def test_a_path_without_lines_has_no_circuits() -> None:
    """Behind a transformer alone: its tap, not a cable, lifts the voltage."""
    nothing = pd.DataFrame({"circuits": [], "annuity": []})
    drops = pd.DataFrame({"end": []}, dtype=float)
    assert cheapest_circuits(nothing, drops, pd.Series({"end": 0.01}), 4) == {}


DROP = st.integers(-100, 800).map(lambda v: v * 1e-4)
SECTION = st.tuples(st.integers(1, 3), st.tuples(DROP, DROP), st.integers(1, 100))
"""Circuits, drops on the way to two buses [p.u.] and annuity of a circuit [CNY/a]."""
# What sections bring are multiples of 1e-4 / 12: none lies on the edge of what is missing.
MISSING = st.integers(10, 1000).map(lambda v: v * 1e-4 + 3e-5)


@settings(max_examples=60, deadline=None)
@given(sections=st.lists(SECTION, min_size=1, max_size=4), missing=st.tuples(MISSING, MISSING))
def test_the_cheapest_circuits_are_those_of_a_search_through_all(
    sections: list[tuple[int, tuple[float, float], int]], missing: tuple[float, float]
) -> None:
    """For two buses at once; one that no way brings back is left out."""
    table = pd.DataFrame(
        [(circuits, cost) for circuits, _, cost in sections], columns=["circuits", "annuity"]
    )
    table.index = pd.Index([f"s{i}" for i in table.index])
    drops = pd.DataFrame([drop for _, drop, _ in sections], table.index, columns=["a", "b"])
    wanted = pd.Series(missing, ["a", "b"])
    ways = np.array([*product(*(range(n, 5) for n, _, _ in sections))])
    relief = (1 - table["circuits"].to_numpy() / ways) @ drops.to_numpy()
    reachable = relief.max(axis=0) >= missing
    enough = (relief >= missing)[:, reachable].all(axis=1)
    costs = (ways - table["circuits"].to_numpy())[enough] @ table["annuity"].to_numpy()
    found = cheapest_circuits(table, drops, wanted, 4)
    cost = sum(table["annuity"][name] * (m - table["circuits"][name]) for name, m in found.items())
    if len(costs):
        assert cost == pytest.approx(costs.min())
    else:  # each can be brought back alone, but not both
        assert found == {}


def test_no_circuit_helps_a_busbar_outside_the_band(bare: GridSheets) -> None:
    """A busbar 8 % too low is for its transformer to lift: no feeder is laid."""
    flow = long_feeder({"near": 1, "far": 1}, (0.1, 0.1))
    low = run_power_flow(replace(flow.network, source_voltage=0.92), flow.injections)
    plan = feeder_reinforcement(low, bare, RATE)
    assert plan.table.empty
    assert len(violations(plan.flow, bare)) == 3


def test_a_trench_takes_no_more_circuits_for_the_voltage(bare: GridSheets) -> None:
    """With all circuits that a trench takes the end stays outside: the violation stays."""
    full = round(bare.parameter("feeder_circuits_limit"))
    flow = long_feeder({"near": full, "far": full}, (0.0, 32.0))
    assert set(violations(flow, bare)["quantity"]) == {"voltage"}
    plan = feeder_reinforcement(flow, bare, RATE)
    assert plan.table.empty and plan.flow is flow


@pytest.fixture(scope="module")
def heavy(grid: GridSheets) -> tuple[PowerFlow, FeederPlan]:
    """The shipped grid at six times the usual load, and what it needs."""
    flow = slice_power_flow(hand_slice(grid, 4, scale=6.0), grid)
    return flow, feeder_reinforcement(flow, grid, RATE)


def test_no_feeder_of_the_shipped_grid_stays_full(
    heavy: tuple[PowerFlow, FeederPlan], grid: GridSheets
) -> None:
    """Every 20 kV line that was beyond its limit is in the table and within it afterwards.

    What is no feeder stays as it is: transformers and 110 kV lines are the optimiser's.
    """
    flow, plan = heavy
    first, then = (set(violations(f, grid)["element"]) for f in (flow, plan.flow))
    assert plan.table.index.size > 3 and set(plan.table.index) < first
    assert then == first - set(plan.table.index)
    assert (plan.table["loading_after"] <= 1.0).all()
    others = flow.network.lines.index.difference(plan.table.index)
    assert plan.flow.network.lines.loc[others].equals(flow.network.lines.loc[others])


def test_a_year_without_overload_needs_nothing(grid: GridSheets) -> None:
    flow = slice_power_flow(hand_slice(grid, 2), grid)
    plan = feeder_reinforcement(flow, grid, RATE)
    assert plan.table.empty and plan.flow is flow


def test_costs_are_told_and_stored(grid: GridSheets, tmp_path: Path) -> None:
    """A proposal leaves the violations; laid they are gone; both files hold table and costs."""
    ds = hand_slice(grid, 1, scale=6.0)
    for laid in (False, True):
        study = grid_study(ds, grid, RATE, lay_feeders=laid)
        path = powerflow_path(tmp_path / ("2050_agreed.nc" if laid else "2050.nc"))
        write_atomically(study_dataset(study, ds, grid), path)
        found = open_powerflow(path)
        assert list(found["feeder_reinforcement"].to_numpy()) == list(study.feeders.index)
        assert found.attrs["feeder_reinforcement_annuity"] == found["feeder_annuity"].sum() > 0
        assert found["feeder_investment"].attrs["units"] == "CNY"
        broken = set(found["violation"].to_numpy())
        assert set(study.feeders.index).isdisjoint(broken) == laid
        assert ("feeders laid" if laid else "feeders needed") in sentence(open_powerflow(path))
        console = Console(width=160, record=True, file=(tmp_path / "out").open("w"))
        console.print(powerflow_report(study, grid))
        console.file.close()
        told = console.export_text()
        assert study.feeders.index[0] in told and "kCNY/a" in told
