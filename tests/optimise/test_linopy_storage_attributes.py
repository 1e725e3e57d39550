"""Every attribute of storages, on paper and by both backends.

Unless a test says otherwise the demand is 0 and then 4, a source at 1 per unit gives up to 20 in
the first step only, what nothing else serves costs 100 per unit, and the storage starts empty.
"""

from __future__ import annotations

from typing import Any

import pytest
from oemof import solph
from small_graphs import BACKENDS, solved, with_store

from meishan_model.optimise.solution import Solution

Invest = solph.Investment

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def stored(backend: str, increments: tuple[float, ...] = (1.0, 1.0), **store: Any) -> Solution:
    """The optimum with one storage, empty at first unless it says otherwise."""
    keywords = {"initial_storage_level": 0.0, **store}
    return solved(backend, with_store((0, 4), (20, 0), **keywords), increments)


@pytest.mark.parametrize(("capacity", "objective"), [(9.0, 10.0), (6.0, 107.5)])
def test_conversion_factors(backend: str, capacity: float, objective: float) -> None:
    """4 out take 8 from the content and 10 in: 10. A capacity of 6 gives 3: 7.5 + 100."""
    found = stored(
        backend,
        nominal_capacity=capacity,
        inflow_conversion_factor=[0.8, 0.1],
        outflow_conversion_factor=[0.1, 0.5],
    )
    assert found.objective == pytest.approx(objective)
    assert found.storage_content["store"].to_list() == pytest.approx([min(8.0, capacity), 0.0])


def test_power(backend: str) -> None:
    """Not more than 3 in and 2 out: 2 + 2 x 100 = 202."""
    into, out = {"nominal_capacity": 3.0}, {"nominal_capacity": 2.0}
    found = stored(backend, nominal_capacity=10.0, into=into, out=out)
    assert found.objective == pytest.approx(202.0)


@pytest.mark.parametrize(("increments", "cost"), [((1.0, 1.0), 8.0), ((2.0, 2.0), 32.0)])
def test_loss_rate(backend: str, increments: tuple[float, ...], cost: float) -> None:
    """Half is lost in an hour: 8 in for 4 out; three quarters in two hours: 32 for 4 x 2 h."""
    found = stored(backend, increments, nominal_capacity=40.0, loss_rate=[0.9, 0.5])
    assert found.objective == pytest.approx(cost)


@pytest.mark.parametrize(("increments", "cost"), [((1.0, 1.0), 6.0), ((0.5, 0.5), 3.0)])
def test_fixed_losses_relative(backend: str, increments: tuple[float, ...], cost: float) -> None:
    """0.1 of 10 is lost in each hour: 4 + 1 + 1; half of all that in half hours."""
    found = stored(backend, increments, nominal_capacity=10.0, fixed_losses_relative=0.1)
    assert found.objective == pytest.approx(cost)


@pytest.mark.parametrize(("increments", "cost"), [((1.0, 1.0), 5.5), ((0.5, 0.5), 2.75)])
def test_fixed_losses_absolute(backend: str, increments: tuple[float, ...], cost: float) -> None:
    """0.5 and 1 are lost: 4 + 1.5; half of all that in half hours."""
    found = stored(backend, increments, nominal_capacity=10.0, fixed_losses_absolute=[0.5, 1.0])
    assert found.objective == pytest.approx(cost)


@pytest.mark.parametrize(
    ("initial", "balanced", "cost"),
    [
        (0.5, True, 4.0),
        (0.5, False, 0.0),
        (None, True, 4.0),
        (None, False, 0.0),
        (0.1, False, 3.0),
    ],
)
def test_initial_level(backend: str, initial: float | None, balanced: bool, cost: float) -> None:
    """Of 10, what is in the storage at first is free unless it must be there at last.

    4 are bought where balanced, 3 where 1 is there and may be used, none where 5 are there or
    where the first content is free to choose.
    """
    found = stored(
        backend, nominal_capacity=10.0, initial_storage_level=initial, balanced=balanced
    )
    assert found.objective == pytest.approx(cost)
    if initial is not None:
        assert found.initial_content["store"] == pytest.approx(10.0 * initial)


