"""For ``meishan check``: the baseline row by row, where numbers come from, what runs here."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.emissions import Baseline
from meishan_model.console import number, numbers, text_table
from meishan_model.errors import rows_text
from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.solvers.cbc import cbc_binary, cbc_version
from meishan_model.optimise.solvers.highs_model import has_hipo
from meishan_model.planning.backcast import require_series
from meishan_model.planning.project import Project
from meishan_model.powerflow.study import power_flow_states
from meishan_model.report.labels import own_labels
from meishan_model.report.validation import validation_rows
from meishan_model.results.scale import scale_of
from meishan_model.series.net_meters import measured_of
from meishan_model.sheets.costs import CostSheet
from meishan_model.sheets.money_rows import PricedRow
from meishan_model.sheets.park import DEFAULTS, SHEETS, Park
from meishan_model.sheets.plausibility import Doubt, file_in_folder
from meishan_model.sheets.resolver import placeholder_attributes, placeholders
from meishan_model.sheets.units import CURRENCY, PRICE_YEAR
from meishan_model.sheets.validation_rows import VALIDATION, read_validation
from meishan_model.studies.freshness import ResultState, failed_checks, result_states
from meishan_model.version import __version__

PACKAGES = (
    *("oemof.solph", "linopy", "pyomo", "highspy", "highspy-extras", "piqp", "pulp", "numpy"),
    *("scipy", "pandas", "xarray", "netCDF4", "pvlib", "windpowerlib", "holidays", "pydantic"),
)


_STYLES = {"error": "bold red", "warning": "yellow", "checked": "dim"}


@dataclass(frozen=True)
class Check:
    """What a check of a project has found; printed, it is its tables.

    Attributes
    ----------
    park
        All sheets of the park.
    placeholders
        Lines of rows that the owner has not replaced, by file.
    measured
        What each measured series is and what was done to it.
    warnings
        What is possible and hardly meant in the inputs, those that are acknowledged among them.
    baseline
        The balance of the baseline year; ``None`` where the park has none.
    results
        State of every result on disk.
    power_flows
        A line for each power flow on disk.
    failures
        What is wrong with results that are up to date; empty if nothing is.
    """

    park: Park
    placeholders: Mapping[str, tuple[int, ...]]
    measured: tuple[str, ...]
    warnings: tuple[Doubt, ...]
    baseline: Baseline | None
    results: tuple[ResultState, ...]
    power_flows: tuple[str, ...]
    failures: tuple[str, ...]

    def __rich__(self) -> RenderableType:
        """The baseline row by row, where the numbers come from, and what is strange in them."""
        balance = [reconciliation(self.baseline, self.park)] if self.baseline else []
        strange = [findings_table(self.warnings)] if self.warnings else []
        return Group(*balance, confidence_table(self.park), *strange)

    def lines(self) -> Iterator[str]:
        """Placeholders, defaults, sheets without rows, states of results, and what runs here."""
        if told := placeholder_attributes(self.placeholders):
            yield f"{told['placeholder_rows']} placeholder rows: {told['placeholders']}"
        yield from defaults_and_absent(self.park)
        yield from unsaid_of_money(self.park)
        yield from (
            f"Money: 1 {row.currency} of {row.price_year} is {row.value:g} CNY of {PRICE_YEAR}"
            for row in self.park.currencies
        )
        yield from (f"Measured: {line}" for line in self.measured)
        if not self.warnings:
            yield "Findings: none"
        yield from map(str, self.results)
        yield from self.power_flows
        yield "Versions: " + ", ".join(f"{name} {known}" for name, known in versions().items())


def check(project: Project) -> Check:
    """Check the sheets of a project and its results on disk, power flows among them.

    Parameters
    ----------
    project
        The scenario with its folders.
    """
    require_series(project, project.years)
    if (project.park_folder / f"{VALIDATION}.csv").exists():
        read_validation(project.park_folder, validation_rows())
    states = result_states(project)
    power_flows, broken = power_flow_states(project)
    failures = (
        *(f"a result fails its checks: {text}" for text in failed_checks(project, states)),
        *(f"a limit of the grid is broken: {limit}" for limit in broken),
    )
    baseline = project.baseline if project.park.baseline else None
    measured = tuple(map(str, measured_of(project.park, project.weather_folder).values()))
    standing_in = placeholders(project.park, project.years)
    told = (project.warnings, baseline, states, tuple(power_flows), failures)
    return Check(project.park, standing_in, measured, *told)


def findings_table(findings: Iterable[Doubt]) -> RenderableType:
    """Findings by severity: errors, warnings, and warnings that the owner has acknowledged.

    Parameters
    ----------
    findings
        The findings; a fault without a name is an error.
    """
    table = text_table("Findings", ("severity", "where", "finding"))
    rows: dict[str, list[tuple[str, str]]] = {"error": [], "warning": [], "checked": []}
    for fault, _, why in findings:
        severity = "checked" if why else "warning" if fault.name else "error"
        place = " ".join(filter(None, (file_in_folder(fault.file), rows_text(fault.lines))))
        about = ", ".join(filter(None, (fault.column, fault.value)))
        text = fault.message if why else "; ".join(filter(None, (fault.message, fault.remedy)))
        told = ": ".join(filter(None, (fault.name, about, text)))
        rows[severity].append((place, f"{told}; checked: {why}" if why else told))
    for severity, found in rows.items():
        for place, text in found:
            table.add_row(severity, place, text, style=_STYLES[severity])
    return table


def reconciliation(baseline: Baseline, park: Park) -> RenderableType:
    """The baseline year row by row, as it was published and by the ledger's rules.

    Parameters
    ----------
    baseline
        The balance of the baseline year.
    park
        The park, of which plug-ins may say more.
    """
    columns = ["energy_mwh", "tce_equivalent", "emissions_published", "emissions_ledger"]
    emitted = (baseline.emissions_published, baseline.emissions_ledger)
    energy = scale_of(baseline.rows["energy_mwh"], "MWh/a", "GWh/a")
    coal, mass = scale_of(baseline.energy, "tce", "ktce"), scale_of(emitted, "tCO2", "ktCO2")
    divisors = np.array([scale.divisor for scale in (energy, coal, mass, mass)])
    tonnes = mass.unit.removesuffix("CO2")
    heads = (energy.unit, coal.unit, f"{tonnes} published", f"{tonnes} ledger")
    table = text_table("Baseline year, row by row", ("item", "accounting"), heads)
    is_memo = baseline.rows["accounting"] == "memo"
    counted = baseline.rows[~is_memo]
    memo = baseline.rows[is_memo & (baseline.rows["emissions_ledger"] > 0)]
    for rows, style in ((counted, None), (memo, "dim")):
        for item, row in rows.droplevel("zone").iterrows():
            cells = numbers(row[columns].astype(float) / divisors, 2)
            table.add_row(str(item), str(row["accounting"]), *cells, style=style)
    total = np.array([counted["energy_mwh"].sum(), baseline.energy, *emitted])
    table.add_row("total", "", *numbers(total / divisors, 2), style="bold")
    convention = f"{tonnes} of CO2 as published, where own and bought green power is zero,"
    notes = [f"{coal.unit} in equivalent value; {convention} and in the ledger."]
    notes += ["Memo rows count in the ledger's column only."]
    start = f"{number(baseline.start / mass.divisor, 2)} {mass.unit}"
    notes += [f"E_0 is {start}, of the account: {baseline.account} (baseline_account)."]
    labels, gaps = own_labels(), baseline.differences()
    more = (gaps["emissions_ledger"] - gaps["emissions_published"]) / mass.divisor
    for item, accounting, amount in zip(gaps["item"], gaps["accounting"], more, strict=True):
        why = labels.text(f"account.{accounting}", "en")
        notes += [f"  ledger {amount:+,.2f} {mass.unit}, {item}: {why}"]
    for plugin in park.kinds.plugins:
        notes += plugin.notes(park, baseline)
    return Group(table, *map(Text, notes))


def confidence_table(park: Park) -> Table:
    """How many numbers of each sheet are published, derived, assumed, placeholders or defaults."""
    counts: dict[str, dict[str, int]] = {}
    for sheet, row in park.value_rows():
        of_sheet = counts.setdefault(sheet, {})
        of_row = "default" if row.is_default else str(row.confidence)
        of_sheet[of_row] = of_sheet.get(of_row, 0) + 1
    kinds = ("published", "derived", "assumption", "placeholder", "default")
    table = text_table("Where the numbers come from [rows]", ("sheet",), kinds)
    for sheet, found in counts.items():
        table.add_row(f"{sheet}.csv", *(str(found.get(kind, 0)) for kind in kinds))
    return table


def cost_comparison(sheet: CostSheet, reference: CostSheet) -> Table:
    """Investment and lifetime of what a cost sheet says itself, beside those of the reference.

    Parameters
    ----------
    sheet, reference
        Both in the same year.
    """
    heads = ("CNY of 2020", "reference", "years", "reference")
    table = text_table(f"Investment and lifetime in {sheet.year}", ("technology", "per"), heads)
    for name, cost in sheet.technologies.items():
        usual = reference.technologies.get(name)
        # What a sheet inherits is the very number of the reference, its place included.
        if usual is None or cost.provenance["investment"] == usual.provenance["investment"]:
            continue
        numbers_of = ("investment", "technical_lifetime")
        pairs = (getattr(each, name) for name in numbers_of for each in (cost, usual))
        table.add_row(name, cost.capacity_unit, *numbers(pairs, 0))
    return table


def defaults_and_absent(park: Park) -> Iterator[str]:
    """Lines that say which defaults of the package a park uses, and which sheets it has not."""
    for sheet in DEFAULTS:
        shipped = (row.name_of for row in getattr(park, sheet) if row.is_default)
        if names := dict.fromkeys(" ".join(filter(None, name)) for name in shipped):
            file = f"{park.site.country}/{sheet}.csv"
            yield f"Defaults of the package ({file}): {', '.join(names)}"
    without = [name for name in SHEETS if not getattr(park, name)]
    if "zones" in without:
        yield f"No rows in zones.csv; zones that other sheets name: {', '.join(park.zone_names)}"
    if absent := [f"{name}.csv" for name in without if name not in ("zones", *DEFAULTS)]:
        yield f"No rows, so that there is none of it: {', '.join(absent)}"


def unsaid_of_money(park: Park) -> Iterator[str]:
    """Lines that say which money of the sheets is taken as it is, for want of a word on it."""
    rows = [(sheet, row) for sheet, row in park.value_rows() if not row.is_default]
    money = [(s, r) for s, r in rows if f"{CURRENCY}/" in r.unit and not r.in_base_money]
    undated = [s for s, row in money if getattr(row, "price_year", None) is None]
    if undated and park.site.price_year is None:
        yield (
            f"No price_year in park.yaml: {len(undated)} rows that say none "
            f"({', '.join(dict.fromkeys(undated))}) are taken as {CURRENCY} of {PRICE_YEAR}"
        )
    untaxed = [s for s, row in money if isinstance(row, PricedRow) and not row.vat]
    if untaxed:
        yield (
            f"Nothing is said of value added tax in {len(untaxed)} rows "
            f"({', '.join(dict.fromkeys(untaxed))}): they are taken as they are"
        )


def versions() -> dict[str, str]:
    """Versions by name: the model, Python and system, packages, solvers.

    Returns
    -------
    dict of str to str
        What is missing says so; it is never left out.
    """
    return {
        "meishan_model": __version__,
        "Python": platform.python_version(),
        "system": platform.platform(),
        **package_versions(PACKAGES),
        "HiPO": "available" if has_hipo() else "missing, install highspy-extras",
        "CBC": _cbc(),
    }


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Versions of packages by name; one that is missing says so."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _cbc() -> str:
    try:
        return cbc_version(cbc_binary())
    except SolverError as error:
        return str(error)
