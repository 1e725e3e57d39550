"""The park's own words for places in its graph: assets, sheets and rows instead of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from meishan_model.components.coordinates import LimitMeaning
from meishan_model.components.flows import Capacity, ParkGraph, Registry, Row, row_of
from meishan_model.errors import rows_text
from meishan_model.optimise.conflicts.wording import GRAPH, ConflictError, Vocabulary
from meishan_model.optimise.meaning import Name, Place, name_text
from meishan_model.results.wording import reason
from meishan_model.sheets.records import SliceInputs

_STAGES = {"new": "new build of", "in_use": "stock in use of", "bridge": "bridge of"}
_NO_UNIT = (
    *("limit", "relation", "commitment", "status", "start", "stop"),
    *("minimum uptime", "minimum downtime", "number of starts", "number of stops"),
    *("change", "total", "own row"),
)
_SIZES = ("flow capacity", "storage capacity")
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
        The graph with its registry and assets.
    inputs
        What it was built from.

    Returns
    -------
    Vocabulary
        An asset goes by its name, with the arithmetic of its bounds; a load, fleet, contract or
        element of the network with its sheet and row.
    """
    registry = graph.registry
    capacities = {capacity.place: capacity for capacity in registry.capacities}

    def name(place: Place) -> str:
        if place.kind == "limit":
            return _limit(place, registry).title
        sized = capacities if place.kind in _SIZES else {}
        told = (
            f"{_STAGES[sized[n].stage]} {sized[n].asset}" if n in sized else registry.title(n)
            for n in place.names
        )
        return " and ".join(told)

    def origin(place: Place) -> str:
        if place.kind == "limit":
            limit = _limit(place, registry)
            scenario = f"scenario {inputs.scenario.name}, {limit.key}"
            return scenario if limit.key else _cited(limit.rows, inputs)
        sized = capacities if place.kind in _SIZES else {}
        told = (
            _asset(sized[n], graph, inputs) if n in sized else _rows(n, registry, inputs)
            for n in place.names
        )
        return "; ".join(dict.fromkeys(text for text in told if text))

    words = replace(PLAIN, name=name, unit=_units(graph), origin=origin)
    if registry.step == 1.0:
        return words
    step = f"{60 * registry.step:g} min"

    def summed(unit: str) -> str:
        return f"{unit} times {step}" if unit else ""

    return replace(words, steps=f"steps of {step}", summed=summed)


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


def _limit(place: Place, registry: Registry) -> LimitMeaning:
    keyword = name_text(place.names[0])
    return registry.limits.get(keyword, LimitMeaning(keyword))


def _asset(capacity: Capacity, graph: ParkGraph, inputs: SliceInputs) -> str:
    asset = graph.assets[capacity.asset]
    return f"{_cited([row_of(asset)], inputs)}: {reason(asset.terms, asset.unit)}"


def _rows(name: Name, registry: Registry, inputs: SliceInputs) -> str:
    """The rows behind a node, or behind the end of a flow that knows its own; the target first.

    After them what the component that they are rows of asks of a solution.
    """
    labels = (name,) if isinstance(name, str) else name[::-1]
    nodes = (registry.nodes[label] for label in labels)
    node = next((node for node in nodes if node.rows), None)
    if node is None:
        return ""
    cited = _cited(node.rows, inputs)
    return f"{cited}: {node.conflict}" if node.conflict else cited


def _cited(rows: Iterable[Row], inputs: SliceInputs) -> str:
    """Sheets, their lines and what these are about."""
    sheets: dict[str, list[Row]] = {}
    for row in rows:
        sheets.setdefault(row[0], []).append(row)
    told = []
    for sheet, own in sheets.items():
        lines = rows_text(line for row in own for line in inputs.lines.get(row, ()))
        # Rows that hold for all zones have an empty one, and are told by the others' names.
        names = dict.fromkeys(" in ".join(row[1:]) for row in own if all(row))
        told.append(f"{' '.join(filter(None, (f'{sheet}.csv', lines)))}, {' and '.join(names)}")
    return "; ".join(told)


def _units(graph: ParkGraph) -> Callable[[Place], str]:
    """Units of flows as the registry has them; of a bus that of what flows there."""
    of_edges = {edge: meaning.coordinates.unit for edge, meaning in graph.registry.flows.items()}
    of_buses = {end: unit for edge, unit in of_edges.items() for end in edge}
    of_assets = {c.place: graph.assets[c.asset].unit for c in graph.registry.capacities}

    def unit(place: Place) -> str:
        if place.kind == "limit":
            return _limit(place, graph.registry).unit
        first = place.names[0] if place.names else ""
        if place.kind in _SIZES and first in of_assets:
            return of_assets[first]
        if place.kind == "balance":
            return of_buses.get(name_text(first), "MW")
        if place.kind == "flow" and not isinstance(first, str):
            return of_edges[first]
        return PLAIN.unit(place)

    return unit
