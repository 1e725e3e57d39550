"""Markets outside the park: what their rows must say together, and what they say of a year."""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import tariff_faults
from meishan_model.sheets.records import Market
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.row_reader import missing_row
from meishan_model.sheets.trade_rows import PriceRow

_NEEDS = {
    "import_capacity": "import_price",
    "export_capacity": "export_price",
    **dict.fromkeys(("import_price", "import_limit", "demand_charge"), "import_capacity"),
    **dict.fromkeys(("export_price", "export_limit"), "export_capacity"),
}
"""What a market must say as well where it says something."""


def markets_of(r: Resolver) -> tuple[Market, ...]:
    """The markets of the year, in the order of the sheet."""
    return tuple(
        Market(market, bus, profile, numbers, r.park.tariff(profile) if profile else ())
        for (market, bus, profile), numbers in r.table("markets").items()
    )


def price_faults(park: Park) -> Iterator[Fault]:
    """Parks that say nothing, or two things, of what a purchase costs, and series of no course.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    items = {row.item for row in park.prices}
    given = [name for name in PriceRow.of_purchase if name in items]
    if len(given) != 1:
        message = f"what power costs is said by {' and '.join(given) or 'no row'}"
        remedy = f"give one of {' and '.join(PriceRow.of_purchase)}"
        yield Fault(park.path("prices"), message, column="item", remedy=remedy)
    for row in park.prices:
        if row.profile and row.item not in PriceRow.by_hour:
            remedy = f"by hour are {' and '.join(PriceRow.by_hour)}; what else has hourly prices "
            remedy += "is a market of markets.csv"
            yield row.fault("profile", f"{row.item} is the same in all hours of a year", remedy)


def market_faults(park: Park) -> Iterator[Fault]:
    """Markets that say half of what they need, and tariffs with gaps.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    given: dict[str, set[str]] = {}
    for row in park.markets:
        given.setdefault(row.market, set()).add(row.parameter)
    for market, numbers in given.items():
        for parameter in sorted({_NEEDS[name] for name in numbers} - numbers):
            yield missing_row(park.path("markets"), "parameter", parameter, market)
    tariffs = {row.tariff for row in park.tariff_periods}
    for name in ("", *sorted(tariffs & {row.profile for row in park.markets})):
        yield from tariff_faults(park.tariff(name))
    if tariffs and not park.tariff():
        message = "each tariff is the profile of a market: the connection has none"
        remedy = "add one that no market names"
        yield Fault(park.path("tariff_periods"), message, column="tariff", remedy=remedy)
