"""Optima that independent systems state in their own tests, rebuilt from the cases' numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hand_solved import Demand, Hand, Nodes, demand_on, prove
from oemof import solph


def two_units(
    coal: Callable[[], solph.Flow], gas: Callable[[], solph.Flow]
) -> Callable[[Demand], Nodes]:
    """A coal and a gas unit on one bus."""

    def build(demand: Demand) -> Nodes:
        bus = solph.Bus(label="bus")
        return [
            bus,
            solph.components.Source(label="coal", outputs={bus: coal()}),
            solph.components.Source(label="gas", outputs={bus: gas()}),
            demand_on(bus, demand),
        ]

    return build


def unit(
    price: float, capacity: float, minimum: float, **commitment: object
) -> Callable[[], solph.Flow]:
    """A unit that is off or between its minimum and its capacity."""

    def flow() -> solph.Flow:
        return solph.Flow(
            nominal_capacity=capacity,
            minimum=minimum,
            variable_costs=price,
            nonconvex=solph.NonConvex(**commitment),
        )

    return flow


def test_start_up_cost(tmp_path: Path) -> None:
    """PyPSA's case of start-up costs: 359000 (PyPSA, test of unit commitment).

    Coal (20 per MWh, 1 to 10 GW, off before, 3000 a start) and gas (70 per MWh, 0 to 10 GW, on
    before, 1000 a start) serve 4, 6, 5 and 0.8 GW. Coal starts once and cannot run at 0.8 GW, gas
    stays on at nothing: 20 x 15000 + 70 x 800 + 3000 = 359000.
    """
    prove(
        Hand(
            two_units(
                unit(20.0, 10e3, 0.1, initial_status=0, startup_costs=3000.0),
                unit(70.0, 10e3, 0.0, initial_status=1, startup_costs=1000.0),
            ),
            {"bus": (4e3, 6e3, 5e3, 800.0)},
            objective=359000.0,
            flows={("coal", "bus"): (4e3, 6e3, 5e3, 0.0), ("gas", "bus"): (0.0, 0.0, 0.0, 800.0)},
            prices={"bus": (20.0, 20.0, 20.0, 70.0)},
        ),
        tmp_path,
    )


def test_shut_down_cost(tmp_path: Path) -> None:
    """PyPSA's case of shut-down costs: 358000 (PyPSA, test of unit commitment).

    Coal (20 per MWh, 3 to 10 GW) and gas (70 per MWh, 0.1 to 1 GW) are both on before, each
    stop costs 1000. Gas stops at once, since staying on costs 100 x 50 an hour, and coal stops
    before the last hour: 20 x 15000 + 70 x 800 + 2 x 1000 = 358000.
    """
    prove(
        Hand(
            two_units(
                unit(20.0, 10e3, 0.3, initial_status=1, shutdown_costs=1000.0),
                unit(70.0, 1e3, 0.1, initial_status=1, shutdown_costs=1000.0),
            ),
            {"bus": (4e3, 6e3, 5e3, 800.0)},
            objective=358000.0,
            flows={("coal", "bus"): (4e3, 6e3, 5e3, 0.0), ("gas", "bus"): (0.0, 0.0, 0.0, 800.0)},
            prices={"bus": (20.0, 20.0, 20.0, 70.0)},
        ),
        tmp_path,
    )


def test_minimum_part_load(tmp_path: Path) -> None:
    """PyPSA's case of a minimum part load: coal rests in the hour below 3 GW, at 356000.

    The case states the dispatch; its cost is 20 x 15000 + 70 x 800.
    """
    prove(
        Hand(
            two_units(unit(20.0, 10e3, 0.3), unit(70.0, 1e3, 0.1)),
            {"bus": (4e3, 6e3, 5e3, 800.0)},
            objective=356000.0,
            flows={("coal", "bus"): (4e3, 6e3, 5e3, 0.0), ("gas", "bus"): (0.0, 0.0, 0.0, 800.0)},
            prices={"bus": (20.0, 20.0, 20.0, 70.0)},
        ),
        tmp_path,
    )
