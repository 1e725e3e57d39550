"""The front of cost against cumulative emissions: one pathway for each exponent theta.

The cap of a slice is ``E_0 ((T - y) / (T - first)) ** theta``: a larger theta reduces earlier and
emits less in all. Every point is a whole backcast at its own theta, kept slice by slice in a
folder of its own, so that a run that was stopped goes on where it ended.

What theory guarantees, and what it does not:

- The caps fall in every year between first and target as theta rises, so the emissions they
  allow (:func:`~meishan_model.planning.trajectory.cumulative_emissions`) fall strictly.
- The target slice is the same problem for every theta: its cap is zero, nothing comes after it.
- The slice before it has the same bounds for every theta, and a cap that tightens as theta rises:
  its feasible set shrinks, so its objective cannot fall.
- Earlier slices inherit bounds from what the slices after them build, and these choose
  differently at another cap. Each slice is least cost for its own year only, so neither its
  objective nor the present value of the pathway has to be monotone in theta.
- Where a cap does not bind, a slice emits less than the cap and a larger theta changes nothing:
  points of the front then coincide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from meishan_model.accounts.tables import slice_totals
from meishan_model.errors import Fault, InputError
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import (
    backcast,
    cap_of_year,
    slice_hashes,
)
from meishan_model.planning.project import Project
from meishan_model.planning.trajectory import cumulative_emissions, theta_for_budget
from meishan_model.progress import Progress
from meishan_model.results.files import write_table
from meishan_model.results.pathway_file import pathway_hash
from meishan_model.studies.plan_numbers import pathway_totals
from meishan_model.studies.study import Row, Study, Tell, Variant, run

UNITS = {
    "theta": "-",
    "hours": "h",
    "budget": "tCO2",
    "cumulative_emissions": "tCO2",
    "cumulative_emissions_location": "tCO2",
    "net_present_cost": "CNY",
    "net_present_objective": "CNY",
    "cap": "tCO2/a",
    "net_emissions": "tCO2/a",
    "location_emissions": "tCO2/a",
    "paid_cost": "CNY/a",
    "objective": "CNY/a",
    "shedding": "CNY/a",
    "gap": "CNY/a",
    "carbon_value": "CNY/tCO2",
}
"""Units of the columns of both tables, for their files."""
BINDING = 1e-4
"""Relative distance from its cap below which the net emissions of a slice count as bound [-]."""


def project_at(project: Project, theta: float) -> Project:
    """The same scenario on another trajectory, with results in a folder of its own.

    Parameters
    ----------
    project
        The scenario with its folders.
    theta
        Exponent of the trajectory [-].

    Raises
    ------
    InputError
        If theta is outside of what a scenario may have, or the scenario is a single slice.
    """
    name = project.scenario.name
    if len(project.years) < 3 or not project.scenario.neutrality:
        message = "has no cap between the first year and the target, so theta changes nothing"
        raise InputError([Fault(name, message, remedy="choose a scenario with a trajectory")])
    if not 0.0 < theta <= 20.0:
        raise InputError([Fault("theta", "is no exponent", None, None, f"{theta:g}", "0 to 20")])
    changes = {"theta": theta, "cumulative_budget": None}
    scenario = project.scenario.model_copy(update=changes)
    folder = project.subfolder / name / "front" / f"theta_{theta:.6g}"
    return replace(project, scenario=scenario, subfolder=folder)


def theta_of_budget(project: Project, budget: float) -> float:
    """Exponent whose trajectory emits a given cumulative budget [tCO2].

    Raises
    ------
    InputError
        If no trajectory meets the budget; the message gives the attainable range.
    """
    s, start = project.scenario, project.baseline.emissions_ledger
    return theta_for_budget(budget, start, s.first_year, s.target_year, s.step)


def front_points(
    project: Project,
    runs: Sequence[tuple[float, int]],
    solver: SolverName,
    progress: Progress,
    tell: Tell,
) -> pd.DataFrame:
    """Points of the front, slice by slice; slices that are up to date are not solved again.

    Parameters
    ----------
    project
        The scenario with its folders; the points are saved beside its slices.
    runs
        Exponents of the trajectory [-] with hours of each year.
    solver
        ``highs`` or ``cbc``.
    progress
        Who is told how far a point is.
    tell
        Who is told how far the study is.

    Returns
    -------
    pandas.DataFrame
        A row per slice, ascending: theta, hours, year, cap, net_emissions, location_emissions
        [tCO2/a], paid_cost, objective, shedding, gap [CNY/a], carbon_value [CNY/tCO2] (not a
        number where the solver gives none), binds (whether the cap binds).

    Raises
    ------
    InputError, InfeasibleError, SolverError, CheckError, LockError
        As :func:`~meishan_model.planning.backcast.backcast`; the slices before it are kept.
    """
    points = {
        (theta, hours): project_at(replace(project, hours=hours), theta) for theta, hours in runs
    }
    return run(
        Study(
            path=front_path(project, "_slices.csv"),
            inputs_sha256=pathway_hash(slice_hashes(project, solver)),
            variants=[
                Variant({"theta": theta, "hours": hours}, f"theta {theta:.4g}, {hours} h", point)
                for (theta, hours), point in points.items()
            ],
            prepare=lambda _: None,
            measure=lambda _, point: _point_rows(point, solver, progress),
            saved=with_units,
            resumed=False,
        ),
        tell,
    )


def _point_rows(point: Project, solver: SolverName, progress: Progress) -> Iterator[Row]:
    backcast(point, point.years[0], solver, progress)
    slack = BINDING * max(point.baseline.emissions_ledger, 1.0)
    for year in point.years:
        ds = point.open_result(year)
        cap, totals = cap_of_year(point, year), slice_totals(ds)
        yield {
            "year": year,
            "cap": cap,
            **totals._asdict(),
            "carbon_value": float(ds.attrs.get("carbon_value", float("nan"))),
            "binds": totals.net_emissions >= cap - slack,
        }


def front_table(project: Project, points: pd.DataFrame) -> pd.DataFrame:
    """The front: one row per theta and number of hours.

    Parameters
    ----------
    project
        The scenario, for E_0, the years and the discount rate.
    points
        Of :func:`front_points`.

    Returns
    -------
    pandas.DataFrame
        Index theta and hours, ascending; budget: what the caps allow [tCO2], cumulative_emissions
        and cumulative_emissions_location [tCO2], both by the trapezoid rule; net_present_cost of
        the money paid and net_present_objective with shadow carbon value and penalties, both in
        CNY of 2020 in the first year; bound_years: the years in which the cap binds, as text.
    """
    s, start = project.scenario, project.baseline.emissions_ledger
    rate = project.slices[project.years[0]].parameters["discount_rate"]
    rows = {}
    for (theta, hours), group in points.groupby(["theta", "hours"]):
        ordered = group.set_index("year").sort_index()
        bound = ordered.index[ordered["binds"].astype(bool)]
        exponent = float(ordered["theta"].iloc[0])
        rows[theta, hours] = {
            "budget": cumulative_emissions(start, s.first_year, s.target_year, exponent, s.step),
            **pathway_totals(ordered, rate),
            "bound_years": " ".join(map(str, bound)),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(list(rows), names=["theta", "hours"])
    return frame.sort_index()


def save_front(project: Project, table: pd.DataFrame, solver: SolverName) -> Path:
    """Save the front beside the folders of its points and say where."""
    path = front_path(project, ".csv")
    write_table(with_units(table.reset_index()), path, pathway_hash(slice_hashes(project, solver)))
    return path


def front_path(project: Project, suffix: str) -> Path:
    """Where the table of the front lies, beside the folders of its points."""
    return project.scenario_folder / f"front{suffix}"


def with_units(table: pd.DataFrame) -> pd.DataFrame:
    """A table of the front as it is saved: the unit of each column in its name."""
    return table.rename(columns={name: f"{name} [{unit}]" for name, unit in UNITS.items()})
