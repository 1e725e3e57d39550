r"""Contracts of one year: who offers what to whom, and what a MWh of green power costs.

Of one contracted MWh the share :math:`1 - r` is expected to be delivered, :math:`r` being the
delivery risk. The price of a MWh that is delivered and taken follows a deal in RMI 2023 (Shenzhou
Knitting: feed-in price, network tariff and a premium of 10 CNY/MWh), with the levies that every
purchase bears:

.. math::  p = p_{feed-in} + p_{network} + p_{levies} + p_{premium}

Network charge and levies fall on what is consumed. Of what the plant offers and nobody takes, and
of what it fails to deliver, the shares ``untaken_paid`` and ``undelivered_paid`` of
:math:`p_{feed-in} + p_{premium}` are owed nevertheless.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from meishan_model.sheets.records import WHOLE_PARK, Contract, Course
from meishan_model.sheets.resolver import Resolver
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.trade_rows import ContractRow, ContractTermRow

_FIXED = (*ContractRow.agreed_prices, "price")
"""What a multi-year contract fixes for its whole term; ``price`` is that of an export."""


class GreenPrice(NamedTuple):
    """What green power costs, in parts that do not depend on each other [CNY/MWh].

    ``offered`` is owed for each MWh that the plant is expected to generate, taken or not;
    ``taken`` falls on top of it on each MWh that is taken, in every hour as the levies have it.
    """

    offered: float
    taken: Course

    @property
    def delivered(self) -> Course:
        """Price of a MWh that is offered and taken [CNY/MWh]."""
        return self.offered + self.taken


def green_price(contract: Contract, network_charge: Course, levies: Course) -> GreenPrice:
    """What a contract of green power costs.

    Parameters
    ----------
    contract
        Contract of kind ``green_power``.
    network_charge, levies
        What every MWh that is used bears, in each hour or in one [CNY/MWh].

    Examples
    --------
    The deal of December 2020: 20 GWh contracted, 14 GWh delivered, the rest not paid for.

    >>> from meishan_model.sheets.kinds import ContractKind
    >>> values = {"feed_in_price": 415.3, "premium": 10.0, "delivery_risk": 0.3}
    >>> values |= {"undelivered_paid": 0.0, "untaken_paid": 1.0}
    >>> kind = ContractKind("green_power", {}, role="offered", unit="MW", counted="course")
    >>> deal = Contract("deal", kind, "wind", values)
    >>> price = green_price(deal, network_charge=100.0, levies=0.0)
    >>> round(price.delivered, 1), round(20e3 * deal.delivered_share * price.delivered)
    (525.3, 7354200)
    """
    values = contract.parameters
    agreed = sum(values[name] for name in ContractRow.agreed_prices)
    missing = values["delivery_risk"] / contract.delivered_share
    untaken = values["untaken_paid"] * agreed
    return GreenPrice(
        offered=untaken + values["undelivered_paid"] * agreed * missing,
        taken=agreed - untaken + network_charge + levies,
    )


def resolve_contracts(r: Resolver, scenario: Scenario) -> tuple[Contract, ...]:
    """Everything that is on offer in a year.

    Parameters
    ----------
    r
        The park in the year; what is missing is collected there.
    scenario
        Says which value of a sink's range counts.
    """
    terms = {row.contract: row for row in r.park.contract_terms}
    rows = [row for row in r.park.contracts if runs(terms.get(row.contract), r.year)]
    running = {row.contract for row in rows}
    volumes = r.table(
        "contract_volumes",
        (row for row in r.park.contract_volumes if row.contract in running),
        "contract",
        name="month",
    )
    found = []
    kinds = r.park.kinds.contracts
    for (name, kind, profile), values in r.table("contracts", rows).items():
        own = [row for row in rows if row.contract == name]
        term = terms.get(name)
        if term is not None and term.term == "multi_year":
            values |= _agreed(r, own, term.first_year)
        if kinds[kind].has_vintage and {"limit", "age"} <= values.keys():
            values["limit"] = _issued(own, r.year - round(values["age"]))
        if scenario.sink_rate == "conservative":
            ranges = kinds[kind].ranges.items()
            values |= {n: values[low] for n, (low, _) in ranges if low in values}
        consumer, plant = (WHOLE_PARK, "") if term is None else (term.consumer, term.plant)
        of_months = {int(month): most for month, most in volumes.get((name,), {}).items()}
        found.append(Contract(name, kinds[kind], profile, values, consumer, of_months, plant))
    return tuple(found)


def runs(term: ContractTermRow | None, year: int) -> bool:
    """Whether a contract runs in a year; one without a term always does."""
    return term is None or term.first_year <= year <= term.last_year


def _agreed(r: Resolver, rows: Sequence[ContractRow], year: int) -> dict[str, float]:
    """Prices that were agreed on in the first year."""
    agreed = [row for row in rows if row.parameter in _FIXED]
    table = r.at(year).table("contracts", agreed)
    return next(iter(table.values()), {})


def _issued(rows: Sequence[ContractRow], vintage: int) -> float:
    """What is issued of one vintage [tCO2/a]; nothing before the first row with a year."""
    issued = [row for row in rows if row.parameter == "limit"]
    if issued[0].year is None:
        return issued[0].value
    years, values = zip(*sorted((row.year or 0, row.value) for row in issued), strict=True)
    return float(np.interp(vintage, years, values, left=0.0))
