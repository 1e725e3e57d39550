"""The runner of studies on numbers instead of slices: what is solved, kept, saved and returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.errors import LockError
from meishan_model.results.files import read_table
from meishan_model.results.runs import scenario_lock
from meishan_model.studies.study import Row, Study, Variant, run, stored_table

COLUMN = "number [-]"
NUMBERS = st.integers(-3, 3)


class Solver:
    """Measures numbers and remembers which; some cannot be solved."""

    def __init__(self, broken: Sequence[float] = ()):
        self.broken = broken
        self.prepared = 0
        self.solved: list[float] = []
        self.told: list[tuple[int, int, str]] = []

    def prepare(self, tell: Callable[[str], None]) -> float:
        """The number that is added to all of them."""
        self.prepared += 1
        tell("the base")
        return 0.1

    def measure(self, base: float, number: float) -> list[Row]:
        """Two rows, so that a variant is more than its first one."""
        if number in self.broken:
            raise ArithmeticError(f"{number} cannot be solved")
        self.solved.append(number)
        return [{"row": "sum", "value [-]": base + number}, {"row": "part", "value [-]": number}]

    def study(self, path: Path, numbers: Sequence[float], digest: str = "a" * 64) -> Study:
        """The study of these numbers."""
        variants = [Variant({"name": f"n {n:g}", COLUMN: n}, f"no. {n:g}", n) for n in numbers]
        return Study(path, digest, variants, self.prepare, self.measure)

    def run(self, path: Path, numbers: Sequence[float], digest: str = "a" * 64) -> pd.DataFrame:
        """Its table."""
        return run(self.study(path, numbers, digest), lambda *what: self.told.append(what))


def test_what_is_missing_is_solved_and_told(tmp_path: Path) -> None:
    """The base once, then each variant; a second run with one more solves that one alone."""
    path, first = tmp_path / "study.csv", Solver()
    table = first.run(path, [2.0, 1.0])
    assert first.told == [(0, 2, "the base"), (1, 2, "no. 2"), (2, 2, "no. 1")]
    assert table[COLUMN].tolist() == [2.0, 2.0, 1.0, 1.0]
    assert table["value [-]"].tolist() == [2.1, 2.0, 1.1, 1.0]
    second = Solver()
    more = second.run(path, [3.0, 1.0, 2.0])
    assert (second.prepared, second.solved) == (1, [3.0])
    assert more[COLUMN].tolist() == [3.0, 3.0, 1.0, 1.0, 2.0, 2.0]
    third = Solver()
    pd.testing.assert_frame_equal(third.run(path, [2.0, 1.0]), table, check_exact=True)
    assert third.told == [], "nothing is prepared where nothing is missing"
    saved = read_table(path, "a" * 64)
    assert saved is not None
    assert sorted(set(saved[COLUMN])) == [1.0, 2.0, 3.0], "a variant not asked for is kept"


def test_a_changed_input_begins_the_table_anew(tmp_path: Path) -> None:
    """Nothing of the old table is kept, and the old hash finds none."""
    path = tmp_path / "study.csv"
    Solver().run(path, [1.0, 2.0])
    changed = Solver()
    changed.run(path, [1.0], "b" * 64)
    assert changed.solved == [1.0]
    assert stored_table(changed.study(path, [1.0], "b" * 64)) is not None
    assert stored_table(changed.study(path, [1.0, 2.0], "b" * 64)) is None
    assert stored_table(changed.study(path, [1.0])) is None


def test_what_was_solved_before_an_error_is_kept(tmp_path: Path) -> None:
    """The error comes through; the variants before it stand in the table."""
    path, stopped, again = tmp_path / "study.csv", Solver(broken=[2.0]), Solver()
    with pytest.raises(ArithmeticError, match="cannot be solved"):
        stopped.run(path, [1.0, 2.0, 3.0])
    assert stopped.solved == [1.0]
    again.run(path, [1.0, 2.0, 3.0])
    assert again.solved == [2.0, 3.0]


def test_a_study_whose_variants_keep_slices_is_measured_again(tmp_path: Path) -> None:
    """Without resuming every variant is measured; the table is saved in the form asked for."""
    path, solver = tmp_path / "study.csv", Solver()
    study = replace(
        solver.study(path, [1.0, 2.0]),
        saved=lambda table: table.sort_values("value [-]", ascending=False),
        resumed=False,
    )
    for _ in range(2):
        table = run(study, lambda *_: None)
        assert table["value [-]"].tolist() == [1.1, 1.0, 2.1, 2.0]
    assert solver.solved == [1.0, 2.0] * 2
    saved = read_table(path, study.inputs_sha256)
    assert saved is not None
    assert saved["value [-]"].tolist() == [2.1, 2.0, 1.1, 1.0]


def test_one_run_at_a_time_goes_on_with_a_table(tmp_path: Path) -> None:
    """Who comes second is refused before anything is solved."""
    solver = Solver()
    with scenario_lock(tmp_path), pytest.raises(LockError):
        solver.run(tmp_path / "study.csv", [1.0])
    assert solver.prepared == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=1, unique=True), min_size=1, max_size=4))
def test_the_way_to_a_table_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[int]]
) -> None:
    """Whatever was asked for before, a table is that of a run on its own; none is solved twice."""
    folder, solver = tmp_path_factory.mktemp("study"), Solver()
    for position, numbers in enumerate(runs):
        table = solver.run(folder / "study.csv", numbers)
        alone = Solver().run(folder / f"alone_{position}.csv", numbers)
        pd.testing.assert_frame_equal(table, alone, check_exact=True, check_dtype=False)
    assert sorted(solver.solved) == sorted(set().union(*runs))
