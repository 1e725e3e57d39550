"""The solver against formulas of the textbook, the 33-bus network and the CIGRE network."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ieee_33 import BEST_OPEN, PUBLISHED_VOLTAGES, TIES, ieee_33, ieee_33_loads
from textbook import (
    CIGRE_VOLTAGES,
    OMEGA,
    TRANSFORMER,
    cigre,
    cigre_loads,
    network,
    two_bus_voltage,
)

from meishan_model.optimise.errors import SolverError
from meishan_model.powerflow.limits import ways_on
from meishan_model.powerflow.solver import DEAD_BAND, Solver

TWO = {"a": 20e3, "b": 20e3}


@settings(max_examples=40, deadline=None)
@given(
    power=st.floats(-10, 10),
    reactive=st.floats(-4, 4),
    resistance=st.floats(0.05, 2),
    reactance=st.floats(0.05, 2),
    circuits=st.integers(1, 3),
)
def test_two_bus_line(
    power: float, reactive: float, resistance: float, reactance: float, circuits: int
) -> None:
    """A line without charging: voltage from the quadratic, loss R |S|^2 / U^2, equal circuits."""
    line = {
        "branch": "l",
        "from_bus": "a",
        "to_bus": "b",
        "resistance": resistance,
        "reactance": reactance,
        "circuits": circuits,
    }
    solver = Solver(network(TWO, [line], [], "a"))
    state = solver.solve(np.array([[0.0, power]]), np.array([[0.0, reactive]]))
    impedance = complex(resistance, reactance) / circuits
    end = two_bus_voltage(power * 1e6, reactive * 1e6, impedance, 20e3)
    assert state.voltage[0, 1] * 20e3 == pytest.approx(end, rel=1e-9)
    squared = (power**2 + reactive**2) * 1e12 / end**2
    assert state.loss[0, 0] * 1e6 == pytest.approx(impedance.real * squared, abs=1e-3)
    assert state.power[0, 0] == pytest.approx(power + state.loss[0, 0], abs=1e-8)
    current = math.sqrt(squared) / math.sqrt(3) / circuits
    assert state.loading[0, 0] == pytest.approx(current / 421.0, rel=1e-6, abs=1e-9)


def test_an_unloaded_cable_raises_the_voltage() -> None:
    """Ferranti: U_2 = U_1 / |1 + Z Y / 2| at no load."""
    line = {"branch": "l", "from_bus": "a", "to_bus": "b", "capacitance": 3e-6}
    state = Solver(network(TWO, [line], [], "a")).solve(np.zeros((1, 2)), np.zeros((1, 2)))
    expected = 1 / abs(1 + complex(1, 1) * 1j * OMEGA * 3e-6 / 2)
    assert expected > 1
    assert state.voltage[0, 1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("tap", [-4, 0, 3])
@pytest.mark.parametrize("units", [1, 2])
def test_two_winding_transformer(tap: int, units: int) -> None:
    """Pi circuit behind an ideal tap changer, by hand with complex numbers at 20 kV.

    The source behind the ratio 1 + tap * step feeds series impedance and half of the magnetising
    admittance at the low side; the other half sits at the source and only adds to the loss.
    """
    row = {"transformer": "t", "from_bus": "h", "to_bus": "l", "tap_position": tap, "units": units}
    solver = Solver(network({"h": 110e3, "l": 20e3}, [], [row], "h"))
    power, reactive = 15.0, 5.0
    state = solver.solve(np.array([[0.0, power]]), np.array([[0.0, reactive]]))
    base = 20e3**2 / TRANSFORMER["rated_power"] / units
    r = 0.0041 * base
    z = complex(r, math.sqrt((0.12 * base) ** 2 - r**2))
    conductance = 14e3 * units / 20e3**2
    absolute = 0.0007 * 25e6 * units / 20e3**2
    y = complex(conductance, -math.sqrt(absolute**2 - conductance**2))
    source = 20e3 / (1 + tap * 0.015)
    # Fixed point of U_2 = U_1 - Z (S* / U_2* + Y/2 U_2).
    low = complex(source)
    for _ in range(200):
        low = source - z * ((complex(power, reactive) * 1e6 / low).conjugate() + y / 2 * low)
    assert state.voltage[0, 1] == pytest.approx(abs(low) / 20e3, rel=1e-9)
    current = (source - low) / z
    series = abs(current) ** 2 * r
    iron = conductance / 2 * (source**2 + abs(low) ** 2)
    assert state.loss[0, 0] * 1e6 == pytest.approx(series + iron, rel=1e-6)
    assert cmath.isfinite(low)


def test_cigre_network() -> None:
    """The collection's CIGRE medium-voltage network gives the voltages of another program."""
    solver = Solver(cigre())
    active, reactive = cigre_loads()
    state = solver.solve(active, reactive)
    assert state.voltage[0] == pytest.approx(CIGRE_VOLTAGES, abs=1e-6)
    # The source gives what the loads take and the branches lose.
    stations = state.power[0, len(solver.network.lines) :]
    assert stations.sum() == pytest.approx(active.sum() + state.loss.sum(), abs=1e-8)


