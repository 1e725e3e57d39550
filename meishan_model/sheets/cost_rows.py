"""Rows of cost sheets, in the columns and units of PyPSA's technology-data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from meishan_model.sheets.cost_manifest import Manifest
from meishan_model.sheets.rows import NumberRow, Quantity, Refers, declaring
from meishan_model.sheets.units import CURRENCY

CapacityUnit = Literal["MW", "MWh", "vehicles", "t/h", "t", "m3/h", "m3"]

# Electric and thermal power keep one column of units: which one is meant follows from the
# technology. The last spellings are technology-data's own.
_POWERS = (
    *("MW", "MW_e", "MW_el", "MW_th", "kW", "kW_e", "kW_el", "kWel", "kW_th", "kWth"),
    *("kW_th - heat output", "kW_e, 2020", "W"),
)
_ENERGIES = (
    *("MWh", "MWh_e", "MWh_el", "MWhel", "MWh_th", "MWhth"),
    *("kWh", "kWh_e", "kWh_el", "kWh_th", "kWh Capacity", "kWhCapacity"),
)
BOUGHT: Mapping[str, CapacityUnit] = {
    **dict.fromkeys(_POWERS, "MW"),
    **dict.fromkeys(_ENERGIES, "MWh"),
    **dict.fromkeys(("vehicle", "PKW", "LKW"), "vehicles"),
    **{"(t/h)": "t/h", "t": "t", "(m3/h)": "m3/h", "m3": "m3"},
}
"""What an investment buys one of, by what stands behind the money in its unit."""


def _per(units: Mapping[str, object] | tuple[str, ...]) -> str:
    return "|".join(f"{CURRENCY}/{unit}" for unit in units)


class PublishedCostRow(NumberRow):
    """A row of a file as technology-data publishes it."""

    about: ClassVar = ("technology",)
    shown: ClassVar = ("further_description", "currency_year")
    # All that a lifetime does to a slice is in annuities and bounds.
    effects: ClassVar = {"": "costs", "efficiency": ""}
    # What efficiency a kind of equipment may have, it says itself.
    quantities: ClassVar = {
        "investment": Quantity(_per(BOUGHT)),
        "FOM": Quantity("%/year|%/a|%|1/a", 0, 100),
        "VOM": Quantity(_per((*_ENERGIES, "t", "m3"))),
        "lifetime": Quantity("a|years|year|months", 0.1),
        "efficiency": Quantity("per unit|p.u.|1|%|MWh_th/MWh|MWh_th/MWh_el|MWh_el/MWh_th|MWh/MWh"),
    }
    technology: Annotated[str, Refers("technology of the sheet", "manifest.yaml")]
    parameter: Literal["investment", "FOM", "VOM", "lifetime", "efficiency"]
    further_description: str = Field(alias="further description")
    currency_year: str


class CostRow(PublishedCostRow):
    """``costs_<year>.csv``: what technologies cost, in the columns of PyPSA's technology-data."""

    further_description: str = Field(
        alias="further description",
        pattern=r"^(published|derived|assumption)\s*:\s*\S",
        description="begins with 'published: ', 'derived: ' or 'assumption: ' and explains",
    )


def row_model(manifest: Manifest) -> type[PublishedCostRow]:
    """Rows in the form and currency that the manifest of a sheet states."""
    quantities = {
        name: quantity._replace(unit=quantity.unit.replace(CURRENCY, manifest.currency))
        for name, quantity in PublishedCostRow.quantities.items()
    }
    model = CostRow if manifest.technology_data is None else PublishedCostRow
    return declaring(model, quantities=quantities)
