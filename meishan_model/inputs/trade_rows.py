"""What crosses the fence: tariffs, prices, contracts and the carbon in each carrier."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from meishan_model.inputs.rows import Name, OptionalName, Quantity, ValueRow, Year


def _month_list(text: str) -> str:
    if not all(1 <= int(month) <= 12 for month in text.split(";")):
        raise ValueError("is no list of months")
    return text


def _date(text: str) -> str:
    """A day that exists, or nothing."""
    if text:
        dt.date.fromisoformat(text)
    return text


class TariffRow(ValueRow):
    """``tariff_periods.csv``: ratio of the price to the flat price by month, day and hour."""

    quantities: ClassVar = {"": Quantity("1", 0, 5)}
    tariff: Name
    valid_from: Annotated[str, AfterValidator(_date)] = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$", description="first day, YYYY-MM-DD"
    )
    valid_until: Annotated[str, AfterValidator(_date)] = Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="last day, YYYY-MM-DD; empty: open"
    )
    months: Annotated[str, AfterValidator(_month_list)] = Field(
        pattern=r"^\d{1,2}(;\d{1,2})*$", description="months from 1 to 12, such as 1;7;8;12"
    )
    day_type: Literal["all", "holiday", "ordinary"]
    start_hour: int = Field(ge=0, le=23, description="first hour, 0 to 23")
    end_hour: int = Field(ge=1, le=24, description="hour after start_hour, up to 24")
    period: Literal["sharp", "peak", "flat", "valley", "deep_valley"]

    @field_validator("valid_until")
    @classmethod
    def _ends_after_begin(cls, valid_until: str, info: ValidationInfo) -> str:
        if valid_until and valid_until < info.data.get("valid_from", valid_until):
            raise ValueError("lies before valid_from")
        return valid_until

    @field_validator("end_hour")
    @classmethod
    def _hours_rise(cls, end_hour: int, info: ValidationInfo) -> int:
        if end_hour <= info.data.get("start_hour", -1):
            raise ValueError("is not after start_hour; split a period that crosses midnight")
        return end_hour


class PriceRow(ValueRow):
    """``prices.csv``: real prices by year."""

    quantities: ClassVar = {
        **dict.fromkeys(
            (
                "purchase_flat",
                "network_charge",
                "levies",
                "market_export",
                "lng",
                "diesel",
                "gasoline",
                "natural_gas",
                "marine_fuel",
            ),
            Quantity("CNY/MWh"),
        ),
        "demand_charge": Quantity("CNY/(MW*month)"),
        "carbon_price": Quantity("CNY/tCO2"),
    }
    item: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """The item says what the value is."""
        return self.item


class ContractRow(ValueRow):
    """``contracts.csv``: green power, certificates, credits and sinks on offer."""

    quantities: ClassVar = {
        "green_power.capacity": Quantity("MW"),
        "green_power.price": Quantity("CNY/MWh"),
        "certificate.limit": Quantity("MWh/a"),
        "certificate.price": Quantity("CNY/MWh"),
        "credit.limit": Quantity("tCO2/a"),
        "credit.price": Quantity("CNY/tCO2"),
        "sink.area": Quantity("ha"),
        "sink.rate": Quantity("tCO2/(ha*a)", 0, 100),
        "sink.price": Quantity("CNY/(ha*a)"),
    }
    contract: Name
    kind: Literal["green_power", "certificate", "credit", "sink"]
    profile: OptionalName
    parameter: Name
    year: Year

    @property
    def kind_of_value(self) -> str:
        """A parameter means different things for different kinds of contract."""
        return f"{self.kind}.{self.parameter}"


class EmissionFactorRow(ValueRow):
    """``emission_factors.csv``: carbon and coal equivalent of each carrier."""

    quantities: ClassVar = {
        "emission_factor": Quantity("tCO2/MWh", 0, 2),
        "tce_equivalent": Quantity("tce/MWh", 0, 1),
        "tce_calorific": Quantity("tce/MWh", 0, 1),
    }
    carrier: Name
    scope: Literal["scope1", "scope2_location", "scope2_market", ""]
    parameter: Literal["emission_factor", "tce_equivalent", "tce_calorific"]
    year: Year
