"""Labels in English and Chinese: the project's own and, from its sheets, those of a park."""

from __future__ import annotations

import csv
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from meishan_model.plugins import plugins
from meishan_model.sheets.park import Park

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_KINDS_OF_PARTS = ("duty", "carrier", "load", "part", "technology", "zone")
"""Labels of which the names of nodes and assets are made, what counts most last."""


@dataclass(frozen=True)
class Labels:
    """What things are called.

    Attributes
    ----------
    texts
        Key -> label by language. Keys of things of a park begin with what they are:
        ``technology.pv_rooftop``, ``zone.port``, ``load.homes``.
    """

    texts: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)

    def text(self, key: str, language: Language) -> str:
        """Label of a key; a name that nobody translated is shown as it stands in the sheet.

        In Chinese a compound name is told by its parts, ``pv_rooftop_port`` by the technology and
        the zone.
        """
        found = self.texts.get(key)
        if found is not None:
            return found[language]
        name = key.split(".", 1)[-1]
        return self._by_parts(name) if language == "zh" else name.replace("_", " ")

    def _by_parts(self, name: str) -> str:
        """A compound name in Chinese, the longest known parts first; other words as they are."""
        words = name.split("_")
        parts: list[str] = []
        unknown: list[str] = []
        while words:
            ends = range(len(words), 0, -1)
            end = next((e for e in ends if "_".join(words[:e]) in self._parts), 0)
            unknown += [] if end else words[:1]
            if unknown and (end or len(words) == 1):
                parts.append(" ".join(unknown))
                unknown = []
            parts += [self._parts["_".join(words[:end])]] if end else []
            words = words[max(end, 1) :]
        return "·".join(parts)

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """Chinese of what a compound name may hold; the names of a park count before others."""
        return {
            key.split(".", 1)[1].replace(" ", "_"): self.texts[key]["zh"]
            for kind in _KINDS_OF_PARTS
            for key in self.texts
            if key.startswith(f"{kind}.")
        }

    def plotly(self, key: str, language: Language) -> str:
        """Label for a figure, where plotly would read ``<`` as the begin of a mark-up."""
        return html.escape(self.text(key, language), quote=False)


@lru_cache(maxsize=1)
def own_labels() -> Labels:
    """Labels of the file ``labels.csv``, and of those of plug-ins."""
    own = Path(__file__).parent / "html" / "labels.csv"
    files = [own, *filter(None, (plugin.labels() for plugin in plugins()))]
    rows = [r for f in files for r in csv.DictReader(f.read_text(encoding="utf-8").splitlines())]
    return Labels({row["key"]: {"en": row["en"], "zh": row["zh"]} for row in rows})


def labels_of(park: Park) -> Labels:
    """Labels with the names that a park gives its zones and technologies.

    Parameters
    ----------
    park
        All sheets of the park.
    """
    names: dict[str, Mapping[Language, str]] = {
        "park.title": {"en": park.site.title, "zh": park.site.title_zh}
    }
    names |= {f"zone.{row.zone}": {"en": row.name, "zh": row.name_zh} for row in park.zones}
    names |= {
        f"technology.{row.technology}": {"en": row.name, "zh": row.name_zh}
        for row in park.technologies
    }
    return Labels({**own_labels().texts, **names})
