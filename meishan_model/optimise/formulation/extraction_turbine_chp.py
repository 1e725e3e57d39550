r"""Turbines from which heat is taken at the cost of power.

With :math:`P_{el}` the main output and :math:`\dot Q_{th}` the output that is tapped,

.. math::

    \dot H_{Fuel}(t) &=
        \frac{P_{el}(t) + \dot Q_{th}(t) \, \beta(t)}{\eta_{el,woExtr}(t)}, &
    \beta(t) &= \frac{\eta_{el,woExtr}(t) - \eta_{el,maxExtr}(t)}{\eta_{th,maxExtr}(t)} \\
    P_{el}(t) &\ge \dot Q_{th}(t) \, C_b(t), &
    C_b(t) &= \frac{\eta_{el,maxExtr}(t)}{\eta_{th,maxExtr}(t)}

The power loss index :math:`\beta` and the back-pressure line :math:`C_b` bound the field of
operation of an extraction-condensing turbine (Salgado and Pedrero, Short-term operation planning
on cogeneration systems: a survey, Electric Power Systems Research 78, 2008).
"""

from __future__ import annotations

from oemof import solph

from .builder import ModelBuilder


def add_extraction_turbines(builder: ModelBuilder) -> None:
    """Rows of all extraction turbines.

    Parameters
    ----------
    builder
        The model with the columns of the flows.
    """
    graph = builder.graph
    for node in graph.of(solph.components.ExtractionTurbineCHP):
        main = next(iter(node.conversion_factor_full_condensation))
        tapped = next(bus for bus in node.outputs if bus != main)
        condensing = graph.series(node.conversion_factor_full_condensation[main])
        electric, thermal = (graph.series(node.conversion_factors[b]) for b in (main, tapped))
        fuel = builder.flow(graph.into(node)[0])
        power = builder.flow(graph.inflow(node, main))
        heat = builder.flow(graph.inflow(node, tapped))
        burnt = (power + heat.times((condensing - electric) / thermal)) / condensing
        back_pressure = heat.times(electric / thermal)
        name = str(node.label)
        builder.add_rows(f"input_output_relation({name})", fuel - burnt, "=", 0.0)
        builder.add_rows(f"out_flow_relation({name})", power - back_pressure, ">=", 0.0)
