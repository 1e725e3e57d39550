"""``manifest.yaml`` of a cost sheet: what technology-data's format leaves open.

Names, currency, price year and the meaning of absent rows are stated there, and with them a
number of the sheet becomes one in the project's unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.files import read_yaml, validate
from meishan_model.sheets.units import (
    CURRENCY,
    FOREIGN_CURRENCIES,
    UnitError,
    convert,
    investment_kind,
)

PRICE_YEAR = 2020
"""All money of the project is in real CNY of this year."""

Confidence = Literal["published", "derived", "assumption"]
Parameter = Literal["investment", "FOM", "VOM", "lifetime", "efficiency"]

KINDS: Mapping[str, str] = {
    "FOM": "fixed_om_share",
    "VOM": "variable_om",
    "lifetime": "lifetime",
    "efficiency": "efficiency",
}
"""Quantities of the parameters of a sheet, beside the investment, whose unit says of what."""
PARAMETERS = ("investment", *KINDS)
ParkNames = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(lambda name: (name,) if isinstance(name, str) else name),
]
"""One or several technologies of the park, for one of the sheet."""


class Frozen(BaseModel):
    """Frozen, and refusing keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SourcedNumber(Frozen):
    """A number of the manifest and where it comes from."""

    value: float = Field(gt=0)
    source: str = Field(min_length=1)


class AbsentMeaning(Frozen):
    """What it means that a technology of this sheet has no row for a parameter."""

    value: float
    unit: str


class Manifest(Frozen):
    """``manifest.yaml`` of a cost sheet."""

    title: str = Field(min_length=1, description="one line for people")
    currency: Literal["CNY", "EUR", "USD"] = Field(
        description="currency of the rows: CNY, EUR, USD"
    )
    price_year: int = Field(description="year of the money of all rows", ge=1990, le=2100)
    price_conversion: SourcedNumber | None = Field(
        default=None,
        description=f"{PRICE_YEAR} money per money of price_year, same currency: value, source",
    )
    exchange_rates: dict[Literal["EUR", "USD"], SourcedNumber] = Field(
        default={}, description="CNY per unit of the foreign currency: value, source"
    )
    technologies: dict[str, ParkNames] = Field(
        description="the sheet's technology -> the park's, or several of the park's", min_length=1
    )
    absent_means: dict[Parameter, AbsentMeaning] = Field(
        default={}, description="per parameter, value and unit where a technology has no row"
    )
    inherits: str | None = Field(
        default=None, description="folder name of the sheet that this one is laid over"
    )
    interpolate: bool = Field(
        default=False, description="whether a year between two files is interpolated linearly"
    )
    unlisted: Literal["refuse", "ignore"] = Field(
        default="refuse",
        description="rows of technologies or parameters that the project lacks or does not read",
    )
    confidence: Confidence | None = Field(
        default=None, description="confidence of all rows, if the rows do not state their own"
    )
    currency_year: Literal["price_year", "source_year"] = Field(
        default="price_year",
        description="price_year: every row must say the manifest's price_year; source_year: it is "
        "the year of the source and the values are converted already (technology-data)",
    )
    round_trip_efficiency: tuple[str, ...] = Field(
        default=(), description="park technologies whose rows give in x out; the root is taken"
    )
    requires_efficiency: tuple[str, ...] = Field(
        default=(),
        description="park technologies whose efficiency is read: each must have one, no other may",
    )


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.yaml`` of a cost sheet.

    Raises
    ------
    InputError
        If it is missing or wrong in itself; every fault is listed.
    """
    path = folder / "manifest.yaml"
    if not path.is_file():
        there = sorted(other.parent.name for other in folder.parent.glob("*/manifest.yaml"))
        remedy = f"there are the cost sheets: {', '.join(there) or 'none'}"
        raise InputError([Fault(str(path), "there is no such file", remedy=remedy)])
    manifest = validate(Manifest, read_yaml(path), path)
    faults = list(_manifest_faults(manifest, str(path)))
    if faults:
        raise InputError(faults)
    return manifest


def _manifest_faults(manifest: Manifest, file: str) -> Iterator[Fault]:
    park = [name for names in manifest.technologies.values() for name in names]
    for name in sorted({name for name in park if park.count(name) > 1}):
        remedy = "give each technology of the park one name of the sheet"
        yield Fault(file, "named twice", column="technologies", value=name, remedy=remedy)
    if manifest.price_year != PRICE_YEAR and manifest.price_conversion is None:
        yield Fault(
            file,
            f"the project counts in money of {PRICE_YEAR}",
            column="price_year",
            value=str(manifest.price_year),
            remedy=f"state price_conversion ({PRICE_YEAR} money per money of price_year, source)",
        )
    if manifest.price_year == PRICE_YEAR and manifest.price_conversion is not None:
        remedy = "delete it, or correct price_year"
        yield Fault(file, "nothing to convert", column="price_conversion", remedy=remedy)
    if manifest.currency != CURRENCY and manifest.currency not in manifest.exchange_rates:
        remedy = f"state {CURRENCY} per {manifest.currency} with its source"
        yield Fault(file, "no exchange rate", column="exchange_rates", remedy=remedy)
    for parameter, meaning in manifest.absent_means.items():
        try:
            value, _ = project_value(parameter, meaning.value, meaning.unit, manifest)
        except UnitError as error:
            column = f"absent_means.{parameter}"
            yield Fault(file, str(error), None, column, meaning.unit, error.remedy)
            continue
        wrong = range_fault(parameter, value)
        if wrong is not None:
            yield Fault(file, wrong[0], None, f"absent_means.{parameter}", str(value), wrong[1])


def project_value(
    parameter: str, value: float, unit: str, manifest: Manifest
) -> tuple[float, str | None]:
    """Convert to the project's unit, currency and price year."""
    rates: dict[str, float] = {
        currency: rate.value for currency, rate in manifest.exchange_rates.items()
    }
    kind, capacity_unit = KINDS.get(parameter), None
    if kind is None:
        kind, capacity_unit = investment_kind(unit)
    value = convert(value, unit, kind, exchange_rates=rates)
    currency = unit.partition("/")[0]
    if currency in (CURRENCY, *FOREIGN_CURRENCIES):
        if currency != manifest.currency:
            raise UnitError(
                f"the sheet is in {manifest.currency} by its manifest",
                f"give {manifest.currency}: a price conversion holds for one currency only",
            )
        if manifest.price_conversion is not None:
            value *= manifest.price_conversion.value
    return value, capacity_unit


def range_fault(parameter: str, value: float) -> tuple[str, str] | None:
    """Return message and remedy for a value outside of what is physically or economically sane."""
    if parameter == "lifetime":
        return None if value > 0 else ("a lifetime must be above 0", "give years")
    if parameter == "efficiency":
        if 0 < value <= 1:
            return None
        remedy = "write 0.96 per unit or 96 %, on lower heating value"
        return "an efficiency must be above 0 and at most 1", remedy
    if value < 0:
        return "must not be negative", "give 0 or more"
    if parameter == "FOM" and value > 1:
        return "more than the investment every year", "give %/year of the investment"
    return None
