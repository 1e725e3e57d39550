"""``meishan ledger`` and ``meishan statement`` on a small park that is solved once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mini_park
import pytest

from meishan_model.cli.app import out as console
from meishan_model.ledger.database import open_ledger

Said = Callable[..., tuple[int, str, str]]

HOURS = ("--scenario", "mini", "--hours", "168")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini park with its target year solved."""
    root = mini_park.make_root(tmp_path_factory.mktemp("ledger"))
    mini_park.run(root, 2030)
    return root


@pytest.fixture
def said_of_mini(said: Said, root: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command on the mini park, on a console wide enough for its tables."""
    monkeypatch.setattr(console, "width", 200)
    return lambda *words: said(*words, *HOURS, "--root", root)


def test_the_ledger_is_posted_once_verified_and_found_when_tampered(
    said_of_mini, root: Path
) -> None:
    """Posted, unchanged, verified with code 0; with a number edited behind its back, code 1.

    Without a ledger there is nothing to verify: code 2 and the command that makes it.
    """
    code, out, err = said_of_mini("ledger", "--verify")
    assert (code, out) == (2, "")
    assert "make it with: meishan ledger" in err
    code, out, err = said_of_mini("ledger")
    assert (code, err) == (0, "")
    assert "posted" in out
    assert "unchanged" in said_of_mini("ledger")[1]
    code, out, err = said_of_mini("ledger", "--verify")
    assert (code, err) == (0, "")
    assert "the same as the result files, row by row" in out
    path = root / "results" / "mini~168h" / "ledger.sqlite"
    with open_ledger(path) as connection:
        connection.execute("DROP TRIGGER inventory_update")
        connection.execute("UPDATE inventory SET kilograms = 1 WHERE scope = 'scope2_location'")
    code, out, err = said_of_mini("ledger", "--verify")
    assert (code, err) == (1, "")
    assert "emission scope2_location electricity [kgCO2]" in out
    assert "document 1 does not say what it was closed with" in out


def test_the_statement_of_a_year(said_of_mini) -> None:
    """A solved year is printed from gross to net; one that is not is named with its command."""
    code, out, err = said_of_mini("statement", "2030")
    assert (code, err) == (0, "")
    assert "Neutrality statement 2030" in out
    assert "Net emissions" in out
    code, out, err = said_of_mini("statement", "2025")
    assert (code, out) == (2, "")
    assert "meishan solve 2025 -s mini --hours 168" in err
