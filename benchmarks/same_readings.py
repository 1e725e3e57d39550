"""Whether a change of the code leaves every reading of results as it was.

    python -m benchmarks.same_readings keep FOLDER                     read all, and keep it
    python -m benchmarks.same_readings compare FOLDER [renamed.csv]    read again and compare

``keep`` is run on the code before a change, ``compare`` on that after it. Both solve the pathways
of :mod:`benchmarks.readings_park` with the code that they find, for the one optimum that
:mod:`benchmarks.readings_unique` makes of them, and call every reader of results on them:
accounts, ledger, studies, power flow, virtual power plant, figures, tables and commands. What lies
in the folder is what the readers said, never a result file, as later code writes others.

A reading is the same where it has the same numbers to 1e-6 and the same words, whatever the order
of its rows. ``renamed.csv`` has the columns ``old`` and ``new``: words that are called otherwise
now. The readers themselves are the lines of ``READERS``. A reader is called by the last two parts
of its address; where a later change of the code gives it another one, ``old.name = `` stands
before it. The reading ``slice`` is the solved slice itself: where it differs the problem has
another optimum, and so have all readers after it.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import importlib
import io
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.readings_park import HOURS, SCARCE, SCENARIOS, SETTLED, USUAL, absent, make_root
from benchmarks.readings_places import OfGrid, OfPathway, OfSlice, OfStudies
from benchmarks.readings_unique import unique_optima
from benchmarks.readings_values import Renamed, as_plain, differences

READERS: Mapping[str, str] = {
    "slice": """
        reading.energy_balance = results.slice_file.energy_balance(ds)
        validation.validate_slice = results.slice_file.validate_slice(ds)
        accounts.measures.flow_table(ds)
        accounts.measures.asset_nodes(ds, inputs, sold)
        accounts.measures.carbon_value(inputs, ds)
        accounts.measures.duty_intensity(flows, inputs, grid_factor)
        accounts.measures.avoided_emissions(flows, first_flows, inputs, first_inputs)
        accounts.measures.earnings(ds, inputs, first, first_inputs, sold)
        accounts.measures.fixed_cost(ds, inputs)
        accounts.measures.group_of_assets(ds, inputs)
        accounts.principles.cost_of_supply(ds, *load)
        accounts.principles.exported_energy(ds)
        accounts.principles.sold_beside_discharge(ds)
        accounts.principles.unserved_energy(ds, inputs)
        accounts.principles.untaken_measures(ds, inputs)
        ledger.facts.slice_facts(ds)
        slice_document.slice_document = ledger.facts.slice_document(ds)
        ledger.statement.neutrality_statement(ds, sources)
        planning.backcast.new_build(ds)
        planning.plan_numbers.binding_limits(ds, inputs, profiles)
        planning.limits.contract_use(ds, *contract, profiles)
        planning.pathway_tables.burns_fuel_by_asset(ds, inputs)
        planning.pathway_tables.facility_of_assets(ds, inputs)
        planning.pathway_tables.finance_of_assets(ds, inputs)
        accounts.tables.slice_totals(ds)
        powerflow.dispatch.zone_exchange(ds, *zone)
        bands.dispatch = report.hourly.dispatch(ds, *place)
        bands.storage_bands = report.hourly.storage_bands(ds, *zones)
        report.html.explorer.packed_year(ds, year, shared, ds)
        slice_figures.colour_of_flow = report.slice_figures.colour_of_flow(ds, *flow)
        report.slice_figures.flow_of(ds, *flow)
        report.slice_figures.dispatch_figure(ds, *place, one)
        report.slice_figures.duration_curve(ds, *large_flow)
        report.slice_figures.heat_map(ds, *large_flow)
        report.slice_figures.sankey_figure(ds, *words)
        report.slice_sankey.energy_links(ds)
        slice_views.places = report.hourly_series.places(ds)
        slice_views.series_of = report.hourly_series.series_of(ds, *place)
        slice_views.unit_of = report.hourly.units_of(ds, *place)
        report.statement.year_statement(project, year, ds)
        report.statement.statement_rows(statement)
        report.summary.building_note(ds)
        report.summary.capacity_table(ds)
        report.summary.cost_summary(ds)
        report.summary.power_balance(ds)
        report.summary.emission_summary(ds)
        report.summary.energy_balance_table(ds)
        report.summary.findings(ds)
        report.summary.peak_sentence(ds)
        report.summary.summary(ds)
    """,
    "pathway": """
        accounts.measures.earnings_by_year(slices, inputs, sold)
        accounts.principles.development(slices, inputs)
        accounts.principles.economy(slices, inputs)
        accounts.principles.efficiency_first(slices, inputs, avoided)
        accounts.principles.least_cumulative_emissions(slices)
        accounts.principles.most_local_renewables(slices, inputs, potential)
        accounts.principles.net_present_cost(slices, inputs)
        accounts.tables.totals_by_year(slices)
        accounts.principles.principle_table(slices, inputs, avoided, potential)
        planning.pathway_tables.further_tables(rolled, slices, inputs, earned)
        planning.pathway_tables.money_attributes(rolled, slices, inputs)
        planning.roll_forward.roll_forward(slices, inputs, table)
        planning.roll_forward.running_cost(slices)
        planning.roll_forward.cash_flow(rolled, running)
        planning.vintages.building_terms(table)
        planning.whole_pathway.join_pathway(project, slices)
        planning.whole_pathway.offered_potential(project)
        planning.whole_pathway.sold_stock(table)
        comparison.indicators = planning.plan_numbers.indicators(slices, inputs, potential)
        comparison.plan_numbers = planning.plan_numbers.plan_numbers(slices, terms, rate)
        comparison.restate = planning.plan_numbers.restate(slices, terms)
        comparison.plan_rows = planning.plan_numbers.plan_rows(project, slices)
        differences.input_differences = report.comparison.input_differences(project, usual_project)
        differences.output_differences = report.comparison.output_differences(pathway, usual)
        report.export.iamc_table(pathway)
        export_tables.tidy_tables = report.export.tidy_tables(pathway)
        report.html.pathway_charts.pathway_charts(pathway, *words)
        report.html.tables.measure_rows(pathway)
        report.html.tables.principle_rows(pathways)
        report.html.tables.reason_rows(pathway)
        report.html.tables.statement(pathway)
        report.pathway_summary.capacity_table(pathway)
        report.pathway_summary.cash_flow_table(pathway)
        report.pathway_summary.cost_table(pathway)
        report.pathway_summary.emission_table(pathway)
        report.pathway_summary.findings(pathway)
        report.pathway_summary.investment_table(pathway)
        report.pathway_summary.measure_table(pathway)
        report.pathway_summary.money_sentence(pathway)
        report.pathway_summary.principle_table(pathway)
        validation.validate_pathway = results.contract.violations(pathway, "pathway")
    """,
    "grid": """
        powerflow.dispatch.injections(ds, grid, network)
        contingency.contingencies = powerflow.limits.contingencies(flow, grid)
        hosting.hosting_capacity = powerflow.limits.hosting_capacity(flow, ds, grid)
        powerflow.indicators.curtailment_by_cause(flow, ds, grid)
        powerflow.indicators.imported_power(flow)
        powerflow.indicators.indicators(flow, ds, grid)
        powerflow.indicators.losses(flow, ds)
        powerflow.indicators.violations(flow, grid)
        powerflow.indicators.worst_hours(flow, grid)
        powerflow.feeders.feeder_reinforcement(flow, grid, rate)
        powerflow.study.study_dataset(study, ds, grid)
        report.html.network_map.network_map(flow_file, grid, labels)
        report.powerflow.powerflow_report(study, grid)
    """,
    "studies": """
        studies.study.solve(*studies, told)
    """,
}
"""What is called on what: on each slice, on each pathway, on a grid, on a project.

