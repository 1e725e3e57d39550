"""A study: many variants of one problem, what is solved for each and what is measured of it.

A study is declared in one file: a dataclass that derives from :class:`Study`, whose fields are the
options of its command and of its function. It says which variants there are, what is measured of
one, and how the table of all is finished and shown. It reads and writes no file of its own;
``docs/studies.md`` shows how one is added. The first line of the file is the help of the command,
its second paragraph what a reader of the tables has to know.

:func:`solve` does the rest. Each variant that is solved is noted at once, so that a run that was
stopped goes on where it ended; the notes are begun anew when an input or the code of a study has
changed. Variants may be solved in processes beside each other: what comes of them is the same.
"""

# A hook that a study leaves alone reads nothing of what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, get_args

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import TOTAL_UNITS
from meishan_model.optimise import SolverName
from meishan_model.planning import backcast
from meishan_model.planning.plan_numbers import NUMBERS
from meishan_model.planning.project import Project
from meishan_model.progress import Progress
from meishan_model.results.files import write_table
from meishan_model.results.pathway_file import pathway_hash
from meishan_model.results.runs import scenario_lock
from meishan_model.results.wording import FINDINGS
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR
from meishan_model.studies.catalogue import study_named
from meishan_model.studies.processes import beside_each_other, one_by_one, unheard
from meishan_model.version import STUDIES, code_sha256
from meishan_model.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = dict[str, Any]
"""Numbers and texts of a row by the names of their columns."""
Tell = Callable[[int, int, str], None]
"""Called with position, count and name of each variant when it begins and with what is done for
it, and with position 0 for what is solved before all variants."""
Notes = dict[str, list[Row]]
"""Rows of the variants that are solved, by the identity of each."""
Given = TypeVar("Given")

UNITS = {**TOTAL_UNITS, **NUMBERS, "theta": "-", "hours": "h", "carbon_price": "CNY/tCO2"}
"""Units of numbers that several studies have."""
FOUND = 1.0
"""Penalty from which on it is a finding [CNY/a]."""


@dataclass(frozen=True)
class Variant(Generic[Given]):
    """One variant of a study.

    Attributes
    ----------
    key
        First cells of its rows, which tell it apart from all other variants.
    name
        What it is called while it is solved.
    given
        What it is made from.
    after
        Name of the variant that has to be solved before it; empty if it waits for none.
    weight
        How long it takes beside the others, roughly: in several processes the longest begin.
    """

    key: Row
    name: str
    given: Given
    after: str = ""
    weight: float = 1.0

    @property
    def identity(self) -> str:
        """Its key as one text."""
        return json.dumps([*self.key.values()])


