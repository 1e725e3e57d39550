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

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from meishan_model.components.base import Component, Slice, bought
from meishan_model.components.connection import billed_demand
from meishan_model.components.coordinates import Coordinates, Role
from meishan_model.components.flows import CERTIFICATE_SURPLUS, Charge, LimitMeaning, Series
from meishan_model.sheets.records import Market as Record

if TYPE_CHECKING:
    from oemof.network import Node


class Market(Component):
    """Where any carrier is bought and sold outside, beside the connection of the park."""

    name = "market"
    side = "network"
    conflict = "a market gives and takes no more than its capacity, and its limit in a year"

    def nodes(self, s: Slice) -> Iterator[Node]:
        """What is bought and what is sold at every market."""
        for market in s.inputs.markets:
            if "import_capacity" in market.numbers:
                yield from _purchase(s, market)
            if "export_capacity" in market.numbers:
                role = _flow(s, market, "export", "export")
                price = s.profiles.price(market, "export")
                ...
