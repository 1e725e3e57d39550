"""A park: where it lies, all rows of its sheets as they stand on disk, and the models of these.

Every sheet but ``technologies.csv`` and ``contract_terms.csv`` is long: key columns, then ``value,
unit, source, confidence, note``. What a row may say is written once, in its model: the quantities
of a sheet, the unit of each and the range its value must lie in, what its columns refer to, and
why a park cannot be without a sheet (``needed``); any other sheet may be absent, which means that
there is none of what it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import available_timezones

from pydantic import Field, create_model, field_validator

from meishan_model.errors import Fault, cell_text, refuse
from meishan_model.sheets import demand_rows, money_rows, park_rows, tariff_rows, trade_rows
from meishan_model.sheets.kinds import Function, Kinds, TechnologyKind
from meishan_model.sheets.row_reader import read_rows
from meishan_model.sheets.rows import (
    DEFAULT_SHEETS,
    Frozen,
    Quantity,
    Row,
    ValueRow,
    is_measured,
    sheets_of,
    with_quantities,
)
from meishan_model.sheets.units import CURRENCY

R = TypeVar("R", bound=Row)
Lines = Mapping[tuple[str, ...], tuple[int, ...]]
"""Lines in the file, ascending, by sheet and what they are about: ``("assets", "pv", "port")``."""


class Site(Frozen, strict=True):
    """``park.yaml``: where the park lies and what it is called."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """short name, that of the folder"""
    title: str = Field(min_length=1)
    """title in English"""
    title_zh: str = Field(min_length=1)
    """title in Chinese"""
    latitude: float = Field(ge=-90, le=90)
    """degrees north"""
    longitude: float = Field(ge=-180, le=180)
    """degrees east"""
    altitude: float = Field(ge=-500, le=9000)
    """m above sea level"""
    timezone: str
    """time zone without daylight saving, such as Asia/Shanghai"""
    country: str = Field(pattern=r"^[A-Z]{2}$")
    """whose public holidays hold, ISO 3166 code such as CN"""
    province: str = ""
    """where it lies within the country; a tariff of another is refused"""
    tariff_class: str = ""
    """class of customers of power_prices.csv, such as two_part, where that has classes"""
    currency: str = Field(default=CURRENCY, pattern=r"^[A-Z]{3}$")
    """in which results are shown, such as EUR, with a row of currencies.csv"""
    price_year: int | None = Field(default=None, ge=1990, le=2100)
    """year of the money of rows that say no other; left out: 2020"""
    vat: money_rows.VatOfPark | None = None
    """`deducted` or `borne`: whether payers get value added tax back, where rows name it"""
    baseline_year: int | None = Field(default=None, ge=1990, le=2100)
    """year of baseline.csv, where there is one"""
    checked: dict[str, str] = Field(default_factory=dict)
    """warnings of no row, such as those of the weather, that are right: name and why"""
    weather_year: int | None = Field(default=None, ge=1, le=2100)
    """which weather_<n>.nc is used where not the usual one: a measured year or a seed"""

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, timezone: str) -> str:
        if timezone not in available_timezones():
            raise ValueError("is no time zone of the IANA data base")
        return timezone


@dataclass(frozen=True)
class Park:
    """All rows of a park's sheets, as they stand on disk; an absent sheet has no rows.

    After its own rows the sheets of :data:`DEFAULTS` have the defaults of the package that the
    park uses.

    Attributes
    ----------
    folder
        Where the sheets are; named in messages.
    site
        Content of ``park.yaml``.
    kinds
        Kinds of equipment and contracts that its rows may name, and the plug-ins.
    zones and the rest
        The rows of the sheet of that name.
    added
        The rows of the sheets of plug-ins, by the stem of the sheet.
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
    conversions: tuple[park_rows.ConversionRow, ...]
    assets: tuple[park_rows.AssetRow, ...]
    existing_plants: tuple[park_rows.PlantRow, ...]
    heats: tuple[demand_rows.HeatRow, ...]
    buildings: tuple[demand_rows.BuildingRow, ...]
    building_life_cycle: tuple[demand_rows.LifeCycleRow, ...]
    loads: tuple[demand_rows.LoadRow, ...]
    loads_unrestructured: tuple[demand_rows.UnrestructuredLoadRow, ...]
    projects: tuple[demand_rows.ProjectRow, ...]
    fleets: tuple[demand_rows.FleetRow, ...]
    drivers: tuple[demand_rows.DriverRow, ...]
    efficiency_measures: tuple[demand_rows.MeasureRow, ...]
    events: tuple[demand_rows.EventRow, ...]
    currencies: tuple[money_rows.CurrencyRow, ...]
    price_base: tuple[money_rows.PriceBaseRow, ...]
    tariff_periods: tuple[tariff_rows.TariffRow, ...]
    surcharges: tuple[tariff_rows.SurchargeRow, ...]
    power_prices: tuple[tariff_rows.PowerPriceRow, ...]
    prices: tuple[trade_rows.PriceRow, ...]
    markets: tuple[trade_rows.MarketRow, ...]
    contracts: tuple[trade_rows.ContractRow, ...]
    contract_terms: tuple[trade_rows.ContractTermRow, ...]
    contract_volumes: tuple[trade_rows.ContractVolumeRow, ...]
    emission_factors: tuple[trade_rows.EmissionFactorRow, ...]
    grid_factor_periods: tuple[trade_rows.GridFactorRow, ...]
    baseline: tuple[demand_rows.BaselineRow, ...]
    parameters: tuple[park_rows.ParameterRow, ...]
    profiles: tuple[park_rows.ShapeRow, ...]
    series: tuple[demand_rows.SeriesRow, ...]
    added: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Zones of the park; without ``zones.csv`` those that its other sheets name."""
        named = [row.zone for row in self.zones] or [row.zone for row in self.buses]
        named = named or [getattr(row, "zone", "") for _, row in self.value_rows()]
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def measured_series(self) -> tuple[str, ...]:
        """Measured series that the sheets name as profiles, ``file:column``, sorted."""
        names = {getattr(row, "profile", "") for _, rows in self.sheets() for row in rows}
        return tuple(sorted(filter(is_measured, names)))

    @property
    def shown_currency(self) -> money_rows.CurrencyRow | None:
        """Currency in which results are shown; nothing where that is the project's own."""
        return next((row for row in self.currencies if row.currency == self.site.currency), None)

    @property
    def money(self) -> money_rows.PriceBase:
        """What brings money of its sheets into that of the project."""
        said = self.site.price_year, self.site.vat or ""
        return money_rows.PriceBase.of(self.currencies, self.price_base, *said)

    @property
    def kind_of(self) -> dict[str, TechnologyKind]:
        """Kind of every technology, in the order of the sheet."""
        return {row.technology: self.kinds.technologies[row.kind] for row in self.technologies}

    @property
    def places(self) -> set[tuple[str, str]]:
        """Technology and zone of all that stands or may be built."""
        built = {(asset.technology, asset.zone) for asset in self.assets}
        return built | {(plant.technology, plant.zone) for plant in self.existing_plants}

    def in_case(self, case: str | None) -> Park:
        """The park with the stock of one case: its rows and those that name none."""
        stands = tuple(p for p in self.existing_plants if p.case in ("", case))
        return replace(self, existing_plants=stands)

    def network_of(self, *functions: Function) -> tuple[park_rows.NetworkRow, ...]:
        """Rows of elements with one of some functions, in the order of the sheet."""
        known = self.kinds.network
        return tuple(row for row in self.network if known[row.kind].function in functions)

    def tariff(self, name: str = "") -> tuple[tariff_rows.TariffRow, ...]:
        """Periods of a tariff; without a name those of the connection, which no market names."""
        of_markets = {row.profile for row in self.markets}
        rows = self.tariff_periods
        if name:
            return tuple(row for row in rows if row.tariff == name)
        return tuple(row for row in rows if row.tariff not in of_markets)

    def path(self, sheet: str) -> str:
        """Path of a sheet for messages."""
        return str(self.folder / f"{sheet}.csv")

    def fault(self, sheet: str, column: str, value: object, message: str, remedy: str) -> Fault:
        """A fault of what no single row says."""
        return Fault(self.path(sheet), message, None, column, cell_text(value), remedy)

    def rows(self, sheet: str) -> tuple[Any, ...]:
        """The rows of a sheet by its stem."""
        return self.added[sheet] if sheet in self.added else getattr(self, sheet)

    def sheets(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """The rows of each sheet, with its stem."""
        for name in SHEETS:
            yield name, getattr(self, name)
        yield from self.added.items()

    @cached_property
    def parts(self) -> Mapping[tuple[str, ...], Sequence[Row]]:
        """Rows of all that the sheets are about, by sheet and name."""
        found: dict[tuple[str, ...], list[Row]] = {}
        for sheet, rows in self.sheets():
            for row in rows:
                if row.about:
                    found.setdefault((sheet, *row.name_of), []).append(row)
        return found

    @cached_property
    def lines_of_parts(self) -> Lines:
        """Lines of the park's own rows, as :attr:`parts`."""
        own = {key: [r.line for r in rows if not r.is_default] for key, rows in self.parts.items()}
        return {key: tuple(sorted(lines)) for key, lines in own.items() if lines}

    def value_rows(self) -> Iterator[tuple[str, ValueRow]]:
        """Every row that carries a number, with the stem of its sheet."""
        for name, rows in self.sheets():
            for row in rows:
                if isinstance(row, ValueRow):
                    yield name, row

    def added_rows(self, model: type[R]) -> tuple[R, ...]:
        """Rows of a model in the sheets of plug-ins."""
        return tuple(row for rows in self.added.values() for row in rows if isinstance(row, model))


SHEETS = sheets_of(Park)
"""Every sheet of a park by its stem, with the model of its rows.

Which kinds there are, which numbers these have, and the sheets of plug-ins are added by
:func:`sheets_for`.
"""
DEFAULTS = (
    *("network", "heats", "technologies", "technology_parameters", "price_base"),
    *("emission_factors", "parameters", "profiles"),
)
"""Sheets that have defaults: rows of the package, for what a park's own do not name.

Equipment, a heat, a shape or a carrier is the park's own as a whole; of equipment that the package
brings, each of ``technology_parameters.csv`` is replaced by itself.

They lie in ``default_sheets/<country>``, in the form of a park's sheets. Numbers that hold for
every park of a country are among them, and placeholders for its connection and for the future of
the grid, which every result names; tariffs, prices and demand are the park's to say. A default
says so in its source and is told by ``meishan check``.
"""


@lru_cache(maxsize=8)
def sheets_for(kinds: Kinds) -> Mapping[str, type[Row]]:
    """Every sheet by its stem, with the model of its rows for some kinds.

    Parameters
    ----------
    kinds
        The kinds of equipment, network and contracts that rows may name, and the plug-ins.

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
    ratios = filter(None, (kind.capture_ratio for kind in kinds.technologies.values()))
    prices = dict.fromkeys(ratios, trade_rows.PriceRow.capture_ratio)
    terms = {
        f"{kind.name}.{name}": quantity
        for kind in kinds.contracts.values()
        for name, quantity in {**kind.needed, **kind.told}.items()
    }
    found = {
        **SHEETS,
        "network": _of_kinds(park_rows.NetworkRow, kinds.network),
        "technologies": _of_kinds(park_rows.TechnologyRow, kinds.technologies),
        "technology_parameters": with_quantities(park_rows.TechnologyParameterRow, quantities),
        "prices": with_quantities(trade_rows.PriceRow, prices),
        "contracts": with_quantities(_of_kinds(trade_rows.ContractRow, kinds.contracts), terms),
    }
    for plugin in kinds.plugins:
        for sheet, added in plugin.quantities().items():
            found[sheet] = with_quantities(found[sheet], added)
        found |= plugin.sheets()
    return found


def _of_kinds(model: type[Row], kinds: Iterable[str]) -> type[Row]:
    """The model of a row whose ``kind`` is one of some."""
    names: Any = Literal.__getitem__(tuple(kinds))
    found = create_model(model.__name__, __base__=model, kind=(names, ...))
    found.__doc__ = model.__doc__
    return found


def default_rows(
    country: str, sheet: str, model: type[Row], column: str = "", names: Collection[str] = ("",)
) -> tuple[Row, ...]:
    """Defaults of a sheet in a country [ISO 3166]; none where the package has none.

    Parameters
    ----------
    country, sheet
        The country and the stem of the sheet.
    model
        Model of its rows, out of :func:`sheets_for`.
    column, names
        Only rows with one of these names in the column are read; all where it is left out.
    """
    path = DEFAULT_SHEETS / country / f"{sheet}.csv"
    rows, faults = read_rows(path, model, lambda cells: cells.get(column, "") in names)
    refuse(faults)
    told = "default of the package: "
    return tuple(
        row.model_copy(update={"source": told + row.source}) if isinstance(row, ValueRow) else row
        for row in rows
    )
