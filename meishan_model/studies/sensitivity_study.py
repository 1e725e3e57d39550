"""The sensitivity study as a whole: which variants there are, and their table on disk.

The table lies in ``results/<scenario>[~hours]/sensitivity_<year>.csv``. It is saved after every
variant that was solved, so that a run that was stopped goes on where it ended; it is begun anew
when an input of the unchanged slice has changed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from meishan_model.components.catalogue import schemas
from meishan_model.errors import Fault, InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.in_memory import assets_after
from meishan_model.planning.project import Project
from meishan_model.results.files import read_table, write_table
from meishan_model.results.runs import scenario_lock
from meishan_model.sheets.perturb import (
    Series,
    assumption_series,
    copy_sheets,
    default_tables,
    series_of_table,
    write_defaults,
)
from meishan_model.studies.sensitivity import (
    LEVERS,
    Outcome,
    Reference,
    reference,
    switch_off,
    vary_series,
)

SAVE_SECONDS = 5.0
"""The table is saved at most this often [s] while a run lasts, and at its end."""
NUMBERS = {
    "paid_cost": "CNY/a",
    "objective": "CNY/a",
    "net_emissions": "tCO2/a",
    "location_emissions": "tCO2/a",
}
"""Numbers of a slice whose change is told, with their units."""

Row = dict[Hashable, Any]
"""A row of the table."""


@dataclass(frozen=True)
class Variant:
    """One row of the study: a series varied by a share, or a lever switched off (no share)."""

    kind: str
    sheet: str
    quantity: str
    unit: str
    change: float
    series: Series | None = None


def effect(number: str) -> str:
    """Name of the column with the change of a number, with its unit."""
    return f"effect_on_{number} [{NUMBERS[number]}]"


def variants(series: Sequence[Series], change: float) -> tuple[Variant, ...]:
    """All variants: the levers first, then every series down and up.

    Parameters
    ----------
    series
        Series to be varied.
    change
        Relative change in both directions [-], above 0 and below 1.

    Raises
    ------
    InputError
        If the change is no share.
    """
    if not 0.0 < change < 1.0:
        remedy = "give a share above 0 and below 1, such as 0.2"
        raise InputError([Fault("change", "is no share", value=f"{change:g}", remedy=remedy)])
    levers = [Variant("lever", "scenario", lever, "switch", 0.0) for lever in LEVERS]
    values = [
        Variant("assumption", s.sheet, s.name, s.unit, sign * change, s)
        for s in series
        for sign in (-1.0, 1.0)
    ]
    return (*levers, *values)


def park_series(project: Project, sheets: Sequence[str] = ()) -> tuple[Series, ...]:
    """Series of the project's park and cost sheets that are marked as assumption.

    The defaults of the package that the park uses are among them.

    Parameters
    ----------
    project
        The scenario with its folders.
    sheets
        Stems of sheets, such as ``prices`` or ``costs/reference``; all where it is empty.

    Raises
    ------
    InputError
        If a sheet has no assumption or does not exist.
    """
    standard = project.root / "configs" / "costs" / "reference"
    folders = dict.fromkeys([project.cost_folder, standard])
    own = assumption_series(project.park_folder, [f for f in folders if f.is_dir()], schemas())
    defaults = default_tables(project.park).items()
    found = (
        *own,
        *(s for sheet, table in defaults for s in series_of_table(sheet, table, schemas())),
    )
    known = sorted({s.sheet for s in found})
    strange = sorted(set(sheets) - set(known))
    if strange:
        message, remedy = "has no assumption", f"there are: {', '.join(known)}"
        raise InputError([Fault(name, message, remedy=remedy) for name in strange])
    return tuple(s for s in found if not sheets or s.sheet in sheets)


def table_path(project: Project, year: int) -> Path:
    """Where the table of the study lies."""
    return project.scenario_folder / f"sensitivity_{year}.csv"


def sensitivity(
    project: Project,
    year: int,
    chosen: Sequence[Variant],
    tell: Callable[[int, int, str], None],
) -> pd.DataFrame:
    """Solve all variants of one slice that are not in the table yet.

    Parameters
    ----------
    project
        The scenario with its folders; its sheets are copied, never changed.
    year
        The slice.
    chosen
        The variants.
    tell
        Called with position, count and name of each variant before it is solved.

    Returns
    -------
    pandas.DataFrame
        A row per variant, the largest effect of its quantity on the objective first: kind, sheet,
        quantity, unit, change [-], status, message, the four numbers of the slice and the change
        of each against the unchanged slice; units stand in the names of the columns.

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError
        If the unchanged slice cannot be solved.
    LockError
        If another run holds the scenario.
    """
    if year not in project.years:
        remedy = f"its slices are {', '.join(map(str, project.years))}"
        message = "is no slice of this scenario"
        raise InputError([Fault(project.scenario.name, message, None, "year", str(year), remedy)])
    digest, path = slice_hashes(project, "highs")[year], table_path(project, year)
    with scenario_lock(path.parent):
        stored = read_table(path, digest)
        rows: list[Row] = [] if stored is None else [*stored.to_dict("records")]
        done = {_key(row["kind"], row["sheet"], row["quantity"], row["change"]) for row in rows}
        todo = [v for v in chosen if _key(v.kind, v.sheet, v.quantity, v.change) not in done]
        if todo:
            tell(0, len(todo), "the unchanged slice")
            with _copied(project) as copy:
                base = reference(copy, year, assets_after(copy, year))
                rows = _solve_all(base, todo, rows, tell, path, digest)
    return sort_by_effect(pd.DataFrame(rows))


def _solve_all(
    base: Reference,
    todo: Sequence[Variant],
    rows: list[Row],
    tell: Callable[[int, int, str], None],
    path: Path,
    digest: str,
) -> list[Row]:
    """Solve variant after variant; what is done is saved, also when the run is stopped."""
    saved = time.monotonic()
    try:
        for position, variant in enumerate(todo, start=1):
            tell(position, len(todo), f"{variant.sheet}: {variant.quantity} {variant.change:+.0%}")
            outcome = (
                switch_off(base, variant.quantity)
                if variant.series is None
                else vary_series(base, variant.series, variant.change)
            )
            rows.append(_row(variant, outcome, base))
            if time.monotonic() - saved > SAVE_SECONDS:
                write_table(sort_by_effect(pd.DataFrame(rows)), path, digest)
                saved = time.monotonic()
    finally:
        if rows:
            write_table(sort_by_effect(pd.DataFrame(rows)), path, digest)
    return rows


def _key(kind: object, sheet: object, quantity: object, change: object) -> tuple[str, ...]:
    return (str(kind), str(sheet), str(quantity), f"{float(str(change)):+.6f}")


def _row(variant: Variant, outcome: Outcome, base: Reference) -> Row:
    row: Row = {k: v for k, v in asdict(variant).items() if k != "series"}
    row |= {"status": outcome.status, "message": outcome.message}
    before = base.totals._asdict()
    after = dict.fromkeys(NUMBERS, float("nan"))
    if outcome.totals is not None:
        after = {name: outcome.totals._asdict()[name] for name in NUMBERS}
    row |= {f"{name} [{unit}]": after[name] for name, unit in NUMBERS.items()}
    return row | {effect(name): after[name] - before[name] for name in NUMBERS}


def sort_by_effect(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by the largest effect of their quantity on the objective, both directions together."""
    if table.empty:
        return table
    size = table[effect("objective")].abs().fillna(0.0)
    largest = size.groupby([table["kind"], table["sheet"], table["quantity"]]).transform("max")
    order = table.assign(largest=largest).sort_values(
        ["largest", "kind", "sheet", "quantity", "change"],
        ascending=[False, True, True, True, True],
        kind="stable",
    )
    return order.drop(columns="largest").reset_index(drop=True)


@contextmanager
def _copied(project: Project) -> Iterator[Project]:
    """The same project on a copy of its sheets in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="meishan_") as name:
        root = Path(name)
        copy_sheets(project.root, project.scenario.park, project.cost_folder, root)
        write_defaults(project.park, root / "configs" / project.scenario.park)
        folder = root / "configs" / "costs" / project.cost_folder.name
        yield replace(project, root=root, cost_folder=folder)
