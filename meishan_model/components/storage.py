"""Stores of electricity, with power and energy sized separately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.flows import Decision, coordinates_of, row_of, variable_om
from meishan_model.errors import InputError
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node


def stores_by_technology(inputs: SliceInputs) -> dict[str, str]:
    """Name of the store of every technology of energy or power, ``x`` of ``x_energy``."""
    return {
        technology.technology: technology.technology.removesuffix(f"_{of}")
        for of in ("energy", "power")
        for technology in inputs.of_kind(f"battery_{of}")
    }


class Storage(Component):
    """Stores with two capacities, one of energy and one of power, each an asset.

    Charging and discharging share the inverter's power, and each loses what the inverter's
    efficiency in the cost sheet says.
    """

    name = "storage"
    side = "supply"
    kinds = (
        TechnologyKind(
            "battery_energy",
            {"standing_loss": Quantity("%/h", 0, 20)},
            family="energy stores",
            lever="supply",
            view=View("storage", "", "store, energy", "储能（容量）"),
        ),
        TechnologyKind(
            "battery_power",
            efficiency="cost_sheet",
            reads_variable_cost=True,
            family="electricity",
            lever="supply",
            view=View("storage", "", "store, power", "储能（功率）"),
        ),
    )

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """Both parts of each store, and the store as a whole, which looks like its parts."""
        for name, view in super().views(inputs):
            yield name, view
            yield stores_by_technology(inputs)[name], View(view.group, view.colour)

    def nodes(self, s: Slice) -> Iterator[Node]:
        """Every pair of an energy and a power technology, in every zone that has both.

        The pair ``x_energy`` and ``x_power`` is one store ``x_<zone>``.

        Raises
        ------
        InputError
            If an energy technology has no power technology beside it.
        """
        from oemof import solph

        stores = stores_by_technology(s.inputs)
        for energy in s.inputs.of_kind("battery_energy"):
            stem = stores[energy.technology]
            power = s.inputs.technologies.get(f"{stem}_power")
            if power is None:
                raise InputError(
                    f"technologies.csv: {energy.technology} needs a {stem}_power beside it"
                )
            for content in s.assets.of(energy.technology):
                rating = s.assets.get(power.technology, content.zone)
                if rating is None:
                    continue
                bus = s.bus_of("electricity", content.zone)
                label = s.registry.node((stem, content.zone), row_of(content), row_of(rating))
                charge = coordinates_of(rating, "charge").but(technology=stem)
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
