"""The registry of a graph: what each flow is, what it costs and what it emits.

solph knows a flow's total cost; a planner asks what it consists of. So each flow is made here of
its parts: its cost is the sum of its charges, its weight in the emission limit that of emissions,
and coordinates say what it is. The accounts read the same registry, so that cost table and
objective cannot drift apart; results hold the coordinates: nobody takes a label apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from meishan_model.components.assets import Asset, Assets
from meishan_model.components.coordinates import (
    Coordinates,
    Emission,
    FlowMeaning,
    LimitMeaning,
    NodeMeaning,
    Role,
    Stage,
    Status,
    Turnover,
    Way,
)
from meishan_model.series import FloatArray
from meishan_model.sheets.equipment import NetworkElement, Technology
from meishan_model.sheets.records import Contract
from meishan_model.sheets.units import weight_of_step

if TYPE_CHECKING:
    from oemof import solph

Series: TypeAlias = float | FloatArray
Edge: TypeAlias = tuple[str, str]
Title: TypeAlias = str | tuple[str, ...]
"""What people call a node: one word, or the words that it is made of."""
Row: TypeAlias = tuple[str, ...]
"""A row of a sheet: the stem of the sheet and the key of the row in it."""
Ends: TypeAlias = "Mapping[solph.Bus, Coordinates | tuple[Coordinates, Mapping[str, Any]]]"
"""What flows at each of some buses, where need be with options of :meth:`Registry.flow`."""

NET_EMISSION = "net_emission"
"""Scope 1 + market-based scope 2 + sinks + credits - gap [tCO2]."""
OFFSET = "offset"
"""Unbundled certificates + credits [tCO2]."""
LOCAL_GREEN = "local_green"
"""One MWh for every MWh of local renewables fed in; an export needs as much of it."""
CERTIFICATE_UNIT = "MWh/h of certificates"
"""Unit of a flow of certificates."""
CERTIFICATE_SURPLUS = "certificate_surplus"
"""Unbundled certificates - power that no contract covers [MWh]."""


@dataclass(frozen=True)
class Charge:
    """A part of a flow's cost: category of the contract, component, price [CNY per unit]."""

    category: str
    component: str
    price: Series


def variable_om(technology: Technology) -> tuple[Charge, ...]:
    """Variable operation cost of a technology's output [CNY/MWh], if it has any and is read."""
    cost, is_read = technology.cost, technology.kind.reads_variable_cost
    if cost is None or not is_read or cost.variable_om == 0:
        return ()
    return (Charge("variable", technology.technology, cost.variable_om),)


@dataclass(frozen=True)
class Capacity:
    """Where the capacity of an asset is decided: ``place`` is the flow or the storage.

    ``stage`` says of what it is: ``new`` build, stock that is ``in_use``, or a ``bridge``.
    """

    asset: str
    stage: Stage
    place: Edge | str

    def of(self, sizes: Any) -> Any:
        """Its size in what has sizes by flow and by storage: labels of a problem, a solution."""
        kind = "storage" if isinstance(self.place, str) else "flow"
        return getattr(sizes, f"{kind}_investment")[self.place]


@dataclass(frozen=True)
class Decision:
    """A size that the optimum decides on and that is no asset of the table.

    Attributes
    ----------
    upper
        Largest size [unit of the flow].
    existing
        What stands in the same place, decided elsewhere [unit of the flow].
    charge
        What each unit of it costs in a year, if anything.
    """

    upper: float = math.inf
    existing: float = 0.0
    charge: Charge | None = None

    @property
    def price(self) -> float:
        """Cost of one unit in a year [CNY/unit]."""
        return 0.0 if self.charge is None else float(np.asarray(self.charge.price))


def label_of(title: str) -> str:
    """The label of a node; nothing is read from labels, so that it could be any other text."""
    return title


