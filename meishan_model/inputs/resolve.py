"""Resolve the sheets of a park to one year: interpolation, units, shares."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from meishan_model.errors import Fault, InputError
from meishan_model.inputs import records
from meishan_model.inputs.completeness import missing_rows
from meishan_model.inputs.costs import CostSheet
from meishan_model.inputs.park import Park
from meishan_model.inputs.rows import ValueRow
from meishan_model.inputs.scenario import Scenario

_SCALE = {
    "%": 0.01,
    "%/a": 0.01,
    "%/h": 0.01,
    "GWh/a": 1000.0,
    "million km/a": 1e6,
    "million h/a": 1e6,
    "kWh/km": 1e-3,
    "kWh/h": 1e-3,
}
"""Factors from the units of the sheets to those of the records; 1 for all others."""

Table = dict[tuple[Any, ...], dict[str, float]]


class Resolver:
    """Takes values of one year out of a park's rows and collects what is missing."""

    def __init__(self, park: Park, year: int):
        self.park = park
        self.year = year
        self.faults: list[Fault] = []

    def value(self, sheet: str, rows: Sequence[ValueRow]) -> float:
        """Value of one quantity in the year, between its rows interpolated linearly.

        Rows without a year hold for all years. A year outside the range of the rows is a fault.
        """
        scale = _SCALE.get(rows[0].unit, 1.0)
        years = [getattr(row, "year", None) for row in rows]
        if None in years:
            if len(rows) > 1:
                self.fault(sheet, rows[-1], "a row without a year stands beside rows with one")
            return rows[0].value * scale
        by_year = sorted(zip(years, (row.value for row in rows), strict=True))
        given, values = zip(*by_year, strict=True)
        if not given[0] <= self.year <= given[-1]:
            span = f"only from {given[0]} to {given[-1]}"
            self.fault(sheet, rows[-1], f"gives no value for {self.year}, {span}")
        return float(np.interp(self.year, given, values)) * scale

    def table(self, sheet: str, rows: Iterable[ValueRow], *key: str, name: str) -> Table:
        """Values by key columns and by the column that names the quantity."""
        grouped: dict[tuple[str, ...], dict[str, list[ValueRow]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in rows:
            grouped[tuple(getattr(row, k) for k in key)][getattr(row, name)].append(row)
        return {
            keys: {quantity: self.value(sheet, found) for quantity, found in quantities.items()}
            for keys, quantities in grouped.items()
        }

    def need(self, sheet: str, values: Mapping[str, float], quantity: str, owner: str) -> float:
        """A value that must be there; a fault and not-a-number where it is missing."""
        if quantity not in values:
            self.faults.append(
                Fault(
                    self.park.path(sheet),
                    f"{owner} has no row {quantity}",
                    None,
                    "parameter",
                    quantity,
                    "add the row",
                )
            )
            return float("nan")
        return values[quantity]

    def fault(self, sheet: str, row: ValueRow, message: str) -> None:
        """Note a fault at a row."""
        value = str(getattr(row, "year", None) or "")
        remedy = "give the first and the last year, or one row without a year"
        self.faults.append(Fault(self.park.path(sheet), message, row.line, "year", value, remedy))


def resolve(
    park: Park, scenario: Scenario, costs: CostSheet, year: int, baseline_emissions: float
) -> records.SliceInputs:
    """Resolve a park to one year.

    Parameters
    ----------
    park, scenario, costs
        As read from disk; the cost sheet is that of the year.
    year
        Year of the slice.
    baseline_emissions
        E_0 [tCO2/a].

    Raises
    ------
    InputError
        If a year lies outside the rows of a quantity, or a quantity is missing.
    """
    r = Resolver(park, year)
    inputs = records.SliceInputs(
        scenario=scenario,
        site=park.site,
        year=year,
        baseline_emissions=baseline_emissions,
        zones=tuple(row.zone for row in park.zones),
        network=_network(r),
        technologies=_technologies(r, costs),
        assets=_assets(r),
        plants=park.existing_plants,
        loads=_loads(r, scenario.industrial_restructuring),
        fleets=_fleets(r),
        berths=_berths(r),
        measures=_measures(r),
        contracts=tuple(
            records.Contract(name, kind, profile, values)
            for (name, kind, profile), values in r.table(
                "contracts", park.contracts, "contract", "kind", "profile", name="parameter"
            ).items()
        ),
        tariff=park.tariff_periods,
        prices=r.table("prices", park.prices, name="item").get((), {}),
        factors=_factors(r, scenario),
        drivers=r.table("drivers", park.drivers, name="driver").get((), {}),
        parameters=r.table("parameters", park.parameters, name="parameter").get((), {}),
    )
    faults = [*r.faults, *missing_rows(park, inputs)]
    if faults:
        raise InputError(faults)
    return inputs


def _network(r: Resolver) -> tuple[records.NetworkElement, ...]:
    table = r.table(
        "network", r.park.network, "element", "kind", "from_bus", "to_bus", name="parameter"
    )
    return tuple(
        records.NetworkElement(
            element,
            kind,
            source,
            target,
            capacity=r.need("network", values, "capacity", element),
            loss=r.need("network", values, "loss", element),
        )
        for (element, kind, source, target), values in table.items()
    )


def _technologies(r: Resolver, costs: CostSheet) -> dict[str, records.Technology]:
    parameters = r.table(
        "technology_parameters",
        r.park.technology_parameters,
        "technology",
        name="parameter",
    )
    flexible = {row.technology for row in r.park.technologies if row.part == "flexible_load"}
    buildable = {row.technology for row in r.park.assets} - flexible
    found = {}
    counted = {row.technology: row.unit for row in r.park.technologies}
    r.faults += costs.faults_against({t: counted[t] for t in counted if t in costs.technologies})
    for row in r.park.technologies:
        cost = costs.technologies.get(row.technology)
        if cost is None and row.technology in buildable:
            message = f"may be built but has no costs in the cost sheet {costs.name}"
            remedy = "map it in the manifest of the cost sheet"
            place = r.park.path("technologies")
            r.faults.append(Fault(place, message, row.line, "technology", row.technology, remedy))
        fields = row.model_dump()
        fields["phase_out"] = row.phase_out == "yes"
        fields.pop("note")
        found[row.technology] = records.Technology(
            **fields, parameters=parameters.get((row.technology,), {}), cost=cost
        )
    return found


def _assets(r: Resolver) -> tuple[records.AssetLimit, ...]:
    table = r.table("assets", r.park.assets, "technology", "zone", name="parameter")
    return tuple(
        records.AssetLimit(
            technology,
            zone,
            potential=values.get("potential"),
            build_rate=values.get("build_rate"),
            last_new_build=int(values["last_new_build"]) if "last_new_build" in values else None,
            rural_potential=values.get("rural_potential", 0.0),
        )
        for (technology, zone), values in table.items()
    )


def _loads(r: Resolver, restructured: bool) -> tuple[records.Load, ...]:
    """Loads and the projects that have begun, or what stands in their place unrestructured."""
    loads = _load_table(r, "loads")
    loads |= {
        (p.project, p.zone): records.Load(
            p.project, p.zone, p.sector, p.carrier, p.profile, r.value("projects", [p])
        )
        for p in r.park.projects
        if p.start_year <= r.year
    }
    if not restructured:
        loads |= _load_table(r, "loads_unrestructured")
    return tuple(load for load in loads.values() if load.energy > 0)


def _load_table(r: Resolver, sheet: str) -> dict[tuple[str, str], records.Load]:
    grouped: dict[tuple[str, str, str, str, str], list[ValueRow]] = defaultdict(list)
    for row in getattr(r.park, sheet):
        grouped[row.load, row.zone, row.sector, row.carrier, row.profile].append(row)
    return {
        (load, zone): records.Load(load, zone, sector, carrier, profile, r.value(sheet, rows))
        for (load, zone, sector, carrier, profile), rows in grouped.items()
    }


def _fleets(r: Resolver) -> tuple[records.Fleet, ...]:
    fleets = []
    table = r.table(
        "fleets",
        (row for row in r.park.fleets if not row.technology),
        "fleet",
        "zone",
        "sector",
        "profile",
        name="parameter",
    )
    for (fleet, zone, sector, profile), values in table.items():
        rows = [f for f in r.park.fleets if f.fleet == fleet and f.parameter == "energy_use"]
        use = r.table("fleets", rows, "fleet", name="technology").get((fleet,), {})
        service = r.need("fleets", values, "service", fleet)
        annual = r.need("fleets", values, "annual_use", fleet)
        if not use:
            r.need("fleets", {}, "energy_use", fleet)
        fleets.append(records.Fleet(fleet, zone, sector, profile, service, annual, use))
    return tuple(fleets)


def _berths(r: Resolver) -> tuple[records.BerthGroup, ...]:
    names = [
        f for f in records.BerthGroup.__dataclass_fields__ if f not in ("berth_group", "zone")
    ]
    table = r.table("berths", r.park.berths, "berth_group", "zone", name="parameter")
    groups = []
    for key, values in table.items():
        numbers: dict[str, Any] = {n: r.need("berths", values, n, key[0]) for n in names}
        if numbers["berths"] == numbers["berths"]:  # not missing
            numbers["berths"] = round(numbers["berths"])
        groups.append(records.BerthGroup(*key, **numbers))
    return tuple(groups)


def _measures(r: Resolver) -> tuple[records.Measure, ...]:
    names = ("potential", "investment", "lifetime", "fixed_om")
    table = r.table(
        "efficiency_measures",
        r.park.efficiency_measures,
        "measure",
        "zone",
        "load",
        name="parameter",
    )
    return tuple(
        records.Measure(*key, *(r.need("efficiency_measures", v, n, key[0]) for n in names))
        for key, v in table.items()
    )


def resolve_factors(park: Park, scenario: Scenario, year: int) -> records.Factors:
    """Emission factors and coal equivalents of one year.

    Raises
    ------
    InputError
        If a factor is missing for the year.
    """
    r = Resolver(park, year)
    factors = _factors(r, scenario)
    if r.faults:
        raise InputError(r.faults)
    return factors


def _factors(r: Resolver, scenario: Scenario) -> records.Factors:
    sheet = "emission_factors"
    rows = r.park.emission_factors
    scope1 = [f for f in rows if f.scope == "scope1" and f.parameter == "emission_factor"]
    grid = r.table(
        sheet,
        (f for f in rows if f.scope.startswith("scope2")),
        "scope",
        "carrier",
        name="parameter",
    )
    market = (
        "grid_electricity"
        if scenario.market_factor == "provincial_average"
        else "grid_electricity_residual"
    )

    def grid_factor(scope: str, carrier: str) -> float:
        owner = f"{carrier} ({scope})"
        return r.need(sheet, grid.get((scope, carrier), {}), "emission_factor", owner)

    def by_carrier(parameter: str) -> dict[str, float]:
        found = [f for f in rows if f.parameter == parameter]
        table = r.table(sheet, found, "parameter", name="carrier")
        return table.get((parameter,), {})

    return records.Factors(
        scope1=r.table(sheet, scope1, "scope", name="carrier").get(("scope1",), {}),
        grid_location=grid_factor("scope2_location", "grid_electricity"),
        grid_market=grid_factor("scope2_market", market),
        tce_equivalent=by_carrier("tce_equivalent"),
        tce_calorific=by_carrier("tce_calorific"),
    )


def fingerprint(content: object) -> str:
    """Hash of resolved content: equal content gives an equal hash, whatever the text on disk.

    Parameters
    ----------
    content
        Dataclasses, pydantic models, mappings, sequences, numbers and strings, nested.
    """
    text = json.dumps(_plain(content), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


_ORIGIN = {"line", "source", "note", "confidence"}
"""What says where a number comes from, not what it is."""


def _plain(content: object) -> object:
    if isinstance(content, ValueRow):
        return _plain(content.model_dump(exclude=_ORIGIN))
    if isinstance(content, Scenario):
        # What a scenario resolves to counts, not from which file it has it, nor its title.
        return _plain(content.model_dump(exclude={"title", "base"}))
    if isinstance(content, BaseModel):
        return _plain(content.model_dump(exclude={"provenance"}))
    if is_dataclass(content) and not isinstance(content, type):
        return {name: _plain(getattr(content, name)) for name in content.__dataclass_fields__}
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(item) for item in content]
    return content if isinstance(content, (str, int, float, bool, type(None))) else str(content)
