"""Equipment of one year: technologies, what they turn into what, elements of the network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from meishan_model.sheets.costs import TechnologyCost
from meishan_model.sheets.kinds import NetworkKind, TechnologyKind

SITE_COSTS = ("connection_cost", "structure_cost")
"""Parameters of ``assets.csv`` that add to the investment of the cost sheet [CNY/unit].

A site has its own: the line from the plant to its bus, and the structure that a roof, a slope or
a pond needs. They stand as long as the plant and have no fixed operation cost.
"""


@dataclass(frozen=True)
class NetworkElement:
    """An element of the network: capacity [MW] and loss at it [share of the input].

    ``technology`` is what it can be reinforced with; empty where its capacity stays as it is.
    ``limit`` is what the connection may take in a year [MWh/a], ``ramp`` the share of its capacity
    by which that may change within an hour [1/h].
    """

    element: str
    kind: NetworkKind
    from_bus: str
    to_bus: str
    capacity: float
    loss: float
    technology: str = ""
    limit: float = math.inf
    ramp: float = math.inf

    @property
    def shown_as(self) -> str:
        """What its flows are of: its technology, else its kind."""
        return self.technology or self.kind.name


@dataclass(frozen=True)
class Conversion:
    """What equipment takes or gives of a carrier for one unit of its main output.

    Attributes
    ----------
    carrier
        The carrier.
    way
        ``in``: taken; ``out``: given.
    profile
        Name of the hourly course of the amount, whose mean is 1; empty for none.
    amount
        In the unit of the carrier for one of the main output.
    """

    carrier: str
    way: str
    profile: str
    amount: float


@dataclass(frozen=True)
class Technology:
    """A kind of equipment: what it is, how it behaves and what it costs.

    ``parameters`` are in the units of the sheet except shares, which are fractions of one.
    ``store`` names the store of which it is one capacity. ``cost`` is ``None`` for equipment that
    nobody can build.
    """

    technology: str
    kind: TechnologyKind
    unit: str
    carrier_in: str
    carrier_out: str
    bus: str
    profile: str
    model: str
    store: str
    phase_out: bool
    finance: str
    name: str
    name_zh: str
    parameters: Mapping[str, float]
    cost: TechnologyCost | None
    group: str = ""
    colour: str = ""
    conversions: tuple[Conversion, ...] = ()

    @property
    def carriers(self) -> tuple[tuple[str, str], ...]:
        """Every carrier that it takes (``in``) or gives (``out``), the main ones first."""
        main = [(self.carrier_in, "in"), (self.carrier_out, "out")]
        named = [*main, *((c.carrier, c.way) for c in self.conversions)]
        return tuple(dict.fromkeys((carrier, way) for carrier, way in named if carrier))

    @property
    def takes(self) -> tuple[str, ...]:
        """Every carrier that it takes."""
        return tuple(carrier for carrier, way in self.carriers if way == "in")

    @property
    def reads_efficiency(self) -> bool:
        """Whether its efficiency is that of the cost sheet."""
        own = (c.carrier for c in self.conversions if c.way == "in")
        return self.kind.efficiency == "cost_sheet" and self.carrier_in not in own

    @property
    def own_cost(self) -> TechnologyCost:
        """Cost of what stands or may be built."""
        assert self.cost is not None  # checked at load
        return self.cost

    @property
    def efficiency(self) -> float:
        """Output per input of the cost sheet [1]; one way for the power part of a store."""
        efficiency = self.own_cost.efficiency
        assert efficiency is not None  # where the kind reads it: checked at load
        return efficiency


@dataclass(frozen=True)
class AssetLimit:
    """What ``assets.csv`` says of a technology in a zone [unit of the technology].

    ``numbers`` has what the sheet has, by its parameters; they become columns of the asset table
    (:class:`~meishan_model.components.assets.AssetTable`).
    """

    technology: str
    zone: str
    numbers: Mapping[str, float]

    @property
    def potential(self) -> float | None:
        """Bound of all that stands, if there is one."""
        return self.numbers.get("potential")

    @property
    def rural_potential(self) -> float:
        """Part of the potential on the roofs of villages."""
        return self.numbers.get("rural_potential", 0.0)

    @property
    def event_potential(self) -> float | None:
        """Flexibility that rests until a virtual power plant calls it, if it is such."""
        return self.numbers.get("event_potential")

    @property
    def site_cost(self) -> float:
        """What its site adds to the investment of the cost sheet [CNY/unit]."""
        return sum(self.site_costs.values())

    @property
    def site_costs(self) -> dict[str, float]:
        """The parts of this by their names [CNY/unit]."""
        return {name: self.numbers[name] for name in SITE_COSTS if name in self.numbers}

    def but(self, **numbers: float | None) -> AssetLimit:
        """The same asset with other numbers; without those that are ``None``."""
        changed = {n: v for n, v in {**self.numbers, **numbers}.items() if v is not None}
        return replace(self, numbers=changed)
