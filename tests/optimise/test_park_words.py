"""Places of a problem in the words of a park: what, in which unit, from which sheet and row."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_park import Recipe, certificate, park

from meishan_model.graph.book import CERTIFICATE_SURPLUS, NET_EMISSION, OFFSET
from meishan_model.graph.build import build_park
from meishan_model.optimise.meaning import Kind, Name, Place
from meishan_model.pathway.backcast import slice_task
from meishan_model.pathway.park_words import park_words
from meishan_model.pathway.project import open_project

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("kind", "name", "called", "unit", "origin"),
    [
        ("balance", "zone_20kv", "zone_20kv", "MW", ""),
        ("flow", ("upstream", "fence"), "upstream->fence", "MW", "network.csv, fence"),
        (
            "flow",
            ("grid_110kv", "zone_step_down"),
            "grid_110kv->zone_step_down",
            "MW",
            "network.csv, transformer_zone",
        ),
        ("limit", NET_EMISSION, "net emissions", "tCO2", "scenario tiny, cap of the trajectory"),
        ("limit", OFFSET, "certificates and credits", "tCO2", "scenario tiny, offset_share"),
        ("limit", CERTIFICATE_SURPLUS, "certificates beyond the power", "MWh", ""),
        ("limit", "coal", "coal", "", ""),
        (
            "flow",
            ("certificates_registry", "certificates_cancelled"),
            "certificates_registry->certificates_cancelled",
            "MWh/h of certificates",
            "contracts.csv, certificates",
        ),
    ],
)
def test_words(kind: Kind, name: Name, called: str, unit: str, origin: str) -> None:
    """The name, the unit of the book and the sheet's row, as far as a sheet knows the place."""
    task = park(Recipe(load=(10.0, 8.0), contracts=(certificate(),))).task()
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    place = Place(kind, (name,), None if kind == "limit" else 0)
    assert words.name(place).startswith(called)
    assert words.unit(place) == unit
    assert words.origin(place).startswith(origin)
    assert bool(words.origin(place)) == bool(origin)


def test_a_zone_and_a_duty_cite_what_they_rest_on() -> None:
    """Of the real park: a station's transformer and its line but no tie, and a duty's sheets all.

    The tie to the bonded zone ends at its bus, and buildings and a project share one duty.
    """
    project = open_project("balanced", REPOSITORY, hours=168)
    task = slice_task(project, 2050, {}, "")
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    station = words.origin(Place("flow", (("grid_110kv", "bonded_step_down"),), 0))
    assert "transformer_bonded" in station and "supply_line_bonded" in station
    assert "dc_tie" not in station
    duty = words.origin(Place("balance", ("meishan_building_heat",), 0))
    assert "buildings.csv row" in duty and "projects.csv row" in duty
