"""The electrical network: tables of buses, lines and transformers with their physics in SI units.

Model of a line: the pi circuit with series impedance ``(r' + j x') l`` and half of the charging
``omega c' l`` at each end. Model of a transformer: the pi circuit with

    z = u_k / 100 * U_r^2 / S_r,  r = u_kr / 100 * U_r^2 / S_r,  g = P_0 / U_r^2,
    |y| = i_0 / 100 * S_r / U_r^2,

behind an ideal tap changer on the high side of ratio ``1 + tap * step`` (IEC 60909-0; J. D. Glover
et al., Power System Analysis and Design, chapters 3 and 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from meishan_model.sheets.grid import DISTRIBUTION_KV, GridSheets, values_by_name

ROUNDING = 0.5
"""A capacity of ``network.csv``, in whole MW, may be rounded up by so much [MW]."""


@dataclass(frozen=True)
class Network:
    """A three-phase network in symmetrical operation.

    Attributes
    ----------
    buses
        Index bus; zone, feeder, voltage [V], longitude, latitude [deg].
    lines
        Index branch; element, from_bus, to_bus, standard_type, length [km], circuits, and per
        circuit resistance, reactance [Ohm], capacitance [F], current_limit [A]; from_closed,
        to_closed.
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
    supply_lines
        Element of ``network.csv`` that is the line to a zone, by zone.
    """

    buses: pd.DataFrame
    lines: pd.DataFrame
    transformers: pd.DataFrame
    source_bus: str
    source_voltage: float
    supply_lines: Mapping[str, str] = field(default_factory=dict)

    @property
    def distribution_buses(self) -> pd.Index:
        """Buses whose voltage the limits for customers hold."""
        low = self.buses["voltage"] <= DISTRIBUTION_KV * 1e3
        return self.buses.index[low]


def build_network(grid: GridSheets) -> Network:
    """Network of a park's grid sheets."""
    buses = pd.DataFrame(
        [(b.bus, b.zone, b.feeder, b.value * 1e3, b.longitude, b.latitude) for b in grid.buses],
        columns=["bus", "zone", "feeder", "voltage", "longitude", "latitude"],
    ).set_index("bus")
    voltage = grid.parameter("source_voltage")
    return Network(
        buses, _lines(grid), _transformers(grid), grid.source_bus, voltage, grid.supply_lines
    )


def _lines(grid: GridSheets) -> pd.DataFrame:
    kinds = values_by_name(grid.line_types, "standard_type")
    rows = [
        {
            "branch": row.branch,
            "element": row.element,
            "from_bus": row.from_bus,
            "to_bus": row.to_bus,
            "standard_type": row.standard_type,
            "length": row.value,
            "circuits": row.circuits,
            **_circuit(kinds[row.standard_type], row.value),
            "from_closed": True,
            "to_closed": row.normally == "closed",
        }
        for row in grid.lines
    ]
    return pd.DataFrame(rows).set_index("branch")


def _circuit(kind: Mapping[str, float], length: float) -> dict[str, float]:
    """Resistance and reactance [Ohm], capacitance [F] and current limit [A] of a circuit."""
    return {
        "resistance": kind["resistance"] * length,
        "reactance": kind["reactance"] * length,
        "capacitance": kind["capacitance"] * 1e-9 * length,
        "current_limit": kind["current_limit"],
    }


def with_line_types(
    network: Network, grid: GridSheets, chosen: Mapping[str, tuple[str, int]]
) -> Network:
    """The network with other standard types and numbers of circuits of some lines.

    Parameters
    ----------
    network, grid
        The network, and the sheets that know the types.
    chosen
        Standard type and number of circuits by branch.
    """
    if not chosen:
        return network
    kinds, lines = values_by_name(grid.line_types, "standard_type"), network.lines.copy()
    rows = {
        branch: {"standard_type": name, "circuits": circuits}
        | _circuit(kinds[name], float(lines["length"][branch]))
        for branch, (name, circuits) in chosen.items()
    }
    changed = pd.DataFrame.from_dict(rows, orient="index")
    lines.loc[changed.index, changed.columns] = changed
    return replace(network, lines=lines)


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


def supply_lines(network: Network) -> pd.DataFrame:
    """Lines that feed the park or the transformers of a station.

    Returns
    -------
    pandas.DataFrame
        Rows of :attr:`Network.lines` with supply_line, their name in ``network.csv`` (a line from
        the grid above is the connection itself; missing where the sheet has none), and voltage
        [V].
    """
    zone = network.buses["zone"]
    stations = network.transformers.set_index("from_bus")["to_bus"].map(zone)
    stations = stations[zone.reindex(stations.index) != ""]
    above = network.lines["from_bus"] == network.source_bus
    lines = network.lines[above | network.lines["to_bus"].isin(stations.index)]
    of_zone = stations.reindex(lines["to_bus"]).map(network.supply_lines)
    name = np.where(above.reindex(lines.index), lines["element"], of_zone)
    voltage = network.buses["voltage"].reindex(lines["to_bus"]).to_numpy()
    return lines.assign(supply_line=name, voltage=voltage)


def transformer_unit(network: Network) -> pd.Series:
    """Rated power of one unit of each transformer [MVA]."""
    return network.transformers["rated_power"] * 1e-6


def circuit_power(lines: pd.DataFrame) -> pd.Series:
    """Apparent power of one circuit of each of :func:`supply_lines` [MVA]: sqrt(3) U_r I_max."""
    return lines["voltage"] * lines["current_limit"] * (math.sqrt(3) * 1e-6)


def reinforced(network: Network, capacities: Mapping[str, float], power_factor: float) -> Network:
    """The network with the units and circuits that planned capacities need.

    A station of n units counts with ``(n - 1) S_r cos phi``, a line of c circuits likewise: its
    peak must pass with one of them out.

    Parameters
    ----------
    network
        The network as the sheets have it; nothing of it is taken away.
    capacities
        Planned n-1 capacity by element of ``network.csv`` [MW].
    power_factor
        That of planning [1].
    """
    rows, lines = network.transformers, supply_lines(network)
    planned = {name: (mw - ROUNDING) / power_factor for name, mw in capacities.items()}
    units = _needed(rows["units"], rows["element"], transformer_unit(network), planned)
    circuits = network.lines["circuits"].copy()
    circuits.update(
        _needed(lines["circuits"], lines["supply_line"], circuit_power(lines), planned)
    )
    return replace(
        network,
        lines=network.lines.assign(circuits=circuits.astype("int64")),
        transformers=rows.assign(units=units),
    )


def _needed(
    standing: pd.Series,
    element: pd.Series,
    one: pd.Series,
    planned: Mapping[str, float],
) -> pd.Series:
    """Units or circuits that carry what is planned [MVA] with one out; none is taken away."""
    wanted = element.map(dict(planned)).astype(float)
    needed = (wanted / one).fillna(0.0).to_numpy()
    count = np.maximum(np.ceil(needed - 1e-6) + 1, standing.to_numpy())
    return pd.Series(count.astype("int64"), standing.index)
