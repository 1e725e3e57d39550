"""Numbers of the model that can be put beside published ones: each is one function of a project.

They are made of sheets and hourly series as the slices use them, without any optimisation. A row
of ``validation.csv`` names one as its ``measure`` and says of what, where and when; plug-ins bring
more (:meth:`meishan_model.plugins.Plugin.model_numbers`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from meishan_model.errors import InputError
from meishan_model.planning.project import Project
from meishan_model.series.build import build_profiles, shape_context
from meishan_model.series.demand import ShapeContext
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.resolve import resolve
from meishan_model.sheets.row_reader import names_remedy
from meishan_model.sheets.validation_rows import ValidationRow

T = TypeVar("T")


@dataclass
class Model:
    """A project as it is asked for its numbers; what several of them need is made once."""

    project: Project
    _made: dict[tuple[str, object], object] = field(default_factory=dict)

    def inputs(self, year: int) -> SliceInputs:
        """Inputs of any year, be it a slice of the plan or not."""

        def make() -> SliceInputs:
            p = self.project
            return resolve(p.park, p.scenario, p.costs(year), year, p.baseline_emissions)

        return self._once("inputs", year, make)

    def context(self, year: int) -> ShapeContext:
        """What the shapes of a year depend on."""
        where = self.project.park, self.project.weather_folder
        return self._once("context", year, lambda: shape_context(self.inputs(year), *where))

    def profiles(self, year: int) -> Profiles:
        """Hourly series of a year."""
        where = self.project.park, self.project.weather_folder
        return self._once("series", year, lambda: build_profiles(self.inputs(year), *where))

    def in_case(self, case: str) -> Model:
        """The model with another case of the stock; itself where none is named."""
        if case in ("", self.project.scenario.stock_case):
            return self
        scenario = self.project.scenario.model_copy(update={"stock_case": case})
        return self._once("case", case, lambda: Model(replace(self.project, scenario=scenario)))

    def _once(self, what: str, which: object, make: Callable[[], T]) -> T:
        found: T = self._made[what, which] if (what, which) in self._made else make()  # type: ignore[assignment]
        self._made[what, which] = found
        return found


@dataclass(frozen=True)
class Asked:
    """A row of the sheet, and the model that it asks."""

    model: Model
    row: ValidationRow

    @cached_property
    def year(self) -> int:
        """Year of the row; the first of the plan where it names none."""
        return int(self.row.when[:4]) if self.row.when else self.model.project.years[0]

    @property
    def inputs(self) -> SliceInputs:
        """Inputs of the year."""
        return self.model.inputs(self.year)

    @property
    def park(self) -> Park:
        """All sheets of the park."""
        return self.model.project.park

    def named(self, known: Collection[str]) -> tuple[str, ...]:
        """Names of the row.

        Raises
        ------
        InputError
            If it names none, or what is not there.
        """
        names = self.row.names
        wrong = [name for name in names if name not in known] or ([] if names else [""])
        if wrong:
            message = f"there is no {wrong[0]}" if wrong[0] else "names nothing"
            raise InputError([self.row.fault("of", message, names_remedy(wrong[0], known))])
        return names

    def chosen(self, known: Mapping[str, T]) -> T:
        """What the row names in the column ``by``.

        Raises
        ------
        InputError
            If there is no such thing.
        """
        name = self.row.by
        if name not in known:
            raise InputError([self.row.fault("by", "is not there", names_remedy(name, known))])
        return known[name]

    def technologies(self) -> list[Technology]:
        """Equipment that the row names by itself, by its kind or by its group."""
        there = self.inputs.technologies.values()
        called = [(t, {t.technology, t.kind.name, t.group} - {""}) for t in there]
        names = set(self.named({name for _, own in called for name in own}))
        return [t for t, own in called if own & names]

    def is_here(self, zone: str) -> bool:
        """Whether the row is of a zone."""
        return self.row.zone in ("", zone)


class ModelNumber(NamedTuple):
    """A number of the model: its units, the first being that in which it is made, and how."""

    units: str
    make: Callable[[Asked], float]

    @property
    def says(self) -> str:
        """What it is."""
        return str(self.make.__doc__).partition("\n")[0].rstrip(".")
