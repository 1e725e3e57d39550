"""Nodes of solph that the linopy backend does not state, each with the buses that it needs.

The nodes named `odd` serve a bus from gas; what else they make goes onto a bus named heat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oemof import solph
from small_graphs import Nodes, served, sink, source, system

Build = Callable[[solph.Bus], Nodes]


def combined_heat_and_power(bus: solph.Bus) -> Nodes:
    """A back-pressure turbine with its field of operation."""
    gas, heat = solph.Bus(label="gas"), solph.Bus(label="heat")
    node = solph.components.GenericCHP(
        label="odd",
        fuel_input={gas: solph.Flow(custom_properties={"H_L_FG_share_max": [0.19, 0.19]})},
        electrical_output={
            bus: solph.Flow(
                custom_properties={
                    "P_max_woDH": [6.0, 6.0],
                    "P_min_woDH": [2.0, 2.0],
                    "Eta_el_max_woDH": [0.525, 0.525],
                    "Eta_el_min_woDH": [0.444, 0.444],
                }
            )
        },
        heat_output={heat: solph.Flow(custom_properties={"Q_CW_min": [0, 0]})},
        beta=[0, 0],
        back_pressure=False,
    )
    return [gas, heat, node]


def offset_converter(bus: solph.Bus) -> Nodes:
    """A converter with a binary, whose efficiency falls at part load."""
    gas = solph.Bus(label="gas")
    output = solph.Flow(nominal_capacity=5, minimum=0.2, nonconvex=solph.NonConvex())
    node = solph.components.OffsetConverter(
        label="odd",
        inputs={gas: solph.Flow()},
        outputs={bus: output},
        conversion_factors={gas: 2.0},
        normed_offsets={gas: 0.1},
    )
    return [gas, node]


def extraction_turbine(bus: solph.Bus) -> Nodes:
    """A turbine from which heat is taken at the cost of power."""
    gas, heat = solph.Bus(label="gas"), solph.Bus(label="heat")
    node = solph.components.ExtractionTurbineCHP(
        label="odd",
        inputs={gas: solph.Flow()},
        outputs={bus: solph.Flow(), heat: solph.Flow()},
        conversion_factors={bus: 0.3, heat: 0.5},
        conversion_factor_full_condensation={bus: 0.5},
    )
    return [gas, heat, node]


def compressed_air(bus: solph.Bus) -> Nodes:
    """A cavern that is filled and emptied."""
    gas = solph.Bus(label="gas")
    node = solph.components.experimental.GenericCAES(
        label="odd",
        electrical_input={bus: solph.Flow()},
        fuel_input={gas: solph.Flow()},
        electrical_output={bus: solph.Flow()},
        params={
            **{"cav_e_in_b": 0, "cav_e_in_m": 0.65, "cav_e_out_b": 0, "cav_e_out_m": 0.37},
            **{"cav_eta_temp": 1.0, "cav_level_max": 211.0, "cmp_p_max_b": 86.0},
            **{"cmp_p_max_m": 0.068, "cmp_p_min": 1, "cmp_q_out_b": -19.4, "cmp_q_out_m": 1.1},
            **{"cmp_q_tes_share": 0, "exp_p_max_b": 46.1, "exp_p_max_m": 0.253, "exp_p_min": 1},
            **{"exp_q_in_b": -2.2, "exp_q_in_m": 1.13, "exp_q_tes_share": 0},
            **{"tes_eta_temp": 1.0, "tes_level_max": 0.0},
        },
    )
    return [gas, node]


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


ODD: Mapping[str, Build] = {
    "GenericCHP": combined_heat_and_power,
    "OffsetConverter": offset_converter,
    "ExtractionTurbineCHP": extraction_turbine,
    "GenericCAES": compressed_air,
    "PiecewiseLinearConverter": piecewise,
}


def with_odd(build: Build) -> Nodes:
    """A served bus and an odd node, with gas at 3 per unit and an outlet for heat."""
    bus, nodes = served(5, 4)
    odd = build(bus)
    nodes += odd
    for node in odd:
        if str(node.label) == "gas":
            nodes.append(source("well", node, variable_costs=3.0))
        if str(node.label) == "heat":
            nodes.append(sink("radiator", node))
    return nodes


def odd_system(build: Build) -> solph.EnergySystem:
    """The energy system of an odd node."""
    return system(with_odd(build), (1.0, 1.0))
