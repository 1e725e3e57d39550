"""A component type of another package: generators that burn a fuel.

The package names its plug-in by an entry point of the group ``meishan_model.plugins``; no line of
``meishan_model`` knows of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meishan_model.components.base import Component, Slice
from meishan_model.components.flows import coordinates_of, row_of, variable_om
from meishan_model.plugins import Plugin
from meishan_model.sheets.kinds import TechnologyKind
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof.network import Node


class Generator(Component):
    """Engines that turn a fuel into electricity, hour by hour as it pays."""

    name = "generator"
    side = "supply"
    kinds = (
        TechnologyKind(
            "generator",
            efficiency="cost_sheet",
            reads_variable_cost=True,
            lever="supply",
            view=View(family="power"),
        ),
    )

    def nodes(self, s: Slice) -> Iterator[Node]:
        """A converter for each asset, from the bus of its fuel to that of its zone."""
        from oemof import solph

        for technology in s.inputs.of_kind(*self.kinds):
            for asset in s.assets.of(technology.technology):
                label = s.registry.node(asset.name, row_of(asset))
                fuel = s.bus_of(technology.carrier_in, asset.zone)
                power = s.bus_of(technology.carrier_out, asset.zone)
                through = coordinates_of(asset, "conversion", sector="generation")
                yield solph.components.Converter(
                    label=label,
                    inputs={fuel: s.registry.flow(fuel, label, through, final_energy=1)},
                    outputs={
                        power: s.registry.flow(
                            label, power, through, charges=variable_om(technology), decides=asset
                        )
                    },
                    conversion_factors={power: technology.efficiency},
                )


class Engines(Plugin):
    """What the package brings: its one type."""

    name = "engines"

    def component_types(self) -> tuple[type[Component], ...]:
        """Generators."""
        return (Generator,)


PLUGIN = Engines()
