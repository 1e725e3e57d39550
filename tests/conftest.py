"""What all tests share: how they draw at random, a park that is solved once, the command line.

All random draws are the same in every run, unless HYPOTHESIS_RANDOM asks for others; there are as
many as HYPOTHESIS_MAX_EXAMPLES says where a test does not say it itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

DRAWS = int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "100"))
settings.register_profile(
    "same", max_examples=DRAWS, derandomize=True, database=None, deadline=None
)
settings.register_profile("other", max_examples=DRAWS, derandomize=False, deadline=None)
settings.load_profile("other" if os.environ.get("HYPOTHESIS_RANDOM") else "same")
FEW_SEEDS = 4
"""Seeds below this are those of every run."""

for folder in ("planning", "components", "processes"):
    sys.path.insert(0, str(Path(__file__).parent / folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask for nodes whose labels say nothing."""
    words = "give the nodes of every graph labels such as n4711, drawn by a seed"
    parser.addoption("--opaque-labels", type=int, metavar="SEED", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Draw the labels of nodes where a run asks for that: what reads them then finds nothing."""
    seed = config.getoption("--opaque-labels")
    if seed is not None:
        from meishan_model.components import flows

        def label_of(title: str) -> str:
            digest = hashlib.blake2b(f"{seed}|{title}".encode(), digest_size=6).digest()
            return f"n{int.from_bytes(digest, 'big'):015d}"

        flows.label_of = label_of


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what uses component types that are not there.

    Of systems drawn by a seed every run has the first few, and ``make test-all`` the others. The
    runs that are killed come first: whoever gets one of them last, the other waits for.
    """
    from meishan_model.components.catalogue import component_types

    there = {kind.name for kind in component_types()}
    for item in items:
        drawn = item.callspec.params.get("seed", 0) if hasattr(item, "callspec") else 0
        if isinstance(drawn, int) and drawn >= FEW_SEEDS:
            item.add_marker("thorough")
        used = {name for mark in item.iter_markers("uses") for name in mark.args}
        if not used <= there:
            item.add_marker(pytest.mark.skip(f"there is no {', '.join(sorted(used - there))}"))
    items.sort(key=lambda item: item.path.name != "test_kill.py")


@pytest.fixture(scope="session")
def solved_mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the mini park whose pathway of weeks is solved; whoever changes it takes a copy."""
    import mini_park

    from meishan_model.planning.whole_pathway import pathway

    root = mini_park.make_root(tmp_path_factory.mktemp("mini"))
    done = pathway(mini_park.mini(root), "highs", mini_park.Silence())
    assert done.written
    assert [one.year for one in done.slices if one.solved] == [2030, 2025, 2020]
    return root


@pytest.fixture
def own_mini(solved_mini: Path, tmp_path: Path) -> Path:
    """A copy of that root."""
    return shutil.copytree(solved_mini, tmp_path / "mini")


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command of ``meishan`` in this process, by its words, as a user would type them.

    It gives exit code, standard output and messages.
    """
    from meishan_model import cli

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["meishan", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        streams = capsys.readouterr()
        return int(caught.value.code or 0), streams.out, streams.err

    return run
