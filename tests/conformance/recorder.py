"""Follow every ``solph.Model`` that a program builds, what it adds to it, and its solve."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import pyomo.environ as po
from oemof import solph

from .fingerprint import Fingerprint, changes, fingerprint
from .replay import ORIGINALS, Call

OWN_ARGUMENTS = ("energysystem", "name", "debug")
"""Arguments of ``solph.Model`` that leave the problem as it is."""
PATIENCE = 300
"""Time of a program's own solve [s]; what it has not found by then is no reference."""
LIMITS = {"cbc": "seconds", "highs": "time_limit"}
"""What a solver calls its limit of time."""


@dataclass(eq=False)
class Record:
    """A ``solph.Model`` and what was done with it.

    Attributes
    ----------
    name
        Name of the system: where it was built, and its number there.
    model
        The model.
    calls
        The constraints that were added to it.
    by_hand
        What else was changed, in words.
    objective
        Objective that the program's own solve found; ``None`` if it has not found an optimum.
    notes
        What a reader should know of it.
    """

    name: str
    model: solph.Model
    calls: list[Call] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    objective: float | None = None
    notes: list[str] = field(default_factory=list)
    known: Fingerprint = field(default_factory=dict)

    def look(self) -> None:
        """Note what has changed since the last look."""
        now = fingerprint(self.model)
        self.by_hand |= changes(self.known, now)
        self.known = now


class Recorder:
    """Follows the models of this program and hands each over once it is finished.

    Parameters
    ----------
    on_finished
        Called with each record after the first solve of its model, or when what built it has
        ended.
    only
        Only systems whose names hold this word are followed.
    """

    def __init__(self, on_finished: Callable[[Record], None], only: str = "") -> None:
        self.on_finished, self.only = on_finished, only.lower()
        self.place = ""
        self.records: WeakKeyDictionary[Any, Record] = WeakKeyDictionary()
        self.unfinished: list[Record] = []
        self._numbers: Counter[str] = Counter()
        self._quiet = False

    def install(self) -> None:
        """Put followers around solph's model and its constraints, wherever they are bound."""
        model = solph.Model
        model.__init__ = self._followed_init(model.__init__)
        model.solve = self._followed_solve(model.solve)
        for name, original in ORIGINALS.items():
            follower = self._followed_constraint(name, original)
            for module in list(sys.modules.values()):
                # Not in our own table of them, which is no module's attribute.
                for bound, value in list(vars(module).items()):
                    if value is original:
                        setattr(module, bound, follower)

    @contextlib.contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Name the systems that are built meanwhile after a place."""
        before, self.place = self.place, place
        try:
            yield
        finally:
            self.place = before

    def finish(self, place: str | None = None) -> None:
        """Hand over what was built at a place and not solved; by default at all places."""
        for record in list(self.unfinished):
            if place is None or record.name.rpartition("#")[0] == place:
                self._finish(record)

    def _finish(self, record: Record) -> None:
        if record not in self.unfinished:
            return  # finished before: the first solve counts
        self.unfinished.remove(record)
        record.look()
        self._quiet = True
        try:
            self.on_finished(record)
        finally:
            self._quiet = False

    def _followed_init(self, original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def init(model: solph.Model, *args: Any, **kwargs: Any) -> None:
            original(model, *args, **kwargs)
            self._numbers[self.place] += 1
            name = f"{self.place}#{self._numbers[self.place]}"
            if self._quiet or self.only not in name.lower():
                return
            record = Record(name, model, known=fingerprint(model))
            strange = sorted(set(kwargs) - set(OWN_ARGUMENTS))
            record.by_hand |= {f"argument {argument} of solph.Model" for argument in strange}
            self.records[model] = record
            self.unfinished.append(record)

        return init

    def _followed_solve(self, original: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def solve(model: solph.Model, *args: Any, **kwargs: Any) -> Any:
            asked = signature.bind(model, *args, **kwargs)
            asked.apply_defaults()
            record = self.records.get(model)
            other = _installed(asked.arguments)
            if record and other:
                record.notes.append(other)
            if (limit := LIMITS.get(asked.arguments["solver"])) is not None:
                options = asked.arguments["cmdline_options"] or {}
                asked.arguments["cmdline_options"] = {limit: PATIENCE, **options}
            try:
                found = original(*asked.args, **asked.kwargs)
                if record and isinstance(found, solph.Results):
                    record.objective = float(po.value(model.objective))
                return found
            finally:
                if record:
                    self._finish(record)

        return solve

    def _followed_constraint(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def constraint(*args: Any, **kwargs: Any) -> Any:
            asked = signature.bind(*args, **kwargs).arguments
            model, *_ = asked.values()
            record = None if self._quiet else self.records.get(model)
            if record is None:
                return original(*args, **kwargs)
            record.look()
            # One constraint calls another: only the outer one counts.
            self._quiet = True
            try:
                found = original(*args, **kwargs)
            finally:
                self._quiet = False
            named = dict(list(asked.items())[1:])
            record.calls.append(Call(name, named))
            record.known = fingerprint(model)
            return found

        return constraint


def _installed(arguments: dict[str, Any]) -> str:
    """Let CBC solve what a solver would that is not installed; says so."""
    asked = arguments["solver"]
    if asked == "highs" or po.SolverFactory(asked).available(exception_flag=False):
        return ""
    arguments |= {"solver": "cbc", "solver_io": "lp", "cmdline_options": None}
    return f"solved with cbc, as {asked} is not installed"
