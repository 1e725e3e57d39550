"""The rows of the asset table, made from the inputs of all slices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meishan_model.accounts.tables import Inputs
from meishan_model.components.assets import AssetTable
from meishan_model.finance import capital_recovery_factor
from meishan_model.series import FloatArray
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR


def asset_table(slices: Inputs) -> AssetTable:
    """Make the table of a pathway from the inputs of its slices.

    Parameters
    ----------
    slices
        Inputs of every slice of the pathway, by year.

    Raises
    ------
    InputError
        If a number is one that no bound can be made of.
    """
    years = tuple(sorted(slices))
    rows = [*_equipment(slices, years), *_measures(slices, years)]

    def column(name: str, dtype: type = np.float64) -> NDArray[Any]:
        return np.array([row[name] for row in rows], dtype=dtype)

    def by_year(name: str) -> FloatArray:
        return column(name).reshape(len(rows), len(years)).T

    def parameter(name: str) -> FloatArray:
        return np.array([slices[year].parameters[name] for year in years])

    investment, lifetime = by_year("investment"), column("lifetime")
    # Annuities are I_y CRF(r_y, n) [CNY/(unit*a)]. A bridge has no value in the target T: its cost
    # is spread over min(lifetime, T - y); the premium decides where both would cost the same.
    rates, premium = (parameter(n)[:, None] for n in ("discount_rate", "bridge_premium"))
    left = np.array([[years[-1] - year if year < years[-1] else np.inf] for year in years])
    bridge = capital_recovery_factor(rates, np.minimum(lifetime, left))
    fields: dict[str, Any] = {
        name: tuple(row[name] for row in rows) for name in ("asset", "technology", "zone", "unit")
    }
    fields |= {name: by_year(name) for name in ("stock", "sold", "potential", "fixed_om")}
    fields |= {name: column(name) for name in ("build_rate", "last_new_build")}
    fields |= {name: column(name, np.bool_) for name in ("phase_out", "bridged")}
    return AssetTable(
        years=years,
        **fields,
        investment=investment,
        lifetime=lifetime,
        annuity=investment * capital_recovery_factor(rates, lifetime),
        bridge_annuity=(1.0 + premium) * investment * bridge,
        minimum=parameter("minimum_asset"),
        minimum_share=parameter("minimum_asset_share"),
        stock_year=slices[years[0]].scenario.stock_year,
    )


def _equipment(slices: Inputs, years: tuple[int, ...]) -> Iterable[dict[str, Any]]:
    """Rows of technologies in zones; what no row of assets.csv names is stock only."""
    last = slices[years[-1]]
    limits = [{(a.technology, a.zone): a for a in slices[y].assets} for y in years]
    stock = _stock(last, years)
    sold = _plant_stock([p for p in last.plants if p.offtake == "grid"], last, years)
    places = dict.fromkeys([*((a.technology, a.zone) for a in last.assets), *stock])
    for technology in last.technologies.values():
        if not technology.kind.is_built:
            continue
        for key in (place for place in places if place[0] == technology.technology):
            rows = [limit.get(key) for limit in limits]
            standing = stock.get(key, [0.0] * len(years))
            numbers = [{} if row is None else row.numbers for row in rows]
            rates = [n["build_rate"] for n in numbers if "build_rate" in n]
            costs = [slices[y].technologies[key[0]].own_cost for y in years]
            site_costs = [0.0 if row is None else row.site_cost for row in rows]
            yield {
                "asset": "_".join(key),
                "technology": key[0],
                "zone": key[1],
                "unit": technology.unit,
                "stock": standing,
                "sold": sold.get(key, [0.0] * len(years)),
                "potential": [
                    r.numbers["potential"] if r is not None else s
                    for r, s in zip(rows, standing, strict=True)
                ],
                "build_rate": min(rates, default=np.inf),
                "lifetime": technology.own_cost.technical_lifetime,
                "phase_out": technology.phase_out,
                "last_new_build": numbers[-1].get("last_new_build", np.inf),
                "bridged": technology.kind.is_bridged and rows[-1] is not None,
                "investment": [c.investment + s for c, s in zip(costs, site_costs, strict=True)],
                "fixed_om": [cost.annual_fixed_om for cost in costs],
            }


def _measures(slices: Inputs, years: tuple[int, ...]) -> Iterable[dict[str, Any]]:
    """Rows of efficiency measures: what each saves of its load at most, as a mean power.

    A measure costs CNY for each MWh that it saves in a year; its unit is one MW of mean saving.
    Where a slice has no load for a measure, nothing can be built and its costs are zero.
    """
    energy = [{(load.load, load.zone): load.energy for load in slices[y].loads} for y in years]
    nothing = [0.0] * len(years)
    offered = [{m.asset: m.numbers for m in slices[y].measures} for y in years]
    for m in slices[years[-1]].measures:
        own = [numbers.get(m.asset, {"investment": 0.0, "fixed_om": 0.0}) for numbers in offered]
        overnight = [numbers["investment"] * HOURS_OF_YEAR for numbers in own]
        yield {
            "asset": m.asset,
            "technology": m.measure,
            "zone": m.zone,
            "unit": "MW",
            "stock": nothing,
            "sold": nothing,
            "potential": [
                m.numbers["potential"] * loads.get((m.load, m.zone), 0.0) / HOURS_OF_YEAR
                for loads in energy
            ],
            "build_rate": np.inf,
            "lifetime": m.numbers["lifetime"],
            "phase_out": False,
            "last_new_build": np.inf,
            "bridged": False,
            "investment": overnight,
            "fixed_om": [i * n["fixed_om"] for i, n in zip(overnight, own, strict=True)],
        }


def _stock(last: SliceInputs, years: tuple[int, ...]) -> dict[tuple[str, str], list[float]]:
    """s_y by technology and zone, a value a year; transformers and lines stand in the network."""
    stock = _plant_stock(last.plants, last, years)
    for element in last.network:
        if element.technology:
            # The grid company renews its stations in place: their capacity does not retire.
            key = element.technology, last.bus_named(element.to_bus).zone
            stock[key] = [element.capacity] * len(years)
    return stock


def _plant_stock(
    rows: Iterable[PlantRow], inputs: SliceInputs, years: tuple[int, ...]
) -> dict[tuple[str, str], list[float]]:
    """What survives of some plants by technology and zone, a value a year."""
    found: dict[tuple[str, str], FloatArray] = {}
    for p in rows:
        lifetime = inputs.technologies[p.technology].own_cost.technical_lifetime
        standing = np.array([p.standing(lifetime, year) for year in years])
        key = p.technology, p.zone
        found[key] = found[key] + standing if key in found else standing
    return {key: found[key].tolist() for key in sorted(found)}


def standing_stock(inputs: SliceInputs) -> dict[tuple[str, str], float]:
    """What stands in the year of a slice before anything is built, by technology and zone [unit].

    Parameters
    ----------
    inputs
        The slice; its cost sheet gives the lifetimes.
    """
    return {key: standing for key, (standing,) in _stock(inputs, (inputs.year,)).items()}
