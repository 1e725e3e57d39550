"""``meishan abatement``: the marginal abatement cost curve of the target year."""

from __future__ import annotations

from pathlib import Path

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
from meishan_model.report.studies import abatement_report, save_abatement_figure
from meishan_model.studies.abatement import STEPS, abatement_curve, table_path


@app.command()
def abatement(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 672,
    root: RootOption = Path(),
) -> None:
    """Pull the levers one after the other in the target year; solved steps are not redone."""
    project = open_project(scenario, root, costs, hours)
    target = project.scenario.target_year
    with err.status("reading the sheets") as status:
        require_series(project, [target])

        def tell(lever: str) -> None:
            err.print(f"[dim]solving: {lever} (of {len(STEPS)} steps)[/dim]", highlight=False)
            status.update(f"solving: {lever}")

        curve = abatement_curve(project, tell)
    title = f"{scenario}, {target}, {hours} h"
    out.print(abatement_report(curve, title))
    figure = table_path(project).with_suffix(".png")
    save_abatement_figure(curve, title, figure)
    print_line(f"Result: {table_path(project)}")
    print_line(f"Figure: {figure}")
