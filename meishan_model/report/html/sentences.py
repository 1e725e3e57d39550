"""Sentences of the model in Chinese: it writes them in English, phrase by phrase.

Every phrase is a template in both languages in the translation file, with what changes in it as
``{number}``, ``{year}``, ``{asset}``. The English template finds the phrase, the Chinese one tells
it. What a sheet says inside a sentence stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import Literal

from meishan_model.report.labels import Labels, own_labels

Kind = Literal["finding", "note", "source", "made"]
"""What a sentence is: a finding, a note of a measure, an origin, a computation."""

_NUMBER = r"-?\d[\d.,]*(?<![.,])(?:e[+-]?\d+)?"
_KINDS = {
    "number": _NUMBER,
    "span": rf"{_NUMBER}(?: to {_NUMBER})?",
    "year": r"\d{4}",
    "years": r"\d{4}(?:, \d{4})*",
    "rows": r"\d+(?:, \d+)*",
    "name": r"\w+",
    "nodes": r"\w+(?: \+ \w+)*",
    "file": r"[\w/.]+",
    "word": r"\S+",
}
"""What a placeholder stands for, by its name up to a ``_``."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def in_chinese(sentence: str, kind: Kind, labels: Labels) -> str:
    """A sentence of the model in Chinese, with the same numbers.

    Parameters
    ----------
    sentence
        As the model has written it; a phrase that no template knows stays in English.
    kind
        Which templates it may be made of.
    labels
        What units and the things of the park are called.
    """
    for pattern, template in _templates(kind):
        sentence = pattern.sub(partial(_told, template, labels), sentence)
    return sentence


def _told(template: str, labels: Labels, match: re.Match[str]) -> str:
    words = {name: _word(name, text, labels) for name, text in match.groupdict().items()}
    return template.format(**words)


def _word(name: str, text: str, labels: Labels) -> str:
    """What stands for a placeholder in Chinese."""
    match name.partition("_")[0]:
        case "span":
            return text.replace(" to ", labels.text("word.to", "zh"))
        case "name":
            return labels.text(f"node.{text}", "zh")
        case "nodes":
            return " + ".join(labels.text(f"node.{name}", "zh") for name in text.split(" + "))
        case "years" | "rows":
            return text.replace(", ", "、")
    return text


@lru_cache(maxsize=8)
def _templates(kind: Kind) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Pattern of each English phrase with its Chinese template, whole sentences first."""
    texts = own_labels().texts
    return tuple(
        (_pattern(text["en"]), text["zh"])
        for key, text in texts.items()
        if key.startswith(f"{kind}.")
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
