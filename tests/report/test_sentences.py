"""Sentences in Chinese have the numbers of the English ones, and no English."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hand_terms import hand_table
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_park import read_park

from meishan_model.components.catalogue import kinds
from meishan_model.finance import internal_rate_of_return
from meishan_model.ledger.statement import Citation, statement_sources
from meishan_model.planning.bounds import bounds
from meishan_model.planning.roll_forward import _over_rate
from meishan_model.report.labels import Labels, own_labels
from meishan_model.report.pathway_summary import findings
from meishan_model.results.wording import (
    PHRASES,
    Finding,
    Term,
    Value,
    finding_attributes,
    findings_of,
    note,
    of_years,
    phrases,
    reason,
    scaled,
    sentence,
)
from meishan_model.sheets.park import Park
from meishan_model.sheets.resolve import named_views
from meishan_model.sheets.scenario import read_scenario
from meishan_model.sheets.views import View

MEISHAN = Path(__file__).parents[2] / "configs" / "meishan"
YEARS = (2020, 2025, 2030, 2035)
AMOUNTS = st.floats(0.0, 2e6).map(lambda x: round(x, 3))
PENALTY = "罚值40.739 百万元/年（2020年价）"
NUMBERS = re.compile(r"\d[\d.]*(?:e[+-]?\d+)?")


def numbers(sentence: str) -> set[float]:
    return {float(text.rstrip(".")) for text in NUMBERS.findall(sentence)}


@settings(max_examples=200)
@given(
    rate=st.one_of(st.just(float("inf")), AMOUNTS),
    potential=st.one_of(st.just(float("inf")), st.lists(AMOUNTS, min_size=4, max_size=4)),
    stock=st.lists(AMOUNTS, min_size=4, max_size=4),
    lifetime=st.sampled_from([5, 10, 20]),
    phase_out=st.booleans(),
    unit=st.sampled_from(["MW", "MWh", "vehicles"]),
    shares=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4),
)
def test_every_bound_is_told(
    rate: float,
    potential: float | list[float],
    stock: list[float],
    lifetime: int,
    phase_out: bool,
    unit: str,
    shares: list[float],
) -> None:
    """Whatever bounds an asset has, all its numbers stand in Chinese, and no English word does."""
    table = hand_table(
        YEARS,
        lifetime,
        build_rate=rate,
        potential=np.reshape(potential, (-1, 1)),
        stock=np.reshape(stock, (-1, 1)),
        phase_out=phase_out,
        last_new_build=2030,
        bridged=np.isfinite(potential).all(),
        unit=unit,
    )
    for year, share in zip(YEARS[::-1], shares, strict=True):
        found = bounds(table, year)
        english = reason(found.terms[0], unit)
        told = reason(found.terms[0], own_labels().text(f"unit.{unit}", "zh"), "zh")
        assert numbers(told) == numbers(english), english
        assert set(re.findall(r"[A-Za-z]+", told)) <= {"MW", "MWh", "e"}, told
        lower, upper = found.lower[0], found.upper[0]
        top = min(upper, 1e6) if lower < 1e6 else lower
        table = table.solved(year, {"plant_0": lower + share * (top - lower)})


def test_bounds_by_hand() -> None:
    """Three sentences in both languages, each with the order that its language wants."""
    terms: list[Term] = [
        ("lower", 2040, 400.0),
        ("later", 2045, 600.0),
        ("step_after", 2045, 200.0),
        ("upper", 2040, 600.0),
        ("at_later", 2045, 600.0),
    ]
    assert reason(terms, "MWh") == (
        "2040: at least 400 MWh, the 600 of 2045 less 200 that the step to 2045 can still add; "
        "at most 600 MWh, as much as is new in 2045."
    )
    assert reason(terms, "MWh", "zh") == (
        "2040年：下限400 MWh，即2045年的600减去至2045年的一步仍可新增的200；"
        "上限600 MWh，即2045年的新建量。"
    )
    terms = [
        ("lower", 2030, 0.0),
        ("upper", 2030, 40.0),
        ("given_stock", 2020, 0.0),
        ("step", 2025, 20.0),
        ("step", 2030, 20.0),
        ("build_rate", 2030, 4.0),
        ("bridge", 2030, 1e6),
    ]
    assert reason(terms, "vehicles") == (
        "2030: at least 0, nothing later asks for more; at most 40 vehicles, no new build in 2020 "
        "plus 20 + 20 that the steps to 2025, 2030 can still add at 4 vehicles/a. "
        "Bridges, which the target does without, may stand beside it: at most 1e+06 vehicles."
    )
    assert reason(terms, "辆", "zh") == (
        "2030年：下限0，此后年份无更高要求；上限40 辆，即2020年无新建，"
        "加上至2025、2030年各步按4 辆/年仍可新增的20 + 20。"
        "另可设目标年不再保留的过渡设备，至多1e+06 辆。"
    )
    terms = [("lower", 2030, 0.0), ("later", 2035, 0.108), ("step_after", 2035, math.inf)]
    terms += [("upper", 2030, math.inf), ("no_limit", 2030, math.inf)]
    assert reason(scaled(terms, 1e-3), "kW") == (
        "2030: at least 0 kW, since all 108 that are new in 2035 may be built in the step to it; "
        "no upper bound, as neither build rate nor potential is given."
    )
    terms[1] = ("later", 2035, 0.0)
    assert "at least 0 MW, since nothing is new in 2035;" in reason(terms, "MW")
    terms = [("lower", 2020, 0.0), ("upper", 2020, 0.0), ("given_stock", 2020, 0.0)]
    assert reason(terms, "MW").endswith(
        "at most 0 MW, no new build in 2020, whose stock is given."
    )
    assert reason(terms, "MW", "zh").endswith("上限0 MW，2020年的存量为既定，无新建。")
    assert reason([("standing", 2030, 0.9)], "MW") == (
        "2030: 0.9 MW of all steps before it stand, its own too."
    )
    assert reason([], "MW") == ""


def test_every_phrase_has_the_same_values_in_both_languages() -> None:
    """No phrase drops or invents a number in one of its languages, but for a year told twice."""
    for name, english in phrases("en").items():
        fields = [set(re.findall(r"{([\w.]+)}", text)) for text in (english, phrases("zh")[name])]
        assert fields[0] == fields[1]


def no_english(told: str, known: set[str]) -> bool:
    """Whether a Chinese sentence has only Latin words that are no English."""
    return set(re.findall(r"[A-Za-z]{2,}", told)) <= known


def names_of(park: Park) -> Labels:
    """Labels with the names that the sheets of a park have for its things."""
    views = named_views(park)
    views |= {row.technology: View("", "", row.name, row.name_zh) for row in park.technologies}
    names = {thing: {"en": view.name, "zh": view.name_zh} for thing, view in views.items()}
    assets = {f"{row.technology}_{row.zone}": (row.technology, row.zone) for row in park.assets}
    measures = {
        f"{row.measure}_{zone}_{row.load}": (row.measure, zone, row.load)
        for row in park.efficiency_measures
        for zone in park.zone_names
    }
    return Labels(own_labels().texts, names, assets | measures)


def in_chinese(finding: Finding) -> str:
    """A finding with the names of the shipped park."""
    return names_of(read_park(MEISHAN, kinds())).finding(finding, "zh")


def test_findings_of_a_pathway() -> None:
    """Gap, shed demand and rates in Chinese, an asset by technology and zone."""
    rolled = pd.DataFrame({"pv_rooftop_port": [0.0, 130.0]}, index=[2020, 2025])
    limit = pd.Series({"pv_rooftop_port": 100.0})
    (rate,) = _over_rate({"new": rolled, "bridge": rolled}, limit)
    told = in_chinese(rate)
    assert told.startswith("屋顶光伏·梅山港区：至2025年的一步共建260.000，其中过渡设备130.000")
    assert "100.000" in told and no_english(told, set())
    cars: dict[str, Value] = {
        "resources": ["vehicle_to_grid_cars", "smart_charging"],
        **{"zone": "chunxiao", "drivetrain": "car_electric", "needed": 1850.0, "standing": 900.0},
    }
    trucks: dict[str, Value] = {
        "resources": ["swap_station_flexibility"],
        **{"zone": "port", "drivetrain": "yard_truck_electric", "hours": 12, "most": 0.25},
    }
    cost = xr.DataArray([[2e6, 3.5e9]], dims=("cost_item", "year"))
    emitted = xr.DataArray([[0.0, 1234.0]], dims=("emission_item", "year"))
    of_slices = [Finding("stand", cars).of_year(2045), Finding("drawn", trucks).of_year(2050)]
    ds = xr.Dataset(
        {
            **{"cost": cost, "emissions": emitted},
            **{"net_emissions": ("year", [9e4, 1e3]), "emission_cap": ("year", [1e5, 0.0])},
        },
        coords={
            **{"cost_item": ["shedding:x"], "cost_category": ("cost_item", ["shedding"])},
            **{"emission_item": ["gap:x"], "scope": ("emission_item", ["gap"])},
            "year": [2045, 2050],
        },
        attrs=finding_attributes(of_slices),
    )
    assert [in_chinese(found) for found in findings(ds)] == [
        "2050年：净排放超出上限1,234 吨CO2/年",
        "2045年的排放上限未起作用：上限为100,000 吨CO2/年，无上限时排放亦仅90,000 吨",
        "2045年：发生切负荷（罚值2.000 百万元/年（2020年价））",
        "2050年：发生切负荷（罚值3,500.000 百万元/年（2020年价））",
        "2045年：车网互动（乘用车） + 有序充电（春晓）需1,850辆电动乘用车，实有900辆",
        "2050年：集卡换电站柔性负荷（梅山港区）在12小时内推迟的负荷超过电动集卡的用电，"
        "最多超出0.250 MW",
    ]


def test_what_is_told_by_ranges_is_told_once_for_all_years() -> None:
    """Hours and prices of all years span one range; what names things stays by year."""
    one, other = ([288.0], [180.0], [180.0, 373.0]), ([175.5], [180.0], [180.0, 265.0])
    names = ("hours", "earned", "worth")
    capped, more = (
        Finding("sales_capped", dict(zip(names, ends, strict=True))) for ends in (one, other)
    )
    loose = Finding("committed", {"technologies": ["chp"]})
    found = [*of_years({2030: [more, loose], 2025: [capped]})]
    assert found[0] == loose.of_year(2030)
    told = sentence(found[1])
    assert told.startswith("2025, 2030: power that is sold or left over counts 180 CNY/MWh in 176")
    assert "176 to 288 hours of a year, when the market pays 180 to 373 CNY/MWh" in told
    assert in_chinese(found[1]).startswith("2025、2030年：每年有176至288小时")


def test_findings_come_back_from_a_file() -> None:
    """What is read is what was written, and English is there for whoever opens the file."""
    values: dict[str, Value] = {"resources": ["a", "b"], "zone": "z", "drivetrain": "d"}
    found = Finding("stand", {**values, "needed": 1200.0, "standing": 1000.0})
    attributes = finding_attributes([found, found.of_year(2030)])
    assert attributes["findings"].splitlines() == [
        "a + b in z needs 1,200 d, 1,000 stand",
        "2030: a + b in z needs 1,200 d, 1,000 stand",
    ]
    assert findings_of(xr.Dataset(attrs=attributes)) == [found, found.of_year(2030)]
    assert finding_attributes([]) == {}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("shed_at", f"发生切负荷：梅山港区的电力有1,234.5 MWh/a未供应，{PENALTY}"),
        ("shed_of", f"发生切负荷：梅山港区的电力（仓库）有1,234.5 MWh/a未供应，{PENALTY}"),
        (
            "shed_as_found",
            f"发生切负荷：梅山港区的电力（仓库）全部1,234.5 MWh/a均未供应，{PENALTY}；"
            "该年份仅含既有设备：请在existing_plants.csv中给出存量，或推迟该负荷的起始年份",
        ),
    ],
)
def test_demand_that_is_shed(kind: str, said: str) -> None:
    """Amount, carrier, zone and load by their Chinese names."""
    values: dict[str, Value] = {
        **{"carrier": "electricity", "zone": "port", "amount": 1234.5, "unit": "MWh/a"},
        **{"cost": 40.739, "loads": ["warehouses"]},
    }
    assert in_chinese(Finding(kind, values)) == said


@pytest.mark.parametrize("kind", ["untaken", "untaken_held"])
def test_measures_that_are_not_taken(kind: str) -> None:
    """The sentence keeps every number of the English one, be it one or a span."""
    values: dict[str, Value] = {
        **{"asset": "compressor_controls_baifeng_metal_works", "saving": 137.0},
        **{"supply": [776.0, 1103.0], "taken": [0.64, 0.64], "potential": [0.678, 0.791]},
        "years": [2025, 2030],
    }
    english = sentence(Finding(kind, values))
    assert "137 CNY/MWh what costs 776 to 1,103 CNY/MWh, but 0.640 of 0.678 to 0.791 MW" in english
    told = in_chinese(Finding(kind, values))
    assert told.startswith("空压机控制优化·白峰·金属加工：节能成本为137 元/MWh")
    assert "776至1,103 元/MWh" in told and "2025、2030年" in told
    assert "0.678至0.791 MW" in told and "0.640 MW" in told
    assert no_english(told, {"MWh", "MW"})
    assert ("上限" in told) == (kind == "untaken_held")


@pytest.mark.parametrize(
    "flows", [[1.0, 2.0], [-1.0, -2.0], [-1.0, float("nan")], [-1.0, 6.0, -11.0, 6.0]]
)
def test_why_there_is_no_internal_rate(flows: list[float]) -> None:
    """Each reason that finance gives stands in both languages, alone and after another."""
    kind = internal_rate_of_return(pd.Series(flows, index=range(2020, 2020 + len(flows)))).note
    both = f"no_reference {kind}"
    assert note(both) == f"{note('no_reference')}; {note(kind)}"
    assert no_english(note(both, "zh"), set()) and "；" in note(both, "zh")
    assert note("") == ""


def test_every_phrase_of_a_finding_has_the_same_values_in_both_languages() -> None:
    """No finding drops or invents a number in one of its languages, nor tells it otherwise."""
    for name, english in phrases("en", PHRASES).items():
        chinese = phrases("zh", PHRASES)[name]
        fields = [sorted(re.findall(r"{[^}]+}", text)) for text in (english, chinese)]
        assert fields[0] == fields[1]


def test_what_a_statement_cites_is_left_alone() -> None:
    """Rows and confidence are told; what the sheet cites stands there letter by letter."""
    park = read_park(MEISHAN, kinds())
    scenario = read_scenario(MEISHAN.parent / "scenarios" / "balanced.yaml", kinds())
    for cited in statement_sources(park, scenario, 2035).values():
        english, told = cited.text(), cited.text("zh")
        for _, source, _ in cited.cited:
            assert source in english and source in told
        assert numbers(told) == numbers(english)
    cited = Citation("a", (((3, 4), "x; y", "derived"), ((9,), "z", "assumption")))
    assert cited.text() == "a.csv rows 3, 4: x; y (derived); row 9: z (assumption)"
    assert cited.text("zh") == "a.csv 第3、4行: x; y（推算）；第9行: z（假设）"


@pytest.mark.parametrize("park", ["meishan", "yizhuang"])
def test_every_name_of_a_park_is_told(park: str) -> None:
    """Loads, projects, assets, contracts, sold plants and stages of the shipped parks."""
    sheets = read_park(MEISHAN.parent / park, kinds())
    labels = names_of(sheets)
    names = {
        *(row.load for row in sheets.loads),
        *(row.project for row in sheets.projects),
        *(row.fleet for row in sheets.fleets),
        *(row.bus for row in sheets.buses),
        *(row.element for row in sheets.network),
        *(f"{row.technology}_{row.zone}" for row in sheets.assets),
        *(row.contract for row in sheets.contracts),
        *(row.measure for row in sheets.efficiency_measures),
        *(row.plant for row in sheets.existing_plants if row.offtake == "grid"),
        *(f"building_{row.stage}" for row in sheets.building_life_cycle if row.stage),
        *(row.carrier_in for row in sheets.technologies if row.carrier_in),
    }
    told = {name: labels.thing(name, "zh") for name in names}
    assert len(told) > 5
    assert {n: t for n, t in told.items() if re.search(r"[a-z]{3,}", t)} == {}
