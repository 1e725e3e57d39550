"""What the sheets have to know of kinds of equipment, network and contracts to read their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from meishan_model.plugins import Plugin
from meishan_model.sheets.rows import Quantity, Refers
from meishan_model.sheets.views import View

STANDING_LOSS = Quantity("%/h", 0, 20, (1e-3, 5), "batteries 0.005, flywheels more than 1")
"""What a store loses of its content, one that stands beside a load too."""
DURATION = Quantity("h", 0.01, 8760, (0.05, 2500), "minutes to a season")
"""Content of a store over its power."""

Lever: TypeAlias = Literal["", "supply", "duty", "stock"]
Function: TypeAlias = Literal["connection", "transformer", "line", "transport"]
Ways: TypeAlias = Literal["forth", "both"]


@dataclass(frozen=True)
class TechnologyKind:
    """A kind of equipment, as a row of ``technologies.csv`` names it.

    Attributes
    ----------
    name
        Name of the kind.
    needed, optional
        Numbers of ``technology_parameters.csv`` that a technology must have, and may have.
    efficiency
        Where its efficiency comes from: the ``cost_sheet``, or the temperature ``lift`` of a heat
        pump in each hour; empty where it is no number of the technology.
    reads_variable_cost
        Whether the variable cost (VOM) of the cost sheet is read.
    resource
        What drives its output: ``sun`` or ``wind``. Its power may be sold to the grid company.
    capture_ratio
        Item of ``prices.csv`` that says what its power earns on the market, as a share of what
        even delivery earns; the market price is low where it generates. Empty: without effect.
    is_built
        Whether capacity of it stands and is built, so that it has a cost sheet and a stock;
        equipment that belongs to others and what loads do anyway are not.
    is_flexible
        Whether it shifts what others need: nobody builds it.
    is_bridged
        Whether an intermediate slice may have more of it than the target.
    conversions
        Which rows ``conversions.csv`` may have of it: ``any`` further inputs and outputs, or
        ``one_output``, which it must have. Such equipment is dispatched on networks alone, hour
        by hour as it pays. Empty: none.
    rests_on
        Optional numbers that say nothing without another one, by that.
    store
        Which capacity of a store it is: a technology of ``energy`` and one of ``power`` that name
        the same store are one; the ``whole`` of it has its power with its energy.
    refers
        Columns of its rows that name what another sheet defines.
    lever
        How it is held where its side stays as usual: local ``supply`` is not added to, equipment
        on a ``duty`` keeps its share of it, other equipment of the demand side keeps its
        ``stock``.
    view
        How a technology is shown where its row does not say otherwise.
    """

    name: str
    needed: Mapping[str, Quantity] = field(default_factory=dict)
    optional: Mapping[str, Quantity] = field(default_factory=dict)
    efficiency: Literal["", "cost_sheet", "lift"] = ""
    reads_variable_cost: bool = False
    resource: Literal["", "sun", "wind"] = ""
    capture_ratio: str = ""
    is_built: bool = True
    is_flexible: bool = False
    is_bridged: bool = False
    conversions: Literal["", "any", "one_output"] = ""
    rests_on: Mapping[str, str] = field(default_factory=dict)
    store: Literal["", "energy", "power", "whole"] = ""
    refers: Mapping[str, Refers] = field(default_factory=dict)
    lever: Lever = ""
    view: View = field(default_factory=View)


@dataclass(frozen=True)
class NetworkKind:
    """A kind of element, as a row of ``network.csv`` names it.

    Attributes
    ----------
    name
        Name of the kind.
    function
        ``connection``: all purchase and export passes it; ``transformer``: feeds the bus of a
        zone; ``line``: lies in series before the transformer of its bus; ``transport``: joins two
        buses of one carrier.
    technology
        Kind of the technologies that an element may name, whose capacity in the zone that it
        feeds is an asset; empty: its capacity stays as it is.
    view
        How elements of the kind are shown.
    ways
        Whether it carries from its first bus to its second alone, or back as well.
    """

    name: str
    function: Function
    technology: str = ""
    view: View = field(default_factory=View)
    ways: Ways = "forth"


@dataclass(frozen=True)
class ContractKind:
    """A kind of contract, as a row of ``contracts.csv`` names it; it needs all its numbers.

    Attributes
    ----------
    name
        Name of the kind.
    needed
        Numbers of ``contracts.csv`` that a contract must have.
    told
        Numbers of ``contracts.csv`` that it may have, which are told and count nowhere.
    role
        Role of the flow that says how much of it is used.
    limit, unit
        The number that limits its use, and the unit of its use.
    counted
        What its use is: the sum over the ``year``, the ``mean``, or the share that is taken of the
        ``course`` of the plant that the contract names as its profile.
    ranges
        Numbers that lie between two others, low and high; a cautious scenario takes the low one.
    sizes
        Numbers that say how large a contract is; its prices are another matter.
    is_sold
        Whether power leaves the park by it: offered where the scenario exports, not as one of its
        instruments.
    is_offset
        Whether it counts in the share of the baseline's emissions that may be offset.
    has_vintage
        Whether what is used was issued in a year before.
    """

    name: str
    needed: Mapping[str, Quantity]
    role: str
    unit: str
    limit: str = "limit"
    counted: Literal["year", "mean", "course"] = "year"
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sizes: tuple[str, ...] = ("limit",)
    is_sold: bool = False
    is_offset: bool = False
    has_vintage: bool = False
    told: Mapping[str, Quantity] = field(default_factory=dict)

    @property
    def follows_plant(self) -> bool:
        """Whether it is about the power of a plant, hour by hour."""
        return self.counted == "course"


@dataclass(frozen=True, eq=False)
class Kinds:
    """All kinds that rows of a park's sheets may name, by their names, and the plug-ins."""

    technologies: Mapping[str, TechnologyKind]
    network: Mapping[str, NetworkKind]
    contracts: Mapping[str, ContractKind]
    plugins: tuple[Plugin, ...] = ()

    @property
    def instruments(self) -> tuple[str, ...]:
        """Contracts that a scenario may have on offer: sinks, power of a plant, then offsets."""
        offered = [kind for kind in self.contracts.values() if not kind.is_sold]
        offered.sort(key=lambda kind: (kind.is_offset, kind.follows_plant, kind.name))
        return tuple(kind.name for kind in offered)
