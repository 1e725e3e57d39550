r"""The neutrality statement of a year: from gross to net, line by line.

.. math::

    E_{net} = \underbrace{E_1 + f\,(P + G)}_{gross} - f\,G - f\,C - S - K

with scope 1 :math:`E_1`, power through the fence that no contract covers :math:`P`, delivered
green power :math:`G` and unbundled certificates :math:`C` (both cancelled), the stated factor of
uncovered power :math:`f`, sinks :math:`S` and credits :math:`K`. Beside the market-based column
stands the location-based one, in which :math:`G` and :math:`C` change nothing (GHG Protocol, Scope
2 Guidance of 2015, asks for both). Scope 3 is reported, never netted; local green power at home
needs no line in the sum, since it comes through no fence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.ledger.facts import Facts, rows_of, slice_facts
from meishan_model.sheets.records import Contract

COLUMNS = (
    *("part", "item", "amount", "unit", "location_based", "market_based", "vintage", "source"),
)

SUMS: Mapping[str, tuple[str, ...]] = {
    "gross": ("scope1", "scope2"),
    "covered": ("scope1", "scope2", "green_power", "certificate"),
    "net": ("scope1", "scope2", "green_power", "certificate", "sink", "credit"),
}
"""Lines that are the sum of other parts."""

MEMO = ("gap", "scope3_reported", "local_use", "export", "sold_to_grid")
"""Parts that stand beside the sum."""

PARTS = (
    *("scope1", "scope2", "gross", "green_power", "certificate", "covered"),
    *("sink", "credit", "net", *MEMO),
)
"""All parts in the order of the statement."""

Line = tuple[str, str, float, str, float, float]
"""Part, item, amount, its unit, location-based and market-based emission [tCO2/a]."""


def neutrality_statement(ds: xr.Dataset, sources: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The neutrality statement of a solved slice.

    Parameters
    ----------
    ds
        The slice.
    sources
        Where the numbers of a line come from, by line
        (:func:`~meishan_model.ledger.sources.statement_sources`).

    Returns
    -------
    pandas.DataFrame
        Index ``line``, that is ``<part>:<item>``, or ``<part>`` for a sum; part, item, amount in
        ``unit`` (not a number where there is none), location_based and market_based [tCO2/a]
        (not a number where a line emits nothing by its nature), vintage of a credit (else not a
        number), source.

    Raises
    ------
    InputError
        If the slice does not say what its statement needs.
    """
    return statement_of(slice_facts(ds), sources)


