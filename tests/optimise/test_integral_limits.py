"""Limits of a weighted sum of flows, upper and lower, on paper and by both backends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_graphs import BACKENDS, solved, source, with_source

from meishan_model.optimise.errors import ModelError

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.mark.parametrize(
    ("weight", "increments", "objective", "price"),
    [
        (0.5, (1.0, 1.0), 404.0, 198.0),
        ([0.0, 1.0], (1.0, 1.0), 206.0, 99.0),
        ([1.0, 1.0], (0.5, 2.0), 802.0, 99.0),
    ],
    ids=["scalar", "series", "time-steps"],
)
def test_integral_limit(
    backend: str, weight: Any, increments: tuple[float, ...], objective: float, price: float
) -> None:
    """A limit of 2; demand 4, 4 at 1 per unit, or dear.

    A weight of 0.5 allows 4 units: 4 + 4 x 100 = 404, and one less of the limit loses 2 x 99. A
    weight of 0 and 1 allows 4 and 2: 6 + 2 x 100 = 206. Of 0.5 and 2 h, 10 units, the weight 1
    allows 2 units: 2 + 8 x 100 = 802.
    """
    weighted = {"emission": weight}
    nodes = with_source(
        (4, 4), nominal_capacity=9.0, variable_costs=1.0, custom_properties=weighted
    )
    found = solved(backend, nodes, increments, {"emission": 2.0})
    assert found.objective == pytest.approx(objective)
    assert found.limit_price is not None
    assert found.limit_price["emission"] == pytest.approx(price)


@pytest.mark.parametrize(
    ("limit", "objective", "price"),
    [
        ((3.0, np.inf), 32.0, -8.0),
        ((1.0, 3.0), 16.0, -8.0),
        ((2.0, 2.0), 24.0, -8.0),
        ((-1.0, 2.0), 8.0, 0.0),
        ((-np.inf, np.inf), 8.0, 0.0),
    ],
    ids=["lower", "both", "equal", "neither-binds", "open"],
)
def test_lower_integral_limit(
    backend: str, limit: tuple[float, float], objective: float, price: float
) -> None:
    """At least so much green; demand 4, 4 at 1 per unit, or green at 5 with a weight of 0.5.

    At least 3 are 6 green units: 6 x 5 + 2 x 1 = 32, and one less of the limit saves 2 x 4.
    """
    nodes = with_source((4, 4), nominal_capacity=9.0, variable_costs=1.0)
    weight = {"green": 0.5}
    nodes.append(source("green", nodes[0], variable_costs=5.0, custom_properties=weight))
    found = solved(backend, nodes, limits={"green": limit})
    assert found.objective == pytest.approx(objective)
    assert found.limit_price is not None
    assert found.limit_price.get("green", 0.0) == pytest.approx(price)


@pytest.mark.parametrize("limit", [(3.0, 2.0), (float("nan"), 2.0), float("nan")])
def test_integral_limit_that_is_none(backend: str, limit: Any) -> None:
    """The lower limit stands first, and a limit is a number."""
    nodes = with_source((4, 4), custom_properties={"green": 1.0})
    with pytest.raises(ModelError, match=r"the sum of green .* give the lower limit first"):
        solved(backend, nodes, limits={"green": limit})
