"""What stands in a park: zones, network, equipment, stock, load shapes, single numbers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from meishan_model.sheets.equipment import SITE_COSTS
from meishan_model.sheets.rows import (
    YEAR_OF_ROW,
    Colour,
    Name,
    NoneIfEmpty,
    OptionalName,
    OptionalProfile,
    OptionalZone,
    Quantity,
    Refers,
    Row,
    TechnologyName,
    ValueRow,
    Year,
    Zone,
    not_before,
)
from meishan_model.sheets.survival import surviving_capacity
from meishan_model.sheets.units import AMOUNTS, CURRENCY, in_project_unit

CAPACITIES = "MW|kW|MWh|kWh|vehicles|t/h|t|m3/h|m3"
"""Units of capacities: of flows, of contents, and of vehicles."""
_STANDING = Quantity(CAPACITIES, 0, 1e6, (1e-3, 1e5), "from 1 kW to all vehicles of a city")
_SITE_COST = Quantity(
    "|".join(f"{CURRENCY}/{unit}" for unit in CAPACITIES.split("|")),
    *(0, 1e8, (5e3, 3e6), "5 to 3000 CNY/kW, from a fuse to a long line or a canopy"),
)

_HOURS = "hours of a day differ by less than a hundred"
_FREE_DAYS = "a free day needs a little to somewhat more"


class ZoneRow(ValueRow):
    """``zones.csv``: the parts of the park and their land area."""

    about: ClassVar = ("zone",)
    quantities: ClassVar = {"": Quantity("km2", 1e-6, 1e5, (1e-3, 1000), "0.1 hectare to a city")}
    zone: Name
    name: str
    name_zh: str


class BusRow(ValueRow):
    """``buses.csv``: buses with carrier, zone, and voltage, temperature or pressure.

    A bus without a zone serves the whole park. A park of one zone needs no row for power.
    What has no row is no network: a fuel is bought where it is burnt, and heat comes from the
    equipment of the building that needs it.
    """

    about: ClassVar = ("bus",)
    alike: ClassVar = ("line",)
    quantities: ClassVar = {
        "kV": Quantity("kV", 0.1, 1100, (0.22, 500), "from a household to a trunk line"),
        "degC": Quantity("degC", -80, 1000, (-30, 550), "from cold stores to live steam"),
        "bar": Quantity("bar", 0, 1000, (0.01, 900), "from a gas main to a hydrogen tank"),
    }
    quantity_column: ClassVar = "unit"
    says: ClassVar = {
        "bus": "name of the bus, each once",
        "carrier": "what it carries, by any name: all that names the same meets there",
        "zone": "zone that it serves; empty: the whole park",
    }
    bus: Name
    carrier: Name
    zone: OptionalZone


class NetworkRow(ValueRow):
    """``network.csv``: connection to the grid above, transformers, their lines, links and pipes.

    A ``supply_line`` feeds the transformers of its ``to_bus``: the two lie in series. A link or
    pipe joins two buses of one carrier. An element that names a technology can be reinforced at
    the cost of that. ``purchase_limit`` is the most that the connection takes in a year, ``ramp``
    the most by which what it draws may rise or fall within an hour.
    """

    about: ClassVar = ("element",)
    alike: ClassVar = ("kind", "technology", "from_bus", "to_bus")
    needed: ClassVar = "power comes in by a connection, to several zones by a transformer each"
    quantities: ClassVar = {
        "capacity": Quantity(
            *("MW|t/h|m3/h", 0, 1e5),
            *((0.01, 5000), "from a workshop's transformer to a city's connection"),
        ),
        "loss": Quantity("%", 0, 50, (0.005, 15), "of transformers 0.5 to 2, of long lines 10"),
        "purchase_limit": Quantity(
            "MWh/a|GWh/a", 0, 1e8, (10, 2e7), "from a workshop to a city, by year"
        ),
        "ramp": Quantity("%/h", 0.1, 100, (2, 100), "of the capacity, as the grid company asks"),
    }
    required: ClassVar = ("capacity", "loss")
    says: ClassVar = {
        "element": "its name, other than that of any bus",
        "kind": "connection, transformer, supply_line, link or pipe, see [kinds.md](kinds.md)",
        "technology": "at whose cost it is reinforced; empty: it is not",
        "from_bus": "bus at which it begins; of a connection any name for the grid outside",
        "to_bus": "bus at which it ends; of a park of one zone any name, such as park",
        "parameter": "capacity, loss (both needed; 0 where the meter is at the fence), "
        "purchase_limit or ramp",
    }
    element: Name
    kind: Name
    technology: Annotated[OptionalName, Refers("technology", "technologies.csv")] = ""
    from_bus: Annotated[Name, Refers("bus")]
    to_bus: Annotated[Name, Refers("bus")]
    parameter: str


class TechnologyRow(Row):
    """``technologies.csv``: which equipment there is, of which kind; numbers stand elsewhere."""

    about: ClassVar = ("technology",)
    alike: ClassVar = ("line",)
    shown: ClassVar = ("name", "name_zh", "group", "colour")
    says: ClassVar = {
        "technology": "name of the equipment, each once; costs and numbers go by it",
        "kind": "what it is, see [kinds.md](kinds.md)",
        "unit": "in which its capacity is counted: MW, kW, MWh, kWh, vehicles, t/h, t, m3/h or m3",
        "carrier_in": "what it takes or holds: carrier of `buses.csv`, or fuel of `prices.csv`",
        "carrier_out": "what it gives: a carrier of `buses.csv`, a heat of `heats.csv`, or the "
        "fleet or place that it serves",
        "bus": "bus that it feeds, of PV and wind; empty: that of its zone",
        "profile": "measured output, `file:column`, of PV and wind; course of what a flexible "
        "load can give up; else a name for it, or empty",
        "model": "turbine of windpowerlib, or drivetrain of a flexible load or vehicle battery",
        "store": "store of which it is one capacity: the same name for energy and power",
        "phase_out": "`yes`: nothing new is built after `last_new_build` of `assets.csv`",
        "finance": "`new`: a facility of its own, `retrofit`: of what stands; what finance suits",
        "name": "what people call it in English; empty: as `technology`",
        "name_zh": "what people call it in Chinese",
        "group": "band and colour that it shares with others in figures; may be empty",
        "colour": "#RRGGBB, or empty for the default",
        "note": "anything a reader should know",
    }

    technology: Name
    kind: Name
    unit: Literal["MW", "kW", "MWh", "kWh", "vehicles", "t/h", "t", "m3/h", "m3"]
    carrier_in: OptionalName
    carrier_out: OptionalName
    bus: Annotated[OptionalName, Refers("bus")]
    profile: OptionalProfile
    model: str
    store: OptionalName = ""
    phase_out: Literal["yes", "no"]
    finance: Literal["new", "retrofit"]
    name: str = ""
    name_zh: str = ""
    group: str = ""
    colour: Colour = ""
    note: str


class NameRow(Row):
    """``names.csv``: what people call the things that other sheets name, and their colour.

    A thing is a carrier, load, contract, measure, fleet, bus or element of the network; zones and
    technologies have their names in their own sheets. What has no row is shown as it is named.
    """

    shown: ClassVar = ("name", "name_zh", "colour")
    thing: Name
    """carrier, load, contract, measure, fleet, bus or element of the network by its name"""
    name: str
    name_zh: str
    colour: Colour = ""


class TechnologyParameterRow(ValueRow):
    """``technology_parameters.csv``: how a kind of equipment behaves.

    Which numbers there are is declared by the kinds of equipment.
    """

    about: ClassVar = ("technology",)
    says: ClassVar = {
        "technology": "technology of `technologies.csv`",
        "parameter": "number of its kind; which one needs and may have says [kinds.md](kinds.md)",
    }
    technology: TechnologyName
    parameter: str


class ConversionRow(ValueRow):
    """``conversions.csv``: what dispatched equipment takes and gives beside its main flows.

    The value is for one unit of the main output, that of ``carrier_out``. A row of ``carrier_in``
    stands in the place of an efficiency of the cost sheet: what a chiller or a pump takes.
    """

    about: ClassVar = ("technology", "carrier", "way")
    alike: ClassVar = ("profile", "unit")
    quantity_column: ClassVar = "unit"
    quantities: ClassVar = {
        unit: Quantity(unit, 1e-9, 1e6, (1e-3, 200), "processes take 0.001 to 100 per output")
        for unit in (f"{one}/{other}" for one in AMOUNTS for other in AMOUNTS)
    }
    technology: TechnologyName
    carrier: Name
    way: Literal["in", "out"]
    profile: OptionalProfile
    """hourly course of the value, mean 1, or empty"""
    year: Year


class AssetRow(ValueRow):
    """``assets.csv``: what may stand and be built where; ``rural_potential`` is part of it.

    ``event_potential`` is flexibility that rests until a virtual power plant calls it. A site may
    cost more than the cost sheet says: ``connection_cost`` is the line to its bus,
    ``structure_cost`` what a roof or a slope needs. Roofs of several qualities are technologies
    of their own, which fill in the order of their cost.
    """

    about: ClassVar = ("technology", "zone")
    quantities: ClassVar = {
        "potential": _STANDING,
        "rural_potential": Quantity("MW", 0, 1e4, (0.05, 500), "roofs of some villages"),
        "event_potential": Quantity("MW|vehicles", 0, 1e6, (0.01, 5e4), "part of a park's load"),
        "build_rate": _STANDING._replace(
            unit="|".join(f"{unit}/a" for unit in CAPACITIES.split("|"))
        ),
        "last_new_build": Quantity("a", 2000, 2100, (2015, 2080), "laws look that far ahead"),
        **dict.fromkeys(SITE_COSTS, _SITE_COST),
    }
    effects: ClassVar = dict.fromkeys(SITE_COSTS, "costs")
    says: ClassVar = {
        "technology": "technology of `technologies.csv`; its capacity in the zone is one asset",
        "zone": "zone in which it stands or may be built",
        "parameter": "`potential`: most that may stand, stock included; `build_rate`: most that "
        "is built in a year; `last_new_build`: last year of new build of what is phased out; "
        "`rural_potential`: part of it on roofs of villages; `event_potential`: flexibility that "
        "rests until it is called; `connection_cost` and `structure_cost`: what the line to its "
        "bus and the structure under it add to the investment of the cost sheet, both without "
        "value added tax",
        "year": YEAR_OF_ROW,
    }
    technology: TechnologyName
    zone: Zone
    parameter: str
    year: Year


BuildYear = Annotated[int, Field(ge=1950, le=2100)]


class PlantRow(ValueRow):
    """``existing_plants.csv``: stock, commissioned evenly over the years given.

    With the offtake ``grid`` a plant's power is sold to the grid company for its life: it occupies
    its site, but the park has neither its power nor its cost.
    """

    about: ClassVar = ("plant",)
    quantities: ClassVar = {"": _STANDING}
    says: ClassVar = {
        "plant": "name of the plant",
        "technology": "technology of `technologies.csv` that it is of",
        "zone": "zone in which it stands",
        "offtake": "`park`: its power is the park's; `grid`: it is sold to the grid company",
        "commissioned_from": "first year of its commissioning, evenly to the last",
        "commissioned_to": "last year of its commissioning",
    }
    plant: Name
    technology: TechnologyName
    zone: Zone
    offtake: Literal["park", "grid"]
    commissioned_from: BuildYear
    commissioned_to: Annotated[BuildYear, not_before("commissioned_from")]
    case: OptionalName = Field(
        default="",
        description="estimate of the stock that it belongs to, counted where a scenario's "
        "`stock_case` names it; empty: stands in all",
    )

    @property
    def capacity(self) -> float:
        """What was commissioned of it [MW, MWh, vehicles, t/h, t, m3/h or m3]."""
        return in_project_unit(self.value, self.unit, CAPACITIES)

    def standing(self, lifetime: float, year: int) -> float:
        """What is left of it in a year [unit], given its lifetime [a]."""
        span = self.commissioned_from, self.commissioned_to
        return float(surviving_capacity(*span, self.capacity, lifetime, year))


class ParameterRow(ValueRow):
    """``parameters.csv``: single numbers of the park and of the method."""

    about: ClassVar = ("parameter",)
    quantities: ClassVar = {
        "discount_rate": Quantity("%", 0, 30, (1, 15), "real rates of utilities and industry"),
        "value_of_lost_load": Quantity(
            "CNY/MWh", 1, 1e7, (5000, 5e5), "surveys find 10 to 200 times the price of power"
        ),
        "emission_excess_penalty": Quantity(
            "CNY/tCO2", 1, 1e6, (500, 5e4), "above any known price of carbon"
        ),
        "shadow_carbon_value": Quantity(
            "CNY/tCO2", 0, 2e4, (20, 5000), "from the market to damage estimates"
        ),
        "bridge_premium": Quantity("%", 0.1, 100, (0.1, 30), "it only ranks a bridge behind"),
        "minimum_asset": Quantity("MW", 0, 100, (1e-4, 1), "0.1 kW to 1 MW: what is worth a bid"),
        "minimum_asset_share": Quantity("%", 0, 5, (0.01, 5), "of the largest, as solver's dust"),
    }
    required: ClassVar = tuple(name for name in quantities if name != "shadow_carbon_value")
    parameter: Name
    year: Year


Hour = Annotated[Annotated[int, Field(ge=0, le=24)] | None, NoneIfEmpty]


class ShapeRow(ValueRow):
    """``profiles.csv``: a number of a load shape, or a block of its daily course."""

    about: ClassVar = ("profile",)
    says: ClassVar = {
        "profile": "name of the shape, that of the column `profile` of a demand",
        "parameter": "what the shape is made by: `shifts` (with `shift_start`, `start_spread`, "
        "`shift_hours`, `night_base`, `weekend_factor`, `holiday_factor`); `heating_set_point` or "
        "`cooling_set_point` (with `internal_gains`, `heat_loss`, `time_constant`) and "
        "`hot_temperature` (with `time_constant`), each with the courses `working_day` and "
        "`day_off`; or these courses alone",
        "start_hour": "hour of the day at which a block of a course begins, 0 to 23; empty: a "
        "single number",
        "end_hour": "hour of the day at which it ends, 1 to 24; the blocks of a course cover the "
        "whole day",
    }
    quantities: ClassVar = {
        "working_day": Quantity("1", 0, 1e5, (0.01, 100), _HOURS),
        "day_off": Quantity("1", 0, 1e5, (0.01, 100), _HOURS),
        "shifts": Quantity("1", 1, 3, (1, 3), "a day has three shifts"),
        "shift_start": Quantity("h", 0, 23, (4, 23), "shifts begin in the morning"),
        "start_spread": Quantity("h", 0, 12, (0, 6), "at once, or over the morning"),
        "shift_hours": Quantity("h", 1, 24, (4, 12), "shifts last 6 to 12 hours"),
        "weekend_factor": Quantity("1", 0, 2, (0.05, 1.6), _FREE_DAYS),
        "holiday_factor": Quantity("1", 0, 2, (0.02, 1.6), _FREE_DAYS),
        "night_base": Quantity("1", 0, 1, (0.02, 1), "something always runs"),
        "base_share": Quantity("1", 0, 1, (0.01, 1), "a base is at least a hundredth"),
        "minimum": Quantity("1", 0, 1, (0.05, 1), "below that nothing is left"),
        "size_spread": Quantity("1", 0, 1, (0.05, 1), "of what arrives"),
        "seed": Quantity("1", 0, 2**32 - 1, (0, 1e8), "any number, such as a date"),
        "heating_set_point": Quantity("degC", 0, 40, (5, 26), "of rooms and halls"),
        "cooling_set_point": Quantity("degC", 0, 40, (18, 32), "of rooms and halls"),
        "internal_gains": Quantity("W/m2", 0, 500, (0.5, 150), "homes to workshops"),
        "heat_loss": Quantity("W/(m2*K)", 0.05, 50, (0.2, 15), "passive house to workshop"),
        "hot_temperature": Quantity("degC", 30, 95, (35, 80), "of warm water"),
        "reference_temperature": Quantity("degC", -30, 50, (5, 35), "of usual weather"),
        "slope": Quantity("1/K", 0, 1, (0.001, 0.2), "a degree changes 0.1 to 20 %"),
        "time_constant": Quantity("h", 0, 8760, (0.5, 1500), "from air to heavy walls and soil"),
        "dwell": Quantity("h", 0, 8760, (1, 500), "hours to weeks in a yard"),
        "season_amplitude": Quantity("1", 0, 0.9, (0.005, 0.7), "seasons change 0.5 to 70 %"),
        "season_peak": Quantity("d", 0, 365, (1, 365), "a day of the year"),
        "lateness": Quantity("h", 0, 1000, (0.5, 200), "hours to a week"),
        "lamps": Quantity("1", 0, 1e7, (5, 1e5), "from a yard to a city"),
        "old_lamp_power": Quantity("W", 0, 1e4, (5, 3000), "sodium lamps have 70 to 2000"),
        "new_lamp_power": Quantity("W", 0, 1e4, (2, 1500), "diodes have 5 to 1500"),
        "first_elevation": Quantity("deg", -18, 90, (-12, 20), "lamps are lit at dusk"),
        "full_elevation": Quantity("deg", -18, 90, (-12, 20), "lamps are lit at dusk"),
    }
    profile: Name
    parameter: str
    start_hour: Hour
    """hour of the day at which a block begins, 0 to 23"""
    end_hour: Hour
    """hour of the day at which a block ends, 1 to 24"""

    @field_validator("end_hour")
    @classmethod
    def _hours_rise(cls, end: int | None, info: ValidationInfo) -> int | None:
        start = info.data.get("start_hour", end)
        if (start is None) != (end is None) or (start is not None and start >= (end or 0)):
            raise ValueError("does not rise: give both hours of a block, the end last, or neither")
        return end
