"""What every result has passed before it is saved, and passes again when it is read.

The identities between the numbers of a result stand here and nowhere else. A solution is held
against its graph, a saved slice or pathway against what stands in its file. What a reader has to
see of a solution that passes them is found here as well: what is shed, and of flexibility.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts import physics
from meishan_model.accounts.tables import Accounts, net_emissions, yearly_sum
from meishan_model.components.flows import NET_EMISSION, ParkGraph, Registry
from meishan_model.components.participation import participants
from meishan_model.components.selection import flows_of_graph, select, step_of, titles_of
from meishan_model.errors import CheckError
from meishan_model.optimise.solution import Solution
from meishan_model.results.wording import Finding, Value
from meishan_model.sheets.equipment import AssetLimit
from meishan_model.sheets.records import SliceInputs

RELATIVE = 1e-6
"""Tolerance of sums, relative to what is summed [-]."""
CAPACITY = 1e-3
"""Tolerance of a capacity or power that is held to its bounds [its unit]."""
WALK = 2e-2
"""Two slices may each miss the capacity that was handed on by the chain's 0.01 [its unit]."""
WHOLE = 1e-3
"""Share of a demand that may be served where all of it is said to be shed [-]."""

_PARTS = ["capacity_existing", "capacity_new", "capacity_bridge"]


def check_slice(graph: ParkGraph, solution: Solution, accounts: Accounts) -> None:
    """Check a solution against what it must be, independently of the solver.

    All its values are numbers; costs sum to the objective; buses, converters and storages obey
    the graph; flows keep to their capacities and capacities to their bounds; emissions recomputed
    from the flows keep the cap, and offsets their share.

    Raises
    ------
    CheckError
        With every check that fails, and by how much.
    """
    registry = graph.registry
    limits = registry.integral_limits
    titles = {label: node.title for label, node in registry.nodes.items()}
    titles |= {name: limit.title for name, limit in registry.limits.items()}
    # What is no number is told alone: it spoils every comparison that it is in.
    failures = list(_number_failures(solution, accounts)) or [
        *physics.failures(graph.energy_system, solution, limits, titles),
        *_cost_failures(accounts.costs["value"], accounts.objective),
        *_capacity_failures(accounts.assets),
        *_sign_failures(accounts.emissions),
        *_cap_failures(accounts.emissions, limits.get(NET_EMISSION, np.inf)),
    ]
    if failures:
        raise CheckError("the solution fails its checks: " + "; ".join(failures))


def slice_failures(ds: xr.Dataset) -> list[str]:
    """Checks that the numbers of a saved slice fail: those of :func:`check_slice` without a graph.

    Parameters
    ----------
    ds
        A slice that keeps the contract.

    Returns
    -------
    list of str
        One sentence for each; empty if there is none.
    """
    ends = pd.MultiIndex.from_arrays([ds[end].to_numpy() for end in ("source", "target")])
    flow = pd.DataFrame(ds["power"].to_numpy().T, columns=ends.set_names(["source", "target"]))
    buses, step = ds["node"].to_numpy()[ds["kind"] == "bus"], step_of(ds)
    found = [*physics.bus_failures(list(buses), flow)]
    for name in ds["storage"].to_numpy():
        one = ds.sel(storage=name)
        points = np.append(one["initial_content"].to_numpy(), one["storage_content"].to_numpy())
        rates = ("loss_rate", "inflow_efficiency", "outflow_efficiency")
        loss, gain, drain = (float(one[rate]) for rate in rates)
        found += physics.dynamics_failures(name, points, flow, loss, gain, drain, step)
    emissions = _emissions(ds)
    return [
        *physics.told(found, titles_of(ds)),
        *_cost_failures(ds["cost"].to_series(), float(ds.attrs["objective"])),
        *_capacity_failures(_assets(ds)),
        *_sign_failures(emissions),
        *_cap_failures(emissions, float(ds.attrs.get("emission_cap", np.inf))),
    ]


def pathway_failures(ds: xr.Dataset) -> list[str]:
    """Checks that the numbers of a pathway fail, within its years and from year to year.

    Parameters
    ----------
    ds
        A pathway that keeps the contract.

    Returns
    -------
    list of str
        One sentence for each; empty if there is none.
    """
    found = [*_capacity_failures(_assets(ds)), *_sign_failures(_emissions(ds))]
    for name in ("addition", "retirement"):
        wrong = {"is negative": ~(ds[name] >= 0)}
        if f"{name}_by_part" in ds:
            missed = abs(ds[f"{name}_by_part"].sum("part") - ds[name])
            wrong["is not the sum of its parts"] = ~(
                missed <= CAPACITY + RELATIVE * ds["capacity"]
            )
        found += [
            f"{name} of {a} {what}" for what, where in wrong.items() for a in _assets_of(where)
        ]
    if "addition_by_part" in ds:
        grown = (ds["addition"] - ds["retirement"]).isel(year=slice(1, None))
        slack = WALK + RELATIVE * abs(ds["capacity"]).max("year")
        missed = abs(ds["capacity"].diff("year") - grown)
        found += [
            f"{asset} does not grow by additions less retirements"
            for asset in _assets_of(~(missed <= slack))
        ]
    return found


