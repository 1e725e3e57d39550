"""What takes part in flexibility is there; where it is not, the result says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_vehicle_batteries import vehicles
from tiny_park import TinyPark, asset, technology
from tiny_solved import power, solved, steps

from meishan_model.accounts.checks import participation_findings
from meishan_model.components.participation import participants
from meishan_model.results.wording import sentence
from meishan_model.sheets.equipment import AssetLimit


def found(tiny: TinyPark) -> list[str]:
    """Findings of a park, solved."""
    done = steps(tiny)
    findings = participation_findings(done.graph, tiny.inputs, done.solution, done.accounts)
    return [sentence(finding) for finding in findings]


def electric(tiny: TinyPark, number: float) -> TinyPark:
    """A park with another number of electric cars; service that they cannot do stays undone."""
    fleet = asset("car_electric", existing=number)
    return replace(tiny, rows=(*tiny.rows, fleet))


def swapping(power: float) -> TinyPark:
    """Charging of the thousand cars, a MW from 19 to 23 o'clock, of which some can wait."""
    tiny = vehicles()
    values = {"duration": 4.0, "recovery_efficiency": 1.0, "payment": 10.0}
    kind = technology(
        "swapping", "flexible_load", model="car_electric", profile="evening", parameters=values
    )
    technologies = {"car_electric": tiny.inputs.technologies["car_electric"], "swapping": kind}
    limits = (AssetLimit("swapping", "zone", {"potential": power}),)
    return replace(tiny, inputs=replace(tiny.inputs, technologies=technologies, assets=limits))


def test_vehicles_that_take_part_must_stand() -> None:
    """Five hundred of a thousand may; of four hundred they may not."""
    assert found(vehicles()) == []
    assert found(electric(vehicles(), 400.0)) == [
        "smart_cars in zone needs 500 car_electric, 400 stand"
    ]


def test_no_more_is_put_off_than_is_drawn() -> None:
    """Three MW are put off from 19 to 23 o'clock where the cars charge with one."""
    assert found(swapping(1.0)) == []
    assert found(swapping(3.0)) == [
        "swapping in zone puts off more than car_electric draws in 4 hours, by 2.000 MW at most"
    ]


def test_what_is_put_off_where_no_vehicle_stands() -> None:
    """A park that can have no electric car draws nothing, and all that is put off is beyond."""
    tiny = swapping(1.0)
    none = replace(tiny, rows=tuple(r for r in tiny.rows if r.technology != "car_electric"))
    (text,) = found(none)
    assert text.startswith("swapping in zone puts off more than car_electric draws")


def test_the_same_vehicles_do_not_take_part_twice() -> None:
    """Six hundred here and six hundred there are more than the thousand that stand."""
    tiny = vehicles(600.0)
    kinds = tiny.inputs.technologies
    other = replace(kinds["smart_cars"], technology="other_cars")
    limits = (*tiny.inputs.assets, replace(tiny.inputs.assets[0], technology="other_cars"))
    inputs = replace(tiny.inputs, technologies={**kinds, "other_cars": other}, assets=limits)
    assert found(replace(tiny, inputs=inputs)) == [
        "smart_cars + other_cars in zone needs 1,200 car_electric, 1,000 stand"
    ]


def test_a_result_says_its_findings(tmp_path: Path) -> None:
    """In an attribute of the file; without a finding there is none."""
    ds = solved(swapping(3.0), tmp_path)
    assert ds.attrs["findings"].startswith("swapping in zone puts off more")
    assert "findings" not in solved(swapping(1.0), tmp_path / "well").attrs


def test_load_that_waits_is_no_more_than_the_held_mix_draws(tmp_path: Path) -> None:
    """A tenth of 7.3 million km at 0.2 kWh/km is 146 MWh/a, 1/60 MW in the mean."""
    tiny = swapping(1.0)
    held = replace(tiny.inputs, mix={"car": {"car_electric": 0.1, "car_gasoline": 0.9}})
    assert participants(tiny.inputs, tiny.inputs.assets[0]) == 1.0
    assert participants(held, held.assets[0]) == pytest.approx(1 / 60)
    ds = solved(replace(electric(tiny, 100.0), inputs=held), tmp_path)
    put_off = power(ds, "swapping_zone->zone_20kv")
    np.testing.assert_allclose(put_off[19:23], 1 / 60, rtol=1e-3)
    none = replace(tiny.inputs, mix={"car": {"car_gasoline": 1.0}})
    assert participants(none, none.assets[0]) == 0.0