@dataclass(kw_only=True)
class Study(ABC, Generic[Given]):
    """A study of a project. The fields of a class that derives from it are its options.

    An option is annotated with its type and its help, ``Annotated[int, "The slice."]``; one
    without a default is an argument of the command. ``year`` is the slice that a study is about
    (0 for the target), and ``solver`` the solver that its slices are solved with.

    Attributes
    ----------
    project
        The scenario with its folders.
    say
        Called with what is being done for a variant.
    """

    project: Project
    say: Callable[[str], None] = field(default=unheard, repr=False)

    default_hours: ClassVar[int] = HOURS_OF_YEAR
    """Hours of each year for which the command solves unless it is asked for others."""
    units: ClassVar[Mapping[str, str]] = {}
    """Units of columns that do not name theirs, beside those of :data:`UNITS`."""
    parts: ClassVar[Sequence[str]] = ("",)
    """Ends of the names of its tables on disk."""
    figure: ClassVar[tuple[float, float] | None] = None
    """Width and height of its figure [inches]; ``None`` if it has none."""

    @abstractmethod
    def variants(self) -> Sequence[Variant[Given]]:
        """What is asked for, in the order of the rows.

        Raises
        ------
        InputError
            If the options ask for what there is not.
        """

    @abstractmethod
    def measure(self, given: Given) -> Iterable[Row]:
        """Rows of one variant, without its key."""

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The finished table from the rows of variants, such as sorted or with differences."""
        return rows

    def files(self, rows: pd.DataFrame) -> Sequence[pd.DataFrame]:
        """The tables on disk from the rows of variants, one for each of ``parts``."""
        return (self.table(rows),)

    def shown(self, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
        """The tables that are printed, by their titles, from the rows of variants.

        Units stand in square brackets behind the names of columns, or behind those of the index.
        """
        return {self.title: self.table(rows)}

    def findings(self, rows: pd.DataFrame) -> Iterable[str]:
        """What a reader must not miss, above the tables."""
        keys = [*self.variants()[0].key, *rows.columns.intersection(["year"])]
        for name in rows.columns.intersection([*FINDINGS]):
            for _, row in rows[rows[name] > FOUND].iterrows():
                yield f"{FINDINGS[name]}: {', '.join(f'{key} {row[key]}' for key in keys)}"

    def draw(self, axes: Axes, rows: pd.DataFrame) -> None:
        """Draw the rows of variants, where the study has a figure."""

    def failed(self, rows: pd.DataFrame) -> str:
        """What of the rows is no result and is tried again in the next run; empty if all are."""
        return ""

    @property
    def name(self) -> str:
        """Name of the study and of its command: that of its file."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def note(self) -> str:
        """What a reader of the tables has to know: the second paragraph of the study's file."""
        paragraphs = (sys.modules[type(self).__module__].__doc__ or "").split("\n\n")
        return paragraphs[1].replace("\n", " ") if len(paragraphs) > 1 else ""

    @property
    def title(self) -> str:
        """Name of the study, scenario, year and hours."""
        parts = (self.project.scenario.name, self.slice_year, f"{self.project.hours} h")
        name = self.name.replace("_", " ").capitalize()
        return f"{name}: {', '.join(str(part) for part in parts if part)}"

    @property
    def slice_year(self) -> int:
        """The slice that it is about; 0 if it is about whole pathways."""
        year: int | None = getattr(self, "year", None)
        return self.project.scenario.target_year if year == 0 else year or 0

    @property
    def rests_on(self) -> int:
        """Year down to which slices of the scenario are solved before all variants; 0 for none."""
        later = [year for year in self.project.years if year > self.slice_year > 0]
        return min(later, default=0)

    @cached_property
    def task(self) -> backcast.SliceTask:
        """The slice as the scenario has it, given the slices after it as they lie on disk."""
        return backcast.stored_task(self.project, self.slice_year)

    def solved_with(self, inputs: SliceInputs) -> xr.Dataset:
        """The slice solved with other inputs; its hourly series and bounds stand."""
        from meishan_model.planning.solve_slice import solve_slice

        return solve_slice(replace(self.task, inputs=inputs, inputs_sha256=fingerprint(inputs)))

    @property
    def inputs_sha256(self) -> str:
        """Hash of all that the rows rest on beside the keys of their variants."""
        hashes = backcast.slice_hashes(self.project, getattr(self, "solver", "highs"))
        return hashes[self.slice_year] if self.slice_year else pathway_hash(hashes)

    @property
    def stem(self) -> str:
        """How the names of its files begin."""
        return f"{self.name}_{self.slice_year}" if self.slice_year else self.name

    @property
    def notes(self) -> Path:
        """File with a line for each variant that is solved."""
        return self.project.scenario_folder / "studies" / self.stem / "rows.jsonl"

    def path(self, part: str = "", suffix: str = ".csv") -> Path:
        """Where a table lies, or the figure."""
        return self.project.scenario_folder / f"{self.stem}{part}{suffix}"

    def with_units(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with the units of its columns in their names, such as ``paid_cost [CNY/a]``."""
        units = {**UNITS, **self.units}
        return table.rename(columns={name: f"{name} [{unit}]" for name, unit in units.items()})

    @classmethod
    def possible(cls, project: Project) -> Iterator[Self]:
        """The study with each year and solver: where its tables may lie, and on what they rest."""
        known = {"year": project.years, "solver": get_args(SolverName)}
        decisive = {f.name: known[f.name] for f in fields(cls) if f.name in known}
        for values in product(*decisive.values()):
            yield cls(project=project, **dict(zip(decisive, values, strict=True)))


def run_study(
    project: Project, name: str, tell: Tell, jobs: int = 1, **options: Any
) -> pd.DataFrame:
    """Make a study of a project; what is solved already is not solved again.

    Parameters
    ----------
    project
        The scenario with its folders and its hours of each year.
    name
        Name of the study, such as ``"front"``.
    tell
        Who is told how far it is.
    jobs
        Number of processes that solve variants beside each other.
    **options
        Options of the study, such as ``thetas=(1.0, 2.0)``.

    Returns
    -------
    pandas.DataFrame
        Its table: a row for each variant, or several; units stand in the names of the columns.

    Raises
    ------
    InputError
        If there is no such study, or an option or an input is wrong.
    InfeasibleError, SolverError, CheckError
        If a variant has no optimum that passes its checks; all that were solved are kept.
    LockError
        If another run makes the same study.
    WriteError
        If a table cannot be written.
    """
    study = study_named(name)(project=project, **options)
    return study.with_units(study.table(solve(study, tell, jobs)))


def stored_study(project: Project, name: str, **options: Any) -> pd.DataFrame | None:
    """What :func:`run_study` returns if all variants are solved already, else ``None``."""
    study = study_named(name)(project=project, **options)
    known = _noted(study, study.inputs_sha256)
    asked = [variant.identity for variant in study.variants()] if known else [""]
    if not known.keys() >= set(asked):
        return None
    return study.with_units(study.table(_rows(known, asked)))


def solve(study: Study[Any], tell: Tell, jobs: int = 1) -> pd.DataFrame:
    """Solve the variants of a study that are not solved yet, and save its tables.

    Parameters
    ----------
    study
        The study. Its tables on disk keep what earlier runs were asked for.
    tell, jobs
        As for :func:`run_study`, which says what is raised.

    Returns
    -------
    pandas.DataFrame
        Rows of the variants that are asked for, in their order: key and what was measured.
    """
    if study.slice_year:
        study.project.require_slice(study.slice_year)
    variants, digest = study.variants(), study.inputs_sha256
    with scenario_lock(study.notes.parent):
        known = _noted(study, digest)
        missing = [variant for variant in variants if variant.identity not in known]
        if missing:
            _solve_what_it_rests_on(study, partial(tell, 0, len(missing)))
            with whole_file(study.notes) as file:
                lines = [_head(digest), *map(json.dumps, known.items())]
                file.write_text("\n".join([*lines, ""]), encoding="utf-8")
            with study.notes.open("a", encoding="utf-8") as notes:
                jobs = min(jobs, len(missing))
                solved = (
                    one_by_one(study, missing, tell)
                    if jobs < 2
                    else beside_each_other(study, missing, tell, jobs)
                )
                for variant, measured in solved:
                    rows = [variant.key | row for row in measured]
                    line = json.dumps([variant.identity, rows], default=lambda x: x.item())
                    if not study.failed(pd.DataFrame(rows)):
                        notes.write(f"{line}\n")
                        notes.flush()
                    known[variant.identity] = json.loads(line)[1]
        asked = [variant.identity for variant in variants]
        tables = study.files(_rows(known, dict.fromkeys([*asked, *sorted(known)])))
        for part, table in zip(study.parts, tables, strict=True):
            write_table(study.with_units(table), study.path(part), digest)
    return _rows(known, asked)


def _rows(known: Notes, wanted: Iterable[str]) -> pd.DataFrame:
    """Rows of some variants."""
    return pd.DataFrame([row for identity in wanted for row in known[identity]])


def _noted(study: Study[Any], digest: str) -> Notes:
    """Rows of the variants that are solved; none if they rest on something else."""
    if not study.notes.is_file():
        return {}
    # What a killed run wrote last may be half a line; every whole one ends.
    head, *lines = study.notes.read_text(encoding="utf-8").split("\n")[:-1] or [""]
    return dict(json.loads(line) for line in lines) if head == _head(digest) else {}


def _head(digest: str) -> str:
    """First line of the notes: what their rows rest on."""
    return json.dumps({"inputs_sha256": digest, "code_sha256": code_sha256(*STUDIES)})


def _solve_what_it_rests_on(study: Study[Any], say: Callable[[str], None]) -> None:
    """Solve the slices of the scenario that the variants start from, where that is not done."""
    if study.slice_year:
        # Hours of solving should not be needed to find a gap in the slice itself.
        backcast.require_series(study.project, [study.slice_year])
    if study.rests_on:
        backcast.backcast(study.project, study.rests_on, "highs", SliceProgress(say))


class SliceProgress(Progress):
    """Tells in one line which slice a variant is at, and what is done with it.

    Parameters
    ----------
    say
        Who is told.
    """

    def __init__(self, say: Callable[[str], None]):
        self._say, self._slice = say, ""

    def slice_begins(self, year: int, position: int, count: int) -> None:
        """Remember the slice."""
        self._slice = f"slice {year} ({position} of {count})"

    def stage(self, name: str) -> None:
        """Tell the stage."""
        self._say(f"{self._slice}: {name}")
