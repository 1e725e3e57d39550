"""Markets outside the park: what their rows must say together, and what they say of a year."""

from __future__ import annotations

from collections.abc import Iterator

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.periods import tariff_faults
from meishan_model.sheets.records import Market
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.row_reader import missing_row
from meishan_model.sheets.trade_rows import MarketRow

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


def market_faults(park: Park) -> Iterator[Fault]:
    """Markets that say half of what they need, and tariffs with gaps.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    path, markets = park.path("markets"), dict[str, list[MarketRow]]()
    for row in park.markets:
        markets.setdefault(row.market, []).append(row)
    for market, rows in markets.items():
        given = {row.parameter for row in rows}
        for parameter in sorted({_NEEDS[name] for name in given} - given):
            yield missing_row(path, "parameter", parameter, market)
    tariffs = {row.tariff for row in park.tariff_periods}
    for name in ("", *(tariffs & {row.profile for row in park.markets})):
        yield from tariff_faults(park.tariff(name))
    if tariffs and not park.tariff():
        message = "each tariff is the profile of a market: the connection has none"
        remedy = "add one that no market names"
        yield Fault(park.path("tariff_periods"), message, column="tariff", remedy=remedy)
