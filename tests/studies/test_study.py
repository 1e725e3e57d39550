"""The runner of studies on numbers instead of slices: what is solved, kept, saved and returned."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from squares import squares

from meishan_model.errors import CheckError, ContractError, Fault, InputError, LockError
from meishan_model.optimise.conflicts.conflict import Conflict
from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.errors import SolverError
from meishan_model.planning.project import open_project
from meishan_model.results.runs import scenario_lock
from meishan_model.studies.study import solve

NUMBERS = st.integers(-3, 3).map(float)


def solved(folder: Path) -> set[str]:
    """Numbers that were solved since the last look."""
    files = [*folder.glob("solved_*")]
    for file in files:
        file.unlink()
    return {file.name.partition("_")[2] for file in files}


def made(folder: Path, numbers: Sequence[float], jobs: int = 1, **options: object) -> pd.DataFrame:
    """Rows of some numbers."""
    return solve(squares(folder, numbers, **options), lambda *_: None, jobs)


def test_what_is_missing_is_solved_and_told(tmp_path: Path) -> None:
    """Each number once, in order; a second run with one more solves that one alone."""
    told: list[tuple[int, int, str]] = []
    table = solve(squares(tmp_path, [2.0, 1.0]), lambda *what: told.append(what))
    assert told == [
        *((1, 2, "no. 2"), (1, 2, "no. 2: squaring")),
        *((2, 2, "no. 1"), (2, 2, "no. 1: squaring")),
    ]
    assert table["number"].tolist() == [2.0, 2.0, 1.0, 1.0]
    assert table["square"].tolist() == [4.1, 2.0, 1.1, 1.0]
    assert solved(tmp_path) == {"2", "1"}
    more = made(tmp_path, [3.0, 1.0, 2.0])
    assert solved(tmp_path) == {"3"}
    assert more["number"].tolist() == [3.0, 3.0, 1.0, 1.0, 2.0, 2.0]
    pd.testing.assert_frame_equal(made(tmp_path, [2.0, 1.0]), table, check_exact=True)
    assert solved(tmp_path) == set()


def test_tables_have_units_and_keep_what_earlier_runs_asked_for(tmp_path: Path) -> None:
    """What is asked for stands first; the second table has the odd rows."""
    made(tmp_path, [3.0, 2.0])
    made(tmp_path, [1.0])
    whole, odd = (
        pd.read_csv(tmp_path / f"squares{part}.csv", comment="#") for part in ("", "_odd")
    )
    assert list(whole) == ["number", "row", "square [m2]", "odd"]
    assert whole["number"].tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    assert odd["square [m2]"].tolist() == [1.1, 4.1, 9.1]


def test_a_changed_input_begins_anew(tmp_path: Path) -> None:
    """Nothing of the old rows is kept."""
    made(tmp_path, [1.0, 2.0])
    solved(tmp_path)
    made(tmp_path, [1.0], digest="b" * 64)
    assert solved(tmp_path) == {"1"}
    assert len(pd.read_csv(tmp_path / "squares.csv", comment="#")) == 2


def test_half_a_line_of_a_killed_run_is_not_read(tmp_path: Path) -> None:
    """The number that it was about is solved again, and the line is written whole."""
    study = squares(tmp_path, [1.0, 2.0])
    table = made(tmp_path, [1.0, 2.0])
    whole = study.notes.read_text(encoding="utf-8")
    for cut in (3, len(whole.splitlines(keepends=True)[-1]), len(whole) - 5, len(whole)):
        study.notes.write_text(whole[:-cut], encoding="utf-8")
        solved(tmp_path)
        pd.testing.assert_frame_equal(made(tmp_path, [1.0, 2.0]), table, check_exact=True)
        assert solved(tmp_path) >= {"2"}
        assert study.notes.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_solved_before_an_error_is_kept(tmp_path: Path, jobs: int) -> None:
    """The error comes through; what was solved is not solved again."""
    with pytest.raises(SolverError, match="2 cannot be solved"):
        made(tmp_path, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], jobs, broken=[2.0])
    before = solved(tmp_path)
    assert "1" in before and "2" not in before
    made(tmp_path, [1.0, 2.0, 3.0], jobs)
    assert solved(tmp_path) == {"1", "2", "3"} - before


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    """Its number is named, and so is what to do; the numbers before it are kept."""
    with pytest.raises(SolverError, match=r"ended without a word.*no\. 3.*fewer jobs"):
        made(tmp_path, [1.0, 2.0, 3.0], 2, deadly=[3.0])
    assert solved(tmp_path) >= {"1"}
    made(tmp_path, [1.0], 2)
    assert solved(tmp_path) == set()


def test_processes_share_the_work_and_change_nothing(tmp_path: Path) -> None:
    """Each process makes its base once; the rows are those of a run without processes.

    That after no. 9 waits for it, wherever it stands.
    """
    numbers = [10.0, 7.0, 8.0, 9.0, 1.0, 2.0]
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    alone, shared = (made(f, numbers, jobs) for f, jobs in zip(folders, (1, 2), strict=True))
    pd.testing.assert_frame_equal(shared, alone, check_exact=True)
    tables = [(f / "squares.csv").read_bytes() for f in folders]
    assert tables[0] == tables[1]
    assert len([*folders[1].glob("base_*")]) <= 2
    order = {n: int((folders[1] / f"solved_{n}").read_text()) for n in ("9", "10")}
    assert order["10"] > order["9"]


def test_what_others_wait_for_and_what_takes_long_begins(tmp_path: Path) -> None:
    """No. 10 waits for no. 9, and no. 2 is heavy: these two are begun before 1 and 7."""
    begun: list[str] = []
    study = squares(tmp_path, [1.0, 10.0, 7.0, 9.0, 2.0], heavy=[2.0])
    solve(study, lambda _position, _count, text: begun.append(text), 2)
    assert begun[:2] == ["no. 9", "no. 2"]


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    """A doubtful number stands in the table of its run, and is solved anew in the next."""
    assert made(tmp_path, [1.0, 2.0], doubtful=[2.0])["number"].tolist() == [1.0, 1.0, 2.0, 2.0]
    solved(tmp_path)
    made(tmp_path, [1.0, 2.0])
    assert solved(tmp_path) == {"2"}


def test_one_run_at_a_time_makes_a_study(tmp_path: Path) -> None:
    """Who comes second is refused before anything is solved; so is who asks for nothing."""
    study = squares(tmp_path, [1.0])
    with scenario_lock(study.notes.parent), pytest.raises(LockError):
        solve(study, lambda *_: None)
    with pytest.raises(InputError, match="there are none"):
        made(tmp_path, [])
    assert solved(tmp_path) == set()


@pytest.mark.parametrize(
    "error",
    [
        InputError([Fault("loads.csv", "is missing", 3, "value", "x", "give it")]),
        ContractError("the result", ["cost: dimension", "power: unit"]),
        CheckError("a bus does not balance"),
        ConflictError("infeasible", Conflict(gain=1.0), pd.Index([0])),
        SolverError("stopped"),
    ],
)
def test_errors_come_whole_out_of_a_process(error: Exception) -> None:
    """What they say and carry is the same, whatever they are made from."""
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and str(copy) == str(error)
    assert repr(vars(copy)) == repr(vars(error))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=1, unique=True), min_size=1, max_size=4))
def test_the_way_to_a_table_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[float]]
) -> None:
    """Whatever was asked for before, rows are those of a run on its own; none is solved twice."""
    folder, done = tmp_path_factory.mktemp("study"), list[str]()
    for position, numbers in enumerate(runs):
        table = made(folder, numbers)
        done += solved(folder)
        (alone := folder / f"alone_{position}").mkdir()
        pd.testing.assert_frame_equal(table, made(alone, numbers), check_exact=True)
    assert sorted(done) == sorted({f"{n:g}" for n in set().union(*runs)})


def test_a_project_is_sent_without_what_it_has_read() -> None:
    """Rows of kinds that are made for a park cannot be sent: the other process reads them."""
    project = open_project("balanced", Path(__file__).parents[2], hours=168)
    assert project.park.network
    sent = pickle.loads(pickle.dumps(project))
    assert sent == project
    assert "park" not in vars(sent)
    assert sent.years == project.years
