"""Stores of any carrier, with power and energy sized separately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.flows import Decision, coordinates_of, row_of, variable_om
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node


class Storage(Component):
    """Stores with two capacities, one of energy and one of power, each an asset.

    Charging and discharging share the inverter's power, and each loses what the inverter's
    efficiency in the cost sheet says.
    """

    name = "storage"
    side = "supply"
    kinds = (
        TechnologyKind(
            "store_energy",
            {"standing_loss": Quantity("%/h", 0, 20)},
            store="energy",
            lever="supply",
            view=View("storage", "", "store, energy", "储能（容量）", "energy stores"),
        ),
        TechnologyKind(
            "store_power",
            efficiency="cost_sheet",
            reads_variable_cost=True,
            store="power",
            lever="supply",
            view=View("storage", "", "store, power", "储能（功率）", "electricity"),
        ),
    )
    conflict = "a store is as full at the end as at the start"

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """Both parts of each store, and the store as a whole, which looks like its parts."""
        for name, view in super().views(inputs):
            yield name, view
            yield inputs.technologies[name].store, View(view.group, view.colour)

    def nodes(self, s: Slice) -> Iterator[Node]:
        """Every store in every zone that has both its capacities."""
        from oemof import solph

        powers = {t.store: t for t in s.inputs.technologies.values() if t.kind.store == "power"}
        for energy in (t for t in s.inputs.technologies.values() if t.kind.store == "energy"):
            store, power = energy.store, powers[energy.store]
            for content in s.assets.of(energy.technology):
                rating = s.assets.get(power.technology, content.zone)
                if rating is None:
                    continue
                bus = s.bus_of(energy.carrier_in, content.zone)
                label = s.registry.node((store, content.zone), row_of(content), row_of(rating))
                charge = coordinates_of(rating, "charge", energy.carrier_in)
                unit = s.inputs.flow_unit(energy.carrier_in)
                charge = charge.but(technology=store, unit=unit)
                # The inverter is paid for once, at the outflow; the inflow follows it.
                size = Decision(existing=rating.owned)
                yield solph.components.GenericStorage(
                    label=label,
                    inputs={bus: s.registry.flow(bus, label, charge, decides=size)},
                    outputs={
                        bus: s.registry.flow(
                            label,
                            bus,
                            charge.but(role="discharge"),
                            charges=variable_om(power),
                            decides=rating,
                        )
                    },
                    nominal_capacity=s.registry.invest(content, "", label),
                    invest_relation_input_output=1.0,
                    inflow_conversion_factor=power.efficiency,
                    outflow_conversion_factor=power.efficiency,
                    loss_rate=energy.parameters["standing_loss"],
                    balanced=True,
                )
