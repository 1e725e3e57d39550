"""``meishan solve``: the slices from the target down to a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    ConsoleProgress,
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    SolverOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.pathway.backcast import (
    backcast,
    open_slice,
)
from meishan_model.pathway.project import open_project
from meishan_model.report.summary import summary


@app.command()
def solve(
    year: Annotated[int, typer.Argument(help="Slice to solve, with all slices it rests on.")],
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    solver: SolverOption = "highs",
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Solve the slices from the target year down to YEAR; what is up to date is not redone."""
    project = open_project(scenario, root, costs, hours)
    with err.status("reading the sheets") as status:
        slices = backcast(project, year, solver, ConsoleProgress(status))
    out.print(summary(open_slice(project, year)))
    print_line(f"Result: {slices[-1].path}")
    count = sum(s.solved for s in slices)
    out.print(f"{count} of {len(slices)} slices solved in this run, the others were up to date.")
