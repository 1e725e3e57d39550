"""The electrical network: tables of buses, lines and transformers with their physics in SI units.

Model of a line: the pi circuit with series impedance ``(r' + j x') l`` and half of the charging
``omega c' l`` at each end. Model of a transformer: the pi circuit with

    z = u_k / 100 * U_r^2 / S_r,  r = u_kr / 100 * U_r^2 / S_r,  g = P_0 / U_r^2,
    |y| = i_0 / 100 * S_r / U_r^2,

behind an ideal tap changer on the high side of ratio ``1 + tap * step`` (IEC 60909-0; J. D. Glover
et al., Power System Analysis and Design, chapters 3 and 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from meishan_model.inputs.grid import GridSheets, values_by_name
from meishan_model.inputs.grid_references import SOURCE

DISTRIBUTION_KV = 20.0
"""GB/T 12325 limits the voltage up to this level [kV]."""


@dataclass(frozen=True)
class Network:
    """A three-phase network in symmetrical operation.

    Attributes
    ----------
    buses
        Index bus; zone, feeder, voltage [V], longitude, latitude [deg].
    lines
        Index branch; element, from_bus, to_bus, length [km], circuits, and per circuit
        resistance, reactance [Ohm], capacitance [F], current_limit [A]; from_closed, to_closed.
    transformers
        Index transformer; element, from_bus (high side), to_bus, units, and per unit rated_power
        [VA], high_voltage, low_voltage [V], short_circuit_voltage [1], short_circuit_loss [W],
        no_load_loss [W], no_load_current [1], tap_step [1], tap_limit, tap_position, phase_clock,
        automatic, voltage_setpoint [p.u.], mean_loading,
        form_factor [1].
    source_bus
        Where the grid above holds the voltage.
    source_voltage
        At which level [p.u.].
    """

    buses: pd.DataFrame
    lines: pd.DataFrame
    transformers: pd.DataFrame
    source_bus: str
    source_voltage: float

    @property
    def distribution_buses(self) -> pd.Index:
        """Buses whose voltage the limits for customers hold."""
        low = self.buses["voltage"] <= DISTRIBUTION_KV * 1e3
        return self.buses.index[low]


def build_network(grid: GridSheets, units: Mapping[str, int] | None = None) -> Network:
    """Network of a park's grid sheets.

    Parameters
    ----------
    grid
        The sheets.
    units
        Number of units by transformer where it is not that of the sheet (reinforcement).
    """
    buses = pd.DataFrame(
        [(b.bus, b.zone, b.feeder, b.value * 1e3, b.longitude, b.latitude) for b in grid.buses],
        columns=["bus", "zone", "feeder", "voltage", "longitude", "latitude"],
    ).set_index("bus")
    network = Network(
        buses, _lines(grid), _transformers(grid), SOURCE, grid.parameter("source_voltage")
    )
    return with_units(network, units or {})


def with_units(network: Network, units: Mapping[str, int]) -> Network:
    """The network with another number of units of some transformers."""
    count = network.transformers["units"].copy()
    count.update(pd.Series(units, dtype="int64"))
    return replace(network, transformers=network.transformers.assign(units=count))


def _lines(grid: GridSheets) -> pd.DataFrame:
    kinds = values_by_name(grid.line_types, "standard_type")
    rows = [
        {
            "branch": row.branch,
            "element": row.element,
            "from_bus": row.from_bus,
            "to_bus": row.to_bus,
            "length": row.value,
            "circuits": row.circuits,
            "resistance": kind["resistance"] * row.value,
            "reactance": kind["reactance"] * row.value,
            "capacitance": kind["capacitance"] * 1e-9 * row.value,
            "current_limit": kind["current_limit"],
            "from_closed": True,
            "to_closed": row.normally == "closed",
        }
        for row in grid.lines
        for kind in [kinds[row.standard_type]]
    ]
    return pd.DataFrame(rows).set_index("branch")


def _transformers(grid: GridSheets) -> pd.DataFrame:
    kinds = values_by_name(grid.transformer_types, "standard_type")
    numbers = values_by_name(grid.transformers, "transformer")
    first = {row.transformer: row for row in reversed(grid.transformers)}
    rows = []
    for name, values in numbers.items():
        row, kind = first[name], kinds[first[name].standard_type]
        power = kind["rated_power"] * 1e6
        rows.append(
            {
                "transformer": name,
                "element": row.element,
                "from_bus": row.from_bus,
                "to_bus": row.to_bus,
                "units": round(values["units"]),
                "rated_power": power,
                "high_voltage": kind["high_voltage"] * 1e3,
                "low_voltage": kind["low_voltage"] * 1e3,
                "short_circuit_voltage": kind["short_circuit_voltage"] / 100,
                "short_circuit_loss": kind["short_circuit_resistance"] / 100 * power,
                "no_load_loss": kind["no_load_loss"] * 1e3,
                "no_load_current": kind["no_load_current"] / 100,
                "tap_step": kind["tap_step"] / 100,
                "tap_limit": round(kind["tap_limit"]),
                "tap_position": round(values["tap_position"]),
                "phase_clock": round(kind["phase_clock"]),
                "automatic": row.tap_control == "automatic",
                "voltage_setpoint": values["voltage_setpoint"],
                "mean_loading": values["mean_loading"] / 100,
                "form_factor": values["form_factor"],
            }
        )
    return pd.DataFrame(rows).set_index("transformer")


def reinforced_units(
    grid: GridSheets, network: Network, capacities: Mapping[str, float]
) -> dict[str, int]:
    """Units of each transformer that a planned capacity needs.

    A station of n units counts with ``(n - 1) S_r cos phi``: its peak must pass with one unit out.
    ``network.csv`` is in whole MW, so half a MW is left to rounding.

    Parameters
    ----------
    grid
        The sheets, for the power factor of planning.
    network
        The network with the units of the sheet.
    capacities
        Planned n-1 capacity by element of ``network.csv`` [MW].

    Returns
    -------
    dict
        Transformer -> units, never fewer than in the sheet.
    """
    factor = grid.parameter("planning_power_factor")
    found: dict[str, int] = {}
    for name, row in network.transformers.iterrows():
        wanted = capacities.get(str(row["element"]))
        if wanted is None:
            continue
        unit = float(row["rated_power"]) * 1e-6 * factor
        needed = int(np.ceil((round(wanted) - 0.5) / unit - 1e-9)) + 1
        found[str(name)] = max(needed, int(row["units"]))
    return found
