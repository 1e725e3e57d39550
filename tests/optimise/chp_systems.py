"""Converters that are on or off, and plants of combined heat and power, in random systems.

A plant burns gas from a well and serves power, and some of them heat; at both buses there are a
demand, a dear source and an outlet, so that every system has an optimum. Costs are irregular.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.random import Generator
from oemof import solph
from small_graphs import Nodes, sink, source

INCREMENTS = (1.0, 0.5, 2.0, 1.25)
"""Lengths of the time steps [h]."""
STEPS = len(INCREMENTS)
UNIT = {"label": "plant"}


def market(rng: Generator, label: str, price: float) -> tuple[solph.Bus, Nodes]:
    """A bus with a demand, a source whose price moves, and an outlet."""
    bus = solph.Bus(label=label)
    demand = rng.uniform(0.0, 9.0, STEPS).round(3)
    dear = price * rng.uniform(0.5, 2.0, STEPS).round(4)
    return bus, [
        bus,
        sink(f"{label} demand", bus, nominal_capacity=1.0, fix=demand),
        source(f"{label} dear", bus, variable_costs=dear),
        sink(f"{label} outlet", bus, nominal_capacity=20.0, variable_costs=rng.uniform(0, 9)),
    ]


def markets(rng: Generator) -> tuple[dict[str, solph.Bus], Nodes]:
    """Buses of power, heat and gas, with what is on them."""
    (power, on_power), (heat, on_heat) = market(rng, "power", 90.0), market(rng, "heat", 40.0)
    gas = solph.Bus(label="gas")
    well = source("well", gas, variable_costs=rng.uniform(5, 30, STEPS).round(4))
    return {"power": power, "heat": heat, "gas": gas}, [*on_power, *on_heat, gas, well]


def series(rng: Generator, low: float, high: float) -> Any:
    """One number, a list, or an array with more values than time steps."""
    values = rng.uniform(low, high, STEPS + 2).round(3)
    return (float(values[0]), values[:STEPS].tolist(), values)[rng.integers(3)]


def running(rng: Generator) -> solph.NonConvex:
    """What a flow that is on or off costs, and how long it stays so."""
    keywords = {
        "startup_costs": float(rng.uniform(0, 30)),
        "activity_costs": series(rng, 0, 9),
        "minimum_uptime": 2,
        "initial_status": int(rng.integers(2)),
        "maximum_shutdowns": 1,
    }
    return solph.NonConvex(**{k: v for k, v in keywords.items() if rng.random() < 0.4})


def offset_converter(rng: Generator) -> Nodes:
    """A converter whose flow of reference is any of its flows, with a capacity or to be built."""
    bus, nodes = markets(rng)
    capacity: Any = float(rng.uniform(4, 9))
    if rng.random() < 0.4:
        capacity = solph.Investment(ep_costs=float(rng.uniform(1, 60)), maximum=8.0)
    maximum = series(rng, 0.8, 1.0)
    flow = {"nominal_capacity": capacity, "nonconvex": running(rng), "maximum": maximum}
    # Reference to what the line of each other flow is, at loads of at least 0.1.
    reference = ("gas", "power", "heat")[rng.integers(3)]
    lines = {"gas": (1.5, 3.0), "power": (0.3, 0.5), "heat": (0.4, 0.8)}
    flows = {label: solph.Flow(variable_costs=series(rng, -2, 2)) for label in lines}
    flows[reference] = solph.Flow(minimum=series(rng, 0.1, 0.6), **flow)
    others = [label for label in lines if label != reference and rng.random() < 0.9]
    ends = [*others, reference]
    return [
        *nodes,
        solph.components.OffsetConverter(
            **UNIT,
            inputs={bus["gas"]: flows["gas"]} if "gas" in ends else {},
            outputs={bus[end]: flows[end] for end in ("heat", "power") if end in ends},
            conversion_factors={
                bus[end]: series(rng, *lines[end]) for end in others if rng.random() < 0.9
            },
            normed_offsets={
                bus[end]: series(rng, -0.02, 0.3) for end in others if rng.random() < 0.8
            },
        ),
    ]


def extraction_turbine(rng: Generator) -> Nodes:
    """A turbine whose main output may be either, in any order, and that may be on or off."""
    bus, nodes = markets(rng)
    main, tapped = rng.permutation(["power", "heat"])
    flows = {label: solph.Flow() for label in bus}
    size = {"nominal_capacity": float(rng.uniform(3, 9))}
    if rng.random() < 0.7:
        size = {**size, "minimum": 0.3, "nonconvex": running(rng)}
    flows[rng.permutation([*bus])[0]] = solph.Flow(**size)
    factors = {bus[main]: series(rng, 0.25, 0.4), bus[tapped]: series(rng, 0.3, 0.6)}
    return [
        *nodes,
        solph.components.ExtractionTurbineCHP(
            **UNIT,
            inputs={bus["gas"]: flows["gas"]},
            outputs={bus[label]: flows[label] for label in rng.permutation(["power", "heat"])},
            conversion_factors=factors,
            conversion_factor_full_condensation={bus[main]: series(rng, 0.4, 0.6)},
        ),
    ]


def generic_chp(rng: Generator) -> Nodes:
    """A plant with back pressure or without, an engine or none."""
    bus, nodes = markets(rng)
    length = STEPS + int(rng.integers(2))
    back_pressure = bool(rng.integers(2))

    def given(low: float, high: float) -> Any:
        values = rng.uniform(low, high, length).round(3)
        return values.tolist() if rng.random() < 0.5 else values

    power = {
        "P_min_woDH": given(1, 3),
        "P_max_woDH": given(5, 9),
        "Eta_el_min_woDH": given(0.3, 0.4),
        "Eta_el_max_woDH": given(0.41, 0.5),
    }
    cooling = solph.sequence(0.0) if back_pressure else given(0.0, 1.0)
    fuel = {"H_L_FG_share_max": given(0.1, 0.2)}
    # Only what is also an attribute of the flow counts at the least heat.
    as_attribute = not back_pressure and rng.random() < 0.5
    if as_attribute:
        fuel["H_L_FG_share_min"] = rng.uniform(0.3, 0.5, STEPS).tolist()
    held = "custom_attributes" if as_attribute else "custom_properties"
    most = {"nominal_capacity": 12.0, "minimum": 0.1, "nonconvex": running(rng)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            *nodes,
            solph.components.GenericCHP(
                **UNIT,
                fuel_input={bus["gas"]: solph.Flow(**{held: fuel})},
                electrical_output={
                    bus["power"]: solph.Flow(
                        custom_properties=power, **(most if rng.random() < 0.3 else {})
                    )
                },
                heat_output={bus["heat"]: solph.Flow(**{held: {"Q_CW_min": cooling}})},
                beta=series(rng, 0.0, 0.3),
                back_pressure=back_pressure,
            ),
        ]


def drawn(seed: int) -> Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(seed)


def compressed_air(rng: Generator) -> Nodes:
    """A cavern with compression and expansion that has a storage of heat or not."""
    bus, nodes = markets(rng)
    cheap = rng.uniform(0, 20, STEPS).round(3)
    nodes.append(source("sun", bus["power"], nominal_capacity=6.0, variable_costs=cheap))
    shares = (0.0, 0.3, 0.6, 1.0)
    low, high = (float(rng.choice(shares)) for _ in range(2))
    params = {
        "cav_e_in_b": float(rng.choice([0.0, 0.05])),
        "cav_e_in_m": rng.uniform(0.6, 0.9),
        "cav_e_out_b": float(rng.choice([0.0, 0.02])),
        "cav_e_out_m": rng.uniform(0.4, 0.6),
        "cav_eta_temp": float(rng.choice([1.0, 1.05])),
        "cav_level_max": rng.uniform(4, 12),
        "cmp_p_max_b": rng.uniform(1, 4),
        "cmp_p_max_m": rng.uniform(-0.05, 0.2),
        "cmp_p_min": rng.uniform(0.1, 1),
        "cmp_q_out_b": rng.uniform(-0.1, 0.1),
        "cmp_q_out_m": rng.uniform(1.0, 1.2),
        "cmp_q_tes_share": low,
        "exp_p_max_b": rng.uniform(1, 4),
        "exp_p_max_m": rng.uniform(-0.05, 0.3),
        "exp_p_min": rng.uniform(0.1, 1),
        "exp_q_in_b": rng.uniform(-0.05, 0.1),
        "exp_q_in_m": rng.uniform(0.8, 1.2),
        "exp_q_tes_share": high,
        "tes_level_max": float(rng.choice([0.0, 3.0, 9.0])),
    }
    return [
        *nodes,
        solph.components.experimental.GenericCAES(
            **UNIT,
            electrical_input={bus["power"]: solph.Flow()},
            fuel_input={bus["gas"]: solph.Flow()},
            electrical_output={bus["power"]: solph.Flow(variable_costs=series(rng, 0, 1))},
            params=params,
        ),
    ]
