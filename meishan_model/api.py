"""The model as a library: a project is opened, and asked.

.. code-block:: python

    import meishan_model as mm

    p = mm.open_project("balanced")
    ds = p.solve(2035)  # xarray.Dataset, every flow and price of 8760 hours
    p.pathway()["capacity"].to_series()
    p.dispatch(2035, week=28, zone="port")  # pandas.DataFrame [MW]
    p.explain("pv_rooftop_port", 2035)  # from the cell of a sheet to the result

Nothing is printed unless ``progress=True`` is asked for, which writes to standard error. What is
wrong raises an error of :mod:`meishan_model.errors` or of :mod:`meishan_model.optimise.errors`;
tables are pandas objects, results xarray datasets. The command line is a thin layer over this.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import xarray as xr

from meishan_model.optimise import SolverLimits, SolverName
from meishan_model.optimise.solvers.limits import NO_LIMITS
from meishan_model.planning import project as planning
from meishan_model.planning.backcast import backcast
from meishan_model.planning.input_warnings import with_warnings
from meishan_model.progress import Progress, shown
from meishan_model.report import accessor as _accessor  # noqa: F401 - registers ds.mm
from meishan_model.results.files import Year, open_results
from meishan_model.sheets.units import HOURS_OF_YEAR

# What only some questions need is imported by them: figures, power flow, ledger and page.
if TYPE_CHECKING:
    from meishan_model.report.check import Check
    from meishan_model.report.comparison import Differences
    from meishan_model.report.explain import Explanation
    from meishan_model.report.powerflow import GridCheck
    from meishan_model.report.statement import LedgerState, YearStatement
    from meishan_model.report.trade import DayTariff
    from meishan_model.report.validation import Validation

__all__ = ["Project", "open_project", "open_results"]

Format = Literal["iamc", "excel", "csv"]


def open_project(
    scenario: str,
    root: str | Path = ".",
    costs: str | Path | None = None,
    hours: int = HOURS_OF_YEAR,
    minutes: int = 60,
) -> Project:
    """Open a scenario of a park; its sheets are read when they are first needed.

    Parameters
    ----------
    scenario
        Stem of a file in ``configs/scenarios``.
    root
        Folder with ``configs/``, ``timeseries/`` and ``results/``.
    costs
        Another cost sheet than the scenario's: its name in ``configs/costs``, or a folder.
    hours
        8760, or a number of weeks in hours for a short trial, whose results lie apart.
    minutes
        Length of a time step: 60, 30 or 15; results of shorter steps lie apart too.

    Raises
    ------
    InputError
        If the scenario or the cost sheet is missing or wrong.

    Examples
    --------
    >>> p = open_project("balanced")
    >>> p.scenario.target_year in p.years
    True
    """
    root = Path(root)
    folder = None if costs is None else Path(costs)
    if folder is not None and len(folder.parts) == 1:
        folder = root / "configs" / "costs" / folder
    return Project(**vars(planning.open_project(scenario, root, folder, hours, minutes)))


class Project(planning.Project):
    """One scenario of one park: what is known of it, and what can be asked.

    ``park`` holds all rows of its sheets, ``years`` its slices, ``slices`` the inputs of each year
    in MW, MWh, CNY and tCO2, ``asset_table`` every capacity with what bounds and costs it.
    """

    def check(self) -> Check:
        """Check all sheets, hourly series and results on disk.

        Returns
        -------
        Check
            The baseline row by row, where numbers come from, stale results; ``failures`` names
            results that fail their checks and limits of the grid that are broken.

        Raises
        ------
        InputError
            With every fault of the sheets.
        """
        from meishan_model.report.check import check

        return check(self)

    def validation(self) -> Validation:
        """Numbers of the model beside published ones of ``validation.csv``; nothing is solved."""
        from meishan_model.report.validation import validation

        return validation(self)

    def solve(
        self,
        year: int,
        solver: SolverName = "highs",
        *,
        time_limit: float = NO_LIMITS.time,
        memory_limit: float | None = NO_LIMITS.memory,
        progress: bool | Progress = False,
    ) -> xr.Dataset:
        """Solve the slices from the target year down to a year; what is up to date is not redone.

        Parameters
        ----------
        year
            A slice of the scenario, one of ``years``.
        solver
            ``highs`` or ``cbc``.
        time_limit, memory_limit
            Seconds and largest memory [GB] of each attempt of the solver.
        progress
            Whether each stage is printed on standard error, or who is told instead.

        Returns
        -------
        xarray.Dataset
            As :meth:`results`; its attribute ``warnings`` has those that stand today.

        Raises
        ------
        InputError, InfeasibleError, SolverError, CheckError, LockError
            As :func:`~meishan_model.planning.backcast.backcast`.

        Examples
        --------
        >>> ds = open_project("balanced").solve(2035)
        >>> ds["power"].dims, ds["power"].units, ds["price"].units
        (('flow', 'time'), 'MW', 'CNY/MWh')
        """
        with shown(progress) as told:
            backcast(self._limited(time_limit, memory_limit), year, solver, told)
        return with_warnings(self, self.results(year))

    def pathway(
        self,
        solver: SolverName = "highs",
        *,
        time_limit: float = NO_LIMITS.time,
        memory_limit: float | None = NO_LIMITS.memory,
        progress: bool | Progress = False,
    ) -> xr.Dataset:
        """Solve all slices that are missing, roll the plan forward and write ``pathway.nc``.

        Parameters and errors are those of :meth:`solve`.

        Returns
        -------
        xarray.Dataset
            The yearly tables with a leading ``year``, and additions, retirements [unit], cash
            flow [CNY/a] and principles.
        """
        from meishan_model.planning import whole_pathway

        with shown(progress) as told:
            whole_pathway.pathway(self._limited(time_limit, memory_limit), solver, told)
        return with_warnings(self, self.results())

    def _limited(self, seconds: float, memory: float | None) -> Project:
        return replace(self, limits=SolverLimits(seconds, memory))

    def results(self, year: Year = "pathway") -> xr.Dataset:
        """A result, read into memory.

        Returns
        -------
        xarray.Dataset
            Of a slice: ``power(flow, time)`` [MW], ``price(bus, time)`` [CNY/MWh],
            ``storage_content(storage, time)`` [MWh], ``capacity(asset)``, ``cost(cost_item)``
            [CNY/a], ``emissions(emission_item)`` [tCO2/a] and more (``docs/results.md``); ``.mm``
            has its tables and figures.

        Raises
        ------
        InputError
            If it is missing or cannot be read; the command that makes it is named.
        """
        return self.open_result(year)

    def dispatch(
        self,
        year: int,
        week: int | None = None,
        by: str | Sequence[str] = "",
        **flows: str | Collection[str],
    ) -> pd.DataFrame:
        """Power of any flows of a solved slice in every hour.

        Parameters
        ----------
        year
            A solved slice.
        week, by, flows
            As for :meth:`~meishan_model.report.accessor.SliceAccessor.dispatch` of ``ds.mm``,
            which also has the figure.

        Returns
        -------
        pandas.DataFrame
            Hours x series [MW], into a bus positive and out of it negative.

        Examples
        --------
        >>> p = open_project("balanced")
        >>> week = p.dispatch(2035, week=1, zone="port")
        >>> len(week), bool(week.sum(axis=1).abs().max() < 1e-6)
        (168, True)
        """
        return pd.DataFrame(self.results(year).mm.dispatch(week, by, **flows))

    def explain(self, asset: str, year: int) -> Explanation:
        """Why there is as much of an asset as there is, from the cells of the sheets on.

        Parameters
        ----------
        asset
            Name of the asset, as in the coordinate ``asset`` of :meth:`results`.
        year
            A solved slice.

        Returns
        -------
        Explanation
            Its cells (file, row, value, source), the terms of its bounds [unit], its coefficient
            in the objective and its reduced cost [CNY/(unit*a)], its capacity [unit] and what it
            costs [CNY/a]; ``sentences("zh")`` tells them, printed by rich it is all of it.

        Raises
        ------
        InputError
            If the slice is not solved, or there is no such asset; those that are near are named.

        Examples
        --------
        >>> why = open_project("balanced").explain("pv_rooftop_port", 2035)
        >>> why.cells[0].sheet, why.terms[0][0], why.bound_value < 0.0
        ('assets.csv', 'lower', True)
        """
        from meishan_model.report.explain import explain

        return explain(self, asset, year)

    def study(
        self, name: str, *, jobs: int = 1, progress: bool | Progress = False, **options: Any
    ) -> pd.DataFrame:
        """Solve the variants of a study; what is up to date is not redone.

        Parameters
        ----------
        name
            ``front``, ``abatement``, ``sensitivity``, ``matching``, ``exposure``, ...
            (``docs/studies.md``).
        jobs
            Processes that solve variants beside each other.
        progress
            As for :meth:`solve`.
        options
            What the study takes, as the options of its command: ``year=2035, prices=(0, 100)``.

        Returns
        -------
        pandas.DataFrame
            A row for each variant, or several; units stand in the names of the columns.

        Raises
        ------
        InputError
            If there is no such study, or an option or an input is wrong.
        InfeasibleError, SolverError, CheckError
            If a variant has no optimum that passes its checks; all that were solved are kept.
        """
        from meishan_model.studies.study import run_study

        with shown(progress) as told:
            return run_study(self, name, told.variant, jobs, **options)

    def differences(self, other: Project) -> Differences:
        """What differs between this solved pathway and another, in inputs and outputs."""
        from meishan_model.report.comparison import differences

        return differences(self, other)

    def tariff(self, date: str) -> DayTariff:
        """The price of power in every hour of a day, such as ``2026-07-15``, in its parts.

        Returns
        -------
        DayTariff
            Its ``table`` has the hours in rows: ratio, energy, network charge, levies, total
            [CNY/MWh]; ``demand_charge`` is that of the highest hour of a month [CNY/(MW*month)].
        """
        from meishan_model.report.trade import tariff_of_day

        return tariff_of_day(self.park, date)

    def statement(self, year: int) -> YearStatement:
        """The neutrality statement of a solved slice; its ``table`` has a row a line [tCO2/a]."""
        from meishan_model.report.statement import year_statement

        return year_statement(self, year, self.results(year))

    def ledger(self, verify: bool = False) -> LedgerState:
        """Post every solved slice to the carbon ledger, or compare the ledger with the results.

        Raises
        ------
        InputError
            If no slice is solved, or ``verify`` is asked for and there is no ledger.
        """
        from meishan_model.report.statement import ledger_state

        return ledger_state(self, verify)

    def powerflow(
        self, year: int, agree: bool = False, *, progress: bool | Progress = False
    ) -> GridCheck:
        """Check a solved slice on the grid: voltages, loadings, losses, N-1, hosting capacity.

        With ``agree`` the slice is solved again with the losses found, and feeders that overload
        are laid.

        Returns
        -------
        GridCheck
            ``study`` has the tables; ``result`` is the NetCDF file with every hour.

        Raises
        ------
        InputError, SolverError
            As :func:`~meishan_model.report.powerflow.check_grid`.
        """
        from meishan_model.report.powerflow import check_grid

        with shown(progress) as told:
            return check_grid(self, year, agree, told)

    def report(self, output: str | Path | None = None) -> Path:
        """Write the page of a solved plan: text, tables and every hour, in two languages.

        Returns
        -------
        pathlib.Path
            The file, beside the pathway unless ``output`` is given. The log warns if it is stale.
        """
        from meishan_model.report.html.page import collect, render_report, save_report
        from meishan_model.studies.freshness import warn_if_stale

        target = Path(output or self.scenario_folder / "report.html")
        save_report(render_report(collect(self)), target)
        warn_if_stale(self)
        return target

    def export(self, *formats: Format, folder: str | Path | None = None) -> list[Path]:
        """Write the yearly tables of a solved pathway, or of a single slice, for others.

        Parameters
        ----------
        formats
            ``iamc`` for pyam, ``excel`` for one workbook, ``csv`` for a file each table.
        folder
            Where they go, beside the pathway unless given. The log warns if that is stale.
        """
        from meishan_model.planning.whole_pathway import plan_tables
        from meishan_model.report.export import export
        from meishan_model.studies.freshness import warn_if_stale

        files = export(plan_tables(self), Path(folder or self.scenario_folder), formats)
        warn_if_stale(self)
        return files
