"""Several processes and one ledger: one waits for the other, and a killed one leaves nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hand_ledger import YEAR, dump, filled

from meishan_model.errors import LockError
from meishan_model.ledger.database import open_ledger, transaction
from meishan_model.ledger.posting import Batch, Document, post
from meishan_model.ledger.reading import unsound

HALF = """
import sys
from pathlib import Path
from meishan_model.ledger.database import open_ledger, transaction
with open_ledger(Path(sys.argv[1])) as connection, transaction(connection):
    connection.execute(
        "INSERT INTO batch VALUES (6, 2, 'farm', 'certificate', 2035, 6, 1, NULL, NULL, NULL)"
    )
    print("half", flush=True)
    sys.stdin.read()
"""
SEVERAL = """
import sys
from pathlib import Path
from meishan_model.ledger.database import open_ledger
from meishan_model.ledger.posting import Batch, Document, Origin, post
name = sys.argv[2]
with open_ledger(Path(sys.argv[1]), create=True) as connection:
    for month in range(1, 11):
        post(connection, Document(
            f"{name} {month}", 2035, (Batch(name, 2035, month, 10),),
            accounts={"park": "park"}, origins=(Origin(name, "local", "park"),),
        ))
"""


@contextmanager
def half_way(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a transaction."""
    command = [sys.executable, "-W", "ignore", "-c", HALF, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "half\n"
        yield process


def test_a_killed_process_leaves_a_whole_ledger(tmp_path: Path) -> None:
    """Killed between two rows of a document: the ledger is as before, and takes the next one."""
    path = filled(tmp_path)
    before = dump(path)
    with half_way(path) as process:
        process.kill()
        process.wait()
    assert dump(path) == before
    with open_ledger(path) as connection:
        assert post(connection, Document("second", YEAR, (Batch("farm", YEAR, 6, 9),))) == "posted"
        assert list(unsound(connection)) == []


def test_who_cannot_wait_is_told(tmp_path: Path) -> None:
    """While another process posts, a reader sees the old state, and a writer gives up in words."""
    path = filled(tmp_path)
    before = dump(path)
    with half_way(path) as process:
        with open_ledger(path, patience=0.1) as connection:
            assert connection.execute("SELECT count(*) FROM batch").fetchone() == (5,)
            with (
                pytest.raises(LockError, match="another process is writing to"),
                transaction(connection),
            ):
                pass
        process.kill()
        process.wait()
    assert dump(path) == before


def test_two_processes_post_at_once(tmp_path: Path) -> None:
    """Both make the ledger, both post ten documents: all twenty are there, one chain, no clash."""
    path = tmp_path / "ledger.sqlite"
    command = [sys.executable, "-W", "ignore", "-c", SEVERAL, str(path)]
    processes = [
        subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True)
        for name in ("roof", "tower")
    ]
    for process in processes:
        _, messages = process.communicate(timeout=120)
        assert (process.returncode, messages) == (0, "")
    with open_ledger(path) as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (20,)
        assert list(unsound(connection)) == []
