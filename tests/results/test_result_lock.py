"""The lock of a scenario, with real processes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from meishan_model.errors import LockError
from meishan_model.results.runs import lock_holder, scenario_lock

HOLDER = """
import sys
from meishan_model.results.runs import scenario_lock
with scenario_lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    command = [sys.executable, "-W", "ignore", "-c", HOLDER, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process


def test_second_process_is_refused_with_the_first_ones_id(tmp_path):
    """The message names the process that holds the lock and since when; afterwards it is free."""
    folder = tmp_path / "均衡"
    with holding_process(folder) as process:
        since = lock_holder(folder).since
        with (
            pytest.raises(
                LockError, match=f"process {process.pid} on .* since {re.escape(since)}"
            ),
            scenario_lock(folder),
        ):
            pass
        assert datetime.fromisoformat(since).tzinfo is not None
    with scenario_lock(folder):
        assert lock_holder(folder).pid != process.pid
    assert lock_holder(folder) is None


def test_lock_of_a_killed_process_is_recovered(tmp_path, caplog):
    """After a kill the lock is free at once, and what was half written is cleared away."""
    with holding_process(tmp_path) as process:
        process.kill()
        process.wait()
    partial = tmp_path / f".2035.nc.{process.pid}.partial"
    partial.write_bytes(b"half")
    whole = tmp_path / "2035.nc"
    whole.write_bytes(b"whole")
    assert lock_holder(tmp_path).pid == process.pid
    with scenario_lock(tmp_path) as me:
        assert lock_holder(tmp_path) == me
    assert f"process {process.pid} ended without releasing" in caplog.text
    assert not partial.exists()
    assert whole.read_bytes() == b"whole"


def test_other_scenarios_are_free(tmp_path):
    """The lock of one scenario does not hold up another."""
    with holding_process(tmp_path / "a"), scenario_lock(tmp_path / "b"):
        assert lock_holder(tmp_path / "b") is not None


def test_lock_is_released_after_an_error(tmp_path):
    """An error inside frees the lock, and comes out unchanged."""
    with pytest.raises(ZeroDivisionError), scenario_lock(tmp_path):
        _ = 1 / 0
    with scenario_lock(tmp_path):
        pass


def test_same_process_is_refused_too(tmp_path):
    """Two runs inside one process exclude each other like two processes."""
    with (
        scenario_lock(tmp_path) as me,
        pytest.raises(LockError, match=f"process {me.pid}"),
        scenario_lock(tmp_path),
    ):
        pass
    with scenario_lock(tmp_path):
        pass


def test_unreadable_holder_is_no_obstacle(tmp_path):
    """Rubbish where the holder is named neither blocks a free lock nor breaks the message."""
    for rubbish in ("", "{", "[1]", '{"pid": 3}', '{"pid": "x", "host": "", "since": ""}'):
        (tmp_path / ".lock-holder.json").write_text(rubbish, encoding="utf-8")
        assert lock_holder(tmp_path) is None
        with scenario_lock(tmp_path):
            (tmp_path / ".lock-holder.json").write_text(rubbish, encoding="utf-8")
            with pytest.raises(LockError, match="another process"), scenario_lock(tmp_path):
                pass


def test_folder_that_cannot_be_made(tmp_path):
    """A file in place of the folder is a lock error, not a traceback of the system."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LockError, match="cannot be locked"), scenario_lock(tmp_path / "file"):
        pass
