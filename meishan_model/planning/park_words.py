"""The park's own words for places in its graph: assets, sheets and rows instead of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from meishan_model.components.book import (
    CERTIFICATE_SURPLUS,
    NET_EMISSION,
    OFFSET,
    Capacity,
    ParkGraph,
)
from meishan_model.components.station import SUPPLY_LINE, TRANSFORMER, directions_of
from meishan_model.optimise.conflicts.wording import GRAPH, ConflictError, Vocabulary
from meishan_model.optimise.meaning import Name, Place, name_text
from meishan_model.results.reasons import reason
from meishan_model.sheets.buildings import USES
from meishan_model.sheets.buses import zone_of_bus
from meishan_model.sheets.lines import rows_text
from meishan_model.sheets.records import Load, SliceInputs

_ROLES = {"new": "new build of", "in_use": "stock in use of", "bridge": "bridge of"}
_LIMITS = {
    NET_EMISSION: ("net emissions", "tCO2", "cap of the trajectory and neutrality"),
    OFFSET: ("certificates and credits", "tCO2", "offset_share"),
    CERTIFICATE_SURPLUS: ("certificates beyond the power that needs them", "MWh", ""),
}
"""What a limit over all hours is called, its unit, and the key of the scenario that sets it."""


_NO_UNIT = (
    *("limit", "relation", "commitment", "status", "start", "stop"),
    *("minimum uptime", "minimum downtime", "number of starts", "number of stops"),
    *("change", "total", "own row"),
)
_ENERGY = ("content", "storage capacity", "storage balance")


def _plain_unit(place: Place) -> str:
    if place.kind in _NO_UNIT:
        return ""
    return "MWh" if place.kind in _ENERGY else "MW"


def _summed(unit: str) -> str:
    """Unit of a sum over hours."""
    return {"": "", "MW": "MWh"}.get(unit, f"{unit} times h")


PLAIN = replace(GRAPH, unit=_plain_unit, summed=_summed, cost="CNY", steps="hours")
"""The labels of a graph in the units of every park: of many slices in one problem."""


def park_words(graph: ParkGraph, inputs: SliceInputs) -> Vocabulary:
    """Words for the graph of a slice.

    Parameters
    ----------
    graph
        The graph with its book and assets.
    inputs
        What it was built from.

    Returns
    -------
    Vocabulary
        An asset goes by its name, with the arithmetic of its bounds; a load, fleet, contract or
        element of the network with its sheet and row.
    """
    capacities = {capacity.place: capacity for capacity in graph.book.capacities}
    rows = _rows_of_labels(inputs)

    def name(place: Place) -> str:
        if place.kind == "limit":
            return _limit(place)[0]
        return " and ".join(_name(n, place, capacities) for n in place.names)

    def origin(place: Place) -> str:
        if place.kind == "limit":
            key = _limit(place)[2]
            scenario = f"scenario {inputs.scenario.name}, {key}"
            return scenario if key else _row(place.names[0], rows)
        sized = place.kind.endswith("capacity")
        told = (
            _asset(capacities[n], graph, inputs) if sized and n in capacities else _row(n, rows)
            for n in place.names
        )
        return "; ".join(dict.fromkeys(text for text in told if text))

    return replace(PLAIN, name=name, unit=_units(graph), origin=origin)


@contextmanager
def in_park_words(graph: ParkGraph, inputs: SliceInputs, where: str = "") -> Iterator[None]:
    """Say in the park's words what is found to be in conflict inside.

    Parameters
    ----------
    graph, inputs
        The graph of the slice, and what it was built from.
    where
        What is being solved, if that is not the slice as it is.

    Raises
    ------
    ConflictError
        In place of one in the graph's labels.
    """
    try:
        yield
    except ConflictError as error:
        name = f"slice {inputs.year}" + (f", {where}" if where else "")
        raise error.in_words(park_words(graph, inputs), name) from error


def _limit(place: Place) -> tuple[str, str, str]:
    keyword = name_text(place.names[0])
    return _LIMITS.get(keyword, (keyword, "", ""))


def _name(name: Name, place: Place, capacities: Mapping[Name, Capacity]) -> str:
    if place.kind.endswith("capacity") and name in capacities:
        capacity = capacities[name]
        return f"{_ROLES[capacity.role]} {capacity.asset}"
    return name_text(name)


def _asset(capacity: Capacity, graph: ParkGraph, inputs: SliceInputs) -> str:
    asset = graph.assets.by_name[capacity.asset]
    lines = inputs.lines.get(("assets", asset.technology, asset.zone), ())
    why = reason(asset.reason, asset.unit)
    return f"{_cited('assets', lines, f'{asset.technology} in {asset.zone}')}: {why}"


def _cited(sheet: str, lines: Iterable[int], name: str) -> str:
    """A sheet, its rows and what they are about."""
    return f"{' '.join(filter(None, (f'{sheet}.csv', rows_text(lines))))}, {name}"


def _row(name: Name, rows: Mapping[str, str]) -> str:
    """Sheet and row of a label or of either end of a flow; the longest stem knows best."""
    labels = (name,) if isinstance(name, str) else name[::-1]
    stems = sorted(rows, key=len, reverse=True)
    for label in labels:
        for stem in stems:
            if label == stem or label.startswith(f"{stem}_"):
                return rows[stem]
    return ""


def _rows_of_labels(inputs: SliceInputs) -> dict[str, str]:
    """Sheet and row by what the labels of nodes begin with."""

    def cited(sheet: str, name: str) -> str:
        return _cited(sheet, inputs.lines.get((sheet, name), ()), name)

    rows = {c.contract: cited("contracts", c.contract) for c in inputs.contracts}
    rows |= {e.element: cited("network", e.element) for e in inputs.network}
    # A tie leads to a zone as well, but nothing passes it on the way up or down.
    passed = [e for e in inputs.network if e.kind in (TRANSFORMER, SUPPLY_LINE)]
    for zone in inputs.zones:
        own = [e.element for e in passed if zone_of_bus(e.to_bus) == zone]
        rows |= dict.fromkeys(directions_of(zone), "; ".join(rows[e] for e in own))
    rows |= {f"{f.fleet}_service": cited("fleets", f.fleet) for f in inputs.fleets}
    rows |= {f"{g.berth_group}_ships": cited("berths", g.berth_group) for g in inputs.berths}
    return rows | _rows_of_loads(inputs)


def _rows_of_loads(inputs: SliceInputs) -> dict[str, str]:
    """Sheet and rows of every load, and of all loads of a carrier in a zone."""
    rows = {}
    duties: dict[tuple[str, str], dict[str, list[int]]] = {}
    for load in inputs.loads:
        lines = _lines_of(load, inputs)
        name = f"{load.load} in {load.zone}"
        rows[f"{load.load}_{load.zone}"] = _cited(load.sheet, lines, name)
        duties.setdefault((load.zone, load.carrier), {}).setdefault(load.sheet, []).extend(lines)
    for (zone, carrier), sheets in duties.items():
        cited = (_cited(sheet, own, f"{carrier} in {zone}") for sheet, own in sheets.items())
        rows[f"{zone}_{carrier}"] = "; ".join(cited)
    return rows


def _lines_of(load: Load, inputs: SliceInputs) -> tuple[int, ...]:
    """Lines of a load; of one use of a building its area in the zone and what a m2 needs."""
    found = inputs.lines.get((load.sheet, load.load, load.zone), ())
    for use in USES if load.sheet == "buildings" else ():
        building = load.load.removesuffix(f"_{use}")
        for zone in (load.zone, ""):
            found += inputs.lines.get((load.sheet, building, zone), ())
    return found


def _units(graph: ParkGraph) -> Callable[[Place], str]:
    """Units of flows as the book has them; of a bus that of what flows there."""
    of_edges = {edge: meaning.kind.unit for edge, meaning in graph.book.flows.items()}
    of_buses = {end: unit for edge, unit in of_edges.items() for end in edge}
    of_assets = {c.place: graph.assets.by_name[c.asset].unit for c in graph.book.capacities}

    def unit(place: Place) -> str:
        if place.kind == "limit":
            return _limit(place)[1]
        first = place.names[0] if place.names else ""
        if place.kind.endswith("capacity") and first in of_assets:
            return of_assets[first]
        if place.kind == "balance":
            return of_buses.get(name_text(first), "MW")
        if place.kind == "flow" and not isinstance(first, str):
            return of_edges[first]
        return PLAIN.unit(place)

    return unit
