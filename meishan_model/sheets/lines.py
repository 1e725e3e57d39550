"""Lines of the sheets behind the parts of a slice, so that a message can say where to look."""

from __future__ import annotations

from collections.abc import Mapping

from meishan_model.sheets.park import Park

Lines = Mapping[tuple[str, ...], tuple[int, ...]]
"""Lines in the file, ascending, by sheet and what they are about: ``("assets", "pv", "port")``."""


def lines_of_parts(park: Park) -> Lines:
    """Lines of all that the rows of a park are about, by sheet and name."""
    found: dict[tuple[str, ...], list[int]] = {}
    for sheet, rows in park.sheets():
        for row in rows:
            if row.about and not getattr(row, "is_default", False):
                key = (sheet, *(getattr(row, column) for column in row.about))
                found.setdefault(key, []).append(row.line)
    return {key: tuple(sorted(lines)) for key, lines in found.items()}