``*`` stands for one call with each of several things.
"""
COMMANDS: tuple[str, ...] = (
    "pathway -s {0}",
    "explain pv_ground_guoju 2035 -s {0}",
    "check -s {0}",
    "export -s {0} --csv --output {1}",
    "ledger -s {0}",
    "ledger -s {0} --verify",
    "statement 2050 -s {0}",
    "powerflow 2035 -s {0}",
    "report -s {0} --output {1}/page.html",
    f"diff {{0}} {USUAL}",
)
FURTHER = (f"port 2035 -s {SETTLED}", f"tariff 2035-07-15 -s {SETTLED}")
WITHOUT_HOURS = ("port", "tariff")
READING = re.compile(r"(?:(\S+) = )?([\w.]+)\(([^)]*)\)")
UNSEEN = re.compile(r'(?s)<(script|style)\b.*?</\1>|<section id="computed">.*?</section>|<[^>]*>')
"""What of the page is not read: its code, and how long it took to solve what it shows."""
Place = tuple[str, str]
"""Of what a reading is, and the name of its reader."""


def readings(root: Path) -> Iterator[tuple[Place, Any]]:
    """Solve all pathways in a folder, and give what every reader says of them.

    Raises
    ------
    SystemExit
        If something is zero everywhere that a reader should meet.
    """
    solved = {name: OfPathway(root, name) for name in SCENARIOS}
    for name, pathway in solved.items():
        pathway.rival = solved[USUAL]
        began = time.monotonic()
        for year, ds in pathway.slices.items():
            yield (f"{name} {year}", "slice"), as_plain(ds)
        _say(f"{name}: solved in {time.monotonic() - began:.0f} s")
    if missing := absent(ds for pathway in solved.values() for ds in pathway.slices.values()):
        raise SystemExit(f"zero everywhere: {', '.join(missing)}; adapt benchmarks/readings_park")
    for name, pathway in solved.items():
        for year in pathway.slices:
            yield from _read("slice", f"{name} {year}", OfSlice(pathway, year))
        yield from _read("pathway", name, pathway)
    yield from _read("grid", f"{SETTLED} 2035", OfGrid(solved[SETTLED], 2035))
    yield from _read("grid", f"{SCARCE} 2050", OfGrid(solved[SCARCE], 2050))
    yield from _read("studies", SETTLED, OfStudies(solved[SETTLED], 2035))
    for name in SCENARIOS:
        yield from _said(name, root)
    for line in FURTHER:
        yield (SETTLED, f"meishan {line}"), _tried(partial(_run, line, root))


def _read(kind: str, of: str, places: Any) -> Iterator[tuple[Place, Any]]:
    """What the readers of a kind say of something."""
    for line in READERS[kind].split("\n"):
        if found := READING.search(line):
            address, arguments = found[2], [word.strip() for word in found[3].split(",")]
            value = _tried(partial(_called, address, arguments, places))
            yield (of, found[1] or ".".join(address.split(".")[-2:])), value


def _called(address: str, arguments: list[str], places: Any) -> Any:
    """What a function says, once or for each of several things."""
    module, name = address.rsplit(".", 1)
    function = getattr(importlib.import_module(f"meishan_model.{module}"), name)
    given = [getattr(places, word.lstrip("*")) for word in arguments]
    each = [i for i, word in enumerate(arguments) if word.startswith("*")]
    if not each:
        return as_plain(function(*given))
    (i,) = each
    return {
        str(key): as_plain(function(*given[:i], thing, *given[i + 1 :]))
        for key, thing in given[i].items()
    }


def _tried(read: Callable[[], Any]) -> Any:
    """What a reader says, or why it says nothing."""
    try:
        return read()
    except Exception as error:
        return {FAILED: f"{type(error).__name__}: {error}"}


FAILED, ALIKE = "failed", "same"


def _said(name: str, root: Path) -> Iterator[tuple[Place, Any]]:
    """What the commands print of a scenario, and the files that they write."""
    folder = root / "written" / name
    folder.mkdir(parents=True)
    for command in COMMANDS:
        called = command.replace(" -s {0}", "").replace(" --output {1}", "")
        line = command.format(name, folder)
        yield (name, f"meishan {called}"), _tried(partial(_run, line, root))
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield (name, f"table {path.stem}"), as_plain(pd.read_csv(file).to_dict("records"))
    page = (folder / "page.html").read_text(encoding="utf-8")
    seen = UNSEEN.sub("\n", page)
    yield (name, "page"), as_plain(re.sub(r"\s*\n\s*", "\n", seen))


def _run(line: str, root: Path) -> Any:
    """Exit code and output of a command, run in this process."""
    from meishan_model import cli

    words = ["meishan", *line.split(), "--root", str(root)]
    words += [] if words[1] in WITHOUT_HOURS else ["--hours", str(HOURS)]
    said, wrong, code, before = io.StringIO(), io.StringIO(), 0, sys.argv
    try:
        sys.argv = words
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
            cli.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.argv = before
    if code == 2:
        raise ValueError(wrong.getvalue())
    return {"code": code, "output": as_plain(said.getvalue().replace(str(root), "ROOT"))}


def keep(folder: Path) -> None:
    """Read everything and keep it, a file for each thing that is read."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    failed = []
    for (of, reader), value in _all():
        found[of][reader] = value
        if isinstance(value, dict) and FAILED in value:
            failed.append(f"{reader}, {of}: {value[FAILED]}")
    for of, values in found.items():
        with gzip.open(folder / f"{of.replace(' ', '_')}.json.gz", "wt", encoding="utf-8") as file:
            json.dump({"of": of, "readings": values}, file, ensure_ascii=False)
    _say(f"{sum(map(len, found.values()))} readings of {len(found)} things are kept")
    if failed:
        raise SystemExit("failed:\n" + "\n".join(failed))


