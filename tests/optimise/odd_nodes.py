"""Nodes of solph that are on or off or make heat too, each with the buses that it needs.

The nodes named `odd` serve a bus from gas; what else they make goes onto a bus named heat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oemof import solph
from small_graphs import Nodes, served, sink, source, system

Build = Callable[[solph.Bus], Nodes]


POWER = {
    "P_max_woDH": [6.0, 6.0],
    "P_min_woDH": [2.0, 2.0],
    "Eta_el_max_woDH": [0.525, 0.525],
    "Eta_el_min_woDH": [0.444, 0.444],
}
FUEL = {"H_L_FG_share_max": [0.19, 0.19]}
HEAT = {"Q_CW_min": [0, 0]}


def _given(given: Mapping[str, Any], *buses: solph.Bus) -> dict[str, Any]:
    """Keywords; what is a function is called with the buses."""
    return {key: value(*buses) if callable(value) else value for key, value in given.items()}


def combined_heat_and_power(
    bus: solph.Bus, power: Any = POWER, fuel: Any = FUEL, heat: Any = HEAT, **given: Any
) -> Nodes:
    """A turbine with its field of operation, by the properties of its flows."""
    gas, warm = solph.Bus(label="gas"), solph.Bus(label="heat")
    keywords = {
        "label": "odd",
        "fuel_input": {gas: solph.Flow(custom_properties=fuel)},
        "electrical_output": {bus: solph.Flow(custom_properties=power)},
        "heat_output": {warm: solph.Flow(custom_properties=heat)},
        "beta": [0, 0],
        "back_pressure": False,
    }
    return [
        gas,
        warm,
        solph.components.GenericCHP(**{**keywords, **_given(given, bus, gas, warm)}),
    ]


def offset_converter(bus: solph.Bus, **given: Any) -> Nodes:
    """A converter with a binary, whose efficiency falls at part load."""
    gas = solph.Bus(label="gas")
    output = solph.Flow(nominal_capacity=5, minimum=0.2, nonconvex=solph.NonConvex())
    keywords = {
        "label": "odd",
        "inputs": {gas: solph.Flow()},
        "outputs": {bus: output},
        "conversion_factors": {gas: 2.0},
        "normed_offsets": {gas: 0.1},
    }
    return [gas, solph.components.OffsetConverter(**{**keywords, **_given(given, bus, gas)})]


def extraction_turbine(bus: solph.Bus, **given: Any) -> Nodes:
    """A turbine from which heat is taken at the cost of power."""
    gas, heat = solph.Bus(label="gas"), solph.Bus(label="heat")
    keywords = {
        "label": "odd",
        "inputs": {gas: solph.Flow()},
        "outputs": {bus: solph.Flow(), heat: solph.Flow()},
        "conversion_factors": {bus: 0.3, heat: 0.5},
        "conversion_factor_full_condensation": {bus: 0.5},
    }
    return [
        gas,
        heat,
        solph.components.ExtractionTurbineCHP(**{**keywords, **_given(given, bus, gas, heat)}),
    ]


PARAMS = {
    **{"cav_e_in_b": 0, "cav_e_in_m": 0.65, "cav_e_out_b": 0, "cav_e_out_m": 0.37},
    **{"cav_eta_temp": 1.0, "cav_level_max": 211.0, "cmp_p_max_b": 86.0},
    **{"cmp_p_max_m": 0.068, "cmp_p_min": 1, "cmp_q_out_b": -19.4, "cmp_q_out_m": 1.1},
    **{"cmp_q_tes_share": 0, "exp_p_max_b": 46.1, "exp_p_max_m": 0.253, "exp_p_min": 1},
    **{"exp_q_in_b": -2.2, "exp_q_in_m": 1.13, "exp_q_tes_share": 0},
    **{"tes_eta_temp": 1.0, "tes_level_max": 0.0},
}


def compressed_air(bus: solph.Bus, **given: Any) -> Nodes:
    """A cavern that is filled and emptied."""
    gas = solph.Bus(label="gas")
    keywords = {
        "label": "odd",
        "electrical_input": {bus: solph.Flow()},
        "fuel_input": {gas: solph.Flow()},
        "electrical_output": {bus: solph.Flow()},
        "params": PARAMS,
    }
    made = {**keywords, **_given(given, bus, gas)}
    return [gas, solph.components.experimental.GenericCAES(**made)]


def piecewise(bus: solph.Bus, representation: str = "CC") -> Nodes:
    """A converter whose output is the square of its input, in pieces."""
    gas = solph.Bus(label="gas")
    node = solph.components.experimental.PiecewiseLinearConverter(
        label="odd",
        inputs={gas: solph.Flow(nominal_capacity=100)},
        outputs={bus: solph.Flow()},
        in_breakpoints=[0, 25, 50, 75, 100],
        conversion_function=lambda x: 0.01 * x * x,
        pw_repn=representation,
    )
    return [gas, node]


PLANTS: Mapping[str, Callable[..., Nodes]] = {
    "GenericCHP": combined_heat_and_power,
    "OffsetConverter": offset_converter,
    "ExtractionTurbineCHP": extraction_turbine,
    "GenericCAES": compressed_air,
}
"""Nodes that both backends state, with keywords that take the place of their own.

A keyword may be a function of the buses of power, gas and heat.
"""
ODD: Mapping[str, Build] = {
    "PiecewiseLinearConverter": piecewise,
}
"""Nodes that the linopy backend does not state."""


def with_odd(build: Build, price: float = 0.0) -> Nodes:
    """A served bus and an odd node, with gas at 3 per unit and an outlet for heat at a price."""
    bus, nodes = served(5, 4)
    odd = build(bus)
    nodes += odd
    for node in odd:
        if str(node.label) == "gas":
            nodes.append(source("well", node, variable_costs=3.0))
        if str(node.label) == "heat":
            nodes.append(sink("radiator", node, variable_costs=price))
    return nodes


def odd_system(build: Build) -> solph.EnergySystem:
    """The energy system of an odd node."""
    return system(with_odd(build), (1.0, 1.0))
