"""Columns and numbers of the sheets of a park, with what each says, its units and its ranges."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from meishan_model.components.catalogue import schemas
from meishan_model.console import text_table
from meishan_model.errors import Fault, InputError
from meishan_model.report.validation import validation_rows
from meishan_model.sheets.column_meanings import column_says
from meishan_model.sheets.row_reader import columns_of, names_remedy
from meishan_model.sheets.rows import NumberRow, Row
from meishan_model.sheets.validation_rows import VALIDATION


def about(model: type[Row]) -> str:
    """What a sheet holds."""
    text = str(model.__doc__).partition("\n")[0].partition(": ")[2]
    return text[:1].upper() + text[1:]


def quantities(model: type[NumberRow]) -> Iterator[tuple[str, ...]]:
    """Numbers of a sheet: which, in which units, in what possible and plausible range, and why."""
    for name, quantity in model.quantities.items():
        units = quantity.unit.split("|")
        possible, plausible = (
            f"{low:g} to {high:g} {units[0]}"
            for low, high in ((quantity.lower, quantity.upper), quantity.likely)
        )
        any_other = "value" if len(model.quantities) == 1 else "any other"
        yield name or any_other, ", ".join(units), possible, plausible, quantity.why


def sheet_columns(name: str = "") -> RenderableType:
    """Columns and numbers of a sheet; without a name what each sheet holds.

    Raises
    ------
    InputError
        If there is no such sheet; those that are near are named.
    """
    models = {**schemas(), VALIDATION: validation_rows()}
    if not name:
        table = text_table("Sheets of a park", ("sheet", "what it holds"))
        for sheet, model in models.items():
            table.add_row(f"{sheet}.csv", about(model).replace("``", ""))
        return table
    stem = name.removesuffix(".csv")
    if stem not in models:
        remedy = names_remedy(stem, {*models})
        raise InputError([Fault("SHEET", "no such sheet", value=name, remedy=remedy)])
    model = models[stem]
    columns = text_table(f"Columns of {stem}.csv", ("column", "what it says"))
    for column in columns_of(model):
        columns.add_row(column, column_says(model, column))
    if not issubclass(model, NumberRow):
        return columns
    heads = ("number", "units", "possible", "plausible", "why")
    numbers = text_table(f"Numbers of {stem}.csv", heads)
    for row in quantities(model):
        numbers.add_row(*row)
    return Group(columns, numbers)
