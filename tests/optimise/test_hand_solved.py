"""Systems of two to four hours, solved on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_solved import (
    WAYS,
    Demand,
    Hand,
    Nodes,
    close,
    compare,
    demand_on,
    prove,
    saved,
    solve,
    source,
)
from oemof import solph

from meishan_model.optimise import BackendName, SolverName


def merit_order(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    return [
        bus,
        source("cheap", bus, nominal_capacity=6.0, variable_costs=20.0),
        source("dear", bus, nominal_capacity=10.0, variable_costs=50.0),
        demand_on(bus, demand),
    ]


MERIT_ORDER = Hand(
    merit_order,
    {"bus": (4.0, 8.0, 5.0)},
    objective=400.0,
    flows={
        ("cheap", "bus"): (4.0, 6.0, 5.0),
        ("dear", "bus"): (0.0, 2.0, 0.0),
        ("bus", "bus_demand"): (4.0, 8.0, 5.0),
    },
    prices={"bus": (20.0, 50.0, 20.0)},
)


def test_merit_order(tmp_path: Path) -> None:
    """The cheap source comes first and the last unit sets the price.

    6 MW at 20 and 10 MW at 50 serve 4, 8 and 5 MW: 15 x 20 + 2 x 50 = 400. The price is 20 where
    the cheap source has room and 50 where it is full; positive is the cost of more demand.
    """
    prove(MERIT_ORDER, tmp_path)


def lossy_storage(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    store = solph.components.GenericStorage(
        label="store",
        inputs={bus: solph.Flow(nominal_capacity=5.0)},
        outputs={bus: solph.Flow(nominal_capacity=6.0)},
        nominal_capacity=10.0,
        initial_storage_level=0.0,
        balanced=False,
        inflow_conversion_factor=0.9,
        outflow_conversion_factor=0.8,
        loss_rate=0.1,
    )
    grid = source("grid", bus, variable_costs=[10.0, 60.0, 100.0])
    return [bus, grid, store, demand_on(bus, demand)]


LOSSY_STORAGE = Hand(
    lossy_storage,
    {"bus": (1.0, 1.0, 4.0)},
    objective=60.0 + 60.0 * (1.0 + (5.0 / 0.9 - 4.05) / 0.9),
    flows={
        ("grid", "bus"): (6.0, 1.0 + (5.0 / 0.9 - 4.05) / 0.9, 0.0),
        ("bus", "store"): (5.0, (5.0 / 0.9 - 4.05) / 0.9, 0.0),
        ("store", "bus"): (0.0, 0.0, 4.0),
    },
    prices={"bus": (10.0, 60.0, 60.0 / (0.9 * 0.9 * 0.8))},
    contents={"store": (4.5, 5.0 / 0.9, 0.0)},
    initial_contents={"store": 0.0},
)


def test_storage_with_losses(tmp_path: Path) -> None:
    """Charging, discharging and standing losses, content by content, and the price after them.

    The grid costs 10, 60 and 100; the store takes 5 MW at 0.9, gives at 0.8 and loses 0.1 an
    hour. A MWh from hour 1 to 3 costs 10 / (0.9 x 0.9 x 0.9 x 0.8) = 17.1, from hour 2 to 3
    60 / (0.9 x 0.9 x 0.8) = 92.6: both pay. Full charge in hour 1 leaves 4.5 MWh, of which 4.05
    stay. 4 MW in hour 3 need 5.0 MWh then and 5.56 an hour before, so hour 2 charges
    (5.56 - 4.05) / 0.9 = 1.67 MW and sets the price of hour 3. Stored MWh of hour 1 are not worth
    selling in hour 2: 60 x 0.8 = 48 against 0.9 x 0.8 x 92.6 = 66.7.
    """
    prove(LOSSY_STORAGE, tmp_path)


def line(capacity: float):
    def build(demand: Demand) -> Nodes:
        west, east = solph.Bus(label="west"), solph.Bus(label="east")
        link = solph.components.Link(
            label="line",
            inputs={west: solph.Flow(nominal_capacity=capacity), east: solph.Flow()},
            outputs={west: solph.Flow(), east: solph.Flow()},
            conversion_factors={(west, east): 0.95, (east, west): 0.95},
        )
        return [
            west,
            east,
            link,
            source("wind", west, variable_costs=20.0),
            source("gas", east, variable_costs=50.0),
            demand_on(west, demand),
            demand_on(east, demand),
        ]

    return build


LINE = Hand(
    line(10.0),
    {"west": (3.0, 3.0), "east": (5.0, 15.0)},
    objective=20.0 * (3.0 + 5.0 / 0.95) + 20.0 * 13.0 + 50.0 * 5.5,
    flows={
        ("west", "line"): (5.0 / 0.95, 10.0),
        ("line", "east"): (5.0, 9.5),
        ("gas", "east"): (0.0, 5.5),
        ("wind", "west"): (3.0 + 5.0 / 0.95, 13.0),
    },
    prices={"west": (20.0, 20.0), "east": (20.0 / 0.95, 50.0)},
)


def test_line_with_losses_and_capacity(tmp_path: Path) -> None:
    """Prices at the two ends differ by the loss, and by the rent of the line when it is full.

    Hour 1 needs 5 MW in the east, 5 / 0.95 at the line: price 20 / 0.95 there. In hour 2 the line
    is full with 10 MW and brings 9.5, gas at 50 gives 5.5: price 50, and a MW more of the line
    would earn 0.95 x 50 - 20 = 27.5, which solving with 11 MW shows.
    """
    prove(LINE, tmp_path)
    wider = Hand(line(11.0), LINE.demand, LINE.objective)
    _, solution = solve(wider)
    close(LINE.objective - solution.objective, 0.95 * 50.0 - 20.0, 1e-6, "rent of the line")


def sized_plant(existing: float):
    def build(demand: Demand) -> Nodes:
        bus = solph.Bus(label="bus")
        size = solph.Investment(ep_costs=30.0, existing=existing, maximum=50.0)
        return [
            bus,
            source("plant", bus, nominal_capacity=size, variable_costs=10.0),
            source("shedding", bus, variable_costs=1000.0),
            demand_on(bus, demand),
        ]

    return build


@pytest.mark.parametrize("existing", [0.0, 2.0])
def test_investment_in_a_flow(existing: float, tmp_path: Path) -> None:
    """New capacity covers the peak, and the peak hour alone pays for it.

    4, 7 and 5 MW from a plant at 10 per MWh and 30 per MW: 16 x 10 + 30 x 7 = 370; with 2 MW
    standing, which cost nothing, 5 MW are new: 310. Price: 10, 10 + 30, 10.
    """
    prove(
        Hand(
            sized_plant(existing),
            {"bus": (4.0, 7.0, 5.0)},
            objective=160.0 + 30.0 * (7.0 - existing),
            flows={("plant", "bus"): (4.0, 7.0, 5.0), ("shedding", "bus"): (0.0, 0.0, 0.0)},
            prices={"bus": (10.0, 40.0, 10.0)},
            investments={("plant", "bus"): 7.0 - existing},
        ),
        tmp_path,
    )


def sized_storage(existing: float):
    def build(demand: Demand) -> Nodes:
        bus = solph.Bus(label="bus")
        store = solph.components.GenericStorage(
            label="store",
            inputs={
                bus: solph.Flow(nominal_capacity=solph.Investment(existing=existing, maximum=99.0))
            },
            outputs={
                bus: solph.Flow(
                    nominal_capacity=solph.Investment(
                        ep_costs=8.0, existing=existing, maximum=99.0
                    )
                )
            },
            nominal_capacity=solph.Investment(ep_costs=5.0, maximum=99.0),
            invest_relation_input_output=1.0,
            inflow_conversion_factor=0.9,
            outflow_conversion_factor=0.9,
            balanced=True,
        )
        return [
            bus,
            source("sun", bus, nominal_capacity=20.0, maximum=[1.0, 0.0, 0.0]),
            source("dear", bus, variable_costs=100.0),
            solph.components.Sink(label="curtailed", inputs={bus: solph.Flow()}),
            store,
            demand_on(bus, demand),
        ]

    return build


@pytest.mark.parametrize("existing", [0.0, 2.0])
def test_investment_in_a_store_whose_inverter_serves_both_ways(
    existing: float, tmp_path: Path
) -> None:
    """The inverter is paid for once and the larger of the two directions sizes it.

    Sun in hour 1 only, 0, 3 and 1 MW of demand: 4 MWh out need 4 / 0.9 MWh of content and
    4 / 0.81 MW of charging in the one hour, more than the 3 MW of discharging. A MWh costs
    5 / 0.9 + 8 / 0.81 = 15.4 in either hour, below 100, and nothing while the sun shines.
    What stands of the inverter (2 MW) lessens the new build of both directions alike.
    """
    content, power = 4.0 / 0.9, 4.0 / 0.81
    price = 5.0 / 0.9 + 8.0 / 0.81
    prove(
        Hand(
            sized_storage(existing),
            {"bus": (0.0, 3.0, 1.0)},
            objective=5.0 * content + 8.0 * (power - existing),
            flows={
                ("bus", "store"): (power, 0.0, 0.0),
                ("store", "bus"): (0.0, 3.0, 1.0),
                ("dear", "bus"): (0.0, 0.0, 0.0),
            },
            prices={"bus": (0.0, price, price)},
            contents={"store": (content, content - 3.0 / 0.9, 0.0)},
            initial_contents={"store": 0.0},
            investments={
                "store": content,
                ("bus", "store"): power - existing,
                ("store", "bus"): power - existing,
            },
        ),
        tmp_path,
    )


def limited_emissions(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")

    def plant(label: str, price: float, emission: float) -> solph.components.Source:
        return source(
            label,
            bus,
            variable_costs=price,
            custom_properties={"emission_factor": emission},
        )

    return [bus, plant("coal", 20.0, 1.0), plant("gas", 50.0, 0.4), demand_on(bus, demand)]


LIMITED_EMISSIONS = Hand(
    limited_emissions,
    {"bus": (10.0, 10.0)},
    objective=700.0,
    prices={"bus": (70.0, 70.0)},
    limits={"emission_factor": 14.0},
    limit_prices={"emission_factor": 50.0},
)


def test_limit_on_emissions(tmp_path: Path) -> None:
    """The price of a limit is what one unit less costs, and it is in the price of power.

    Coal at 20 and 1 t/MWh, gas at 50 and 0.4 t/MWh, 20 MWh, 14 t: 10 MWh of each, 700. One t
    less moves 1 / 0.6 MWh from coal to gas: 30 / 0.6 = 50 per t. Another MWh costs
    20 + 1.0 x 50 = 50 + 0.4 x 50 = 70. With 13 t the optimum is 750.
    """
    prove(LIMITED_EMISSIONS, tmp_path)
    for way in WAYS:
        _, tighter = solve(LIMITED_EMISSIONS, way, limits={"emission_factor": 13.0})
        close(tighter.objective, 750.0, 1e-6, "objective with one t less")
        _, solution = solve(LIMITED_EMISSIONS, way)
        close(solution.flow["coal", "bus"].sum(), 10.0, 1e-5, "coal")


def test_limit_that_does_not_bind(tmp_path: Path) -> None:
    """A limit with room has no price and leaves the price of power alone.

    20 MWh of coal emit 20 t; the limit is 25 t.
    """
    prove(
        Hand(
            limited_emissions,
            {"bus": (10.0, 10.0)},
            objective=400.0,
            flows={("gas", "bus"): (0.0, 0.0)},
            prices={"bus": (20.0, 20.0)},
            limits={"emission_factor": 25.0},
            limit_prices={"emission_factor": 0.0},
        ),
        tmp_path,
    )


def plant_with_a_fixed_cost(demand: Demand) -> Nodes:
    bus = solph.Bus(label="bus")
    size = solph.Investment(ep_costs=10.0, maximum=20.0, nonconvex=True, offset=100.0)
    return [
        bus,
        source("plant", bus, nominal_capacity=size, variable_costs=5.0),
        source("dear", bus, variable_costs=40.0),
        demand_on(bus, demand),
    ]


def test_investment_with_a_fixed_cost(tmp_path: Path) -> None:
    """A binary decision; prices are those of the problem with the decision taken.

    A plant costs 100 + 10 per MW and 5 per MWh, the alternative 40 per MWh. For 5, 5, 5 and 8 MW
    it is built with 8 MW: the last 3 save 3 x 35 and cost 30. 100 + 80 + 23 x 5 = 295. The price
    is 5, and 5 + 10 at the peak; the 100 are spent and in no price.
    """
    prove(
        Hand(
            plant_with_a_fixed_cost,
            {"bus": (5.0, 5.0, 5.0, 8.0)},
            objective=295.0,
            flows={("plant", "bus"): (5.0, 5.0, 5.0, 8.0)},
            prices={"bus": (5.0, 5.0, 5.0, 15.0)},
            investments={("plant", "bus"): 8.0},
        ),
        tmp_path,
    )


def test_fixed_cost_that_does_not_pay(tmp_path: Path) -> None:
    """Without its fixed cost the plant would be built; with it the dear source serves.

    Two hours of 1 MW: 100 + 10 + 2 x 5 = 120 against 2 x 40 = 80. The price is that of the dear
    source, 40, since the decision against the plant stands.
    """
    prove(
        Hand(
            plant_with_a_fixed_cost,
            {"bus": (1.0, 1.0)},
            objective=80.0,
            flows={("dear", "bus"): (1.0, 1.0)},
            prices={"bus": (40.0, 40.0)},
            investments={("plant", "bus"): 0.0},
            # One more MWh makes the plant pay: a price holds only as long as the decision does.
            resolve=False,
        ),
        tmp_path,
    )


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_bus_between_fixed_flows_has_no_price(
    way: tuple[BackendName, SolverName], tmp_path: Path
) -> None:
    """A bus whose flows are all given has no balance to price; the others keep theirs.

    One more MWh of demand on it is not dear but impossible: zero would be a wrong price. Its flows
    are still there.
    """

    def build(demand: Demand) -> Nodes:
        given = solph.Bus(label="given")
        run_of_river = source("river", given, nominal_capacity=1.0, fix=[2.0, 3.0, 2.0])
        taken = solph.components.Sink(
            label="mill", inputs={given: solph.Flow(nominal_capacity=1.0, fix=[2.0, 3.0, 2.0])}
        )
        return [*merit_order(demand), given, run_of_river, taken]

    hand = Hand(
        build,
        MERIT_ORDER.demand,
        MERIT_ORDER.objective,
        flows={**MERIT_ORDER.flows, ("river", "given"): (2.0, 3.0, 2.0)},
        prices=MERIT_ORDER.prices,
    )
    graph, solution = solve(hand, way)
    compare(hand, solution)
    assert solution.bus_price is not None
    assert list(solution.bus_price) == ["bus"]
    assert list(saved(graph, solution, tmp_path)["bus"].to_numpy()) == ["bus"]
