"""A project folder of its own for every test: the small park, to be spoilt at will."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from meishan_model import cli

REPOSITORY = Path(__file__).parents[2]
Answer = tuple[int, list[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root with the campus park, its scenario, all cost sheets and its weather."""
    configs = tmp_path / "configs"
    shutil.copytree(REPOSITORY / "configs" / "yizhuang", configs / "yizhuang")
    (configs / "scenarios").mkdir()
    shutil.copy(REPOSITORY / "configs" / "scenarios" / "yizhuang.yaml", configs / "scenarios")
    # Nobody writes there.
    (configs / "costs").symlink_to(REPOSITORY / "configs" / "costs")
    (tmp_path / "timeseries").symlink_to(REPOSITORY / "timeseries")
    return tmp_path


@pytest.fixture
def tell(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run a command of the command line on the root: exit code and lines of its messages."""

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["meishan", *words, "--root", str(root)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        capsys_lines = capsys.readouterr().err.splitlines()
        return int(caught.value.code or 0), [x.replace(str(root), "") for x in capsys_lines]

    return run
