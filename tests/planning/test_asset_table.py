"""The asset table of the mini park: what its sheets say, and what a changed cell changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import mini_park
import numpy as np
import pytest
from mini_park import REPOSITORY, YEARS, mini

from benchmarks.same_problems import solve_one
from meishan_model.components.assets import AssetTable
from meishan_model.errors import InputError
from meishan_model.finance import capital_recovery_factor
from meishan_model.planning.asset_rows import asset_table, standing_stock
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import open_project
from meishan_model.sheets.records import SliceInputs

PV, BOILER = "pv_rooftop_campus", "gas_boiler_campus"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the mini park; nothing is solved."""
    return mini_park.make_root(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def slices(root: Path) -> Mapping[int, SliceInputs]:
    return mini(root).slices


@pytest.fixture(scope="module")
def table(slices: Mapping[int, SliceInputs]) -> AssetTable:
    return asset_table(slices)


@pytest.fixture(scope="module")
def balanced() -> Mapping[int, SliceInputs]:
    """A pathway that has measures."""
    return open_project("balanced", REPOSITORY, hours=168).slices


def with_limits(
    slices: Mapping[int, SliceInputs], technology: str, **changes: float | None
) -> dict[int, SliceInputs]:
    """The slices with other limits of a technology."""
    return {
        year: replace(
            inputs,
            assets=tuple(
                a.but(**changes) if a.technology == technology else a for a in inputs.assets
            ),
        )
        for year, inputs in slices.items()
    }


def test_columns_are_those_of_the_sheets(
    table: AssetTable, slices: Mapping[int, SliceInputs]
) -> None:
    """PV: 1.3 MW stand, 3 are possible, 0.2 a year; a boiler is phased out and may be a bridge."""
    pv, boiler = table.place[PV], table.place[BOILER]
    assert table.years == YEARS
    assert table.stock[:, pv].tolist() == pytest.approx([1.3, 1.3, 1.3])
    assert table.potential[:, pv].tolist() == [3.0, 3.0, 3.0]
    assert (table.build_rate[pv], table.step_budget[pv]) == pytest.approx((0.2, 1.0))
    assert (table.bridged[pv], table.phase_out[pv]) == (False, False)
    assert (table.bridged[boiler], table.phase_out[boiler]) == (True, True)
    assert table.last_new_build[boiler] == 2030
    cost = slices[2025].technologies["pv_rooftop"].cost
    assert cost is not None
    assert table.investment[1, pv] == cost.investment
    assert table.fixed_om[1, pv] == cost.annual_fixed_om
    assert table.lifetime[pv] == cost.technical_lifetime


@pytest.mark.parametrize(("vat", "tax"), [("deducted", 1.0), ("borne", 1.13)])
def test_a_site_adds_to_the_investment_of_the_sheet(vat: str, tax: float, tmp_path: Path) -> None:
    """400 CNY/kW of line and 100 to 50 of structure, 2020 to 2030: 500, 475 and 450 CNY/kW more.

    Payers who do not get the value added tax back pay 13 % on both, as on the equipment. They
    stand as long as the plant, so that the annuity grows alike; fixed O&M stays that of the sheet.
    """
    folder = mini_park.make_root(tmp_path) / mini_park.SHEETS
    lines = (folder / "park.yaml").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("vat:", "price_year:"))]
    said = [*kept, f"vat: {vat}", "price_year: 2020", ""]
    (folder / "park.yaml").write_text("\n".join(said), encoding="utf-8")
    before = asset_table(mini(tmp_path).slices)
    row = "pv_rooftop,campus,{},{},{},CNY/kW,assumption of this test,assumption,"
    costs = (("connection", "", 400), ("structure", 2020, 100), ("structure", 2030, 50))
    rows = [row.format(f"{name}_cost", year, value) for name, year, value in costs]
    mini_park.add_rows(folder / "assets.csv", rows)
    after, place = asset_table(mini(tmp_path).slices), before.place[PV]
    more = (after.investment - before.investment)[:, place]
    assert more == pytest.approx([500e3 * tax, 475e3 * tax, 450e3 * tax])
    life = capital_recovery_factor(0.08, before.lifetime[place])
    assert (after.annuity - before.annuity)[:, place] == pytest.approx(more * life)
    np.testing.assert_array_equal(after.fixed_om, before.fixed_om)
    others = np.delete(after.investment - before.investment, place, axis=1)
    assert not others.any()


