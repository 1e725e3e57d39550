"""Customers of one year, their tariff, and the plants that may stand behind their meters."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from meishan_model.errors import Fault
from meishan_model.sheets.customer_rows import BasicCharge, CustomerRow
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import in_force, power_prices_of
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.row_reader import missing_row, names_remedy
from meishan_model.sheets.tariff_rows import PowerPriceRow, TariffRow

ELSE = ""
"""What a customer has behind its meter who takes all that no other in the zone names."""


@dataclass(frozen=True)
class Customer:
    """A customer with a meter of its own, or several alike.

    Attributes
    ----------
    customer, zone
        Name, and where the meter is.
    members
        Loads, buildings, fleets and the like behind the meter; empty: all that no other names.
    basic_charge, purchase
        What the monthly charge is on, and who buys the energy, as in the sheet.
    prices, tariff
        Rows of the parts of its price that hold on some day of the year, and its periods.
    count, transformer_capacity, power_factor
        Customers alike [-], transformers of all of them [kVA] and their power factor [-].
    """

    customer: str
    zone: str
    members: tuple[str, ...] = ()
    basic_charge: BasicCharge = "demand"
    purchase: Literal["agency", "market"] = "agency"
    prices: tuple[PowerPriceRow, ...] = ()
    tariff: tuple[TariffRow, ...] = ()
    count: float = 1.0
    transformer_capacity: float | None = None
    power_factor: float | None = None


@dataclass(frozen=True)
class Meters:
    """All customers of a year; none where the connection of the park is the only meter.

    Attributes
    ----------
    customers
        In the order of the sheet.
    shares
        Part of the capacity of a technology in a zone that may stand behind a customer's meter
        [-], by technology and zone.
    """

    customers: tuple[Customer, ...] = ()
    shares: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)

    def behind(self, zone: str, *names: str) -> Customer | None:
        """The customer of a zone behind whose meter something lies.

        Parameters
        ----------
        zone
            The zone.
        names
            What it is called, such as its load and its technology; the first that a customer
            names counts. ``None`` where the zone has no customer for it.
        """
        of_zone = [c for c in self.customers if c.zone == zone]
        for name in names:
            for customer in of_zone:
                if name in customer.members:
                    return customer
        return next((c for c in of_zone if not c.members), None)


def resolve_meters(r: Resolver) -> Meters:
    """The customers of a year.

    Parameters
    ----------
    r
        The park in the year; what is missing is collected there.
    """
    numbers = r.table("customer_numbers")
    rows = [row for row in r.park.customers if row.first_year <= r.year <= row.last_year]
    shares: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (technology, zone, customer), values in r.table("regimes").items():
        shares[technology, zone][customer] = values["share"]
    found = tuple(_customer(r, row, numbers.get((row.customer,), {})) for row in rows)
    return Meters(found, dict(shares))


def _customer(r: Resolver, row: CustomerRow, numbers: Mapping[str, float]) -> Customer:
    first, last = dt.date(r.year, 1, 1), dt.date(r.year, 12, 31)
    prices, faults = in_force(prices_of(r.park, row, numbers.get("voltage")), first, last)
    r.faults += faults
    return Customer(
        *(row.customer, row.zone, row.members, row.basic_charge, row.purchase),
        prices=prices,
        tariff=r.park.tariff(row.tariff),
        count=numbers.get("count", 1.0),
        transformer_capacity=numbers.get("transformer_capacity"),
        power_factor=numbers.get("power_factor"),
    )


def prices_of(
    park: Park, row: CustomerRow, voltage: float | None
) -> tuple[PowerPriceRow, ...]:
    """Parts of the price of power that are those of a customer at its voltage [kV]."""
    return power_prices_of(park, row.tariff_class, voltage)


def customer_faults(park: Park) -> Iterator[Fault]:
    """Customers whose bill cannot be made, or whose rows contradict each other.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    path, rows = park.path("customers"), park.customers
    if rows and not park.power_prices:
        message = "customers have bills in parts, and power_prices.csv has no rows"
        yield Fault(path, message, remedy="give the parts of the price, or leave the sheet out")
        return
    given = {(row.customer, row.parameter) for row in park.customer_numbers}
    classes = {row.tariff_class for row in park.power_prices}
    tariffs = {row.tariff for row in park.tariff_periods}
    by_voltage = any(row.voltage_from for row in park.power_prices)
    for row in rows:
        needed = ["voltage"] if by_voltage else []
        if row.basic_charge in ("capacity", "contract"):
            needed.append("transformer_capacity")
        for name in needed:
            if (row.customer, name) not in given:
                numbers = park.path("customer_numbers")
                yield missing_row(numbers, "parameter", name, row.customer)
        if row.tariff_class and row.tariff_class not in classes:
            remedy = names_remedy(row.tariff_class, classes - {""})
            yield row.fault("tariff_class", "is no class of power_prices.csv", remedy)
        if row.tariff and row.tariff not in tariffs:
            remedy = names_remedy(row.tariff, tariffs)
            yield row.fault("tariff", "is no tariff of tariff_periods.csv", remedy)
        yield from _parts(park, row)
    yield from _overlaps(rows)
    yield from _regimes(park)


