"""Places of a problem in the words of a park: what, in which unit, from which sheet and row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tiny_park import Recipe, certificate, park

from meishan_model.components.build import build_park
from meishan_model.components.certificate import Certificate
from meishan_model.components.flows import CERTIFICATE_SURPLUS, NET_EMISSION, OFFSET
from meishan_model.components.station import Station
from meishan_model.optimise.conflicts.conflict import Conflict, Shortage
from meishan_model.optimise.conflicts.wording import conflict_lines
from meishan_model.optimise.meaning import Kind, Name, Place
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.park_words import park_words
from meishan_model.planning.project import open_project

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
    shared = {"offset_share": 0.1}
    task = park(Recipe(load=(10.0, 8.0), contracts=(certificate(),), scenario=shared)).task()
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    place = Place(kind, (name,), None if kind == "limit" else 0)
    assert words.name(place).startswith(called)
    assert words.unit(place) == unit
    assert words.origin(place).startswith(origin)
    assert bool(words.origin(place)) == bool(origin)


def test_a_type_says_what_it_asks_of_a_solution() -> None:
    """After the rows of a place stands what the component type says of its conflicts."""
    task = park(Recipe(load=(10.0, 8.0), contracts=(certificate(),))).task()
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    station = words.origin(Place("flow", (("grid_110kv", "zone_step_down"),), 0))
    assert station == f"network.csv, transformer_zone: {Station.conflict}"
    offered = words.origin(Place("flow", (("certificates", "certificates_registry"),), 0))
    assert offered == f"contracts.csv, certificates: {Certificate.conflict}"


def test_steps_of_quarters_are_called_so() -> None:
    """What is short in two quarters of an hour adds up to no MWh."""
    task = park(Recipe(load=(10.0, 8.0), step=0.25)).task()
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    short = [Shortage(Place("balance", ("zone_20kv",), k), 5.0 - 3.0 * k) for k in range(2)]
    lines = conflict_lines(
        Conflict(tuple(short)), task.profiles.stamps, park_words(graph, task.inputs)
    )
    assert lines[1].endswith("the most of 2 steps of 15 min with 7 MW times 15 min in all")


def test_sums_and_costs_have_the_units_of_a_park() -> None:
    """Hours are summed to MWh, or to what else a flow carries, and a gain is in CNY."""
    task = park(Recipe(load=(10.0, 8.0), contracts=(certificate(),))).task()
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    hours = pd.date_range("2035-07-14 17:00", periods=2, freq="h")
    places = [Place("balance", ("zone_20kv",), hour) for hour in range(2)]
    lines = conflict_lines(
        Conflict((Shortage(places[0], 5.0), Shortage(places[1], 2.0))), hours, words
    )
    assert lines[1] == (
        "  5 MW short at zone_20kv, 2035-07-14 17:00, the most of 2 hours with 7 MWh in all"
    )
    flow = ("certificates_registry", "certificates_cancelled")
    crossed = [Shortage(Place("flow", (flow,), hour), -3.0) for hour in range(2)]
    assert "2 hours with 6 MWh/h of certificates times h in all" in "\n".join(
        conflict_lines(Conflict(tuple(crossed)), hours, words)
    )
    lines = conflict_lines(Conflict(direction=((places[0], 1.0),), gain=2.5), hours, words)
    assert lines[0] == "each unit of this earns 2.5 CNY, without end:"
    assert lines[1].startswith("  1 MW more of zone_20kv")


def test_a_zone_and_a_duty_cite_what_they_rest_on() -> None:
    """Of the real park: a station's transformer and its line but no tie, and a duty's sheets all.

    The tie to the bonded zone ends at its bus, and buildings and a project share one duty.
    """
    project = open_project("balanced", REPOSITORY, hours=168)
    task = slice_task(project, 2050, bounds(project.asset_table, 2050), "")
    graph = build_park(task.inputs, task.profiles, task.assets, task.emission_cap)
    words = park_words(graph, task.inputs)
    station = words.origin(Place("flow", (("grid_110kv", "bonded_step_down"),), 0))
    assert "transformer_bonded" in station and "supply_line_bonded" in station
    assert "dc_tie" not in station
    duty = words.origin(Place("balance", ("meishan_building_heat",), 0))
    assert "buildings.csv row" in duty and "projects.csv row" in duty
