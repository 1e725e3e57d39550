"""Accounts of a slice, and that a spoiled solution does not pass its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny_park import (
    BATTERY,
    PV,
    Recipe,
    asset,
    certificate,
    contract,
    credit,
    green_power,
    park,
    technology,
)
from tiny_solved import Solved, labels, steps

from meishan_model.accounts.checks import check_slice
from meishan_model.accounts.physics import failures
from meishan_model.accounts.tables import account
from meishan_model.components.flows import NET_EMISSION, Registry
from meishan_model.errors import CheckError
from meishan_model.planning.solve_slice import solve_slice

approx = pytest.approx


def everything() -> Recipe:
    """A park with every kind of cost that the contract names, in four hours."""
    return Recipe(
        load=(10.0, 12.0, 9.0, 14.0),
        purchase_price=(300.0, 900.0, 660.0, 900.0),
        export_price=200.0,
        month=(1, 1, 2, 2),
        heat={"heating": (1.0, 2.0, 4.0, 1.0)},
        prices={"demand_charge": 40e3, "carbon_price": 60.0},
        technologies=[
            PV,
            *BATTERY,
            technology(
                "gas_boiler",
                "boiler",
                carrier_in="natural_gas",
                carrier_out="building_heat",
                efficiency=0.9,
                variable_om=7.0,
            ),
        ],
        assets=[
            asset("pv", existing=5.0, upper=12.0, annuity=200e3, fixed_om=30e3),
            asset("battery_energy", lower=3.0, upper=3.5, annuity=80e3, fixed_om=2e3),
            asset("battery_power", lower=1.0, upper=20.0, annuity=90e3),
            asset("gas_boiler", existing=3.5, bridge=1.0, bridge_annuity=30e3, fixed_om=5e3),
        ],
        capacity_factor={"pv": (0.0, 0.9, 0.8, 0.0)},
        green_power={"wind": (0.8, 0.2, 0.5, 0.6)},
        contracts=[
            green_power("wind_farm", "wind", 6.0, 400.0),
            contract("forest", "sink", "", {"area": 100.0, "rate": 4.0, "price": 40.0}),
            certificate(limit=4000.0),
            credit(),
        ],
        connection=(16.0, 0.01),
        transformer=(15.0, 0.01),
        cap=15e3,
        scenario={"offset_share": 0.05, "shadow_carbon": True},
    )


@pytest.fixture(scope="module")
def slice_of_everything() -> Solved:
    return steps(park(everything()))


def refused(one: Solved, match: str) -> None:
    """Assert that the checks refuse a spoiled solution, naming the thing."""
    with pytest.raises(CheckError, match=match) as raised:
        check_slice(one.graph, one.solution, one.accounts)
    assert raised.value.exit_code == 4


def spoil_flow(one: Solved, source: str, target: str, change: float, hour: int = 1) -> Solved:
    """The same slice with one flow changed in one hour, and accounts of that."""
    changed = one.solution.flow.copy()
    changed.iloc[hour, changed.columns.get_loc(labels(source, target))] += change
    solution = replace(one.solution, flow=changed)
    return replace(
        one,
        solution=solution,
        accounts=account(one.graph, solution, park(everything()).inputs.factors),
    )


def test_costs_sum_to_the_objective(slice_of_everything: Solved) -> None:
    """The cost table, recomputed from flows and capacities, is the solver's objective.

    The park has a cost in every category but those of findings, and they all are there.
    """
    accounts = slice_of_everything.accounts
    assert accounts.costs["value"].sum() == approx(accounts.objective, rel=1e-6)
    assert accounts.objective == approx(
        slice_of_everything.solution.objective + accounts.objective_constant
    )
    there = set(accounts.costs["category"])
    assert there >= {
        *("investment", "bridge", "fixed_om", "variable", "fuel", "purchase", "demand_charge"),
        *("export", "certificate", "credit", "sink", "carbon", "shadow_carbon"),
    }
    check_slice(slice_of_everything.graph, slice_of_everything.solution, accounts)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("backend", ["linopy", "pyomo"])
def test_every_way_to_solve_passes(solver: str, backend: str) -> None:
    """The checks hold whatever states and whatever solves, and the objective is the same."""
    one = steps(park(everything()).with_scenario(backend=backend), solver)
    check_slice(one.graph, one.solution, one.accounts)
    reference = steps(park(everything()))
    assert one.accounts.objective == approx(reference.accounts.objective, rel=1e-6)


@pytest.mark.parametrize(
    ("source", "target", "bus"),
    [
        ("grid_purchase", "upstream", "upstream"),
        ("zone_20kv", "load_zone", "zone_20kv"),
        ("zone_20kv", "battery_zone", "zone_20kv"),
        ("certificates", "certificates_registry", "certificates_registry"),
        ("natural_gas", "gas_boiler_zone_stock", "natural_gas"),
        ("pv_zone", "zone_renewables", "zone_renewables"),
    ],
)
def test_changed_flow_is_refused(
    slice_of_everything: Solved, source: str, target: str, bus: str
) -> None:
    """A flow that is 0.1 MW off in one hour puts its bus out of balance, which is named."""
    refused(spoil_flow(slice_of_everything, source, target, 0.1), f"bus {bus} .*is out of balance")


def test_changed_flow_shifts_the_costs(slice_of_everything: Solved) -> None:
    """The same 0.1 MW of purchase also break the sum of costs: 0.1 x 900 x 2190 CNY/a."""
    refused(spoil_flow(slice_of_everything, "grid_purchase", "upstream", 0.1), "costs sum to")


def test_converter_that_makes_energy_is_refused(slice_of_everything: Solved) -> None:
    """Energy that appears in a node is found, also where every bus stays in balance.

    The connection gives 0.1 MW more than its loss allows, and the transformer swallows them.
    """
    spoilt = spoil_flow(slice_of_everything, "fence", "grid_110kv", 0.1)
    spoilt = spoil_flow(spoilt, "grid_110kv", "zone_step_down", 0.1)
    # Costs and emissions are not what is tested: take those of the right solution.
    refused(replace(spoilt, accounts=slice_of_everything.accounts), "converter fence")


def test_negative_flow_is_refused(slice_of_everything: Solved) -> None:
    """A source that takes power is found, also where the bus stays in balance."""
    spoilt = spoil_flow(slice_of_everything, "zone_shedding", "zone_20kv", -0.1)
    spoilt = spoil_flow(spoilt, "zone_20kv", "load_zone", -0.1)
    refused(
        replace(spoilt, accounts=slice_of_everything.accounts), "flow zone_shedding->zone_20kv"
    )


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_no_number_is_refused(slice_of_everything: Solved, number: float) -> None:
    """A value that is no finite number passes no check by not being larger than its tolerance."""
    solution = slice_of_everything.solution
    flows, prices = solution.flow.copy(), solution.bus_price
    assert prices is not None
    prices, flows.iloc[1, 0] = prices.copy(), number
    prices.iloc[2] = number
    spoilt = replace(slice_of_everything, solution=replace(solution, flow=flows))
    refused(spoilt, "1 values of flow are no finite numbers")
    spoilt = replace(slice_of_everything, solution=replace(solution, bus_price=prices))
    refused(spoilt, f"{prices.shape[1]} values of price are no finite numbers")
    accounts = slice_of_everything.accounts
    for table, column in (("costs", "value"), ("emissions", "value"), ("assets", "capacity")):
        frame = getattr(accounts, table).copy()
        frame.loc[frame.index[0], column] = number
        changed: Any = {table: frame}
        spoilt = replace(slice_of_everything, accounts=replace(accounts, **changed))
        refused(spoilt, f"1 values of {table} are no finite numbers")


@pytest.mark.parametrize("component", ["time_of_use", "wind_farm", "market", "pv_zone"])
def test_dropped_charge_is_refused(slice_of_everything: Solved, component: str) -> None:
    """A cost that is missing in the table breaks its sum, and the two sums are told."""
    accounts = slice_of_everything.accounts
    kept = accounts.costs[accounts.costs["component"] != component]
    assert len(kept) < len(accounts.costs)
    spoilt = replace(accounts, costs=kept)
    refused(replace(slice_of_everything, accounts=spoilt), "costs sum to .* the objective is")


def test_charge_that_the_registry_forgets_is_refused(slice_of_everything: Solved) -> None:
    """A charge that was in the optimum and is dropped from the registry is missed."""
    registry = slice_of_everything.graph.registry
    edge = labels("grid_purchase", "upstream")
    meaning = registry.flows[edge]
    flows = {**registry.flows, edge: replace(meaning, charges=meaning.charges[1:])}
    spoilt: Registry = replace(registry, flows=flows)
    graph = replace(slice_of_everything.graph, registry=spoilt)
    factors = park(everything()).inputs.factors
    accounts = account(graph, slice_of_everything.solution, factors)
    refused(Solved(graph, slice_of_everything.solution, accounts), "costs sum to")


def shifted(hours: slice | int) -> Callable[[Solved], Solved]:
    def spoil(one: Solved) -> Solved:
        content = one.solution.storage_content.copy()
        content.iloc[hours, 0] += 0.1
        return replace(one, solution=replace(one.solution, storage_content=content))

    return spoil


@pytest.mark.parametrize("spoil", [shifted(2), shifted(slice(None))], ids=["one hour", "all"])
def test_shifted_storage_content_is_refused(
    slice_of_everything: Solved, spoil: Callable[[Solved], Solved]
) -> None:
    """A content that is 0.1 MWh off breaks the dynamics of its storage, which is named."""
    refused(spoil(slice_of_everything), "storage battery_zone")


def test_store_that_holds_more_than_its_capacity_is_refused(slice_of_everything: Solved) -> None:
    """A store that is 1000 MWh fuller all year keeps its dynamics, but not its capacity.

    Its standing loss is zero here, so that the shift is the same in every hour.
    """
    solution = slice_of_everything.solution
    fuller = replace(
        solution,
        storage_content=solution.storage_content + 1000.0,
        initial_content=solution.initial_content + 1000.0,
    )
    refused(replace(slice_of_everything, solution=fuller), "storage battery_zone")


@pytest.mark.parametrize(("name", "capacity"), [("pv_zone", 35.2), ("battery_energy_zone", 2.9)])
def test_capacity_outside_its_bounds_is_refused(
    slice_of_everything: Solved, name: str, capacity: float
) -> None:
    """An asset above its upper or below its lower bound is named with what is allowed.

    5 MW of PV stand and 30 may be added; of the battery at least 3 MWh are to be built.
    """
    assets = slice_of_everything.accounts.assets.copy()
    assets.loc[name, "capacity"] = capacity
    accounts = replace(slice_of_everything.accounts, assets=assets)
    refused(
        replace(slice_of_everything, accounts=accounts), f"{name} has {capacity:.4f} .*allowed are"
    )


@pytest.mark.parametrize(("share", "passes"), [(0.5e-6, True), (2e-6, False)])
def test_parts_of_a_capacity_add_up_to_a_millionth(
    slice_of_everything: Solved, share: float, passes: bool
) -> None:
    """Less than a millionth of a large capacity is rounding; more is refused."""
    assets = slice_of_everything.accounts.assets.copy()
    assert assets.loc["pv_zone", "capacity"] > 5.0
    assets.loc["pv_zone", "capacity_new"] += share * assets.loc["pv_zone", "capacity"]
    spoilt = replace(
        slice_of_everything, accounts=replace(slice_of_everything.accounts, assets=assets)
    )
    if passes:
        check_slice(spoilt.graph, spoilt.solution, spoilt.accounts)
    else:
        refused(spoilt, "pv_zone has a capacity that is not existing")


def test_plant_that_outruns_its_capacity_is_refused(slice_of_everything: Solved) -> None:
    """A decided capacity that is smaller than what its plant delivers is found.

    PV at its profile with half of its new capacity, the costs being those of the right solution.
    """
    solution = slice_of_everything.solution
    built = dict(solution.flow_investment)
    edge = labels("pv_zone", "zone_renewables")
    assert built[edge] > 1.0
    built[edge] /= 2
    refused(
        replace(slice_of_everything, solution=replace(solution, flow_investment=built)),
        "flow pv_zone->zone_renewables",
    )


def test_emissions_above_the_cap_are_refused(slice_of_everything: Solved) -> None:
    """Net emissions above the cap that are not stated as a gap are found, with both numbers.

    The cap binds; the fuel emits 100 t more than in the optimum.
    """
    emissions = slice_of_everything.accounts.emissions.copy()
    emissions.loc[emissions["scope"] == "scope1", "value"] += 100.0
    accounts = replace(slice_of_everything.accounts, emissions=emissions)
    refused(
        replace(slice_of_everything, accounts=accounts),
        r"net emissions of 15100\.\d* t exceed the cap of 15000",
    )


def test_offsets_above_their_limit_are_refused(slice_of_everything: Solved) -> None:
    """Certificates and credits above kappa x E_0 are found, as the emission cap is.

    0.05 x 100 kt are allowed. 1 t/h more of credits, booked in and out, with their cost left as
    it was: nothing but this limit is broken.
    """
    spoilt = slice_of_everything
    for source, target in (
        ("credits", "credits_registry"),
        ("credits_registry", "credits_cancelled"),
    ):
        for hour in range(4):
            spoilt = spoil_flow(spoilt, source, target, 1.0, hour)
    accounts = replace(slice_of_everything.accounts, emissions=spoilt.accounts.emissions)
    refused(replace(spoilt, accounts=accounts), "the sum of certificates and credits")


def test_sum_below_its_lower_limit_is_refused(slice_of_everything: Solved) -> None:
    """The cap of 15 000 t binds, so that at least 14 999 t hold and at least 15 001 t do not."""
    graph, solution = slice_of_everything.graph, slice_of_everything.solution

    def found(least: float) -> list[str]:
        limits = {NET_EMISSION: (least, np.inf)}
        return list(failures(graph.energy_system, solution, limits, {}))

    assert not found(14_999.0)
    assert [f"the sum of {NET_EMISSION} is 15000, its limit (15001.0, inf)"] == found(15_001.0)


def test_every_failure_is_told(slice_of_everything: Solved) -> None:
    """Two faults at once are both in the message."""
    spoilt = shifted(2)(spoil_flow(slice_of_everything, "grid_purchase", "upstream", 0.1))
    refused(spoilt, "bus upstream .*storage battery_zone")


def by_titles(one: Solved) -> dict[tuple[str, str], float]:
    """Energy of each flow [MWh/a] by what people call both its ends."""
    year, title = one.solution.flow.sum() * 2190.0, one.graph.registry.title
    return {(title(source), title(target)): float(e) for (source, target), e in year.items()}


def test_emissions_are_those_of_the_flows(slice_of_everything: Solved) -> None:
    """Each row of the emission table is a flow times its factor, by hand from the sheet's factors.

    Fuel by 0.2, purchase by 0.6 (market) and 0.5 (location), contracted power by 0.5
    (location only), certificates by -0.6, credits by -1, forest by -4 t a hectare.
    """
    one = slice_of_everything
    year = by_titles(one)
    rows = one.accounts.emissions["value"]
    assert rows["scope1:natural_gas"] == approx(0.2 * year["natural_gas_supply", "natural_gas"])
    bought = year["grid_purchase", "upstream"]
    assert rows["scope2_market:electricity"] == approx(0.6 * bought)
    assert rows["scope2_location:electricity"] == approx(0.5 * bought)
    assert rows["scope2_location:wind_farm"] == approx(
        0.5 * year["wind_farm_delivery", "upstream"]
    )
    certificates = year["certificates", "certificates_registry"]
    assert rows["scope2_market:certificates"] == approx(-0.6 * certificates)
    assert rows["credit:credits"] == approx(-year["credits", "credits_registry"])
    hectares = one.solution.flow[labels("forest", "forest_registry")].mean()
    assert rows["sink:forest"] == approx(-4.0 * hectares)


def test_energy_is_final_energy(slice_of_everything: Solved) -> None:
    """Final energy is what users take, not what is bought, stored or sold.

    Electricity of the load is 45 MWh in four hours; boilers count with their fuel, in both
    conventions of coal equivalent.
    """
    one = slice_of_everything
    table = one.accounts.energy
    year = by_titles(one)
    electricity = table.loc["buildings:electricity"]
    assert electricity["energy_mwh"] == approx(45.0 * 2190.0)
    assert electricity["energy_tce_equivalent"] == approx(0.3 * 45.0 * 2190.0)
    assert electricity["energy_tce_calorific"] == approx(0.1229 * 45.0 * 2190.0)
    fuel = year["natural_gas_supply", "natural_gas"]
    assert table.loc["buildings:natural_gas", "energy_mwh"] == approx(fuel)


def test_park_without_assets() -> None:
    """A park in which nothing stands and nothing may be built still has accounts."""
    tiny = replace(park(Recipe()), rows=())
    ds = solve_slice(tiny.task())
    assert ds.sizes["asset"] == 0
    assert ds.attrs["objective"] == approx(8760.0 * 10.0 * 660.0)
