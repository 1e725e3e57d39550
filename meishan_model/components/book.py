"""The book of a graph: what each flow means, costs and emits.

solph knows a flow's total cost; a planner asks what it consists of. Every flow is therefore made
here, once, from its parts: its cost is the sum of its charges, its weight in the emission limit
the sum of its emissions. The accounting reads the same book, so that cost table and objective
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from oemof import solph

from meishan_model.components.assets import AssetBounds, Assets
from meishan_model.sheets.records import Technology

Series: TypeAlias = float | NDArray[np.float64]
Edge: TypeAlias = tuple[str, str]
Role: TypeAlias = Literal["in_use", "new", "bridge"]

NET_EMISSION = "net_emission"
"""Scope 1 + market-based scope 2 + sinks + credits - gap [tCO2]."""
OFFSET = "offset"
"""Unbundled certificates + credits [tCO2]."""
CERTIFICATE_SURPLUS = "certificate_surplus"
"""Unbundled certificates - power that no contract covers [MWh]."""


@dataclass(frozen=True)
class Charge:
    """A part of a flow's cost: category of the contract, component, price [CNY per unit]."""

    category: str
    component: str
    price: Series


def variable_om(technology: Technology) -> tuple[Charge, ...]:
    """Variable operation cost of a technology's output [CNY/MWh], if it has any."""
    cost = technology.cost
    if cost is None or cost.variable_om == 0:
        return ()
    return (Charge("variable", technology.technology, cost.variable_om),)


@dataclass(frozen=True)
class Emission:
    """What one unit of a flow emits [tCO2 per unit], in a scope of the contract."""

    scope: str
    carrier: str
    factor: Series


@dataclass(frozen=True)
class Kind:
    """Coordinates of a flow in the result: carrier, technology, zone and unit."""

    carrier: str
    technology: str = ""
    zone: str = ""
    unit: str = "MW"


@dataclass(frozen=True)
class FlowMeaning:
    """What a flow is; by ``(sector, carrier)`` it is final energy, or saves some of it."""

    kind: Kind
    charges: tuple[Charge, ...]
    emissions: tuple[Emission, ...]
    energy: tuple[str, str] | None
    saves: tuple[str, str] | None


@dataclass(frozen=True)
class Capacity:
    """Where the capacity of an asset is decided.

    ``role`` says what the decided value is: ``new`` build, the part of the stock ``in_use``, or a
    ``bridge``. ``place`` is the flow or the storage.
    """

    asset: str
    role: Role
    place: Edge | str


@dataclass
class Book:
    """Collects the meaning of all flows while the parts of the park are built.

    Attributes
    ----------
    hours
        Number of hours in the graph.
    weight
        Hours of the year that one hour of the graph stands for [-].
    """

    hours: int
    weight: float
    flows: dict[Edge, FlowMeaning] = field(default_factory=dict)
    capacities: list[Capacity] = field(default_factory=list)
    lump_charges: list[tuple[Edge, Charge]] = field(default_factory=list)
    integral_limits: dict[str, float] = field(default_factory=dict)

    def flow(
        self,
        source: str,
        target: str,
        kind: Kind,
        *,
        charges: tuple[Charge, ...] = (),
        emissions: tuple[Emission, ...] = (),
        limits: Mapping[str, Series] | None = None,
        energy: tuple[str, str] | None = None,
        saves: tuple[str, str] | None = None,
        **options: Any,
    ) -> solph.Flow:
        """Make a flow and note what it means.

        Parameters
        ----------
        source, target
            Labels of the nodes at its ends.
        kind
            Coordinates of the flow in the result.
        charges, emissions
            Parts of its cost and of its emissions, per unit and hour.
        limits
            Weights by the name of a limit in ``integral_limits``.
        energy
            ``(sector, carrier)`` if this flow is final energy.
        saves
            ``(sector, carrier)`` of the final energy that this flow makes needless.
        options
            Handed on to ``solph.Flow``.
        """
        edge = (source, target)
        if edge in self.flows:
            raise ValueError(f"flow {source}->{target} is made twice")
        self.flows[edge] = FlowMeaning(kind, charges, emissions, energy, saves)
        weights = dict(limits or {})
        counted = [_NET_SIGN[e.scope] * e.factor for e in emissions if e.scope in _NET_SIGN]
        if counted:
            weights[NET_EMISSION] = sum(counted)
        price = sum((c.price for c in charges), start=0.0)
        return solph.Flow(
            variable_costs=self._weighted(price),
            custom_properties={key: self._weighted(value) for key, value in weights.items()},
            **options,
        )

    def _weighted(self, value: Any) -> Any:
        return value * self.weight

    @property
    def penalties(self) -> tuple[Edge, ...]:
        """Flows at the value of lost load, which an optimum almost never wants."""
        shed = {"shedding"}
        return tuple(e for e, f in self.flows.items() if shed & {c.category for c in f.charges})

    def lump(self, edge: Edge, charge: Charge) -> None:
        """Note a charge on the decided value of a flow that is no asset [CNY per unit]."""
        self.lump_charges.append((edge, charge))

    def invest(self, asset: AssetBounds, role: Role, place: Edge | str) -> solph.Investment:
        """Make the decision on an asset's capacity and note where it is taken.

        Parameters
        ----------
        asset
            The asset with its bounds.
        role
            ``new``: build on top of all that stands; ``in_use``: use of the stock, free up to
            what stands and is not sold; ``bridge``.
        place
            The flow or the storage whose investment this is.
        """
        self.capacities.append(Capacity(asset.asset, role, place))
        if role == "in_use":
            return solph.Investment(maximum=asset.owned)
        if role == "bridge":
            return solph.Investment(maximum=asset.bridge_upper, ep_costs=asset.bridge_cost)
        return solph.Investment(minimum=asset.lower, maximum=asset.upper, ep_costs=asset.new_cost)

    def invest_on_stock(self, asset: AssetBounds, place: Edge | str) -> solph.Investment:
        """Like :meth:`invest` for new build, with the stock standing in the same place."""
        investment = self.invest(asset, "new", place)
        investment.existing = asset.owned
        return investment


_NET_SIGN = {"scope1": 1.0, "scope2_market": 1.0, "sink": 1.0, "credit": 1.0, "gap": -1.0}
"""What counts in net emissions; sinks and credits carry negative factors, the gap is forgiven."""


@dataclass(frozen=True)
class ParkGraph:
    """A park as a graph, with the book that says what its flows mean.

    Attributes
    ----------
    energy_system
        The graph.
    book
        Charges, emissions and coordinates of every flow, places of all capacities.
    assets
        The assets of the slice.
    """

    energy_system: solph.EnergySystem
    book: Book
    assets: Assets
