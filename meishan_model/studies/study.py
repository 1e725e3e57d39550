"""A study: many variants of one problem, what is solved for each and what is measured of it.

A study is declared, not programmed: where its table lies, what the table rests on, which variants
it has, what all of them start from and what is measured of one. :func:`run` solves the variants
that do not stand in the table yet and saves it while it goes on, so that a run that was stopped
goes on where it ended. The table is begun anew when an input or the code of a study has changed.

.. code-block:: python

    study = Study(
        path=slice_table(project, "matching", 2035),
        inputs_sha256=slice_hashes(project, "highs")[2035],
        variants=[Variant({"matching": rule}, f"matching: {rule}", rule) for rule in MATCHINGS],
        prepare=lambda tell: slice_as_it_is(project, 2035, tell),
        measure=lambda task, rule: [numbers_of(solve_slice(with_rule(task, rule)))],
    )
    table = run(study, tell)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from meishan_model.planning.project import Project
from meishan_model.results.files import read_table, write_table
from meishan_model.results.runs import scenario_lock

SAVE_SECONDS = 5.0
"""The table is saved at most this often [s] while a run lasts, and at its end."""

Row = dict[str, Any]
"""Numbers of a row by the names of their columns, which end in their unit: ``cost [CNY/a]``."""
Tell = Callable[[int, int, str], None]
"""Called with position, count and name of each variant before it is solved, and with position 0
and the name of what is solved before all variants."""
Base = TypeVar("Base")
Given = TypeVar("Given")
Rows = dict[tuple[str, ...], list[Row]]
"""Rows of every variant by its key."""


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
    """

    key: Row
    name: str
    given: Given


@dataclass(frozen=True)
class Study(Generic[Base, Given]):
    """A table of variants and how it is made.

    Attributes
    ----------
    path
        CSV file of the table.
    inputs_sha256
        Hash of what all variants rest on; another one begins the table anew.
    variants
        What is asked for, in the order of the rows.
    prepare
        What all variants start from; called once, and only if a variant has to be solved. It is
        given a function that is told what it solves.
    measure
        Rows of one variant, without its key.
    saved
        The table as it is saved, from its rows, such as sorted or with differences of rows.
    resumed
        Whether variants that stand in the table are left unsolved. False where each variant
        keeps slices of its own on disk, which are looked at again.
    """

    path: Path
    inputs_sha256: str
    variants: Sequence[Variant[Given]]
    prepare: Callable[[Callable[[str], None]], Base]
    measure: Callable[[Base, Given], Iterable[Row]]
    saved: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    resumed: bool = True


def run(study: Study[Base, Given], tell: Tell) -> pd.DataFrame:
    """Solve the variants of a study that are not in its table yet, and save the table.

    Parameters
    ----------
    study
        The study. Its table keeps variants of earlier runs that are not asked for in this one.
    tell
        Who is told how far it is.

    Returns
    -------
    pandas.DataFrame
        Rows of the variants that are asked for, in their order: key and numbers.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        As ``prepare`` and ``measure``; the variants before it are kept.
    LockError
        If another run holds the folder of a table that is resumed.
    WriteError
        If the table cannot be written.
    """
    with scenario_lock(study.path.parent) if study.resumed else nullcontext():
        rows: Rows = _stored_rows(study) if study.resumed else {}
        missing = [variant for variant in study.variants if _identity(variant.key) not in rows]
        if missing:
            base = study.prepare(partial(tell, 0, len(missing)))
            saved = time.monotonic()
            try:
                for position, variant in enumerate(missing, start=1):
                    tell(position, len(missing), variant.name)
                    measured = study.measure(base, variant.given)
                    rows[_identity(variant.key)] = [variant.key | row for row in measured]
                    if time.monotonic() - saved > SAVE_SECONDS:
                        _save(study, rows)
                        saved = time.monotonic()
            finally:
                _save(study, rows)
    return _asked(study, rows)


def stored_table(study: Study[Base, Given]) -> pd.DataFrame | None:
    """What :func:`run` returns if all variants stand in the table of today, else ``None``."""
    rows = _stored_rows(study)
    return _asked(study, rows) if all(_identity(v.key) in rows for v in study.variants) else None


def slice_table(project: Project, study: str, year: int) -> Path:
    """Where the table of a study of one slice lies."""
    return project.scenario_folder / f"{study}_{year}.csv"


def _asked(study: Study[Base, Given], rows: Rows) -> pd.DataFrame:
    """Rows of the variants that are asked for, in their order."""
    return pd.DataFrame([row for v in study.variants for row in rows[_identity(v.key)]])


def _identity(key: Row) -> tuple[str, ...]:
    """A key as it can be compared: a number is the same when it is read from a file again."""
    return tuple(f"{v:.12g}" if isinstance(v, Real) else str(v) for v in key.values())


def _stored_rows(study: Study[Base, Given]) -> Rows:
    """Rows of the table on disk; none where it rests on something else."""
    stored = read_table(study.path, study.inputs_sha256)
    found: Rows = {}
    columns = list(study.variants[0].key)
    for record in [] if stored is None else stored.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        found.setdefault(_identity({name: row[name] for name in columns}), []).append(row)
    return found


def _save(study: Study[Base, Given], rows: Rows) -> None:
    """Save the rows that there are: those that are asked for in their order, then all others."""
    order = dict.fromkeys([*(_identity(v.key) for v in study.variants), *rows])
    table = pd.DataFrame([row for identity in order for row in rows.get(identity, ())])
    if len(table):
        write_table(study.saved(table), study.path, study.inputs_sha256)
