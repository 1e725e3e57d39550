"""What a command printed is printed again as long as nothing has changed that it rests on."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path

import pytest
from rich.console import Console

from meishan_model.cli.printed import answer
from meishan_model.errors import InputError


class Asked:
    """A question to a folder: it counts how often it is asked, and reads one sheet and result."""

    def __init__(self, root: Path):
        self.root, self.times, self.warning = root, 0, ""
        self.words: tuple[object, ...] = ("solve", 2035)
        self.others: list[Path] = []
        self.console = Console(file=io.StringIO(), width=60)
        for name in ("configs/park", "timeseries/park", "results/plan"):
            (root / name).mkdir(parents=True)
        self.write("configs/park/loads.csv", "3 MW")
        self.write("results/plan/2035.nc", "7 MW")

    def write(self, name: str, text: str) -> None:
        """Write a file below the root."""
        (self.root / name).write_text(text, encoding="utf-8")

    def ask(self) -> None:
        """Print what the two files say, and a line that is as long as the console is wide."""
        self.times += 1
        if self.warning:
            logging.getLogger("meishan_model.asked").warning(self.warning)
        files = ("configs/park/loads.csv", "results/plan/2035.nc")
        self.console.print(*((self.root / name).read_text("utf-8") for name in files))
        self.console.rule("[bold]end[/bold]")

    def answered(self) -> tuple[bool, str]:
        """Whether it was printed as before, and what was printed."""
        stream = self.console.file = io.StringIO()
        before = answer(self.root, self.words, self.others, self.console, self.ask)
        return before, stream.getvalue()


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """A question that was asked once."""
    question = Asked(tmp_path)
    assert not question.answered()[0]
    return question


def test_the_same_question_is_asked_once(asked: Asked) -> None:
    """Three times the same text, byte by byte; the sheet and the result are in it."""
    first, second = asked.answered(), asked.answered()
    assert first == second
    assert first[0]
    assert "3 MW 7 MW" in first[1]
    assert asked.times == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("configs/park/loads.csv", "4 MW"),
        ("configs/park/heat.csv", ""),
        ("timeseries/park/meter.csv", "1"),
        ("results/plan/2035.nc", "8.0 MW"),
    ],
)
def test_a_changed_file_is_asked_about(asked: Asked, name: str, text: str) -> None:
    """A sheet, a new sheet, a series and a result: each change is seen, then kept."""
    asked.write(name, text)
    is_old, told = asked.answered()
    assert not is_old
    assert "heat" in name or "meter" in name or text in told
    assert asked.answered() == (True, told)


def test_a_sheet_that_is_taken_back_gives_its_own_answer(asked: Asked) -> None:
    """The content counts, not the time at which it was written."""
    text = asked.answered()[1]
    os.utime(asked.root / "configs/park/loads.csv", (1, 1))
    assert asked.answered() == (True, text)


def test_another_question_or_console_has_an_answer_of_its_own(asked: Asked) -> None:
    """Another year, another width: each is asked once, and none takes the place of another."""
    text = asked.answered()[1]
    asked.words = ("solve", 2040)
    assert asked.answered() == (False, text)
    asked.words = ("solve", 2035)
    asked.console = Console(file=io.StringIO(), width=20)
    is_old, narrow = asked.answered()
    assert (is_old, max(map(len, narrow.splitlines()))) == (False, 20)
    asked.console = Console(file=io.StringIO(), width=60)
    assert asked.answered() == (True, text)


def test_folders_that_are_linked_or_lie_elsewhere_count(
    asked: Asked, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Costs behind a link, with a link back to them, and costs in another folder."""
    costs, other = tmp_path_factory.mktemp("costs"), tmp_path_factory.mktemp("other")
    (asked.root / "configs" / "costs").symlink_to(costs)
    (costs / "again").symlink_to(costs)
    asked.others = [other]
    for folder in (costs, other):
        assert asked.answered()[0], "an empty folder holds no input"
        (folder / "technologies.csv").write_text("1", encoding="utf-8")
        assert [asked.answered()[0] for _ in range(2)] == [False, True]


def test_what_warns_or_fails_is_asked_again(asked: Asked) -> None:
    """A warning is no part of what is printed, and an error prints nothing."""
    asked.words, asked.warning = ("pathway",), "the pathway is stale"
    assert [asked.answered()[0] for _ in range(2)] == [False, False]
    asked.warning = ""
    assert [asked.answered()[0] for _ in range(2)] == [False, True]

    def fail() -> None:
        asked.console.print("half of it")
        raise InputError([])

    asked.write("configs/park/loads.csv", "-1 MW")
    stream = asked.console.file = io.StringIO()
    with pytest.raises(InputError):
        answer(asked.root, asked.words, [], asked.console, fail)
    assert stream.getvalue() == ""
    assert asked.answered()[0] is False


def test_a_sheet_that_changes_meanwhile_is_none_the_answer_rests_on(asked: Asked) -> None:
    """It is written while the question is asked, so the next time it is asked again."""
    asked.write("configs/park/loads.csv", "5 MW")

    def ask() -> None:
        asked.ask()
        asked.write("configs/park/loads.csv", "6 MW")

    assert not answer(asked.root, asked.words, [], asked.console, ask)
    is_old, text = asked.answered()
    assert (is_old, "6 MW" in text) == (False, True)


def test_a_spoilt_answer_is_asked_again(asked: Asked) -> None:
    """A file that is cut short, as by a full disk, or that holds something else."""
    (kept,) = (asked.root / "results" / ".printed").iterdir()
    for text in (kept.read_text("utf-8")[:30], "[]", "{}"):
        kept.write_text(text, encoding="utf-8")
        assert [asked.answered()[0] for _ in range(2)] == [False, True]
