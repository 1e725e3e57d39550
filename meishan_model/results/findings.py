"""What a reader of a result has to see, as terms that are worded where they are shown.

A finding is a kind with its values, the note of a measure one kind or several; the phrases stand
in English and Chinese side by side in ``findings.csv`` beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from meishan_model.results.reasons import Language, phrases

Value = str | int | float | list[str] | list[int] | list[float]
PHRASES = "findings.csv"
"""Table of the phrases: ``finding.<kind>`` and ``note.<kind>`` in both languages."""
SHED = ("shed_at", "shed_of", "shed_as_found")
"""Kinds of findings that say what of a demand is shed."""
AMOUNTS = {
    "cost": ("million CNY/a", 3),
    **dict.fromkeys(("saving", "supply", "earned", "worth"), ("CNY/MWh", 0)),
}
"""Values that are money, with their unit and the decimals that are told."""
Convert = Callable[[list[float], str, int], tuple[list[float], str]]
"""Numbers of a unit, told with some decimals, in the unit in which people read them."""


@dataclass(frozen=True)
class Finding:
    """A finding by its kind, as in ``findings.csv``, with the values of its phrase.

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

    @property
    def year(self) -> Value | None:
        """Year in which it was made, where that is said."""
        return self.values.get("year")

    def of_year(self, year: int) -> Finding:
        """The same finding in the year in which it was made."""
        return Finding(self.kind, {"year": year, **self.values})


def sentence(
    finding: Finding,
    language: Language = "en",
    name: Callable[[str], str] = str,
    convert: Convert = lambda values, unit, _: (values, unit),
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
    convert
        Of amounts of money; by itself they are told in CNY of 2020.
    """
    values = {key: _told(value, language, name) for key, value in finding.values.items()}
    for key in AMOUNTS.keys() & values:
        unit, digits = AMOUNTS[key]
        numbers, unit = convert(np.atleast_1d(finding.values[key]).tolist(), unit, digits)
        values[key] = f"{_Range(numbers, language):,.{digits}f} {unit}"
    text = phrases(language, PHRASES)[f"finding.{finding.kind}"].format(**values)
    before = {"en": "{year}: ", "zh": "{year}年："}[language] if "year" in values else ""
    return before.format(**values) + text


def note(kinds: str, language: Language = "en") -> str:
    """Word the note of a measure, whose kinds are divided by blanks."""
    told = phrases(language, PHRASES)
    between = {"en": "; ", "zh": "；"}[language]
    return between.join(told[f"note.{kind}"] for kind in kinds.split())


class _Range:
    """Numbers that are told by the lowest and the highest of them."""

    def __init__(self, numbers: list[float], language: Language):
        self.ends = min(numbers), max(numbers)
        self.between = {"en": " to ", "zh": "至"}[language]

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
