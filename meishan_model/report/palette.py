"""One palette for all figures: colours of kinds of technology, safe for the colour-blind.

Seven are those of Okabe and Ito, Color Universal Design (2008); the others were chosen so that any
two differ to people of normal sight as well as without red, green or blue cones; greys stand for
what is no choice of the park. A
technology has the colour of its kind, which is read from its name, so that a new row of a sheet
needs no new colour; technologies of one kind differ by a pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

PALETTE = {
    "pv": "#F0E442",
    "wind": "#56B4E9",
    "purchase": "#616161",
    "green power": "#009E73",
    "storage": "#CC79A7",
    "flexible loads": "#E69F00",
    "110 kV grid and ties": "#DCDCDC",
    "shedding": "#D55E00",
    "loads": "#2A2A2A",
    "heat, fleets and equipment": "#0072B2",
    "efficiency measures": "#072F52",
    "export": "#000000",
    "fuels": "#66894B",
}
"""Colour by kind."""

PATTERNS = ("", "/", "x", ".", "\\", "-", "+", "|")
"""Patterns of technologies of one kind, in their order."""

_STARTS = {
    "pv": "pv",
    "solar": "pv",
    "wind": "wind",
    "battery": "storage",
    "supercapacitor": "storage",
    "vanadium_flow": "storage",
    "heat_pump": "heat, fleets and equipment",
    "electric_boiler": "heat, fleets and equipment",
    "gas_boiler": "fuels",
    "transformer": "110 kV grid and ties",
    "supply_line": "110 kV grid and ties",
    "smart_charging": "flexible loads",
}
_ENDS = {
    "_electric": "heat, fleets and equipment",
    "_diesel": "loads",
    "_gasoline": "fuels",
    "_lng": "flexible loads",
    "_flexibility": "flexible loads",
    "_storage": "storage",
}

_ROLES = {
    "purchase": "purchase",
    **dict.fromkeys(("offered", "delivered", "claimed", "settled"), "green power"),
    "export": "export",
    "feed_in": "wind",
    "transport": "110 kV grid and ties",
    **dict.fromkeys(("charge", "discharge"), "storage"),
    "shift": "flexible loads",
    "saving": "efficiency measures",
    **dict.fromkeys(("load", "duty"), "loads"),
    **dict.fromkeys(("shedding", "curtailment"), "shedding"),
    "fuel": "fuels",
}
"""Kind of a flow by its role; that of the others is told by their technology."""
_EQUIPMENT = ("generation", "conversion", "charge", "discharge", "shift", "saving")

_SETS = {
    # What is no technology, in the same colours.
    "electricity": "#56B4E9",
    "natural_gas": "#E69F00",
    "lng": "#F0E442",
    "diesel": "#333333",
    "gasoline": "#CC79A7",
    "heat": "#D55E00",
    "scope1": "#333333",
    "scope2_market": "#56B4E9",
    "sink": "#66894B",
    "credit": "#E69F00",
    "gap": "#D55E00",
    "investment": "#0072B2",
    "bridge": "#CC79A7",
    "fixed_om": "#56B4E9",
    "variable": "#F0E442",
    "fuel": "#66894B",
    "purchase": "#616161",
    "demand_charge": "#DCDCDC",
    "export": "#000000",
    "certificate": "#072F52",
    "flexibility": "#E69F00",
    "salvage": "#009E73",
    "bridge_sale": "#D55E00",
    "carbon": "#333333",
    "new": "#0072B2",
    "retrofit": "#E69F00",
    "green": "#009E73",
    "transition": "#E69F00",
    "neither": "#616161",
    "efficiency measures": "#072F52",
    "electrification and demand side": "#0072B2",
    "local renewables and storage": "#56B4E9",
    "sinks": "#66894B",
    "green power": "#009E73",
    "certificates and credits": "#E69F00",
}


def kind_of_technology(technology: str) -> str:
    """Kind of a technology, a key of :data:`PALETTE`, by its name.

    What is no plant, store, vehicle or contract is an efficiency measure.
    """
    for start, kind in _STARTS.items():
        if technology == start or technology.startswith(f"{start}_"):
            return kind
    for end, kind in _ENDS.items():
        if technology.endswith(end):
            return kind
    return "efficiency measures" if technology else "110 kV grid and ties"


def colour_of_technology(technology: str) -> str:
    """Colour of a technology, that of its kind."""
    return PALETTE[kind_of_technology(technology)]


def colour_of_flow(role: str, technology: str) -> str:
    """Colour of a flow by its role or, where that is one of many kinds, by its technology."""
    return PALETTE[_ROLES[role]] if role in _ROLES else colour_of_technology(technology)


def item_of(flows: pd.DataFrame) -> pd.Series[str]:
    """What flows of energy belong to: a technology, green power that is bought, or their role.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    bought = (flows["contract"] != "") & (flows["role"] != "export")
    role = flows["role"].mask(bought, "green_power")
    return flows["technology"].where(flows["role"].isin(_EQUIPMENT), role)


def colour_of_item(name: str) -> str:
    """Colour of a carrier, a scope, a category of cost, a kind of investment or a lever."""
    return _SETS.get(name, PALETTE["purchase"])


def patterned(
    names: Iterable[str], colour_of: Callable[[str], str] = colour_of_technology
) -> dict[str, tuple[str, str]]:
    """Colour and pattern of technologies, or other things, that are drawn together.

    Parameters
    ----------
    names
        Each once.
    colour_of
        Their colours.

    Returns
    -------
    dict
        Name -> colour and pattern; no two are alike up to sixteen of one colour, which is paler
        from the ninth on.
    """
    seen: dict[str, int] = {}
    styles = {}
    for name in names:
        colour = colour_of(name)
        place = seen.get(colour, 0)
        seen[colour] = place + 1
        shade = _paler(colour) if place // len(PATTERNS) % 2 else colour
        styles[name] = (shade, PATTERNS[place % len(PATTERNS)])
    return styles


def _paler(colour: str) -> str:
    """A colour half way to white."""
    return "#" + "".join(f"{(int(colour[i : i + 2], 16) + 255) // 2:02X}" for i in (1, 3, 5))
