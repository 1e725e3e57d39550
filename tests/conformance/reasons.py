"""Why a system is refused or fails, without its names and numbers, so that reasons group."""

from __future__ import annotations

import re

from oemof import solph

_AROUND = re.compile(
    r"(?:no backend states|the linopy backend does not state|solph takes otherwise than it reads)"
    r": "
    r"|; use backend pyomo$"
)
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*\.?\d*(e[-+]?\d+)?(?!\w)")


def refusal_reasons(message: str, system: solph.EnergySystem) -> tuple[str, ...]:
    """The kinds of what a refusal names, each once, in alphabetical order.

    Parameters
    ----------
    message
        Message of the engine's ``ModelError``.
    system
        The energy system whose names are taken out.
    """
    parts = _AROUND.sub("", message.replace("\n", " ")).split("; ")
    return tuple(sorted({nameless(part, system) for part in parts}))


def nameless(text: str, system: solph.EnergySystem) -> str:
    """The first line of a text, without the names of nodes and flows, and without numbers."""
    line = text.strip().partition("\n")[0]
    labels = sorted({str(node.label) for node in system.nodes}, key=len, reverse=True)
    if labels:
        names = "|".join(map(re.escape, labels))
        line = re.sub(rf"(?<!\w)(?:{names})(?!\w)", "…", line)
    line = re.sub("…(?:->…)+", "…", line)
    line = re.sub(r"^… ?: ", "", line)
    return _NUMBER.sub("N", line)[:160]
