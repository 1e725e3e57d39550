"""Money in the sheets: other currencies."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from meishan_model.sheets.rows import CalendarYear, Quantity, ValueRow
from meishan_model.sheets.units import CURRENCY, PRICE_YEAR


def _foreign(currency: str) -> str:
    if currency == CURRENCY:
        other = f"give {CURRENCY} of another year a name of its own, such as RMB, in cells too"
        raise ValueError(f"is the project's own currency, of {PRICE_YEAR}; {other}")
    return currency


class CurrencyRow(ValueRow):
    """``currencies.csv``: what a unit of another currency is worth in CNY of 2020.

    Money of a ``price_year``, for all numbers of the park's sheets in that currency.
    """

    about: ClassVar = ("currency",)
    alike: ClassVar = ("line",)
    quantities: ClassVar = {
        "": Quantity(CURRENCY, 1e-6, 1e6, (1e-4, 50), "from the weakest to the strongest currency")
    }
    currency: Annotated[
        str, AfterValidator(_foreign), Field(pattern=r"^[A-Z]{3}$", description="such as EUR")
    ]
    price_year: CalendarYear
