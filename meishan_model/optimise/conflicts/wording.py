"""Sentences about a problem without optimum.

The words are those of the graph; who knows more of its nodes gives others
(:class:`Vocabulary`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from ..errors import InfeasibleError
from ..meaning import Place, VariableKind, name_text
from .conflict import Bound, Conflict, Shortage

MOST_LINES = 12
"""Lines of a list; the rest is counted."""


@dataclass(frozen=True)
class Vocabulary:
    """Words for places in a graph.

    Attributes
    ----------
    name
        What a place is called.
    unit
        Unit of its value; empty if nobody knows.
    origin
        Where its number comes from, a sheet with its row; empty if nobody knows.
    summed
        Unit of a sum over time steps of values in a unit.
    cost
        Unit of the objective.
    steps
        What several time steps are called.
    """

    name: Callable[[Place], str]
    unit: Callable[[Place], str]
    origin: Callable[[Place], str]
    summed: Callable[[str], str] = lambda unit: unit
    cost: str = "units of cost"
    steps: str = "time steps"


def _graph_name(place: Place) -> str:
    return " and ".join(map(name_text, place.names)) or "a row without unknowns"


TIES = frozenset(
    (
        *("storage balance", "capacity limit", "relation", "commitment", "change"),
        *("minimum uptime", "minimum downtime", "number of starts", "number of stops"),
    )
)
"""Rows that are told by what they tie, without a number."""
GRAPH = Vocabulary(_graph_name, lambda _: "", lambda _: "")
"""The graph's own labels, and numbers in the units of the graph."""


class ConflictError(InfeasibleError):
    """There is no optimum, and why.

    Attributes
    ----------
    conflict
        What was found.
    """

    def __init__(
        self, found: str, conflict: Conflict, index: pd.Index, words: Vocabulary = GRAPH
    ) -> None:
        self.found, self.conflict, self.index = found, conflict, index
        super().__init__("\n".join([found, *conflict_lines(conflict, index, words)]))

    @property
    def headline(self) -> str:
        """What was found and the worst of it in one line, for tables."""
        found, _, worst, *_ = [*str(self).splitlines(), "", ""]
        return f"{found}: {worst.strip()}" if worst else found

    def in_words(self, words: Vocabulary, where: str) -> ConflictError:
        """The same error in other words, with the name of the problem before it."""
        return ConflictError(f"{where}: {self.found}", self.conflict, self.index, words)


def conflict_lines(conflict: Conflict, index: pd.Index, words: Vocabulary) -> list[str]:
    """Say why there is no optimum, the largest shortage first.

    Parameters
    ----------
    conflict
        What was found.
    index
        Stamps of the time steps of the graph.
    words
        What its places are called.
    """
    if conflict.direction:
        return _direction_lines(conflict, index, words)
    worst = _worst_of_each(conflict.shortages)
    lines = ["the smallest relaxation is"]
    lines += [f"  {_shortage(*group, index, words)}" for group in worst[:MOST_LINES]]
    lines += _rest(len(worst), "places")
    if not (conflict.bounds or conflict.fixed):
        return [
            *lines,
            "which bounds are in conflict with that was not found, or is too much to tell",
        ]
    bounds = [_best_known(same, words) for same in conflict.bounds]
    held = [_held(group, index, words) for group in _alike([*bounds, *conflict.fixed])]
    lines.append("these cannot hold together, though all but any one of them can:")
    lines += [f"  {line}" for line in held[:MOST_LINES]]
    return lines + _rest(len(held), "bounds")


def _rest(count: int, what: str) -> list[str]:
    return [f"  and {count - MOST_LINES} {what} more"] if count > MOST_LINES else []


def _worst_of_each(shortages: tuple[Shortage, ...]) -> list[tuple[Shortage, int, float]]:
    """The largest shortage of each place, in how many steps it is short and their sum."""
    groups: dict[tuple[object, ...], list[Shortage]] = {}
    for shortage in shortages:
        key = (shortage.place.kind, shortage.place.names, shortage.amount > 0)
        groups.setdefault(key, []).append(shortage)
    return [(g[0], len(g), sum(abs(s.amount) for s in g)) for g in groups.values()]


def _shortage(
    worst: Shortage, count: int, total: float, index: pd.Index, words: Vocabulary
) -> str:
    place, unit = worst.place, words.unit(worst.place)
    verb = "short" if worst.amount > 0 else "too much"
    if place.kind == "limit":
        verb = f"{'below' if worst.amount > 0 else 'above'} the limit"
    line = f"{_quantity(abs(worst.amount), unit)} {verb} at {words.name(place)}"
    line += _stamp(place, index)
    if count > 1:
        whole = _quantity(total, words.summed(unit))
        line += f", the most of {count} {words.steps} with {whole} in all"
    return line + _origin(place, words)


def _best_known(bounds: tuple[Bound, ...], words: Vocabulary) -> Bound:
    """Of the flows that an unknown stands for the one whose origin is known."""
    return next((b for b in bounds if words.origin(b.place)), bounds[0])


def _alike(bounds: list[Bound]) -> list[list[Bound]]:
    """Bounds of the same place in several steps together; those of all steps first.

    What is plain is left out: that a flow is not negative.
    """
    groups: dict[tuple[object, ...], list[Bound]] = {}
    for bound in sorted(bounds, key=lambda b: b.place.step is not None):
        variable = bound.place.kind in get_args(VariableKind)
        if not (variable and bound.side == "at least" and bound.value == 0.0):
            key = (bound.place.kind, bound.place.names, bound.side)
            groups.setdefault(key, []).append(bound)
    return list(groups.values())


def _held(bounds: list[Bound], index: pd.Index, words: Vocabulary) -> str:
    """What a bound says, or several of one place."""
    bound = bounds[0]
    place, name = bound.place, words.name(bound.place)
    values = {b.value for b in bounds}
    value = f" {_quantity(bound.value, words.unit(place))}" if len(values) == 1 else ""
    when = f", in {len(bounds)} {words.steps}" if len(bounds) > 1 else _stamp(place, index)
    when += _origin(place, words)
    if place.kind == "balance":
        return f"what flows into {name} flows out{when}"
    if place.kind in TIES:
        return f"{place.kind} of {name}{when}"
    if place.kind == "flow" and bound.side == "at most":
        return f"{name} is full{value and f' at{value}'}{when}"
    subject = (
        f"{place.kind} of {name}" if place.kind in ("total", "status", "start", "stop") else name
    )
    return f"{subject} is {bound.side}{value or ' its bound'}{when}"


def _direction_lines(conflict: Conflict, index: pd.Index, words: Vocabulary) -> list[str]:
    lines = [f"each unit of this earns {conflict.gain:,.6g} {words.cost}, without end:"]
    for place, change in conflict.direction[:MOST_LINES]:
        verb = "more" if change > 0 else "less"
        amount = _quantity(abs(change), words.unit(place))
        when = _stamp(place, index) + _origin(place, words)
        lines.append(f"  {amount} {verb} of {words.name(place)}{when}")
    return lines + _rest(len(conflict.direction), "changes")


def _quantity(value: float, unit: str) -> str:
    return f"{value:,.4g} {unit}".strip()


def _stamp(place: Place, index: pd.Index) -> str:
    if place.step is None:
        return ""
    stamp = index[place.step]
    if isinstance(stamp, pd.Timestamp):
        return f", {stamp:%Y-%m-%d %H:%M}"
    return f", {stamp}" if isinstance(stamp, str) else f", step {stamp}"


def _origin(place: Place, words: Vocabulary) -> str:
    origin = words.origin(place)
    return f" ({origin})" if origin else ""
