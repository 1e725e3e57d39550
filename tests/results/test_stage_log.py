"""The log of the stages: one line each, in pairs that a program reads back."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.results.runs import about, pairs, run_log, stage

WORDS = st.text(st.characters(max_codepoint=0x4E80, exclude_categories=["Cs"]))


def read(line: str) -> dict[str, str]:
    """Pairs of a line; what stands in quotes is a text of JSON."""
    found = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line)
    return {key: json.loads(text) if text.startswith('"') else text for key, text in found}


@given(st.dictionaries(st.from_regex(r"[a-z]+", fullmatch=True), WORDS, max_size=4))
def test_pairs_are_read_back(facts: dict[str, str]) -> None:
    """Whatever a value holds, blanks, quotes, equal signs, a line has it whole and stays one."""
    assert len(pairs(facts).splitlines()) <= 1
    assert read(pairs(facts)) == facts


def test_a_line_for_each_stage(tmp_path: Path) -> None:
    """Stages are written as they end, with what they are about and what was found; also failed.

    Levels below INFO and other packages stay out, and afterwards nothing more is written.
    """
    log = logging.getLogger("meishan_model.test")
    with run_log(tmp_path), about(scenario="balanced"):
        with about(year=2035), stage("solve", solver="highs") as found:
            found["columns"] = 12
        with pytest.raises(ValueError, match="broken"), stage("check"):
            raise ValueError("broken")
        log.debug("a detail")
        logging.getLogger("somebody.else").error("not ours")
    log.warning("too late")
    lines = (tmp_path / "run.log").read_text(encoding="utf-8").splitlines()
    first, second = (line.split(" INFO ", 1)[1] for line in lines)
    seconds = read(first).pop("seconds")
    assert float(seconds) >= 0.0
    keys = ["stage", "scenario", "year", "solver", "columns", "seconds", "outcome"]
    assert list(read(first)) == keys
    assert read(first) | {"seconds": ""} == dict(
        zip(keys, ["solve", "balanced", "2035", "highs", "12", "", "done"], strict=True)
    )
    assert (read(second)["stage"], read(second)["outcome"]) == ("check", "ValueError")
    assert "year" not in read(second)


def test_runs_are_added(tmp_path: Path) -> None:
    """A second run adds its lines to those of the first, and levels are as they were before."""
    package = logging.getLogger("meishan_model")
    before = package.level, list(package.handlers)
    for name in ("build", "solve"):
        with run_log(tmp_path), stage(name):
            pass
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert [read(line.split(" INFO ")[1])["stage"] for line in text.splitlines()] == [
        "build",
        "solve",
    ]
    assert (package.level, list(package.handlers)) == before
