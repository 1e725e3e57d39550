"""The worked notebook runs on a solved year from its first cell to its last."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from solved_mini import Solved

NOTEBOOK = Path(__file__).parents[2] / "examples" / "a_solved_year.ipynb"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the messages between kernels
def test_the_notebook_runs(solved: Solved) -> None:
    """Five figures are made, and the sum of a zone's bands is zero, as the notebook says.

    The first code cell names the result; here it names the small park's.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].source.startswith('SCENARIO, YEAR, HOURS = "balanced"')
    code[0].source = (
        'SCENARIO, YEAR, HOURS = "mini", 2030, 336\n'
        f'ZONE, WEEK, ASSET, ROOT = "campus", 2, "pv_rooftop_campus", {str(solved.root)!r}'
    )
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [output for cell in code for output in cell.outputs]
    figures = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert len(figures) == 5
    imbalance = next(c for c in code if "abs().max()" in c.source).outputs[0]
    assert np.abs(float(imbalance["data"]["text/plain"])) < 1e-5


def test_the_notebook_is_kept_without_outputs() -> None:
    """What a run made is not in git: a notebook with results would be out of date at once."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
