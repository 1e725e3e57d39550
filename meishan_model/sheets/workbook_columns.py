"""What a workbook offers and tells of the columns of a sheet, by the model of its rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal, get_args, get_origin

from meishan_model.sheets.buses import amounts_in
from meishan_model.sheets.column_meanings import column_says
from meishan_model.sheets.cost_rows import CostRow
from meishan_model.sheets.rows import NumberRow, Row
from meishan_model.sheets.units import AMOUNTS, in_kilowatts

_LINK = re.compile(r"\[(.*?)\]\(.*?\)")


def counted_in(units: Iterable[str]) -> frozenset[str]:
    """In what a park counts carriers: MWh, and t or m3 where a unit of its sheets has them."""
    return frozenset(("MWh", *(amount for unit in units for amount in amounts_in(unit))))


def closed(model: type[Row], column: str, counted: Collection[str]) -> tuple[str, ...]:
    """Values of a column that its model closes, in the order of the model; else none.

    Units are those in which the park counts carriers; of a cost sheet, not the park's own, all.
    """
    field = model.model_fields.get(column)
    if field is not None and get_origin(field.annotation) is Literal:
        return tuple(filter(None, get_args(field.annotation)))
    quantities = model.quantities if issubclass(model, NumberRow) else {}
    if column == "unit":
        units = (u for quantity in quantities.values() for u in _units(model, quantity.unit))
        known = AMOUNTS if model is CostRow else counted
        return tuple(dict.fromkeys(u for u in units if set(amounts_in(u)) <= {*known}))
    if issubclass(model, NumberRow) and column == model.quantity_column and "" not in quantities:
        # The quantities of a contract are named after its kind and its parameter.
        return tuple(dict.fromkeys(name.rpartition(".")[2] for name in quantities))
    return ()


def _units(model: type[Row], allowed: str) -> list[str]:
    """Units of a quantity; in a park's sheet each with that of a small plant behind it."""
    units = allowed.split("|")
    if model is CostRow:  # of which all are named
        return units
    return [*dict.fromkeys(u for unit in units for u in (unit, in_kilowatts(unit)))]


def head_text(model: type[Row], column: str) -> str:
    """What a reader of a workbook is told of a column."""
    told = _LINK.sub(r"docs: \1", column_says(model, column)).replace("`", "")
    if column != "unit" or not issubclass(model, NumberRow) or not model.quantities:
        return told
    several = len(model.quantities) > 1
    lines = [
        (f"{name or 'any other'}: " if several else "") + ", ".join(_units(model, quantity.unit))
        for name, quantity in model.quantities.items()
    ]
    return "\n".join([told, *lines])
