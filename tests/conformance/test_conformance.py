"""The program itself: it sees what a script builds, and when an outcome is worse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from oemof import solph

from .following import ONLY, RESULTS
from .outcomes import Verdict, compare, direction, read_known, row_of, write_known
from .reasons import refusal_reasons
from .source import Place

BUILDS_SYSTEMS = """
import pyomo.environ as po
from oemof import solph
from oemof.solph.constraints import (
    emission_limit, equate_flows, equate_variables, generic_integral_limit
)

def model(load=1, rise=None, **custom):
    bus = solph.Bus("bus")
    cheap = solph.Flow(
        nominal_capacity=4, variable_costs=1, custom_properties={"emission_factor": 2},
        positive_gradient_limit=rise,
    )
    dear = solph.Flow(
        nominal_capacity=9, variable_costs=5, custom_properties={"emission_factor": 1}
    )
    times = solph.create_time_index(2030, number=2)
    system = solph.EnergySystem(timeindex=times, infer_last_interval=False)
    sources = [
        solph.components.Source(label, outputs={bus: flow})
        for label, flow in (("cheap", cheap), ("dear", dear))
    ]
    sold = solph.Flow(nominal_capacity=load, fix=[3, 5])
    system.add(bus, *sources, solph.components.Sink("load", inputs={bus: sold}))
    return solph.Model(system, **custom), {(sources[0], bus): cheap}, {(sources[1], bus): dear}

model()[0].solve()

# Built only, and limited: of 8 units at most 11 - 8 = 3 from the cheap one.
limited, _, _ = model()
emission_limit(limited, limit=11)

some, flows, _ = model()
generic_integral_limit(some, "emission_factor", flows, upper_limit=11)
generic_integral_limit(some, "emission_factor", limit_name="all", lower_limit=1)

equal, one, other = model()
equate_flows(equal, one, other)

first, one, other = model()
equate_variables(first, *(first.flow[(*list(flow)[0], 0)] for flow in (one, other)))

risen, flows, _ = model(rise=1)
last = (*list(flows)[0], 1)
equate_variables(risen, risen.flow[last], risen.SimpleFlowBlock.positive_gradient[last])

changed, flows, _ = model()
changed.more = po.Constraint(expr=changed.flow[(*list(flows)[0], 0)] <= 1)
changed.solve()

model(load=10)
model(objective_weighting=[1, 2])[0].solve(solver="unknown to pyomo")
"""


@pytest.mark.slow
def test_the_systems_of_a_script_are_judged(tmp_path: Path) -> None:
    script, results = tmp_path / "script.py", tmp_path / "verdicts.jsonl"
    script.write_text(BUILDS_SYSTEMS, encoding="utf-8")
    place = Place(tmp_path, tmp_path)
    place.add_cbc()
    subprocess.run(
        [sys.executable, "-m", "conformance.script", "name.py", str(script)],
        check=True,
        env=place.environment({RESULTS: str(results), ONLY: ""}),
    )
    read = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    verdicts = {v.system.removeprefix("name.py#"): v for v in map(Verdict.from_json, read)}
    assert sorted(verdicts) == list("123456789")
    assert {k: (v.outcome, v.reasons) for k, v in verdicts.items()} == {
        "1": ("equal", ()),
        "2": ("equal", ()),
        "3": ("equal", ()),
        "4": ("equal", ()),
        "5": ("equal", ()),
        "6": (
            "refused",
            ("constraints.equate_variables of SimpleFlowBlock.positive_gradient",),
        ),
        "7": ("refused", ("rows changed by hand",)),
        "8": ("no optimum in both", ()),
        "9": ("refused", ("argument objective_weighting of solph.Model",)),
    }
    # 7 units at 1 and 1 at 5; 3 and 5; 5.5 and 2.5; 4 and 4; 5.5 and 2.5; 7 and 1; 5 and 3.
    objectives = [verdicts[k].reference for k in "1234567"]
    assert objectives == pytest.approx([12, 28, 18, 24, 18, 12, 20])
    assert [verdicts[k].found for k in "2345"] == pytest.approx(objectives[1:5])
    assert [verdicts[k].recommended for k in "67"] == ["equal", ""]
    assert verdicts["6"].recommended_found == pytest.approx(12)
    assert "not installed" in verdicts["9"].notes[0]


def test_reasons_have_no_names() -> None:
    system = solph.EnergySystem(timeindex=solph.create_time_index(2030, number=2))
    system.add(solph.Bus("a: b"), solph.Bus("c"), solph.Bus("a"))
    message = (
        "the linopy backend does not state: a->c: nonconvex; a: b->c: nonconvex; c: GenericCHP; "
        "2 nodes named a; use backend pyomo"
    )
    assert refusal_reasons(message, system) == ("GenericCHP", "N nodes named …", "nonconvex")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("equal", "equal", 0),
        ("equal", "no optimum in both", -1),
        ("no optimum in both", "equal", -1),
        ("equal", "refused", -1),
        ("refused", "wrong", -1),
        ("refused", "equal", 1),
        ("wrong", "refused", 1),
        ("crashed", "wrong", 0),
    ],
)
def test_direction(old: str, new: str, expected: int) -> None:
    assert direction(old, new) == expected


def test_a_run_is_compared_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    before = [Verdict("kept", "equal"), Verdict("gone", "equal"), Verdict("fell", "equal")]
    before += [Verdict("rose", "refused", ("nonconvex",), recommended="equal")]
    write_known(map(row_of, before), path)
    now = [Verdict("kept", "equal"), Verdict("fell", "wrong", ("another optimum",))]
    now += [Verdict("rose", "equal"), Verdict("new", "refused"), Verdict("new fault", "crashed")]
    found = compare(read_known(path), map(row_of, now), all_ran=True)
    assert [line.partition(":")[0] for line in found.worse] == ["fell", "new fault", "gone"]
    assert [line.partition(":")[0] for line in found.better] == ["rose"]
    assert [line.partition(":")[0] for line in found.other] == ["new"]
    assert not compare(read_known(path), [], all_ran=False).worse
