"""A park of one zone and a few hours, made by hand, and how it is solved, saved and read back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from meishan_model.components.assets import Assets, AssetTable
from meishan_model.components.build import build_park
from meishan_model.components.catalogue import kinds
from meishan_model.components.flows import ParkGraph
from meishan_model.optimise import SolverName
from meishan_model.planning.backcast import SliceTask
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.buses import Bus
from meishan_model.sheets.costs import TechnologyCost
from meishan_model.sheets.equipment import NetworkElement, Technology
from meishan_model.sheets.park import Site
from meishan_model.sheets.records import CITY, Contract, Factors, Load, Market, SliceInputs
from meishan_model.sheets.rows import CARRIER_AT_BUS
from meishan_model.sheets.scenario import scenario_model

YEAR = 2035
NETWORK = kinds().network
HOURS_OF_YEAR = 8760.0
GRID_LOCATION, GRID_MARKET = 0.5, 0.6
GAS = 0.2
BUSES = (
    Bus("upstream", "electricity", ""),
    Bus("grid_110kv", "electricity", ""),
    Bus("zone_20kv", "electricity", "zone"),
)
LOST_LOAD, EXCESS, SHADOW = 33000.0, 5000.0, 800.0
NO_CAP = 1e9


@dataclass(frozen=True)
class TinyAsset:
    """What stands and may be built of an asset, its costs by unit and year."""

    asset: str
    technology: str
    zone: str = "zone"
    unit: str = "MW"
    existing: float = 0.0
    sold: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    bridge: float = 0.0
    annuity: float = 0.0
    bridge_annuity: float = 0.0
    fixed_om: float = 0.0


def assets_of(rows: Iterable[TinyAsset]) -> Assets:
    """A table of one slice with these assets; of two of one name the later counts."""
    known = list({row.asset: row for row in rows}.values())

    def texts(name: str) -> tuple[str, ...]:
        return tuple(getattr(row, name) for row in known)

    def numbers(name: str) -> np.ndarray:
        return np.array([[getattr(row, name) for row in known]], dtype=float)

    unlimited = np.full(len(known), np.inf)
    table = AssetTable(
        years=(YEAR,),
        **{name: texts(name) for name in ("asset", "technology", "zone", "unit")},
        stock=numbers("existing"),
        sold=numbers("sold"),
        potential=unlimited[None],
        build_rate=unlimited,
        lifetime=np.full(len(known), 20.0),
        phase_out=np.zeros(len(known), dtype=bool),
        last_new_build=unlimited,
        bridged=np.zeros(len(known), dtype=bool),
        investment=np.zeros((1, len(known))),
        **{name: numbers(name) for name in ("fixed_om", "annuity", "bridge_annuity")},
        minimum=np.zeros(1),
        minimum_share=np.zeros(1),
    )
    lower, upper, bridge = (numbers(name)[0] for name in ("lower", "upper", "bridge"))
    return table.in_slice(YEAR, upper, lower=lower, bridge=bridge)


@dataclass(frozen=True)
class TinyPark:
    """All that a slice is solved from."""

    inputs: SliceInputs
    profiles: Profiles
    rows: tuple[TinyAsset, ...]
    cap: float = NO_CAP
    bounded: Assets | None = None

    @property
    def weight(self) -> float:
        """Hours of the year that an hour stands for."""
        return self.profiles.weight

    @property
    def assets(self) -> Assets:
        """Those that the pathway bounds, if they are given; else those of its rows."""
        return self.bounded or assets_of(self.rows)

    def graph(self) -> ParkGraph:
        """The graph of the park."""
        return build_park(self.inputs, self.profiles, self.assets, self.cap)

    def task(self, solver: SolverName = "highs") -> SliceTask:
        """The task of its slice."""
        return SliceTask(
            self.inputs, self.profiles, self.assets, self.cap, "paper", "0" * 64, solver
        )

    def with_scenario(self, **choices: Any) -> TinyPark:
        """The same park planned otherwise."""
        scenario = scenario_model(kinds())(**{**self.inputs.scenario.model_dump(), **choices})
        return replace(self, inputs=replace(self.inputs, scenario=scenario))


@dataclass
class Recipe:
    """What a test adds to the empty park; series have one value a ``step`` [h].

    ``load`` is the electricity load [MW]. ``heat`` are shapes of heat loads [MW] by name,
    ``loads`` any other by name: carrier, zone and shape [MW]; ``buses`` stand beside those of
    electricity in the zone, and ``network`` beside its transformer: element, kind, both buses,
    capacity, loss and perhaps its technology. ``courses`` are those of markets and of conversions
    by profile, ``flow_units`` the units of carriers that are not counted in MWh.
    ``factors`` further emission factors [tCO2/MWh] by carrier, ``plugins`` the record and the
    series of a plug-in by its name. All else goes into the records of that name.
    """

    load: Sequence[float] = (10.0, 10.0, 10.0, 10.0)
    levies: Sequence[float] | float = 0.0
    purchase_price: Sequence[float] | float = 660.0
    export_price: Sequence[float] | float = 0.0
    market_price: Sequence[float] | float = 0.0
    grid_factor_ratio: Sequence[float] | float = 1.0
    month: Sequence[int] | None = None
    heat: Mapping[str, Sequence[float]] = field(default_factory=dict)
    loads: Mapping[str, tuple[str, str, Sequence[float]]] = field(default_factory=dict)
    buses: Sequence[Bus] = ()
    network: Sequence[tuple[Any, ...]] = ()
    markets: Sequence[Market] = ()
    courses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    flow_units: Mapping[str, str] = field(default_factory=dict)
    scope2: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    purchase_limit: float = math.inf
    technologies: Sequence[Technology] = ()
    assets: Sequence[TinyAsset] = ()
    contracts: Sequence[Contract] = ()
    capacity_factor: Mapping[str, Sequence[float]] = field(default_factory=dict)
    green_power: Mapping[str, Sequence[float]] = field(default_factory=dict)
    cop: Mapping[str, Sequence[float]] = field(default_factory=dict)
    plugins: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    reported_fuels: frozenset[str] = frozenset()
    measures: Sequence[Any] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    connection: tuple[float, float] = (100.0, 0.0)
    transformer: tuple[float, float] = (100.0, 0.0)
    supply_line: float | None = None
    baseline_emissions: float = 100e3
    cap: float = NO_CAP
    scenario: Mapping[str, Any] = field(default_factory=dict)
    step: float = 1.0


def park(recipe: Recipe) -> TinyPark:
    """Make the park of a recipe."""
    hours = len(recipe.load)
    needs = {"load": ("electricity", "zone", recipe.load)}
    needs |= {name: ("building_heat", "zone", shape) for name, shape in recipe.heat.items()}
    needs |= recipe.loads
    loads = [
        # 8760 MWh a year are one MW, so that a shape is the load in MW.
        Load(name, zone, "buildings", carrier, name, HOURS_OF_YEAR)
        for name, (carrier, zone, values) in needs.items()
        if any(values)
    ]
    carriers = ("natural_gas", *recipe.factors, *(bus.carrier for bus in recipe.buses))
    fuels = dict.fromkeys(carriers, 0.12)
    inputs = SliceInputs(
        scenario=scenario_model(kinds())(
            **{
                "name": "tiny",
                "title": "A park on a sheet of paper",
                "park": "tiny",
                "first_year": YEAR,
                "target_year": YEAR,
                "offset_share": None,
                "shadow_carbon": False,
                **recipe.scenario,
            }
        ),
        site=Site(
            name="tiny",
            title="Tiny",
            title_zh="小",
            latitude=30.0,
            longitude=122.0,
            altitude=0.0,
            timezone="Asia/Shanghai",
            country="CN",
            baseline_year=2020,
        ),
        year=YEAR,
        baseline_emissions=recipe.baseline_emissions,
        zones=tuple(dict.fromkeys(bus.zone for bus in (*BUSES, *recipe.buses) if bus.zone)),
        buses=(*BUSES, *recipe.buses),
        network=(
            NetworkElement(
                *("fence", NETWORK["connection"], "upstream", "grid_110kv"),
                *recipe.connection,
                limit=recipe.purchase_limit,
            ),
            NetworkElement(
                "transformer_zone",
                NETWORK["transformer"],
                "grid_110kv",
                "zone_20kv",
                *recipe.transformer,
                technology="transformer",
            ),
            *_line(recipe),
            *(
                NetworkElement(element, NETWORK[kind], *rest)
                for element, kind, *rest in recipe.network
            ),
        ),
        technologies={t.technology: t for t in recipe.technologies},
        assets=(),
        plants=(),
        loads=tuple(loads),
        fleets=(),
        measures=tuple(recipe.measures),
        contracts=tuple(recipe.contracts),
        tariff=(),
        surcharges=(),
        prices={
            **dict.fromkeys(("demand_charge", "network_charge"), 0.0),
            "natural_gas": 275.0,
            **recipe.prices,
        },
        factors=Factors(
            scope1={"natural_gas": GAS, **recipe.factors},
            grid_location=GRID_LOCATION,
            grid_market=GRID_MARKET,
            tce_equivalent={**fuels, "electricity": 0.3},
            tce_calorific={**fuels, "electricity": 0.1229},
            scope2=recipe.scope2,
        ),
        drivers={},
        parameters={
            "value_of_lost_load": LOST_LOAD,
            "emission_excess_penalty": EXCESS,
            "shadow_carbon_value": SHADOW,
            "discount_rate": 0.08,
        },
        of_plugins={name: record for name, (record, _) in recipe.plugins.items()},
        reported_fuels=recipe.reported_fuels,
        markets=tuple(recipe.markets),
        flow_units=recipe.flow_units,
    )
    profiles = Profiles(
        stamps=pd.date_range(f"{YEAR}-01-01", periods=hours, freq=pd.Timedelta(hours=recipe.step)),
        month=np.asarray(recipe.month or [1] * hours),
        shapes=_arrays(
            {name: shape for name, (_, _, shape) in needs.items()} | {**recipe.courses}
        ),
        capacity_factor=_arrays(recipe.capacity_factor),
        cop=_arrays(recipe.cop),
        green_power=_arrays(recipe.green_power),
        levies=np.broadcast_to(recipe.levies, (hours,)).astype(float),
        network_charge=np.full(hours, inputs.prices["network_charge"]),
        demand_charge=np.full(hours, inputs.prices["demand_charge"]),
        purchase_price=np.broadcast_to(recipe.purchase_price, (hours,)).astype(float),
        market_price=np.broadcast_to(recipe.market_price, (hours,)).astype(float),
        export_price=np.broadcast_to(recipe.export_price, (hours,)).astype(float),
        grid_factor_ratio=np.broadcast_to(recipe.grid_factor_ratio, (hours,)).astype(float),
        weather_source="paper",
        courses=_arrays(recipe.courses),
        of_plugins={name: series for name, (_, series) in recipe.plugins.items()},
        step=recipe.step,
    )
    # As in the pathway, every transformer is an asset that stands.
    standing = asset("transformer", existing=recipe.transformer[0])
    return TinyPark(inputs, profiles, (standing, *recipe.assets), recipe.cap)


def _line(recipe: Recipe) -> tuple[NetworkElement, ...]:
    if recipe.supply_line is None:
        return ()
    ends = (NETWORK["supply_line"], "grid_110kv", "zone_20kv")
    return (NetworkElement("supply_line_zone", *ends, recipe.supply_line, 0.0, "supply_line"),)


def _arrays(series: Mapping[str, Sequence[float]]) -> dict[str, np.ndarray]:
    return {name: np.asarray(values, dtype=float) for name, values in series.items()}


def technology(name: str, kind: str, **fields: Any) -> Technology:
    """A technology, on power where its kind stands at a bus.

    Its cost matters to the graph only by variable cost and efficiency.
    """
    of_kind = kinds().technologies[kind]
    carriers = {c: "electricity" for c, mark in of_kind.refers.items() if mark is CARRIER_AT_BUS}
    numbers = {
        "investment": 0.0,
        "fixed_om_share": 0.0,
        "variable_om": 0.0,
        "technical_lifetime": 20.0,
    }
    numbers |= {n: fields.pop(n) for n in (*numbers, "efficiency") if n in fields}
    empty = dict.fromkeys(
        ("carrier_in", "carrier_out", "bus", "profile", "model", "store", "name", "name_zh"), ""
    )
    defaults = {"unit": "MW", "phase_out": False, "finance": "new", "parameters": {}}
    return Technology(
        technology=name,
        kind=of_kind,
        cost=TechnologyCost(technology=name, capacity_unit=fields.get("unit", "MW"), **numbers),
        **{**empty, **carriers, **defaults, **fields},
    )


def asset(name: str, **numbers: float) -> TinyAsset:
    """An asset in the zone; nothing stands and nothing may be built unless said."""
    return TinyAsset(f"{name}_zone", name, **numbers)


def networks(**needs: Sequence[float]) -> dict[str, Any]:
    """A bus in the zone for each carrier, as a recipe takes it, and a load of it if there is any.

    The bus is called ``zone_<carrier>``, the load by the carrier.
    """
    loads = {carrier: (carrier, "zone", shape) for carrier, shape in needs.items()}
    return {"loads": loads, "buses": tuple(Bus(f"zone_{c}", c, "zone") for c in needs)}


BATTERY = (
    technology(
        "battery_energy",
        "store_energy",
        unit="MWh",
        carrier_in="electricity",
        store="battery",
        parameters={"standing_loss": 0.0},
    ),
    technology("battery_power", "store_power", store="battery", efficiency=0.9),
)
PV = technology("pv", "pv", bus="")
FURNACE = technology(
    "furnace", "boiler", carrier_in="natural_gas", carrier_out="building_heat", efficiency=1.0
)
"""A boiler without losses: an emission that nothing in the park can reduce."""


def contract(name: str, kind: str, *terms: Any, **beside: Any) -> Contract:
    """A contract of a kind; ``terms`` and ``beside`` are its other fields."""
    return Contract(name, kinds().contracts[kind], *terms, **beside)


def green_power(name: str, profile: str, capacity: float, price: float, **terms: Any) -> Contract:
    """Green power at a price, all that is expected paid for; ``terms`` changes that.

    What ``Contract`` has beside its parameters, consumer and volumes, goes there.
    """
    beside = {key: terms.pop(key) for key in ("consumer", "volumes") if key in terms}
    values = {"capacity": capacity, "feed_in_price": price, "premium": 0.0, "untaken_paid": 1.0}
    values |= {"delivery_risk": 0.0, "undelivered_paid": 0.0, **terms}
    return contract(name, "green_power", profile, values, **beside)


def export(name: str, profile: str, capacity: float, price: float, **terms: Any) -> Contract:
    """Clean power for the city at a price; ``terms`` changes its parameters or its volumes."""
    volumes = terms.pop("volumes", {})
    values = {"capacity": capacity, "price": price, "delivery_risk": 0.0, "undelivered_paid": 0.0}
    return contract(name, "export", profile, {**values, **terms}, consumer=CITY, volumes=volumes)


def certificate(limit: float = 1e9, price: float = 5.0) -> Contract:
    """Unbundled certificates."""
    return contract("certificates", "certificate", "", {"limit": limit, "price": price})


def credit(limit: float = 1e9, price: float = 30.0) -> Contract:
    """Carbon credits of the year before, which count for five years."""
    values = {"limit": limit, "price": price, "age": 1.0, "validity": 5.0}
    return contract("credits", "credit", "", values)
