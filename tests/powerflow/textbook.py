"""Small networks solved by hand, and the CIGRE medium-voltage network, as tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from meishan_model.powerflow.network import Network

OMEGA = 2 * math.pi * 50
TRANSFORMER = {
    "element": "",
    "units": 1,
    "rated_power": 25e6,
    "high_voltage": 110e3,
    "low_voltage": 20e3,
    "short_circuit_voltage": 0.12,
    "short_circuit_loss": 0.0041 * 25e6,
    "no_load_loss": 14e3,
    "no_load_current": 0.0007,
    "tap_step": 0.015,
    "tap_limit": 9,
    "tap_position": 0,
    "phase_clock": 5,
    "automatic": False,
    "voltage_setpoint": 1.0,
    "mean_loading": 0.4,
    "form_factor": 1.2,
}
"""25 MVA 110/20 kV."""
LINE = {
    "element": "",
    "length": 1.0,
    "circuits": 1,
    "resistance": 1.0,
    "reactance": 1.0,
    "capacitance": 0.0,
    "current_limit": 421.0,
    "to_closed": True,
}


def network(
    buses: dict[str, float],
    lines: list[dict[str, object]],
    transformers: list[dict[str, object]],
    source: str,
    voltage: float = 1.0,
) -> Network:
    """A network of buses with their nominal voltage [V], lines and transformers."""
    frame = pd.DataFrame({"voltage": buses}).rename_axis("bus")
    frame = frame.assign(zone="", feeder="", longitude=0.0, latitude=0.0)
    branch = pd.DataFrame(
        [LINE | line for line in lines], columns=["branch", "from_bus", "to_bus", *LINE]
    )
    station = pd.DataFrame(
        [TRANSFORMER | row for row in transformers],
        columns=["transformer", "from_bus", "to_bus", *TRANSFORMER],
    )
    # An empty table has no types of its own.
    kinds = {"circuits": int, "to_closed": bool}
    whole = dict.fromkeys(("units", "tap_limit", "tap_position", "phase_clock"), int)
    return Network(
        frame,
        branch.astype(kinds).set_index("branch"),
        station.astype(whole | {"automatic": bool}).set_index("transformer"),
        source,
        voltage,
    )


def two_bus_voltage(power: float, reactive: float, impedance: complex, source: float) -> float:
    """Voltage at the end of a series impedance, from the quadratic of the textbook.

    With P, Q per phase sum in W and var and the source voltage U_1 line to line,

        U_2^4 + (2 (P R + Q X) - U_1^2) U_2^2 + (P^2 + Q^2) |Z|^2 = 0,

    of which the larger root is the operating point (e.g. Glover, Sarma, Overbye, chapter 5).
    """
    b = 2 * (power * impedance.real + reactive * impedance.imag) - source**2
    c = (power**2 + reactive**2) * abs(impedance) ** 2
    return math.sqrt((-b + math.sqrt(b * b - 4 * c)) / 2)


CIGRE_CABLE = (0.501, 0.716, 151.1749e-9, 145.0)
CIGRE_OVERHEAD = (0.510, 0.366, 10.09679e-9, 195.0)
CIGRE_SECTIONS = [
    (1, 2, 2.82, CIGRE_CABLE, True),
    (2, 3, 4.42, CIGRE_CABLE, True),
    (3, 4, 0.61, CIGRE_CABLE, True),
    (4, 5, 0.56, CIGRE_CABLE, True),
    (5, 6, 1.54, CIGRE_CABLE, True),
    (7, 8, 1.67, CIGRE_CABLE, True),
    (8, 9, 0.32, CIGRE_CABLE, True),
    (9, 10, 0.77, CIGRE_CABLE, True),
    (10, 11, 0.33, CIGRE_CABLE, True),
    (3, 8, 1.30, CIGRE_CABLE, True),
    (12, 13, 4.89, CIGRE_OVERHEAD, True),
    (13, 14, 2.99, CIGRE_OVERHEAD, True),
    (6, 7, 0.24, CIGRE_CABLE, False),
    (11, 4, 0.49, CIGRE_CABLE, False),
    (14, 8, 2.00, CIGRE_OVERHEAD, False),
]
"""From, to, length [km], type (Ohm/km, Ohm/km, F/km, A), closed: CIGRE TB 575, table 6.5 on, as in
``create_cigre_network_mv`` of pandapower 3.5.6; the open end is the second bus."""
CIGRE_LOADS = {
    1: [(15.300, 0.98), (5.100, 0.95)],
    3: [(0.285, 0.97), (0.265, 0.85)],
    4: [(0.445, 0.97)],
    5: [(0.750, 0.97)],
    6: [(0.565, 0.97)],
    7: [(0.090, 0.85)],
    8: [(0.605, 0.97)],
    9: [(0.675, 0.85)],
    10: [(0.490, 0.97), (0.080, 0.85)],
    11: [(0.340, 0.97)],
    12: [(15.300, 0.98), (5.280, 0.95)],
    13: [(0.040, 0.85)],
    14: [(0.215, 0.97), (0.390, 0.85)],
}
"""Apparent power [MVA] and power factor of the households and the industry at each bus."""
CIGRE_VOLTAGES = [
    *(1.03, 0.99197182, 0.96814730, 0.93096111, 0.92909840, 0.92782274, 0.92632077, 0.92512197),
    *(0.92540428, 0.92442156, 0.92317360, 0.92297978, 1.00014625, 0.99532559, 0.99255289),
]
"""What pandapower 3.5.6 gives for ``create_cigre_network_mv()``, an independent program [p.u.]."""


def cigre() -> Network:
    """The European configuration of the CIGRE medium-voltage network."""
    buses = {"bus_0": 110e3} | {f"bus_{i}": 20e3 for i in range(1, 15)}
    lines = [
        {
            "branch": f"line_{a}_{b}",
            "from_bus": f"bus_{a}",
            "to_bus": f"bus_{b}",
            "length": length,
            "resistance": kind[0] * length,
            "reactance": kind[1] * length,
            "capacitance": kind[2] * length,
            "current_limit": kind[3],
            "to_closed": closed,
        }
        for a, b, length, kind, closed in CIGRE_SECTIONS
    ]
    transformers = [
        {
            "transformer": f"transformer_{low}",
            "from_bus": "bus_0",
            "to_bus": f"bus_{low}",
            "short_circuit_voltage": 0.1200107,
            "short_circuit_loss": 0.0016 * 25e6,
            "no_load_loss": 0.0,
            "no_load_current": 0.0,
            "phase_clock": 1,
        }
        for low in (1, 12)
    ]
    return network(buses, lines, transformers, "bus_0", 1.03)


def cigre_loads() -> tuple[np.ndarray, np.ndarray]:
    """Active and reactive power at the fifteen buses, one case [MW, Mvar]."""
    active, reactive = np.zeros((1, 15)), np.zeros((1, 15))
    for bus, users in CIGRE_LOADS.items():
        active[0, bus] = sum(s * factor for s, factor in users)
        reactive[0, bus] = sum(s * math.sin(math.acos(factor)) for s, factor in users)
    return active, reactive
