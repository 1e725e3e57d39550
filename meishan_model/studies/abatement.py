"""Marginal abatement cost curve of the target year: the levers pulled one after the other.

The order of attribution is the seed's: source reduction first, demand before supply, then sinks,
then green power, then certificates and credits. A step solves the target slice with all levers up
to its own; what it abates and costs is the difference to the step before, so a lever is charged
with what it does *after* those before it. Another order would give other widths.

The rule: every step minimises the same cost. That is the cost of the plan, with its shadow carbon
value if it has one, and with the plan's own carbon value as the price of every tonne above zero.
The carbon value is the dual of neutrality in the plan (all levers, the cap as it is), and the cap
is put into the objective with it: a lever is used where it is cheaper than what carbon is worth to
the plan, neither at any price nor only where it pays for itself. The price stands a thousandth
above the dual, so that the instrument that sets it is used rather than tied. The last step is the
plan itself.

- The width of a step is the fall of net emissions, in the market-based figure (which the plan must
  bring to zero) and in the location-based one; its area is the rise of the paid cost, and its cost
  per tonne is area over width, where there is a width.
- Widths add up to the abatement, areas to the cost between first step and plan, by construction.
- A step whose width is zero or negative is shown as it is. A negative one is no error: demand that
  is electrified raises the figure of a grid that still emits, until supply follows.
- From a step to the next within supply and instruments the feasible set only grows, so the
  objective cannot rise; freeing the demand also takes the old equipment away (phase-outs), and the
  last step changes the penalty: there nothing is guaranteed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from meishan_model.accounts.tables import slice_totals
from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.planning.asset_rows import asset_table
from meishan_model.planning.backcast import slice_hashes, slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.records import SliceInputs
from meishan_model.studies.study import Row, Study, Tell, Variant, run, slice_table, stored_table

ABOVE = 1e-3
"""How far the price of a tonne stands above the plan's carbon value [-]: it breaks ties."""
WIDTH = 1.0
"""Width [tCO2/a] below which a cost per tonne has no meaning."""
UNITS = {
    "net_emissions": "tCO2/a",
    "location_emissions": "tCO2/a",
    "paid_cost": "CNY/a",
    "objective": "CNY/a",
    "shedding": "CNY/a",
    "carbon_price": "CNY/tCO2",
}


@dataclass(frozen=True)
class Step:
    """One lever: what the scenario says of it, and of those before it.

    Attributes
    ----------
    lever
        What is pulled in this step.
    changes
        Keys of the scenario that differ from the plan's.
    measures
        Whether efficiency measures are on offer although demand stays as usual.
    """

    lever: str
    changes: Mapping[str, object]
    measures: bool = False


USUAL: Mapping[str, object] = {
    "demand_side": "as_usual",
    "supply_side": "as_usual",
    "instruments": (),
}


@cache
def steps() -> tuple[Step, ...]:
    """Levers in the order of attribution; the last step is the plan."""
    contracts = {name: kinds().contracts[name] for name in kinds().instruments}
    contracts = {name: kind for name, kind in contracts.items() if not kind.is_offset}
    sinks = tuple(name for name, kind in contracts.items() if not kind.follows_plant)
    return (
        Step("as usual", USUAL),
        Step("efficiency measures", USUAL, measures=True),
        Step("electrification and demand side", {"supply_side": "as_usual", "instruments": ()}),
        Step("local renewables and storage", {"instruments": ()}),
        Step("sinks", {"instruments": sinks}),
        Step("green power", {"instruments": tuple(contracts)}),
        Step("certificates and credits", {}),
    )


