r"""Money in the sheets: its currency, the year of its worth, and the value added tax in it.

All money of the project is real CNY of one year, :data:`~meishan_model.sheets.units.PRICE_YEAR`,
as its payers decide in it: net of the value added tax that they get back. A number :math:`v` of
the year :math:`y` with a tax of :math:`\tau` is read as

.. math::  v \, \frac{I_{2020}}{I_y} \, \frac{1}{1 + \tau}

with the price index :math:`I` of ``price_base.csv``. Payers who bear the tax, such as households,
decide with it; nothing is taken off their prices, and it is added to what equipment costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field

from meishan_model.errors import Fault
from meishan_model.sheets.rows import (
    CalendarYear,
    Name,
    NoneIfEmpty,
    Quantity,
    ValueRow,
    Year,
)
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
    in_base_money: ClassVar = True
    quantities: ClassVar = {
        "": Quantity(CURRENCY, 1e-6, 1e6, (1e-4, 50), "from the weakest to the strongest currency")
    }
    currency: Annotated[
        str, AfterValidator(_foreign), Field(pattern=r"^[A-Z]{3}$", description="such as EUR")
    ]
    price_year: CalendarYear


VatOfPrice: TypeAlias = Literal["standard", "reduced", "borne", "none", ""]
"""Which value added tax a price contains; ``borne``: one that its payer does not get back."""
VatOfPark: TypeAlias = Literal["deducted", "borne"]
"""Whether the payers of a park get value added tax back."""
_INDEX = "price_index"


class PricedRow(ValueRow):
    """A row that may say of which year its money is, and which value added tax is in it."""

    shown: ClassVar = ("price_year", "vat")
    price_year: Annotated[CalendarYear | None, NoneIfEmpty] = Field(
        default=None,
        description="year of the money; empty, or left out: as `park.yaml` says",
    )
    vat: VatOfPrice = Field(
        default="",
        description="value added tax in the value: `standard` or `reduced`, as `price_base.csv` "
        "has them, `borne`: its payer does not get it back, `none`: there is none in it; empty, "
        "or left out: not said, and the value is taken as it is",
    )


class PriceBaseRow(ValueRow):
    """``price_base.csv``: price index by year, and rates of value added tax.

    The defaults of the package are those of the country.
    """

    about: ClassVar = ("item",)
    quantity_column: ClassVar = "item"
    quantities: ClassVar = {
        _INDEX: Quantity("1", 1e-3, 1e3, (0.5, 5), f"{PRICE_YEAR} is 1; prices change slowly"),
        "vat_standard": Quantity("%", 0, 50, (3, 27), "from 5 to 27 in the world"),
        "vat_reduced": Quantity("%", 0, 50, (1, 20), "below the standard rate"),
    }
    item: Name
    """`price_index`, `vat_standard` or `vat_reduced`"""
    year: Year
    """of the index; empty: all years"""


@dataclass(frozen=True)
class PriceBase:
    """What brings money of the sheets into that of the project.

    Attributes
    ----------
    rates
        What other currencies are worth [CNY].
    index
        Price index by year [-].
    vat
        Value added tax by its kind [-].
    price_year
        Year of the money of rows that say no other; ``None``: that of the project.
    payers
        Whether the payers of the park get the tax back; empty where nobody says so.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    index: Mapping[int, float] = field(default_factory=dict)
    vat: Mapping[str, float] = field(default_factory=dict)
    price_year: int | None = None
    payers: str = ""

    @classmethod
    def of(
        cls,
        currencies: Iterable[CurrencyRow],
        rows: Iterable[PriceBaseRow],
        price_year: int | None,
        payers: str,
    ) -> PriceBase:
        """The price base of a park, from the rows of its sheets and the keys of its park.yaml."""
        rows = tuple(rows)
        index = {row.year or PRICE_YEAR: row.value for row in rows if row.item == _INDEX}
        vat = {r.item.removeprefix("vat_"): r.value / 100.0 for r in rows if r.item != _INDEX}
        rates = {row.currency: row.value for row in currencies}
        return cls(rates, {PRICE_YEAR: 1.0, **index}, vat, price_year, payers)

    def year_of(self, row: ValueRow, currency: str) -> int:
        """Year of the money of a row; other currencies are worth what their rate says."""
        own = getattr(row, "price_year", None)
        return PRICE_YEAR if currency else own or self.price_year or PRICE_YEAR

    def factor(self, row: ValueRow, currency: str) -> float:
        """Money of the project per money of a row [-]; 1 where nobody knows it.

        Parameters
        ----------
        row
            A row whose number is money.
        currency
            Currency of its unit where that is another than the project's; else empty.
        """
        worth = self.rates.get(currency, 1.0) / self.index.get(self.year_of(row, currency), 1.0)
        tax = self.vat.get(getattr(row, "vat", ""), 0.0) if self.payers == "deducted" else 0.0
        return worth / (1.0 + tax)

    def faults(self, row: ValueRow, currency: str) -> Iterator[Fault]:
        """Years that have no index, and taxes of which nobody says who pays them."""
        own = getattr(row, "price_year", None)
        if currency and own is not None:
            message = f"the money of {currency} is that of its rate in currencies.csv"
            yield row.fault("price_year", message, "leave it empty")
        year = self.year_of(row, currency)
        if year not in {PRICE_YEAR, *self.index}:
            years = ", ".join(map(str, sorted({PRICE_YEAR, *self.index})))
            message = f"price_base.csv has no price index of {year}"
            column = "price_year" if own is not None else "value"
            yield row.fault(column, message, f"add a row, or give one of {years}")
        tax = getattr(row, "vat", "")
        if tax in ("standard", "reduced") and not self.payers:
            message = "park.yaml does not say whether payers get value added tax back"
            yield row.fault("vat", message, "write vat: deducted or vat: borne in park.yaml")
        elif tax in ("standard", "reduced") and tax not in self.vat:
            yield row.fault("vat", f"price_base.csv has no row vat_{tax}", "add it, in %")
