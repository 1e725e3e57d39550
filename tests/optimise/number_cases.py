"""Every attribute of solph that is a number, each in a small market of its own.

The markets are apart from each other, so that the optimum of many in one energy system is the sum
of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from oemof import solph

Nodes = list[Any]
Build = Callable[[str, Any], Nodes]
Invest = solph.Investment
KEYWORD = "emission"
"""The custom property that is limited."""


class Case(NamedTuple):
    """An attribute that is a number.

    Attributes
    ----------
    attribute
        How messages name it.
    build
        Nodes with it, by the name of the market and the value.
    count
        How many values a series of it has; 0 where it is no series.
    whole
        A whole number that it may be.
    """

    attribute: str
    build: Build
    count: int = 2
    whole: float = 1.0


def market(name: str, *demand: float) -> tuple[solph.Bus, Nodes]:
    """A bus with a demand and a source at 100 per unit."""
    bus = solph.Bus(label=f"{name} bus")
    fixed = solph.Flow(nominal_capacity=1.0, fix=list(demand))
    dear = solph.Flow(variable_costs=100.0)
    return bus, [
        bus,
        solph.components.Sink(label=f"{name} demand", inputs={bus: fixed}),
        solph.components.Source(label=f"{name} dear", outputs={bus: dear}),
    ]


def flow(attribute: str, **others: Any) -> Build:
    """A source with an attribute of its flow; what is too much may go for 7 per unit."""
    known = {"nominal_capacity": 2.0, "variable_costs": 1.0, **others}

    def build(name: str, value: Any) -> Nodes:
        bus, nodes = market(name, 1, 3)
        given = solph.Flow(**{**known, attribute: value})
        dump = solph.Flow(variable_costs=7.0)
        return [
            *nodes,
            solph.components.Source(label=f"{name} cheap", outputs={bus: given}),
            solph.components.Sink(label=f"{name} dump", inputs={bus: dump}),
        ]

    return build


def switched(attribute: str, **others: Any) -> Build:
    """A source that is on or off."""

    def build(name: str, value: Any) -> Nodes:
        return flow("nonconvex")(name, solph.NonConvex(**{**others, attribute: value}))

    return build


def invested(attribute: str, **others: Any) -> Build:
    """A source with an attribute of its investment."""

    def build(name: str, value: Any) -> Nodes:
        capacity = Invest(**{"ep_costs": 20.0, **others, attribute: value})
        return flow("nominal_capacity")(name, capacity)

    return build


def stored(attribute: str, capacity: Any = 6.0, power: Any = None, **others: Any) -> Build:
    """A storage with an attribute; it serves a demand of 4 after the only cheap step."""

    def build(name: str, value: Any) -> Nodes:
        bus, nodes = market(name, 0, 4)
        cheap = solph.Flow(nominal_capacity=20.0, maximum=[1.0, 0.0], variable_costs=1.0)
        side = {"nominal_capacity": Invest(ep_costs=2.0) if power is Invest else power}
        size = Invest(ep_costs=3.0, existing=2.0) if capacity is Invest else capacity
        store = solph.components.GenericStorage(
            label=f"{name} store",
            inputs={bus: solph.Flow(**side)},
            outputs={bus: solph.Flow(**side)},
            **{"nominal_capacity": size, **others, attribute: value},
        )
        source = solph.components.Source(label=f"{name} cheap", outputs={bus: cheap})
        return [*nodes, store, source]

    return build


def converted(kind: str) -> Build:
    """A converter or link from gas at 3 per unit, with a factor."""

    def build(name: str, factor: Any) -> Nodes:
        bus, nodes = market(name, 2, 2)
        gas = solph.Bus(label=f"{name} gas")
        node = getattr(solph.components, kind)(
            label=f"{name} plant",
            inputs={gas: solph.Flow()},
            outputs={bus: solph.Flow()},
            conversion_factors={bus if kind == "Converter" else (gas, bus): factor},
        )
        fuel = solph.Flow(variable_costs=3.0)
        well = solph.components.Source(label=f"{name} well", outputs={gas: fuel})
        return [*nodes, gas, node, well]

    return build


def limited(name: str, weight: Any) -> Nodes:
    """A source whose custom property is limited."""
    return flow("custom_properties")(name, {KEYWORD: weight})


DEAR = {"variable_costs": 150.0}
SOLD = {"nominal_capacity": Invest(ep_costs=20.0)}
EMPTY = {"initial_storage_level": 0.0, "power": 5.0}
CASES: Mapping[str, Case] = {
    "capacity": Case("nominal_capacity", flow("nominal_capacity"), 0),
    "costs": Case("variable_costs", flow("variable_costs")),
    "minimum": Case("minimum", flow("minimum", **DEAR)),
    "maximum": Case("maximum", flow("maximum")),
    "fix": Case("fix", flow("fix")),
    "rise": Case("positive_gradient_limit", flow("positive_gradient_limit")),
    "fall": Case("negative_gradient_limit", flow("negative_gradient_limit")),
    "hours": Case("full_load_time_max", flow("full_load_time_max"), 0),
    "least hours": Case("full_load_time_min", flow("full_load_time_min", **DEAR), 0),
    "sold fix": Case("fix", flow("fix", **SOLD)),
    "sold maximum": Case("maximum", flow("maximum", **SOLD)),
    "sold minimum": Case("minimum", flow("minimum", **SOLD)),
    "sold hours": Case("full_load_time_max", flow("full_load_time_max", **SOLD), 0),
    "running": Case("activity_costs of nonconvex", switched("activity_costs")),
    "resting": Case("inactivity_costs of nonconvex", switched("inactivity_costs")),
    "starting": Case("startup_costs of nonconvex", switched("startup_costs")),
    "stopping": Case("shutdown_costs of nonconvex", switched("shutdown_costs", initial_status=1)),
    "starts": Case("maximum_startups of nonconvex", switched("maximum_startups"), 0),
    "stops": Case("maximum_shutdowns of nonconvex", switched("maximum_shutdowns"), 0),
    "most built": Case("maximum of the investment", invested("maximum")),
    "least built": Case("minimum of the investment", invested("minimum", ep_costs=999.0)),
    "price": Case("ep_costs of the investment", invested("ep_costs")),
    "existing": Case("existing of the investment", invested("existing"), 0),
    "offset": Case("offset of the investment", invested("offset", nonconvex=True, maximum=9.0)),
    "content": Case("nominal_capacity", stored("nominal_capacity"), 0),
    "initial": Case("initial_storage_level", stored("initial_storage_level"), 0),
    "initial bought": Case("initial_storage_level", stored("initial_storage_level", Invest), 0),
    "loss": Case("loss_rate", stored("loss_rate")),
    "loss of capacity": Case("fixed_losses_relative", stored("fixed_losses_relative")),
    "loss of bought": Case("fixed_losses_relative", stored("fixed_losses_relative", Invest)),
    "loss of energy": Case("fixed_losses_absolute", stored("fixed_losses_absolute")),
    "gain": Case("inflow_conversion_factor", stored("inflow_conversion_factor")),
    "drain": Case("outflow_conversion_factor", stored("outflow_conversion_factor")),
    "least level": Case("min_storage_level", stored("min_storage_level", balanced=False), 3),
    "most level": Case("max_storage_level", stored("max_storage_level"), 3),
    "least bought": Case("min_storage_level", stored("min_storage_level", Invest), 3),
    "most bought": Case("max_storage_level", stored("max_storage_level", Invest), 3),
    "holding": Case("storage_costs", stored("storage_costs")),
    "standing": Case("fixed_costs", stored("fixed_costs")),
    "start": Case(
        "constant_soc_until",
        stored("constant_soc_until", fraction_saturation_charging=0.25, **EMPTY),
        *(0, 0.0),
    ),
    "last power": Case(
        "fraction_saturation_charging",
        stored("fraction_saturation_charging", constant_soc_until=0.25, **EMPTY),
        0,
    ),
    "input": Case(
        "invest_relation_input_capacity",
        stored("invest_relation_input_capacity", Invest, Invest),
    ),
    "output": Case(
        "invest_relation_output_capacity",
        stored("invest_relation_output_capacity", Invest, Invest),
    ),
    "both": Case(
        "invest_relation_input_output",
        stored("invest_relation_input_output", Invest, Invest),
    ),
    "conversion": Case("conversion factor", converted("Converter")),
    "link": Case("conversion factor", converted("Link")),
    "property": Case(KEYWORD, limited),
}
