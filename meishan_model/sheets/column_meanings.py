"""What the columns of sheets say: as each sheet says it, else as its type and its name do."""

from __future__ import annotations

from typing import get_args

from meishan_model.sheets.files import meaning_of
from meishan_model.sheets.rows import YEAR_OF_ROW, Row, reference_in

SAID = {
    "zone": "zone of `zones.csv`, or the only one of the park",
    "sector": "who needs it, by any name: accounts are kept by sector",
    "parameter": "which of the numbers below",
    "year": YEAR_OF_ROW,
    "profile": "hourly course: a shape of `profiles.csv`, or a measured series, `file:column`",
    "name": "what figures and tables call it in English",
    "name_zh": "what they call it in Chinese",
    "note": "anything a reader should know; may be empty",
    "price_year": "year of the money",
    "start_year": "first year of operation",
    "first_year": "first year in which it holds",
    "last_year": "last year in which it holds",
}
"""What columns say that are alike in all sheets."""
UNREFERRED = {"carrier": "a carrier of `buses.csv`, or a fuel of `prices.csv`"}
"""What columns say of which a sheet does not say to what they refer."""


def column_says(model: type[Row], column: str) -> str:
    """What a column says, for readers of ``docs/sheets.md`` and of a workbook."""
    if said := model.says.get(column) or meaning_of(model, column):
        return said
    field, named = model.model_fields[column], reference_in(model, column)
    if choices := [f"`{name}`" for name in get_args(field.annotation) if isinstance(name, str)]:
        return f"one of {', '.join(name for name in choices if name != '``')}"
    if column not in SAID and named:
        return f"a {named.what} of {named.where or f'{named.what}s.csv'}"
    own = "name of your own: small letters, digits and _"
    return SAID.get(column) or UNREFERRED.get(column, own)