def _assets_of(wrong: xr.DataArray) -> list[str]:
    """Assets with which something is wrong in any year."""
    return [str(asset) for asset in wrong["asset"].to_numpy()[wrong.any("year").to_numpy()]]


def _assets(ds: xr.Dataset) -> pd.DataFrame:
    names = ["capacity", *_PARTS, "capacity_lower", "capacity_upper", "asset_unit"]
    return ds[names].to_dataframe().rename(columns={"asset_unit": "unit"})


def _emissions(ds: xr.Dataset) -> pd.DataFrame:
    return ds[["emissions", "scope"]].to_dataframe().rename(columns={"emissions": "value"})


def _number_failures(solution: Solution, accounts: Accounts) -> Iterator[str]:
    prices = () if solution.bus_price is None else solution.bus_price.to_numpy()
    values = {
        "flow": solution.flow.to_numpy(),
        "storage content": solution.storage_content.to_numpy(),
        "new capacity of flows": list(solution.flow_investment.values()),
        "new capacity of storages": list(solution.storage_investment.values()),
        "price": prices,
        **{
            name: getattr(accounts, name).select_dtypes("number").to_numpy()
            for name in ("costs", "emissions", "energy", "assets")
        },
    }
    for name, numbers in values.items():
        strange = int((~np.isfinite(np.asarray(numbers, dtype=float))).sum())
        if strange:
            yield f"{strange} values of {name} are no finite numbers"


def _cost_failures(costs: pd.Series[float], objective: float) -> Iterator[str]:
    total = float(costs.sum())
    # Below one CNY a relative measure would judge rounding.
    if not abs(total - objective) <= RELATIVE * max(abs(objective), 1.0):
        yield f"costs sum to {total:.2f}, the objective is {objective:.2f} CNY/a"


def _capacity_failures(assets: pd.DataFrame) -> Iterator[str]:
    """Capacities that break their bounds, or are not the sum of what they are made of."""
    capacity = assets["capacity"]
    missed = (assets[_PARTS].sum(axis=1, skipna=False) - capacity).abs()
    for name in capacity.index[~(missed <= RELATIVE * capacity.abs().clip(lower=1.0))]:
        yield f"{name} has a capacity that is not existing + new + bridge"
    slack = CAPACITY + RELATIVE * capacity.abs()
    inside = capacity.between(assets["capacity_lower"] - slack, assets["capacity_upper"] + slack)
    for name, row in assets[~inside].iterrows():
        yield (
            f"{name} has {row['capacity']:.4f} {row['unit']}, allowed are "
            f"{row['capacity_lower']:.4f} to {row['capacity_upper']:.4f}"
        )


def _sign_failures(emissions: pd.DataFrame) -> Iterator[str]:
    """Sinks and credits that do not lower emissions."""
    offsets = emissions[emissions["scope"].isin(["sink", "credit"])]["value"]
    for name, value in offsets[~(offsets <= 0.0)].items():
        yield f"sink or credit {name} emits {value:.6f} t"


def _cap_failures(emissions: pd.DataFrame, cap: float) -> Iterator[str]:
    gap = emissions.loc[emissions["scope"] == "gap", "value"].sum()
    net = net_emissions(emissions) - gap
    size = max(1.0, float(emissions["value"].abs().sum()))
    if not net - cap <= RELATIVE * size:
        yield f"net emissions of {net:.3f} t exceed the cap of {cap:.3f} t"


def slice_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution, accounts: Accounts
) -> Iterator[Finding]:
    """What a reader of a slice has to see: what is shed, of flexibility, and of minimum loads.

    Parameters
    ----------
    graph, inputs, solution, accounts
        A slice and its optimum.
    """
    yield from unserved_findings(graph, inputs, solution)
    yield from participation_findings(graph, inputs, solution, accounts)
    there = {flow.coordinates.technology for flow in graph.registry.flows.values()}
    limited = [n for n, t in inputs.technologies.items() if "minimum_load" in t.parameters]
    if found := [name for name in limited if name in there]:
        kind = {"none": "not_committed", "binary": "committed"}[inputs.scenario.commitment]
        yield Finding(kind, {"technologies": found})


