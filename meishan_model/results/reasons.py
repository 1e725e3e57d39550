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
from typing import Literal, NamedTuple

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
SOURCES = ("at_later", "first_slice", "phase_out", "no_limit", "room")
"""Kinds of terms of which one gives the upper bound."""


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
    asked = "lower zero" if amounts["lower"] == 0.0 else "lower"
    source = next(kind for kind in SOURCES if kind in told)
    steps = [(str(year), _number(amount, words)) for kind, year, amount in known if kind == "step"]
    above = say("first_slice itself" if source == "first_slice" and not steps else source)
    if steps:
        years, added = zip(*steps, strict=True)
        above += say("steps", amounts=" + ".join(added), years=words["and"].join(years))
    below = say(asked if "later" in told else "lower none")
    whole = say("whole", below=below, above=say("upper", source=above))
    if "bridge" not in told:
        return whole
    most = amounts["bridge"]
    return whole + say(
        "bridge", amount=f"{most:g}" if math.isfinite(most) else told["bridge"].amount
    )


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
