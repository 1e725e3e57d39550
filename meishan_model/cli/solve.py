"""``meishan solve``: the slices from the target down to a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.pathway.backcast import (
    backcast,
    open_slice,
    slice_hashes,
    slice_path,
    slices_down_to,
)
from meishan_model.pathway.project import open_project
from meishan_model.report.check import require_series
from meishan_model.report.summary import summary
from meishan_model.results.files import stored_hash


@app.command()
def solve(
    year: Annotated[int, typer.Argument(help="Slice to solve, with all slices it rests on.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: Annotated[Literal["highs", "cbc"], typer.Option(help="Solver.")] = "highs",
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Solve the slices from the target year down to YEAR; what is up to date is not redone."""
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        chain = slices_down_to(project, year)
        hashes = slice_hashes(project, solver)
        # Hours of solving should not be needed to find a gap in the last slice's tariff.
        require_series(
            project, [y for y in chain if stored_hash(slice_path(project, y)) != hashes[y]]
        )
        slices = backcast(project, year, solver, ConsoleProgress(status))
    out.print(summary(open_slice(project, year)))
    print_line(f"Result: {slices[-1].path}")
    count = sum(s.solved for s in slices)
    out.print(f"{count} of {len(slices)} slices solved in this run, the others were up to date.")
