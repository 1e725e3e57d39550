"""The 33-bus 12.66 kV network of Baran and Wu, a radial feeder with five open ties, as tables.

Baran and Wu, "Network reconfiguration in distribution systems for loss reduction and load
balancing", IEEE Transactions on Power Delivery 4 (1989) 1401-1407, doi 10.1109/61.25627; it is
``case33bw`` of MATPOWER and of pandapower's collection.
"""

from __future__ import annotations

import numpy as np
from textbook import network

from meishan_model.powerflow.network import Network

RATED_VOLTAGE = 12.66e3
SECTIONS = [
    *((1, 2, 0.0922, 0.0470), (2, 3, 0.4930, 0.2511), (3, 4, 0.3660, 0.1864)),
    *((4, 5, 0.3811, 0.1941), (5, 6, 0.8190, 0.7070), (6, 7, 0.1872, 0.6188)),
    *((7, 8, 0.7114, 0.2351), (8, 9, 1.0300, 0.7400), (9, 10, 1.0440, 0.7400)),
    *((10, 11, 0.1966, 0.0650), (11, 12, 0.3744, 0.1238), (12, 13, 1.4680, 1.1550)),
    *((13, 14, 0.5416, 0.7129), (14, 15, 0.5910, 0.5260), (15, 16, 0.7463, 0.5450)),
    *((16, 17, 1.2890, 1.7210), (17, 18, 0.7320, 0.5740), (2, 19, 0.1640, 0.1565)),
    *((19, 20, 1.5042, 1.3554), (20, 21, 0.4095, 0.4784), (21, 22, 0.7089, 0.9373)),
    *((3, 23, 0.4512, 0.3083), (23, 24, 0.8980, 0.7091), (24, 25, 0.8960, 0.7011)),
    *((6, 26, 0.2030, 0.1034), (26, 27, 0.2842, 0.1447), (27, 28, 1.0590, 0.9337)),
    *((28, 29, 0.8042, 0.7006), (29, 30, 0.5075, 0.2585), (30, 31, 0.9744, 0.9630)),
    *((31, 32, 0.3105, 0.3619), (32, 33, 0.3410, 0.5302), (21, 8, 2.0, 2.0)),
    *((9, 15, 2.0, 2.0), (12, 22, 2.0, 2.0), (18, 33, 0.5, 0.5), (25, 29, 0.5, 0.5)),
]
"""From, to, resistance and reactance [Ohm] of the sections 1 to 32 and of the ties 33 to 37."""
ACTIVE = [
    *(0, 100, 90, 120, 60, 60, 200, 200, 60, 60, 45, 60, 60, 120, 60, 60, 60),
    *(90, 90, 90, 90, 90, 90, 420, 420, 60, 60, 60, 120, 200, 150, 210, 60),
]
"""Active load at the buses 1 to 33 [kW]."""
REACTIVE = [
    *(0, 60, 40, 80, 30, 20, 100, 100, 20, 20, 30, 35, 35, 80, 10, 20, 20),
    *(40, 40, 40, 40, 40, 50, 200, 200, 25, 25, 20, 70, 600, 70, 100, 40),
]
"""Reactive load at the buses 1 to 33 [kvar]."""
TIES = (33, 34, 35, 36, 37)
"""Numbers of the sections that are open in the published base case."""
BEST_OPEN = (7, 9, 14, 32, 37)
"""Open sections of least loss, as found by an exhaustive search in the literature."""
PUBLISHED_VOLTAGES = [
    *(1.0000, 0.9970, 0.9829, 0.9755, 0.9681, 0.9497, 0.9462, 0.9413, 0.9351, 0.9292, 0.9284),
    *(0.9269, 0.9208, 0.9185, 0.9171, 0.9157, 0.9137, 0.9131, 0.9965, 0.9929, 0.9922, 0.9916),
    *(0.9794, 0.9727, 0.9694, 0.9477, 0.9452, 0.9337, 0.9255, 0.9220, 0.9178, 0.9169, 0.9166),
]
"""Voltages of the base case at the buses 1 to 33 as printed in the literature [p.u.]."""


def ieee_33(opened: tuple[int, ...] = TIES) -> Network:
    """The network with the sections of these numbers open."""
    lines = [
        {
            "branch": f"section_{number}",
            "from_bus": f"bus_{a}",
            "to_bus": f"bus_{b}",
            "resistance": resistance,
            "reactance": reactance,
            "to_closed": number not in opened,
        }
        for number, (a, b, resistance, reactance) in enumerate(SECTIONS, start=1)
    ]
    buses = {f"bus_{i}": RATED_VOLTAGE for i in range(1, len(ACTIVE) + 1)}
    return network(buses, lines, [], "bus_1")


def ieee_33_loads() -> tuple[np.ndarray, np.ndarray]:
    """Active and reactive power at the buses, one case [MW, Mvar]."""
    return np.array([ACTIVE]) / 1e3, np.array([REACTIVE]) / 1e3
