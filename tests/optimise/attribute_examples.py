"""For every attribute of solph an energy system with it, and one with its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd
from number_cases import Nodes, converted, flow, invested, market, stored
from odd_nodes import PARAMS, PLANTS, POWER, with_odd
from oemof import solph
from oemof.network import Node
from other_times import aggregated
from other_times import nodes as time_nodes

Invest = solph.Investment
Build = Callable[[], solph.EnergySystem]


class Example(NamedTuple):
    """An energy system with an attribute, and without it.

    Attributes
    ----------
    given, default
        The energy systems.
    limits
        Integral limits of both.
    """

    given: Build
    default: Build
    limits: Mapping[str, float] = {}


def system(nodes: Nodes, **keywords: Any) -> solph.EnergySystem:
    """An energy system of two hours, unless keywords say otherwise."""
    keywords = keywords or {"timeindex": pd.date_range("2035", periods=3, freq="h")}
    made = solph.EnergySystem(**{"infer_last_interval": False, **keywords})
    made.add(*nodes)
    return made


def _of_flow(attribute: str, value: Any, **others: Any) -> Example:
    limits = {"emission": 1.0} if attribute.startswith("custom") else {}
    plain = flow("variable_costs", **others)
    built = flow(attribute, **others)
    if attribute == "nominal_value":
        built = flow(attribute, nominal_capacity=None)
    if limits:
        plain = flow("custom_properties")
    standard = {"emission": 0.25} if limits else others.get("variable_costs", 1.0)
    return Example(
        lambda: system(built("north", value)), lambda: system(plain("north", standard)), limits
    )


DEAR = {"variable_costs": 150.0}
FLOW = {
    "nominal_capacity": _of_flow("nominal_capacity", 1.0),
    "nominal_value": _of_flow("nominal_value", 1.0),
    "variable_costs": _of_flow("variable_costs", [2.0, 3.0]),
    "minimum": _of_flow("minimum", [0.9, 0.0]),
    "min": _of_flow("min", [0.9, 0.0]),
    "maximum": _of_flow("maximum", [1.0, 0.5]),
    "max": _of_flow("max", [1.0, 0.5]),
    "fix": _of_flow("fix", [0.25, 0.5]),
    "positive_gradient_limit": _of_flow("positive_gradient_limit", 0.25),
    "negative_gradient_limit": _of_flow("negative_gradient_limit", 0.1, maximum=[1.0, 0.1]),
    "full_load_time_max": _of_flow("full_load_time_max", 1.0),
    "full_load_time_min": _of_flow("full_load_time_min", 1.5, **DEAR),
    "integer": _of_flow("integer", True, nominal_capacity=1.5),
    "bidirectional": _of_flow("bidirectional", True, **DEAR),
    "nonconvex": _of_flow("nonconvex", solph.NonConvex(activity_costs=5.0)),
    "lifetime": _of_flow("lifetime", 20),
    "age": _of_flow("age", 3),
    "fixed_costs": _of_flow("fixed_costs", 3.0),
    "custom_attributes": _of_flow("custom_attributes", {"emission": 1.0}),
    "custom_properties": _of_flow("custom_properties", {"emission": 1.0}),
}


def _of_investment(attribute: str, value: Any, **others: Any) -> Example:
    return Example(
        lambda: system(invested(attribute, **others)("north", value)),
        lambda: system(invested("ep_costs", **others)("north", others.get("ep_costs", 20.0))),
    )


WHOLE = {"nonconvex": True, "maximum": 9.0}
INVESTMENT = {
    "maximum": _of_investment("maximum", 1.5),
    "minimum": _of_investment("minimum", 5.0),
    "ep_costs": _of_investment("ep_costs", 30.0),
    "existing": _of_investment("existing", 1.0),
    "nonconvex": _of_investment("nonconvex", True, ep_costs=99.0, maximum=9.0, minimum=5.0),
    "offset": _of_investment("offset", 30.0, **WHOLE),
    "overall_maximum": _of_investment("overall_maximum", 1.0),
    "overall_minimum": _of_investment("overall_minimum", 9.0),
    "lifetime": _of_investment("lifetime", 20),
    "age": _of_investment("age", 3, lifetime=20),
    "fixed_costs": _of_investment("fixed_costs", 4.0),
    "custom_attributes": _of_investment("custom_attributes", {"space": 2.0}),
    "custom_properties": _of_investment("custom_properties", {"space": 2.0}),
}


FIRST_IS_CHEAP, LAST_IS_CHEAP = [1.0, 150.0], [150.0, 1.0]
"""Prices of a source that had better be on in one of two steps."""


def _of_nonconvex(
    attribute: str, value: Any, price: Any = 1.0, initial_status: int = 0, **others: Any
) -> Example:
    def build(**keywords: Any) -> Build:
        convex = {"initial_status": initial_status, "activity_costs": 3.0, **others, **keywords}
        return lambda: system(
            flow("nonconvex", minimum=0.5, variable_costs=price)(
                "north", solph.NonConvex(**convex)
            ),
        )

    return Example(build(**{attribute: value}), build())


NONCONVEX = {
    "initial_status": _of_nonconvex("initial_status", 1, startup_costs=9.0),
    "minimum_uptime": _of_nonconvex("minimum_uptime", 2, FIRST_IS_CHEAP),
    "minimum_downtime": _of_nonconvex("minimum_downtime", 2),
    "maximum_startups": _of_nonconvex("maximum_startups", 0),
    "maximum_shutdowns": _of_nonconvex("maximum_shutdowns", 0, LAST_IS_CHEAP, 1),
    "startup_costs": _of_nonconvex("startup_costs", 9.0),
    "shutdown_costs": _of_nonconvex("shutdown_costs", 9.0, LAST_IS_CHEAP, 1),
    "activity_costs": _of_nonconvex("activity_costs", 9.0),
    "inactivity_costs": _of_nonconvex("inactivity_costs", 9.0, LAST_IS_CHEAP),
    "negative_gradient_limit": _of_nonconvex("negative_gradient_limit", 0.1),
    "positive_gradient_limit": _of_nonconvex("positive_gradient_limit", 0.1),
    "custom_attributes": _of_nonconvex("custom_attributes", {"crew": 2}),
    "custom_properties": _of_nonconvex("custom_properties", {"crew": 2}),
}


def _of_storage(attribute: str, value: Any, capacity: Any = 6.0, **others: Any) -> Example:
    others = {"balanced": False, "initial_storage_level": 0.0, **others}
    given = stored(attribute, capacity, **others)
    if attribute == "nominal_storage_capacity":
        given = stored(attribute, None, **others)
    kept = {name: value for name, value in others.items() if name != "constant_soc_until"}
    default = stored("loss_rate", capacity, **kept)
    return Example(lambda: system(given("north", value)), lambda: system(default("north", 0.0)))


RELATED = {"capacity": Invest, "power": Invest}
STORAGE = {
    "nominal_capacity": _of_storage("nominal_capacity", 3.0),
    "nominal_storage_capacity": _of_storage("nominal_storage_capacity", 3.0),
    "initial_storage_level": _of_storage("initial_storage_level", 0.5),
    "invest_relation_input_output": _of_storage("invest_relation_input_output", 2.0, **RELATED),
    "invest_relation_input_capacity": _of_storage(
        "invest_relation_input_capacity", 0.1, **RELATED
    ),
    "invest_relation_output_capacity": _of_storage(
        "invest_relation_output_capacity", 0.1, **RELATED
    ),
    "min_storage_level": _of_storage("min_storage_level", [0.0, 0.0, 0.3]),
    "max_storage_level": _of_storage("max_storage_level", [1.0, 0.5, 1.0]),
    "balanced": _of_storage("balanced", True, initial_storage_level=0.5),
    "loss_rate": _of_storage("loss_rate", [0.0, 0.2]),
    "fixed_losses_relative": _of_storage("fixed_losses_relative", [0.1, 0.2]),
    "fixed_losses_absolute": _of_storage("fixed_losses_absolute", [0.1, 0.2]),
    "inflow_conversion_factor": _of_storage("inflow_conversion_factor", [0.5, 1.0]),
    "outflow_conversion_factor": _of_storage("outflow_conversion_factor", [1.0, 0.9]),
    "constant_soc_until": _of_storage(
        "constant_soc_until", 0.1, power=5.0, fraction_saturation_charging=0.1
    ),
    "fraction_saturation_charging": _of_storage(
        "fraction_saturation_charging", 0.0, power=5.0, constant_soc_until=0.1
    ),
    "fixed_costs": _of_storage("fixed_costs", 2.0),
    "storage_costs": _of_storage("storage_costs", [0.5, 9.0]),
    "lifetime_inflow": _of_storage("lifetime_inflow", 5, **RELATED),
    "lifetime_outflow": _of_storage("lifetime_outflow", 5, **RELATED),
}


BUILT = {"built": "long ago"}


def _of_node(kind: str, attribute: str) -> Example:
    """Nodes of a kind with a property of their own, or in another node."""

    def build(**given: Any) -> Build:
        def nodes() -> Nodes:
            bus, found = market("north", 1, 3)
            end, free = solph.Bus(label="end", balanced=False), solph.Flow(variable_costs=2.0)
            ends = {"inputs": {bus: solph.Flow()}, "outputs": {end: solph.Flow()}}
            if kind == "Source":
                ends = {"outputs": {bus: free}}
            if kind == "Sink":
                ends = {"inputs": {bus: free}}
            if kind == "Bus":
                ends = {"outputs": {bus: free}}
            if kind == "Link":
                ends["conversion_factors"] = {(bus, end): 0.5}
            if kind == "GenericStorage":
                ends["nominal_capacity"] = 2.0
            made = getattr(solph, kind, None) or getattr(solph.components, kind)
            return [*found, end, made(label="odd", **ends, **given)]

        return lambda: system(nodes())

    value = Node("house") if attribute == "parent_node" else BUILT
    return Example(build(**{attribute: value}), build())


def _of_converter(kind: str) -> Example:
    return Example(
        lambda: system(converted(kind)("north", [0.5, 0.25])),
        lambda: system(converted(kind)("north", 1.0)),
    )


def _of_bus() -> Example:
    def build(balanced: bool) -> Build:
        def nodes() -> Nodes:
            bus, found = market("north", 1, 3)
            free = solph.Bus(label="free", outputs={bus: solph.Flow()}, balanced=balanced)
            return [*found, free]

        return lambda: system(nodes())

    return Example(build(balanced=False), build(balanced=True))


def _of_system(given: Mapping[str, Any], default: Mapping[str, Any]) -> Example:
    nodes = flow("nominal_capacity")
    return Example(
        lambda: system(nodes("north", 2.0), **given),
        lambda: system(nodes("north", 2.0), **default),
    )


def _of_plant(kind: str, price: float = 0.0, **given: Any) -> Example:
    """A plant with keywords in place of its own; heat goes away at a price."""

    def build(**keywords: Any) -> Build:
        return lambda: system(with_odd(lambda bus: PLANTS[kind](bus, **keywords), price))

    return Example(build(**given), build())


def dear() -> solph.Flow:
    """A flow at 1 per unit."""
    return solph.Flow(variable_costs=1.0)


BUS, GAS, WARM = (solph.Bus(label=label) for label in ("bus", "gas", "heat"))
SOLD = -4.0
PLANT: Mapping[str, Mapping[str, Example]] = {
    "OffsetConverter": {
        "conversion_factors": _of_plant("OffsetConverter", conversion_factors={GAS: [2.0, 3.0]}),
        "normed_offsets": _of_plant("OffsetConverter", normed_offsets={GAS: [0.1, 0.5]}),
    },
    "ExtractionTurbineCHP": {
        "conversion_factors": _of_plant(
            "ExtractionTurbineCHP", SOLD, conversion_factors={BUS: 0.2, WARM: [0.5, 0.6]}
        ),
        "conversion_factor_full_condensation": _of_plant(
            "ExtractionTurbineCHP", conversion_factor_full_condensation={BUS: [0.5, 0.6]}
        ),
    },
    "GenericCHP": {
        "fuel_input": _of_plant("GenericCHP", SOLD, fuel={"H_L_FG_share_max": [0.19, 0.3]}),
        "electrical_output": _of_plant("GenericCHP", power={**POWER, "P_max_woDH": [6.0, 3.0]}),
        "heat_output": _of_plant("GenericCHP", SOLD, heat={"Q_CW_min": [0, 1.0]}),
        "beta": _of_plant("GenericCHP", SOLD, beta=[0.0, 0.2]),
        "back_pressure": _of_plant("GenericCHP", 7.0, back_pressure=True),
    },
    "GenericCAES": {
        "electrical_input": _of_plant(
            "GenericCAES", electrical_input=lambda bus, _: {bus: dear()}
        ),
        "electrical_output": _of_plant(
            "GenericCAES", electrical_output=lambda bus, _: {bus: dear()}
        ),
        "fuel_input": _of_plant("GenericCAES", fuel_input=lambda _, gas: {gas: dear()}),
        "params": _of_plant("GenericCAES", params={**PARAMS, "exp_q_in_m": 1.2}),
    },
}

HOURS = {"timeindex": pd.date_range("2035", periods=3, freq="h")}
FOUR_HOURS = {"timeindex": pd.date_range("2035", periods=5, freq="h")}
SYSTEM = {
    "timeindex": _of_system({"timeindex": [0.0, 0.5, 2.0]}, HOURS),
    "timeincrement": _of_system({"timeincrement": [0.5, 1.5]}, HOURS),
    "infer_last_interval": _of_system(
        {"timeindex": pd.date_range("2035", periods=2, freq="h"), "infer_last_interval": True},
        {"timeindex": pd.date_range("2035", periods=2, freq="h")},
    ),
    "tsa_parameters": Example(aggregated, lambda: system(time_nodes(4), **FOUR_HOURS)),
    "use_remaining_value": _of_system({**HOURS, "use_remaining_value": True}, HOURS),
}

NODE_KINDS = ("Bus", "Source", "Sink", "Converter", "Link", "GenericStorage")
EXAMPLES: dict[tuple[str, str], Example] = {
    **{("Flow", name): example for name, example in FLOW.items()},
    **{("Investment", name): example for name, example in INVESTMENT.items()},
    **{("NonConvex", name): example for name, example in NONCONVEX.items()},
    **{("GenericStorage", name): example for name, example in STORAGE.items()},
    **{("EnergySystem", name): example for name, example in SYSTEM.items()},
    **{
        (kind, name): _of_node(kind, name)
        for kind in NODE_KINDS
        for name in ("parent_node", "custom_properties")
    },
    **{(kind, "parent_node"): _of_plant(kind, parent_node=Node("house")) for kind in PLANTS},
    **{(kind, "custom_properties"): _of_plant(kind, custom_properties=BUILT) for kind in PLANTS},
    **{(kind, "conversion_factors"): _of_converter(kind) for kind in ("Converter", "Link")},
    ("Bus", "balanced"): _of_bus(),
    **{(kind, name): example for kind, own in PLANT.items() for name, example in own.items()},
}
