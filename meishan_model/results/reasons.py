"""Sentences that say why the bounds of an asset are what they are, from the terms of the bounds.

A term is a number with its kind and its slice. The phrases stand in English and Chinese side by
side in ``reasons.csv`` beside this file.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Literal

DECIMALS = 3
"""Capacities are told in multiples of 0.001 of their unit."""

TERMS: Mapping[str, str] = {
    "only_slice": "the pathway has this slice only, which holds existing stock",
    "lower": "lower bound of the new build",
    "later": "new build of the slice after this one",
    "step_after": "what the step to the slice after this one can still add",
    "upper": "upper bound of the new build",
    "at_later": "the upper bound is the new build of the slice after this one",
    "first_slice": "nothing is new build in the first slice; steps add to it",
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


@cache
def phrases(language: Language, table: str = "reasons.csv") -> Mapping[str, str]:
    """Phrases of a table in a language by their names."""
    file = resources.files("meishan_model.results") / table
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["phrase"]: row[language] for row in rows}


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
    known = tuple(terms)
    return _Sentence(known, unit, language).text() if known else ""


def state_of_bound(total: float, existing: float, lower: float, upper: float) -> str:
    """Which bound of the whole capacity binds; a lower one only where it asks for new build."""
    tolerance = max(1e-3, 1e-4 * upper)
    if upper - lower <= tolerance:
        return "fixed"
    if total >= upper - tolerance:
        return "upper"
    return "lower" if total <= lower + tolerance and lower > existing + tolerance else "free"


class _Sentence:
    """The terms of one asset in one slice, and how they are told."""

    def __init__(self, terms: tuple[Term, ...], unit: str, language: Language) -> None:
        self.years = {kind: year for kind, year, _ in terms}
        self.amounts = {kind: amount for kind, _, amount in terms}
        self.steps = [(year, amount) for kind, year, amount in terms if kind == "step"]
        self.unit, self.phrases = unit, phrases(language)

    def phrase(self, key: str, **values: object) -> str:
        """A phrase with its values; year and amount are those of the term of that name."""
        given = {"unit": self.unit, "year": self.years.get(key, "")}
        if key in self.amounts:
            given["amount"] = self.number(key)
        return self.phrases[key].format(**{**given, **values})

    def number(self, kind: str) -> str:
        """The amount of a term."""
        return self.told(self.amounts[kind])

    def told(self, amount: float) -> str:
        """A capacity without needless zeros."""
        if not math.isfinite(amount):
            return self.phrases["unlimited"]
        return f"{amount:.{DECIMALS}f}".rstrip("0").rstrip(".") or "0"

    def text(self) -> str:
        """All of it."""
        if "only_slice" in self.years:
            return self.phrase("only_slice")
        if "standing" in self.years:
            grows = "addition" if "addition" in self.years else "standing all"
            return self.phrase("standing") + self.phrase(grows)
        year = self.years["lower"]
        whole = self.phrase("whole", year=year, lower=self.lower(), upper=self.upper())
        if "bridge" not in self.years:
            return whole
        most = self.amounts["bridge"]
        amount = f"{most:g}" if math.isfinite(most) else self.number("bridge")
        return whole + self.phrase("bridge", amount=amount)

    def lower(self) -> str:
        """Where the lower bound comes from."""
        if "later" not in self.years:
            return self.phrase("lower none")
        room, later = self.number("step_after"), self.number("later")
        key = "lower zero" if self.amounts["lower"] == 0.0 else "lower"
        return self.phrase(key, year=self.years["later"], room=room, later=later)

    def upper(self) -> str:
        """Where the upper bound comes from: the later slice, a ceiling or the build rate."""
        sources = ("at_later", "first_slice", "phase_out", "no_limit", "room")
        kind = next(kind for kind in sources if kind in self.years)
        beside = {}
        if kind == "room":
            beside = {name: self.number(name) for name in ("potential", "stock")}
        if kind == "first_slice" and not self.steps:
            source = self.phrase("first_slice itself", year=self.years[kind])
        else:
            source = self.phrase(kind, **beside)
        if self.steps:
            source += self.phrase(
                "steps",
                amounts=" + ".join(self.told(amount) for _, amount in self.steps),
                years=self.phrases["and"].join(str(y) for y, _ in self.steps),
                rate=self.number("build_rate"),
            )
        return self.phrase("upper", source=source)
