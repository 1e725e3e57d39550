"""A project on disk: where its files lie, how it is opened, whether its sheets are right."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr

from meishan_model.accounts.emissions import Baseline, baseline
from meishan_model.components.assets import AssetTable
from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, Gather, InputError
from meishan_model.optimise.solvers.limits import NO_LIMITS, SolverLimits
from meishan_model.planning.asset_rows import asset_table, standing_stock
from meishan_model.planning.read_park import read_sheets_of
from meishan_model.planning.trajectory import Trajectory, theta_for_budget, trajectory
from meishan_model.results.files import Year, command, open_results, result_path, stored_hash
from meishan_model.series.build import faults_of_series
from meishan_model.sheets.costs import CostSheet, load_costs
from meishan_model.sheets.files import named, read_yaml
from meishan_model.sheets.levers import pull_levers
from meishan_model.sheets.park import Park
from meishan_model.sheets.plausibility import Doubt
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.resolve import resolve, resolve_factors
from meishan_model.sheets.row_reader import STAND_INS
from meishan_model.sheets.scenario import TRAJECTORIES, Scenario, read_scenario
from meishan_model.sheets.units import HOURS_OF_YEAR

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Project:
    """One scenario of one park, with its folders.

    Attributes
    ----------
    root
        Folder that holds ``configs/``, ``timeseries/`` and ``results/``.
    scenario
        The scenario.
    cost_folder
        Folder of the cost sheet.
    hours
        8760, or fewer for a trial.
    minutes
        Length of a time step: 60, 30 or 15.
    subfolder
        Folder of the results below ``root``.
    limits
        Time and memory of the solver; they decide nothing but whether there is a result.
    """

    root: Path
    scenario: Scenario
    cost_folder: Path
    hours: int
    minutes: int = 60
    subfolder: Path = Path("results")
    limits: SolverLimits = NO_LIMITS

    @property
    def park_folder(self) -> Path:
        """``configs/<park>``."""
        return self.root / "configs" / self.scenario.park

    @property
    def weather_folder(self) -> Path:
        """``timeseries/<park>``."""
        return self.root / "timeseries" / self.scenario.park

    @property
    def results_folder(self) -> Path:
        """``results``, or where a study of many variants keeps one of them."""
        return self.root / self.subfolder

    @property
    def scenario_folder(self) -> Path:
        """Where slices, pathway and tables of this scenario, cost sheet and hours lie."""
        return self.result_path("pathway").parent

    @property
    def overlay(self) -> str | None:
        """Name of the cost sheet if it is not the scenario's own."""
        own = self.root / "configs" / "costs" / self.scenario.cost_sheet
        return None if self.cost_folder.resolve() == own.resolve() else self.cost_folder.name

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs; it reads the sheets itself, as rows cannot be sent."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def years(self) -> tuple[int, ...]:
        """All slices of the pathway, ascending; one where the target is the status quo."""
        s = self.scenario
        return tuple(range(s.first_year, s.target_year + 1, s.step))

    @cached_property
    def park(self) -> Park:
        """All sheets of the park.

        Raises
        ------
        InputError
            With every fault of the sheets, and with those of years and series that can be told of
            what is right in them.
        """
        s = self.scenario
        park, faults = read_sheets_of(self.root, s.park, s.asked_sheets, s)
        if park is not None and faults:
            sound = replace(self)
            vars(sound)["park"] = park
            faults += tuple(_behind(faults, sound._faults_of_years()))
        if park is None or faults:
            raise InputError(dict.fromkeys(faults))
        return park

    @cached_property
    def baseline(self) -> Baseline:
        """The balance of the baseline year."""
        year = self.park.site.baseline_year
        assert year is not None, "a park with a baseline has its year: checked when it is read"
        return baseline(self.park, resolve_factors(self.park, self.scenario, year), self.scenario)

    @property
    def baseline_emissions(self) -> float:
        """E_0 [tCO2/a]; no number where the park has no baseline."""
        return self.baseline.start if self.park.baseline else math.nan

    @cached_property
    def trajectory(self) -> Trajectory:
        """Caps between the first year and the target, by the rule that the scenario gives.

        Raises
        ------
        InputError
            If no trajectory meets the budget.
        """
        try:
            return trajectory(self.scenario, self.baseline_emissions)
        except InputError as error:
            file = str(self.root / "configs" / "scenarios" / f"{self.scenario.name}.yaml")
            raise InputError(replace(fault, file=file) for fault in error.faults) from error

    def theta_of_budget(self, budget: float) -> float:
        """Exponent of the trajectory that emits a cumulative budget [tCO2].

        Raises
        ------
        InputError
            If no trajectory meets the budget; the message gives the attainable range.
        """
        s, start = self.scenario, self.baseline_emissions
        return theta_for_budget(budget, start, s.first_year, s.target_year, s.step)

    def at_theta(self, theta: float) -> Project:
        """The same scenario on another trajectory, with results in a folder of its own.

        Parameters
        ----------
        theta
            Exponent of the trajectory [-].

        Raises
        ------
        InputError
            If theta is outside of what a scenario may have, or no cap depends on it.
        """
        scenario = self.scenario
        if len(self.years) < 3 or not scenario.neutrality:
            message = "has no cap between the first year and the target, so theta changes nothing"
            raise InputError([Fault(scenario.name, message, remedy="choose another one")])
        if not 0.0 < theta <= 20.0:
            told = f"{theta:g}"
            raise InputError([Fault("theta", "is no exponent", value=told, remedy="0 to 20")])
        changed = scenario.model_copy(update={**dict.fromkeys(TRAJECTORIES), "theta": theta})
        folder = self.subfolder / scenario.name / "front" / f"theta_{theta:.6g}"
        return replace(self, scenario=changed, subfolder=folder)

    @cached_property
    def slices(self) -> Mapping[int, SliceInputs]:
        """Inputs of every slice by year, after the levers that the scenario pulls.

        Raises
        ------
        InputError
            With the faults of all years, and of the series of those that have none.
        """
        gather, park = Gather(), self.park
        told = gather(getattr, self, "baseline_emissions")
        start = math.nan if told is None else told
        resolved = {}
        for year in self.years:
            costs = gather(self.costs, year)
            inputs = gather(resolve, park, self.scenario, costs, year, start)
            if inputs is not None:
                resolved[year] = inputs
        if gather.faults:
            where, slices = (park, self.weather_folder), list(resolved.values())
            gather.faults |= faults_of_series(*where, slices, minutes=self.minutes)
            # A cell that is wrong in several years is told for the first.
            first = {replace(f, message="") if f.row else f: f for f in reversed(gather.faults)}
            raise InputError(reversed(first.values()))
        # What is usual is the stock as it was last observed, in a slice before that its own.
        observed = [y for y in resolved if y <= self.scenario.observed_until]
        usual = {y: resolved[max(o for o in observed if o <= y)] for y in resolved}
        stocks = {u.year: standing_stock(u) for u in usual.values()}
        return {
            y: pull_levers(inputs, usual[y], stocks[usual[y].year])
            for y, inputs in resolved.items()
        }

    def _faults_of_years(self) -> tuple[Fault, ...]:
        """What is wrong with the years and the series of a project."""
        try:
            slices = list(self.slices.values())
        except InputError as error:
            return error.faults
        where = (self.park, self.weather_folder)
        return tuple(faults_of_series(*where, slices, minutes=self.minutes))

    @cached_property
    def asset_table(self) -> AssetTable:
        """All assets of the pathway, before any slice is solved."""
        return asset_table(self.slices)

    @cached_property
    def warnings(self) -> tuple[Doubt, ...]:
        """What is possible and hardly meant in all inputs, the farthest from plausible first."""
        from meishan_model.planning.input_warnings import input_warnings

        return input_warnings(self)

    def require_slice(self, year: int) -> None:
        """Refuse a year that is no slice of the scenario.

        Raises
        ------
        InputError
            With the slices that there are.
        """
        if year not in self.years:
            own = ", ".join(map(str, self.years))
            remedy = f"its slices are {own}" if len(self.years) > 1 else f"its only slice is {own}"
            message, name = "is no slice of this scenario", self.scenario.name
            raise InputError([Fault(name, message, None, "year", str(year), remedy)])

    def result_path(
        self, year: Year, way: str = "", scenario: str = "", suffix: str = ".nc"
    ) -> Path:
        """Where a result lies.

        Parameters
        ----------
        year
            Year of a slice, or ``"pathway"``.
        way
            Another way of planning than backwards; its slices lie in a folder of their own.
        scenario
            Name of another scenario, solved with its own cost sheet and the same hours.
        suffix
            Ending of the file's name.
        """
        folder, name = self._place(way, scenario)
        return result_path(folder, name, year, self.overlay, self.hours, self.minutes, suffix)

    def open_result(self, year: Year, way: str = "", scenario: str = "") -> xr.Dataset:
        """A result, read into memory; parameters as of :meth:`result_path`.

        Raises
        ------
        InputError
            If the file is missing or cannot be read.
        """
        folder, name = self._place(way, scenario)
        return open_results(name, year, folder, self.overlay, self.hours, self.minutes)

    def result_of(self, inputs_sha256: str, year: Year, way: str = "") -> xr.Dataset | None:
        """A result that is whole and was made of inputs with this hash, else ``None``."""
        path = self.result_path(year, way)
        if stored_hash(path) != inputs_sha256:
            return None
        try:
            return self.open_result(year, way)
        except InputError as error:
            logger.warning("%s is damaged and made again: %s", path, error)
            return None

    def command(self, goal: str, own_hours: int = HOURS_OF_YEAR) -> str:
        """A command about the scenario as it is typed, see :func:`.files.command`."""
        s, overlay = self.scenario, self.overlay
        return command(goal, s.name, overlay, self.hours, self.minutes, own_hours)

    def _place(self, way: str, scenario: str) -> tuple[Path, str]:
        """Folder of results and name below it, see :meth:`result_path`."""
        name = scenario or self.scenario.name
        return (self.results_folder / name, way) if way else (self.results_folder, name)

    def costs(self, year: int) -> CostSheet:
        """The cost sheet in a year."""
        library = self.root / "configs" / "costs"
        return load_costs(self.cost_folder, year, library, set(self.park.kind_of))