def test_a_measure_is_an_asset_like_others(balanced: Mapping[int, SliceInputs]) -> None:
    """Its potential is a share of its load as a mean power, its cost that of a MWh times 8760."""
    table, inputs = asset_table(balanced), balanced[2050]
    measure = inputs.measures[0]
    load = next(x for x in inputs.loads if (x.load, x.zone) == (measure.load, measure.zone))
    place = table.place[measure.asset]
    assert table.potential[-1, place] == pytest.approx(
        measure.numbers["potential"] * load.energy / 8760.0
    )
    assert table.investment[-1, place] == pytest.approx(measure.numbers["investment"] * 8760.0)
    assert np.isinf(table.build_rate[place]) and not table.bridged[place]


def test_a_measure_may_have_a_load_that_comes_later(balanced: Mapping[int, SliceInputs]) -> None:
    """In a slice without its load a measure can save nothing, and the table says so."""
    measure = balanced[2050].measures[0]
    key = measure.load, measure.zone
    early = replace(
        balanced[2020],
        loads=tuple(x for x in balanced[2020].loads if (x.load, x.zone) != key),
        measures=tuple(m for m in balanced[2020].measures if (m.load, m.zone) != key),
    )
    table = asset_table({**balanced, 2020: early})
    place = table.place[measure.asset]
    assert table.potential[0, place] == table.investment[0, place] == 0.0
    assert table.potential[-1, place] > 0.0


def test_a_bridge_is_paid_before_the_target(
    table: AssetTable, slices: Mapping[int, SliceInputs]
) -> None:
    """A boiler of 2025 has five years left to earn its cost and the premium of 1 %."""
    boiler, parameters = table.place[BOILER], slices[2025].parameters
    rate = parameters["discount_rate"]
    overnight = (1.0 + parameters["bridge_premium"]) * table.investment[1, boiler]
    assert table.bridge_annuity[1, boiler] == overnight * capital_recovery_factor(rate, 5.0)
    life = float(table.lifetime[boiler])
    assert table.annuity[1, boiler] == table.investment[1, boiler] * capital_recovery_factor(
        rate, life
    )


def test_a_changed_cell_changes_bound_reason_hash_and_result(
    root: Path, slices: Mapping[int, SliceInputs]
) -> None:
    """A potential of 2 MW leaves 0.7 MW of PV in the target; no other asset sees it."""
    before = bounds(asset_table(slices), 2030)
    after = bounds(asset_table(with_limits(slices, "pv_rooftop", potential=2.0)), 2030)
    assert (before[PV].upper, after[PV].upper) == pytest.approx((1.7, 0.7))
    potential = next(t for t in after[PV].terms if t.kind == "potential")
    assert (potential.year, potential.amount) == (2030, 2.0)
    other = before.frame().ne(after.frame()).any(axis=1)
    assert list(other.index[other]) == [PV]
    assert {
        a for a, b, c in zip(before.table.asset, before.terms, after.terms, strict=True) if b != c
    } == {PV}
    known, solved = slice_hashes(mini(root), "highs"), solve_one(mini(root), 2030)
    path = root / mini_park.SHEETS / "assets.csv"
    text = path.read_text(encoding="utf-8")
    mini_park.swap(path, "campus,potential,,3,MW", "campus,potential,,2,MW")
    changed, otherwise = slice_hashes(mini(root), "highs"), solve_one(mini(root), 2030)
    path.write_text(text, encoding="utf-8")
    assert not set(known.values()) & set(changed.values())
    built = [float(ds["capacity_new"].sel(asset=PV)) for ds in (solved, otherwise)]
    assert built == pytest.approx([1.7, 0.7], abs=1e-3)
    assert "potential 2 less" in str(otherwise["bound_reason"].sel(asset=PV).item())


