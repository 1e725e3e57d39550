"""Levers of a plan in their order of attribution, and a slice with some of them pulled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import xarray as xr

from meishan_model.components.catalogue import kinds
from meishan_model.planning.asset_rows import asset_table
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project
from meishan_model.sheets.fingerprint import fingerprint

USUAL = {"demand_side": "as_usual", "supply_side": "as_usual", "instruments": ()}


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


@cache
def steps() -> tuple[Step, ...]:
    """Levers in the order of attribution; the last step is the plan."""
    contracts = {name: kinds().contracts[name] for name in kinds().instruments}
    contracts = {name: kind for name, kind in contracts.items() if not kind.is_offset}
    sinks = tuple(name for name, kind in contracts.items() if not kind.follows_plant)
    demand = {"supply_side": "as_usual", "instruments": ()}
    return (
        Step("as usual", USUAL),
        Step("efficiency measures", USUAL, measures=True),
        Step("electrification and demand side", demand),
        Step("local renewables and storage", {"instruments": ()}),
        Step("sinks", {"instruments": sinks}),
        Step("green power", {"instruments": tuple(contracts)}),
        Step("certificates and credits", {}),
    )


def solved_with(project: Project, step: Step, price: float) -> xr.Dataset:
    """Solve the target slice with the levers of a step and of those before it.

    Parameters
    ----------
    project
        The scenario with its folders.
    step
        The step.
    price
        Of every tonne above the cap [CNY/tCO2].
    """
    # The solvers take seconds to import, which only solving has to wait for.
    from meishan_model.planning.solve_slice import solve_slice

    year = project.scenario.target_year
    scenario = project.scenario.model_copy(update=dict(step.changes))
    slices = dict(replace(project, scenario=scenario).slices)
    if step.measures:
        offered = project.slices
        slices = {y: replace(inputs, measures=offered[y].measures) for y, inputs in slices.items()}
    parameters = {**slices[year].parameters, "emission_excess_penalty": price}
    slices[year] = inputs = replace(slices[year], parameters=parameters)
    assets = bounds(asset_table(slices), year)
    return solve_slice(slice_task(project, year, assets, fingerprint(inputs), inputs=inputs))
