"""Solve one slice: series, graph, optimum, accounts, checks, dataset."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import xarray as xr
from oemof import solph

from meishan_model.accounts import bill, checks, electricity, emissions, stores, tables
from meishan_model.accounts.rents import rent_table
from meishan_model.components.build import build_park
from meishan_model.components.catalogue import views
from meishan_model.components.flows import ParkGraph
from meishan_model.components.selection import flows_of_graph
from meishan_model.errors import CheckError, ContractError
from meishan_model.optimise import BackendName, Correction, Model
from meishan_model.optimise.solution import Solution
from meishan_model.optimise.solvers.highs import METHOD_NAMES
from meishan_model.planning.backcast import SliceTask
from meishan_model.planning.limits import binding_limits
from meishan_model.planning.park_words import in_park_words
from meishan_model.results.contract import SHOWN_IN, Attributes
from meishan_model.results.runs import Listener, Say, about, solver_log, stage
from meishan_model.results.slice_file import SliceTables, slice_dataset, validate_slice
from meishan_model.results.wording import finding_attributes, findings_of
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.money_rows import CurrencyRow
from meishan_model.sheets.plausibility import warning_attributes
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.resolver import placeholder_attributes
from meishan_model.sheets.scenario import plan_title
from meishan_model.version import __version__, code_sha256

logger = logging.getLogger(__name__)


Methods = tuple[str, ...] | None
Facts = Mapping[str, float]
CORRECTIONS: tuple[Correction, ...] = ("gradient", "late_start")
"""Ramps are shares of what is built too, and minimum times may reach beyond the last hour."""
GAP = 1e-4
"""Relative distance from the best bound at which a slice with statuses may end [-]."""


def model_of(
    graph: ParkGraph, backend: BackendName = "linopy", hours: pd.Index | None = None
) -> Model:
    """The problem of a slice; by the backend pyomo without :data:`CORRECTIONS`, as solph has it.

    Parameters
    ----------
    graph
        The graph of the slice.
    backend
        How it is stated.
    hours
        Stamps of the hours.
    """
    corrections = CORRECTIONS if backend == "linopy" else ()
    limits = graph.registry.integral_limits
    model = Model(
        graph.energy_system, limits, backend=backend, index=hours, corrections=corrections
    )
    _limit_turnovers(model, graph)
    return model


def _limit_turnovers(model: Model, graph: ParkGraph) -> None:
    """Hold what each store gives in a year to the cycles of its capacity."""
    registry = graph.registry
    owned = {c.place: graph.assets[c.asset].owned for c in registry.capacities}
    for held in registry.turnovers:
        name = f"cycles of {registry.title(held.store)}"
        if model.backend == "pyomo":
            from pyomo.environ import Constraint

            # solph has no such row; its own variables take one.
            stated, by_label = model.pyomo, {str(n.label): n for n in graph.energy_system.nodes}
            ends = [by_label[label] for label in held.edge]
            content = stated.GenericInvestmentStorageBlock.invest[by_label[held.store], 0]
            total = sum(stated.flow[(*ends, t)] * registry.step for t in stated.TIMESTEPS)
            most = (content + owned[held.store]) * held.most / registry.repetitions
            stated.add_component(name, Constraint(expr=total <= most))
        else:
            energy = model.energy(*held.edge) * registry.repetitions
            most = (model.new_capacity(held.store) + owned[held.store]) * held.most
            model.add_rows(name, energy, "<=", most)


def solve_slice(task: SliceTask, on_stage: Listener = None, on_log: Listener = None) -> xr.Dataset:
    """Solve a slice and return the dataset of its result, checked but not yet written.

    Parameters
    ----------
    task
        What to solve.
    on_stage, on_log
        Called with the name of each stage, and with each line of the solver's log.

    Raises
    ------
    ConflictError
        If the slice has no optimum; says in the park's words what is in conflict.
    SolverError
        If the solver finds none.
    CheckError
        If the optimum of the last method fails a check.
    ContractError
        If the dataset of a right optimum breaks the contract; no other method is tried.
    """
    tell = on_stage or (lambda _: None)
    hours = task.profiles.hours
    with about(year=task.inputs.year, hours=hours), solver_log(task.log, on_log) as listener:
        began = time.perf_counter()
        tell("building the graph")
        with stage("build"):
            graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
        built = time.perf_counter() - began
        methods: Methods = None
        failed: tuple[str, ...] = ()
        while True:
            solution, facts = _optimum(task, graph, methods, tell, listener)
            facts["build_seconds"] += built
            solution = replace(solution, history=(*failed, *solution.history))
            tell("checking the solution")
            try:
                with stage("check", solver=solution.solver):
                    return _checked(task, graph, solution, facts)
            except CheckError as error:
                methods = _without(methods, solution.method)
                if not methods:
                    raise
                failed = (*solution.history, f"{solution.method} refused: {error}")
                logger.warning("%s; %s is tried", failed[-1], methods[0])


def _without(methods: Methods, method: str) -> tuple[str, ...]:
    """The methods that are still to be tried; none where the solver has no others."""
    left = METHOD_NAMES if methods is None else methods
    return tuple(name for name in left if name != method) if method in left else ()


def _optimum(
    task: SliceTask, graph: ParkGraph, methods: Methods, tell: Say, listener: Listener
) -> tuple[Solution, dict[str, float]]:
    """The optimum, with the size of the problem and the seconds of the stages."""
    backend, began = task.inputs.scenario.backend, time.perf_counter()
    tell("stating the problem")
    with in_park_words(graph, task.inputs):
        with stage("state", backend=backend) as stating:
            model = model_of(graph, backend, task.profiles.stamps)
            rows, columns = model.problem.matrix.shape
            stating.update(columns=columns, rows=rows)
        stated = time.perf_counter()
        with stage("solve", solver=task.solver, columns=columns, rows=rows) as solving:
            found = model.solve(
                solver=task.solver,
                penalties=graph.registry.penalties,
                methods=methods,
                limits=replace(task.limits, gap=max(task.limits.gap, GAP)),
                tie_break=task.inputs.scenario.tie_break and graph.registry.places_by_title,
                on_stage=tell,
                on_log=listener,
            )
            gap = f"{found.gap:.1e}"
            solving.update(solver=found.solver, iterations=found.iterations, gap=gap)
    return tables.without_dust(found), {
        "problem_rows": rows,
        "problem_columns": columns,
        "problem_nonzeros": int(model.problem.matrix.nnz),
        "build_seconds": stated - began,
        "solve_seconds": time.perf_counter() - stated,
    }


def _checked(task: SliceTask, graph: ParkGraph, solution: Solution, facts: Facts) -> xr.Dataset:
    """The dataset of a solution that passes all checks."""
    accounts = tables.account(graph, solution, task.inputs.factors)
    checks.check_slice(graph, solution, accounts)
    accounts = emissions.with_life_cycle(accounts, task.inputs.life_cycle)
    flows = solution.flow.set_axis(["->".join(edge) for edge in solution.flow.columns], axis=1)
    flow_table, price = flows_of_graph(graph.registry), solution.bus_price
    stored = stores.storage_table(graph, task.inputs, solution, accounts.assets)
    reduced = tables.bound_values(graph, solution)
    rents = rent_table(graph, solution, reduced)
    findings = [
        *checks.slice_findings(graph, task.inputs, solution, accounts),
        *stores.wear_findings(stored, graph),
        *bill.capped_sales(graph.registry, solution, task.profiles),
    ]
    given = SliceTables(
        flows=flows.rename_axis(index="time", columns="flow"),
        flow_table=flow_table.set_axis(["->".join(edge) for edge in flow_table.index]),
        node_kind=_node_kinds(graph.energy_system),
        node_words={n: m.words for n, m in graph.registry.nodes.items()},
        storage_content=solution.storage_content,
        storage_table=stored,
        # An hour of a trial stands for several: its dual is the price of all of them.
        price=None if price is None else price / graph.registry.repetitions,
        price_note="" if price is not None else f"{solution.solver} gives no right duals",
        asset_table=accounts.assets.assign(bound_value=reduced).join(rents),
        bound_terms=task.assets.bound_terms(),
        cost_table=accounts.costs,
        emission_table=accounts.emissions,
        convention_table=emissions.scope2_by_convention(accounts.emissions, task.inputs),
        energy_table=accounts.energy,
        limit_table=tables.limit_table(graph.registry, solution),
        view_table=views(task.inputs),
        bill_table=bill.monthly_bill(graph.registry, solution, task.profiles),
        attributes={
            **_attributes(task, graph, solution, accounts, facts),
            **finding_attributes(findings),
        },
    )
    dataset = slice_dataset(given)
    if float(dataset["emissions"].where(dataset["scope"] == "gap").sum()) > 0.0:
        held = binding_limits(dataset, task.inputs, task.profiles)
        dataset = dataset.assign_attrs(finding_attributes([*findings_of(dataset), *held]))
    if violations := validate_slice(dataset):
        raise ContractError("the result", violations)
    return dataset


_KINDS = (
    (solph.Bus, "bus"),
    (solph.components.GenericStorage, "storage"),
    ((solph.components.Converter, solph.components.OffsetConverter), "converter"),
    (solph.components.Link, "link"),
    (solph.components.Source, "source"),
    (solph.components.Sink, "sink"),
)


def _node_kinds(energy_system: solph.EnergySystem) -> pd.Series[str]:
    kinds = {
        str(node.label): next(kind for cls, kind in _KINDS if isinstance(node, cls))
        for node in energy_system.nodes
    }
    return pd.Series(kinds, name="kind").rename_axis("node")


def _buses_without_price(graph: ParkGraph, solution: Solution) -> str:
    """Buses at which nothing can change, or nothing was built, so that one MWh has no cost."""
    if solution.bus_price is None:
        return ""
    buses = {str(n.label) for n in graph.energy_system.nodes if isinstance(n, solph.Bus)}
    unpriced = buses - set(solution.bus_price.columns)
    return ", ".join(sorted(map(graph.registry.title, unpriced)))


def _attributes(
    task: SliceTask, graph: ParkGraph, solution: Solution, accounts: tables.Accounts, facts: Facts
) -> Attributes:
    scenario, site = task.inputs.scenario, task.inputs.site
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "title": plan_title(scenario.title, site.title, str(task.inputs.year)),
        "park": site.name,
        "power_carrier": task.inputs.power_carrier,
        **_currency_attributes(task.inputs.currency),
        "scenario": scenario.name,
        "year": task.inputs.year,
        "hours": task.profiles.hours,
        "step_minutes": round(60 * task.profiles.step),
        "solver": solution.solver,
        "solver_history": "; ".join(solution.history),
        "backend": scenario.backend,
        "objective": accounts.objective,
        "objective_constant": accounts.objective_constant,
        "optimality_gap": solution.gap,
        "iterations": solution.iterations,
        **facts,
        **_known(
            emission_cap=task.emission_cap,
            baseline_emissions=task.inputs.baseline_emissions,
            carbon_value=(solution.limit_price or {}).get("net_emission"),
            hourly_matched_share=electricity.hourly_matched_share(graph.registry, solution),
            buses_without_price=_buses_without_price(graph, solution),
        ),
        **placeholder_attributes(task.inputs.placeholders),
        **warning_attributes(task.warnings),
        **ledger_attributes(task.inputs, task.profiles),
        "weather": task.profiles.weather_source,
        **_known(measured_series="\n".join(task.profiles.measured)),
        **emissions.life_cycle_attributes(accounts, task.inputs),
        "cost_sheet": task.cost_sheet,
        "inputs_sha256": task.inputs_sha256,
        "model_version": __version__,
        "code_sha256": code_sha256(),
        "date_created": now,
        "history": f"{now} solved by meishan_model {__version__}",
    }


def _currency_attributes(shown: CurrencyRow | None) -> dict[str, str | int | float]:
    """In which currency the result is shown; none where that is the one in which it counts."""
    if shown is None:
        return {}
    return dict(zip(SHOWN_IN, (shown.currency, shown.price_year, shown.value), strict=True))


def _known(**given: str | float | None) -> dict[str, str | float]:
    """Attributes without those that there are not: the contract has finite numbers and texts."""
    known = ((name, x) for name, x in given.items() if x is not None)
    return {n: x for n, x in known if (x if isinstance(x, str) else math.isfinite(x))}


def ledger_attributes(inputs: SliceInputs, profiles: Profiles) -> Mapping[str, str | float]:
    """Attributes that the ledger reads from a slice's file.

    Parameters
    ----------
    inputs, profiles
        Inputs and series of the slice.

    Returns
    -------
    Mapping
        ``grid_market_factor`` [tCO2/MWh], of power that no contract covers;
        ``generation_sold_to_grid``, a JSON text {plant: {month: MWh}} of the plants whose power
        belongs to the grid company; ``contract_plants``, a JSON text {contract: plant} of the
        contracts on one of these; ``credit_vintages``, a JSON text {credit: [vintage, last year
        in which that may be used]}.
    """
    plants = {plant.contract: plant.plant for plant in inputs.contracts if plant.plant}
    vintages = {c.contract: c.vintage(inputs.year) for c in inputs.contracts if c.kind.has_vintage}
    return {
        "grid_market_factor": inputs.factors.grid_market,
        "generation_sold_to_grid": json.dumps(_generation_sold(inputs, profiles)),
        "contract_plants": json.dumps(plants),
        "credit_vintages": json.dumps(vintages),
    }


def _generation_sold(inputs: SliceInputs, profiles: Profiles) -> dict[str, dict[int, float]]:
    """Energy of each month [MWh] of what still stands of every plant with the offtake grid."""
    sold = {}
    for plant in inputs.plants:
        if plant.offtake != "grid":
            continue
        lifetime = inputs.technologies[plant.technology].own_cost.technical_lifetime
        standing = plant.standing(lifetime, inputs.year)
        energy = profiles.capacity_factor[plant.technology] * standing * profiles.weight
        by_month = np.bincount(profiles.month, weights=energy)
        months = np.unique(profiles.month)
        sold[plant.plant] = {int(month): float(by_month[month]) for month in months}
    return sold