def test_plants_of_an_asset_add_up(slices: Mapping[int, SliceInputs]) -> None:
    """Two PV plants of one zone add up, another zone stays apart, what is gone is zero."""
    old = next(p for p in slices[2030].plants if p.technology == "pv_rooftop")
    plants = tuple(
        old.model_copy(
            update={"zone": zone, "value": size, "commissioned_from": y, "commissioned_to": y}
        )
        for zone, size, y in (("campus", 2.0, 2022), ("campus", 3.0, 2024), ("yard", 7.0, 1990))
    )
    stock = standing_stock(replace(slices[2030], plants=plants))
    assert stock["pv_rooftop", "campus"] == 5.0
    assert stock["pv_rooftop", "yard"] == 0.0


def test_where_no_plant_stands_there_is_no_stock(slices: Mapping[int, SliceInputs]) -> None:
    """What assets.csv names has a row all the same, with zero in every year."""
    bare = asset_table({y: replace(inputs, plants=()) for y, inputs in slices.items()})
    named = {f"{a.technology}_{a.zone}" for a in slices[2030].assets}
    networks = {e.technology for e in slices[2030].network}
    places = [bare.place[n] for n in named if bare.technology[bare.place[n]] not in networks]
    assert {PV, BOILER} <= {bare.asset[place] for place in places}
    assert not bare.stock[:, places].any()


def test_new_build_is_written_by_the_name_of_the_asset(table: AssetTable) -> None:
    """The order of the given numbers does not matter, and a missing one is not zero."""
    new = {name: float(place) for name, place in table.place.items()}
    solved = table.solved(2030, dict(reversed(new.items())))
    assert solved.new_build[2030].tolist() == list(new.values())
    assert table.new_build == {}
    del new[PV]
    with pytest.raises(KeyError, match=PV):
        table.solved(2030, new)


def test_new_build_is_taken_over_by_name(table: AssetTable) -> None:
    """A variant whose assets stand in another order has the same new build."""
    order = np.arange(len(table.asset))[::-1]
    columns = ("asset", "technology", "zone", "unit")
    texts = {c: tuple(np.array(getattr(table, c))[order].tolist()) for c in columns}
    other = replace(table, **texts).solved(2030, {n: float(p) for n, p in table.place.items()})
    taken = table.solved_as(other)
    assert taken.new_build[2030].tolist() == list(range(len(order)))


def test_a_case_of_the_stock_stands_where_the_scenario_names_it(tmp_path: Path) -> None:
    """1.3 MW of 2012-2018, and 1 MW more by 2025 in the one estimate, 1.5 in the other."""
    root = mini_park.make_root(tmp_path / "park")
    sheet = root / mini_park.SHEETS / "existing_plants.csv"
    head, *rows = sheet.read_text(encoding="utf-8").splitlines()
    more = "pv_rooftop,campus,park,2021,2025"
    cases = {"low": 1, "high": 1.5}
    rows = [f"{row}," for row in rows]
    rows += [f"{c},{more},{mw},MW,test,assumption,,{c}" for c, mw in cases.items()]
    sheet.write_text("\n".join([f"{head},case", *rows, ""]), encoding="utf-8")
    scenario = root / "configs" / "scenarios" / "mini.yaml"
    text = scenario.read_text(encoding="utf-8")
    for case, stock in (("null", 1.3), ("low", 2.3), ("high", 2.8)):
        scenario.write_text(f"{text}stock_year: 2025\nstock_case: {case}\n", encoding="utf-8")
        found = mini(root).asset_table
        assert found.stock[:, found.place[PV]].tolist() == pytest.approx([1.3, stock, stock])
        assert found.given_slice == 1
        with_rest = found.solved(2030, dict.fromkeys(found.asset, 0.0))
        assert bounds(with_rest, 2025).upper.max() == 0.0
    scenario.write_text(f"{text}stock_case: middle\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mini\.yaml.*stock_case.*'middle'.*high, low"):
        mini(root).park  # noqa: B018 (reading it checks it)
