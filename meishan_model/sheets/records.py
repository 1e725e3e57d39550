"""What a slice knows of its park: typed records in MW, MWh, CNY and tCO2, for one year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meishan_model.sheets import tariff_rows
from meishan_model.sheets.buses import Bus
from meishan_model.sheets.equipment import AssetLimit, NetworkElement, Technology
from meishan_model.sheets.kinds import ContractKind, TechnologyKind
from meishan_model.sheets.money_rows import CurrencyRow
from meishan_model.sheets.park import Lines, Site
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.trade_rows import GridFactorRow
from meishan_model.sheets.units import HOURS_OF_YEAR, in_project_unit
from meishan_model.sheets.views import View

Course = float | NDArray[np.float64]
"""One number, or one for each step of the year."""
WHOLE_PARK = "park"
"""The consumer of a contract that is for everybody in the park."""
CITY = "city"
"""Who takes the clean power that leaves the park."""


@dataclass(frozen=True)
class Load:
    """A yearly demand [MWh/a], the name of its hourly shape and the rows that it comes from."""

    load: str
    zone: str
    sector: str
    carrier: str
    profile: str
    energy: float
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class LifeCycle:
    """Carbon of buildings over their life, outside of the neutrality balance.

    Attributes
    ----------
    sectors
        Those of its buildings.
    floor_area
        All buildings of the park [m2].
    new_area, demolished_area
        What is built and taken down in the year [m2/a].
    service_life
        Years of operation [a].
    reference
        Usual practice by stage [tCO2/m2]; operation [tCO2/(m2*a)].
    reduction
        What new buildings of the year save of it by stage [-].
    target
        What the building plan asks of their whole life [-].
    """

    sectors: frozenset[str]
    floor_area: float
    new_area: float
    demolished_area: float
    service_life: float
    reference: Mapping[str, float]
    reduction: Mapping[str, float]
    target: float


@dataclass(frozen=True)
class Fleet:
    """A fleet: service, use of one vehicle [both km/a or h/a], energy [MWh per unit], payer."""

    fleet: str
    zone: str
    sector: str
    profile: str
    service: float
    annual_use: float
    energy_use: Mapping[str, float]
    payer: str = ""

    @property
    def vehicles(self) -> float:
        """Vehicles that perform the service."""
        return self.service / self.annual_use

    def mean_charging(self, drivetrain: str) -> float:
        """Mean power of the whole fleet with one drivetrain [MW]."""
        return self.service * self.energy_use[drivetrain] / HOURS_OF_YEAR


@dataclass(frozen=True)
class Measure:
    """An efficiency measure on a load, with its numbers by the parameters of the sheet.

    ``potential`` [share of the load], ``investment`` [CNY/(MWh/a)], ``lifetime`` [a] and
    ``fixed_om`` [share of the investment a year].
    """

    measure: str
    zone: str
    load: str
    numbers: Mapping[str, float]

    @property
    def asset(self) -> str:
        """Name of its asset; one measure may serve several loads of a zone."""
        return f"{self.measure}_{self.zone}_{self.load}"


@dataclass(frozen=True)
class Contract:
    """Green power, its export, certificate, credit or sink on offer, with its own parameters.

    Attributes
    ----------
    contract, kind, profile, parameters
        As in the sheet, for the year of the slice; shares are fractions of one.
    consumer
        Whose load green power is for: ``park``, a zone or a load; ``city`` for an export.
    volumes
        Most green power that is contracted in a month [MWh/month], by month. Empty: the contract
        is on a capacity; else a month that is not named has none.
    plant
        The plant of ``existing_plants.csv`` that generates it; empty for one outside the park.
    """

    contract: str
    kind: ContractKind
    profile: str
    parameters: Mapping[str, float]
    consumer: str = WHOLE_PARK
    volumes: Mapping[int, float] = field(default_factory=dict)
    plant: str = ""

    def vintage(self, year: int) -> tuple[int, int]:
        """Vintage of the credits that are used in a year, and the last year of their use."""
        of_year = year - round(self.parameters["age"])
        return of_year, of_year + round(self.parameters["validity"])

    @property
    def delivered_share(self) -> float:
        """Share of the contracted green power that is expected to be delivered [-]."""
        return 1.0 - self.parameters["delivery_risk"]


@dataclass(frozen=True)
class Market:
    """Where a carrier is bought and sold outside, at a bus.

    Attributes
    ----------
    market, bus, profile
        As in the sheet.
    numbers
        By the parameters of the sheet [MW, CNY/MWh, CNY/(MW*month), MWh/a; t or m3 for MWh].
    tariff
        Periods of the profile, where it is a tariff.
    """

    market: str
    bus: str
    profile: str
    numbers: Mapping[str, float]
    tariff: tuple[tariff_rows.TariffRow, ...] = ()

    def price(self, way: str, courses: Mapping[str, NDArray[np.float64]]) -> Course:
        """Price for ``import`` or ``export`` in every hour [CNY/MWh; t or m3 for MWh].

        Parameters
        ----------
        way
            Which of the two.
        courses
            Relative prices by profile [-].
        """
        return self.numbers[f"{way}_price"] * (courses[self.profile] if self.profile else 1.0)


@dataclass(frozen=True)
class Event:
    """A call on the park to draw less from the grid above.

    Attributes
    ----------
    event
        Name.
    power, reduction
        What is asked for [MW], or which share of what the park would draw [-]; one of them.
    start_hour, duration
        Hour of the day at which it begins, and its length [h].
    payment
        What the caller pays for a MWh [CNY/MWh].
    """

    event: str
    power: float | None
    reduction: float | None
    start_hour: int
    duration: int
    payment: float


@dataclass(frozen=True)
class Factors:
    """Emission factors [tCO2/MWh] and coal equivalents [tce/MWh] by carrier.

    ``scope2`` has those of bought heat and cold, location-based and market-based; where a sheet
    has no market-based one of these it is the location-based one. ``conventions`` has the grid's
    factors by the name of each convention and by ``location`` or ``market``.
    """

    scope1: Mapping[str, float]
    grid_location: float
    grid_market: float
    tce_equivalent: Mapping[str, float]
    tce_calorific: Mapping[str, float]
    scope2: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    conventions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class SliceInputs:
    """Everything one year-slice of one scenario is made from; nothing on disk is read after it.

    Attributes
    ----------
    scenario, site, year
        What is planned, where and for when.
    baseline_emissions
        E_0 of the trajectory [tCO2/a].
    loads
        Named projects that have started are among them.
    plants, surcharges, power_prices
        Stock whatever its age; rows of some day of the year, of the park's class and voltage.
    prices, drivers, parameters, price_series
        By name [CNY/MWh, CNY/(MW*month), CNY/tCO2, name]; shares are fractions of one.
    mix
        By duty (``<fleet>``, ``<zone>_<carrier>`` of heat) the share of each technology in it
        that a lever holds; a duty that is not named is free.
    names, currency, life_cycle
        How things are shown; in which currency money is, where that is not the project's own; of
        the buildings, where the park has rows of it.
    grid_factor_periods
        The grid's factor by month and hour; empty where the scenario takes it as flat.
    reported_fuels
        Fuels of others on the site whose emissions are reported and do not count.
    flow_units, of_plugins
        Unit of a carrier's flows where it is not MW; what sheets of plug-ins say, by plug-in.
    placeholders, lines
        Lines of rows that the owner has not replaced; lines behind assets and the like.
    """

    scenario: Scenario
    site: Site
    year: int
    baseline_emissions: float
    zones: tuple[str, ...]
    buses: tuple[Bus, ...]
    network: tuple[NetworkElement, ...]
    technologies: Mapping[str, Technology]
    assets: tuple[AssetLimit, ...]
    plants: tuple[PlantRow, ...]
    loads: tuple[Load, ...]
    fleets: tuple[Fleet, ...]
    measures: tuple[Measure, ...]
    contracts: tuple[Contract, ...]
    tariff: tuple[tariff_rows.TariffRow, ...]
    surcharges: tuple[tariff_rows.SurchargeRow, ...]
    prices: Mapping[str, float]
    factors: Factors
    drivers: Mapping[str, float]
    parameters: Mapping[str, float]
    mix: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    names: Mapping[str, View] = field(default_factory=dict)
    life_cycle: LifeCycle | None = None
    grid_factor_periods: tuple[GridFactorRow, ...] = ()
    reported_fuels: frozenset[str] = frozenset()
    flow_units: Mapping[str, str] = field(default_factory=dict)
    of_plugins: Mapping[str, Any] = field(default_factory=dict)
    markets: tuple[Market, ...] = ()
    price_series: Mapping[str, str] = field(default_factory=dict)
    currency: CurrencyRow | None = None
    power_prices: tuple[tariff_rows.PowerPriceRow, ...] = ()
    placeholders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict, metadata={"origin": True})

    def bus_of(self, zone: str, carrier: str) -> str:
        """Name of the bus on which a zone has a carrier: its own, or one of the whole park.

        Empty where the carrier has no network there: it is bought where it is burnt, or made by
        the equipment of the building that needs it.
        """
        at = self._buses_by_place
        return at.get((zone, carrier)) or at.get(("", carrier), "")

    @cached_property
    def _buses_by_place(self) -> Mapping[tuple[str, str], str]:
        return {(bus.zone, bus.carrier): bus.bus for bus in self.buses}

    def places_of(self, technology: str) -> tuple[str, ...]:
        """Zones in which a technology stands or may be built; any where no row says."""
        found = [a.zone for a in self.assets if a.technology == technology]
        found += [plant.zone for plant in self.plants if plant.technology == technology]
        return tuple(dict.fromkeys(found)) or self.zones

    @cached_property
    def fuels(self) -> dict[str, str]:
        """Carriers that are bought where they are used, and for each a technology that does.

        It takes them in a zone in which they have no network.
        """
        found: dict[str, str] = {}
        for name, technology in self.technologies.items():
            for carrier in () if technology.kind.store else technology.takes:
                if not all(self.bus_of(zone, carrier) for zone in self.places_of(name)):
                    found.setdefault(carrier, name)
        return found

    def bus_named(self, name: str) -> Bus:
        """A bus by its name."""
        return {bus.bus: bus for bus in self.buses}[name]

    @property
    def demand_buses(self) -> tuple[Bus, ...]:
        """Buses at which demand may stand: all but those of power before the zones."""
        power = self.power_carrier
        return tuple(bus for bus in self.buses if bus.zone or bus.carrier != power)

    @property
    def connection(self) -> NetworkElement:
        """The element through which all purchase comes and all export goes."""
        return next(element for element in self.network if element.kind.function == "connection")

    @property
    def power_carrier(self) -> str:
        """Carrier of power: that of the bus at which the connection ends."""
        return self.bus_named(self.connection.to_bus).carrier

    @property
    def located_factors(self) -> dict[str, float]:
        """Location-based emission factor of every carrier that emits [tCO2/MWh]."""
        heat = {carrier: located for carrier, (located, _) in self.factors.scope2.items()}
        return {**self.factors.scope1, **heat, self.power_carrier: self.factors.grid_location}

    @property
    def demand_charge(self) -> float:
        """The highest that a MW costs in a month, of the connection or a market."""
        name = "demand_charge"
        paid = [of.get(name, 0.0) for of in (self.prices, *(m.numbers for m in self.markets))]
        parts = (row for row in self.power_prices if row.part == name)
        return max(*paid, *(in_project_unit(row.value, row.unit) for row in parts), 0.0)

    def of_kind(self, *kinds: TechnologyKind) -> tuple[Technology, ...]:
        """Technologies of some kinds, in the order of the sheet."""
        return tuple(t for t in self.technologies.values() if t.kind in kinds)

    def contracts_of(self, kind: ContractKind | None) -> tuple[Contract, ...]:
        """Contracts of a kind, in the order of the sheet."""
        return tuple(c for c in self.contracts if c.kind == kind)

    @property
    def stores(self) -> dict[str, str]:
        """Store of every technology that is one capacity of it, or the whole."""
        technologies = self.technologies.values()
        return {t.technology: t.store or t.technology for t in technologies if t.kind.store}

    @property
    def renewables(self) -> tuple[Technology, ...]:
        """Technologies whose output is that of sun and wind, in the order of the sheet."""
        return tuple(t for t in self.technologies.values() if t.kind.resource)

    @property
    def flexible(self) -> tuple[Technology, ...]:
        """Technologies that shift what others need, in the order of the sheet."""
        return tuple(t for t in self.technologies.values() if t.kind.is_flexible)

    def fleets_of(self, limit: AssetLimit) -> tuple[Fleet, ...]:
        """Fleets in the zone of an asset that have the drivetrain its technology names."""
        drivetrain = self.technologies[limit.technology].model
        return tuple(f for f in self.fleets if f.zone == limit.zone and drivetrain in f.energy_use)

    def resources_of_vehicles(self) -> dict[tuple[str, str, str], list[AssetLimit]]:
        """Flexible resources that the same vehicles serve, by part, drivetrain and zone."""
        found: dict[tuple[str, str, str], list[AssetLimit]] = {}
        for limit in self.assets:
            technology = self.technologies[limit.technology]
            if technology.kind.is_flexible and (technology.unit == "vehicles" or technology.model):
                place = (technology.kind.name, technology.model, limit.zone)
                found.setdefault(place, []).append(limit)
        return found