def test_the_33_bus_network_has_its_published_voltages() -> None:
    """Baran and Wu's feeder: every voltage to the last digit that is printed."""
    state = Solver(ieee_33()).solve(*ieee_33_loads())
    assert state.voltage[0] == pytest.approx(PUBLISHED_VOLTAGES, abs=0.5e-4)


@pytest.mark.parametrize(
    ("opened", "loss", "lowest", "bus"),
    [(TIES, 202.68, 0.9131, 18), (BEST_OPEN, 139.55, 0.9378, 32)],
)
def test_switching_ties_of_the_33_bus_network_gives_the_published_losses(
    opened: tuple[int, ...], loss: float, lowest: float, bus: int
) -> None:
    """Losses [kW] and lowest voltage before and after the reconfiguration of the literature."""
    state = Solver(ieee_33(opened)).solve(*ieee_33_loads())
    assert state.loss.sum() * 1e3 == pytest.approx(loss, abs=0.005)
    assert state.voltage[0].min() == pytest.approx(lowest, abs=0.5e-4)
    assert state.voltage[0].argmin() == bus - 1


def test_a_tap_changer_brings_the_voltage_to_its_set_point() -> None:
    """Within the dead band around 1.02 p.u., at full load, at no load and in reverse."""
    row = {
        "transformer": "t",
        "from_bus": "h",
        "to_bus": "l",
        "automatic": True,
        "voltage_setpoint": 1.02,
    }
    solver = Solver(network({"h": 110e3, "l": 20e3}, [], [row], "h"))
    active = np.array([[0.0, 20.0], [0.0, 0.0], [0.0, -20.0]])
    state = solver.controlled(active, 0.3 * np.abs(active))
    assert np.abs(state.voltage[:, 1] - 1.02).max() <= DEAD_BAND * 0.015
    assert state.tap[0, 0] < state.tap[1, 0]
    fixed = solver.solve(active, 0.3 * np.abs(active))
    assert np.abs(fixed.voltage[:, 1] - 1.02).max() > 0.02


def test_a_load_beyond_collapse_is_an_error_or_a_finding() -> None:
    """200 MW over 1 + 1j Ohm at 20 kV has no solution: the discriminant is negative."""
    line = {"branch": "l", "from_bus": "a", "to_bus": "b"}
    solver = Solver(network(TWO, [line], [], "a"))
    active = np.array([[0.0, 200.0], [0.0, 1.0]])
    with pytest.raises(SolverError, match="no solution"):
        solver.solve(active, np.zeros((2, 2)))
    state = solver.solve(active, np.zeros((2, 2)), collapse_allowed=True)
    assert np.isinf(state.loading[0]).all()
    assert state.voltage[1, 1] == pytest.approx(two_bus_voltage(1e6, 0, 1 + 1j, 20e3) / 20e3)


def test_what_may_be_closed_after_an_outage() -> None:
    """In the CIGRE network the line 4-5 is backed by 6-7 alone, 3-8 by two of the open lines."""
    net = cigre()
    assert [c.tie for c in ways_on(net, "line_4_5")] == ["line_6_7"]
    assert {c.tie for c in ways_on(net, "line_3_8")} == {"line_6_7", "line_11_4", "line_14_8"}
    assert not list(ways_on(net, "line_6_7")), "an open line cannot fail"
    # A transformer without a twin leaves its side to the one tie between the two sides.
    assert [c.tie for c in ways_on(net, "transformer_12")] == ["line_14_8"]
