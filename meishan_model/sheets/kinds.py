"""What the sheets have to know of kinds of equipment and of contracts to read their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.views import View

Lever: TypeAlias = Literal["", "supply", "duty", "berths"]
Efficiency: TypeAlias = Literal["", "cost_sheet", "lift"]
Resource: TypeAlias = Literal["", "sun", "wind"]


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
    is_built
        Whether capacity of it stands and is built, so that it has a cost sheet and a stock;
        equipment that belongs to others and what loads do anyway are not.
    is_flexible
        Whether it shifts what others need: nobody builds it.
    is_bridged
        Whether an intermediate slice may have more of it than the target.
    is_staged
        Whether stock in use, new build and bridge are components of their own.
    family
        Technologies that are drawn in one figure.
    lever
        Which lever of a scenario holds it as usual: ``supply``, equipment on a ``duty``, or
        ``berths``.
    view
        How a technology is shown where its row does not say otherwise.
    """

    name: str
    needed: Mapping[str, Quantity] = field(default_factory=dict)
    optional: Mapping[str, Quantity] = field(default_factory=dict)
    efficiency: Efficiency = ""
    reads_variable_cost: bool = False
    resource: Resource = ""
    is_built: bool = True
    is_flexible: bool = False
    is_bridged: bool = False
    is_staged: bool = False
    family: str = ""
    lever: Lever = ""
    view: View = field(default_factory=View)


@dataclass(frozen=True)
class ContractKind:
    """A kind of contract, as a row of ``contracts.csv`` names it; it needs all its numbers."""

    name: str
    needed: Mapping[str, Quantity]


@dataclass(frozen=True)
class Kinds:
    """All kinds that rows of a park's sheets may name, by their names."""

    technologies: Mapping[str, TechnologyKind]
    contracts: Mapping[str, ContractKind]
