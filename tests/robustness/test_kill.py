"""A run that is killed at any moment leaves whole files, and the next one goes on from them.

``KILLS`` sets how many kills there are in each of the three runs of the test.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))
import mini_park
from forked import begin_pathway

from meishan_model.accounts.checks import slice_failures
from meishan_model.planning.backcast import slice_hashes
from meishan_model.planning.project import Project
from meishan_model.planning.whole_pathway import pathway
from meishan_model.results.files import stored_hash
from meishan_model.results.slice_file import validate_slice

KILLS = int(os.environ.get("KILLS", "2"))
"""In each of three runs of the test, so that they can run beside each other."""
STAGES = 12
"""A run is killed after one to so many of its stages; a slice has six, a pathway three slices."""
LONGEST = 0.3
"""Seconds that a killed run may go on in its last stage; the longest stage is the solver's."""


def killed(root: Path, stages: int, seconds: float) -> bool:
    """Run a pathway and kill it some time after a stage began; false if it was done before."""
    process, here = begin_pathway(root)
    try:
        told = itertools.takewhile(lambda word: word != "done", iter(here.recv, None))
        if len(list(itertools.islice(told, stages))) < stages:
            process.join()
            assert process.exitcode == 0
            return False
        process.join(seconds)
        process.kill()
        process.join()
    finally:
        here.close()
    return process.exitcode != 0


def finished(project: Project, reference: dict[int, xr.Dataset]) -> dict[int, int]:
    """Slices on disk, each checked to be whole and that of the reference; year -> inode."""
    wanted, found = slice_hashes(project, "highs"), {}
    for year in project.years:
        path = project.result_path(year)
        if path.exists():
            assert stored_hash(path) == wanted[year]
            ds = project.open_result(year)
            assert validate_slice(ds) == slice_failures(ds) == []
            same_numbers(ds, reference[year])
            found[year] = path.stat().st_ino
    return found


def same_numbers(ds: xr.Dataset, other: xr.Dataset) -> None:
    """Same inputs, capacities, cost and emissions, as far as two runs of the solver agree.

    HiGHS's interior point ends with dust that depends on its threads: 1e-6 of the objective is
    what two runs of the same inputs are promised, 0.001 is to what capacities are rounded.
    """
    assert ds.attrs["inputs_sha256"] == other.attrs["inputs_sha256"]
    for total in ("cost", "emissions"):
        one, two = float(ds[total].sum()), float(other[total].sum())
        assert one == pytest.approx(two, rel=1e-6, abs=0.1), total
    xr.testing.assert_allclose(ds["capacity"], other["capacity"], rtol=1e-6, atol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(s, marks=pytest.mark.thorough) for s in (1, 2))]
)
def test_kills_at_random_moments(seed: int, solved_mini: Path, tmp_path: Path) -> None:
    """What a killed run leaves is whole and right, nothing that is finished is solved again.

    Each run goes on from what the killed one left, and whenever a pathway gets done its numbers
    are those of the run that nobody disturbed; then the next one begins from nothing.
    """
    undisturbed = mini_park.mini(solved_mini)
    reference = {year: undisturbed.open_result(year) for year in undisturbed.years}
    whole = undisturbed.open_result("pathway")
    root = mini_park.make_root(tmp_path)
    project = mini_park.mini(root)
    folder = project.result_path("pathway").parent
    random = np.random.default_rng(seed)
    kills, before = 0, dict[int, int]()
    while kills < KILLS:
        if killed(root, int(random.integers(1, STAGES + 1)), float(random.uniform(0, LONGEST))):
            kills += 1
            after = finished(project, reference)
            assert before.items() <= after.items(), "a finished slice was solved again"
            before = after
        else:
            same_numbers(project.open_result("pathway"), whole)
            shutil.rmtree(folder)
            before = {}
    assert pathway(project, "highs", mini_park.Silence()).path.is_file()
    same_numbers(project.open_result("pathway"), whole)
    assert finished(project, reference).keys() == set(project.years)
    assert not list(folder.glob(".*.partial")), "what was half written is cleared away"
