"""That a graph is refused, and that solph itself proves what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plain_solph import plain_objective, quietly
from small_graphs import BACKENDS, Nodes, solved, system

from meishan_model.optimise.errors import ModelError

LINOPY = "the linopy backend does not state: "


def refusal(nodes: Callable[[], Nodes], backend: str = "linopy") -> str:
    """What is said of a graph that is refused."""
    with pytest.raises(ModelError) as caught:
        quietly(lambda: BACKENDS[backend].state_problem(system(nodes(), (1.0, 1.0))))
    return str(caught.value)


def by_solph(nodes: Callable[[], Nodes]) -> float:
    """Optimum by solph alone."""
    return quietly(lambda: plain_objective(system(nodes(), (1.0, 1.0))))


def by_pyomo(nodes: Callable[[], Nodes]) -> float:
    """Optimum by the pyomo backend."""
    return quietly(lambda: solved("pyomo", nodes())).objective


def recommended(nodes: Callable[[], Nodes], told: str) -> None:
    """Assert that only the linopy backend refuses a graph, and that the other one is right."""
    said = refusal(nodes)
    assert said.startswith(LINOPY)
    assert told in said
    assert said.endswith("; use backend pyomo")
    assert by_pyomo(nodes) == pytest.approx(by_solph(nodes))


def impossible(nodes: Callable[[], Nodes], told: str) -> None:
    """Assert that both backends refuse a graph and recommend nothing, and that solph fails."""
    for backend in BACKENDS:
        said = refusal(nodes, backend)
        assert said.startswith("no backend states: ")
        assert told in said
        assert "use backend" not in said
    with pytest.raises(Exception):  # noqa: B017
        by_solph(nodes)


def misread(given: Callable[[], Nodes], taken: Callable[[], Nodes], told: str) -> None:
    """Assert that a graph is refused which solph, and the pyomo backend, take for another one."""
    said = refusal(given)
    assert said.startswith("solph takes otherwise than it reads: ")
    assert told in said
    assert by_solph(given) == pytest.approx(by_solph(taken))
    assert by_pyomo(given) == pytest.approx(by_solph(taken))
