"""Why there is as much of an asset as there is: from the cells of the sheets to the result.

A cell is a number of a sheet with where it stands, its unit and who vouches for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from meishan_model.components.flows import Row
from meishan_model.console import number, text_table
from meishan_model.errors import Fault, InputError
from meishan_model.planning.backcast import hashes_by_solver
from meishan_model.planning.project import Project
from meishan_model.report.labels import Labels, Language, labels_of
from meishan_model.results.scale import Money, Scale, scale_of
from meishan_model.results.wording import Term, grouped_terms, phrases, reason, scaled
from meishan_model.sheets.costs import NUMBERS, CostSheet, TechnologyCost
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.units import CURRENCY

ZERO = 1e-4
"""A reduced cost below this share of what a unit costs is none: a solver knows it no better."""
NOT_NAMES = {"value", "unit", "source", "confidence", "note", "line"}
"""Columns of a sheet that do not say what its number is."""


class Cell(NamedTuple):
    """A number of a sheet.

    ``file`` and ``line`` say where it stands, ``None`` where it is interpolated between two files;
    ``what`` are the cells that name it.
    """

    file: Path
    line: int | None
    what: str
    value: float
    unit: str
    confidence: str
    source: str
    note: str

    def shown(self, money: Money) -> Cell:
        """The same in the money that the park is shown in."""
        value, unit = money.of(self.value, self.unit)
        return self._replace(value=value, unit=unit)

    @property
    def sheet(self) -> str:
        """Name of the file."""
        return self.file.name


def cell_of_row(row: ValueRow) -> Cell:
    """The number of a row of a park's sheet."""
    cells = map(str, row.model_dump(exclude=NOT_NAMES).values())
    what = " · ".join(cell for cell in cells if cell not in ("", "None"))
    told = (row.unit, row.confidence, row.source, row.note)
    return Cell(Path(row.file), row.line, what, row.value, *told)


def cost_cells(cost: TechnologyCost, year: int) -> Iterator[Cell]:
    """Numbers of a technology in the cost sheet of a year, in the project's units."""
    for parameter, origin in cost.provenance.items():
        attribute, unit = NUMBERS[parameter]
        what = f"{cost.technology} · {parameter} · {year}"
        told = (origin.confidence, origin.source, origin.description)
        value, unit = getattr(cost, attribute), unit.format(cost.capacity_unit)
        yield Cell(Path(origin.file), origin.row, what, value, unit, *told)


def all_cells(park: Park, costs: Mapping[int, CostSheet]) -> Iterator[Cell]:
    """Every number of the sheets; one of a cost sheet that stays as it was has no second cell.

    Parameters
    ----------
    park
        All sheets of the park.
    costs
        Cost sheet by year.
    """
    for _, row in park.value_rows():
        yield cell_of_row(row)
    before: dict[tuple[str, str], float] = {}
    for year, costs_of_year in sorted(costs.items()):
        for cost in costs_of_year.technologies.values():
            for parameter, cell in zip(cost.provenance, cost_cells(cost, year), strict=True):
                if before.get((cost.technology, parameter)) != cell.value:
                    before[cost.technology, parameter] = cell.value
                    yield cell


