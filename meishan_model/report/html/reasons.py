"""Sentences of bounds in Chinese: the model writes them in English, phrase by phrase.

Every phrase of :mod:`meishan_model.pathway.bounds` is a template in both languages in the
translation file, with its numbers, years and units as ``{number}``, ``{year}``, ``{unit}``. The
English template finds the phrase, the Chinese one tells it.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from meishan_model.report.labels import Labels, own_labels

_NUMBER = r"(?:\d[\d.]*(?:e[+-]?\d+)?|unlimited)"
_KINDS = {
    "number": _NUMBER,
    "numbers": rf"{_NUMBER}(?: \+ {_NUMBER})*",
    "year": r"\d{4}",
    "years": r"\d{4}(?:, \d{4})*",
    "unit": r"[A-Za-z]+",
    "phrase": r"[^;]+?",
}
"""What a placeholder stands for, by its name up to a ``_``."""

_PREFIX = "reason."
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def chinese_reason(sentence: str, labels: Labels) -> str:
    """A sentence of a bound in Chinese, with the same numbers.

    Parameters
    ----------
    sentence
        As the model has written it; a phrase that no template knows stays in English.
    labels
        What units are called.
    """
    for pattern, template in _templates():
        sentence = pattern.sub(partial(_told, template, labels), sentence)
    return sentence


def _told(template: str, labels: Labels, match: re.Match[str]) -> str:
    words = dict(match.groupdict())
    for name, text in words.items():
        if name.startswith("unit"):
            words[name] = labels.text(f"unit.{text}", "zh")
        elif name.startswith("number"):
            words[name] = text.replace("unlimited", labels.text("word.unlimited", "zh"))
        elif name == "years":
            words[name] = text.replace(", ", "、")
    return template.format(**words)


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Pattern of each English phrase with its Chinese template, whole sentences first."""
    texts = own_labels().texts
    return tuple(
        (_pattern(text["en"]), text["zh"])
        for key, text in texts.items()
        if key.startswith(_PREFIX)
    )


def _pattern(template: str) -> re.Pattern[str]:
    """The template with a group for each placeholder; one that returns must say the same."""
    parts = _PLACEHOLDER.split(template)
    found = [re.escape(parts[0])]
    for place, name in enumerate(parts[1::2]):
        known = name in parts[1 : 2 * place + 1 : 2]
        kind = _KINDS[name.partition("_")[0]]
        found.append(f"(?P={name})" if known else f"(?P<{name}>{kind})")
        found.append(re.escape(parts[2 * place + 2]))
    # A full stop before a digit is a decimal point.
    return re.compile("".join(found) + r"(?!\d)")