def abatement_curve(project: Project, tell: Tell) -> pd.DataFrame:
    """Solve all steps that are not in the table yet and make the curve of them.

    Parameters
    ----------
    project
        The plan, such as ``balanced``, with its folders.
    tell
        Who is told how far it is.

    Returns
    -------
    pandas.DataFrame
        As :func:`curve`.

    Raises
    ------
    InputError
        If the scenario plans for no neutrality, or an input is wrong.
    InfeasibleError, SolverError, CheckError
        If a step has no optimum that passes its checks; those before it are kept.
    LockError
        If another run holds the scenario.
    """
    if not project.scenario.neutrality or len(project.years) == 1:
        message = "plans for no neutrality, so there is no abatement to attribute"
        raise InputError([Fault(project.scenario.name, message, remedy="choose another scenario")])
    # The plan comes first: its carbon value is the price of all other steps.
    plan = run(_study(project, steps()[-1:], None), tell)
    return curve(run(_study(project, steps(), float(plan[_named("carbon_price")].iloc[0])), tell))


def _study(project: Project, steps: Sequence[Step], price: float | None) -> Study[None, Step]:
    """Steps with a price of a tonne [CNY/tCO2]; the plan itself has none."""
    year = project.scenario.target_year
    return Study(
        path=slice_table(project, "abatement", year),
        inputs_sha256=slice_hashes(project, "highs")[year],
        variants=[Variant({"lever": step.lever}, step.lever, step) for step in steps],
        prepare=lambda _: None,
        measure=lambda _, step: [_solve_step(project, step, price)],
    )


def stored_curve(project: Project) -> pd.DataFrame | None:
    """The curve if all its steps stand in the table of today, else ``None``."""
    table = stored_table(_study(project, steps(), None))
    return None if table is None else curve(table)


def _named(name: str) -> str:
    return f"{name} [{UNITS[name]}]"


def _solve_step(project: Project, step: Step, price: float | None) -> Row:
    """Numbers of the target slice with the levers of a step."""
    year, slices = project.scenario.target_year, step_inputs(project, step)
    if price is not None:
        penalty = {"emission_excess_penalty": price * (1.0 + ABOVE)}
        priced = replace(slices[year], parameters={**slices[year].parameters, **penalty})
        slices = {**slices, year: priced}
    assets, inputs = bounds(asset_table(slices), year), slices[year]
    ds = solve_slice(slice_task(project, year, assets, fingerprint(inputs), inputs=inputs))
    found = slice_totals(ds)._asdict()
    found["carbon_price"] = float(ds.attrs.get("carbon_value", 0.0))
    return {_named(name): found[name] for name in UNITS}


def step_inputs(project: Project, step: Step) -> Mapping[int, SliceInputs]:
    """Inputs of every slice with the levers of a step.

    Parameters
    ----------
    project
        The plan.
    step
        The step.
    """
    scenario = project.scenario.model_copy(update=dict(step.changes))
    slices = replace(project, scenario=scenario).slices
    if not step.measures:
        return slices
    offered = project.slices
    return {y: replace(inputs, measures=offered[y].measures) for y, inputs in slices.items()}


def curve(steps: pd.DataFrame) -> pd.DataFrame:
    """The curve from the solved steps, in the order of attribution.

    Parameters
    ----------
    steps
        Rows in the order of attribution: lever and the numbers of :data:`UNITS`, with their units
        in the names of the columns.

    Returns
    -------
    pandas.DataFrame
        The rows with, for each but the first, ``width [tCO2/a]`` and ``width_location [tCO2/a]``
        (fall of net emissions since the row before, market- and location-based), ``area [CNY/a]``
        (rise of the paid cost) and ``cost_per_tonne [CNY/tCO2]`` (area over width; not a number
        where the width is no abatement).
    """
    market, location, paid = (
        _named(name) for name in ("net_emissions", "location_emissions", "paid_cost")
    )
    table = steps.reset_index(drop=True).copy()
    table["width [tCO2/a]"] = -table[market].diff()
    table["width_location [tCO2/a]"] = -table[location].diff()
    table["area [CNY/a]"] = table[paid].diff()
    width = table["width [tCO2/a]"]
    table["cost_per_tonne [CNY/tCO2]"] = table["area [CNY/a]"] / width.where(width > WIDTH)
    return table