@dataclass(frozen=True)
class Explanation:
    """The way of one asset in one slice; printed, it is told in English.

    Attributes
    ----------
    asset, technology, zone, unit, year
        The asset, and the slice.
    cells
        Numbers of the sheets behind it.
    terms
        Numbers behind the bounds of its new build [unit].
    cost_of_one
        What one unit costs: ``investment`` [CNY], its ``annuity`` over the ``lifetime`` [a], and
        ``fixed_om`` [CNY/a]; annuity and fixed O&M are its coefficient in the objective.
    capacity
        What the optimum has: ``existing``, ``new``, ``bridge``, their ``total``, and its bounds
        ``lower`` and ``upper`` [unit].
    bound_value
        What one unit more of new build would add to the objective [CNY/(unit*a)]: negative at the
        upper bound, positive at the lower one; not a number where nothing is decided.
    price
        Of a plant whose new build ends at its upper bound ``capture_price``, what it earns, and
        ``stop_price``, at which its last unit would stop paying [CNY/MWh]; else empty.
    paid
        Cost of the asset in the year by category [CNY/a].
    is_fresh
        Whether the result rests on the sheets of today.
    labels
        What things are called.
    """

    asset: str
    technology: str
    zone: str
    unit: str
    year: int
    cells: tuple[Cell, ...]
    terms: tuple[Term, ...]
    cost_of_one: Mapping[str, float]
    capacity: Mapping[str, float]
    bound_value: float
    price: Mapping[str, float]
    paid: Mapping[str, float]
    is_fresh: bool
    labels: Labels

    def sentences(self, language: Language = "en") -> tuple[str, ...]:
        """Bounds, cost of a unit, result, worth of the bound and what is paid, in this order.

        They speak of the unit that suits the asset, such as kW.
        """
        unit, size = self._scale
        unit = unit if language == "en" else self.labels.text(f"unit.{unit}", language)
        bounds = reason(scaled(self.terms, size), unit, language)
        has = {name: number(value / size) for name, value in self.capacity.items()}
        if math.isinf(self.capacity["upper"]):
            has["upper"] = phrases(language)["any"]
        one = {
            name: value if name == "lifetime" else self._shown(value * size)
            for name, value in self.cost_of_one.items()
        }
        of_one = {name: number(value, 0) for name, value in one.items()}
        total = number(one["annuity"] + one["fixed_om"], 0)
        paid = {name: number(self._shown(value), 0) for name, value in self.paid.items()}
        stale = () if self.is_fresh else (self._phrase("stale", language),)
        return (
            bounds or self._phrase("unbounded", language),
            self._phrase("coefficient", language, unit=unit, total=total, **of_one),
            self._phrase("capacity", language, unit=unit, **has),
            self._worth(unit, language),
            self._phrase("paid", language, **paid),
            *stale,
        )

    def _worth(self, unit: str, language: Language) -> str:
        value, is_asked = self.bound_value, self.capacity["lower"] > self.capacity["existing"]
        least = ZERO * (self.cost_of_one["annuity"] + self.cost_of_one["fixed_om"])
        key = "upper" if value < 0.0 else "lower" if is_asked else "dear"
        if not abs(value) > least:
            key = "free" if math.isfinite(value) else "undecided"
        worth = self._shown(abs(value) * self._scale.divisor)
        told = self._phrase(key, language, unit=unit, value=number(worth, 0))
        prices = {name: number(self._shown(price), 0) for name, price in self.price.items()}
        return told + (self._phrase("stops", language, **prices) if prices else "")

    @property
    def _scale(self) -> Scale:
        """The unit that suits what may stand."""
        return scale_of([x for x in self.capacity.values() if math.isfinite(x)], self.unit)

    def _shown(self, value: float) -> float:
        """An amount of money in the currency of the park."""
        return self.labels.money.of(value, CURRENCY)[0]

    def _phrase(self, key: str, language: Language, **values: str) -> str:
        return self.labels.texts[f"explain.{key}"][language].format(year=self.year, **values)

    def told(self, language: Language = "en") -> RenderableType:
        """All of it: the cells as a table, the rest in sentences."""
        title = f"{self.labels.thing(self.asset, language)}, {self.year}"
        words = ("sheet", "row", "what", "value", "unit", "confidence", "source")
        sheet, row, *heads = (self.labels.text(f"word.{word}", language) for word in words)
        table = text_table(title, (f"{sheet}, {row}", heads[0]), heads[1:2], heads[2:])
        for cell in (cell.shown(self.labels.money) for cell in self.cells):
            place = f"{cell.sheet}, {cell.line}" if cell.line else cell.sheet
            confidence = self.labels.text(f"word.{cell.confidence}", language)
            texts = (cell.unit, confidence, cell.source)
            table.add_row(Text(place), Text(cell.what), number(cell.value), *map(Text, texts))
        return Group(table, *map(Text, self.sentences(language)))

    def __rich__(self) -> RenderableType:
        """All of it in English."""
        return self.told()


