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
_AMOUNTS = {
    **dict.fromkeys(("MW", "CNY/MWh", "CNY/(MW*month)", "MWh/a", "GWh/a"), "MWh"),
    **dict.fromkeys(("t/h", "CNY/t", "t/a"), "t"),
    **dict.fromkeys(("m3/h", "CNY/m3", "m3/a"), "m3"),
}
"""In what a carrier is counted, by the unit of a number of its market."""


def markets_of(r: Resolver) -> tuple[Market, ...]:
    """The markets of the year, in the order of the sheet."""
    return tuple(
        Market(market, bus, profile, numbers, r.park.tariff(profile) if profile else ())
        for (market, bus, profile), numbers in r.table("markets").items()
    )


def market_faults(park: Park) -> Iterator[Fault]:
    """Markets that say half of what they need, units at odds, and tariffs with gaps.

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
        yield from _foreign_units(rows)
    tariffs = {row.tariff for row in park.tariff_periods}
    for name in ("", *(tariffs & {row.profile for row in park.markets})):
        yield from tariff_faults(park.tariff(name))
    if tariffs and not park.tariff():
        message = "each tariff is the profile of a market: the connection has none"
        remedy = "add one that no market names"
        yield Fault(park.path("tariff_periods"), message, column="tariff", remedy=remedy)


def _foreign_units(rows: list[MarketRow]) -> Iterator[Fault]:
    """Numbers of a market that count its carrier in another unit than the first."""
    counted = _AMOUNTS[rows[0].unit]
    for row in rows:
        if _AMOUNTS[row.unit] != counted:
            message = f"row {rows[0].line} counts what {row.market} sells in {counted}"
            remedy = f"give {' or '.join(u for u, of in _AMOUNTS.items() if of == counted)}"
            yield row.fault("unit", message, remedy)