def participation_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution, accounts: Accounts
) -> Iterator[Finding]:
    """Drivetrains of which more takes part than the optimum has.

    How many vehicles take part is a row by year, the fleet is a decision. A problem that tied the
    two hour by hour would be a third larger; so the optimum is looked at instead, and what it
    lacks is a finding. Vehicles that take part in any resource are compared with those that stand,
    load of vehicles that is put off by any resource with what they draw in the same hour.

    Parameters
    ----------
    graph, inputs, solution, accounts
        A slice and its optimum.
    """
    for (_, drivetrain, zone), limits in inputs.resources_of_vehicles().items():
        taking_part = [limit for limit in limits if participants(inputs, limit) > 0]
        if not taking_part:
            continue
        resources = [limit.technology for limit in taking_part]
        place: dict[str, Value] = {"resources": resources, "zone": zone, "drivetrain": drivetrain}
        # Whole vehicles take part, or the power that they draw.
        if inputs.technologies[resources[0]].unit == "vehicles":
            number = sum(participants(inputs, limit) for limit in taking_part)
            assets = accounts.assets
            own = (assets["technology"] == drivetrain) & (assets["zone"] == zone)
            there = float(assets.loc[own, "capacity"].sum())
            if number > there * (1 + RELATIVE) + CAPACITY:
                yield Finding("stand", {**place, "needed": number, "standing": there})
            continue
        beyond = _put_off_beyond(graph, solution, taking_part, drivetrain)
        steps = int((beyond > CAPACITY).sum())
        if steps:
            hours = f"{steps * graph.registry.step:g}"
            yield Finding("drawn", {**place, "hours": hours, "most": float(beyond.max())})


def _put_off_beyond(
    graph: ParkGraph, solution: Solution, limits: Sequence[AssetLimit], drivetrain: str
) -> np.ndarray:
    """Load that is put off less what the drivetrain draws in the hour [MW], (hours,)."""
    flows = select(flows_of_graph(graph.registry), zone=limits[0].zone)
    resources = [limit.technology for limit in limits]
    off = select(flows, role="shift", way="in", technology=resources)
    # Of the drivetrain the optimum may have none.
    drawn = select(flows, role="conversion", way="out", technology=drivetrain, may_be_empty=True)
    power = solution.flow
    return np.asarray(power[[*off.index]].sum(axis=1) - power[[*drawn.index]].sum(axis=1))


def unserved_findings(
    graph: ParkGraph, inputs: SliceInputs, solution: Solution
) -> Iterator[Finding]:
    """What is shed of each carrier in each zone, with whose demand it is where that is certain.

    Of several loads nobody can say which one is not served, unless all are shed. All that is shed
    in a slice whose stock is given, in which nothing is built, lacks stock.

    Parameters
    ----------
    graph, inputs, solution
        A slice and its optimum.
    """
    registry = graph.registry
    flows = flows_of_graph(registry)
    # A bus without a zone serves the whole park: it is named itself.
    flows["place"] = flows["zone"].where(flows["zone"] != "", flows["bus"])
    sheds = select(flows, role="shedding", may_be_empty=True)
    needs = select(flows, role=("load", "duty"), way="out", may_be_empty=True)
    is_given = inputs.year <= inputs.scenario.observed_until
    for (carrier, place, unit), shed in sheds.groupby(["carrier", "place", "unit"], sort=False):
        cost = sum(
            yearly_sum(registry, solution, edge, charge.price)
            for edge in shed.index
            for charge in registry.flows[edge].charges
        )
        if cost <= 0.0:
            continue
        demand = needs[needs["bus"].isin(shed["bus"])]
        amount, loads = _yearly(registry, solution, shed), _loads(registry, demand)
        is_whole = amount >= (1.0 - WHOLE) * _yearly(registry, solution, demand)
        values: dict[str, Value] = {
            **{"carrier": str(carrier), "zone": str(place), "amount": amount},
            **{"unit": _of_year(str(unit)), "cost": cost / 1e6},
        }
        if not loads or (len(loads) > 1 and not is_whole):
            yield Finding("shed_at", values)
        else:
            kind = "shed_as_found" if is_whole and is_given else "shed_of"
            yield Finding(kind, {**values, "loads": loads})


def _yearly(registry: Registry, solution: Solution, flows: pd.DataFrame) -> float:
    """Sum of flows over the year."""
    return sum(yearly_sum(registry, solution, edge) for edge in flows.index)


def _loads(registry: Registry, demand: pd.DataFrame) -> list[str]:
    """Names of loads; those of a duty, which serves several, are in the rows that it is from."""
    names: dict[str, None] = {}
    for edge in demand.index:
        customer = registry.flows[edge].coordinates.customer
        rows = registry.nodes[edge[1]].rows
        names |= dict.fromkeys([customer] if customer else (row[1] for row in rows))
    return [*names]


def _of_year(unit: str) -> str:
    """Unit of what flows in a year.

    >>> _of_year("MW"), _of_year("t/h"), _of_year("km/h or h/h")
    ('MWh/a', 't/a', 'km/a or h/a')
    """
    return "MWh/a" if unit == "MW" else unit.replace("/h", "/a")
