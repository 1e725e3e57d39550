"""Plug-ins: what a kind of site has beyond every park, such as an airport its aircraft at stand.

A plug-in is an object of a class that derives from :class:`Plugin`. It brings sheets, keys of
scenarios, series, component types, labels and commands; ``docs/components.md`` shows how. Plug-ins
of this package are its folders with a file ``plugin.py``, whose ``PLUGIN`` is the object; another
package names its own by an entry point of the group ``meishan_model.plugins``.
"""

# A method that brings nothing reads nothing of what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from meishan_model.accounts.emissions import Baseline
    from meishan_model.components.base import Component
    from meishan_model.errors import Fault
    from meishan_model.planning.model_numbers import ModelNumber
    from meishan_model.series import IntArray
    from meishan_model.series.demand import Shape, ShapeContext, ShapeParameters
    from meishan_model.sheets.park import Park
    from meishan_model.sheets.records import Load, SliceInputs
    from meishan_model.sheets.resolver import Resolver
    from meishan_model.sheets.rows import Quantity, Row
    from meishan_model.sheets.scenario import Scenario

GROUP = "meishan_model.plugins"


@dataclass(frozen=True)
class Chapter:
    """A table in a section of its own of the page of a pathway.

    Attributes
    ----------
    name
        Its labels are ``section.<name>``, ``nav.<name>`` and ``text.<name>``.
    unit
        Unit of its numbers.
    table
        Numbers, index keys of labels, a column for each year.
    """

    name: str
    unit: str
    table: pd.DataFrame


class Plugin:
    """What a package brings to the model; a method that it does not override brings nothing.

    A method imports what it returns when it is called, so that a command waits for nothing that
    it does not need.

    Attributes
    ----------
    name
        Name of the plug-in, by which its records, schedules and series are found.
    """

    name: ClassVar[str]

    def component_types(self) -> Iterable[type[Component]]:
        """Types of components."""
        return ()

    def scenario(self) -> type[Scenario] | None:
        """A scenario with further keys, each of which has a default."""
        return None

    def sheets(self) -> Mapping[str, type[Row]]:
        """Models of the rows of its sheets by their stems; a park may do without each of them.

        Rows that are about a load in a zone describe one, as those of ``loads.csv`` do.
        """
        return {}

    def quantities(self) -> Mapping[str, Mapping[str, Quantity]]:
        """Quantities that rows of other sheets may have beside those of every park, by sheet."""
        return {}

    def faults(self, park: Park) -> Iterable[Fault]:
        """What contradicts in its sheets, or between them and those of every park."""
        return ()

    def loads(self, r: Resolver, drivers: Mapping[str, float]) -> Mapping[tuple[str, str], Load]:
        """Loads of the year that its sheets describe, by name and zone."""
        return {}

    def services(self, r: Resolver, drivers: Mapping[str, float]) -> Mapping[str, float]:
        """Services of fleets [km/a or h/a] in the year that follow from its sheets, by fleet."""
        return {}

    def record(self, r: Resolver) -> Any:
        """What else its sheets say of the year; ``None`` for a park without them."""
        return None

    def gaps(self, park: Park, inputs: SliceInputs) -> Iterable[Fault]:
        """What a slice needs and no row says."""
        return ()

    def as_usual(self, record: Any, status_quo: Any) -> Any:
        """Its record of a year where the demand stays as in the status quo."""
        return record

    def foreign_fuels(self, park: Park, scenario: Scenario) -> Mapping[str, bool]:
        """Fuels that others burn on the site, and whether the scenario only reports their carbon.

        The baseline has them in memo rows, which count in E_0 where they are not only reported.
        """
        return {}

    def files(self, folder: Path, year: int) -> Iterable[Path]:
        """Files of a year below ``timeseries/<park>`` that are read where they are there."""
        return ()

    def schedule(
        self,
        inputs: SliceInputs,
        parameters: ShapeParameters,
        calendar: pd.DataFrame,
        folder: Path,
    ) -> Any:
        """What happens on the site in the year, from which its shapes and series are made.

        Parameters
        ----------
        inputs
            The slice.
        parameters
            Numbers of ``profiles.csv``.
        calendar
            Table of `meishan_model.series.calendar.day_types` of the year.
        folder
            ``timeseries/<park>``.
        """
        return None

    def shapes(self) -> Mapping[str, Shape]:
        """Load shapes by name; a park has one of them if its ``profiles.csv`` has rows of it."""
        return {}

    def series(self, inputs: SliceInputs, context: ShapeContext, hours: IntArray) -> Any:
        """Series that its component types need, in some hours of the year (their positions)."""
        return None

    def notes(self, park: Park, baseline: Baseline) -> Iterable[str]:
        """Lines below the reconciliation of the baseline year, for ``meishan check``."""
        return ()

    def model_numbers(self) -> Mapping[str, ModelNumber]:
        """Numbers to be put beside published ones, by the ``measure`` of ``validation.csv``."""
        return {}

    def chapters(self, slices: Mapping[int, xr.Dataset]) -> Iterable[Chapter]:
        """Chapters of the page of a pathway, given its slices by year."""
        return ()

    def labels(self) -> Path | None:
        """A CSV file of labels: key, en, zh."""
        return None

    def studies(self) -> Iterable[str]:
        """Modules that each declare a study (``docs/studies.md``)."""
        return ()

    def commands(self) -> Iterable[str]:
        """Modules that add commands to ``meishan`` when they are imported."""
        return ()


@cache
def plugins() -> tuple[Plugin, ...]:
    """All plug-ins that are there, by name."""
    files = sorted(Path(__file__).parent.glob("*/plugin.py"))
    modules = [import_module(f"{__package__}.{file.parent.name}.plugin") for file in files]
    found = [*(m.PLUGIN for m in modules), *(e.load() for e in entry_points(group=GROUP))]
    names = [plugin.name for plugin in found]
    if len(set(names)) < len(names):
        raise ValueError(f"two plug-ins have the same name: {', '.join(sorted(names))}")
    return tuple(sorted(found, key=lambda plugin: plugin.name))
