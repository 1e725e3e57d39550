"""Sentences of a result: why bounds are what they are, and what a reader has to see.

Results hold terms, which are worded where they are shown. A term of a bound is a number with its
kind and its slice; a finding is a kind with its values, the note of a measure one kind or several.
The phrases stand in English and Chinese side by side in ``reasons.csv`` and ``findings.csv``.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple, TypeGuard

import numpy as np
import xarray as xr

DECIMALS = 3
"""Capacities are told in multiples of 0.001 of their unit."""

TERMS: Mapping[str, str] = {
    "only_slice": "the pathway has this slice only, which holds existing stock",
    "lower": "lower bound of the new build",
    "later": "new build of the slice after this one",
    "step_after": "what the step to the slice after this one can still add",
    "upper": "upper bound of the new build",
    "at_later": "the upper bound is the new build of the slice after this one",
    "given_stock": "nothing is new build where the stock is given; steps add to it",
    "phase_out": "nothing is new build of what the target abandons; steps add to it",
    "no_limit": "neither a build rate nor a potential is given",
    "room": "potential less stock of a slice; steps add to it",
    "potential": "potential of that slice",
    "stock": "surviving stock of that slice",
    "step": "what the step to a slice can still add",
    "build_rate": "largest yearly build",
    "bridge": "largest bridge beside the new build",
    "standing": "new build of earlier steps that stands",
    "addition": "largest addition of a slice that is not planned backwards",
}
"""Kinds of terms and what their amounts are."""

Language = Literal["en", "zh"]
Term = tuple[str, int, float]
"""Kind, year and amount; an amount that is not finite is a limit that does not exist."""
SOURCES = ("at_later", "given_stock", "phase_out", "no_limit", "room")
"""Kinds of terms of which one gives the upper bound."""

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


class _Told(NamedTuple):
    """A term as the phrases take it, such as ``{room.year}`` and ``{room.amount}``."""

    year: int
    amount: str


@cache
def phrases(language: Language, table: str = "reasons.csv") -> Mapping[str, str]:
    """Phrases of a table in a language by their names."""
    file = resources.files("meishan_model.results") / table
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["phrase"]: row[language] for row in rows}


def grouped_terms(
    items: Iterable[Hashable], *columns: Iterable[Any]
) -> dict[Hashable, list[Term]]:
    """Terms that are given by columns of kind, year and amount, by what they are of."""
    found: dict[Hashable, list[Term]] = defaultdict(list)
    for item, kind, year, amount in zip(items, *columns, strict=True):
        found[item].append((kind, year, amount))
    return found


def reason(terms: Iterable[Term], unit: str, language: Language = "en") -> str:
    """Say in one or two sentences where the bounds of an asset in a slice come from.

    Parameters
    ----------
    terms
        Kind, year and amount of each term of the bounds; the amount is infinite or not a number
        where there is no limit.
    unit
        What the unit of the asset is called in the language.
    language
        ``en`` or ``zh``.

    Returns
    -------
    str
        Empty without terms.
    """
    known = [*terms]
    if not known:
        return ""
    words, amounts = phrases(language), {kind: amount for kind, _, amount in known}
    told = {kind: _Told(year, _number(amount, words)) for kind, year, amount in known}

    def say(phrase: str, **values: str) -> str:
        return words[phrase].format(unit=unit, **told, **values)

    if "only_slice" in told:
        return say("only_slice")
    if "standing" in told:
        return say("standing") + say("addition" if "addition" in told else "standing all")
    # Where the lower bound comes from, and the upper: a later slice, a ceiling or the build rate.
    most = "upper" if math.isfinite(amounts["upper"]) else "upper free"
    source = next(kind for kind in SOURCES if kind in told)
    steps = [(str(year), _number(amount, words)) for kind, year, amount in known if kind == "step"]
    above = say("given_stock itself" if source == "given_stock" and not steps else source)
    if steps:
        years, added = zip(*steps, strict=True)
        above += say("steps", amounts=" + ".join(added), years=words["and"].join(years))
    whole = say("whole", below=say(_asked(amounts)), above=say(most, source=above))
    if "bridge" not in told:
        return whole
    beside = amounts["bridge"]
    return whole + say(
        "bridge", amount=f"{beside:g}" if math.isfinite(beside) else told["bridge"].amount
    )


def _asked(amounts: Mapping[str, float]) -> str:
    """Phrase of a lower bound: what the slice after this one asks for."""
    if "later" not in amounts:
        return "lower none"
    if amounts["lower"]:
        return "lower"
    if not amounts["later"]:
        return "lower idle"
    return "lower zero" if math.isfinite(amounts["step_after"]) else "lower free"


def scaled(terms: Iterable[Term], divisor: float) -> list[Term]:
    """Terms in another unit, of which one is so much of theirs."""
    return [(kind, year, amount / divisor) for kind, year, amount in terms]


def _number(amount: float, words: Mapping[str, str]) -> str:
    """A capacity without needless zeros."""
    if not math.isfinite(amount):
        return words["unlimited"]
    return f"{amount:.{DECIMALS}f}".rstrip("0").rstrip(".") or "0"


def state_of_bound(total: float, existing: float, lower: float, upper: float) -> str:
    """Which bound of the whole capacity binds; a lower one only where it asks for new build."""
    tolerance = max(1e-3, 1e-4 * upper)
    if upper - lower <= tolerance:
        return "fixed"
    if total >= upper - tolerance:
        return "upper"
    return "lower" if total <= lower + tolerance and lower > existing + tolerance else "free"


FINDINGS = {"shedding": "demand is shed", "gap": "emissions exceed the cap"}
"""Penalties that are findings, with what they say."""


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


def of_years(by_year: Mapping[int, Iterable[Finding]]) -> Iterator[Finding]:
    """Findings of slices with their years; of one kind that tells ranges alone, one for all years.

    Parameters
    ----------
    by_year
        Findings of each slice.
    """
    joined: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for year, findings in sorted(by_year.items()):
        for found in findings:
            ranges = {k: v for k, v in found.values.items() if _is_range(v)}
            if len(ranges) < len(found.values):
                yield found.of_year(year)
                continue
            joined[found.kind]["year"].append(year)
            for name, ends in ranges.items():
                joined[found.kind][name] += ends
    yield from (Finding(kind, dict(values)) for kind, values in joined.items())


def _is_range(value: Value) -> TypeGuard[list[float]]:
    """Whether a value is numbers that are told by their range."""
    return isinstance(value, list) and all(isinstance(number, float) for number in value)


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
    if _is_range(value):
        return _Range(value, language)
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
