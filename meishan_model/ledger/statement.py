r"""The neutrality statement of a year: from gross to net, line by line.

.. math::

    E_{net} = \underbrace{E_1 + f\,(P + G)}_{gross} - f\,G - f\,C - S - K

with scope 1 :math:`E_1`, power through the fence that no contract covers :math:`P`, delivered
green power :math:`G` and unbundled certificates :math:`C` (both cancelled), the stated factor of
uncovered power :math:`f`, sinks :math:`S` and credits :math:`K`. Beside the market-based column
stands the location-based one, in which :math:`G` and :math:`C` change nothing (GHG Protocol, Scope
2 Guidance of 2015, asks for both). Scope 3 is reported, never netted; local green power at home
needs no line in the sum, since it comes through no fence. Each line cites sheet, rows and source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.catalogue import kinds
from meishan_model.ledger.facts import Facts, rows_of, slice_facts
from meishan_model.results.wording import Language
from meishan_model.sheets.buses import power_carrier
from meishan_model.sheets.contracts import runs
from meishan_model.sheets.park import Park
from meishan_model.sheets.records import Contract
from meishan_model.sheets.resolve import grid_factor_rows
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.scenario import Scenario

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
        (:func:`statement_sources`).

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
    """Scope 1 by fuel, scope 2 of all power, heat and cold through the fence, gap and scope 3."""
    table = facts.inventory
    for scope in ("scope1", "gap", "scope3_reported"):
        for row in rows_of(table[table["scope"] == scope]):
            energy, tonnes = row["megawatt_hours"], row["tonnes"]
            unit = "" if math.isnan(energy) else "MWh/a"
            yield scope, row["carrier"], energy, unit, tonnes, tonnes
    stated = table[table["scope"] == "scope2_market"].set_index("carrier")["tonnes"]
    for row in rows_of(table[table["scope"] == "scope2_location"]):
        energy, carrier = float(row["megawatt_hours"]), row["carrier"]
        located, claimed = float(row["tonnes"]), float(stated[carrier])
        yield "scope2", carrier, energy, "MWh/a", located, claimed


def _instruments(facts: Facts) -> Iterator[Line]:
    """What is cancelled against emissions, and where the other certificates are."""
    numbers = ["issued", "claimed", "sold", "hectares"]
    claims = facts.claims[["role", "origin", *numbers]].fillna({"sold": 0.0})
    local = claims[claims["role"] == "local"]
    yield "local_use", "", float(local["claimed"].sum()), "MWh/a", np.nan, np.nan
    yield "export", "", float(local["sold"].sum()), "MWh/a", np.nan, np.nan
    by_origin = claims.groupby(["role", "origin"], as_index=False)[numbers].sum()
    for row in rows_of(by_origin[by_origin["role"] != "local"]):
        role, origin, claimed = row["role"], row["origin"], row["claimed"]
        if role in ("credit", "sink"):
            amount, unit = (claimed, "tCO2/a") if role == "credit" else (row["hectares"], "ha")
            yield role, origin, amount, unit, -claimed, -claimed
            continue
        part = "certificate" if role == "unbundled" else "green_power"
        yield part, origin, claimed, "MWh/a", 0.0, -facts.market_factor * claimed
        if role == "sold_to_grid":
            left = row["issued"] - claimed - row["sold"]
            yield role, origin, left, "MWh/a", np.nan, np.nan


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


_ROWS = {"en": ("row {}", "rows {}", ", ", "; "), "zh": ("第{}行", "第{}行", "、", "；")}
_CONFIDENCES = {
    "published": {"en": " (published)", "zh": "（已发表）"},
    "derived": {"en": " (derived)", "zh": "（推算）"},
    "assumption": {"en": " (assumption)", "zh": "（假设）"},
    "placeholder": {"en": " (placeholder)", "zh": "（占位值）"},
}


@dataclass(frozen=True)
class Citation:
    """What a line of the statement rests on: rows of a sheet with what they cite.

    ``cited`` holds the lines of rows that cite the same, their source and their confidence.
    """

    sheet: str
    cited: tuple[tuple[tuple[int, ...], str, str], ...]

    def text(self, language: Language = "en") -> str:
        """The citation, such as ``emission_factors.csv row 7: GB/T 2589 ... (derived)``."""
        one, several, comma, semicolon = _ROWS[language]
        parts = [
            f"{(several if lines[1:] else one).format(comma.join(map(str, lines)))}: "
            f"{source}{_CONFIDENCES[confidence][language]}"
            for lines, source, confidence in self.cited
        ]
        return f"{self.sheet}.csv {semicolon.join(parts)}" if parts else ""


Rows = Sequence[ValueRow]
_Origin = tuple[str, str, Rows]
"""Line of the statement, stem of a sheet, rows of it."""


def statement_sources(park: Park, scenario: Scenario, year: int) -> dict[str, Citation]:
    """Sheet, rows and sources behind the lines of a statement.

    Parameters
    ----------
    park
        All sheets of the park.
    scenario
        Says which factor power that no contract covers has.
    year
        Year of the statement; of a quantity with a row a year those on either side of it count.

    Returns
    -------
    dict
        By line what it rests on.
    """
    origins = (
        *_fuels(park, year),
        _power(park, scenario, year),
        *_buildings(park, year),
        *_contracts(park, year),
        *_sold_plants(park),
    )
    return {line: _cited(sheet, rows) for line, sheet, rows in origins}


def _fuels(park: Park, year: int) -> Iterator[_Origin]:
    factors = [row for row in park.emission_factors if row.is_of_fuel]
    for carrier in dict.fromkeys(row.carrier for row in factors):
        rows = _of_year([row for row in factors if row.carrier == carrier], year)
        yield f"scope1:{carrier}", "emission_factors", rows
        yield f"scope3_reported:{carrier}", "emission_factors", rows


def _power(park: Park, scenario: Scenario, year: int) -> _Origin:
    """Both factors of power through the fence, the stated one as the scenario chooses it."""
    located = grid_factor_rows(park, "location", scenario.location_factor)
    stated = grid_factor_rows(park, "market", scenario.market_factor)
    rows = dict.fromkeys([*_of_year(located, year), *_of_year(stated, year)])
    return f"scope2:{power_carrier(park)}", "emission_factors", [*rows]


def _buildings(park: Park, year: int) -> Iterator[_Origin]:
    rows = park.building_life_cycle
    for stage in dict.fromkeys(row.stage for row in rows):
        of_stage = [row for row in rows if row.stage == stage]
        yield (
            f"scope3_reported:building_{stage}",
            "building_life_cycle",
            _by_parameter(of_stage, ("reference", "reduction"), year),
        )


def _contracts(park: Park, year: int) -> Iterator[_Origin]:
    """Instruments by contract, and a contract on a plant of the park by the plant as well."""
    terms = {term.contract: term for term in park.contract_terms}
    plants = {name: term.plant for name, term in terms.items()}
    exports: list[ValueRow] = []
    contracts = kinds().contracts
    for name, kind in dict.fromkeys((row.contract, row.kind) for row in park.contracts):
        of_contract = [row for row in park.contracts if row.contract == name]
        rows = _by_parameter(of_contract, contracts[kind].sizes, year)
        if contracts[kind].is_sold:
            exports += rows if runs(terms.get(name), year) else []
            continue
        yield f"{kind}:{name}", "contracts", rows
        if plants.get(name):
            yield f"{kind}:{plants[name]}", "contracts", rows
    if exports:
        yield "export", "contracts", exports


def _sold_plants(park: Park) -> Iterator[_Origin]:
    for plant in park.existing_plants:
        if plant.offtake == "grid":
            yield f"sold_to_grid:{plant.plant}", "existing_plants", [plant]


def _by_parameter(rows: Rows, parameters: Sequence[str], year: int) -> list[ValueRow]:
    """Rows that give the value of each of some parameters in a year."""
    return [
        row
        for parameter in parameters
        for row in _of_year([r for r in rows if getattr(r, "parameter", "") == parameter], year)
    ]


def _of_year(rows: Rows, year: int) -> list[ValueRow]:
    """The rows that give the value of a year: that without a year, or those next to it."""
    dated = sorted((getattr(row, "year", None) or year, row.line, row) for row in rows)
    before = [row for when, _, row in dated if when <= year][-1:]
    after = [row for when, _, row in dated if when >= year][:1]
    return list({row.line: row for row in (*before, *after)}.values())


def _cited(sheet: str, rows: Rows) -> Citation:
    """Rows that cite the same thing are named together."""
    cited: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        cited.setdefault((row.source, str(row.confidence)), []).append(row.line)
    return Citation(sheet, tuple((tuple(lines), *text) for text, lines in cited.items()))
