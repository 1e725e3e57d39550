"""``validation.csv``: published values beside which numbers of the model are put, with a band.

It is no input of a plan: no slice reads it, so that a row changes no result.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from meishan_model.errors import refuse
from meishan_model.sheets.row_reader import read_rows, without_rows
from meishan_model.sheets.rows import (
    Name,
    NoneIfEmpty,
    OptionalName,
    Quantity,
    ValueRow,
    with_quantities,
)

VALIDATION = "validation"
"""Stem of the sheet."""


class ValidationRow(ValueRow):
    """``validation.csv``: published values, and which number of the model stands beside each.

    The deviation of the model, ``model / value - 1``, must lie from ``lower`` to ``upper``, which
    are the uncertainty of the publication.
    """

    needed: ClassVar = "it says beside which published values the model is put"
    quantity_column: ClassVar = "measure"
    says: ClassVar = {
        "quantity": "what is compared, in plain words, each once",
        "group": "part of the table, such as port or prices",
        "basis": "`computed`: the model makes the number from others; `fitted`: numbers of the "
        "sheets were chosen so that it comes out; `given`: a cell of the sheets is the "
        "published number itself, which proves that it was copied rightly; `departs`: the model "
        "lies outside of the band knowingly, and the note says why",
        "measure": "how the number of the model is made, see the numbers below",
        "of": "what it is of: names of the sheets, separated by ;",
        "zone": "in which zone; empty: in all",
        "when": "a year, or a day such as 2026-09-15; empty: the first year of the plan",
        "by": "which of several: convention, account, case, voltage, as the measure says",
        "per": "driver of `drivers.csv` by which it is divided, such as population; may be empty",
        "lower": "least deviation of the model from the value [%]",
        "upper": "largest deviation of the model from the value [%]",
        "before": "number of the model before its numbers were last corrected as a whole, in the "
        "unit of the row; empty where it had none, and the note says so",
        "value": "published value",
    }

    confidence: Literal["published", "derived"]
    """published, or derived from what is published; an assumption validates nothing"""
    quantity: str = Field(min_length=1)
    group: Name
    basis: Literal["computed", "fitted", "given", "departs"]
    measure: Name
    of: str
    zone: OptionalName
    when: str = Field(pattern=r"^(\d{4}(-\d{2}-\d{2})?)?$")
    by: str
    per: OptionalName
    lower: float
    upper: float
    before: Annotated[Annotated[float, BeforeValidator(float)] | None, NoneIfEmpty]

    @property
    def names(self) -> tuple[str, ...]:
        """What the column ``of`` names."""
        return tuple(filter(None, self.of.split(";")))

    @field_validator("upper")
    @classmethod
    def _band_holds_something(cls, upper: float, info: ValidationInfo) -> float:
        if upper <= info.data.get("lower", upper - 1.0):
            raise ValueError("does not lie above lower")
        return upper

    @field_validator("basis")
    @classmethod
    def _says_why_it_departs(cls, basis: str, info: ValidationInfo) -> str:
        if basis == "departs" and not info.data.get("note", "-"):
            raise ValueError("is departs, and the note does not say why")
        return basis

    @field_validator("before")
    @classmethod
    def _says_why_there_was_none(cls, before: float | None, info: ValidationInfo) -> float | None:
        if before is None and not info.data.get("note", "-"):
            raise ValueError("is empty, and the note does not say why")
        return before


def validation_model(units: Mapping[str, tuple[str, str]]) -> type[ValidationRow]:
    """The model of a row, for some measures.

    Parameters
    ----------
    units
        Units that the value of each measure may have, separated by ``|``, and what it is, by the
        name of the measure.
    """
    any_size = 0.0, 1e12
    quantities = {
        name: Quantity(of_measure, *any_size, any_size, says)
        for name, (of_measure, says) in units.items()
    }
    return with_quantities(ValidationRow, quantities)


def read_validation(folder: Path, model: type[ValidationRow]) -> tuple[ValidationRow, ...]:
    """The rows of a park's sheet.

    Parameters
    ----------
    folder
        ``configs/<park>``.
    model
        Of :func:`validation_model`.

    Raises
    ------
    InputError
        With every fault, or if there is no such sheet.
    """
    path = folder / f"{VALIDATION}.csv"
    rows, faults = read_rows(path, model)
    first: dict[str, ValidationRow] = {}
    for row in rows:
        if (before := first.setdefault(row.quantity, row)) is not row:
            message = f"stands already in row {before.line}"
            faults.append(row.fault("quantity", message, "give another name"))
    if not rows and not faults:
        faults = [without_rows(path, model, model.needed)]
    refuse(faults)
    return rows
