"""The sentence of a bound in Chinese has the numbers of the English one, and no English."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.pathway.bounds import backward_bounds, hand_on, target_bounds
from meishan_model.report.html.reasons import chinese_reason
from meishan_model.report.labels import own_labels

YEARS = (2020, 2025, 2030, 2035)
AMOUNTS = st.floats(0.0, 2e6).map(lambda x: round(x, 3))
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
def test_every_sentence_of_a_chain_is_told(
    rate: float,
    potential: float | list[float],
    stock: list[float],
    lifetime: int,
    phase_out: bool,
    unit: str,
    shares: list[float],
) -> None:
    """Whatever bounds a chain has, all its numbers stand in Chinese, and no English word does."""
    opened = target_bounds(
        YEARS,
        lifetime,
        build_rate=rate,
        potential=potential,
        stock=stock,
        phase_out=phase_out,
        unit=unit,
    )
    state = opened.state
    for share in shares:
        lower, upper, reason = backward_bounds(state)
        bridge = f" Bridges: at most {upper:g} {unit} beside it." if upper < 1e9 else ""
        told = chinese_reason(reason + bridge, own_labels())
        assert numbers(told) == numbers(reason + bridge), reason
        assert set(re.findall(r"[A-Za-z]+", told)) <= {"MW", "MWh", "e"}, told
        state = hand_on(state, lower + share * (min(upper, 1e6) - lower) if lower < 1e6 else lower)


def test_by_hand() -> None:
    """Three sentences, each with the order that Chinese wants."""
    labels = own_labels()
    english = (
        "2040: at least 400 MWh, the 600 of 2045 less 200 that the step to 2045 can still add; "
        "at most 600 MWh, the new build of 2045."
    )
    assert chinese_reason(english, labels) == (
        "2040年：下限400 MWh，即2045年的600减去至2045年的一步仍可新增的200；"
        "上限600 MWh，即2045年的新建量。"
    )
    english = (
        "2030: at least 0, nothing later asks for more; at most 40 vehicles, no new build in 2020 "
        "plus 20 + 20 that the steps to 2025, 2030 can still add at 4 vehicles/a. "
        "Bridges: at most 1e+06 vehicles beside it."
    )
    told = chinese_reason(english, labels)
    assert "至2025、2030年各步按4 辆（台）/年仍可新增的20 + 20" in told
    assert "2020年无新建，加上" in told
    assert told.endswith("另可设过渡设备，至多1e+06 辆（台）。")
    assert Counter(re.findall(r"\d{4}", told)) == Counter(re.findall(r"\d{4}", english))
    only = "2020: the only slice, it holds existing stock."
    assert chinese_reason(only, labels) == "2020年：唯一年份，仅含存量。"
    assert chinese_reason("Something new.", labels) == "Something new."