def test_max_level(backend: str) -> None:
    """0.2 of 10 between the steps: 2 + 2 x 100 = 202."""
    found = stored(backend, nominal_capacity=10.0, max_storage_level=[1.0, 0.2, 1.0])
    assert found.objective == pytest.approx(202.0)


def test_min_level(backend: str) -> None:
    """0.3 of 10 at the end: 4 + 3 in."""
    found = stored(backend, nominal_capacity=10.0, min_storage_level=[0.0, 0.0, 0.3])
    assert found.objective == pytest.approx(7.0)
    assert found.storage_content["store"].to_list() == pytest.approx([7.0, 3.0])


@pytest.mark.parametrize(("increments", "cost"), [((1.0, 1.0), 24.0), ((0.5, 0.5), 12.0)])
def test_storage_costs(backend: str, increments: tuple[float, ...], cost: float) -> None:
    """4 at the end of the first step cost 4 x 5 whatever its length; 4 + 20, or 2 + 10."""
    found = stored(backend, increments, nominal_capacity=10.0, storage_costs=[5.0, 7.0])
    assert found.objective == pytest.approx(cost)


def test_saturation(backend: str) -> None:
    """Above half of 10 the power falls from 5 to 0.2 of it: P = 5 (0.2 + 1.6 (1 - (5 + P) / 10)).

    That is 25/9, so that of 10 that are asked for 20/9 are missing: 25/9 + 2000/9 = 225.
    """
    store = {
        "nominal_capacity": 10.0,
        "initial_storage_level": 0.5,
        "constant_soc_until": 0.5,
        "fraction_saturation_charging": 0.2,
        "into": {"nominal_capacity": 10.0, "maximum": [0.5, 0.1]},
    }
    found = solved(backend, with_store((0, 10), (20, 0), **store))
    assert found.objective == pytest.approx(225.0)
    assert found.flow["bus", "store"].to_list() == pytest.approx([25 / 9, 0.0])


@pytest.mark.parametrize(("level", "charged"), [(1.0, 90 / 29), (0.5, 45 / 19)])
def test_saturation_from_empty(backend: str, level: float, charged: float) -> None:
    """The power falls from 0.9 of 5 with the share of what may be in the storage.

    P = 4.5 (1 - P / 10) is 90/29, and with half of the content P = 4.5 (1 - P / 5) is 45/19.
    """
    store = {
        "nominal_capacity": 10.0,
        "constant_soc_until": 0.0,
        "fraction_saturation_charging": 0.0,
        "max_storage_level": level,
        "into": {"nominal_capacity": 5.0, "maximum": 0.9},
    }
    found = solved(backend, with_store((0, 10), (20, 0), initial_storage_level=0.0, **store))
    assert found.flow["bus", "store"].to_list() == pytest.approx([charged, 0.0], abs=1e-9)


@pytest.mark.parametrize("costs", [2.0, [2.0, 9.0]])
def test_fixed_costs(backend: str, costs: Any) -> None:
    """2 for each unit of a capacity that is given: 10 x 2 + 4; nothing for one that is built."""
    found = stored(backend, nominal_capacity=10.0, fixed_costs=costs)
    assert found.objective == pytest.approx(24.0)
    found = stored(backend, nominal_capacity=Invest(ep_costs=3), fixed_costs=costs)
    assert found.objective == pytest.approx(16.0)


@pytest.mark.parametrize(
    ("invest", "built", "cost"),
    [
        (Invest(ep_costs=3), 4.0, 16.0),
        (Invest(ep_costs=3, existing=1), 3.0, 13.0),
        (Invest(ep_costs=3, maximum=2), 2.0, 208.0),
        (Invest(ep_costs=3, minimum=6), 6.0, 22.0),
        (Invest(ep_costs=3, maximum=9, nonconvex=True, offset=20), 4.0, 36.0),
        (Invest(ep_costs=3, maximum=9, nonconvex=True, offset=900), 0.0, 400.0),
        (Invest(ep_costs=3, maximum=9, nonconvex=True, minimum=7), 7.0, 25.0),
    ],
    ids=["plain", "existing", "maximum", "minimum", "offset", "offset-dear", "threshold"],
)
def test_investment(backend: str, invest: Invest, built: float, cost: float) -> None:
    """4 of content at 3 and 4 in: 16; 1 exists: 13; only 2: 6 + 2 + 200; at least 6: 18 + 4.

    An offset of 20: 36; of 900: all dear, 400; 7 or none: 21 + 4 = 25.
    """
    found = stored(backend, nominal_capacity=invest)
    assert found.objective == pytest.approx(cost)
    assert found.storage_investment["store"] == pytest.approx(built)


