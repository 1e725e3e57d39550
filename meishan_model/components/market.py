r"""Markets outside the park: a second grid connection, gas, district heat, hydrogen, water.

A market sells up to :math:`K_{im}` and buys up to :math:`K_{ex}` at a bus, at the prices of the
hour :math:`p_{im}, p_{ex}`; the highest import of a month :math:`m` may bear a demand charge, and
what is bought or sold in the year may be limited:

.. math::

    & \min \sum_t (p_{im}(t) P_{im}(t) - p_{ex}(t) P_{ex}(t)) + \sum_m p_D D_m \\
    & 0 \le P_{im}(t) \le K_{im}, \quad 0 \le P_{ex}(t) \le K_{ex} \\
    & P_{im}(t) \le D_{m(t)}, \quad \sum_t P_{im}(t) \le E_{im}, \quad \sum_t P_{ex}(t) \le E_{ex}

What is bought emits as its carrier does wherever it comes from. What is sold takes no emissions
and, of power, no certificates along: the green share of what the plants give stays in the park.
"""

from __future__ import annotations

from typing import Any

from meishan_model.components.base import Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, LimitMeaning, Role
from meishan_model.components.flows import CERTIFICATE_SURPLUS, Charge, Row, Series
from meishan_model.components.purchase import BILLED_DEMAND, DEMAND, billed_demand, carbon_of
from meishan_model.sheets import records
from meishan_model.sheets.units import AMOUNTS


class Market(Component):
    """Where any carrier is bought and sold outside, beside the connection of the park."""

    name = "market"
    side = "network"
    conflict = "a market gives and takes no more than its capacity, and its limit in a year"

    def nodes(self, s: Slice) -> Nodes:
        """What is bought and what is sold at every market."""
        for market in s.inputs.markets:
            if "import_capacity" in market.numbers:
                yield from _import(s, market)
            if "export_capacity" in market.numbers:
                yield _export(s, market)


def _import(s: Slice, market: records.Market) -> Nodes:
    """What is bought; with a demand charge each MW also needs a MW of billed demand."""
    registry, numbers, row = s.registry, market.numbers, _row(market)
    carrier = s.inputs.bus_named(market.bus).carrier
    role: Role = "fuel" if carrier in s.inputs.factors.scope1 else "purchase"
    emissions, charges = carbon_of(s, carrier)
    weights: dict[str, Series] = {}
    if carrier == s.inputs.power_carrier:
        weights[CERTIFICATE_SURPLUS] = -1.0
    flow: dict[str, Any] = {
        "charges": (
            Charge(role, market.market, market.price("import", s.profiles.courses)),
            *charges,
        ),
        "emissions": emissions,
        "limits": _limits(s, market, "import") | weights,
        "nominal_capacity": numbers["import_capacity"],
    }
    what, bus, title = _what(s, market, role), s.buses[market.bus], (market.market, "import")
    if "demand_charge" not in numbers:
        yield registry.source(title, bus, what, row, **flow)
        return
    words = market.market, BILLED_DEMAND
    billed = s.make_bus(words, BILLED_DEMAND, row)
    demand = DEMAND.but(zone=what.zone, asset=what.asset)
    yield registry.converter(title, row, inputs={billed: demand}, outputs={bus: (what, flow)})
    yield from billed_demand(s, billed, words, numbers["demand_charge"], demand)


def _export(s: Slice, market: records.Market) -> Node:
    return s.registry.sink(
        (market.market, "export"),
        s.buses[market.bus],
        _what(s, market, "export"),
        _row(market),
        charges=(Charge("export", market.market, -market.price("export", s.profiles.courses)),),
        limits=_limits(s, market, "export"),
        nominal_capacity=market.numbers["export_capacity"],
    )


def _what(s: Slice, market: records.Market, role: Role) -> Coordinates:
    return Coordinates(role, zone=s.inputs.bus_named(market.bus).zone, asset=market.market)


def _limits(s: Slice, market: records.Market, way: str) -> dict[str, Series]:
    """Weight of a flow in the limit of the year, if there is one."""
    name = f"{market.market}_{way}_limit"
    most = market.numbers.get(f"{way}_limit")
    if most is None:
        return {}
    carrier = s.inputs.bus_named(market.bus).carrier
    unit = next(a for a, flow in AMOUNTS.items() if flow == s.inputs.flow_units.get(carrier, "MW"))
    s.registry.limit(name, most, LimitMeaning(name, unit, rows=(_row(market),)))
    return {name: 1.0}


def _row(market: records.Market) -> Row:
    return "markets", market.market