def compare(folder: Path, renamed: Renamed) -> bool:
    """Read everything again and say of each reader whether it says what is kept."""
    kept: dict[Place, Any] = {}
    for path in sorted(folder.glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            stored = json.load(file)
        kept |= {(stored["of"], reader): value for reader, value in stored["readings"].items()}
    verdicts: dict[str, list[str]] = defaultdict(list)
    for (of, reader), value in _all():
        if (of, reader) not in kept:
            verdicts[reader].append(f"new: {of}")
            continue
        old = kept.pop((of, reader))
        was_read = not (isinstance(old, dict) and FAILED in old)
        if was_read and isinstance(value, dict) and FAILED in value:
            verdicts[reader].append(f"FAILED: {of}: {value[FAILED]}")
        elif places := differences(old, value, renamed):
            more = f" and {len(places) - 3} more" if len(places) > 3 else ""
            verdicts[reader].append(f"DIFFERENT: {of}: {'; '.join(places[:3])}{more}")
        else:
            verdicts[reader].append(ALIKE)
    for of, reader in kept:
        verdicts[reader].append(f"FAILED: {of}: is read no more")
    for reader, said in verdicts.items():
        _say(f"{reader}: {said.count(ALIKE)} of {len(said)} same")
        for verdict in said:
            if verdict != ALIKE:
                _say(f"    {verdict[:400]}")
    unlike = sum(any(v != ALIKE and v[:4] != "new:" for v in f) for f in verdicts.values())
    _say(f"{len(verdicts) - unlike} of {len(verdicts)} readers say the same")
    return not unlike


def _all() -> Iterator[tuple[Place, Any]]:
    os.environ["COLUMNS"] = "400"  # nothing is broken into lines
    logging.disable(logging.WARNING)
    seen: set[Place] = set()
    with tempfile.TemporaryDirectory(prefix="readings") as made, unique_optima():
        root = Path(made).resolve()
        make_root(root)
        for place, value in readings(root):
            if place in seen:
                raise ValueError(f"two readers are called {place}")
            seen.add(place)
            yield place, value


def main() -> int:
    """Do what the arguments say; returns the exit code."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "keep":
        keep(folder)
        return 0
    renamed: Renamed = {}
    if len(sys.argv) > 3:
        with Path(sys.argv[3]).open(encoding="utf-8", newline="") as file:
            renamed = {row["old"]: row["new"] for row in csv.DictReader(file)}
    return 0 if compare(folder, renamed) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
