"""What the registry says of a graph, and choices of flows that find nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny_park import PV, Recipe, asset, park, technology
from tiny_solved import labels

from meishan_model.components.flows import Registry
from meishan_model.components.selection import (
    EmptySelectionError,
    energy_of,
    fed_in_by_plant,
    power_of,
    select,
)
from meishan_model.planning.solve_slice import solve_slice

FLOWS = pd.DataFrame({"role": ["load", "charge"], "carrier": ["heat", "power"]})


def test_only_what_is_shed_is_a_penalty() -> None:
    """Of the flows of a park with one load, that at the value of lost load."""
    registry = park(Recipe(load=(1.0,))).graph().registry
    assert [registry.title(edge) for edge in registry.penalties] == ["zone_shedding->zone_20kv"]


def test_places_stand_in_the_order_of_their_titles() -> None:
    """Nodes and flows alike, whatever their labels are and in whichever order they were made."""
    registry = park(Recipe(load=(1.0,))).graph().registry
    titles = [registry.title(place) for place in registry.places_by_title]
    assert titles == sorted(titles)
    assert {*registry.nodes, *registry.flows} == set(registry.places_by_title)
    assert len(titles) == len(registry.nodes) + len(registry.flows)


def test_two_nodes_of_one_title_are_refused() -> None:
    registry = Registry(1, {}, 1.0)
    assert (registry.node(("a", "b")), *labels("c")) == (*labels("a_b"), registry.node("c"))
    with pytest.raises(ValueError, match="node a_b is made twice"):
        registry.node("a_b")


def test_a_choice_that_finds_nothing_raises_unless_it_may() -> None:
    """A coordinate that nobody bears would otherwise make every sum over it a silent zero."""
    assert select(FLOWS, role="load").index.tolist() == [0]
    assert select(FLOWS, role=("load", "charge"), carrier="power").index.tolist() == [1]
    with pytest.raises(EmptySelectionError, match="no flow of role load, carrier power"):
        select(FLOWS, role="load", carrier="power")
    assert select(FLOWS, role="load", carrier="power", may_be_empty=True).empty
    with pytest.raises(ValueError, match="no coordinate colour"):
        select(FLOWS, colour="red")
    with pytest.raises(ValueError, match="no role lode"):
        select(FLOWS, role=("load", "lode"))


def test_power_and_energy_that_nobody_has_raise_unless_they_may() -> None:
    ds = solve_slice(park(Recipe(load=(1.0, 3.0))).task())
    assert power_of(ds, role="load").tolist() == [[1.0, 3.0]]
    assert energy_of(ds, role="load") == pytest.approx(4.0 * 8760.0 / 2.0)
    for of in (power_of, energy_of):
        with pytest.raises(EmptySelectionError):
            of(ds, role="export")
    assert power_of(ds, role="export", may_be_empty=True).shape == (0, 2)
    assert energy_of(ds, role="export", may_be_empty=True) == 0.0


def test_a_park_without_plants_feeds_nothing_in() -> None:
    plants, power = fed_in_by_plant(solve_slice(park(Recipe(load=(1.0, 3.0))).task()))
    assert (len(plants), power.shape) == (0, (0, 2))


def test_curtailment_falls_on_all_plants_of_a_busbar_alike() -> None:
    """Of 6 + 4 MW the load takes 5: 3 and 2. Of 0 + 2 MW it takes all, and of none none.

    Of a thousandth it takes a thousandth: there is no least size of a plant.
    """
    recipe = Recipe(
        load=(5.0, 5.0, 5.0),
        technologies=[PV, technology("roof", "pv", bus="")],
        assets=[asset("pv", existing=6.0), asset("roof", existing=4.0)],
        capacity_factor={"pv": (1.0, 0.0, 0.0), "roof": (1.0, 0.5, 0.0)},
    )
    ds = solve_slice(park(recipe).task())
    plants, power = fed_in_by_plant(ds)
    assert plants["technology"].tolist() == ["pv", "roof"]
    np.testing.assert_allclose(power, [[3.0, 0.0, 0.0], [2.0, 2.0, 0.0]], atol=1e-6)
    _, small = fed_in_by_plant(ds.assign(power=ds["power"] / 1e3))
    np.testing.assert_allclose(small, power / 1e3, rtol=1e-9)
