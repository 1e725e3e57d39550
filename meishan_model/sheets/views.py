"""How the things of a park are shown: their group, their colour, and what people call them.

Colours of groups are safe for the colour-blind. Seven are those of Okabe and Ito, Color Universal
Design (2008); the others were chosen so that any two differ to people of normal sight as well as
without red, green or blue cones; greys stand for what is no choice of the park.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

GROUPS: Mapping[str, str] = {
    "pv": "#F0E442",
    "wind": "#56B4E9",
    "purchase": "#616161",
    "green power": "#009E73",
    "storage": "#CC79A7",
    "flexible loads": "#E69F00",
    "grid and ties": "#DCDCDC",
    "shedding": "#D55E00",
    "loads": "#2A2A2A",
    "electric equipment": "#0072B2",
    "efficiency measures": "#072F52",
    "export": "#000000",
    "fuels": "#66894B",
}
"""Colour of each group of things, in the order in which hourly figures stack them."""
NEUTRAL = GROUPS["purchase"]
"""Colour of what has neither a colour nor a known group."""

CARRIERS = ("#56B4E9", "#E69F00", "#0072B2", "#CC79A7", "#F0E442", "#009E73", "#D55E00", "#333333")
"""Colours of carriers that have none in ``names.csv``, in the order in which sheets name them."""


FAMILIES = ("power", "energy stores", "heat", "grid", "vehicles", "converters", "saving")
"""Families of the package in the order of their figures; those of plug-ins come after them."""


@dataclass(frozen=True)
class View:
    """How a thing is shown.

    Attributes
    ----------
    group
        Things of one group share a colour and, in hourly figures, a band.
    colour
        ``#RRGGBB``; empty for that of the group.
    name, name_zh
        What people call it in English and Chinese; empty where it goes by its own name.
    family
        Things of one family are drawn in one figure of capacities.
    panel, stands_for
        Where a figure has a panel for each service: the service, and the thing by which it is told
        from others of the same service, such as the carrier that it takes.
    """

    group: str = ""
    colour: str = ""
    name: str = ""
    name_zh: str = ""
    family: str = ""
    panel: str = ""
    stands_for: str = ""

    def over(self, default: View) -> View:
        """The view with those parts of another that it leaves empty."""
        return View(*(getattr(self, f.name) or getattr(default, f.name) for f in fields(self)))
