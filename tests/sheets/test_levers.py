"""What the levers of a scenario do to the inputs of a slice, and what they leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.errors import InputError
from meishan_model.planning.asset_rows import standing_stock
from meishan_model.planning.project import open_project
from meishan_model.sheets.equipment import AssetLimit
from meishan_model.sheets.levers import pull_levers
from meishan_model.sheets.records import Load, SliceInputs

REPOSITORY = Path(__file__).parents[2]
ON_DUTY = ("boiler", "heat_pump", "drivetrain")
SHORE = "shore_power"
LOCAL = ("pv", "wind", "store_energy", "store_power")
SLICES = open_project("balanced", REPOSITORY).slices
STOCK = standing_stock(SLICES[2020])
USUAL = {"demand_side": "as_usual"}


def with_choices(inputs: SliceInputs, **choices: Any) -> SliceInputs:
    """The same slice in a scenario of other choices."""
    return replace(inputs, scenario=inputs.scenario.model_copy(update=choices))


def pulled(year: int = 2035, stock: Mapping[Any, float] = STOCK, **choices: Any) -> SliceInputs:
    """A slice of Meishan after the levers."""
    return pull_levers(with_choices(SLICES[year], **choices), SLICES[2020], stock)


def limits(inputs: SliceInputs) -> dict[tuple[str, str], AssetLimit]:
    """Limits by technology and zone."""
    return {(a.technology, a.zone): a for a in inputs.assets}


def parts(inputs: SliceInputs) -> dict[str, str]:
    """Part of the park of each technology."""
    return {t.technology: t.kind.name for t in inputs.technologies.values()}


def changed(before: SliceInputs, after: SliceInputs) -> set[str]:
    """Fields in which two slices differ."""
    return {n for n in before.__dataclass_fields__ if getattr(before, n) != getattr(after, n)}


CHOICES = st.fixed_dictionaries(
    {
        "demand_side": st.sampled_from(["free", "as_usual"]),
        "supply_side": st.sampled_from(["free", "as_usual"]),
        "rural_pv": st.booleans(),
        "instruments": st.lists(
            st.sampled_from(["sink", "green_power", "certificate", "credit"]), unique=True
        ).map(tuple),
    }
)


@given(choices=CHOICES, year=st.sampled_from([2020, 2035]))
@settings(max_examples=40, deadline=None)
def test_levers_are_idempotent_and_keep_the_rest(choices: dict[str, Any], year: int) -> None:
    """Pulled twice is pulled once; prices, factors, loads, fleets, network never change."""
    once = pulled(year, **choices)
    assert pull_levers(once, SLICES[2020], STOCK) == once
    touched = changed(with_choices(SLICES[year], **choices), once)
    assert touched <= {"contracts", "assets", "measures", "mix", "technologies", "of_plugins"}
    if choices["demand_side"] == "free":
        assert touched <= {"contracts", "assets"}
    assert all((a.potential or 0.0) >= 0.0 for a in once.assets)


@given(choices=CHOICES, year=st.sampled_from([2020, 2035]))
@settings(max_examples=40, deadline=None)
def test_what_stands_has_room_under_every_lever(choices: dict[str, Any], year: int) -> None:
    """No lever takes the ground from under the plants of the status quo."""
    found = limits(pulled(year, **choices))
    for key, standing in STOCK.items():
        if key in found and key[0] != "transformer":
            assert found[key].potential is not None
            assert found[key].potential >= standing * (1 - 1e-12)


def test_without_levers_nothing_changes() -> None:
    """The defaults are the park as its sheets have it."""
    assert pulled() == SLICES[2035]


@pytest.mark.parametrize("kinds", [(), ("sink",), ("green_power", "credit")])
def test_instruments_choose_the_contracts(kinds: tuple[str, ...]) -> None:
    """Contracts of other kinds are gone, those of these kinds are all there, unchanged."""
    before = SLICES[2035].contracts
    found = pulled(instruments=kinds).contracts
    assert found == tuple(c for c in before if c.kind.name in kinds)
    assert {c.kind.name for c in before} == {"sink", "green_power", "certificate", "credit"}


def test_usual_supply_builds_no_plant_and_lets_the_grid_grow() -> None:
    """PV, wind and batteries have a build rate of 0; everything else keeps its limits."""
    before, after = SLICES[2035], pulled(supply_side="as_usual")
    kinds = parts(before)
    for key, limit in limits(after).items():
        if kinds[key[0]] in LOCAL:
            assert limit == limits(before)[key].but(build_rate=0.0)
        else:
            assert limit == limits(before)[key]
    assert any(kinds[t] == "transformer" for t, _ in limits(after))


def test_villages_are_taken_off_the_potential_once() -> None:
    """2035: a quarter of the way from 2030 to 2050, 16 + 4/4 MW of homes in Baifeng."""
    before, after = limits(SLICES[2035]), limits(pulled(rural_pv=False))
    key = ("pv_rooftop_homes", "baifeng")
    assert before[key].potential == pytest.approx(16 + 4 / 4)
    assert after[key].potential == 0.0
    others = {k for k in before if before[k].rural_potential == 0.0}
    assert {k for k in before if before[k] != after[k]} == set(before) - others
    zones = ("baifeng", "chunxiao", "guoju", "meishan")
    assert set(before) - others == {("pv_rooftop_homes", zone) for zone in zones}


def test_tranches_of_roofs_are_what_the_roofs_were() -> None:
    """Sound roofs, poorer ones and homes of Baifeng are its 52, 69 and 86 MW of three years.

    In 2035 they are 69 + 17 / 4 MW: 40 sound, 17 of homes, and the poorer ones that are left.
    """
    whole = 69 + 17 / 4
    parts = {"pv_rooftop": 40.0, "pv_rooftop_homes": 17.0, "pv_rooftop_weak": whole - 57.0}
    found = {t: a for (t, zone), a in limits(SLICES[2035]).items() if zone == "baifeng"}
    assert {t: found[t].potential for t in parts} == pytest.approx(parts)
    assert {t: found[t].site_cost for t in parts} == pytest.approx(
        {"pv_rooftop": 0.0, "pv_rooftop_homes": 400e3, "pv_rooftop_weak": 500e3}
    )


def test_usual_demand_keeps_the_mix_of_the_status_quo() -> None:
    """Shares are those of the stock: 70, 70 and 41 of 181 yard trucks, gas alone for heat."""
    after = pulled(**USUAL)
    assert after.measures == ()
    assert after.mix["yard_truck"] == pytest.approx(
        {
            "yard_truck_diesel": 70 / 181,
            "yard_truck_lng": 70 / 181,
            "yard_truck_electric": 41 / 181,
        }
    )
    assert after.mix["chunxiao_process_heat"] == {"gas_boiler_process": 1.0}
    duties = {f.fleet for f in after.fleets}
    duties |= {f"{x.zone}_{x.carrier}" for x in after.loads if x.carrier != "electricity"}
    assert set(after.mix) == duties
    assert all(sum(shares.values()) == pytest.approx(1.0) for shares in after.mix.values())


def test_usual_demand_lets_like_replace_like() -> None:
    """No phase-out, last year or build rate binds, and the potential is what the duty needs."""
    before, after = SLICES[2035], pulled(**USUAL)
    kinds, found = parts(after), limits(after)
    assert not any(t.phase_out for t in after.technologies.values() if t.kind.name in ON_DUTY)
    held = {k: a for k, a in found.items() if kinds[k[0]] in ON_DUTY}
    assert all(a.numbers.keys() == {"potential"} for a in held.values())
    for fleet in after.fleets:
        for technology, share in after.mix[fleet.fleet].items():
            needed = share * fleet.service / fleet.annual_use
            assert held[technology, fleet.zone].potential >= needed * (1 - 1e-12)
    assert not any("heat_pump" in technology for technology, _ in held)
    others = {k: a for k, a in found.items() if kinds[k[0]] not in (*ON_DUTY, SHORE)}
    assert others == {k: limits(before)[k] for k in others}


def _heat(zone: str, energy: float, profile: str = "process_heat") -> Load:
    return Load("works", zone, "industry", "process_heat", profile, energy)


def test_a_new_duty_takes_the_mix_of_its_kind_elsewhere() -> None:
    """Process heat in a new zone: gas as in Chunxiao, 36 MW for 117.2 GWh there."""
    new = replace(SLICES[2035], loads=(*SLICES[2035].loads, _heat("guoju", 11_720.0)))
    after = pull_levers(with_choices(new, **USUAL), SLICES[2020], STOCK)
    assert after.mix["guoju_process_heat"] == {"gas_boiler_process": 1.0}
    assert limits(after)["gas_boiler_process", "guoju"].potential == pytest.approx(3.6)


def test_the_need_of_heat_grows_with_its_fastest_shape() -> None:
    """What has doubled in one shape may double the peak, whatever the others do."""
    before = SLICES[2020]
    loads = tuple(
        replace(x, energy=x.energy * 2) if x.load.endswith("hot_water") else x
        for x in before.loads
    )
    after = pull_levers(with_choices(replace(before, loads=loads), **USUAL), before, STOCK)
    stock = STOCK["gas_boiler", "meishan"]
    assert limits(after)["gas_boiler", "meishan"].potential == pytest.approx(2 * stock)


def test_a_duty_that_nothing_serves_anywhere_is_a_fault() -> None:
    """Nothing is guessed: the fault names the duty and what could stand in the sheet."""
    none = {key: value for key, value in STOCK.items() if not key[0].startswith("bus_")}
    with pytest.raises(
        InputError, match=r"existing_plants.csv: .* serves bus; add stock of one of"
    ):
        pulled(stock=none, **USUAL)


def test_restructuring_changes_industry_and_nothing_else() -> None:
    """Without it industry needs more from 2025 on; 2020 is the same, two projects stay away."""
    base = open_project("balanced", REPOSITORY)
    other = replace(
        base, scenario=base.scenario.model_copy(update={"industrial_restructuring": False})
    )
    energy = {
        name: {
            year: {(x.load, x.zone): x.energy for x in project.slices[year].loads}
            for year in project.years
        }
        for name, project in (("with", base), ("without", other))
    }
    assert energy["with"][2020] == energy["without"][2020]
    industry = {(x.load, x.zone) for x in base.park.loads_unrestructured}
    for year in base.years[1:]:
        one, two = energy["with"][year], energy["without"][year]
        assert {k: v for k, v in one.items() if k not in industry} == {
            k: v for k, v in two.items() if k not in industry
        }
        assert sum(two.get(k, 0.0) for k in industry) > sum(one.get(k, 0.0) for k in industry)
        assert ("data_and_research_centre", "meishan") not in two
    # 286.9 GWh x 102 / 29 of product x 0.985 ** 20, rounded in the sheet.
    works = [energy["without"][2050][site, "chunxiao"] for site in ("car_works", "car_parts")]
    assert sum(works) == pytest.approx(745_900, rel=1e-4)
