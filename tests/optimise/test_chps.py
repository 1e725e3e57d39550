"""Plants of combined heat and power: solved by hand, and against ``solph.Model``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chp_systems import INCREMENTS, drawn, extraction_turbine, generic_chp
from face_systems import flow, uneven
from face_systems import served as served_at_prices
from odd_nodes import FUEL, HEAT, PLANTS, POWER, with_odd
from oemof import solph
from plain_solph import plain_objective, quietly
from refused import impossible, misread
from small_graphs import BACKENDS, Nodes, served, sink, solved, source, system
from test_frames import compare

from meishan_model.optimise import Model, SolverName
from meishan_model.optimise.errors import ModelError

BUS, GAS, WARM = (solph.Bus(label=label) for label in ("bus", "gas", "heat"))
SOLVERS: list[SolverName] = ["highs", "cbc"]


def plant(kind: str, load: tuple[float, ...], warm: tuple[float, ...], **given: Any) -> Nodes:
    """A plant that burns gas at 3 and serves power and heat, which else cost 100 and 50."""
    bus, nodes = served(*load)
    made = PLANTS[kind](bus, **given)
    return [
        *nodes,
        *made,
        source("well", made[0], variable_costs=3.0),
        source("boiler", made[1], variable_costs=50.0),
        sink("warm", made[1], nominal_capacity=1.0, fix=list(warm)),
    ]


def flat(**values: float) -> dict[str, list[float]]:
    """Properties that are the same in every time step."""
    return {key: [value] * 3 for key, value in values.items()}


FIELD = {
    "power": flat(P_min_woDH=2.0, P_max_woDH=6.0, Eta_el_min_woDH=0.4, Eta_el_max_woDH=0.5),
    "fuel": flat(H_L_FG_share_max=0.1),
    "heat": flat(Q_CW_min=0.5),
    "beta": 0.2,
}
"""Fuel is 5 at the least power and 12 at the most: 1.5 + 1.75 times the power without heat."""


@pytest.mark.parametrize("solver", SOLVERS)
def test_extraction_turbine(solver: SolverName) -> None:
    """Of 0.5 without heat and 0.3 and 0.5 with all of it: a loss of 0.4, at most 1 / 0.6 of heat.

    4 of power and 2 of heat for an hour burn (4 + 0.8) / 0.5 = 9.6. 3 of power leave 5 of 6 of
    heat, for two hours: they burn (3 + 2) / 0.5 = 10. 28.8 + 2 x (30 + 50) = 188.8.
    """
    made = system(plant("ExtractionTurbineCHP", (4, 3), (2, 6)), (1.0, 2.0))
    solution = Model(made).solve(solver=solver)
    assert solution.objective == pytest.approx(188.8)
    assert solution.flow["gas", "odd"].tolist() == pytest.approx([9.6, 10.0])
    assert solution.flow["odd", "heat"].tolist() == pytest.approx([2.0, 5.0])


@pytest.mark.parametrize("solver", SOLVERS)
def test_field_of_operation(solver: SolverName) -> None:
    """4 of power and 2 of heat are 4.4 without heat, and burn 1.5 + 1.75 x 4.4 = 9.2.

    1 of power without heat is below the least and dear; 5 and 5 are 6 without heat and burn 12, of
    which 5 + 5 + 1.2 + 0.5 = 11.7 are used. 27.6 + 2 x 100 + 0.5 x 36 = 245.6.
    """
    made = system(plant("GenericCHP", (4, 1, 5), (2, 0, 5), **FIELD), (1.0, 2.0, 0.5))
    solution = Model(made).solve(solver=solver)
    assert solution.objective == pytest.approx(245.6)
    for key, expected in {
        "H_F": [9.2, 0.0, 12.0],
        "Y": [1.0, 0.0, 1.0],
        "P_woDH": [4.4, 0.0, 6.0],
        "H_L_FG_max": [0.92, 0.0, 1.2],
    }.items():
        values = solution.frame(key).to_numpy().ravel()
        assert values.tolist() == pytest.approx(expected, abs=1e-6), key


def test_back_pressure() -> None:
    """4 of power burn 8.5, and 0.9 x 8.5 - 4 = 3.65 of heat is all there is of 5, and no less.

    2 of heat alone would need power below the least: 25.5 + 1.35 x 50 + 4 x 100 + 2 x 50 = 593.
    """
    given = {**FIELD, "heat": flat(Q_CW_min=0.0), "beta": 0.0, "back_pressure": True}
    solution = solved("linopy", plant("GenericCHP", (4, 4), (5, 2), **given))
    assert solution.objective == pytest.approx(593.0)
    assert solution.flow["odd", "heat"].tolist() == pytest.approx([3.65, 0.0])


def engine(
    warm: tuple[float, ...], *, told: bool, cooled: bool = True, share: Any = None
) -> Nodes:
    """A plant whose losses are at most 0.4 of the fuel, as attributes of flows or not."""
    share = [0.4] * 3 if share is None else share
    held = "custom_attributes" if told else "custom_properties"
    kept = "custom_attributes" if cooled else "custom_properties"
    fuel = {**flat(H_L_FG_share_max=0.1), "H_L_FG_share_min": share}
    given = {**FIELD, "beta": 0.0}
    return quietly(
        lambda: plant(
            *("GenericCHP", (4, 4), warm),
            **given,
            fuel_input=lambda _, gas, __: {gas: flow(**{held: fuel})},
            heat_output=lambda _, __, heat: {heat: flow(**{kept: flat(Q_CW_min=0.0)})},
        )
    )


def test_engine() -> None:
    """4 of power burn 8.5, and of that 5.1 at least are power and heat: 1.1 of heat at least.

    With 2 of heat that is 25.5; 0.5 is too little for any power: 4 x 100 + 0.5 x 50 = 425.
    """
    solution = solved("linopy", engine((2, 0.5), told=True))
    assert solution.objective == pytest.approx(450.5)
    assert plain_objective(system(engine((2, 0.5), told=True), (1, 1))) == pytest.approx(450.5)


@pytest.mark.parametrize("build", [extraction_turbine, generic_chp])
@pytest.mark.parametrize("seed", range(6))
def test_random_systems(build: Callable[..., Nodes], seed: int) -> None:
    """The optimum is that of solph."""
    expected = plain_objective(system(build(drawn(seed)), INCREMENTS))
    found = quietly(lambda: solved("linopy", build(drawn(seed)), INCREMENTS))
    assert found.objective == pytest.approx(expected, rel=1e-5)


def plants() -> Nodes:
    """One of each class, an engine and a turbine with back pressure among them."""
    power, nodes = served_at_prices(load=(16.0, 19.5, 13.2, 18.1, 15.3))
    gas, heat = solph.Bus("gas"), solph.Bus("heat")

    def given(**values: float) -> dict[str, list[float]]:
        return {key: [value + 0.01 * i for i in range(5)] for key, value in values.items()}

    def chp(label: str, held: str, back_pressure: bool, **engine: float) -> Any:
        fuel = given(H_L_FG_share_max=0.1, **engine)
        field = given(P_min_woDH=2, P_max_woDH=5, Eta_el_min_woDH=0.3, Eta_el_max_woDH=0.4)
        return solph.components.GenericCHP(
            label=label,
            fuel_input={gas: flow(variable_costs=0.1, **{held: fuel})},
            electrical_output={power: flow(custom_properties=field)},
            heat_output={heat: flow(**{held: {"Q_CW_min": [0.0] * 5}})},
            beta=0.1,
            back_pressure=back_pressure,
        )

    turbine = solph.components.ExtractionTurbineCHP(
        label="turbine",
        inputs={gas: flow()},
        outputs={heat: flow(), power: flow(nominal_capacity=3.0)},
        conversion_factors={power: 0.3, heat: 0.5},
        conversion_factor_full_condensation={power: [0.5, 0.51, 0.52, 0.49, 0.48]},
    )
    return [
        *(*nodes, gas, heat, turbine),
        chp("engine", "custom_attributes", False, H_L_FG_share_min=0.3),
        chp("back", "custom_properties", True),
        source("well", gas, variable_costs=[21.3, 24.1, 22.7, 25.9, 23.3]),
        source("boiler", heat, variable_costs=[51.3, 54.1, 52.7, 55.9, 53.3]),
        sink("warm", heat, nominal_capacity=1.0, fix=[7.0, 9.0, 12.0, 8.0, 3.0]),
    ]


def test_frames() -> None:
    """Each variable of solph, also the one that nothing states."""
    compare(quietly(lambda: uneven(plants())), "linopy")


def made(kind: str, **given: Any) -> Callable[[], Nodes]:
    """A plant of :mod:`odd_nodes` with keywords in place of its own."""
    return lambda: with_odd(lambda bus: PLANTS[kind](bus, **given), -4.0)


def chp(**given: Any) -> Callable[[], Nodes]:
    return made("GenericCHP", **given)


def turbine(**given: Any) -> Callable[[], Nodes]:
    return made("ExtractionTurbineCHP", **given)


def power(**given: Any) -> Callable[[], Nodes]:
    return chp(power={**POWER, **given})


DATED = pd.Series([6.0, 6.0], pd.date_range("2035", periods=2))
IMPOSSIBLE: dict[str, tuple[Callable[[], Nodes], str]] = {
    "no property": (
        chp(power={k: v for k, v in POWER.items() if k != "Eta_el_max_woDH"}),
        "odd: no Eta_el_max_woDH",
    ),
    "no losses": (chp(fuel={}), "odd: no H_L_FG_share_max"),
    "no heat": (chp(heat_output={}), "odd: no heat_output"),
    "number": (power(P_max_woDH=6.0), "odd: P_max_woDH that is no series"),
    "sequence": (power(P_max_woDH=solph.sequence(6.0)), "odd: P_max_woDH that is no series"),
    "number of heat": (chp(heat={"Q_CW_min": 0.0}), "odd: Q_CW_min that is no series"),
    "lengths": (power(P_max_woDH=[6.0] * 3), "Eta_el_max_woDH of different lengths"),
    "efficiency": (power(Eta_el_max_woDH=[0.5, 0.0]), "odd: Eta_el_max_woDH of zero"),
    "line": (power(P_max_woDH=[6.0, 2.0]), "odd: no line through P_min_woDH and P_max_woDH"),
    "dates": (power(P_max_woDH=DATED), "odd: P_max_woDH by the labels of a series"),
    "engine": (
        lambda: engine((2, 2), told=True, cooled=False),
        "odd: H_L_FG_share_min without a series Q_CW_min among custom_attributes",
    ),
    "array": (
        lambda: engine((2, 2), told=True, share=np.full(3, 0.4)),
        "odd: H_L_FG_share_min is array([0.4, 0.4, 0.4]), neither true nor false",
    ),
    "number of an engine": (
        lambda: engine((2, 2), told=True, share=0.4),
        "odd: H_L_FG_share_min that is no series",
    ),
    "tapped": (
        turbine(conversion_factors={BUS: 0.3, WARM: 0}),
        "odd: conversion factor of zero of heat",
    ),
    "tapped once": (
        turbine(conversion_factors={BUS: 0.3, WARM: [0.5, 0.0]}),
        "odd: conversion factor of zero of heat",
    ),
    "condensing": (
        turbine(conversion_factor_full_condensation={BUS: 0}),
        "odd: conversion factor in full condensation of zero of bus",
    ),
    "no main output": (
        turbine(conversion_factor_full_condensation={GAS: 0.5}),
        "odd: no output of conversion_factor_full_condensation beside another one",
    ),
    "no factor": (
        turbine(conversion_factor_full_condensation={}),
        "odd: no output of conversion_factor_full_condensation beside another one",
    ),
    "no input": (turbine(inputs={}), "odd: 0 inputs, of which solph takes one"),
}


@pytest.mark.parametrize(("nodes", "told"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
@pytest.mark.filterwarnings("ignore:.*divide by zero:RuntimeWarning")
def test_what_no_backend_states(nodes: Callable[[], Nodes], told: str) -> None:
    """What solph itself cannot state is told before anything is stated."""
    impossible(lambda: quietly(nodes), told)


def two_powers(bus: solph.Bus, gas: solph.Bus, _: solph.Bus) -> dict[solph.Bus, solph.Flow]:
    return {bus: flow(custom_properties=POWER), gas: flow(variable_costs=4.0)}


def three_outputs(bus: solph.Bus, gas: solph.Bus, heat: solph.Bus) -> dict[solph.Bus, solph.Flow]:
    return {bus: flow(), heat: flow(), gas: flow(variable_costs=4.0)}


MISREAD: dict[str, tuple[Callable[[], Nodes], Callable[[], Nodes], str]] = {
    "engine": (
        lambda: engine((2, 0.5), told=False, cooled=False),
        lambda: plant(
            "GenericCHP", (4, 4), (2, 0.5), **FIELD | {"beta": 0.0, "heat": flat(Q_CW_min=0)}
        ),
        "odd: H_L_FG_share_min, of which solph reads custom_attributes that are true, and taken",
    ),
    "back pressure": (
        chp(back_pressure=1),
        chp(),
        "odd: back_pressure is 1, not True, and taken for False",
    ),
    "labels": (
        power(P_max_woDH=pd.Series([6.0, 3.0], [1, 0])),
        power(P_max_woDH=[3.0, 6.0]),
        "odd: P_max_woDH by the labels of a series, which are not 0, 1, …",
    ),
    "two powers": (
        chp(electrical_output=two_powers),
        chp(),
        "odd: 2 flows of electrical_output, of which solph takes the first",
    ),
    "two factors": (
        turbine(conversion_factor_full_condensation={BUS: 0.5, WARM: 0.9}),
        turbine(),
        "odd: 2 factors in full condensation, of which solph takes that of bus",
    ),
    "three outputs": (
        turbine(outputs=three_outputs),
        turbine(),
        "odd: 3 outputs, of which solph takes two and limits no other",
    ),
}


@pytest.mark.parametrize(("given", "taken", "told"), MISREAD.values(), ids=MISREAD)
def test_what_solph_takes_otherwise(
    given: Callable[[], Nodes], taken: Callable[[], Nodes], told: str
) -> None:
    """What solph drops or takes for something else is refused; the pyomo backend follows solph."""
    misread(given, taken, told)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        (power(P_max_woDH=[6.0]), "odd: P_max_woDH has 1 values, 2 are needed"),
        (chp(heat={"Q_CW_min": [0.0, np.nan]}), "odd: Q_CW_min is not a number in step 1"),
        (chp(fuel={"H_L_FG_share_max": None}), "odd: H_L_FG_share_max is None"),
        (power(P_min_woDH={0: 1.0, 1: 2.0}), "odd: P_min_woDH is no number but dict"),
        (chp(beta=["a", "b"]), "odd: beta holds str_, not numbers"),
        (
            turbine(conversion_factor_full_condensation={BUS: [0.5, np.inf]}),
            "odd: conversion factor in full condensation of bus is infinite in step 1",
        ),
    ],
)
def test_values(nodes: Callable[[], Nodes], told: str, backend: str) -> None:
    """Properties that are no numbers, or too few, are named."""
    with pytest.raises(ModelError, match=f"^no backend states these values: {told}$"):
        solved(backend, nodes())


def test_flow_that_may_be_negative() -> None:
    """A plant burns no less than nothing, whatever else its flow may be."""

    def nodes() -> Nodes:
        def free(**properties: Any) -> solph.Flow:
            both = {"nominal_capacity": 50.0, "minimum": -1.0}
            return quietly(lambda: flow(custom_properties=properties, **both))

        return chp(
            fuel_input=lambda _, gas, __: {gas: free(**FUEL)},
            heat_output=lambda _, __, heat: {heat: free(**HEAT)},
        )()

    expected = quietly(lambda: plain_objective(system(nodes(), (1.0, 1.0))))
    assert quietly(lambda: solved("linopy", nodes())).objective == pytest.approx(expected)