@pytest.mark.parametrize(
    ("initial", "balanced", "cost"), [(0.5, False, 14.0), (None, False, 12.0), (None, True, 16.0)]
)
def test_investment_with_initial_level(
    backend: str, initial: float | None, balanced: bool, cost: float
) -> None:
    """4 of content at 3. Half of it is there at first: 12 + 2; all of it: 12; balanced: 12 + 4."""
    found = stored(
        backend,
        nominal_capacity=Invest(ep_costs=3),
        initial_storage_level=initial,
        balanced=balanced,
    )
    assert found.objective == pytest.approx(cost)


def test_investment_with_levels(backend: str) -> None:
    """E_1 = 4 + 0.25 E must be 0.8 E at most: E = 80/11 at 3 and 64/11 in: 304/11."""
    found = stored(
        backend,
        nominal_capacity=Invest(ep_costs=3),
        min_storage_level=[0.0, 0.25, 0.25],
        max_storage_level=[1.0, 0.8, 1.0],
    )
    assert found.objective == pytest.approx(304 / 11)
    assert found.storage_investment["store"] == pytest.approx(80 / 11)


def test_investment_with_fixed_losses(backend: str) -> None:
    """0.1 of all capacity is lost in each step, and 0.5 in the first.

    E_1 = 4 + 0.1 E = E, so E = 40/9, of which 1 exists, and E_1 + 0.1 E + 0.5 go in:
    3 x 31/9 + 40/9 + 4/9 + 0.5 = 137/9 + 0.5.
    """
    found = stored(
        backend,
        nominal_capacity=Invest(ep_costs=3, existing=1),
        fixed_losses_relative=0.1,
        fixed_losses_absolute=[0.5, 0.0],
    )
    assert found.objective == pytest.approx(137 / 9 + 0.5)


def test_relation_of_input_and_capacity(backend: str) -> None:
    """4 in are half of the capacity: 8 x 3 + 4 x 2 + 4 = 36; with 2 and 1 that exist 28."""
    for existing, built, cost in ((0, 8, 36), (1, 6, 28)):
        found = stored(
            backend,
            nominal_capacity=Invest(ep_costs=3, existing=2 * existing),
            into={"nominal_capacity": Invest(ep_costs=2, existing=existing)},
            invest_relation_input_capacity=0.5,
        )
        assert found.objective == pytest.approx(cost)
        assert found.storage_investment["store"] == pytest.approx(built)


def test_relation_of_output_and_capacity(backend: str) -> None:
    """4 out are half of the capacity: 8 x 3 + 4 x 2 + 4 = 36; with 2 and 1 that exist 28."""
    for existing, built, cost in ((0, 4, 36), (1, 3, 28)):
        found = stored(
            backend,
            nominal_capacity=Invest(ep_costs=3, existing=2 * existing),
            out={"nominal_capacity": Invest(ep_costs=2, existing=existing)},
            invest_relation_output_capacity=0.5,
        )
        assert found.objective == pytest.approx(cost)
        assert found.flow_investment["store", "bus"] == pytest.approx(built)


@pytest.mark.parametrize("capacity", [10.0, Invest(existing=10)], ids=["fixed", "invested"])
def test_relation_of_input_and_output(backend: str, capacity: Any) -> None:
    """4 in are half of 8 out, of which 3 exist: 4 x 2 + 5 x 1 + 4 = 17."""
    found = stored(
        backend,
        nominal_capacity=capacity,
        into={"nominal_capacity": Invest(ep_costs=2)},
        out={"nominal_capacity": Invest(ep_costs=1, existing=3)},
        invest_relation_input_output=0.5,
    )
    assert found.objective == pytest.approx(17.0)
    assert found.flow_investment["store", "bus"] == pytest.approx(5.0)