def open_project(
    scenario: str,
    root: Path,
    cost_folder: Path | None = None,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
) -> Project:
    """Open a scenario.

    Parameters
    ----------
    scenario
        Stem of a file in ``configs/scenarios``.
    root
        Folder of the project.
    cost_folder
        Another cost sheet than the scenario's.
    hours
        8760, or fewer for a trial.
    minutes
        Length of a time step: 60, 30 or 15.

    Raises
    ------
    InputError
        If the scenario is missing or wrong, or its name is a path.
    """
    file = root / "configs" / "scenarios" / f"{named(scenario, '--scenario')}.yaml"
    try:
        found = read_scenario(file, kinds())
    except InputError as error:
        raise InputError([*error.faults, *_faults_of_sheets(root, file)]) from error
    folder = cost_folder or root / "configs" / "costs" / found.cost_sheet
    return Project(root, found, folder, hours, minutes)


def _behind(told: Collection[Fault], found: Iterable[Fault]) -> Iterator[Fault]:
    """Faults found in what is left of faulty sheets that do not come of the faults themselves.

    What a sheet of which a row is left out lacks is not lacking for sure, and a number that
    stands in for a wrong one is right by chance only.
    """
    places = {place for fault in told for place in fault.places}
    files = {fault.file for fault in told if fault.column not in STAND_INS}
    for fault in found:
        if fault.file not in files and not places >= fault.places:
            yield fault


def _faults_of_sheets(root: Path, file: Path) -> Iterator[Fault]:
    """Faults of the park that a scenario names, to be told together with those of the scenario."""
    try:
        name = read_yaml(file).get("park")
    except InputError:  # told already
        return
    if isinstance(name, str) and (root / "configs" / name).is_dir():
        park, faults = read_sheets_of(root, name)
        yield from faults
        if park is not None:
            yield from _behind(faults, faults_of_series(park, root / "timeseries" / name, ()))
