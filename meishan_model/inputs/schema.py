"""One frozen model for the rows of each sheet of a park.

Every sheet but ``technologies.csv`` is long: key columns, then ``value, unit, source, confidence,
note``. What a row may say is written here once: the parameters of a sheet, the unit of each and
the range its value must lie in.
"""

from __future__ import annotations

from collections.abc import Mapping

from meishan_model.inputs.demand_rows import (
    BaselineRow,
    BerthRow,
    DriverRow,
    FleetRow,
    LoadRow,
    MeasureRow,
    ProjectRow,
)
from meishan_model.inputs.park_rows import (
    AssetRow,
    NetworkRow,
    ParameterRow,
    PlantRow,
    TechnologyParameterRow,
    TechnologyRow,
    ZoneRow,
)
from meishan_model.inputs.rows import Row
from meishan_model.inputs.trade_rows import ContractRow, EmissionFactorRow, PriceRow, TariffRow

SHEETS: Mapping[str, type[Row]] = {
    "zones": ZoneRow,
    "network": NetworkRow,
    "technologies": TechnologyRow,
    "technology_parameters": TechnologyParameterRow,
    "assets": AssetRow,
    "existing_plants": PlantRow,
    "loads": LoadRow,
    "loads_unrestructured": LoadRow,
    "projects": ProjectRow,
    "fleets": FleetRow,
    "berths": BerthRow,
    "drivers": DriverRow,
    "efficiency_measures": MeasureRow,
    "tariff_periods": TariffRow,
    "prices": PriceRow,
    "contracts": ContractRow,
    "emission_factors": EmissionFactorRow,
    "baseline": BaselineRow,
    "parameters": ParameterRow,
}
"""Every sheet of a park by its stem, with the model of its rows."""
