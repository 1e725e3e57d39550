"""``meishan check``: sheets, reconciliation of the baseline, stale results, versions."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from meishan_model.cli.app import (
    CostsOption,
    HoursOption,
    RootOption,
    ScenarioOption,
    app,
    out,
    print_line,
)
from meishan_model.pathway.backcast import slice_hashes, slice_path
from meishan_model.pathway.project import open_project
from meishan_model.report.check import confidence_table, reconciliation, require_series
from meishan_model.results.files import stored_hash
from meishan_model.version import __version__


@app.command()
def check(
    scenario: ScenarioOption = "balanced",
    costs: CostsOption = None,
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Check all sheets of a scenario, print the baseline's reconciliation and stale results."""
    project = open_project(scenario, root, costs, hours)
    hashes = {solver: slice_hashes(project, solver) for solver in ("highs", "cbc")}
    require_series(project, project.years)
    out.print(reconciliation(project.baseline))
    out.print(confidence_table(project.park))
    for year in sorted(project.years, reverse=True):
        path = slice_path(project, year)
        if path.is_file():
            fresh = stored_hash(path) in {h[year] for h in hashes.values()}
            print_line(f"{path}: {'up to date' if fresh else 'STALE, an input has changed'}")
    packages = ("oemof.solph", "pyomo", "highspy", "pandas", "xarray", "netCDF4")
    out.print(
        f"Versions: meishan_model {__version__}, "
        + ", ".join(f"{name} {version(name)}" for name in packages)
    )
