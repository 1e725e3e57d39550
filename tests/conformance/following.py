"""The recorder of a program that ``run`` has started: it judges, and writes to a common file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from .judge import judge
from .recorder import Record, Recorder

RESULTS = "CONFORMANCE_RESULTS"
"""Environment variable with the file to which a line of JSON is appended for each verdict."""
ONLY = "CONFORMANCE_ONLY"
"""Environment variable with the word that names of systems must hold."""


def follower_of_environment() -> Recorder:
    """A recorder that is installed and set up as the environment says."""
    results = Path(os.environ[RESULTS])

    def write_verdict(record: Record) -> None:
        line = json.dumps(judge(record).as_json())
        with results.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    recorder = Recorder(write_verdict, os.environ.get(ONLY, ""))
    recorder.install()
    return recorder
