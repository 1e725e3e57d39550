"""Numbers of a park's sheets that cannot all be right, as errors.

Each row is possible in itself. What hardly fits, and may yet be meant, is told as a warning
(:mod:`meishan_model.sheets.proportions`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meishan_model.errors import Fault, rows_text
from meishan_model.sheets.demand_rows import BaselineRow
from meishan_model.sheets.park import Park, Site
from meishan_model.sheets.periods import end_of
from meishan_model.sheets.plausibility import row_of_year
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.tariff_rows import TariffRow
from meishan_model.sheets.units import rate_fault

FAR_FROM_COUNTRY = 3000.0
"""Distance to the nearest place of its country above which a park's is wrong [km]."""
FAR_FROM_BASELINE = 20.0
"""How far the loads of the baseline's years may lie from the power of the baseline."""
YEARS_OF_BASELINE = 5
"""Years around that of the baseline in which loads are compared with it."""


def contradictions(park: Park) -> Iterator[Fault]:
    """Rows that contradict each other in every year.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    for currency in park.currencies:
        if told := rate_fault(currency.currency, currency.value):
            yield currency.fault("value", *told)
    yield from _voltages(park)
    yield from _tariffs(park)


def yearly_contradictions(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Numbers of one year that contradict each other.

    Parameters
    ----------
    park
        All sheets of the park.
    inputs
        What they say of the year.
    """
    yield from _prices(park, inputs)
    yield from _stock(park, inputs)
    yield from _baseline(park, inputs)