_OF_CHARGE: Mapping[BasicCharge, tuple[str, ...]] = {
    "none": (),
    "demand": ("demand_charge",),
    "contract": ("demand_charge", "demand_floor", "excess_from", "excess_rate"),
    "capacity": ("capacity_charge",),
}
"""Parts of the price that each basic charge needs."""


def _parts(park: Park, row: CustomerRow) -> Iterator[Fault]:
    """Parts of the price that the bill of a customer needs and no row of its class has."""
    voltages = [n.value for n in park.customer_numbers if n.name_of == (row.customer,)]
    there = {p.part for p in prices_of(park, row, max(voltages, default=None))}
    needed = ["energy", "network_charge", *_OF_CHARGE[row.basic_charge]]
    needed += ["agency_fee"] if row.purchase == "market" else []
    for part in needed:
        if part not in there:
            yield missing_row(park.path("power_prices"), "part", part, row.customer)


def _overlaps(rows: Sequence[CustomerRow]) -> Iterator[Fault]:
    """Customers with two rows for a year, and consumers behind two meters in a year."""
    seen: dict[tuple[str, str], list[CustomerRow]] = defaultdict(list)
    for row in rows:
        names = [("", row.customer), *((row.zone, name) for name in row.members or (ELSE,))]
        for place, name in names:
            for other in seen[place, name]:
                if row.first_year <= other.last_year and other.first_year <= row.last_year:
                    what = f"{name or 'all else'} of {place}" if place else name
                    message = f"{what} stands in row {other.line} for the same years"
                    column = "loads" if place else "customer"
                    yield row.fault(column, message, "let one end before the other begins")
            seen[place, name].append(row)


def _regimes(park: Park) -> Iterator[Fault]:
    """Plants behind the meter of a customer of another zone, or more of them than there are."""
    zones = {row.customer: row.zone for row in park.customers}
    for row in park.regimes:
        kind = park.kind_of.get(row.technology)
        if row.customer in zones and zones[row.customer] != row.zone:
            message = f"{row.customer} has its meter in {zones[row.customer]}"
            yield row.fault("zone", message, "name a customer of the zone")
        if kind is not None and not kind.resource:
            message = f"{row.technology} is no plant of sun or wind"
            yield row.fault("technology", message, "remove the row")
    total: dict[tuple[str, str, int | None], float] = defaultdict(float)
    for row in park.regimes:
        share = row.value / 100.0 if row.unit == "%" else row.value
        total[row.technology, row.zone, row.year] += share
        if total[row.technology, row.zone, row.year] > 1.0 + 1e-9:
            message = f"shares of {row.technology} in {row.zone} add up to more than 100 %"
            yield row.fault("value", message, "let them add up to 100 % at most")


def unserved_faults(park: Park, meters: Meters, needs: Mapping[str, str]) -> Iterator[Fault]:
    """Customers that name what is not in their zone, and zones whose demand has no meter.

    Parameters
    ----------
    park, meters
        The park, and its customers of the year.
    needs
        Zone by ``<name>@<zone>`` of every consumer of power.
    """
    if not meters.customers:
        return
    known = {tuple(key.split("@")) for key in needs}
    for key, zone in needs.items():
        name = key.split("@")[0]
        if meters.behind(zone, name) is None:
            message = f"{name} of {zone} lies behind nobody's meter"
            remedy = f"add a customer of {zone} with empty loads, or name it in one"
            yield Fault(park.path("customers"), message, None, "loads", name, remedy)
    for row in park.customers:
        for name in row.members:
            in_zone = {one for one, zone in known if zone == row.zone}
            if name not in in_zone and not any(one == name for one, _ in known):
                yield row.fault("loads", f"{name} is no consumer of {row.zone}",
                                names_remedy(name, in_zone))
