"""All that a grid planner asks of one slice: power flow, limits, N-1, hosting, indicators.

The optimiser's losses are a share of the power through an element; in the grid they grow with its
square. :func:`agree_on_losses` solves a slice, finds its AC losses, takes their share of the
energy as the new loss of each element, and solves it again until optimiser and power flow agree.
The file of a study is ``results/<scenario>/<year>_powerflow.nc``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import xarray as xr

from meishan_model.accounts.tables import loss_difference
from meishan_model.components.selection import each, minutes_of_step
from meishan_model.errors import InputError, refuse
from meishan_model.planning.backcast import stored_task
from meishan_model.planning.project import Project
from meishan_model.powerflow.dispatch import PowerFlow, slice_power_flow
from meishan_model.powerflow.feeders import feeder_reinforcement
from meishan_model.powerflow.indicators import indicators, losses, violations, worst_hours
from meishan_model.powerflow.limits import contingencies, hosting_capacity
from meishan_model.powerflow.transport import transport_faults
from meishan_model.results.contract import Attributes, assemble, table_of, time_axis
from meishan_model.results.files import read_file, stored_hash
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.records import SliceInputs
from meishan_model.version import __version__, code_sha256

AGREED_SUFFIX = "_agreed.nc"
"""Of a slice whose losses its own power flow confirms, beside the slice as it was planned."""


@dataclass(frozen=True)
class GridStudy:
    """A year of power flow with everything that is read off it.

    Attributes
    ----------
    flow
        The year.
    worst_hours, violations, losses, indicators, contingencies, hosting
        Tables of the functions of these names; contingencies and hosting may be empty.
    feeders
        Table of :class:`~meishan_model.powerflow.feeders.FeederPlan`.
    feeders_laid
        Whether the year and all tables are those with it, or it is a proposal.
    """

    flow: PowerFlow
    worst_hours: pd.DataFrame
    violations: pd.DataFrame
    losses: pd.DataFrame
    indicators: pd.DataFrame
    contingencies: pd.DataFrame
    hosting: pd.DataFrame
    feeders: pd.DataFrame
    feeders_laid: bool


def grid_study(
    ds: xr.Dataset, grid: GridSheets, discount_rate: float, lay_feeders: bool = False
) -> GridStudy:
    """Power flow of a slice and all that follows from it.

    Parameters
    ----------
    ds, grid
        A slice by the result contract, and the sheets of its park's grid.
    discount_rate
        Real interest for the annuity of feeders [1/a].
    lay_feeders
        Look at the year with the feeders reinforced, instead of only proposing that.

    Raises
    ------
    InputError
        If slice and sheets do not fit each other.
    SolverError
        If a power flow has no solution.
    """
    flow = slice_power_flow(ds, grid)
    plan = feeder_reinforcement(flow, grid, discount_rate)
    if lay_feeders:
        flow = plan.flow
    return GridStudy(
        flow,
        worst_hours(flow, grid),
        violations(flow, grid),
        losses(flow, ds),
        indicators(flow, ds, grid),
        contingencies(flow, grid),
        hosting_capacity(flow, ds, grid),
        plan.table,
        lay_feeders,
    )


def agree_with_grid(
    project: Project, ds: xr.Dataset, grid: GridSheets, discount_rate: float
) -> LossAgreement:
    """The slice with losses that its own power flow confirms, on the feeders that it needs.

    Parameters are those of :func:`grid_study`, and the project of the slice.
    """

    def losses_of(found: xr.Dataset) -> pd.DataFrame:
        plan = feeder_reinforcement(slice_power_flow(found, grid), grid, discount_rate)
        return losses(plan.flow, found)

    return agree_on_losses(project, ds, losses_of, grid.parameter("loss_tolerance"))


ROUNDS = 3
"""Most slices to be looked at until losses agree, the standing one among them."""


@dataclass(frozen=True)
class LossAgreement:
    """A slice with losses that the power flow confirms, or as near as the rounds came.

    Attributes
    ----------
    dataset
        The slice of the last round.
    table
        Losses by element in that round.
    differences
        Of each round: all losses of the optimiser less those of the power flow, over these [1].
    agreed
        Whether the last difference is within the tolerance.
    """

    dataset: xr.Dataset
    table: pd.DataFrame
    differences: tuple[float, ...]
    agreed: bool


def agree_on_losses(
    project: Project,
    standing: xr.Dataset,
    losses_of: Callable[[xr.Dataset], pd.DataFrame],
    tolerance: float,
) -> LossAgreement:
    """Solve a slice again with the losses of its own power flow, until they agree.

    Parameters
    ----------
    project
        The scenario; slices after this one lie on disk.
    standing
        The slice as it was solved; the first round.
    losses_of
        The power flow of a slice, as :func:`~meishan_model.powerflow.indicators.losses` has it.
    tolerance
        Difference of all losses that is small enough [1].

    Returns
    -------
    LossAgreement

    Raises
    ------
    InfeasibleError, SolverError, CheckError
        If a round has no optimum that passes its checks.
    """
    # The solvers take seconds to import, which only solving has to wait for.
    from meishan_model.planning.solve_slice import solve_slice

    task, ds = stored_task(project, int(standing.attrs["year"])), standing
    differences: list[float] = []
    while True:
        lost = losses_of(ds)
        differences.append(loss_difference(lost))
        agreed = abs(differences[-1]) <= tolerance
        if agreed or len(differences) >= ROUNDS:
            return LossAgreement(ds, lost, tuple(differences), agreed)
        used = lost["share"][lost["share"] > 0]
        shares = {str(element): float(share) for element, share in used.items()}
        seen = [task.inputs, task.assets, project.hours, project.minutes, task.solver, shares]
        inputs = with_losses(task.inputs, shares)
        ds = solve_slice(replace(task, inputs=inputs, inputs_sha256=fingerprint(seen)))


def with_losses(inputs: SliceInputs, shares: Mapping[str, float]) -> SliceInputs:
    """Inputs of a slice with other loss shares [1] for some elements of the network."""
    network = tuple(
        replace(element, loss=shares.get(element.element, element.loss))
        for element in inputs.network
    )
    return replace(inputs, network=network)


def feeder_attributes(study: GridStudy) -> dict[str, int | float]:
    """What the feeders of a study cost, as attributes of a file."""
    return {
        "feeders_laid": int(study.feeders_laid),
        "feeder_reinforcement_investment": float(study.feeders["investment"].sum()),
        "feeder_reinforcement_annuity": float(study.feeders["annuity"].sum()),
    }


def study_hash(slice_sha256: str, grid: GridSheets) -> str:
    """Hash of what a study rests on: the slice, the sheets of the grid, and the code."""
    # Not where the sheets lie, and not what the slice itself rests on.
    rows = {
        name: getattr(grid, name)
        for name in grid.__dataclass_fields__
        if name not in ("folder", "zones", "photovoltaics")
    }
    return fingerprint([slice_sha256, rows, code_sha256("powerflow")])


def power_flow_states(project: Project) -> tuple[list[str], list[str]]:
    """What is known of the power flow of every slice, and which limits of the grid are broken.

    A park without a folder ``grid`` has no power flow. A limit counts as broken where a power
    flow that is up to date says so, that with agreed losses before that of the slice as it was
    planned; a stale one says nothing about the slice of today.

    Returns
    -------
    tuple of list
        A line for each power flow on disk, and a line for each broken limit.

    Raises
    ------
    InputError
        If the sheets of the grid are wrong.
    """
    folder = project.park_folder / "grid"
    if not folder.is_dir():
        return [], []
    grid = read_grid(project.park, folder)
    refuse(transport_faults(project.park, grid))
    lines: list[str] = []
    broken: list[str] = []
    for year in sorted(project.years, reverse=True):
        violations: list[str] = []
        for path, found, is_fresh in _power_flows(project, year, grid):
            state = sentence(found) if is_fresh else "STALE, the slice or the grid has changed"
            lines.append(f"{path}: {state}")
            # With agreed losses and feeders laid a violation of the plan as it was may be gone.
            violations = _violations(found) if is_fresh else violations
        broken += [f"{year}: {violation}" for violation in violations]
    return lines, broken


def _power_flows(
    project: Project, year: int, grid: GridSheets
) -> Iterator[tuple[Path, xr.Dataset, bool]]:
    """Power flows of a slice, the agreed one last, and whether they are of the slice of today."""
    first = project.result_path(year)
    planned = stored_hash(first)
    for solved in (first, project.result_path(year, suffix=AGREED_SUFFIX)):
        path, digest = powerflow_path(solved), stored_hash(solved)
        if digest is None:
            continue
        try:
            found = open_powerflow(path)
        except InputError:  # there is none, or none that can be read
            continue
        is_fresh = found.attrs["inputs_sha256"] == study_hash(digest, grid)
        of_plan = solved == first or found.attrs["agreed_from"] == planned
        yield path, found, is_fresh and of_plan


def powerflow_path(slice_path: Path) -> Path:
    """Path of the power flow of a slice, beside it."""
    return slice_path.with_name(f"{slice_path.stem}_powerflow.nc")


def open_powerflow(path: Path) -> xr.Dataset:
    """Read a saved power flow into memory.

    Raises
    ------
    InputError
        If the file is missing, cannot be read or is of another version.
    """
    return read_file(path, "powerflow", "meishan powerflow <year>")


def _violations(ds: xr.Dataset) -> list[str]:
    """A text for each bus or branch of a saved power flow that is beyond a limit."""
    return [
        f"{row.quantity} of {row.Index} in {row.hours:.0f} h, worst {row.value:.3f}"
        for row in each(table_of(ds, "powerflow", "violation"))
    ]


def sentence(ds: xr.Dataset) -> str:
    """What a saved power flow says about its slice, in one line."""
    insecure = str(ds.attrs["insecure_outages"])
    parts = [f"{ds.sizes['violation']} violations"]
    parts.append(f"not secure at n-1: {insecure}" if insecure else "secure at n-1")
    parts.append(f"losses of the plan {float(ds.attrs['loss_difference']):+.1%} off")
    if (annuity := ds.attrs["feeder_reinforcement_annuity"]) > 0:
        laid = "laid" if ds.attrs["feeders_laid"] else "needed"
        parts.append(f"feeders {laid} for {annuity / 1e6:,.2f} million CNY/a")
    return ", ".join(parts)


def study_dataset(study: GridStudy, ds: xr.Dataset, grid: GridSheets) -> xr.Dataset:
    """Dataset of a study by the contract of the file of a power flow."""
    placed, state = study.flow.injections, study.flow.state
    arrays = {
        "voltage": state.voltage.T,
        "active_power": placed.active.T,
        "reactive_power": placed.reactive.T,
        "loading": state.loading.T,
        "branch_power": state.power.T,
        "branch_loss": state.loss.T,
        "tap_position": state.tap.T,
    }
    time = time_axis(placed.time, minutes_of_step(ds))
    return assemble("powerflow", _tables(study), arrays | time, _attributes(study, ds, grid))


def _tables(study: GridStudy) -> dict[str, pd.DataFrame]:
    """Tables of a study by dimension of the file."""
    network = study.flow.network
    kinds = ["line"] * len(network.lines) + ["transformer"] * len(network.transformers)
    return {
        "bus": network.buses[["zone"]].assign(nominal_voltage=network.buses["voltage"] / 1e3),
        "branch": network.branches[["element"]].assign(kind=kinds),
        "transformer": network.transformers[["units"]],
        "element": study.losses,
        "violation": study.violations.set_index("element"),
        "outage": study.contingencies,
        "feeder_reinforcement": study.feeders,
        "zone": study.hosting,
        "indicator": study.indicators,
    }


def _attributes(study: GridStudy, ds: xr.Dataset, grid: GridSheets) -> Attributes:
    given = ds.attrs
    insecure = study.contingencies.index[~study.contingencies["secure"].astype(bool)]
    return {
        "title": f"AC power flow of {given.get('title', 'a slice')}",
        **{name: given[name] for name in ("park", "scenario", "year", "cost_sheet")},
        "slice_sha256": str(given["inputs_sha256"]),
        "agreed_from": str(given.get("agreed_from", "")),
        "inputs_sha256": study_hash(str(given["inputs_sha256"]), grid),
        "loss_difference": loss_difference(study.losses),
        "violations": len(study.violations),
        **feeder_attributes(study),
        "insecure_outages": ", ".join(map(str, insecure)),
        "solver": "power-grid-model, Newton-Raphson",
        "model_version": __version__,
        "code_sha256": code_sha256("powerflow"),
        "history": f"made by meishan_model {__version__} from the slice of this year",
    }
