"""Where the numbers of a neutrality statement come from: sheet, rows and what they cite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from meishan_model.sheets.contracts import runs
from meishan_model.sheets.park import Park
from meishan_model.sheets.rows import ValueRow
from meishan_model.sheets.scenario import Scenario
from meishan_model.sheets.trade_rows import EmissionFactorRow

_SIZES = {
    "green_power": ("capacity", "delivery_risk"),
    "export": ("capacity", "delivery_risk"),
    "certificate": ("limit",),
    "credit": ("limit", "age", "validity"),
    "sink": ("area", "rate", "rate_low", "rate_high"),
}
"""What sizes an instrument of each kind; prices are another matter."""

_ROWS = {"en": ("row {}", "rows {}", ", ", "; "), "zh": ("第{}行", "第{}行", "、", "；")}
_CONFIDENCES = {
    "published": {"en": " (published)", "zh": "（已发表）"},
    "derived": {"en": " (derived)", "zh": "（推算）"},
    "assumption": {"en": " (assumption)", "zh": "（假设）"},
}


@dataclass(frozen=True)
class Citation:
    """What a line of the statement rests on: rows of a sheet with what they cite.

    ``cited`` holds the lines of rows that cite the same, their source and their confidence.
    """

    sheet: str
    cited: tuple[tuple[tuple[int, ...], str, str], ...]

    def text(self, language: Literal["en", "zh"] = "en") -> str:
        """The citation, such as ``emission_factors.csv row 7: GB/T 2589 ... (derived)``."""
        one, several, comma, semicolon = _ROWS[language]
        parts = [
            f"{(several if lines[1:] else one).format(comma.join(map(str, lines)))}: "
            f"{source}{_CONFIDENCES[confidence][language]}"
            for lines, source, confidence in self.cited
        ]
        return f"{self.sheet}.csv {semicolon.join(parts)}" if parts else ""


_Origin = tuple[str, str, Sequence[ValueRow]]
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
    factors = _emission_factors(park, "scope1")
    for carrier in dict.fromkeys(row.carrier for row in factors):
        rows = _of_year([row for row in factors if row.carrier == carrier], year)
        yield f"scope1:{carrier}", "emission_factors", rows
        yield f"scope3_reported:{carrier}", "emission_factors", rows


def _power(park: Park, scenario: Scenario, year: int) -> _Origin:
    """Both factors of power through the fence, the stated one as the scenario chooses it."""
    factors = _emission_factors(park, "scope2_market")
    stated = [row for row in factors if row.carrier == scenario.market_carrier]
    located = _emission_factors(park, "scope2_location")
    rows = [*_of_year(located, year), *_of_year(stated, year)]
    return "scope2:electricity", "emission_factors", rows


def _emission_factors(park: Park, scope: str) -> list[EmissionFactorRow]:
    rows = park.emission_factors
    return [r for r in rows if (r.scope, r.parameter) == (scope, "emission_factor")]


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
    for name, kind in dict.fromkeys((row.contract, row.kind) for row in park.contracts):
        of_contract = [row for row in park.contracts if row.contract == name]
        rows = _by_parameter(of_contract, _SIZES[kind], year)
        if kind == "export":
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


def _by_parameter(
    rows: Sequence[ValueRow], parameters: Sequence[str], year: int
) -> list[ValueRow]:
    """Rows that give the value of each of some parameters in a year."""
    return [
        row
        for parameter in parameters
        for row in _of_year([r for r in rows if getattr(r, "parameter", "") == parameter], year)
    ]


def _of_year(rows: Sequence[ValueRow], year: int) -> list[ValueRow]:
    """The rows that give the value of a year: that without a year, or those next to it."""
    dated = sorted((getattr(row, "year", None) or year, row.line, row) for row in rows)
    before = [row for when, _, row in dated if when <= year][-1:]
    after = [row for when, _, row in dated if when >= year][:1]
    return list({row.line: row for row in (*before, *after)}.values())


def _cited(sheet: str, rows: Sequence[ValueRow]) -> Citation:
    """Rows that cite the same thing are named together."""
    cited: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        cited.setdefault((row.source, str(row.confidence)), []).append(row.line)
    return Citation(sheet, tuple((tuple(lines), *text) for text, lines in cited.items()))
