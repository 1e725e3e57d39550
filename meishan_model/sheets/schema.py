"""One frozen model for the rows of each sheet of a park.

Every sheet but ``technologies.csv`` and ``contract_terms.csv`` is long: key columns, then ``value,
unit, source, confidence, note``. What a row may say is written here once: the parameters of a
sheet, the unit of each and the range its value must lie in, and why a park cannot be without a
sheet (``needed``); any other sheet may be absent, which means that there is none of what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    NetworkRow,
    ParameterRow,
    PlantRow,
    TechnologyParameterRow,
    TechnologyRow,
    ZoneRow,
)
from meishan_model.sheets.rows import Row
from meishan_model.sheets.shape_rows import ShapeRow
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
"""Every sheet of a park by its stem, with the model of its rows."""
