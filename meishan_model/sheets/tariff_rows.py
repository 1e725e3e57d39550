"""What power from the grid costs: tariff periods, its parts by days of validity, funds."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.rows import (
    Name,
    NoneIfEmpty,
    OptionalName,
    Quantity,
    ValueRow,
    not_before,
)

NETWORK_CHARGE = Quantity("CNY/MWh", 0, 5000, (20, 800), "grids cost 50 to 400")
DEMAND_CHARGE = Quantity(
    "CNY/(MW*month)", 0, 1e6, (8000, 2e5), "20 to 60 CNY/kW, elsewhere to 150"
)


def _month_list(text: str) -> str:
    if not all(1 <= int(month) <= 12 for month in text.split(";")):
        raise ValueError("is no list of months")
    return text


def _hours_rise(end_hour: int, info: ValidationInfo) -> int:
    if end_hour <= info.data.get("start_hour", -1):
        raise ValueError("is not after start_hour; split a period that crosses midnight")
    return end_hour


Months = Annotated[
    str,
    Field(pattern=r"^\d{1,2}(;\d{1,2})*$", description="months from 1 to 12, such as 1;7;8;12"),
    AfterValidator(_month_list),
]
StartHour = Annotated[int, Field(ge=0, le=23, description="first hour, 0 to 23")]
EndHour = Annotated[
    int,
    AfterValidator(_hours_rise),
    Field(ge=1, le=24, description="hour after start_hour, up to 24"),
]


def _day(text: object) -> object:
    """A day as ``2026-07-01``, or nothing; pydantic alone would take seconds as well."""
    try:
        return dt.date.fromisoformat(text) if isinstance(text, str) and text else text or None
    except ValueError:
        raise ValueError("is no day such as 2026-07-01") from None


ValidFrom = Annotated[
    dt.date, BeforeValidator(_day), Field(description="first day, such as 2026-07-01")
]
ValidUntil = Annotated[
    dt.date | None,
    BeforeValidator(_day),
    not_before("valid_from"),
    Field(description="last day, such as 2026-12-31; empty: open"),
]


PRICE_PARTS = ("energy", "losses", "system_fee", "network_charge", "levies")
"""Parts of what a MWh from the grid costs; levies are surcharges."""


def _part_list(text: str) -> str:
    if unknown := {*filter(None, text.split(";"))} - {*PRICE_PARTS}:
        raise ValueError(f"{', '.join(sorted(unknown))} is no part of the price")
    return text


def _of_holiday(text: str, info: ValidationInfo) -> str:
    if text and info.data.get("day_type") != "holiday":
        raise ValueError("names holidays of a period whose day_type is another")
    return text


class TariffRow(ValueRow):
    """``tariff_periods.csv``: ratio of the price to the flat price by month, day and hour.

    The province of a tariff and that of ``park.yaml`` are the same, where both are given. The
    ratio multiplies the parts of the price in ``applies_to``; all others are flat.
    """

    needed: ClassVar = "no tariff is assumed; one row with the value 1 is a flat one"
    shown: ClassVar = ("province",)
    quantities: ClassVar = {"": Quantity("1", 0, 5, (0.1, 3), "of the flat price")}
    says: ClassVar = {
        "tariff": "name of the tariff; one that `markets.csv` names as profile is that market's",
        "valid_from": "first day, such as 2026-07-01",
        "valid_until": "last day; empty: open",
        "months": "months from 1 to 12, such as 1;7;8;12",
        "day_type": "`all`; `holiday`: public holidays, on top of the others; `ordinary`: others",
        "holidays": "which of them, by English name, such as `Chinese New Year;Labor Day:3`: that "
        "and the first three days from Labour Day on; empty, or left out: all",
        "start_hour": "first hour, 0 to 23",
        "end_hour": "hour after the last, up to 24; a period that crosses midnight is two rows",
        "period": "`sharp`, `peak`, `flat`, `valley` or `deep_valley`",
        "applies_to": "parts of the price that the ratio multiplies, out of "
        + ";".join(PRICE_PARTS)
        + "; empty, or left out: all of them",
        "province": "where the tariff holds, that of `park.yaml`; may be left out",
    }
    tariff: Name
    valid_from: ValidFrom
    valid_until: ValidUntil
    months: Months
    day_type: Literal["all", "holiday", "ordinary"]
    holidays: Annotated[
        str,
        AfterValidator(_of_holiday),
        Field(pattern=r"^([^;:]+(:\d+)?(;[^;:]+(:\d+)?)*)?$"),
    ] = ""
    start_hour: StartHour
    end_hour: EndHour
    period: Literal["sharp", "peak", "flat", "valley", "deep_valley"]
    applies_to: Annotated[str, AfterValidator(_part_list)] = ""
    province: str = ""
    """where the tariff holds; may be left out"""

    @property
    def named_holidays(self) -> dict[str, int | None]:
        """Holidays by name, and how many days from their first on; ``None``: all of them."""
        pairs = (text.partition(":")[::2] for text in self.holidays.split(";") if text)
        return {name: int(days) if days else None for name, days in pairs}

    def floats(self, part: str) -> bool:
        """Whether the ratio multiplies a part of the price."""
        return not self.applies_to or part in self.applies_to.split(";")


class SurchargeRow(PricedRow):
    """``surcharges.csv``: funds on every MWh, by days; one no longer raised has the value 0."""

    quantities: ClassVar = {
        "": Quantity("CNY/MWh", 0, 1000, (0.05, 200), "funds are 0.1 to 20 % of a price")
    }
    surcharge: Name
    valid_from: ValidFrom
    valid_until: ValidUntil

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.surcharge


class PowerPriceRow(PricedRow):
    """``power_prices.csv``: what power from the grid costs in its parts, by days of validity.

    The parts stand in the place of ``purchase_flat``, ``network_charge`` and ``demand_charge`` of
    ``prices.csv``; the surcharges of ``surcharges.csv`` come on top. A tariff list has rows for
    several classes of customers and voltages. Those of the park are the rows of the
    ``tariff_class`` of ``park.yaml``, and of the highest ``voltage_from`` that the bus behind the
    connection reaches. What is no longer raised is a row with the value 0.
    """

    about: ClassVar = ("part", "tariff_class", "voltage_from")
    quantity_column: ClassVar = "part"
    effects: ClassVar = {"": "costs"}
    quantities: ClassVar = {
        "energy": Quantity("CNY/MWh", 0, 2e4, (50, 3000), "what generation costs on average"),
        "losses": Quantity("CNY/MWh", 0, 2000, (1, 200), "2 to 10 % of the energy"),
        "loss_share": Quantity("%", 0, 50, (0.5, 15), "of grids from 2 to 10"),
        "system_fee": Quantity("CNY/MWh", -500, 2000, (1, 300), "reserve and balancing"),
        "network_charge": NETWORK_CHARGE,
        "demand_charge": DEMAND_CHARGE,
        "capacity_charge": Quantity(
            "CNY/(kVA*month)", 0, 1000, (5, 150), "20 to 30 CNY/kVA in China"
        ),
    }
    says: ClassVar = {
        "part": "`energy`: what power costs without all others; `losses` of the grid, or "
        "`loss_share` of the energy; `system_fee`; `network_charge`; `demand_charge`: on the "
        "highest step of each month; `capacity_charge`: on the transformers, in its place, which "
        "is kept and not yet used",
        "valid_from": "first day, such as 2026-07-01",
        "valid_until": "last day; empty: open",
        "voltage_from": "lowest voltage of the class [kV]; empty: of all voltages",
        "tariff_class": "class of customers, by any name, such as two_part; empty: of all",
    }
    part: Name
    valid_from: ValidFrom
    valid_until: ValidUntil
    voltage_from: Annotated[Annotated[float, Field(ge=0)] | None, NoneIfEmpty]
    tariff_class: OptionalName

    @property
    def title(self) -> str:
        """What it is called in messages."""
        voltage = "" if self.voltage_from is None else f"from {self.voltage_from:g} kV on"
        return " ".join(filter(None, (self.part, self.tariff_class, voltage)))
