"""What a flow can be said to be: its coordinates, in the graph and in the saved slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

Stage: TypeAlias = Literal["", "in_use", "new", "bridge"]
Way: TypeAlias = Literal["in", "out"]
"""Into the bus or out of it."""
Role: TypeAlias = Literal[
    "generation",
    "feed_in",
    "purchase",
    "export",
    "conversion",
    "charge",
    "discharge",
    "transport",
    "fuel",
    "load",
    "duty",
    "shift",
    "saving",
    "curtailment",
    "shedding",
    "excess",
    "issue",
    "retire",
    "cancelled",
    "offered",
    "delivered",
    "claimed",
    "settled",
    "sink",
    "credit",
    "capacity",
    "billing",
]
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