@dataclass
class Registry:
    """Collects what nodes and flows mean while the components of the park make them.

    Attributes
    ----------
    steps, step
        Number of time steps in the graph and their length [h].
    units
        Unit of the flows of carriers that are not counted in MWh.
    turnovers
        Limits of what stores give in a year.
    conflict
        What the component asks of a solution whose nodes are being made.
    payers
        Who pays for an asset and the fuel that it takes, where it is not the park.
    """

    steps: int
    units: Mapping[str, str]
    step: float
    nodes: dict[str, NodeMeaning] = field(default_factory=dict)
    flows: dict[Edge, FlowMeaning] = field(default_factory=dict)
    capacities: list[Capacity] = field(default_factory=list)
    lump_charges: list[tuple[Edge, Charge]] = field(default_factory=list)
    integral_limits: dict[str, float] = field(default_factory=dict)
    limits: dict[str, LimitMeaning] = field(default_factory=dict)
    turnovers: list[Turnover] = field(default_factory=list)
    conflict: str = ""
    payers: dict[str, str] = field(default_factory=dict)

    @property
    def repetitions(self) -> float:
        """How often the year has what the graph has once [-]; 1 unless this is a trial.

        solph multiplies costs and limits of flows by the length of a step itself.
        """
        return weight_of_step(self.steps) / self.step

    def node(self, title: Title, *rows: Row, carrier: str = "") -> str:
        """Note a node and return its label.

        Parameters
        ----------
        title
            What people call it; no two nodes have the same.
        rows
            The rows of the sheets that it comes from.
        carrier
            What it has, if it is a bus.
        """
        words = (title,) if isinstance(title, str) else title
        meaning = NodeMeaning(words, rows, self.conflict, carrier)
        label = label_of(meaning.title)
        if label in self.nodes:
            raise ValueError(f"node {meaning.title} is made twice")
        self.nodes[label] = meaning
        return label

    def flow(
        self,
        source: solph.Bus | str,
        target: solph.Bus | str,
        coordinates: Coordinates,
        *,
        charges: tuple[Charge, ...] = (),
        emissions: tuple[Emission, ...] = (),
        limits: Mapping[str, Series] | None = None,
        final_energy: int = 0,
        status: Status | None = None,
        decides: Asset | Decision | None = None,
        **options: Any,
    ) -> solph.Flow:
        """Make a flow and note what it means.

        Parameters
        ----------
        source, target
            A bus, and the label of the component at the other end.
        coordinates
            What the flow is.
        charges, emissions
            Parts of its cost and of its emissions, per unit and hour.
        limits
            Weights by the name of a limit in ``integral_limits``.
        final_energy
            1 if it is final energy of its sector, -1 if it makes some needless.
        status
            Whether the flow is on or off; it then needs a ``minimum``.
        decides
            What sizes the flow: an asset, of which the stage in the coordinates is decided, or new
            build on top of the stock where they name none; or a size that is no asset.
        options
            Handed on to ``solph.Flow``.
        """
        from oemof import solph

        first, last = (end if isinstance(end, str) else str(end.label) for end in (source, target))
        edge = first, last
        bus = source if isinstance(source, solph.Bus) else target
        if not isinstance(bus, solph.Bus):
            raise ValueError(f"flow {edge[0]}->{edge[1]} has no bus")
        if edge in self.flows:
            raise ValueError(f"flow {edge[0]}->{edge[1]} is made twice")
        way: Way = "out" if bus is source else "in"
        label = str(bus.label)
        carrier = self.nodes[label].carrier
        if not coordinates.unit:
            coordinates = coordinates.but(unit=self.units.get(carrier, "MW"))
        if carrier in self.units:
            final_energy = 0  # what is counted in t or m3 is no energy
        self.flows[edge] = FlowMeaning(
            coordinates, carrier, label, way, charges, emissions, final_energy, status
        )
        if status is not None:
            start = status.start and float(np.asarray(status.start.price)) * self.repetitions
            options["nonconvex"] = solph.NonConvex(
                startup_costs=start,
                minimum_uptime=status.up,
                # The first one says how long it is off from the first step on.
                minimum_downtime=[0] + [status.down] * (self.steps - 1),
            )
        if decides is not None:
            options["nominal_capacity"] = self.invest(decides, coordinates.stage, edge)
            if isinstance(decides, Decision) and decides.charge is not None:
                self.lump_charges.append((edge, decides.charge))
        weights = dict(limits or {})
        counted = [_NET_SIGN[e.scope] * e.factor for e in emissions if e.scope in _NET_SIGN]
        if counted:
            weights[NET_EMISSION] = sum(counted)
        price = sum((c.price for c in charges), start=0.0)
        return solph.Flow(
            variable_costs=price * self.repetitions,
            custom_properties={key: value * self.repetitions for key, value in weights.items()},
            **options,
        )

    @property
    def penalties(self) -> tuple[Edge, ...]:
        """Flows at the value of lost load, which an optimum almost never wants."""
        return tuple(e for e, f in self.flows.items() if f.coordinates.role == "shedding")

    @property
    def places_by_title(self) -> list[Edge | str]:
        """Labels of all flows and nodes, in the order of what people call them."""
        places: list[Edge | str] = [*self.flows, *self.nodes]
        return sorted(places, key=self.title)

    def title(self, place: Edge | str) -> str:
        """What people call a node, or a flow by both its ends."""
        labels = (place,) if isinstance(place, str) else place
        return "->".join(self.nodes[label].title for label in labels)

    def limit(self, name: str, most: float, meaning: LimitMeaning) -> None:
        """Limit the weighted sum of flows over all hours."""
        self.integral_limits[name] = most
        self.limits[name] = meaning

    def source(
        self, title: Title, bus: solph.Bus, coordinates: Coordinates, *rows: Row, **flow: Any
    ) -> solph.components.Source:
        """Make a source with its flow; `flow` is handed on to :meth:`flow`."""
        from oemof import solph

        label = self.node(title, *rows)
        outputs = {bus: self.flow(label, bus, coordinates, **flow)}
        return solph.components.Source(label=label, outputs=outputs)

    def sink(
        self, title: Title, bus: solph.Bus, coordinates: Coordinates, *rows: Row, **flow: Any
    ) -> solph.components.Sink:
        """Make a sink with its flow; `flow` is handed on to :meth:`flow`."""
        from oemof import solph

        label = self.node(title, *rows)
        inputs = {bus: self.flow(bus, label, coordinates, **flow)}
        return solph.components.Sink(label=label, inputs=inputs)

    def converter(
        self,
        title: Title,
        *rows: Row,
        inputs: Ends,
        outputs: Ends,
        factors: Mapping[solph.Bus, Series] | None = None,
    ) -> solph.components.Converter:
        """Make a converter with its flows; conversion factors that are not given are one."""
        from oemof import solph

        label = self.node(title, *rows)

        def flow(source: solph.Bus | str, target: solph.Bus | str, what: Any) -> solph.Flow:
            coordinates, options = what if isinstance(what, tuple) else (what, {})
            return self.flow(source, target, coordinates, **options)

        return solph.components.Converter(
            label=label,
            inputs={bus: flow(bus, label, what) for bus, what in inputs.items()},
            outputs={bus: flow(label, bus, what) for bus, what in outputs.items()},
            conversion_factors=factors,
        )

    def invest(
        self, decides: Asset | Decision, stage: Stage, place: Edge | str
    ) -> solph.Investment:
        """Make a decision on a size and note where it is taken; nothing else makes any.

        Parameters
        ----------
        decides
            The asset with its bounds, or a size that is no asset.
        stage
            Of an asset: ``new``: build on top of all that stands; ``in_use``: use of the stock,
            free up to what stands and is not sold; ``bridge``; empty: new build with the stock
            standing in the same place.
        place
            The flow or the storage whose investment this is.
        """
        from oemof import solph

        if isinstance(decides, Decision):
            return solph.Investment(
                maximum=decides.upper, existing=decides.existing, ep_costs=decides.price
            )
        self.capacities.append(Capacity(decides.name, stage or "new", place))
        if stage == "in_use":
            return solph.Investment(maximum=decides.owned)
        if stage == "bridge":
            return solph.Investment(maximum=decides.bridge, ep_costs=decides.bridge_cost)
        return solph.Investment(
            minimum=decides.lower,
            maximum=decides.upper,
            ep_costs=decides.new_cost,
            existing=0.0 if stage else decides.owned,
        )


def coordinates_of(asset: Asset, role: Role, **other: Any) -> Coordinates:
    """Coordinates of a flow through an asset."""
    return Coordinates(role, asset.technology, asset.zone, asset.name, **other)


def row_of(asset: Asset) -> Row:
    """The row of the sheet in which an asset stands."""
    return "assets", asset.technology, asset.zone


def row_of_contract(contract: Contract) -> Row:
    """The row of the sheet in which a contract stands."""
    return "contracts", contract.contract


def row_of_element(element: NetworkElement) -> Row:
    """The row of the sheet in which an element of the network stands."""
    return "network", element.element


_NET_SIGN = {"scope1": 1.0, "scope2_market": 1.0, "sink": 1.0, "credit": 1.0, "gap": -1.0}
"""What counts in net emissions; sinks and credits carry negative factors, the gap is forgiven."""


@dataclass(frozen=True)
class ParkGraph:
    """A park as a graph, with the registry that says what its flows mean.

    Attributes
    ----------
    energy_system
        The graph.
    registry
        Charges, emissions and coordinates of every flow, places of all capacities.
    assets
        The assets of the slice.
    """

    energy_system: solph.EnergySystem
    registry: Registry
    assets: Assets
