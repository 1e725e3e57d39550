"""What a reader of a result has to see, as terms that are worded where they are shown.

A finding is a kind with its values, the note of a measure one kind or several; the phrases stand
in English and Chinese side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import xarray as xr

Language = Literal["en", "zh"]
Value = str | int | float | list[str] | list[int] | list[float]

FINDINGS: Mapping[str, tuple[str, str]] = {
    "gap": (
        "net emissions exceed the cap by {amount:,.0f} tCO2/a",
        "净排放超出上限{amount:,.0f} 吨CO2/年",
    ),
    "shed": (
        "demand is shed ({cost:,.3f} million CNY/a of penalty)",
        "发生切负荷（罚值{cost:,.3f}百万元/年）",
    ),
    "rate": (
        "{asset}: the step to {step} builds {built:.3f}, of it {bridges:.3f} of bridges; its "
        "build rate allows {allowed:.3f}, so bridges have to stand before they are needed",
        "{asset}：至{step}年的一步共建{built:.3f}，其中过渡设备{bridges:.3f}；建设速度仅允许"
        "{allowed:.3f}，因此过渡设备须提前建成",
    ),
    "untaken": (
        "{asset} saves at {saving:.0f} CNY/MWh what costs {supply:,.0f}, but {taken:,.3f} of "
        "{potential:,.3f} MW are taken in {years}",
        "{asset}：节能成本为{saving:.0f}元/MWh，低于所替代能源的{supply:,.0f}元/MWh，但{years}年"
        "在{potential:,.3f} MW潜力中仅采用{taken:,.3f} MW",
    ),
    "untaken_held": (
        "{asset} saves at {saving:.0f} CNY/MWh what costs {supply:,.0f}, but {taken:,.3f} of "
        "{potential:,.3f} MW are taken in {years}: later slices allow no more",
        "{asset}：节能成本为{saving:.0f}元/MWh，低于所替代能源的{supply:,.0f}元/MWh，但{years}年"
        "在{potential:,.3f} MW潜力中仅采用{taken:,.3f} MW（受此后年份上限所限）",
    ),
    "stand": (
        "{resources} in {zone} needs {needed:,.0f} {drivetrain}, {standing:,.0f} stand",
        "{resources}（{zone}）需{needed:,.0f}辆{drivetrain}，实有{standing:,.0f}辆",
    ),
    "drawn": (
        "{resources} in {zone} puts off more than {drivetrain} draws in {hours} hours, by "
        "{most:,.3f} MW at most",
        "{resources}（{zone}）在{hours}小时内推迟的负荷超过{drivetrain}的用电，最多超出"
        "{most:,.3f} MW",
    ),
}
"""Kind of a finding -> English, Chinese."""

NOTES: Mapping[str, tuple[str, str]] = {
    "no_price": ("the solver gave no prices", "求解器未给出电价"),
    "no_reference": (
        "the first slice does not show what it replaces",
        "首个年份未显示其所替代的能源",
    ),
    "avoids_nothing": ("it avoids no emissions by itself", "其本身不减少排放"),
    "unknown_value": ("the value of what it delivers is not known", "其产出价值未知"),
    "earns_always": ("it earns more than it costs in every year", "各年收益均高于成本"),
    "earns_never": ("it never earns anything", "始终没有收益"),
    "no_rate": (
        "no rate up to 2000 % a year makes its value zero",
        "年利率直至2000 %均不能使其现值为零",
    ),
    "several_rates": ("several rates make its value zero", "有多个利率使其现值为零"),
}
"""Kind of a note, why a number of a measure is missing -> English, Chinese."""

_LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Finding:
    """A finding by its kind, a name of :data:`FINDINGS`, with the values of its phrase.

    Attributes
    ----------
    kind
        Which phrase tells it.
    values
        Names of things, numbers, and lists of them: numbers with decimals are told by their
        range. ``year`` stands before the phrase.
    """

    kind: str
    values: Mapping[str, Value]

    def of_year(self, year: int) -> Finding:
        """The same finding in the year in which it was made."""
        return Finding(self.kind, {"year": year, **self.values})


def sentence(
    finding: Finding, language: Language = "en", name: Callable[[str], str] = str
) -> str:
    """Word a finding.

    Parameters
    ----------
    finding
        The finding.
    language
        ``en`` or ``zh``.
    name
        What things are called; by themselves as they are named.
    """
    values = {key: _told(value, language, name) for key, value in finding.values.items()}
    text = FINDINGS[finding.kind][_LANGUAGES.index(language)].format(**values)
    before = {"en": "{year}: ", "zh": "{year}年："}[language] if "year" in values else ""
    return before.format(**values) + text


def note(kinds: str, language: Language = "en") -> str:
    """Word the note of a measure, whose kinds are divided by blanks."""
    place = _LANGUAGES.index(language)
    return ("; ", "；")[place].join(NOTES[kind][place] for kind in kinds.split())


class _Range:
    """Numbers that are told by the lowest and the highest of them."""

    def __init__(self, numbers: list[float], language: Language):
        self.ends, self.between = (min(numbers), max(numbers)), {"en": " to ", "zh": "至"}[language]

    def __format__(self, digits: str) -> str:
        return self.between.join(dict.fromkeys(f"{end:{digits}}" for end in self.ends))


def _told(value: Value, language: Language, name: Callable[[str], str]) -> object:
    """A value as a phrase takes it."""
    if isinstance(value, str):
        return name(value)
    if not isinstance(value, list):
        return value
    if isinstance(value[0], float):
        return _Range([float(number) for number in value], language)
    if isinstance(value[0], int):
        return {"en": ", ", "zh": "、"}[language].join(map(str, value))
    return " + ".join(name(str(thing)) for thing in value)


def finding_attributes(findings: Iterable[Finding]) -> dict[str, str]:
    """Attributes of a file: its findings in English, a line each, and their terms as JSON."""
    found = [*findings]
    if not found:
        return {}
    terms = [{"kind": finding.kind, **finding.values} for finding in found]
    return {
        "findings": "\n".join(sentence(finding) for finding in found),
        "finding_terms": json.dumps(terms),
    }


def findings_of(ds: xr.Dataset) -> list[Finding]:
    """Findings that the file of a slice or a pathway holds."""
    terms = json.loads(str(ds.attrs.get("finding_terms", "[]")))
    return [Finding(term.pop("kind"), term) for term in terms]
