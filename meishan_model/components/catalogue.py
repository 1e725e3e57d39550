"""Which component types there are: one in each file of this folder, and those of plug-ins."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import cache
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from typing import TypeVar

import pandas as pd

from meishan_model.components.base import SIDES, Component
from meishan_model.plugins import plugins
from meishan_model.sheets.kinds import ContractKind, Kinds, NetworkKind, TechnologyKind
from meishan_model.sheets.park import sheets_for
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import Row
from meishan_model.sheets.views import GROUPS, NEUTRAL, View

K = TypeVar("K", TechnologyKind, NetworkKind, ContractKind, type[Component])


@cache
def component_types() -> tuple[Component, ...]:
    """One instance of every type, in the order in which they make their nodes."""
    added = [kind for plugin in plugins() for kind in plugin.component_types()]
    found = _by_name((*_of_this_package(), *added), "are called")
    types = [kind() for kind in found.values()]
    return tuple(sorted(types, key=lambda kind: (SIDES.index(kind.side), kind.name)))


@cache
def kinds() -> Kinds:
    """All kinds of equipment, network and contracts that rows may name, and the plug-ins."""
    types = component_types()
    return Kinds(
        _by_name(kind for component in types for kind in component.kinds),
        _by_name(kind for component in types for kind in component.network),
        _by_name(component.contract for component in types if component.contract is not None),
        plugins(),
    )


@cache
def schemas() -> Mapping[str, type[Row]]:
    """Every sheet of a park by its stem, with the model of its rows."""
    return sheets_for(kinds())


def views(inputs: SliceInputs) -> pd.DataFrame:
    """How every thing of a slice is shown: what component types say, under the park's own names.

    Returns
    -------
    pandas.DataFrame
        Index thing: a technology, measure, carrier, zone, or what ``names.csv`` names. Columns
        are the fields of :class:`~meishan_model.sheets.views.View`; the colour is that of the
        group where the thing has none of its own.
    """
    found = dict(inputs.names)
    for component in component_types():
        for thing, view in component.views(inputs):
            found[thing] = inputs.names.get(thing, View()).over(view)
    rows = {
        thing: {**asdict(view), "colour": view.colour or GROUPS.get(view.group, NEUTRAL)}
        for thing, view in found.items()
    }
    columns = [field.name for field in fields(View)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("thing")


def _by_name(kinds: Iterable[K], what: str = "declare the kind") -> dict[str, K]:
    found: dict[str, K] = {}
    for kind in kinds:
        if kind.name in found:
            raise ValueError(f"two component types {what} {kind.name}")
        found[kind.name] = kind
    return found


def _of_this_package() -> list[type[Component]]:
    """The types that the files of this folder define."""
    names = [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [import_module(f"{__package__}.{name}") for name in names]
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Component) and not isabstract(thing)
        if thing.__module__ == module.__name__
    ]
