"""Draws the way of one number, the PV that a roof can bear, from its cell to the report.

    python docs/way_of_a_number.py

solves a week of the park of Yizhuang, follows the cell through all tables of the package, and
writes ``docs/way_of_a_number.svg``. A test repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from io import StringIO
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

import xarray as xr
from rich.console import Console

from meishan_model.components.build import build_park
from meishan_model.components.flows import Capacity, ParkGraph
from meishan_model.optimise import Model
from meishan_model.planning.backcast import slice_task
from meishan_model.planning.bounds import bounds
from meishan_model.planning.project import Project, open_project
from meishan_model.planning.solve_slice import solve_slice
from meishan_model.report.summary import capacity_table

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "way_of_a_number.svg"
SCENARIO, HOURS, TARGET = "yizhuang", 168, 2025
TECHNOLOGY, ZONE = "pv_rooftop", "campus"
WIDTH, LINE, GAP = 760, 18, 26
"""Width of the picture, height of a line of text, and distance of two boxes [px]."""
COLUMNS = 105
"""Characters of a line."""


class Stage(NamedTuple):
    """A table or an object that holds the number: what it is, where it is made, what it says."""

    title: str
    place: str
    lines: tuple[str, ...]


def stages() -> list[Stage]:
    """All stages of the number, from the cell to the report, with the values that it has there."""
    project = open_project(SCENARIO, ROOT, hours=HOURS)
    project = replace(
        project, scenario=project.scenario.model_copy(update={"target_year": TARGET})
    )
    year = project.years[-1]
    table = project.asset_table
    assets = bounds(table, year)
    task = slice_task(project, year, assets, "0" * 64)
    graph = build_park(task.inputs, task.profiles, assets, task.emission_cap)
    asset = assets.get(TECHNOLOGY, ZONE)
    assert asset is not None
    at = table.place[asset.name]
    terms = ", ".join(f"{term.kind} {term.amount:g}" for term in asset.terms)
    made = [
        _cell(project),
        Stage(
            "Asset table: a row for each capacity, a column for each number",
            "planning/asset_rows.asset_table",
            (
                f"potential[{year}, {asset.name}] = {table.potential[-1, at]:g} MW",
                f"stock {table.stock[-1, at]:g} MW,"
                f" investment {table.investment[-1, at]:,.0f} CNY/MW,"
                f" annuity {table.annuity[-1, at]:,.0f} CNY/(MW a)",
            ),
        ),
        Stage(
            "Bounds: all assets of a slice at once, with the terms of their reasons",
            "planning/bounds.bounds",
            (
                f"{asset.lower:g} <= new build <= {asset.upper:g} MW",
                *wrap(f"terms: {terms}", COLUMNS),
            ),
        ),
        _investment(graph, asset.name),
        _problem(graph),
    ]
    return [*made, *_result(solve_slice(task), asset.name)]


def _cell(project: Project) -> Stage:
    path = project.park_folder / "assets.csv"
    rows = [row for row in project.park.assets if row.technology == TECHNOLOGY]
    row = next(row for row in rows if (row.zone, row.parameter) == (ZONE, "potential"))
    where = f"{path.relative_to(ROOT).as_posix()}, row {row.line}"
    said = f"{row.technology}, {row.zone}, {row.parameter}, {row.value:g} {row.unit}"
    return Stage("Cell of a sheet", "sheets", (where, said, f"source: {row.source}"))


def _place(graph: ParkGraph, name: str) -> Capacity:
    return next(one for one in graph.registry.capacities if one.asset == name)


def _investment(graph: ParkGraph, name: str) -> Stage:
    source, target = _place(graph, name).place
    flows = {(str(a.label), str(b.label)): f for (a, b), f in graph.energy_system.flows().items()}
    decided = flows[source, target].investment
    return Stage(
        "Flow of the graph, sized by the optimum",
        "components/flows.Registry.invest",
        (
            f"flow {graph.registry.title((source, target))}: solph.Investment",
            f"minimum {decided.minimum[0]:g}, maximum {decided.maximum[0]:g},"
            f" existing {decided.existing:g} MW, ep_costs {decided.ep_costs[0]:,.0f} CNY/(MW a)",
        ),
    )


def _problem(graph: ParkGraph) -> Stage:
    problem = Model(graph.energy_system, graph.registry.integral_limits).problem
    rows, columns = problem.matrix.shape
    return Stage(
        "Linear problem: one of its columns",
        "optimise.Model",
        (f"{columns} columns, {rows} rows; solved by HiGHS, checked, read back by place",),
    )


def _result(ds: xr.Dataset, name: str) -> list[Stage]:
    asset = ds.sel(asset=name)
    new, upper = float(asset["capacity_new"]), float(asset["capacity_upper"])
    cost = float(ds["cost"].sel(cost_item=f"investment:{TECHNOLOGY}_{ZONE}"))
    return [
        Stage(
            "Result file",
            "results: results/<scenario>/<year>.nc",
            (
                f"capacity_new[{name}] = {new:.3f} MW, capacity_upper {upper:g} MW",
                *wrap(f"bound_reason: {asset['bound_reason'].item()}", COLUMNS),
            ),
        ),
        Stage(
            "Cost table: its sum is the objective",
            "accounts/tables.account",
            (f"cost[investment:{name}] = {cost:,.0f} CNY/a",),
        ),
        Stage("Summary in the terminal", "report/summary.capacity_table", tuple(_shown(ds))),
    ]


def _shown(ds: xr.Dataset) -> list[str]:
    """Head of the table of capacities, and the row of the technology."""
    console = Console(file=StringIO(), width=COLUMNS)
    console.print(capacity_table(ds))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return [" ".join(line.replace("│", " ").split()) for line in lines if TECHNOLOGY in line]


def drawn(made: Sequence[Stage]) -> str:
    """The picture as SVG: a box for each stage, an arrow to the next."""
    parts, top = [], GAP
    for number, stage in enumerate(made):
        height = LINE * (len(stage.lines) + 2)
        if number:
            parts.append(f'<path d="M40 {top - GAP}v{GAP - 5}" marker-end="url(#end)"/>')
        parts.append(f'<rect x="10" y="{top}" width="{WIDTH - 20}" height="{height}" rx="4"/>')
        parts.append(_text(24, top + LINE + 2, stage.title, "title"))
        parts.append(_text(WIDTH - 24, top + LINE + 2, stage.place, "place"))
        for at, line in enumerate(stage.lines, start=2):
            parts.append(_text(24, top + at * LINE + 4, line, "line"))
        top += height + GAP
    return HEAD.format(width=WIDTH, height=top) + "\n".join(parts) + "\n</svg>\n"


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(text)}</text>'


HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">
<style>
text {{ font: 13px sans-serif; fill: #222 }}
.title {{ font-weight: bold }}
.place {{ text-anchor: end; fill: #666; font-family: monospace; font-size: 12px }}
rect {{ fill: #f6f8fa; stroke: #8a9aa9 }}
path {{ stroke: #8a9aa9; stroke-width: 1.5; fill: none }}
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8"
 orient="auto"><path d="M0 0L8 4L0 8z" style="fill: #8a9aa9"/></marker></defs>
"""

if __name__ == "__main__":
    PICTURE.write_text(drawn(stages()), encoding="utf-8")
