"""What a component type declares, and the slice in which it makes its nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from meishan_model.components.flows import row_of_element
from meishan_model.sheets.views import View

if TYPE_CHECKING:
    from oemof import network, solph

    from meishan_model.components.assets import Asset, Assets
    from meishan_model.components.coordinates import Coordinates
    from meishan_model.components.duty import Duty
    from meishan_model.components.flows import Registry, Row, Title
    from meishan_model.series.profiles import Profiles
    from meishan_model.sheets.equipment import NetworkElement
    from meishan_model.sheets.kinds import ContractKind, NetworkKind, TechnologyKind
    from meishan_model.sheets.records import SliceInputs

# Types of solph by names that annotations may use without importing it.
Node: TypeAlias = "network.Node"
Nodes: TypeAlias = "Iterator[network.Node]"
Bus: TypeAlias = "solph.Bus"
Side: TypeAlias = Literal["network", "demand", "supply", "trade"]
SIDES: tuple[Side, ...] = ("network", "demand", "supply", "trade")
"""The order in which components make their nodes: each may use the buses of those before it."""


class Component(ABC):
    """A component type: what some rows of the sheets stand for, and the nodes that they become.

    Declaring a type imports no solph; only making its nodes does.

    Attributes
    ----------
    name
        What the rows call it.
    side
        Part of the park that it belongs to.
    kinds
        Kinds of equipment in ``technologies.csv`` that are of the type.
    network
        Kinds of elements in ``network.csv`` that are of the type.
    contract
        Kind of contract in ``contracts.csv`` that is of the type.
    conflict
        What it asks of a solution: told with its rows where a slice has none because of them.
    """

    name: ClassVar[str]
    side: ClassVar[Side]
    kinds: ClassVar[tuple[TechnologyKind, ...]] = ()
    network: ClassVar[tuple[NetworkKind, ...]] = ()
    contract: ClassVar[ContractKind | None] = None
    conflict: ClassVar[str] = ""

    @abstractmethod
    def nodes(self, s: Slice) -> Nodes:
        """The nodes of all its rows in a slice; their buses come from the slice."""

    def views(self, inputs: SliceInputs) -> Iterator[tuple[str, View]]:
        """How its things are shown, by the name that they have in flows and assets.

        A technology is shown as its row says, else as its kind; those that burn a fuel are one
        group. Elements of the network that name no technology are shown as their kind.
        """
        for element in inputs.network:
            if element.kind in self.network and not element.technology:
                yield element.kind.name, element.kind.view
        fuels = inputs.fuels
        for kind in self.kinds:
            for row in inputs.of_kind(kind):
                own = View(row.group, row.colour, row.name, row.name_zh)
                fuel = View("fuels") if row.carrier_in in fuels else View()
                yield row.technology, own.over(fuel).over(kind.view)


@dataclass(frozen=True)
class Slice:
    """One year of a park while its graph is made.

    Attributes
    ----------
    registry
        Where every node and flow is made.
    inputs, profiles
        The year and its hourly series.
    assets
        What stands and may be built.
    buses
        Every bus by name.
    duties
        The duties that equipment may serve.
    """

    registry: Registry
    inputs: SliceInputs
    profiles: Profiles
    assets: Assets
    buses: dict[str, Bus] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)

    def make_bus(self, title: Title, carrier: str, *rows: Row) -> Bus:
        """Make the bus of a carrier, which is found by its title; `rows` are where it is from."""
        from oemof import solph

        label = self.registry.node(title, *rows, carrier=carrier)
        self.buses[self.registry.title(label)] = bus = solph.Bus(label=label)
        return bus

    def capacity(
        self, element: NetworkElement, asset: Asset | None, room: Bus, what: Coordinates
    ) -> Nodes:
        """What stands of an element, what is built, and bridges, each the same in all hours.

        Parameters
        ----------
        element, asset
            The element, and the asset that it is; without one its capacity stays as it is.
        room
            The bus of its capacity.
        what
            Coordinates of the flows.
        """
        name, row, source = element.element, row_of_element(element), self.registry.source
        always = np.ones(self.registry.steps)
        if asset is None:
            yield source(name, room, what, row, nominal_capacity=element.capacity, fix=always)
            return
        what = what.but(asset=asset.name)
        yield source(name, room, what, row, decides=asset, fix=always)
        if asset.bridge > 0:
            bridge = what.but(stage="bridge")
            yield source((name, "bridge"), room, bridge, row, decides=asset, fix=always)

    def bus_of(self, carrier: str, zone: str) -> Bus:
        """The bus on which a zone has a carrier; a fuel without network has one for all zones."""
        return self.buses[self.inputs.bus_of(zone, carrier) or carrier]
