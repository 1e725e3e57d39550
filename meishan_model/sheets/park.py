"""A park: where it lies, and all rows of its sheets as they stand on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from meishan_model.sheets import demand_rows, park_rows, trade_rows
from meishan_model.sheets.kinds import Function, Kinds, TechnologyKind
from meishan_model.sheets.park_rows import ShapeRow
from meishan_model.sheets.rows import Row, ValueRow
from meishan_model.sheets.schema import SHEETS


class Site(BaseModel):
    """``park.yaml``: where the park lies and what it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    name: str = Field(description="short name, that of the folder", pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(description="title in English", min_length=1)
    title_zh: str = Field(description="title in Chinese", min_length=1)
    latitude: float = Field(description="degrees north", ge=-90, le=90)
    longitude: float = Field(description="degrees east", ge=-180, le=180)
    altitude: float = Field(description="m above sea level", ge=-500, le=9000)
    timezone: str = Field(description="time zone without daylight saving, such as Asia/Shanghai")
    country: str = Field(
        description="whose public holidays hold, ISO 3166 code such as CN", pattern=r"^[A-Z]{2}$"
    )
    baseline_year: int | None = Field(
        default=None, description="year of baseline.csv, where there is one", ge=1990, le=2100
    )

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, timezone: str) -> str:
        if timezone not in available_timezones():
            raise ValueError("is no time zone of the IANA data base")
        return timezone


@dataclass(frozen=True)
class Park:
    """All rows of a park's sheets, as they stand on disk; an absent sheet has no rows.

    After its own rows ``profiles``, ``emission_factors`` and ``parameters`` have the defaults of
    the package that the park uses.

    Attributes
    ----------
    folder
        Where the sheets are; named in messages.
    site
        Content of ``park.yaml``.
    kinds
        Kinds of equipment and contracts that its rows may name.
    zones and the rest
        The rows of the sheet of that name.
    """

    folder: Path
    site: Site
    kinds: Kinds
    zones: tuple[park_rows.ZoneRow, ...]
    buses: tuple[park_rows.BusRow, ...]
    network: tuple[park_rows.NetworkRow, ...]
    technologies: tuple[park_rows.TechnologyRow, ...]
    names: tuple[park_rows.NameRow, ...]
    technology_parameters: tuple[park_rows.TechnologyParameterRow, ...]
    assets: tuple[park_rows.AssetRow, ...]
    existing_plants: tuple[park_rows.PlantRow, ...]
    heats: tuple[demand_rows.HeatRow, ...]
    buildings: tuple[demand_rows.BuildingRow, ...]
    building_life_cycle: tuple[demand_rows.LifeCycleRow, ...]
    loads: tuple[demand_rows.LoadRow, ...]
    loads_unrestructured: tuple[demand_rows.UnrestructuredLoadRow, ...]
    projects: tuple[demand_rows.ProjectRow, ...]
    fleets: tuple[demand_rows.FleetRow, ...]
    berths: tuple[demand_rows.BerthRow, ...]
    ship_classes: tuple[demand_rows.ShipClassRow, ...]
    handling: tuple[demand_rows.HandlingRow, ...]
    drivers: tuple[demand_rows.DriverRow, ...]
    efficiency_measures: tuple[demand_rows.MeasureRow, ...]
    events: tuple[demand_rows.EventRow, ...]
    tariff_periods: tuple[trade_rows.TariffRow, ...]
    surcharges: tuple[trade_rows.SurchargeRow, ...]
    prices: tuple[trade_rows.PriceRow, ...]
    contracts: tuple[trade_rows.ContractRow, ...]
    contract_terms: tuple[trade_rows.ContractTermRow, ...]
    contract_volumes: tuple[trade_rows.ContractVolumeRow, ...]
    emission_factors: tuple[trade_rows.EmissionFactorRow, ...]
    grid_factor_periods: tuple[trade_rows.GridFactorRow, ...]
    baseline: tuple[demand_rows.BaselineRow, ...]
    parameters: tuple[park_rows.ParameterRow, ...]
    profiles: tuple[ShapeRow, ...]

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Zones of the park; without ``zones.csv`` those that its other sheets name."""
        named = [row.zone for row in self.zones] or [row.zone for row in self.buses]
        named = named or [getattr(row, "zone", "") for _, row in self.value_rows()]
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def kind_of(self) -> dict[str, TechnologyKind]:
        """Kind of every technology, in the order of the sheet."""
        known = self.kinds.technologies
        return {row.technology: known[row.kind] for row in self.technologies}

    def network_of(self, *functions: Function) -> tuple[park_rows.NetworkRow, ...]:
        """Rows of elements with one of some functions, in the order of the sheet."""
        known = self.kinds.network
        return tuple(row for row in self.network if known[row.kind].function in functions)

    def path(self, sheet: str) -> str:
        """Path of a sheet for messages."""
        return str(self.folder / f"{sheet}.csv")

    def sheets(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """The rows of each sheet, with its stem."""
        for name in SHEETS:
            yield name, getattr(self, name)

    def value_rows(self) -> Iterator[tuple[str, ValueRow]]:
        """Every row that carries a number, with the stem of its sheet."""
        for name, rows in self.sheets():
            for row in rows:
                if isinstance(row, ValueRow):
                    yield name, row
