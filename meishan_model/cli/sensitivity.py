"""``meishan sensitivity``: every assumption varied alone, every lever pulled back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    err,
    out,
    print_line,
)
from meishan_model.planning.backcast import require_series
from meishan_model.planning.project import open_project
from meishan_model.report.studies import save_sensitivity_figure, sensitivity_report
from meishan_model.studies.sensitivity import CHANGE
from meishan_model.studies.sensitivity_study import (
    park_series,
    table_path,
    variants,
)
from meishan_model.studies.sensitivity_study import (
    sensitivity as vary_all,
)


@app.command()
def sensitivity(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    year: Annotated[int, typer.Option(help="The slice; 0 is the target year.")] = 0,
    change: Annotated[float, typer.Option(help="Share up and down.")] = CHANGE,
    sheets: Annotated[
        str, typer.Option(help="Sheets to vary, such as prices,costs/reference; empty: all.")
    ] = "",
    limit: Annotated[int, typer.Option(help="Most series to vary; 0: all.")] = 0,
    rows: Annotated[int, typer.Option(help="Series to show.")] = 30,
    hours: HoursOption = 168,
    root: RootOption = Path(),
) -> None:
    """Solve a slice again for every assumption and lever; what is in the table is not redone."""
    project = open_project(scenario, root, costs, hours)
    chosen = tuple(name.strip() for name in sheets.split(",") if name.strip())
    series = park_series(project, chosen)
    slice_year = year or project.scenario.target_year
    with err.status("reading the sheets") as status:
        require_series(project, [y for y in project.years if y >= slice_year])

        def tell(position: int, count: int, name: str) -> None:
            status.update(f"{position} of {count}: {name}")
            if position % 50 == 0:
                err.print(f"[dim]{position} of {count}[/dim]", highlight=False)

        wanted = variants(series[: limit or None], change)
        table = vary_all(project, slice_year, wanted, tell)
    out.print(sensitivity_report(table, slice_year, rows))
    figure = table_path(project, slice_year).with_suffix(".png")
    save_sensitivity_figure(table, slice_year, rows, figure)
    print_line(f"Result: {table_path(project, slice_year)}")
    print_line(f"Figure: {figure}")
