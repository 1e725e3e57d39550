"""One frozen model for the rows of each sheet of a park.

Every sheet but ``technologies.csv`` and ``contract_terms.csv`` is long: key columns, then ``value,
unit, source, confidence, note``. What a row may say is written here once: the parameters of a
sheet, the unit of each and the range its value must lie in, and why a park cannot be without a
sheet (``needed``); any other sheet may be absent, which means that there is none of what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import create_model

from meishan_model.sheets.demand_rows import (
    BaselineRow,
    BerthRow,
    BuildingRow,
    DriverRow,
    EventRow,
    FleetRow,
    HandlingRow,
    HeatRow,
    LifeCycleRow,
    LoadRow,
    MeasureRow,
    ProjectRow,
    ShipClassRow,
)
from meishan_model.sheets.park_rows import (
    AssetRow,
    BusRow,
    NetworkRow,
    ParameterRow,
    PlantRow,
    TechnologyParameterRow,
    TechnologyRow,
    ZoneRow,
)
from meishan_model.sheets.rows import Quantity, Row
from meishan_model.sheets.shape_rows import ShapeRow
from meishan_model.sheets.technology_kind import TechnologyKind
from meishan_model.sheets.trade_rows import (
    ContractRow,
    ContractTermRow,
    ContractVolumeRow,
    EmissionFactorRow,
    GridFactorRow,
    PriceRow,
    SurchargeRow,
    TariffRow,
)

SHEETS: Mapping[str, type[Row]] = {
    "zones": ZoneRow,
    "buses": BusRow,
    "network": NetworkRow,
    "technologies": TechnologyRow,
    "technology_parameters": TechnologyParameterRow,
    "assets": AssetRow,
    "existing_plants": PlantRow,
    "heats": HeatRow,
    "buildings": BuildingRow,
    "building_life_cycle": LifeCycleRow,
    "loads": LoadRow,
    "loads_unrestructured": LoadRow,
    "projects": ProjectRow,
    "fleets": FleetRow,
    "berths": BerthRow,
    "ship_classes": ShipClassRow,
    "handling": HandlingRow,
    "drivers": DriverRow,
    "efficiency_measures": MeasureRow,
    "events": EventRow,
    "tariff_periods": TariffRow,
    "surcharges": SurchargeRow,
    "prices": PriceRow,
    "contracts": ContractRow,
    "contract_terms": ContractTermRow,
    "contract_volumes": ContractVolumeRow,
    "emission_factors": EmissionFactorRow,
    "grid_factor_periods": GridFactorRow,
    "baseline": BaselineRow,
    "parameters": ParameterRow,
    "profiles": ShapeRow,
}
"""Every sheet of a park by its stem, with the model of its rows.

Which kinds of equipment there are, and which numbers these have, is added by :func:`sheets_for`.
"""

Kinds = Mapping[str, TechnologyKind]
"""Kinds of equipment by name."""


def sheets_for(kinds: Kinds) -> Mapping[str, type[Row]]:
    """Every sheet by its stem, with the model of its rows for some kinds of equipment.

    Parameters
    ----------
    kinds
        The kinds that rows of ``technologies.csv`` may name.

    Raises
    ------
    ValueError
        If two kinds give one number different units or ranges.
    """
    quantities: dict[str, Quantity] = {}
    for kind in kinds.values():
        for name, quantity in {**kind.needed, **kind.optional}.items():
            if quantities.setdefault(name, quantity) != quantity:
                raise ValueError(f"{kind.name} has another {name} than other equipment")
    names: Any = Literal.__getitem__(tuple(kinds))
    technologies = create_model("TechnologyRow", __base__=TechnologyRow, kind=(names, ...))
    technologies.__doc__ = TechnologyRow.__doc__
    space = {"quantities": quantities, "__doc__": TechnologyParameterRow.__doc__}
    parameters = type("TechnologyParameterRow", (TechnologyParameterRow,), space)
    return {**SHEETS, "technologies": technologies, "technology_parameters": parameters}
