"""Carriers: in which unit each is counted, and what equipment takes and gives of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from meishan_model.errors import Fault
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_rows import ConversionRow, TechnologyRow
from meishan_model.sheets.rows import Row
from meishan_model.sheets.units import AMOUNTS

_AMOUNT = re.compile(r"(?<![A-Za-z0-9])(?:[kMG]Wh?|t|m3)(?![A-Za-z0-9])")


def amounts_in(unit: str) -> list[str]:
    """The units of carriers that are in a unit of a sheet.

    Examples
    --------
    >>> amounts_in("GWh/a"), amounts_in("t/MWh"), amounts_in("tCO2/m3")
    (['MWh'], ['t', 'MWh'], ['m3'])
    """
    return [word if word in AMOUNTS else "MWh" for word in _AMOUNT.findall(unit)]


def flow_units(park: Park) -> dict[str, str]:
    """Unit of the flows of carriers that are counted in ``t`` or ``m3``, not in MWh.

    Parameters
    ----------
    park
        Its sheets.
    """
    first: dict[str, str] = {}
    for carrier, unit, _, _ in _counted(park):
        first.setdefault(carrier, unit)
    return {carrier: AMOUNTS[unit] for carrier, unit in first.items() if unit != "MWh"}


def carrier_faults(park: Park) -> Iterator[Fault]:
    """Carriers that are counted in two units, and conversions that equipment cannot have.

    Parameters
    ----------
    park
        Sheets that are each right in themselves.
    """
    first: dict[str, tuple[str, str, int]] = {}
    for carrier, unit, sheet, row in _counted(park):
        known, where, line = first.setdefault(carrier, (unit, sheet, row.line))
        if unit != known:
            message = f"{carrier} is counted in {known} in row {line} of {where}.csv"
            yield row.fault("unit", message, f"count it in {known}")
    yield from _conversions(park)


def _counted(park: Park) -> Iterator[tuple[str, str, str, Row]]:
    """Carrier, unit, sheet and row of all that counts a carrier."""
    main = {row.technology: _main(park, row) for row in park.technologies}
    for technology in park.technologies:
        carrier, units = main[technology.technology], amounts_in(technology.unit)
        if carrier and units:  # the power of a store may name no carrier; vehicles are no amount
            yield carrier, units[0], "technologies", technology
    for conversion in park.conversions:
        taken, given = amounts_in(conversion.unit)
        yield conversion.carrier, taken, "conversions", conversion
        if conversion.technology in main:
            yield main[conversion.technology], given, "conversions", conversion
    for sheet in ("loads", "projects", "loads_unrestructured", "emission_factors"):
        for row in park.rows(sheet):
            yield row.carrier, amounts_in(row.unit)[0], sheet, row
    carriers = {bus.bus: bus.carrier for bus in park.buses}
    for market in park.markets:
        if market.bus in carriers:
            yield carriers[market.bus], amounts_in(market.unit)[0], "markets", market
    for price in park.prices:
        if not price.kind_of_value:
            yield price.item, amounts_in(price.unit)[0], "prices", price


def _main(park: Park, row: TechnologyRow) -> str:
    """The carrier of which a technology's capacity is: what it gives, or a store holds."""
    return row.carrier_in if park.kind_of[row.technology].store else row.carrier_out


def _conversions(park: Park) -> Iterator[Fault]:
    """Rows for equipment that is not dispatched, and carriers that it would have twice."""
    known = park.kinds.technologies
    able = ", ".join(name for name, kind in known.items() if kind.conversions)
    given: dict[str, list[ConversionRow]] = {row.technology: [] for row in park.technologies}
    for row in park.conversions:
        given.setdefault(row.technology, []).append(row)
    for technology in park.technologies:
        name, kind = technology.technology, known[technology.kind]
        ways = {technology.carrier_in: "in", technology.carrier_out: "main"}
        for row in given[name]:
            if not kind.conversions:
                message = f"{name} is a {kind.name}, which follows a duty or takes nothing else"
                remedy = f"give it a kind that is dispatched ({able}), or remove the row"
                yield row.fault("technology", message, remedy)
            if ways.setdefault(row.carrier, row.way) != row.way:
                message = f"{name} takes and gives {row.carrier}"
                yield row.fault("carrier", message, "give what is left of both")
        if kind.conversions == "one_output":
            yield from _one_output(technology, given[name])


def _one_output(technology: TechnologyRow, rows: Sequence[ConversionRow]) -> Iterator[Fault]:
    """Equipment that gives something else than its main output and one other at a steady ratio."""
    remedy = "give it one output beside its main one, without profile"
    wrong = [row for row in rows if row.way == "in" or row.profile]
    wrong += [row for row in rows if row.carrier != rows[0].carrier]
    for row in wrong:
        message = f"a {technology.kind} takes {technology.carrier_in} alone and gives one thing "
        message += f"beside {technology.carrier_out}"
        yield row.fault("carrier", message, remedy)
    if not rows:
        message = f"conversions.csv does not say what {technology.technology} gives beside "
        message += technology.carrier_out
        yield technology.fault("technology", message, remedy)
