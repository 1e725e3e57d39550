"""Run the programs of solph, one after the other, and gather the verdicts on their models."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .following import ONLY, RESULTS
from .outcomes import Verdict
from .source import Place

LIMIT = 1200.0
"""Time of each program [s]."""
_MISSING = "ModuleNotFoundError: No module named "


@dataclass(frozen=True)
class Ended:
    """How a program ended.

    Attributes
    ----------
    name
        Path of the script, or the folder of the tests.
    skipped
        The package that it lacks; empty if it lacks none.
    error
        How it failed otherwise: the last line of what it wrote, or the tests that failed.
    """

    name: str
    skipped: str = ""
    error: str = ""


def run_all(place: Place, only: str) -> Iterator[Verdict | Ended]:
    """The verdict on each system as soon as it is there, and how each program ended.

    Parameters
    ----------
    place
        Where the programs are.
    only
        Only systems whose names hold this word are judged.
    """
    results, log = place.root / "verdicts.jsonl", place.root / "log.txt"
    for name, command in _programs(only, place):
        results.write_text("", encoding="utf-8")
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                command,
                cwd=place.tree,
                env=place.environment({RESULTS: str(results), ONLY: only}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        yield from _followed(results, process)
        yield _ended(name, process.returncode, log)


def _programs(only: str, place: Place) -> Iterator[tuple[str, list[str]]]:
    """The tests as one program, and each script; by name, with its command."""
    pytest = [sys.executable, "-m", "pytest", "-p", "conformance.plugin", "-p", "no:cacheprovider"]
    yield "tests", [*pytest, "-p", "no:xdist", "-q", "tests"]
    for path in place.scripts:
        name = path.as_posix()
        if only.lower() in name.lower():
            yield name, [sys.executable, "-m", "conformance.script", name, str(place.tree / path)]


def _followed(results: Path, process: subprocess.Popen[bytes]) -> Iterator[Verdict]:
    """Verdicts as they are written, until the program ends or its time is over."""
    start = time.monotonic()
    with results.open(encoding="utf-8") as file:
        while True:
            running = process.poll() is None
            for line in file:
                yield Verdict.from_json(json.loads(line))
            if not running:
                return
            if time.monotonic() - start > LIMIT:
                os.killpg(process.pid, signal.SIGKILL)  # with the solvers that it has started
            time.sleep(0.2)


def _ended(name: str, code: int, log: Path) -> Ended:
    if code == 0:
        return Ended(name)
    lines = [line for line in log.read_text("utf-8", "replace").split("\n") if line.strip()]
    last = lines[-1] if lines else f"ended with code {code}"
    if last.startswith(_MISSING):
        return Ended(name, skipped=last.removeprefix(_MISSING).strip("'"))
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return Ended(name, error="; ".join(failed) or last)