def distances(place: tuple[float, float], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great circles from a place to others [km], by their latitudes and longitudes [deg]."""
    here, there = np.radians(place), np.radians(others)
    half = np.sin((there - here) / 2.0) ** 2
    chord = half[:, 0] + np.cos(here[0]) * np.cos(there[:, 0]) * half[:, 1]
    return np.asarray(2.0 * 6371.0 * np.arcsin(np.sqrt(chord)), dtype=np.float64)


def place_fault(site: Site, path: Path) -> Iterator[Fault]:
    """A place far from all of its country: a sign or the order of the coordinates is wrong."""
    there = _places_of(site.country)
    if not there.size:
        return
    away = float(distances((site.latitude, site.longitude), there).min())
    if away > FAR_FROM_COUNTRY:
        message = f"lies {away:.0f} km from the nearest city of {site.country}"
        remedy = "degrees north and east are positive; or correct country, quoted: 'NO' is a word"
        given = f"{site.latitude:g}, {site.longitude:g}"
        yield Fault(str(path), message, None, "latitude", given, remedy)


@cache
def _places_of(country: str) -> NDArray[np.float64]:
    """Latitude and longitude of the cities after which the country's time zones are named."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    found = [_coordinates(row[1]) for row in rows if row[0] == country]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _coordinates(text: str) -> tuple[float, float]:
    """Degrees of ISO 6709 text.

    >>> _coordinates("+3114+12128")
    (31.233333333333334, 121.46666666666667)
    """
    split = max(text.rfind("+"), text.rfind("-"))
    return _degrees(text[:split], 2), _degrees(text[split:], 3)


def _degrees(text: str, digits: int) -> float:
    sign, whole, minutes = text[0], text[1 : 1 + digits], text[1 + digits : 3 + digits]
    return float(f"{sign}1") * (int(whole) + int(minutes) / 60)


def _voltages(park: Park) -> Iterator[Fault]:
    """Transformers and connections that end at a higher voltage than they begin."""
    volts = {row.bus: row for row in park.buses if row.unit == "kV"}
    for element in park.network_of("connection", "transformer"):
        ends = volts.get(element.from_bus), volts.get(element.to_bus)
        if ends[0] and ends[1] and ends[0].value < ends[1].value:
            message = f"{element.element} leads from it up to {ends[1].bus} ({ends[1].value:g} kV)"
            yield ends[0].fault("value", message, "correct a voltage or turn the element round")


PERIODS = ("deep_valley", "valley", "flat", "peak", "sharp")
"""Periods of a tariff, the cheapest first."""


def _tariffs(park: Park) -> Iterator[Fault]:
    """Periods that cost more than one that is dearer by its name, each once."""
    ranked = sorted(park.tariff_periods, key=lambda row: (PERIODS.index(row.period), row.line))
    for place, row in enumerate(ranked):
        dearer = [
            other
            for other in ranked[place + 1 :]
            if other.value < row.value and other.period != row.period and _are_together(row, other)
        ]
        if dearer:
            other = dearer[0]
            message = f"{row.period} costs more than {other.period}, {other.value:g} in row "
            remedy = "correct one of the values, or the periods"
            yield row.fault("value", f"{message}{other.line}", remedy)


def _are_together(one: TariffRow, other: TariffRow) -> bool:
    """Whether two periods are of one tariff, kind of day, month and time."""
    return (
        (one.tariff, one.day_type) == (other.tariff, other.day_type)
        and bool({*one.months} & {*other.months})
        and one.valid_from <= end_of(other)
        and other.valid_from <= end_of(one)
    )


def _prices(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """A retail price that does not even pay for the grid."""
    retail, network = (inputs.prices.get(n) for n in ("purchase_flat", "network_charge"))
    given = [row for row in park.prices if row.item == "purchase_flat"]
    if given and retail is not None and network is not None and retail < network:
        message = f"is below its own network charge of {network:g} CNY/MWh in {inputs.year}"
        row = row_of_year(given, inputs.year)
        yield row.fault("value", message, "raise it, or lower network_charge: it contains that")


def _stock(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """More in stock than may stand."""
    left: dict[tuple[str, str], float] = defaultdict(float)
    for plant in park.existing_plants:
        cost = inputs.technologies[plant.technology].cost
        if cost is not None and plant.commissioned_to <= inputs.year:
            standing = plant.standing(cost.technical_lifetime, inputs.year)
            left[plant.technology, plant.zone] += standing
    for asset in inputs.assets:
        place, potential = (asset.technology, asset.zone), asset.potential
        if potential is not None and left[place] > potential * (1 + 1e-9):
            row = next(p for p in park.existing_plants if (p.technology, p.zone) == place)
            unit = inputs.technologies[asset.technology].unit
            message = f"{left[place]:g} {unit} of {' in '.join(place)} stand in {inputs.year}, "
            message += f"above the potential of {potential:g} {unit}"
            lines = rows_text(inputs.lines.get(("assets", *place), ()))
            remedy = f"correct the stock, or the potential in assets.csv, {lines}"
            yield row.fault("value", message, remedy)


def power_of_baseline(park: Park, inputs: SliceInputs) -> tuple[list[BaselineRow], float]:
    """Rows of power in the baseline, and the loads of power over what they say [-].

    The ratio is one in years far from the baseline's, and where either is nothing.
    """
    power = inputs.power_carrier
    rows = [r for r in park.baseline if r.carrier == power and r.accounting != "memo"]
    per_tce = inputs.factors.tce_equivalent.get(power, np.nan)
    near = abs(inputs.year - (park.site.baseline_year or 0)) <= YEARS_OF_BASELINE
    given = sum(row.energy(per_tce) for row in rows)
    needed = sum(load.energy for load in inputs.loads if load.carrier == power)
    return rows, needed / given if near and given > 0 and needed > 0 else 1.0


def _baseline(park: Park, inputs: SliceInputs) -> Iterator[Fault]:
    """Loads of power that are so far from the baseline's as only a wrong unit makes them."""
    rows, ratio = power_of_baseline(park, inputs)
    if not 1 / FAR_FROM_BASELINE <= ratio <= FAR_FROM_BASELINE:
        message = f"the loads of {inputs.year} are {ratio:.3g} times the power of the baseline"
        largest = max(rows, key=lambda row: row.value)
        of_power = (r.line for r in park.loads if r.carrier == inputs.power_carrier)
        remedy = f"correct one of {rows_text(row.line for row in rows)}, or in loads.csv of "
        yield largest.fault("value", message, remedy + rows_text(of_power))
