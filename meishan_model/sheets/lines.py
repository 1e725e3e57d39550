"""Lines of the sheets behind the parts of a slice, so that a message can say where to look."""

from __future__ import annotations

from collections.abc import Mapping

from meishan_model.sheets.park import Park

KEYS: Mapping[str, tuple[str, ...]] = {
    "assets": ("technology", "zone"),
    "contracts": ("contract",),
    "network": ("element",),
    "loads": ("load", "zone"),
    "loads_unrestructured": ("load", "zone"),
    "projects": ("project", "zone"),
    "handling": ("load", "zone"),
    "buildings": ("building", "zone"),
    "fleets": ("fleet",),
    "berths": ("berth_group",),
}
"""Columns that say what a row is about, by sheet."""

Lines = Mapping[tuple[str, ...], tuple[int, ...]]
"""Lines in the file, ascending, by sheet and what they are about: ``("assets", "pv", "port")``."""


def lines_of_parts(park: Park) -> Lines:
    """Lines of every part of a park that stands in one of the sheets of :data:`KEYS`."""
    found: dict[tuple[str, ...], list[int]] = {}
    for sheet, columns in KEYS.items():
        for row in getattr(park, sheet):
            key = (sheet, *(getattr(row, column) for column in columns))
            found.setdefault(key, []).append(row.line)
    return {key: tuple(sorted(lines)) for key, lines in found.items()}
