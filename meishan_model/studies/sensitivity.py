"""What drives the result: every assumed number varied alone, and the levers pulled back.

One slice (the target unless another is asked for) is solved on a short representation, again for
every series of numbers marked as assumption that is changed by a share up and down, and for every
lever of the scenario that is switched off (:mod:`meishan_model.studies.varied_slice`). The effect
is the difference to the unchanged slice in the paid cost, the objective, and net emissions by the
market- and the location-based figure.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from meishan_model.components.catalogue import kinds, schemas
from meishan_model.errors import Fault, InputError
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.in_memory import assets_after
from meishan_model.planning.project import Project
from meishan_model.sheets.perturb import (
    Series,
    assumption_series,
    copy_sheets,
    default_tables,
    series_of_table,
    write_defaults,
)
from meishan_model.sheets.scenario import levers
from meishan_model.studies.study import Row, Study, Tell, Variant, run, slice_table
from meishan_model.studies.varied_slice import (
    Reference,
    reference,
    switch_off,
    vary_series,
)

NUMBERS = {
    "paid_cost": "CNY/a",
    "objective": "CNY/a",
    "net_emissions": "tCO2/a",
    "location_emissions": "tCO2/a",
}
"""Numbers of a slice whose change is told, with their units."""
Varied = tuple[Series, float] | str
"""A series with the share by which it is varied, or a lever that is switched off."""


def effect(number: str) -> str:
    """Name of the column with the change of a number, with its unit."""
    return f"effect_on_{number} [{NUMBERS[number]}]"


def variants(series: Sequence[Series], change: float) -> tuple[Variant[Varied], ...]:
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
    switches = [
        _variant("lever", "scenario", lever, "switch", 0.0, lever) for lever in levers(kinds())
    ]
    values = [
        _variant("assumption", s.sheet, s.name, s.unit, share, (s, share))
        for s in series
        for share in (-change, change)
    ]
    return (*switches, *values)


def _variant(
    kind: str, sheet: str, quantity: str, unit: str, change: float, given: Varied
) -> Variant[Varied]:
    """A series varied by a share, or a lever switched off (no share)."""
    key: Row = {"kind": kind, "sheet": sheet, "quantity": quantity, "unit": unit, "change": change}
    return Variant(key, f"{sheet}: {quantity} {change:+.0%}", given)


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


def sensitivity(
    project: Project, year: int, chosen: Sequence[Variant[Varied]], tell: Tell
) -> pd.DataFrame:
    """Solve all variants of one slice that are not in its table yet.

    Parameters
    ----------
    project
        The scenario with its folders; its sheets are copied, never changed.
    year
        The slice.
    chosen
        The variants.
    tell
        Who is told how far it is.

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
    project.require_slices(year)
    with _copied(project) as copy:
        study = Study(
            path=slice_table(project, "sensitivity", year),
            inputs_sha256=slice_hashes(project, "highs")[year],
            variants=chosen,
            prepare=lambda tell: _unchanged(copy, year, tell),
            measure=_measure,
            saved=sort_by_effect,
        )
        return sort_by_effect(run(study, tell))


def _unchanged(project: Project, year: int, tell: Callable[[str], None]) -> Reference:
    tell("the unchanged slice")
    return reference(project, year, assets_after(project, year))


def _measure(base: Reference, given: Varied) -> list[Row]:
    """Status and numbers of a variant, and their change against the unchanged slice."""
    outcome = switch_off(base, given) if isinstance(given, str) else vary_series(base, *given)
    before, after = (
        {name: getattr(totals, name, float("nan")) for name in NUMBERS}
        for totals in (base.totals, outcome.totals)
    )
    return [
        {
            "status": outcome.status,
            "message": outcome.message,
            **{f"{name} [{unit}]": after[name] for name, unit in NUMBERS.items()},
            **{effect(name): after[name] - before[name] for name in NUMBERS},
        }
    ]


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
