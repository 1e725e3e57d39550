"""Customers of the grid company: their meters, what stands behind these, and plants' regimes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field

from meishan_model.sheets.rows import (
    NAME_PATTERN,
    YEAR_OF_ROW,
    CalendarYear,
    Name,
    OptionalName,
    Quantity,
    Refers,
    Row,
    TechnologyName,
    ValueRow,
    Year,
    Zone,
    not_before,
)

BasicCharge: TypeAlias = Literal["none", "demand", "contract", "capacity"]
"""What the monthly charge is on: nothing, the highest step, a contracted demand, transformers."""
CustomerName = Annotated[Name, Refers("customer", "customers.csv")]


def _name_list(text: str) -> str:
    names = text.split(";") if text else []
    if len(set(names)) < len(names):
        raise ValueError("names one of them twice")
    return text


class CustomerRow(Row):
    """``customers.csv``: who has a meter, what lies behind it, and how the bill is made.

    A park without the sheet is one customer, whose meter is the connection. With it each customer
    pays a bill of its own; a row holds from its first to its last year, so that one whose class
    changes has several. What is used in a zone and named by no row lies behind the meter of the
    customer of the zone whose ``loads`` are empty.
    """

    about: ClassVar = ("customer",)
    alike: ClassVar = ("zone",)
    says: ClassVar = {
        "customer": "name of the customer, or of several alike, see `count`",
        "zone": "where the meter is",
        "loads": "loads, buildings, fleets, berths and flexible loads of the zone behind the "
        "meter, such as `warehouses;cold_storage`; empty: all that no other row names",
        "tariff_class": "class of `power_prices.csv`, such as two_part; empty: rows without one",
        "tariff": "periods of `tariff_periods.csv`; empty: those of the park",
        "basic_charge": "`demand`: on the highest step of each month; `contract`: on a demand "
        "contracted by the month; `capacity`: on the transformers; `none`",
        "purchase": "`agency`: the grid company buys the energy, at the tariff; `market`: the "
        "price of the hour and the agency fee",
        "first_year": "first year in which the row holds",
        "last_year": "last year in which it holds",
    }
    customer: Name
    zone: Zone
    loads: Annotated[
        str,
        AfterValidator(_name_list),
        Field(pattern=rf"^({NAME_PATTERN[1:-1]}(;{NAME_PATTERN[1:-1]})*)?$"),
    ]
    tariff_class: OptionalName
    tariff: OptionalName = ""
    basic_charge: BasicCharge
    purchase: Literal["agency", "market"]
    first_year: CalendarYear
    last_year: Annotated[CalendarYear, not_before("first_year")]
    source: str = Field(min_length=1)
    note: str

    @property
    def members(self) -> tuple[str, ...]:
        """What lies behind the meter by name; empty: all that no other customer has."""
        return tuple(filter(None, self.loads.split(";")))


class CustomerNumberRow(ValueRow):
    """``customer_numbers.csv``: how many a customer stands for, its voltage and transformers."""

    about: ClassVar = ("customer",)
    quantities: ClassVar = {
        "count": Quantity("1", 1, 1e6, (1, 1e5), "one works to a town of homes"),
        "voltage": Quantity("kV", 0.1, 500, (0.22, 220), "homes 0.22, large works 110"),
        "transformer_capacity": Quantity(
            "kVA", 1, 1e7, (30, 1e6), "a workshop to an aluminium works"
        ),
        "power_factor": Quantity("1", 0.3, 1, (0.7, 1), "0.9 is asked of industry"),
    }
    says: ClassVar = {
        "parameter": "`count`: customers alike that a row stands for, 1 without a row; `voltage` "
        "of the meter; `transformer_capacity` and `power_factor` of all of them together",
        "year": YEAR_OF_ROW,
    }
    customer: CustomerName
    parameter: Name
    year: Year


class RegimeRow(ValueRow):
    """``regimes.csv``: behind whose meter plants may stand; any may sell to the market.

    ``share`` is the part of the capacity that lies on the customer's premises. What is given
    behind the meter and not used there is sold to the market.
    """

    about: ClassVar = ("technology", "zone", "customer")
    quantities: ClassVar = {
        "share": Quantity("%", 0, 100, (0.1, 100), "of the roofs of a zone")
    }
    required: ClassVar = ("share",)
    says: ClassVar = {
        "technology": "plants of sun or wind",
        "zone": "zone of the plants",
        "customer": "customer of that zone",
        "parameter": "`share`: most of the capacity that may stand behind the meter",
        "year": YEAR_OF_ROW,
    }
    technology: TechnologyName
    zone: Zone
    customer: CustomerName
    parameter: Name
    year: Year
