"""Numbers of every model: of the park, its yields and weather, its grid, prices and emissions.

Each takes a row of ``validation.csv`` and gives its number in the first of its units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from meishan_model.planning.model_numbers import Asked, ModelNumber
from meishan_model.report.trade import flat_tariff, tariff_of_day
from meishan_model.series import FloatArray
from meishan_model.series.weather import load_weather
from meishan_model.series.weather_statistics import daily_spread, weather_statistics
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park
from meishan_model.sheets.units import HOURS_OF_YEAR

# Park


def driver(asked: Asked) -> float:
    """Drivers of demand in the year that are mere numbers."""
    return sum(asked.inputs.drivers[name] for name in asked.named(asked.inputs.drivers))


def land(asked: Asked) -> float:
    """Land of all zones."""
    return sum(row.value for row in asked.park.zones if asked.is_here(row.zone))


def energy(asked: Asked) -> float:
    """Electricity of loads or sectors, or of fleets if all had the drivetrains that it names."""
    loads = [x for x in asked.inputs.loads if x.carrier == asked.inputs.power_carrier]
    fleets, total = asked.inputs.fleets, 0.0
    drivetrains = {name for fleet in fleets for name in fleet.energy_use}
    names = asked.named({n for x in loads for n in (x.load, x.sector, x.carrier)} | drivetrains)
    for load in loads:
        is_named = not {load.load, load.sector, load.carrier}.isdisjoint(names)
        total += load.energy * (is_named and asked.is_here(load.zone))
    for fleet in (fleet for fleet in fleets if asked.is_here(fleet.zone)):
        total += sum(fleet.service * fleet.energy_use.get(name, 0.0) for name in names)
    return total


def energy_share(asked: Asked) -> float:
    """Part of the electricity of the loads of a zone that some of them need."""
    power = asked.inputs.power_carrier
    whole = [x for x in asked.inputs.loads if x.carrier == power and asked.is_here(x.zone)]
    names = asked.named({load.load for load in whole})
    return sum(x.energy for x in whole if x.load in names) / sum(x.energy for x in whole)


def vehicle_energy(asked: Asked) -> float:
    """Energy of one vehicle with a drivetrain in a year."""
    fleets = asked.inputs.fleets
    names = asked.named({name for fleet in fleets for name in fleet.energy_use})
    own = [(f, name) for f in fleets for name in names if name in f.energy_use]
    own = [(f, name) for f, name in own if asked.is_here(f.zone)]
    return float(np.mean([f.annual_use * f.energy_use[name] for f, name in own]))


def stock(asked: Asked) -> float:
    """What stands of some equipment in the year, in the case of the stock that ``by`` names."""
    return sum(standing for _, standing in _standing(asked))


def _standing(asked: Asked) -> list[tuple[Technology, float]]:
    """Equipment and what stands of each plant of it."""
    named = {t.technology: t for t in asked.technologies()}
    plants = asked.model.in_case(asked.row.by).project.park.existing_plants
    return [
        (found, plant.standing(found.own_cost.technical_lifetime, asked.year))
        for plant in plants
        if (found := named.get(plant.technology)) is not None and asked.is_here(plant.zone)
    ]


# Yields and weather


def _output(asked: Asked, technology: Technology) -> FloatArray:
    return asked.model.profiles(asked.year).capacity_factor[technology.technology]


def full_load_hours(asked: Asked) -> float:
    """Full-load hours in the weather in use; of several plants their mean."""
    return float(np.mean([_output(asked, t).sum() for t in asked.technologies()]))


def plant_yield(asked: Asked) -> float:
    """What the plants that stand generate in the weather in use."""
    return sum(standing * float(_output(asked, t).sum()) for t, standing in _standing(asked))


def fleet_hours(asked: Asked) -> float:
    """Full-load hours of the plants that stand, each with its part of them."""
    return plant_yield(asked) / stock(asked)


def months_apart(asked: Asked) -> float:
    """Mean output of the best month over that of the worst."""
    month = asked.model.profiles(asked.year).month
    output = sum(_output(asked, t) for t in asked.technologies())
    means = pd.Series(output).groupby(month).mean()
    return float(means.max() / means.min())


def _of_weather(name: str) -> Callable[[Asked], float]:
    """A number of :func:`~meishan_model.series.weather_statistics.weather_statistics`."""

    def found(asked: Asked) -> float:
        weather = load_weather(asked.model.project.weather_folder, asked.park.site)
        return weather_statistics(weather)[name]

    found.__doc__ = f"Of the weather in use: {name.partition(' [')[0]}."
    return found


def irradiation_spread(asked: Asked) -> float:
    """Standard deviation of the daily irradiation of a month, mean of the months."""
    weather = load_weather(asked.model.project.weather_folder, asked.park.site)
    return float(daily_spread(weather).mean())


# Grid


def coincidence(asked: Asked) -> float:
    """Peak of the electricity of all loads over the sum of the peaks of the zones."""
    inputs, shapes = asked.inputs, asked.model.profiles(asked.year).shapes
    of_zones: dict[str, FloatArray] = {}
    for load in (x for x in inputs.loads if x.carrier == inputs.power_carrier):
        course = load.energy / HOURS_OF_YEAR * shapes[load.profile]
        of_zones[load.zone] = of_zones.get(load.zone, 0.0) + course
    whole = np.sum([*of_zones.values()], axis=0)
    return float(whole.max() / sum(course.max() for course in of_zones.values()))


def network_loss(asked: Asked) -> float:
    """Losses from the grid above to the loads, zones weighted with their electricity."""
    inputs = asked.inputs
    stations = [e for e in inputs.network if e.kind.function == "transformer"]
    of_zone = {inputs.bus_named(e.to_bus).zone: e.loss for e in stations}
    energy_of: dict[str, float] = {}
    for load in (x for x in inputs.loads if x.carrier == inputs.power_carrier):
        energy_of[load.zone] = energy_of.get(load.zone, 0.0) + load.energy
    drawn = sum(amount / (1.0 - of_zone[zone]) for zone, amount in energy_of.items())
    bought = drawn / (1.0 - inputs.connection.loss)
    return 1.0 - sum(energy_of.values()) / bought


def line_rating(asked: Asked) -> float:
    """What a circuit of a standard type carries at the voltage [kV] that ``by`` names."""
    rows = [r for r in read_grid(asked.park).line_types if r.parameter == "current_limit"]
    limits = {row.standard_type: row.value for row in rows}
    (name,) = asked.named(limits)
    return float(np.sqrt(3.0)) * limits[name] * float(asked.row.by) / 1000.0


def grid_factor(asked: Asked) -> float:
    """Factor of the grid under the convention that ``by`` names."""
    return asked.chosen(asked.inputs.factors.conventions)["location"]


# Prices, as they are billed


def _park(asked: Asked) -> Park:
    """The park, connected at the voltage [kV] that ``by`` names or at its own."""
    park = asked.park
    if not asked.row.by:
        return park
    ends = {row.to_bus for row in park.network_of("connection")}
    moved = {"value": float(asked.row.by)}
    buses = (b.model_copy(update=moved) if b.bus in ends else b for b in park.buses)
    return replace(park, buses=tuple(buses))


def _days(asked: Asked) -> list[dt.date]:
    """The day of the row, or the first of each month of its year."""
    if len(asked.row.when) > 4:
        return [dt.date.fromisoformat(asked.row.when)]
    return [dt.date(asked.year, month, 1) for month in range(1, 13)]


def flat_price(asked: Asked) -> float:
    """Flat price of power, or the parts of it that are named; of a year the mean of its months."""
    park, found = _park(asked), []
    for tariff in (flat_tariff(park, day) for day in _days(asked)):
        names = asked.named(tariff.parts) if asked.row.names else tuple(tariff.parts)
        own = sum(tariff.parts[name] for name in names)
        found.append(tariff.money.of(own, "CNY/MWh")[0])
    return float(np.mean(found))


def period_price(asked: Asked) -> float:
    """Price of power in a period of a day, such as peak."""
    tariff = tariff_of_day(_park(asked), _days(asked)[0].isoformat())
    names = asked.named(tariff.table["period"].unique())
    own = tariff.table.loc[tariff.table["period"].isin(names), "total"].mean()
    return float(tariff.money.of(own, "CNY/MWh")[0])


def demand_charge(asked: Asked) -> float:
    """What the highest hour of a month costs."""
    tariff = flat_tariff(_park(asked), _days(asked)[0])
    return float(tariff.money.of(tariff.demand_charge, "CNY/(MW*month)")[0])


def price(asked: Asked) -> float:
    """Prices of the year, in money of 2020 net of tax that is got back."""
    return sum(asked.inputs.prices[name] for name in asked.named(asked.inputs.prices))


def investment(asked: Asked) -> float:
    """Investment per unit of the first that is named; others by their part for each unit of it.

    A battery of two hours is ``battery_energy;battery_power`` by 0.5: half a MW for each MWh.
    """
    first, *others = (t.own_cost.investment for t in asked.technologies())
    return float(first + float(asked.row.by or 1.0) * sum(others))


def payback(asked: Asked) -> float:
    """Median of the simple paybacks of the measures on power, at the mean price of the year."""
    inputs, paid = asked.inputs, asked.model.profiles(asked.year).purchase_price.mean()
    on_power = {(x.load, x.zone) for x in inputs.loads if x.carrier == inputs.power_carrier}
    numbers = [m.numbers for m in inputs.measures if (m.load, m.zone) in on_power]
    return float(
        np.median([n["investment"] / (paid - n["fixed_om"] * n["investment"]) for n in numbers])
    )


# Emissions and the baseline year


def baseline_energy(asked: Asked) -> float:
    """Energy of the baseline in equivalent value, or that of some items, carriers, accountings."""
    return float(_baseline_rows(asked)["tce_equivalent"].sum())


def baseline_emissions(asked: Asked) -> float:
    """CO2 of the baseline in the account that ``by`` names, or that of some items or carriers."""
    accounts = {name: f"emissions_{name}" for name in ("published", "ledger")}
    return float(_baseline_rows(asked)[asked.chosen(accounts)].sum())


def _baseline_rows(asked: Asked) -> pd.DataFrame:
    """Counted rows of the baseline that are of the zone and named; all where none is named."""
    rows = asked.model.project.baseline.rows.reset_index()
    rows = rows[rows["accounting"] != "memo"]
    if asked.row.zone:
        rows = rows[rows["zone"] == asked.row.zone]
    if not asked.row.names:
        return rows
    columns = rows[["item", "carrier", "accounting"]]
    names = asked.named(set(columns.to_numpy().ravel()))
    return rows[columns.isin(names).any(axis="columns")]


def carbon_of_fuel(asked: Asked) -> float:
    """CO2 of a fuel per coal equivalent."""
    factors = asked.inputs.factors
    (name,) = asked.named(factors.scope1)
    return factors.scope1[name] / factors.tce_calorific[name]


def term(asked: Asked) -> float:
    """A number of a contract, such as the rate of a sink; ``by`` says which."""
    of_name = {c.contract: c.parameters for c in asked.inputs.contracts}
    return sum(asked.chosen(of_name[name]) for name in asked.named(of_name))


_POWER_PRICE = "CNY/MWh|CNY/kWh"
NUMBERS: Mapping[str, ModelNumber] = {
    "driver": ModelNumber("1", driver),
    "land": ModelNumber("km2", land),
    "energy": ModelNumber("MWh/a|GWh/a|kWh/a", energy),
    "energy_share": ModelNumber("1|%", energy_share),
    "vehicle_energy": ModelNumber("MWh/a", vehicle_energy),
    "stock": ModelNumber("MW|MWh|vehicles", stock),
    "full_load_hours": ModelNumber("h", full_load_hours),
    "fleet_hours": ModelNumber("h", fleet_hours),
    "plant_yield": ModelNumber("MWh/a|GWh/a", plant_yield),
    "months_apart": ModelNumber("1", months_apart),
    "irradiation": ModelNumber("kWh/(m2*a)", _of_weather("global irradiation [kWh/(m2*a)]")),
    "irradiation_spread": ModelNumber("kWh/m2", irradiation_spread),
    "irradiation_persistence": ModelNumber("1", _of_weather("its days, lag of a day [1]")),
    "temperature": ModelNumber("degC", _of_weather("mean temperature [degC]")),
    "weibull_shape": ModelNumber("1", _of_weather("shape of the windy hours, Weibull k [1]")),
    "calms": ModelNumber("%", _of_weather("calms [% of the hours]")),
    "coincidence": ModelNumber("1", coincidence),
    "network_loss": ModelNumber("1|%", network_loss),
    "line_rating": ModelNumber("MVA", line_rating),
    "grid_factor": ModelNumber("tCO2/MWh|kgCO2/kWh", grid_factor),
    "flat_price": ModelNumber(_POWER_PRICE, flat_price),
    "period_price": ModelNumber(_POWER_PRICE, period_price),
    "demand_charge": ModelNumber("CNY/(MW*month)|CNY/(kW*month)", demand_charge),
    "price": ModelNumber(f"{_POWER_PRICE}|CNY/tCO2", price),
    "investment": ModelNumber("CNY/MW|CNY/kW|CNY/MWh|CNY/kWh|CNY/vehicle", investment),
    "payback": ModelNumber("a", payback),
    "baseline_energy": ModelNumber("tce/a", baseline_energy),
    "baseline_emissions": ModelNumber("tCO2/a", baseline_emissions),
    "carbon_of_fuel": ModelNumber("tCO2/tce", carbon_of_fuel),
    "term": ModelNumber("1|CNY/MWh|CNY/tCO2|tCO2/(ha*a)", term),
}
"""Numbers that every model has, by the name of the measure."""
