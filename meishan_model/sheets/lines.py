"""Lines of the sheets behind the parts of a slice, so that a message can say where to look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from meishan_model.sheets.park import Park

Lines = Mapping[tuple[str, ...], tuple[int, ...]]
"""Lines in the file, ascending, by sheet and what they are about: ``("assets", "pv", "port")``."""


def lines_of_parts(park: Park) -> Lines:
    """Lines of all that the rows of a park are about, by sheet and name."""
    found: dict[tuple[str, ...], list[int]] = {}
    for sheet, rows in park.sheets():
        for row in rows:
            if row.about:
                key = (sheet, *(getattr(row, column) for column in row.about))
                found.setdefault(key, []).append(row.line)
    return {key: tuple(sorted(lines)) for key, lines in found.items()}


def rows_text(lines: Iterable[int]) -> str:
    """Lines as a reader would say them.

    >>> rows_text([4, 5, 6, 9])
    'rows 4 to 6 and 9'
    >>> rows_text([7])
    'row 7'
    """
    given = sorted(set(lines))
    if not given:
        return ""
    starts = [given[0], *(after for before, after in pairwise(given) if after > before + 1)]
    ends = [*(before for before, after in pairwise(given) if after > before + 1), given[-1]]
    spans = [
        f"{first}" if first == last else f"{first} to {last}"
        for first, last in zip(starts, ends, strict=True)
    ]
    head, last = spans[:-1], spans[-1]
    word = "row" if len(given) == 1 else "rows"
    return f"{word} {', '.join(head)} and {last}" if head else f"{word} {last}"
