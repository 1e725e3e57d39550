r"""Contracted green power: what a plant offers, what the park takes of it, and when it counts.

With the contracted capacity :math:`K`, the profile :math:`f_t` and the share :math:`1 - r` that is
expected to be delivered, the plant offers :math:`g_t = (1 - r) f_t K`. It is delivered in the hour
of generation, :math:`d_t`, to a load :math:`L_t` (that of the park, a zone or a named load), and
the surplus :math:`s_t` is left:

.. math::  g_t = d_t + s_t, \qquad d_t \le L_t

A contract with monthly volumes :math:`V_m` is one on energy: the plant is called on, up to its
output, for :math:`\sum_{t \in m} g_t \le (1 - r) V_m`.

**Matching** says what becomes of the surplus. ``hourly``: it is lost. ``hourly_settled``: it is
settled at the market price of its hour, and that is all. ``monthly`` and ``yearly``: it is settled
in the same way, and the claim to it is used for a MWh that is bought at the tariff of another hour
of the same period :math:`\tau`, which then counts as green power :math:`c_t`. As China settles
green power by the month, that is the least of what is contracted, generated and consumed:

.. math::  \sum_{t \in \tau} c_t \le \sum_{t \in \tau} s_t, \qquad
           \sum_{t \in \tau} (d_t + c_t) \le \sum_{t \in \tau} L_t

Only the claim moves, not the money: who could also move the power from a valley to a peak of the
tariff would be paid for a battery that nobody has.

Delivered and claimed power counts zero in the market-based figure, and the grid's factor of the
hour in which it is used in the location-based one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meishan_model.components.base import Bus, Component, Node, Nodes, Slice
from meishan_model.components.coordinates import Coordinates, Emission, LimitMeaning, Role
from meishan_model.components.flows import Charge, Decision, Series, row_of_contract
from meishan_model.components.purchase import carbon_charges, located_factor
from meishan_model.series import FloatArray
from meishan_model.series.market import months_seen
from meishan_model.sheets.contracts import GreenPrice, green_price
from meishan_model.sheets.kinds import ContractKind
from meishan_model.sheets.records import WHOLE_PARK, Contract
from meishan_model.sheets.rows import Quantity
from meishan_model.sheets.units import weight_of_step


class PurchaseAgreement(Component):
    """Green power of a plant outside the park, at a price of its own."""

    name = "green_power"
    side = "trade"
    contract = ContractKind(
        "green_power",
        {
            "capacity": Quantity("MW", 0, 1e5, (0.01, 3000), "from a roof to a wind base"),
            "feed_in_price": Quantity("CNY/MWh", 0, 5000, (50, 2000), "what a market pays"),
            "premium": Quantity("CNY/MWh", 0, 2000, (0.5, 300), "certificates and shaping"),
            "delivery_risk": Quantity("%", 0, 99, (0.1, 60), "what fails of a contract"),
            "undelivered_paid": Quantity("%", 0, 100, (1, 100), "a share of its price"),
            "untaken_paid": Quantity("%", 0, 100, (1, 100), "a share of its price"),
        },
        role="offered",
        limit="capacity",
        unit="MW",
        counted="course",
        sizes=("capacity", "delivery_risk"),
    )
    conflict = (
        "a plant under contract gives what its profile says, and no hour takes more than its load"
    )

    def nodes(self, s: Slice) -> Nodes:
        """Every contract of green power."""
        upstream = s.buses[s.inputs.connection.from_bus]
        for contract in s.inputs.contracts_of(self.contract):
            words, row = (contract.contract, "plant"), row_of_contract(contract)
            plant = s.make_bus(words, s.inputs.power_carrier, row)
            yield from _deal(_Deal(s, contract, plant, upstream, _consumer_load(s, contract)))


@dataclass(frozen=True)
class _Deal:
    """One contract in one slice; ``load`` is that of a named consumer [MW]."""

    s: Slice
    contract: Contract
    plant: Bus
    upstream: Bus
    load: FloatArray | None

    @property
    def name(self) -> str:
        """Name of the contract."""
        return self.contract.contract

    @property
    def price(self) -> GreenPrice:
        """What its power costs."""
        profiles = self.s.profiles
        return green_price(self.contract, profiles.network_charge, profiles.levies)

    def limit(self, name: str, most: float) -> None:
        """Limit what the flows of the contract are in all hours [MWh]."""
        rows = (row_of_contract(self.contract),)
        self.s.registry.limit(name, most, LimitMeaning(name, "MWh", rows=rows))

    def coordinates(self, role: Role) -> Coordinates:
        """What a flow of the contract is."""
        return Coordinates(role, contract=self.name)


def _deal(deal: _Deal) -> Nodes:
    matching = deal.s.inputs.scenario.matching
    by_hour = matching in ("hourly", "hourly_settled")
    limits = {} if by_hour else _consumption_limits(deal)
    yield _plant(deal)
    yield _delivery(deal, limits)
    if matching == "hourly":
        yield _surplus(deal, "unused", "curtailment")
        return
    claims = {} if by_hour else _periods(deal, "claims")
    income = Charge("purchase", deal.name, -deal.s.profiles.market_price)
    given_up = {name: -mine for name, mine in claims.items()}
    yield _surplus(deal, "settled", "settled", charges=(income,), limits=given_up)
    if claims:
        yield _claimed(deal, {**claims, **limits})
        for keyword in claims:
            deal.limit(keyword, 0.0)


def _plant(deal: _Deal) -> Node:
    """What the plant offers, and what is owed for it whether it is taken or not."""
    contract = deal.contract
    expected = deal.s.profiles.green_power[contract.profile] * contract.delivered_share
    by_volume = bool(contract.volumes)
    course: dict[str, Any] = {"maximum" if by_volume else "fix": expected}
    return deal.s.registry.source(
        deal.name,
        deal.plant,
        deal.coordinates("offered"),
        row_of_contract(contract),
        charges=(Charge("purchase", deal.name, deal.price.offered),),
        limits=_volume_limits(deal) if by_volume else None,
        decides=Decision(upper=contract.parameters["capacity"]),
        **course,
    )


def _volume_limits(deal: _Deal) -> dict[str, Series]:
    """Weights of a flow in the volume of each month; a month that is not named has none.

    The hours that a trial has of a month stand for more than the month, or for less; its volume
    is taken in the same proportion.
    """
    months, weights = deal.s.profiles.month, {}
    for month in np.unique(months):
        keyword = f"{deal.name}_volume_{month:02d}"
        volume = deal.contract.volumes.get(int(month), 0.0) * deal.contract.delivered_share
        deal.limit(keyword, volume * months_seen(months, int(month)))
        weights[keyword] = (months == month).astype(float)
    return weights


def _delivery(deal: _Deal, limits: dict[str, Series]) -> Node:
    """Power that is used in the hour of its generation; it bears network charge and levies."""
    what = deal.coordinates("delivered")
    taken = _taken(deal, deal.price.taken, limits)
    if deal.load is not None:
        taken |= {"nominal_capacity": 1.0, "maximum": deal.load}
    return deal.s.registry.converter(
        (deal.name, "delivery"),
        row_of_contract(deal.contract),
        inputs={deal.plant: what},
        outputs={deal.upstream: (what, taken)},
    )


def _taken(deal: _Deal, price: Series, limits: dict[str, Series]) -> dict[str, Any]:
    """Options of green power on its way into the park: the location-based figure counts it."""
    located = located_factor(deal.s.inputs, deal.s.profiles)
    return {
        "charges": (
            Charge("purchase", deal.name, price),
            *carbon_charges(deal.s.inputs, deal.name, located, 0.0),
        ),
        "emissions": (Emission("scope2_location", deal.name, located),),
        "limits": limits,
    }


def _surplus(deal: _Deal, fate: str, role: Role, **flow: Any) -> Node:
    """Power that nobody takes in its hour: ``unused`` or ``settled``."""
    title, row = (deal.name, fate), row_of_contract(deal.contract)
    return deal.s.registry.sink(title, deal.plant, deal.coordinates(role), row, **flow)


def _claimed(deal: _Deal, limits: dict[str, Series]) -> Node:
    """Power that is bought at the tariff and covered by what was generated in another hour."""
    title, row = (deal.name, "claimed"), row_of_contract(deal.contract)
    taken = _taken(deal, deal.s.profiles.purchase_price, limits)
    return deal.s.registry.source(title, deal.upstream, deal.coordinates("claimed"), row, **taken)


def _consumption_limits(deal: _Deal) -> dict[str, Series]:
    """Weights in the limit of what is delivered and claimed: what the consumer uses in a period.

    The park as a whole needs none: what is claimed passes its connection.
    """
    if deal.load is None:
        return {}
    periods = _periods(deal, "consumption")
    for keyword, mine in periods.items():
        most = float(mine @ deal.load) * weight_of_step(deal.s.registry.steps)
        deal.limit(keyword, most)
    return dict(periods)


def _periods(deal: _Deal, what: str) -> dict[str, FloatArray]:
    """Hours of each period of balancing, 1 within and 0 outside, by the name of a limit."""
    months, stem = deal.s.profiles.month, f"{deal.name}_{what}"
    if deal.s.inputs.scenario.matching == "yearly":
        return {f"{stem}_year": np.ones(len(months))}
    return {f"{stem}_{m:02d}": (months == m).astype(float) for m in np.unique(months)}


def _consumer_load(s: Slice, contract: Contract) -> FloatArray | None:
    """Power that the named consumer uses in each hour [MW]; ``None`` for the whole park."""
    if contract.consumer == WHOLE_PARK:
        return None
    total = np.zeros(s.registry.steps)
    for load in s.inputs.loads:
        if load.carrier == s.inputs.power_carrier and contract.consumer in (load.load, load.zone):
            total += s.profiles.load(load.profile, load.energy)
    return total