def statement_of(facts: Facts, sources: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The neutrality statement of facts, be they those of a result or of the ledger.

    Parameters
    ----------
    facts
        Claims and emissions of a year.
    sources
        As in :func:`neutrality_statement`.

    Returns
    -------
    pandas.DataFrame
        As in :func:`neutrality_statement`.
    """
    numbers = ["location_based", "market_based"]
    lines = pd.DataFrame([*_emissions(facts), *_instruments(facts)], columns=list(COLUMNS[:-2]))
    total = lines.groupby("part")[numbers].sum()
    sums = [
        (part, "", np.nan, "", *(float(total.reindex(of)[n].sum()) for n in numbers))
        for part, of in SUMS.items()
    ]
    unused = lines["part"].isin(_INSTRUMENT_PARTS) & (lines["amount"] <= 0.0)
    table = pd.concat([lines[~unused], pd.DataFrame(sums, columns=lines.columns)])
    table["line"] = table["part"] + (":" + table["item"]).where(table["item"] != "", "")
    used = facts.claims[facts.claims["role"] == "credit"]
    vintages = dict(zip(used["origin"], used["year"], strict=True))
    of_credits = table["item"].where(table["part"] == "credit")
    table["vintage"] = of_credits.map(vintages).astype(float)
    table["source"] = [(sources or {}).get(line, "") for line in table["line"]]
    order = pd.Categorical(table["part"], PARTS, ordered=True)
    table = table.assign(order=order).sort_values(["order", "item"], kind="stable")
    return table.set_index("line")[list(COLUMNS)]


_INSTRUMENT_PARTS = ("green_power", "certificate", "sink", "credit", "sold_to_grid")


def _emissions(facts: Facts) -> Iterator[Line]:
    """Scope 1 by fuel, scope 2 of all power through the fence, gap and scope 3."""
    table = facts.inventory
    for scope in ("scope1", "gap", "scope3_reported"):
        for row in rows_of(table[table["scope"] == scope]):
            energy, tonnes = row["megawatt_hours"], row["tonnes"]
            unit = "" if math.isnan(energy) else "MWh/a"
            yield scope, row["carrier"], energy, unit, tonnes, tonnes
    power = table.set_index("scope").loc[["scope2_location", "scope2_market"]]
    located, stated = power["tonnes"].astype(float)
    through_fence = float(power["megawatt_hours"].iloc[0])
    yield "scope2", "electricity", through_fence, "MWh/a", located, stated


def _instruments(facts: Facts) -> Iterator[Line]:
    """What is cancelled against emissions, and where the other certificates are."""
    numbers = ["issued", "claimed", "sold", "hectares"]
    claims = facts.claims[["role", "origin", *numbers]].fillna({"sold": 0.0})
    local = claims[claims["role"] == "local"]
    yield "local_use", "", float(local["claimed"].sum()), "MWh/a", np.nan, np.nan
    yield "export", "", float(local["sold"].sum()), "MWh/a", np.nan, np.nan
    by_origin = claims.groupby(["role", "origin"], as_index=False)[numbers].sum()
    for row in rows_of(by_origin):
        yield from _of_origin(facts.market_factor, **row)


def _of_origin(
    market_factor: float,
    role: str,
    origin: str,
    issued: float,
    claimed: float,
    sold: float,
    hectares: float,
) -> Iterator[Line]:
    """Lines of one plant outside, credit or sink."""
    avoided = -market_factor * claimed
    if role in ("contract", "sold_to_grid"):
        yield "green_power", origin, claimed, "MWh/a", 0.0, avoided
    if role == "unbundled":
        yield "certificate", origin, claimed, "MWh/a", 0.0, avoided
    if role == "sold_to_grid":
        yield "sold_to_grid", origin, issued - claimed - sold, "MWh/a", np.nan, np.nan
    if role == "credit":
        yield "credit", origin, claimed, "tCO2/a", -claimed, -claimed
    if role == "sink":
        yield "sink", origin, hectares, "ha", -claimed, -claimed


def sink_rates(contracts: Iterable[Contract]) -> dict[str, tuple[float, float]]:
    """Range of what a hectare of each sink takes up [tCO2/(ha*a)], where the sheet gives one.

    Parameters
    ----------
    contracts
        Everything on offer in a year.
    """
    return {
        contract.contract: (contract.parameters["rate_low"], contract.parameters["rate_high"])
        for contract in contracts
        if contract.kind.ranges.get("rate") == ("rate_low", "rate_high")
        and {"rate_low", "rate_high"} <= contract.parameters.keys()
    }


def net_range(
    statement: pd.DataFrame, rates: Mapping[str, tuple[float, float]]
) -> tuple[float, float] | None:
    """Market-based net emissions if all sinks are at one end of their range.

    Parameters
    ----------
    statement
        As :func:`neutrality_statement` gives it.
    rates
        Lowest and highest uptake of a hectare by sink [tCO2/(ha*a)].

    Returns
    -------
    tuple of float or None
        Lowest and highest net emissions [tCO2/a]; ``None`` where no sink in use has a range.
    """
    sinks = statement[(statement["part"] == "sink") & statement["item"].isin(list(rates))]
    if sinks.empty:
        return None
    net = statement.loc[statement["part"] == "net", "market_based"].sum()
    others = float(net - sinks["market_based"].sum())
    ends = pd.DataFrame([rates[name] for name in sinks["item"]], columns=["low", "high"])
    uptake = ends.mul(sinks["amount"].to_numpy(), axis="index").sum()
    return others - float(uptake["high"]), others - float(uptake["low"])
