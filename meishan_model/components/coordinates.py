"""What a flow can be said to be: its coordinates, in graph and saved slice, and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from meishan_model.components.flows import Charge, Row, Series

Stage: TypeAlias = Literal["", "in_use", "new", "bridge"]
Way: TypeAlias = Literal["in", "out"]
"""Into the bus or out of it."""
_Supply: TypeAlias = Literal["generation", "feed_in", "purchase", "fuel", "export", "curtailment"]
_Equipment: TypeAlias = Literal["conversion", "charge", "discharge", "transport", "capacity"]
_Demand: TypeAlias = Literal["load", "duty", "shift", "saving", "shedding", "billing"]
_GreenPower: TypeAlias = Literal["offered", "delivered", "claimed", "settled"]
_Account: TypeAlias = Literal["issue", "retire", "cancelled", "sink", "credit", "excess"]
Role: TypeAlias = Literal[_Supply, _Equipment, _Demand, _GreenPower, _Account]
"""What a flow is for; ``docs/flows.md`` says what each of them means."""
ROLES, STAGES, WAYS = (frozenset[str](get_args(kind)) for kind in (Role, Stage, Way))

MEANINGS: Mapping[str, str] = {
    "source": "node where the flow starts",
    "target": "node where the flow ends",
    "carrier": "carrier of its bus",
    "zone": "zone (of the source, if the two differ)",
    "technology": "technology, or kind of an element of the network that has none",
    "unit": "unit of the flow",
    "role": "what the flow is for",
    "asset": "asset or element of the network through which it flows",
    "sector": "sector whose demand it serves",
    "customer": "load that it serves",
    "bus": "bus at one of its ends",
    "way": "into the bus or out of it: in, out",
    "stage": "stock in use, new build or bridge, where these are apart",
    "contract": "contract",
}
"""Coordinates of a flow with both its ends, and what they say."""
IN_FILE: Mapping[str, str] = {n: n for n in MEANINGS} | {
    n: f"flow_{n}" for n in ("asset", "sector", "bus")
}
"""Their names in a saved slice, in which other dimensions have some of the plain ones."""


@dataclass(frozen=True)
class Coordinates:
    """What a flow is: by these it is found in the registry and in the result.

    With the bus at one of its ends, whose carrier it has, and the way, into the bus or out of it,
    the sum over a carrier and a role counts every MWh once.

    Attributes
    ----------
    role
        What the flow is for.
    technology, zone
        Of the equipment, and where it stands; empty where there is none.
    asset
        The capacity that limits the flow, or the element of the network.
    sector
        Whose demand it serves.
    customer
        Name of the load.
    stage
        Stock in use, new build or bridge, where these are apart.
    contract
        Name of the contract.
    unit
        Unit of the flow; empty for that of its carrier.
    """

    role: Role
    technology: str = ""
    zone: str = ""
    asset: str = ""
    sector: str = ""
    customer: str = ""
    stage: Stage = ""
    contract: str = ""
    unit: str = ""

    def but(self, **changes: Any) -> Coordinates:
        """The same coordinates with some of them changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Emission:
    """What one unit of a flow emits [tCO2 per unit], in a scope of the contract."""

    scope: str
    carrier: str
    factor: Series


@dataclass(frozen=True)
class Status:
    """That a flow is on or off in each hour.

    Attributes
    ----------
    start
        What each start costs [CNY], if anything.
    up, down
        Hours for which it stays on, and off [h]. Before the first hour it was off for long.
    """

    start: Charge | None
    up: int
    down: int


@dataclass(frozen=True)
class FlowMeaning:
    """What a flow is, costs and emits.

    ``bus`` is the label of the bus at one of its ends, ``carrier`` is what that bus has; ``way``
    says whether the flow runs into the bus or out of it. ``final_energy`` is 1 where it is final
    energy of its sector, -1 where it saves some, else 0.
    """

    coordinates: Coordinates
    carrier: str
    bus: str
    way: Way
    charges: tuple[Charge, ...]
    emissions: tuple[Emission, ...]
    final_energy: int
    status: Status | None


@dataclass(frozen=True)
class NodeMeaning:
    """What a node is called by people, and the rows of the sheets that it comes from.

    The title is made of ``words``: names that stand in sheets, and words of the graph;
    ``conflict`` is what the component that made it asks of a solution. Of a bus, ``carrier`` is
    what it has.
    """

    words: tuple[str, ...]
    rows: tuple[Row, ...]
    conflict: str
    carrier: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return "_".join(self.words)


@dataclass(frozen=True)
class Turnover:
    """Most that a flow out of a store may sum up to in a year, for each unit of its content.

    Attributes
    ----------
    edge
        Labels of the ends of the flow.
    store
        Label of the store.
    most
        Energy of the flow in a year over the rated energy of the store [1/a].
    """

    edge: tuple[str, str]
    store: str
    most: float


@dataclass(frozen=True)
class LimitMeaning:
    """What a limit over all hours is called, in which unit, and where it is set.

    It is set by a key of the scenario, or by rows of the sheets, or always.
    """

    title: str
    unit: str = ""
    key: str = ""
    rows: tuple[Row, ...] = ()
