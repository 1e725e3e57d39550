"""Storages of compressed air: solved by hand, and against ``solph.Model``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chp_systems import INCREMENTS, compressed_air, drawn
from face_systems import flow, uneven
from face_systems import served as served_at_prices
from odd_nodes import PARAMS, PLANTS, with_odd
from oemof import solph
from plain_solph import plain_objective, quietly
from refused import impossible, misread
from small_graphs import BACKENDS, Nodes, served, solved, source, system
from test_frames import compare

from meishan_model.optimise import Model, SolverName
from meishan_model.optimise.errors import ModelError

CAVERN: dict[str, float] = {
    **{"cav_e_in_b": 0.0, "cav_e_in_m": 0.5, "cav_e_out_b": 0.0, "cav_e_out_m": 0.5},
    **{"cav_eta_temp": 1.0, "cav_level_max": 10.0, "cmp_p_max_b": 8.0, "cmp_p_max_m": 0.0},
    **{"cmp_p_min": 2.0, "cmp_q_out_b": 0.0, "cmp_q_out_m": 1.0, "cmp_q_tes_share": 0.5},
    **{"exp_p_max_b": 3.0, "exp_p_max_m": 0.5, "exp_p_min": 1.0, "exp_q_in_b": 0.0},
    **{"exp_q_in_m": 1.0, "exp_q_tes_share": 0.25, "tes_level_max": 6.0},
}


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_filled_and_emptied(solver: SolverName) -> None:
    """8 of power for an hour leave 4 in the cavern, so that 3 + 0.5 x 4 = 5 come out of it.

    In the second step, of two hours, each unit takes 0.5 x 2 from the cavern: 4 units leave it
    empty, and the fifth of the demand is dear. They need 4 of heat, of which three quarters are
    fuel. At 1 per unit of power and 3 per unit of fuel that is 8 + 2 x (3 x 3 + 100) = 226.
    """
    bus, nodes = served(0, 5)
    gas = solph.Bus(label="gas")
    cheap = {"nominal_capacity": 8.0, "maximum": [1.0, 0.0], "variable_costs": 1.0}
    node = solph.components.experimental.GenericCAES(
        label="caes",
        electrical_input={bus: flow()},
        fuel_input={gas: flow()},
        electrical_output={bus: flow(nominal_capacity=9.0, maximum=[0.0, 1.0])},
        params=CAVERN,
    )
    well = source("well", gas, variable_costs=3.0)
    made = system([*nodes, source("cheap", bus, **cheap), gas, well, node], (1.0, 2.0))
    solution = Model(made).solve(solver=solver)
    assert solution.objective == pytest.approx(226.0)
    assert solution.flow["caes", "bus"].tolist() == pytest.approx([0.0, 4.0])
    assert solution.frame("cav_level").to_numpy().ravel() == pytest.approx([4.0, 0.0])
    assert solution.frame("exp_p_max").to_numpy().ravel() == pytest.approx([3.0, 5.0])


@pytest.mark.parametrize("seed", range(8))
def test_random_systems(seed: int) -> None:
    """The optimum is that of solph."""
    expected = plain_objective(system(compressed_air(drawn(seed)), INCREMENTS))
    found = quietly(lambda: solved("linopy", compressed_air(drawn(seed)), INCREMENTS))
    assert found.objective == pytest.approx(expected, rel=1e-5)


def test_frames() -> None:
    """Each variable of solph, also those that nothing states."""
    power, nodes = served_at_prices()
    gas = solph.Bus("gas")
    # Without a choice between kept heat and other heat, which costs nothing.
    params = {**CAVERN, "cmp_q_tes_share": 0.0, "tes_level_max": 0.0, "cav_e_in_b": 0.01}
    node = solph.components.experimental.GenericCAES(
        label="caes",
        electrical_input={power: flow(variable_costs=0.11)},
        fuel_input={gas: flow()},
        electrical_output={power: flow(variable_costs=0.13)},
        params=params,
    )
    well = source("well", gas, variable_costs=[21.3, 24.1, 22.7, 25.9, 23.3])
    compare(uneven([*nodes, gas, well, node]), "linopy")


def caes(**given: Any) -> Callable[[], Nodes]:
    """The node of :mod:`odd_nodes` with keywords in place of its own."""
    return lambda: with_odd(lambda bus: PLANTS["GenericCAES"](bus, **given))


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        (caes(electrical_output={}), "odd: no electrical_output"),
        (
            caes(params={k: v for k, v in PARAMS.items() if k != "cmp_p_min"}),
            "odd: no cmp_p_min in params",
        ),
    ],
    ids=["side", "parameter"],
)
def test_what_no_backend_states(nodes: Callable[[], Nodes], told: str) -> None:
    """What solph itself cannot state is told before anything is stated."""
    impossible(nodes, told)


def test_what_solph_takes_otherwise() -> None:
    """A second flow out of the storage is one that nothing ties to it."""

    def given() -> Nodes:
        return caes(
            electrical_output=lambda bus, gas: {bus: flow(), gas: flow(variable_costs=4)}
        )()

    told = "odd: 2 flows of electrical_output, of which solph takes the first"
    misread(given, caes(), told)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([1.0, 2.0], "odd: cmp_p_min is no number but list"),
        (float("nan"), "odd: cmp_p_min is not a number"),
        (None, "odd: cmp_p_min is None"),
    ],
)
def test_values(value: Any, told: str, backend: str) -> None:
    """Parameters that are no numbers are named."""
    with pytest.raises(ModelError, match=f"^no backend states these values: {told}$"):
        solved(backend, caes(params={**PARAMS, "cmp_p_min": value})())
