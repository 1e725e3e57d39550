r"""Combined heat and power plants with a field of operation that depends on the load.

With the binary status :math:`Y(t)` and :math:`\dot H_F`, :math:`P_{el}` and :math:`\dot Q` the
flows of fuel, power and heat,

.. math::

    \dot H_F(t) &= \alpha_0(t) Y(t) + \alpha_1(t) P_{el,woDH}(t) \\
    \dot H_F(t) &= \alpha_0(t) Y(t) + \alpha_1(t) (P_{el}(t) + \beta(t) \dot Q(t)) \\
    Y(t) \frac{P_{el,min,woDH}(t)}{\eta_{el,min,woDH}(t)} \le \dot H_F(t) &\le
        Y(t) \frac{P_{el,max,woDH}(t)}{\eta_{el,max,woDH}(t)} \\
    \dot H_{L,FG,max}(t) &= \dot H_F(t) \, \dot H_{L,FG,sharemax}(t) \\
    P_{el}(t) + \dot Q(t) + \dot H_{L,FG,max}(t) + \dot Q_{CW,min}(t) Y(t) &\le \dot H_F(t)

The last one is an equation in a back-pressure plant. Engines, which have a share of losses at
their least heat, also have

.. math::

    \dot H_{L,FG,min}(t) &= \dot H_F(t) \, \dot H_{L,FG,sharemin}(t) \\
    P_{el}(t) + \dot Q(t) + \dot H_{L,FG,min}(t) + \dot Q_{CW,min}(t) Y(t) &\ge \dot H_F(t)

The coefficients :math:`\alpha_0` and :math:`\alpha_1` make the line of fuel over power without
heat through its points at least and at most power, :math:`P / \eta = \alpha_0 + \alpha_1 P`. The
equations are those of Mollenhauer, Christidis and Tsatsaronis, Evaluation of an energy- and
exergy-based generic modeling approach of combined heat and power plants, International Journal of
Energy and Environmental Engineering 7, 2016.

In solph each of these is a variable; here :math:`Y` and :math:`P_{el,woDH}` are columns, and all
others are flows or their multiples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from oemof import solph

from .elements import Floats
from .expressions import Expression, unknown
from .sides import first_flow, flow_at

if TYPE_CHECKING:
    from .builder import ModelBuilder

OF_POWER = ("P_min_woDH", "Eta_el_min_woDH", "P_max_woDH", "Eta_el_max_woDH")
"""Custom properties of the flow of power."""
SIDES: Mapping[str, tuple[str, ...]] = {
    "fuel_input": ("H_L_FG_share_max",),
    "electrical_output": OF_POWER,
    "heat_output": ("Q_CW_min",),
}
"""Where a plant keeps its flows, and the custom properties of each that it needs."""
LEAST_LOSSES = "H_L_FG_share_min"
"""What of the flow of fuel makes an engine."""


@dataclass(frozen=True)
class _Plant:
    """A plant while it is stated.

    Attributes
    ----------
    node
        The ``GenericCHP``.
    given
        Custom properties of its flows in every time step.
    fuel, power, heat
        Its flows.
    on, condensing
        Columns of its status, and of its power without heat.
    """

    node: Any
    given: Mapping[str, Floats]
    fuel: Expression
    power: Expression
    heat: Expression
    on: Expression
    condensing: Expression


def add_generic_chps(builder: ModelBuilder) -> None:
    """Columns and rows of all generic plants of combined heat and power.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    """
    graph = builder.graph
    for node in graph.of(solph.components.GenericCHP):
        name, hours = str(node.label), graph.hours
        fuel, power, heat = (flow_at(builder, node, side) for side in SIDES)
        on = builder.variable(f"Y({name})", np.zeros(hours), 1.0, integer=True)
        condensing = builder.variable(f"P_woDH({name})", np.zeros(hours), np.inf)
        given = {key: graph.series(solph.sequence(v)) for key, v in properties(node).items()}
        columns = unknown(on, hours), unknown(condensing, hours)
        plant = _Plant(node, given, fuel, power, heat, *columns)
        _field(builder, plant)
        builder.keep(
            name,
            H_F=plant.fuel,
            P=plant.power,
            Q=plant.heat,
            Y=plant.on,
            P_woDH=plant.condensing,
            **_losses(builder, plant),
        )


def _field(builder: ModelBuilder, plant: _Plant) -> None:
    """Fuel over power and heat, between its limits while the plant is on."""
    graph, node, name = builder.graph, plant.node, str(plant.node.label)
    idle, slope = (np.asarray(alpha, dtype=float)[: graph.hours] for alpha in node.alphas)
    equivalent = plant.power + plant.heat.times(graph.series(node.beta))
    for row, made in (("H_F_1", plant.condensing), ("H_F_2", equivalent)):
        burnt = plant.on.times(idle) + made.times(slope)
        builder.add_rows(f"{row}({name})", burnt - plant.fuel, "=", 0.0)
    for row, end, sign in (("H_F_3", "max", "<="), ("H_F_4", "min", ">=")):
        limit = plant.given[f"P_{end}_woDH"] / plant.given[f"Eta_el_{end}_woDH"]
        builder.add_rows(f"{row}({name})", plant.fuel - plant.on.times(limit), sign, 0.0)


def _losses(builder: ModelBuilder, plant: _Plant) -> dict[str, Expression]:
    """What power, heat and losses leave of the fuel; returns the losses by their names in solph.

    Losses that nothing states are not a number, as in solph: the optimum does not determine them.
    """
    graph, node, name = builder.graph, plant.node, str(plant.node.label)
    nothing = unknown(-1, graph.hours, 0.0) + np.full(graph.hours, np.nan)
    losses = {"H_L_FG_max": nothing, "H_L_FG_min": nothing}
    ends = [("max", "=" if node.back_pressure is True else "<=", plant.given["Q_CW_min"])]
    if is_engine(node):
        # Here solph reads the attribute of the flow, not its property.
        cooling = solph.sequence(first_flow(node, "heat_output").Q_CW_min)
        ends.append(("min", ">=", graph.series(cooling)))
    for end, sign, cooling in ends:
        share = plant.given[f"H_L_FG_share_{end}"]
        losses[f"H_L_FG_{end}"] = lost = plant.fuel.times(share)
        if (share < 0.0).any():
            builder.add_rows(f"H_L_FG_{end}({name})", lost, ">=", 0.0)
        used = plant.power + plant.heat + lost + plant.on.times(cooling)
        builder.add_rows(f"Q_{end}_res({name})", used - plant.fuel, sign, 0.0)
    return losses


def properties(node: Any) -> dict[str, Any]:
    """Custom properties of the flows of a plant that it needs and has."""
    found = {}
    for side, keys in SIDES.items():
        given = getattr(first_flow(node, side), "custom_properties", {})
        wanted = (*keys, LEAST_LOSSES) if side == "fuel_input" else keys
        found.update({key: given[key] for key in wanted if key in given})
    return found


def is_engine(node: Any) -> bool:
    """Whether a plant has losses at its least heat, which solph takes from an attribute.

    The attribute is one of the flow itself, as ``custom_attributes`` make them.
    """
    return bool(getattr(first_flow(node, "fuel_input"), LEAST_LOSSES, None))
