"""One frozen model for the rows of each sheet of a park.

Every sheet but ``technologies.csv`` and ``contract_terms.csv`` is long: key columns, then ``value,
unit, source, confidence, note``. What a row may say is written here once: the parameters of a
sheet, the unit of each and the range its value must lie in, and why a park cannot be without a
sheet (``needed``); any other sheet may be absent, which means that there is none of what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    UnrestructuredLoadRow,
)
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.park_rows import (
    AssetRow,
    BusRow,
    NameRow,
    NetworkRow,
    ParameterRow,
    PlantRow,
    ShapeRow,
    TechnologyParameterRow,
    TechnologyRow,
    ZoneRow,
)
from meishan_model.sheets.rows import Quantity, Row
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
    "names": NameRow,
    "technology_parameters": TechnologyParameterRow,
    "assets": AssetRow,
    "existing_plants": PlantRow,
    "heats": HeatRow,
    "buildings": BuildingRow,
    "building_life_cycle": LifeCycleRow,
    "loads": LoadRow,
    "loads_unrestructured": UnrestructuredLoadRow,
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


def sheets_for(kinds: Kinds) -> Mapping[str, type[Row]]:
    """Every sheet by its stem, with the model of its rows for some kinds.

    Parameters
    ----------
    kinds
        The kinds of equipment, network and contracts that rows may name.

    Raises
    ------
    ValueError
        If two kinds give one number different units or ranges.
    """
    quantities: dict[str, Quantity] = {}
    for kind in kinds.technologies.values():
        for name, quantity in {**kind.needed, **kind.optional}.items():
            if quantities.setdefault(name, quantity) != quantity:
                raise ValueError(f"{kind.name} has another {name} than other equipment")
    terms = {
        f"{kind.name}.{name}": quantity
        for kind in kinds.contracts.values()
        for name, quantity in kind.needed.items()
    }
    return {
        **SHEETS,
        "network": _of_kinds(NetworkRow, kinds.network),
        "technologies": _of_kinds(TechnologyRow, kinds.technologies),
        "technology_parameters": _with_quantities(TechnologyParameterRow, quantities),
        "contracts": _with_quantities(_of_kinds(ContractRow, kinds.contracts), terms),
    }


def _of_kinds(model: type[Row], kinds: Iterable[str]) -> type[Row]:
    """The model of a row whose ``kind`` is one of some."""
    names: Any = Literal.__getitem__(tuple(kinds))
    found = create_model(model.__name__, __base__=model, kind=(names, ...))
    found.__doc__ = model.__doc__
    return found


def _with_quantities(model: type[Row], quantities: Mapping[str, Quantity]) -> type[Row]:
    """The model of a row that may carry some quantities."""
    space = {"quantities": quantities, "__doc__": model.__doc__}
    return type(model.__name__, (model,), space)
