"""The backcast in memory is the backcast: the same slices as on disk, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import mini_park
import pytest
from mini_park import mini

from meishan_model.errors import InputError
from meishan_model.planning.backcast import open_slice
from meishan_model.planning.in_memory import solve_one, solve_pathway


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a mini park."""
    return mini_park.make_root(tmp_path_factory.mktemp("memory"))


@pytest.mark.slow
def test_slices_are_those_of_the_files(root: Path, solved_mini: Path) -> None:
    """Same objectives and new build from the target down to 2025; no folder is made."""
    told: list[int] = []
    found = solve_pathway(mini(root), years=[2025], on_slice=told.append)
    assert list(found) == told == [2030, 2025]
    assert not (root / "results").exists()
    for year, ds in found.items():
        stored = open_slice(mini(solved_mini), year)
        assert ds.attrs["objective"] == pytest.approx(stored.attrs["objective"], rel=1e-6)
        assert float(abs(ds["capacity_new"] - stored["capacity_new"]).max()) < 1e-2


def test_a_slice_needs_what_comes_after_it(root: Path) -> None:
    """The message names the slices whose new build is missing."""
    with pytest.raises(InputError, match=r"rests on slices.*\[2030\]|\[2030\].*rests on slices"):
        solve_one(mini(root), 2025)


@pytest.mark.parametrize("years", [[2027], []])
def test_years_that_are_no_slices_are_refused(root: Path, years: list[int]) -> None:
    """The remedy names those that are."""
    with pytest.raises(InputError, match="2020, 2025, 2030"):
        solve_pathway(mini(root), years=years)
