"""``meishan diff``: two pathways side by side, what went in and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meishan_model.cli.app import HoursOption, RootOption, app, out
from meishan_model.pathway.project import Project, open_project
from meishan_model.pathway.whole_pathway import open_pathway
from meishan_model.report.differences import (
    differences_report,
    input_differences,
    output_differences,
)


@app.command()
def diff(
    first: Annotated[str, typer.Argument(help="A scenario, or <scenario>@<cost sheet>.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    limit: Annotated[int, typer.Option(help="Rows of each table.")] = 20,
    hours: HoursOption = 8760,
    root: RootOption = Path(),
) -> None:
    """Show what differs between two solved pathways, the largest changes first."""
    projects = [_open(name, root, hours) for name in (first, second)]
    pathways = [open_pathway(project) for project in projects]
    inputs = input_differences(*projects)
    outputs = output_differences(*pathways)
    out.print(differences_report(inputs, outputs, (first, second), limit))


def _open(name: str, root: Path, hours: int) -> Project:
    scenario, _, sheet = name.partition("@")
    return open_project(
        scenario, root, root / "configs" / "costs" / sheet if sheet else None, hours
    )
