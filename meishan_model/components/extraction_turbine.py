r"""Extraction turbines: power alone, or heat at the price of some of the power.

Of the fuel :math:`\dot H(t)` an extraction-condensing turbine of the capacity :math:`C` [MW of
power without extraction] makes power :math:`P(t)` and heat :math:`\dot Q(t)`,

.. math::

    \eta_c \dot H(t) &= P(t) + \beta \, \dot Q(t) \le C \\
    \dot Q(t) &\le \sigma \, P(t)

with the efficiency of condensing operation :math:`\eta_c` (the cost sheet's), the
``power_loss_index`` :math:`\beta` [MW of power for each MW of heat], and the heat for each MW of
power at full extraction :math:`\sigma`, which is what ``conversions.csv`` says that it gives of
the heat. The corners of its field of operation are :math:`(P, \dot Q) = (0, 0)`, :math:`(C, 0)`
and :math:`C / (1 + \beta \sigma) \cdot (1, \sigma)`. The ramps and the minimum load are those of
:math:`P + \beta \dot Q`, see :mod:`~meishan_model.components.dispatch`.

In the class ``ExtractionTurbineCHP`` of oemof.solph :math:`\eta_{el,maxExtr} = \eta_c / (1 +
\beta \sigma)` and :math:`\eta_{th,maxExtr} = \sigma \eta_{el,maxExtr}`. Salgado, Pedrero,
Short-term operation planning on cogeneration systems: a survey, Electric Power Systems Research
78, 2008.
"""

from __future__ import annotations

from meishan_model.components.assets import Asset
from meishan_model.components.base import Component, Nodes, Slice
from meishan_model.components.dispatch import CARRIERS, LIMITS, RESTS_ON, limits, parts
from meishan_model.components.flows import variable_om
from meishan_model.sheets.equipment import Conversion, Technology
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View


class ExtractionTurbine(Component):
    """Combined heat and power whose heat lowers its power, but not its fuel."""

    name = "extraction_turbine"
    side = "supply"
    kinds = (
        TechnologyKind(
            "extraction_turbine",
            {"power_loss_index": Quantity("1", 0, 1, (0.03, 0.5), "usually 0.1 to 0.25")},
            LIMITS,
            efficiency="cost_sheet",
            reads_variable_cost=True,
            is_bridged=True,
            conversions="one_output",
            rests_on=RESTS_ON,
            refers=CARRIERS,
            lever="supply",
            view=View("fuels", "", "extraction turbine", "抽汽式汽轮机", "converters"),
        ),
    )
    conflict = "a turbine gives no more heat than its power allows, and both what its fuel allows"

    def nodes(self, s: Slice) -> Nodes:
        """Every turbine in every zone in which it stands or may be built."""
        for technology in s.inputs.of_kind(*self.kinds):
            (heat,) = technology.conversions
            for asset in s.assets.of(technology.technology):
                yield from _turbines(s, technology, asset, heat)


def _turbines(s: Slice, technology: Technology, asset: Asset, heat: Conversion) -> Nodes:
    """A turbine for each part of an asset; its fuel has the capacity and the limits."""
    from oemof import solph

    condensing = technology.efficiency
    extracting = condensing / (1.0 + technology.parameters["power_loss_index"] * heat.amount)
    fuel, power, tapped = (
        s.bus_of(carrier, asset.zone)
        for carrier in (technology.carrier_in, technology.carrier_out, heat.carrier)
    )
    for part in parts(s, technology, asset):
        given, charges = part.given, variable_om(technology)
        held = limits(s, technology, 1.0 / condensing)
        yield solph.components.ExtractionTurbineCHP(
            label=part.label,
            inputs={fuel: s.registry.flow(fuel, part.label, given, **held, **part.size)},
            outputs={
                power: s.registry.flow(part.label, power, given, charges=charges),
                tapped: s.registry.flow(part.label, tapped, given),
            },
            conversion_factors={power: extracting, tapped: heat.amount * extracting},
            conversion_factor_full_condensation={power: condensing},
        )