def explain(project: Project, asset: str, year: int) -> Explanation:
    """Follow an asset from the cells of the sheets to the result of a solved slice.

    Parameters
    ----------
    project
        The scenario with its folders.
    asset
        Name of the asset, as in the coordinate ``asset`` of the result.
    year
        The slice.

    Raises
    ------
    InputError
        If the slice is not solved, or there is no such asset; those that are near are named.
    """
    ds = project.open_result(year)
    if asset not in ds["asset"]:
        names = [str(name) for name in ds["asset"].to_numpy()]
        near = [name for name in names if asset in name] or names
        remedy = f"there are: {', '.join(near)}"
        raise InputError([Fault("asset", "is not in the result", value=asset, remedy=remedy)])
    one, table = ds.sel(asset=asset), project.asset_table
    technology, zone = (str(one[f"asset_{name}"].item()) for name in ("technology", "zone"))
    k, place = table.years.index(year), table.place[asset]
    costs = ("investment", "annuity", "fixed_om")
    cost_of_one = {name: float(getattr(table, name)[k, place]) for name in costs}
    parts = ("existing", "new", "bridge", "lower", "upper")
    capacity = {name: float(one[f"capacity_{name}"]) for name in parts}
    of_terms = (f"term_{name}" for name in ("asset", "kind", "year", "amount"))
    terms = (ds[name].to_numpy().tolist() for name in of_terms)
    mine = ds["component"] == asset
    paid = ds["cost"].where(mine, 0.0).groupby(ds["category"]).sum().to_series()
    is_held = "rent" in ds and bool(np.isfinite(one["stop_price"]))
    prices = ("capture_price", "stop_price") if is_held else ()
    digests = {hashes[year] for hashes in hashes_by_solver(project).values()}
    return Explanation(
        *(asset, technology, zone, str(one["asset_unit"].item()), year),
        cells=tuple(_cells(project, asset, technology, zone, year)),
        terms=tuple(grouped_terms(*terms)[asset]),
        cost_of_one=cost_of_one | {"lifetime": float(table.lifetime[place])},
        capacity={**capacity, "total": float(one["capacity"])},
        bound_value=float(one["bound_value"]) if "bound_value" in ds else math.nan,
        price={name: float(one[name]) for name in prices},
        paid={name: float(paid.get(name, 0.0)) for name in ("investment", "bridge", "fixed_om")},
        is_fresh=ds.attrs["inputs_sha256"] in digests,
        labels=labels_of(ds),
    )


def _cells(project: Project, asset: str, technology: str, zone: str, year: int) -> list[Cell]:
    """Numbers of the sheets behind an asset: potential and stock, cost, discount rate."""
    inputs, park = project.slices[year], project.park
    wanted = [*_rows(inputs, asset, technology, zone), ("parameters", "discount_rate")]
    known = inputs.technologies.get(technology)
    found = [
        (wanted.index(key), cell_of_row(row))
        for sheet, row in park.value_rows()
        if (key := (sheet, *row.name_of)) in wanted
    ]
    costs = () if known is None or known.cost is None else cost_cells(known.cost, year)
    return [*(cell for _, cell in sorted(found, key=itemgetter(0))), *costs]


def _rows(inputs: SliceInputs, asset: str, technology: str, zone: str) -> list[Row]:
    """Rows of the park's sheets that an asset comes from."""
    place = (technology, zone)
    return [
        ("assets", *place),
        *(("existing_plants", p.plant) for p in inputs.plants if (p.technology, p.zone) == place),
        *(
            ("network", e.element)
            for e in inputs.network
            if (e.technology, inputs.bus_named(e.to_bus).zone) == place
        ),
        *(
            ("efficiency_measures", m.measure, where, m.load)
            for m in inputs.measures
            if m.asset == asset
            for where in (m.zone, "")
        ),
    ]
