"""Rows that stand in until the owner of a park gives his own: which there are, and how they read.

A row is one by its ``confidence``. A template of ``meishan new`` consists of them, and some
defaults of the package are such rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import PLACEHOLDER, ValueRow


def placeholders(park: Park, years: Collection[int]) -> dict[str, tuple[int, ...]]:
    """Lines of the rows that stand in for numbers of a park in some years, by file.

    Of a quantity with rows of several years those count between which a year lies.

    Parameters
    ----------
    park
        All sheets of the park.
    years
        The years that are planned.
    """
    found: dict[str, list[int]] = {}
    quantities: dict[tuple[str, ...], list[ValueRow]] = {}
    for sheet, row in park.value_rows():
        key = (sheet, *row.name_of, row.kind_of_value)
        quantities.setdefault(key, []).append(row)
    for rows in quantities.values():
        for row in _standing_for(rows, years):
            if row.confidence == PLACEHOLDER:
                path = Path(row.file)
                file = f"default {path.parent.name}/{path.name}" if row.is_default else path.name
                found.setdefault(file, []).append(row.line)
    return {file: tuple(sorted(lines)) for file, lines in found.items()}


def _standing_for(rows: Iterable[ValueRow], years: Collection[int]) -> list[ValueRow]:
    """The rows of a quantity from which its values in some years come."""
    given = {getattr(row, "year", None) for row in rows}
    dated = sorted(year for year in given if year is not None)
    used: set[int | None] = {None}
    for year in years:
        used |= {*[y for y in dated if y <= year][-1:], *[y for y in dated if y >= year][:1]}
    return [row for row in rows if getattr(row, "year", None) in used]


def placeholder_attributes(rows: Mapping[str, Iterable[int]]) -> dict[str, str | int]:
    """Attributes of a result: how many rows stand in, and which, such as ``prices.csv 2-5``."""
    lines = {file: sorted(found) for file, found in rows.items()}
    if not lines:
        return {}
    told = (f"{file} {_spans(found)}" for file, found in lines.items())
    return {
        "placeholder_rows": sum(map(len, lines.values())),
        "placeholders": ", ".join(told),
    }


def _spans(lines: Iterable[int]) -> str:
    """Lines, those that follow each other as one span.

    >>> _spans([2, 3, 4, 7])
    '2-4 7'
    """
    spans: list[list[int]] = []
    for line in lines:
        if spans and spans[-1][-1] == line - 1:
            spans[-1][1:] = [line]
        else:
            spans.append([line])
    return " ".join("-".join(map(str, span)) for span in spans)
